package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Words says how often r repeats from first on, as it stands within a sentence:
// "Wednesdays", "every second Thursday", "the last Wednesday of the month". Time
// of day and end are not in it.
func (r Rule) Words(first time.Time) string {
	switch r.Freq {
	case Daily:
		return r.dailyWords()
	case Weekly:
		return r.weeklyWords(first)
	case Monthly:
		return r.monthlyWords(first)
	case Yearly:
		return r.yearlyWords(first)
	}
	return ""
}

// EndWords says where r ends: ", until 30 Aug 2012", ", 10 times in all", or "".
func (r Rule) EndWords(zone *time.Location) string {
	switch {
	case !r.Until.IsZero():
		return ", until " + r.Until.In(zone).Format("2 Jan 2006")
	case r.Count == 1:
		return ", once"
	case r.Count > 0:
		return fmt.Sprintf(", %d times in all", r.Count)
	}
	return ""
}

func (r Rule) dailyWords() string {
	switch {
	case len(r.ByDay) > 0:
		return plainDays(r.ByDay) + r.inMonths()
	case r.interval() > 1:
		return "every " + nth(r.Interval) + " day" + r.inMonths()
	}
	return "daily" + r.inMonths()
}

func (r Rule) weeklyWords(first time.Time) string {
	list := r.ByDay
	if len(list) == 0 {
		list = []Day{{Weekday: first.Weekday()}}
	}
	switch {
	case r.interval() == 1:
		return plainDays(list) + r.inMonths()
	case r.Interval == 2 && len(list) == 1:
		return "every second " + list[0].Weekday.String() + r.inMonths()
	}
	return "every " + nth(r.Interval) + " week on " + and(list, Day.word) + r.inMonths()
}

func (r Rule) monthlyWords(first time.Time) string {
	if plain(r.ByDay) && len(r.BySetPos)+len(r.ByMonthDay) == 0 && r.interval() == 1 {
		return plainDays(r.ByDay) + r.inMonths()
	}
	which := r.daysOf(first)
	switch {
	case len(r.ByMonth) > 0 && r.interval() > 1:
		return which + " of every " + nth(r.Interval) + " month" + r.inMonths()
	case len(r.ByMonth) > 0:
		return which + " of " + and(r.ByMonth, monthName)
	case r.interval() > 1:
		return which + " of every " + nth(r.Interval) + " month"
	}
	return which + " of the month"
}

func (r Rule) yearlyWords(first time.Time) string {
	every := ""
	if r.interval() > 1 {
		every = " of every " + nth(r.Interval) + " year"
	}
	days := len(r.ByMonthDay) + len(r.ByYearDay) + len(r.ByDay)
	switch {
	case len(r.ByYearDay) > 0:
		return "the " + and(r.ByYearDay, fromEnd("day")) + orOf(every, " of the year")
	case days == 0 && len(r.ByMonth) == 0:
		return first.Format("2 January") + orOf(every, " every year")
	case plain(r.ByDay) && len(r.BySetPos)+len(r.ByMonthDay) == 0:
		return plainDays(r.ByDay) + r.inMonths() + every
	case len(r.ByMonth) > 0:
		return r.daysOf(first) + " of " + and(r.ByMonth, monthName) + every
	case len(r.ByMonthDay) > 0:
		return r.daysOf(first) + " of each month" + every
	}
	return r.daysOf(first) + orOf(every, " of the year")
}

func orOf(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// daysOf are the days within a month or a year: "the 15th", "the last Wednesday",
// "the Friday that is the 13th".
func (r Rule) daysOf(first time.Time) string {
	monthDays := and(r.ByMonthDay, fromEnd("day"))
	switch {
	case len(r.BySetPos) > 0:
		return "the " + and(r.BySetPos, placeWord) + " " + or(r.ByDay, Day.word)
	case len(r.ByDay) > 0 && len(r.ByMonthDay) > 0:
		return "each " + or(r.ByDay, Day.word) + " that is the " + or(r.ByMonthDay, fromEnd("day"))
	case plain(r.ByDay):
		return "each " + or(r.ByDay, Day.word)
	case len(r.ByDay) > 0:
		return "the " + numberedDays(r.ByDay)
	case len(r.ByMonthDay) > 0:
		return "the " + monthDays
	}
	return "the " + ordinal(first.Day())
}

func (d Day) word() string { return d.Weekday.String() }

// plain reports whether there are days and none has a number.
func plain(list []Day) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(d Day) bool { return d.N != 0 })
}

// plainDays are the days of a week: "Mondays and Wednesdays".
func plainDays(list []Day) string {
	from, to := list[0].Weekday, list[len(list)-1].Weekday
	switch {
	case len(list) == len(weekdays):
		return "daily"
	case len(list) > 2 && place(to)-place(from) == len(list)-1:
		return from.String() + "s to " + to.String() + "s"
	}
	return and(list, func(d Day) string { return d.word() + "s" })
}

// numberedDays are the days of a month: "first and third Monday", or "first
// Monday and last Friday".
func numberedDays(list []Day) string {
	one := !slices.ContainsFunc(list, func(d Day) bool { return d.Weekday != list[0].Weekday })
	if one {
		return and(list, func(d Day) string { return placeWord(d.N) }) + " " + list[0].word()
	}
	return and(list, func(d Day) string { return placeWord(d.N) + " " + d.word() })
}

// inMonths is the months of a rule that are a condition only.
func (r Rule) inMonths() string {
	if len(r.ByMonth) == 0 {
		return ""
	}
	return " in " + and(r.ByMonth, monthName)
}

func monthName(m int) string { return time.Month(m).String() }

// places are the ordinals that we write as words.
var places = []string{"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"}

func nth(n int) string {
	if n < len(places) {
		return places[n]
	}
	return ordinal(n)
}

// placeWord is a place from the beginning or the end: "second", "last", "second to
// last".
func placeWord(n int) string {
	switch {
	case n > 0:
		return nth(n)
	case n == -1:
		return "last"
	}
	return nth(-n) + " to last"
}

// fromEnd says the number of a day: "15th", or "last day".
func fromEnd(unit string) func(int) string {
	return func(n int) string {
		if n > 0 {
			return ordinal(n)
		}
		return placeWord(n) + " " + unit
	}
}

func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

func and[T any](list []T, word func(T) string) string { return enumerate(list, word, "and") }
func or[T any](list []T, word func(T) string) string  { return enumerate(list, word, "or") }

// enumerate is "a, b and c".
func enumerate[T any](list []T, word func(T) string, last string) string {
	if len(list) < 2 {
		return join(list, word, "")
	}
	n := len(list) - 1
	return strings.Join([]string{join(list[:n], word, ", "), last, word(list[n])}, " ")
}
