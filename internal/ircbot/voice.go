package ircbot

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

const (
	maxAsked  = 32                     // questions that wait; more are not answered
	lookFor   = 700 * time.Millisecond // then the last facts must do: an answer is due within a second
	fresh     = 2 * time.Second        // facts so young are not read again
	notAgain  = 5 * time.Second        // after Postgres did not answer, it is not asked
	crowded   = 3                      // lines that wait to be said; beyond that meetings come first
	hintAgain = 10 * time.Minute       // between two hints to one person

	placeAgain = 10 * time.Minute // between two hints in a room where to go
)

// voice answers what people ask with "!next" and the like. It is one goroutine,
// so that neither the speaker nor a network ever waits for Postgres. Whoever
// asks too often is not answered: a person once a second, a room likewise, and
// once in five seconds while a meeting runs, each after a few at once.
type voice struct {
	bot   *Bot
	asked chan question
	facts atomic.Pointer[announce.Facts] // the last that were read; nil before the first

	people, rooms, meetings, hints, places *allowance // run's alone, as is failed
	failed                                 time.Time
}

// question is something asked, with where the answer goes.
type question struct {
	announce.Question
	link  *link
	room  *room  // nil when it was asked in private
	nick  string // who asked
	as    string // their services account; "" for none
	quiet bool   // the room wants the bot silent: the answer goes to nick
	reply string // the answer, when it is known already; "" else
	hint  bool   // it was no question at all
	place bool   // nor this: somebody spoke of the hackfest where none is held
}

func newVoice(b *Bot) *voice {
	return &voice{
		bot: b, asked: make(chan question, maxAsked),
		people: newAllowance(3, time.Second), rooms: newAllowance(5, time.Second),
		meetings: newAllowance(2, 5*time.Second), hints: newAllowance(1, hintAgain),
		places: newAllowance(1, placeAgain),
	}
}

// hear takes a question, or what is to be done, out of a line that was said in a
// room, and sees who is new and who looks for the hackfest in the wrong place. It
// never waits.
func (v *voice) hear(r *room, t *talk, l hackfest.Line) {
	if l.Kind != hackfest.Message || l.Self || l.Bot || l.Nick == "" {
		return
	}
	v.meet(r, t, l)
	q, ok := announce.Parse(l.Text, false)
	q.Brief = t.state.Running()
	switch {
	case ok && q.Deed():
		v.bot.clerk.put(errand{
			Question: q, link: r.link, room: r, nick: l.Nick, account: l.Account,
			chair: l.Op || t.state.ChairedBy(l.Nick), quiet: t.state.Silent(),
		})
	case ok:
		v.put(question{Question: q, link: r.link, room: r, nick: l.Nick, as: l.Account, quiet: t.state.Silent()})
	case !r.wanted.Load().Hackfests && !q.Brief && !r.quiet(v.bot.now()) && announce.Mentions(l.Text):
		v.put(question{link: r.link, room: r, nick: l.Nick, place: true})
	}
}

// noMeeting is the answer to who wants to hold a meeting that nobody would keep.
const noMeeting = "This channel is not logged, so no meeting can be held in it. An admin of the portal can switch logging on."

// overhear takes a question out of a line that is not kept. It never waits.
func (v *voice) overhear(r *room, l hackfest.Line) {
	switch {
	case l.History:
	case meeting.Starts(l):
		v.put(question{link: r.link, room: r, nick: l.Nick, reply: noMeeting})
	default:
		v.hear(r, &talk{}, l)
	}
}

// private takes what was said to the bot alone. It never waits, and keeps
// nothing of what is no question.
func (v *voice) private(l *link, from ircnet.Source, text string) {
	q, ok := announce.Parse(text, true)
	if ok && q.Deed() {
		v.bot.clerk.put(errand{Question: q, link: l, nick: from.Nick, account: from.Account})
		return
	}
	v.put(question{Question: q, link: l, nick: from.Nick, as: from.Account, hint: !ok})
}

func (v *voice) put(q question) {
	select {
	case v.asked <- q:
	default:
		v.bot.Counters.Unanswered.Add(1)
	}
}

// run answers until ctx ends.
func (v *voice) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case q := <-v.asked:
			if !v.may(q, time.Now()) {
				v.bot.Counters.Unanswered.Add(1)
				continue
			}
			v.say(q, v.answer(ctx, q))
		}
	}
}

// may reports whether q is to be answered, and counts it.
func (v *voice) may(q question, now time.Time) bool {
	who := q.link.name + " " + q.link.network.Casemapping().Fold(q.nick)
	switch {
	case q.link.network.Waiting() > crowded:
		return false
	case q.hint:
		return v.hints.take(who, now)
	case q.place:
		return v.places.credit(q.link.name+" "+q.room.name, now) >= 1
	case !v.people.take(who, now):
		return false
	case q.room == nil:
		return true
	case q.Brief:
		return v.meetings.take(q.link.name+" "+q.room.name, now)
	}
	return v.rooms.take(q.link.name+" "+q.room.name, now)
}

func (v *voice) answer(ctx context.Context, q question) []string {
	if q.reply != "" {
		return []string{q.reply}
	}
	if q.hint {
		return []string{announce.Hint(v.bot.cfg.BaseURL)}
	}
	facts := v.look(ctx)
	if q.place {
		return v.whereTo(q, facts)
	}
	q.Zone = v.zone(ctx, q)
	return announce.Answer(facts, q.Question, q.link.name, v.bot.cfg.BaseURL, v.bot.now())
}

// whereTo tells those in a room where no hackfests are held where the one is that
// somebody spoke of, once in ten minutes; nothing when there is none now.
func (v *voice) whereTo(q question, f announce.Facts) []string {
	line := announce.Elsewhere(f, q.link.name, q.room.name, v.bot.cfg.BaseURL, v.bot.now())
	if line == "" || !v.places.take(q.link.name+" "+q.room.name, time.Now()) {
		return nil
	}
	return []string{line}
}

// zone is that of who asks, if it is known and may be told; "" else.
func (v *voice) zone(ctx context.Context, q question) string {
	if time.Since(v.failed) < notAgain {
		return ""
	}
	within, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	zone, err := v.bot.rec.ZoneOf(within, q.link.name, q.nick, q.as, q.room != nil && !q.quiet)
	if err != nil {
		v.failed = time.Now()
		v.bot.cfg.Log.Debug("nobody knows the zone of who asks", "err", err)
	}
	return zone
}

// say says an answer where it was asked for: in the room, or to the asker alone.
func (v *voice) say(q question, lines []string) {
	for _, line := range lines {
		if q.room == nil || q.quiet {
			q.link.network.Notice(q.nick, line)
		} else {
			q.link.network.Say(q.room.name, line)
		}
		v.bot.Counters.Said.Add(1)
	}
}

// look returns what is known: fresh from Postgres if that answers in time, else
// what it said last.
func (v *voice) look(ctx context.Context) announce.Facts {
	var last announce.Facts
	if f := v.facts.Load(); f != nil {
		last = *f
	}
	if age := v.bot.now().Sub(last.At); age >= 0 && age < fresh || time.Since(v.failed) < notAgain {
		return last
	}
	within, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	if err := v.read(within); err != nil {
		v.failed = time.Now()
		v.bot.cfg.Log.Warn("an answer is made from what was known before", "at", last.At, "err", err)
		return last
	}
	return *v.facts.Load()
}

// read reads the facts.
func (v *voice) read(ctx context.Context) error {
	f, err := v.bot.rec.Facts(ctx, person.PublicViewer, v.bot.now())
	if err == nil {
		v.facts.Store(&f)
	}
	return err
}

// Present reports whether the bot is in a channel now and may speak there unasked.
func (b *Bot) Present(network, channel string) bool {
	r := b.room(network, channel)
	return r != nil && !r.quiet(b.now()) && b.in(r)
}

// in reports whether the bot is in a room now.
func (b *Bot) in(r *room) bool {
	return r.link.network.Has(r.name, r.link.network.Status().Nick)
}

// Announce says one line in a channel and waits until the server's socket has
// taken it. fault.Unavailable means that it was certainly not said; any other
// error that nobody knows.
func (b *Bot) Announce(ctx context.Context, network, channel, text string) error {
	unsaid := &fault.Error{Kind: fault.Unavailable, Message: "The bot is not in the channel.", Err: ircnet.ErrUnsaid}
	r := b.room(network, channel)
	if r == nil || !r.joined() {
		return unsaid
	}
	if r.quiet(b.now()) {
		return hushed()
	}
	err := r.link.network.Deliver(ctx, r.name, text)
	if errors.Is(err, ircnet.ErrUnsaid) {
		unsaid.Err = err
		return unsaid
	}
	if err == nil {
		b.Counters.Said.Add(1)
	}
	return err
}
