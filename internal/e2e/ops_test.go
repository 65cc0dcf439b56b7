package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// R52: SIGTERM in a meeting while the channel talks.
func TestStopInAMeeting(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		away bool // Postgres is, when the signal comes
	}{{"Postgres is there", false}, {"Postgres is away", true}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db, irc := newDatabase(t), testirc.NgIRCd(t, testirc.Options{})
			p := newPortal(t, "DATABASE_URL="+db.server.URL(), "HACKFEST_IRC=irc://hackbot@"+irc.Addr+"/euca?name=test")
			p.start()
			p.awaitBot("test", channel)
			ann, bob := testirc.Dial(t, irc.Addr, "ann"), testirc.Dial(t, irc.Addr, "bob")
			ann.Join(channel)
			bob.Join(channel)
			ann.Say(channel, "#startmeeting Stopped in the middle")
			ann.ExpectText("Stopped in the middle")
			stop := talk(t, bob)
			ann.Expect(func(l string) bool { return strings.HasSuffix(l, ":n 100") })
			if tt.away {
				db.stop()
				ann.Expect(func(l string) bool { return strings.HasSuffix(l, ":n 200") })
			}
			within(t, 10*time.Second, "the stop", p.stop)
			quit := ann.Expect(func(l string) bool { return strings.HasPrefix(l, ":hackbot!") && strings.Contains(l, " QUIT ") })
			if _, reason, _ := strings.Cut(quit, " QUIT :"); len(reason) < 5 {
				t.Errorf("it left without a reason: %s", quit)
			}
			stop()
			want := saidBefore(ann.Received(), quit)
			if tt.away {
				db.start()
			}
			p.start()
			p.awaitBot("test", channel)
			ann.Say(channel, "#endmeeting")
			eventually(t, "the minutes are there", func() bool {
				m := p.meetings("test", channel)
				return len(m) == 1 && m[0].EndedAt != ""
			})
			log := p.lines("test", channel)
			checkOnce(t, log)
			checkStreak(t, log, "bob")
			lost := slices.DeleteFunc(want, func(text string) bool {
				return slices.ContainsFunc(log, func(l line) bool { return l.Text == text })
			})
			t.Logf("R52 lost %d", len(lost))
			if len(lost) > 0 {
				t.Errorf("said before the bot left, and lost: %q", lost)
			}
			p.stop()
		})
	}
}

// saidBefore lists what bob said before quit, as somebody else heard it.
func saidBefore(heard []string, quit string) (texts []string) {
	for _, l := range heard {
		if l == quit {
			break
		}
		if _, text, ok := strings.Cut(l, " PRIVMSG "+channel+" :"); ok && strings.HasPrefix(l, ":bob!") {
			texts = append(texts, text)
		}
	}
	return texts
}

// The figures of /metrics agree with what was said, and a process without the
// role web answers operators and nobody else.
func TestBotWithoutPages(t *testing.T) {
	t.Parallel()
	irc := testirc.NgIRCd(t, testirc.Options{})
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t), "HACKFEST_IRC=irc://hackbot@"+irc.Addr+"/euca?name=test", "HACKFEST_ROLES=bot")
	p.start()
	p.awaitBot("test", channel)
	ann := testirc.Dial(t, irc.Addr, "ann")
	ann.Join(channel)
	received := p.figure("hackfest_lines_received_total")
	const said = 50
	for i := range said {
		ann.Say(channel, "n "+strconv.Itoa(i))
	}
	eventually(t, "all are counted", func() bool {
		all := p.figure("hackfest_lines_received_total")
		return all >= received+said && p.figure("hackfest_lines_durable_total") == all && p.figure("hackfest_lines_stored_total") == all
	})
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 404, "/schedule": 404} {
		if status, body := p.get(path); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for name, want := range map[string]float64{
		"hackfest_spool_age_seconds": 0, "hackfest_lines_lost_total": 0, "hackfest_bot_leader": 1,
		`hackfest_irc_online{network="test"}`: 1, `hackfest_irc_connects_total{network="test"}`: 1,
	} {
		if got := p.figure(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	irc.Stop()
	eventually(t, "why it is not on IRC is told", func() bool {
		var h struct {
			Status  string
			Trouble []string
			IRC     []struct {
				State, Error string
				Attempts     int
				NextTryAt    time.Time `json:"next_try_at"`
			}
		}
		return p.decode("/healthz?verbose=1", &h) && h.Status == "degraded" && len(h.Trouble) == 1 &&
			h.IRC[0].State == "waiting" && h.IRC[0].Error != "" && h.IRC[0].Attempts > 0 && !h.IRC[0].NextTryAt.IsZero()
	})
	irc.Start()
	p.awaitBot("test", channel)
	eventually(t, "the reconnect is counted", func() bool { return p.figure(`hackfest_irc_connects_total{network="test"}`) == 2 })
	p.stop()
}

// While the private Postgres is made, which takes seconds, everybody is told so
// at once.
func TestFirstStartAnswers(t *testing.T) {
	t.Parallel()
	testdb.URL(t) // skips without Postgres
	p := newPortal(t)
	if err := os.Chmod(filepath.Dir(p.logFile), 0o711); err != nil { //nolint:gosec // Postgres runs as another user
		t.Fatal(err)
	}
	p.start()
	starting := 0
	eventually(t, "the portal is ready", func() bool {
		begun := time.Now()
		status, body := p.get("/")
		if took := time.Since(begun); status != 0 && took > 5*time.Second { // one is promised
			t.Errorf("an answer took %v", took)
		}
		if status == http.StatusServiceUnavailable && strings.Contains(body, "is starting") {
			starting++
		}
		if h := p.health(); status == http.StatusServiceUnavailable && h.Status == "" {
			t.Error("/healthz is silent meanwhile")
		}
		return status == http.StatusOK
	})
	if starting == 0 {
		t.Error("nobody was told that it starts")
	}
	within(t, 10*time.Second, "the stop", p.stop)
}

// R30: whatever comes in, each line of the log is one JSON object without a
// control character.
func TestLogIsCleanJSON(t *testing.T) {
	t.Parallel()
	irc := testirc.NgIRCd(t, testirc.Options{})
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t), "HACKFEST_IRC=irc://hackbot@"+irc.Addr+"/euca?name=test", "HACKFEST_LOG_LEVEL=debug")
	p.start()
	p.awaitBot("test", channel)
	ann := testirc.Dial(t, irc.Addr, "ann")
	ann.Join(channel)
	for _, hostile := range []string{"\x1b[2J\x1b]0;owned\x07", "\xff\xfe\x9b31m", "\u009b31m", "a\u202eb", "{\"msg\":\"fake\"}", "\x7f\x01\x02"} {
		ann.Say(channel, "#startmeeting "+hostile)
		ann.Say(channel, "#topic "+hostile)
		ann.Say(channel, "#endmeeting "+hostile)
		ann.Say("hackbot", hostile)
		for _, request := range []string{
			"GET /%1b[2J%0a%c2%9b?x=%1b HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: " + hostile,
			"GET /" + hostile + " HTTP/1.1\r\nHost: " + hostile,
			hostile + " / HTTP/1.1\r\nHost: h",
			"POST /preferences HTTP/1.1\r\nHost: h\r\nContent-Type: " + hostile + "\r\nContent-Length: 3\r\n\r\n\x1b[A",
		} {
			p.raw(request + "\r\nConnection: close\r\n\r\n")
		}
	}
	eventually(t, "the meetings are over", func() bool { m := p.meetings("test", channel); return len(m) == 6 && m[5].EndedAt != "" })
	p.stop()
	log, err := os.ReadFile(p.logFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	for _, l := range lines {
		var object map[string]any
		if err := json.Unmarshal(l, &object); err != nil {
			t.Errorf("not JSON: %q", l)
		}
		if bytes.ContainsFunc(l, func(c rune) bool { return unicode.IsControl(c) || c == '\u202e' }) {
			t.Errorf("control character in %q", l)
		}
	}
	if len(lines) < 20 {
		t.Errorf("only %d lines", len(lines))
	}
}

// raw sends bytes to the web server and returns the first line of its answer.
func (p *portal) raw(bytes string) string {
	p.t.Helper()
	conn, err := net.DialTimeout("tcp", p.addr, patience)
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(conn, bytes) // it may be refused half-way
	status, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(status)
}
