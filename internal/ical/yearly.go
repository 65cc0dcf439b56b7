package ical

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// yearly is a change that comes each year: on one weekday, between two days of
// one month. A rule like Egypt's, the day after the last Thursday of October,
// is two of them, of which one comes in a year.
type yearly struct {
	change
	month       time.Month
	first, last int // days of the month
}

// seconds is the time of the day at which the clocks are changed.
func (y yearly) seconds() int {
	t := y.wall()
	return t.Hour()*3600 + t.Minute()*60 + t.Second()
}

// fits reports whether c is of y, but for its day of the month.
func (y yearly) fits(c change) bool {
	t := c.wall()
	return y.sameKind(c) && t.Month() == y.month && t.Weekday() == y.wall().Weekday() && yearly{change: c}.seconds() == y.seconds()
}

// gives reports whether c is one of those that y means.
func (y yearly) gives(c change) bool {
	day := c.wall().Day()
	return y.fits(c) && y.first <= day && day <= y.last
}

// most is how many yearly changes a zone has that keeps a rule.
const most = 4

// yearlyOf are the rules by which a zone changes its clocks once all is settled:
// none when it does not, or by no rule that RFC 5545 can tell.
func yearlyOf(list []change) []yearly {
	var rules []yearly
	seen := map[time.Time]bool{}
	for _, c := range list {
		t := c.wall()
		if t.Year() < settledFrom || t.Year() > settledTill {
			continue
		}
		seen[t] = true
		i := slices.IndexFunc(rules, func(y yearly) bool { return y.fits(c) })
		if i < 0 {
			rules, i = append(rules, yearly{c, t.Month(), t.Day(), t.Day()}), len(rules)
		}
		rules[i].first, rules[i].last = min(rules[i].first, t.Day()), max(rules[i].last, t.Day())
	}
	if len(rules) > most {
		return nil
	}
	for _, y := range rules {
		for year := settledFrom; year <= settledTill; year++ {
			for day := y.first; day <= y.last; day++ {
				at := time.Date(year, y.month, day, 0, 0, y.seconds(), 0, time.UTC)
				if at.Weekday() == y.wall().Weekday() && !seen[at] {
					return nil
				}
			}
		}
	}
	return rules
}

// gap is longer than clocks are left alone in a zone that changes them twice a
// year.
const gap = 300 * 24 * time.Hour

// ruledFrom is from which change on all are given by rules.
func ruledFrom(list []change, rules []yearly) int {
	n := len(list)
	for n > 0 && slices.ContainsFunc(rules, func(y yearly) bool { return y.gives(list[n-1]) }) &&
		(n == len(list) || list[n].at.Sub(list[n-1].at) < gap) {
		n--
	}
	return n
}

// rule is y as RFC 5545 section 3.3.10 has it.
func (y yearly) rule() string {
	day := strings.ToUpper(y.wall().Weekday().String()[:2])
	rule := fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;", y.month)
	switch length := time.Date(2001, y.month+1, 0, 0, 0, 0, 0, time.UTC).Day(); {
	case y.last-y.first == 6 && y.last == length && y.month != time.February:
		return rule + "BYDAY=-1" + day
	case y.last-y.first == 6 && y.last%7 == 0:
		return fmt.Sprintf("%sBYDAY=%d%s", rule, y.last/7, day)
	}
	days := make([]string, 0, 7)
	for d := y.first; d <= y.last; d++ {
		days = append(days, fmt.Sprint(d))
	}
	return rule + "BYMONTHDAY=" + strings.Join(days, ",") + ";BYDAY=" + day
}
