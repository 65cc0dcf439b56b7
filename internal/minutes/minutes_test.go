package minutes

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/logformat"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

var update = flag.Bool("update", false, "rewrite the renderings in testdata")

// full is a meeting over midnight with everything in it, some of it hostile.
func full(t testing.TB) Minutes {
	t.Helper()
	data, err := os.ReadFile("testdata/full.log.txt")
	if err != nil {
		t.Fatal(err)
	}
	log, err := logformat.Read(data, logformat.Options{Network: "freenode", Channel: "#eucalyptus-devel"})
	if err != nil || len(log.Skipped) > 0 {
		t.Fatal(err, log.Skipped)
	}
	all := meeting.Meetings(log.Lines)
	if len(all) != 1 {
		t.Fatalf("%d meetings", len(all))
	}
	return FromState(all[0])
}

// about are options for m with everything in them.
func about(m Minutes) Options {
	at := func(day int) Time { return Time{time.Date(2012, 8, day, 9, 30, 0, 0, time.UTC)} }
	page := func(title, path string) Place { return Place{title, "https://hack.example" + path} }
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		panic(err)
	}
	a := About{
		Status: Corrected, Zone: zone.String(), Summary: "OpenShift Origin runs, with two notes.\r\n\r\nThe *second* note\nis about DNS.",
		PublishedAt: at(16), Corrections: []Correction{{at(17), "Bob's name was wrong."}, {at(18), "The third action belongs to carol."}},
		Session: page("Weekly hackfest", "/sessions/2012-08-10-weekly-hackfest"), Series: page("Weekly hackfest", "/series/weekly-hackfest"),
		Target: page("OpenShift Origin", "/targets/openshift-origin"), Previous: page("2012-08-03 Weekly hackfest", "/sessions/2012-08-03-weekly-hackfest"),
		Next: page("2012-08-17 Weekly hackfest", "/sessions/2012-08-17-weekly-hackfest"), URL: "https://hack.example/meetings/" + m.ID.String(),
		Log: "https://hack.example/l/" + m.ID.String(), Calendar: "https://hack.example/sessions/2012-08-10-weekly-hackfest.ics",
	}
	for n, i := range m.Actions {
		a.States = append(a.States, ActionState{i, []hackfest.ActionState{hackfest.ActionDone, hackfest.ActionOpen, hackfest.ActionCarried, hackfest.ActionDropped}[n%4]})
	}
	return Options{BaseURL: "https://hack.example", Zone: zone, About: a}
}

// Every rendering of the full meeting is kept in testdata. With -update they
// are rewritten: read the diff before you commit it.
func TestRenderings(t *testing.T) {
	t.Parallel()
	m := full(t)
	o := Options{BaseURL: "https://hack.example"}
	jsonForm, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"full.json": string(jsonForm) + "\n",
		"full.txt":  Text(m, o),
		"full.md":   Markdown(m, o),
		"about.txt": Text(m, about(m)),
		"about.md":  Markdown(m, about(m)),
	} {
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s changed; got:\n%s", name, got)
		}
	}
}

func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	m := full(t)
	first, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var again Minutes
	if err := json.Unmarshal(first, &again); err != nil {
		t.Fatal(err)
	}
	second, err := json.Marshal(again)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("%v\n%s\n%s", err, first, second)
	}
}

// The names of the JSON form are a promise; empty lists are [] and times have a Z.
func TestJSONOfAnEmptyMeeting(t *testing.T) {
	t.Parallel()
	at := time.Date(2012, 8, 10, 20, 17, 3, 999, time.FixedZone("", 7200))
	s := meeting.State{Header: meeting.Header{Title: "T", Network: "freenode", Channel: "#c", StartedAt: at}}
	got, err := json.Marshal(FromState(s))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"schema":"hackfest.minutes/1","id":"","title":"T","name":"","network":"freenode","channel":"#c",` +
		`"started_at":"2012-08-10T18:17:03Z","ended_at":"","owner":"","chairs":[],"present":[],"regrets":[],"topics":[],` +
		`"decisions":[],"actions":[],"votes":[],"lessons":[],"issues":[],"diagnostics":[]}`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWhen(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no zone database: ", err)
	}
	at := func(s string) Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return Time{when}
	}
	for _, tt := range []struct {
		name, start, end string
		zone             *time.Location
		want             string
	}{
		{name: "utc", start: "2012-08-10T18:17:03Z", end: "2012-08-10T19:02:10Z", want: "Friday 2012-08-10, 18:17 to 19:02 UTC (45 min)"},
		{name: "over midnight", start: "2012-08-10T23:50:00Z", end: "2012-08-11T00:50:00Z", want: "Friday 2012-08-10, 23:50 UTC to Saturday 2012-08-11, 00:50 UTC (1 h)"},
		{name: "over midnight elsewhere only", start: "2012-08-10T21:30:00Z", end: "2012-08-10T22:30:00Z", zone: berlin, want: "Friday 2012-08-10, 23:30 CEST to Saturday 2012-08-11, 00:30 CEST (1 h)"},
		{name: "over the end of summer time", start: "2012-10-28T00:30:00Z", end: "2012-10-28T01:30:00Z", zone: berlin, want: "Sunday 2012-10-28, 02:30 CEST to 02:30 CET (1 h)"},
		{name: "still running", start: "2012-08-10T18:17:03Z", want: "Friday 2012-08-10, 18:17 UTC (not ended)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := Minutes{StartedAt: at(tt.start)}
			if tt.end != "" {
				m.EndedAt = at(tt.end)
			}
			if got := (Options{Zone: tt.zone}).When(m); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// Only what has no blank may stand out of 72 columns, and nothing that a
// terminal or a mail program would obey gets through.
func TestTextIsReadyForMail(t *testing.T) {
	t.Parallel()
	m := full(t)
	m.Title = "\x1b[31mred\x1b[0m\u202eright to left\r\nSubject: x"
	for line := range strings.Lines(Text(m, Options{BaseURL: "https://hack.example"})) {
		line = strings.TrimSuffix(line, "\n")
		if utf8.RuneCountInString(line) > columns && strings.Contains(strings.TrimLeft(line, " *"), " ") {
			t.Errorf("too long: %q", line)
		}
		if strings.ContainsAny(line, "\x1b\r\u202e") || strings.HasPrefix(line, "Subject") || strings.TrimRight(line, " ") != line {
			t.Errorf("unsafe: %q", line)
		}
	}
}

// hostile is one piece of text in every place where people's text can be.
func hostile(text string) Minutes {
	id := hackfest.ItemID{Ref: hackfest.Ref{1}, N: 1}
	return Minutes{
		Title: text, Channel: text, Network: text, Chairs: []string{text}, Regrets: []string{text},
		Present:     []Person{{Nick: text, Alias: text}, {Nick: text, Bot: true}},
		Topics:      []Topic{{ID: id, Title: text, Items: []Item{{ID: id, Kind: meeting.Action, Nick: text, Text: text, Owners: []string{text}}, {ID: id, Kind: meeting.Agreed, Nick: text, Text: text, URL: text}}}},
		Votes:       []Vote{{Question: text, Options: []Option{{Option: text, Voters: []string{text}}}, Result: text}},
		Lessons:     []Lesson{{Text: text, Kind: "avoid"}, {Text: text}},
		Diagnostics: []string{text},
	}
}

// Whatever people write is text once the Markdown is rendered: no link, no
// image, no HTML, no heading but ours.
func FuzzMarkdownKeepsTextText(f *testing.F) {
	for _, text := range []string{
		"[x](javascript:alert(1))", "<script>alert(1)</script>", "![x](http://e.example/x.png)", "www.example.org", "http://example.org",
		"a@b.example", "mailto:a@b.example", "`x` *x* _x_ **x** ~~x~~", "# x #", "a\n# b\n- c", "\\[x](y)", "&lt;script&gt;", "[x]: y", "[^1]", "<b>", "x | y", "a\\", "\\", "HTTPS://x.example", "WWW.x.example", "xmpp:a@b.example",
		"\u202e", "ftp://example.org", "<http://example.org>",
	} {
		f.Add(text)
	}
	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	var plain bytes.Buffer
	if err := md.Convert([]byte(Markdown(hostile("plain"), Options{})), &plain); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if oneLine(text) == "" || meeting.Clickable(text) || len(text) > 500 {
			return
		}
		var out bytes.Buffer
		if err := md.Convert([]byte(Markdown(hostile(text), Options{})), &out); err != nil {
			t.Fatal(err)
		}
		for _, tag := range []string{"<a ", "<img", "<script", "<code", "<em", "<del", "<strong", "<h1", "<h2", "<h3", "<li", "<table", "<br", "<!--", "<input"} {
			if got, want := strings.Count(out.String(), tag), strings.Count(plain.String(), tag); got != want {
				t.Errorf("%q makes %d of %s, want %d:\n%s", text, got, tag, want, out.String())
			}
		}
	})
}

func TestActionsByOwner(t *testing.T) {
	t.Parallel()
	var got []string
	for _, a := range full(t).ActionsByOwner() {
		got = append(got, fmt.Sprintf("%q %d", a.Owner, len(a.Items)))
	}
	if want := `"bob" 2, "carol" 2, "" 1`; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

// MeetBot leaves out the only action of a meeting when nobody owns it.
func TestSingleActionWithoutOwner(t *testing.T) {
	t.Parallel()
	log, err := logformat.Read([]byte("18:00 <ann> #startmeeting\n18:01 <ann> #action somebody to do it"), logformat.Options{Name: "2012-08-10"})
	if err != nil {
		t.Fatal(err)
	}
	m := FromState(meeting.Replay(log.Lines))
	for name, text := range map[string]string{"text": Text(m, Options{}), "Markdown": Markdown(m, Options{})} {
		if !strings.Contains(text, "Unassigned") || strings.Count(text, "somebody to do it") != 2 {
			t.Errorf("%s leaves it out:\n%s", name, text)
		}
	}
}

// The figure asked for is 50 ms for a meeting of 10,000 lines.
func BenchmarkRender(b *testing.B) {
	var log strings.Builder
	log.WriteString("18:00:00 <person0> #startmeeting Busy\n")
	for i := range 10_000 {
		text := "what people say when they meet, which is not much longer than this"
		switch {
		case i%500 == 0:
			text = fmt.Sprintf("#topic Number %d", i)
		case i%1000 == 100:
			text = "#startvote Which colour? light blue, red, dark green"
		case i%1000 == 900:
			text = "#endvote"
		case i%10 == 0:
			text = fmt.Sprintf("#action person%d and person%d to look at a/b#%d, due 2012-09-01", i%7, i%13, i%50+1)
		case i%7 == 0:
			text = "#vote " + []string{"light blue", "Red", "dark green"}[i%3]
		case i%35 == 1:
			text = "#lesson+ meet more often"
		}
		fmt.Fprintf(&log, "18:%02d:%02d <person%d> %s\n", i/200, i/4%60, i%100, text)
	}
	read, err := logformat.Read([]byte(log.String()), logformat.Options{Date: time.Date(2012, 8, 10, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		b.Fatal(err)
	}
	s := meeting.Replay(read.Lines)
	b.ReportAllocs()
	for b.Loop() {
		m := FromState(s)
		Text(m, Options{})
		Markdown(m, Options{})
		if _, err := json.Marshal(m); err != nil {
			b.Fatal(err)
		}
	}
}

// What a state holds that the minutes leave out, and what they keep.
func TestFromState(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, log, want string }{
		{name: "named and never seen is not present", log: "<ann> #nick zoe", want: `ann;`},
		{name: "nothing before the first topic", log: "<ann> #topic One", want: `ann; "One"`},
		{name: "something before it", log: "<bob> #info x\n<ann> #topic One", want: `ann bob; "" x "One"`},
		{name: "only something undone before it", log: "<bob> #info x\n<ann> #undo\n<ann> #topic One", want: `ann bob; "" -x "One"`},
		{name: "undone things of an undone topic", log: "<ann> #topic One\n<ann> #topic Two\n<bob> #info x\n<ann> #undo\n<ann> #undo\n<bob> #info y", want: `ann bob; "One" -x y`},
		{name: "no topic at all", log: "<bob> hi", want: `ann bob;`},
		{name: "present without a word", log: "<ann> present+ zoe", want: `ann zoe;`},
		{name: "spoke only to send regrets", log: "<bob> regrets+", want: `ann; regrets bob`},
		{name: "sent regrets and came", log: "<ann> regrets+ bob\n<bob> present+", want: `ann bob;`},
		{name: "lessons that stand", log: "<ann> #lesson- x\n<ann> #lesson+ y\n<ann> #undo", want: `ann; "" x -y lesson x avoid`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := "18:00 <ann> #startmeeting\n18:00 " + strings.ReplaceAll(tt.log, "\n", "\n18:00 ")
			log, err := logformat.Read([]byte(text), logformat.Options{Name: "2012-08-10"})
			if err != nil {
				t.Fatal(err)
			}
			m := FromState(meeting.Replay(log.Lines))
			got := strings.Join(nicks(m.Present), " ") + ";"
			for _, topic := range m.Topics {
				got += fmt.Sprintf(" %q", topic.Title)
				for _, i := range topic.Items {
					got += " " + map[bool]string{true: "-"}[i.Undone] + i.Text
				}
			}
			for _, l := range m.Lessons {
				got += " lesson " + l.Text + " " + l.Kind
			}
			if len(m.Regrets) > 0 {
				got += " regrets " + strings.Join(m.Regrets, " ")
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			untitled := strings.Contains(tt.want, `"" x`)
			if shown := strings.Contains(Text(m, Options{}), "Before the first topic"); shown != untitled {
				t.Errorf("untitled topic shown %t, want %t:\n%s", shown, untitled, Text(m, Options{}))
			}
		})
	}
}
