package ircbot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/spool"
)

const (
	atOnce    = 500         // records read in one go
	look      = time.Second // how often the speaker looks up from the spool
	tickEvery = time.Minute // of silence, once the meeting may end by it

	// waitsToBeSaid is a little longer than what ircnet keeps for a channel we are
	// not in.
	waitsToBeSaid = 2*time.Minute + 5*time.Second
)

// speaker folds what is safe in the spool and says what the engine wants said.
// It is one goroutine, which owns the state of all rooms and waits for nothing
// but the spool.
type speaker struct {
	bot    *Bot
	rooms  map[*room]*talk
	looked time.Time // by the monotonic clock, when it last looked up
}

// talk is what the speaker knows of one room.
type talk struct {
	start
	joined  bool      // we have been in the channel since the start
	spokeAt time.Time // when a person last spoke
	ticked  time.Time // when the engine was last told that time passes
	ended   time.Time // when it was last told that a span off the record is over
	told    [len(troubles)]notice
	met     map[string]bool // folded nicks of who has spoken in the meeting that runs
}

func newSpeaker(b *Bot, standing []meeting.Resumption) *speaker {
	s := &speaker{bot: b, rooms: map[*room]*talk{}}
	for _, res := range standing {
		if r := b.room(res.Network, res.Channel); r != nil {
			s.rooms[r] = newTalk(res)
		}
	}
	return s
}

// newTalk is what is known of a room that stands where res says.
func newTalk(res meeting.Resumption) *talk {
	t := &talk{start: startOf(res)}
	for _, l := range res.Lines {
		t.listen(l)
	}
	return t
}

// talk is what is known of r; of one that was found while we run, from where it
// stood then.
func (s *speaker) talk(r *room) *talk {
	t := s.rooms[r]
	if t == nil && r != nil {
		t = newTalk(r.standing)
		s.rooms[r] = t
	}
	return t
}

// run speaks until ctx ends or the spool is sealed and read to its end.
func (s *speaker) run(ctx context.Context) {
	for ctx.Err() == nil {
		within, cancel := context.WithTimeout(ctx, look)
		lines, err := s.bot.spool.Read(within, s.bot.spoken.ref(), atOnce)
		cancel()
		switch {
		case errors.Is(err, spool.ErrClosed):
			return
		case err != nil && !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			s.bot.cfg.Log.Error("the spool cannot be read", "err", err)
			sleep(ctx, look)
		}
		for _, l := range lines {
			s.hear(l)
			s.bot.spoken.move(l.Ref)
		}
		if time.Since(s.looked) >= look {
			s.looked = time.Now()
			s.lookUp()
		}
	}
}

// hear folds one line. What was in the spool before we started has been
// answered or never will be: it is folded in silence.
func (s *speaker) hear(l hackfest.Line) {
	r := s.bot.room(l.Network, l.Channel)
	t := s.talk(r)
	if t == nil || l.Ref.Compare(t.applied) <= 0 {
		return
	}
	var effects []meeting.Effect
	t.state, effects = meeting.Apply(t.state, l)
	t.listen(l)
	if l.Ref.Compare(s.bot.found.Last) <= 0 || l.History {
		return
	}
	switch l.Kind {
	case hackfest.Message, hackfest.Web, hackfest.Context, hackfest.Private:
		if l.Kind == hackfest.Web {
			s.sayWeb(r, l)
		}
		s.carryOut(r, effects)
		s.bot.voice.hear(r, t, l)
	case hackfest.Join:
		if l.Self {
			s.arrive(r, t)
		}
	}
}

// listen notes when people speak.
func (t *talk) listen(l hackfest.Line) {
	speech := l.Kind == hackfest.Message || l.Kind == hackfest.Act || l.Kind == hackfest.Web
	if speech && !l.Self && !l.Bot && l.At.After(t.spokeAt) {
		t.spokeAt = l.At
	}
}

// arrive is our coming into a channel. The first time it ends what our restart
// interrupted; later a running meeting is told that we are back, and one that
// ended without a word, because we were out of the channel for long, where its
// minutes are.
func (s *speaker) arrive(r *room, t *talk) {
	ended := t.state.Header.EndedAt
	switch {
	case !t.joined || t.state.Running():
		s.carryOut(r, t.state.Resumed())
	case !ended.IsZero() && s.bot.now().Sub(ended) > waitsToBeSaid:
		s.carryOut(r, slices.DeleteFunc(t.state.Resumed(), func(e meeting.Effect) bool {
			_, ok := e.(meeting.Say) // the topic may have been set again since
			return !ok
		}))
	}
	t.joined = true
}

// carryOut says what is to be said; the rest is the drainer's.
func (s *speaker) carryOut(r *room, effects []meeting.Effect) {
	network := r.link.network
	for _, e := range effects {
		switch e := e.(type) {
		case meeting.Say:
			network.Say(r.name, e.Text)
		case meeting.Tell:
			network.Notice(e.Nick, e.Text)
		case meeting.SetTopic:
			network.SetTopic(r.name, e.Text)
		default:
			continue
		}
		s.bot.Counters.Said.Add(1)
	}
}

// lookUp does what no line asks for: it tells running meetings of trouble, and
// the engine that time passes.
func (s *speaker) lookUp() {
	now := s.bot.now()
	for i := range troubles {
		reason := troubles[i].reason(s.bot, now)
		for r, t := range s.rooms {
			if text := t.told[i].update(reason, &troubles[i], t.state.Running(), now); text != "" {
				r.link.network.Say(r.name, text)
			}
		}
	}
	for r, t := range s.rooms {
		silent := (t.joined || !r.joined()) && t.state.Running() && now.Sub(t.spokeAt) >= meeting.Silence && now.Sub(t.ticked) >= tickEvery
		if silent {
			t.ticked = now
		}
		if t.backOnRecord(now) || silent {
			line := hackfest.Line{Network: r.link.name, Channel: r.name, At: now, ReceivedAt: now}
			s.bot.append(contextLine(line, meeting.Context{Tick: now}))
		}
	}
}
