package e2e

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
	"github.com/eucalyptus/hackfest/internal/testmail"
)

// herald is a portal in fast time that announces: with a real IRC server, and a
// mail server that takes mail over TLS from who logs in.
type herald struct {
	*portal
	t     *testing.T
	clock *clockFile
	pool  *pgxpool.Pool
	store *store.Store
	irc   *testirc.Server
	sink  *testmail.Sink
	river *river.Client[pgx.Tx]
	lost  int64 // jobs up to that one were cut off
	mia   *browser
}

func newHerald(t *testing.T, channels ...string) *herald {
	t.Helper()
	if _, err := clockBinary(); err != nil { // before anybody looks at the clock
		t.Fatal(err)
	}
	database := testdb.URL(t)
	pool, err := store.NewPool(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	h := &herald{
		t: t, clock: newClockFile(t), pool: pool, store: store.New(pool), irc: testirc.NgIRCd(t, testirc.Options{}),
		sink: testmail.Start(t, "", testmail.STARTTLS),
	}
	h.river, err = river.NewClient(riverpgxv5.New(pool), &river.Config{Test: river.TestConfig{Time: heraldClock{h.now}}})
	h.must(err)
	yesterday := time.Now().AddDate(0, 0, -1)
	h.must(h.store.AddNetwork(t.Context(), "test", "irc.example.org", yesterday))
	h.must(h.store.OpenChannels(t.Context(), "test", channels, "", yesterday))
	h.portal = newPortal(
		t, "DATABASE_URL="+database, "HACKFEST_IRC=irc://hackbot@"+h.irc.Addr+"/euca?name=test", "HACKFEST_TEST_CLOCK="+h.clock.path,
		fmt.Sprintf("HACKFEST_SMTP=smtp://portal:secret@localhost:%d", h.sink.Port), "HACKFEST_MAIL_FROM=hackfest@example.org", "SSL_CERT_FILE="+h.sink.Authority(),
	)
	h.program = clockBinary
	h.start()
	h.there(channels...)
	return h
}

// there waits until the bot is in all channels.
func (h *herald) there(channels ...string) {
	h.t.Helper()
	for _, c := range channels {
		h.awaitBot("test", c)
	}
}

func (h *herald) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// heraldClock gives River the portal's time.
type heraldClock struct{ now func() time.Time }

func (c heraldClock) Now() time.Time { return c.now() }

func (c heraldClock) NowOrNil() *time.Time {
	now := c.now().UTC()
	return &now
}

func (h *herald) now() time.Time { return h.clock.now() }

// to lets time go by until the given instant.
func (h *herald) to(at time.Time) { h.clock.jump(at.Sub(h.now())) }

// plan has the portal look for what is due, as it does each half minute.
func (h *herald) plan() {
	h.t.Helper()
	_, err := h.river.Insert(h.t.Context(), planArgs{}, &river.InsertOpts{MaxAttempts: 1})
	h.must(err)
}

// planArgs is the portal's job that plans.
type planArgs struct{}

func (planArgs) Kind() string { return "plan_announcements" }

// tick lets time go by until the given instant, has the portal look for what is
// due, and waits until nothing of it is under way.
func (h *herald) tick(at time.Time) {
	h.t.Helper()
	h.to(at)
	h.plan()
	h.settled()
}

// settled waits until no job is under way.
func (h *herald) settled() {
	h.t.Helper()
	const q = `select count(*) from river_job
		where queue in ('default', 'irc', 'letters') and id > $1 and (state in ('available', 'running', 'retryable') or state = 'scheduled' and scheduled_at <= $2)`
	eventually(h.t, "all jobs are done", func() bool { return h.count(q, h.lost, h.now()) == 0 })
}

func (h *herald) count(q string, args ...any) (n int) {
	h.t.Helper()
	h.must(h.pool.QueryRow(h.t.Context(), q, args...).Scan(&n))
	return n
}

// crash kills the portal and starts it again. What its jobs did is left undone.
func (h *herald) crash(channels ...string) {
	h.t.Helper()
	h.kill()
	h.lost = int64(h.count(`select coalesce(max(id), 0) from river_job where state = 'running' or queue = 'letters'`))
	h.start()
	h.there(channels...)
}

func (h *herald) exec(q string, args ...any) error {
	_, err := h.pool.Exec(h.t.Context(), q, args...)
	return err
}

// everything is who sees all.
var everything = person.Viewer{Role: person.Admin}

// follower adds somebody with a proven address who follows things from before
// the test on.
func (h *herald) follower(name string, what ...hackfest.Following) person.ID {
	h.t.Helper()
	ctx, before := h.t.Context(), time.Now().AddDate(0, 0, -1)
	id, err := h.store.AddPerson(ctx, name, person.Member, before)
	h.must(err)
	_, err = h.pool.Exec(ctx, `update people set mail = $2, mail_proven_at = $3 where id = $1`, id, name+"@example.org", before)
	h.must(err)
	for _, f := range what {
		f.PersonID = id
		_, err := h.store.Follow(ctx, f, before)
		h.must(err)
	}
	return id
}

// answer has somebody say whether they come.
func (h *herald) answer(id person.ID, session hackfest.SessionID, a hackfest.Answer) {
	h.t.Helper()
	_, err := h.store.Answer(h.t.Context(), hackfest.Answering{SessionID: session, PersonID: id, Answer: a, Via: "web"}, time.Now())
	h.must(err)
}

// session plans one that lasts an hour, and returns it.
func (h *herald) session(title, channel string, start time.Time) hackfest.Session {
	h.t.Helper()
	id, err := h.store.AddSession(h.t.Context(), hackfest.Session{
		Title: title, Kind: hackfest.KindHackfest, StartsAt: start, EndsAt: start.Add(time.Hour), Zone: "UTC", Network: "test", Channel: channel,
	}, time.Now().AddDate(0, 0, -1))
	h.must(err)
	return h.sessionOf(id)
}

func (h *herald) sessionOf(id hackfest.SessionID) hackfest.Session {
	h.t.Helper()
	s, err := h.store.SessionByID(context.WithoutCancel(h.t.Context()), everything, id)
	h.must(err)
	return s
}

// maintainer is a browser in which one is signed in.
func (h *herald) maintainer() *browser {
	h.t.Helper()
	if h.mia == nil {
		h.mia = h.browser()
		h.mia.follow(h.admin("user", "add", "Mia", "--role", "maintainer"))
	}
	return h.mia
}

// said are the lines of the bot in a channel that begin with one of the words by
// which announcements do, as a client heard them, up to the title.
func said(c *testirc.Client, channel string) (list []string) {
	for _, l := range c.Received() {
		_, text, ok := strings.Cut(l, " PRIVMSG "+channel+" :")
		if !ok || !strings.HasPrefix(l, ":hackbot") {
			continue
		}
		for _, begin := range []string{"In ", "Starting now: ", "Started ", "Cancelled: ", "Moved: ", "Takes place after all: ", "Minutes published: ", "News: "} {
			if strings.HasPrefix(text, begin) {
				text, _, _ = strings.Cut(text, " · ")
				list = append(list, text)
			}
		}
	}
	return list
}

// letters are the mails that came with a word in their subject, by recipient.
func (h *herald) letters(word string) map[string]int {
	n := map[string]int{}
	for _, m := range h.sink.Mails() {
		if strings.Contains(m.Subject, word) {
			n[m.Recipient]++
		}
	}
	return n
}

// states counts deliveries of an outlet by state.
func (h *herald) states(outlet hackfest.Outlet, occasion hackfest.Occasion) string {
	h.t.Helper()
	const q = `select coalesce(string_agg(state || ' ' || n, ', ' order by state), '') from (
		select state, count(*) as n from deliveries where outlet = $1 and ($2 = '' or occasion = $2) group by state) x`
	var text string
	h.must(h.pool.QueryRow(h.t.Context(), q, outlet, occasion).Scan(&text))
	return cmp.Or(text, "none")
}
