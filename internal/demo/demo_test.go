package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// origin is the session of the recorded log.
var origin = hackfest.Session{
	Slug: RecordedSession, Title: "OpenShift Origin",
	StartsAt: time.Date(2012, 8, 2, 19, 0, 0, 0, time.UTC), EndsAt: time.Date(2012, 8, 2, 21, 0, 0, 0, time.UTC),
}

func TestRecordedLog(t *testing.T) {
	t.Parallel()
	lines, err := readRecorded(origin)
	if err != nil {
		t.Fatal(err)
	}
	var state meeting.State
	var last hackfest.Ref
	for _, l := range lines {
		if l.Ref.Compare(last) <= 0 {
			t.Errorf("%s %q is not behind the line before it", l.At, l.Text)
		}
		last = l.Ref
		state, _ = meeting.Apply(state, l)
	}
	m := minutes.FromState(state)
	if !m.Ended() || m.Owner != "kestrel" || strings.Join(m.Chairs, " ") != "kestrel bluegum jarrah" {
		t.Errorf("ended %t, owner %s, chairs %v", m.Ended(), m.Owner, m.Chairs)
	}
	if state.Header.SessionSlug != RecordedSession {
		t.Errorf("belongs to %q", state.Header.SessionSlug)
	}
	if len(m.Diagnostics) > 0 {
		t.Errorf("diagnostics %v", m.Diagnostics)
	}
	got := map[string]int{}
	for _, i := range state.Items {
		if !i.Undone {
			got[string(i.Kind)]++
			continue
		}
		if got["undone"]++; !strings.Contains(i.Text, "Fedora 17") {
			t.Errorf("undone is %q", i.Text)
		}
	}
	want := map[string]int{"agreed": 3, "accepted": 1, "action": 8, "info": 9, "idea": 3, "help": 1, "link": 3, "undone": 1}
	for kind, n := range want {
		if got[kind] != n {
			t.Errorf("%d of %s, want %d", got[kind], kind, n)
		}
	}
	if len(m.Topics) != 8 {
		t.Errorf("%d topics", len(m.Topics))
	}
	people, bots := m.People()
	if len(people) != 10 || len(bots) != 1 {
		t.Errorf("%d people, %d bots: %+v", len(people), len(bots), people)
	}
}

// A person who changes nick is one person.
func TestRecordedNickChange(t *testing.T) {
	t.Parallel()
	lines, err := readRecorded(origin)
	if err != nil {
		t.Fatal(err)
	}
	changes := 0
	for _, l := range lines {
		if l.Kind == hackfest.Nick {
			changes++
		}
	}
	if changes != 2 {
		t.Errorf("%d changes of nicks, want 2", changes)
	}
}

func TestLessonsHaveEvidence(t *testing.T) {
	t.Parallel()
	lines, err := readRecorded(origin)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lessons {
		found := 0
		for _, line := range lines {
			if line.Nick == l.nick && strings.HasPrefix(line.Text, l.said) {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%d lines of %s begin with %q, want 1", found, l.nick, l.said)
		}
	}
}
