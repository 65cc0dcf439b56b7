package ical

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestI2Fold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in string }{
		{"empty", ""},
		{"as long as a line may be", strings.Repeat("a", 75)},
		{"one longer", strings.Repeat("a", 76)},
		{"as long as two", strings.Repeat("a", 75+74)},
		{"two longer", strings.Repeat("a", 75+75)},
		{"cut inside two octets", strings.Repeat("a", 74) + "ü"},
		{"cut inside four octets", strings.Repeat("a", 72) + "🦘🦘"},
		{"nothing but four octets", strings.Repeat("🦘", 100)},
		{"spaces at the cut", strings.Repeat("a", 74) + "   " + strings.Repeat("b", 74)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkFold(t, tt.in)
		})
	}
}

// checkFold folds a line of UTF-8 and unfolds it.
func checkFold(t *testing.T, in string) {
	t.Helper()
	out := string(fold(nil, in))
	for line := range strings.SplitSeq(out, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("%q is a line of %d octets", line, len(line))
		}
	}
	back := strings.Join(unfold(out+"\r\n"), "\n")
	if back != in {
		t.Errorf("%q comes back as %q", in, back)
	}
}

func TestI34Escape(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want, back string }{
		{"all that has a meaning", `a\b,c;d` + "\n" + `e`, `a\\b\,c\;d\ne`, `a\b,c;d` + "\n" + `e`},
		{"what looks escaped already", `\n`, `\\n`, `\n`},
		{"control characters", "a\x00b\x07c\x1b[1m\x7f\u0085d", `abc[1md`, "abc[1md"},
		{"tab", "a\tb", "a\tb", "a\tb"},
		{"line ends of Windows and of old Macs", "a\r\nb\rc", `a\nbc`, "a\nbc"},
		{"a colon needs none", "a: b", "a: b", "a: b"},
		{"no UTF-8", "a\xffb", "a\ufffdb", "a\ufffdb"},
		{"emoji", "🦘", "🦘", "🦘"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := escape(tt.in); got != tt.want {
				t.Errorf("escaped %q, want %q", got, tt.want)
			}
			if got := unescape(escape(tt.in)); got != tt.back {
				t.Errorf("comes back as %q, want %q", got, tt.back)
			}
		})
	}
}

func TestUnfoldUnderstandsWhatOthersWrite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"bare line feeds", "A:1\nB:2\n 3\n", "A:1|B:23"},
		{"a byte order mark", "\ufeffA:1\r\n", "A:1"},
		{"empty lines", "A:1\r\n\r\nB:2\r\n", "A:1|B:2"},
		{"a tab", "A:1\r\n\t2\r\n", "A:12"},
		{"no end of the last line", "A:1", "A:1"},
		{"it begins with a fold", " A:1\r\n", "A:1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(unfold(tt.in), "|"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzFold(f *testing.F) {
	f.Add("a plain line")
	f.Add(strings.Repeat("ü", 80) + "🦘")
	f.Add("\x00\r\n;,\\")
	f.Fuzz(func(t *testing.T, s string) {
		line := "X:" + escape(s)
		if !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("%q is no content line", line)
		}
		checkFold(t, line)
		want := strings.Map(func(r rune) rune {
			if r != '\n' && control(r) {
				return -1
			}
			return r
		}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\ufffd"))
		if got := unescape(escape(s)); got != want {
			t.Errorf("%q comes back as %q", s, got)
		}
	})
}
