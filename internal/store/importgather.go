package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// gather reads what is known around the lines and puts all in order.
func (f *refolding) gather(ctx context.Context) error {
	first := f.low
	var err error
	if f.known, err = f.tx.meetingsAbout(ctx, f.channel.ID, first, hackfest.RefAt(first.Time().Add(-meeting.Silence-time.Minute)), f.high); err != nil {
		return err
	}
	if f.plans, err = f.tx.plansAbout(ctx, f.channel.ID, first.Time(), f.high.Time()); err != nil {
		return err
	}
	begin := first
	if len(f.have) > 0 && f.have[0].Ref.Compare(begin) < 0 {
		begin = f.have[0].Ref
	}
	if len(f.known) > 0 && f.known[0].Ref.Compare(begin) < 0 {
		earlier, err := f.tx.storedLines(ctx, f.channel.ID, f.known[0].Ref, begin, 0)
		if err != nil {
			return err
		}
		for len(earlier) > 0 && len(f.have) > 0 && earlier[len(earlier)-1].Ref.Compare(f.have[0].Ref) >= 0 {
			earlier = earlier[:len(earlier)-1]
		}
		f.have = append(earlier, f.have...)
		begin = f.known[0].Ref
	}
	if len(f.have) > 0 {
		before, err := f.tx.meetingLines(ctx, f.channel.ID, begin, begin)
		if err != nil {
			return err
		}
		for _, l := range before {
			if l.Ref.Compare(begin) < 0 {
				f.st, _ = meeting.Apply(f.st, l)
			}
		}
	}
	f.merge()
	return nil
}

func (f *refolding) merge() {
	f.merged = make([]foldLine, 0, len(f.have)+len(f.missing))
	k := 0
	for _, h := range f.have {
		for k < len(f.missing) && f.missing[k].Ref.Compare(h.Ref) < 0 {
			f.merged = append(f.merged, foldLine{f.missing[k], true})
			k++
		}
		f.merged = append(f.merged, foldLine{h.Line, false})
	}
	for ; k < len(f.missing); k++ {
		f.merged = append(f.merged, foldLine{f.missing[k], true})
	}
}

// knowBots finds out whom some line, of the log or of what is there, tells to be a
// bot.
func (f *refolding) knowBots() {
	f.bots = map[string]bool{}
	for _, l := range f.lines {
		f.knowBot(l)
	}
	for _, l := range f.merged {
		f.knowBot(l.Line)
	}
	f.markBots()
}

func (f *refolding) knowBot(l hackfest.Line) {
	if l.Bot && l.Nick != "" {
		f.bots[irctext.RFC1459.Fold(l.Nick)] = true
	}
}

// markBots takes for bots, in lines that a log brought or brings, who is known as
// such.
func (f *refolding) markBots() {
	if len(f.bots) == 0 {
		return
	}
	for k := range f.merged {
		l := &f.merged[k]
		if l.Bot || l.Self || l.Nick == "" || !f.bots[irctext.RFC1459.Fold(l.Nick)] || !l.missing && !f.refs.Ours(l.Ref) {
			continue
		}
		l.Bot = true
		if !l.missing {
			f.nowBots = append(f.nowBots, l.Ref)
		}
	}
}

// readOn reads more of what is stored.
func (f *refolding) readOn(ctx context.Context) error {
	const page = 500
	after := f.prev
	if len(f.merged) > 0 {
		after = f.merged[len(f.merged)-1].Ref
	}
	list, err := f.tx.storedLines(ctx, f.channel.ID, after.Next(), highestRef, page)
	if err != nil {
		return err
	}
	f.read = len(list) < page
	f.merged, f.at = f.merged[:0], 0
	for _, l := range list {
		f.merged = append(f.merged, foldLine{l.Line, false})
	}
	f.markBots()
	if len(list) == 0 {
		return nil
	}
	more, err := f.tx.meetingsAbout(ctx, f.channel.ID, list[0].Ref, list[0].Ref, list[len(list)-1].Ref)
	for _, m := range more {
		if !slices.ContainsFunc(f.known, func(k knownMeeting) bool { return k.Ref == m.Ref }) {
			f.known = append(f.known, m)
		}
	}
	return err
}

// planText is what the engine is told before a meeting starts: anybody may start
// it, as somebody did, and the sessions it may belong to. What became of agendas
// and actions since is not of that time.
func (f *refolding) planText(at time.Time) (string, error) {
	var c meeting.Context
	for _, p := range f.plans {
		if !at.Before(p.StartsAt.Add(-earlyStart)) && at.Before(p.EndsAt) {
			c.Sessions = append(c.Sessions, meeting.ContextSession{
				Slug: p.Slug, Title: p.Title, Zone: p.Zone, Target: p.Target, StartsAt: p.StartsAt.UTC(), EndsAt: p.EndsAt.UTC(),
			})
		}
	}
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("context of an import: %w", err)
	}
	return strings.Replace(string(text), "{", "{"+ourMark+`"plan",`, 1), nil
}
