package main

import (
	"context"
	"fmt"

	"github.com/eucalyptus/hackfest/internal/export"
)

// exportCommand is hackfest export.
type exportCommand struct {
	Dir         string `arg:"" help:"The folder to make."`
	Replace     bool   `help:"Put the new export in the place of an earlier one."`
	WithPrivate bool   `help:"Also mail addresses, what people set for themselves, their sign-in names elsewhere, requests for removal, the audit log, keys of channels, and the key that tells removed lines."`
	atPortal
}

// Help is what follows the flags.
func (exportCommand) Help() string {
	return `Writes the whole community as files: JSON Lines, and the minutes of each meeting as text, Markdown, JSON and
HTML. "hackfest import export" brings them into an empty portal. The portal may run meanwhile; the export is
all of one instant, and the folder is there when it is complete.

What is for members only is in it, and marked; only you can enter the folder. Never in it: passwords, tokens,
sign-ins, and words that were removed. To move house use --with-private, and keep the folder like a backup:
without it people's mail addresses stay behind, as does the key by which a later import of logs knows lines
that were removed.`
}

// Run exports.
func (c exportCommand) Run(ctx context.Context, s streams) error {
	k, err := c.keeper(s)
	if err != nil {
		return err
	}
	p := newProgress(s.err)
	m, err := k.Export(ctx, export.Options{
		Dir: c.Dir, Replace: c.Replace, Private: c.WithPrivate, Program: version, Progress: p.show,
	})
	p.end()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s: %s\n", plain(c.Dir), summary(m))
	return err
}

// summary counts what people know of an export.
func summary(m export.Manifest) string {
	return fmt.Sprintf("%d lines, %d meetings, %d sessions, %d lessons, %d people; %d files",
		m.Rows("lines"), m.Rows("meetings"), m.Rows("sessions"), m.Rows("lessons"), m.Rows("people"), len(m.Files))
}
