package schedule

import "time"

// Note is a date of a series that a change of the clocks touches: its time does
// not exist on that day, or exists twice.
type Note struct {
	Occurrence
	Twice bool // the time comes twice, and the first is meant; else it does not exist
}

// Notes are the dates of s that start after from and before to and are touched by
// a change of the clocks.
func (s Series) Notes(from, to time.Time) []Note {
	var list []Note
	for o := range s.Between(from, to) {
		if !o.Start.After(from) {
			continue
		}
		if n, ok := NoteOn(o); ok {
			list = append(list, n)
		}
	}
	return list
}

// NoteOn reports whether a change of the clocks touches one date.
func NoteOn(o Occurrence) (Note, bool) {
	if !wallOf(o.Start).Equal(wallOf(o.Wall)) {
		return Note{Occurrence: o}, true
	}
	_, offset := o.Start.Zone()
	_, later := o.Start.Add(24 * time.Hour).Zone()
	back := time.Duration(offset-later) * time.Second
	if back > 0 && wallOf(o.Start.Add(back)).Equal(wallOf(o.Wall)) {
		return Note{Occurrence: o, Twice: true}, true
	}
	return Note{}, false
}

// Words says n with hours written as layout has them, "15:04" for example: "8 Mar
// 2026: 02:30 does not exist then; it happens at 03:30 PDT."
func (n Note) Words(layout string) string {
	day, wall := n.Wall.Format("2 Jan 2006"), n.Wall.Format(layout)
	if n.Twice {
		return day + ": " + wall + " comes twice then; it happens the first time, at " + n.Start.Format(layout+" MST") + "."
	}
	return day + ": " + wall + " does not exist then; it happens at " + n.Start.Format(layout+" MST") + "."
}
