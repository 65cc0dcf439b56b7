package ircbot

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

const (
	refreshEvery = time.Minute
	refreshFor   = 5 * time.Second // for one channel
)

// keepSnapshots reads again and again what meetings have to know, so that a
// meeting can start while Postgres is away.
func (b *Bot) keepSnapshots(ctx context.Context) {
	t := time.NewTicker(refreshEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.cfg.Schedule:
		case <-b.cfg.Settings:
		case <-t.C:
		}
		b.settle(ctx)
		b.refresh(ctx)
	}
}

// refresh reads the snapshot of each room we should be in, and what the voice answers from. What
// cannot be read stays as it was. Settings that changed are told to the engine at once.
func (b *Bot) refresh(ctx context.Context) {
	for _, r := range b.rooms.all() {
		if !r.joined() || !r.logged() {
			continue
		}
		var c meeting.Context
		err := b.ask(ctx, refreshFor, func(ctx context.Context) (err error) {
			if err = b.rec.PrepareAgendas(ctx, r.link.name, r.name, b.now()); err == nil {
				c, err = b.rec.MeetingContext(ctx, r.link.name, r.name, b.now())
			}
			return err
		})
		if err != nil {
			if ctx.Err() == nil {
				b.cfg.Log.Warn("what meetings have to know cannot be read; the last of it is used", "network", r.link.name, "channel", r.name, "err", err)
			}
			return // the other rooms ask the same Postgres, and so does the voice
		}
		old := r.snapshot.Swap(&c)
		if old != nil && !reflect.DeepEqual(old.Settings, c.Settings) || newsFor(r.ear.meeting(), c) {
			b.append(b.contextLine(r, hackfest.Line{Network: r.link.name, Channel: r.name, At: b.now(), ReceivedAt: b.now()}))
		}
	}
	if err := b.ask(ctx, refreshFor, b.voice.read); err != nil && ctx.Err() == nil {
		b.cfg.Log.Warn("the schedule cannot be read; answers are made from the last of it", "err", err)
	}
}

// newsFor reports whether c has what a running meeting does not know: another
// agenda than what is left of it, another repository, other regrets, or other targets.
func newsFor(s meeting.State, c meeting.Context) bool {
	if !s.Running() {
		return false
	}
	if len(c.Targets) > 0 && !slices.Equal(s.Context.Targets, c.Targets) {
		return true
	}
	its := func(x meeting.ContextSession) bool { return x.Slug == s.Header.SessionSlug }
	at, was := slices.IndexFunc(c.Sessions, its), slices.IndexFunc(s.Context.Sessions, its)
	if at < 0 || was < 0 {
		return at >= 0 && !slices.Equal(s.Agenda(), c.Sessions[at].Agenda)
	}
	known, now := s.Context.Sessions[was], c.Sessions[at]
	return !slices.Equal(s.Agenda(), now.Agenda) || known.Repository != now.Repository || !slices.Equal(known.Regrets, now.Regrets)
}

// contextLine is what the engine has to know before line l: the snapshot, as
// old as it may be, and what IRC itself shows now.
func (b *Bot) contextLine(r *room, l hackfest.Line) hackfest.Line {
	var c meeting.Context
	if s := r.snapshot.Load(); s != nil {
		c = *s
	}
	c.Sessions = slices.DeleteFunc(slices.Clone(c.Sessions), func(s meeting.ContextSession) bool { return s.EndsAt.Before(l.At) })
	network := r.link.network
	c.BaseURL = b.cfg.BaseURL
	if b.cfg.GitHub != hackfest.PublicGitHub {
		c.GitHub = b.cfg.GitHub
	}
	c.Bot = network.Status().Nick
	c.Settings.Casemapping = string(network.Casemapping())
	if network.Has(l.Channel, c.Bot) {
		topic := network.Topic(l.Channel)
		c.Topic, c.Members = &topic, network.Members(l.Channel)
	}
	return contextLine(l, c)
}

// contextLine makes a line that tells the engine c in the channel and at the
// time of l.
func contextLine(l hackfest.Line, c meeting.Context) hackfest.Line {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // a Context is strings, times and lists of them
	}
	return hackfest.Line{
		Network: l.Network, Channel: l.Channel, At: l.At, ReceivedAt: l.ReceivedAt,
		Kind: hackfest.Context, Text: string(text),
	}
}
