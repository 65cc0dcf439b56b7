package meeting

import (
	"slices"
	"strings"
)

// presence is what was said about somebody's being there; the last word counts.
type presence int8

const (
	untold  presence = iota // whoever speaks is there
	counted                 // present+ or #here
	away                    // present- or regrets+
)

// maxRegrets is how many people can send regrets.
const maxRegrets = 200

// Attendance returns who was there, in order of appearance, bots included, and
// who sent regrets. Whoever spoke or was named with present+ was there, unless a
// later present- or regrets+ says that they were not; they then are not among
// those who sent regrets, whatever they said on the web.
func (s State) Attendance() (present []*Person, regrets []string) {
	came := map[string]bool{}
	for _, p := range s.People {
		if p.presence == counted || p.presence == untold && p.Lines > 0 {
			present = append(present, p)
			for _, nick := range p.Nicks {
				came[s.fold.Fold(nick)] = true
			}
			came[p.account] = true
		}
	}
	for _, name := range s.Regrets {
		if !came[s.fold.Fold(name)] {
			regrets = append(regrets, name)
		}
	}
	return present, regrets
}

// attend carries out present+, present-, regrets+ and regrets-, with or without
// names behind them, and reports whether the line begins with one.
func (t *turn) attend() bool {
	if t.text == "" || !strings.ContainsRune("pPrR", rune(t.text[0])) {
		return false
	}
	word, rest, _ := strings.Cut(t.text, " ")
	do, ok := map[string]func(*turn, []string){
		"present+": (*turn).presentPlus, "present-": (*turn).presentMinus,
		"regrets+": (*turn).regretsPlus, "regrets-": (*turn).regretsMinus,
	}[strings.ToLower(word)]
	if !ok {
		return false
	}
	t.arg = clean(rest)
	names := t.names()
	if len(names) == 0 {
		names = []string{t.s.People[t.by].Nick}
	}
	do(t, names)
	return true
}

// maxExpected is how many people can be known before a meeting.
const maxExpected = 200

// expect makes those known who said on the web whether they come.
func (t *turn) expect(c ContextSession) {
	names := slices.Concat(c.Coming, c.Regrets)
	for _, name := range names[:min(len(names), maxExpected)] {
		if name != "" && strings.IndexFunc(name, endsNick) < 0 {
			t.named(name)
		}
	}
}

// mark says whether the people named were there. Whoever is not known yet
// becomes known only by being there.
func (t *turn) mark(names []string, p presence) {
	for _, name := range names {
		folded := t.s.fold.Fold(name)
		i := t.by
		if t.s.People[i].nick != folded {
			i = t.holder(folded)
			if i < 0 {
				i = t.lastKnown(folded)
			}
		}
		if i < 0 && p == counted {
			i = t.named(name)
		}
		if i >= 0 && t.s.People[i].presence != p {
			t.edit(i).presence = p
		}
	}
}

func (t *turn) presentPlus(names []string) {
	t.mark(names, counted)
	t.regretsMinus(names)
}

func (t *turn) presentMinus(names []string) { t.mark(names, away) }

func (t *turn) regretsPlus(names []string) {
	t.mark(names, away)
	t.addRegrets(names)
}

// regretsMoved takes in what was said on the web while the meeting runs: whoever
// spoke in it was there all the same.
func (t *turn) regretsMoved(was, now []string) {
	among := func(list []string) func(string) bool {
		return func(name string) bool { return slices.Contains(list, name) }
	}
	t.regretsMinus(slices.DeleteFunc(slices.Clone(was), among(now)))
	t.addRegrets(slices.DeleteFunc(slices.Clone(now), among(was)))
}

func (t *turn) addRegrets(names []string) {
	for _, name := range names {
		if t.regretOf(name) < 0 && len(t.s.Regrets) < maxRegrets {
			t.s.Regrets = append(slices.Clip(t.s.Regrets), name)
		}
	}
}

func (t *turn) regretsMinus(names []string) {
	for _, name := range names {
		if at := t.regretOf(name); at >= 0 {
			t.s.Regrets = slices.Delete(slices.Clone(t.s.Regrets), at, at+1)
		}
	}
}

// regretOf is the place of somebody's regrets; -1 when there are none.
func (t *turn) regretOf(name string) int {
	return slices.IndexFunc(t.s.Regrets, func(r string) bool { return t.s.fold.Equal(r, name) })
}
