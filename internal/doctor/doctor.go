// Package doctor examines what a portal stands on before somebody finds out at
// night: settings, data directory, spool, database, IRC servers, the address
// people use, mail server, GitHub, clock. Each finding says what is so and, unless it is well, what
// to do. It changes nothing; on IRC it registers under a nick of its own and
// joins no channel.
package doctor

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/eucalyptus/hackfest/internal/settings"
)

// Status is how bad a finding is.
type Status string

// A portal with a Problem does not work, or not for long; one with a Warning
// works, but probably not as it is meant to.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Problem Status = "problem"
)

// Finding is one thing that was examined.
type Finding struct {
	Check   string `json:"check"` // what was examined, in one or two words
	Status  Status `json:"status"`
	Message string `json:"message"`          // what is so, in one sentence or two; holds no secret
	Advice  string `json:"advice,omitempty"` // what to do; empty when all is well
}

// Options are whom to examine.
type Options struct {
	Given   settings.Given
	Machine settings.Machine
	Version string           // of this program
	Now     func() time.Time // nil is time.Now
	Wait    time.Duration    // for a server's first word; 0 is ten seconds

	space func(dir string) (space, error) // nil asks the operating system
}

const (
	firstWord   = 10 * time.Second // what a server on the Internet may take to say anything
	letInFactor = 3                // registering takes longer: servers ask DNS and ident first
)

// Examine examines everything that the settings name, in the order in which to
// put it right. It returns within a minute, or when ctx ends.
func Examine(ctx context.Context, o Options) []Finding {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == 0 {
		o.Wait = firstWord
	}
	if o.space == nil {
		o.space = spaceOf
	}
	e := &examination{Options: o}
	e.chosen, _ = o.Given.Settings(o.Machine) // what is wrong comes now, one by one
	for _, err := range o.Given.Check(o.Machine) {
		if m, ok := errors.AsType[settings.Mistake](err); ok {
			e.mistakes = append(e.mistakes, m)
		}
	}
	e.portal = e.lookForPortal(ctx)
	parts := []func(context.Context) []Finding{
		e.settings, e.zone, e.dataDir, e.spool, e.database, e.portalFindings, e.baseURL, e.mail, e.github,
	}
	if !e.wrong("HACKFEST_IRC") && e.has(e.chosen.Roles.Bot) {
		for _, n := range e.chosen.Networks {
			parts = append(parts, func(ctx context.Context) []Finding { return e.network(ctx, n) })
		}
	}
	found := make([][]Finding, len(parts))
	var all sync.WaitGroup
	for i, part := range parts {
		all.Go(func() { found[i] = part(ctx) })
	}
	all.Wait()
	var list []Finding
	for _, some := range found {
		list = append(list, some...)
	}
	return list
}

// Worst is the worst status among findings; OK without any.
func Worst(findings []Finding) Status {
	worst := OK
	for _, f := range findings {
		if f.Status == Problem || f.Status == Warning && worst == OK {
			worst = f.Status
		}
	}
	return worst
}

// examination is one run of Examine. Nothing in it changes once the parts run.
type examination struct {
	Options
	chosen   settings.Settings // as far as it could be read
	mistakes []settings.Mistake
	portal   seenPortal
}

// wrong reports whether a variable whose name begins with prefix has a mistake,
// so that there is nothing to go on.
func (e *examination) wrong(prefix string) bool {
	for _, m := range e.mistakes {
		if strings.HasPrefix(m.Key, prefix) {
			return true
		}
	}
	return false
}

// has reports whether the process has a role; all of them while HACKFEST_ROLES
// is wrong.
func (e *examination) has(role bool) bool { return role || e.wrong("HACKFEST_ROLES") }

// settings lists the mistakes, all at once, and what is allowed but odd.
func (e *examination) settings(context.Context) []Finding {
	const check = "settings"
	var list []Finding
	for _, m := range e.mistakes {
		list = append(list, Finding{check, Problem, m.Error(), "Correct it; hackfest serve does not start like this. docs/settings.md describes each setting."})
	}
	for _, w := range e.chosen.Warnings {
		list = append(list, Finding{check, Warning, w, "Correct it, or leave it if it is meant."})
	}
	if len(list) == 0 {
		list = append(list, Finding{check, OK, "No mistakes.", ""})
	}
	if len(e.chosen.Networks) == 0 && !e.wrong("HACKFEST_IRC") && e.has(e.chosen.Roles.Bot) {
		list = append(list, Finding{
			check, Warning, "HACKFEST_IRC is not set, so there is no bot.",
			"Set it to your network and channels, as in ircs://hackbot@irc.libera.chat/your-channel.",
		})
	}
	return list
}

// zone says what the community's clock shows.
func (e *examination) zone(context.Context) []Finding {
	if e.wrong("HACKFEST_ZONE") {
		return nil
	}
	name := e.chosen.Zone.String()
	return []Finding{{"zone", OK, name + ", where it is " + e.Now().In(e.chosen.Zone).Format("Mon 2 Jan, 15:04 MST (-07:00)") + ".", ""}}
}
