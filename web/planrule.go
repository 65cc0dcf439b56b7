package web

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/schedule"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	mostWeeks   = 520              // between two dates of a series
	mostMinutes = 7 * 24 * 60      // of a session
	clockLayout = "15:04"          // of a field for a time of day
	usualLength = 90 * time.Minute // that a form begins with
)

// typedRule is the rule that a form asks for, and whether a day can be its first;
// nil leaves that to the rule.
func typedRule(form url.Values) (rule string, fits func(day time.Time) bool, err error) {
	switch form.Get("repeat") {
	case "rule":
		if rule = strings.TrimSpace(form.Get("rule")); rule == "" {
			return "", nil, fault.On("rule", "Write the rule, as in FREQ=WEEKLY;BYDAY=MO,WE.")
		}
		return rule, nil, nil
	case "month":
		n, err := strconv.Atoi(form.Get("nth"))
		day, ok := weekdayOf(form.Get("weekday"))
		switch {
		case err != nil || n < -1 || n == 0 || n > 5:
			return "", nil, fault.On("nth", "Choose which one of the month.")
		case !ok:
			return "", nil, fault.On("weekday", "Choose a day of the week.")
		}
		r := schedule.Rule{Freq: schedule.Monthly, ByDay: []schedule.Day{{N: n, Weekday: day}}, WeekStart: time.Monday}
		return r.String(), nil, nil
	case "weeks", "":
		return weeklyRule(form)
	}
	return "", nil, fault.On("repeat", "Choose how it repeats.")
}

// weeklyRule is the rule for certain days every so many weeks.
func weeklyRule(form url.Values) (string, func(time.Time) bool, error) {
	r := schedule.Rule{Freq: schedule.Weekly, Interval: 1, WeekStart: time.Monday}
	if every := strings.TrimSpace(form.Get("every")); every != "" {
		var err error
		if r.Interval, err = strconv.Atoi(every); err != nil || r.Interval < 1 || r.Interval > mostWeeks {
			return "", nil, fault.On("every", "A number of weeks from 1 to %d.", mostWeeks)
		}
	}
	var days []time.Weekday
	for code := range strings.SplitSeq(strings.Join(form["days"], ","), ",") { // with commas, as a program writes it
		day, ok := weekdayOf(code)
		if code != "" && !ok {
			return "", nil, fault.On("days", "A day of the week is MO, TU, WE, TH, FR, SA or SU.")
		}
		if ok && !slices.Contains(days, day) {
			days = append(days, day)
		}
	}
	for _, d := range byDay { // in the order of the week
		if slices.Contains(days, d.day) {
			r.ByDay = append(r.ByDay, schedule.Day{Weekday: d.day})
		}
	}
	return r.String(), func(t time.Time) bool { return len(days) == 0 || slices.Contains(days, t.Weekday()) }, nil
}

// typedTiming is when a series is, as its form asks for: its first date is the
// first that fits on or after the day that was typed.
func (s *Server) typedTiming(form url.Values) (hackfest.Timing, error) {
	rule, fits, err := typedRule(form)
	day, errDay := typedDay(form, "from")
	clock, errClock := typedClock(form)
	zone, errZone := s.typedZone(form.Get("zone"))
	length, errLength := typedLength(form)
	if err = errors.Join(err, errDay, errClock, errZone, errLength); err != nil {
		return hackfest.Timing{}, err
	}
	for n := 0; fits != nil && n < 7; n++ {
		if d := day.AddDate(0, 0, n); fits(d) {
			day = d
			break
		}
	}
	t := hackfest.Timing{Rule: rule, First: day.Add(clock), Zone: zone, Length: length}
	dates, err := schedule.Read(t.Rule, t.First, t.Zone, t.Length)
	if err != nil {
		return t, err
	}
	for o := range dates.All() {
		t.First = o.Wall
		break
	}
	t.Rule = dates.Rule.String()
	_, err = schedule.New(t.Rule, t.First, t.Zone, t.Length)
	return t, err
}

// typedDay reads a date.
func typedDay(form url.Values, field string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, strings.TrimSpace(form.Get(field)))
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return t, fault.On(field, "A date is written year, month, day, as in 2012-10-24.")
	}
	return t, nil
}

// typedClock reads a time of day.
func typedClock(form url.Values) (time.Duration, error) {
	t, err := time.Parse(clockLayout, strings.TrimSpace(form.Get("time")))
	if err != nil {
		return 0, fault.On("time", "A time is written as in 19:00.")
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// typedLength reads a number of minutes.
func typedLength(form url.Values) (time.Duration, error) {
	n, err := strconv.Atoi(strings.TrimSpace(form.Get("length")))
	if err != nil || n < 1 || n > mostMinutes {
		return 0, fault.On("length", "A length is a number of minutes, from 1 to %d.", mostMinutes)
	}
	return time.Duration(n) * time.Minute, nil
}

// typedZone finds the zone that was typed: by its IANA name, or by a city or
// another name that people have for it.
func (s *Server) typedZone(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if s.isZone(typed) {
		return s.locate(typed).String(), nil
	}
	city, _, _ := strings.Cut(typed, " (") // as the list shows it
	if zone := announce.FindZone(city); s.isZone(zone) {
		return zone, nil
	}
	return "", fault.On("zone", "There is no time zone %q. Choose one from the list, or write it as in Europe/Berlin.", typed)
}

// zoneList are the zones that a form suggests.
func (s *Server) zoneList(now time.Time, chosen string) []ui.Choice {
	var list []ui.Choice
	for _, z := range s.zoneChoices(now, chosen) {
		list = append(list, ui.Choice{Value: z.Name, Text: z.Text})
	}
	return list
}

// ruleFields fills in the controls for a rule.
func ruleFields(f *templates.SeriesFields, rule schedule.Rule, first time.Time) {
	rule.Until, rule.Count = time.Time{}, 0 // where it ends is no matter of this form
	f.Repeat, f.Every, f.Nth, f.Rule = "rule", "1", "1", rule.String()
	f.Days = dayCode(first.Weekday())
	f.Weekday = f.Days
	others := len(rule.ByMonth) + len(rule.ByMonthDay) + len(rule.ByYearDay) + len(rule.BySetPos)
	plain := !slices.ContainsFunc(rule.ByDay, func(d schedule.Day) bool { return d.N != 0 })
	switch {
	case others > 0 || rule.WeekStart != time.Monday:
	case rule.Freq == schedule.Weekly && plain:
		f.Repeat, f.Every, f.Rule = "weeks", strconv.Itoa(max(1, rule.Interval)), ""
		if len(rule.ByDay) > 0 {
			var codes []string
			for _, d := range rule.ByDay {
				codes = append(codes, dayCode(d.Weekday))
			}
			f.Days = strings.Join(codes, ",")
		}
	case rule.Freq == schedule.Monthly && rule.Interval <= 1 && len(rule.ByDay) == 1 && !plain && rule.ByDay[0].N >= -1:
		f.Repeat, f.Nth, f.Weekday, f.Rule = "month", strconv.Itoa(rule.ByDay[0].N), dayCode(rule.ByDay[0].Weekday), ""
	}
}

// byDay are the weekdays as RFC 5545 section 3.3.10 writes them, Monday first.
var byDay = []struct {
	code string
	day  time.Weekday
}{
	{"MO", time.Monday},
	{"TU", time.Tuesday},
	{"WE", time.Wednesday},
	{"TH", time.Thursday},
	{"FR", time.Friday},
	{"SA", time.Saturday},
	{"SU", time.Sunday},
}

func weekdayOf(code string) (time.Weekday, bool) {
	for _, d := range byDay {
		if strings.EqualFold(strings.TrimSpace(code), d.code) {
			return d.day, true
		}
	}
	return 0, false
}

func dayCode(day time.Weekday) string {
	for _, d := range byDay {
		if d.day == day {
			return d.code
		}
	}
	return ""
}
