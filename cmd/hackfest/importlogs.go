package main

import (
	"context"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// importLogsCmd is hackfest import logs.
type importLogsCmd struct {
	Paths     []string `arg:"" name:"path" help:"Log files, and folders of them: whole MeetBot archives."`
	Network   string   `help:"Name of the IRC network, as in the portal's addresses." placeholder:"NAME"`
	Channel   string   `help:"Channel of logs that do not say it." placeholder:"CHANNEL"`
	Date      string   `help:"Day of a log's first line, as 2012-08-10, where the log does not say it." placeholder:"DATE"`
	Zone      string   `help:"Zone of the logs' times, as America/Los_Angeles, where they do not say it." placeholder:"ZONE"`
	LogFormat string   `help:"How the logs are written; found out from each text by default." placeholder:"NAME"`
	Whole     bool     `help:"Take a log in which nobody typed #startmeeting as one meeting."`
	atPortal
}

// Run imports.
func (c importLogsCmd) Run(_ context.Context, _ streams) error {
	if _, err := time.Parse(time.DateOnly, c.Date); c.Date != "" && err != nil {
		return fault.New(fault.Invalid, "--date %s: write a day as in 2012-08-10.", c.Date)
	}
	return fault.New(fault.Unavailable, "Logs cannot be imported by this version.")
}
