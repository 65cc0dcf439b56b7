package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Days returns the days of a channel on which anything was logged, from the
// date of from to the date before that of to, oldest first. Dates are in UTC.
func (s *Store) Days(ctx context.Context, v person.Viewer, channel hackfest.ChannelID, from, to time.Time) ([]hackfest.LogDay, error) {
	const q = `
		select l.day, count(*) as lines,
			count(distinct l.nick) filter (where l.kind in ('message', 'action', 'web') and not l.self and not l.bot) as people
		from lines l
		join channels c on c.id = l.channel_id
		where l.channel_id = @channel and l.day >= @from::date and l.day < @to::date
		  and l.kind not in ('context', 'private') and (@members or (not l.members_only and c.visibility = 'public'))
		group by l.day
		order by l.day`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"channel": channel, "from": from.UTC(), "to": to.UTC(), "members": v.SeesMembersOnly(),
	})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[hackfest.LogDay])
	return list, classify(err, "day")
}

// countedDay is how many lines of a day Activity counts.
const countedDay = 500

// Activity says for each day of a channel how much was logged and said, as Days
// does but without the people, and without counting busy days to their end: a
// year of any channel is read as quickly as a quiet one.
func (s *Store) Activity(ctx context.Context, v person.Viewer, channel hackfest.ChannelID, from, to time.Time) ([]hackfest.LogDay, error) {
	const q = `
		with recursive days as (
			(select l.day from lines l
			 where l.channel_id = @channel and l.day >= @from::date and l.day < @to::date
			 order by l.day limit 1)
			union all
			select (select l.day from lines l
				where l.channel_id = @channel and l.day > d.day and l.day < @to::date
				order by l.day limit 1)
			from days d where d.day is not null)
		select d.day, n.lines, n.said, n.lines = @most as more
		from days d
		cross join lateral (
			select count(*) as lines, count(*) filter (where x.by_people) as said
			from (
				select l.kind in ('message', 'action', 'web') and not l.self and not l.bot as by_people
				from lines l
				join channels c on c.id = l.channel_id
				where l.channel_id = @channel and l.day = d.day
				  and l.kind not in ('context', 'private') and (@members or (not l.members_only and c.visibility = 'public'))
				order by l.ref
				limit @most) x) n
		where n.lines > 0
		order by d.day`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"channel": channel, "from": from.UTC(), "to": to.UTC(), "members": v.SeesMembersOnly(), "most": countedDay,
	})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[hackfest.LogDay])
	return list, classify(err, "day")
}

// DayBefore returns the last date before day on which anything was logged, at
// midnight in UTC; the zero time when there is none.
func (s *Store) DayBefore(ctx context.Context, v person.Viewer, channel hackfest.ChannelID, day time.Time) (time.Time, error) {
	const q = `
		select l.day
		from lines l
		join channels c on c.id = l.channel_id
		where l.channel_id = @channel and l.day < @day::date
		  and l.kind not in ('context', 'private') and (@members or (not l.members_only and c.visibility = 'public'))
		order by l.day desc
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": channel, "day": day.UTC(), "members": v.SeesMembersOnly()})
	return oneDay(rows)
}

// DayAfter returns the first date after day on which anything was logged, at
// midnight in UTC; the zero time when there is none.
func (s *Store) DayAfter(ctx context.Context, v person.Viewer, channel hackfest.ChannelID, day time.Time) (time.Time, error) {
	const q = `
		select l.day
		from lines l
		join channels c on c.id = l.channel_id
		where l.channel_id = @channel and l.day > @day::date
		  and l.kind not in ('context', 'private') and (@members or (not l.members_only and c.visibility = 'public'))
		order by l.day
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": channel, "day": day.UTC(), "members": v.SeesMembersOnly()})
	return oneDay(rows)
}

func oneDay(rows pgx.Rows) (time.Time, error) {
	day, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[time.Time])
	err = classify(err, "day")
	if fault.KindOf(err) == fault.NotFound {
		return time.Time{}, nil
	}
	return day, err
}

// Pulse counts what was said in a channel, from line from to line to, both
// included. A zero to is the newest line.
func (s *Store) Pulse(ctx context.Context, v person.Viewer, channel hackfest.ChannelID, from, to hackfest.Ref) (hackfest.Pulse, error) {
	const q = `
		select date_trunc('minute', l.at, 'UTC') as at, count(*) as lines,
			array_agg(distinct case when l.account <> '' then '=' || l.account else l.nick end) as speakers
		from lines l
		join channels c on c.id = l.channel_id
		where l.channel_id = @channel and l.ref between @from and @to
		  and l.kind in ('message', 'action', 'web') and not l.self and not l.bot
		  and (@members or (not l.members_only and c.visibility = 'public'))
		group by 1
		order by 1`
	if to.IsZero() {
		to = highestRef
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"channel": channel, "from": uuid(from), "to": uuid(to), "members": v.SeesMembersOnly(),
	})
	type minute struct {
		At       time.Time
		Lines    int
		Speakers []string
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[minute])
	var p hackfest.Pulse
	seen := map[string]bool{}
	for _, m := range list {
		p.Minutes = append(p.Minutes, hackfest.PulseMinute{At: m.At.UTC(), Lines: m.Lines})
		for _, who := range m.Speakers {
			seen[irctext.RFC1459.Fold(who)] = true
		}
	}
	p.Speakers = len(seen)
	return p, classify(err, "line")
}
