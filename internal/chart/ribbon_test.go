package chart

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // so that the tests need no zone files
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// The numbers of the first row are those of the drawing the look was made with.
func TestRibbon(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, start, end, you, other string
		band, night, clash           string // of the row of other, or of you without one
		clock, dark                  string
		caption                      string
	}{
		{
			name: "evening in Berlin, night in Tokyo", start: "2012-08-22T19:00:00Z", end: "2012-08-22T21:30:00Z",
			you: "Europe/Berlin", other: "Asia/Tokyo", band: "87.5%+10.42%", night: "66.67%+33.33%", clash: "87.5%+10.42%",
			clock: "04:00", dark: "all of it", caption: "In the night for Tokyo (Thu 04:00).",
		},
		{
			name: "own night, half an hour", start: "2012-08-22T19:00:00Z", end: "2012-08-22T21:30:00Z",
			you: "Europe/Berlin", band: "87.5%+10.42%", night: "0%+29.17% 95.83%+4.17%", clash: "95.83%+2.08%",
			clock: "21:00", dark: "30 min of it", caption: "It goes 30 min into the night for Berlin.",
		},
		{
			name: "nobody's night", start: "2012-08-02T19:00:00Z", end: "2012-08-02T21:00:00Z",
			you: "America/Los_Angeles", other: "Europe/London", band: "50%+8.33%", night: "62.5%+33.33%", clash: "",
			clock: "20:00", dark: "no", caption: "It falls in nobody’s night.",
		},
		{
			name: "over midnight, so from noon", start: "2012-08-22T21:00:00Z", end: "2012-08-22T23:30:00Z",
			you: "Europe/Berlin", band: "45.83%+10.42%", night: "45.83%+33.33%", clash: "45.83%+10.42%",
			clock: "23:00", dark: "all of it", caption: "In the night for Berlin (Wed 23:00).",
		},
		{
			name: "half-hour offset", start: "2012-08-22T19:00:00Z", end: "2012-08-22T21:30:00Z",
			you: "Europe/Berlin", other: "Asia/Kolkata", band: "87.5%+10.42%", night: "0%+14.58% 81.25%+18.75%", clash: "87.5%+10.42%",
			clock: "00:30", dark: "all of it", caption: "In the night for Kolkata (Thu 00:30).",
		},
		{
			name: "the night the clocks go forward is an hour shorter", start: "2026-03-29T10:00:00Z", end: "2026-03-29T11:00:00Z",
			you: "Europe/Berlin", band: "45.83%+4.17%", night: "0%+25% 91.67%+8.33%", clash: "",
			clock: "12:00", dark: "no", caption: "It falls in nobody’s night.",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			label := func(name string) Zone {
				return Zone{Label: name[strings.IndexByte(name, '/')+1:], Location: zone(t, name)}
			}
			var others []Zone
			if tt.other != "" {
				others = []Zone{label(tt.other), label(tt.you)} // the reader's own again: left out
			}
			r := NewRibbon(instant(t, tt.start), instant(t, tt.end), label(tt.you), others, "15:04")
			row := r.Rows[len(r.Rows)-1]
			if want := 1 + min(1, len(others)); len(r.Rows) != want {
				t.Errorf("%d rows, want %d", len(r.Rows), want)
			}
			if got := spans(r.Band); got != tt.band {
				t.Errorf("band %s, want %s", got, tt.band)
			}
			if got := spans(row.Night...); got != tt.night {
				t.Errorf("night %s, want %s", got, tt.night)
			}
			if got := spans(row.Clash...); got != tt.clash {
				t.Errorf("clash %s, want %s", got, tt.clash)
			}
			if row.Clock != tt.clock || row.InTheDark != tt.dark {
				t.Errorf("row says %s, %q, want %s, %q", row.Clock, row.InTheDark, tt.clock, tt.dark)
			}
			if !strings.HasPrefix(r.Caption, tt.caption) {
				t.Errorf("caption %q, want %q …", r.Caption, tt.caption)
			}
		})
	}
}

func TestRibbonSaysEverything(t *testing.T) {
	t.Parallel()
	r := NewRibbon(instant(t, "2012-08-22T19:00:00Z"), instant(t, "2012-08-22T21:30:00Z"),
		Zone{Label: "Berlin", Location: zone(t, "Europe/Berlin"), You: true},
		[]Zone{
			{Label: "Pacific", Location: zone(t, "America/Los_Angeles")},
			{Label: "Bengaluru", Location: zone(t, "Asia/Kolkata")},
			{Label: "Tokyo", Location: zone(t, "Asia/Tokyo")},
		}, "15:04")
	want := "The session runs from 21:00 to 23:30 in Berlin. It falls in the day for Pacific, 30 min into the night for Berlin and in the night for Bengaluru and Tokyo."
	if r.Desc != want {
		t.Errorf("got  %s\nwant %s", r.Desc, want)
	}
	if r.Height != 4*22+4+24 || r.Rows[0].Label != "Berlin, you" || r.Rows[3].LineY != 80 || r.Ticks[8].Text != "24" {
		t.Errorf("laid out as %+v", r)
	}
}

func spans(all ...Span) string {
	var out []string
	for _, s := range all {
		out = append(out, s.X.String()+"+"+s.Width.String())
	}
	return strings.Join(out, " ")
}
