package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// OutcomeGrace is how long after the end of a session what changes still counts
// as its outcome.
const OutcomeGrace = 24 * time.Hour

// Outcome is what changed in the repositories of a session between its start and
// OutcomeGrace after its end, both included: of what was held of it, else of what
// was planned. It is computed from what is known of GitHub; nobody types it.
type Outcome struct {
	From, To     time.Time           // UTC; To is zero while a meeting of it runs, and both are for a session that does not take place
	Repositories []OutcomeRepository // the one that a bare #12 means first
	Merged       IssueChanges        // pull requests
	Offered      IssueChanges        // pull requests that were opened
	Closed       IssueChanges        // issues
	Opened       IssueChanges        // issues
	Commits      []Commit            // the first of them; how many there are is with the repositories
	Tested       []MatrixChange      // what was tried in the session itself
}

// IssueChanges are issues or pull requests that something happened to.
type IssueChanges struct {
	Count int     // all of them
	First []Issue // the earliest
}

// OutcomeRepository is a repository of a session, and what is known of it in the
// time of the session's outcome.
type OutcomeRepository struct {
	ID          RepositoryID
	Name        string
	Visibility  person.Visibility
	From, To    time.Time // UTC; as the outcome's, in a record in whole days
	RecordedAt  time.Time // it was written down then and GitHub is never asked; zero: it is kept in step
	KnownAt     time.Time // as of when all that GitHub said is known here; zero: not yet
	CommitsFrom time.Time // back to when commits are known
	GoneAt      time.Time // since when GitHub says that there is none
	Trouble     string    // why the last try failed; "" when it did not
	Commits     int       // in the time of the outcome; of a record: days with changes
	Authors     int       // of them
}

// Knowledge is how much is known of a time.
type Knowledge int

// From nothing to all.
const (
	KnownNot      Knowledge = iota // nothing
	KnownPartly                    // not up to its end, which was
	KnownSoFar                     // all until KnownAt; the end is not yet
	KnownEntirely                  // all
)

// Recorded reports whether r was written down once, by days, and is never asked
// about.
func (r OutcomeRepository) Recorded() bool { return !r.RecordedAt.IsZero() }

// Known says how much of the outcome of o is known of r at now.
func (r OutcomeRepository) Known(o Outcome, now time.Time) Knowledge {
	at := r.KnownAt
	if r.Recorded() {
		at = r.RecordedAt
	}
	switch {
	case at.IsZero() || at.Before(o.From):
		return KnownNot
	case o.Running(now):
		return KnownSoFar
	case at.Before(o.To):
		return KnownPartly
	}
	return KnownEntirely
}

// Behind reports whether commits of the time of o may be missing because they are
// known only from later on.
func (r OutcomeRepository) Behind(o Outcome) bool {
	return !r.KnownAt.IsZero() && !r.Recorded() && (r.CommitsFrom.IsZero() || r.CommitsFrom.After(o.From))
}

// Running reports whether more may come to o at now.
func (o Outcome) Running(now time.Time) bool { return o.To.IsZero() || !now.After(o.To) }

// Final reports whether o is over at now and all of it is known.
func (o Outcome) Final(now time.Time) bool {
	for _, r := range o.Repositories {
		if r.Known(o, now) != KnownEntirely || r.Behind(o) {
			return false
		}
	}
	return !o.Running(now)
}

// CommitCount is how many commits o has. The days of a record are none.
func (o Outcome) CommitCount() int {
	n := 0
	for _, r := range o.Repositories {
		if !r.Recorded() {
			n += r.Commits
		}
	}
	return n
}

// Changed reports whether anything happened in the repositories of o.
func (o Outcome) Changed() bool {
	for _, r := range o.Repositories {
		if r.Commits > 0 {
			return true
		}
	}
	return o.Merged.Count+o.Offered.Count+o.Closed.Count+o.Opened.Count > 0
}

// TargetIssues is what GitHub tells of a target: of the repositories that belong
// to it.
type TargetIssues struct {
	Repositories []Repository
	Open         IssueChanges // open issues, the newest first
	Bugs         IssueChanges // those of them that are marked as bugs
	Next         []Milestone  // what is planned for the next release, one for each repository that has one
	Planned      IssueChanges // open issues and pull requests of those
	Releases     []Release    // the newest of each repository that has one
}
