package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/logformat"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/templates"
)

// exitNoMinutes is the status of hackfest minutes when there is nothing to
// print.
const exitNoMinutes = 2

// minutesCommand is hackfest minutes.
type minutesCommand struct {
	File      string `arg:"" help:"The log; - reads standard input."`
	Format    string `help:"What to print: json, text, markdown or html." enum:"json,text,markdown,html" default:"json"`
	Date      string `help:"Day of the log's first line, as 2012-08-10, where the log does not say it." placeholder:"DATE"`
	Zone      string `help:"Zone of the log's times, as America/Los_Angeles. Times are printed in it." placeholder:"ZONE"`
	LogFormat string `help:"How the log is written; found out from the text by default. A name that is none lists them." placeholder:"NAME"`
	Channel   string `help:"The log's channel, to be named in the minutes." placeholder:"CHANNEL"`
	Whole     bool   `help:"Take the whole log as one meeting although nobody typed #startmeeting."`
}

// Help is what follows the flags.
func (minutesCommand) Help() string {
	return `Prints the minutes of every meeting in the log, without a database. Standard error says what
the log was taken for, how much of it that explains, and which lines were not understood.
The exit status is 2 when the log cannot be read or holds no meeting.`
}

// Run prints the minutes. How the log was read is said on standard error.
func (c minutesCommand) Run(ctx context.Context, s streams) error {
	all, options, err := c.read(s)
	if err != nil {
		return &exit{exitNoMinutes, err}
	}
	for n, m := range all {
		if err := c.print(ctx, s.out, n, m, options); err != nil {
			return err
		}
	}
	return nil
}

// read makes the minutes of the meetings in the log.
func (c minutesCommand) read(s streams) ([]minutes.Minutes, minutes.Options, error) {
	o, err := c.options()
	if err != nil {
		return nil, minutes.Options{}, err
	}
	data, err := c.data(s.in)
	if err != nil {
		return nil, minutes.Options{}, err
	}
	log, err := logformat.Read(data, o)
	if err != nil {
		return nil, minutes.Options{}, err
	}
	logReport(s.err, log)
	lines := log.Lines
	if c.Whole {
		lines = meeting.WholeLog(lines)
	}
	var all []minutes.Minutes
	for _, m := range meeting.Meetings(lines) {
		all = append(all, minutes.FromState(m))
	}
	if len(all) == 0 {
		return nil, minutes.Options{}, fault.New(fault.Invalid,
			"The log holds no meeting: nobody says #startmeeting. With --whole all of it is taken as one.")
	}
	return all, minutes.Options{Zone: o.Zone}, nil
}

// shownSkipped is how many of the lines that were not understood are shown.
const shownSkipped = 3

// logReport says what a log was taken for, how sure that is, and what of it was
// not understood.
func logReport(out io.Writer, log logformat.Log) {
	fmt.Fprintf(out, "hackfest: the log is read as %s, which explains %s of its lines\n", log.Format, percent(log.Confidence))
	if len(log.Skipped) == 0 {
		return
	}
	fmt.Fprintf(out, "hackfest: %d of the log's lines not understood:\n", len(log.Skipped))
	for i, l := range log.Skipped {
		if i == shownSkipped {
			fmt.Fprintf(out, "  and %d more\n", len(log.Skipped)-i)
			break
		}
		fmt.Fprintf(out, "  line %d: %s\n", l.Number, plain(cut(l.Text, 160)))
	}
}

// percent writes a share; only the whole of something is 100 %.
func percent(share float64) string {
	n := int(share*100 + 0.5)
	if n == 100 && share < 1 {
		n = 99
	}
	return strconv.Itoa(n) + " %"
}

// cut shortens s to at most n characters.
func cut(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}

// options checks the flags.
func (c minutesCommand) options() (logformat.Options, error) {
	o := logformat.Options{Format: c.LogFormat, Name: filepath.Base(c.File), Channel: c.Channel}
	var err error
	if c.Date != "" {
		if o.Date, err = time.Parse(time.DateOnly, c.Date); err != nil {
			return o, fault.New(fault.Invalid, "--date %s: write a day as in 2012-08-10.", c.Date)
		}
	}
	if c.Zone != "" {
		if o.Zone, err = time.LoadLocation(c.Zone); err != nil {
			return o, fault.New(fault.Invalid, "--zone %s: no such zone; write one as in America/Los_Angeles.", c.Zone)
		}
	}
	return o, nil
}

func (c minutesCommand) data(in io.Reader) ([]byte, error) {
	if c.File == "-" {
		return io.ReadAll(in)
	}
	return os.ReadFile(c.File)
}

// print writes the minutes of the nth meeting of the log.
func (c minutesCommand) print(ctx context.Context, out io.Writer, n int, m minutes.Minutes, o minutes.Options) error {
	separator := ""
	if n > 0 {
		separator = "\n"
	}
	var err error
	switch c.Format {
	case "json":
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(m)
	case "markdown":
		_, err = io.WriteString(out, separator+minutes.Markdown(m, o))
	case "html":
		err = templates.MinutesDocument(m, o).Render(ctx, out)
	default:
		_, err = io.WriteString(out, separator+minutes.Text(m, o))
	}
	return err
}
