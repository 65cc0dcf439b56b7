package e2e

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testirc"
)

const channel = "#euca"

// outage is how long Postgres is away: eight seconds, or what
// HACKFEST_E2E_OUTAGE says (reliability.md, R4 and R5).
func outage(t testing.TB) time.Duration {
	t.Helper()
	text := os.Getenv("HACKFEST_E2E_OUTAGE")
	if text == "" {
		return 8 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A whole meeting is held while Postgres is away: nobody on IRC may notice more
// than one notice, and afterwards its minutes are there.
func TestMeetingInsideAnOutage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		away   func(*database)
		back   func(*database)
		killed bool // and the portal is killed before Postgres is back
	}{
		{name: "stopped", away: (*database).stop, back: (*database).start},
		{name: "frozen", away: (*database).freeze, back: (*database).thaw},
		{name: "stopped, portal killed", away: (*database).stop, back: (*database).start, killed: true},
		{name: "frozen, portal killed", away: (*database).freeze, back: (*database).thaw, killed: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db, irc := newDatabase(t), testirc.NgIRCd(t, testirc.Options{})
			p := newPortal(t, "DATABASE_URL="+db.server.URL(), "HACKFEST_IRC=irc://hackbot@"+irc.Addr+"/euca?name=test")
			p.start()
			p.awaitBot("test", channel)
			ann, bob := testirc.Dial(t, irc.Addr, "ann"), testirc.Dial(t, irc.Addr, "bob")
			ann.Join(channel)
			bob.Join(channel)

			tt.away(db)
			begun := time.Now()
			bob.Say(channel, "hello, is the database away?")
			ann.Say(channel, "#startmeeting Held in the dark")
			ann.ExpectText("Held in the dark")
			ann.Say(channel, "#topic What we know")
			bob.Say(channel, "#info the lines are in the spool")
			bob.Say(channel, "#action ann to wait for Postgres")
			ann.ExpectText("to wait for Postgres") // two connections: the server gives the order
			ann.Say(channel, "#agreed to go on")
			within(t, 2*time.Second, "a page without Postgres", func() {
				status, body := p.get("/schedule")
				if status != http.StatusServiceUnavailable || !strings.Contains(body, "database") {
					t.Errorf("status %d, or the page does not say what is wrong:\n%s", status, body)
				}
			})
			for time.Since(begun) < outage(t) { // people talk on
				bob.Say(channel, "still here")
				<-time.After(500 * time.Millisecond)
			}
			ann.Say(channel, "#endmeeting")
			ann.Expect(func(l string) bool { return strings.Contains(l, "hackbot") && strings.Contains(l, "/meetings/") })
			if tt.killed {
				p.kill()
				p.start()
			}
			tt.back(db)

			eventually(t, "the minutes are there", func() bool {
				m := p.meetings("test", channel)
				return len(m) == 1 && m[0].EndedAt != ""
			})
			m := p.meetings("test", channel)[0]
			want := []string{"info: the lines are in the spool", "action: ann to wait for Postgres", "agreed: to go on"}
			if got := m.texts(); !slices.Equal(got, want) || m.Title != "Held in the dark" {
				t.Errorf("minutes of %q have %q, want %q", m.Title, got, want)
			}
			p.awaitBot("test", channel)
			ann.Say(channel, "goodbye")
			eventually(t, "the next line is logged", func() bool {
				return slices.ContainsFunc(p.lines("test", channel), func(l line) bool { return l.Text == "goodbye" })
			})
			checkVoice(t, ann.Received(), tt.killed)
			checkOnce(t, p.lines("test", channel))
		})
	}
}

// checkVoice checks what the bot said and did as somebody in the channel saw it.
func checkVoice(t *testing.T, seen []string, killed bool) {
	t.Helper()
	said := map[string]int{}
	for _, l := range seen {
		if !strings.HasPrefix(l, ":hackbot!") {
			continue
		}
		if !killed && (strings.Contains(l, " QUIT") || strings.Contains(l, " PART ")) {
			t.Errorf("the bot left: %s", l)
		}
		if strings.Contains(l, " PRIVMSG ") || strings.Contains(l, " TOPIC ") {
			said[l]++
		}
	}
	for text, n := range said {
		if n > 1 {
			t.Errorf("said %d times: %s", n, text)
		}
	}
	t.Logf("the bot said %d different lines", len(said))
}

// checkOnce checks that no line is stored twice and that refs follow the order.
func checkOnce(t *testing.T, log []line) {
	t.Helper()
	seen := map[string]bool{}
	for i, l := range log {
		if seen[l.ID] {
			t.Errorf("stored twice: %s %s", l.ID, l.Text)
		}
		seen[l.ID] = true
		if i > 0 && l.ID <= log[i-1].ID {
			t.Errorf("out of order: %s after %s", l.ID, log[i-1].ID)
		}
	}
}
