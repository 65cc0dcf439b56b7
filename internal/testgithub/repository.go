package testgithub

import (
	"crypto/sha1" //nolint:gosec // as git names commits
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Rename calls the repository by another name, or moves it to another owner.
// What is asked by the old name is sent on, until another one takes that.
func (r *Repo) Rename(to string) {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	if r.g.repo(to) != nil {
		r.g.t.Fatalf("there is a %s", to)
	}
	from, owner := r.name, r.owner()
	r.g.moved[strings.ToLower(from)] = r.ID
	delete(r.g.moved, strings.ToLower(to))
	r.name = to
	if r.owner() != owner {
		r.tell("repository", "transferred", r.owner(), object{"changes": object{"owner": object{"from": object{"user": r.g.userShape(owner)}}}})
		return
	}
	_, name, _ := strings.Cut(from, "/")
	r.tell("repository", "renamed", owner, object{"changes": object{"repository": object{"name": object{"from": name}}}})
}

// Delete deletes the repository.
func (r *Repo) Delete() {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.tell("repository", "deleted", r.owner(), nil)
	r.deleted = true
}

// SetPrivate has the repository be shown to those with a token alone, or to all.
func (r *Repo) SetPrivate(private bool) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.private = private
	r.tell("repository", either(private, "privatized", "publicized"), r.owner(), nil)
}

// SetArchived has the repository be archived, or not.
func (r *Repo) SetArchived(archived bool) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.archived = archived
	r.tell("repository", either(archived, "archived", "unarchived"), r.owner(), nil)
}

// Describe changes what the repository says about itself.
func (r *Repo) Describe(about string) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	changes := object{"description": object{"from": r.about}}
	r.about = about
	r.tell("repository", "edited", r.owner(), object{"changes": changes})
}

// SetBranch makes another branch the default one; it has the same commits.
func (r *Repo) SetBranch(name string) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	changes := object{"default_branch": object{"from": r.branch}}
	r.branch = name
	r.tell("repository", "edited", r.owner(), object{"changes": changes})
}

// TurnIssuesOff has nobody open issues.
func (r *Repo) TurnIssuesOff() {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.noIssues = true
}

func either(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// Push adds commits to the default branch, oldest first, and returns the last
// one's name.
func (r *Repo) Push(commits ...Commit) (sha string) {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	before := r.head()
	added := r.commit(commits)
	r.pushEvent(r.branch, before, added, false)
	return r.head()
}

// ForcePush has the default branch go on behind the commit named base, as if all
// after it had never been; "" is the beginning.
func (r *Repo) ForcePush(base string, commits ...Commit) (sha string) {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	before := r.head()
	at := slices.IndexFunc(r.commits, func(c Commit) bool { return c.SHA == base })
	if at < 0 && base != "" {
		r.g.t.Fatalf("%s has no commit %s", r.name, base)
	}
	r.commits = slices.Clone(r.commits[:at+1])
	added := r.commit(commits)
	r.pushEvent(r.branch, before, added, true)
	return r.head()
}

// PushBranch tells of commits on another branch than the default one; nothing
// else comes of them.
func (r *Repo) PushBranch(branch string, commits ...Commit) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	before, kept := r.head(), len(r.commits)
	added := slices.Clone(r.commit(commits))
	r.commits = r.commits[:kept]
	r.pushEvent(branch, before, added, false)
}

const noCommit = "0000000000000000000000000000000000000000"

// head is the name of the newest commit.
func (r *Repo) head() string {
	if len(r.commits) == 0 {
		return noCommit
	}
	return r.commits[len(r.commits)-1].SHA
}

// commit adds commits and returns them as they are.
func (r *Repo) commit(commits []Commit) []Commit {
	first := len(r.commits)
	for _, c := range commits {
		if c.At.IsZero() {
			c.At = r.g.now()
		}
		c.At = c.At.Truncate(time.Second)
		if c.Name == "" {
			c.Name = either(c.Author == "", "Somebody", c.Author)
		}
		if c.SHA == "" {
			sum := sha1.Sum(fmt.Appendf(nil, "%d %s %s %s %v", r.ID, r.head(), c.Message, c.At.Format(time.RFC3339), c.Files)) //nolint:gosec // as above
			c.SHA = hex.EncodeToString(sum[:])
		}
		r.commits = append(r.commits, c)
	}
	return r.commits[first:]
}

// Publish publishes a release and returns its number.
func (r *Repo) Publish(x Release) int64 {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	x.ID, x.PublishedAt = r.g.id(), r.g.moment(x.PublishedAt)
	r.releases = append(r.releases, &x)
	r.tell("release", "published", r.owner(), object{"release": r.releaseShape(&x)})
	return x.ID
}

// EditRelease changes a release.
func (r *Repo) EditRelease(id int64, change func(*Release)) {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	x := r.releases[r.release(id)]
	change(x)
	r.tell("release", "edited", r.owner(), object{"release": r.releaseShape(x), "changes": object{}})
}

// DeleteRelease deletes a release.
func (r *Repo) DeleteRelease(id int64) {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	at := r.release(id)
	x := r.releases[at]
	r.releases = slices.Delete(r.releases, at, at+1)
	r.tell("release", "deleted", r.owner(), object{"release": r.releaseShape(x)})
}

// release fails the test when there is none.
func (r *Repo) release(id int64) (at int) {
	r.g.t.Helper()
	at = slices.IndexFunc(r.releases, func(x *Release) bool { return x.ID == id })
	if at < 0 {
		r.g.t.Fatalf("%s has no release %d", r.name, id)
	}
	return at
}

// AddMilestone adds a milestone and returns its number.
func (r *Repo) AddMilestone(m Milestone) int {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.series++
	m.id, m.Number = r.g.id(), r.series
	r.updated(&m)
	r.milestones[m.Number] = &m
	r.tell("milestone", "created", r.owner(), object{"milestone": r.milestoneShape(&m)})
	return m.Number
}

// EditMilestone changes a milestone.
func (r *Repo) EditMilestone(n int, change func(*Milestone)) {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	m := r.milestone(n)
	before := *m
	change(m)
	r.updated(m)
	action := "edited"
	if before.Closed != m.Closed {
		action = either(m.Closed, "closed", "opened")
	}
	more := object{"milestone": r.milestoneShape(m)}
	if action == "edited" {
		more["changes"] = object{"title": object{"from": before.Title}}
	}
	r.tell("milestone", action, r.owner(), more)
}

// DeleteMilestone deletes a milestone, and takes it off its issues.
func (r *Repo) DeleteMilestone(n int) {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	m := r.milestone(n)
	for _, i := range sorted(r.issues) {
		if i.Milestone == n {
			r.edit(i.Number, r.owner(), func(i *Issue) { i.Milestone = 0 })
		}
	}
	delete(r.milestones, n)
	r.tell("milestone", "deleted", r.owner(), object{"milestone": r.milestoneShape(m)})
}

// updated sets the times that follow from a change.
func (r *Repo) updated(m *Milestone) {
	m.UpdatedAt = r.g.now()
	if !m.DueOn.IsZero() {
		y, month, d := m.DueOn.Date()
		m.DueOn = time.Date(y, month, d, 0, 0, 0, 0, time.UTC)
	}
	switch {
	case !m.Closed:
		m.ClosedAt = time.Time{}
	case m.ClosedAt.IsZero():
		m.ClosedAt = m.UpdatedAt
	}
}

// milestone fails the test when there is none.
func (r *Repo) milestone(n int) *Milestone {
	r.g.t.Helper()
	m := r.milestones[n]
	if m == nil {
		r.g.t.Fatalf("%s has no milestone %d", r.name, n)
	}
	return m
}
