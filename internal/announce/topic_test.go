package announce

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

func TestTopicWith(t *testing.T) {
	t.Parallel()
	const old, part = "Next: one · base/next", "Next: two · base/next"
	for _, tt := range []struct{ name, topic, old, part, want string }{
		{"none before", "", "", part, part},
		{"others' words stay", "Welcome | logs: x", "", part, "Welcome | logs: x | " + part},
		{"in the place of the last one", "Welcome | " + old + " | logs: x", old, part, "Welcome | " + part + " | logs: x"},
		{"alone", old, old, part, part},
		{"taken out by somebody", "Welcome", old, part, "Welcome | " + part},
		{"changed by somebody", "Welcome | Next: ONE · base/next", old, part, "Welcome | Next: ONE · base/next | " + part},
		{"there already", "Welcome | " + part, "", part, "Welcome | " + part},
		{"twice", old + " | " + old, old, part, part},
		{"to be taken out", "Welcome | " + old + " | x", old, "", "Welcome | x"},
		{"to be taken out, alone", old, old, "", ""},
		{"to be taken out and gone", "Welcome", old, "", "Welcome"},
		{"nothing of ours to be taken out", "Welcome | x", "", "", "Welcome | x"},
		{"formatting stays", "\x02Welcome\x02  to \x0304us | " + old, old, part, "\x02Welcome\x02  to \x0304us | " + part},
		{"no parts of our kind", "a|b || c", "", part, "a|b || c | " + part},
		{"of several parts", "x | a | b | y", "a | b", part, "x | " + part + " | y"},
	} {
		if got := TopicWith(tt.topic, tt.old, tt.part); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTopicPart(t *testing.T) {
	t.Parallel()
	s := session("OpenShift Origin", "2026-10-28 19:00", "America/Los_Angeles")
	s.ChannelID = 7
	for channel, want := range map[hackfest.ChannelID]string{
		7: "Next: OpenShift Origin · Wed 28 Oct 19:00 UTC · " + base + "/next",
		8: "Next: OpenShift Origin · Wed 28 Oct 19:00 UTC · #eucalyptus-devel · " + base + "/next",
	} {
		if got := TopicPart(s, channel, base); got != want {
			t.Errorf("got %q", got)
		}
	}
	s.Title = strings.Repeat("long | ", 30)
	if got := TopicPart(s, 7, base); len(got) > 200 || strings.Contains(got, topicParts) {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

func TestElsewhere(t *testing.T) {
	t.Parallel()
	f := facts()
	start := f.Sessions[0].StartsAt
	none := Facts{At: now}
	meeting := facts()
	standing := session("Community meeting", "2026-10-28 18:30", "America/Los_Angeles")
	standing.Kind, standing.Channel, standing.Running = hackfest.KindMeeting, "#eucalyptus-meeting", 1
	meeting.Sessions = append([]hackfest.Session{standing}, meeting.Sessions...)
	for _, tt := range []struct {
		name    string
		facts   Facts
		network string
		channel string
		at      time.Time
		want    string
	}{
		{"soon", f, "freenode", "#eucalyptus", start.Add(-20 * time.Minute), "The hackfest starts in 20 min, in #eucalyptus-devel: OpenShift Origin on Euca 3.1 · " + base + "/next"},
		{"on now", f, "freenode", "#eucalyptus", start.Add(time.Minute), "The hackfest is on now, in #eucalyptus-devel: OpenShift Origin on Euca 3.1 · " + base + "/next"},
		{"on another network", f, "oftc", "#eucalyptus-devel", start, "The hackfest is on now, in #eucalyptus-devel on freenode: OpenShift Origin on Euca 3.1 · " + base + "/next"},
		{"here", f, "freenode", "#eucalyptus-devel", start, ""},
		{"not near", f, "freenode", "#eucalyptus", start.Add(-2*time.Hour - time.Minute), ""},
		{"none", none, "freenode", "#eucalyptus", start, ""},
		{
			"while a meeting runs elsewhere", meeting, "freenode", "#eucalyptus", start.Add(-20 * time.Minute),
			"The hackfest starts in 20 min, in #eucalyptus-devel: OpenShift Origin on Euca 3.1 · " + base + "/sessions/" + f.Sessions[0].Slug,
		},
		{"a meeting is no hackfest", Facts{Sessions: meeting.Sessions[:1]}, "freenode", "#eucalyptus", start, ""},
	} {
		got := Elsewhere(tt.facts, tt.network, tt.channel, base, tt.at)
		if got != tt.want {
			t.Errorf("%s: got %q", tt.name, got)
		}
		if got != "" {
			check(t, got)
		}
	}
}

func TestMentions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"is the hackfest here?": true, "Hack-Fest today": true, "\x02hack fest\x02": true, "hackfests are fun": true,
		"hackfestival": false, "let us hack": false, "": false, "shackfest": false,
	} {
		if Mentions(text) != want {
			t.Errorf("%q", text)
		}
	}
}

func TestGreeting(t *testing.T) {
	t.Parallel()
	if got, want := Greeting("ann", "Mel Ö"), "Welcome, ann: good to have you here for the first time. Mel Ö hosts this session and is glad to help. Ask anything, at any time."; got != want {
		t.Errorf("got %q", got)
	}
	check(t, Greeting("ann", ""))
	check(t, Greeting(strings.Repeat("é", 200), "a\r\nQUIT\x02"+strings.Repeat("x", 300)))
}
