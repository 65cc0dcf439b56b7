package settings

import (
	"net/netip"
	"slices"
	"strings"
)

// Metrics says who may read /metrics.
type Metrics string

// Who may read /metrics.
const (
	MetricsLoopback Metrics = "loopback" // this machine
	MetricsToken    Metrics = "token"    // who sends the token, from anywhere
	MetricsOff      Metrics = "off"      // nobody
)

// minToken keeps tokens from being guessed.
const minToken = 16 // bytes

// metrics reads who may read the metrics, and their token. A token that would
// let nobody in is most likely a mistake elsewhere.
func (r *reader) metrics(value, token string) (Metrics, string) {
	const key, tokenKey = "HACKFEST_METRICS", "HACKFEST_METRICS_TOKEN"
	who := Metrics(value)
	switch who {
	case "":
		who = MetricsLoopback
	case MetricsLoopback, MetricsToken, MetricsOff:
	default:
		r.wrong(key, "%s is none of loopback, token and off.", show(value))
		return MetricsOff, ""
	}
	token = r.secret(tokenKey, token)
	switch {
	case who != MetricsToken && token != "":
		r.warnings = append(r.warnings, tokenKey+" is set, but HACKFEST_METRICS is not token: it lets nobody in.")
		return who, ""
	case who != MetricsToken || r.has(tokenKey):
	case token == "":
		r.wrong(tokenKey, "is needed when HACKFEST_METRICS is token; openssl rand -hex 32 makes one.")
	case len(token) < minToken:
		r.wrong(tokenKey, "is shorter than %d bytes and could be guessed; openssl rand -hex 32 makes a good one.", minToken)
	case len(token) > maxSecret || strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }):
		r.wrong(tokenKey, "holds characters that cannot stand in an Authorization header; openssl rand -hex 32 makes a good one.")
	}
	return who, token
}

// has reports whether key, or key with _FILE, was found wrong already.
func (r *reader) has(key string) bool {
	return slices.ContainsFunc(r.mistakes, func(err error) bool {
		m, ok := err.(Mistake) //nolint:errorlint // the reader keeps nothing else
		return ok && (m.Key == key || m.Key == key+"_FILE")
	})
}

// proxies reads addresses and CIDR blocks, separated by commas or blanks.
func (r *reader) proxies(value string) []netip.Prefix {
	const key = "HACKFEST_TRUSTED_PROXIES"
	var list []netip.Prefix
	for _, one := range strings.FieldsFunc(value, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' || c == '\n' }) {
		p, err := netip.ParsePrefix(one)
		if addr, notAddr := netip.ParseAddr(one); err != nil && notAddr == nil && addr.Zone() == "" {
			p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		switch {
		case err != nil:
			r.wrong(key, "%s is neither an address nor a block of them such as 10.0.0.0/8.", show(one))
		case p.Masked() != p:
			r.wrong(key, "%s is not the beginning of its block; write %s.", show(one), p.Masked())
		case p.Bits() == 0:
			r.wrong(key, "%s would let anybody say who they are; name the addresses of the proxies.", show(one))
		default:
			list = append(list, p)
		}
	}
	return list
}
