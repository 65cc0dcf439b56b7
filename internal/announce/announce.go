// Package announce holds the words of everything the bot says about the
// schedule: announcements before and at a start and of published minutes, and
// the answers to !next and the like. It is given what is known and the time,
// looks nothing up and says nothing itself.
//
// What is announced is for everybody alike: date, weekday, the clock of the zone
// the session was planned in, and UTC. An answer has the clock of who asks, where
// that is known.
package announce

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Facts are what answers are made of: what the public may know.
type Facts struct {
	At       time.Time          // when they were read; zero when never
	Sessions []hackfest.Session // those that are live and those that come, cancelled ones too, by start
	Targets  []hackfest.Target  // all, in the order of the board's columns
	Lessons  []hackfest.Lesson  // the newest few of each target and of none, newest first
}

// lessonsShown is how many lessons one answer has.
const lessonsShown = 3

// MaxLessons is how many lessons of each target Facts have to know: one more
// than are shown, to say that there are more.
const MaxLessons = lessonsShown + 1

// LineRoom is how many bytes of a line arrive whole on networks that allow the
// usual 512 with all around them. What is announced is shorter.
const LineRoom = 400
