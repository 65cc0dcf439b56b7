package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const talk = "18:17:03 <ann> #startmeeting Kernel <hackfest>\n" +
	"18:17:10 <bob> #action bob: measure it\n" +
	"18:17:11 carol is late\n" +
	"18:20:00 <ann> #endmeeting\n"

func TestMinutes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	dated := file("euca-2012-08-10.log", talk)
	undated := file("euca.log", talk)
	irssi := file("irssi.log", "--- Log opened Fri Aug 10 23:58:00 2012\n23:58 -!- ann [a@b] has joined #euca\n23:59 < ann> #startmeeting Night\n--- Day changed Sat Aug 11 2012\n00:01 < ann> #endmeeting\n")
	quiet := file("quiet-2012-08-10.log", "18:17:03 <ann> hi\n18:18:03 <bob> #topic By anybody\n")
	twice := file("twice-2012-08-10.log", talk+"19:00:00 <bob> #startmeeting Second\n19:01:00 <bob> hi\n")
	for _, tt := range []struct {
		name       string
		args       []string
		in         string
		wantStatus int
		wantOut    []string // parts
		wantErr    []string
	}{
		{
			name: "json unless told", args: []string{dated}, wantOut: []string{`"schema": "hackfest.minutes/1"`, `"started_at": "2012-08-10T18:17:03Z"`, `"title": "Kernel <hackfest>"`},
			wantErr: []string{"read as meetbot, which explains 75 % of its lines", "1 of the log's lines not understood", "line 3: 18:17:11 carol is late"},
		},
		{name: "text", args: []string{dated, "--format", "text"}, wantOut: []string{"Minutes: Kernel <hackfest>\n", "Friday 2012-08-10, 18:17 to 18:20 UTC", "bob:\n  * bob: measure it"}},
		{name: "markdown", args: []string{dated, "--format", "markdown"}, wantOut: []string{`# Minutes: Kernel \<hackfest\>`}},
		{name: "html", args: []string{dated, "--format", "html"}, wantOut: []string{"<bdi>Kernel &lt;hackfest&gt;</bdi>", "</html>"}},
		{name: "standard input", args: []string{"-", "--date", "2012-08-10", "--format", "text"}, in: talk, wantOut: []string{"2012-08-10, 18:17"}},
		{name: "date and zone", args: []string{undated, "--date", "2012-08-10", "--zone", "America/Los_Angeles"}, wantOut: []string{`"started_at": "2012-08-11T01:17:03Z"`}},
		{name: "times are printed in the zone", args: []string{undated, "--date", "2012-08-10", "--zone", "America/Los_Angeles", "--format", "text"}, wantOut: []string{"18:17 to 18:20 PDT"}},
		{name: "channel", args: []string{dated, "--channel", "#euca"}, wantOut: []string{`"channel": "#euca"`}},
		{name: "all meetings of the log, one still running", args: []string{twice, "--format", "text"}, wantOut: []string{"Kernel", "\n\nMinutes: Second", "(not ended)"}},
		{name: "whole", args: []string{quiet, "--whole", "--format", "text"}, wantOut: []string{"By anybody", "18:17 to 18:18 UTC"}},
		{name: "no meeting", args: []string{quiet}, wantStatus: 2, wantErr: []string{"holds no meeting", "--whole"}},
		{name: "no date", args: []string{undated}, wantStatus: 2, wantErr: []string{"--date"}},
		{name: "no such file", args: []string{filepath.Join(dir, "none")}, wantStatus: 2, wantErr: []string{"none"}},
		{name: "a directory", args: []string{dir}, wantStatus: 2, wantErr: []string{"directory"}},
		{name: "no log", args: []string{"-"}, in: "prose\n", wantStatus: 2, wantErr: []string{"not known", "meetbot", "iso"}},
		{name: "wrong date", args: []string{dated, "--date", "10.8.2012"}, wantStatus: 2, wantErr: []string{"--date"}},
		{name: "wrong zone", args: []string{dated, "--zone", "Moon/Tycho"}, wantStatus: 2, wantErr: []string{"--zone", "America/Los_Angeles"}},
		{name: "wrong log format", args: []string{dated, "--log-format", "telex"}, wantStatus: 2, wantErr: []string{"telex", "hhmm"}},
		{name: "log format by force", args: []string{dated, "--log-format", "hhmm"}, wantStatus: 2, wantErr: []string{"read as hhmm, which explains 0 %", "4 of the log's lines not understood", "line 3: ", "and 1 more"}},
		{name: "what a log says of itself", args: []string{irssi}, wantOut: []string{`"channel": "#euca"`, `"started_at": "2012-08-10T23:59:00Z"`, `"ended_at": "2012-08-11T00:01:00Z"`}, wantErr: []string{"read as irssi, which explains 100 %"}},
		{name: "a web page", args: []string{"-", "--date", "2012-08-10", "--format", "html"}, in: "<html>\n<title>#euca log</title>\n<pre><span>18:17:03</span> <span>&lt;ann&gt;</span> #startmeeting &lt;script&gt;x\n</pre>", wantOut: []string{"&lt;script&gt;x"}, wantErr: []string{"meetbot-html"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			s := streams{strings.NewReader(tt.in), &out, &errs}
			if got := run(t.Context(), append([]string{"minutes"}, tt.args...), s); got != tt.wantStatus {
				t.Errorf("status %d, want %d", got, tt.wantStatus)
			}
			for _, want := range tt.wantOut {
				if !strings.Contains(out.String(), want) {
					t.Errorf("output lacks %q:\n%s", want, out.String())
				}
			}
			for _, want := range tt.wantErr {
				if !strings.Contains(errs.String(), want) {
					t.Errorf("standard error lacks %q:\n%s", want, errs.String())
				}
			}
			if tt.wantStatus != 0 && out.Len() > 0 {
				t.Errorf("prints %q all the same", out.String())
			}
		})
	}
}

// The JSON of several meetings is several documents, which jq and the like read.
func TestMinutesOfSeveralMeetings(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	s := streams{strings.NewReader(talk + talk), &out, &errs}
	if got := run(t.Context(), []string{"minutes", "-", "--date", "2012-08-10"}, s); got != 0 {
		t.Fatalf("status %d: %s", got, errs.String())
	}
	documents := 0
	for d := json.NewDecoder(&out); d.More(); documents++ {
		var m struct{ Schema string }
		if err := d.Decode(&m); err != nil || m.Schema != "hackfest.minutes/1" {
			t.Fatal(m, err)
		}
	}
	if documents != 2 {
		t.Errorf("%d documents, want 2", documents)
	}
}

// What somebody reads out of a log by hand is what the program finds in it: a
// meeting over midnight in which one changes their nick, the bot repeats links,
// and much looks like a command that is none.
func TestMinutesAgainstAListMadeByHand(t *testing.T) {
	t.Parallel()
	const log = `[23:40:01] *** Joins: dora (~dora@host.example)
[23:40:10] <dora> #startmeeting Release of the images
[23:40:10] <helper> Meeting started at 2012-08-10T21:40+0000
[23:41:00] <dora> #topic Last week
[23:41:20] <emil> * nothing starred is an action of anybody
[23:42:00] <emil> #info the builder is back
[23:42:30] <emil> https://wiki.example/builder how it was done
[23:42:31] <helper> https://wiki.example/builder | The builder
[23:43:00] * emil is happy
[23:45:00] *** emil is now known as emil_away
[23:46:00] <dora> #topic This week
[23:47:00] <fritz> see https://github.com/eucalyptus/recipes/issues/12, #1 priority
[23:48:00] <fritz> #action emil to try the recipe
[23:48:30] <emil_away> #action write the notes
[23:49:00] <dora> +1
[23:59:59] <dora> #agreed images on Monday
[00:00:30] *** Quits: fritz (~fritz@host.example) (Ping timeout)
[00:01:00] <dora> #endmeeting
`
	var out, errs bytes.Buffer
	if got := run(t.Context(), []string{"minutes", "-"}, streams{strings.NewReader(log), &out, &errs}); got != 0 {
		t.Fatalf("status %d: %s", got, errs.String())
	}
	type item struct {
		Kind, Nick, Text, URL string
		Owners                []string
	}
	var m struct {
		Title   string
		Started string `json:"started_at"`
		Ended   string `json:"ended_at"`
		Chairs  []string
		Present []struct {
			Nick  string
			Lines int
			Bot   bool
		}
		Topics []struct {
			Title string
			Items []item
		}
		Issues []struct {
			Repo   string
			Number int
		}
	}
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	fmt.Fprintf(&got, "%s, %s to %s, chairs %v\n", m.Title, m.Started, m.Ended, m.Chairs)
	for _, p := range m.Present {
		fmt.Fprintf(&got, "%s %d %t\n", p.Nick, p.Lines, p.Bot)
	}
	for _, topic := range m.Topics {
		fmt.Fprintf(&got, "= %s\n", topic.Title)
		for _, i := range topic.Items {
			fmt.Fprintf(&got, "%s by %s: %s %s %v\n", i.Kind, i.Nick, i.Text, i.URL, i.Owners)
		}
	}
	fmt.Fprintf(&got, "issues %v\n", m.Issues)
	const want = `Release of the images, 2012-08-10T21:40:10Z to 2012-08-10T22:01:00Z, chairs [dora]
dora 6 false
helper 2 true
emil_away 5 false
fritz 2 false
= Last week
info by emil: the builder is back  []
link by emil: how it was done https://wiki.example/builder []
= This week
action by fritz: emil to try the recipe  [emil_away]
action by emil_away: write the notes  []
agreed by dora: images on Monday  []
issues [{eucalyptus/recipes 12}]
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
	if !strings.Contains(errs.String(), "read as znc, which explains 100 %") {
		t.Error(errs.String())
	}
}
