package announce

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Moment is an occasion with its time: so long before a start it is announced,
// and not when it would come later than that by Late.
type Moment struct {
	Occasion hackfest.Occasion
	Ahead    time.Duration // before the start of a session
	Late     time.Duration
}

// Moments are the occasions of a session on which channels are told.
var Moments = []Moment{
	{hackfest.OccasionDay, 24 * time.Hour, 6 * time.Hour},
	{hackfest.OccasionHour, time.Hour, 10 * time.Minute},
	{hackfest.OccasionTen, 10 * time.Minute, 8 * time.Minute}, // then it is the start's turn
	{hackfest.OccasionStart, 0, 10 * time.Minute},
}

// LetterMoments are the occasions of a session on which mail goes out.
var LetterMoments = []Moment{
	{hackfest.OccasionDay, 24 * time.Hour, 12 * time.Hour},
	{hackfest.OccasionHour, time.Hour, 40 * time.Minute},
}

// NoticeMoment is when people are told one by one who said that they come.
var NoticeMoment = Moment{hackfest.OccasionTen, 10 * time.Minute, 8 * time.Minute}

const (
	// MinutesLate is how long after their publication minutes are announced at the
	// latest.
	MinutesLate = 12 * time.Hour
	// MinutesOld is how long after a meeting its minutes are news: those published
	// later are not announced.
	MinutesOld = 14 * 24 * time.Hour
	// OutcomeLate is how long after the time of a session's outcome it is announced
	// at the latest. Until all that happened in that time is known it is not.
	OutcomeLate = 48 * time.Hour
	// ChangeLate is how long after a change of the plan channels are told of it at
	// the latest.
	ChangeLate = time.Hour
	// LetterLate is how long after a change of the plan mail about it goes out at
	// the latest.
	LetterLate = 12 * time.Hour
	// NewsLate is how long after their publication, or after somebody had them
	// tried again, news go out at the latest.
	NewsLate = 12 * time.Hour
	// TopicLate is how long after it was planned a topic is set at the latest: it
	// is, until another session is the next one.
	TopicLate = 60 * 24 * time.Hour
)

// Overdue reports whether it is too late at now for d.
func Overdue(d hackfest.Delivery, now time.Time) bool { return now.After(d.DueAt.Add(lateness(d))) }

// lateness is how long after it is due d may go out.
func lateness(d hackfest.Delivery) time.Duration {
	moments := Moments
	switch d.Outlet {
	case hackfest.OutletMail:
		moments = LetterMoments
	case hackfest.OutletNotice:
		moments = []Moment{NoticeMoment}
	}
	for _, m := range moments {
		if m.Occasion == d.Occasion {
			return m.Late
		}
	}
	switch {
	case d.Occasion == hackfest.OccasionTopic:
		return TopicLate
	case d.Occasion.Changes() && d.Outlet != hackfest.OutletMail:
		return ChangeLate
	case d.Occasion == hackfest.OccasionNews:
		return NewsLate
	case d.Occasion == hackfest.OccasionOutcome:
		return OutcomeLate
	}
	return LetterLate // and MinutesLate, which is the same
}
