package jobs

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

const patience = time.Minute

// noon is when the tests begin. It is to come: River goes by the real clock where
// it looks for jobs that hang or were done long ago.
var noon = time.Now().UTC().Truncate(24 * time.Hour).Add(36 * time.Hour)

// world is a database, a clock that stands, and a voice that remembers.
type world struct {
	*store.Store
	t       *testing.T
	pool    *pgxpool.Pool
	clock   atomic.Pointer[time.Time]
	voice   *voice
	insert  *river.Client[pgx.Tx]
	bot     bool // queue irc is worked
	letters bool // queue letters is worked
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return worldOn(t, testdb.URL(t))
}

// worldOn is a world on the database at url.
func worldOn(t *testing.T, url string) *world {
	t.Helper()
	pool, err := store.NewPool(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	w := &world{t: t, Store: store.New(pool), pool: pool, voice: &voice{}}
	w.at(noon)
	w.insert, err = river.NewClient(riverpgxv5.New(pool), &river.Config{Test: river.TestConfig{Time: clock{w.now}}})
	if err != nil {
		t.Fatal(err)
	}
	w.must(store.Migrate(t.Context(), pool))
	w.must(w.AddNetwork(t.Context(), "test", "irc.example.org", noon))
	w.must(w.OpenChannels(t.Context(), "test", []string{"#euca", "#members"}, "", noon))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) now() time.Time { return *w.clock.Load() }

func (w *world) at(now time.Time) { w.clock.Store(&now) }

func (w *world) config() Config {
	return Config{
		Store: w.Store, Pool: w.pool, BaseURL: "http://portal.example", Now: w.now, Stubbed: true,
		Log: slog.New(slog.NewTextHandler(w.t.Output(), nil)),
	}
}

// run runs fn until the test or the returned function ends it.
func (w *world) run(fn func(ctx context.Context) error) (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- fn(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				w.t.Error("ended with ", err)
			}
		case <-time.After(patience):
			w.t.Error("does not end")
		}
	})
	w.t.Cleanup(stop)
	return stop
}

// start runs both roles.
func (w *world) start() {
	w.bot = true
	w.run(func(ctx context.Context) error { return Lead(ctx, w.config()) })
	w.run(func(ctx context.Context) error { return Speak(ctx, w.config(), w.voice) })
}

// plan looks at time now for what is to be announced, and waits until all of it
// is done.
func (w *world) plan(now time.Time) {
	w.t.Helper()
	w.at(now)
	_, err := w.insert.Insert(w.t.Context(), planArgs{}, &river.InsertOpts{MaxAttempts: 1})
	w.must(err)
	w.settled()
}

// settled waits until no job is due any more.
func (w *world) settled() {
	w.t.Helper()
	const q = `
		select count(*) from river_job
		where (queue = 'default' or queue = 'irc' and $1 or queue = 'letters' and $3) and (state in ('available', 'running', 'retryable') or state = 'scheduled' and scheduled_at <= $2)`
	w.eventually("all jobs are done", func() bool {
		var n int
		w.must(w.pool.QueryRow(w.t.Context(), q, w.bot, w.now(), w.letters).Scan(&n))
		return n == 0
	})
}

func (w *world) eventually(what string, holds func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("in vain: %s", what)
		}
	}
}

// session plans one.
func (w *world) session(title string, start time.Time, change func(*hackfest.Session)) hackfest.SessionID {
	w.t.Helper()
	s := hackfest.Session{
		Title: title, Kind: hackfest.KindHackfest, StartsAt: start, EndsAt: start.Add(time.Hour), Zone: "Asia/Kolkata",
		Network: "test", Channel: "#euca", OverlapOK: true,
	}
	if change != nil {
		change(&s)
	}
	id, err := w.AddSession(w.t.Context(), s, noon.Add(-24*time.Hour))
	w.must(err)
	return id
}

// exec changes rows behind the store's back, for what no page does yet.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.pool.Exec(w.t.Context(), sql, args...)
	w.must(err)
}

// states are the deliveries, oldest first, as "occasion state reason".
func (w *world) states() []string {
	w.t.Helper()
	const q = `select occasion || ' ' || state || case when reason <> '' then ': ' || reason else '' end from deliveries order by due_at, id`
	rows, _ := w.pool.Query(w.t.Context(), q)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	w.must(err)
	return list
}

// listed are the deliveries on /status, as the anonymous public sees them.
func (w *world) listed() []string {
	w.t.Helper()
	list, err := w.UnknownDeliveries(w.t.Context(), person.PublicViewer, 100)
	w.must(err)
	var out []string
	for _, d := range list {
		out = append(out, string(d.Occasion)+" "+string(d.State)+" "+d.SessionTitle+" "+d.Channel)
	}
	return out
}

func (w *world) want(what string, got, want []string) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// voice remembers what it was to say. What it does is set by tests.
type voice struct {
	mu      sync.Mutex
	said    []string
	absent  bool
	fails   error    // what Announce returns from now on
	spools  bool     // a file still holds what is to be forgotten
	online  []string // "nick/account" of who may be told alone
	noTopic error    // what Topic returns
	forgot  []hackfest.Ref

	held chan struct{} // Announce waits until it is closed; nil is closed
}

var (
	errUnsaid  = &fault.Error{Kind: fault.Unavailable, Message: "Not said."}
	errUnknown = errors.New("cut off")
)

func (v *voice) Present(string, string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.absent
}

func (v *voice) Forget(_ context.Context, refs []hackfest.Ref) (bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.forgot = refs
	return !v.spools, nil
}

func (v *voice) Announce(_ context.Context, _, channel, text string) error {
	if v.held != nil {
		<-v.held
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.fails == nil {
		v.said = append(v.said, channel+" "+text)
	}
	return v.fails
}

func (v *voice) Notice(_ context.Context, _, nick, account, text string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !slices.Contains(v.online, nick+"/"+account) {
		return errUnsaid
	}
	v.said = append(v.said, nick+" "+text)
	return nil
}

func (v *voice) Topic(_ context.Context, _, channel, part string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.noTopic == nil {
		v.said = append(v.said, channel+" topic: "+part)
	}
	return v.noTopic
}

func (v *voice) set(absent bool, fails error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.absent, v.fails = absent, fails
}

// lines returns what was said since the last call.
func (v *voice) lines() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	said := v.said
	v.said = nil
	return said
}
