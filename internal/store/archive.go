package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// archiveCounted is how many meetings are counted at most: a page must not take
// longer the more there are.
const archiveCounted = 500

// MeetingArchive returns what there is of meetings that are over: when, by the
// month of one year and by year for the others, and how many. Without a year it
// is that of the newest meeting. Each step is one look into an index, so the time
// does not grow with the number of meetings.
func (s *Store) MeetingArchive(ctx context.Context, v person.Viewer, year int) (hackfest.Archive, error) {
	const q = `
		with recursive seen as not materialized (
			select m.started_at
			from meetings m
			join sessions s on s.id = m.session_id
			join channels c on c.id = m.channel_id
			where m.ended_at is not null
			  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		),
		newest as (select started_at as at from seen order by started_at desc limit 1),
		steps as (
			select at, case when @year::int = 0 then extract(year from at at time zone 'UTC') else @year end as detailed from newest
			union all
			select (
				select z.started_at from seen z
				where z.started_at < date_trunc(
					case when extract(year from x.at at time zone 'UTC') = x.detailed then 'month' else 'year' end, x.at, 'UTC')
				order by z.started_at desc limit 1), x.detailed
			from steps x
			where x.at is not null
		)
		select at, extract(year from at at time zone 'UTC') = detailed as monthly from steps where at is not null order by at desc`
	var a hackfest.Archive
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "year": year})
	var at time.Time
	var monthly bool
	_, err := pgx.ForEachRow(rows, []any{&at, &monthly}, func() error {
		at = at.UTC()
		if n := len(a.Years); n == 0 || a.Years[n-1] != at.Year() {
			a.Years = append(a.Years, at.Year())
		}
		if monthly {
			a.Months = append(a.Months, time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC))
		}
		return nil
	})
	if err != nil || len(a.Years) == 0 {
		return a, classify(err, "meeting")
	}
	return a, s.countArchive(ctx, v, &a)
}

// countArchive fills in how many meetings there are, and when the first was.
func (s *Store) countArchive(ctx context.Context, v person.Viewer, a *hackfest.Archive) error {
	const q = `
		with seen as not materialized (
			select m.started_at
			from meetings m
			join sessions s on s.id = m.session_id
			join channels c on c.id = m.channel_id
			where m.ended_at is not null
			  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		)
		select (select started_at from seen order by started_at limit 1),
			(select count(*) from (select from seen order by started_at desc limit @most) as counted)`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "most": archiveCounted + 1})
	_, err := pgx.ForEachRow(rows, []any{&a.First, &a.Meetings}, func() error { return nil })
	a.First = a.First.UTC()
	if a.More = a.Meetings > archiveCounted; a.More {
		a.Meetings = archiveCounted
	}
	return classify(err, "meeting")
}
