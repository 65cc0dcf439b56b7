package ircbot

import "time"

// tellAgain is the time between two notices of the same trouble in one room.
const tellAgain = 10 * time.Minute

// trouble is something a running meeting is told about, once when it begins and
// once when it is over.
type trouble struct {
	reason     func(b *Bot, now time.Time) bool // it is there now
	begin, end string                           // what is said
}

// troubles are those we know of.
var troubles = [...]trouble{
	{
		reason: func(b *Bot, now time.Time) bool { return !b.outage.away(now).IsZero() },
		begin:  "The database is away. The meeting goes on: all that is said is kept here and stored as soon as it is back.",
		end:    "The database is back, and everything said meanwhile is being stored.",
	},
	{
		reason: func(b *Bot, now time.Time) bool {
			st := b.spool.Status()
			return st.Err != nil && now.Sub(st.ErrSince) >= awayAfter
		},
		begin: "The disk cannot be written. What is said now may be missing from the log and the minutes until I say that it works again.",
		end:   "The disk can be written again.",
	},
	{
		reason: func(b *Bot, _ time.Time) bool { return b.spool.Status().Full },
		begin:  "There is no room left to keep what is said: from now on lines are missing from the log and the minutes, until I say that there is room again.",
		end:    "There is room again to keep what is said. The log says how many lines are missing.",
	},
}

// notice is what a room was told of one trouble.
type notice struct {
	begun bool
	at    time.Time
}

// update returns what to tell the room now; "" for nothing. Somebody who was
// told of a trouble is told of its end, and not of the next one at once.
func (n *notice) update(there bool, x *trouble, running bool, now time.Time) string {
	switch {
	case there && !n.begun && running && (n.at.IsZero() || now.Sub(n.at) >= tellAgain):
		n.begun, n.at = true, now
		return x.begin
	case !there && n.begun:
		n.begun = false
		return x.end
	}
	return ""
}
