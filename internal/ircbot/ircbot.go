// Package ircbot is what the bot hears and says. It takes a small Recorder
// instead of the store, and leaves being on IRC to package ircnet, the rules of
// meetings to package meeting and the safety of lines to package spool.
//
//	ircnet → receiver → spool ┬→ speaker → ircnet
//	                          │     └→ voice → ircnet
//	                          └→ drainer → Recorder (Postgres)
//
// A line is heard by the receiver, which keeps what is off the record out of it
// and hands it to the spool. When it is safe on disk two goroutines fold it with
// the same meeting.Apply: the speaker, which carries out what is to be said and
// never waits for Postgres, and the drainer, which stores lines and effects and
// is the only one to wait for it. So the bot answers nothing that could still be
// lost, and a meeting goes on while Postgres is away. What is asked with "!next"
// and the like a third goroutine answers, the voice, from what it last read; what
// is to be stored, as with "!coming", a fourth one stores, the clerk.
//
// Messages to the bot alone are answered and never kept.
package ircbot

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/spool"
)

// Recorder keeps what happened; *store.Store is the real one. Its methods fail
// only for what may pass, and may be called again then.
type Recorder interface {
	People
	// OpenChannels makes sure that a network's channels are known.
	OpenChannels(ctx context.Context, network string, channels []string, cm irctext.Casemapping, now time.Time) error
	// Resume returns where each channel of a network stands.
	Resume(ctx context.Context, network string) ([]meeting.Resumption, error)
	// BotChannels returns which channels of a network the bot should be in, and how.
	BotChannels(ctx context.Context, network string) ([]hackfest.BotChannel, error)
	// Record stores lines of one channel with their effects, in one transaction
	// and once: lines that are stored already are skipped.
	Record(ctx context.Context, network, channel string, batch []meeting.Applied, cm irctext.Casemapping, now time.Time) error
	// Facts returns what v may know of the schedule, targets and lessons.
	Facts(ctx context.Context, v person.Viewer, now time.Time) (announce.Facts, error)
	// MeetingContext returns what a meeting that starts now has to know.
	MeetingContext(ctx context.Context, network, channel string, now time.Time) (meeting.Context, error)
	// PrepareAgendas carries over to coming sessions what earlier ones left.
	PrepareAgendas(ctx context.Context, network, channel string, now time.Time) error
	// ZoneOf returns the zone in which somebody wants to be told times, also where
	// others read it (openly); "" when nobody knows.
	ZoneOf(ctx context.Context, network, nick, account string, openly bool) (string, error)
	// Suggest and Respond keep an idea, and whether somebody comes, and return what
	// to tell them: one line. Faults have a message for them.
	Suggest(ctx context.Context, s hackfest.Suggestion, now time.Time) (string, error)
	Respond(ctx context.Context, r hackfest.Response, now time.Time) (string, error)
	// Greet returns the delivery of a greeting that is now being said to somebody,
	// zero when there is none to say, and who hosts the session; MoveDelivery says
	// what became of it.
	Greet(ctx context.Context, n hackfest.Newcomer, now time.Time) (hackfest.DeliveryID, string, error)
	MoveDelivery(ctx context.Context, id hackfest.DeliveryID, to hackfest.DeliveryState, reason string, missed bool, now time.Time) error
	// Hush keeps until when the bot says nothing unasked in a channel.
	Hush(ctx context.Context, network, channel string, until time.Time) error
	// KeepTopicPart notes what the bot put into the topic of a channel.
	KeepTopicPart(ctx context.Context, network, channel, part string) error
	// TakeCommands returns what people gave on the web for a network, each once.
	TakeCommands(ctx context.Context, network string, now time.Time) ([]hackfest.WebCommand, error)
	// SettleCommand notes the line that a command became; the zero ref is that it
	// could not be delivered.
	SettleCommand(ctx context.Context, id string, ref hackfest.Ref, now time.Time) error
}

// Config is what a Bot needs to know.
type Config struct {
	Networks []ircnet.Config // their channels are known to the Recorder from the start on
	BaseURL  string          // of the portal, without a slash at the end
	GitHub   string          // base of GitHub's pages, without a slash at the end
	Now      func() time.Time
	Log      *slog.Logger
	Schedule <-chan struct{} // told when sessions changed; nil when nobody tells
	Settings <-chan struct{} // told when settings of channels changed; nil when nobody tells
	Commands <-chan struct{} // told when somebody gave a command on the web; nil when nobody tells
}

const (
	pulse    = 500 * time.Millisecond // between two notes that we are alive
	drainFor = 8 * time.Second        // how long a bot that stops may take to store what it heard
	awayFor  = 2 * time.Second        // the same while Postgres does not answer anyway
)

// Bot is one bot on all its networks. Status and Counters may be used from any
// goroutine.
type Bot struct {
	Counters Counters

	cfg     Config
	rec     Recorder
	spool   *spool.Spool
	found   spool.Report
	rooms   roomList
	links   []*link
	voice   *voice
	clerk   *clerk
	desk    *desk
	outage  outage
	patient time.Duration // drainFor, or less in tests
	running atomic.Bool   // Postgres has told where the channels stand
	spoken  position      // what the speaker has folded
	drained position      // what the drainer has stored
}

// link is one of the bot's networks.
type link struct {
	name    string
	network *ircnet.Network
}

// New prepares a bot on an open spool, of which found is what Open reported.
func New(cfg Config, rec Recorder, sp *spool.Spool, found spool.Report) *Bot {
	b := &Bot{cfg: cfg, rec: rec, spool: sp, found: found, patient: drainFor}
	b.cfg.Log = cmp.Or(b.cfg.Log, slog.New(slog.DiscardHandler))
	if b.cfg.Now == nil {
		b.cfg.Now = time.Now
	}
	b.voice = newVoice(b)
	b.clerk = newClerk(b)
	b.desk = newDesk(b)
	for _, n := range cfg.Networks {
		l := &link{name: n.Name}
		l.network = ircnet.New(n, &receiver{b, l})
		b.links = append(b.links, l)
		for _, c := range n.Channels {
			b.open(l, hackfest.BotChannel{Name: c.Name, Key: c.Key, Joined: true, Logged: true}, meeting.Resumption{})
		}
	}
	return b
}

// now is the time in UTC.
func (b *Bot) now() time.Time { return b.cfg.Now().UTC() }

// Run waits until the Recorder says where the channels stand, connects, and
// stays until ctx ends. Then it quits, stores what it can within eight seconds,
// or two while Postgres is away, and closes the spool; what it could not store is there for the next start.
func (b *Bot) Run(ctx context.Context) error {
	standing, err := b.standing(ctx)
	if err != nil {
		_ = b.spool.Close() // holds nothing new
		return nil          // ctx ended before Postgres was there
	}
	b.prime(ctx, standing)
	b.running.Store(true)
	b.declareGaps()
	b.refresh(ctx)

	fold, stopFold := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFold()
	var folding, others sync.WaitGroup
	folding.Go(func() { newSpeaker(b, standing).run(fold) })
	folding.Go(func() { newDrainer(b, standing).run(fold) })
	others.Go(func() { b.keepSnapshots(ctx) })
	others.Go(func() { b.keepCommands(ctx) })
	others.Go(func() { b.beat(ctx) })
	others.Go(func() { b.voice.run(ctx) })
	others.Go(func() { b.clerk.run(ctx) })
	others.Go(func() { b.desk.run(ctx) })
	for _, l := range b.links {
		others.Go(func() {
			if err := l.network.Run(ctx); err != nil {
				b.cfg.Log.Error("network ended", "network", l.name, "err", err)
			}
		})
	}

	<-ctx.Done()
	patient := b.patient
	if b.outage.silent(b.now()) > time.Second {
		patient = min(patient, awayFor)
	}
	late := time.AfterFunc(patient, stopFold)
	defer late.Stop()
	others.Wait()
	err = b.spool.Seal() // then the folds find the end
	folding.Wait()
	if left := b.spool.Durable(); b.drained.ref().Compare(left) < 0 {
		b.cfg.Log.Warn("not everything heard is in Postgres yet; it is kept in the spool", "stored", b.drained.ref(), "kept", left)
	}
	return cmp.Or(b.spool.Close(), err)
}

// beat notes again and again that we are alive, so that the next start knows
// when we no longer were.
func (b *Bot) beat(ctx context.Context) {
	t := time.NewTicker(pulse)
	defer t.Stop()
	for {
		if err := b.spool.Alive(b.now()); err != nil {
			b.cfg.Log.Debug("note of life failed", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// sleep waits for d and reports whether ctx is still going.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// position is a ref that one goroutine moves and others read.
type position struct{ p atomic.Pointer[hackfest.Ref] }

func (p *position) move(to hackfest.Ref) { p.p.Store(&to) }

func (p *position) ref() hackfest.Ref {
	if r := p.p.Load(); r != nil {
		return *r
	}
	return hackfest.Ref{}
}
