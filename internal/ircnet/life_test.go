package ircnet_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// However a server ends, it is noticed, the gap has its bounds and its reason,
// and the bot comes back.
func TestEveryEndIsNoticed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		tls    bool
		end    func(*testirc.Peer)
		reason string
	}{
		{"ERROR and close", false, func(p *testirc.Peer) { p.Send("ERROR :Closing Link: restart"); p.Close() }, "Closing Link: restart"},
		{"ERROR without close", false, func(p *testirc.Peer) { p.Freeze(); p.Send("ERROR :Closing Link: lazy") }, "Closing Link: lazy"},
		{"FIN", false, (*testirc.Peer).Close, "the server closed the connection"},
		{"RST", false, (*testirc.Peer).Reset, "the connection was reset"},
		{"TLS close", true, (*testirc.Peer).Close, "the server closed the connection"},
		{"TLS cut", true, (*testirc.Peer).Reset, "the connection was reset"},
		{"silence", false, (*testirc.Peer).Freeze, "the server fell silent"},
		{"killed", false, func(p *testirc.Peer) { p.Send(":op!o@h KILL hackbot :go", "ERROR :Killed (op (go))"); p.Close() }, "Killed (op (go))"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := testirc.Script(t, testirc.ScriptOptions{TLS: tt.tls})
			c := settings(server.Addr)
			if tt.tls {
				c.TLS = &tls.Config{RootCAs: server.CA, ServerName: "localhost"}
			}
			n, h := start(t, c)
			peer := server.Peer()
			h.kind(hackfest.Join)
			if s := n.Status(); s.State != "online" || s.LastLineAt.IsZero() {
				t.Errorf("status is %+v", s)
			}
			ended := time.Now()
			tt.end(peer)
			l := h.kind(hackfest.Gap)
			if l.Text != "Disconnected from test: "+tt.reason {
				t.Errorf("gap says %q", l.Text)
			}
			if l.At.Sub(ended).Abs() > time.Second || l.Nick != "" || l.Channel != "#hackfest" {
				t.Errorf("ended at %v, gap is %+v", ended, l)
			}
			if l := h.kind(hackfest.Gap); !strings.HasPrefix(l.Text, "Connected again after ") {
				t.Errorf("second gap is %+v", l)
			}
			h.kind(hackfest.Join)
			server.Peer().Send(":ann!a@h PRIVMSG #hackfest :back")
			h.text("back")
		})
	}
}

func TestEndOfRunQuits(t *testing.T) {
	t.Parallel()
	server := testirc.Script(t, testirc.ScriptOptions{})
	for _, frozen := range []bool{false, true} {
		h := newHeard(t)
		n := ircnet.New(settings(server.Addr), h)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- n.Run(ctx) }()
		peer := server.Peer()
		h.kind(hackfest.Join)
		if frozen {
			peer.Freeze()
		}
		began := time.Now()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Error("it took", took)
		}
		peer.ExpectText("QUIT :hackfest is being stopped")
		if l := h.kind(hackfest.Gap); l.Text != "Disconnected from test: hackfest was stopped" {
			t.Errorf("gap is %+v", l)
		}
		if s := n.Status(); s.State != "stopped" || len(s.Channels) != 0 {
			t.Errorf("status is %+v", s)
		}
	}
}

// attempts runs a network for an hour of faked time and counts its connections
// to a server made of serve, which gets one connection and closes it.
func attempts(t *testing.T, login ircnet.Login, serve func(context.Context, net.Conn)) (firstTen, later int, status ircnet.Status, log string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var servers sync.WaitGroup
		var told syncLog
		c := settings("irc.example:6667")
		c.Login, c.Log = login, told.logger()
		c.Backoff, c.Timing = ircnet.Backoff{}, ircnet.Timing{}
		c.Dial = func(context.Context, string, string) (net.Conn, error) {
			if since := time.Since(began); since <= 10*time.Minute {
				firstTen++
			} else {
				later++
			}
			if serve == nil {
				return nil, errors.New("refused")
			}
			ours, theirs := net.Pipe()
			servers.Go(func() { _, _ = io.Copy(io.Discard, theirs) })
			servers.Go(func() { defer theirs.Close(); serve(ctx, theirs) })
			return ours, nil
		}
		n := ircnet.New(c, newHeard(t))
		done := make(chan error)
		go func() { done <- n.Run(ctx) }()
		for range 59 {
			time.Sleep(time.Minute)
			if s := n.Status(); s.Err != "" {
				status = s
			}
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		servers.Wait()
		log = told.String()
	})
	return firstTen, later, status, log
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func TestAttemptsBackOff(t *testing.T) {
	t.Parallel()
	say := func(lines string) func(context.Context, net.Conn) {
		return func(_ context.Context, c net.Conn) { _, _ = c.Write([]byte(lines)) }
	}
	login := ircnet.Login{Account: "hackacc", Password: secret, Required: true}
	for _, tt := range []struct {
		name            string
		serve           func(context.Context, net.Conn)
		firstTen, later int // at most
		err             string
	}{
		{"refused", nil, 12, 10, "refused"},
		{"services are away", say(":s.example CAP * LS :batch\r\n:s.example CAP * ACK :batch\r\n"), 12, 10, "the server offers no SASL"},
		{"services do not know the password", say(":s.example CAP * LS :sasl\r\n:s.example CAP * ACK :sasl\r\nAUTHENTICATE +\r\n:s.example 904 * :SASL authentication failed\r\n"), 12, 10, "SASL authentication failed"},
		{"closed at once", say(""), 12, 10, "closed the connection"},
		{"throttled", say("ERROR :Trying to reconnect too fast.\r\n"), 12, 10, "too fast"},
		{"wrong password", say(":s.example 464 * :Password incorrect\r\nERROR :Bad password\r\n"), 12, 10, "Bad password"},
		{"K-line", say("ERROR :Closing Link: 127.0.0.1 (K-lined)\r\n"), 1, 4, "K-lined"},
		{"K-line while logging in", say(":s.example CAP * LS :batch\r\n:s.example CAP * ACK :batch\r\nERROR :Closing Link: 127.0.0.1 (K-lined)\r\n"), 1, 4, "K-lined"},
		{"465", say(":s.example 465 * :You are banned from this server: spam\r\n"), 1, 4, "spam"},
		{"akill once online", say(":s.example 001 hackbot :Hi\r\nERROR :User has been banned from Example (Autokilled)\r\n"), 1, 4, "Autokilled"},
		{"never lets us in", func(ctx context.Context, _ net.Conn) { pause(ctx, 5*time.Minute) }, 9, 10, "did not let us in"},
		{"closed soon after we are in", func(ctx context.Context, c net.Conn) {
			_, _ = c.Write([]byte(":s.example 001 hackbot :Hi\r\n"))
			pause(ctx, 20*time.Second)
		}, 12, 10, "closed the connection"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			online := strings.Contains(tt.name, "once online") || strings.Contains(tt.name, "we are in")
			with := login
			if online {
				with = ircnet.Login{}
			}
			firstTen, later, status, log := attempts(t, with, tt.serve)
			if firstTen < 1 || firstTen > tt.firstTen || later < 3 || later > tt.later {
				t.Errorf("%d attempts in the first ten minutes, %d in the other fifty", firstTen, later)
			}
			if !strings.Contains(status.Err, tt.err) {
				t.Errorf("status is %+v", status)
			}
			if told := strings.Count(log, "level=WARN"); told != 1 && !online || strings.Contains(log, secret) {
				t.Errorf("the log was told %d times:\n%s", told, log)
			}
		})
	}
}

// A connection that has lasted makes the next attempts quick again.
func TestCalmTimesTakeFailuresBack(t *testing.T) {
	t.Parallel()
	firstTen, later, _, _ := attempts(t, ircnet.Login{}, func(ctx context.Context, c net.Conn) {
		_, _ = c.Write([]byte(":s.example 001 hackbot :Hi\r\n"))
		for range 6 { // three minutes, not silent
			pause(ctx, 30*time.Second)
			_, _ = c.Write([]byte("PING x\r\n"))
		}
	})
	if firstTen != 4 || later < 16 {
		t.Errorf("%d attempts in the first ten minutes, %d in the other fifty", firstTen, later)
	}
}

// A server that says ERROR and goes on talking has not said goodbye.
func TestErrorIsForgotten(t *testing.T) {
	t.Parallel()
	server, peer, _, h := script(t, testirc.ScriptOptions{}, nil)
	peer.Send("ERROR :or so it says", ":ann!a@h PRIVMSG #hackfest :not at all")
	h.text("not at all")
	for range 3 { // each after 0.3 s of silence, and we wait half a second for a close
		peer.Expect(testirc.Command("PING"))
	}
	if len(server.Attempts()) != 1 {
		t.Error("the connection was lost")
	}
}

// A dead link is noticed within ninety seconds with the waits of production.
func TestSilenceIsNoticedInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := settings("irc.example:6667")
		c.Timing, c.Backoff = ircnet.Timing{}, ircnet.Backoff{}
		var dialled []time.Time
		c.Dial = func(context.Context, string, string) (net.Conn, error) {
			dialled = append(dialled, time.Now())
			ours, theirs := net.Pipe()
			go func() { _, _ = io.Copy(io.Discard, theirs) }()
			go func() {
				_, _ = theirs.Write([]byte(":s.example 001 hackbot :Hi\r\n:s.example 376 hackbot :\r\n:hackbot!h@h JOIN #hackfest\r\n"))
			}()
			return ours, nil
		}
		h := newHeard(t)
		n := ircnet.New(c, h)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		if err := n.Run(ctx); err != nil {
			t.Error(err)
		}
		if len(dialled) < 2 {
			t.Fatal("the silence was not noticed")
		}
		if took := dialled[1].Sub(dialled[0]); took > 90*time.Second {
			t.Error("noticed after", took)
		}
		for _, l := range h.all() {
			if l.Kind == hackfest.Gap && strings.HasPrefix(l.Text, "Disconnected") {
				if since := l.At.Sub(dialled[0]); since > time.Second {
					t.Errorf("the gap begins %v after the last line", since)
				}
				return
			}
		}
		t.Error("no gap")
	})
}
