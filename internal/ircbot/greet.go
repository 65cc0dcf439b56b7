package ircbot

import (
	"context"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

const (
	maxMet   = 1000             // people of one meeting that are known to be no newcomers
	greetFor = 20 * time.Second // how long a greeting may wait for its turn
)

// meet has somebody who speaks in a meeting for the first time looked at, whether
// they are to be greeted. It never waits.
func (v *voice) meet(r *room, t *talk, l hackfest.Line) {
	if !t.state.Running() {
		t.met = nil
		return
	}
	if v.bot.drained.ref().Compare(t.state.Header.Ref) < 0 || r.link.network.Casemapping().Equal(l.Nick, t.state.Header.Owner) { // nobody could look it up yet; or it is their meeting
		return
	}
	if t.state.Silent() || !r.wanted.Load().Greet || r.quiet(v.bot.now()) || len(t.met) >= maxMet {
		return
	}
	who := r.link.network.Casemapping().Fold(l.Nick)
	if t.met[who] {
		return
	}
	if t.met == nil {
		t.met = map[string]bool{}
	}
	t.met[who] = true
	v.bot.clerk.put(errand{link: r.link, room: r, nick: l.Nick, account: l.Account, greet: true})
}

// greet greets somebody if they are there for the first time: once for ever. What
// happens is noted before and after, as with all announcements. Where many are
// new at once some are greeted another time.
func (c *clerk) greet(ctx context.Context, e errand) {
	rec, now := c.bot.rec, c.bot.now()
	room := e.link.name + " " + e.room.name
	if c.greetings.credit(room, time.Now()) < 1 {
		return // they are another time
	}
	within, cancel := context.WithTimeout(ctx, noteFor)
	defer cancel()
	id, host, err := rec.Greet(within, hackfest.Newcomer{Network: e.link.name, Channel: e.room.name, Nick: e.nick, Account: e.account}, now)
	if err != nil || id == 0 {
		if err != nil && fault.KindOf(err) != fault.NotFound {
			c.bot.cfg.Log.Debug("nobody knows whether somebody is new", "channel", e.room.name, "err", err)
		}
		return
	}
	c.greetings.take(room, time.Now())
	saying, stop := context.WithTimeout(ctx, greetFor)
	err = c.bot.Announce(saying, e.link.name, e.room.name, announce.Greeting(e.nick, host))
	stop()
	to, reason := hackfest.DeliverySent, ""
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.Unavailable:
		to, reason = hackfest.DeliveryDropped, "The bot could not speak in the channel then."
	default:
		to, reason = hackfest.DeliveryUnknown, "The connection ended while it was being sent."
	}
	settling, done := context.WithTimeout(context.WithoutCancel(ctx), noteFor)
	defer done()
	if err := rec.MoveDelivery(settling, id, to, reason, false, c.bot.now()); err != nil {
		c.bot.cfg.Log.Warn("what became of a greeting is not stored", "channel", e.room.name, "err", err)
	}
}
