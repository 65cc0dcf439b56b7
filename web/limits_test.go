package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/testdb"
)

func TestTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	many := url.Values{}
	for i := range maxFields + 1 {
		many.Add("f", strings.Repeat("x", i%3))
	}
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for _, tt := range []struct {
		name string
		request
		want int
	}{
		{"long address", request{path: "/schedule?x=" + strings.Repeat("x", maxURL)}, 414},
		{"longest address", request{path: "/schedule?x=" + strings.Repeat("x", maxURL-len("/schedule?x="))}, 200},
		{"many cookies", request{path: "/schedule", header: map[string]string{"Cookie": strings.Repeat("a=b; ", 1000)}}, 431},
		{"large body", request{method: "POST", path: "/preferences", form: url.Values{"zone": {strings.Repeat("x", maxBody)}}}, 413},
		{"large body nobody reads", request{method: "POST", path: "/schedule", form: url.Values{"zone": {strings.Repeat("x", maxBody)}}}, 413},
		{"many fields", request{method: "POST", path: "/preferences", form: many}, 422},
		{"compressed body", request{method: "POST", path: "/preferences", form: url.Values{}, header: map[string]string{"Content-Encoding": "gzip"}}, 415},
		{"broken form", request{method: "POST", path: "/preferences?a=%zz", header: form}, 422},
		{"large body for the API", request{method: "POST", path: "/api/v1/sessions", form: url.Values{"zone": {strings.Repeat("x", maxBody)}}}, 413},
		{"many cookies for nobody", request{path: "/nothing", header: map[string]string{"Cookie": strings.Repeat(";", 101)}}, 431},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, s, tt.request)
			if w.Code != tt.want {
				t.Errorf("%d, want %d", w.Code, tt.want)
			}
			if tt.want >= 400 && !strings.Contains(w.Body.String(), "<h1") && !strings.Contains(w.Body.String(), `"status":413`) {
				t.Errorf("it does not say why: %s", w.Body)
			}
		})
	}
}

// A body without a length is cut off where it gets too large.
func TestBodyWithoutALength(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	body := &endless{}
	r, err := http.NewRequest(http.MethodPost, s.url+"/preferences", body)
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	defer w.Body.Close() //nolint:errcheck // nothing is read
	if w.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", w.StatusCode)
	}
}

// endless is a body of x, up to a hundred megabytes.
type endless struct{ n int }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	if e.n += len(b); e.n > 100<<20 {
		return 0, http.ErrBodyReadAfterClose
	}
	return len(b), nil
}

// Who finds no place is not answered by an error, after which browsers would
// give up for good.
func TestStreamWithoutAPlace(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	s.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	x := plan(t, s.Server, "AppScale", wednesday, nil)
	k := listen(t, s.Server, x)
	k.say("tessv", "#startmeeting")
	reader := netip.MustParseAddr("192.0.2.1")
	for range maxNeighbours {
		if _, full := s.seats.take(reader, maxStreams); full != "" {
			t.Fatal(full)
		}
	}
	r, err := http.NewRequest(http.MethodGet, s.streamURL(t, x), nil)
	must(t, err)
	r.Header.Set("X-Forwarded-For", reader.String())
	w, err := http.DefaultClient.Do(r)
	must(t, err)
	f := &follower{t: t, events: make(chan sent, 10)}
	f.read(w.Body)
	close(f.events)
	w.Body.Close() //nolint:errcheck,gosec // it was read to its end
	if w.StatusCode != http.StatusOK || !strings.HasPrefix(w.Header.Get("Content-Type"), "text/event-stream") {
		t.Errorf("%d %s", w.StatusCode, w.Header.Get("Content-Type"))
	}
	if e := f.next("full"); !strings.Contains(e.data, "Too many pages") {
		t.Errorf("told %q", e.data)
	}
	contains(t, serve(s.Routes(), "/metrics").Body.String(), "hackfest_streams_refused_total 1", "hackfest_streams 50")
}

// However many pages of coming sessions are open, a meeting can be followed.
func TestStreamsOfComingSessionsLeavePlaces(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	now := plan(t, s.Server, "AppScale", wednesday, nil)
	coming := plan(t, s.Server, "OpenShift", wednesday.AddDate(0, 0, 7), nil)
	k := listen(t, s.Server, now)
	k.say("tessv", "#startmeeting")
	for range quietStreams {
		s.seats.take(netip.IPv6Loopback(), quietStreams)
	}
	if e := follow(t, s.streamURL(t, coming), "").next("full"); !strings.Contains(e.data, "More pages") {
		t.Errorf("told %q", e.data)
	}
	live := follow(t, s.streamURL(t, now), "")
	k.say("ann", "there is a place for me")
	live.next("rows")
}
