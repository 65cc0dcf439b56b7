package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/schollz/progressbar/v3"

	"github.com/eucalyptus/hackfest/internal/app"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/web"
)

// importLogsCmd is hackfest import logs.
type importLogsCmd struct {
	Paths     []string `arg:"" name:"path" help:"Log files, and folders of them: whole MeetBot archives."`
	Network   string   `help:"Name of the IRC network, as in the portal's addresses." placeholder:"NAME"`
	Channel   string   `help:"Channel of logs that do not say it." placeholder:"CHANNEL"`
	Date      string   `help:"Day of a log's first line, as 2012-08-10, where the log does not say it." placeholder:"DATE"`
	Zone      string   `help:"Zone of the logs' times, as America/Los_Angeles." placeholder:"ZONE"`
	LogFormat string   `help:"How the logs are written; found out from each text by default." placeholder:"NAME"`
	Whole     bool     `help:"Take a log in which nobody typed #startmeeting as one meeting."`
	OldRoot   string   `help:"Path at which an archive stood on its host; its old addresses lead to the meetings." default:"/" placeholder:"PATH"`
	atPortal
}

// Help is what follows the flags.
func (importLogsCmd) Help() string {
	return `In an archive of MeetBot the folders tell the channel and the names of the files the day; a meeting that is
there in several forms is taken once. What is there already, from IRC or from an earlier import, is not doubled;
what was removed stays away. Each log is brought in whole or not at all, so the import can be stopped and begun
again. The exit status is 1 when a log could not be brought in.`
}

// Run imports.
func (c importLogsCmd) Run(ctx context.Context, s streams) error {
	in := app.LogsImport{
		Paths: c.Paths, Network: c.Network, Channel: c.Channel, Format: c.LogFormat, Whole: c.Whole, OldRoot: c.OldRoot, Taken: taken(),
	}
	var err error
	if c.Date != "" {
		if in.Date, err = time.Parse(time.DateOnly, c.Date); err != nil {
			return fault.New(fault.Invalid, "--date %s: write a day as in 2012-08-10.", c.Date)
		}
	}
	if c.Zone != "" {
		if in.Zone, err = time.LoadLocation(c.Zone); err != nil {
			return fault.New(fault.Invalid, "--zone %s: no such zone; write one as in America/Los_Angeles.", c.Zone)
		}
	}
	k, err := c.keeper(s)
	if err != nil {
		return err
	}
	var end func()
	in.Step, end = steps(s.err)
	report, err := k.ImportLogs(ctx, in)
	end()
	if report.All > 0 {
		printLogsReport(s.out, report)
	}
	if err == nil && (len(report.Failed) > 0 || report.Stopped) {
		return &exit{exitFailed, nil}
	}
	return err
}

// steps shows how far an import came: a bar on a terminal, else a line for each
// hundred logs.
func steps(w io.Writer) (step func(done, all int, now string), end func()) {
	const each = 100
	if !terminal(w) {
		return func(done, all int, _ string) {
			if done%each == 0 {
				fmt.Fprintf(w, "%d of %d logs\n", done, all)
			}
		}, func() {}
	}
	var bar *progressbar.ProgressBar
	return func(done, all int, _ string) {
			if bar == nil {
				bar = progressbar.NewOptions(all, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("logs"),
					progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
					progressbar.OptionClearOnFinish())
			}
			_ = bar.Set(done) // a terminal that went away stops nothing
		}, func() {
			if bar != nil {
				_ = bar.Finish()
			}
		}
}

// terminal reports whether somebody looks at what is written to w.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// taken tells at which paths the portal has pages of its own.
func taken() func(path string) bool {
	server := &web.Server{Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	routes, ok := server.Routes().(chi.Routes)
	return func(path string) bool { return ok && routes.Match(chi.NewRouteContext(), http.MethodGet, path) }
}

// printLogsReport says what an import did. What files say is not ours, so no
// control characters of theirs get through.
func printLogsReport(w io.Writer, r app.LogsReport) {
	line := func(format string, args ...any) { fmt.Fprintln(w, plain(fmt.Sprintf(format, args...))) }
	if r.Stopped {
		line("Stopped. What was brought in stays; the same command goes on.")
	}
	line("%d of %s brought in", r.Logs, irctext.Count(r.All, "log"))
	if r.Network != "" {
		line("network: %s, the only one there is", r.Network)
	}
	line("lines: %d added, %d there already, %d refused", r.Lines.Added, r.Lines.There, r.Lines.Refused)
	if r.Lines.Refused > 0 {
		line("  (refused are lines dated after now, or before there was IRC)")
	}
	line("meetings: %d new, %d grown", r.Lines.Meetings, r.Lines.Rebuilt)
	if r.Lines.Kept > 0 {
		line("  %d got lines in the log and keep their minutes: published, running, or with words removed", r.Lines.Kept)
	}
	line("rows not understood: %d", r.Unknown)
	for _, e := range r.Examples {
		line("  %s", e)
	}
	problems(line, "not brought in", r.Failed, len(r.Failed))
	problems(line, "no logs", r.Left, 10)
	if n := len(r.Shadowed); n > 0 {
		line("old addresses that do not lead here, since the portal has pages there: %d, as %s; --old-root puts them elsewhere", n, r.Shadowed[0])
	}
}

// problems lists at most some files and what is wrong with them.
func problems(line func(string, ...any), head string, list []app.LogProblem, most int) {
	if len(list) == 0 {
		return
	}
	line("%s: %s", head, irctext.Count(len(list), "file"))
	for _, p := range list[:min(most, len(list))] {
		line("  %s: %s", p.Path, p.Why)
	}
	if len(list) > most {
		line("  and %d more", len(list)-most)
	}
}
