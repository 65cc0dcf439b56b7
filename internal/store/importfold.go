package store

import (
	"context"
	"slices"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// refolding works out anew the meetings that the missing lines of an import touch.
// It folds the lines that are there and those that come as one log, and puts
// context lines of its own among them: before a #startmeeting what is planned
// then, and behind the last word the end of a meeting that nobody ended.
type refolding struct {
	*importer
	known  []knownMeeting // around the lines, in order
	plans  []plannedSession
	merged []foldLine // in order of refs
	at     int        // of merged, the next to be folded
	read   bool       // all that is stored behind merged was read

	st      meeting.State
	prev    hackfest.Ref  // the last line that was folded
	spoke   time.Time     // when a person last spoke
	held    *knownMeeting // a meeting that stays as it is, whose lines are passed
	current *found        // the meeting that runs
	found   []*found      // meetings, whether touched or not
	fresh   []hackfest.Line
	stale   []hackfest.Ref        // lines of ours that do not hold any more
	bots    map[string]bool       // nicks, folded
	nowBots []hackfest.Ref        // lines of bots that were not known as such
	kept    map[hackfest.Ref]bool // meetings that stay as they are and got lines
	counted map[hackfest.Ref]bool // stored lines that the log has too
	until   hackfest.Ref          // the last line that is to be stored, or of the log
}

// foldLine is a line on its way through the engine.
type foldLine struct {
	hackfest.Line
	missing bool // it is to be stored
}

// found is a meeting that the engine found.
type found struct {
	state   meeting.State
	whole   bool                                  // a whole log
	grown   bool                                  // lines came to it
	touched bool                                  // there is something new about it
	rare    []meeting.Applied                     // what is stored as the bot's would be
	last    hackfest.Ref                          // the line that ended it; zero while it runs
	changed map[hackfest.ItemID]hackfest.Ref      // topics, items and votes, and what last changed each
	votes   map[hackfest.ItemID]meeting.VoteMoved // as they stand
	header  hackfest.Ref                          // what last changed the header
}

// What our own context lines say, besides what the engine reads in them.
const (
	ourMark  = `"import":`
	wholeBeg = `{"whole":"begins","import":"whole"}`
	wholeEnd = `{"whole":"ends","import":"whole"}`
	cutEnd   = `{"whole":"ends","import":"cut"}`
)

func isOurs(l hackfest.Line, text string) bool { return l.Kind == hackfest.Context && l.Text == text }

// run folds.
func (f *refolding) run(ctx context.Context) error {
	f.kept, f.counted = map[hackfest.Ref]bool{}, map[hackfest.Ref]bool{}
	for _, j := range f.place {
		if j >= 0 {
			f.counted[f.have[j].Ref] = true
		}
	}
	if err := f.gather(ctx); err != nil {
		return err
	}
	if f.in.Whole {
		if err := f.markWhole(); err != nil {
			return err
		}
	}
	f.until = f.high
	news := false
	for _, l := range f.merged {
		if l.missing {
			f.until, news = l.Ref, true
		}
	}
	if !news {
		return nil
	}
	if f.high.Compare(f.until) > 0 {
		f.until = f.high
	}
	f.knowBots()
	for {
		for f.at < len(f.merged) {
			if f.over() {
				return nil
			}
			if err := f.step(); err != nil {
				return err
			}
		}
		if f.over() || f.read {
			break
		}
		if err := f.readOn(ctx); err != nil {
			return err
		}
	}
	return f.end()
}

// over reports whether nothing that is still to come can be touched.
func (f *refolding) over() bool {
	return f.prev.Compare(f.until) >= 0 && (!f.st.Running() || f.current == nil || !f.current.touched)
}

// step folds one line.
func (f *refolding) step() error {
	l := &f.merged[f.at]
	f.at++
	passed, err := f.pass(l)
	switch {
	case err != nil:
		return err
	case passed:
	case isOurs(l.Line, cutEnd) && !l.missing:
		f.stale = append(f.stale, l.Ref)
		if f.current != nil {
			f.current.touched = true
		}
		return nil // it is put where it belongs now
	default:
		if err := f.before(l); err != nil {
			return err
		}
		if f.silence(l) {
			return nil
		}
		f.apply(*l)
	}
	f.prev = l.Ref
	return nil
}

// pass passes the lines of a meeting that stays as it is, and reports whether l is
// one. What is missing of it is kept as history, which the engine does not hear.
func (f *refolding) pass(l *foldLine) (bool, error) {
	if f.held == nil {
		i := slices.IndexFunc(f.known, func(m knownMeeting) bool { return m.Fixed && m.covers(l.Ref) })
		if i < 0 {
			return false, nil
		}
		f.held = &f.known[i]
		if f.st.Running() && f.current != nil { // two meetings at once cannot be
			if err := f.close(f.prev, l.Ref); err != nil {
				return false, err
			}
		}
		f.st, f.current = meeting.State{Context: f.st.Context}, nil
	}
	if l.missing {
		l.History = true
		f.fresh = append(f.fresh, l.Line)
		f.kept[f.held.Ref] = true
	}
	if l.Ref == f.held.LastRef {
		f.held = nil
	}
	return true, nil
}

// before puts our own lines before l: the end of a meeting in which nobody has
// spoken for long, and what is planned when a new one is asked for.
func (f *refolding) before(l *foldLine) error {
	if f.st.Running() && f.current != nil && !f.current.whole && l.Kind != hackfest.Context && l.At.Sub(f.spoke) >= meeting.Silence {
		if err := f.close(f.prev, l.Ref); err != nil {
			return err
		}
	}
	if !l.missing || f.st.Running() || !meeting.Starts(l.Line) {
		return nil
	}
	text, err := f.planText(l.At)
	if err != nil {
		return err
	}
	c, err := f.own(f.prev, l.Ref, l.At, text)
	if err != nil {
		return err
	}
	f.apply(foldLine{c, true})
	f.prev = c.Ref
	return nil
}

// own makes a context line between two others.
func (f *refolding) own(prev, next hackfest.Ref, at time.Time, text string) (hackfest.Line, error) {
	refs, err := f.refs.Between(prev, next, []time.Time{at})
	if err != nil {
		return hackfest.Line{}, err
	}
	return hackfest.Line{
		Ref: refs[0], Network: f.in.Network, Channel: f.channel.Name, At: at, ReceivedAt: at, Kind: hackfest.Context, Text: text,
	}, nil
}

// close ends the meeting that runs, when somebody last spoke.
func (f *refolding) close(prev, next hackfest.Ref) error {
	c, err := f.own(prev, next, f.spoke, cutEnd)
	if err != nil {
		return err
	}
	f.apply(foldLine{c, f.current.touched})
	f.prev = c.Ref
	return nil
}

// silence makes a tombstone of what was said while the meeting was off the record,
// and reports whether there is one for it already.
func (f *refolding) silence(l *foldLine) bool {
	if !l.missing || !f.st.OffTheRecord(l.At) || l.Self {
		return false
	}
	switch l.Kind {
	case hackfest.Message, hackfest.Act, hackfest.Notice:
		l.OffRecord, l.Text = true, f.st.KeptOff(l.Line)
		if l.Text != "" {
			return false
		}
		l.Nick, l.Account, l.Op, l.Windows1252 = "", "", false, false
		for k := range f.have {
			h := &f.have[k]
			if h.OffRecord && h.Text == "" && !f.counted[h.Ref] && h.At.Sub(l.At).Abs() <= time.Minute {
				f.counted[h.Ref] = true
				f.done.There++
				return true
			}
		}
	case hackfest.Part, hackfest.Quit, hackfest.Kick:
		l.Text = ""
	}
	return false
}

// apply gives a line to the engine and notes what came of it.
func (f *refolding) apply(l foldLine) {
	var effects []meeting.Effect
	f.st, effects = meeting.Apply(f.st, l.Line)
	if l.missing {
		f.fresh = append(f.fresh, l.Line)
	}
	if !l.Bot && !l.Self && !l.History && (l.Kind == hackfest.Message || l.Kind == hackfest.Act || l.Kind == hackfest.Web) {
		f.spoke = l.At
	}
	running := f.current != nil
	var rare []meeting.Effect
	for _, e := range effects {
		if f.note(l.Line, e) && l.missing {
			rare = append(rare, e)
		}
	}
	c := f.current
	if c == nil {
		return
	}
	c.touched = c.touched || l.missing || slices.Contains(f.nowBots, l.Ref)
	c.grown = c.grown || l.missing && running && l.Kind != hackfest.Context
	if len(rare) > 0 {
		c.rare = append(c.rare, meeting.Applied{Line: l.Line, Effects: rare})
	}
	if !c.last.IsZero() {
		f.current = nil
	}
}

// note keeps an effect, and reports whether it is one of the rare kinds that are
// stored as the bot's.
func (f *refolding) note(l hackfest.Line, e meeting.Effect) bool {
	if o, ok := e.(meeting.Opened); ok {
		f.current = &found{
			state: f.st, whole: l.Kind == hackfest.Context, changed: map[hackfest.ItemID]hackfest.Ref{}, votes: map[hackfest.ItemID]meeting.VoteMoved{}, header: o.Header.Ref,
		}
		f.found = append(f.found, f.current)
		f.spoke = l.At
	}
	c := f.current
	if c == nil {
		return false
	}
	switch e := e.(type) {
	case meeting.Changed:
		c.header = l.Ref
	case meeting.TopicNoted:
		c.changed[e.Topic.ID] = l.Ref
	case meeting.Noted:
		c.changed[e.Item.ID] = l.Ref
	case meeting.VoteMoved:
		c.changed[e.Vote.ID], c.votes[e.Vote.ID] = l.Ref, e
	case meeting.Closed:
		c.state, c.last, c.header = e.State, l.Ref, l.Ref
	case meeting.AgendaTaken, meeting.Targeted, meeting.Restricted, meeting.ActionSettled:
		return true
	}
	return false
}

// end ends what still runs at the end of all lines.
func (f *refolding) end() error {
	if f.current == nil || !f.current.touched || !f.st.Running() {
		return nil
	}
	if f.now.Sub(f.spoke) < meeting.Silence {
		return fault.New(fault.Conflict, "The meeting that began at %s may still go on. Import this log again when it is over.",
			f.st.Header.StartedAt.UTC().Format("2006-01-02 15:04 UTC"))
	}
	return f.close(f.prev, hackfest.Ref{})
}
