package chart

import (
	"testing"
	"time"
)

func TestCalendar(t *testing.T) {
	t.Parallel()
	on := func(date string, said int) DayCount {
		d, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		return DayCount{Day: d, Said: said}
	}
	end := time.Date(2012, 8, 22, 17, 0, 0, 0, time.UTC)
	if from, to := CalendarSpan(end); from.Format(time.DateOnly) != "2011-09-01" || to.Format(time.DateOnly) != "2012-09-01" {
		t.Errorf("covers %s to %s", from, to)
	}
	c := NewCalendar(end, []DayCount{
		on("2011-08-31", 9), on("2011-09-01", 1), on("2012-02-29", 0), on("2012-06-01", 1), on("2012-08-02", 172), on("2012-08-31", 86), on("2012-09-01", 9),
	})
	if len(c.Days) != 5 || len(c.Months) != 12 || len(c.Rows) != 4 {
		t.Fatalf("%d days, %d months, %d rows", len(c.Days), len(c.Months), len(c.Rows))
	}
	first, leap, busiest, last := c.Days[0], c.Days[1], c.Days[3], c.Days[4]
	if first.X != 0 || first.Y+first.Height != 4*calendarRow-1 { // 1 September 2011 was a Thursday
		t.Errorf("the first day %+v", first)
	}
	if !leap.Silent || leap.Height != calendarLeast || leap.Busy {
		t.Errorf("a silent day %+v", leap)
	}
	if busiest.Height != calendarBar || !busiest.Busy || !last.Busy || last.Height >= busiest.Height {
		t.Errorf("busiest %+v, half as busy %+v", busiest, last)
	}
	if end := last.X + last.Width; end > 100 || end < 97 {
		t.Errorf("the last day ends at %s", end)
	}
	const want = "September 2011 to August 2012. 260 messages on 4 days; the busiest was Thu 2 Aug 2012 with 172 messages."
	if c.Desc != want {
		t.Errorf("says %q, want %q", c.Desc, want)
	}
	if r := c.Rows[0]; r.Name != "August 2012" || r.Days != 2 || r.Said != "258" || r.Busiest != "Thu 2 Aug: 172" {
		t.Errorf("August is %+v", r)
	}
	if c := NewCalendar(end, []DayCount{on("2012-08-01", 1), on("2012-08-02", 1), on("2012-08-03", 1), on("2012-08-04", 0)}); len(c.Days) != 0 || len(c.Rows) != 1 {
		t.Errorf("three days are drawn: %+v", c.Days)
	}
	busy := on("2012-08-02", 500)
	busy.More = true
	if c := NewCalendar(end, []DayCount{on("2012-08-01", 1), busy}); c.Rows[0].Said != "at least 501" || c.Rows[0].Busiest != "Thu 2 Aug: at least 500" ||
		c.Desc != "September 2011 to August 2012. At least 501 messages on 2 days; the busiest was Thu 2 Aug 2012 with at least 500 messages." {
		t.Errorf("a day that was not counted to its end: %+v", c)
	}
	if c := NewCalendar(end, nil); len(c.Days) != 0 || c.Desc != "September 2011 to August 2012. Nothing was said." {
		t.Errorf("an empty year: %+v", c)
	}
}
