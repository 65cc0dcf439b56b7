package chart

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Geometry of the pulse, in pixels.
const (
	chipRow   = 24 // one row of topic numbers
	chipWidth = 22
	maxChips  = 4 // rows of numbers; topics that fit in none get a line only
	pulseArea = 96

	pulsePoints = 360 // most points of the area; longer meetings get wider steps
)

// Minute is how much was said in one minute.
type Minute struct {
	At       time.Time // the full minute
	Messages int
}

// Topic is a section of a meeting as the pulse marks it.
type Topic struct {
	At   time.Time
	Name string // "" for what came before the first topic
	Href string
}

// Deed is an action or a decision.
type Deed struct {
	At       time.Time
	Decision bool
	Label    string
	Href     string
}

// PulseTopic is a topic in its place.
type PulseTopic struct {
	Number string
	X      Percent
	Level  int // row of the number, from 0; -1 when there is no room for it
	Y      int // top of the chip
	ShiftX int // of the chip, so that the last stays inside
	Label  string
	Href   string
}

// PulseMark is a diamond.
type PulseMark struct {
	X        Percent
	Decision bool
	Label    string
	Href     string
}

// PulseRow is one topic in the table beneath the picture.
type PulseRow struct {
	Name                         string
	At                           time.Time // when it began
	From                         string    // that as a time of day
	Messages, Actions, Decisions int
}

// Pulse is the session pulse: messages a minute with the topics, actions and
// decisions where they happened. A Pulse that is not Drawn has only Desc, the
// sentence that stands in its place.
type Pulse struct {
	Drawn    bool
	Area     string // path of the area in ViewBox
	Line     string // points of its edge
	ViewBox  string
	AreaY    int // top of the area
	AxisY    int
	MarkY    int // middle of the diamonds
	LineY    int // where the topics' lines begin
	LabelY   int // baseline of the axis' words
	Height   int
	Topics   []PulseTopic
	Marks    []PulseMark
	Ticks    []Tick
	Unit     string // what the area counts by: "a minute", "in 5 min"
	Peak     string // "13 a minute"
	PeakX    Percent
	PeakY    int
	PeakEdge string // text-anchor
	Desc     string
	Rows     []PulseRow
}

// NewPulse draws what was said in the minutes from start to end. clock is a
// layout for times of day in zone.
func NewPulse(start, end time.Time, said []Minute, topics []Topic, deeds []Deed, zone *time.Location, clock string) Pulse {
	start = start.Truncate(time.Minute)
	step := time.Minute
	if n := end.Sub(start) / (pulsePoints * time.Minute); n > 0 {
		step = (n + 1) * time.Minute
	}
	counts := perStep(start, end, said, step)
	p := Pulse{Rows: pulseRows(said, topics, deeds, zone, clock)}
	peak, peakAt := top(counts)
	actions, decisions := 0, 0
	for _, d := range deeds {
		if d.Decision {
			decisions++
		} else {
			actions++
		}
	}
	noted := fmt.Sprintf("%s, %s and %s.", Count(named(topics), "topic", "topics"), Count(actions, "action", "actions"), Count(decisions, "decision", "decisions"))
	if len(counts) < MinPoints || peak == 0 {
		p.Desc = fmt.Sprintf("%s in %s, with %s", capital(Count(sum(said), "message", "messages")), Length(end.Sub(start)), noted)
		return p
	}
	p.Drawn = true
	p.place(counts, peak, peakAt)
	a := axis{start, end}
	levels := p.placeTopics(a, topics)
	p.shift(levels * chipRow)
	for _, d := range deeds {
		p.Marks = append(p.Marks, PulseMark{X: clampPercent(a.at(d.At)), Decision: d.Decision, Label: d.Label, Href: d.Href})
	}
	p.Ticks = timeTicks(a, zone, clock)
	p.Unit = "a minute"
	if step > time.Minute {
		p.Unit = "in " + Length(step)
	}
	p.Peak = strconv.Itoa(peak) + " " + p.Unit
	busiest := start.Add(time.Duration(peakAt) * step)
	p.Desc = fmt.Sprintf("Talk was busiest %s%s: %s %s. Marked are %s", sinceStart(busiest.Sub(start)), under(topics, busiest), Count(peak, "message", "messages"), p.Unit, noted)
	return p
}

// place draws the area: a point for each step, the busiest minute at the top.
func (p *Pulse) place(counts []int, peak, peakAt int) {
	var points strings.Builder
	for i, n := range counts {
		if i > 0 {
			points.WriteByte(' ')
		}
		fmt.Fprintf(&points, "%d,%d", i, peak-n)
	}
	last := len(counts) - 1
	p.Line = points.String()
	p.Area = fmt.Sprintf("M0,%d L%s %d,%dz", peak, p.Line, last, peak)
	p.ViewBox = fmt.Sprintf("0 0 %d %d", last, peak)
	p.PeakX = Percent(100 * float64(peakAt) / float64(last))
	p.PeakEdge = "middle"
	if p.PeakX < 8 {
		p.PeakEdge = "start"
	} else if p.PeakX > 92 {
		p.PeakEdge = "end"
	}
}

// shift moves everything below the topics' numbers, which take chips pixels.
func (p *Pulse) shift(chips int) {
	p.LineY = chips - 2
	p.MarkY = chips + 10
	p.PeakY = chips + 33
	p.AreaY = chips + 38
	p.AxisY = p.AreaY + pulseArea
	p.LabelY = p.AxisY + 17
	p.Height = p.AxisY + 24
}

// placeTopics puts each number into the highest row where it does not touch
// the one before it on a phone, and returns how many rows that takes.
func (p *Pulse) placeTopics(a axis, topics []Topic) int {
	const room = 7.5 // per cent of 320 px that a number needs
	var ends [maxChips]Percent
	rows, number := 0, 0
	for _, t := range topics {
		if t.Name == "" {
			continue
		}
		number++
		pt := PulseTopic{
			Number: strconv.Itoa(number), X: clampPercent(a.at(t.At)), Level: -1, Href: t.Href,
			Label: fmt.Sprintf("Topic %d: %s", number, t.Name),
		}
		left := pt.X
		if pt.X > 100-room {
			pt.ShiftX, left = -chipWidth, pt.X-room
		}
		for level := range ends {
			if ends[level] <= left {
				pt.Level, ends[level] = level, left+room
				pt.Y = level*chipRow + 1
				rows = max(rows, level+1)
				break
			}
		}
		p.Topics = append(p.Topics, pt)
	}
	return rows
}

// perStep counts what was said in each step from start to end, the last of
// which may be cut. Minutes outside are left out.
func perStep(start, end time.Time, said []Minute, step time.Duration) []int {
	if !end.After(start) {
		return nil
	}
	counts := make([]int, int((end.Sub(start)+step-1)/step))
	for _, m := range said {
		if i := int(m.At.Sub(start) / step); !m.At.Before(start) && i < len(counts) {
			counts[i] += m.Messages
		}
	}
	return counts
}

// pulseRows counts by full minutes: one in which two topics met goes to the
// later.
func pulseRows(said []Minute, topics []Topic, deeds []Deed, zone *time.Location, clock string) []PulseRow {
	var rows []PulseRow
	number := 0
	for i, t := range topics {
		row := PulseRow{Name: "Before the first topic", At: t.At, From: t.At.In(zone).Format(clock)}
		if t.Name != "" {
			number++
			row.Name = fmt.Sprintf("%d. %s", number, t.Name)
		}
		in := func(at time.Time, unit time.Duration) bool {
			return !at.Before(t.At.Truncate(unit)) && (i+1 == len(topics) || at.Before(topics[i+1].At.Truncate(unit)))
		}
		for _, m := range said {
			if in(m.At, time.Minute) {
				row.Messages += m.Messages
			}
		}
		for _, d := range deeds {
			switch {
			case !in(d.At, 1):
			case d.Decision:
				row.Decisions++
			default:
				row.Actions++
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// timeTicks marks the axis at both ends and at up to four places between.
func timeTicks(a axis, zone *time.Location, clock string) []Tick {
	steps := 5
	if len(clock) > len("15:04") {
		steps = 3
	}
	var ticks []Tick
	for n := range steps + 1 {
		x := Percent(100 * float64(n) / float64(steps))
		at := a.from.Add(time.Duration(n) * a.to.Sub(a.from) / time.Duration(steps))
		ticks = append(ticks, Tick{X: x, Text: at.In(zone).Format(clock), Anchor: anchor(x), Minor: n != 0 && n != steps, At: at})
	}
	return ticks
}

// sinceStart says when something was, on nobody's clock.
func sinceStart(d time.Duration) string {
	if d < time.Minute {
		return "at the start"
	}
	return Length(d) + " after the start"
}

// under names the topic that was open at t.
func under(topics []Topic, t time.Time) string {
	name := ""
	for _, topic := range topics {
		if !topic.At.After(t) {
			name = topic.Name
		}
	}
	if name == "" {
		return ""
	}
	return " under “" + name + "”"
}

func named(topics []Topic) int {
	n := 0
	for _, t := range topics {
		if t.Name != "" {
			n++
		}
	}
	return n
}

// top is the greatest count and where it is first.
func top(counts []int) (peak, at int) {
	for i, n := range counts {
		if n > peak {
			peak, at = n, i
		}
	}
	return peak, at
}

func sum(said []Minute) int {
	n := 0
	for _, m := range said {
		n += m.Messages
	}
	return n
}

func clampPercent(p Percent) Percent { return min(max(p, 0), 100) }

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
