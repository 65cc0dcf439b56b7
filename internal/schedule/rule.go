package schedule

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// Freq is the period by which a Rule counts.
type Freq string

// The periods of RFC 5545 section 3.3.10 that a community keeps. Those shorter
// than a day are not among them.
const (
	Daily   Freq = "DAILY"
	Weekly  Freq = "WEEKLY"
	Monthly Freq = "MONTHLY"
	Yearly  Freq = "YEARLY"
)

// Day is a weekday of a rule, or with N the N-th one of a month or year,
// counted from its end when N is negative.
type Day struct {
	N       int
	Weekday time.Weekday
}

// Rule says how often a Series repeats: an RRULE of RFC 5545 section 3.3.10. The
// time of day is that of the first date. The zero value of a part means that the
// rule does not have it.
type Rule struct {
	Freq       Freq
	Interval   int // periods from one to the next; 0 is 1
	ByMonth    []int
	ByMonthDay []int // negative ones count from the end of the month
	ByYearDay  []int // negative ones count from the end of the year
	ByDay      []Day
	BySetPos   []int
	WeekStart  time.Weekday // where weeks begin, for every so many weeks
	Count      int          // occurrences in all; 0 means no end
	Until      time.Time    // UTC, no occurrence starts after it; zero means no end
}

// weekdays are the days of RFC 5545 in the order of its weeks.
var weekdays = []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}

// place is where a day stands in weekdays.
func place(d time.Weekday) int { return (int(d) + 6) % 7 }

func code(d time.Weekday) string { return weekdays[place(d)] }

func (d Day) String() string {
	if d.N == 0 {
		return code(d.Weekday)
	}
	return strconv.Itoa(d.N) + code(d.Weekday)
}

const untilFormat = "20060102T150405Z"

func (r Rule) interval() int { return max(1, r.Interval) }

// String returns r as RFC 5545 section 3.3.10 has it. Parts come in one order,
// and so do the values of each, so that equal rules have equal strings.
func (r Rule) String() string {
	b := []string{"FREQ=" + string(r.Freq)}
	list := func(name string, values []int) {
		if len(values) > 0 {
			b = append(b, name+"="+join(values, strconv.Itoa, ","))
		}
	}
	if r.interval() > 1 {
		list("INTERVAL", []int{r.Interval})
	}
	list("BYMONTH", r.ByMonth)
	list("BYMONTHDAY", r.ByMonthDay)
	list("BYYEARDAY", r.ByYearDay)
	if len(r.ByDay) > 0 {
		b = append(b, "BYDAY="+join(r.ByDay, Day.String, ","))
	}
	list("BYSETPOS", r.BySetPos)
	if r.WeekStart != time.Monday {
		b = append(b, "WKST="+code(r.WeekStart))
	}
	if r.Count > 0 {
		list("COUNT", []int{r.Count})
	}
	if !r.Until.IsZero() {
		b = append(b, "UNTIL="+r.Until.UTC().Format(untilFormat))
	}
	return strings.Join(b, ";")
}

func join[T any](list []T, word func(T) string, sep string) string {
	var b []string
	for _, x := range list {
		b = append(b, word(x))
	}
	return strings.Join(b, sep)
}

// maxNumber is the largest INTERVAL and COUNT. It keeps dates inside what clocks
// and calendars know.
const maxNumber = 1000

// parts are those of a rule that have numbers, with their bound; negative ones
// count from the end.
var parts = map[string]struct {
	most     int
	negative bool
	put      func(r *Rule, list []int)
}{
	"INTERVAL":   {maxNumber, false, func(r *Rule, list []int) { r.Interval = list[0] }},
	"COUNT":      {maxNumber, false, func(r *Rule, list []int) { r.Count = list[0] }},
	"BYMONTH":    {12, false, func(r *Rule, list []int) { r.ByMonth = list }},
	"BYMONTHDAY": {31, true, func(r *Rule, list []int) { r.ByMonthDay = list }},
	"BYYEARDAY":  {366, true, func(r *Rule, list []int) { r.ByYearDay = list }},
	"BYSETPOS":   {366, true, func(r *Rule, list []int) { r.BySetPos = list }},
}

// ParseRule reads a rule of RFC 5545 section 3.3.10 for a series in zone. An
// UNTIL without Z is read there, and one that is a date is the end of that day.
// A rule that repeats within a day, or that we have no words for or no right
// dates, is fault.Invalid on the field "rule": better no dates than wrong ones.
func ParseRule(rule string, zone *time.Location) (Rule, error) {
	r := Rule{WeekStart: time.Monday}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(strings.ToUpper(strings.TrimPrefix(rule, "RRULE:")), ";") {
		name, value, _ := strings.Cut(part, "=")
		if seen[name] || !r.read(name, value, zone) {
			return Rule{}, fault.On("rule", "The rule of a series cannot have %q.", shorten(part))
		}
		seen[name] = true
	}
	if r.Freq != Weekly || r.interval() == 1 {
		r.WeekStart = time.Monday // it makes no difference
	}
	return r, r.check()
}

// shorten keeps what we quote of somebody's rule short.
func shorten(s string) string { return s[:min(len(s), 60)] }

// read puts one part into r and reports whether it could.
func (r *Rule) read(name, value string, zone *time.Location) bool {
	switch name {
	case "FREQ":
		r.Freq = Freq(value)
		return slices.Contains([]Freq{Daily, Weekly, Monthly, Yearly}, r.Freq)
	case "UNTIL":
		until, ok := readUntil(value, zone)
		r.Until = until
		return ok
	case "WKST":
		i := slices.Index(weekdays, value)
		r.WeekStart = time.Weekday((i + 1) % 7)
		return i >= 0
	case "BYDAY":
		days, ok := readDays(value)
		r.ByDay = days
		return ok
	}
	p, ok := parts[name]
	if !ok {
		return false
	}
	list, ok := readNumbers(value, p.most, p.negative)
	if !ok || (name == "INTERVAL" || name == "COUNT") && len(list) != 1 {
		return false
	}
	p.put(r, list)
	return true
}

// readUntil reads the three forms of an end.
func readUntil(value string, zone *time.Location) (time.Time, bool) {
	if t, err := time.Parse(untilFormat, value); err == nil {
		return t, true
	}
	if t, err := time.Parse("20060102T150405", value); err == nil {
		return Instant(t, zone).UTC(), true
	}
	if t, err := time.Parse("20060102", value); err == nil {
		return Instant(t.Add(24*time.Hour-time.Second), zone).UTC(), true
	}
	return time.Time{}, false
}

// readNumbers reads a list of numbers up to most, sorted and each once.
func readNumbers(value string, most int, negative bool) ([]int, bool) {
	var list []int
	for s := range strings.SplitSeq(value, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n == 0 || n > most || n < -most || n < 0 && !negative {
			return nil, false
		}
		list = append(list, n)
	}
	slices.SortFunc(list, fromBothEnds)
	return slices.Compact(list), true
}

// fromBothEnds sorts what is counted from the end behind what is counted from
// the beginning.
func fromBothEnds(a, b int) int {
	if (a < 0) != (b < 0) {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}

func readDays(value string) ([]Day, bool) {
	var list []Day
	for s := range strings.SplitSeq(value, ",") {
		if len(s) < 2 {
			return nil, false
		}
		n, err := 0, error(nil)
		if number := s[:len(s)-2]; number != "" {
			n, err = strconv.Atoi(number)
			if err == nil && (n == 0 || n > 53 || n < -53) {
				err = strconv.ErrRange
			}
		}
		i := slices.Index(weekdays, s[len(s)-2:])
		if err != nil || i < 0 {
			return nil, false
		}
		list = append(list, Day{N: n, Weekday: time.Weekday((i + 1) % 7)})
	}
	slices.SortFunc(list, func(a, b Day) int {
		return cmp.Or(fromBothEnds(a.N, b.N), cmp.Compare(place(a.Weekday), place(b.Weekday)))
	})
	return slices.Compact(list), true
}

// check refuses what RFC 5545 does not allow, what rrule-go gets wrong (weeks of
// the year, positions within a first week that is cut short, weekdays with and
// without a number side by side) and what Words cannot say.
func (r Rule) check() error {
	numbered := slices.ContainsFunc(r.ByDay, func(d Day) bool { return d.N != 0 })
	plain := slices.ContainsFunc(r.ByDay, func(d Day) bool { return d.N == 0 })
	wide := r.Freq == Monthly || r.Freq == Yearly
	for _, x := range []struct {
		bad  bool
		what string
	}{
		{r.Freq == "", "The rule of a series has to say how often: FREQ=WEEKLY, for example."},
		{r.Count > 0 && !r.Until.IsZero(), "A rule ends after a number of times or on a date, not both."},
		{numbered && !wide, "The second or last weekday there is only of a month or a year."},
		{numbered && plain, "A rule cannot have numbered weekdays and weekdays without a number side by side."},
		{numbered && len(r.BySetPos) > 0, "A rule cannot pick positions among numbered weekdays."},
		{r.Freq == Daily && r.interval() > 1 && len(r.ByDay) > 0, "A rule cannot count days and name weekdays as well."},
		{!wide && len(r.ByMonthDay) > 0, "A day of the month needs a rule that is monthly or yearly."},
		{r.Freq != Yearly && len(r.ByYearDay) > 0, "A day of the year needs a rule that is yearly."},
		{len(r.ByYearDay) > 0 && len(r.ByDay)+len(r.ByMonth)+len(r.ByMonthDay) > 0, "A rule with days of the year cannot have other days or months."},
		{numbered && len(r.ByMonthDay) > 0, "A rule cannot have numbered weekdays and days of the month."},
		{len(r.BySetPos) > 0 && (!wide || len(r.ByDay) == 0 || len(r.ByMonthDay) > 0), "A rule can pick positions only among weekdays of a month or a year."},
		{r.Freq == Monthly && slices.ContainsFunc(r.ByDay, func(d Day) bool { return d.N > 5 || d.N < -5 }), "No month has that many of one weekday."},
		{!r.anyDay(), "The rule has no dates: no month it names has that day."},
	} {
		if x.bad {
			return fault.On("rule", "%s", x.what)
		}
	}
	return nil
}

// longest is how many days a month has at most.
var longest = [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// anyDay reports whether a month of r has a day of the month of r.
func (r Rule) anyDay() bool {
	if len(r.ByMonth) == 0 || len(r.ByMonthDay) == 0 {
		return true
	}
	return slices.ContainsFunc(r.ByMonth, func(m int) bool {
		return slices.ContainsFunc(r.ByMonthDay, func(d int) bool { return max(d, -d) <= longest[m-1] })
	})
}

// EndingAt returns r with another end: no occurrence after the given instant,
// which is to be the start of the last (RFC 5545 UNTIL is inclusive).
func (r Rule) EndingAt(last time.Time) Rule {
	r.Count, r.Until = 0, last.UTC()
	return r
}
