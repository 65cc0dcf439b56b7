// Hackfest is the home on the web of a community that hacks together on IRC.
// This package is its command line: what the commands are called, what they
// take, and how the process ends. What they do is in internal/app.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // zones of machines without a zone database
	"unicode"

	"github.com/alecthomas/kong"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/settings"
)

// Exit statuses that hold for every command. minutes gives 2 a meaning of its
// own.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2 // an unknown flag, or a setting that is wrong
)

// commands is the command line, in the order of its help.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run the portal: web pages and the bot."`
	Demo    demoCommand    `cmd:"" help:"Try everything on this machine with nothing configured."`
	Migrate migrateCommand `cmd:"" help:"Bring the database up to date and stop."`
	Minutes minutesCommand `cmd:"" help:"Print the minutes of an IRC log."`
	Replay  replayCommand  `cmd:"" help:"Play an IRC log on a network of this machine."`
	Import  importCmd      `cmd:"" help:"Bring in what exists: logs and MeetBot archives."`
	Export  exportCommand  `cmd:"" help:"Write the whole community into a folder of files."`
	Nurse   nurseCommand   `cmd:"" help:"Look whether this machine is fit for a session or an install."`
	Admin   adminCommand   `cmd:"" help:"Keep order on the server's command line: people, tokens, routes."`
	Doctor  doctorCommand  `cmd:"" help:"Examine what the portal needs, and say what to do."`
	Version versionCommand `cmd:"" help:"Print the version and what it was built with."`
}

const description = `The home on the web of a community that hacks together on IRC: a bot keeps the log and the
minutes, and everybody reads along.

To see it on this machine, with a sample community and nothing configured:
  hackfest demo

To run it for your community, on its network:
  export HACKFEST_IRC='ircs://hackbot@irc.libera.chat/your-channel'
  export HACKFEST_BASE_URL=https://hackfest.example.org
  hackfest doctor
  hackfest serve

Settings are environment variables; the help of a command names them beside its flags.`

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exit is an error that ends the process with a status of its own.
type exit struct {
	status int
	err    error // nil when the command has said all there is to say
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}
func (e *exit) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	// The second Ctrl-C ends the process at once, as does a write to a closed terminal.
	// Supervisors say SIGTERM twice (timeout(1) does) and mean the same as once.
	context.AfterFunc(ctx, func() {
		signal.Ignore(syscall.SIGTERM)
		stop()
	})
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run carries out the command line and returns the exit status.
func run(ctx context.Context, args []string, s streams) int {
	parser, err := newParser(ctx, &commands{}, s)
	if err != nil {
		return fail(s, err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(s.err, "hackfest: %v\nTry \"hackfest --help\".\n", err)
		if args[0] == "nurse" {
			return exitNoNurse // 2 would be a diagnosis
		}
		return exitUsage
	}
	if err := command.Run(); err != nil {
		return fail(s, err)
	}
	return exitOK
}

// newParser reads command lines into c; ctx and s are what commands may take.
func newParser(ctx context.Context, c *commands, s streams) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("hackfest"), kong.Description(description), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.Writers(s.out, s.err), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s))
}

// fail says why a command ended, and returns its exit status.
func fail(s streams, err error) int {
	status := exitFailed
	if e, ok := errors.AsType[*exit](err); ok {
		status = e.status
		if e.err == nil {
			return status
		}
	}
	if mistakes := settingsMistakes(err); len(mistakes) > 0 {
		fmt.Fprintf(s.err, "hackfest: wrong settings\n  %s\n", strings.Join(mistakes, "\n  "))
		return exitUsage
	}
	text := err.Error()
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Err != nil {
		text = e.Message + "\n  " + strings.ReplaceAll(e.Err.Error(), "\n", "\n  ")
	}
	fmt.Fprintln(s.err, "hackfest: "+plain(text))
	return status
}

// settingsMistakes lists the mistakes in err, which joins them, possibly more
// than once.
func settingsMistakes(err error) []string {
	if m, ok := err.(settings.Mistake); ok {
		return []string{m.Error()}
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	var list []string
	for _, e := range joined.Unwrap() {
		list = append(list, settingsMistakes(e)...)
	}
	return list
}

// plain keeps control characters of others off the terminal, and those that turn
// the direction of what follows.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c >= 0x7f && c < 0xa0 || unicode.Is(unicode.Bidi_Control, c) {
			return '·'
		}
		return c
	}, s)
}
