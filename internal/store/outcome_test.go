package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// repository registers a repository of a target of which all is known up to known.
func (w world) repository(name string, visibility person.Visibility, target string, known time.Time) hackfest.RepositoryID {
	w.t.Helper()
	ctx := w.t.Context()
	id, err := w.AddRepository(ctx, name, visibility, aug2)
	w.must(err)
	t, err := w.Target(ctx, target)
	w.must(err)
	w.exec(`insert into repository_uses (repository_id, target_id, created_at) values ($1, $2, $3)`, id, t.ID, aug2)
	w.exec(`update repositories set known_at = $2, commits_from = '2012-01-01' where id = $1`, id, known)
	return id
}

// issue is an issue that was opened a month before the first hackfest.
func issue(number int, change func(*hackfest.Issue)) hackfest.Issue {
	i := hackfest.Issue{Number: number, Title: fmt.Sprint("Issue ", number), Open: true, Author: "mel", OpenedAt: aug2.AddDate(0, -1, 0)}
	change(&i)
	i.UpdatedAt = i.OpenedAt
	if !i.ClosedAt.IsZero() {
		i.Open, i.UpdatedAt = false, i.ClosedAt
	}
	return i
}

func closedAt(at time.Time) func(*hackfest.Issue) {
	return func(i *hackfest.Issue) { i.ClosedAt = at }
}

// tell stores what GitHub says of a repository.
func (w world) tell(id hackfest.RepositoryID, c hackfest.GitHubChange) {
	w.t.Helper()
	c.Repository.ID, c.At = id, aug2.AddDate(0, 2, 0)
	w.must(w.ApplyGitHub(w.t.Context(), c))
}

// outcome is what came of a session at a glance: the numbers of what happened.
func (w world) outcome(v person.Viewer, id hackfest.SessionID) string {
	w.t.Helper()
	o, err := w.Outcome(w.t.Context(), v, id, 20)
	w.must(err)
	var parts []string
	for _, l := range []struct {
		what string
		hackfest.IssueChanges
	}{{"merged", o.Merged}, {"offered", o.Offered}, {"closed", o.Closed}, {"opened", o.Opened}} {
		if l.Count != len(l.First) {
			w.t.Errorf("%s: %d of %d", l.what, len(l.First), l.Count)
		}
		for _, i := range l.First {
			parts = append(parts, fmt.Sprintf("%s %d", l.what, i.Number))
		}
	}
	for _, c := range o.Commits {
		parts = append(parts, "commit "+c.Summary)
	}
	return strings.Join(parts, ", ")
}

// What changed counts from the very start of what was held, else of what was
// planned, to the very end of the day after.
func TestOutcomeTime(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "Origin"}, aug2)
	w.must(err)
	week := func(n int, change func(*hackfest.Session)) hackfest.Session {
		s := planned(fmt.Sprint("Week ", n), aug2.AddDate(0, 0, 7*n))
		s.TargetSlug = "origin"
		change(&s)
		return w.plan(s)
	}
	plain := func(*hackfest.Session) {}
	unheld, late, moved, cancelled := week(0, plain), week(1, plain), week(2, plain), week(3, plain)
	bare := week(4, func(s *hackfest.Session) { s.TargetSlug = "" })
	running, proposed := week(5, plain), week(6, func(s *hackfest.Session) { s.State = hackfest.StateProposed })
	id := w.repository("euca/origin", person.Public, "origin", aug2.AddDate(1, 0, 0))

	begun := late.StartsAt.Add(30 * time.Minute)
	ended := w.holdAt(begun, "ann: #info hi", "ann: #endmeeting").at.Add(-time.Second) // when the last line was said
	begun = begun.Add(time.Second)                                                     // the context comes first
	at := moved.StartsAt.AddDate(0, 0, 1)
	who := w.member("mel", person.Maintainer)
	_, err = w.MoveSession(ctx, moved.Slug, hackfest.SessionMove{StartsAt: at, EndsAt: at.Add(time.Hour), Reason: "later"}, 0, who, aug2)
	w.must(err)
	_, err = w.CancelSession(ctx, cancelled.Slug, "rain", 0, who, aug2)
	w.must(err)
	w.holdAt(running.StartsAt, "ann: #info still here")

	const day = 24 * time.Hour
	rows := []struct {
		name string
		of   hackfest.Session
		at   time.Time
		in   bool
	}{
		{"a second before the planned start", unheld, unheld.StartsAt.Add(-time.Second), false},
		{"at the planned start", unheld, unheld.StartsAt, true},
		{"in the session", unheld, unheld.StartsAt.Add(time.Hour), true},
		{"24 hours after the planned end", unheld, unheld.EndsAt.Add(day), true},
		{"a second later", unheld, unheld.EndsAt.Add(day + time.Second), false},
		{"planned, before it was held", late, begun.Add(-time.Second), false},
		{"when the meeting began", late, begun, true},
		{"24 hours after the meeting ended", late, ended.Add(day), true},
		{"a second later, although the plan would go on", late, ended.Add(day + time.Second), false},
		{"where it was before it moved", moved, moved.StartsAt, false},
		{"where it moved to", moved, at.Add(time.Minute), true},
		{"a day after its new end", moved, at.Add(time.Hour + day), true},
		{"while a cancelled one would have been", cancelled, cancelled.StartsAt.Add(time.Minute), false},
		{"of one without repositories", bare, bare.StartsAt.Add(time.Minute), false},
		{"before one that runs", running, running.StartsAt.Add(-time.Minute), false},
		{"after the planned end of one that runs", running, running.EndsAt.Add(26 * time.Hour), true},
		{"of a proposal", proposed, proposed.StartsAt.Add(time.Minute), false},
	}
	var c hackfest.GitHubChange
	for n, r := range rows {
		c.Issues = append(c.Issues, issue(n+1, closedAt(r.at)))
	}
	w.tell(id, c)
	for n, r := range rows {
		o, err := w.Outcome(ctx, person.PublicViewer, r.of.ID, 20)
		w.must(err)
		if got := slices.ContainsFunc(o.Closed.First, func(i hackfest.Issue) bool { return i.Number == n+1 }); got != r.in {
			t.Errorf("%s: in the outcome %t, want %t; it is %s to %s", r.name, got, r.in, o.From, o.To)
		}
	}
	for _, x := range []hackfest.Session{cancelled, proposed} {
		if o, _ := w.Outcome(ctx, member, x.ID, 20); !o.From.IsZero() || len(o.Repositories) > 0 {
			t.Errorf("%s has the outcome %+v", x.Slug, o)
		}
	}
	if o, _ := w.Outcome(ctx, member, running.ID, 20); !o.To.IsZero() || !o.Running(running.EndsAt.AddDate(1, 0, 0)) {
		t.Errorf("a running session's outcome ends %s", o.To)
	}
}

// Each kind has a list of its own; what was deleted is in none, and what belongs
// to members is in none for others.
func TestOutcomeKinds(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "Origin"}, aug2)
	w.must(err)
	s := planned("Origin", aug2)
	s.TargetSlug = "origin"
	s = w.plan(s)
	open := w.repository("euca/origin", person.Public, "origin", aug2.AddDate(0, 0, 3))
	hidden := w.repository("euca/inside", person.MembersOnly, "origin", aug2.AddDate(0, 0, 3))
	at := aug2.Add(time.Hour)
	w.tell(open, hackfest.GitHubChange{
		Issues: []hackfest.Issue{
			issue(1, closedAt(at)),
			issue(2, func(i *hackfest.Issue) { i.OpenedAt = at }),
			issue(3, func(i *hackfest.Issue) { i.Pull, i.OpenedAt = true, at }),
			issue(4, func(i *hackfest.Issue) { i.Pull, i.ClosedAt, i.MergedAt = true, at, at.Add(-time.Second) }),
			issue(5, func(i *hackfest.Issue) { i.Pull, i.ClosedAt = true, at }), // given up
			issue(6, func(i *hackfest.Issue) {}),
			issue(7, closedAt(at)),
			issue(8, func(i *hackfest.Issue) { i.OpenedAt, i.ClosedAt = at, at.Add(time.Minute) }),
		},
		RemovedIssues: []int{7},
		Commits:       []hackfest.Commit{{SHA: strings.Repeat("a", 40), Summary: "Start BIND", Author: "mel", CommittedAt: at}},
	})
	w.tell(hidden, hackfest.GitHubChange{Issues: []hackfest.Issue{issue(9, closedAt(at))}})
	const seen = "merged 4, offered 3, closed 1, closed 8, opened 2, opened 8, commit Start BIND"
	if got := w.outcome(person.PublicViewer, s.ID); got != seen {
		t.Errorf("everybody is told %s, want %s", got, seen)
	}
	if got, want := w.outcome(member, s.ID), strings.Replace(seen, "closed 8", "closed 9, closed 8", 1); got != want {
		t.Errorf("members are told %s, want %s", got, want)
	}
	few, err := w.Outcome(ctx, member, s.ID, 1)
	w.must(err)
	if len(few.Closed.First) != 1 || few.Closed.Count != 3 {
		t.Errorf("one of three that were closed: %+v", few.Closed)
	}
	if got := announce.OutcomeCounts(few); got != "1 pull request merged, 1 opened, 3 issues closed, 2 opened, 1 commit" {
		t.Error(got)
	}
	w.exec(`update sessions set visibility = 'members'`)
	if got := w.outcome(person.PublicViewer, s.ID); got != "" {
		t.Errorf("of a session for members everybody is told %s", got)
	}
	w.exec(`update sessions set visibility = 'public'`)
	w.must(w.RemoveRepository(ctx, open, aug2))
	if got := w.outcome(person.PublicViewer, s.ID); got != "" {
		t.Errorf("of a repository that was taken off: %s", got)
	}
}

// A record knows days: those that a session touches are its outcome as a whole.
func TestOutcomeOfARecord(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "Origin"}, aug2)
	w.must(err)
	s := planned("Origin", aug2)
	s.TargetSlug = "origin"
	s = w.plan(s)
	recorded := time.Date(2013, 3, 4, 0, 0, 0, 0, time.UTC)
	var days []hackfest.Commit
	for n, day := range []string{"2012-08-01", "2012-08-02", "2012-08-03", "2012-08-04"} {
		at, err := time.Parse(time.DateOnly, day)
		w.must(err)
		days = append(days, hackfest.Commit{SHA: strings.Repeat(fmt.Sprint(n), 40), Summary: day, CommittedAt: at.Add(24*time.Hour - time.Second)})
	}
	target, err := w.Target(ctx, "origin")
	w.must(err)
	id, err := w.AddRecord(ctx, "euca/recipes", recorded, days, aug2)
	w.must(err)
	w.must(w.SetRepositoryUses(ctx, hackfest.RepositoryUse{TargetID: target.ID}, []hackfest.RepositoryID{id}, aug2))
	if got := w.outcome(person.PublicViewer, s.ID); got != "commit 2012-08-02, commit 2012-08-03" {
		t.Errorf("got %s", got)
	}
	o, err := w.Outcome(ctx, person.PublicViewer, s.ID, 20)
	w.must(err)
	if now := aug2.AddDate(0, 1, 0); !o.Final(now) || o.CommitCount() != 0 || !o.Changed() {
		t.Errorf("final %t, %d commits, changed %t", o.Final(now), o.CommitCount(), o.Changed())
	}
	later := planned("Origin again", recorded.AddDate(0, 0, 1))
	later.TargetSlug = "origin"
	later = w.plan(later)
	if o, err = w.Outcome(ctx, person.PublicViewer, later.ID, 20); err != nil || o.Repositories[0].Known(o, later.EndsAt) != hackfest.KnownNot {
		t.Errorf("after the record: %+v, %v", o, err)
	}
	if err := w.ApplyGitHub(ctx, hackfest.GitHubChange{Repository: hackfest.Repository{Name: "euca/recipes"}}); err == nil {
		t.Error("GitHub changes a record")
	}
}
