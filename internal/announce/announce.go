// Package announce holds the words of everything the bot says about the
// schedule: announcements before and at a start and of published minutes, and
// the answers to !next and the like. It is given what is known and the time,
// looks nothing up and says nothing itself.
//
// Nobody's own zone is known on IRC. So times are written for everybody alike:
// date, weekday, the clock of the zone the session was planned in, and UTC.
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

// Moment is an occasion with its time: so long before a start it is announced,
// and not when it would come later than that by Late.
type Moment struct {
	Occasion hackfest.Occasion
	Ahead    time.Duration // before the start of a session; zero for minutes
	Late     time.Duration
}

// Moments are the occasions of a session.
var Moments = []Moment{
	{hackfest.OccasionHour, time.Hour, 10 * time.Minute},
	{hackfest.OccasionTen, 10 * time.Minute, 8 * time.Minute}, // then it is the start's turn
	{hackfest.OccasionStart, 0, 10 * time.Minute},
}

// MinutesLate is how long after their publication minutes are announced at the
// latest.
const MinutesLate = 12 * time.Hour

// MinutesOld is how long after a meeting its minutes are news: those published
// later are not announced.
const MinutesOld = 14 * 24 * time.Hour

// LineRoom is how many bytes of a line arrive whole on networks that allow the
// usual 512 with all around them. What is announced is shorter.
const LineRoom = 400

// ChangeLate is how long after a change of the plan it is announced at the latest.
const ChangeLate = time.Hour

// Overdue reports whether it is too late at now to announce d.
func Overdue(d hackfest.Delivery, now time.Time) bool {
	late := MinutesLate
	if changes[d.Occasion] != "" {
		late = ChangeLate
	}
	for _, m := range Moments {
		if m.Occasion == d.Occasion {
			late = m.Late
		}
	}
	return now.After(d.DueAt.Add(late))
}
