package ircbot

import (
	"context"
	"fmt"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

const (
	askFor     = 10 * time.Second // one question to Postgres at the start
	firstRetry = 100 * time.Millisecond
	lastRetry  = 2 * time.Second
	sayAgain   = 30 * time.Second // between two words in the log about it
)

// standing returns where each channel stands in Postgres, and waits until it
// can be asked: without that nobody knows which lines are stored and which
// meeting runs, so the bot is not on IRC before. It fails when ctx ends.
func (b *Bot) standing(ctx context.Context) ([]meeting.Resumption, error) {
	var all []meeting.Resumption
	for _, l := range b.links {
		err := b.insist(ctx, askFor, func(ctx context.Context) error {
			if err := b.rec.OpenChannels(ctx, l.name, b.plainRooms(l), l.network.Casemapping(), b.now()); err != nil {
				return err
			}
			if err := b.settleLink(ctx, l); err != nil {
				return err
			}
			list, err := b.rec.Resume(ctx, l.name)
			if err == nil {
				all = append(all, list...)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// plainRooms are the rooms of l whose names every casemapping folds alike. The
// others are opened with their first line, when the network has said how it
// compares names.
func (b *Bot) plainRooms(l *link) []string {
	var names []string
	for _, r := range b.rooms.all() {
		if r.link == l && irctext.RFC1459.Fold(r.name) == irctext.ASCII.Fold(r.name) {
			names = append(names, r.name)
		}
	}
	return names
}

// ask puts one question to Postgres, for at most d, and notes whether it is
// there.
func (b *Bot) ask(ctx context.Context, d time.Duration, question func(context.Context) error) error {
	b.outage.asked(b.now())
	within, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	err := question(within)
	if ctx.Err() == nil {
		b.outage.answered(err)
	}
	return err
}

// insist asks until there is an answer or ctx ends.
func (b *Bot) insist(ctx context.Context, d time.Duration, question func(context.Context) error) error {
	var said time.Time
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		err := b.ask(ctx, d, question)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || !sleep(ctx, pause) {
			return ctx.Err()
		}
		b.Counters.Retries.Add(1)
		if time.Since(said) > sayAgain {
			said = time.Now()
			b.cfg.Log.Warn("Postgres cannot be asked; trying again", "err", err)
		}
	}
}

// declareGaps spools what the log lacks because of how we ended the last time:
// the time after we were killed, and damaged bytes in the spool.
func (b *Bot) declareGaps() {
	now := b.now()
	damaged := int64(0)
	for _, a := range b.found.Aside {
		if a.New {
			damaged += a.Bytes
		}
	}
	for _, r := range b.rooms.all() {
		if !r.joined() || !r.logged() {
			continue
		}
		gap := hackfest.Line{Network: r.link.name, Channel: r.name, At: now, ReceivedAt: now, Kind: hackfest.Gap}
		if at := b.found.AliveAt; !at.IsZero() {
			gap.At, gap.Text = at, "Stopped without warning; nothing was heard from then on."
			b.append(gap)
		}
		if damaged > 0 {
			gap.At, gap.Text = now, fmt.Sprintf("%d bytes of the spool were damaged and are kept aside; lines may be missing.", damaged)
			b.append(gap)
		}
	}
}

// start is what a fold of a channel begins with: the state after the lines in
// Postgres, and the last of them.
type start struct {
	state   meeting.State
	applied hackfest.Ref
}

func startOf(r meeting.Resumption) start {
	return start{state: meeting.Replay(r.Lines), applied: r.Applied}
}
