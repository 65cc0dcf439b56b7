package schedule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/schedule"
)

// series is one as somebody plans it, for two hours unless rule says so.
func series(t *testing.T, rule, first, zone string) schedule.Series {
	t.Helper()
	s, err := schedule.New(rule, at(t, first), zone, 2*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// starts are the first n starts of s after from, as layout writes them in UTC.
func starts(s schedule.Series, n int, from time.Time, layout string) string {
	var list []string
	for _, o := range s.Next(n, from) {
		list = append(list, o.Start.UTC().Format(layout))
	}
	return strings.Join(list, " ")
}

const losAngeles = "America/Los_Angeles"

// The acceptance statements about dates. Wanted are instants, worked out by hand.
func TestDates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, rule, first, zone, from string
		want                          string
	}{
		{"A1 W in autumn", "FREQ=WEEKLY;BYDAY=WE", "2012-08-01 12:00", losAngeles, "2026-10-21 00:00", "2026-10-21T19:00 2026-10-28T19:00 2026-11-04T20:00"},
		{"A3 W in spring", "FREQ=WEEKLY;BYDAY=WE", "2012-08-01 12:00", losAngeles, "2026-03-04 00:00", "2026-03-04T20:00 2026-03-11T19:00"},
		{"A5 W in 2012", "FREQ=WEEKLY;BYDAY=WE", "2012-08-01 12:00", losAngeles, "2012-10-24 00:00", "2012-10-24T19:00 2012-10-31T19:00 2012-11-07T20:00"},
		{"A6 02:30 on the Sunday without it", "FREQ=WEEKLY", "2026-03-01 02:30", losAngeles, "2026-02-01 00:00", "2026-03-01T10:30 2026-03-08T10:30 2026-03-15T09:30"},
		{"A7 01:30 on the Sunday that has it twice", "FREQ=WEEKLY", "2026-10-25 01:30", losAngeles, "2026-10-01 00:00", "2026-10-25T08:30 2026-11-01T08:30 2026-11-08T09:30"},
		{"A8 a fortnight over a year of 53 weeks", "FREQ=WEEKLY;INTERVAL=2", "2026-12-31 09:00", "UTC", "2026-12-01 00:00", "2026-12-31T09:00 2027-01-14T09:00 2027-01-28T09:00"},
		{"A9 the fifth Wednesday", "FREQ=MONTHLY;BYDAY=5WE", "2026-07-29 10:00", "UTC", "2026-07-01 00:00", "2026-07-29T10:00 2026-09-30T10:00 2026-12-30T10:00"},
		{"the last Wednesday", "FREQ=MONTHLY;BYDAY=-1WE", "2026-10-28 10:00", "UTC", "2026-10-01 00:00", "2026-10-28T10:00 2026-11-25T10:00 2026-12-30T10:00"},
		{"two days a week", "FREQ=WEEKLY;BYDAY=MO,TH", "2026-10-01 10:00", "UTC", "2026-10-01 00:00", "2026-10-01T10:00 2026-10-05T10:00 2026-10-08T10:00"},
		{"two days each second week", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "2026-10-01 10:00", "UTC", "2026-10-01 00:00", "2026-10-01T10:00 2026-10-12T10:00 2026-10-15T10:00"},
		{"the same, where weeks begin on Thursday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=TH", "2026-10-01 10:00", "UTC", "2026-10-01 00:00", "2026-10-01T10:00 2026-10-05T10:00 2026-10-15T10:00"},
		{"the 31st, in months that have it", "FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31 10:00", "UTC", "2026-01-01 00:00", "2026-01-31T10:00 2026-03-31T10:00 2026-05-31T10:00"},
		{"the last day", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31 10:00", "UTC", "2026-02-01 00:00", "2026-02-28T10:00 2026-03-31T10:00"},
		{"leap day", "FREQ=YEARLY", "2024-02-29 10:00", "UTC", "2024-03-01 00:00", "2028-02-29T10:00 2032-02-29T10:00"},
		{"the last workday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-10-30 10:00", "UTC", "2026-10-01 00:00", "2026-10-30T10:00 2026-11-30T10:00 2026-12-31T10:00"},
		{"UNTIL is the last start", "FREQ=WEEKLY;UNTIL=20261029T020000Z", "2026-10-21 19:00", losAngeles, "2026-10-01 00:00", "2026-10-22T02:00 2026-10-29T02:00"},
		{"UNTIL a second earlier", "FREQ=WEEKLY;UNTIL=20261029T015959Z", "2026-10-21 19:00", losAngeles, "2026-10-01 00:00", "2026-10-22T02:00"},
		{"UNTIL as a date is its whole day", "FREQ=WEEKLY;UNTIL=20261028", "2026-10-21 19:00", losAngeles, "2026-10-01 00:00", "2026-10-22T02:00 2026-10-29T02:00"},
		{"UNTIL by the clock of the zone", "FREQ=WEEKLY;UNTIL=20261028T190000", "2026-10-21 19:00", losAngeles, "2026-10-01 00:00", "2026-10-22T02:00 2026-10-29T02:00"},
		{"COUNT", "FREQ=DAILY;COUNT=2", "2026-10-21 10:00", "UTC", "2026-10-01 00:00", "2026-10-21T10:00 2026-10-22T10:00"},
		{"a zone that left a day out has it once", "FREQ=DAILY", "2011-12-29 12:00", "Pacific/Apia", "2011-12-01 00:00", "2011-12-29T22:00 2011-12-30T22:00 2011-12-31T22:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := strings.Count(tt.want, " ") + 1
			if strings.Contains(tt.rule, "UNTIL") || strings.Contains(tt.rule, "COUNT") {
				n++
			}
			if got := starts(series(t, tt.rule, tt.first, tt.zone), n, at(t, tt.from), "2006-01-02T15:04"); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestParseRule(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, rule, want, words string // want "" is the rule itself
	}{
		{"weekly", "FREQ=WEEKLY", "", "Wednesdays"},
		{"its own weekday", "FREQ=WEEKLY;BYDAY=WE;WKST=SU", "FREQ=WEEKLY;BYDAY=WE", "Wednesdays"},
		{"days in no order, twice", "RRULE:freq=weekly;byday=th,mo,th", "FREQ=WEEKLY;BYDAY=MO,TH", "Mondays and Thursdays"},
		{"a working week", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "", "Mondays to Fridays"},
		{"each fortnight", "FREQ=WEEKLY;INTERVAL=2;COUNT=10", "", "every second Wednesday, 10 times in all"},
		{"each third week, two days", "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,WE", "", "every third week on Monday and Wednesday"},
		{"with an end", "FREQ=WEEKLY;UNTIL=20261231T000000Z", "", "Wednesdays, until 31 Dec 2026"},
		{"daily", "FREQ=DAILY;INTERVAL=1", "FREQ=DAILY", "daily"},
		{"every third day", "FREQ=DAILY;INTERVAL=3", "", "every third day"},
		{"daily in March", "FREQ=DAILY;BYMONTH=3", "", "daily in March"},
		{"nth weekday", "FREQ=MONTHLY;BYDAY=4WE", "", "the fourth Wednesday of the month"},
		{"last weekday", "FREQ=MONTHLY;BYDAY=-1WE", "", "the last Wednesday of the month"},
		{"first and third", "FREQ=MONTHLY;BYDAY=3WE,1WE", "FREQ=MONTHLY;BYDAY=1WE,3WE", "the first and third Wednesday of the month"},
		{"first one, last another", "FREQ=MONTHLY;BYDAY=1MO,-1FR", "", "the first Monday and last Friday of the month"},
		{"each quarter", "FREQ=MONTHLY;INTERVAL=3;BYDAY=1WE", "", "the first Wednesday of every third month"},
		{"some months", "FREQ=MONTHLY;BYMONTH=1,7;BYDAY=1WE", "", "the first Wednesday of January and July"},
		{"a day of the month", "FREQ=MONTHLY", "", "the 28th of the month"},
		{"two days of the month", "FREQ=MONTHLY;BYMONTHDAY=15,1", "FREQ=MONTHLY;BYMONTHDAY=1,15", "the 1st and 15th of the month"},
		{"the last day", "FREQ=MONTHLY;BYMONTHDAY=-1", "", "the last day of the month"},
		{"Friday the 13th", "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "", "each Friday that is the 13th of the month"},
		{"last workday", "FREQ=MONTHLY;BYDAY=MO,FR;BYSETPOS=-1", "", "the last Monday or Friday of the month"},
		{"weekly, in a roundabout way", "FREQ=MONTHLY;BYDAY=WE", "", "Wednesdays"},
		{"yearly", "FREQ=YEARLY", "", "28 October every year"},
		{"each second year", "FREQ=YEARLY;INTERVAL=2", "", "28 October of every second year"},
		{"a weekday of a month", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "", "the last Sunday of March"},
		{"a day of the year", "FREQ=YEARLY;BYYEARDAY=100", "", "the 100th of the year"},
		{"the 20th Monday of the year", "FREQ=YEARLY;BYDAY=20MO", "", "the 20th Monday of the year"},
		{"two dates", "FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=15", "", "the 15th of March and September"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := schedule.ParseRule(tt.rule, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			if want == "" {
				want = tt.rule
			}
			if got.String() != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if words := got.Words(at(t, "2026-10-28 12:00")) + got.EndWords(time.UTC); words != tt.words {
				t.Errorf("in words %q, want %q", words, tt.words)
			}
		})
	}
}

func TestRulesRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, rule, field string }{
		{"empty", "", "rule"},
		{"no frequency", "INTERVAL=2", "rule"},
		{"hourly", "FREQ=HOURLY", "rule"},
		{"several times a day", "FREQ=DAILY;BYHOUR=9,17", "rule"},
		{"interval of nothing", "FREQ=WEEKLY;INTERVAL=0", "rule"},
		{"interval beyond all calendars", "FREQ=WEEKLY;INTERVAL=999999999", "rule"},
		{"a part twice", "FREQ=WEEKLY;FREQ=DAILY", "rule"},
		{"a part we do not know", "FREQ=WEEKLY;X-FOO=1", "rule"},
		{"count and end", "FREQ=WEEKLY;COUNT=3;UNTIL=20261231T000000Z", "rule"},
		{"no end at all", "FREQ=WEEKLY;UNTIL=soon", "rule"},
		{"30 February", "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "rule"},
		{"30 February, by the way", "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", "rule"},
		{"sixth Monday", "FREQ=MONTHLY;BYDAY=6MO", "rule"},
		{"second Monday of a week", "FREQ=WEEKLY;BYDAY=2MO", "rule"},
		{"numbered and plain weekdays", "FREQ=MONTHLY;BYDAY=WE,1MO", "rule"},
		{"weeks of the year", "FREQ=YEARLY;BYWEEKNO=20", "rule"},
		{"positions in a week", "FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=1", "rule"},
		{"never that many", "FREQ=MONTHLY;BYDAY=WE;BYSETPOS=6", "rule"},
		{"the first is another weekday", "FREQ=WEEKLY;BYDAY=TH", "first"},
		{"the first is not the last", "FREQ=MONTHLY;BYDAY=-1WE", "first"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := schedule.New(tt.rule, at(t, "2026-02-11 12:00"), "Europe/Berlin", time.Hour)
			if faults := fault.All(err); len(faults) != 1 || faults[0].Kind != fault.Invalid || faults[0].Field != tt.field {
				t.Errorf("got %v", err)
			}
		})
	}
}
