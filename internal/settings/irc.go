package settings

import (
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	defaultNick = "hackbot"

	maxNick        = 30  // bytes; the longest that common servers take
	maxChannelName = 200 // bytes, RFC 1459 section 1.3
	maxNetworkName = 40  // bytes; it stands in URLs and in names of variables
	maxAccount     = 60  // bytes; longer than any network's nicks
)

// Network is one IRC network the bot is on.
type Network struct {
	Name     string      // as in URLs: [a-z0-9][a-z0-9_-]*
	Host     string      // as people put it into a client; an IPv6 address without brackets
	Addr     string      // host:port
	TLS      *tls.Config // nil: not encrypted
	Nick     string
	Account  string   // the bot's services account; "" for none, or the one its certificate belongs to
	SASL     SASL     // whether and how it logs in
	Password string   // of Account, or without one of the server (PASS, RFC 2812 section 3.1.1); "" for none; a secret
	Channels []string // to join, with their prefix; at least one
}

// SASL says whether the bot logs in to services before it joins anything.
type SASL string

// What may stand in HACKFEST_IRC_<NAME>_SASL.
const (
	SASLRequired SASL = "required" // stay out until services say who we are
	SASLOptional SASL = "optional" // try, or ask NickServ where there is no SASL, and go on
	SASLOff      SASL = "off"      // do not log in
)

// networks reads HACKFEST_IRC and the variables of each network in it.
func (r *reader) networks(value string) []Network {
	const key = "HACKFEST_IRC"
	var (
		list  []Network
		names = map[string]string{} // by the name's form in variables
		sound = true
	)
	// net/url takes # for a fragment and cannot tell %23 from it, hence a parser of ours.
	for i, raw := range strings.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == '\t' || c == '\n' }) {
		n, bad := parseNetwork(raw)
		if bad != "" {
			which := n.Host
			if which == "" {
				which = "URL " + strconv.Itoa(i+1)
			}
			r.wrong(key, "%s: %s", which, bad)
			sound = false
			continue
		}
		if other, taken := names[variable(n.Name)]; taken {
			if other == n.Name {
				r.wrong(key, "two networks are called %s; tell them apart with ?name=.", n.Name)
			} else {
				r.wrong(key, "the networks %s and %s would share the variables HACKFEST_IRC_%s_…; rename one with ?name=.", other, n.Name, variable(n.Name))
			}
			sound = false
			continue
		}
		names[variable(n.Name)] = n.Name
		list = append(list, n)
	}
	if !sound {
		return list // the variables below would be judged by a wrong list
	}
	for i := range list {
		r.credentials(&list[i], len(list) == 1)
	}
	r.strayCredentials(list)
	return list
}

// parseNetwork reads one irc[s]://[nick@]host[:port]/chan1,chan2?name=freenode&account=bot.
// bad says what is wrong with it, or is empty. Neither ever holds what could be
// a password.
func parseNetwork(raw string) (n Network, bad string) {
	scheme, rest, ok := strings.Cut(raw, "://")
	secure := strings.EqualFold(scheme, "ircs")
	if !ok || !secure && !strings.EqualFold(scheme, "irc") {
		return n, "must look like irc://nick@host:port/channel or ircs://…"
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, channels, _ := strings.Cut(rest, "/")

	if n.Host, n.Addr, bad = parseAuthority(&authority, secure); bad != "" {
		return n, bad
	}
	if n.Nick, bad = parseNick(authority); bad != "" {
		return n, bad
	}
	if n.Channels, bad = parseChannels(channels); bad != "" {
		return n, bad
	}
	if n.Name, n.Account, bad = parseQuery(query, n.Host); bad != "" {
		return n, bad
	}
	if secure {
		n.TLS = &tls.Config{ServerName: n.Host, MinVersion: tls.VersionTLS12}
	}
	return n, ""
}

// parseAuthority takes host and port off authority and leaves the user part.
func parseAuthority(authority *string, secure bool) (host, addr, bad string) {
	hostport := *authority
	*authority = ""
	if at := strings.LastIndexByte(hostport, '@'); at >= 0 {
		*authority, hostport = hostport[:at+1], hostport[at+1:]
	}
	host, port := hostport, "6667"
	if secure {
		port = "6697"
	}
	if inner, isV6 := strings.CutPrefix(hostport, "["); isV6 {
		h, after, closed := strings.Cut(inner, "]")
		if addr, err := netip.ParseAddr(h); !closed || err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", "", "what stands in brackets is not an IPv6 address."
		}
		host = h
		if p, given := strings.CutPrefix(after, ":"); given {
			port = p
		} else if after != "" {
			return "", "", "after the address in brackets only :port may follow."
		}
	} else if h, p, given := strings.Cut(hostport, ":"); given {
		host, port = h, p
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	switch {
	case host == "":
		return "", "", "has no host."
	case !isHost(host):
		return "", "", "the host is neither a name nor an address."
	case !isPort(port):
		return "", "", "the port is not one of 1 to 65535."
	}
	return host, net.JoinHostPort(host, port), ""
}

// parseNick reads "nick@" or nothing.
func parseNick(user string) (nick, bad string) {
	user, given := strings.CutSuffix(user, "@")
	if !given {
		return defaultNick, ""
	}
	if strings.Contains(user, ":") {
		return "", "a password does not go into the URL but into HACKFEST_IRC_<NAME>_PASSWORD."
	}
	nick, err := url.PathUnescape(user)
	if err != nil || !isNick(nick) {
		return "", "what stands before the @ is not a nick of at most 30 letters, digits and []\\`_^{|}-."
	}
	return nick, ""
}

// isNick follows RFC 2812 section 2.3.1, with room for longer ones.
func isNick(s string) bool {
	if s == "" || len(s) > maxNick || isDigit(rune(s[0])) || s[0] == '-' {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool {
		return !isASCIILetter(c) && !isDigit(c) && !strings.ContainsRune("[]\\`_^{|}-", c)
	})
}

// parseChannels reads names separated by commas. A name that does not begin
// with # is given one; %23%23x, like a literal ##x, is ##x.
func parseChannels(list string) (channels []string, bad string) {
	if list == "" {
		return nil, "names no channel; add one after the host, as in irc://host/channel."
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(list, ",") {
		name, err := url.PathUnescape(part)
		if err != nil {
			return nil, "the channel " + show(part) + " has a % that two hexadecimal digits must follow."
		}
		if !strings.HasPrefix(name, "#") {
			name = "#" + name
		}
		switch {
		case name == "#":
			return nil, "a channel's name is empty."
		case !utf8.ValidString(name) || hasControl(name) || strings.ContainsAny(name, " ,"):
			return nil, "the channel " + show(name) + " has a character that no channel can have (RFC 1459 section 1.3)."
		case len(name) > maxChannelName:
			return nil, "the channel " + show(name) + " is longer than 200 bytes."
		case name == "#." || name == "#..":
			return nil, "the channel " + name + " could not be shown: its log would have no URL."
		case seen[fold(name)]:
			return nil, "names the channel " + show(name) + " twice."
		}
		seen[fold(name)] = true
		channels = append(channels, name)
	}
	return channels, ""
}

// fold is rfc1459 casemapping: what a server uses that announces none.
func fold(channel string) string {
	return strings.NewReplacer("[", "{", "]", "}", "\\", "|", "~", "^").Replace(strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, channel))
}

// parseQuery reads name= and account=.
func parseQuery(query, host string) (name, account, bad string) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", "", "what follows the ? cannot be read; write ?name=freenode&account=hackbot."
	}
	for parameter := range values {
		if parameter != "name" && parameter != "account" {
			return "", "", "does not know the parameter " + show(parameter) + "; there are name and account."
		}
	}
	if given, ok := values["account"]; ok {
		if len(given) != 1 || !isAccount(given[0]) {
			return "", "", "the account is one word of at most 60 bytes."
		}
		account = given[0]
	}
	name, bad = parseName(values["name"], host)
	return name, account, bad
}

// parseName takes the name that was given, or falls back on the host's
// second-level label. Addresses and single labels are "local".
func parseName(given []string, host string) (name, bad string) {
	if given != nil {
		if len(given) != 1 || !isNetworkName(given[0]) {
			return "", "the name of a network is one word of at most 40 of a-z, 0-9, - and _, beginning with a letter or digit."
		}
		return given[0], ""
	}
	labels := strings.Split(host, ".")
	if _, err := netip.ParseAddr(host); err == nil || len(labels) == 1 {
		return "local", ""
	}
	if name = labels[len(labels)-2]; !isNetworkName(name) {
		return "", "gives no name for the network; add ?name=."
	}
	return name, ""
}

// isAccount allows whatever can be one word of an IRC command.
func isAccount(s string) bool {
	return s != "" && len(s) <= maxAccount && s[0] != ':' && s != "*" && utf8.ValidString(s) && !hasControl(s) && !strings.ContainsAny(s, " ,")
}

func isNetworkName(s string) bool {
	if s == "" || len(s) > maxNetworkName || s[0] == '-' || s[0] == '_' {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && !isDigit(c) && c != '-' && c != '_'
	})
}

// Server is what people put into their clients: the host, with the port where
// it is not the usual one.
func (n Network) Server() string {
	usual := "6667"
	if n.TLS != nil {
		usual = "6697"
	}
	if host, port, err := net.SplitHostPort(n.Addr); err == nil && port == usual {
		return host
	}
	return n.Addr
}
