package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// attendance is who came to the weekly hackfest, a line a session.
func (w world) attendance(v person.Viewer, limit int, now time.Time) string {
	w.t.Helper()
	list, err := w.Attendance(w.t.Context(), v, "weekly-hackfest", limit, now)
	w.must(err)
	var lines []string
	for _, a := range list {
		line := fmt.Sprintf("%s %d %d %d", a.StartsAt.Format("2 Jan"), a.Present, a.Spoke, a.New)
		if a.Cancelled {
			line = a.StartsAt.Format("2 Jan") + " cancelled"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, ", ")
}

func TestAttendance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	weeks := w.weeks(5)
	w.hold(weeks[0], "bob: hello", "carl: hello", "ann: #endmeeting")
	w.hold(weeks[1], "BOB: the same as last time", "dora: I am new", "eve: so am I", "ann: #endmeeting")
	w.exec(`update sessions set state = 'cancelled' where slug = '` + weeks[2].Slug + `'`)
	// Two meetings in one session count everybody once.
	w.hold(weeks[3], "carl: back again", "ann: #endmeeting")
	w.holdAt(weeks[3].StartsAt.Add(time.Hour), "dora: after a break", "frank: hello", "ann: #endmeeting")
	w.hold(weeks[4], "grace: it runs")
	now := weeks[4].StartsAt.Add(time.Hour)
	date := func(i int) string { return weeks[i].StartsAt.Format("2 Jan") }
	want := fmt.Sprintf("%s 3 3 0, %s 4 4 2, %s cancelled, %s 4 4 1", date(0), date(1), date(2), date(3))
	if got := w.attendance(person.PublicViewer, 12, now); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// Who was here long before the first that is shown is not new.
	if got, want := w.attendance(person.PublicViewer, 1, now), date(3)+" 4 4 1"; got != want {
		t.Errorf("the last: %s, want %s", got, want)
	}
	if got := w.attendance(person.PublicViewer, 12, weeks[0].StartsAt); got != "" {
		t.Errorf("before the first: %s", got)
	}
	w.exec(`update sessions set visibility = 'members' where slug = '` + weeks[1].Slug + `'`)
	if got, want := w.attendance(person.PublicViewer, 12, now), fmt.Sprintf("%s 3 3 0, %s cancelled, %s 4 4 2", date(0), date(2), date(3)); got != want {
		t.Errorf("the public sees %s, want %s", got, want)
	}
	if got := w.attendance(member, 12, now); got != want {
		t.Errorf("a member sees %s", got)
	}
}

// Listening counts as being there, and not as speaking.
func TestAttendanceOfListeners(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.weeks(1)[0]
	g := newLog(channel, s.StartsAt).add(hackfest.Join, "okapi", "").say("ann", "#startmeeting").say("okapi2", "#here okapi").say("ann", "#endmeeting")
	w.record(g)
	if got, want := w.attendance(member, 12, s.EndsAt), s.StartsAt.Format("2 Jan")+" 2 2 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	w.exec(`update meetings set draft = jsonb_set(draft, '{present,1,lines}', '0')`)
	if got, want := w.attendance(member, 12, s.EndsAt), s.StartsAt.Format("2 Jan")+" 2 1 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Who took an action on is counted besides: by nick or alias, once, also when
// somebody else noted it, and not when it was undone.
func TestAttendanceOfActions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.weeks(1)[0]
	w.hold(s, "bob: hello", "ann: #action BOB to look", "ann: #action bob and carl to look again", "carl: hello", "dora: #here dee", "ann: #action dee to write",
		"eve: #action eve to sing", "ann: #undo", "ann: #action grace to come", "ann: #endmeeting")
	list, err := w.Attendance(t.Context(), member, "weekly-hackfest", 12, s.EndsAt)
	w.must(err)
	if a := list[0]; a.Acted != 3 || a.Present != 5 {
		t.Errorf("%+v", a)
	}
}

// Who leaves themselves out without an account is out of the minutes and counted;
// nobody else takes that back.
func TestUnname(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	s := w.weeks(1)[0]
	w.hold(s, "Bob: hello", "carl: hello", "ann: #endmeeting")
	held, err := w.MeetingsOfSession(ctx, person.PublicViewer, s.ID)
	w.must(err)
	names := func() string {
		t.Helper()
		got, err := w.Minutes(ctx, person.PublicViewer, held[0].Ref)
		w.must(err)
		var list []string
		for _, p := range got.Present {
			list = append(list, p.Nick)
		}
		return strings.Join(list, " ")
	}
	before := w.attendance(person.PublicViewer, 12, s.EndsAt)
	named := names()
	w.must(w.Unname(ctx, network, "bOB", "bobby", true, s.EndsAt))
	w.must(w.Unname(ctx, network, "bob", "", true, s.EndsAt))
	if got := names(); got != strings.Replace(named, "Bob", "(unnamed)", 1) || got == named {
		t.Errorf("the minutes name %s", got)
	}
	if got := w.attendance(person.PublicViewer, 12, s.EndsAt); got != before {
		t.Errorf("counted are %s, before %s", got, before)
	}
	for _, account := range []string{"", "mallory"} {
		if err := w.Unname(ctx, network, "Bob", account, false, s.EndsAt); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("taken back by %q: %v", account, err)
		}
	}
	w.must(w.Unname(ctx, "elsewhere", "Bob", "", false, s.EndsAt))
	w.must(w.Unname(ctx, network, "Bob", "bobby", false, s.EndsAt))
	if got := names(); got != named {
		t.Errorf("named again: %s", got)
	}
	w.must(w.Unname(ctx, network, "carl", "", true, s.EndsAt))
	w.must(w.Unname(ctx, network, "carl", "", false, s.EndsAt))
	if got := names(); got != named {
		t.Errorf("without an account: %s", got)
	}
}

// Who has an account here is named or not as they said last, in the settings or to
// the bot, and is told when the bot alone cannot name them again.
func TestUnnameAndTheSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	cat := w.known("cat")
	s := w.weeks(1)[0]
	w.hold(s, "Cat: hello", "ann: #endmeeting")
	held, err := w.MeetingsOfSession(ctx, person.PublicViewer, s.ID)
	w.must(err)
	named := func(what string, want bool) {
		t.Helper()
		got, err := w.Minutes(ctx, person.PublicViewer, held[0].Ref)
		w.must(err)
		is := false
		for _, p := range got.Present {
			is = is || p.Nick == "Cat"
		}
		if is != want {
			t.Errorf("%s: named is %t", what, is)
		}
	}
	set := func(unnamed bool) {
		t.Helper()
		x, err := w.Settings(ctx, cat)
		w.must(err)
		x.Unnamed = unnamed
		w.must(w.SetListing(ctx, cat, x))
	}
	w.must(w.Unname(ctx, network, "Cat", "cat", true, s.EndsAt))
	named("left out by the bot", false)
	set(false)
	named("named again in the settings", true)
	w.must(w.Unname(ctx, network, "Cat", "", true, s.EndsAt))
	set(true)
	set(false)
	named("named again in the settings, asked for without the account", true)
	set(true)
	if err := w.Unname(ctx, network, "Cat", "", false, s.EndsAt); fault.KindOf(err) != fault.Forbidden || !strings.Contains(fault.Message(err), "settings") {
		t.Errorf("taken back by the nick alone: %v", err)
	}
	named("still left out", false)
	w.must(w.Unname(ctx, network, "Cat", "cat", false, s.EndsAt))
	named("taken back with the account", true)
}
