package logformat

import (
	"regexp"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// stamp is the time of an entry as far as its line tells.
type stamp struct {
	clock time.Duration // since midnight, where the format has no date
	full  time.Time     // date and time, where it has
	zoned bool          // full is an instant; else its own zone means nothing
}

// readClock reads "18:17", or "18:17:03" with seconds, at the start of s.
func readClock(s string, seconds bool) (when stamp, rest string, ok bool) {
	n := len("18:17")
	if seconds {
		n = len("18:17:03")
	}
	if len(s) < n {
		return stamp{}, "", false
	}
	var part [3]int
	for i := 0; i < n; i++ {
		switch c := s[i]; {
		case i%3 == 2 && c == ':':
		case i%3 != 2 && c >= '0' && c <= '9':
			part[i/3] = part[i/3]*10 + int(c-'0')
		default:
			return stamp{}, "", false
		}
	}
	if part[0] > 23 || part[1] > 59 || part[2] > 60 {
		return stamp{}, "", false
	}
	clock := time.Duration(part[0])*time.Hour + time.Duration(part[1])*time.Minute + time.Duration(min(part[2], 59))*time.Second
	return stamp{clock: clock}, s[n:], true
}

// readTwelve reads a clock of twelve hours at the start of s: "6:17pm", "06:17:03
// PM".
func readTwelve(s string) (when stamp, rest string, ok bool) {
	if len(s) > 1 && s[1] == ':' {
		s = "0" + s
	}
	when, rest, ok = readClock(s, true)
	if !ok {
		when, rest, ok = readClock(s, false)
	}
	rest = strings.TrimPrefix(rest, " ")
	if !ok || len(rest) < 2 || rest[1]|0x20 != 'm' {
		return stamp{}, "", false
	}
	hour := when.clock / time.Hour
	if hour < 1 || hour > 12 {
		return stamp{}, "", false
	}
	switch rest[0] | 0x20 {
	case 'a':
		if hour == 12 {
			when.clock -= 12 * time.Hour
		}
	case 'p':
		if hour != 12 {
			when.clock += 12 * time.Hour
		}
	default:
		return stamp{}, "", false
	}
	return when, rest[2:], true
}

// statement is a bot's line that a meeting has started.
type statement struct {
	entry int
	at    time.Time // what it says; zero when it says none
	zoned bool      // at is an instant
}

// What the bots say: Debian's and Fedora's, HcoopMeetbot, ours.
var (
	meetbotStart = regexp.MustCompile(`^Meeting started \w{3} (\w{3} +\d{1,2} \d\d:\d\d:\d\d \d{4}) (\w+)`)
	hcoopStart   = regexp.MustCompile(`^Meeting started at (\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:?\d\d)?`)
	otherStart   = regexp.MustCompile(`^Meeting started($|[.:!,]| at | on | by | for )`) // if it answers #startmeeting
	ownStart     = regexp.MustCompile(`^Meeting started: .* Chair: `)
)

// near is how many lines after #startmeeting a bot answers it.
const near = 5

// statements finds the lines in which a bot says that a meeting has started.
// Whoever typed #startmeeting is no bot, whatever they say.
func statements(entries []entry) []statement {
	callers := map[string]bool{}
	last := -near - 1
	var sure, likely []statement
	for i, e := range entries {
		if e.kind != hackfest.Message {
			continue
		}
		if word, _, _ := strings.Cut(e.text, " "); strings.EqualFold(word, "#startmeeting") {
			callers[fold(e.nick)] = true
			last = i
			continue
		}
		at := strings.Index(e.text, "Meeting started")
		if at < 0 || callers[fold(e.nick)] || at > 0 && !strings.HasSuffix(e.text[:at], ": ") {
			continue
		}
		s, ok := readStatement(e.text[at:])
		s.entry = i
		switch {
		case ok:
			sure = append(sure, s)
		case i-last <= near && otherStart.MatchString(e.text[at:]):
			likely = append(likely, s)
		}
	}
	if len(sure) == 0 {
		return likely // a bot with words of its own
	}
	return sure
}

// readStatement reads one of the known wordings.
func readStatement(text string) (statement, bool) {
	if m := meetbotStart.FindStringSubmatch(text); m != nil {
		at, err := time.Parse("Jan 2 15:04:05 2006", strings.Join(strings.Fields(m[1]), " "))
		return statement{at: at, zoned: m[2] == "UTC" || m[2] == "GMT"}, err == nil
	}
	if m := hcoopStart.FindStringSubmatch(text); m != nil {
		if len(m[1]) == len("2012-08-10T18:17") {
			m[1] += ":00"
		}
		when, ok := readISO(m[1] + m[2])
		return statement{at: when.full, zoned: when.zoned}, ok
	}
	return statement{}, ownStart.MatchString(text)
}

// bots names whoever made a statement, folded.
func bots(entries []entry, starts []statement) map[string]bool {
	nicks := map[string]bool{}
	for _, s := range starts {
		nicks[fold(entries[s.entry].nick)] = true
	}
	return nicks
}

// backwards is how far a log's clock may go back on the same day: summer time
// ends, clocks are set right. Anything more is the next day.
const backwards = time.Hour + time.Minute

// mark is a day that the log states.
type mark struct {
	entry   int       // the first it holds for
	day     time.Time // its clock, where the log says one, is that of the statement
	changed bool      // the day before it ended there
}

// datings works out the instant of each entry, in UTC.
func datings(entries []entry, marks []mark, starts []statement, o Options) ([]time.Time, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	zone := o.Zone
	if zone == nil {
		zone = statedZone(entries, starts)
	}
	times := make([]time.Time, len(entries))
	if !entries[0].when.full.IsZero() {
		for i, e := range entries {
			times[i] = e.when.full.UTC()
			if !e.when.zoned {
				times[i] = onDay(e.when.full, clockOf(e.when.full), zone)
			}
		}
		return times, nil
	}
	days, marked := dayNumbers(entries, marks)
	base, err := firstDay(entries, marked, starts, days, zone, o)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		for o.Date.IsZero() && marked.IsZero() && len(starts) > 0 && i == starts[0].entry {
			if !starts[0].at.IsZero() { // a later meeting in the file says its date anew
				base = dayOf(starts[0], e.when.clock, zone).AddDate(0, 0, -days[i])
			}
			starts = starts[1:]
		}
		times[i] = onDay(base.AddDate(0, 0, days[i]), e.when.clock, zone)
	}
	return times, nil
}

// dayNumbers counts days since that of the first entry, by midnights and by what
// the marks say. The second result is that first day where a mark tells it.
func dayNumbers(entries []entry, marks []mark) ([]int, time.Time) {
	days := make([]int, len(entries))
	day, clock, stated := 0, entries[0].when.clock, false
	take := func(m mark, before int) {
		last := day
		day, clock = int(m.day.Unix()/secondsPerDay), clockOf(m.day)
		if stated {
			return
		}
		stated = true
		shift := day - last
		if m.changed {
			shift--
		}
		for i := range days[:before] {
			days[i] += shift
		}
	}
	for i, e := range entries {
		for ; len(marks) > 0 && marks[0].entry == i; marks = marks[1:] {
			take(marks[0], i)
		}
		if clock-e.when.clock > backwards {
			day++
		}
		days[i], clock = day, e.when.clock
	}
	if len(marks) > 0 {
		take(marks[0], len(days))
	}
	first := days[0]
	for i := range days {
		days[i] -= first
	}
	if !stated {
		return days, time.Time{}
	}
	return days, time.Unix(int64(first)*secondsPerDay, 0).UTC()
}

const secondsPerDay = 24 * 60 * 60

// dateInName finds days in names: "2012-08-10", "2012/08/10" in the path of
// RRSAgent's logs, "20120810" in older logs of ZNC.
var dateInName = regexp.MustCompile(`\d{4}-\d{2}-\d{2}|\d{4}/\d{2}/\d{2}|\b(?:19|20)\d{6}\b|_(?:19|20)\d{6}\b`)

// firstDay is the day of the first entry: what the caller says, else what the
// log itself, else the bot in it states, else what the file's name says.
func firstDay(entries []entry, marked time.Time, starts []statement, days []int, zone *time.Location, o Options) (time.Time, error) {
	if !o.Date.IsZero() {
		return o.Date, nil
	}
	if !marked.IsZero() {
		return marked, nil
	}
	for _, s := range starts {
		if !s.at.IsZero() {
			return dayOf(s, entries[s.entry].when.clock, zone).AddDate(0, 0, -days[s.entry]), nil
		}
	}
	for _, m := range dateInName.FindAllString(o.Name, -1) {
		m = strings.NewReplacer("-", "", "/", "", "_", "").Replace(m)
		if day, err := time.Parse("20060102", m); err == nil && plausible(day) {
			return day, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "This log does not say its date: give the day of its first line, as in --date 2012-08-10.")
}

// dayOf is the day on which a line with this clock makes statement s: the one
// that brings the two nearest, since they may lie on either side of midnight.
func dayOf(s statement, clock time.Duration, zone *time.Location) time.Time {
	if !s.zoned {
		zone = time.UTC
	}
	said := s.at.In(zone)
	best := said
	for _, day := range []time.Time{said.AddDate(0, 0, -1), said.AddDate(0, 0, 1)} {
		if onDay(day, clock, zone).Sub(said).Abs() < onDay(best, clock, zone).Sub(said).Abs() {
			best = day
		}
	}
	return best
}

// statedZone finds the zone of a log's clock by what the bot states: its line
// stands at some time of the log, and says what instant that is. UTC when the
// bot says nothing, or nothing that fits a zone.
func statedZone(entries []entry, starts []statement) *time.Location {
	for _, s := range starts {
		e := entries[s.entry]
		if !s.zoned || !e.when.full.IsZero() {
			continue
		}
		const quarter = 15 * time.Minute
		offset := e.when.clock - clockOf(s.at.UTC())
		rounded := offset.Round(quarter)
		if (offset - rounded).Abs() > 2*time.Minute {
			continue
		}
		if rounded != 0 {
			return time.FixedZone("", int(rounded/time.Second))
		}
	}
	return time.UTC
}

func clockOf(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
		time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
}

// onDay is the instant at which a clock in zone shows clock on the day of day.
func onDay(day time.Time, clock time.Duration, zone *time.Location) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, 0, int(clock/time.Second), int(clock%time.Second), zone).UTC()
}
