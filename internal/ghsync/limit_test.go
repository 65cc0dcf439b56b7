package ghsync

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// While GitHub does not answer as it should, it is asked at most once a minute and
// ever more seldom; what is known stays, with its age and the reason; and once it
// is well again, all that happened meanwhile is known soon.
func TestOutage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		fails    testgithub.Failure
		down     bool
		most     int64         // calls in six hours
		recovers time.Duration // at the latest after it is well again
		says     string
	}{
		{"the port is closed", testgithub.Failure{}, true, 13, time.Hour, "GitHub does not answer since 2 August, 13:0"},
		{"connections break", testgithub.Failure{}, false, 13, time.Hour, "GitHub does not answer since 2 August, 13:0"},
		{"502", testgithub.Broken(http.StatusBadGateway), false, 13, time.Hour, "502 Bad Gateway"},
		{"the hour's calls are used up, says a 403", testgithub.PrimaryLimit(noon.Add(2 * time.Hour)), false, 13, 5 * time.Minute, "allows in an hour"},
		{"a secondary limit of ten minutes", testgithub.SecondaryLimit(10 * time.Minute), false, 13, time.Hour, "too much at once"},
		{"a secondary limit without a time", testgithub.SecondaryLimit(0), false, 13, time.Hour, "too much at once"},
		{"429 of two hours", testgithub.TooMany(2 * time.Hour), false, 4, 2 * time.Hour, "too much at once"},
		{"429 without a time", testgithub.TooMany(0), false, 13, time.Hour, "too much at once"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "good")
			first, second := w.hub.AddRepo("eucalyptus/recipes"), w.hub.AddRepo("eucalyptus/nurse")
			fill(w, first, 7)
			fill(w, second, 3)
			w.add(first.Name())
			w.add(second.Name())
			w.run(time.Hour)
			w.hub.Forget()
			known := w.repository(first.Name()).KnownAt
			tries := w.count()
			if tt.down {
				w.hub.Down()
			} else {
				w.hub.Fail(tt.fails)
			}
			first.Close(1, "ann", "completed")
			second.OpenIssue(testgithub.Issue{Title: "A new one"})
			for range 6 * 60 {
				before := tries.Load()
				w.poll()
				if n := tries.Load() - before; n > 2 || n > 1 && w.now().Sub(noon) > time.Hour+10*time.Minute {
					t.Errorf("%d calls in a minute, at %s", n, w.now())
				}
				w.wait(time.Minute)
			}
			t.Logf("%d calls in six hours", tries.Load())
			if n := tries.Load(); n > tt.most || n == 0 {
				t.Errorf("%d calls in six hours, want at most %d", n, tt.most)
			}
			r := w.repository(first.Name())
			if r.KnownAt.Sub(known) > 10*time.Minute || !strings.Contains(r.Trouble, tt.says) {
				t.Errorf("known at %s (before: %s), trouble %q, want %q", r.KnownAt, known, r.Trouble, tt.says)
			}
			w.hub.Heal()
			w.hub.Up()
			w.run(tt.recovers + 10*time.Minute)
			w.same(first)
			w.same(second)
			r = w.repository(first.Name())
			if w.now().Sub(r.KnownAt) > 10*time.Minute || r.Trouble != "" {
				t.Errorf("after it is well, known at %s, trouble %q, at %s", r.KnownAt, r.Trouble, w.now())
			}
			limits, err := w.store.GitHubLimits(t.Context())
			w.must(err)
			if len(limits) > 1 || len(limits[hackfest.GitHubCore].Reason) > 0 {
				t.Errorf("what is over is still noted: %v", limits)
			}
		})
	}
}

// A call that is not answered ends, and counts as an outage.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "good")
	r := w.hub.AddRepo("eucalyptus/recipes")
	w.add(r.Name())
	w.client.patience = 100 * time.Millisecond
	w.hub.Fail(testgithub.Failure{Hang: true, Times: 1})
	w.poll()
	if n := w.calls(nil); n != 1 {
		t.Errorf("%d calls", n)
	}
	if s := w.repository(r.Name()).Trouble; !strings.Contains(s, "it takes too long") {
		t.Errorf("trouble is %q", s)
	}
	w.client.patience = time.Minute
	w.run(5 * time.Minute)
	w.same(r)
}

// Calls are kept back for people; nothing is asked in the background when few are
// left, and it goes on when GitHub's hour is over.
func TestReserve(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, token string
		left        int
		goesOn      bool
	}{
		{"with a token, few", "good", reserveCore, false},
		{"with a token, enough", "good", reserveCore + 20, true},
		{"without one, few", "", reserveAnonymous, false},
		{"without one, enough", "", reserveAnonymous + 20, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.token)
			r := w.hub.AddRepo("eucalyptus/recipes")
			fill(w, r, 5)
			w.add(r.Name())
			w.hub.SetRemaining(tt.left + 1) // the first call tells
			w.poll()
			if known := !w.repository(r.Name()).KnownAt.IsZero(); known != tt.goesOn || !known && w.calls(nil) != 1 {
				t.Errorf("known is %v after %d calls", known, w.calls(nil))
			}
			var x any
			if _, err := w.client.ask(urgent(t.Context()), "repos/eucalyptus/recipes", "", &x); err != nil {
				t.Error("a person is refused: ", err)
			}
			w.run(time.Hour + time.Minute)
			w.same(r)
		})
	}
}

// A token that was revoked is tried once an hour; what is public is asked for
// without it, and what is private is not taken for deleted.
func TestRevokedToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "good")
	open, closed := w.hub.AddRepo("eucalyptus/recipes"), w.hub.AddRepo("eucalyptus/secrets")
	closed.SetPrivate(true)
	fill(w, open, 5)
	fill(w, closed, 5)
	w.add(open.Name())
	w.add(closed.Name())
	w.run(10 * time.Minute)
	w.same(open)
	w.same(closed)
	w.hub.Revoke()
	w.hub.Forget()
	n := open.OpenIssue(testgithub.Issue{Title: "While the token is not good"})
	w.run(6 * time.Hour)
	w.same(open)
	with := func(r testgithub.Request) bool { return r.Token != "" }
	t.Logf("%d calls with the token in six hours, %d at most in an hour without", w.calls(with), w.busiest(time.Hour, counted))
	if n := w.busiest(59*time.Minute, with); n != 1 {
		t.Errorf("%d calls within an hour with a token that is not good", n)
	}
	if n := w.busiest(time.Hour, func(r testgithub.Request) bool { return r.Token == "" }); n > 60 {
		t.Errorf("%d calls within an hour without a token", n)
	}
	state, err := w.store.GitHubState(t.Context())
	w.must(err)
	if l := state.Limits[hackfest.GitHubToken]; !strings.Contains(l.Reason, "refuses the token") {
		t.Errorf("nobody is told: %+v", l)
	}
	r := w.repository(closed.Name())
	if !r.GoneAt.IsZero() || !strings.Contains(r.Trouble, "refuses the token") {
		t.Errorf("the private one is gone since %v, trouble %q", r.GoneAt, r.Trouble)
	}
	w.hub.Restore()
	open.Close(n, "ann")
	closed.Close(1, "ann")
	w.run(2*time.Hour + 10*time.Minute)
	w.same(open)
	w.same(closed)
}

// Nothing is followed to another host, and no answer is read without end.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	const old = `{"number":1,"title":"Old","state":"open","created_at":"2012-08-01T00:00:00Z","updated_at":"2012-08-01T00:00:00Z"}`
	full := "[" + strings.Repeat(old+",", perPage-1) + old + "]"
	for _, tt := range []struct {
		name  string
		fails testgithub.Failure
		says  string
	}{
		{"a redirect to another host", testgithub.Failure{Status: 301, Header: http.Header{"Location": {"http://evil.example/repos/a/b"}}}, "another host"},
		{"a redirect in circles", testgithub.Failure{Status: 302, Header: http.Header{"Location": {"/api/v3/repositories/1"}}}, "circles"},
		{"an answer too large", testgithub.Failure{Status: 200, Body: `{"full_name": "` + strings.Repeat("x", maxBody) + `"}`}, "too large"},
		{"no JSON", testgithub.Failure{Status: 200, Body: "<html>Sign in to the Wi-Fi</html>"}, "could not be read"},
		{"another form", testgithub.Failure{Status: 200, Body: `[1, 2, 3]`}, "could not be read"},
		{"nothing", testgithub.Failure{Status: 200}, "lacks its name"},
		{"null", testgithub.Failure{Status: 200, Body: "null"}, "lacks its name"},
		{"a name that is none", testgithub.Failure{Status: 200, Body: `{"id": 7, "full_name": "../../etc/passwd"}`}, "lacks its name"},
		{"451", testgithub.Broken(451), "legal reasons"},
		{"403 that is about rights", testgithub.Failure{Status: 403, Body: `{"message":"Resource not accessible by personal access token"}`}, "does not let the token"},
		{"418", testgithub.Broken(418), "418 I'm a teapot"},
		{"a list without end", testgithub.Failure{Path: "/issues?", Status: 200, Header: http.Header{"Link": {`<http://evil.example/issues?page=2>; rel="next"`}}, Body: full}, "again and again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "good")
			r := w.hub.AddRepo("eucalyptus/recipes")
			fill(w, r, 3)
			w.add(r.Name())
			w.hub.Fail(tt.fails)
			_, _ = w.client.Poll(t.Context()) // how it says so is another matter
			if s := w.repository(r.Name()).Trouble; !strings.Contains(s, tt.says) {
				t.Errorf("trouble is %q, want %q", s, tt.says)
			}
			w.hub.Heal()
			w.run(20 * time.Minute)
			w.same(r)
		})
	}
	w := newWorld(t, "good")
	w.hub.AddRepo("eucalyptus/recipes")
	w.add("eucalyptus/recipes")
	w.poll()
	for _, r := range w.hub.Requests() {
		if r.Agent != "hackfest (+https://hack.example.org)" || r.Token != "good" {
			t.Errorf("asked as %q with token %q", r.Agent, r.Token)
		}
	}
	if l, err := w.store.Repositories(t.Context(), person.PublicViewer); err != nil || len(l) != 1 {
		t.Error(l, err)
	}
}

// A clock of ours that is wrong makes no difference to how long GitHub is left
// alone: it says until when by its own, and what time that shows.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		off   time.Duration // of our clock
		fails testgithub.Failure
		left  int
		waits time.Duration
	}{
		{"few calls left, ten minutes behind", -10 * time.Minute, testgithub.Failure{Path: "nothing"}, reserveCore, time.Hour},
		{"few calls left, ten minutes ahead", 10 * time.Minute, testgithub.Failure{Path: "nothing"}, reserveCore, time.Hour},
		{"none left, ten minutes behind", -10 * time.Minute, testgithub.PrimaryLimit(noon.Add(5 * time.Minute)), 1000, 5 * time.Minute},
		{"none left, ten minutes ahead", 10 * time.Minute, testgithub.PrimaryLimit(noon.Add(5 * time.Minute)), 1000, 5 * time.Minute},
		{"a secondary limit until a date, an hour behind", -time.Hour, testgithub.Failure{
			Status: http.StatusForbidden, Header: http.Header{"Retry-After": {noon.Add(5 * time.Minute).Format(http.TimeFormat)}},
		}, 1000, 5 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "good")
			w.client.now = func() time.Time { return w.now().Add(tt.off) }
			w.hub.AddRepo("eucalyptus/recipes")
			w.hub.SetRemaining(tt.left)
			w.hub.Fail(tt.fails)
			var x any
			_, err := w.client.ask(t.Context(), "repos/eucalyptus/recipes", "", &x)
			b, failed := w.client.Blocked(t.Context())
			if w.must(failed); b == nil {
				t.Fatalf("GitHub may be asked, which said %v", err)
			}
			if waits := b.Until.Sub(w.client.now()); waits != tt.waits {
				t.Errorf("it is left alone for %v, want %v", waits, tt.waits)
			}
		})
	}
}
