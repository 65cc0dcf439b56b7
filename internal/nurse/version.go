package nurse

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// versioned judges a version against what is asked of it, "" being nothing.
// seen is what to say of it.
func versioned(seen, version, want string) finding {
	if want == "" {
		return finding{well, seen}
	}
	ok, sure := meets(version, want)
	switch {
	case !sure:
		return finding{unknown, seen + ": that cannot be compared with " + want}
	case !ok:
		return finding{ill, seen + ", wanted " + want}
	}
	return finding{well, seen}
}

// operators with what the comparison may give; the longest first.
var operators = []struct {
	sign string
	ok   func(int) bool
}{
	{">=", func(n int) bool { return n >= 0 }},
	{"<=", func(n int) bool { return n <= 0 }},
	{">", func(n int) bool { return n > 0 }},
	{"<", func(n int) bool { return n < 0 }},
}

// meets reports whether version is as wanted: "2.1" and "= 2.1" are that release
// and all within it, such as 2.1.3. It is not sure of a version without a number.
func meets(version, want string) (ok, sure bool) {
	if !strings.ContainsAny(version, "0123456789") {
		return false, false
	}
	for _, o := range operators {
		if rest, found := strings.CutPrefix(want, o.sign); found {
			return o.ok(compare(version, strings.TrimSpace(rest))), true
		}
	}
	wanted := parts(strings.TrimSpace(strings.TrimPrefix(want, "=")))
	have := parts(version)
	return compareParts(have[:min(len(have), len(wanted))], wanted) == 0, true
}

var (
	part  = regexp.MustCompile(`\d+|[A-Za-z]+`)
	epoch = regexp.MustCompile(`^\d+:`)
)

// early are words that stand for something before the release they follow.
var early = map[string]bool{"alpha": true, "beta": true, "pre": true, "rc": true, "dev": true, "a": true, "b": true}

// parts splits a version into numbers and words. What packagers put around it is
// left out: the epoch in front, the revision behind a hyphen or a plus.
func parts(version string) []string {
	version = epoch.ReplaceAllString(version, "")
	if i := strings.IndexAny(version, "-+"); i > 0 {
		version = version[:i]
	}
	return part.FindAllString(strings.ToLower(version), -1)
}

// compare orders versions: -1, 0 or 1.
func compare(a, b string) int { return compareParts(parts(a), parts(b)) }

func compareParts(a, b []string) int {
	for i := range max(len(a), len(b)) {
		if n := comparePart(at(a, i), at(b, i)); n != 0 {
			return n
		}
	}
	return 0
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// comparePart orders numbers as numbers, words as words, and an early word below
// nothing at all.
func comparePart(a, b string) int {
	rank := func(s string) int { // early word, nothing or zero, word, number
		n, err := strconv.ParseUint(s, 10, 64)
		switch {
		case early[s]:
			return 0
		case s == "" || err == nil && n == 0:
			return 1
		case err != nil && (s[0] < '0' || s[0] > '9'):
			return 2
		}
		return 3
	}
	if n := cmp.Compare(rank(a), rank(b)); n != 0 || rank(a) != 3 {
		if n == 0 && rank(a) != 1 {
			return strings.Compare(a, b)
		}
		return n
	}
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
