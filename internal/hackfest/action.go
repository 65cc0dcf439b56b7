package hackfest

import "time"

// ActionState is how an action stands.
type ActionState string

const (
	ActionOpen    ActionState = "open"
	ActionCarried ActionState = "carried" // a session looked at it and left it open
	ActionDone    ActionState = "done"
	ActionDropped ActionState = "dropped" // nobody will do it any more
)

// Open reports whether an action in state s is still to be done.
func (s ActionState) Open() bool { return s == ActionOpen || s == ActionCarried }

// Returns is for how many sessions an action may be open before it returns to
// the agenda by itself.
const Returns = 3

// Action is what somebody took on in a meeting.
type Action struct {
	ID       ItemID
	Text     string
	Owners   []string  // nicks; empty means that nobody took it
	Due      time.Time // midnight in UTC of its day; zero without one
	At       time.Time // UTC, when it was noted
	State    ActionState
	Settled  time.Time // UTC, when it came to its state; zero while that is ActionOpen
	By       string    // who brought it there: a nick or a name; "" while it is ActionOpen
	Sessions int       // sessions of its series that are over and that it has been open for, the one it was noted in included; at least 1

	MeetingRef   Ref // that it was noted in
	SessionSlug  string
	SessionTitle string
	SessionAt    time.Time // UTC, its start
	SessionZone  string    // IANA name
	SeriesSlug   string    // "" for a one-off
	Network      string
}

// ActionEvent is one step in the history of an action.
type ActionEvent struct {
	At         time.Time // UTC
	State      ActionState
	By         string // a nick or a name
	LineRef    Ref    // the line that did it; zero for the web
	MeetingRef Ref    // the meeting in which it was said; zero for the web
}
