package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// Wakes is what live streams wait on; *live.Hub is the real one.
type Wakes interface {
	// Subscribe returns a channel that receives after each change to topic, and
	// what ends that. Several changes may come as one.
	Subscribe(topic string) (wake <-chan struct{}, stop func())
	// Up reports whether changes are heard at all.
	Up() bool
}

// wakes is what streams wait on, also where nothing wakes them.
func (s *Server) wakes() Wakes {
	if s.Live == nil {
		return asleep{}
	}
	return s.Live
}

// asleep is Wakes that never come.
type asleep struct{}

func (asleep) Subscribe(string) (<-chan struct{}, func()) { return make(chan struct{}), func() {} }
func (asleep) Up() bool                                   { return false }

const (
	eventTime   = 15 * time.Second       // for the reader to take one event
	beatEvery   = 20 * time.Second       // comments in between, so that nobody hangs up on silence
	lookEvery   = time.Second            // how often a stream looks whether it lacks a wake
	quickTime   = 600 * time.Millisecond // for Postgres to say that it is there
	sparkEvery  = 5 * time.Second        // least time between two pictures of the talk
	maxBacklog  = 500                    // lines; a page that lacks more loads itself again
	retryMillis = 2000                   // how long browsers wait before they connect again
)

// stream is one open page that follows a session.
type stream struct {
	s      *Server
	w      http.ResponseWriter
	rc     *http.ResponseController
	viewer person.Viewer
	page   pageState
	rows   liveRows
	reader *readerWatch

	session hackfest.Session
	after   hackfest.Ref
	away    bool       // the page was told that the database is away
	drawn   time.Time  // when the picture of the talk was last sent
	floor   *floorNow  // as last sent; nil before
	ready   *readyNow  // as last sent; nil before
	linked  *linkedNow // as last sent; nil before
	issues  issueWatch
}

// streamSession answers GET /sessions/{session}/live with what changes on that
// page, as server-sent events:
//
//	rows    <template data-in="list">, each with rows that replace those with
//	        their ids or go to the end of the list; id is where to go on
//	now     the box that says what is talked about
//	parts   elements that replace those with their ids: who comes and is ready,
//	        the vote, the queue, the agenda, what is open from earlier, the
//	        issues, and what depends on them
//	issues  the states of issues that changed, see streamIssues
//	reload  the page is of another state, or lacks too much
//	away    the database is away; the words for people
//	back    it is there again
//	full    there is no place for the stream now; the words for people
//
// Only a session that does not exist is answered by an error: a browser does
// not connect again after one.
func (s *Server) streamSession(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		sendEventHeaders(w)
		return
	}
	t := &stream{s: s, w: w, rc: http.NewResponseController(w), viewer: viewerOf(r), page: parsePageState(r.URL.Query().Get("state"))}
	most := maxStreams
	if t.page.status != hackfest.StatusLive {
		most = quietStreams
	}
	leave, full := s.seats.take(s.address(r), most)
	if full != "" {
		s.numbers().refused.Inc()
		sendEventHeaders(w)
		_, _ = t.write(fmt.Sprintf("retry: %d\n\n", fullFor.Milliseconds())), t.event("full", "", full) // it ends in any case
		return
	}
	defer leave()
	s.numbers().streams.Inc()
	narrow(r.Context())
	t.reader = s.watchReader(r, chi.URLParam(r, "session"))
	defer t.reader.stop()
	t.rows, t.issues = liveRows{clock: s.clock(r, s.preferences(r))}, watchedIssues(r)
	if t.after = cursorOf(r); t.after.IsZero() {
		t.after, _ = hackfest.ParseRef(r.URL.Query().Get("after")) // a zero ref asks for all
	}
	err := t.load(r.Context(), chi.URLParam(r, "session"))
	if err != nil && fault.KindOf(err) != fault.Unavailable {
		s.page(func(http.ResponseWriter, *http.Request) error { return err })(w, r)
		return
	}
	_ = t.rc.SetReadDeadline(time.Time{}) // nothing more is to come from the reader
	sendEventHeaders(w)
	if err = t.write(fmt.Sprintf("retry: %d\n\n", retryMillis)); err == nil {
		err = t.run(r.Context(), chi.URLParam(r, "session")) // it ends when the reader leaves
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.numbers().slow.Inc()
		s.Log.InfoContext(r.Context(), "stream ended: its reader does not take it", "address", s.address(r).String())
	}
}

// cursorOf is where a browser that connects again had come to.
func cursorOf(r *http.Request) hackfest.Ref {
	ref, _ := hackfest.ParseRef(r.Header.Get("Last-Event-ID"))
	return ref
}

func sendEventHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)
}

// load reads the session once, to know its channel.
func (t *stream) load(ctx context.Context, slug string) error {
	ctx, cancel := context.WithTimeout(ctx, t.s.storeTime())
	defer cancel()
	session, err := t.s.Store.Session(ctx, t.viewer, slug)
	if err == nil {
		t.session, t.rows.zone = session, session.Zone
	}
	return unavailable(ctx, err)
}

// unavailable makes an error of a deadline that passed one that says so.
func unavailable(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return &fault.Error{Kind: fault.Unavailable, Message: "The database does not answer.", Err: err}
	}
	return err
}

// run sends what changes until the reader or the server leaves.
func (t *stream) run(ctx context.Context, slug string) error {
	beat, look := time.NewTicker(beatEvery), time.NewTicker(lookEvery)
	defer beat.Stop()
	defer look.Stop()
	var wake <-chan struct{} // nil until the session's channel is known
	stop := func() {}
	defer func() { stop() }()
	plan, forget := t.s.wakes().Subscribe(store.SessionsTopic())
	defer forget()
	hub, unhear := t.s.wakes().Subscribe(store.GitHubTopic())
	defer unhear()
	for {
		done, err := t.step(ctx, slug)
		if done || err != nil {
			return err
		}
		if wake == nil && t.session.ID != 0 {
			wake, stop = t.s.wakes().Subscribe(store.ChannelTopic(t.session.ChannelID))
			continue // for what changed before
		}
		for due := false; !due; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-t.s.Closing():
				return nil
			case <-wake:
				due = true
			case <-plan:
				due = true
			case <-hub:
				if err := t.heardIssues(ctx); err != nil {
					return err
				}
			case <-t.reader.woken:
				if t.reader.changed() {
					return t.reload()
				}
			case <-look.C:
				if t.reader.blind() && t.reader.changed() {
					return t.reload()
				}
				if due = t.doubtful() || t.page.over(t.session.Status(t.s.Now())); due {
					break
				}
				if err := t.restIssues(ctx); err != nil {
					return err
				}
			case <-beat.C:
				if t.reader.actor.SignedIn() && t.reader.changed() { // it may have expired
					return t.reload()
				}
				if err := t.beat(ctx); err != nil {
					return err
				}
			}
		}
	}
}

// doubtful reports whether something may have changed without a wake.
func (t *stream) doubtful() bool { return t.away || t.session.ID == 0 || !t.s.wakes().Up() }

// step reads what changed and sends it. It is done when the page has to load
// itself again.
func (t *stream) step(ctx context.Context, slug string) (done bool, err error) {
	if t.doubtful() && !t.away {
		quick, cancel := context.WithTimeout(ctx, quickTime)
		err := t.s.Store.Ping(quick)
		cancel()
		if err != nil {
			return false, t.trouble(unavailable(quick, err))
		}
	}
	if t.session.ID == 0 {
		if err := t.load(ctx, slug); err != nil {
			return false, t.trouble(err)
		}
	}
	read, cancel := context.WithTimeout(ctx, t.s.storeTime())
	defer cancel()
	changes, fresh, err := t.read(read)
	if fault.KindOf(err) == fault.NotFound { // it is not for this reader any more
		return true, t.reload()
	}
	if err != nil {
		if ctx.Err() != nil {
			return true, ctx.Err()
		}
		return false, t.trouble(unavailable(read, err))
	}
	if t.away {
		t.away = false
		if err := t.event("back", "", "The database answers again; nothing was lost."); err != nil {
			return false, err
		}
	}
	t.session = fresh
	if changes.More || t.page.over(fresh.Status(t.s.Now())) || t.page.left(changes.Meeting, fresh) {
		return true, t.reload()
	}
	still := changes.Cursor == t.after // so that something else woke us
	if err := t.send(ctx, changes); err != nil {
		return false, err
	}
	if t.ready == nil || still {
		if err := t.sendReady(ctx); err != nil {
			return false, err
		}
	}
	if t.linked == nil || still || movesFloor(changes) || nameIssues(changes.Lines) {
		if err := t.sendLinked(ctx); err != nil {
			return false, err
		}
	}
	if t.page.status == hackfest.StatusLive && (t.floor == nil || still || movesFloor(changes)) {
		return false, t.sendFloor(ctx)
	}
	return false, nil
}

// read asks for the changes, and for how the session stands now.
func (t *stream) read(ctx context.Context) (store.Changes, hackfest.Session, error) {
	fresh, err := t.s.sharedSession(ctx, t.viewer, t.session.ID)
	if err != nil {
		return store.Changes{}, fresh, err
	}
	if t.page.status != hackfest.StatusLive {
		return store.Changes{Cursor: t.after}, fresh, nil // such a page shows no rows
	}
	changes, err := t.s.sharedChanges(ctx, t.viewer, store.ChangeQuery{
		ChannelID: t.session.ChannelID, MeetingRef: t.page.meeting, After: t.after, Limit: maxBacklog,
	})
	return changes, fresh, err
}

// trouble tells the page, once, that the database is away. Anything else than
// that is logged and treated the same: the page cannot know the difference.
func (t *stream) trouble(err error) error {
	if fault.KindOf(err) != fault.Unavailable {
		t.s.Log.Error("live stream cannot read", "session", t.session.Slug, "err", err)
	}
	if t.away {
		return nil
	}
	t.away = true
	return t.event("away", "", "The database is away. The meeting goes on and nothing is lost: what is said now appears here when the database is back.")
}

// send sends the rows that changed, and where to go on from.
func (t *stream) send(ctx context.Context, c store.Changes) error {
	if c.Cursor == t.after {
		return nil
	}
	html, shown, err := t.s.sentHTML(ctx, t.viewer, func(ctx context.Context) (string, error) {
		return t.rows.html(ctx, t.session.Slug, c, t.topics)
	})
	if err != nil {
		return err
	}
	t.issues.add(shown...)
	if html != "" {
		if err := t.event("rows", c.Cursor.String(), html); err != nil {
			return err
		}
	}
	t.after = c.Cursor
	if now := t.s.Now(); len(c.Topics) > 0 || now.Sub(t.drawn) >= sparkEvery {
		return t.draw(ctx, now)
	}
	return nil
}

// topics are all topics of the meeting: a new one changes how the last looks.
func (t *stream) topics(ctx context.Context) ([]store.TopicRow, error) {
	return t.s.Store.Topics(ctx, t.viewer, t.page.meeting, hackfest.Ref{})
}

// draw sends the box that says what is talked about.
func (t *stream) draw(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, t.s.storeTime())
	defer cancel()
	t.rows.clock.Now = now
	box, err := t.s.sharedNow(ctx, t.viewer, t.rows.clock, t.session, t.page.meeting)
	if err != nil {
		return t.trouble(unavailable(ctx, err))
	}
	html, err := t.part(ctx, templates.Now(box))
	if err != nil {
		return err
	}
	t.drawn = now
	return t.event("now", "", html)
}

// beat keeps the connection alive, and the picture of the talk moving.
func (t *stream) beat(ctx context.Context) error {
	if err := t.write(": still here\n\n"); err != nil {
		return err
	}
	if t.page.status != hackfest.StatusLive || t.away || t.session.ID == 0 {
		return nil
	}
	return t.draw(ctx, t.s.Now())
}

// reload tells the page to load itself again; the stream is over then.
func (t *stream) reload() error { return t.event("reload", "", "reload") }

// event sends one event; id may be empty.
func (t *stream) event(name, id, data string) error {
	var b strings.Builder
	if id != "" {
		fmt.Fprintf(&b, "id: %s\n", id)
	}
	fmt.Fprintf(&b, "event: %s\n", name)
	for line := range strings.Lines(strings.ReplaceAll(data, "\r", "")) {
		fmt.Fprintf(&b, "data: %s\n", strings.TrimSuffix(line, "\n"))
	}
	b.WriteByte('\n')
	return t.write(b.String())
}

// write sends text at once; a reader who does not take it is left.
func (t *stream) write(text string) error {
	_ = t.rc.SetWriteDeadline(time.Now().Add(eventTime)) // a test's recorder has none
	if _, err := t.w.Write([]byte(text)); err != nil {
		return err
	}
	return t.rc.Flush()
}
