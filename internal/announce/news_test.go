package announce

import (
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

func TestNews(t *testing.T) {
	t.Parallel()
	const end = " · https://hack.example/news/x"
	long := strings.TrimSpace(strings.Repeat("word ", 80))
	for _, tt := range []struct {
		name, title, summary, body, want, rest string
	}{
		{"a title alone", "We meet again.", "", "", "News: We meet again." + end, ""},
		{"how the text begins", "We meet again", "", "# Now\n\nOn *Thursday*,\nsee [the plan](/schedule).\n\nMore.", "News: We meet again: On Thursday, see the plan." + end, ""},
		{"a sentence of its own", "We meet again.", "Thursday, 19:00 UTC.", "Other words.", "News: We meet again: Thursday, 19:00 UTC." + end, ""},
		{"the title said twice", "We meet", "", "We meet", "News: We meet" + end, ""},
		{"formatting, lines and commands", "a\x02b\r\nQUIT :x", "\x01c\u202e", "", "News: ab QUIT :x: c" + end, ""},
		{"as long as a line", "a", strings.Repeat("b", 260), "", "News: a: " + strings.Repeat("b", 260) + end, ""},
		{"a byte too long", "a", strings.Repeat("b", 261), "", "News: a: " + strings.Repeat("b", 257) + "…" + end, "bbbb"},
		{"bytes, not characters", "a", strings.Repeat("é", 131), "", "News: a: " + strings.Repeat("é", 128) + "…" + end, "ééé"},
		{"cut between words", "a", long, "", "News: a: " + strings.TrimSpace(strings.Repeat("word ", 51)) + "…" + end, " " + strings.TrimSpace(strings.Repeat("word ", 29))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := hackfest.News{Slug: "x", Title: tt.title, Summary: tt.summary, Body: tt.body}
			l := NewsLineOf(n, "https://hack.example")
			if l.Text != tt.want || News(n, "https://hack.example") != l.Text {
				t.Errorf("got\n%q (%d)\nwant\n%q (%d)", l.Text, len(l.Text), tt.want, len(tt.want))
			}
			if l.Rest != tt.rest || l.Cut() != (tt.rest != "") {
				t.Errorf("left out %q, want %q", l.Rest, tt.rest)
			}
			if len(l.Text) > NewsRoom || l.Bytes != len(l.Kept)+len(l.Rest)+len(l.End) {
				t.Errorf("%d bytes of %d, %+v", len(l.Text), NewsRoom, l)
			}
		})
	}
}

func TestNewsTopic(t *testing.T) {
	t.Parallel()
	part := NewsTopic(hackfest.News{Slug: "x", Title: "a | b\nc"}, "https://hack.example")
	if want := "News: a / b c · https://hack.example/news/x"; part != want {
		t.Errorf("got %q, want %q", part, want)
	}
	if with := TopicWith("Welcome", "", part); TopicWith(with, part, "") != "Welcome" {
		t.Errorf("it cannot be taken out of %q", with)
	}
}

func TestNewsTextOf(t *testing.T) {
	t.Parallel()
	n := NewsTextOf(hackfest.News{Slug: "x", Title: "T", Body: "See [it](/targets/a)."}, "https://hack.example")
	if n.URL != "https://hack.example/news/x" || n.Text != "See it (https://hack.example/targets/a)." ||
		!strings.Contains(n.HTML, `href="https://hack.example/targets/a"`) {
		t.Errorf("got %+v", n)
	}
}
