package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// acted is a meeting with two actions, whose session has a repository.
type acted struct {
	world
	repository hackfest.RepositoryID
	meeting    hackfest.Ref
	line       hackfest.Ref // of the first action
	one, two   hackfest.ItemID
	at         time.Time
}

func newActed(t *testing.T) acted {
	t.Helper()
	w := newWorld(t)
	w.plan(planned("OpenShift", aug2))
	g := newLog(channel, aug2).say("ann", "#startmeeting").say("ann", "#action bob to write down "+secret).say("ann", "#action ann to rest").say("ann", "#endmeeting")
	w.record(g)
	id, err := w.AddRepository(t.Context(), "euca/recipes", person.Public, aug2)
	w.must(err)
	return acted{
		world: w, repository: id, meeting: g.lines[0].Ref, line: g.lines[1].Ref, at: g.at,
		one: hackfest.ItemID{Ref: g.lines[1].Ref, N: 1}, two: hackfest.ItemID{Ref: g.lines[2].Ref, N: 1},
	}
}

func markOf(id hackfest.ItemID) string { return fmt.Sprintf("%x", id.Ref[:]) }

// confirm has an issue made of an action, that quotes the first one's line.
func (a acted) confirm(id hackfest.ItemID, state hackfest.ActionIssueState) error {
	return a.ConfirmIssue(a.t.Context(), a.meeting, hackfest.ActionIssue{
		Action: id, RepositoryID: a.repository, Title: "Write down " + secret, Body: "bob noted: bob to write down " + secret, Assignee: "bob-gh", Mark: markOf(id), State: state,
	}, a.at)
}

// stands is how the issue of an action stands.
func (a acted) stands(id hackfest.ItemID) string {
	a.t.Helper()
	all, err := a.ActionIssues(a.t.Context(), member, []hackfest.ItemID{id})
	a.must(err)
	x, ok := all[id]
	if !ok {
		return "none"
	}
	course, err := a.Action(a.t.Context(), member, id)
	a.must(err)
	return fmt.Sprintf("%s #%d %q; action %s by %q", x.State, x.Number, x.Reason, course.State, course.By)
}

// says is a story of GitHub's.
func (a acted) says(i hackfest.Issue, minute int) {
	a.t.Helper()
	i.OpenedAt, i.UpdatedAt = a.at, a.at.Add(time.Duration(minute)*time.Minute)
	a.must(a.ApplyGitHub(a.t.Context(), hackfest.GitHubChange{
		Repository: hackfest.Repository{ID: a.repository}, Issues: []hackfest.Issue{i}, At: i.UpdatedAt.Add(time.Second),
	}))
}

// Two who begin at once, a second confirmation, and one that comes after a crash:
// GitHub is asked once.
func TestIssueIsBegunOnce(t *testing.T) {
	t.Parallel()
	a := newActed(t)
	ctx := t.Context()
	a.must(a.confirm(a.one, hackfest.IssuePending))
	if err := a.confirm(a.one, hackfest.IssuePending); fault.KindOf(err) != fault.Conflict {
		t.Errorf("confirmed twice: %v", err)
	}
	due, err := a.DueIssues(ctx, a.at, 10)
	if err != nil || len(due) != 1 || due[0].Repo != "euca/recipes" {
		t.Fatalf("due are %+v, %v", due, err)
	}
	var begun sync.Map
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			if _, ok, err := a.BeginIssue(ctx, a.one, a.at); ok || err != nil {
				begun.Store(n, err)
			}
		})
	}
	all.Wait()
	n := 0
	begun.Range(func(_, err any) bool {
		if n++; err != nil {
			t.Error(err)
		}
		return true
	})
	if n != 1 {
		t.Errorf("%d began to make it", n)
	}
	withdraw := func(now time.Time) error {
		_, err := a.WithdrawIssue(ctx, a.meeting, a.one, now.Add(-hackfest.IssueSure), now)
		return err
	}
	for _, err := range []error{a.confirm(a.one, hackfest.IssuePending), withdraw(a.at), withdraw(a.at.Add(time.Hour))} {
		if fault.KindOf(err) != fault.Conflict {
			t.Errorf("while GitHub is asked: %v", err)
		}
	}
	if n, err := a.CutOffIssues(ctx, a.at, a.at); n != 0 || err != nil {
		t.Errorf("%d were cut off that are under way: %v", n, err)
	}
	late := a.at.Add(time.Hour)
	if n, err := a.CutOffIssues(ctx, late, late); n != 1 || err != nil {
		t.Errorf("%d were cut off: %v", n, err)
	}
	if _, ok, err := a.BeginIssue(ctx, a.one, late); ok || err != nil {
		t.Errorf("one that may have been made is made again: %v", err)
	}
	if err := a.confirm(a.one, hackfest.IssuePending); fault.KindOf(err) != fault.Conflict {
		t.Errorf("one that may have been made is confirmed again: %v", err)
	}
	if err := withdraw(a.at.Add(hackfest.IssueSure)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("one that is looked for is given up: %v", err)
	}
	a.must(withdraw(late)) // whoever looks for it cannot
	if got := a.stands(a.one); !strings.HasPrefix(got, "failed ") || !strings.Contains(got, "Look in the repository") {
		t.Errorf("given up it is %s", got)
	}
	a.must(a.confirm(a.one, hackfest.IssuePending))
	if x, ok, err := a.BeginIssue(ctx, a.one, late); !ok || err != nil || x.Mark != markOf(a.one) {
		t.Errorf("what failed is tried again: %+v, %v", x, err)
	}
}

// What must not be made any more is not, and says why.
func TestIssueIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, then, want string }{
		{"all as it was", "select 1", `sending #0 ""; action open by ""`},
		{"the repository was taken off", "update repositories set removed_at = created_at", `failed #0 "The repository was taken off the portal."; action open by ""`},
		{"it is gone", "update repositories set gone_at = created_at", `failed #0 "GitHub says that there is no such repository any more."; action open by ""`},
		{"it is archived", "update repositories set archived = true", `failed #0 "The repository is archived on GitHub: nobody can open issues in it."; action open by ""`},
		{"the meeting is for members now", "update meetings set visibility = 'members'", `failed #0 "The meeting is for members now, and everybody reads the repository."; action open by ""`},
		{"its words were removed", "update action_issues set title = '', body = ''", `failed #0 "Its words were removed while GitHub was asked."; action open by ""`},
		{"and so is the repository", "update meetings set visibility = 'members'; update repositories set private = true", `sending #0 ""; action open by ""`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newActed(t)
			a.must(a.confirm(a.one, hackfest.IssuePending))
			for _, sql := range strings.Split(tt.then, "; ") {
				a.exec(sql)
			}
			_, _, err := a.BeginIssue(t.Context(), a.one, a.at)
			a.must(err)
			if got := a.stands(a.one); got != tt.want {
				t.Errorf("it is %s", got)
			}
		})
	}
}

// An issue is the action's that its mark names, whoever opened it and whatever was
// known of the asking; its state brings the action along, each change once, and
// what people do here stands.
func TestActionFollowsItsIssue(t *testing.T) {
	t.Parallel()
	a := newActed(t)
	ctx := t.Context()
	a.must(a.confirm(a.one, hackfest.IssueOffered))
	mark := markOf(a.one)
	open := func(i hackfest.Issue) hackfest.Issue { i.Open = true; return i }
	settle := func(s hackfest.ActionState) func() {
		return func() { a.must(a.SettleAction(ctx, a.one, s, store.Settler{Name: "Ann"}, a.at)) }
	}
	for n, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"another issue", func() { a.says(open(hackfest.Issue{Number: 3, Title: "x"}), 1) }, `offered #0 ""; action open by ""`},
		{"a pull request with the mark", func() { a.says(open(hackfest.Issue{Number: 4, Title: "x", Pull: true, Mark: mark}), 1) }, `offered #0 ""; action open by ""`},
		{"the issue", func() { a.says(open(hackfest.Issue{Number: 5, Title: "Rest", Mark: mark}), 1) }, `made #5 ""; action open by ""`},
		{"a copy of it", func() { a.says(open(hackfest.Issue{Number: 6, Title: "Rest", Mark: mark}), 1) }, `made #5 ""; action open by ""`},
		{"it is carried over here", settle(hackfest.ActionCarried), `made #5 ""; action carried by "Ann"`},
		{"a label", func() { a.says(open(hackfest.Issue{Number: 5, Title: "Rest", Labels: []string{"x"}}), 2) }, `made #5 ""; action carried by "Ann"`},
		{"closed", func() { a.says(hackfest.Issue{Number: 5, Title: "Rest", Reason: "completed", ClosedAt: a.at}, 3) }, `made #5 ""; action done by "GitHub"`},
		{"an older story", func() { a.says(open(hackfest.Issue{Number: 5, Title: "Rest"}), 2) }, `made #5 ""; action done by "GitHub"`},
		{"opened again here", settle(hackfest.ActionOpen), `made #5 ""; action open by ""`},
		{"a label of the closed one", func() {
			a.says(hackfest.Issue{Number: 5, Title: "Rest", Reason: "completed", ClosedAt: a.at, Labels: []string{"y"}}, 4)
		}, `made #5 ""; action open by ""`},
		{"opened again there", func() { a.says(open(hackfest.Issue{Number: 5, Title: "Rest", Reason: "reopened"}), 5) }, `made #5 ""; action open by ""`},
		{"not planned", func() { a.says(hackfest.Issue{Number: 5, Title: "Rest", Reason: "not_planned", ClosedAt: a.at}, 6) }, `made #5 ""; action dropped by "GitHub"`},
		{"planned again", func() { a.says(open(hackfest.Issue{Number: 5, Title: "Rest", Reason: "reopened"}), 7) }, `made #5 ""; action open by ""`},
		{"done here", settle(hackfest.ActionDone), `made #5 ""; action done by "Ann"`},
		{"a label of the open one", func() { a.says(open(hackfest.Issue{Number: 5, Title: "Rest"}), 8) }, `made #5 ""; action done by "Ann"`},
		{"closed as it is done", func() { a.says(hackfest.Issue{Number: 5, Title: "Rest", Reason: "completed", ClosedAt: a.at}, 9) }, `made #5 ""; action done by "Ann"`},
	} {
		step.do()
		if got := a.stands(a.one); got != step.want {
			t.Errorf("%d, %s: %s", n, step.name, got)
		}
	}
	want := "open by ann in true\ncarried by Ann in false\ndone by GitHub in false\nopen by Ann in false\ndropped by GitHub in false\nopen by GitHub in false\ndone by Ann in false\n"
	if got := a.history(a.one); got != want {
		t.Errorf("history\n%s", got)
	}
	if list, err := a.IssuableActions(ctx, member, a.meeting); err != nil || len(list) != 1 || list[0].ID != a.two {
		t.Errorf("left to make issues of: %+v, %v", list, err)
	}
	a.exec("update repositories set visibility = 'members'")
	for v, n := range map[person.Viewer]int{member: 1, person.PublicViewer: 0} {
		if got, err := a.ActionIssues(ctx, v, []hackfest.ItemID{a.one, a.two}); err != nil || len(got) != n {
			t.Errorf("%v finds %+v, %v", v, got, err)
		}
	}
}

// The words of a line that is removed are nowhere in what was to become an issue:
// not in one that waits, nor in the title of the one that was made, until GitHub
// says other words.
func TestRemovedWordsOfIssues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(a acted)
		now  string // how it stands once the line is removed
	}{
		{"one that is offered", func(a acted) { a.must(a.confirm(a.one, hackfest.IssueOffered)) }, "none"},
		{"one that waits", func(a acted) { a.must(a.confirm(a.one, hackfest.IssuePending)) }, "none"},
		{"one that may be made", func(a acted) {
			a.must(a.confirm(a.one, hackfest.IssuePending))
			_, _, err := a.BeginIssue(a.t.Context(), a.one, a.at)
			a.must(err)
		}, `sending #0 ""; action open by ""`},
		{"one that is made", func(a acted) {
			a.must(a.confirm(a.one, hackfest.IssuePending))
			a.says(hackfest.Issue{Number: 5, Title: "Write down " + secret, Open: true, Mark: markOf(a.one)}, 1)
		}, `made #5 ""; action open by ""`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newActed(t)
			tt.do(a)
			removed := a.at.Add(time.Hour)
			id := a.redact(removed, a.line)
			if got := a.stands(a.one); got != tt.now {
				t.Errorf("it is %s", got)
			}
			if err := a.confirm(a.one, hackfest.IssuePending); fault.KindOf(err) != fault.Conflict {
				t.Errorf("an issue is made of what was removed: %v", err)
			}
			if tt.now != "none" { // GitHub repeats it, then somebody edits it there
				a.says(hackfest.Issue{Number: 5, Title: "Write down " + secret, Open: true, Labels: []string{"x"}, Mark: markOf(a.one)}, 2)
			}
			for _, table := range a.whereIs(secret) {
				if !slices.Contains([]string{"lines", "withheld"}, table) { // until they are wiped
					t.Errorf("it stands in %s", table)
				}
			}
			if tt.name == "one that is made" {
				a.must(a.TakeBack(t.Context(), id, removed.Add(time.Minute)))
				if n := a.number("select count(*) from issues where title = $1", "Write down "+secret); n != 1 {
					t.Error("taken back it has no title")
				}
				a.redact(removed, a.line)
			}
			_, err := a.PurgeRedactions(t.Context(), removed.Add(time.Hour))
			a.must(err)
			if found := a.whereIs(secret); len(found) > 0 {
				t.Errorf("it still stands in %q", found)
			}
			if tt.now != "none" {
				a.says(hackfest.Issue{Number: 5, Title: "Write down what was said", Open: true}, 3)
				if n := a.number("select count(*) from issues where title = 'Write down what was said'"); n != 1 {
					t.Error("what GitHub says instead is not shown")
				}
			}
		})
	}
}

// What was to become an issue of another line's action, and quotes one that is
// removed, is not made, and says why; so is what names a meeting by such a line.
func TestRemovedWordsInOtherIssues(t *testing.T) {
	t.Parallel()
	const again = `failed #0 "It held words of a line that was removed. Look at it again, and tick it anew."; action open by ""`
	for _, tt := range []struct {
		name  string
		state hackfest.ActionIssueState
		begun bool
		line  func(a acted) hackfest.Ref
		want  string
	}{
		{"one that is offered", hackfest.IssueOffered, false, func(a acted) hackfest.Ref { return a.line }, again},
		{"one that waits", hackfest.IssuePending, false, func(a acted) hackfest.Ref { return a.line }, again},
		{"one that may be made", hackfest.IssuePending, true, func(a acted) hackfest.Ref { return a.line }, `sending #0 ""; action open by ""`},
		{"the line that named the meeting", hackfest.IssuePending, false, func(a acted) hackfest.Ref { return a.meeting }, again},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newActed(t)
			a.must(a.confirm(a.two, tt.state))
			if tt.begun {
				_, _, err := a.BeginIssue(t.Context(), a.two, a.at)
				a.must(err)
			}
			a.redact(a.at.Add(time.Hour), tt.line(a))
			if got := a.stands(a.two); got != tt.want {
				t.Errorf("it is %s", got)
			}
			if slices.Contains(a.whereIs(secret), "action_issues") {
				t.Error("the words are still there")
			}
			if err := a.confirm(a.two, hackfest.IssuePending); (err == nil) != (tt.want == again) {
				t.Errorf("confirmed anew: %v", err)
			}
		})
	}
}

// Whoever leaves under a pseudonym is named in no issue that is still to be made.
func TestLeaverIsInNoIssue(t *testing.T) {
	t.Parallel()
	a := newActed(t)
	bob := a.know("Robert", "bob", true)
	a.must(a.confirm(a.one, hackfest.IssuePending))
	a.must(a.Leave(t.Context(), person.Viewer{ID: bob, Role: person.Member}, "left/7k3q", true, a.at.Add(time.Hour)))
	if n := a.number("select count(*) from action_issues where body like 'left/7k3q noted%' and assignee = ''"); n != 1 {
		t.Errorf("they are in %v", a.mentioned("bob"))
	}
}
