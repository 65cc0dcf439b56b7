package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ical"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// subscribed is a portal whose calendars are read, from September 2026 on.
type subscribed struct {
	*Server
	t   *testing.T
	now time.Time
	dsn string // of its database
}

func newSubscribed(t *testing.T) *subscribed {
	t.Helper()
	c := &subscribed{t: t, now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC), dsn: testdb.URL(t)}
	st, err := store.Open(t.Context(), c.dsn)
	must(t, err)
	t.Cleanup(st.Close)
	c.Server = testServer(st)
	c.Server.Now = func() time.Time { return c.now }
	must(t, st.AddNetwork(t.Context(), "freenode", "chat.freenode.net", c.now))
	must(t, st.OpenChannels(t.Context(), "freenode", []string{devel, "#euca", "##x.y"}, "", c.now))
	return c
}

// weekly adds series W of the acceptance statements, as change makes it.
func (c *subscribed) weekly(change func(*hackfest.Series)) hackfest.Series {
	c.t.Helper()
	r := hackfest.Series{
		Title: "Weekly hackfest", Kind: hackfest.KindHackfest, Network: "freenode", Channel: "#euca",
		Rule: "FREQ=WEEKLY;BYDAY=WE", First: date("2026-10-14 12:00"), Zone: pacific, Length: 150 * time.Minute,
	}
	if change != nil {
		change(&r)
	}
	_, err := c.Store.AddSeries(c.t.Context(), r, c.now)
	must(c.t, err)
	if r.Slug == "" {
		r.Slug = hackfest.Slug(r.Title)
	}
	r, err = c.Store.Series(c.t.Context(), someMember, r.Slug)
	must(c.t, err)
	return r
}

// someMember is whoever sees everything.
var someMember = person.Viewer{Role: person.Member}

// date is a wall-clock time as if it were UTC.
func date(s string) time.Time {
	at, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return at
}

// sessionsOf are all sessions of a series, as far as they are laid out.
func (c *subscribed) sessionsOf(slug string) []hackfest.Session {
	c.t.Helper()
	list, err := c.Store.Sessions(c.t.Context(), someMember, store.SessionFilter{Series: slug, Limit: 10000})
	must(c.t, err)
	return list
}

// on is the session of a series on a day.
func (c *subscribed) on(series, day string) hackfest.Session {
	c.t.Helper()
	for _, x := range c.sessionsOf(series) {
		if x.Occurrence.Format(time.DateOnly) == day {
			return x
		}
	}
	c.t.Fatalf("%s has no session on %s", series, day)
	return hackfest.Session{}
}

func (c *subscribed) cancel(x hackfest.Session) hackfest.Session {
	c.t.Helper()
	x, err := c.Store.CancelSession(c.t.Context(), x.Slug, "The chair is away.", 0, 0, c.now)
	must(c.t, err)
	return x
}

// get asks for a path as anybody.
func (c *subscribed) get(path string, header ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	q := request{path: path, header: map[string]string{}}
	for i := 0; i+1 < len(header); i += 2 {
		q.header[header[i]] = header[i+1]
	}
	return ask(c.t, c.Server, q)
}

// feed is a calendar's text without folds, with bare line ends.
func (c *subscribed) feed(path string) string {
	c.t.Helper()
	w := c.get(path)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
		c.t.Fatalf("%s answers %d %s: %s", path, w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	checkBytes(c.t, w.Body.Bytes())
	return strings.ReplaceAll(strings.ReplaceAll(w.Body.String(), "\r\n ", ""), "\r\n", "\n")
}

// events are the VEVENTs of a feed.
func events(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, "BEGIN:VEVENT\n") {
		if e, _, ok := strings.Cut(part, "END:VEVENT\n"); ok {
			list = append(list, e)
		}
	}
	return list
}

// event is the one VEVENT with this line.
func (c *subscribed) event(text, line string) string {
	c.t.Helper()
	found := ""
	for _, e := range events(text) {
		if strings.Contains("\n"+e, "\n"+line) {
			if found != "" {
				c.t.Fatalf("two events with %s:\n%s", line, text)
			}
			found = e
		}
	}
	if found == "" {
		c.t.Fatalf("no event with %s:\n%s", line, text)
	}
	return found
}

// value is that of a property in an event, without its parameters.
func value(event, name string) string {
	for line := range strings.Lines(event) {
		head, v, _ := strings.Cut(strings.TrimSpace(line), ":")
		if n, _, _ := strings.Cut(head, ";"); n == name {
			return v
		}
	}
	return ""
}

// wants fails unless all lines are in text.
func wants(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			t.Errorf("lacks %s:\n%s", line, text)
		}
	}
}

// checkBytes holds what every calendar has: I1, I2, I6, I7, I10, I12, I13, I22,
// I23, I25, I26, I32, A29 and A30.
func checkBytes(t *testing.T, body []byte) {
	t.Helper()
	text := string(body)
	if !strings.HasPrefix(text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:") || !strings.HasSuffix(text, "\r\nEND:VCALENDAR\r\n") || !utf8.ValidString(text) {
		t.Errorf("begins or ends as no calendar does:\n%s", text)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n")
	for _, line := range lines {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n\x00\x07\x1b") {
			t.Errorf("%q is no line of at most 75 octets", line)
		}
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n ", ""), "\r\n", "\n")
	if strings.Contains(text, "\nMETHOD") || strings.Contains(text, "ORGANIZER") || strings.Contains(text, "ATTENDEE") {
		t.Error("it is an invitation")
	}
	checkZones(t, text)
	for _, e := range events(text) {
		for _, name := range []string{"UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "SUMMARY", "URL", "LOCATION", "DESCRIPTION"} {
			if value(e, name) == "" {
				t.Errorf("an event lacks %s:\n%s", name, e)
			}
		}
		if value(e, "DTSTAMP") != value(e, "LAST-MODIFIED") || !strings.HasSuffix(value(e, "DTSTAMP"), "Z") {
			t.Errorf("its stamps are not of its last change:\n%s", e)
		}
	}
	read, err := ical.Read(body, nil)
	if err != nil || len(read.Problems) > 0 {
		t.Errorf("reads with %v, %v", read.Problems, err)
	}
}

// checkZones holds that each zone that is used is there once, by its full name.
func checkZones(t *testing.T, text string) {
	t.Helper()
	used := map[string]bool{}
	for line := range strings.Lines(text) {
		if head, _, _ := strings.Cut(line, ":"); strings.Contains(head, ";TZID=") {
			_, zone, _ := strings.Cut(head, ";TZID=")
			used[zone] = true
		}
	}
	for zone := range used {
		if n := strings.Count(text, "BEGIN:VTIMEZONE\nTZID:"+zone+"\n"); n != 1 || !strings.Contains(zone, "/") {
			t.Errorf("%s has %d VTIMEZONEs", zone, n)
		}
	}
	for part := range strings.SplitSeq(text, "BEGIN:VTIMEZONE\n") {
		if z, _, ok := strings.Cut(part, "END:VTIMEZONE\n"); ok && (!strings.Contains(z, "BEGIN:STANDARD") || !used[value(z, "TZID")]) {
			t.Errorf("a zone without STANDARD, or without use:\n%s", z)
		}
	}
	if strings.Count(text, "BEGIN:VTIMEZONE") != len(used) {
		t.Errorf("%d zones for %v", strings.Count(text, "BEGIN:VTIMEZONE"), used)
	}
}
