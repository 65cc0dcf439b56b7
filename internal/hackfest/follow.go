package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// SubscriberID identifies a Subscriber inside one database.
type SubscriberID int64

// FollowID identifies a Follow inside one database.
type FollowID int64

// FollowScope is what somebody follows. The values are also the database's.
type FollowScope string

const (
	FollowAll     FollowScope = "all"     // every session, and the news
	FollowSeries  FollowScope = "series"  // the sessions of a series
	FollowTarget  FollowScope = "target"  // the sessions about a target
	FollowSession FollowScope = "session" // one session, which they answered an invitation to
	FollowNews    FollowScope = "news"    // what is announced on /news
)

// Pace is how often a subscriber wants mail. The values are also the database's.
type Pace string

const (
	PaceEach   Pace = "each"   // a mail for each thing; "" in a Following
	PaceWeekly Pace = "weekly" // one a week, and none else but changes of sessions they answered
)

// Following is somebody who wants to follow something. Of Series, Target and
// Session that is set which Scope names.
type Following struct {
	Mail     string    // "" with a PersonID is their proven address
	PersonID person.ID // who is signed in; zero is nobody
	Scope    FollowScope
	Series   string // slug
	Target   string // slug
	Session  string // slug
	Zone     string // IANA name of the zone they read times in; "" is not known
	Pace     Pace   // "" is as it was, PaceEach at first
}

// Subscriber is an address that gets mail, or may once it is confirmed.
type Subscriber struct {
	ID          SubscriberID
	Handle      []byte // 16 random bytes; links in mails name it by them
	Mail        string
	PersonID    person.ID // whose it is for certain; zero without an account
	Zone        string    // IANA name; "" is each session's own
	Pace        Pace
	MadeAt      time.Time // UTC
	AskedAt     time.Time // UTC, when a confirmation was last sent; zero for never
	ConfirmedAt time.Time // UTC; zero until they said yes
	EndedAt     time.Time // UTC, when they ended it all; zero while it goes on
	Pending     bool      // something they follow waits to be confirmed
	Waits       bool      // so does what was asked for just now; only Follow says so
	Members     bool      // it is a member's, who may hear of what is for members
}

// Follow is one thing that a subscriber follows.
type Follow struct {
	ID          FollowID
	Scope       FollowScope
	Slug        string    // of the series, target or session; "" for the others
	Title       string    // of it
	StartsAt    time.Time // UTC, of a session; else zero
	Zone        string    // of a session; else ""
	MadeAt      time.Time // UTC
	ConfirmedAt time.Time // UTC; zero until they said yes
}

const (
	// ConfirmTime is how long a link works that confirms what an address follows;
	// what is not confirmed by then is forgotten.
	ConfirmTime = 7 * 24 * time.Hour
	// ConfirmAgain is how long after a confirmation an address gets another.
	ConfirmAgain = 24 * time.Hour
	// EndedTime is how long an address is kept after its owner ended it all.
	EndedTime = 30 * 24 * time.Hour
	// MaxPending is how many things may wait for one address to confirm them.
	MaxPending = 20
)
