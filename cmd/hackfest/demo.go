package main

import (
	"context"

	"github.com/eucalyptus/hackfest/internal/app"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/settings"
)

// demoCommand is hackfest demo.
type demoCommand struct {
	Listen string `help:"Address and port to answer HTTP on (127.0.0.1:8080)." env:"HACKFEST_LISTEN" placeholder:"HOST:PORT"`
	Fresh  bool   `help:"Throw away what an earlier demo left and start over."`
	settings.Database
}

// Help is what follows the flags.
func (demoCommand) Help() string {
	return `It starts a private Postgres, an IRC server on this machine if ngircd is
installed, the bot and the web pages, and fills them with a sample community:
Eucalyptus in the summer of 2012. Then it says what to try.

All it keeps is in a directory of its own. The IRC server outlives a demo that
was killed, so that people stay connected; the next start finds it again.`
}

// Run shows the sample community until ctx ends.
func (c demoCommand) Run(ctx context.Context, s streams) error {
	machine := settings.OS()
	if c.DataDir == "" {
		dir, ok := machine.DemoDir()
		if !ok {
			return fault.New(fault.Invalid, "Neither HOME nor XDG_STATE_HOME is set, so there is no usual place for data. Set HACKFEST_DATA_DIR.")
		}
		c.DataDir = dir
	}
	if c.LogLevel == "" {
		c.LogLevel = "warn" // the terminal is for what to try
	}
	chosen, err := settings.Given{Database: c.Database, Listen: c.Listen}.Settings(machine)
	if err != nil {
		return err
	}
	now, err := app.Clock()
	if err != nil {
		return err
	}
	return app.Demo(ctx, app.DemoOptions{
		Options: app.Options{
			Settings: chosen, Version: version, Tzdata: tzdata(zoneinfo), Migrate: true,
			Log: app.NewLog(s.err, chosen.JSONLog, chosen.LogLevel), Now: now,
		},
		Fresh: c.Fresh, Out: s.out,
	})
}
