package ircbot

import (
	"context"
	"errors"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/spool"
)

// recordFor is how long Postgres may take for one batch. It is long: a frozen
// Postgres that thaws goes on with it, and what it stores twice counts once.
const recordFor = 30 * time.Second

// drainer folds the same records as the speaker, with a state of its own, and
// stores them. It waits for Postgres as long as it takes.
type drainer struct {
	bot      *Bot
	channels map[channelKey]*drain
	secrets  []hackfest.Ref // private lines the spool has to forget: their meeting is over
}

// channelKey names a channel: a room's by its configured name, another one's,
// left in the spool from before the settings changed, by its folded name.
type channelKey struct{ network, channel string }

// drain is one channel on its way to Postgres.
type drain struct {
	start
	name  string // to store it under
	cm    func() irctext.Casemapping
	batch []meeting.Applied

	private []hackfest.Ref // lines cast in secret in the meeting that runs
}

func newDrainer(b *Bot, standing []meeting.Resumption) *drainer {
	d := &drainer{bot: b, channels: map[channelKey]*drain{}}
	for _, res := range standing {
		d.add(res)
	}
	return d
}

// key returns what d.channels has a channel under.
func (d *drainer) key(network, channel string) channelKey {
	if r := d.bot.room(network, channel); r != nil {
		return channelKey{network, r.name}
	}
	return channelKey{network, irctext.RFC1459.Fold(channel)}
}

// add prepares a channel that stands where res says.
func (d *drainer) add(res meeting.Resumption) *drain {
	c := &drain{start: startOf(res), name: res.Channel, cm: func() irctext.Casemapping { return irctext.RFC1459 }}
	if r := d.bot.room(res.Network, res.Channel); r != nil {
		c.name, c.cm = r.name, r.link.network.Casemapping
	}
	d.channels[d.key(res.Network, res.Channel)] = c
	return c
}

// run stores what is in the spool until ctx ends or the spool is sealed and
// read to its end.
func (d *drainer) run(ctx context.Context) {
	for ctx.Err() == nil {
		lines, err := d.read(ctx)
		if errors.Is(err, spool.ErrClosed) {
			return
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			d.bot.cfg.Log.Error("the spool cannot be read", "err", err)
			sleep(ctx, look)
		}
		if len(lines) == 0 {
			d.forget(ctx)
			continue
		}
		if err := d.fold(ctx, lines); err != nil {
			return // ctx ended
		}
		if err := d.store(ctx); err != nil {
			return
		}
		d.bot.drained.move(lines[len(lines)-1].Ref)
		d.trim()
		d.forget(ctx)
	}
}

// read waits for lines; not for long while there is something to forget.
func (d *drainer) read(ctx context.Context) ([]hackfest.Line, error) {
	if len(d.secrets) > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, look)
		defer cancel()
	}
	return d.bot.spool.Read(ctx, d.bot.drained.ref(), atOnce)
}

// fold applies lines to their channels and adds them to the channels' batches.
func (d *drainer) fold(ctx context.Context, lines []hackfest.Line) error {
	for _, l := range lines {
		c := d.known(l)
		if c == nil {
			var err error
			if c, err = d.find(ctx, l); err != nil {
				return err
			}
		}
		if l.Kind == hackfest.Private {
			c.private = append(c.private, l.Ref)
		}
		if l.Ref.Compare(c.applied) <= 0 {
			continue
		}
		a := meeting.Applied{Line: l}
		c.state, a.Effects = meeting.Apply(c.state, l)
		c.batch = append(c.batch, a)
	}
	return nil
}

// known is the channel of l if it is prepared already. One that became a room
// meanwhile goes on as that.
func (d *drainer) known(l hackfest.Line) *drain {
	key, before := d.key(l.Network, l.Channel), channelKey{l.Network, irctext.RFC1459.Fold(l.Channel)}
	c := d.channels[key]
	if c == nil && key != before && d.channels[before] != nil {
		c = d.channels[before]
		delete(d.channels, before)
		r := d.bot.room(l.Network, l.Channel)
		c.name, c.cm = r.name, r.link.network.Casemapping
		d.channels[key] = c
	}
	return c
}

// find prepares the channel of a line that is none of ours any more.
func (d *drainer) find(ctx context.Context, l hackfest.Line) (*drain, error) {
	var list []meeting.Resumption
	err := d.bot.insist(ctx, askFor, func(ctx context.Context) (err error) {
		list, err = d.bot.rec.Resume(ctx, l.Network)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, res := range list {
		if d.key(res.Network, res.Channel) == d.key(l.Network, l.Channel) {
			return d.add(res), nil
		}
	}
	return d.add(meeting.Resumption{Network: l.Network, Channel: l.Channel}), nil
}

// store gives each channel's batch to the Recorder, again and again until it is
// stored.
func (d *drainer) store(ctx context.Context) error {
	for key, c := range d.channels {
		if len(c.batch) == 0 {
			d.release(c)
			continue
		}
		err := d.bot.insist(ctx, recordFor, func(ctx context.Context) error {
			return d.bot.rec.Record(ctx, key.network, c.name, c.batch, c.cm(), d.bot.now())
		})
		if err != nil {
			return err
		}
		d.bot.Counters.Stored.Add(int64(len(c.batch)))
		c.applied = c.batch[len(c.batch)-1].Line.Ref
		c.batch = nil
		d.release(c)
	}
	return nil
}

// release gives the secret votes of a meeting that is over, and stored as that,
// to be forgotten.
func (d *drainer) release(c *drain) {
	if len(c.private) > 0 && !c.state.Running() {
		d.secrets, c.private = append(d.secrets, c.private...), nil
	}
}

// forget removes from the spool who voted for what in secret, as soon as
// everybody has read it.
func (d *drainer) forget(ctx context.Context) {
	if len(d.secrets) == 0 {
		return
	}
	gone, err := d.bot.spool.Forget(ctx, d.bot.finished(), d.secrets)
	if err != nil && ctx.Err() == nil {
		d.bot.cfg.Log.Error("secret votes cannot be removed from the spool; trying again", "err", err)
	}
	if gone {
		d.secrets = nil
	}
}

// trim lets the spool forget what is stored and what the speaker has heard.
func (d *drainer) trim() {
	if err := d.bot.spool.Trim(d.bot.finished()); err != nil {
		d.bot.cfg.Log.Error("the spool cannot be trimmed", "err", err)
	}
}
