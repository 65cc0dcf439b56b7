package chart

import (
	"fmt"
	"slices"
	"strconv"
)

// Geometry of the attendance, in pixels.
const (
	attendanceTop    = 25  // of the highest grid line
	attendanceAxis   = 130 // where columns stand
	attendanceHeight = 156
	attendanceSide   = 92 // width of the labels' own picture
	attendanceLeft   = 5  // per cent, for the numbers of the grid
	ringAbove        = 11 // from the top of a column to the middle of its ring
	labelApart       = 18 // from one label to the next
	fewestVisits     = 4  // below that a sentence says it
)

// Visit is one session in an Attendance.
type Visit struct {
	Date                string // "15 Aug"
	Present, Spoke, New int
	Acted               int  // who took an action on
	Off                 bool // cancelled: the numbers mean nothing
}

// AttendanceColumn is one session as it is drawn.
type AttendanceColumn struct {
	Visit
	X, Width, Mid     Percent
	Y, Height         int // of who was present
	SpokeY, SpokeTall int
	CoreX, CoreWidth  Percent // of who acted: narrow, inside the others
	ActedY, ActedTall int
	RingY             int  // middle of the ring; only with New
	Minor             bool // its date is left out on phones
}

// GridLine is a horizontal line with its number.
type GridLine struct {
	Y    int
	Text string
}

// Label stands at the end of a picture, beside what it names.
type Label struct {
	Y    int
	Text string
}

// Attendance is how many came to the sessions of a series: one column a session,
// oldest first. Pale is who was present, dark who spoke, the core who took an
// action on; a ring on top counts
// those who came for the first time, and a cross on the axis is a session that
// was cancelled.
type Attendance struct {
	Columns   []AttendanceColumn
	Lines     []GridLine
	Labels    []Label // of the last column
	AxisY     int
	Height    int
	SideWidth int
	DateY     int
	Drawn     bool   // else there is too little to draw and Desc says it all
	Desc      string // in words
}

// NewAttendance draws visits, oldest first.
func NewAttendance(visits []Visit) Attendance {
	a := Attendance{AxisY: attendanceAxis, Height: attendanceHeight, SideWidth: attendanceSide, DateY: attendanceAxis + 17}
	held := slices.DeleteFunc(slices.Clone(visits), func(v Visit) bool { return v.Off })
	a.Desc = attendanceWords(visits, held)
	if len(held) < fewestVisits {
		return a
	}
	a.Drawn = true
	most := 1
	for _, v := range held {
		most = max(most, v.Present)
	}
	step, top := gridOf(most)
	height := func(n int) int { return n * (attendanceAxis - attendanceTop) / top }
	for n := step; n <= top; n += step {
		a.Lines = append(a.Lines, GridLine{Y: attendanceAxis - height(n), Text: strconv.Itoa(n)})
	}
	slot := Percent(100-attendanceLeft) / Percent(len(visits))
	for i, v := range visits {
		c := AttendanceColumn{Visit: v, Mid: attendanceLeft + slot*(Percent(i)+0.5), Width: slot * 0.56, Minor: (len(visits)-1-i)%3 != 0}
		c.X = c.Mid - c.Width/2
		c.Height, c.SpokeTall = height(v.Present), height(v.Spoke)
		c.Y, c.SpokeY = attendanceAxis-c.Height, attendanceAxis-c.SpokeTall
		c.RingY = c.Y - ringAbove
		c.CoreWidth = c.Width * 0.3
		c.CoreX, c.ActedTall = c.Mid-c.CoreWidth/2, height(v.Acted)
		c.ActedY = attendanceAxis - c.ActedTall
		a.Columns = append(a.Columns, c)
	}
	a.Labels = attendanceLabels(a.Columns[len(a.Columns)-1])
	return a
}

// gridOf is the distance of grid lines for numbers up to most, and the highest.
func gridOf(most int) (step, top int) {
	for step = 1; (most+step-1)/step > 3; {
		switch {
		case step < 2:
			step = 2
		case step < 5:
			step = 5
		default:
			step *= 2
		}
	}
	return step, (most + step - 1) / step * step
}

// attendanceLabels say what the parts of the last column are.
func attendanceLabels(c AttendanceColumn) []Label {
	if c.Off {
		return []Label{{attendanceAxis - 4, "cancelled"}}
	}
	present := min(c.Y+4, attendanceAxis-labelApart)
	list := []Label{{present, strconv.Itoa(c.Present) + " present"}, {max(present+labelApart, min(c.SpokeY+8, attendanceAxis)), strconv.Itoa(c.Spoke) + " spoke"}}
	if c.New > 0 {
		list = append(list, Label{present - labelApart, strconv.Itoa(c.New) + " first time"})
	}
	return list
}

// attendanceWords says what the picture shows. held are the visits that took
// place.
func attendanceWords(all, held []Visit) string {
	off := len(all) - len(held)
	switch len(held) {
	case 0:
		return "Nobody has been counted yet: no session of this series was held with the bot in the channel."
	case 1, 2, 3:
		var parts []string
		for _, v := range held {
			parts = append(parts, fmt.Sprintf("%d on %s", v.Present, v.Date))
		}
		return "Who came: " + List(parts) + ". From four sessions on there is a picture."
	}
	first, last := held[0], held[len(held)-1]
	words := fmt.Sprintf("The last %d sessions that were held. %d came on %s, %d on %s; of these %d spoke", len(held), first.Present, first.Date, last.Present, last.Date, last.Spoke)
	if last.Acted > 0 {
		words += fmt.Sprintf(", %d took an action on", last.Acted)
	}
	if last.New > 0 {
		words += fmt.Sprintf(" and %d came for the first time", last.New)
	}
	words += "."
	switch off {
	case 0:
	case 1:
		words += " One was cancelled."
	default:
		words += fmt.Sprintf(" %d were cancelled.", off)
	}
	return words
}
