package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/live"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// patience is how long a test waits for what takes milliseconds.
const patience = 15 * time.Second

// liveServer is a server with all that wakes its streams, over real HTTP.
type liveServer struct {
	*Server
	url    string // of its pages
	addr   string
	hub    *live.Hub
	http   *http.Server
	served chan struct{} // closed when http has stopped
}

// newLiveServer serves a database with one channel.
func newLiveServer(t *testing.T, dsn string) *liveServer {
	t.Helper()
	l := newBareServer(t, dsn)
	must(t, l.Store.AddNetwork(t.Context(), "freenode", "chat.freenode.net", wednesday))
	must(t, l.Store.OpenChannels(t.Context(), "freenode", []string{devel}, irctext.RFC1459, wednesday))
	return l
}

// newBareServer serves a database as it is.
func newBareServer(t *testing.T, dsn string) *liveServer {
	t.Helper()
	st, err := store.Open(t.Context(), dsn)
	must(t, err)
	t.Cleanup(st.Close)
	s := testServer(st)
	hub := live.New(func(ctx context.Context, ready func(), heard func(string)) error {
		return store.Listen(ctx, dsn, ready, heard)
	}, slog.New(slog.DiscardHandler))
	s.Live = hub
	ctx, cancel := context.WithCancel(context.Background())
	listening := make(chan struct{})
	go func() { defer close(listening); _ = hub.Run(ctx) }()
	l := liveServer{Server: s, hub: hub}
	l.start(t)
	t.Cleanup(func() { l.stop(t); cancel(); <-listening })
	return &l
}

// start serves, on the address on which it did before.
func (l *liveServer) start(t *testing.T) {
	t.Helper()
	if l.addr == "" {
		l.addr = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", l.addr)
	must(t, err)
	l.addr = listener.Addr().String()
	l.url = "http://" + l.addr
	l.BaseURL = l.url
	l.http, l.served = l.HTTP(), make(chan struct{})
	go func() { defer close(l.served); _ = l.http.Serve(listener) }()
}

// stop shuts the HTTP server down; it may be stopped already.
func (l *liveServer) stop(t *testing.T) {
	t.Helper()
	over, end := context.WithTimeout(context.Background(), patience)
	defer end()
	if err := l.http.Shutdown(over); err != nil {
		t.Error("streams did not end at shutdown: ", err)
	}
	<-l.served
}

// sent is one server-sent event.
type sent struct{ id, name, data string }

// follower reads the stream of a page.
type follower struct {
	t      *testing.T
	events chan sent // closed when the stream ends
	hangUp func()
}

// follow opens a stream. last is what a browser sends when it connects again.
func follow(t *testing.T, url, last string) *follower {
	t.Helper()
	return followWith(t, url, map[string]string{"Last-Event-ID": last})
}

// followWith opens a stream with a header of one's own.
func followWith(t *testing.T, url string, header map[string]string) *follower {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	must(t, err)
	for name, value := range header {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	w, err := http.DefaultClient.Do(r)
	must(t, err)
	if w.StatusCode != http.StatusOK || !strings.HasPrefix(w.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("GET %s: %d %s", url, w.StatusCode, w.Header.Get("Content-Type"))
	}
	f := &follower{t: t, events: make(chan sent, 1000), hangUp: cancel}
	go func() {
		defer close(f.events)
		defer w.Body.Close() //nolint:errcheck // it was read to its end
		f.read(w.Body)
	}()
	return f
}

func (f *follower) read(body io.Reader) {
	var e sent
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data += value + "\n"
		case "":
			if e.name != "" {
				f.events <- e
			}
			e = sent{}
		}
	}
}

// next is the next event of the given name, "" being any; others are passed over.
func (f *follower) next(name string) sent {
	f.t.Helper()
	end := time.After(patience)
	for {
		select {
		case e, open := <-f.events:
			if !open {
				f.t.Fatalf("the stream ended; wanted %s", name)
			}
			if e.name == name || name == "" {
				return e
			}
		case <-end:
			f.t.Fatalf("no %s came", name)
		}
	}
}

// ends waits for the end of the stream.
func (f *follower) ends() {
	f.t.Helper()
	end := time.After(patience)
	for {
		select {
		case _, open := <-f.events:
			if !open {
				return
			}
		case <-end:
			f.t.Fatal("the stream did not end")
		}
	}
}

// Whoever is cut off again and again still gets every line once, in order.
func TestStreamGivesEachLineOnce(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	x := plan(t, s.Server, "AppScale", wednesday, nil)
	k := listen(t, s.Server, x)
	k.say("tessv", "#startmeeting")
	url := s.streamURL(t, x)
	var want []hackfest.Ref
	var got []string
	last := ""
	take := func(f *follower, events int) {
		t.Helper()
		for range events {
			if len(got) == len(want) {
				return
			}
			e := f.next("rows")
			last = e.id
			got = append(got, lineIDs(e.data)...)
		}
	}
	for round := range 40 {
		f := follow(t, url, last)
		for i := range 5 {
			want = append(want, k.say("ann", fmt.Sprint("line ", round, ".", i)))
		}
		take(f, 1+round%3) // and lose the rest
		f.hangUp()
	}
	take(follow(t, url, last), len(want))
	same(t, "stream", got, want)
}

func TestStreamSendsWhatThePageShows(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	x := plan(t, s.Server, "AppScale", wednesday, nil)
	k := listen(t, s.Server, x)
	k.say("tessv", "#startmeeting")
	f := follow(t, s.streamURL(t, x), "")
	// until is one event that holds all of want; rows of other lines may come before.
	until := func(name string, want ...string) {
		t.Helper()
		for {
			e := f.next(name)
			if !slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(e.data, w) }) {
				return
			}
		}
	}
	k.say("tessv", "#topic Ports")
	until("rows", `<template data-in="tail">`, `<template data-in="topics">`, "<b><bdi>Ports</bdi></b>")
	until("now", `id="now"`, "Ports")
	ref := k.say("tessv", "#agreed open <b>port</b> 53")
	item := `<li id="i-` + ref.String() + `.1"`
	until("rows", `<template data-in="decided">`+item, "open &lt;b&gt;port&lt;/b&gt; 53")
	k.say("tessv", "#undo")
	until("rows", item+" hidden", `<li id="l-`+ref.String()+`"`) // the line lost its mark
	k.say("tessv", "#topic Next")
	until("rows", "<span><bdi>Ports</bdi></span>", "<b><bdi>Next</bdi></b>")
	k.say("tessv", "#endmeeting")
	f.next("reload")
	f.ends()
}

func TestStreamReloads(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	x := plan(t, s.Server, "AppScale", wednesday.Add(time.Hour), nil)
	k := listen(t, s.Server, x)
	k.pass(-time.Hour)
	k.lines(make([]hackfest.Line, maxBacklog+1)...) // of no matter to a page without a log
	before := follow(t, s.streamURL(t, x), "")
	k.pass(50 * time.Minute)
	k.say("ann", "#startmeeting")
	before.next("reload") // a meeting began

	live := s.streamURL(t, x)
	many := make([]hackfest.Line, maxBacklog+1)
	for i := range many {
		many[i] = hackfest.Line{Nick: "ann", Text: fmt.Sprint(i)}
	}
	k.lines(many[:maxBacklog]...)
	if got := len(lineIDs(follow(t, live, "").next("rows").data)); got != maxBacklog {
		t.Errorf("%d lines at once, want %d", got, maxBacklog)
	}
	k.say("ann", "one more")
	follow(t, live, "").next("reload") // too many lines
	k.say("ann", "#endmeeting")
	follow(t, live, "").next("reload") // the meeting ended meanwhile
	follow(t, s.url+"/sessions/"+x.Slug+"/live?state=nonsense&after=nonsense", "").next("reload")
}

func TestStreamOfNoSession(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	w, err := http.Get(s.url + "/sessions/2012-01-01-none/live")
	must(t, err)
	defer w.Body.Close() //nolint:errcheck // nothing is read
	if w.StatusCode != http.StatusNotFound {
		t.Errorf("%d, want 404", w.StatusCode)
	}
}

func TestStreamsEnd(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	x := plan(t, s.Server, "AppScale", wednesday, nil)
	k := listen(t, s.Server, x)
	k.say("tessv", "#startmeeting")
	url := s.streamURL(t, x)
	gone, stays := follow(t, url, ""), follow(t, url, "")
	eventually(t, "two streams", func() bool { return s.hub.Subscribers() == 6 }) // each listens for its channel, for plans and for GitHub
	gone.hangUp()
	eventually(t, "one stream", func() bool { return s.hub.Subscribers() == 3 && s.seats.open() == 1 })
	s.stop(t)
	stays.ends()
	if n := s.hub.Subscribers(); n != 0 {
		t.Errorf("%d subscribers are left", n)
	}
}

// eventually waits until ok, which something else makes true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	end := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(end) {
			t.Fatal("not in time: ", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// The connection that listens is cut again and again: nobody lacks a line.
func TestStreamWhileTheListenerIsCut(t *testing.T) {
	t.Parallel()
	dsn := testdb.URL(t)
	s := newLiveServer(t, dsn)
	x := plan(t, s.Server, "AppScale", wednesday, nil)
	k := listen(t, s.Server, x)
	k.say("tessv", "#startmeeting")
	viewers := []*follower{follow(t, s.streamURL(t, x), ""), follow(t, s.streamURL(t, x), "")}
	db, err := pgx.Connect(t.Context(), dsn)
	must(t, err)
	defer db.Close(context.Background()) //nolint:errcheck // the test is over
	var want []hackfest.Ref
	for i := range 30 {
		for range 10 {
			want = append(want, k.say("ann", fmt.Sprint("line ", i)))
		}
		_, err := db.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and application_name = 'hackfest listener'`)
		must(t, err)
	}
	for i, f := range viewers {
		var got []string
		for len(got) < len(want) {
			got = append(got, lineIDs(f.next("rows").data)...)
		}
		same(t, fmt.Sprint("viewer ", i), got, want)
	}
}

// Postgres is cut off, and then frozen: it takes bytes and answers nothing. Open
// pages are told within seconds and get what they missed.
func TestStreamWhilePostgresIsAway(t *testing.T) {
	t.Parallel()
	way := newCableway(t, testdb.URL(t))
	s := newLiveServer(t, way.url)
	s.StoreTime = 0
	x := plan(t, s.Server, "AppScale", wednesday, nil)
	k := listen(t, s.Server, x)
	k.say("tessv", "#startmeeting")
	url := s.streamURL(t, x)
	f := follow(t, url, "")
	eventually(t, "the stream listens", func() bool { return s.hub.Subscribers() == 3 }) // of its three topics
	for _, tt := range []struct {
		name  string
		leave func()
	}{{"cut", way.cut}, {"frozen", way.freeze}} {
		start := time.Now()
		tt.leave()
		f.next("away")
		t.Logf("%s: told after %v", tt.name, time.Since(start).Round(time.Millisecond))
		late := follow(t, url, "") // opened meanwhile: no browser comes back after an error
		late.next("away")
		way.mend()
		f.next("back")
		late.next("back")
		ref := k.say("ann", "after it was "+tt.name)
		for !slices.Contains(lineIDs(f.next("rows").data), ref.String()) {
		}
	}
}
