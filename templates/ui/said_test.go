package ui

import (
	"strings"
	"testing"
)

func TestSaid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"nothing to link", "hello there", "hello there"},
		{"link in the middle", "see https://a.example/x?y=1#z now", "see [https://a.example/x?y=1#z] now"},
		{"full stop is the sentence's", "at https://a.example/x.", "at [https://a.example/x]."},
		{"brackets around it", "(https://a.example/x)", "([https://a.example/x])"},
		{"brackets inside it", "https://a.example/A_(b)", "[https://a.example/A_(b)]"},
		{"scheme in capitals", "HTTP://A.example", "[HTTP://A.example]"},
		{"every scheme", "irc://h/c ircs://h/c ftp://h/f mailto:a@b ssh://h", "[irc://h/c] [ircs://h/c] [ftp://h/f] [mailto:a@b] [ssh://h]"},
		{"javascript", "javascript:alert(1)", "javascript:alert(1)"},
		{"javascript behind a scheme that links", "http://javascript:alert(1)", "http://javascript:alert(1)"},
		{"data", "data:text/html,<script>", "data:text/html,<script>"},
		{"no host", "http:// and https:///x", "http:// and https:///x"},
		{"tag around it", "<a href=https://a.example/x>", "<a href=[https://a.example/x]>"},
		{"colours and bold", "\x02bold\x02 \x0304,01red\x03 https://a.example/\x0f", "bold red [https://a.example/]"},
		{"control characters", "a\x00b\x1bc\x7f\tx\u0085", "a␀b␛c␡ x[U+0085]"},
		{"text turned around", "user\u202egnp.exe \u2067x", "user[U+202E]gnp.exe [U+2067]x"},
		{"two links side by side", "https://a.example https://b.example", "[https://a.example] [https://b.example]"},
		{"empty", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			for _, b := range Said(tt.text) {
				if b.Href != "" {
					got.WriteString("[" + b.Text + "]")
				} else {
					got.WriteString(b.Text)
				}
			}
			if got.String() != tt.want {
				t.Errorf("got %q, want %q", got.String(), tt.want)
			}
		})
	}
}

func TestNickClass(t *testing.T) {
	t.Parallel()
	if a, b := NickClass("ann", ""), NickClass("Ann_", ""); a != b {
		t.Errorf("one person has two colours: %s and %s", a, b)
	}
	if a, b := NickClass("ann", "hopper"), NickClass("tea", "hopper"); a != b {
		t.Errorf("one account has two colours: %s and %s", a, b)
	}
}

// What is a link must lead where it says, and all text must be there.
func FuzzSaid(f *testing.F) {
	f.Add("see https://a.example/x. and javascript:alert(1)")
	f.Add("\x0304x\u202e mailto:a@b")
	f.Fuzz(func(t *testing.T, text string) {
		for _, b := range Said(text) {
			if b.Href == "" {
				continue
			}
			scheme, _, _ := strings.Cut(strings.ToLower(b.Href), ":")
			if !strings.Contains(" http https irc ircs ftp mailto ssh ", " "+scheme+" ") {
				t.Fatalf("%q links to %q", text, b.Href)
			}
			if strings.ContainsFunc(b.Text, hidden) {
				t.Fatalf("%q shows %q", text, b.Text)
			}
		}
	})
}
