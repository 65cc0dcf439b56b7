package ghsync

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/google/go-github/v58/github"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// hooks read the events of which something is kept. Each returns the change, or a
// note why there is none.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads
var hooks = map[string]func(payload []byte) (c hackfest.GitHubChange, note string, err error){
	"issues":       readIssues,
	"label":        readLabel,
	"milestone":    readMilestone,
	"ping":         readPing,
	"public":       readRepository, // a repository was opened to everybody
	"pull_request": readPull,
	"push":         readPush,
	"release":      readRelease,
	"repository":   readRepository,
}

// hookEvents are those but ping, which GitHub sends in any case.
var hookEvents = []string{"issues", "label", "milestone", "public", "pull_request", "push", "release", "repository"}

// HookEvents are the events a webhook should send, as GitHub calls them.
func HookEvents() []string { return slices.Clone(hookEvents) }

// errOtherEvent is that a payload is of another event than its header says: the
// signature does not cover that.
var errOtherEvent = errors.New("the payload is of another event")

// errNothing is that a payload lacks what its event is about.
var errNothing = errors.New("the payload lacks what it is about")

// others are the parts that tell the payloads of events about an issue or pull
// request, which have the same actions, from the event "issues" or "pull_request".
type others struct {
	Comment json.RawMessage `json:"comment"`
	Review  json.RawMessage `json:"review"`
	Thread  json.RawMessage `json:"thread"`
}

func (o others) any() bool { return o.Comment != nil || o.Review != nil || o.Thread != nil }

// about begins a change of what GitHub says of repository r.
func about(r *github.Repository) (hackfest.GitHubChange, error) {
	return aboutNamed(r.GetID(), r.GetFullName(), r.GetPrivate())
}

func aboutNamed(id int64, name string, private bool) (hackfest.GitHubChange, error) {
	if id <= 0 || !isRepository(name) {
		return hackfest.GitHubChange{}, errNothing
	}
	return hackfest.GitHubChange{Repository: hackfest.Repository{GitHubID: id, Name: name, Private: private}}, nil
}

// isRepository reports whether name is of the form owner/name.
func isRepository(name string) bool {
	owner, rest, _ := strings.Cut(name, "/")
	return isToken(name, maxRepository) && owner != "" && rest != "" && !strings.Contains(rest, "/")
}

const maxRepository = 140

// repositoryIn is the repository that a payload names; "" when it names none.
func repositoryIn(payload []byte) string {
	var p struct {
		Repository struct {
			Name string `json:"full_name"`
		} `json:"repository"`
	}
	if json.Unmarshal(payload, &p) != nil || !isRepository(p.Repository.Name) {
		return ""
	}
	return p.Repository.Name
}

// readEvent reads payload into e and begins the change of what it is about.
func readEvent(payload []byte, e interface{ GetRepo() *github.Repository }) (hackfest.GitHubChange, error) {
	if err := json.Unmarshal(payload, e); err != nil {
		return hackfest.GitHubChange{}, err
	}
	return about(e.GetRepo())
}

func readIssues(payload []byte) (c hackfest.GitHubChange, _ string, err error) {
	var e struct {
		github.IssuesEvent
		others
	}
	if c, err = readEvent(payload, &e); err != nil {
		return c, "", err
	}
	if e.any() {
		return c, "", errOtherEvent
	}
	switch e.GetAction() {
	case "deleted", "transferred":
		c.RemovedIssues = []int{e.Issue.GetNumber()}
		return c, "", sensible(e.Issue.GetNumber())
	}
	i, ok := reduceIssue(e.Issue)
	if !ok {
		return c, "", errNothing
	}
	c.Issues = []hackfest.Issue{i}
	return c, "", nil
}

// sensible is nil when n can be the number of an issue or a milestone.
func sensible(n int) error {
	if !isNumber(n) {
		return errNothing
	}
	return nil
}

func readPull(payload []byte) (c hackfest.GitHubChange, _ string, err error) {
	var e struct {
		github.PullRequestEvent
		others
	}
	if c, err = readEvent(payload, &e); err != nil {
		return c, "", err
	}
	if e.any() {
		return c, "", errOtherEvent
	}
	i, ok := reducePull(e.PullRequest)
	if !ok {
		return c, "", errNothing
	}
	c.Issues = []hackfest.Issue{i}
	return c, "", nil
}

func readPush(payload []byte) (c hackfest.GitHubChange, note string, err error) {
	var e github.PushEvent
	if err = json.Unmarshal(payload, &e); err != nil {
		return c, "", err
	}
	if c, err = aboutNamed(e.GetRepo().GetID(), e.GetRepo().GetFullName(), e.GetRepo().GetPrivate()); err != nil {
		return c, "", err
	}
	branch := cmp.Or(e.GetRepo().GetDefaultBranch(), e.GetRepo().GetMasterBranch())
	if branch == "" || e.GetRef() == "" {
		return c, "", errNothing
	}
	if e.GetRef() != "refs/heads/"+branch {
		return c, "Only commits of the default branch are kept.", nil
	}
	head := false
	for _, h := range e.Commits {
		commit, ok := reducePushed(h)
		if !ok {
			c.Due = true
			continue
		}
		head = head || commit.SHA == strings.ToLower(e.GetAfter())
		c.Commits = append(c.Commits, commit)
	}
	// A branch that was moved elsewhere loses commits, and a long push does not
	// name all of its own.
	c.Due = c.Due || e.GetForced() || e.GetCreated() || e.GetDeleted() || !head
	return c, "", nil
}

func readRelease(payload []byte) (c hackfest.GitHubChange, _ string, err error) {
	var e github.ReleaseEvent
	if c, err = readEvent(payload, &e); err != nil {
		return c, "", err
	}
	if e.Release.GetID() <= 0 {
		return c, "", errNothing
	}
	switch e.GetAction() {
	case "deleted", "unpublished":
		c.RemovedReleases = []int64{e.Release.GetID()}
		return c, "", nil
	}
	r, ok := reduceRelease(e.Release)
	if !ok {
		return c, "A release is kept once it is published.", nil
	}
	c.Releases = []hackfest.Release{r}
	return c, "", nil
}

func readMilestone(payload []byte) (c hackfest.GitHubChange, _ string, err error) {
	var e github.MilestoneEvent
	if c, err = readEvent(payload, &e); err != nil {
		return c, "", err
	}
	if e.GetAction() == "deleted" {
		c.RemovedMilestones = []int{e.Milestone.GetNumber()}
		return c, "", sensible(e.Milestone.GetNumber())
	}
	m, ok := reduceMilestone(e.Milestone)
	if !ok {
		return c, "", errNothing
	}
	c.Milestones = []hackfest.Milestone{m}
	return c, "", nil
}

// readRepository reads that something about a repository itself changed. GitHub is
// asked what: deliveries come in any order, and nothing in them says which is
// newest.
func readRepository(payload []byte) (c hackfest.GitHubChange, _ string, err error) {
	c, err = readEvent(payload, &github.RepositoryEvent{})
	c.Due = true
	return c, "", err
}

// readLabel reads that a label changed. Issues that have it are not called changed
// by GitHub, so all are compared.
func readLabel(payload []byte) (c hackfest.GitHubChange, _ string, err error) {
	var e github.LabelEvent
	if c, err = readEvent(payload, &e); err != nil {
		return c, "", err
	}
	if e.Label == nil {
		return c, "", errNothing
	}
	if e.GetAction() == "created" {
		return c, "No issue has a new label yet.", nil
	}
	c.Due, c.Whole = true, true
	return c, "", nil
}

// readPing reads what GitHub sends when a webhook was made.
func readPing(payload []byte) (c hackfest.GitHubChange, note string, err error) {
	var e github.PingEvent
	if err = json.Unmarshal(payload, &e); err != nil {
		return c, "", err
	}
	if e.Hook == nil {
		return c, "", errNothing
	}
	if e.Repo != nil { // else it is the webhook of an organization
		if c, err = about(e.Repo); err != nil {
			return c, "", err
		}
	}
	note = "GitHub can reach the portal."
	missing := slices.DeleteFunc(HookEvents(), func(name string) bool {
		return name == "public" || slices.Contains(e.Hook.Events, name) || slices.Contains(e.Hook.Events, "*")
	})
	if len(missing) > 0 {
		note += " It does not send these events, which the portal asks for instead: " + strings.Join(missing, ", ") + "."
	}
	return c, note, nil
}

// reducePushed reduces a commit of a push; false when it cannot be read.
func reducePushed(h *github.HeadCommit) (hackfest.Commit, bool) {
	sha := strings.ToLower(cmp.Or(h.GetID(), h.GetSHA()))
	at := h.GetTimestamp().UTC()
	author := text(cmp.Or(h.GetAuthor().GetLogin(), h.GetAuthor().GetName()), maxName)
	return hackfest.Commit{SHA: sha, Summary: firstLine(h.GetMessage()), Author: author, CommittedAt: at}, isSHA(sha) && isTime(at)
}
