package web

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/schedule"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	datesShown = 3                    // of a series, before it is saved
	notesShown = 4                    // dates that a change of the clocks touches
	notesAhead = 366 * 24 * time.Hour // how far these are looked for
)

// datesOf are the dates of t; without any when its rule is none.
func datesOf(t hackfest.Timing) schedule.Series {
	dates, err := schedule.Read(t.Rule, t.First, t.Zone, t.Length)
	if err != nil {
		return schedule.Series{}
	}
	return dates
}

// nextDates are the first dates of t that start after now.
func nextDates(t hackfest.Timing, now time.Time) []schedule.Occurrence {
	dates := datesOf(t)
	if dates.Zone == nil {
		return nil
	}
	return dates.Next(datesShown, now)
}

// newDates shows the next dates of t: in its zone, on the reader's clock and in
// UTC.
func (s *Server) newDates(c ui.Clock, t hackfest.Timing) *templates.PlanDates {
	zones := s.planZones(c, t.Zone)
	d := &templates.PlanDates{Caption: "The next dates", Columns: []string{"Date"}}
	for _, z := range zones {
		d.Columns = append(d.Columns, zoneHead(z))
	}
	for _, o := range nextDates(t, c.Now) {
		row := []string{o.Start.In(s.locate(t.Zone)).Format("Mon 2 Jan 2006")}
		for _, z := range zones {
			row = append(row, s.inZone(c, o.Start, z, t.Zone))
		}
		d.Rows = append(d.Rows, row)
	}
	if len(d.Rows) == 0 {
		return nil
	}
	return d
}

// changedDates shows the next dates from a day on, before and after a change, in
// both zones.
func (s *Server) changedDates(c ui.Clock, was, is hackfest.Timing, from time.Time) *templates.PlanDates {
	zones := []string{was.Zone}
	for _, z := range append([]string{is.Zone}, s.planZones(c, is.Zone)...) {
		if !slices.Contains(zones, z) && z != "UTC" {
			zones = append(zones, z)
		}
	}
	if len(zones) == 1 && zones[0] != "UTC" {
		zones = append(zones, "UTC")
	}
	d := &templates.PlanDates{Caption: "The next dates, before and after", Columns: []string{"", "Before", "After"}}
	before, after := nextDates(was, from), nextDates(is, from)
	for i := range max(len(before), len(after)) {
		row := []string{ordinals[i], "no more", "no more"}
		if i < len(before) {
			row[1] = s.inZones(c, before[i].Start, zones)
		}
		if i < len(after) {
			row[2] = s.inZones(c, after[i].Start, zones)
		}
		d.Rows = append(d.Rows, row)
	}
	return d
}

var ordinals = []string{"First", "Second", "Third"}

// planZones are the zones in which somebody wants to see a time: that of the
// plan, their own and UTC.
func (s *Server) planZones(c ui.Clock, zone string) []string {
	zones := []string{zone}
	if c.Zone != nil {
		zones = append(zones, c.Zone.String())
	}
	zones = append(zones, "UTC")
	slices.Sort(zones[1:])
	return slices.Compact(dropAgain(zones))
}

// dropAgain leaves out what was in the list before.
func dropAgain(list []string) []string {
	var out []string
	for _, x := range list {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

func zoneHead(iana string) string {
	if iana == "UTC" {
		return iana
	}
	return zoneWords(iana)
}

// inZone is an instant on the clock of a zone: with its day where that is not the
// one of the zone it was planned in.
func (s *Server) inZone(c ui.Clock, at time.Time, zone, planned string) string {
	local := at.In(s.locate(zone))
	if local.Format(time.DateOnly) != at.In(s.locate(planned)).Format(time.DateOnly) {
		return local.Format("Mon 2 Jan, " + hours(c))
	}
	return local.Format(hours(c))
}

// inZones is an instant with its day on several clocks.
func (s *Server) inZones(c ui.Clock, at time.Time, zones []string) string {
	words := ""
	for i, z := range zones {
		if i > 0 {
			words += " · "
		}
		local, layout := at.In(s.locate(z)), "Mon 2 Jan 2006, "+hours(c)
		if i > 0 && local.Format(time.DateOnly) == at.In(s.locate(zones[0])).Format(time.DateOnly) {
			layout = hours(c)
		}
		words += local.Format(layout) + " " + ui.ZoneName(z)
	}
	return words
}

// clockNotes say which dates of the next year a change of the clocks touches.
func clockNotes(c ui.Clock, t hackfest.Timing) []string {
	dates := datesOf(t)
	if dates.Zone == nil {
		return nil
	}
	from := c.Now
	if first := schedule.Instant(t.First, dates.Zone); first.After(from) {
		from = first.Add(-time.Second)
	}
	var words []string
	list := dates.Notes(from, from.Add(notesAhead))
	for _, n := range list[:min(len(list), notesShown)] {
		words = append(words, noteWords(c, n))
	}
	if rest := len(list) - notesShown; rest > 0 {
		words = append(words, "The same on "+counted(rest, "further date", "further dates")+" within a year.")
	}
	return words
}

// noteWords is a date that a change of the clocks touches, with the instant in
// UTC.
func noteWords(c ui.Clock, n schedule.Note) string {
	return n.Wall.Format("Mon ") + n.Words(hours(c)) + " That is " + n.Start.UTC().Format(hours(c)) + " UTC."
}

// zonesDrawn is how many zones of the community the picture of a plan has.
const zonesDrawn = 8

// planRibbon draws in whose night what is planned is: across the zones of those
// who show theirs.
func (s *Server) planRibbon(ctx context.Context, c ui.Clock, x hackfest.Session) (chart.Ribbon, error) {
	lived, err := s.Store.CommunityZones(ctx, zonesDrawn)
	return s.ribbon(c, x, lived...), err
}

// changeLine is what the channel is told of a change; "" when it is too far ahead
// for that.
func (s *Server) changeLine(was, is hackfest.Session) string {
	now := s.Now()
	if was.StartsAt.Sub(now) > announce.ChangesAhead && is.StartsAt.Sub(now) > announce.ChangesAhead {
		return ""
	}
	occasion := announce.OccasionOf(is)
	if was.State == hackfest.StateCancelled && is.State == hackfest.StateScheduled {
		occasion = hackfest.OccasionReinstated
	}
	return announce.Changed(is, occasion, s.BaseURL)
}

// lasts is a length in minutes, as a field has it.
func lasts(d time.Duration) string { return strconv.Itoa(int(d / time.Minute)) }
