package app

import (
	"context"
	"net"
	"sync/atomic"

	"github.com/eucalyptus/hackfest/internal/ircbot"
	"github.com/eucalyptus/hackfest/internal/jobs"
	"github.com/eucalyptus/hackfest/internal/live"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/web"
)

// portal is the parts of one process and what they share.
type portal struct {
	Options
	db       *database // empty until prepared is closed
	web      *web.Server
	listener net.Listener
	prepared chan struct{}              // closed once the schema is in place
	bot      atomic.Pointer[ircbot.Bot] // nil until it may be on IRC
}

// start starts the parts this process has a role for.
func (a *portal) start(p *parts) {
	roles := a.Settings.Roles
	hub := live.New(func(ctx context.Context, ready func(), heard func(string)) error {
		return store.Listen(ctx, a.db.url, ready, heard)
	}, a.Log.With("part", "live"))
	a.web = a.webServer(hub)
	server := a.web.HTTP()
	p.start("schema", a.prepare)
	p.start("live hub", a.afterSchema(hub.Run))
	p.start("web server", func(ctx context.Context) error { return a.runWeb(ctx, server) })
	if roles.Jobs {
		p.start("jobs", a.afterSchema(a.runJobs))
	}
	if roles.Bot && len(a.Settings.Networks) > 0 {
		schedule, stop := hub.Subscribe(store.SessionsTopic())
		channels, stopChannels := hub.Subscribe(store.ChannelsTopic())
		commands, stopCommands := hub.Subscribe(store.CommandsTopic())
		p.start("bot", a.afterSchema(func(ctx context.Context) error {
			defer stop()
			defer stopChannels()
			defer stopCommands()
			return a.runBot(ctx, schedule, channels, commands)
		}))
	}
}

// prepare opens the database, puts the schema and the seed in place, tells
// everybody who waits for that, and stays until the end.
func (a *portal) prepare(ctx context.Context) error {
	if err := a.db.open(ctx, a.Settings, a.Log); err != nil {
		return err
	}
	a.web.Store = a.db.store
	if a.Settings.Mail != nil {
		post, err := jobs.NewPost(a.jobs())
		if err != nil {
			return err
		}
		a.web.Post = post
	}
	if a.check != nil {
		if err := untilThere(ctx, a.Log, func() error { return a.check(ctx, a.db.store) }); err != nil {
			return err
		}
	}
	if err := a.db.prepare(ctx, a.Migrate, a.Log); err != nil {
		return err
	}
	if a.seed != nil {
		if err := a.seed(ctx, a.db.store); err != nil {
			return err
		}
	}
	close(a.prepared)
	if a.started != nil {
		a.started(a.Settings.BaseURL)
	}
	<-ctx.Done()
	return nil
}

// afterSchema is run, but not before the schema is in place.
func (a *portal) afterSchema(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return nil
		case <-a.prepared:
			return run(ctx)
		}
	}
}
