package nurse

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/ntp"
	psnet "github.com/shirou/gopsutil/v4/net"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// netFor is how long a server may take; less than a check may.
const netFor = 4 * time.Second

// lookPort looks whether a port elsewhere takes connections or, without a host,
// whether nobody listens on it here.
func lookPort(ctx context.Context, c hackfest.Check) finding {
	if c.Host == "" {
		return portFree(ctx, c.Port)
	}
	addr := net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
	conn, err := (&net.Dialer{Timeout: netFor}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return finding{ill, addr + ": " + reasonOf(err)}
	}
	_ = conn.Close()
	return finding{well, addr + " takes connections"}
}

func portFree(ctx context.Context, port int) finding {
	list, err := psnet.ConnectionsWithContext(ctx, "tcp")
	if err != nil {
		return finding{unknown, "the system does not say who listens"}
	}
	for _, l := range list {
		if l.Status == "LISTEN" && int(l.Laddr.Port) == port {
			by := ""
			if l.Pid > 0 {
				by = " (process " + strconv.Itoa(int(l.Pid)) + ")"
			}
			return finding{ill, "somebody listens there" + by}
		}
	}
	return finding{well, "free"}
}

func lookDNS(ctx context.Context, c hackfest.Check) finding {
	name, called := c.Host, c.Host
	if name == "" {
		own, err := os.Hostname()
		if err != nil {
			return finding{unknown, "the machine does not know its name"}
		}
		name, called = own, "its own name" // which a report keeps to itself, and its address
	}
	list, err := addresses(ctx, name)
	switch {
	case called != name:
		return ownName(list, err, c.Value)
	case err != nil:
		return finding{ill, reasonOf(err)}
	case c.Value != "" && !slices.ContainsFunc(list, func(have string) bool { return sameAddress(have, c.Value) }):
		return finding{ill, name + " is " + strings.Join(list, ", ") + ", wanted " + c.Value}
	}
	return finding{well, name + " is " + strings.Join(list[:min(len(list), 3)], ", ")}
}

// addresses are those of a name: by /etc/hosts and DNS, else by whatever else this
// system asks, such as libnss-myhostname for its own name.
func addresses(ctx context.Context, name string) ([]string, error) {
	list, err := net.DefaultResolver.LookupHost(ctx, name)
	if missing, ok := errors.AsType[*net.DNSError](err); !ok || !missing.IsNotFound || !bare.MatchString(name) {
		return list, err
	}
	getent, none := exec.LookPath("getent")
	if none != nil {
		return nil, err
	}
	said, failed := ask(ctx, getent, "ahosts", name)
	if failed != nil {
		return nil, err
	}
	for line := range strings.Lines(said) {
		if fields := strings.Fields(line); len(fields) > 0 && net.ParseIP(fields[0]) != nil && !slices.Contains(list, fields[0]) {
			list = append(list, fields[0])
		}
	}
	if len(list) == 0 {
		return nil, err
	}
	return list, nil
}

// ownName judges what the machine's own name leads to, and tells neither.
func ownName(list []string, err error, want string) finding {
	loops := func(have string) bool { return net.ParseIP(have).IsLoopback() }
	missing, is := errors.AsType[*net.DNSError](err)
	switch {
	case is && !missing.IsNotFound:
		return finding{ill, "its own name is not in /etc/hosts, and no server of DNS answers"}
	case err != nil:
		return finding{ill, "its own name has no address"}
	case want != "" && !slices.ContainsFunc(list, func(have string) bool { return sameAddress(have, want) }):
		return finding{ill, "its own name has another address, wanted " + want}
	case !slices.ContainsFunc(list, func(have string) bool { return !loops(have) }):
		return finding{well, "its own name leads to loopback, " + list[0]}
	}
	return finding{well, "its own name has an address"}
}

func sameAddress(a, b string) bool {
	ip := net.ParseIP(a)
	return a == b || ip != nil && ip.Equal(net.ParseIP(b))
}

// lookHTTP asks for an address and compares the status. Redirects are followed
// unless one is what is wanted.
func lookHTTP(ctx context.Context, c hackfest.Check) finding {
	want := c.Status
	if want == 0 {
		want = http.StatusOK
	}
	answer, err := fetch(ctx, http.MethodGet, c.URL, want < 300 || want > 399)
	if err != nil {
		return finding{ill, reasonOf(err)}
	}
	note := "status " + strconv.Itoa(answer.StatusCode)
	if answer.StatusCode != want {
		return finding{ill, note + ", wanted " + strconv.Itoa(want)}
	}
	return finding{well, note}
}

// fetch asks for an address; its body is not read.
func fetch(ctx context.Context, method, url string, follow bool) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, netFor)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}}
	if !follow {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	answer, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	return answer, answer.Body.Close()
}

func lookInterface(_ context.Context, c hackfest.Check) finding {
	list, err := net.Interfaces()
	if err != nil {
		return finding{unknown, "the system does not tell its network interfaces"}
	}
	const up = net.FlagUp | net.FlagRunning
	others := 0
	for _, i := range list {
		switch {
		case c.Name == "" && i.Flags&net.FlagLoopback != 0, c.Name != "" && i.Name != c.Name:
			continue
		case i.Flags&up == up:
			return finding{well, cmp.Or(c.Name, "one") + " is up"}
		case c.Name != "" && i.Flags&net.FlagUp != 0:
			return finding{ill, i.Name + " is up, but has no carrier"}
		case c.Name != "":
			return finding{ill, i.Name + " is down"}
		}
		others++
	}
	switch {
	case c.Name != "":
		return finding{ill, "there is no interface " + c.Name}
	case others == 0:
		return finding{ill, "there is none but loopback"}
	}
	return finding{ill, "none of " + strconv.Itoa(others) + " has a carrier"}
}

// lookClock compares the clock with that of a server: by NTP, or by the date of
// a web server's answer, which is good to a second.
func lookClock(ctx context.Context, c hackfest.Check) finding {
	var off time.Duration
	switch {
	case c.Host != "":
		r, err := ntp.QueryWithOptions(c.Host, ntp.QueryOptions{Timeout: netFor})
		if err == nil {
			err = r.Validate()
		}
		if err != nil {
			return finding{unknown, c.Host + " does not tell the time: " + reasonOf(err)}
		}
		off = -r.ClockOffset
	default:
		begun := time.Now()
		answer, err := fetch(ctx, http.MethodHead, c.URL, false)
		if err != nil {
			return finding{unknown, reasonOf(err)}
		}
		theirs, err := http.ParseTime(answer.Header.Get("Date"))
		if err != nil {
			return finding{unknown, "the web server does not tell the time"}
		}
		off = dateOff(begun, time.Now(), theirs)
	}
	note := "right"
	switch {
	case off > 0:
		note = off.Round(10*time.Millisecond).String() + " ahead"
	case off < 0:
		note = (-off).Round(10*time.Millisecond).String() + " behind"
	}
	if off.Abs() > time.Duration(c.Least)*time.Second {
		return finding{ill, note + ", at most " + strconv.FormatInt(c.Least, 10) + " s will do"}
	}
	return finding{well, note}
}

// dateOff is how far a clock is ahead of one that showed the whole second theirs
// at some moment between begun and ended; 0 when that can be.
func dateOff(begun, ended, theirs time.Time) time.Duration {
	switch {
	case ended.Before(theirs):
		return ended.Sub(theirs)
	case begun.After(theirs.Add(time.Second)):
		return begun.Sub(theirs.Add(time.Second))
	}
	return 0
}

// reasonOf is why something on the network failed, in words that say no more
// than the reader needs.
func reasonOf(err error) string {
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	if p, ok := errors.AsType[*net.OpError](err); ok && p.Op == "proxyconnect" {
		if missing, ok := errors.AsType[*net.DNSError](err); ok && missing.IsNotFound {
			return "the proxy that is set has no address"
		}
		return "the proxy that is set: " + reasonOf(p.Err)
	}
	if missing, ok := errors.AsType[*net.DNSError](err); ok && missing.IsNotFound {
		return missing.Name + " has no address"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return untrusted(x509.SystemCertPool())
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		err = e
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

// untrusted says why a certificate is not trusted, by the authorities that this
// machine knows. A bare system knows none.
func untrusted(known *x509.CertPool, err error) string {
	if err != nil || known.Equal(x509.NewCertPool()) {
		return "this machine knows no certificate authorities (Debian: apt install ca-certificates)"
	}
	return "no certificate authority that this machine knows vouches for it"
}
