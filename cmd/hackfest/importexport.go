package main

import (
	"context"
	"fmt"
)

// importExportCmd is hackfest import export.
type importExportCmd struct {
	Dir string `arg:"" help:"The folder that hackfest export made." type:"existingdir"`
	atPortal
}

// Help is what follows the flags.
func (importExportCmd) Help() string {
	return `Brings a community that hackfest export wrote into an empty portal: all of it, or nothing when anything is
wrong with the files. Addresses of pages, minutes, lessons and calendars are the same as before.

Nobody can sign in yet: "hackfest admin user link NAME" makes a link. Stop the old portal before the new one
goes on IRC.`
}

// Run imports.
func (c importExportCmd) Run(ctx context.Context, s streams) error {
	k, err := c.keeper(s)
	if err != nil {
		return err
	}
	p := newProgress(s.err)
	m, err := k.ImportExport(ctx, c.Dir, p.show)
	p.end()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "imported %s\n", summary(m))
	return err
}
