package ircbot

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// How long the bot may be told to be quiet.
const (
	usualHush = 30 * time.Minute
	mostHush  = 24 * time.Hour
)

// hush makes the bot quiet in a room, or ends that. It holds at once, whatever
// the database says.
func (c *clerk) hush(ctx context.Context, e errand) string {
	if e.room == nil {
		return whichRoom
	}
	if why := c.mayNotHush(ctx, e); why != "" {
		return why
	}
	until, reply := time.Time{}, "I may speak in "+e.room.name+" again."
	if e.Name == "quiet" {
		d, ok := hushTime(e.Arg)
		if !ok {
			return "Say for how long, at most a day: !quiet 30m, or !quiet 2h. Without it, it is half an hour."
		}
		until = c.bot.now().Add(d)
		reply = "I say nothing unasked in " + e.room.name + " for " + inWords(d) + ", until " + until.Format("15:04 UTC") + ". !speak ends it."
	}
	e.room.hushed.Store(&until)
	if err := c.bot.rec.Hush(ctx, e.link.name, e.room.name, until); err != nil {
		c.bot.cfg.Log.Warn("that the bot is to be quiet is not stored", "network", e.link.name, "channel", e.room.name, "err", err)
		reply += " The database does not answer: I forget it if I am restarted."
	}
	return reply
}

// mayNotHush says why the asker may not tell the bot to be quiet; "" when they
// may: as operator of the room, as chair of the meeting there, and whom services
// know by the account of a maintainer or of who chairs a series.
func (c *clerk) mayNotHush(ctx context.Context, e errand) string {
	if e.chair {
		return ""
	}
	if e.account == "" {
		return notForThem
	}
	a, err := c.bot.rec.ByAccount(ctx, e.link.name, e.account)
	switch kind := fault.KindOf(err); {
	case err == nil && (len(a.Chairs) > 0 || slices.Contains([]person.Role{person.Maintainer, person.Admin}, a.Role)):
		return ""
	case err != nil && kind != fault.NotFound && kind != fault.Forbidden:
		return "The database does not answer, so I know only operators of the channel now."
	}
	return notForThem
}

// hushTime reads 30m, 2h, 1h30m and 45, which is minutes.
func hushTime(text string) (time.Duration, bool) {
	text = strings.ToLower(strings.Join(strings.Fields(text), ""))
	if text == "" {
		return usualHush, true
	}
	if _, err := strconv.Atoi(text); err == nil {
		text += "m"
	}
	d, err := time.ParseDuration(text)
	d = d.Round(time.Minute)
	return d, err == nil && d >= time.Minute && d <= mostHush
}

// inWords is a time of whole minutes for people.
func inWords(d time.Duration) string {
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case h == 0:
		return irctext.Count(m, "minute")
	case m == 0:
		return irctext.Count(h, "hour")
	}
	return irctext.Count(h, "hour") + " and " + irctext.Count(m, "minute")
}
