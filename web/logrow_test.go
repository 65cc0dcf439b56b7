package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// written is a row in one line: mark|class|time|who|what.
func written(r templates.LogRow) string {
	what := r.Event
	if r.Kind == templates.RowSaid {
		var b strings.Builder
		for _, bit := range r.Said {
			if bit.Href != "" {
				fmt.Fprintf(&b, "<%s>", bit.Text)
			} else {
				b.WriteString(bit.Text)
			}
		}
		what = strings.TrimSpace(r.Command + " " + b.String())
	}
	if !r.Until.At.IsZero() {
		what = "until " + r.Until.Text + ": " + what
	}
	return strings.Join([]string{r.Mark, r.Class, r.At.Text, r.Who, what}, "|")
}

func TestRows(t *testing.T) {
	t.Parallel()
	nine := time.Date(2012, 8, 22, 19, 0, 0, 0, time.UTC) // in Berlin
	at := func(minute int, l hackfest.LogLine) hackfest.LogLine {
		l.At = nine.Add(time.Duration(minute) * time.Minute)
		return l
	}
	line := func(kind hackfest.LineKind, nick, text string, marks ...string) hackfest.LogLine {
		return at(0, hackfest.LogLine{Line: hackfest.Line{Kind: kind, Nick: nick, Text: text}, Marks: marks})
	}
	for _, tt := range []struct {
		name  string
		tail  bool
		lines []hackfest.LogLine
		want  []string
	}{
		{"said", false, []hackfest.LogLine{line(hackfest.Message, "ann", "hello")}, []string{"||21:00|ann|hello"}},
		{"marked: the margin has the word", false, []hackfest.LogLine{line(hackfest.Message, "ann", "#agreed so be it", "agreed")}, []string{"agreed|m|21:00|ann|so be it"}},
		{"marked, in the tail as typed", true, []hackfest.LogLine{line(hackfest.Message, "ann", "#AGREED so be it", "agreed")}, []string{"|m|21:00|ann|#AGREED so be it"}},
		{"a subtopic looks like a topic", false, []hackfest.LogLine{line(hackfest.Message, "ann", "#subtopic x", "subtopic")}, []string{"subtopic|m topic|21:00|ann|x"}},
		{"a command that left no mark", false, []hackfest.LogLine{line(hackfest.Message, "ann", "#startmeeting X")}, []string{"||21:00|ann|#startmeeting X"}},
		{"no command of ours", false, []hackfest.LogLine{line(hackfest.Message, "ann", "#1234 is fixed")}, []string{"||21:00|ann|#1234 is fixed"}},
		{"an automatic link", false, []hackfest.LogLine{line(hackfest.Message, "ann", "http://a.example/ x", "link")}, []string{"link|m link|21:00|ann|<http://a.example/> x"}},
		{"/me", false, []hackfest.LogLine{line(hackfest.Act, "ann", "#agreed nods")}, []string{"||21:00|ann|#agreed nods"}},
		{"markup is text", false, []hackfest.LogLine{line(hackfest.Message, "<b>", "<script>alert(1)</script>")}, []string{"||21:00|<b>|<script>alert(1)</script>"}},
		{
			"joins and leaves fold", false,
			[]hackfest.LogLine{line(hackfest.Join, "ann", ""), line(hackfest.Join, "bob", ""), line(hackfest.Part, "cat", "bye"), line(hackfest.Join, "ann", "")},
			[]string{"||21:00|ann|ann and bob joined; cat left"},
		},
		{
			"a long crowd", false,
			[]hackfest.LogLine{line(hackfest.Join, "a", ""), line(hackfest.Join, "b", ""), line(hackfest.Join, "c", ""), line(hackfest.Join, "d", "")},
			[]string{"||21:00|a|a, b and 2 more joined"},
		},
		{"one join by itself", false, []hackfest.LogLine{line(hackfest.Join, "ann", ""), line(hackfest.Message, "ann", "hi")}, []string{"||21:00|ann|ann joined", "||21:00|ann|hi"}},
		{
			"netsplit", false,
			[]hackfest.LogLine{line(hackfest.Quit, "a", "x.example y.example"), line(hackfest.Quit, "b", "x.example y.example"), line(hackfest.Quit, "c", "Quit: home.time")},
			[]string{"||21:00|a|Netsplit between x.example and y.example: 2 people left", "||21:00|c|c left (Quit: home.time)"},
		},
		{
			"the end of a netsplit", false,
			[]hackfest.LogLine{
				line(hackfest.Quit, "a", "x.example y.example"), line(hackfest.Quit, "b", "x.example y.example"), line(hackfest.Message, "c", "oh"),
				line(hackfest.Join, "d", ""), line(hackfest.Join, "b", ""), line(hackfest.Join, "a", ""), line(hackfest.Join, "a", ""),
			},
			[]string{
				"||21:00|a|Netsplit between x.example and y.example: 2 people left", "||21:00|c|oh", "||21:00|d|d joined",
				"||21:00|b|After the netsplit between x.example and y.example: 2 people came back", "||21:00|a|a joined",
			},
		},
		{
			"gap with both ends", false,
			[]hackfest.LogLine{line(hackfest.Gap, "", "Disconnected from freenode: connection lost"), at(11, line(hackfest.Gap, "", "Connected again after 11m0s."))},
			[]string{"||21:00||until 21:11: Disconnected from freenode: connection lost. Connected again after 11m0s."},
		},
		{
			"killed, and connected at once", false,
			[]hackfest.LogLine{line(hackfest.Gap, "", "Connected to freenode."), line(hackfest.Gap, "", "Stopped without warning."), at(2, line(hackfest.Gap, "", "Connected to freenode."))},
			[]string{"||21:00||Connected to freenode.", "||21:00||until 21:02: Stopped without warning. Connected to freenode."},
		},
		{
			"gap that goes on", false,
			[]hackfest.LogLine{line(hackfest.Gap, "", "Out of the channel: kicked"), line(hackfest.Gap, "", "Gave up joining."), line(hackfest.Message, "ann", "hi")},
			[]string{"||21:00||Out of the channel: kicked. Gave up joining.", "||21:00|ann|hi"},
		},
		{"gap with one end", false, []hackfest.LogLine{line(hackfest.Gap, "", "the bot started")}, []string{"||21:00||The bot started."}},
		{"redacted", false, []hackfest.LogLine{{Line: hackfest.Line{Kind: hackfest.Message, Nick: "ann", At: nine}, Redacted: true, RedactedBy: "bob", RedactedAt: nine}}, []string{"||21:00|ann|removed by bob, " + nine.Format("2 Jan 2006")}},
		{"off the record", false, []hackfest.LogLine{{Line: hackfest.Line{Kind: hackfest.Message, Nick: "ann", At: nine, OffRecord: true}}}, []string{"||21:00|ann|off the record"}},
		{"new nick", false, []hackfest.LogLine{{Line: hackfest.Line{Kind: hackfest.Nick, Nick: "ann", Target: "ann-tea", At: nine}}}, []string{"||21:00|ann|ann is now known as ann-tea"}},
		{"kick", false, []hackfest.LogLine{{Line: hackfest.Line{Kind: hackfest.Kick, Nick: "op", Target: "ann", Text: "spam", At: nine}}}, []string{"||21:00|op|op removed ann from the channel (spam)"}},
		{"mode by the server", false, []hackfest.LogLine{{Line: hackfest.Line{Kind: hackfest.Mode, Text: "+nt", At: nine}}}, []string{"||21:00||the server set mode +nt"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := rowWriter{clock: ui.Clock{Now: nine, Locate: (&Server{}).locate}, zone: "Europe/Berlin", tail: tt.tail}
			var got []string
			for _, r := range w.rows(tt.lines) {
				got = append(got, written(r))
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}
