package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// DeliveryID identifies a Delivery.
type DeliveryID int64

// Occasion is why a channel is told something. The values are also the
// database's.
type Occasion string

const (
	OccasionHour    Occasion = "hour"    // an hour before a session starts
	OccasionTen     Occasion = "ten"     // ten minutes before
	OccasionStart   Occasion = "start"   // at the start
	OccasionMinutes Occasion = "minutes" // the minutes of a meeting were published

	OccasionCancelled  Occasion = "cancelled"  // a session that was near was cancelled
	OccasionMoved      Occasion = "moved"      // it was given another time or channel
	OccasionReinstated Occasion = "reinstated" // it was announced as cancelled and takes place after all
)

// DeliveryState is how far a delivery has come.
type DeliveryState string

const (
	DeliveryPending DeliveryState = "pending" // to be said, now or later
	DeliverySending DeliveryState = "sending" // handed to the bot
	DeliverySent    DeliveryState = "sent"    // the server's socket took it
	DeliveryUnknown DeliveryState = "unknown" // cut off while being sent; never sent again
	DeliveryDropped DeliveryState = "dropped" // certainly not said; Reason says why
)

// Delivery is one announcement to one channel. There is at most one of an
// occasion and a start, of the minutes of a meeting, or of a change of the plan.
type Delivery struct {
	ID        DeliveryID
	Occasion  Occasion
	State     DeliveryState
	Reason    string    // why it was dropped or is unknown, a sentence; else ""
	StartsAt  time.Time // UTC, the start it announces, or of the session that it is about
	DueAt     time.Time // UTC
	SendingAt time.Time // UTC, when it was handed to the bot; zero before
	SettledAt time.Time // UTC, when it became sent, unknown or dropped; zero before

	SessionID    SessionID
	SessionSlug  string
	SessionTitle string
	MeetingRef   Ref // the meeting whose minutes it announces; zero for a start
	ChannelID    ChannelID
	Network      string            // name of the channel's network
	Channel      string            // as the server spells it
	Visibility   person.Visibility // of the channel
	Silent       bool              // nothing is to be announced in the channel any more
}
