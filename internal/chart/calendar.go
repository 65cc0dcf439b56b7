package chart

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Geometry of the calendar of activity, in pixels.
const (
	calendarRow    = 14 // from one weekday to the next
	calendarBar    = 12 // height of the busiest day
	calendarLeast  = 2  // height of a day on which hardly anything was said
	calendarFoot   = 24 // room for the names of months
	calendarMonths = 12
)

// DayCount is how much was said on one day.
type DayCount struct {
	Day  time.Time // midnight in UTC, of a day with log
	Said int       // messages of people
	More bool      // Said is as far as was counted
}

// CalendarDay is the bar of one day.
type CalendarDay struct {
	X, Width  Percent
	Y, Height int
	Busy      bool // at least half as much was said as on the busiest day
	Silent    bool // logged, and nothing said
}

// CalendarLabel is the name of a weekday beside the picture.
type CalendarLabel struct {
	Text string
	Y    int
}

// CalendarMonth is a row of the table beneath the picture.
type CalendarMonth struct {
	Name    string // "August 2012"
	Days    int    // on which something was said
	Said    string // "172", or "at least 500"
	Busiest string // "Thu 2 Aug: 172"; "" when nothing was said
}

// Calendar is the calendar of activity of a channel: twelve months, a column a
// week, a row a weekday, and a bar a day. Without Days there is too little to
// draw, and Desc says it all.
type Calendar struct {
	Days    []CalendarDay
	Lines   []int // where the line of each weekday is
	Labels  []CalendarLabel
	Months  []Tick
	Height  int
	MonthY  int // baseline of the months' names
	Desc    string
	Caption string
	Rows    []CalendarMonth // newest first
}

// CalendarSpan is what a calendar that ends with the month of end covers: from
// the first of its months to the first after them, midnight in UTC.
func CalendarSpan(end time.Time) (from, to time.Time) {
	to = time.Date(end.Year(), end.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	return to.AddDate(0, -calendarMonths, 0), to
}

// NewCalendar draws the days of the twelve months up to that of end. Days are
// oldest first; those outside are left out.
func NewCalendar(end time.Time, days []DayCount) Calendar {
	from, to := CalendarSpan(end)
	monday := from.AddDate(0, 0, -(int(from.Weekday())+6)%7)
	weeks := int(to.AddDate(0, 0, -1).Sub(monday)/day)/7 + 1
	c := Calendar{Height: 7*calendarRow + calendarFoot, MonthY: 7*calendarRow + 16}
	step := 100 / float64(weeks)
	var best DayCount
	talked, said, more := 0, 0, false
	var inside []DayCount
	for _, d := range days {
		if d.Day.Before(from) || !d.Day.Before(to) {
			continue
		}
		inside = append(inside, d)
		if d.Said > best.Said {
			best = d
		}
		if d.Said > 0 {
			talked, said, more = talked+1, said+d.Said, more || d.More
		}
	}
	for n := range 7 {
		c.Lines = append(c.Lines, (n+1)*calendarRow-1)
	}
	for _, d := range inside {
		if talked < MinPoints {
			break
		}
		c.Days = append(c.Days, calendarDay(d, best.Said, int(d.Day.Sub(monday)/day), step))
	}
	for i, name := range []string{"Mon", "Wed", "Fri", "Sun"} {
		c.Labels = append(c.Labels, CalendarLabel{Text: name, Y: 2*i*calendarRow + calendarRow - 2})
	}
	for n := range calendarMonths {
		m := from.AddDate(0, n, 0)
		x := Percent(step * float64(int(m.Sub(monday)/day)/7))
		c.Months = append(c.Months, Tick{X: x, Text: m.Format("Jan"), Anchor: "start", Minor: n%2 == 1})
	}
	c.Rows = calendarRows(from, to, inside)
	c.Desc = fmt.Sprintf("%s to %s. ", from.Format("January 2006"), to.AddDate(0, 0, -1).Format("January 2006"))
	if said == 0 {
		c.Desc += "Nothing was said."
		return c
	}
	c.Desc += fmt.Sprintf("%s on %s; the busiest was %s with %s.", capital(atLeast(said, more)+messages(said)),
		Count(talked, "day", "days"), best.Day.Format("Mon 2 Jan 2006"), atLeast(best.Said, best.More)+messages(best.Said))
	c.Caption = "A bar a day: the taller, the more was said. " + c.Desc
	return c
}

// atLeast is n, or what is certain when there are more.
func atLeast(n int, more bool) string {
	if more {
		return fmt.Sprintf("at least %d", n)
	}
	return strconv.Itoa(n)
}

func messages(n int) string {
	if n == 1 {
		return " message"
	}
	return " messages"
}

// calendarDay is the bar of d, so many days after the first Monday. Heights go
// by the square root, so that a quiet day beside a hackfest is still seen.
func calendarDay(d DayCount, most, after int, step float64) CalendarDay {
	height := calendarLeast
	if d.Said > 0 {
		height = max(calendarLeast+2, int(math.Round(calendarBar*math.Sqrt(float64(d.Said)/float64(most)))))
	}
	row := after % 7
	return CalendarDay{
		X: Percent(step * float64(after/7)), Width: Percent(step * .72), Y: (row+1)*calendarRow - height - 1, Height: height,
		Busy: 2*d.Said >= most && d.Said > 0, Silent: d.Said == 0,
	}
}

// calendarRows are the months with anything logged, newest first.
func calendarRows(from, to time.Time, days []DayCount) []CalendarMonth {
	var rows []CalendarMonth
	for m := to.AddDate(0, -1, 0); !m.Before(from); m = m.AddDate(0, -1, 0) {
		row, best, logged, said, more := CalendarMonth{Name: m.Format("January 2006")}, 0, false, 0, false
		for _, d := range days {
			if d.Day.Year() != m.Year() || d.Day.Month() != m.Month() {
				continue
			}
			logged = true
			if d.Said > 0 {
				row.Days, said, more = row.Days+1, said+d.Said, more || d.More
			}
			if d.Said > best {
				best, row.Busiest = d.Said, d.Day.Format("Mon 2 Jan: ")+atLeast(d.Said, d.More)
			}
		}
		row.Said = atLeast(said, more)
		if logged {
			rows = append(rows, row)
		}
	}
	return rows
}
