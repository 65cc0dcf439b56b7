package meeting

import (
	"fmt"
	"testing"
	"time"
)

// What the receiver asks before it writes a line.
func TestKeptOff(t *testing.T) {
	t.Parallel()
	const off = "context {\"settings\":{}}\n<ann!ann> #startmeeting T\n<bob> hi\n<ann!ann> #chair bob\n<ann!ann> #off 5m"
	for _, tt := range []struct{ name, lines, line, want string }{
		{"a chair ends it", off, "<ann!ann> #on", "#on"},
		{"in any case, without what follows", off, "<ann!ann> #ON and carol is fired", "#on"},
		{"another chair", off, "<bob> #on", "#on"},
		{"formatted", off, "<bob> \x02#on", "#on"},
		{"on the web", off, "web:1 ann!ann #on", "#on"},
		{"the end", off, "<bob> #endmeeting it was nice", "#endmeeting"},
		{"no chair", off, "<carol> #on", ""},
		{"no chair ends", off, "<carol> #endmeeting", ""},
		{"a chair's nick that was away", off + "\n<-- bob", "<bob> #on", ""},
		{"an operator while a chair is here", off, "<@op> #endmeeting", ""},
		{"an operator without a chair", off + "\n<-- bob\n<-- ann", "<@op> #endmeeting", "#endmeeting"},
		{"nothing else", off, "<ann!ann> #info x", ""},
		{"off again", off, "<ann!ann> #off 10m", ""},
		{"in the middle", off, "<ann!ann> say #on", ""},
		{"/me", off, "* ann!ann #on", ""},
		{"a notice", off, "-ann- #on", ""},
		{"replayed", off, "<ann!ann^> #on", ""},
		{"a bot's", off, "<bob*> #on", ""},
		{"our own", off, "<bot> #on", ""},
		{"no meeting", "<ann> hi", "<ann> #on", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := applyAll(State{}, tt.lines)
			before := dump(s)
			l := fuzzLines(tt.line, start.Add(time.Hour))[0]
			if got := s.KeptOff(l); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if after := dump(s); after != before {
				t.Errorf("asking changed the state\nfrom %s\nto   %s", before, after)
			}
		})
	}
}

// Being off the record is no silence that ends a meeting.
func TestOffTheRecordIsNoSilence(t *testing.T) {
	t.Parallel()
	s := applyAll(State{}, "<ann> #startmeeting T\n<ann> #off")
	for _, after := range []time.Duration{61 * time.Minute, silence + 30*time.Minute} {
		if s, _ = Apply(s, tickAt(start.Add(after))); !s.Running() {
			t.Fatalf("ended after %s", after)
		}
	}
	if s, _ = Apply(s, tickAt(start.Add(silence+61*time.Minute))); s.Running() {
		t.Error("never ended")
	}
}

func TestRegretsAreNotWithoutEnd(t *testing.T) {
	t.Parallel()
	s := applyAll(State{}, "<ann> #startmeeting T")
	for i := range 20 {
		names := ""
		for j := range 20 {
			names += fmt.Sprintf(" n%d.%d", i, j)
		}
		s, _ = Apply(s, fuzzLines("<ann> regrets+"+names, start)[0])
	}
	if len(s.Regrets) != maxRegrets {
		t.Errorf("%d regrets", len(s.Regrets))
	}
}

func TestOffTheRecord(t *testing.T) {
	t.Parallel()
	on := applyAll(State{}, "<ann> #startmeeting T\n<bob> hi")
	off := applyAll(State{}, "<ann> #startmeeting T\n<ann> #off 5m") // said 40 seconds after start
	until := start.Add(40*time.Second + 5*time.Minute)
	tick, _ := Apply(off, tickAt(until))
	ended := applyAll(off, "<ann> #endmeeting")
	for _, tt := range []struct {
		name  string
		state State
		at    time.Time
		want  bool
	}{
		{"no meeting", State{}, start, false},
		{"on the record", on, start, false},
		{"at once", off, start.Add(40 * time.Second), true},
		{"a server's clock that went back", off, start, true},
		{"at the end, before the tick", off, until, true},
		{"the tick is late", off, until.Add(offSlack - 1), true},
		{"the tick never came", off, until.Add(offSlack), false},
		{"after the tick", tick, until, false},
		{"after the end", ended, start.Add(time.Minute), false},
	} {
		if got := tt.state.OffTheRecord(tt.at); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
	if got := off.OffUntil(); !got.Equal(until) {
		t.Errorf("off until %v, want %v", got, until)
	}
	for name, s := range map[string]State{"on": on, "tick": tick, "ended": ended} {
		if got := s.OffUntil(); !got.IsZero() {
			t.Errorf("%s: off until %v", name, got)
		}
	}
	if early, effects := Apply(off, tickAt(until.Add(-1))); !early.OffTheRecord(until.Add(-1)) || effects != nil {
		t.Error("a tick too early ended it", effects)
	}
	for _, e := range off.Resumed() {
		if got, want := describe(e), "say     I am back and the meeting goes on: T. Chairs: ann. 0 items so far. Still off the record, until 18:05 UTC or #on."; got != want {
			t.Errorf("after a restart: %s", got)
		}
	}
}
