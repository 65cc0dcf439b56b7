package irctext

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		c    Casemapping
		in   string
		want string
	}{
		{"no mapping announced is rfc1459", "", `Ann[]\^`, "ann{}|~"},
		{"rfc1459", RFC1459, `#A[b]C\^_`, "#a{b}c|~_"},
		{"strict leaves the caret", StrictRFC1459, `A[]\^`, "a{}|^"},
		{"ascii leaves brackets", ASCII, `A[]\^`, `a[]\^`},
		{"unknown mapping folds letters only", "rfc7613", `A[É`, `a[É`},
		{"already folded", RFC1459, "ann{}", "ann{}"},
		{"not UTF-8 stays", RFC1459, "A\xff", "a\xff"},
		{"empty", RFC1459, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.c.Fold(tt.in); got != tt.want {
				t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
			}
			if !tt.c.Equal(tt.in, tt.want) {
				t.Errorf("Equal(%q, %q) is false", tt.in, tt.want)
			}
		})
	}
}

func TestChannelPath(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"#a": "a", "##a": "#a", "&a": "&a", "": "", "#": ""} {
		if got := ChannelPath(in); got != want {
			t.Errorf("ChannelPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestStrip(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "hello", "hello"},
		{"bold, italic, underline, strike, mono, reverse, reset", "\x02b\x1di\x1fu\x1es\x11m\x16r\x0fx", "biusmrx"},
		{"colour", "\x034red\x03 plain", "red plain"},
		{"two colours", "\x0304,12text", "text"},
		{"third digit is text", "\x03123", "3"},
		{"comma without a colour is text", "\x034,x", ",x"},
		{"colour code without digits keeps the comma", "\x03,4", ",4"},
		{"back colour takes two digits", "\x031,234", "4"},
		{"hex colour", "\x04ff0000red\x04", "red"},
		{"hex colours", "\x04FF0000,00ff00red", "red"},
		{"five hex digits are text", "\x04ff000x", "ff000x"},
		{"code at the end", "x\x03", "x"},
		{"command hidden in bold", "\x02#topic\x02 x", "#topic x"},
		{"other control characters stay", "a\tb\x01", "a\tb\x01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Strip(tt.in); got != tt.want {
				t.Errorf("Strip(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in, want   string
		differs, windows bool
	}{
		{"ascii", "hello", "hello", false, false},
		{"UTF-8", "héllo €", "héllo €", false, false},
		{"replacement character said by somebody", "\ufffd", "\ufffd", false, false},
		{"NUL", "a\x00b", "a\ufffdb", true, false},
		{"Latin-1", "caf\xe9", "café", true, true},
		{"Windows-1252 quotes", "\x93hi\x94 \x80", "“hi” €", true, true},
		{"undefined bytes", "\x81\x8d", "\u0081\u008d", true, true},
		{"UTF-8 whose last character a server cut", "né \xe2\x82", "né â‚", true, true},
		{"surrogate in UTF-8", "\xed\xa0\x80", "í\u00a0€", true, true},
		{"NUL and Latin-1", "\x00\xff", "\ufffdÿ", true, true},
		{"empty", "", "", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, raw, windows := Decode([]byte(tt.in))
			if text != tt.want || windows != tt.windows {
				t.Errorf("Decode(%q) = %q, %v, want %q, %v", tt.in, text, windows, tt.want, tt.windows)
			}
			if (raw != nil) != tt.differs || raw != nil && string(raw) != tt.in {
				t.Errorf("Decode(%q) raw = %q", tt.in, raw)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		in   string
		max  int
		want []string
	}{
		{"fits", "one two", 7, []string{"one two"}},
		{"at a word", "one two three", 8, []string{"one two", "three"}},
		{"blank just behind the limit", "one two", 3, []string{"one", "two"}},
		{"word longer than a piece", "abcdefg hi", 3, []string{"abc", "def", "g", "hi"}},
		{"never inside a character", "ééé", 3, []string{"é", "é", "é"}},
		{"character larger than a piece", "€a", 1, []string{"€", "a"}},
		{"blanks at a cut", "one     two", 4, []string{"one", "two"}},
		{"blank around", "  x  ", 10, []string{"x"}},
		{"line breaks", "a\r\nb\n\nc", 10, []string{"a", "b", "c"}},
		{"only blanks", "   ", 10, nil},
		{"empty", "", 10, nil},
		{"no room at all", "ab", 0, []string{"a", "b"}},
		{"room below nothing", "ab c", -3, []string{"a", "b", "c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Split(tt.in, tt.max); !slices.Equal(got, tt.want) {
				t.Errorf("Split(%q, %d) = %q, want %q", tt.in, tt.max, got, tt.want)
			}
		})
	}
}

func TestOffTheRecord(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in, kept string
		off            bool
	}{
		{"ordinary line", "hello", "hello", false},
		{"starts with off", "[off] secret", "", true},
		{"starts with nolog", "[nolog] secret", "", true},
		{"either case", "[OfF] secret", "", true},
		{"no blank behind", "[off]secret", "", true},
		{"blanks before", "  [nolog] secret", "", true},
		{"zero-width space before", "\u200b[nolog] secret", "", true},
		{"rest of a line", "public [off] secret", "public", true},
		{"rest without blanks", "public[OFF]secret", "public", true},
		{"formatting before", "\x02\x034[off] secret", "", true},
		{"formatting inside", "[o\x02ff\x02] secret", "", true},
		{"formatting kept in what is kept", "\x02bold\x02 is [\x1foff] secret", "\x02bold\x02 is", true},
		{"only formatting before a second off", "\x02 \x02 x [off] y [off] z", "\x02 \x02 x", true},
		{"nolog in the middle is talk", "say [nolog] first", "say [nolog] first", false},
		{"other brackets", "(off) [offline]", "(off) [offline]", false},
		{"Kelvin sign does not move the cut", "K K [off] x", "K K", true},
		{"empty", "", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if kept, off := OffTheRecord(tt.in); kept != tt.kept || off != tt.off {
				t.Errorf("OffTheRecord(%q) = %q, %v, want %q, %v", tt.in, kept, off, tt.kept, tt.off)
			}
		})
	}
}

func TestKeepRaw(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"caf\xe9 [off] \xff", "a\x00b [off] c", "€\xe9€ [off] \x00"} {
		text, raw, _ := Decode([]byte(in))
		kept, _ := OffTheRecord(text)
		if got, want := string(KeepRaw(raw, kept)), strings.TrimRight(in[:strings.Index(in, "[off]")], " "); got != want {
			t.Errorf("of %q kept %q, want %q", in, got, want)
		}
	}
	if KeepRaw(nil, "x") != nil {
		t.Error("bytes made from none")
	}
}

func FuzzStrip(f *testing.F) {
	for _, s := range []string{"", "\x0304,12x", "\x04ff0000,zz", "\x03,", "a\x02"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain := Strip(s)
		if strings.ContainsAny(plain, codes) || len(plain) > len(s) {
			t.Fatalf("Strip(%q) = %q", s, plain)
		}
		if utf8.ValidString(s) && !utf8.ValidString(plain) {
			t.Fatalf("Strip(%q) = %q broke a character", s, plain)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "é", "\xe9", "\x00", "\xed\xa0\x80", "€\xe2\x82"} {
		f.Add([]byte(s), 1)
	}
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		text, raw, _ := Decode(in)
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			t.Fatalf("Decode(%q) = %q", in, text)
		}
		if differs := text != string(in); differs != (raw != nil) || differs && !bytes.Equal(raw, in) {
			t.Fatalf("Decode(%q) = %q with raw %q", in, text, raw)
		}
		runes := []rune(text)
		kept := string(runes[:min(max(cut, 0), len(runes))])
		if again, _, _ := Decode(KeepRaw(in, kept)); in != nil && !strings.HasPrefix(again, kept[:min(len(kept), len(again))]) {
			t.Fatalf("of %q kept %q as %q", in, kept, again)
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add("one two three", 5)
	f.Add("€€€€ \xff\xfe x", 4)
	f.Add("a\r\nb", 0)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = min(n, 1000)
		var joined strings.Builder
		for _, p := range Split(s, n) {
			if p == "" || strings.ContainsAny(p, "\r\n") {
				t.Fatalf("Split(%q, %d) has the piece %q", s, n, p)
			}
			if len(p) > n && utf8.RuneCountInString(p) > 1 {
				t.Fatalf("Split(%q, %d): %q is %d bytes", s, n, p, len(p))
			}
			joined.WriteString(p)
		}
		blanks := strings.NewReplacer(" ", "", "\r", "", "\n", "")
		if got, want := blanks.Replace(joined.String()), blanks.Replace(s); got != want {
			t.Fatalf("Split(%q, %d) says %q", s, n, got)
		}
	})
}

func FuzzOffTheRecord(f *testing.F) {
	for _, s := range []string{"[off] x", "a [o\x02ff] b", "\x0304,12[NOLOG]", "[", "\u0130[off]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		kept, off := OffTheRecord(s)
		if !strings.HasPrefix(s, kept) || !off && kept != s {
			t.Fatalf("OffTheRecord(%q) = %q, %v", s, kept, off)
		}
		if strings.Contains(strings.ToLower(Strip(kept)), "[off]") {
			t.Fatalf("OffTheRecord(%q) kept %q", s, kept)
		}
	})
}
