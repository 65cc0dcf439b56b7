package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// SeriesID identifies a Series inside one database; people see its slug.
type SeriesID int64

// RuleID identifies a SeriesRule inside one database.
type RuleID int64

// SeriesRule is when a series takes place, or did for a while: one recurring
// event of a calendar (RFC 5545 section 3.8.5). A change of the time from some
// date on ends one rule and begins another.
type SeriesRule struct {
	ID        RuleID
	UID       string        // RFC 5545 section 3.8.4.7; given out when stored
	Sequence  int           // RFC 5545 section 3.8.7.4
	Rule      string        // RFC 5545 section 3.3.10, as in "FREQ=WEEKLY;BYDAY=WE"
	First     time.Time     // date and wall-clock time of the first occurrence; its own zone is ignored
	Zone      string        // IANA name of the zone the community keeps
	Length    time.Duration // whole minutes
	Void      bool          // all its dates fell away before the first came: an event that is cancelled as a whole
	ChangedAt time.Time     // UTC
}

// Timing is when the rule takes place.
func (q SeriesRule) Timing() Timing {
	return Timing{Rule: q.Rule, First: q.First, Zone: q.Zone, Length: q.Length}
}

// Timing is a rule with what it needs to be dates.
type Timing struct {
	Rule   string        // RFC 5545 section 3.3.10, as in "FREQ=WEEKLY;BYDAY=WE"
	First  time.Time     // date and wall-clock time of the first occurrence; its own zone is ignored
	Zone   string        // IANA name of the zone the community keeps
	Length time.Duration // whole minutes
}

// Series is a session that repeats. It keeps wall-clock times and zones, never
// instants; internal/schedule works out when that is.
type Series struct {
	ID         SeriesID
	Slug       string
	Title      string
	Kind       SessionKind
	About      string // what it is for; may be empty
	Visibility person.Visibility
	OverlapOK  bool // a chair allowed it to share its channel's time; its sessions inherit that
	Revision   int
	CreatedAt  time.Time // UTC
	ChangedAt  time.Time // UTC
	EndedAt    time.Time // UTC, when somebody ended it; zero while it goes on
	Reason     string    // why it was ended; may be empty
	Foreign    string    // address or file of the calendar it was imported from; "" is ours, all others are read-only

	Rules    []SeriesRule  // oldest first, at least one
	Rule     string        // of the last rule, as are the five that follow
	First    time.Time     // date and wall-clock time of the first occurrence; its own zone is ignored
	Zone     string        // IANA name
	Length   time.Duration // whole minutes
	UID      string
	Sequence int

	ChannelID   ChannelID
	Network     string
	Channel     string // as the server spells it
	ChannelPath string // the channel's part of URLs, not yet percent-encoded
	TargetSlug  string // "" when it has none
	TargetName  string
	HostID      person.ID // who welcomes people to its sessions that name nobody else; zero is nobody
	Host        string    // their name; "" is nobody
}

// Timing is when the series takes place by its last rule.
func (r Series) Timing() Timing {
	return Timing{Rule: r.Rule, First: r.First, Zone: r.Zone, Length: r.Length}
}

// SeriesEdit is what somebody wants a series to be.
type SeriesEdit struct {
	Title      string
	Kind       SessionKind
	Network    string
	Channel    string
	TargetSlug string // "" for none
	About      string
	Visibility person.Visibility
	OverlapOK  bool // it may share its channel's time

	Timing           // the zero value leaves the times as they are
	From   time.Time // the first wall-clock date that the timing is for; zero is from the next date on
}

// Wanted is a time that somebody wants a channel for: that of a Timing for as
// long as it goes on, or once from StartsAt to EndsAt.
type Wanted struct {
	SeriesSlug  string // the series that is to change; its own dates are in nobody's way. "" is a new one
	SessionSlug string // the session that is to change; "" is a new one
	Network     string
	Channel     string
	Timing
	StartsAt, EndsAt time.Time   // without a Timing
	Chairs           []person.ID // who will chair it, besides those who chair the series or session already
}

// Clash is a date on which what is wanted cannot be, or had better not be.
type Clash struct {
	StartsAt, EndsAt time.Time // UTC, of what is wanted
	With             Overlap   // what takes the channel then, or the chair; without title and slug when it is hidden
	Chair            string    // name of who would have to be in two places: a warning only. "" when the channel is taken
}
