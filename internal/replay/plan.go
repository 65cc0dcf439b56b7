package replay

import (
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// plan is a log as things to do.
type plan struct {
	people []person
	steps  []step
}

// person is somebody who speaks in the log, through all their nicks.
type person struct {
	nick  string // their first
	comes bool   // the log shows them joining before they do anything else
	steps []int  // theirs, in order
}

// step is one thing that somebody does.
type step struct {
	who   int
	after time.Duration // since the log began, silences cut
	line  hackfest.Line
}

// silence is the longest pause that is kept.
const silence = 10 * time.Minute

// leaves reports whether the step ends in the client being gone. Who was kicked
// leaves by themselves: nobody here has the rights to kick.
func (s step) leaves() bool {
	return s.line.Kind == hackfest.Quit || s.line.Kind == hackfest.Part || s.line.Kind == hackfest.Kick
}

// newPlan leaves out bots, ours and others, since a bot is there to answer, and
// people who only watched.
func newPlan(lines []hackfest.Line) plan {
	speakers := map[int]bool{}
	c := cast{now: map[string]int{}}
	var all []step
	for _, l := range lines {
		who, ok := c.actor(l)
		if !ok {
			continue
		}
		speakers[who] = speakers[who] || speech(l.Kind)
		all = append(all, step{who: who, line: l})
	}
	return c.keep(all, speakers)
}

// cast knows whose nick is whose while a log is read.
type cast struct {
	people []person
	now    map[string]int // folded nick → person
}

func (c *cast) of(nick string) int {
	folded := irctext.Casemapping("").Fold(nick)
	if who, ok := c.now[folded]; ok {
		return who
	}
	c.people = append(c.people, person{nick: nick})
	c.now[folded] = len(c.people) - 1
	return len(c.people) - 1
}

// actor is whose line it is to play; false for what is not played.
func (c *cast) actor(l hackfest.Line) (int, bool) {
	if l.Bot || l.Self || l.Nick == "" {
		return 0, false
	}
	switch l.Kind {
	case hackfest.Message, hackfest.Act, hackfest.Notice:
		return c.of(l.Nick), clean(l.Text) != ""
	case hackfest.Join, hackfest.Part, hackfest.Quit:
		return c.of(l.Nick), true
	case hackfest.Kick:
		return c.of(l.Target), l.Target != ""
	case hackfest.Nick:
		who := c.of(l.Nick)
		delete(c.now, irctext.Casemapping("").Fold(l.Nick))
		c.now[irctext.Casemapping("").Fold(l.Target)] = who
		return who, l.Target != ""
	}
	return 0, false
}

func speech(k hackfest.LineKind) bool {
	return k == hackfest.Message || k == hackfest.Act || k == hackfest.Notice
}

// keep numbers the speakers anew and sets the times.
func (c *cast) keep(all []step, speakers map[int]bool) plan {
	var p plan
	place := map[int]int{}
	for who, person := range c.people {
		if speakers[who] {
			place[who] = len(p.people)
			p.people = append(p.people, person)
		}
	}
	for _, s := range all {
		who, ok := place[s.who]
		if !ok {
			continue
		}
		one := &p.people[who]
		one.comes = one.comes || len(one.steps) == 0 && s.line.Kind == hackfest.Join
		one.steps = append(one.steps, len(p.steps))
		s.who = who
		p.steps = append(p.steps, s)
	}
	p.setTimes()
	return p
}

// setTimes makes offsets of times. What a log without seconds says of one minute
// is spread over it.
func (p *plan) setTimes() {
	var after time.Duration
	for from := 0; from < len(p.steps); {
		at := p.steps[from].line.At
		to := from + 1
		for to < len(p.steps) && !p.steps[to].line.At.After(at) {
			to++
		}
		pause := time.Second
		if to < len(p.steps) {
			pause = min(p.steps[to].line.At.Sub(at), silence)
		}
		n := time.Duration(to - from)
		for i := range p.steps[from:to] {
			p.steps[from+i].after = after + min(pause, time.Minute)*time.Duration(i)/n
		}
		after += pause
		from = to
	}
}

// nextStep is the first step of a person from now on; behind all others for who
// has none.
func (p *plan) nextStep(who, now int) int {
	steps := p.people[who].steps
	if at, _ := slices.BinarySearch(steps, now); at < len(steps) {
		return steps[at]
	}
	return len(p.steps)
}

// nickAt is what a person is called when a step begins.
func (p *plan) nickAt(who, now int) string {
	nick := p.people[who].nick
	for _, i := range p.people[who].steps {
		if i >= now {
			break
		}
		if l := p.steps[i].line; l.Kind == hackfest.Nick {
			nick = l.Target
		}
	}
	return nick
}

// clean makes text fit for a line that is sent. What was off the record is not
// in the log any more.
func clean(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\x00", "", "\x01", "", "\r", " ", "\n", " ").Replace(text))
}
