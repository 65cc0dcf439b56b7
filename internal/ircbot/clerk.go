package ircbot

import (
	"context"
	"errors"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

const (
	maxErrands = 8 // that wait; more are not done
	maxMissed  = 2 // of those who have to be told so
	makeRoom   = 50 * time.Millisecond
	awaitFor   = 10 * time.Second
	noteFor    = 2 * time.Second // for the database to note something: people wait for the answer
)

// clerk does what people ask for with "!coming" and the like, and greets who is
// there for the first time. It is one goroutine, so that no answer waits for
// what has to be stored. Everybody may ask a few times at once, and then once in
// a quarter of a minute; a network all together ten times, and then every other
// second. Where more is asked it is said that it was not done, once a minute. What
// is asked waits while many lines of ours wait to be said: each needs an answer,
// and meetings come first.
type clerk struct {
	bot     *Bot
	errands chan errand
	missed  chan errand // of what was too much: somebody has to be told

	people, networks, rooms, greetings, told *allowance // run's alone
}

// errand is something to be done, with who asked for it.
type errand struct {
	announce.Question
	link          *link
	room          *room // nil when it was asked for in private
	nick, account string
	chair         bool // an operator of the room, or a chair of the meeting there
	quiet         bool // the answer goes to nick alone
	greet         bool // nobody asked: nick is to be greeted if they are new
	untopic       bool // nor here: our part of the room's topic is to go
}

func newClerk(b *Bot) *clerk {
	return &clerk{
		bot: b, errands: make(chan errand, maxErrands), missed: make(chan errand, maxMissed),
		people: newAllowance(4, 15*time.Second), networks: newAllowance(10, 2*time.Second),
		rooms: newAllowance(5, time.Second), greetings: newAllowance(5, time.Minute), told: newAllowance(1, time.Minute),
	}
}

// put never waits.
func (c *clerk) put(e errand) {
	select {
	case c.errands <- e:
	default:
		c.bot.Counters.Unanswered.Add(1)
		if e.Name == "" {
			return // nobody asked
		}
		select {
		case c.missed <- e:
		default: // who was there before is told, where others hear it
		}
	}
}

// run does errands until ctx ends.
func (c *clerk) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-c.errands:
			c.work(ctx, e)
		case e := <-c.missed:
			c.await(ctx, e.link)
			c.tooMuch(e)
		}
	}
}

// await waits until few lines of ours wait to be said on a network, but not for
// long: it may be cut off, and others ask on other networks.
func (c *clerk) await(ctx context.Context, l *link) {
	for begun := time.Now(); l.network.Waiting() > crowded && time.Since(begun) < awaitFor && sleep(ctx, makeRoom); {
	}
}

// work does one errand, if its asker has not asked for too much.
func (c *clerk) work(ctx context.Context, e errand) {
	c.await(ctx, e.link)
	now := time.Now()
	switch {
	case e.greet:
		c.greet(ctx, e)
	case e.untopic:
		c.bot.untopic(ctx, e.room)
	case !c.people.take(c.who(e), now):
		c.bot.Counters.Unanswered.Add(1)
		if c.told.take(c.who(e), now) {
			c.tell(e, tooFast)
		}
	case !c.networks.take(e.link.name, now):
		c.bot.Counters.Unanswered.Add(1)
		c.tooMuch(e)
	default:
		c.answer(e, c.do(ctx, e))
	}
}

// who is who asks, as limits know them.
func (c *clerk) who(e errand) string {
	return e.link.name + " " + e.link.network.Casemapping().Fold(e.nick)
}

// tooMuch says that not all was done that people asked for: in the room where it
// was asked, or to the asker.
func (c *clerk) tooMuch(e errand) {
	switch {
	case e.room == nil || e.Brief || e.quiet:
		if c.told.take(c.who(e), time.Now()) {
			c.tell(e, tooFast)
		}
	case c.told.take(e.link.name+" "+e.room.name, time.Now()):
		e.link.network.Say(e.room.name, tooMany)
		c.bot.Counters.Said.Add(1)
	}
}

const (
	tooFast    = "That was too much at a time, so nothing of it was done. Say it again in a minute."
	tooMany    = "Too much was asked of me at a time. What I have not answered is not done: say it again in a minute."
	notNoted   = "The database does not answer, so I cannot promise that this is noted. Say it again in a while."
	whichRoom  = "Say that in the channel that is to be quiet."
	notForThem = "Operators of the channel and chairs can tell me that."
)

// do does e and returns what to say about it.
func (c *clerk) do(ctx context.Context, e errand) string {
	within, cancel := context.WithTimeout(ctx, noteFor)
	defer cancel()
	var reply string
	var err error
	now, base, channel := c.bot.now(), c.bot.cfg.BaseURL, ""
	if e.room != nil {
		channel = e.room.name
	}
	switch e.Name {
	case "idea":
		reply, err = c.bot.rec.Suggest(within, hackfest.Suggestion{
			Network: e.link.name, Channel: channel, Nick: e.nick, Account: e.account, Text: e.Arg, BaseURL: base,
		}, now)
	case "coming", "regrets":
		answer := map[string]hackfest.Answer{"coming": hackfest.AnswerComing, "regrets": hackfest.AnswerRegrets}[e.Name]
		reply, err = c.bot.rec.Respond(within, hackfest.Response{
			Network: e.link.name, Channel: channel, Nick: e.nick, Account: e.account, Session: e.Arg, Answer: answer, BaseURL: base,
		}, now)
	default:
		return c.hush(within, e)
	}
	if err != nil {
		return c.bot.failed(within, err)
	}
	return reply
}

// failed says why something was not done, and logs what is our fault. within is
// the time that the database had for it.
func (b *Bot) failed(within context.Context, err error) string {
	switch fault.KindOf(err) {
	case fault.NotFound, fault.Forbidden, fault.Conflict, fault.Invalid:
		return fault.Message(err)
	case fault.Unavailable:
		return notNoted
	}
	if within.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return notNoted
	}
	b.cfg.Log.Error("something asked for on IRC was not done", "err", err)
	return "Something went wrong on the portal's side. Try again later."
}

// answer says line where e was asked for: in the room while it does not disturb,
// else to the asker alone.
func (c *clerk) answer(e errand, line string) {
	open := e.Name != "quiet" && e.Name != "speak" && e.room != nil && !e.Brief && !e.quiet
	if open && e.link.network.Waiting() <= crowded && c.rooms.take(e.link.name+" "+e.room.name, time.Now()) {
		e.link.network.Say(e.room.name, line)
		c.bot.Counters.Said.Add(1)
		return
	}
	c.tell(e, line)
}

// tell says line to the asker alone.
func (c *clerk) tell(e errand, line string) {
	e.link.network.Notice(e.nick, line)
	c.bot.Counters.Said.Add(1)
}
