package web

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	s := &Server{Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
	for _, tt := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "192.0.2.7:4711", nil, "192.0.2.7"},
		{"a stranger's header", "192.0.2.7:4711", []string{"198.51.100.1"}, "192.0.2.7"},
		{"our proxy", "127.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"what the reader made up comes first", "127.0.0.1:1", []string{"203.0.113.9, 198.51.100.1"}, "198.51.100.1"},
		{"in a header of its own", "127.0.0.1:1", []string{"203.0.113.9", "198.51.100.1"}, "198.51.100.1"},
		{"two of our proxies", "127.0.0.1:1", []string{"198.51.100.1, 10.1.2.3"}, "198.51.100.1"},
		{"nobody but our proxies", "127.0.0.1:1", []string{"10.1.2.3"}, "10.1.2.3"},
		{"no header", "127.0.0.1:1", nil, "127.0.0.1"},
		{"nonsense", "127.0.0.1:1", []string{"unknown"}, "127.0.0.1"},
		{"nonsense behind a proxy of ours", "127.0.0.1:1", []string{"unknown, 10.1.2.3"}, "10.1.2.3"},
		{"with a port", "127.0.0.1:1", []string{"198.51.100.1:9999"}, "198.51.100.1"},
		{"IPv6 in brackets", "[fd00::1]:1", []string{"[2001:db8::1]:9999"}, "2001:db8::1"},
		{"IPv4 in IPv6", "[::ffff:127.0.0.1]:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"zone of a link", "[fe80::1%eth0]:1", nil, "fe80::1"},
		{"a socket without addresses", "@", nil, "invalid IP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = tt.peer
			for _, f := range tt.forwarded {
				r.Header.Add("X-Forwarded-For", f)
			}
			if got := s.address(r).String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSeats(t *testing.T) {
	t.Parallel()
	var s seats
	take := func(addr string, want bool) func() {
		t.Helper()
		leave, full := s.take(netip.MustParseAddr(addr), maxStreams)
		if (full == "") != want || (leave != nil) != want {
			t.Errorf("%s: a place %t, want %t", addr, full == "", want)
		}
		return leave
	}
	var leaves []func()
	for range maxNeighbours {
		leaves = append(leaves, take("2001:db8::1", true))
	}
	take("2001:db8::2", false)    // of the same household
	take("2001:db8:0:1::1", true) // of the next
	for range maxNeighbours {
		take("192.0.2.1", true)
	}
	take("192.0.2.1", false)
	take("192.0.2.2", true)
	leaves[0]()
	take("2001:db8::2", true)
	for range 2 * maxNeighbours {
		take("127.0.0.1", true) // most likely a proxy
	}
	for s.open() < maxStreams {
		take("::1", true)
	}
	take("127.0.0.1", false)
	take("198.51.100.1", false)
	leaves[1]()
	if n := s.open(); n != maxStreams-1 {
		t.Errorf("%d are open", n)
	}
}
