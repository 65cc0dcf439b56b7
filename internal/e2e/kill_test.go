package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// talk says numbered lines in the channel, 50 a second, until the returned
// function is called; that returns how many were said.
func talk(t testing.TB, c *testirc.Client) (stop func() int) {
	t.Helper()
	quit, n := make(chan struct{}), 0
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(time.Second / 50)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				n++
				c.Say(channel, "n "+strconv.Itoa(n))
			}
		}
	})
	return func() int { close(quit); done.Wait(); return n }
}

// checkStreak checks the numbered lines of a log: each at most once, in order,
// and missing ones only where a gap line says so.
func checkStreak(t *testing.T, log []line, nick string) {
	t.Helper()
	last, gap := 0, true
	for _, l := range log {
		if l.Kind == "gap" {
			gap = true
		}
		text, ok := strings.CutPrefix(l.Text, "n ")
		if l.Nick != nick || !ok {
			continue
		}
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			t.Errorf("damaged: %q", l.Text)
		case n <= last:
			t.Errorf("line %d after line %d", n, last)
		case n > last+1 && !gap:
			t.Errorf("lines %d to %d are missing without a gap", last+1, n-1)
		}
		last, gap = max(n, last), false
	}
	if last == 0 {
		t.Error("no numbered line at all")
	}
}

// R1, short: the portal is killed again and again in a running meeting while
// the channel talks. What was accepted stays, and the meeting goes on.
func TestPortalKilledInAMeeting(t *testing.T) {
	t.Parallel()
	const kills = 10
	irc := testirc.NgIRCd(t, testirc.Options{})
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t), "HACKFEST_IRC=irc://hackbot@"+irc.Addr+"/euca?name=test")
	p.start()
	p.awaitBot("test", channel)
	ann, bob := testirc.Dial(t, irc.Addr, "ann"), testirc.Dial(t, irc.Addr, "bob")
	ann.Join(channel)
	bob.Join(channel)
	ann.Say(channel, "#startmeeting Ten kills")
	ann.ExpectText("Ten kills")
	ann.Say(channel, "#chair bob")
	ann.Say(channel, "#topic Before the first")
	stop := talk(t, bob)
	random := rand.New(rand.NewPCG(1, 2012)) //nolint:gosec // the same points at each run
	var durable, want []string
	for i := range kills {
		note := fmt.Sprintf("#info note %d", i)
		ann.Say(channel, note)
		want = append(want, strings.TrimPrefix(note, "#"))
		// The note is accepted, hence durable, when the API shows it.
		eventually(t, note+" is stored", func() bool {
			m := p.meetings("test", channel)
			return len(m) == 1 && slices.Contains(m[0].texts(), fmt.Sprintf("info: note %d", i))
		})
		<-time.After(time.Duration(random.IntN(400)) * time.Millisecond)
		durable = append(durable, p.health().DurableRef)
		p.kill()
		p.start()
		p.awaitBot("test", channel)
		ann.Expect(func(l string) bool {
			return strings.HasPrefix(l, ":hackbot!") && strings.Contains(l, " PRIVMSG ") && strings.Contains(l, "Before the first")
		})
	}
	stop()
	bob.Say(channel, "#agreed that bob is still a chair")
	ann.Say(channel, "#endmeeting")
	ann.ExpectText("/meetings/")
	eventually(t, "the minutes are there", func() bool {
		m := p.meetings("test", channel)
		return len(m) == 1 && m[0].EndedAt != ""
	})
	m := p.meetings("test", channel)[0]
	want = append(want, "agreed that bob is still a chair")
	for i, text := range want {
		kind, rest, _ := strings.Cut(text, " ")
		want[i] = kind + ": " + rest
	}
	if got := m.texts(); !slices.Equal(got, want) {
		t.Errorf("minutes have %q, want %q", got, want)
	}
	log := p.lines("test", channel)
	checkOnce(t, log)
	checkStreak(t, log, "bob")
	for _, ref := range durable {
		if i, _ := slices.BinarySearchFunc(log, ref, func(l line, ref string) int { return strings.Compare(l.ID, ref) }); i == len(log) || log[i].ID != ref {
			t.Errorf("durable ref %s is not in the log", ref)
		}
	}
	t.Logf("R1 lost 0 doubled 0 of %d lines over %d kills", len(log), kills)
	p.stop()
}

// R2, short: Postgres is killed while the channel talks.
func TestPostgresKilledInAMeeting(t *testing.T) {
	t.Parallel()
	db, irc := newDatabase(t), testirc.NgIRCd(t, testirc.Options{})
	p := newPortal(t, "DATABASE_URL="+db.server.URL(), "HACKFEST_IRC=irc://hackbot@"+irc.Addr+"/euca?name=test")
	p.start()
	p.awaitBot("test", channel)
	ann, bob := testirc.Dial(t, irc.Addr, "ann"), testirc.Dial(t, irc.Addr, "bob")
	ann.Join(channel)
	bob.Join(channel)
	ann.Say(channel, "#startmeeting Three crashes")
	ann.ExpectText("Three crashes")
	stop := talk(t, bob)
	var want []string
	for i := range 3 {
		ann.Say(channel, fmt.Sprintf("#info before crash %d", i))
		want = append(want, fmt.Sprintf("info: before crash %d", i))
		db.crash()
		eventually(t, "Postgres is back", func() bool {
			m := p.meetings("test", channel)
			return len(m) == 1 && slices.Equal(m[0].texts(), want)
		})
	}
	said := stop()
	eventually(t, "all lines are stored", func() bool {
		log := p.lines("test", channel)
		return slices.ContainsFunc(log, func(l line) bool { return l.Text == "n "+strconv.Itoa(said) })
	})
	log := p.lines("test", channel)
	checkOnce(t, log)
	checkStreak(t, log, "bob")
	checkVoice(t, ann.Received(), false)
	stored := 0
	for _, l := range log {
		if strings.HasPrefix(l.Text, "n ") {
			stored++
		}
	}
	if stored != said {
		t.Errorf("%d of %d lines are stored", stored, said)
	}
}
