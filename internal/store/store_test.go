package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/oklog/ulid/v2"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// aug2 is the start of the first hackfest: noon, Pacific.
var aug2 = time.Date(2012, 8, 2, 19, 0, 0, 0, time.UTC)

const (
	network = "freenode"
	channel = "#eucalyptus-devel"
	mapping = irctext.RFC1459
)

var member = person.Viewer{ID: 1, Role: person.Member}

// world is a store with one channel, and its pool for looking behind.
type world struct {
	*store.Store
	pool *pgxpool.Pool
	url  string
	t    *testing.T
}

func newWorld(t *testing.T) world {
	t.Helper()
	url := testdb.URL(t)
	pool, err := store.NewPool(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	w := world{store.New(pool), pool, url, t}
	w.must(w.OpenChannels(t.Context(), network, []string{channel, "#other"}, mapping, aug2))
	return w
}

func (w world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// channelID of the channel called by path in URLs.
func (w world) channelID(path string) hackfest.ChannelID {
	w.t.Helper()
	c, err := w.Channel(w.t.Context(), member, network, path)
	w.must(err)
	return c.ID
}

// number is what query counts.
func (w world) number(query string, args ...any) int {
	w.t.Helper()
	var n int
	w.must(w.pool.QueryRow(w.t.Context(), query, args...).Scan(&n))
	return n
}

// exec changes what no method of the store changes yet.
func (w world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.pool.Exec(w.t.Context(), sql, args...)
	w.must(err)
}

// channelLog makes lines of one channel, a second apart, with rising refs.
type channelLog struct {
	channel string
	at      time.Time
	n       uint16
	lines   []hackfest.Line
}

func newLog(channel string, at time.Time) *channelLog { return &channelLog{channel: channel, at: at} }

func (g *channelLog) add(kind hackfest.LineKind, nick, text string) *channelLog {
	var u ulid.ULID
	_ = u.SetTime(uint64(g.at.UnixMilli()))
	u[6], u[7] = byte(g.n>>8), byte(g.n)
	copy(u[8:14], g.channel[1:]) // so that two channels share no ref
	g.lines = append(g.lines, hackfest.Line{
		Ref: hackfest.Ref(u), Network: network, Channel: g.channel, At: g.at, ReceivedAt: g.at,
		Nick: nick, Kind: kind, Text: text,
	})
	g.n++
	g.at = g.at.Add(time.Second)
	return g
}

// say adds a message.
func (g *channelLog) say(nick, text string) *channelLog { return g.add(hackfest.Message, nick, text) }

// meeting adds a small whole meeting.
func (g *channelLog) meeting(title string) *channelLog {
	return g.say("ann", "#startmeeting "+title).
		say("bob", "hello").
		say("ann", "#topic Images").
		say("bob", "#info two images are called fedora 16").
		say("ann", "#action bob to write that down").
		say("ann", "#agreed images are named by id").
		say("bob", "#idea a mirror").
		say("ann", "#undo").
		say("ann", "#topic Next time").
		say("bob", "https://example.org/31 the bug").
		say("ann", "#endmeeting")
}

// apply folds lines as the bot does, from state s on.
func apply(s meeting.State, lines []hackfest.Line) []meeting.Applied {
	var batch []meeting.Applied
	for _, l := range lines {
		var effects []meeting.Effect
		s, effects = meeting.Apply(s, l)
		batch = append(batch, meeting.Applied{Line: l, Effects: effects})
	}
	return batch
}

// record stores all lines of g in one batch.
func (w world) record(g *channelLog) {
	w.t.Helper()
	w.must(w.Record(w.t.Context(), network, g.channel, apply(meeting.State{}, g.lines), mapping, g.at))
}

func TestOpenDoesNotConnect(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "postgres://nobody@127.0.0.1:1/none")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without a server: %v, want it to be unavailable", err)
	}
}

func TestOpenDoesNotRepeatThePassword(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), "postgres://u:secret@[::1/none")
	if fault.KindOf(err) != fault.Invalid || fault.Message(err) != "The address of the database cannot be read." {
		t.Errorf("got %v", err)
	}
}

// A deadline that passes while all connections are taken is the database's
// trouble, not a mistake of ours.
func TestNoAnswerInTimeIsUnavailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tx, err := w.pool.Begin(t.Context())
	w.must(err)
	defer tx.Rollback(context.WithoutCancel(t.Context())) //nolint:errcheck // only to let go
	_, err = tx.Exec(t.Context(), "lock table targets")
	w.must(err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := w.Targets(ctx); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v, want it to be unavailable", err)
	}
}

func TestInTxRollsBackAndKeepsTheFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := fault.New(fault.Forbidden, "Not you.")
	err := w.InTx(t.Context(), func(tx *store.Store) error {
		if _, err := tx.AddTarget(t.Context(), hackfest.Target{Name: "Chef"}, aug2); err != nil {
			return err
		}
		return want
	})
	if err != error(want) {
		t.Errorf("got %v", err)
	}
	if list, err := w.Targets(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("after a rollback: %v, %v", list, err)
	}
}

func TestTimesAreInUTC(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.AddTarget(t.Context(), hackfest.Target{Name: "Chef"}, aug2.In(time.FixedZone("x", 3600)))
	w.must(err)
	got, err := w.Target(t.Context(), "chef")
	w.must(err)
	if fmt.Sprint(got.StagedAt) != fmt.Sprint(aug2) {
		t.Errorf("got %s, want %s", got.StagedAt, aug2)
	}
}
