package hackfest

import (
	"strconv"
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// RepositoryID identifies a Repository inside one database; people see its name.
type RepositoryID int64

// Repository is a repository on GitHub that is kept in step here. Times are UTC
// and zero where nothing happened yet.
type Repository struct {
	ID            RepositoryID
	Name          string // owner/name, as GitHub spells it
	GitHubID      int64  // 0 until GitHub told it; it stays when the repository moves
	About         string // GitHub's description
	DefaultBranch string
	Private       bool // GitHub shows it to its members alone
	Archived      bool
	Visibility    person.Visibility // of all that is known of it here
	BugLabels     []string          // lower case; what marks a known bug
	FirstLabels   []string          // lower case; what suits newcomers
	RecordedAt    time.Time         // it was written down then and GitHub is never asked; zero: it is kept in step
	DueAt         time.Time         // when GitHub is asked next
	AskedAt       time.Time         // when GitHub was last asked
	KnownAt       time.Time         // as of when all that GitHub said is known here
	HookAt        time.Time         // when GitHub last delivered an event of it
	GoneAt        time.Time         // since when GitHub says that there is none
	Trouble       string            // why the last try failed; "" when it did not
	Revision      int
	CreatedAt     time.Time
}

// RepositoryReplaced is the Trouble of a repository that is gone and whose name
// another one has.
const RepositoryReplaced = "It is gone from GitHub, and another repository has its name now."

// IssueRef names an issue or pull request on GitHub, known here or not. Repo is
// owner/name and is compared without regard to case.
type IssueRef struct {
	Repo   string
	Number int
}

func (r IssueRef) String() string { return r.Repo + "#" + strconv.Itoa(r.Number) }

// PublicGitHub is the base of the pages of github.com, without a slash at the end.
const PublicGitHub = "https://github.com"

// Page is the page of the issue on the GitHub whose pages begin with web; it leads
// on where that is a pull request.
func (r IssueRef) Page(web string) string {
	return web + "/" + r.Repo + "/issues/" + strconv.Itoa(r.Number)
}

// Issue is an issue or pull request on GitHub as it was last known. Times are
// UTC, to the second, and zero where nothing happened.
type Issue struct {
	RepositoryID RepositoryID
	Repo         string // owner/name as it is called now
	Number       int
	Pull         bool // a pull request
	Title        string
	Open         bool
	Reason       string // GitHub's state_reason: completed, not_planned, duplicate, reopened; "" is none
	Draft        bool
	Labels       []string // as GitHub spells them
	Assignees    []string // logins
	Author       string   // login
	Milestone    int      // its number; 0 is none
	OpenedAt     time.Time
	ClosedAt     time.Time
	MergedAt     time.Time // of a pull request
	UpdatedAt    time.Time // GitHub's: of two stories the newer one holds
	KnownAt      time.Time // when we were told
	Mark         string    // in its body, see MarkIn; only what GitHub says has it, it is not kept here
}

// Ref names the issue.
func (i Issue) Ref() IssueRef { return IssueRef{i.Repo, i.Number} }

// Page is its page on the GitHub whose pages begin with web.
func (i Issue) Page(web string) string {
	if i.Pull {
		return web + "/" + i.Repo + "/pull/" + strconv.Itoa(i.Number)
	}
	return i.Ref().Page(web)
}

// StateWord is how the issue stands: open, draft, merged or closed.
func (i Issue) StateWord() string {
	switch {
	case !i.MergedAt.IsZero():
		return "merged"
	case i.Open && i.Draft:
		return "draft"
	case i.Open:
		return "open"
	}
	return "closed"
}

// Commit is a commit on the default branch of a repository.
type Commit struct {
	RepositoryID RepositoryID
	Repo         string // owner/name as it is called now
	SHA          string // hexadecimal, lower case
	Summary      string // first line of its message
	Author       string // login, else the name in the commit
	CommittedAt  time.Time
}

// Release is a published release of a repository.
type Release struct {
	RepositoryID RepositoryID
	ID           int64 // GitHub's
	Tag          string
	Name         string
	Prerelease   bool
	PublishedAt  time.Time
}

// Milestone is a milestone of a repository as it was last known.
type Milestone struct {
	RepositoryID RepositoryID
	Number       int
	Title        string
	Open         bool
	DueOn        time.Time // the day, at midnight UTC; zero is none
	UpdatedAt    time.Time
	ClosedAt     time.Time
}
