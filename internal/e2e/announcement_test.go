package e2e

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// notice is a session whose announcement of ten minutes is due soon, and who
// waits for it.
type notice struct {
	t      *testing.T
	st     *store.Store
	pool   *pgxpool.Pool
	irc    *testirc.Server
	portal *portal
	ann    *testirc.Client
	due    time.Time
	random *rand.Rand
}

// newNotice starts a portal shortly before the announcement is due.
func newNotice(t *testing.T, seed uint64) *notice {
	t.Helper()
	url, ctx := testdb.URL(t), t.Context()
	pool, err := store.NewPool(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	st := store.New(pool)
	n := &notice{
		t: t, st: st, pool: pool, irc: testirc.NgIRCd(t, testirc.Options{}),
		due:    time.Now().Add(20 * time.Second).UTC().Truncate(time.Second),
		random: rand.New(rand.NewPCG(seed, 2012)), //nolint:gosec // the same points at each run
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	must(st.AddNetwork(ctx, "test", "irc.example.org", yesterday))
	must(st.OpenChannels(ctx, "test", []string{channel}, "", yesterday))
	start := n.due.Add(10 * time.Minute)
	_, err = st.AddSession(ctx, hackfest.Session{
		Title: "Evening in Kathmandu", Kind: hackfest.KindHackfest, StartsAt: start, EndsAt: start.Add(time.Hour),
		Zone: "Asia/Kathmandu", Network: "test", Channel: channel,
	}, yesterday)
	must(err)
	n.ann = testirc.Dial(t, n.irc.Addr, "ann")
	n.ann.Join(channel)
	n.portal = newPortal(t, "DATABASE_URL="+url, "HACKFEST_IRC=irc://hackbot@"+n.irc.Addr+"/euca?name=test")
	n.portal.start()
	n.portal.awaitBot("test", channel)
	if time.Now().After(n.due) {
		t.Log("this machine is slow: the announcement was due before the bot was there")
	}
	return n
}

// at waits until so long after the announcement is due.
func (n *notice) at(after time.Duration) { <-time.After(time.Until(n.due.Add(after))) }

// restart kills the portal and starts it again.
func (n *notice) restart() {
	n.t.Helper()
	n.portal.kill()
	n.portal.start()
	n.portal.awaitBot("test", channel)
}

// said is how often the channel got it.
func (n *notice) said() (times int) {
	for _, l := range n.ann.Received() {
		if strings.HasPrefix(l, ":hackbot!") && strings.Contains(l, "PRIVMSG "+channel+" :In ") && strings.Contains(l, "min: Evening in Kathmandu") {
			times++
		}
	}
	return times
}

// listed is the state in which /status lists it; "" when it does not.
func (n *notice) listed() string {
	n.t.Helper()
	list, err := n.st.UnknownDeliveries(n.t.Context(), person.PublicViewer, 10)
	if err != nil {
		n.t.Fatal(err)
	}
	for _, d := range list {
		if d.Occasion == hackfest.OccasionTen {
			return string(d.State)
		}
	}
	return ""
}

// state is what the portal knows of it; "" before it has noted it.
func (n *notice) state() string {
	n.t.Helper()
	const q = `select coalesce(max(state), '') from deliveries where occasion = 'ten'`
	var state string
	if err := n.pool.QueryRow(n.t.Context(), q).Scan(&state); err != nil {
		n.t.Fatal(err)
	}
	return state
}

// chatter has people ask the bot for help without a pause, so that all it says
// waits for its turn, until the returned function is called.
func (n *notice) chatter() (stop func()) {
	quit := make(chan struct{})
	var asking sync.WaitGroup
	for _, nick := range []string{"bob", "cat", "dan", "eve"} {
		c := testirc.Dial(n.t, n.irc.Addr, nick)
		c.Join(channel)
		asking.Go(func() {
			tick := time.NewTicker(500 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-quit:
					return
				case <-tick.C:
					c.Say(channel, "!help")
				}
			}
		})
	}
	return sync.OnceFunc(func() { close(quit); asking.Wait() })
}

// The portal is killed around the moment of an announcement. The channel gets it
// at most once; when it does not, /status lists it.
func TestPortalKilledAroundAnAnnouncement(t *testing.T) {
	t.Parallel()
	if _, err := binary(); err != nil { // before any of them looks at the clock
		t.Fatal(err)
	}
	for i, tt := range []struct {
		name string
		kill func(n *notice)
		want string // the only state it may end in; "" when chance decides
	}{
		{"shortly before", func(n *notice) { n.at(-time.Second); n.restart() }, "sent"},
		{"within a second", func(n *notice) { n.at(time.Duration(n.random.IntN(1000)) * time.Millisecond); n.restart() }, ""},
		{"within five seconds", func(n *notice) { n.at(time.Duration(n.random.IntN(5000)) * time.Millisecond); n.restart() }, ""},
		{"twice", func(n *notice) {
			n.at(time.Duration(n.random.IntN(2000)) * time.Millisecond)
			n.restart()
			n.restart()
		}, ""},
		{"when the channel hears it", func(n *notice) {
			eventually(n.t, "the channel hears it", func() bool { return n.said() > 0 })
			n.restart()
		}, ""},
		{"while it waits for its turn", func(n *notice) {
			stop := n.chatter()
			defer stop()
			for n.state() != "sending" {
				<-time.After(time.Millisecond)
			}
			n.portal.kill()
			stop()
			n.portal.start()
			n.portal.awaitBot("test", channel)
		}, "unknown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := newNotice(t, uint64(i))
			tt.kill(n)
			eventually(t, "its end", func() bool { s := n.state(); return s == "sent" || s == "unknown" || s == "dropped" })
			n.restart() // whoever comes next sends it no more
			n.ann.Say(channel, "!time Kolkata")
			n.ann.ExpectText("(Asia/Kolkata)")
			said, state, listed := n.said(), n.state(), n.listed()
			t.Logf("said %d times, %s, listed as %q", said, state, listed)
			if _, page := n.portal.get("/status"); strings.Contains(page, "that it starts in ten minutes") != (listed != "") {
				t.Errorf("/status and its list differ, which has %q", listed)
			}
			switch {
			case said > 1:
				t.Errorf("said %d times", said)
			case said == 0 && listed == "":
				t.Errorf("the channel did not get it, it is %s, and nothing lists it", state)
			case state == "sent" && (said == 0 || listed != ""):
				t.Errorf("it is sent; said %d times, listed as %q", said, listed)
			case tt.want != "" && state != tt.want:
				t.Errorf("it is %s, want %s", state, tt.want)
			}
		})
	}
}
