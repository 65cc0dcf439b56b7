package app

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ical"
	"github.com/eucalyptus/hackfest/internal/schedule"
	"github.com/eucalyptus/hackfest/internal/store"
)

// CalendarImport is a foreign calendar, and what to take for what it lacks.
type CalendarImport struct {
	Path             string
	Network, Channel string         // of events whose place is no channel; both "" leaves them out
	Zone             *time.Location // of times without one; nil leaves such events out
}

// CalendarReport is what an import of a calendar did.
type CalendarReport struct {
	Series   []hackfest.Imported
	Problems []ical.Problem
}

// biggestCalendar is how much of a file is read.
const biggestCalendar = 16 << 20

// place is how our own calendars, and those of people on IRC, name a channel.
var place = regexp.MustCompile(`^([#&+!][^\s,]+) on (\S+)$`)

// ImportCalendar brings the events of a foreign calendar in, each as a series
// that can only be read here. Sent again it changes only what changed there.
func (k Keeper) ImportCalendar(ctx context.Context, in CalendarImport) (report CalendarReport, err error) {
	info, err := os.Stat(in.Path)
	if err != nil || info.Size() > biggestCalendar {
		return report, fault.New(fault.Invalid, "%s cannot be read, or is longer than a calendar can be.", in.Path)
	}
	data, err := os.ReadFile(in.Path)
	if err != nil {
		return report, err
	}
	cal, err := ical.Read(data, in.Zone)
	if err != nil {
		return report, err
	}
	report.Problems = cal.Problems
	err = k.read(ctx, func(st *store.Store) error {
		for _, x := range in.series(cal.Events) {
			done, err := st.ImportSeries(ctx, x, k.Now().UTC())
			if fault.KindOf(err) == fault.Internal && err != nil || fault.KindOf(err) == fault.Unavailable {
				return err
			}
			if err != nil {
				report.Problems = append(report.Problems, ical.Problem{Event: x.Title, What: fault.Message(err)})
				continue
			}
			report.Series = append(report.Series, done)
		}
		return k.audit(ctx, st, "import calendar", filepath.Base(in.Path), nil, map[string]any{"series": len(report.Series)})
	})
	return report, err
}

// series are events as series of ours.
func (in CalendarImport) series(events []ical.Event) []hackfest.ForeignSeries {
	var list []hackfest.ForeignSeries
	for _, e := range events {
		if !e.Occurrence.IsZero() {
			last := &list[len(list)-1]
			last.Dates = append(last.Dates, foreignDate(e, last.Title))
			continue
		}
		start := schedule.Instant(e.Start, e.Zone)
		x := hackfest.ForeignSeries{Series: hackfest.Series{
			Title: shortTitle(e.Summary), Kind: hackfest.KindMeeting, Network: in.Network, Channel: in.Channel, Foreign: filepath.Base(in.Path),
			UID: e.UID, Rule: e.Rule, First: e.Start, Zone: ical.ZoneName(e.Zone), Length: end(e).Sub(start),
		}}
		if m := place.FindStringSubmatch(e.Location); m != nil {
			x.Channel, x.Network = m[1], m[2]
		}
		if x.Rule == "" {
			x.Rule = "FREQ=DAILY;COUNT=1" // it happens once
		}
		for _, wall := range e.Except {
			at := schedule.Instant(wall, e.Zone)
			x.Dates = append(x.Dates, hackfest.ForeignDate{Occurrence: wall, StartsAt: at.UTC(), EndsAt: at.Add(x.Length).UTC(), Out: true})
		}
		if e.Status == ical.Cancelled {
			x.Dates = append(x.Dates, hackfest.ForeignDate{Occurrence: e.Start, StartsAt: start.UTC(), EndsAt: end(e).UTC(), Cancelled: true})
		}
		list = append(list, x)
	}
	return list
}

// foreignDate is an override of a series.
func foreignDate(e ical.Event, series string) hackfest.ForeignDate {
	d := hackfest.ForeignDate{Occurrence: e.Occurrence, StartsAt: e.Exact.UTC(), EndsAt: end(e).UTC(), Cancelled: e.Status == ical.Cancelled}
	if e.Exact.IsZero() {
		d.StartsAt = schedule.Instant(e.Start, e.Zone).UTC()
	}
	if title := shortTitle(e.Summary); e.Summary != "" && title != series {
		d.Title = strings.TrimPrefix(title, "CANCELLED: ")
	}
	return d
}

// end is when an event ends.
func end(e ical.Event) time.Time {
	if !e.ExactEnd.IsZero() {
		return e.ExactEnd
	}
	return schedule.Instant(e.End, e.Zone)
}

// longestTitle is how long the title of a series may be.
const longestTitle = 120

// shortTitle is a title on one line that a series may have.
func shortTitle(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return "Untitled"
	}
	if r := []rune(s); len(r) > longestTitle {
		return string(r[:longestTitle-1]) + "…"
	}
	return s
}
