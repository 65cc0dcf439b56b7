package ircbot

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// room is a channel the bot is in, or is to be, or was.
type room struct {
	link     *link
	name     string             // as configured; compare by the network's casemapping
	standing meeting.Resumption // where it stood when it was found while we ran; zero for those known at the start
	snapshot atomic.Pointer[meeting.Context]
	ear      ear
	wanted   atomic.Pointer[hackfest.BotChannel]
	hushed   atomic.Pointer[time.Time] // until then nothing unasked is said; nil or in the past for most
	topic    sync.Mutex                // held by who changes the topic
	part     atomic.Pointer[string]    // what we put into the topic last; nil for nothing
}

// joined reports whether the bot should be in the room.
func (r *room) joined() bool { return r.wanted.Load().Joined }

// logged reports whether what is said in the room is kept.
func (r *room) logged() bool { return r.wanted.Load().Logged }

// quiet reports whether somebody told the bot to say nothing unasked in the
// room now.
func (r *room) quiet(now time.Time) bool {
	until := r.hushed.Load()
	return until != nil && now.Before(*until)
}

// topicPart is what we put into the topic last.
func (r *room) topicPart() string {
	if part := r.part.Load(); part != nil {
		return *part
	}
	return ""
}

// roomList is the rooms there are. One goroutine adds to it, none removes: what
// was heard in a channel we left is stored all the same, and a meeting that runs
// there ends some time.
type roomList struct{ p atomic.Pointer[[]*room] }

func (l *roomList) all() []*room {
	if p := l.p.Load(); p != nil {
		return *p
	}
	return nil
}

func (l *roomList) add(r *room) {
	all := append(slices.Clip(l.all()), r)
	l.p.Store(&all)
}

// open adds a room that the settings or Postgres know.
func (b *Bot) open(l *link, c hackfest.BotChannel, standing meeting.Resumption) *room {
	r := &room{link: l, name: c.Name, standing: standing}
	r.wanted.Store(&c)
	r.ear.start(standing)
	b.rooms.add(r)
	return r
}

// room finds a channel by its name as the server spells it; nil when it is none
// of ours.
func (b *Bot) room(network, channel string) *room {
	all := b.rooms.all()
	i := slices.IndexFunc(all, func(r *room) bool {
		return r.link.name == network && (r.name == channel || r.link.network.Casemapping().Equal(r.name, channel))
	})
	if i < 0 {
		return nil
	}
	return all[i]
}

// settle makes the rooms what Postgres says they should be: the bot joins and
// leaves, takes over keys, and keeps what is said or does not. It belongs to one
// goroutine at a time.
func (b *Bot) settle(ctx context.Context) {
	for _, l := range b.links {
		if err := b.ask(ctx, refreshFor, func(ctx context.Context) error { return b.settleLink(ctx, l) }); err != nil {
			if ctx.Err() == nil {
				b.cfg.Log.Warn("the settings of channels cannot be read; they stay as they were", "network", l.name, "err", err)
			}
			return
		}
	}
}

func (b *Bot) settleLink(ctx context.Context, l *link) error {
	channels, err := b.rec.BotChannels(ctx, l.name)
	if err != nil {
		return err
	}
	done := map[*room]bool{}
	for _, c := range channels {
		r := b.room(l.name, c.Name)
		if r == nil {
			standing, err := b.rec.Resume(ctx, l.name)
			if err != nil {
				return err
			}
			at := slices.IndexFunc(standing, func(s meeting.Resumption) bool { return s.Channel == c.Name })
			r = b.open(l, hackfest.BotChannel{Name: c.Name, Logged: c.Logged}, append(standing, meeting.Resumption{})[max(at, 0)])
		}
		if !done[r] { // two names that only another network tells apart
			b.apply(r, c)
		}
		done[r] = true
		if !c.Topic && r.topicPart() != "" && b.in(r) {
			b.clerk.put(errand{link: l, room: r, untopic: true})
		}
	}
	return nil
}

// leaves is what people in a channel are told when the bot is taken out of it.
const leaves = "The portal was told to leave this channel."

// apply gives r the settings c.
func (b *Bot) apply(r *room, c hackfest.BotChannel) {
	was := *r.wanted.Load()
	if was.Logged && !c.Logged && b.running.Load() {
		b.declare(r, "Logging was switched off.")
	}
	if !was.QuietUntil.Equal(c.QuietUntil) {
		r.hushed.Store(&c.QuietUntil)
	}
	if was.TopicPart != c.TopicPart {
		r.part.Store(&c.TopicPart)
	}
	r.wanted.Store(&c)
	if !was.Logged && c.Logged && b.running.Load() {
		b.declare(r, "Logging was switched on; what was said before is not here.")
	}
	switch network := r.link.network; {
	case c.Joined && (!was.Joined || was.Key != c.Key || was.Asked != c.Asked):
		network.Join(ircnet.Channel{Name: r.name, Key: c.Key})
	case !c.Joined && was.Joined:
		network.Part(r.name, leaves)
	}
}

// declare spools that the log lacks something from now on, or up to now.
func (b *Bot) declare(r *room, text string) {
	now := b.now()
	b.append(hackfest.Line{Network: r.link.name, Channel: r.name, At: now, ReceivedAt: now, Kind: hackfest.Gap, Text: text})
}
