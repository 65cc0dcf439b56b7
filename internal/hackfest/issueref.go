package hackfest

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IssueSpan is a place in a text that names an issue or pull request.
type IssueSpan struct {
	From, To int // bytes of the text
	Ref      IssueRef
	URL      bool // it is the address of its page
}

const (
	maxIssueDigits = 9    // of a number
	maxIssueURL    = 1000 // bytes of an address that are read
)

// FindIssues finds the issues and pull requests that text names, from left to
// right: owner/repo#12, addresses of their pages with whatever follows the
// number, and #12 when repo, its owner/repo, is not "". Pages are on github.com
// and on the bases in web, as "https://github.example.org".
func FindIssues(text, repo string, web ...string) []IssueSpan {
	if !MayNameIssues(text) {
		return nil
	}
	var found []IssueSpan
	for at := 0; at < len(text); at++ {
		var span IssueSpan
		ok := false
		switch {
		case text[at] == '#':
			span, ok = shortIssue(text, at, repo)
		case text[at] == ':' && strings.HasPrefix(text[at:], "://"):
			span, ok = issueURL(text, at, web)
		}
		if ok && (len(found) == 0 || span.From >= found[len(found)-1].To) {
			found = append(found, span)
			at = span.To - 1
		}
	}
	return found
}

// MayNameIssues reports, at little cost, whether it is worth looking for issues
// in text.
func MayNameIssues(text string) bool {
	for rest := text; ; {
		at := strings.IndexByte(rest, '#')
		if at < 0 {
			break
		}
		if rest = rest[at+1:]; rest != "" && digit(rest[0]) {
			return true
		}
	}
	return strings.Contains(text, "/issues/") || strings.Contains(text, "/pull/")
}

// ParseIssue reads word when it is nothing but the name of one issue, as
// FindIssues finds them, with punctuation behind it.
func ParseIssue(word string, web ...string) (IssueRef, bool) {
	found := FindIssues(word, "", web...)
	if len(found) != 1 || found[0].From != 0 || strings.TrimRight(word[found[0].To:], closing) != "" {
		return IssueRef{}, false
	}
	return found[0].Ref, true
}

// closing are characters that end a sentence or a bracket rather than a name.
const closing = ".,;:!?'\"*)]}>"

// shortIssue reads what stands around the # at text[at].
func shortIssue(text string, at int, repo string) (IssueSpan, bool) {
	end := at + 1
	for end < len(text) && digit(text[end]) {
		end++
	}
	if !endsIssue(text[end:]) {
		return IssueSpan{}, false
	}
	from := backOver(text, at, "._")
	name := repo
	switch {
	case from < at: // owner/repo#12
		slash := from - 1
		if slash < 0 || text[slash] != '/' {
			return IssueSpan{}, false
		}
		from = backOver(text, slash, "_")
		name = text[from:at]
	case repo == "":
		return IssueSpan{}, false
	}
	ref, ok := issueRef(name, text[at+1:end])
	return IssueSpan{From: from, To: end, Ref: ref}, ok && beginsIssue(text[:from])
}

// backOver is where the run of characters of names, and of also, begins that ends
// before text[at].
func backOver(text string, at int, also string) int {
	for at > 0 && (nameByte(text[at-1]) || strings.IndexByte(also, text[at-1]) >= 0) {
		at--
	}
	return at
}

// beginsIssue reports whether a name may begin behind before.
func beginsIssue(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || r <= ' ' || strings.ContainsRune("()<>[]{},;\"'`|*", r) || r > unicode.MaxASCII && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// endsIssue reports whether a number may end before after. A full stop may end it,
// and may not stand within, as in #1.2.
func endsIssue(after string) bool {
	after = strings.TrimLeft(after, ".:!?-")
	r, _ := utf8.DecodeRuneInString(after)
	return after == "" || r <= ' ' || strings.ContainsRune("()<>[]{},;\"'`|*", r) || r > unicode.MaxASCII && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// issueURL reads the address around the :// at text[at].
func issueURL(text string, at int, web []string) (IssueSpan, bool) {
	from := at
	for from > 0 && at-from < len("https")+1 && letter(text[from-1]) {
		from--
	}
	if s := strings.ToLower(text[from:at]); s != "https" && s != "http" {
		return IssueSpan{}, false
	}
	begin := at + len("://")
	path, ok := belowWeb(text[begin:min(len(text), begin+maxIssueURL)], web)
	if end := strings.IndexFunc(path, endsURL); end >= 0 {
		path = path[:end]
	}
	parts := strings.SplitN(path, "/", 4)
	if !ok || len(parts) < 4 || parts[2] != "issues" && parts[2] != "pull" {
		return IssueSpan{}, false
	}
	digits := 0
	for digits < len(parts[3]) && digit(parts[3][digits]) {
		digits++
	}
	ref, ok := issueRef(parts[0]+"/"+parts[1], parts[3][:digits])
	rest := parts[3][digits:]
	if rest != "" && strings.IndexByte("/?#"+closing, rest[0]) < 0 {
		return IssueSpan{}, false
	}
	end := begin + strings.Index(text[begin:], path) + len(path)
	return IssueSpan{From: from, To: end - len(rest) + len(strings.TrimRight(rest, closing)), Ref: ref, URL: true}, ok
}

// belowWeb cuts off the host, and what else the pages of GitHub stand below.
func belowWeb(address string, web []string) (string, bool) {
	for _, base := range append([]string{"//github.com", "//www.github.com"}, web...) {
		_, base, ok := strings.Cut(base, "//")
		if n := len(base); ok && n > 0 && len(address) > n && address[n] == '/' && strings.EqualFold(address[:n], base) {
			return address[n+1:], true
		}
	}
	return "", false
}

func endsURL(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("<>\"`|{}", r) }

// issueRef checks the parts of a name by GitHub's rules.
func issueRef(name, digits string) (IssueRef, bool) {
	owner, repo, ok := strings.Cut(name, "/")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || len(digits) > maxIssueDigits || owner == "" || len(owner) > 39 || repo == "" || len(repo) > 100 {
		return IssueRef{}, false
	}
	if owner[0] == '-' || owner[0] == '_' || backOver(owner, len(owner), "_") > 0 || backOver(repo, len(repo), "._") > 0 || repo == "." || repo == ".." {
		return IssueRef{}, false
	}
	return IssueRef{Repo: name, Number: n}, true
}

func nameByte(c byte) bool { return letter(c) || digit(c) || c == '-' }
func letter(c byte) bool   { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func digit(c byte) bool    { return '0' <= c && c <= '9' }
