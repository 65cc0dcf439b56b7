package testgithub

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Repo is a repository.
type Repo struct {
	ID int64 // it stays when the repository moves

	g          *GitHub
	name       string // owner/name
	about      string
	branch     string // the default one
	private    bool
	archived   bool
	noIssues   bool // they are turned off
	deleted    bool
	createdAt  time.Time
	issues     map[int]*Issue
	gone       map[int]string // issues that were deleted: ""; or transferred: where to, below the API
	numbers    int            // of issues, so far
	labels     []*label
	milestones map[int]*Milestone
	series     int // of milestones, so far
	releases   []*Release
	commits    []Commit // of the default branch, oldest first
	tarball    []byte   // instead of what the commits hold; nil is that
}

// label is one that a repository has.
type label struct {
	id   int64
	name string
}

// Issue is an issue or a pull request.
type Issue struct {
	Number    int    // 0 on opening is the next
	Pull      bool   // a pull request
	Draft     bool   // of a pull request
	Title     string // "" on opening is a title of its number
	Body      string
	Author    string // login; "" on opening is the repository's owner
	Closed    bool
	Reason    string // state_reason: completed, not_planned, duplicate, reopened; "" is none
	Labels    []string
	Assignees []string  // logins
	Milestone int       // its number; 0 is none
	OpenedAt  time.Time // zero on opening is now
	ClosedAt  time.Time // zero while it is open
	MergedAt  time.Time // of a pull request; zero otherwise
	UpdatedAt time.Time // of the last change, unless that sets it

	id int64
}

// Milestone is a milestone of a repository.
type Milestone struct {
	Number    int // set on adding
	Title     string
	Closed    bool
	DueOn     time.Time // the day; zero is none
	UpdatedAt time.Time // set by every change
	ClosedAt  time.Time // zero while it is open

	id int64
}

// Release is a published release.
type Release struct {
	ID          int64 // set on publishing
	Tag         string
	Name        string
	Prerelease  bool
	PublishedAt time.Time // zero on publishing is now
}

// Commit is a commit on the default branch.
type Commit struct {
	SHA     string // "" on pushing is made of what the commit is
	Message string
	Author  string            // login; "" is somebody whom GitHub does not know
	Name    string            // of the author; "" is the login
	At      time.Time         // in the committer's zone; zero on pushing is now
	Files   map[string]string // what it changes: contents by path, "" removes
}

// State is what is true of a repository, in the portal's words and without what
// only the portal knows: ids of rows, and when something was heard of.
type State struct {
	Repository hackfest.Repository
	Issues     []hackfest.Issue     // by number
	Commits    []hackfest.Commit    // newest first
	Releases   []hackfest.Release   // by id
	Milestones []hackfest.Milestone // by number
}

// AddRepo adds a repository owner/name with the default branch "main".
func (g *GitHub) AddRepo(name string) *Repo {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.repo(name) != nil || !strings.Contains(name, "/") {
		g.t.Fatalf("%s cannot be added", name)
	}
	delete(g.moved, strings.ToLower(name))
	r := &Repo{
		ID: g.id(), g: g, name: name, branch: "main", createdAt: g.now(),
		issues: map[int]*Issue{}, gone: map[int]string{}, milestones: map[int]*Milestone{},
	}
	g.repos = append(g.repos, r)
	return r
}

// repo finds a repository by what it is called now; nil is none.
func (g *GitHub) repo(name string) *Repo {
	i := slices.IndexFunc(g.repos, func(r *Repo) bool { return !r.deleted && strings.EqualFold(r.name, name) })
	if i < 0 {
		return nil
	}
	return g.repos[i]
}

// repoByID finds a repository by its number; nil is none.
func (g *GitHub) repoByID(id int64) *Repo {
	i := slices.IndexFunc(g.repos, func(r *Repo) bool { return !r.deleted && r.ID == id })
	if i < 0 {
		return nil
	}
	return g.repos[i]
}

// Name is what the repository is called now, as owner/name.
func (r *Repo) Name() string {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	return r.name
}

// owner is the login before the slash.
func (r *Repo) owner() string {
	owner, _, _ := strings.Cut(r.name, "/")
	return owner
}

// Issue is an issue as it is now.
func (r *Repo) Issue(n int) Issue {
	r.g.t.Helper()
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	return *r.issue(n).clone()
}

// issue fails the test when there is none.
func (r *Repo) issue(n int) *Issue {
	r.g.t.Helper()
	i := r.issues[n]
	if i == nil {
		r.g.t.Fatalf("%s has no issue %d", r.name, n)
	}
	return i
}

func (i *Issue) clone() *Issue {
	c := *i
	c.Labels, c.Assignees = slices.Clone(i.Labels), slices.Clone(i.Assignees)
	return &c
}

// sorted are the values of a map by their numbers.
func sorted[T any](m map[int]T) []T {
	list := make([]T, 0, len(m))
	for _, n := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[n])
	}
	return list
}

// State is what is true now.
func (r *Repo) State() State {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	s := State{Repository: hackfest.Repository{
		Name: r.name, GitHubID: r.ID, About: r.about, DefaultBranch: r.branch, Private: r.private, Archived: r.archived,
	}}
	for _, i := range sorted(r.issues) {
		s.Issues = append(s.Issues, hackfest.Issue{
			Repo: r.name, Number: i.Number, Pull: i.Pull, Title: i.Title, Open: !i.Closed, Reason: i.Reason, Draft: i.Draft,
			Labels: slices.Clone(i.Labels), Assignees: slices.Clone(i.Assignees), Author: i.Author, Milestone: i.Milestone,
			OpenedAt: i.OpenedAt, ClosedAt: i.ClosedAt, MergedAt: i.MergedAt, UpdatedAt: i.UpdatedAt,
		})
	}
	for _, c := range slices.Backward(r.commits) {
		author := c.Author
		if author == "" {
			author = c.Name
		}
		s.Commits = append(s.Commits, hackfest.Commit{Repo: r.name, SHA: c.SHA, Summary: firstLine(c.Message), Author: author, CommittedAt: c.At.UTC()})
	}
	for _, x := range r.releases {
		s.Releases = append(s.Releases, hackfest.Release{ID: x.ID, Tag: x.Tag, Name: x.Name, Prerelease: x.Prerelease, PublishedAt: x.PublishedAt})
	}
	for _, m := range sorted(r.milestones) {
		s.Milestones = append(s.Milestones, hackfest.Milestone{
			Number: m.Number, Title: m.Title, Open: !m.Closed, DueOn: m.DueOn, UpdatedAt: m.UpdatedAt, ClosedAt: m.ClosedAt,
		})
	}
	return s
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
