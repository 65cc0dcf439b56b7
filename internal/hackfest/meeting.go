package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// Meeting is one run of #startmeeting … #endmeeting, with where it belongs. What
// was noted in it is internal/meeting's.
type Meeting struct {
	Ref        Ref // of its #startmeeting line: the meeting's id
	ChangedRef Ref // the line that last changed anything below
	Title      string
	Name       string   // #meetingname; "" when none
	Suffix     string   // #meetingtopic; "" when none
	Owner      string   // nick of whoever started it
	Chairs     []string // nicks, the owner first
	StartedAt  time.Time
	EndedAt    time.Time // UTC; zero while it runs
	LastRef    Ref       // its #endmeeting line; zero while it runs
	EndedBy    string    // "chair" or "silence"; "" while it runs
	Visibility person.Visibility
	Queue      []string // who wants to speak, in their turn; of a meeting that runs

	People    int // who spoke, bots left out; this and the counts below are zero until the draft is saved
	Decisions int
	Actions   int
	Lessons   int
	Revision  int    // number of the published revision of its minutes; zero when none is
	Summary   string // of that revision; may be empty
	Note      string // what that revision corrected; "" for the first

	PublishedAt      time.Time // UTC, when that revision was published; zero when none is
	FirstPublishedAt time.Time // UTC, when the first revision was; zero when none is

	SessionID    SessionID
	SessionSlug  string
	SessionTitle string
	SessionZone  string // IANA name of the zone the session was planned in
	SeriesSlug   string // "" for a one-off
	SeriesTitle  string
	TargetSlug   string // "" when it has none
	TargetName   string
	ChannelID    ChannelID
	Network      string
	Channel      string // as the server spells it
	ChannelPath  string // the channel's part of URLs, not yet percent-encoded
}

// Running reports whether m is under way.
func (m Meeting) Running() bool { return m.EndedAt.IsZero() }

// Publication is a revision of published minutes.
type Publication struct {
	Number int
	At     time.Time // UTC
	Note   string    // what it corrected; "" for the first
	Author string    // "" when nobody in particular did it, or they left
}

// Archive is what there is of meetings that are over.
type Archive struct {
	First    time.Time   // UTC, when the first began; zero when there is none
	Meetings int         // how many
	More     bool        // and more than that: it was not counted further
	Years    []int       // in which any began, in UTC; newest first
	Months   []time.Time // of one of those years; newest first
}
