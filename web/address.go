package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// address is where r comes from: the other end of the connection or, while that
// is a proxy we trust, whom it names in X-Forwarded-For. Nobody else's header
// counts. The zero Addr stands for what cannot be read.
func (s *Server) address(r *http.Request) netip.Addr {
	from := addrOf(r.RemoteAddr)
	if !s.trusts(from) {
		return from
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		addr := addrOf(strings.TrimSpace(hop))
		if !addr.IsValid() {
			return from
		}
		if from = addr; !s.trusts(from) {
			return from
		}
	}
	return from
}

// trusts reports whether addr is one of the web servers in front of us.
func (s *Server) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(s.Proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// addrOf reads an address with or without a port.
func addrOf(text string) netip.Addr {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().Unmap().WithZone("")
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

// household is what addr is counted by: one address, or the 64 bits of IPv6
// that a single customer is given.
func household(addr netip.Addr) netip.Prefix {
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits) // the zero Addr has the zero Prefix
	return p
}
