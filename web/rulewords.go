package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// byDay are the weekdays as RFC 5545 section 3.3.10 writes them, Monday first.
var byDay = []struct {
	code string
	day  time.Weekday
}{
	{"MO", time.Monday}, {"TU", time.Tuesday}, {"WE", time.Wednesday}, {"TH", time.Thursday},
	{"FR", time.Friday}, {"SA", time.Saturday}, {"SU", time.Sunday},
}

// nths are the places of a weekday in its month.
var nths = map[int]string{1: "First", 2: "Second", 3: "Third", 4: "Fourth", 5: "Fifth", -1: "Last", -2: "Last but one"}

// ruleParts are the parts of a rule by their names.
func ruleParts(rule string) map[string]string {
	parts := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.ToUpper(rule), "RRULE:"), ";") {
		if name, value, ok := strings.Cut(part, "="); ok {
			parts[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return parts
}

// every is the interval of a rule.
func every(parts map[string]string) int {
	n, err := strconv.Atoi(parts["INTERVAL"])
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// weekdaysOf are the weekdays in a BYDAY without numbers, Monday first; nil for
// anything else.
func weekdaysOf(value string) []time.Weekday {
	var days []time.Weekday
	list := strings.Split(value, ",")
	for _, d := range byDay {
		for _, code := range list {
			if code == d.code {
				days = append(days, d.day)
			}
		}
	}
	if len(days) != len(list) {
		return nil
	}
	return days
}

// nthOf reads "-1WE" and "3TH"; false for anything else.
func nthOf(value string) (n int, day time.Weekday, ok bool) {
	if len(value) < 3 {
		return 0, 0, false
	}
	for _, d := range byDay {
		if d.code == value[len(value)-2:] {
			n, err := strconv.Atoi(value[:len(value)-2])
			return n, d.day, err == nil && nths[n] != ""
		}
	}
	return 0, 0, false
}

// daysWords says on which days a rule has its dates: "Wednesdays", "Every other
// Thursday", "Last Friday of the month". What people have no short words for is
// the rule itself.
func daysWords(rule string, first time.Time) string {
	parts := ruleParts(rule)
	n := every(parts)
	for name := range parts {
		switch name {
		case "FREQ", "INTERVAL", "BYDAY", "WKST", "UNTIL", "COUNT":
		default:
			return "By the rule " + rule
		}
	}
	switch parts["FREQ"] {
	case "DAILY":
		if parts["BYDAY"] == "" {
			return each(n, "Every day", "Every other day", "Every %d days")
		}
	case "WEEKLY":
		days := []time.Weekday{first.Weekday()}
		if parts["BYDAY"] != "" {
			days = weekdaysOf(parts["BYDAY"])
		}
		if days != nil {
			return weeklyWords(n, days)
		}
	case "MONTHLY":
		if nth, day, ok := nthOf(parts["BYDAY"]); ok {
			return nths[nth] + " " + day.String() + each(n, " of the month", " of every other month", " of every %d months")
		}
		if parts["BYDAY"] == "" {
			return "Day " + strconv.Itoa(first.Day()) + each(n, " of the month", " of every other month", " of every %d months")
		}
	}
	return "By the rule " + rule
}

// each chooses the words for every one, every other and every nth.
func each(n int, one, other, many string) string {
	switch n {
	case 1:
		return one
	case 2:
		return other
	}
	return fmt.Sprintf(many, n)
}

// weeklyWords says "Tuesdays and Thursdays", "Every other Monday", "Every 3
// weeks on Monday and Friday".
func weeklyWords(n int, days []time.Weekday) string {
	names := make([]string, len(days))
	for i, d := range days {
		if names[i] = d.String(); n == 1 {
			names[i] += "s"
		}
	}
	if n == 1 {
		return chart.List(names)
	}
	if n == 2 && len(days) == 1 {
		return "Every other " + names[0]
	}
	return each(n, "", "Every other week on ", "Every %d weeks on ") + chart.List(names)
}

// ruleWords says when x is: "Wednesdays 12:00–14:30, Pacific time".
func (s *Server) ruleWords(c ui.Clock, x hackfest.Series) string {
	words := daysWords(x.Rule, x.First) + " " + x.First.Format(hours(c)) + "–" + x.First.Add(x.Length).Format(hours(c)) + ", " + zoneWords(x.Zone)
	parts := ruleParts(x.Rule)
	if until := s.untilOf(parts["UNTIL"], x.Zone); !until.IsZero() {
		words += ", until " + until.Format("2 Jan 2006")
	}
	if n, err := strconv.Atoi(parts["COUNT"]); err == nil {
		words += ", " + chart.Count(n, "time", "times") + " in all"
	}
	return words
}

// untilOf reads an UNTIL, in the zone of its series; zero when there is none.
func (s *Server) untilOf(value, zone string) time.Time {
	for _, layout := range []string{"20060102T150405Z", "20060102T150405", "20060102"} {
		if t, err := time.Parse(layout, value); err == nil {
			if strings.HasSuffix(layout, "Z") {
				t = t.In(s.locate(zone))
			}
			return t
		}
	}
	return time.Time{}
}
