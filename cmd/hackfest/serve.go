package main

import (
	"context"
	"fmt"
	"strings"

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
	var b strings.Builder
	b.WriteString(`It answers pages, sends the bot to its channels and does what is due, until SIGTERM or Ctrl-C, which end
it within ten seconds with status 0. All mistakes in the settings are named at once, with status 2;
"hackfest doctor" finds what else may be wrong.

A community on Libera.Chat, with a Postgres of its own:
  HACKFEST_IRC='ircs://hackbot@irc.libera.chat/your-channel,your-other-channel'
  HACKFEST_BASE_URL=https://hackfest.example.org
  DATABASE_URL=postgres://hackfest:PASSWORD@db.example.org/hackfest

For each network, with its name in upper case and _ for -:
`)
	for _, v := range settings.NetworkVariables() {
		fmt.Fprintf(&b, "  HACKFEST_IRC_<NAME>_%-9s %s\n", v.Kind, v.Help)
	}
	b.WriteString(`
Without <NAME>_ when there is exactly one network. A secret can be in a file: DATABASE_URL_FILE names one
that holds DATABASE_URL.`)
	return b.String()
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
		Settings: chosen, Version: version, Tzdata: tzdata(zoneinfo), Migrate: !c.NoMigrate,
		Log: app.NewLog(s.err, chosen.JSONLog, chosen.LogLevel), Now: now,
	})
}
