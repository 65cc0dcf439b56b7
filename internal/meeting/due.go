package meeting

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/eucalyptus/hackfest/internal/irctext"
)

// today is the day that at falls on where the session is held, as midnight UTC.
// A meeting without a session, or in a zone nobody knows, is held in UTC.
func (s State) today(at time.Time) time.Time {
	zone, err := time.LoadLocation(s.session().Zone)
	if err != nil {
		zone = time.UTC
	}
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// cutDue takes "due DATE" out of the text of an action and returns what is left
// and the date, at midnight UTC. A weekday is the next one after today; a day
// without a year is the next such day, today included. Text is kept whole when
// it has no date; wrong is what looks like a date and is none. "The crash is due
// to DNS" has neither.
//
//	due 2026-12-01   due today   due friday   due 1 dec   due December 1st, 2026
func cutDue(text string, today time.Time) (rest string, due time.Time, wrong string) {
	if !strings.Contains(irctext.ASCII.Fold(text), "due") {
		return text, time.Time{}, ""
	}
	words := spans(text)
	for i, w := range words {
		if !strings.EqualFold(strings.Trim(text[w.from:w.to], "(,;:-"), "due") {
			continue
		}
		next := i + 1
		if next < len(words) && isOneOf(words[next].core(text), "on", "by") {
			next++
		}
		var cores []string
		for _, w := range words[next:min(next+4, len(words))] {
			cores = append(cores, w.core(text))
		}
		date, n, bad := readDate(cores, today)
		if n == 0 {
			if wrong == "" {
				wrong = bad
			}
			continue
		}
		last := words[next+n-1]
		return without(text, w.from, last.from+len(last.core(text))), date, ""
	}
	return text, time.Time{}, wrong
}

// without is text without text[from:to], and without the punctuation that would
// then stand alone. When nothing else is left it stays whole.
func without(text string, from, to int) string {
	opened := text[from] == '('
	before := strings.TrimRight(text[:from], " ,;-")
	if cut, ok := strings.CutSuffix(before, "("); ok {
		before, opened = strings.TrimRight(cut, " ,;-"), true
	}
	after := text[to:]
	if opened {
		after = strings.TrimPrefix(after, ")")
	}
	if strings.Trim(after, " .,;:!?-") == "" {
		after = ""
	}
	if before == "" {
		after = strings.TrimLeft(after, " .,;:!?-")
	}
	if before+after == "" {
		return text
	}
	return before + after
}

// span is where a word stands.
type span struct{ from, to int }

// core is the word without the punctuation behind it.
func (w span) core(text string) string {
	return strings.TrimRight(text[w.from:w.to], ".,;:!?)")
}

func spans(text string) []span {
	var list []span
	from := -1
	for i, r := range text {
		switch blank := unicode.IsSpace(r); {
		case blank && from >= 0:
			list = append(list, span{from, i})
			from = -1
		case !blank && from < 0:
			from = i
		}
	}
	if from >= 0 {
		list = append(list, span{from, len(text)})
	}
	return list
}

// readDate reads a date from the start of words and returns how many words it
// took; 0 when they begin with none. Bad is then what looks like a date.
func readDate(words []string, today time.Time) (date time.Time, n int, bad string) {
	if len(words) == 0 || words[0] == "" {
		return time.Time{}, 0, ""
	}
	first := irctext.ASCII.Fold(words[0])
	switch first {
	case "today":
		return today, 1, ""
	case "tomorrow":
		return today.AddDate(0, 0, 1), 1, ""
	}
	if d, ok := weekdays[first]; ok {
		ahead := (int(d)-int(today.Weekday())+6)%7 + 1
		return today.AddDate(0, 0, ahead), 1, ""
	}
	if first[0] >= '0' && first[0] <= '9' && strings.ContainsAny(first[1:], "-/.") {
		return readNumbers(words[0])
	}
	return readNamed(words, today)
}

// readNumbers reads 2026-12-01 and 2026/12/1. What else is made of numbers can
// be read in two ways and is no date.
func readNumbers(word string) (date time.Time, n int, bad string) {
	if strings.Trim(word, "0123456789-/.") != "" {
		return time.Time{}, 0, ""
	}
	for _, layout := range []string{"2006-1-2", "2006/1/2"} {
		if at, err := time.Parse(layout, word); err == nil && knownYear(at.Year()) {
			return at, 1, ""
		}
	}
	return time.Time{}, 0, word
}

// readNamed reads "1 dec", "1st of December 2026", "dec 1", "December 1, 2026".
func readNamed(words []string, today time.Time) (date time.Time, n int, bad string) {
	var month time.Month
	var day int
	rest := words
	d, hasDay := dayOfMonth(words[0])
	m, hasMonth := months[irctext.ASCII.Fold(words[0])]
	switch {
	case hasDay && len(words) > 1:
		rest = words[1:]
		if irctext.ASCII.Fold(rest[0]) == "of" && len(rest) > 1 {
			rest = rest[1:]
		}
		m, hasMonth = months[irctext.ASCII.Fold(rest[0])]
	case hasMonth && len(words) > 1:
		rest = words[1:]
		d, hasDay = dayOfMonth(rest[0])
	}
	rest = rest[1:]
	if !hasDay || !hasMonth {
		return time.Time{}, 0, ""
	}
	day, month = d, m
	n = len(words) - len(rest)
	year, years := today.Year(), 9 // a 29 February may be that far away
	if len(rest) > 0 && len(rest[0]) == 4 {
		if y, err := strconv.Atoi(rest[0]); err == nil && knownYear(y) {
			year, years, n = y, 1, n+1
		}
	}
	for y := year; y < year+years; y++ {
		date = time.Date(y, month, day, 0, 0, 0, 0, time.UTC)
		if date.Day() == day && (years == 1 || !date.Before(today)) {
			return date, n, ""
		}
	}
	return time.Time{}, 0, strings.Join(words[:n], " ")
}

// dayOfMonth reads 1, 01, 1st, 2nd, 3rd and 4th; whether the month has that day
// is for the caller to find out.
func dayOfMonth(word string) (int, bool) {
	digits := leadingDigits(word)
	n, err := strconv.Atoi(digits)
	return n, err == nil && len(digits) <= 2 && isOneOf(word[len(digits):], "", "st", "nd", "rd", "th")
}

func knownYear(y int) bool { return y >= 1970 && y < 2200 }

func isOneOf(word string, words ...string) bool {
	for _, w := range words {
		if strings.EqualFold(word, w) {
			return true
		}
	}
	return false
}

var weekdays = map[string]time.Weekday{
	"sunday": time.Sunday, "sun": time.Sunday, "monday": time.Monday, "mon": time.Monday,
	"tuesday": time.Tuesday, "tues": time.Tuesday, "tue": time.Tuesday, "wednesday": time.Wednesday, "weds": time.Wednesday, "wed": time.Wednesday,
	"thursday": time.Thursday, "thurs": time.Thursday, "thur": time.Thursday, "thu": time.Thursday,
	"friday": time.Friday, "fri": time.Friday, "saturday": time.Saturday, "sat": time.Saturday,
}

var months = map[string]time.Month{
	"january": time.January, "jan": time.January, "february": time.February, "feb": time.February, "march": time.March, "mar": time.March,
	"april": time.April, "apr": time.April, "may": time.May, "june": time.June, "jun": time.June, "july": time.July, "jul": time.July,
	"august": time.August, "aug": time.August, "september": time.September, "sept": time.September, "sep": time.September,
	"october": time.October, "oct": time.October, "november": time.November, "nov": time.November, "december": time.December, "dec": time.December,
}

func leadingDigits(s string) string {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	return s[:end]
}
