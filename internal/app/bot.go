package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircbot"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/spool"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/web"
)

// runBot waits until this process may be the bot, and is it until ctx ends or
// another process is.
func (a *portal) runBot(ctx context.Context, schedule, channels, commands <-chan struct{}) error {
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
		Networks: a.networks(), BaseURL: a.Settings.BaseURL, GitHub: a.Settings.GitHub.Web, Now: a.Now, Log: log, Schedule: schedule, Settings: channels, Commands: commands,
	}, a.db.store, sp, found)
	a.bot.Store(bot)

	// The bot and its jobs end with ctx or with the lock, whichever goes first.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	kept, worked := make(chan error, 1), make(chan error, 1)
	go func() {
		kept <- lock.keep(ctx)
		cancel()
	}()
	go func() { worked <- a.runBotJobs(ctx, bot) }()
	err = bot.Run(ctx)
	cancel()
	return errors.Join(<-kept, <-worked, err)
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
	s, c := bot.Status(), &bot.Counters
	h := web.BotHealth{
		DurableRef: s.Durable, DrainedRef: s.Drained, Leader: true, Waiting: s.Waiting,
		SpoolBytes: s.SpoolBytes, SpoolWaiting: s.SpoolWaiting, SpoolAside: s.SpoolAside, SpoolError: s.SpoolErr,
		DatabaseAway: known(s.PostgresAway),
		Lines: web.LineCounts{
			Received: c.Heard.Load() + c.Lost.Load(), Durable: s.Synced, Stored: c.Stored.Load(), Lost: s.SpoolLost,
			Ignored: c.Ignored.Load(), Private: c.Private.Load(), Said: c.Said.Load(), Retries: c.Retries.Load(),
		},
	}
	if !s.Undrained.IsZero() {
		h.SpoolAge = max(0, a.Now().Sub(s.Undrained))
	}
	for _, n := range s.Networks {
		h.Networks = append(h.Networks, networkHealth(n))
	}
	return h
}

// networkHealth is what /healthz tells about the bot on one network.
func networkHealth(n ircbot.NetworkStatus) web.NetworkHealth {
	h := web.NetworkHealth{
		Network: n.Network, State: n.State, Nick: n.Nick, Server: n.Server, Lag: n.Lag, Channels: append([]string{}, n.Channels...), LastLineAt: known(n.LastLineAt),
		Account: n.Account, Error: n.Err, LoginError: n.LoginErr, Attempts: n.Failures, NextTryAt: known(n.NextTryAt),
		Connects: int64(n.Connects), Dropped: int64(n.Dropped), Panics: int64(n.Panics),
	}
	for _, x := range n.Absent {
		h.Absent = append(h.Absent, web.AbsenceHealth{Channel: x.Channel, Reason: x.Reason, Tries: x.Tries, GivenUp: x.GivenUp})
	}
	return h
}

// known is t, or nil for the zero time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// waitingHealth is the health of a bot that may not be on IRC yet.
func (a *portal) waitingHealth() web.BotHealth {
	h := web.BotHealth{Waiting: true}
	for _, n := range a.Settings.Networks {
		h.Networks = append(h.Networks, web.NetworkHealth{Network: n.Name, State: "waiting", Nick: n.Nick, Channels: []string{}})
	}
	return h
}

var _ ircbot.Recorder = (*store.Store)(nil)
