package main

import (
	"context"
	"fmt"
	"time"

	"github.com/eucalyptus/hackfest/internal/app"
	"github.com/eucalyptus/hackfest/internal/fault"
)

// importCalendarCmd is hackfest import calendar.
type importCalendarCmd struct {
	File    string `arg:"" help:"The calendar, an .ics file." type:"existingfile"`
	Network string `help:"Name of the IRC network of events whose place is no channel." placeholder:"NAME"`
	Channel string `help:"Channel of events whose place is no channel." placeholder:"CHANNEL"`
	Zone    string `help:"Zone of times that have none, as America/Los_Angeles." placeholder:"ZONE"`
	atPortal
}

// Help is what follows the flags.
func (importCalendarCmd) Help() string {
	return `Each event becomes a series that can only be read here, with its rule and the dates that were moved, cancelled or
left out. "#channel on network" as its place is understood. Import the file again when it has changed: events are
known by their UID, and what is over stays as it was. What is not understood is listed; then the exit status is 1.`
}

// Run imports.
func (c importCalendarCmd) Run(ctx context.Context, s streams) error {
	in := app.CalendarImport{Path: c.File, Network: c.Network, Channel: c.Channel}
	var err error
	if c.Zone != "" {
		if in.Zone, err = time.LoadLocation(c.Zone); err != nil {
			return fault.New(fault.Invalid, "--zone %s: no such zone; write one as in America/Los_Angeles.", c.Zone)
		}
	}
	k, err := c.keeper(s)
	if err != nil {
		return err
	}
	report, err := k.ImportCalendar(ctx, in)
	if err != nil {
		return err
	}
	for _, x := range report.Series {
		what := "as it was"
		switch {
		case x.New:
			what = "new"
		case x.Changed > 0:
			what = "brought up to date"
		}
		fmt.Fprintf(s.out, "%s: %s\n", x.Slug, what)
	}
	for _, p := range report.Problems {
		fmt.Fprintf(s.out, "%q: %q\n", p.Event, p.What)
	}
	if len(report.Problems) > 0 {
		return &exit{exitFailed, nil}
	}
	return nil
}
