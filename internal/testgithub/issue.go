package testgithub

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// OpenIssue opens an issue or a pull request and returns its number.
func (r *Repo) OpenIssue(i Issue) int {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	return r.open(i).Number
}

// open adds an issue; what it does not say is as it would be if it were opened
// now.
func (r *Repo) open(given Issue) *Issue {
	r.g.t.Helper()
	i := given.clone()
	if i.Number == 0 {
		i.Number = r.numbers + 1
	}
	if _, was := r.gone[i.Number]; was || r.issues[i.Number] != nil {
		r.g.t.Fatalf("%s#%d is not free", r.name, i.Number)
	}
	r.numbers = max(r.numbers, i.Number)
	i.id = r.g.id()
	if i.Title == "" {
		i.Title = fmt.Sprintf("Issue %d", i.Number)
	}
	if i.Author == "" {
		i.Author = r.owner()
	}
	i.OpenedAt = r.g.moment(i.OpenedAt)
	i.UpdatedAt = later(i.UpdatedAt.UTC().Truncate(time.Second), i.OpenedAt)
	if i.Closed && i.ClosedAt.IsZero() {
		i.ClosedAt = i.UpdatedAt
	}
	i.close()
	i.UpdatedAt = later(i.UpdatedAt, i.ClosedAt)
	r.knowLabels(i.Labels)
	r.issues[i.Number] = i
	r.issueEvent("opened", i, i.Author, nil)
	return i
}

// moment is a given time to the second, or now.
func (g *GitHub) moment(given time.Time) time.Time {
	if given.IsZero() {
		return g.now()
	}
	return given.UTC().Truncate(time.Second)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// close has closed issues be as GitHub has them: those that nobody gave a reason
// for are completed; pull requests have none.
func (i *Issue) close() {
	i.ClosedAt, i.MergedAt = i.ClosedAt.UTC().Truncate(time.Second), i.MergedAt.UTC().Truncate(time.Second)
	switch {
	case i.Pull:
		i.Reason = ""
	case i.Closed && (i.Reason == "" || i.Reason == "reopened"):
		i.Reason = "completed"
	}
	if !i.Closed {
		i.ClosedAt, i.MergedAt = time.Time{}, time.Time{}
	}
}

// Edit changes an issue, as its repository's owner. Times that follow from the
// change are set.
func (r *Repo) Edit(n int, change func(*Issue)) {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.edit(n, r.owner(), change)
}

// Close closes an issue, as login, with the reason given ("completed"), or a pull
// request without merging it.
func (r *Repo) Close(n int, login string, reason ...string) {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.edit(n, login, func(i *Issue) {
		i.Closed, i.Reason = true, "completed"
		if len(reason) > 0 {
			i.Reason = reason[0]
		}
	})
}

// Reopen opens a closed issue again, as its repository's owner.
func (r *Repo) Reopen(n int) {
	r.g.t.Helper()
	r.Edit(n, func(i *Issue) { i.Closed, i.Reason = false, "reopened" })
}

// Merge merges a pull request. It pushes nothing.
func (r *Repo) Merge(n int) {
	r.g.t.Helper()
	now := r.g.now()
	r.Edit(n, func(i *Issue) { i.Closed, i.ClosedAt, i.MergedAt = true, now, now })
}

func (r *Repo) edit(n int, by string, change func(*Issue)) {
	r.g.t.Helper()
	i := r.issue(n)
	before := i.clone()
	change(i)
	if reflect.DeepEqual(before, i) {
		return // GitHub does not take that for an update
	}
	if i.UpdatedAt.Equal(before.UpdatedAt) {
		i.UpdatedAt = r.g.now()
	}
	if i.Closed && !before.Closed && i.ClosedAt.IsZero() {
		i.ClosedAt = i.UpdatedAt
	}
	i.close()
	r.knowLabels(i.Labels)
	r.tellEdit(before, i, by)
}

// tellEdit makes the deliveries of all that differs.
func (r *Repo) tellEdit(before, i *Issue, by string) {
	tell := func(action string, more object) { r.issueEvent(action, i, by, more) }
	if before.Title != i.Title || before.Body != i.Body {
		changes := object{}
		if before.Title != i.Title {
			changes["title"] = object{"from": before.Title}
		}
		if before.Body != i.Body {
			changes["body"] = object{"from": before.Body}
		}
		tell("edited", object{"changes": changes})
	}
	differing(before.Labels, i.Labels, func(name string) { tell("unlabeled", object{"label": r.labelShape(name)}) })
	differing(i.Labels, before.Labels, func(name string) { tell("labeled", object{"label": r.labelShape(name)}) })
	differing(before.Assignees, i.Assignees, func(login string) { tell("unassigned", object{"assignee": r.g.userShape(login)}) })
	differing(i.Assignees, before.Assignees, func(login string) { tell("assigned", object{"assignee": r.g.userShape(login)}) })
	if before.Milestone != i.Milestone {
		if m := r.milestones[before.Milestone]; m != nil {
			tell("demilestoned", object{"milestone": r.milestoneShape(m)})
		}
		if m := r.milestones[i.Milestone]; m != nil {
			tell("milestoned", object{"milestone": r.milestoneShape(m)})
		}
	}
	for _, x := range []struct {
		was, is   bool
		on, ended string
	}{
		{before.Draft, i.Draft, "converted_to_draft", "ready_for_review"},
		{before.Closed, i.Closed, "closed", "reopened"},
	} {
		switch {
		case !x.was && x.is:
			tell(x.on, nil)
		case x.was && !x.is:
			tell(x.ended, nil)
		}
	}
}

// differing calls fn with what is in a and not in b.
func differing(a, b []string, fn func(string)) {
	for _, s := range a {
		if !slices.Contains(b, s) {
			fn(s)
		}
	}
}

// DeleteIssue deletes an issue for good.
func (r *Repo) DeleteIssue(n int) {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	i := r.issue(n)
	delete(r.issues, n)
	r.gone[n] = ""
	r.issueEvent("deleted", i, r.owner(), nil)
}

// Transfer moves an issue to another repository and returns its number there.
func (r *Repo) Transfer(n int, to *Repo) int {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	i := r.issue(n)
	there := *i.clone()
	there.Number, there.UpdatedAt, there.Milestone = 0, r.g.now(), 0
	moved := to.open(there)
	delete(r.issues, n)
	r.gone[n] = fmt.Sprintf("repositories/%d/issues/%d", to.ID, moved.Number)
	r.issueEvent("transferred", i, r.owner(), object{"changes": object{"new_issue": to.issueShape(moved), "new_repository": to.shape()}})
	return moved.Number
}

// RenameLabel renames a label on all issues, which do not count as updated by it.
func (r *Repo) RenameLabel(from, to string) {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	x := slices.IndexFunc(r.labels, func(l *label) bool { return l.name == from })
	if x < 0 {
		r.g.t.Fatalf("%s has no label %q", r.name, from)
	}
	r.labels[x].name = to
	for _, i := range r.issues {
		if at := slices.Index(i.Labels, from); at >= 0 {
			i.Labels[at] = to
		}
	}
	r.tell("label", "edited", r.owner(), object{"label": r.labelShape(to), "changes": object{"name": object{"from": from}}})
}

// knowLabels adds labels the repository does not have.
func (r *Repo) knowLabels(names []string) {
	for _, name := range names {
		if !slices.ContainsFunc(r.labels, func(l *label) bool { return l.name == name }) {
			r.labels = append(r.labels, &label{r.g.id(), name})
		}
	}
}
