package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/logformat"
	"github.com/eucalyptus/hackfest/internal/replay"
	"github.com/eucalyptus/hackfest/internal/settings"
)

// replayCommand is hackfest replay.
type replayCommand struct {
	File      string  `arg:"" help:"The log; - reads standard input."`
	Speed     float64 `help:"How many times faster than it was (20)." default:"20" placeholder:"N"`
	Channel   string  `help:"Channel to play it in; by default the one the log names." placeholder:"CHANNEL"`
	IRC       string  `name:"irc" help:"The server (irc://127.0.0.1:6667)." env:"HACKFEST_IRC" placeholder:"URL"`
	Yes       bool    `help:"Allow a server on another machine."`
	Clients   int     `help:"People on the network at a time, at most (40)." default:"40" placeholder:"N"`
	LogFormat string  `help:"How the log is written; found out from the text by default." placeholder:"NAME"`
}

// Help is what follows the flags.
func (replayCommand) Help() string {
	return `Plays a log on an IRC network as if it were happening, to see the live page of a portal that records
there: each person of the log is a client that joins, talks and leaves; bots are left out. With
"hackfest demo" running in another terminal this is all it takes:

  hackfest replay meeting.log.txt --channel '#eucalyptus-devel' --speed 20

The server is irc://127.0.0.1:6667 unless --irc or HACKFEST_IRC names another one, on this machine too.
A silence longer than ten minutes is cut to ten, and then made shorter by the speed. Nicks that the
server refuses are changed. Ctrl-C lets everybody leave.`
}

// Run plays the log until it is over or ctx ends.
func (c replayCommand) Run(ctx context.Context, s streams) error {
	o, err := c.options(s)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "hackfest: playing %s in %s on %s; Ctrl-C stops it\n", c.File, o.Channel, o.Addr)
	o.Said = func(n, of int, l hackfest.Line) {
		fmt.Fprintf(s.err, "%*d/%d %s %s\n", len(fmt.Sprint(of)), n, of, l.At.Format("15:04:05"), plain(lineOf(l)))
	}
	o.Note = func(text string) { fmt.Fprintf(s.err, "hackfest: %s\n", plain(text)) }
	result, err := replay.Play(ctx, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "hackfest: %d of %d lines of %d people played; all have left\n", result.Done, result.Of, result.People)
	return nil
}

// lineOf shows a line of a log.
func lineOf(l hackfest.Line) string {
	switch l.Kind {
	case hackfest.Message:
		return "<" + l.Nick + "> " + cut(l.Text, 160)
	case hackfest.Act:
		return "* " + l.Nick + " " + cut(l.Text, 160)
	case hackfest.Nick:
		return "*** " + l.Nick + " is now known as " + l.Target
	}
	return "*** " + l.Nick + ": " + string(l.Kind)
}

// options reads the log and checks the flags.
func (c replayCommand) options(s streams) (replay.Options, error) {
	o := replay.Options{Speed: c.Speed, Clients: c.Clients}
	if !(c.Speed > 0) || c.Clients < 1 {
		return o, fault.New(fault.Invalid, "--speed and --clients must be more than 0.")
	}
	if err := c.server(&o); err != nil {
		return o, err
	}
	data, err := minutesCommand{File: c.File}.data(s.in)
	if err != nil {
		return o, err
	}
	anyDay := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // only what lies between lines counts
	log, err := logformat.Read(data, logformat.Options{Format: c.LogFormat, Date: anyDay})
	if err != nil {
		return o, err
	}
	logReport(s.err, log)
	o.Lines, o.Channel = log.Lines, c.Channel
	if o.Channel == "" {
		o.Channel = log.Channel
	}
	switch {
	case o.Channel == "":
		return o, fault.New(fault.Invalid, "%s does not say its channel: give one, as in --channel '#try'.", filepath.Base(c.File))
	case strings.IndexByte("#&+!", o.Channel[0]) < 0:
		o.Channel = "#" + o.Channel
	}
	if strings.ContainsAny(o.Channel, " ,\a\r\n\x00") {
		return o, fault.New(fault.Invalid, "--channel %q is no channel's name.", o.Channel)
	}
	return o, nil
}

// server finds out where to play. What HACKFEST_IRC holds besides a host is the
// portal's business.
func (c replayCommand) server(o *replay.Options) error {
	list := strings.Fields(c.IRC)
	if len(list) == 0 {
		list = []string{"irc://127.0.0.1:6667"}
	}
	if len(list) > 1 {
		return fault.New(fault.Invalid, "HACKFEST_IRC names %d networks: say with --irc which one is meant.", len(list))
	}
	scheme, rest, _ := strings.Cut(list[0], "://")
	authority, _, _ := strings.Cut(rest, "/")
	authority, _, _ = strings.Cut(authority, "?")
	u, err := url.Parse("irc://" + authority)
	secure := strings.EqualFold(scheme, "ircs")
	if err != nil || u.Hostname() == "" || !secure && !strings.EqualFold(scheme, "irc") {
		return fault.New(fault.Invalid, "--irc must look like irc://127.0.0.1:6667.")
	}
	port := u.Port()
	switch {
	case port != "":
	case secure:
		port = "6697"
	default:
		port = "6667"
	}
	if secure {
		o.TLS = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	o.Addr = net.JoinHostPort(u.Hostname(), port)
	if !settings.Loopback(u.Hostname()) && !c.Yes {
		return fault.New(fault.Invalid, "%s is not on this machine. People there would see up to %d strangers come and talk; --yes does it all the same.", u.Hostname(), c.Clients)
	}
	return nil
}
