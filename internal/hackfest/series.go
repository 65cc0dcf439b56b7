package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// SeriesID identifies a Series inside one database; people see its slug.
type SeriesID int64

// Series is a session that repeats. It keeps a wall-clock time and a zone, never
// an instant; internal/schedule works out when that is.
type Series struct {
	ID         SeriesID
	Slug       string
	Title      string
	Kind       SessionKind
	Rule       string        // RFC 5545 section 3.3.10, as in "FREQ=WEEKLY;BYDAY=WE"
	First      time.Time     // date and wall-clock time of the first occurrence; its own zone is ignored
	Zone       string        // IANA name of the zone the community keeps
	Length     time.Duration // whole minutes
	UID        string        // RFC 5545 section 3.8.4.7; given out when stored
	Sequence   int           // RFC 5545 section 3.8.7.4
	Visibility person.Visibility
	OverlapOK  bool // a chair allowed it to share its channel's time; its sessions inherit that

	ChannelID   ChannelID
	Network     string
	Channel     string // as the server spells it
	ChannelPath string // the channel's part of URLs, not yet percent-encoded
	TargetSlug  string // "" when it has none
	TargetName  string
}
