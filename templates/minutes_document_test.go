package templates

import (
	"regexp"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// The document is opened as a file, where no policy of ours protects the
// reader: nothing people wrote may become markup or a harmful link.
func TestMinutesDocumentShowsHostileTextAsText(t *testing.T) {
	t.Parallel()
	id := hackfest.ItemID{Ref: hackfest.Ref{1}, N: 1}
	for _, text := range []string{"<script>alert(1)</script>", `" onmouseover="alert(1)`, "javascript:alert(1)", "</title><script>", "data:text/html,<b>", "</style><script>", "JaVaScRiPt:alert(1)", "https://e.example/\" onclick=\"x"} {
		m := minutes.Minutes{
			Title: text, Channel: text, Network: text, Chairs: []string{text}, Regrets: []string{text},
			Present: []minutes.Person{{Nick: text, Alias: text}},
			Topics: []minutes.Topic{{ID: id, Title: text, Items: []minutes.Item{
				{ID: id, Kind: meeting.Link, Nick: text, Text: text, URL: text},
				{ID: id, Kind: meeting.Action, Nick: text, Text: text, Owners: []string{text}},
				{ID: id, Kind: meeting.Agreed, Nick: text, Text: text},
			}}},
			Votes:   []minutes.Vote{{Question: text, Options: []minutes.Option{{Option: text}}, Result: text}},
			Lessons: []minutes.Lesson{{Text: text}}, Diagnostics: []string{text},
		}
		var out strings.Builder
		if err := MinutesDocument(m, minutes.Options{BaseURL: "https://hack.example"}).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); strings.Contains(got, "<script") || strings.Contains(got, "<b>") || regexp.MustCompile(`<[^>]* on\w+=`).MatchString(got) {
			t.Errorf("%q becomes markup:\n%s", text, got)
		}
		for _, href := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(out.String(), -1) {
			if !meeting.Clickable(href[1]) {
				t.Errorf("%q becomes the link %q", text, href[1])
			}
		}
		if strings.Contains(out.String(), "style=") || strings.Contains(out.String(), "src=") {
			t.Errorf("%q: the document has style attributes or loads something", text)
		}
	}
}

// Links of every harmless scheme stay links.
func TestMinutesDocumentKeepsLinks(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"https://e.example/a_(b)?c=1", "irc://irc.example/euca", "ircs://irc.example/euca", "ssh://git@e.example/x", "mailto:a@b.example", "ftp://e.example/x", "HTTP://E.example"} {
		m := minutes.Minutes{Topics: []minutes.Topic{{Items: []minutes.Item{{Kind: meeting.Link, URL: url}}}}}
		var out strings.Builder
		if err := MinutesDocument(m, minutes.Options{}).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), `href="`+url+`"`) {
			t.Errorf("%s is no link:\n%s", url, out.String())
		}
	}
}
