package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/eucalyptus/hackfest/internal/app"
	"github.com/eucalyptus/hackfest/internal/doctor"
	"github.com/eucalyptus/hackfest/internal/settings"
)

// doctorCommand is hackfest doctor.
type doctorCommand struct {
	settings.Given
	JSON bool `name:"json" help:"Print the findings as JSON, for programs."`
}

// Help is what follows the flags.
func (doctorCommand) Help() string {
	return `It examines what the portal needs, with the same settings as serve: all settings at once, the data
directory and its disk, the spool, Postgres with its extensions, rights and migrations, who holds the
bot's lock, each IRC network, the address the portal listens on and the one people use, the mail server, and the clock.

Each line says ok, warning or problem; what to do stands below. It changes nothing. On IRC it
registers under a nick of its own, joins no channel and leaves.

Run it as the user who runs the portal, with that user's settings:
  sudo -u hackfest sh -c 'set -a; . /etc/hackfest/hackfest.env; exec hackfest doctor'

The exit status is 0 without a problem, 1 with one.`
}

// report is what --json prints.
type report struct {
	Status   doctor.Status    `json:"status"` // the worst of them
	Findings []doctor.Finding `json:"findings"`
}

// Run prints what was found.
func (c doctorCommand) Run(ctx context.Context, s streams) error {
	now, err := app.Clock()
	if err != nil {
		return err
	}
	found := doctor.Examine(ctx, doctor.Options{Given: c.Given, Machine: settings.OS(), Version: version, Now: now})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for i := range found {
		found[i].Message, found[i].Advice = plain(found[i].Message), plain(found[i].Advice)
	}
	r := report{doctor.Worst(found), found}
	if c.JSON {
		enc := json.NewEncoder(s.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		_, err = io.WriteString(s.out, r.text())
	}
	if err == nil && r.Status == doctor.Problem {
		return &exit{status: exitFailed} // the findings have said why
	}
	return err
}

// text is the report for people: one line for each finding, what to do below.
func (r report) text() string {
	var b strings.Builder
	count := map[doctor.Status]int{}
	wide := 0
	for _, f := range r.Findings {
		wide = max(wide, len(f.Check))
		count[f.Status]++
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%-8s %-*s  %s\n", f.Status, wide, f.Check, f.Message)
		if f.Advice != "" {
			fmt.Fprintf(&b, "%*s-> %s\n", 9+wide+2, "", f.Advice)
		}
	}
	switch {
	case count[doctor.Problem]+count[doctor.Warning] == 0:
		b.WriteString("\nAll is well.\n")
	default:
		fmt.Fprintf(&b, "\n%s, %s.\n", number(count[doctor.Problem], "problem"), number(count[doctor.Warning], "warning"))
	}
	return b.String()
}

// number is n of what, in words fit for a sentence.
func number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
