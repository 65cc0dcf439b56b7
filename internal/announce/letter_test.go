package announce_test

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

var reader = announce.Reader{
	Community: "Eucalyptus", Base: "https://hack.example.org", Zone: "Europe/Berlin", Preferences: "https://hack.example.org/unsubscribe/TOKEN",
	Why: "the series Weekly <hackfest>",
}

// october is a session on the Wednesday on which Berlin is off daylight time and
// Los Angeles is not.
var october = hackfest.Session{
	Slug: "2026-10-28-weekly", Title: "OpenShift <b>&", Kind: hackfest.KindHackfest, State: hackfest.StateScheduled, Zone: "America/Los_Angeles",
	StartsAt: time.Date(2026, 10, 28, 19, 0, 0, 0, time.UTC), EndsAt: time.Date(2026, 10, 28, 21, 30, 0, 0, time.UTC),
	Network: "freenode", Channel: "#eucalyptus-devel", Goal: "An app that answers.",
}

func TestLetters(t *testing.T) {
	t.Parallel()
	hour := october.StartsAt.Add(-time.Hour)
	moved := october
	moved.MovedFrom, moved.Reason, moved.ChangedBy = october.StartsAt.Add(-time.Hour), "The room\nis taken.", "Mel"
	moved.SeriesSlug, moved.SeriesTitle = "weekly-hackfest", "Weekly hackfest"
	off := moved
	off.State, off.MovedFrom = hackfest.StateCancelled, time.Time{}
	m := hackfest.Meeting{
		Ref: hackfest.Ref{15: 1}, Title: "OpenShift", StartedAt: october.StartsAt, SessionZone: october.Zone, People: 9, Decisions: 1, Actions: 2,
		Summary: "It <i>works</i>.",
	}
	for _, tt := range []struct {
		name    string
		matter  announce.Matter
		reader  announce.Reader
		now     time.Time
		subject string
		text    []string
		html    []string
		not     []string
	}{
		{
			name: "a day before, in the reader's zone", matter: announce.Matter{Occasion: hackfest.OccasionDay, Session: october}, reader: reader, now: hour.Add(-23 * time.Hour),
			subject: "Wed 20:00: OpenShift <b>&",
			text: []string{
				"When: Wed 28 Oct 2026 20:00 your time (Europe/Berlin) = 12:00 PDT (America/Los_Angeles)\nFor: 2 h 30 min\n",
				"Where: #eucalyptus-devel on freenode\nWhat for: An app that answers.\n", "https://hack.example.org/sessions/2026-10-28-weekly\n",
				"\n-- \nYou get this because you follow the series Weekly <hackfest>.\n", "https://hack.example.org/unsubscribe/TOKEN\n",
			},
			html: []string{`<h1><a href="https://hack.example.org/sessions/2026-10-28-weekly">OpenShift &lt;b&gt;&amp;</a></h1>`, "Weekly &lt;hackfest&gt;"},
			not:  []string{"<b>"},
		},
		{
			name: "an hour before, to whoever has no zone", matter: announce.Matter{Occasion: hackfest.OccasionHour, Session: october}, now: hour,
			subject: "In 1 h: OpenShift <b>&", text: []string{"When: Wed 28 Oct 2026 12:00 PDT (America/Los_Angeles) = 19:00 UTC\n"},
		},
		{
			name: "on another day at the reader's", matter: announce.Matter{Occasion: hackfest.OccasionHour, Session: october}, reader: announce.Reader{Zone: "Asia/Kolkata"}, now: hour,
			subject: "In 1 h: OpenShift <b>&", text: []string{"When: Thu 29 Oct 2026 00:30 your time (Asia/Kolkata) = Wed 28 Oct 12:00 PDT (America/Los_Angeles)\n"},
		},
		{
			name: "a zone nobody knows", matter: announce.Matter{Occasion: hackfest.OccasionHour, Session: october}, reader: announce.Reader{Zone: "Mars/Base"}, now: hour,
			subject: "In 1 h: OpenShift <b>&", text: []string{"When: Wed 28 Oct 2026 12:00 PDT (America/Los_Angeles) = 19:00 UTC\n"},
		},
		{
			name: "cancelled", matter: announce.Matter{Occasion: hackfest.OccasionCancelled, Session: off, Next: &october}, reader: reader, now: hour,
			subject: "Cancelled: OpenShift <b>&, Wed 28 Oct",
			text:    []string{"does not take place", "All dates of Weekly hackfest:\nhttps://hack.example.org/series/weekly-hackfest\n", "It was to be: Wed 28 Oct 2026 20:00 your time", "Why: The room is taken.\nCancelled by: Mel\n", "The next one\n------------\n"},
			not:     []string{"Say whether you come", "No other date"},
		},
		{
			name: "the last of a series is cancelled", matter: announce.Matter{Occasion: hackfest.OccasionCancelled, Session: off}, reader: announce.Reader{Community: "Eucalyptus"}, now: hour,
			subject: "Cancelled: OpenShift <b>&, Wed 28 Oct",
			text:    []string{"No other date of Weekly hackfest is planned.", "You get this because of what you follow on Eucalyptus.\n"},
		},
		{
			name: "moved", matter: announce.Matter{Occasion: hackfest.OccasionMoved, Session: moved}, reader: reader, now: hour,
			subject: "Moved to Wed 28 Oct 20:00: OpenShift <b>&",
			text:    []string{"When: Wed 28 Oct 2026 20:00 your time", "It was to be: Wed 28 Oct 2026 19:00 your time (Europe/Berlin) = 11:00 PDT", "Moved by: Mel", "All dates of Weekly hackfest:"},
		},
		{
			name: "reinstated", matter: announce.Matter{Occasion: hackfest.OccasionReinstated, Session: october}, reader: reader, now: hour,
			subject: "Takes place after all: OpenShift <b>&", text: []string{"It takes place after all.", "When: Wed 28 Oct 2026 20:00"},
		},
		{
			name: "minutes, with what the reader took on",
			matter: announce.Matter{
				Occasion: hackfest.OccasionMinutes, Meeting: m, Next: &october,
				Own: []hackfest.Action{{Text: "Write the <recipe>", Due: time.Date(2026, 11, 4, 0, 0, 0, 0, time.UTC)}},
			}, reader: reader, now: hour,
			subject: "Minutes: OpenShift, 28 Oct",
			text:    []string{"9 people, 1 decision, 2 actions.", "It <i>works</i>.", "What you took on\n----------------\n\n* Write the <recipe> (due 4 Nov 2026)\n", "https://hack.example.org/meetings/" + m.Ref.String(), "The next one"},
			html:    []string{"<li>Write the &lt;recipe&gt; (due 4 Nov 2026)</li>"}, not: []string{"<i>"},
		},
		{
			name: "minutes in which the reader has no part", matter: announce.Matter{Occasion: hackfest.OccasionMinutes, Meeting: m}, reader: reader, now: hour,
			subject: "Minutes: OpenShift, 28 Oct", not: []string{"took on", "next one"},
		},
		{
			name: "news, without pictures",
			matter: announce.Matter{Occasion: hackfest.OccasionNews, News: announce.NewsText{
				Title: "Euca 3.1", URL: "https://hack.example.org/news/euca-3-1", Text: "It is out.", HTML: `<p>It is <em>out</em>.<img src="https://spy.example/1.png" alt=""></p>`,
			}}, reader: reader, now: hour,
			subject: "Euca 3.1", text: []string{"Euca 3.1\nhttps://hack.example.org/news/euca-3-1\n", "It is out.\n"}, html: []string{"<p>It is <em>out</em>.</p>"}, not: []string{"<img", "spy"},
		},
		{
			name: "a week",
			matter: announce.Matter{Occasion: hackfest.OccasionDigest, Week: announce.Week{
				Coming: []hackfest.Session{off}, Published: []hackfest.Meeting{m}, News: []announce.NewsText{{Title: "Euca 3.1", URL: "https://hack.example.org/news/x"}},
				Lessons: []hackfest.Lesson{{Text: "Ask for the image.", TargetName: "OpenShift Origin"}},
			}}, reader: reader, now: hour,
			subject: "This week at Eucalyptus",
			text:    []string{"* Cancelled: OpenShift <b>&\n  Wed 28 Oct 2026 20:00 your time", "Minutes\n-------\n\n* OpenShift\n  1 decision · 2 actions · It <i>works</i>.", "News\n----\n\n* Euca 3.1\n", "* Ask for the image.\n  OpenShift Origin\n"},
		},
		{name: "what is not told by mail", matter: announce.Matter{Occasion: hackfest.OccasionTen, Session: october}, reader: reader, now: hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := announce.LetterOf(tt.reader, tt.matter, tt.now)
			if l.Subject != tt.subject {
				t.Errorf("subject %q, want %q", l.Subject, tt.subject)
			}
			for _, want := range tt.text {
				if !strings.Contains(l.Text, want) {
					t.Errorf("text lacks %q", want)
				}
			}
			for _, want := range tt.html {
				if !strings.Contains(l.HTML, want) {
					t.Errorf("HTML lacks %q", want)
				}
			}
			for _, not := range append(tt.not, "<img", "<script", "utm_") {
				if strings.Contains(l.HTML, not) {
					t.Errorf("HTML has %q", not)
				}
			}
			if t.Failed() {
				t.Logf("%s\n%s", l.Text, l.HTML)
			}
		})
	}
}

// The question names what is waited for, and where to say yes.
func TestConfirmation(t *testing.T) {
	t.Parallel()
	what := announce.Followed([]hackfest.Follow{
		{Scope: hackfest.FollowAll},
		{Scope: hackfest.FollowNews},
		{Scope: hackfest.FollowSeries, Title: "Weekly"},
		{Scope: hackfest.FollowTarget, Title: "OpenShift"},
		{Scope: hackfest.FollowSession, Title: "OpenShift <b>\r\nSubject: x", StartsAt: october.StartsAt, Zone: october.Zone},
	}, "Eucalyptus", "")
	l := announce.Confirmation(announce.Reader{Community: "Eucalyptus"}, what, "https://hack.example.org/follow/confirm/SECRET", october.StartsAt)
	for _, want := range []string{
		"* everything at Eucalyptus\n* the news of Eucalyptus\n* the series Weekly\n* the target OpenShift\n",
		"* the session OpenShift <b> Subject: x, Wed 28 Oct 2026 12:00 PDT (America/Los_Angeles) = 19:00 UTC\n",
		"\nhttps://hack.example.org/follow/confirm/SECRET\n", "until Wed 28 Oct 2026 19:00 UTC",
	} {
		if !strings.Contains(l.Text, want) {
			t.Errorf("lacks %q", want)
		}
	}
	if l.Subject != "Do you want mail from Eucalyptus?" || strings.Contains(l.HTML, "<b>") || !strings.Contains(l.HTML, `href="https://hack.example.org/follow/confirm/SECRET"`) {
		t.Errorf("%q\n%s", l.Subject, l.HTML)
	}
	if t.Failed() {
		t.Log(l.Text)
	}
	for base, want := range map[string]string{"https://hack.example.org": "series-weekly.hack.example.org", "http://127.0.0.1:8080": "series-weekly.127.0.0.1"} {
		if got := announce.ListOf(hackfest.FollowSeries, "weekly", base); got != want {
			t.Errorf("%s: %q", base, got)
		}
	}
}
