package nurse

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/host"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/testport"
)

// Each kind is tried where it must be well and where it must not, on the machine
// that runs the test.
func TestEveryKindSeesWhatIsSo(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/moved":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/yesterday":
			w.Header().Set("Date", time.Now().Add(-24*time.Hour).UTC().Format(http.TimeFormat))
		}
	}))
	t.Cleanup(web.Close)
	sealed := httptest.NewUnstartedServer(nil)
	sealed.Config.ErrorLog = log.New(io.Discard, "", 0)
	sealed.StartTLS()
	t.Cleanup(sealed.Close)
	open := web.Listener.Addr().(*net.TCPAddr).Port
	shut := testport.Free(t)
	right, wrong := timeServer(t, 0), timeServer(t, -time.Hour)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("one\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NURSE_TEST", "secret")
	system, _, version, err := host.PlatformInformation()
	if err != nil {
		t.Fatal(err)
	}
	arch, err := host.KernelArch()
	if err != nil {
		t.Fatal(err)
	}
	major, _, _ := strings.Cut(version, ".")

	type check = hackfest.Check
	for _, tt := range []struct {
		name string
		c    check
		want state
		note string // part of what is said
	}{
		{"no processor has it", check{Kind: hackfest.CheckCPU, Name: "flux-capacitor"}, ill, "no flux-capacitor"},
		{"a little memory", check{Kind: hackfest.CheckMemory, Least: 16}, well, "iB"},
		{"more memory than there is", check{Kind: hackfest.CheckMemory, Least: 1 << 40}, ill, "are needed"},
		{"a little room", check{Kind: hackfest.CheckDisk, Least: 1}, well, "free at /"},
		{"room where nothing is yet", check{Kind: hackfest.CheckDisk, Least: 1, Path: filepath.Join(filepath.Dir(file), "a/b/c")}, well, "free at"},
		{"more room than there is", check{Kind: hackfest.CheckDisk, Least: 1 << 40}, ill, "are needed"},
		{"this system", check{Kind: hackfest.CheckOS, Name: system}, well, system},
		{"this release", check{Kind: hackfest.CheckOS, Name: system, Version: major}, well, version},
		{"a release to come", check{Kind: hackfest.CheckOS, Name: system, Version: ">= 9999"}, ill, "wanted >= 9999"},
		{"another system", check{Kind: hackfest.CheckOS, Name: "templeos"}, ill, "this is " + system},
		{"this processor", check{Kind: hackfest.CheckArch, Name: arch}, well, arch},
		{"another processor", check{Kind: hackfest.CheckArch, Name: "pdp11"}, ill, arch},
		{"a module that is a path", check{Kind: hackfest.CheckModule, Name: "../block"}, ill, "no name"},
		{"no such package", check{Kind: hackfest.CheckPackage, Name: "flux-capacitor"}, ill, "not installed"},
		{"a package that is an option", check{Kind: hackfest.CheckPackage, Name: "--all"}, ill, "no name"},
		{"a command", check{Kind: hackfest.CheckCommand, Name: "sh"}, well, "/sh"},
		{"a command with its version", check{Kind: hackfest.CheckCommand, Name: "bash", Version: ">= 2"}, well, "bash "},
		{"a command that asks otherwise", check{Kind: hackfest.CheckCommand, Name: "go", Version: ">= 1.20"}, well, "go 1."},
		{"a command that is too old", check{Kind: hackfest.CheckCommand, Name: "bash", Version: ">= 99"}, ill, "wanted >= 99"},
		{"a command that does not say its version", check{Kind: hackfest.CheckCommand, Name: "false", Version: ">= 1"}, unknown, "does not say"},
		{"a command that answers to awk's way only", check{Kind: hackfest.CheckCommand, Name: "mawk", Version: ">= 1"}, well, "mawk 1."},
		{"no such command", check{Kind: hackfest.CheckCommand, Name: "flux-capacitor"}, ill, "not found"},
		{"a command that is a path", check{Kind: hackfest.CheckCommand, Name: "/bin/sh", Version: "1"}, ill, "no name"},
		{"a command that may end the machine", check{Kind: hackfest.CheckCommand, Name: lethalHere(t), Version: "1"}, unknown, "not asked"},
		{"no such service", check{Kind: hackfest.CheckService, Name: "flux-capacitor"}, ill, "no such service"},
		{"no such service, as wanted", check{Kind: hackfest.CheckService, Name: "flux-capacitor", State: "stopped"}, well, "no such service"},
		{"an open port", check{Kind: hackfest.CheckPort, Host: "127.0.0.1", Port: open}, well, "takes connections"},
		{"a closed port", check{Kind: hackfest.CheckPort, Host: "127.0.0.1", Port: shut}, ill, "refused"},
		{"a free port", check{Kind: hackfest.CheckPort, Port: shut}, well, "free"},
		{"a port that is taken", check{Kind: hackfest.CheckPort, Port: open}, ill, "somebody listens there"},
		{"a name", check{Kind: hackfest.CheckDNS, Host: "localhost"}, well, "localhost is"},
		{"a name with its address", check{Kind: hackfest.CheckDNS, Host: "localhost", Value: "127.0.0.1"}, well, "127.0.0.1"},
		{"a name with another address", check{Kind: hackfest.CheckDNS, Host: "localhost", Value: "192.0.2.1"}, ill, "wanted 192.0.2.1"},
		{"no such name", check{Kind: hackfest.CheckDNS, Host: "nothing.invalid"}, ill, "nothing.invalid"},
		{"a page", check{Kind: hackfest.CheckHTTP, URL: web.URL}, well, "200"},
		{"a page behind a redirect", check{Kind: hackfest.CheckHTTP, URL: web.URL + "/moved"}, well, "200"},
		{"the redirect itself", check{Kind: hackfest.CheckHTTP, URL: web.URL + "/moved", Status: 302}, well, "302"},
		{"a page that is gone", check{Kind: hackfest.CheckHTTP, URL: web.URL + "/gone"}, ill, "410, wanted 200"},
		{"a certificate of nobody", check{Kind: hackfest.CheckHTTP, URL: sealed.URL}, ill, "certificate authorit"},
		{"no server", check{Kind: hackfest.CheckHTTP, URL: "http://127.0.0.1:" + itoa(shut)}, ill, "refused"},
		{"loopback is up", check{Kind: hackfest.CheckInterface, Name: "lo"}, well, "lo is up"},
		{"no such interface", check{Kind: hackfest.CheckInterface, Name: "flux0"}, ill, "no interface flux0"},
		{"a clock that agrees", check{Kind: hackfest.CheckClock, Host: right, Least: 30}, well, ""},
		{"a clock an hour ahead of the server's", check{Kind: hackfest.CheckClock, Host: wrong, Least: 30}, ill, "ahead"},
		{"no server of the time", check{Kind: hackfest.CheckClock, Host: "127.0.0.1:" + itoa(shut), Least: 30}, unknown, "does not tell"},
		{"a web server that agrees", check{Kind: hackfest.CheckClock, URL: web.URL, Least: 30}, well, "right"},
		{"a web server of yesterday", check{Kind: hackfest.CheckClock, URL: web.URL + "/yesterday", Least: 30}, ill, "ahead"},
		{"a file", check{Kind: hackfest.CheckFile, Path: file}, well, "is there"},
		{"a file that says so", check{Kind: hackfest.CheckFile, Path: file, Value: "two"}, well, "says so"},
		{"a file that does not", check{Kind: hackfest.CheckFile, Path: file, Value: "three"}, ill, "does not say"},
		{"a folder to read", check{Kind: hackfest.CheckFile, Path: filepath.Dir(file), Value: "x"}, ill, "not a file"},
		{"no such file", check{Kind: hackfest.CheckFile, Path: file + "2"}, ill, "is not there"},
		{"a variable", check{Kind: hackfest.CheckEnv, Name: "NURSE_TEST"}, well, "is set"},
		{"a variable with another value", check{Kind: hackfest.CheckEnv, Name: "NURSE_TEST", Value: "other"}, ill, "something else"},
		{"no such variable", check{Kind: hackfest.CheckEnv, Name: "NURSE_TEST_2"}, ill, "not set"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := looks[tt.c.Kind](t.Context(), tt.c)
			if f.state != tt.want || !strings.Contains(f.note, tt.note) {
				t.Errorf("state %d, %q; want state %d, …%s…", f.state, f.note, tt.want, tt.note)
			}
			if strings.Contains(f.note, "secret") {
				t.Errorf("%q tells the value of a variable", f.note)
			}
		})
	}
}

// A look for a package has to be right about one that is there.
func TestInstalledPackage(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/var/lib/dpkg/status"); err != nil {
		t.Skip("no Debian")
	}
	for want, version := range map[state]string{well: ">= 1", ill: "< 1"} {
		if f := lookPackage(t.Context(), hackfest.Check{Name: "bash", Version: version}); f.state != want {
			t.Errorf("bash %s: %+v", version, f)
		}
	}
}

func TestEveryKindCanBeLookedAt(t *testing.T) {
	t.Parallel()
	for _, k := range hackfest.CheckKinds {
		if looks[k] == nil {
			t.Errorf("nobody looks at %s", k)
		}
	}
}

func TestSeveritySaysHowBadItIs(t *testing.T) {
	t.Parallel()
	sick := func(s hackfest.Severity) hackfest.Check {
		return hackfest.Check{Key: string(s), Kind: hackfest.CheckEnv, Name: "NURSE_UNSET", Severity: s}
	}
	fine := hackfest.Check{Key: "fine", Kind: hackfest.CheckInterface, Name: "lo", Severity: hackfest.Dead}
	blind := hackfest.Check{Key: "blind", Kind: hackfest.CheckClock, URL: "http://127.0.0.1:1/", Least: 1, Severity: hackfest.Dead}
	for _, tt := range []struct {
		name   string
		checks []hackfest.Check
		want   int
	}{
		{"all well", []hackfest.Check{fine}, 0},
		{"an aspirin", []hackfest.Check{fine, sick(hackfest.Aspirin)}, 1},
		{"a splint", []hackfest.Check{fine, sick(hackfest.Splint)}, 1},
		{"dead", []hackfest.Check{sick(hackfest.Dead), sick(hackfest.Aspirin)}, 2},
		{"what was not seen is not well, and kills nobody", []hackfest.Check{fine, blind}, 1},
	} {
		p := Examine(t.Context(), tt.checks, time.Now())
		if status := StateOf(p).ExitStatus(); status != tt.want {
			t.Errorf("%s: %d, want %d (%+v)", tt.name, status, tt.want, p.Results)
		}
		for i, r := range p.Results {
			if r.Key != tt.checks[i].Key {
				t.Errorf("%s: result %d is of %s", tt.name, i, r.Key)
			}
		}
	}
}

func TestMeets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		version, want string
		ok            bool
	}{
		{"2.1.3", ">= 2.1", true},
		{"2.10", ">= 2.9", true},
		{"2.0.9", ">= 2.1", false},
		{"16", "16", true},
		{"16.04", "16", true},
		{"17", "16", false},
		{"1", "16", false},
		{"2.1.3", "= 2.1", true},
		{"2.1", "<= 2.1.0", true},
		{"2.1.1", "<= 2.1", false},
		{"4", "< 4", false},
		{"3.99", "< 4", true},
		{"1:9.2p1-2+deb12u3", ">= 9.2", true}, // an epoch and a revision of Debian
		{"2.0~rc1-1", ">= 2.0", false},        // before the release
		{"1.0.2k", "> 1.0.2", true},           // after it
		{"007", "= 7", true},
		{"99999999999999999999999", "> 99999999999999999999998", true},
	} {
		if ok, sure := meets(tt.version, tt.want); ok != tt.ok || !sure {
			t.Errorf("%s %s: %t, sure %t", tt.version, tt.want, ok, sure)
		}
	}
	if _, sure := meets("trixie/sid", ">= 12"); sure {
		t.Error("a release without a number was compared")
	}
}

func FuzzMeets(f *testing.F) {
	f.Add("1.2.3", ">= 1.2")
	f.Add("1:2~rc1", "= 2")
	f.Fuzz(func(t *testing.T, a, b string) {
		meets(a, b)
		if compare(a, a) != 0 || compare(a, b) != -compare(b, a) {
			t.Errorf("%q and %q: %d and %d", a, b, compare(a, b), compare(b, a))
		}
	})
}

func itoa(n int) string { return (&net.TCPAddr{Port: n}).String()[1:] }

// lethalHere makes a command that is never asked anything, and one that is asked
// in a way of its own.
func lethalHere(t *testing.T) string {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/reboot", []byte("#!/bin/sh\necho 1 > "+dir+"/done\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/mawk", []byte("#!/bin/sh\n[ \"$1\" = -W ] && echo mawk 1.3.4\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return "reboot"
}

// timeServer answers by NTP (RFC 5905) with a clock that is off by so much.
func timeServer(t *testing.T, off time.Duration) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		conn.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		for buf := make([]byte, 48); ; {
			_, peer, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			answer := make([]byte, 48)
			answer[0], answer[1], answer[2] = 4<<3|4, 1, 6 // version 4, server, stratum 1
			now := time.Now().Add(off)
			stamp := uint64(now.Unix()+2208988800)<<32 | uint64(now.Nanosecond())<<32/1e9
			binary.BigEndian.PutUint64(answer[16:], stamp)
			copy(answer[24:32], buf[40:48])
			binary.BigEndian.PutUint64(answer[32:], stamp)
			binary.BigEndian.PutUint64(answer[40:], stamp)
			if _, err := conn.WriteTo(answer, peer); err != nil {
				return
			}
		}
	}()
	return conn.LocalAddr().String()
}

// What hangs in the kernel is left behind, and not well.
func TestALookThatHangsIsLeft(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if f := within(ctx, func() finding { select {} }); f != (finding{unknown, "no answer in time"}) {
		t.Errorf("%+v", f)
	}
	for path, want := range map[string]bool{"/proc/kmsg": true, "/sys/kernel/tracing/trace_pipe": true, "/proc/cpuinfo": false, "/home/kmsg": false} {
		if drains(path) != want {
			t.Errorf("%s: not %t", path, want)
		}
	}
}

// A script that does not know the question knows nothing: only what it answers
// counts.
func TestServicesByTheirScripts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/"
	for _, tt := range []struct{ name, script, want string }{
		{"flux-runs", "exit 0", "true running <nil>"},
		{"flux-rests", "exit 3", "false stopped <nil>"},
		{"flux-asks", "echo \"Usage: $0 {start|stop}\" >&2; exit 3", "false  its script in /etc/init.d does not say whether it runs"},
		{"flux-wonders", "exit 4", "false  its script in /etc/init.d does not say whether it runs"},
		{"flux-missing", "", "false  <nil>"},
	} {
		if tt.script != "" {
			if err := os.WriteFile(dir+tt.name, []byte("#!/bin/sh\n"+tt.script+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		running, seen, err := serviceRuns(t.Context(), dir, tt.name)
		if got := fmt.Sprint(running, " ", seen, " ", err); got != tt.want {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
}

// A system that descends from Debian is not Debian.
func TestSystemByItsOwnFile(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]string{
		"PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\nVERSION_ID=\"12\"\n": "debian 12.11", "": "debian 12.11",
		"NAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\nID=ubuntu\nID_LIKE=debian\n": "ubuntu 22.04", "ID='kali'\n": "kali ",
	} {
		if name, version := descended(release, "debian", "12.11"); name+" "+version != want {
			t.Errorf("%q: %s %s", release, name, version)
		}
	}
}

func TestVersionIn(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"\nThis is perl 5, version 36, subversion 0 (v5.36.0) built for x86_64": "5.36.0", "less 590 (PCRE2)\nCopyright 1984-2021 1.2": "590",
		"7-Zip 16.02 : Copyright": "16.02", "Copyright 2024 Foo\nprog version 1.2.3": "1.2.3", "git version 2.39.5": "2.39.5", "systemd 252 (252.39-1~deb12u1)\n+PAM 1.2": "252.39", "euca2ools": "", "": "",
	} {
		if got := versionIn(said); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}

// A report goes to others: what it tells of the machine is what was asked.
func TestReportKeepsToItself(t *testing.T) {
	t.Parallel()
	const dir = "/home/alice"
	for text, want := range map[string]string{
		"/home/alice/.ssh/id_rsa is not there": "~/.ssh/id_rsa is not there", "1 GiB free at /home/alice": "1 GiB free at ~", "/home/alice: /home/alice2": "~: /home/alice2",
		"/srv is there": "/srv is there",
	} {
		for _, dir := range []string{dir, dir + "/"} {
			if got := tilde(text, dir); got != want {
				t.Errorf("%q: %q", text, got)
			}
		}
	}
	for note, f := range map[string]finding{
		"its own name has no address":                                     ownName(nil, errors.New("lookup vault.example: no such host"), ""),
		"its own name is not in /etc/hosts, and no server of DNS answers": ownName(nil, &net.DNSError{Name: "vault.example", IsTimeout: true}, ""),
		"its own name leads to loopback, 127.0.1.1":                       ownName([]string{"127.0.1.1"}, nil, ""),
		"its own name has an address":                                     ownName([]string{"127.0.1.1", "10.1.2.3"}, nil, ""),
		"its own name has another address, wanted 192.0.2.1":              ownName([]string{"10.1.2.3"}, nil, "192.0.2.1"),
		"the proxy that is set has no address":                            {note: reasonOf(&net.OpError{Op: "proxyconnect", Err: &net.DNSError{Name: "proxy.corp.example", IsNotFound: true}})},
		"the proxy that is set: it is not taken for an address":           {note: reasonOf(&net.OpError{Op: "proxyconnect", Err: errors.New("it is not taken for an address")})},
	} {
		if f.note != note {
			t.Errorf("%q, want %q", f.note, note)
		}
	}
}
