package ircbot

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/spool"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

const patience = 30 * time.Second

// world is a database, a spool directory and the networks of one test.
type world struct {
	*store.Store
	t        *testing.T
	dir      string
	networks []ircnet.Config
	postgres *shaky
	late     atomic.Int64 // how far the bot's clock is ahead
	schedule chan struct{}
	commands chan struct{}
	settings chan struct{}
	spool    spool.Options
}

func newWorld(t *testing.T, networks ...ircnet.Config) *world {
	t.Helper()
	w := &world{Store: store.New(testdb.New(t)), t: t, dir: t.TempDir(), networks: networks, schedule: make(chan struct{}), settings: make(chan struct{}), commands: make(chan struct{}, 1)}
	w.postgres = &shaky{Recorder: w.Store}
	for _, n := range networks {
		if err := w.AddNetwork(t.Context(), n.Name, "irc.example.org", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// on is a network of one channel, for tests in a hurry.
func on(name, addr string, channels ...string) ircnet.Config {
	c := ircnet.Config{
		Name: name, Addr: addr, Nick: "hackbot",
		Backoff: ircnet.Backoff{Waits: []time.Duration{20 * time.Millisecond}},
		Timing:  ircnet.Timing{JoinAfter: 50 * time.Millisecond, Tick: 20 * time.Millisecond, Quit: 500 * time.Millisecond},
	}
	for _, channel := range channels {
		c.Channels = append(c.Channels, ircnet.Channel{Name: channel})
	}
	return c
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.late.Load())) }

// running is a bot that runs.
type running struct {
	*Bot
	stop func() // stops it and waits
	dir  string // of its spool
}

// start starts a bot and waits until it is in all channels.
func (w *world) start() *running {
	w.t.Helper()
	b := w.launch()
	w.eventually("the bot in all channels", func() bool {
		st := b.Status()
		return len(st.Networks) > 0 && !slices.ContainsFunc(st.Networks, func(n NetworkStatus) bool { return len(n.Absent) > 0 })
	})
	return b
}

// launch starts a bot.
func (w *world) launch() *running {
	w.t.Helper()
	min, err := w.HighestRef(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	o := w.spool
	o.MinRef = min
	sp, found, err := spool.Open(w.dir, o)
	if err != nil {
		w.t.Fatal(err)
	}
	b := New(Config{
		Networks: w.networks, BaseURL: "http://portal.example", GitHub: "https://ghe.example", Now: w.now, Schedule: w.schedule, Settings: w.settings, Commands: w.commands,
		Log: slog.New(slog.NewTextHandler(testLog{w.t}, nil)),
	}, w.postgres, sp, found)
	b.patient = 2 * time.Second
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := b.Run(ctx); err != nil {
			w.t.Error("bot:", err)
		}
	}()
	r := &running{Bot: b, stop: sync.OnceFunc(func() { cancel(); <-ended })}
	w.t.Cleanup(r.stop)
	return r
}

// testLog writes to the test's log.
type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// eventually waits until what holds.
func (w *world) eventually(what string, holds func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("never came: %s", what)
		}
	}
}

// stored waits until all the bot heard is in Postgres.
func (w *world) stored(b *running) {
	w.t.Helper()
	w.eventually("everything in Postgres", func() bool { st := b.Status(); return st.Drained == st.Durable })
}

// log returns the lines of a channel as "<nick> text" for what was said and
// "kind nick text" for the rest, without what a server says on joining.
func (w *world) log(network, channel string) []string {
	w.t.Helper()
	c, err := w.Channel(w.t.Context(), person.PublicViewer, network, strings.TrimPrefix(channel, "#"))
	if err != nil {
		w.t.Fatal(err)
	}
	lines, err := w.Lines(w.t.Context(), person.PublicViewer, store.LineQuery{ChannelID: c.ID, Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	var log []string
	for _, l := range lines {
		switch l.Kind {
		case hackfest.Message:
			log = append(log, "<"+l.Nick+"> "+l.Text)
		case hackfest.Mode:
		default:
			log = append(log, strings.TrimSpace(string(l.Kind)+" "+l.Nick+" "+l.Text))
		}
	}
	return log
}

// count returns how many lines of log contain text.
func count(log []string, text string) int {
	n := 0
	for _, l := range log {
		if strings.Contains(l, text) {
			n++
		}
	}
	return n
}

// items returns the items of a meeting as "kind nick text".
func (w *world) items(ref hackfest.Ref) []string {
	w.t.Helper()
	rows, err := w.Items(w.t.Context(), person.PublicViewer, ref, hackfest.Ref{})
	if err != nil {
		w.t.Fatal(err)
	}
	var items []string
	for _, r := range rows {
		if !r.Undone {
			items = append(items, string(r.Kind)+" "+r.Nick+" "+r.Text)
		}
	}
	return items
}

// draft returns the items of the minutes that were stored when the meeting
// ended, as "kind nick text".
func (w *world) draft(ref hackfest.Ref) []string {
	w.t.Helper()
	m, err := w.Minutes(w.t.Context(), person.PublicViewer, ref)
	if err != nil {
		w.t.Fatal(err)
	}
	var items []string
	for _, t := range m.Topics {
		for _, i := range t.Items {
			if !i.Undone {
				items = append(items, string(i.Kind)+" "+i.Nick+" "+i.Text)
			}
		}
	}
	return items
}

// meetings returns the meetings of a channel, newest first.
func (w *world) meetings(network, channel string) []hackfest.Meeting {
	w.t.Helper()
	list, err := w.Meetings(w.t.Context(), person.PublicViewer, store.MeetingFilter{Network: network, Channel: channel})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// grep returns the files of the spool that contain text.
func (w *world) grep(text string) []string {
	var found []string
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), text) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// shaky is a Recorder that can be away, hang, or store and then say it did not.
type shaky struct {
	Recorder
	mode  atomic.Value // string: "", "away", "frozen", "liar"
	tried atomic.Int64 // failures so far
}

var errAway = &fault.Error{Kind: fault.Unavailable, Message: "Postgres is away.", Err: errors.New("connection refused")}

func (s *shaky) set(mode string) { s.mode.Store(mode) }

// trouble returns an error when there is nobody to ask.
func (s *shaky) trouble(ctx context.Context) error {
	switch s.mode.Load() {
	case "away":
		s.tried.Add(1)
		return errAway
	case "frozen":
		s.tried.Add(1)
		for s.mode.Load() == "frozen" && ctx.Err() == nil {
			sleep(ctx, time.Millisecond)
		}
		return ctx.Err()
	}
	return nil
}

func (s *shaky) Resume(ctx context.Context, network string) ([]meeting.Resumption, error) {
	if err := s.trouble(ctx); err != nil {
		return nil, err
	}
	return s.Recorder.Resume(ctx, network)
}

func (s *shaky) BotChannels(ctx context.Context, network string) ([]hackfest.BotChannel, error) {
	if err := s.trouble(ctx); err != nil {
		return nil, err
	}
	return s.Recorder.BotChannels(ctx, network)
}

func (s *shaky) OpenChannels(ctx context.Context, network string, channels []string, cm irctext.Casemapping, now time.Time) error {
	if err := s.trouble(ctx); err != nil {
		return err
	}
	return s.Recorder.OpenChannels(ctx, network, channels, cm, now)
}

func (s *shaky) ByAccount(ctx context.Context, network, account string) (person.Account, error) {
	if err := s.trouble(ctx); err != nil {
		return person.Account{}, err
	}
	return s.Recorder.ByAccount(ctx, network, account)
}

func (s *shaky) Facts(ctx context.Context, v person.Viewer, now time.Time) (announce.Facts, error) {
	if err := s.trouble(ctx); err != nil {
		return announce.Facts{}, err
	}
	return s.Recorder.Facts(ctx, v, now)
}

func (s *shaky) MeetingContext(ctx context.Context, network, channel string, now time.Time) (meeting.Context, error) {
	if err := s.trouble(ctx); err != nil {
		return meeting.Context{}, err
	}
	return s.Recorder.MeetingContext(ctx, network, channel, now)
}

func (s *shaky) PrepareAgendas(ctx context.Context, network, channel string, now time.Time) error {
	if err := s.trouble(ctx); err != nil {
		return err
	}
	return s.Recorder.PrepareAgendas(ctx, network, channel, now)
}

func (s *shaky) TakeCommands(ctx context.Context, network string, now time.Time) ([]hackfest.WebCommand, error) {
	if err := s.trouble(ctx); err != nil {
		return nil, err
	}
	return s.Recorder.TakeCommands(ctx, network, now)
}

func (s *shaky) SettleCommand(ctx context.Context, id string, ref hackfest.Ref, now time.Time) error {
	if err := s.trouble(ctx); err != nil {
		return err
	}
	return s.Recorder.SettleCommand(ctx, id, ref, now)
}

func (s *shaky) Record(ctx context.Context, network, channel string, batch []meeting.Applied, cm irctext.Casemapping, now time.Time) error {
	if err := s.trouble(ctx); err != nil {
		return err
	}
	err := s.Recorder.Record(ctx, network, channel, batch, cm, now)
	if n := s.tried.Load(); err == nil && s.mode.Load() == "liar" && s.tried.CompareAndSwap(n, n+1) && n%2 == 0 {
		return errAway // each other answer is lost on the way
	}
	return err
}

// person joins the channels at addr.
func (w *world) person(addr, nick string, channels ...string) *testirc.Client {
	w.t.Helper()
	c := testirc.Dial(w.t, addr, nick)
	for _, channel := range channels {
		c.Join(channel)
	}
	return c
}

// dead returns a bot that has opened the spool and does nothing by itself.
func (w *world) dead() *running {
	w.t.Helper()
	sp, found, err := spool.Open(w.dir, spool.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	b := New(Config{Networks: w.networks, BaseURL: "http://portal.example", Now: w.now}, w.postgres, sp, found)
	return &running{Bot: b, dir: w.dir}
}

// kill leaves the spool of a dead bot as a crash does, with what it heard safe,
// and in Postgres too if drained.
func (r *running) kill(drained bool) {
	if err := r.spool.Seal(); err != nil {
		panic(err)
	}
	if drained {
		standing, err := r.standing(context.Background())
		if err != nil {
			panic(err)
		}
		newDrainer(r.Bot, standing).run(context.Background())
	}
	_ = r.spool.Close()
	note := time.Now().UTC().Format("2006-01-02T15:04:05.000000000Z\n") // Close has removed it
	if err := os.WriteFile(filepath.Join(r.dir, "lock"), []byte(note), 0o600); err != nil {
		panic(err)
	}
}

func tlsTo(s *testirc.Server) *tls.Config { return &tls.Config{RootCAs: s.CA, ServerName: "localhost"} }
