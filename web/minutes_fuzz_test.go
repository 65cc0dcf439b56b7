package web

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// evils are what people of ill will say and write.
var evils = []string{
	hostile, `"><img src=x onerror=alert(1)>`, "<svg/onload=alert(1)>", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)",
	"http://e.example/\"onclick=alert(1)", "data:text/html,<script>", "</p></li></main><script>", "<!--", "]]>", "&lt;script&gt;", "\x1b[2J\x07\x00",
	"\x02bold\x0304,01red\x0f", "a\r\nb", "\u2028\u2029", "\u2066x", "\xff\xfe", "irc.a.b irc.c.d", strings.Repeat("x", 300), "https://a.example/x_(y)",
}

// everywhereIn are minutes with one text wherever people's text can be.
func everywhereIn(text string) minutes.Minutes {
	id := hackfest.ItemID{Ref: hackfest.RefAt(wednesday), N: 1}
	m := minutes.Minutes{
		ID: id.Ref, Title: text, Channel: text, Network: text, Owner: text, Chairs: []string{text}, Regrets: []string{text},
		StartedAt: minutes.Time{Time: wednesday}, EndedAt: minutes.Time{Time: wednesday.Add(time.Hour)},
		Present: []minutes.Person{{Nick: text, Alias: text, Lines: 3}, {Nick: text, Bot: true}},
		Votes:   []minutes.Vote{{ID: id, Question: text, Options: []minutes.Option{{Option: text, Count: 1, Voters: []string{text}}}, Result: text}},
		Lessons: []minutes.Lesson{{ID: id, LineID: id.Ref, Text: text, Kind: "avoid"}}, Diagnostics: []string{text},
		Issues: []minutes.Issue{{Repo: text, Number: 1}},
	}
	topic := minutes.Topic{ID: id, Title: text, StartedAt: m.StartedAt}
	for n, kind := range []meeting.ItemKind{meeting.Link, meeting.Action, meeting.Agreed, meeting.Lesson, meeting.Voted} {
		topic.Items = append(topic.Items, minutes.Item{
			ID: hackfest.ItemID{Ref: id.Ref, N: n + 2}, LineID: id.Ref, Kind: kind, At: m.StartedAt, Nick: text, Text: text, URL: text, Owners: []string{text},
		})
	}
	m.Topics = []minutes.Topic{topic}
	return m
}

// outline is a page without its text: elements and the names of their attributes.
// It fails t on a link that may not be clicked and on what runs.
func outline(t *testing.T, text, page string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("%q makes a comment", text)
		}
		if n.Type != html.ElementNode || n.Data == "a" || n.Data == "span" || n.Data == "bdi" { // text that is an address becomes a link
			for _, a := range n.Attr {
				if a.Key == "href" && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && !meeting.Clickable(a.Val) {
					t.Errorf("%q makes a link to %q", text, a.Val)
				}
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
					t.Errorf("%q makes an attribute %s", text, a.Key)
				}
			}
			continue
		}
		b.WriteString("<" + n.Data)
		for _, a := range n.Attr {
			b.WriteString(" " + a.Key)
		}
		b.WriteString(">")
	}
	return b.String()
}

// FuzzMinutesPage shows minutes as the page of a session does: whatever people
// write, the page has the same elements.
func FuzzMinutesPage(f *testing.F) {
	for _, text := range evils {
		f.Add(text)
	}
	clock := ui.Clock{Now: wednesday, Locate: func(string) *time.Location { return time.UTC }}
	shown := func(t testing.TB, text string) string {
		m, w := everywhereIn(text), minutesWriter{clock: clock, zone: "UTC"}
		published := clock.Day(wednesday, "UTC")
		view := templates.MinutesView{
			ID: "m-1", Title: text, Revisions: "/x", Log: templates.LogLink{Href: "/x", Text: "Log"}, When: clock.Span(wednesday, wednesday.Add(time.Hour), "UTC"), Published: &published, Corrected: text,
			Summary: []string{text}, Chairs: w.listed.all(m.Chairs), Regrets: w.listed.all(m.Regrets), Present: present(m), Decisions: w.decisions(m),
			Actions: w.actions(m, nil), Votes: votesOf(m), Topics: w.topics(m), Problems: m.Diagnostics, Earlier: []templates.DatedNote{{At: published, Note: text}},
		}
		view.People, view.Listened = w.spoke(m)
		session := hackfest.Session{Slug: "2012-08-22-x", Title: text, SeriesSlug: "x", SeriesTitle: text, TargetSlug: "x", TargetName: text}
		body, err := rendered(t.Context(), templates.Session(templates.SessionPage{
			Frame: templates.Frame{Title: text, Community: text, Clock: clock}, Session: session, Where: templates.Where{Channel: text, Network: text},
			When: view.When, Ended: &templates.SessionEnded{Meetings: []templates.MinutesView{view}},
		}))
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	want := ""
	f.Fuzz(func(t *testing.T, text string) {
		if strings.TrimSpace(text) == "" || len(text) > 2000 {
			return
		}
		if want == "" {
			want = outline(t, "plain", shown(t, "plain"))
		}
		if got := outline(t, text, shown(t, text)); got != want {
			t.Errorf("%q makes other elements: %s", text, difference(want, got))
		}
	})
}

// FuzzLogLine shows a line of a log as HTML and as text.
func FuzzLogLine(f *testing.F) {
	for n, text := range evils {
		f.Add("ann", text, n)
		f.Add(text, "plain", n)
	}
	kinds := []hackfest.LineKind{
		hackfest.Message, hackfest.Act, hackfest.Notice, hackfest.Join, hackfest.Part, hackfest.Quit, hackfest.Nick, hackfest.Topic, hackfest.Mode,
		hackfest.Kick, hackfest.Gap, hackfest.Web,
	}
	clock := ui.Clock{Now: wednesday, Locate: func(string) *time.Location { return time.UTC }}
	f.Fuzz(func(t *testing.T, nick, text string, n int) {
		l := hackfest.LogLine{}
		l.Ref, l.Kind, l.Nick, l.Text, l.At = hackfest.RefAt(wednesday), kinds[uint(n)%uint(len(kinds))], nick, text, wednesday
		line := textLine(l)
		if strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "\n") || !strings.HasPrefix(line, "2012-08-22T16:50:00Z ") {
			t.Errorf("a line without its date, or of many: %q", line)
		}
		if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool {
			return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
		}) {
			t.Errorf("control characters in %q", line)
		}
		if utf8.ValidString(nick+text) && !utf8.ValidString(line) {
			t.Errorf("not UTF-8: %q", line)
		}
		row, err := rendered(t.Context(), templates.LogLine(liveRows{clock: clock, zone: "UTC"}.log().row(l)))
		if err != nil {
			t.Fatal(err)
		}
		for tag := range strings.FieldsSeq("<script <img <iframe <style <form <object <base <meta <link <table") {
			if strings.Contains(outline(t, text, row), tag+">") || strings.Contains(outline(t, text, row), tag+" ") {
				t.Errorf("%q of %q makes a %s", text, nick, tag)
			}
		}
	})
}
