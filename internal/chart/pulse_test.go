package chart

import (
	"strings"
	"testing"
	"time"
)

var nine = time.Date(2012, 8, 22, 19, 0, 0, 0, time.UTC)

// after is one message in each of these minutes past nine.
func after(minutes ...int) []Minute {
	var out []Minute
	for _, m := range minutes {
		out = append(out, Minute{At: nine.Add(time.Duration(m) * time.Minute), Messages: 1})
	}
	return out
}

func TestPulse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		length time.Duration
		said   []Minute
		line   string // "" when it is not to be drawn
		desc   string
	}{
		{name: "one peak", length: 5 * time.Minute, said: after(0, 2, 2, 2, 4), line: "0,2 1,3 2,0 3,3 4,2", desc: "Talk was busiest 2 min after the start: 3 messages a minute."},
		{name: "before and after are left out", length: 5 * time.Minute, said: after(-1, 0, 5, 60), line: "0,0 1,1 2,1 3,1 4,1", desc: "Talk was busiest at the start: 1 message a minute."},
		{name: "three minutes are a sentence", length: 3 * time.Minute, said: after(0, 1), desc: "2 messages in 3 min, with no topics, no actions and no decisions."},
		{name: "nobody spoke", length: time.Hour, desc: "No messages in 1 h"},
		{name: "no time at all", said: after(0), desc: "1 message in under a minute"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := NewPulse(nine, nine.Add(tt.length), tt.said, nil, nil, zone(t, "Europe/Berlin"), "15:04")
			if p.Line != tt.line || p.Drawn != (tt.line != "") {
				t.Errorf("line %q drawn %t, want %q", p.Line, p.Drawn, tt.line)
			}
			if !strings.HasPrefix(p.Desc, tt.desc) {
				t.Errorf("desc %q, want %q …", p.Desc, tt.desc)
			}
		})
	}
}

func TestPulseOfALongMeetingHasWiderSteps(t *testing.T) {
	t.Parallel()
	p := NewPulse(nine, nine.Add(30*24*time.Hour), after(0, 1, 2), nil, nil, time.UTC, "15:04")
	if n := strings.Count(p.Line, ","); n > pulsePoints || p.Peak != "3 in 2 h 1 min" {
		t.Errorf("%d points, peak %q", n, p.Peak)
	}
}

func TestPulseMarks(t *testing.T) {
	t.Parallel()
	topics := []Topic{
		{At: nine},
		{At: nine.Add(10 * time.Minute), Name: "Image", Href: "#t1"},
		{At: nine.Add(11 * time.Minute), Name: "Broker", Href: "#t2"},
		{At: nine.Add(60 * time.Minute), Name: "Node", Href: "#t3"},
		{At: nine.Add(99 * time.Minute), Name: "Close", Href: "#t4"},
	}
	deeds := []Deed{{At: nine.Add(50 * time.Minute)}, {At: nine.Add(60 * time.Minute), Decision: true}, {At: nine.Add(200 * time.Minute)}}
	p := NewPulse(nine, nine.Add(100*time.Minute), after(1, 10, 12, 12, 60, 99), topics, deeds, time.UTC, "15:04")
	want := []PulseTopic{
		{Number: "1", X: 10, Level: 0, Y: 1, Label: "Topic 1: Image", Href: "#t1"},
		{Number: "2", X: 11, Level: 1, Y: 25, Label: "Topic 2: Broker", Href: "#t2"}, // beneath, for want of room
		{Number: "3", X: 60, Level: 0, Y: 1, Label: "Topic 3: Node", Href: "#t3"},
		{Number: "4", X: 99, Level: 0, Y: 1, ShiftX: -22, Label: "Topic 4: Close", Href: "#t4"}, // to the left of its line
	}
	for i, w := range want {
		if p.Topics[i] != w {
			t.Errorf("topic %d is %+v, want %+v", i, p.Topics[i], w)
		}
	}
	if p.LineY != 46 || p.AxisY != 48+38+96 {
		t.Errorf("two rows of numbers leave lines at %d, axis at %d", p.LineY, p.AxisY)
	}
	if p.Marks[0].X != 50 || !p.Marks[1].Decision || p.Marks[2].X != 100 {
		t.Errorf("marks %+v", p.Marks)
	}
	at := func(clock string) time.Time { return instant(t, "2012-08-22T"+clock+":00Z") }
	rows := []PulseRow{
		{"Before the first topic", at("19:00"), "19:00", 1, 0, 0},
		{"1. Image", at("19:10"), "19:10", 1, 0, 0},
		{"2. Broker", at("19:11"), "19:11", 2, 1, 0},
		{"3. Node", at("20:00"), "20:00", 1, 0, 1},
		{"4. Close", at("20:39"), "20:39", 1, 1, 0},
	}
	for i, w := range rows {
		if p.Rows[i] != w {
			t.Errorf("row %d is %+v, want %+v", i, p.Rows[i], w)
		}
	}
	if !strings.Contains(p.Desc, "under “Broker”") || !strings.HasSuffix(p.Desc, "4 topics, 2 actions and 1 decision.") {
		t.Errorf("desc %q", p.Desc)
	}
}

func TestManyTopicsInOneMinute(t *testing.T) {
	t.Parallel()
	var topics []Topic
	for range 7 {
		topics = append(topics, Topic{At: nine, Name: "again"})
	}
	p := NewPulse(nine, nine.Add(time.Hour), after(1), topics, nil, time.UTC, "15:04")
	if p.Topics[3].Level != 3 || p.Topics[4].Level != -1 {
		t.Errorf("levels %d, %d, want 3, -1", p.Topics[3].Level, p.Topics[4].Level)
	}
}

func TestSpark(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		start       time.Duration // of the meeting, before now
		said        []Minute
		bars        int
		last, first SparkBar
		label       string
	}{
		{name: "too young", start: 3 * time.Minute, said: after(-2, -1), label: "2 messages so far"},
		{
			name: "ten minutes", start: 10 * time.Minute, said: after(-10, -1, -1, -1), bars: 10,
			first: SparkBar{Span: Span{50, 3.6}, Y: 22, Height: 10}, last: SparkBar{Span: Span{95, 3.6}, Y: 2, Height: 30, Now: true},
			label: "Messages a minute over the last 10 minutes: 3 messages in the last minute, 2 people talking",
		},
		{
			name: "the last hour of many, and silence", start: 9 * time.Hour, said: after(-300), bars: 60,
			first: SparkBar{Span: Span{0, 1.2}, Y: 32}, last: SparkBar{Y: 32, Now: true},
			label: "Messages a minute over the last 60 minutes: no messages in the last minute, 2 people talking",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := NewSpark(nine.Add(-tt.start), nine, tt.said, 2)
			if len(s.Bars) != tt.bars || s.Label != tt.label {
				t.Fatalf("%d bars, %q; want %d, %q", len(s.Bars), s.Label, tt.bars, tt.label)
			}
			if tt.bars == 0 {
				return
			}
			if got := s.Bars[0]; got.Y != tt.first.Y || got.Height != tt.first.Height || got.X != tt.first.X || got.Now {
				t.Errorf("first bar %+v, want %+v", got, tt.first)
			}
			if got := s.Bars[tt.bars-1]; got.Y != tt.last.Y || got.Height != tt.last.Height || !got.Now {
				t.Errorf("last bar %+v, want %+v", got, tt.last)
			}
		})
	}
}

func TestStrip(t *testing.T) {
	t.Parallel()
	s := NewStrip([]Square{{Outcome: DidNot}, {Outcome: WithNotes}, {Outcome: Works}, {Outcome: Untested}, {Outcome: CalledOff}, {Outcome: Coming}})
	if want := "6 sessions: did not work, works with notes, works, no outcome noted, cancelled, coming"; s.Label != want {
		t.Errorf("got %q, want %q", s.Label, want)
	}
	if s := NewStrip(nil); s.Label != "no sessions yet" {
		t.Errorf("empty strip says %q", s.Label)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"under a minute": 59 * time.Second, "1 min": 61 * time.Second, "1 h": 59*time.Minute + 40*time.Second,
		"2 h 31 min": 151 * time.Minute,
	} {
		if got := Length(d); got != want {
			t.Errorf("Length(%v) is %q, want %q", d, got, want)
		}
	}
	for want, p := range map[string]Percent{"0%": 0, "12.5%": 12.5, "33.33%": 100. / 3, "100%": 100} {
		if got := p.String(); got != want {
			t.Errorf("%v is written %q, want %q", float64(p), got, want)
		}
	}
	if got := List([]string{"a", "b", "c"}) + List(nil) + List([]string{"d"}); got != "a, b and cd" {
		t.Errorf("lists joined as %q", got)
	}
}
