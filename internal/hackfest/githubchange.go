package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// GitHubChange is what GitHub said about one repository, in a delivery or when
// it was asked, reduced to what is kept. It is stored as JSON while a delivery
// waits. Of two stories about an issue or a milestone the one with the newer
// UpdatedAt holds; of two equally new ones that for which GitHub was asked.
type GitHubChange struct {
	// Repository says which it is: by ID if that is not 0, else by GitHubID, else
	// by Name. Of its facts a delivery changes only one at once, that it became
	// Private; the others are believed when GitHub was asked.
	Repository        Repository
	Issues            []Issue // RepositoryID, Repo and KnownAt are ignored
	RemovedIssues     []int   // numbers of those that were deleted or transferred
	Commits           []Commit
	Releases          []Release
	RemovedReleases   []int64
	Milestones        []Milestone
	RemovedMilestones []int

	// When GitHub was asked for a whole list, what is not on it is not there any
	// more: of milestones, of releases, and of commits between two times.
	AllMilestones, AllReleases, AllCommits bool
	CommitsFrom, CommitsTo                 time.Time

	Polled bool      // GitHub was asked, and Repository holds what it said
	Due    bool      // more changed than is said: GitHub is to be asked soon
	Whole  bool      // and all issues are to be compared, as when a label was renamed
	At     time.Time // when it was received; when asked, the moment before
}

// RepositoryUse is what repositories belong to: a target, a series or a single
// session. Exactly one is not 0.
type RepositoryUse struct {
	TargetID  TargetID
	SeriesID  SeriesID
	SessionID SessionID
}

// RepositoryEdit is what people decide about a repository.
type RepositoryEdit struct {
	Visibility  person.Visibility
	BugLabels   []string // what marks a known bug
	FirstLabels []string // what suits newcomers
}
