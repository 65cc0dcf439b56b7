package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/eucalyptus/hackfest/internal/app"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/nurse"
)

// exitNoNurse is the status of hackfest nurse when nothing could be looked at or
// reported: 0, 1 and 2 say how the machine is.
const exitNoNurse = 3

// nurseCommand is hackfest nurse.
type nurseCommand struct {
	Target    string `help:"Look at what the checklist of this target asks for, or of a series." placeholder:"SLUG" xor:"what"`
	Checks    string `help:"Look at what this file asks for, YAML or JSON; - reads standard input." placeholder:"FILE" xor:"what"`
	Profile   string `help:"Look at what a machine needs for a hackfest (participant) or for a cloud to be installed on it (installer)." placeholder:"NAME" xor:"what"`
	Session   string `help:"Report to this session instead of the next one on the target." placeholder:"SLUG"`
	Portal    string `help:"Address of the portal." env:"HACKFEST_BASE_URL" default:"http://127.0.0.1:8080" placeholder:"URL"`
	TokenFile string `help:"File with a token of the portal, scope preflight. Else HACKFEST_TOKEN is taken." placeholder:"FILE" env:"HACKFEST_TOKEN_FILE"`
	Report    bool   `help:"Report what was found to the session, for its readiness."`
	JSON      bool   `name:"json" help:"Print the findings as JSON, for programs."`
	List      bool   `help:"Print what would be looked at, and stop."`
}

// Help is what follows the flags.
func (nurseCommand) Help() string {
	return `Takes this machine's temperature before a session or an install. It changes nothing, and needs no
root: what only root may see is listed as unseen (a file, or a service where processes are hidden).

What is not well has a severity: aspirin is a warning, a splint is to be mended before one starts, and
with what is dead on arrival there is no use to go on. Each comes with what to do.

  hackfest nurse                                    for a hackfest, on your own machine
  hackfest nurse --profile installer                on a host, before a cloud is installed on it
  hackfest nurse --portal https://hackfest.example.org --target openshift-origin --report
  hackfest nurse --checks checks.yaml --json        without any portal; docs/nurse.md says how to write one

A report says what the machine is (such as "debian 12, x86_64") and, of each check, how it ended and
the line that you see here. It counts for the person whose token it is.

The exit status is 0 when all is well, 1 when something needs care or could not be seen, 2 when the
machine is dead on arrival, and 3 when nothing could be looked at or the report was not taken.`
}

// Run looks, says what it saw, and reports it when asked to.
func (c nurseCommand) Run(ctx context.Context, s streams) error {
	portal, err := c.portal(ctx)
	if err != nil {
		return &exit{exitNoNurse, err}
	}
	plan, err := c.plan(ctx, s.in, portal)
	if err != nil {
		return &exit{exitNoNurse, err}
	}
	if c.List {
		return nurse.SayPlan(plainly{s.out}, plan)
	}
	now, err := app.Clock()
	if err != nil {
		return &exit{exitNoNurse, err}
	}
	done := nurse.Examine(ctx, plan.Checks, now())
	if ctx.Err() != nil {
		return &exit{exitNoNurse, errors.New("interrupted")}
	}
	if c.JSON {
		err = nurse.SayJSON(s.out, plan, done)
	} else {
		err = nurse.Say(plainly{s.out}, plan, done)
	}
	if err != nil {
		return &exit{exitNoNurse, err}
	}
	if c.Report {
		at, err := portal.Report(ctx, c.where(), done)
		if err != nil {
			return &exit{exitNoNurse, fmt.Errorf("the report was not taken. %w", err)}
		}
		fmt.Fprintln(s.err, plain(strings.TrimSpace(fmt.Sprintf("Reported %d results to the portal. %s", len(done.Results), at))))
	}
	if status := nurse.StateOf(done).ExitStatus(); status != exitOK {
		return &exit{status: status}
	}
	return nil
}

// plan is what to look at.
func (c nurseCommand) plan(ctx context.Context, in io.Reader, portal nurse.Portal) (nurse.Plan, error) {
	switch {
	case c.Target != "":
		plan, err := portal.Checklist(ctx, c.Target)
		if err == nil && len(plan.Checks) == 0 && len(plan.ByHand) == 0 {
			err = fault.New(fault.NotFound, "The checklist of %s is empty: there is nothing to look at.", c.Target)
		}
		return plan, err
	case c.Checks == "-":
		data, err := beginning(ctx, func() (io.ReadCloser, error) { return io.NopCloser(in), nil })
		if err != nil {
			return nurse.Plan{}, err
		}
		return nurse.ReadPlan(data)
	case c.Checks != "":
		data, err := beginning(ctx, func() (io.ReadCloser, error) { return os.Open(c.Checks) })
		if err != nil {
			return nurse.Plan{}, err
		}
		plan, err := nurse.ReadPlan(data)
		if err != nil {
			return plan, fmt.Errorf("%s: %w", c.Checks, err)
		}
		return plan, nil
	case c.Profile != "":
		return nurse.Profile(c.Profile)
	}
	return nurse.Profile(nurse.Profiles[0])
}

// beginning reads what a plan may be long, and one byte more. A pipe that nobody
// writes to is waited for until ctx ends; a device that never ends is no trouble.
func beginning(ctx context.Context, open func() (io.ReadCloser, error)) ([]byte, error) {
	type read struct {
		data []byte
		err  error
	}
	done := make(chan read, 1)
	go func() {
		from, err := open()
		if err != nil {
			done <- read{nil, err}
			return
		}
		data, err := io.ReadAll(io.LimitReader(from, nurse.MaxPlan+1))
		_ = from.Close()
		done <- read{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, errors.New("interrupted")
	}
}

// portal is where to ask and to report, with everything that a report needs.
func (c nurseCommand) portal(ctx context.Context) (nurse.Portal, error) {
	p := nurse.Portal{Base: strings.TrimRight(c.Portal, "/"), Token: os.Getenv("HACKFEST_TOKEN")}
	if c.TokenFile != "" {
		text, err := beginning(ctx, func() (io.ReadCloser, error) { return os.Open(c.TokenFile) })
		if err != nil {
			return p, err
		}
		p.Token = strings.TrimSpace(string(text))
	}
	switch {
	case !c.Report:
		return p, nil
	case c.Target == "" && c.Session == "":
		return p, fault.On("target", "A report is about a session: say --target or --session.")
	case p.Token == "":
		return p, nurse.ErrNoToken
	}
	return p, nil
}

// where is what a report is about.
func (c nurseCommand) where() string {
	if c.Session != "" {
		return "sessions/" + url.PathEscape(c.Session)
	}
	return "targets/" + url.PathEscape(c.Target)
}

// plainly keeps control characters of others off the terminal.
type plainly struct{ w io.Writer }

// Write writes p without them.
func (p plainly) Write(text []byte) (int, error) {
	if _, err := io.WriteString(p.w, plain(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}
