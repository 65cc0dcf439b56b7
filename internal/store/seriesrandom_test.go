package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/schedule"
	"github.com/eucalyptus/hackfest/internal/store"
)

// life is a series that things happen to.
type life struct {
	world
	rng  *rand.Rand
	slug string
	now  time.Time
	did  []string
}

// rules are what a series of theirs may be; each begins on Wednesday, 15 August.
var rules = []string{
	"FREQ=WEEKLY;BYDAY=WE", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=MONTHLY;BYDAY=3WE",
	"FREQ=DAILY", "FREQ=WEEKLY;BYDAY=WE;COUNT=9", "FREQ=WEEKLY;BYDAY=TU,WE;UNTIL=20121107T235959Z",
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// timing is any.
func (l *life) timing() hackfest.Timing {
	return hackfest.Timing{
		Rule: pick(l.rng, rules), First: time.Date(2012, 8, 15, l.rng.IntN(24), 30*l.rng.IntN(2), 0, 0, time.UTC),
		Zone:   pick(l.rng, []string{"America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"}),
		Length: pick(l.rng, []time.Duration{30 * time.Minute, time.Hour, 150 * time.Minute}),
	}
}

// someDay is a wall-clock date from now on, or none.
func (l *life) someDay() time.Time {
	if l.rng.IntN(4) == 0 {
		return time.Time{}
	}
	return l.now.Truncate(24*time.Hour).AddDate(0, 0, l.rng.IntN(60))
}

func (l *life) all() []hackfest.Session {
	list, err := l.Sessions(l.t.Context(), member, store.SessionFilter{Series: l.slug, Limit: 10000})
	l.must(err)
	return list
}

// happens does one thing at random, and says what.
func (l *life) happens() (what string, err error) {
	ctx, list := l.t.Context(), l.all()
	x := hackfest.Session{Slug: "2012-01-01-none"}
	if len(list) > 0 {
		x = list[l.rng.IntN(min(len(list), 40))]
	}
	start := x.StartsAt.Add(time.Duration(l.rng.IntN(200)-100) * time.Hour)
	switch l.rng.IntN(10) {
	case 0, 1, 2:
		e := as(l.series(l.slug))
		e.From = l.someDay()
		if what = "title"; l.rng.IntN(3) > 0 {
			e.Timing, what = l.timing(), "timing"
		}
		if e.OverlapOK = true; l.rng.IntN(4) == 0 {
			e.Channel, what = pick(l.rng, []string{channel, "#other"}), what+" channel"
		}
		e.Title = fmt.Sprintf("Title %d", l.rng.IntN(3))
		_, err = l.ChangeSeries(ctx, l.slug, e, 0, 0, l.now)
		return fmt.Sprintf("%s %s %s from %s", what, e.Rule, e.Zone, e.From.Format(time.DateOnly)), err
	case 3:
		if l.rng.IntN(3) > 0 {
			return "nothing", nil
		}
		last := l.someDay()
		_, err = l.EndSeries(ctx, l.slug, last, "", 0, 0, l.now)
		return "end " + last.Format(time.DateOnly), err
	case 4:
		_, err = l.MoveSession(ctx, x.Slug, hackfest.SessionMove{StartsAt: start, EndsAt: start.Add(time.Hour), OverlapOK: true}, 0, 0, l.now)
		return "move " + x.Slug, err
	case 5:
		_, err = l.CancelSession(ctx, x.Slug, "no power", 0, 0, l.now)
		return "cancel " + x.Slug, err
	case 6:
		_, err = l.ReinstateSession(ctx, x.Slug, true, 0, 0, l.now)
		return "reinstate " + x.Slug, err
	case 7:
		_, err = l.EditSession(ctx, x.Slug, hackfest.SessionEdit{Title: "Special", Goal: pick(l.rng, []string{"", "one node"})}, 0, 0, l.now)
		return "edit " + x.Slug, err
	case 8:
		_, err = l.ExtendSeries(ctx, l.slug, l.now.Add(store.Ahead), l.now)
		return "extend", err
	}
	l.now = l.now.Add(time.Duration(l.rng.IntN(15*24)) * time.Hour)
	g := newLog(channel, l.now).say("ann", "#startmeeting now").say("ann", "#endmeeting")
	return "time passes, a meeting is held", l.Record(ctx, network, channel, apply(meetingState{}, g.lines), mapping, l.now)
}

// gone is what must not change any more of a session that has begun.
func gone(x hackfest.Session) string {
	return fmt.Sprint(x.StartsAt, x.EndsAt, x.State, x.Title, x.Channel, x.Zone, x.Sequence, x.Reason)
}

// holds checks what has to be true whatever happened. was is what there was before
// the last thing.
func (l *life) holds(was map[hackfest.SessionID]hackfest.Session, rulesWas map[hackfest.RuleID]int, before time.Time) {
	r, days := l.series(l.slug), map[string]string{}
	rule := map[hackfest.RuleID]hackfest.SeriesRule{}
	due := map[string]bool{} // dates that the rules have and that come soon
	for _, q := range r.Rules {
		if rule[q.ID] = q; q.Sequence < rulesWas[q.ID] {
			l.fail("SEQUENCE of rule %d fell to %d", q.ID, q.Sequence)
		}
		s, err := schedule.Read(q.Rule, q.First, q.Zone, q.Length)
		l.must(err)
		for o := range s.Between(l.now, before.Add(store.Ahead)) {
			if !q.Void {
				due[fmt.Sprint(q.ID, " ", o.Wall)] = true
			}
		}
	}
	for _, x := range l.all() {
		old, known := was[x.ID]
		delete(was, x.ID)
		if known && x.Sequence < old.Sequence {
			l.fail("SEQUENCE of %s fell from %d to %d", x.Slug, old.Sequence, x.Sequence)
		}
		if known && (old.Held > 0 || !old.StartsAt.After(before)) && old.Held == x.Held && gone(old) != gone(x) && !old.EndsAt.After(before) {
			l.fail("the past was changed:\n%s\n%s", gone(old), gone(x))
		}
		if x.RuleID == 0 {
			if x.State == hackfest.StateScheduled && x.Held == 0 && x.StartsAt.After(l.now) && old.RuleID != 0 { // else it was reinstated
				l.fail("%s is planned by no rule", x.Slug)
			}
			continue
		}
		q, day := rule[x.RuleID], x.Occurrence.Format(time.DateOnly)
		if days[day] != "" {
			l.fail("%s and %s are on one date", days[day], x.Slug)
		}
		days[day] = x.Slug
		delete(due, fmt.Sprint(x.RuleID, " ", x.Occurrence))
		if !x.Moved && x.Held == 0 && x.StartsAt.After(l.now) {
			zone, err := schedule.Zone(q.Zone)
			l.must(err)
			if start := schedule.Instant(x.Occurrence, zone); !start.Equal(x.StartsAt) || x.EndsAt.Sub(x.StartsAt) != q.Length || q.Void {
				l.fail("%s is at %s, and its rule says %s, for %s", x.Slug, x.StartsAt, start, q.Length)
			}
			if !x.Overridden && x.Title != r.Title {
				l.fail("%s is called %s", x.Slug, x.Title)
			}
		}
		s, err := schedule.Read(q.Rule, q.First, q.Zone, q.Length)
		l.must(err)
		if _, ok := s.Since(func(o schedule.Occurrence) bool { return !o.Wall.Before(x.Occurrence) }); x.StartsAt.After(l.now) && !ok {
			l.fail("%s is on %s, and its rule ends before: %s", x.Slug, x.Occurrence, q.Rule)
		}
	}
	for _, x := range was {
		if x.Held > 0 || !x.StartsAt.After(before) || x.Overridden {
			l.fail("%s is gone", x.Slug)
		}
	}
	for d := range due {
		l.fail("date %s has no session", d)
	}
}

func (l *life) fail(format string, args ...any) {
	l.t.Helper()
	l.t.Errorf(format, args...)
	for _, d := range l.did {
		l.t.Log(d)
	}
	l.t.FailNow()
}

// Whatever happens to a series, in whatever order: no date comes twice or is
// forgotten, what has been stays, and calendars are told of each change.
func TestLivesOfSeries(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			l := &life{world: newWorld(t), rng: rand.New(rand.NewPCG(seed, 5545)), slug: "weekly-hackfest", now: aug2}
			l.t = t
			r := weekly
			r.Rule, r.OverlapOK = rules[seed%uint64(len(rules))], true
			x := l.timing()
			r.First, r.Zone, r.Length = x.First, x.Zone, x.Length
			_, err := l.AddSeries(t.Context(), r, l.now)
			l.must(err)
			refused := 0
			for range 50 {
				was, rulesWas, before := map[hackfest.SessionID]hackfest.Session{}, map[hackfest.RuleID]int{}, l.now
				for _, x := range l.all() {
					was[x.ID] = x
				}
				for _, q := range l.series(l.slug).Rules {
					rulesWas[q.ID] = q.Sequence
				}
				what, err := l.happens()
				l.did = append(l.did, fmt.Sprintf("%s %s: %v", l.now.Format("2006-01-02 15:04"), what, err))
				if err != nil {
					refused++
					if kind := fault.KindOf(err); kind != fault.Conflict && kind != fault.Invalid && kind != fault.NotFound {
						l.fail("%v", err)
					}
				}
				_, err = l.ExtendSeries(t.Context(), l.slug, before.Add(store.Ahead), l.now)
				l.must(err)
				l.holds(was, rulesWas, before)
			}
			if refused > 40 {
				t.Errorf("%d of 50 things were refused", refused)
			}
		})
	}
}
