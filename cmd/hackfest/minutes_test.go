package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const talk = "18:17:03 <ann> #startmeeting Kernel <hackfest>\n" +
	"18:17:10 <bob> #action bob: measure it\n" +
	"18:17:11 -!- carol has joined\n" +
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
			wantErr: []string{"1 of the log's lines not understood", "line 3", "meetbot"},
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
		{name: "log format by force", args: []string{dated, "--log-format", "hhmm"}, wantStatus: 2, wantErr: []string{"4 of the log's lines not understood"}},
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
