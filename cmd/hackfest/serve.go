package main

import (
	"context"

	"github.com/eucalyptus/hackfest/internal/app"
	"github.com/eucalyptus/hackfest/internal/settings"
)

// serveCommand is hackfest serve.
type serveCommand struct {
	settings.Given
	NoMigrate bool `help:"Leave the database's schema as it is."`
}

// Help is what follows the flags.
func (serveCommand) Help() string {
	return `A secret can be in a file: DATABASE_URL_FILE names one that holds DATABASE_URL.

For each network, with its name in upper case and _ for -:
  HACKFEST_IRC_<NAME>_PASSWORD  of the server
  HACKFEST_IRC_<NAME>_CA        the only authority to trust, PEM or its file
  HACKFEST_IRC_<NAME>_CERT      the bot's certificate, PEM or its file
  HACKFEST_IRC_<NAME>_KEY       its private key, PEM or its file
Without <NAME> when there is exactly one network.

SIGTERM and Ctrl-C end it within ten seconds, with status 0.`
}

// Run serves until ctx ends.
func (c serveCommand) Run(ctx context.Context, s streams) error {
	chosen, err := c.Settings(settings.OS())
	if err != nil {
		return err
	}
	now, err := app.Clock()
	if err != nil {
		return err
	}
	return app.Serve(ctx, app.Options{
		Settings: chosen, Version: version, Migrate: !c.NoMigrate,
		Log: app.NewLog(s.err, chosen.JSONLog, chosen.LogLevel), Now: now,
	})
}
