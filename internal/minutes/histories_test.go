package minutes_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/testhistory"
)

var evening = time.Date(2012, 8, 10, 18, 0, 0, 0, time.UTC)

// planned is what the shell knows before the random meetings.
var planned = meeting.Context{
	BaseURL: "https://hack.example", Bot: testhistory.Bot,
	Targets: []meeting.ContextTarget{{Slug: "openshift", Name: "OpenShift", Stage: "idea"}},
	Sessions: []meeting.ContextSession{{
		Slug: "s", Title: "S", StartsAt: evening, EndsAt: evening.Add(time.Hour), Zone: "Europe/Berlin", Coming: []string{"bob"}, Regrets: []string{"dan", "zoe"},
		Agenda: []meeting.AgendaItem{{ID: 1, Text: "one"}, {ID: 2, Text: "two"}, {ID: 3, Text: "three"}},
		Actions: []meeting.OpenAction{
			{ID: hackfest.ItemID{Ref: hackfest.RefAt(evening.Add(-time.Hour)), N: 1}, Text: "bob to do it", Owners: []string{"bob"}, Sessions: 2},
			{ID: hackfest.ItemID{Ref: hackfest.RefAt(evening.Add(-time.Hour)), N: 2}, Text: "somebody to do it", Sessions: 1},
		},
	}},
}

// Whatever happens in a meeting and wherever the bot is restarted: its minutes as
// it ends, those that are folded again from the lines of its meeting, and those
// worked out from what the archive keeps of them are the same, byte for byte.
// What a database does to them is tried in package store.
func TestRebuiltMinutesAreLiveMinutes(t *testing.T) {
	t.Parallel()
	histories := testhistory.Wanted(1000)
	seen := map[string]int{}
	for seed := range uint64(histories) {
		first := planned
		if seed%5 == 0 {
			first = meeting.Context{} // Postgres was away when the bot started
		}
		events := testhistory.New(seed, "freenode", "#euca", evening, first, 120)
		err := rebuild(testhistory.Spool(events, first), seen)
		if err == nil {
			continue
		}
		events = testhistory.Shrink(events, func(events []testhistory.Event) bool {
			return rebuild(testhistory.Spool(events, first), map[string]int{}) != nil
		})
		spooled := testhistory.Spool(events, first)
		t.Fatalf("history %d: %v\n%s", seed, rebuild(spooled, map[string]int{}), testhistory.Transcript(spooled))
	}
	for _, what := range []string{"ended", "secret vote", "restart", "silence", "web command twice", "off the record", "queue at a restart"} {
		if seen[what] < histories/20 {
			t.Errorf("%q in %d of %d histories only: are they still a test of it?", what, seen[what], histories)
		}
	}
	t.Log(histories, "histories:", seen)
}

// Whoever ends a meeting by another client than they chaired it with is called in
// its minutes as they are called then.
func TestEndNamesChairsAsTheyAre(t *testing.T) {
	t.Parallel()
	var lines []hackfest.Line
	for i, text := range []string{"ann #startmeeting", "phone hello", "ann #endmeeting"} {
		nick, text, _ := strings.Cut(text, " ")
		at := evening.Add(time.Duration(i) * time.Second)
		lines = append(lines, hackfest.Line{Ref: hackfest.RefAt(at), At: at, Kind: hackfest.Message, Nick: nick, Account: "ann", Text: text})
	}
	ended := meeting.Meetings(lines)[0]
	if a, b := asJSON(ended), asJSON(meeting.Replay(lines)); a != b || ended.Header.Owner != "ann" {
		t.Error(difference(a, b))
	}
}

// rebuild plays events and says where two ways to the minutes part. It counts in
// seen what was tried.
func rebuild(events []testhistory.Event, seen map[string]int) error {
	count := func(what string, is bool) {
		if is {
			seen[what]++
		}
	}
	var live, restarted meeting.State
	var lines []hackfest.Line
	counted := map[hackfest.Ref]bool{} // private lines
	commands := map[string]bool{}
	for _, e := range events {
		if e.Do == testhistory.Restart && len(lines) > 0 {
			restarted = meeting.Replay(meetingOf(live.Header, lines))
			count("restart", live.Running())
			count("queue at a restart", live.Running() && len(live.Queue()) > 0)
			if live.Running() && !reflect.DeepEqual(live.Queue(), restarted.Queue()) {
				return fmt.Errorf("the queue is %v and %v after a restart", live.Queue(), restarted.Queue())
			}
		}
		if e.Do != "" {
			continue
		}
		l := e.Line
		lines = append(lines, l)
		var effects []meeting.Effect
		live, effects = meeting.Apply(live, l)
		var again []meeting.Effect
		restarted, again = meeting.Apply(restarted, l)
		if len(lines)%8 == 0 || len(again) != len(effects) {
			if a, b := asJSON(live), asJSON(restarted); live.Running() && a != b {
				return fmt.Errorf("after a restart, at %s: %s", l.Ref, difference(a, b))
			}
		}
		count("web command twice", commands[l.Command])
		commands[l.Command] = l.Command != ""
		count("off the record", live.OffTheRecord(l.At))
		for _, f := range effects {
			moved, _ := f.(meeting.VoteMoved)
			counted[l.Ref] = counted[l.Ref] || moved.Ballot && l.Kind == hackfest.Private
			if c, ok := f.(meeting.Closed); ok {
				count("ended", true)
				count("silence", c.State.Header.EndedBy == "silence")
				rebuilt := meeting.Replay(archived(c.State, meetingOf(c.State.Header, lines), counted, count))
				if a, b := asJSON(c.State), asJSON(rebuilt); a != b {
					return fmt.Errorf("from the archive: %s", difference(a, b))
				}
				if a, b := asJSON(c.State), asJSON(restarted); a != b {
					return fmt.Errorf("after a restart, at the end: %s", difference(a, b))
				}
			}
		}
	}
	return nil
}

// meetingOf are the lines from which a meeting is folded again: the last context
// before it, and its own.
func meetingOf(h meeting.Header, lines []hackfest.Line) []hackfest.Line {
	var out []hackfest.Line
	for _, l := range lines {
		switch {
		case !h.Ref.IsZero() && l.Ref.Compare(h.Ref) >= 0:
			out = append(out, l)
		case l.Kind == hackfest.Context:
			out = []hackfest.Line{l}
		}
	}
	return out
}

// archived is what is kept of the lines of a meeting that is over: private ones
// are empty, and what they added up to is told.
func archived(s meeting.State, lines []hackfest.Line, counted map[hackfest.Ref]bool, count func(string, bool)) []hackfest.Line {
	var tallies []meeting.Tally
	for _, v := range s.Votes {
		if v.Secret && !v.Open {
			tally := meeting.Tally{Vote: v.ID}
			for _, o := range v.Options {
				tally.Counts = append(tally.Counts, o.Count)
			}
			tallies = append(tallies, tally)
			count("secret vote", v.Cast > 0 && !v.Undone)
		}
	}
	text, err := json.Marshal(meeting.Context{Tallies: tallies})
	if err != nil {
		panic(err)
	}
	var out []hackfest.Line
	for _, l := range lines {
		if l.Kind == hackfest.Private {
			l.Text = ""
			if counted[l.Ref] {
				l.Target = meeting.Counted
			}
		}
		out = append(out, l)
		if l.Ref == s.Header.Ref && tallies != nil {
			out = append(out, hackfest.Line{Ref: l.Ref, Channel: l.Channel, At: l.At, Kind: hackfest.Context, Text: string(text)})
		}
	}
	return out
}

// asJSON are the minutes of s as they are stored and served.
func asJSON(s meeting.State) string {
	text, err := json.MarshalIndent(minutes.FromState(s), "", " ")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// difference is where two texts part.
func difference(was, is string) string {
	a, b := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			from := max(0, i-6)
			return fmt.Sprintf("was\n%s\nis\n%s", strings.Join(a[from:min(len(a), i+6)], "\n"), strings.Join(b[from:min(len(b), i+6)], "\n"))
		}
	}
	return fmt.Sprintf("%d lines instead of %d", len(b), len(a))
}
