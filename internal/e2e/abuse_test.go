package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// R43: two hundred connections that send their headers or bodies byte by byte
// make nobody else wait, and are cut off.
func TestSlowConnections(t *testing.T) {
	t.Parallel()
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t))
	p.start()
	p.awaitReady()
	before := p.median(t, "/schedule")
	begun := time.Now()
	const slow = 200
	cut := make(chan time.Duration, slow)
	for i := range slow {
		head := "GET /schedule HTTP/1.1\r\nHost: " + p.addr + "\r\nX-Slow: "
		if i%2 == 1 {
			head = "POST /preferences HTTP/1.1\r\nHost: " + p.addr + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\nzone="
		}
		conn, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		go drip(conn, head, func() { cut <- time.Since(begun) })
	}
	during := p.median(t, "/schedule")
	t.Logf("R43 median of a plain page %v, with %d slow connections %v", before, slow, during)
	if during > 10*before+20*time.Millisecond {
		t.Errorf("a plain page takes %v instead of %v", during, before)
	}
	last := time.Duration(0)
	for range slow {
		select {
		case at := <-cut:
			last = max(last, at)
		case <-time.After(patience):
			t.Fatal("a slow connection is still open")
		}
	}
	t.Logf("R43 the last was cut after %v", last.Round(100*time.Millisecond))
	if last > 30*time.Second {
		t.Errorf("the last slow connection was cut after %v", last)
	}
}

// drip sends head, then one byte every half second, and calls gone when the
// other end has hung up.
func drip(conn net.Conn, head string, gone func()) {
	defer gone()
	if _, err := io.WriteString(conn, head); err != nil {
		return
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _, _ = io.Copy(io.Discard, conn) }()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
			if _, err := conn.Write([]byte("x")); err != nil {
				return
			}
		}
	}
}

// median is the median time a page takes, of fifty.
func (p *portal) median(t testing.TB, path string) time.Duration {
	t.Helper()
	var took []time.Duration
	for range 50 {
		begun := time.Now()
		if status, body := p.get(path); status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, status, body)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// awaitReady waits until pages are answered.
func (p *portal) awaitReady() {
	p.t.Helper()
	eventually(p.t, "the portal is ready", func() bool { status, _ := p.get("/schedule"); return status == http.StatusOK })
}

// R42: viewers who stop reading, or read a byte a second, are dropped; others
// get every line, and nothing is left behind.
func TestSlowReaders(t *testing.T) {
	t.Parallel()
	irc := testirc.NgIRCd(t, testirc.Options{})
	// Without the role jobs: whoever leads them starts goroutines of its own after a while.
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t), "HACKFEST_IRC=irc://hackbot@"+irc.Addr+"/euca?name=test", "HACKFEST_ROLES=web,bot")
	p.start()
	p.awaitBot("test", channel)
	ann, bob := testirc.Dial(t, irc.Addr, "ann"), testirc.Dial(t, irc.Addr, "bob")
	ann.Join(channel)
	bob.Join(channel)
	ann.Say(channel, "#startmeeting Slow readers")
	ann.ExpectText("Slow readers")
	var slug, meeting string
	eventually(t, "the session is live", func() bool {
		var list struct {
			Items []struct{ Slug, Status string }
		}
		m := p.meetings("test", channel)
		if !p.decode("/api/v1/sessions", &list) || len(list.Items) != 1 || len(m) != 1 {
			return false
		}
		slug, meeting = list.Items[0].Slug, m[0].ID
		return list.Items[0].Status == "live"
	})
	stream := "/sessions/" + slug + "/live?state=live." + meeting
	p.client.CloseIdleConnections()
	goroutines := p.figure("go_goroutines")

	const slow = 20
	for i := range slow {
		conn, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		_ = conn.(*net.TCPConn).SetReadBuffer(4096)
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", stream, p.addr)
		if i%2 == 1 {
			go sip(conn)
		}
	}
	eventually(t, "all follow", func() bool { return p.figure("hackfest_streams") == slow })
	good := &http.Client{Transport: &http.Transport{}}
	res, err := good.Get("http://" + p.addr + stream)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	got := make(chan int, 1000)
	go numbers(res.Body, got)

	begun := time.Now()
	const lines = 500
	for n := 1; n <= lines; n++ {
		bob.Say(channel, "n "+strconv.Itoa(n)+" "+strings.Repeat("so much to say ", 25))
		<-time.After(time.Second / 50)
	}
	for want := 1; want <= lines; want++ {
		select {
		case n := <-got:
			if n != want {
				t.Fatalf("the good reader got line %d instead of %d", n, want)
			}
		case <-time.After(patience):
			t.Fatalf("the good reader waits for line %d", want)
		}
	}
	eventually(t, "the slow ones are dropped", func() bool { return p.figure("hackfest_streams") == 1 })
	t.Logf("R42 dropped after %v, %v of them for being slow", time.Since(begun).Round(time.Second), p.figure("hackfest_streams_slow_total"))
	if took := time.Since(begun); took > 60*time.Second {
		t.Errorf("that took %v", took)
	}
	res.Body.Close()
	good.CloseIdleConnections()
	eventually(t, "goroutines are back to base", func() bool {
		p.client.CloseIdleConnections()
		return p.figure("go_goroutines") <= goroutines+5
	})
	p.stop()
}

// sip reads a byte each second.
func sip(conn net.Conn) {
	one := make([]byte, 1)
	for {
		if _, err := conn.Read(one); err != nil {
			return
		}
		<-time.After(time.Second)
	}
}

// numbered finds the lines that TestSlowReaders says.
var numbered = regexp.MustCompile(`n (\d+) so much`)

// numbers sends the numbers of the lines in a stream, as they come.
func numbers(body io.Reader, to chan<- int) {
	in := bufio.NewScanner(body)
	in.Buffer(nil, 16<<20)
	last := 0
	for in.Scan() {
		for _, found := range numbered.FindAllStringSubmatch(in.Text(), -1) {
			if n, err := strconv.Atoi(found[1]); err == nil && n > last {
				last = n
				to <- n
			}
		}
	}
}

// figure is one of the portal's metrics; -1 while there is none.
func (p *portal) figure(name string) float64 {
	p.t.Helper()
	_, body := p.get("/metrics")
	for l := range strings.Lines(body) {
		if value, ok := strings.CutPrefix(l, name+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				p.t.Fatal(err)
			}
			return n
		}
	}
	return -1
}

// R44: what is too large is refused at once and costs no memory.
func TestSizes(t *testing.T) {
	t.Parallel()
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t))
	p.start()
	p.awaitReady()
	p.median(t, "/schedule")
	before := p.resident()
	form := "POST /preferences HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	many := strings.Repeat("f=1&", 10_000)
	for _, tt := range []struct{ name, request string }{
		{"address of 64 KiB", "GET /" + strings.Repeat("x", 64<<10) + " HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"address of 9 KiB", "GET /" + strings.Repeat("x", 9<<10) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"},
		{"header of 1 MiB", "GET / HTTP/1.1\r\nHost: h\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"},
		{"many headers", "GET / HTTP/1.1\r\nHost: h\r\n" + strings.Repeat("X: x\r\n", 20_000) + "\r\n"},
		{"a thousand cookies", "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nCookie: " + strings.Repeat("a=b; ", 1000) + "c=d\r\n\r\n"},
		{"body announced as 100 MiB", form + "Content-Length: 104857600\r\n\r\n" + strings.Repeat("x", 1<<20)},
		{"ten thousand fields", form + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(many), many)},
		{"packed body", form + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"},
		{"chunks of 3 MiB", form + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("100000\r\n"+strings.Repeat("x", 1<<20)+"\r\n", 3) + "0\r\n\r\n"},
	} {
		begun := time.Now()
		status := p.raw(tt.request)
		// A server that hangs up on what it does not read may take its answer with it.
		if !strings.HasPrefix(status, "HTTP/1.1 4") && status != "" || time.Since(begun) > 5*time.Second {
			t.Errorf("%s: %q after %v", tt.name, status, time.Since(begun))
		}
		t.Logf("R44 %s: %s", tt.name, status)
	}
	if rise := p.resident() - before; rise > 32<<10 {
		t.Errorf("memory rose by %d KiB", rise)
	}
}

// resident is the memory of the portal, in KiB.
func (p *portal) resident() int {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Skip("no /proc: ", err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}
