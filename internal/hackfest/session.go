package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// SessionID identifies a Session inside one database; people see its slug.
type SessionID int64

// SessionKind is what sort of get-together a session is.
type SessionKind string

const (
	KindHackfest SessionKind = "hackfest"
	KindMeeting  SessionKind = "meeting"
)

// SessionState is what is stored about a session's course. What people see is
// its SessionStatus.
type SessionState string

const (
	StateProposed  SessionState = "proposed"  // wants a chair; in no calendar yet
	StateScheduled SessionState = "scheduled" // will happen, happens or happened
	StateCancelled SessionState = "cancelled"
)

// SessionStatus is where a session stands at one moment; see Session.Status.
type SessionStatus string

const (
	StatusProposed  SessionStatus = "proposed"
	StatusScheduled SessionStatus = "scheduled"
	StatusLive      SessionStatus = "live"
	StatusEnded     SessionStatus = "ended"
	StatusPublished SessionStatus = "published" // a revision of its minutes is published
	StatusCancelled SessionStatus = "cancelled"
)

// Session is a planned get-together on a channel. It has any number of
// meetings (runs of #startmeeting … #endmeeting), usually one.
type Session struct {
	ID         SessionID
	Slug       string // its local date when created and its title; never changes
	Title      string
	Kind       SessionKind
	State      SessionState
	StartsAt   time.Time // UTC
	EndsAt     time.Time // UTC, after StartsAt
	Zone       string    // IANA name of the zone it was planned in
	Goal       string    // what people want to have at the end; may be empty
	Reason     string    // why it was cancelled or moved; may be empty
	MovedFrom  time.Time // the start before the last move; zero when never moved
	UID        string    // RFC 5545 section 3.8.4.7: that of its rule when it has one
	Sequence   int       // RFC 5545 section 3.8.7.4
	Revision   int
	ChangedAt  time.Time // UTC
	ChangedBy  string    // name of who changed it last; "" is the portal
	ReplacedBy string    // slug of the joint meeting that is held instead; "" when there is none
	Visibility person.Visibility
	OverlapOK  bool      // may share its channel's time with another session
	ConflictAt time.Time // UTC, when a series found its channel taken; zero when it did not

	ChannelID   ChannelID
	Network     string // name of the channel's network
	Channel     string // as the server spells it
	ChannelPath string // the channel's part of URLs, not yet percent-encoded
	SeriesSlug  string // "" for a one-off
	SeriesTitle string
	RuleID      RuleID    // the rule that gave its date; zero for a one-off and for a date that fell out of its series
	Occurrence  time.Time // wall-clock start that the rule gave (RECURRENCE-ID); zero without a rule
	Moved       bool      // its time or channel was set by hand
	Overridden  bool      // somebody changed this date: calendars have an entry for it beside the rule's
	TargetSlug  string    // "" when it has none
	TargetName  string
	HostID      person.ID // who welcomes people: its own host, else its series'; zero is nobody
	Host        string    // their name; "" is nobody

	Spot      bool // begun in the channel, planned by nobody
	Running   int  // meetings that run now
	Held      int  // meetings that were started, running or ended
	Published bool // a revision of its minutes is published
}

// SessionEdit is what somebody wants a session to be, its time aside.
type SessionEdit struct {
	Title      string
	Goal       string
	TargetSlug string // "" for none
}

// SessionMove is when and where somebody wants a session to be.
type SessionMove struct {
	StartsAt, EndsAt time.Time
	Network, Channel string // "" for where it is
	Reason           string
	OverlapOK        bool // it may share its channel's time
}

// Overlap is something else that is planned for a session's channel and time.
type Overlap struct {
	Slug, Title      string // "" when it is not for the viewer
	StartsAt, EndsAt time.Time
	Conflict         bool // nobody allowed it: a series found its channel taken
}

// Status derives where s stands at now. Live means that a meeting runs or, as
// long as none was held, that now is inside the planned time.
func (s Session) Status(now time.Time) SessionStatus {
	switch {
	case s.State == StateCancelled:
		return StatusCancelled
	case s.Running > 0:
		return StatusLive
	case s.Published:
		return StatusPublished
	case s.Held > 0:
		return StatusEnded
	case s.State == StateProposed:
		return StatusProposed
	case now.Before(s.StartsAt):
		return StatusScheduled
	case now.Before(s.EndsAt):
		return StatusLive
	}
	return StatusEnded
}
