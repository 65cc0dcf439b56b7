package minutes

import (
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Suspect is a piece of a text that perhaps nobody should read.
type Suspect struct {
	From, To int    // bytes
	What     string // "a mail address"
}

// What a suspect can be.
const (
	SuspectMail     = "a mail address"
	SuspectHost     = "the address of a host"
	SuspectKey      = "a secret key"
	SuspectPassword = "a password"
)

// patterns find what has a shape of its own. The first group, where there is one,
// is what is suspected.
var patterns = []struct {
	what string
	re   *regexp.Regexp
	is   func(text string, from, to int) bool // nil is always
}{
	{SuspectKey, regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`), nil},
	{SuspectKey, regexp.MustCompile(`\b(?:AKIA|ASIA|AIDA|AROA)[0-9A-Z]{16}\b`), nil},
	{SuspectKey, regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|glpat-[A-Za-z0-9_-]{20,}|xox[abeprs]-[A-Za-z0-9-]{10,}|sk_(?:live|test)_[A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{36})`), nil},
	{SuspectKey, regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`), nil},
	{SuspectPassword, regexp.MustCompile(`\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:([^\s/@]+)@`), nil},
	{SuspectPassword, regexp.MustCompile(`(?i)\b(?:password|passwd|passphrase|pwd)\s*(?:[:=]|\bis\b)\s*["'` + "`" + `]?([^\s"'` + "`" + `,;]{5,})`), secretive},
	{SuspectKey, regexp.MustCompile(`(?i)(?:secret|token|access[_-]?key|api[_-]?key|private[_-]?key|credential)[a-z0-9_-]*\s*[:=]\s*["'` + "`" + `]?([^\s"'` + "`" + `,;]{8,})`), secretive},
	{SuspectMail, regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}\b`), isMail},
	{SuspectHost, regexp.MustCompile(`\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b`), isIPv4},
	{SuspectHost, regexp.MustCompile(`[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}`), isIPv6},
	{SuspectKey, regexp.MustCompile(`[A-Za-z0-9+/_=-]{32,}`), isSecret},
}

// Suspects finds in text what looks like a mail address, the address of a host, a
// key or a password. It errs on the side of asking, but not about commits,
// versions, this machine's own address, or the ids that the portal gives.
func Suspects(text string) []Suspect {
	var list []Suspect
	for _, p := range patterns {
		for _, m := range p.re.FindAllStringSubmatchIndex(text, -1) {
			from, to := m[0], m[1]
			if len(m) > 2 && m[2] >= 0 {
				from, to = m[2], m[3]
			}
			known := slices.ContainsFunc(list, func(s Suspect) bool { return from < s.To && s.From < to })
			if !known && (p.is == nil || p.is(text, from, to)) {
				list = append(list, Suspect{from, to, p.what})
			}
		}
	}
	slices.SortFunc(list, func(a, b Suspect) int { return a.From - b.From })
	return list
}

// secretive reports whether what stands behind "password:" or the like may be it:
// words of a sentence are not, nor is a placeholder.
func secretive(text string, from, to int) bool {
	v := text[from:to]
	if strings.Trim(v, "*.x…<>?-_") == "" || strings.ContainsAny(v[:1], "<$%{(…") || strings.Contains(v, "://") {
		return false
	}
	if strings.HasSuffix(text[:from], "=") || strings.HasSuffix(text[:from], `="`) || strings.HasSuffix(text[:from], `='`) {
		return true
	}
	v = strings.TrimRight(v, ".:!?)")
	return strings.ContainsFunc(v, unicode.IsDigit) || strings.ContainsAny(v, "!$%&*+/=^~#") || mixed(v)
}

// mixed reports whether capitals stand inside a word.
func mixed(v string) bool {
	return strings.IndexFunc(v[1:], unicode.IsUpper) >= 0 && strings.ContainsFunc(v, unicode.IsLower)
}

// isMail leaves out addresses that belong to nobody.
func isMail(text string, from, to int) bool {
	user, host, _ := strings.Cut(strings.ToLower(text[from:to]), "@")
	for _, nobody := range []string{"example.org", "example.com", "example.net", ".example", ".invalid", ".test", ".localdomain"} {
		if strings.HasSuffix(host, nobody) {
			return false
		}
	}
	return user != "git" && user != "noreply" && user != "no-reply"
}

// documentation are the networks that stand in manuals (RFC 5737, RFC 3849), and
// those that mean no host in particular.
var nowhere = []netip.Prefix{
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("224.0.0.0/3"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("::/127"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("ff00::/8"),
}

func somewhere(a netip.Addr) bool {
	return !slices.ContainsFunc(nowhere, func(p netip.Prefix) bool { return p.Contains(a) })
}

// isIPv4 leaves out versions, and networks of which only the beginning counts.
func isIPv4(text string, from, to int) bool {
	a, err := netip.ParseAddr(text[from:to])
	if err != nil || !somewhere(a) {
		return false
	}
	before, after := text[:from], text[to:]
	if len(after) > 1 && strings.ContainsAny(after[:1], ".-_") && after[1] >= '0' && after[1] <= '9' {
		return false // 1.2.3.4.5, 1.2.3.4-1
	}
	if before != "" && (strings.ContainsAny(before[len(before)-1:], "-_.=") && !strings.HasSuffix(before, "=") || endsInVersion(before)) {
		return false
	}
	return !strings.HasSuffix(text[from:to], ".0.0.0") && (a.As4()[0] > 9 || !strings.HasSuffix(before, "v"))
}

var version = regexp.MustCompile(`(?i)(?:\bv|\bversions?\s*:?\s*|\brelease\s+|\bfrom\s+v?|>=?\s*|==\s*|<=?\s*|~>?\s*)$`)

func endsInVersion(before string) bool {
	m := version.FindString(before)
	return m != "" && !strings.HasPrefix(strings.ToLower(m), "from")
}

// isIPv6 leaves out times of day and the names of modules.
func isIPv6(text string, from, to int) bool {
	v := text[from:to]
	if from > 0 && inWord(text[from-1]) || to < len(text) && inWord(text[to]) {
		return false
	}
	a, err := netip.ParseAddr(v)
	return err == nil && somewhere(a) && strings.ContainsAny(v, "0123456789") && len(v) >= 6
}

func inWord(c byte) bool {
	return c == '_' || c == ':' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// digests are words that say of a long number that it is no secret.
var digests = regexp.MustCompile(`(?i)(?:md5|sha-?\d*|sum|checksum|digest|hash|commit|rev(?:ision)?|ssh-\w+|fingerprint|blob|tree|manifest|image)(?:\W{1,3}\w+){0,2}\W{0,3}$`)

// isSecret reports whether a long run of letters and figures is random. A commit
// is one too, and no secret: 40 hexadecimal figures are never suspected, other
// lengths of digests not when a word says what they are.
func isSecret(text string, from, to int) bool {
	v := strings.Trim(text[from:to], "-_=/+")
	if len(v) < 32 || inURL(text, from) || digests.MatchString(text[:from]) {
		return false
	}
	if strings.Trim(v, "0123456789abcdefABCDEF") == "" {
		return len(v) != 40 && strings.ContainsAny(v, "0123456789") && strings.ContainsAny(v, "abcdefABCDEF") && entropy(v) > 2.8
	}
	if strings.Count(v, "/") > 4 || strings.Count(v, "-")+strings.Count(v, "_") > 3 {
		return false // a path, or a name of many words
	}
	figures := strings.IndexFunc(v, unicode.IsDigit) >= 0
	return figures && strings.ContainsFunc(v, unicode.IsUpper) && strings.ContainsFunc(v, unicode.IsLower) && entropy(v) > 3.9
}

// inURL reports whether the word that holds text[from] is an address.
func inURL(text string, from int) bool {
	word := text[strings.LastIndexAny(text[:from], " \t\n<\"'(")+1 : from]
	return strings.Contains(word, "://") && !strings.Contains(word, "=")
}

// entropy is how many bits a character of v holds.
func entropy(v string) float64 {
	count := map[rune]float64{}
	for _, r := range v {
		count[r]++
	}
	bits, n := 0.0, float64(len(v))
	for _, c := range count {
		bits -= c / n * math.Log2(c/n)
	}
	return bits
}
