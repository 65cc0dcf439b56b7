package schedule

import (
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// Rule says how often a Series repeats: every so many weeks, on the weekday of
// its first occurrence.
type Rule struct {
	Every int       // weeks from one occurrence to the next; 0 is 1
	Count int       // occurrences in all; 0 means no end
	Until time.Time // no occurrence starts after this instant; zero means no end
}

// Weekly repeats each week without an end.
var Weekly = Rule{Every: 1}

func (r Rule) every() int { return max(1, r.Every) }

// maxEvery keeps dates inside what clocks and calendars know.
const maxEvery = 520

// String returns r as RFC 5545 section 3.3.10 has it.
func (r Rule) String() string {
	s := "FREQ=WEEKLY"
	if r.every() > 1 {
		s += ";INTERVAL=" + strconv.Itoa(r.every())
	}
	if r.Count > 0 {
		s += ";COUNT=" + strconv.Itoa(r.Count)
	}
	if !r.Until.IsZero() {
		s += ";UNTIL=" + r.Until.UTC().Format(untilFormat)
	}
	return s
}

const untilFormat = "20060102T150405Z"

var weekdays = map[string]time.Weekday{
	"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday,
	"TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday,
}

// ParseRule reads a weekly rule of RFC 5545 section 3.3.10 for a series that
// starts on first. Other frequencies, and a BYDAY that is not first's weekday
// alone, are fault.Invalid: better no dates than wrong ones.
func ParseRule(rule string, first time.Time) (Rule, error) {
	bad := func(part string) (Rule, error) {
		return Rule{}, fault.New(fault.Invalid, "The rule of a series cannot have %q.", part)
	}
	var r Rule
	weekly := false
	for part := range strings.SplitSeq(strings.TrimPrefix(rule, "RRULE:"), ";") {
		name, value, _ := strings.Cut(part, "=")
		var err error
		switch strings.ToUpper(name) {
		case "FREQ":
			weekly = strings.EqualFold(value, "WEEKLY")
		case "INTERVAL":
			r.Every, err = number(value)
		case "COUNT":
			r.Count, err = number(value)
		case "UNTIL":
			r.Until, err = time.Parse(untilFormat, value)
		case "BYDAY":
			if day, ok := weekdays[strings.ToUpper(value)]; !ok || day != first.Weekday() {
				return bad(part)
			}
		case "WKST":
		default:
			return bad(part)
		}
		if err != nil {
			return bad(part)
		}
	}
	if !weekly {
		return bad(rule)
	}
	return r, nil
}

// number reads a positive number that a rule may have.
func number(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err == nil && (n < 1 || n > maxEvery) {
		err = strconv.ErrRange
	}
	return n, err
}
