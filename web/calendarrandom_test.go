package web

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/testical"
)

// worldwide are 12 zones: with offsets of half and three quarters of an hour,
// without any change of the clocks, with one that was abolished, south of the
// equator, by the moon, and with rules that only a list of days can tell.
var worldwide = []string{
	pacific, "Europe/Berlin", "Europe/Dublin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
	"America/Sao_Paulo", "Africa/Casablanca", "Africa/Cairo", "Australia/Sydney", "America/Nuuk", "Pacific/Chatham",
}

// randomSeries is a series that begins in 2026. Every third is at an hour at which
// clocks are changed, on the days on which that is done.
func randomSeries(r *rand.Rand, n int) hackfest.Series {
	first := time.Date(2026, 1, 5+r.IntN(360), 5+r.IntN(17), 15*r.IntN(4), 0, 0, time.UTC)
	if n%3 == 0 {
		first = time.Date(2026, 1, 4+7*r.IntN(50), r.IntN(4), 15*r.IntN(4), 0, 0, time.UTC) // Sundays
	}
	day := strings.ToUpper(first.Weekday().String()[:2])
	nth := (first.Day() + 6) / 7
	other := strings.ToUpper(time.Weekday((int(first.Weekday()) + 1 + r.IntN(6)) % 7).String()[:2])
	rules := []string{
		"FREQ=WEEKLY;BYDAY=" + day,
		fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d;BYDAY=%s", 2+r.IntN(4), day),
		fmt.Sprintf("FREQ=WEEKLY;INTERVAL=2;BYDAY=%s,%s", day, other),
		fmt.Sprintf("FREQ=MONTHLY;BYDAY=%d%s", nth, day),
		fmt.Sprintf("FREQ=MONTHLY;INTERVAL=2;BYDAY=%d%s", nth, day),
		fmt.Sprintf("FREQ=MONTHLY;BYMONTHDAY=%d", first.Day()),
		fmt.Sprintf("FREQ=DAILY;INTERVAL=%d;COUNT=%d", 1+r.IntN(9), 5+r.IntN(60)),
		fmt.Sprintf("FREQ=WEEKLY;BYDAY=%s;UNTIL=%s", day, first.AddDate(1, 0, r.IntN(400)).Format("20060102T150405Z")),
	}
	if first.AddDate(0, 0, 7).Month() != first.Month() {
		rules = append(rules, "FREQ=MONTHLY;BYDAY=-1"+day)
	}
	return hackfest.Series{
		Title: fmt.Sprintf("Series %d", n), Kind: hackfest.KindMeeting, Network: "freenode", Channel: "#euca", OverlapOK: true,
		Rule: rules[r.IntN(len(rules))], First: first, Zone: worldwide[n%len(worldwide)], Length: time.Duration(1+r.IntN(6)) * 30 * time.Minute,
	}
}

// For series of all sorts, in zones of all sorts, the API says for three years
// what ical.js and khal read in the calendar. A date of each is moved, and one
// cancelled.
func TestRandomSeries(t *testing.T) {
	t.Parallel()
	series := len(worldwide)
	if n, err := strconv.Atoi(os.Getenv("HACKFEST_TEST_SERIES")); err == nil {
		series = n
	}
	seed := uint64(26)
	if n, err := strconv.ParseUint(os.Getenv("HACKFEST_TEST_SEED"), 10, 64); err == nil {
		seed = n
	}
	r := rand.New(rand.NewPCG(seed, 1))
	c := newSubscribed(t)
	c.now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	till := c.now.AddDate(3, 0, 0)
	var rules []string
	for n := range series {
		x := randomSeries(r, n)
		rules = append(rules, fmt.Sprintf("%s: %s from %s in %s", x.Title, x.Rule, x.First.Format("Mon 2006-01-02 15:04"), x.Zone))
		added := c.weekly(func(s *hackfest.Series) { *s = x })
		_, err := c.Store.ExtendSeries(t.Context(), added.Slug, till, c.now)
		must(t, err)
		c.disturb(r, added.Slug)
	}
	want := c.fromAPI(till)
	body := c.get("/calendar/all.ics").Body.Bytes()
	checkBytes(t, body)
	for name, found := range map[string][]testical.Found{"ical.js": testical.ICALJS(t, body, c.now, till), "khal": testical.Khal(t, body, c.now, till.AddDate(0, 0, -1))} {
		got := map[string][]string{}
		for _, x := range found {
			title := strings.TrimPrefix(x.Summary, "CANCELLED: ")
			got[title] = append(got[title], dated(x.Start, x.End, x.Status == "CANCELLED"))
		}
		for _, rule := range rules {
			title, _, _ := strings.Cut(rule, ":")
			slices.Sort(got[title])
			if a, b := difference2(got[title], want[title]); len(a)+len(b) > 0 {
				t.Errorf("%s\n%s has more: %v\nand less: %v", rule, name, a, b)
			}
		}
		t.Logf("%s agrees on %d dates of %d series, seed %d", name, len(found), series, seed)
	}
}

// disturb moves one date of a series and cancels another.
func (c *subscribed) disturb(r *rand.Rand, slug string) {
	c.t.Helper()
	list := c.sessionsOf(slug)
	if len(list) < 2 {
		return
	}
	x := list[r.IntN(len(list))]
	_, err := c.Store.MoveSession(c.t.Context(), x.Slug, hackfest.SessionMove{
		StartsAt: x.StartsAt.Add(25 * time.Minute), EndsAt: x.EndsAt.Add(time.Hour), Reason: "Later.", OverlapOK: true,
	}, 0, 0, c.now)
	must(c.t, err)
	c.cancel(list[r.IntN(len(list))])
}

func dated(start, end time.Time, cancelled bool) string {
	s := start.UTC().Format("2006-01-02 15:04") + "–" + end.UTC().Format("15:04")
	if cancelled {
		s += " cancelled"
	}
	return s
}

// fromAPI reads all sessions by the API, by title.
func (c *subscribed) fromAPI(till time.Time) map[string][]string {
	c.t.Helper()
	all := map[string][]string{}
	next := "/api/v1/sessions?limit=200&from=" + c.now.Format(time.RFC3339) + "&to=" + till.Format(time.RFC3339)
	for next != "" {
		w := c.get(next)
		if w.Code != http.StatusOK {
			c.t.Fatalf("%s answers %d", next, w.Code)
		}
		var page struct {
			Items []struct {
				Title, Status string
				StartsAt      time.Time `json:"starts_at"`
				EndsAt        time.Time `json:"ends_at"`
			}
		}
		must(c.t, json.Unmarshal(w.Body.Bytes(), &page))
		for _, x := range page.Items {
			all[x.Title] = append(all[x.Title], dated(x.StartsAt, x.EndsAt, x.Status == "cancelled"))
		}
		next, _, _ = strings.Cut(strings.TrimPrefix(w.Header().Get("Link"), "<"), ">")
		next = strings.TrimPrefix(next, c.BaseURL)
	}
	for title := range all {
		slices.Sort(all[title])
	}
	return all
}

// difference2 is what only a has, and what only b has; both are sorted.
func difference2(a, b []string) (more, less []string) {
	for _, x := range a {
		if _, ok := slices.BinarySearch(b, x); !ok {
			more = append(more, x)
		}
	}
	for _, x := range b {
		if _, ok := slices.BinarySearch(a, x); !ok {
			less = append(less, x)
		}
	}
	return more, less
}
