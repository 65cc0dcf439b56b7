package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// DeliveryID identifies a Delivery.
type DeliveryID int64

// Occasion is why people are told something. The values are also the database's.
type Occasion string

const (
	OccasionDay     Occasion = "day"     // a day before a session starts
	OccasionHour    Occasion = "hour"    // an hour before a session starts
	OccasionTen     Occasion = "ten"     // ten minutes before
	OccasionStart   Occasion = "start"   // at the start
	OccasionMinutes Occasion = "minutes" // the minutes of a meeting were published
	OccasionOutcome Occasion = "outcome" // what changed in a session's repositories is known

	OccasionCancelled  Occasion = "cancelled"  // a session that was near was cancelled
	OccasionMoved      Occasion = "moved"      // it was given another time or channel
	OccasionReinstated Occasion = "reinstated" // it was announced as cancelled and takes place after all

	OccasionNews     Occasion = "news"     // somebody wrote news
	OccasionDigest   Occasion = "digest"   // a week is over
	OccasionTopic    Occasion = "topic"    // the channel's topic has another session
	OccasionGreeting Occasion = "greeting" // somebody is there for the first time
)

// Changes reports whether o is a change of the plan.
func (o Occasion) Changes() bool {
	return o == OccasionCancelled || o == OccasionMoved || o == OccasionReinstated
}

// OutletNotice is a line to one person on IRC: what nobody chooses for news.
const OutletNotice Outlet = "notice"

// DeliveryState is how far a delivery has come.
type DeliveryState string

const (
	DeliveryPending DeliveryState = "pending" // to go, now or later
	DeliverySending DeliveryState = "sending" // handed to its outlet
	DeliverySent    DeliveryState = "sent"    // the outlet took it: for IRC the server's socket, for mail the mail server
	DeliveryUnknown DeliveryState = "unknown" // cut off while being sent; never sent again
	DeliveryDropped DeliveryState = "dropped" // certainly did not go, and must not any more; Reason says why
	DeliveryFailed  DeliveryState = "failed"  // certainly did not go and was given up; Reason says why. It may be tried again by hand
)

// Delivery is one announcement to one recipient. There is at most one for each
// recipient of an occasion and a start, of the minutes of a meeting, of a change
// of the plan, or of news.
type Delivery struct {
	ID        DeliveryID
	What      string // what it announces, as "session/12/20120802T190000Z"; the same for all its recipients
	Outlet    Outlet
	Occasion  Occasion
	State     DeliveryState
	Reason    string    // why it was dropped, failed or is unknown, a sentence; else ""
	Tries     int       // how often its outlet certainly did not take it
	StartsAt  time.Time // UTC, the start it announces, or of the session that it is about; zero without one
	DueAt     time.Time // UTC
	SendingAt time.Time // UTC, when it was handed to its outlet; zero before
	SettledAt time.Time // UTC, when it became sent, unknown, dropped or failed; zero before
	Was       time.Time // UTC, when its session was to start before its plan was last changed; zero when that changed neither start nor channel

	SessionID    SessionID // zero when it is about none
	SessionSlug  string
	SessionTitle string
	MeetingRef   Ref    // the meeting whose minutes it announces; zero for all else
	NewsID       NewsID // zero for all else than news
	NewsSlug     string
	NewsTitle    string

	ChannelID  ChannelID         // of irc and topic; else zero
	Network    string            // name of the channel's network, or of that on which a person is told
	Channel    string            // as the server spells it; "" when it goes to none
	Visibility person.Visibility // of the channel
	Silent     bool              // nothing of the kind is to be announced in the channel any more
	Everywhere bool              // the channel is told of sessions in other channels too
	Left       bool              // its session was in the channel before its plan was last changed
	Quiet      bool              // somebody told the bot to be silent in the channel for now

	PersonID     person.ID    // of notice; else zero
	SubscriberID SubscriberID // of mail; else zero
}

// About is session s as people are told of it: of one that was moved with its
// series they are told when it was to be, as of one that was moved by hand.
func (d Delivery) About(s Session) Session {
	if d.Occasion == OccasionMoved && s.MovedFrom.IsZero() {
		s.MovedFrom = d.Was
	}
	return s
}

// Receipt is what became of an announcement at one outlet: in one channel, or at
// all addresses together.
type Receipt struct {
	What      string
	Outlet    Outlet
	Occasion  Occasion
	Network   string // of irc and topic; else ""
	Channel   string
	ChannelID ChannelID
	State     DeliveryState
	Count     int       // deliveries in that state
	Reason    string    // of the last of them; may be ""
	At        time.Time // UTC, of the last of them: when it was settled, or is due

	SessionSlug, SessionTitle string
	NewsSlug, NewsTitle       string
	MeetingRef                Ref
}
