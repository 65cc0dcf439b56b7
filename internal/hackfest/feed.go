package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// FeedFilter says which sessions a calendar tells of. Of the fields at most one
// is set; none is everything.
type FeedFilter struct {
	Series  string    // slug of the series
	Target  string    // slug of the target
	Network string    // with Channel: name of the channel's network
	Channel string    // folded name of the channel, with its prefix
	Person  person.ID // what they chair, and what is for members only
}

// Feed is what a calendar tells.
type Feed struct {
	Series   []FeedSeries
	Sessions []FeedSession // that no rule of Series gives, by start
	Channels []ChannelInfo // in which they are
}

// FeedSeries is a series in a calendar.
type FeedSeries struct {
	Series
	Chairs []string // their names
	Laid   []FeedRule
}

// FeedRule is one of the rules of a series, and what became of its dates.
type FeedRule struct {
	SeriesRule
	Begun  time.Time     // wall-clock start of the first date that is a session; zero before there is any
	Dates  []FeedSession // that are not as the rule has them, by date
	Except []FeedGap     // that are left out, by date
}

// FeedGap is a date of a rule that a calendar leaves out.
type FeedGap struct {
	RuleID     RuleID
	Occurrence time.Time // wall-clock start that the rule gives
	ChangedAt  time.Time // UTC, since when
}

// FeedSession is a session in a calendar.
type FeedSession struct {
	Session
	OwnUID string // RFC 5545 section 3.8.4.7, of the session alone
	Chairs []string
}
