package ui

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// State is a word, a shape and a colour; see Badge.
type State struct {
	Class string    // colour, in portal.css
	Icon  string    // shape, see Icon
	Text  string    // the word
	Until time.Time // counted down after Text; zero when nothing is
	In    string    // the countdown as of now: "in 2 h 10 min"
}

// plainStates are the statuses that need no more than a word.
var plainStates = map[hackfest.SessionStatus]State{
	hackfest.StatusProposed:  {Class: "scheduled", Icon: "hollow", Text: "proposed"},
	hackfest.StatusScheduled: {Class: "scheduled", Icon: "hollow", Text: "scheduled"},
	hackfest.StatusEnded:     {Class: "ended", Icon: "tick", Text: "ended"},
	hackfest.StatusPublished: {Class: "ended", Icon: "tick", Text: "minutes"},
	hackfest.StatusCancelled: {Class: "off", Icon: "struck", Text: "cancelled"},
}

// SessionState is the badge of a session in a list: short.
func SessionState(c Clock, s hackfest.Session) State {
	status := s.Status(c.Now)
	switch {
	case status == hackfest.StatusLive:
		return State{Class: "live", Icon: "live", Text: "live"}
	case status != hackfest.StatusScheduled:
		return plainStates[status]
	case !s.MovedFrom.IsZero():
		return State{Class: "soon", Icon: "arrow", Text: "moved from " + c.In(s.MovedFrom, s.Zone).Format("Mon")}
	}
	if in := c.Until(s.StartsAt); in != "" {
		return State{Class: "soon", Icon: "clock", Until: s.StartsAt, In: in}
	}
	return plainStates[status]
}

// TitleState is the badge beside the title of a session: as SessionState, with
// how long it has been live, and with the day when it is near.
func TitleState(c Clock, s hackfest.Session) State {
	st := SessionState(c, s)
	switch st.Icon {
	case "live":
		st.Text = "live, " + c.Elapsed(s.StartsAt)
	case "clock":
		st.Text = "today,"
		if day := c.In(s.StartsAt, s.Zone).YearDay(); c.In(c.Now, s.Zone).YearDay() != day {
			st.Text = "tomorrow,"
		}
	}
	return st
}

// LessonState is the badge of what a lesson tells people to do.
func LessonState(k hackfest.LessonKind) State {
	switch k {
	case hackfest.LessonDoAgain:
		return State{Class: "ok", Icon: "tick", Text: "do again"}
	case hackfest.LessonAvoid:
		return State{Class: "soon", Icon: "struck", Text: "avoid"}
	case hackfest.LessonBroken:
		return State{Class: "done", Icon: "warn", Text: "broken upstream"}
	}
	return State{Class: "off", Icon: "square", Text: "unknown"}
}

// States that are not a session's.
var (
	LiveState      = State{Class: "live", Icon: "live", Text: "live"}
	MinutesState   = State{Class: "ended", Icon: "tick", Text: "minutes"}
	DraftState     = State{Class: "off", Icon: "square", Text: "draft"}
	UnknownState   = State{Class: "soon", Icon: "warn", Text: "unknown"}
	NotSaidState   = State{Class: "off", Icon: "struck", Text: "not said"}
	NoMinutesState = State{Class: "off", Icon: "hollow", Text: "no minutes"}
)
