package chart

import (
	"fmt"
	"strings"
	"testing"
)

func visits(present ...int) []Visit {
	var list []Visit
	for i, n := range present {
		v := Visit{Date: fmt.Sprintf("%d Aug", i+1), Present: n, Spoke: n / 2, Off: n < 0}
		if v.Off {
			v.Present, v.Spoke = 0, 0
		}
		list = append(list, v)
	}
	return list
}

func TestAttendance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		visits  []Visit
		drawn   bool
		lines   string // of the grid
		want    string // in words
		columns int
	}{
		{"nothing", nil, false, "", "Nobody has been counted yet", 0},
		{"three, too few", visits(5, 6, 4), false, "", "5 on 1 Aug, 6 on 2 Aug and 4 on 3 Aug. From four sessions on", 0},
		{"three held and cancelled ones", visits(5, -1, 6, -1, 4), false, "", "From four sessions on", 0},
		{"four", visits(6, 7, 9, 8), true, "5 10", "6 came on 1 Aug, 8 on 4 Aug; of these 4 spoke.", 4},
		{"one cancelled", visits(6, -1, 7, 9, 8), true, "5 10", "One was cancelled.", 5},
		{"the last cancelled", visits(6, 7, 9, 8, -1, -1), true, "5 10", "2 were cancelled.", 6},
		{"nobody came", visits(0, 0, 0, 0), true, "1", "0 came", 4},
		{"a crowd", visits(6, 7, 431, 8), true, "160 320 480", "431", 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := NewAttendance(tt.visits)
			var lines []string
			for _, l := range a.Lines {
				lines = append(lines, l.Text)
			}
			if a.Drawn != tt.drawn || strings.Join(lines, " ") != tt.lines || len(a.Columns) != tt.columns {
				t.Errorf("drawn %v with the lines %q and %d columns", a.Drawn, lines, len(a.Columns))
			}
			if tt.name != "a crowd" && !strings.Contains(a.Desc, tt.want) {
				t.Errorf("in words: %s", a.Desc)
			}
			for _, c := range a.Columns {
				if c.Y < attendanceTop || c.SpokeTall > c.Height || c.X < attendanceLeft || c.X+c.Width > 100 {
					t.Errorf("%+v leaves the picture", c)
				}
			}
			for i, l := range a.Labels {
				if i > 0 && (l.Y-a.Labels[i-1].Y < labelApart && a.Labels[0].Y-l.Y < labelApart) || l.Y > attendanceAxis {
					t.Errorf("the labels %+v cover each other", a.Labels)
				}
			}
		})
	}
}

// The newest are counted on a ring of their own, above the column.
func TestAttendanceOfFirstTimers(t *testing.T) {
	t.Parallel()
	list := visits(6, 7, 9, 8)
	list[3].New = 2
	a := NewAttendance(list)
	c := a.Columns[3]
	if c.RingY >= c.Y || len(a.Labels) != 3 || a.Labels[2].Text != "2 first time" || !strings.HasSuffix(a.Desc, "and 2 came for the first time.") {
		t.Errorf("%+v, labels %+v, in words %s", c, a.Labels, a.Desc)
	}
}

// Who took an action on is the core of the column, and in the words.
func TestAttendanceOfActions(t *testing.T) {
	t.Parallel()
	list := visits(6, 7, 9, 8)
	list[3].Acted = 3
	a := NewAttendance(list)
	c, before := a.Columns[3], a.Columns[2]
	if c.ActedTall <= 0 || c.ActedTall >= c.SpokeTall || c.CoreX <= c.X || c.CoreX+c.CoreWidth >= c.X+c.Width || before.ActedTall != 0 ||
		!strings.HasSuffix(a.Desc, "of these 4 spoke, 3 took an action on.") {
		t.Errorf("%+v, in words %s", c, a.Desc)
	}
}
