package chart

import (
	"fmt"
	"strconv"
	"time"
)

const day = 24 * time.Hour

// Geometry of the ribbon, in pixels; rows are 22 apart, as type of 14 px needs.
const (
	ribbonRow  = 22
	ribbonTop  = 15 // middle of the first row
	ribbonFoot = 24 // room for the axis below the last row
)

// Zone is where some people live.
type Zone struct {
	Label    string // what they call it: "Pacific", "Berlin"
	Location *time.Location
	You      bool // the reader lives there
	People   int  // of those who say where they live; 0 when that is not known
}

// RibbonRow is one zone of a Ribbon.
type RibbonRow struct {
	Label     string // "Berlin, you" for the reader's own
	Clock     string // when the session starts there
	Date      string // weekday, day and month of that
	You       bool   // the reader's own zone
	People    string // how many live there; "" when that is not known
	Awake     bool   // the session does not begin in this zone's night
	LineY     int    // top of the 2 px line of the day
	NightY    int    // top of the 6 px bars of the night
	ClashY    int    // top of the 10 px bars of the session in the night
	TextY     int    // baseline of Clock
	Night     []Span // 23:00 to 07:00 there
	Clash     []Span // what of the session lies in it
	InTheDark string // that in words: "no", "all of it", "30 min of it"
}

// Ribbon is the zone ribbon: in whose night is this? The picture shows 24
// hours of the first row's clock, from midnight, or from noon when the session
// goes on past midnight.
type Ribbon struct {
	Rows         []RibbonRow
	Band         Span // the session
	BandEnd      Percent
	Ticks        []Tick
	AxisY        int
	Height       int
	SideWidth    int // of the labels' own picture
	LabelX       int // where zone names begin in it
	Desc         string
	Caption      string
	TableCaption string
	Counted      bool // it is known of some rows how many people live there
}

// NewRibbon draws the session from start to end on the clock of first, with one
// row for first and one for each other zone; those that are first again are
// left out. clock is a layout of package time for times of day.
func NewRibbon(start, end time.Time, first Zone, others []Zone, clock string) Ribbon {
	from := axisStart(start.In(first.Location), end)
	r := Ribbon{LabelX: 46, AxisY: 4}
	if len(clock) > len("15:04") {
		r.LabelX = 68
	}
	a := axis{from: from, to: from.Add(day)}
	r.Band, _ = a.span(start, end)
	r.BandEnd = r.Band.X + r.Band.Width
	longest := 0
	var light, dark, some []string
	var late []string
	for i, z := range append([]Zone{first}, others...) {
		if i > 0 && z.Location.String() == first.Location.String() {
			continue
		}
		row := a.row(z, start, end, clock, len(r.Rows))
		if z.You {
			row.Label += ", you"
		}
		if z.People > 0 {
			row.People, r.Counted = strconv.Itoa(z.People), true
		}
		r.Rows = append(r.Rows, row)
		longest = max(longest, len([]rune(row.Label)))
		switch night := inNight(start, end, z.Location); {
		case night == 0:
			light = append(light, z.Label)
		case night >= end.Sub(start):
			dark = append(dark, z.Label)
			late = append(late, z.Label+" ("+start.In(z.Location).Format("Mon "+clock)+")")
		default:
			some = append(some, Length(night)+" into the night for "+z.Label)
			if 2*night >= end.Sub(start) {
				late = append(late, z.Label+" ("+start.In(z.Location).Format("Mon "+clock)+")")
			}
		}
	}
	r.AxisY = len(r.Rows)*ribbonRow + 4
	r.Height = r.AxisY + ribbonFoot
	r.SideWidth = max(r.LabelX+68, r.LabelX+7*longest)
	r.Ticks = a.ticks(first.Location)
	r.Desc = fmt.Sprintf("The session runs from %s to %s in %s.", start.In(first.Location).Format(clock), end.In(first.Location).Format(clock), first.Label)
	r.Desc += fallsIn(light, some, dark)
	r.Caption = "It falls in nobody’s night. Grey is 23:00 to 07:00 where people live."
	if len(late) > 0 {
		r.Caption = "In the night for " + List(late) + ". Grey is 23:00 to 07:00 where people live; amber is the session in it."
	} else if len(some) > 0 {
		r.Caption = "It goes " + List(some) + ". Grey is 23:00 to 07:00 where people live; amber is the session in it."
	}
	r.TableCaption = start.In(first.Location).Format("Mon 2 Jan 2006") + "; the night is 23:00 to 07:00 in each zone"
	return r
}

// fallsIn says for whom the session is in the day, partly and wholly at night.
func fallsIn(light, some, dark []string) string {
	var parts []string
	if len(light) > 0 {
		parts = append(parts, "in the day for "+List(light))
	}
	parts = append(parts, some...)
	if len(dark) > 0 {
		parts = append(parts, "in the night for "+List(dark))
	}
	return " It falls " + List(parts) + "."
}

// axisStart is midnight before start on its own clock, or noon when the
// session would leave the picture at its right edge.
func axisStart(start, end time.Time) time.Time {
	y, m, d := start.Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, start.Location())
	if end.Sub(midnight) > day && start.Hour() >= 12 {
		return time.Date(y, m, d, 12, 0, 0, 0, start.Location())
	}
	return midnight
}

// axis is the stretch of time a picture covers.
type axis struct{ from, to time.Time }

func (a axis) at(t time.Time) Percent {
	return Percent(100 * float64(t.Sub(a.from)) / float64(a.to.Sub(a.from)))
}

// span is what of from…to lies inside the picture; false when nothing does.
func (a axis) span(from, to time.Time) (Span, bool) {
	if from.Before(a.from) {
		from = a.from
	}
	if to.After(a.to) {
		to = a.to
	}
	if !to.After(from) {
		return Span{}, false
	}
	return Span{X: a.at(from), Width: a.at(to) - a.at(from)}, true
}

func (a axis) row(z Zone, start, end time.Time, clock string, n int) RibbonRow {
	y := ribbonTop + n*ribbonRow
	local := start.In(z.Location)
	row := RibbonRow{
		Label: z.Label, You: z.You, Clock: local.Format(clock), Date: local.Format("Mon 2 Jan"), Awake: true,
		LineY: y - 1, NightY: y - 3, ClashY: y - 5, TextY: y + 4,
	}
	for _, n := range nights(a.from, a.to, z.Location) {
		if s, ok := a.span(n.from, n.to); ok {
			row.Night = append(row.Night, s)
		}
		if clash, ok := n.cut(start, end); ok {
			if s, ok := a.span(clash.from, clash.to); ok {
				row.Clash = append(row.Clash, s)
			}
		}
		if !start.Before(n.from) && start.Before(n.to) {
			row.Awake = false
		}
	}
	switch night := inNight(start, end, z.Location); {
	case night == 0:
		row.InTheDark = "no"
	case night >= end.Sub(start):
		row.InTheDark = "all of it"
	default:
		row.InTheDark = Length(night) + " of it"
	}
	return row
}

// ticks marks every third hour of zone's clock, except that a change of
// clocks moves the marks after it.
func (a axis) ticks(zone *time.Location) []Tick {
	var ticks []Tick
	for n := range 9 {
		t := a.from.Add(time.Duration(n) * 3 * time.Hour)
		text := t.In(zone).Format("15")
		if n == 8 && text == "00" {
			text = "24"
		}
		x := a.at(t)
		ticks = append(ticks, Tick{X: x, Text: text, Anchor: anchor(x), Minor: n%2 == 1})
	}
	return ticks
}

// cut is what from…to has in common with a.
func (a axis) cut(from, to time.Time) (axis, bool) {
	if from.Before(a.from) {
		from = a.from
	}
	if to.After(a.to) {
		to = a.to
	}
	return axis{from, to}, to.After(from)
}

// nights are the nights of zone, 23:00 to 07:00 on its own clocks, that touch
// from…to. On the night of a clock change one is an hour longer or shorter.
func nights(from, to time.Time, zone *time.Location) []axis {
	var out []axis
	y, m, d := from.In(zone).Date()
	for n := -1; n <= 3; n++ {
		night := axis{time.Date(y, m, d+n, 23, 0, 0, 0, zone), time.Date(y, m, d+n+1, 7, 0, 0, 0, zone)}
		if night.to.After(from) && night.from.Before(to) {
			out = append(out, night)
		}
	}
	return out
}

// inNight is how much of start…end lies in the nights of zone.
func inNight(start, end time.Time, zone *time.Location) time.Duration {
	var sum time.Duration
	for _, n := range nights(start, end, zone) {
		if clash, ok := n.cut(start, end); ok {
			sum += clash.to.Sub(clash.from)
		}
	}
	return sum
}
