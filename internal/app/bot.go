package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircbot"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/spool"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/web"
)

// runBot waits until this process may be the bot, and is it until ctx ends or
// another process is.
func (a *portal) runBot(ctx context.Context, schedule <-chan struct{}) error {
	log := a.Log.With("part", "bot")
	lock := &botLock{url: a.db.url, log: log, ask: askAgain, patience: lockPatience, alone: a.db.private != nil}
	if err := lock.take(ctx); err != nil {
		return err
	}
	defer lock.release(ctx)
	sp, found, err := a.openSpool(ctx)
	if err != nil {
		return err
	}
	a.describeNetworks(ctx)
	bot := ircbot.New(ircbot.Config{
		Networks: a.networks(), BaseURL: a.Settings.BaseURL, Now: a.Now, Log: log, Schedule: schedule,
	}, a.db.store, sp, found)
	a.bot.Store(bot)

	// The bot ends with ctx or with the lock, whichever goes first.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	kept := make(chan error, 1)
	go func() {
		kept <- lock.keep(ctx)
		cancel()
	}()
	err = bot.Run(ctx)
	cancel()
	return errors.Join(<-kept, err)
}

// openSpool opens the spool behind everything that Postgres has, and says what
// was found in it.
func (a *portal) openSpool(ctx context.Context) (*spool.Spool, spool.Report, error) {
	var highest hackfest.Ref
	err := untilThere(ctx, a.Log, func() error {
		var err error
		highest, err = a.db.store.HighestRef(ctx)
		return err
	})
	if err != nil {
		return nil, spool.Report{}, err
	}
	if err := makeDataDir(a.Settings.DataDir); err != nil {
		return nil, spool.Report{}, err
	}
	dir := filepath.Join(a.Settings.DataDir, "spool")
	sp, found, err := spool.Open(dir, spool.Options{Now: a.Now, MinRef: highest, Log: a.Log.With("part", "spool")})
	if err != nil {
		return nil, found, err
	}
	if found.Records > 0 || found.Cut > 0 {
		a.Log.InfoContext(ctx, "lines in the spool", "dir", dir, "lines", found.Records, "twice", found.Duplicates, "cut_off_bytes", found.Cut)
	}
	for _, d := range found.Aside {
		a.Log.ErrorContext(ctx, "the spool is damaged; lines may be missing", "file", d.Segment, "offset", d.Offset, "bytes", d.Bytes, "kept_in", d.File, "err", d.Err)
	}
	return sp, found, nil
}

// describeNetworks stores how people reach the networks.
func (a *portal) describeNetworks(ctx context.Context) {
	for _, n := range a.Settings.Networks {
		ctx, cancel := context.WithTimeout(ctx, lockAnswer)
		err := a.db.store.AddNetwork(ctx, n.Name, n.Server(), a.Now())
		cancel()
		if err != nil {
			a.Log.WarnContext(ctx, "how to reach the network is not stored", "network", n.Name, "err", err)
		}
	}
}

// networks are the networks of the settings as the bot takes them.
func (a *portal) networks() []ircnet.Config {
	var list []ircnet.Config
	for _, n := range a.Settings.Networks {
		c := n.Client()
		c.RealName, c.Version = a.Settings.Community+" hackfest bot", fmt.Sprintf("hackfest %s, %s", a.Version, a.Settings.BaseURL)
		c.Now, c.Log = a.Now, a.Log.With("part", "irc")
		for _, name := range n.Channels {
			c.Channels = append(c.Channels, ircnet.Channel{Name: name})
		}
		list = append(list, c)
	}
	return list
}

// botHealth is what /healthz tells about the bot of this process.
func (a *portal) botHealth() web.BotHealth {
	bot := a.bot.Load()
	if bot == nil {
		return a.waitingHealth()
	}
	s := bot.Status()
	h := web.BotHealth{DurableRef: s.Durable, SpoolBytes: s.SpoolBytes, Leader: true}
	for _, n := range s.Networks {
		one := web.NetworkHealth{Network: n.Network, State: n.State, Nick: n.Nick, Channels: n.Channels}
		if one.Channels == nil {
			one.Channels = []string{}
		}
		if !n.LastLineAt.IsZero() {
			one.LastLineAt = &n.LastLineAt
		}
		h.Networks = append(h.Networks, one)
	}
	return h
}

// waitingHealth is the health of a bot that may not be on IRC yet.
func (a *portal) waitingHealth() web.BotHealth {
	var h web.BotHealth
	for _, n := range a.Settings.Networks {
		h.Networks = append(h.Networks, web.NetworkHealth{Network: n.Name, State: "waiting", Nick: n.Nick, Channels: []string{}})
	}
	return h
}

var _ ircbot.Recorder = (*store.Store)(nil)
