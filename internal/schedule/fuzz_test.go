package schedule_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/schedule"
)

// zones are those that fuzzing and the comparisons go through: with minutes, with
// half an hour of summer time, without any, without any more, beyond the date line.
var zones = []string{
	"UTC", losAngeles, "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Asia/Tokyo",
	"America/St_Johns", "Pacific/Chatham", "Africa/Casablanca",
}

// dates are the dates of a rule by the words of RFC 5545 section 3.3.10, day by
// day and slowly, until the given one. Nothing of it is shared with what it is
// compared to.
func dates(r schedule.Rule, first, to time.Time) []time.Time {
	var list []time.Time
	for d := first; !d.After(to); d = d.AddDate(0, 0, 1) {
		if inPeriod(r, first, d) && chosen(r, first, d) {
			list = append(list, d)
		}
		if r.Count > 0 && len(list) == r.Count {
			break
		}
	}
	return list
}

func days(a, b time.Time) int {
	return int(b.Truncate(24*time.Hour).Sub(a.Truncate(24*time.Hour)) / (24 * time.Hour))
}

// inPeriod reports whether d is in a day, week, month or year that counts.
func inPeriod(r schedule.Rule, first, d time.Time) bool {
	n := 0
	switch r.Freq {
	case schedule.Daily:
		n = days(first, d)
	case schedule.Weekly:
		begin := func(t time.Time) time.Time { return t.AddDate(0, 0, -int(t.Weekday()-r.WeekStart+7)%7) }
		n = days(begin(first), begin(d)) / 7
	case schedule.Monthly:
		n = (d.Year()-first.Year())*12 + int(d.Month()) - int(first.Month())
	case schedule.Yearly:
		n = d.Year() - first.Year()
	}
	return n%max(1, r.Interval) == 0
}

// chosen reports whether d is one of the dates of its period.
func chosen(r schedule.Rule, first, d time.Time) bool {
	if len(r.BySetPos) == 0 {
		return matches(r, first, d)
	}
	if !matches(r, first, d) {
		return false
	}
	from, to := d.AddDate(0, 0, 1-d.Day()), d.AddDate(0, 1, -d.Day())
	if r.Freq == schedule.Yearly {
		from = d.AddDate(0, 0, 1-d.YearDay())
		to = time.Date(d.Year(), 12, 31, d.Hour(), d.Minute(), 0, 0, time.UTC)
	}
	at, n := 0, 0
	for x := from; !x.After(to); x = x.AddDate(0, 0, 1) {
		if matches(r, first, x) {
			if n++; x.Equal(d) {
				at = n
			}
		}
	}
	return slices.Contains(r.BySetPos, at) || slices.Contains(r.BySetPos, at-n-1)
}

// matches reports whether d fulfils all parts of a rule but its BYSETPOS.
func matches(r schedule.Rule, first, d time.Time) bool {
	inMonth := time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	inYear := time.Date(d.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
	either := func(list []int, n, of int) bool { return slices.Contains(list, n) || slices.Contains(list, n-of-1) }
	switch {
	case len(r.ByMonth) > 0 && !slices.Contains(r.ByMonth, int(d.Month())),
		len(r.ByMonthDay) > 0 && !either(r.ByMonthDay, d.Day(), inMonth),
		len(r.ByYearDay) > 0 && !either(r.ByYearDay, d.YearDay(), inYear):
		return false
	case len(r.ByDay) > 0:
		n, of := (d.Day()-1)/7+1, (inMonth-d.Day())/7+1
		if r.Freq == schedule.Yearly && len(r.ByMonth) == 0 {
			n, of = (d.YearDay()-1)/7+1, (inYear-d.YearDay())/7+1
		}
		return slices.ContainsFunc(r.ByDay, func(x schedule.Day) bool {
			return x.Weekday == d.Weekday() && (x.N == 0 || x.N == n || x.N == -of)
		})
	case len(r.ByMonthDay)+len(r.ByYearDay) > 0 || r.Freq == schedule.Daily:
		return true
	case r.Freq == schedule.Weekly:
		return d.Weekday() == first.Weekday()
	case r.Freq == schedule.Yearly && len(r.ByMonth) == 0 && d.Month() != first.Month():
		return false
	}
	return d.Day() == first.Day()
}

// examine compares what we make of a rule with its definition, for some years.
func examine(t *testing.T, rule string, first time.Time, zone *time.Location) {
	t.Helper()
	r, err := schedule.ParseRule(rule, zone)
	if err != nil {
		return
	}
	again, err := schedule.ParseRule(r.String(), zone)
	if err != nil || again.String() != r.String() {
		t.Fatalf("%s is written %s and read back as %s, %v", rule, r, again, err)
	}
	if r.Words(first) == "" {
		t.Fatalf("no words for %s", r)
	}
	s := schedule.Series{First: first, Zone: zone, Length: time.Hour, Rule: r}
	until := first.AddDate(5, 0, 0)
	var last schedule.Occurrence
	var got []time.Time
	for o := range s.All() {
		if o.Wall.After(until) {
			break
		}
		if len(got) > 0 && (!o.Start.After(last.Start) || !o.Wall.After(last.Wall)) {
			t.Fatalf("%s from %s in %s: %v comes after %v", r, first, zone, o, last)
		}
		got, last = append(got, o.Wall), o
	}
	want := slices.DeleteFunc(dates(r, first, until), func(d time.Time) bool {
		return !r.Until.IsZero() && schedule.Instant(d, zone).After(r.Until)
	})
	if zone.String() == "Pacific/Apia" { // it left a day out, which no rule does
		left := func(d time.Time) bool { y, m, x := d.Date(); return y == 2011 && m == 12 && x >= 30 }
		got, want = slices.DeleteFunc(got, left), slices.DeleteFunc(want, left)
	}
	if !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Fatalf("%s from %s\ngot  %s\nwant %s", r, first.Format(time.RFC1123), some(got), some(want))
	}
}

func some(list []time.Time) string {
	var b []string
	for _, d := range list[:min(len(list), 12)] {
		b = append(b, d.Format("Mon 2006-01-02"))
	}
	return strconv.Itoa(len(list)) + ": " + strings.Join(b, ", ")
}

func FuzzRule(f *testing.F) {
	for _, rule := range []string{
		"FREQ=WEEKLY;BYDAY=WE", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=SU", "FREQ=MONTHLY;BYDAY=-1WE,2MO", "FREQ=MONTHLY;BYDAY=5WE",
		"FREQ=MONTHLY;BYMONTHDAY=-1,31;BYMONTH=2,4", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=YEARLY;BYYEARDAY=366,-1", "FREQ=DAILY;BYMONTH=2;COUNT=40",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", "FREQ=WEEKLY;UNTIL=20301029T020000Z", "FREQ=YEARLY;BYDAY=20MO",
	} {
		f.Add(rule, int64(20000), 12*60, 1)
	}
	f.Fuzz(func(t *testing.T, rule string, day int64, minute, zone int) {
		if len(rule) > 120 || strings.Contains(rule, "INTERVAL") && len(rule) > 80 {
			return
		}
		first := time.Unix(0, 0).UTC().AddDate(0, 0, int(uint64(day)%40000)).Add(time.Duration(uint(minute)%(24*60)) * time.Minute)
		z, err := time.LoadLocation(zones[uint(zone)%uint(len(zones))])
		if err != nil {
			t.Fatal(err)
		}
		examine(t, rule, first, z)
	})
}

// A few thousand rules of all sorts, against the definition.
func TestRulesAgainstTheirDefinition(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5545, 3310))
	list := func(most, n int, negative bool) string {
		var b []string
		for range 1 + rng.IntN(n) {
			x := 1 + rng.IntN(most)
			if negative && rng.IntN(3) == 0 {
				x = -x
			}
			b = append(b, strconv.Itoa(x))
		}
		return strings.Join(b, ",")
	}
	codes := []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
	tried := 0
	for range 4000 {
		rule := "FREQ=" + []string{"DAILY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"}[rng.IntN(5)]
		for _, p := range []struct {
			odds  int
			value func() string
		}{
			{2, func() string { return ";INTERVAL=" + list(6, 1, false) }},
			{4, func() string { return ";BYMONTH=" + list(12, 3, false) }},
			{4, func() string { return ";BYMONTHDAY=" + list(31, 3, true) }},
			{9, func() string { return ";BYYEARDAY=" + list(366, 3, true) }},
			{2, func() string {
				var b []string
				number := rng.IntN(2) == 0
				for range 1 + rng.IntN(3) {
					d := codes[rng.IntN(7)]
					if number {
						d = list(5, 1, true) + d
					}
					b = append(b, d)
				}
				return ";BYDAY=" + strings.Join(b, ",")
			}},
			{6, func() string { return ";BYSETPOS=" + list(4, 2, true) }},
			{5, func() string { return ";WKST=" + codes[rng.IntN(7)] }},
			{5, func() string { return ";COUNT=" + list(60, 1, false) }},
			{5, func() string { return ";UNTIL=2028" + []string{"0131T120000Z", "1231", "0315T083000"}[rng.IntN(3)] }},
		} {
			if rng.IntN(p.odds) == 0 {
				rule += p.value()
			}
		}
		first := time.Date(2026, 1, 1+rng.IntN(700), rng.IntN(24), 30*rng.IntN(2), 0, 0, time.UTC)
		z, err := time.LoadLocation(zones[rng.IntN(len(zones))])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := schedule.ParseRule(rule, z); err == nil {
			tried++
		}
		examine(t, rule, first, z)
	}
	if tried < 1000 {
		t.Errorf("only %d of them are rules", tried)
	}
}

// A rule that nothing matches ends, and soon: nobody can keep us busy with one.
func BenchmarkRuleWithoutDates(b *testing.B) {
	for _, rule := range []string{"FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", "FREQ=MONTHLY;BYDAY=WE;BYSETPOS=6", "FREQ=YEARLY;BYDAY=53WE;INTERVAL=400"} {
		b.Run(rule, func(b *testing.B) {
			for b.Loop() {
				if _, err := schedule.New(rule, time.Date(2026, 2, 11, 12, 0, 0, 0, time.UTC), "UTC", time.Hour); err == nil {
					b.Fatal("it has dates")
				}
			}
		})
	}
}

// BenchmarkExpand expands 500 series over three years, as a feed or a look for
// collisions does.
func BenchmarkExpand(b *testing.B) {
	var list []schedule.Series
	for i := range 500 {
		rule := []string{"FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY;BYDAY=-1WE", "FREQ=WEEKLY;BYDAY=MO,WE"}[i%4]
		s, err := schedule.Read(rule, time.Date(2024, 1, 3, 12, 0, 0, 0, time.UTC), zones[i%len(zones)], time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		list = append(list, s)
	}
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	n := 0
	for b.Loop() {
		n = 0
		for _, s := range list {
			for range s.Between(from, from.AddDate(3, 0, 0)) {
				n++
			}
		}
	}
	b.ReportMetric(float64(n), "occurrences")
}
