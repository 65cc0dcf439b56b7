package templates

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// FuzzMinutesDocument has the same elements whatever people write, and leads only
// to what may be clicked. Feeds are made of the same.
func FuzzMinutesDocument(f *testing.F) {
	for _, text := range []string{
		"<script>alert(1)</script>", `" onmouseover="alert(1)`, "javascript:alert(1)", "</title><script>", "</style><script>", "<!--", "]]>", "&lt;b&gt;",
		"https://e.example/\" onclick=\"x", "a\r\n\r\nb", "\u202ex", "\x00\x1b", "\xff", "mailto:a@b.example",
	} {
		f.Add(text)
	}
	id := hackfest.ItemID{Ref: hackfest.Ref{1}, N: 1}
	at := minutes.Time{Time: time.Date(2012, 8, 10, 18, 0, 0, 0, time.UTC)}
	shown := func(t *testing.T, text string) string {
		m := minutes.Minutes{
			ID: id.Ref, Title: text, Channel: text, Network: text, Chairs: []string{text}, Regrets: []string{text}, StartedAt: at, EndedAt: at,
			Present: []minutes.Person{{Nick: text, Alias: text}, {Nick: text, Bot: true}},
			Topics: []minutes.Topic{{ID: id, Title: text, StartedAt: at, Items: []minutes.Item{
				{ID: id, Kind: meeting.Action, Nick: text, Text: text, Owners: []string{text}, At: at},
				{ID: id, Kind: meeting.Agreed, Nick: text, Text: text, URL: "https://e.example", At: at},
			}}},
			Votes:   []minutes.Vote{{Question: text, Options: []minutes.Option{{Option: text, Voters: []string{text}}}, Result: text}},
			Lessons: []minutes.Lesson{{Text: text, LineID: id.Ref}}, Issues: []minutes.Issue{{Repo: "a/b", Number: 1}}, Diagnostics: []string{text},
		}
		page := minutes.Place{Title: text, URL: "https://hack.example/x"}
		var out strings.Builder
		err := MinutesDocument(m, minutes.Options{BaseURL: "https://hack.example", About: minutes.About{
			Status: minutes.Corrected, Summary: "one\n\ntwo", Corrections: []minutes.Correction{{At: at, Note: text}},
			Series: page, Target: page, Previous: page, Next: page,
		}}).Render(t.Context(), &out)
		if err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	outline := func(t *testing.T, text string) string {
		doc, err := html.Parse(strings.NewReader(shown(t, text)))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for n := range doc.Descendants() {
			if n.Type != html.TextNode {
				b.WriteString("<" + n.Data)
			}
			for _, a := range n.Attr {
				b.WriteString(" " + a.Key)
				if a.Key == "href" && !meeting.Clickable(a.Val) {
					t.Errorf("%q makes a link to %q", text, a.Val)
				}
			}
		}
		return b.String()
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			return
		}
		if got, want := outline(t, text), outline(t, "plain"); got != want {
			t.Errorf("%q makes other elements:\n%s\n%s", text, got, want)
		}
	})
}
