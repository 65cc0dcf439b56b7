package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/schedule"
)

// lookAhead is how far collisions are looked for.
const lookAhead = 52 * 7 * 24 * time.Hour

// taker is something that takes a channel, or a chair's time.
type taker struct {
	Series         *hackfest.SeriesID // of dates that are not laid out yet
	Slug, Title    string
	Seen           bool     // the viewer may know what it is
	Here           bool     // it takes the channel
	Chairs         []string // of those who are to chair, who chair it
	StartsAt, Ends time.Time
	rules          []hackfest.SeriesRule
}

// Clashes finds what is in the way of w, by start: for a year ahead, or for a year
// from the first date when that is later. It looks at what the rules of series
// say, not only at what is laid out; cancelled dates take nothing, moved ones what
// they were moved to. Of what v may not see only the time is told. That a chair
// would have to be in two places is told too; nothing is refused for that.
func (s *Store) Clashes(ctx context.Context, v person.Viewer, w hackfest.Wanted, now time.Time) ([]hackfest.Clash, error) {
	wanted, err := slotsOf(w, now)
	if err != nil || len(wanted) == 0 {
		return nil, err
	}
	args := pgx.NamedArgs{"members": v.SeesMembersOnly(), "series": w.SeriesSlug, "session": w.SessionSlug}
	if args["channel"], err = s.channelID(ctx, w.Network, w.Channel); err != nil {
		return nil, err
	}
	if args["chairs"], err = s.chairsOf(ctx, w); err != nil {
		return nil, err
	}
	from, to := wanted[0].Start, wanted[0].End
	for _, x := range wanted {
		if to.Before(x.End) {
			to = x.End
		}
	}
	args["from"], args["to"], args["back"] = from, to, from.Add(-longestSession)
	takers, err := s.takers(ctx, args)
	if err != nil {
		return nil, err
	}
	var taken []schedule.Slot
	for i, t := range takers {
		taken = append(taken, schedule.Slot{Start: t.StartsAt, End: t.Ends, Of: i})
	}
	var found []hackfest.Clash
	for _, c := range schedule.Clashes(wanted, taken) {
		t := takers[c.Taken.Of]
		clash := hackfest.Clash{StartsAt: c.Wanted.Start.UTC(), EndsAt: c.Wanted.End.UTC()}
		clash.With = hackfest.Overlap{StartsAt: t.StartsAt.UTC(), EndsAt: t.Ends.UTC()}
		if t.Seen {
			clash.With.Slug, clash.With.Title = t.Slug, t.Title
		}
		if t.Here {
			found = append(found, clash)
			continue
		}
		for _, clash.Chair = range t.Chairs {
			found = append(found, clash)
		}
	}
	return found, nil
}

// slotsOf are the times that w wants and that are not over.
func slotsOf(w hackfest.Wanted, now time.Time) ([]schedule.Slot, error) {
	if w.Rule == "" {
		if !w.EndsAt.After(now) {
			return nil, nil
		}
		return []schedule.Slot{{Start: w.StartsAt, End: w.EndsAt}}, nil
	}
	dates, err := schedule.New(w.Rule, w.First, w.Zone, w.Length)
	if err != nil {
		return nil, err
	}
	horizon := now
	if first := schedule.Instant(w.First, dates.Zone); first.After(now) {
		horizon = first
	}
	var list []schedule.Slot
	for o := range dates.Between(now, horizon.Add(lookAhead)) {
		list = append(list, schedule.Slot{Start: o.Start, End: o.End})
	}
	return list, nil
}

// chairsOf are those who chair w or are to.
func (s *Store) chairsOf(ctx context.Context, w hackfest.Wanted) ([]person.ID, error) {
	const q = `
		select distinct h.person_id
		from chairs h
		left join sessions x on x.slug = @session and (x.id = h.session_id or x.series_id = h.series_id)
		left join series r on r.slug = @series and r.id = h.series_id
		where x.id is not null or r.id is not null`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": w.SessionSlug, "series": w.SeriesSlug})
	list, err := pgx.CollectRows(rows, pgx.RowTo[person.ID])
	return append(list, w.Chairs...), classify(err, "chair")
}

// takers are the sessions that take the channel or one of the chairs, and the
// dates of series that would if they were laid out.
func (s *Store) takers(ctx context.Context, args pgx.NamedArgs) ([]taker, error) {
	const q = `
		select null::bigint as series, s.slug, s.title, (@members or (s.visibility = 'public' and c.visibility = 'public')) as seen,
			s.channel_id = @channel as here, h.names as chairs, s.starts_at, s.ends_at as ends
		from sessions s
		join channels c on c.id = s.channel_id
		left join series r on r.id = s.series_id
		cross join lateral (
			select coalesce(array_agg(distinct p.name), '{}') as names
			from chairs h join people p on p.id = h.person_id
			where h.person_id = any(@chairs) and (h.session_id = s.id or h.series_id = s.series_id)) h
		where s.state = 'scheduled' and s.starts_at > @back and s.starts_at < @to and s.ends_at > @from
		  and s.slug <> @session and (@series = '' or r.slug is distinct from @series)
		  and (s.channel_id = @channel
			or s.id in (select y.session_id from chairs y where y.person_id = any(@chairs))
			or s.series_id in (select y.series_id from chairs y where y.person_id = any(@chairs)))`
	rows, _ := s.db.Query(ctx, q, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[taker])
	if err != nil {
		return nil, classify(err, "session")
	}
	coming, err := s.takersToCome(ctx, args)
	return append(list, coming...), err
}

// takersToCome are the dates of other series that are not laid out.
func (s *Store) takersToCome(ctx context.Context, args pgx.NamedArgs) ([]taker, error) {
	const q = `
		select r.id as series, r.slug, r.title, (@members or (r.visibility = 'public' and c.visibility = 'public')) as seen,
			r.channel_id = @channel as here, h.names as chairs
		from series r
		join channels c on c.id = r.channel_id
		cross join lateral (
			select coalesce(array_agg(distinct p.name), '{}') as names
			from chairs h join people p on p.id = h.person_id
			where h.person_id = any(@chairs) and h.series_id = r.id) h
		where r.slug <> @series
		  and (r.channel_id = @channel or r.id in (select y.series_id from chairs y where y.person_id = any(@chairs)))`
	rows, _ := s.db.Query(ctx, q, args)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[taker])
	if err != nil {
		return nil, classify(err, "series")
	}
	series := make([]hackfest.Series, len(found))
	var rules []hackfest.RuleID
	for i, t := range found {
		series[i].ID = *t.Series
	}
	if err := s.fillRules(ctx, series); err != nil {
		return nil, err
	}
	for i, r := range series {
		found[i].rules = r.Rules
		for _, q := range r.Rules {
			rules = append(rules, q.ID)
		}
	}
	made, err := s.laidOut(ctx, rules, args)
	if err != nil {
		return nil, err
	}
	return notMade(found, made, args["from"].(time.Time), args["to"].(time.Time))
}

// occurrence is one date of one rule.
type occurrence struct {
	Rule       hackfest.RuleID
	Occurrence time.Time
}

// notMade are the dates between two instants that have no session.
func notMade(series []taker, made map[occurrence]bool, from, to time.Time) ([]taker, error) {
	var list []taker
	for _, t := range series {
		for _, q := range t.rules {
			dates, err := datesOf(q)
			if err != nil {
				return nil, err
			}
			if q.Void {
				continue
			}
			for o := range dates.Between(from, to) {
				if !made[occurrence{q.ID, o.Wall}] {
					t.StartsAt, t.Ends = o.Start, o.End
					list = append(list, t)
				}
			}
		}
	}
	return list, nil
}

// laidOut are the dates that have their session, moved and cancelled ones too.
func (s *Store) laidOut(ctx context.Context, rules []hackfest.RuleID, args pgx.NamedArgs) (map[occurrence]bool, error) {
	const q = `
		select s.rule_id as rule, s.occurrence
		from sessions s
		where s.rule_id = any(@rules) and s.occurrence > @from and s.occurrence < @to`
	const margin = 2 * 24 * time.Hour // between clocks of any zone, and UTC
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"rules": rules, "from": wall(args["back"].(time.Time).UTC().Add(-margin)), "to": wall(args["to"].(time.Time).UTC().Add(margin)),
	})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[occurrence])
	made := map[occurrence]bool{}
	for _, o := range list {
		o.Occurrence = o.Occurrence.UTC()
		made[o] = true
	}
	return made, classify(err, "session")
}

// datesNamed is how many dates a refusal names.
const datesNamed = 3

// refuseTaken is fault.Conflict, with the dates, when the channel is taken on any
// that w wants.
func (s *Store) refuseTaken(ctx context.Context, w hackfest.Wanted, now time.Time) error {
	list, err := s.Clashes(ctx, person.Viewer{Role: person.Admin}, w, now)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(w.Zone)
	if err != nil {
		zone = time.UTC
	}
	var days []string
	for _, c := range list {
		if c.Chair == "" {
			days = append(days, c.StartsAt.In(zone).Format("2 Jan 2006"))
		}
	}
	if days = slices.Compact(days); len(days) == 0 {
		return nil
	}
	more := ""
	if n := len(days) - datesNamed; n == 1 {
		more = " and one more date"
	} else if n > 1 {
		more = fmt.Sprintf(" and %d more dates", n)
	}
	return fault.New(fault.Conflict, "The channel is taken on %s%s.", strings.Join(days[:min(len(days), datesNamed)], ", "), more)
}
