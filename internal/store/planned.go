package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// ChairsOf lists who chairs a series or a session, by name: of a session those of
// its series as well. Who does not want to be named, or is suspended, is left out.
// One of the slugs is "".
func (s *Store) ChairsOf(ctx context.Context, v person.Viewer, series, session string) ([]person.Host, error) {
	const q = `
		select distinct p.id, p.name, p.listed
		from chairs h
		join people p on p.id = h.person_id and not p.unnamed and p.suspended_at is null
		left join series r on r.id = h.series_id
		left join sessions s on s.slug = @session and (s.id = h.session_id or s.series_id = h.series_id)
		join channels c on c.id = coalesce(s.channel_id, r.channel_id)
		where (s.id is not null and (@members or (s.visibility = 'public' and c.visibility = 'public'))
			or r.slug = @series and (@members or (r.visibility = 'public' and c.visibility = 'public')))
		order by p.name`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "series": series, "session": session})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[person.Host])
	return list, classify(err, "chair")
}

// Unchaired lists the sessions that nobody chairs, of those that take place and
// start after from and before to, soonest first, at most limit.
func (s *Store) Unchaired(ctx context.Context, v person.Viewer, from, to time.Time, most int) ([]hackfest.Session, error) {
	const q = selectSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public'))
		  and s.state = 'scheduled' and s.held = 0 and s.starts_at > @from and s.starts_at < @to
		  and not exists (select 1 from chairs h where h.session_id = s.id or h.series_id = s.series_id)
		order by s.starts_at, s.id
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "from": from, "to": to, "limit": limit(most)})
	list, err := pgx.CollectRows(rows, scanSession)
	return list, classify(err, "session")
}

// Unhosted lists the first hackfests in a time that nobody hosts, soonest first:
// newcomers would find nobody who expects them.
func (s *Store) Unhosted(ctx context.Context, v person.Viewer, from, to time.Time, most int) ([]hackfest.Session, error) {
	const q = selectSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public'))
		  and s.state = 'scheduled' and s.kind = 'hackfest' and s.held = 0 and s.starts_at > @from and s.starts_at < @to
		  and coalesce(s.host_id, r.host_id) is null
		order by s.starts_at, s.id
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "from": from, "to": to, "limit": limit(most)})
	list, err := pgx.CollectRows(rows, scanSession)
	return list, classify(err, "session")
}

// calledOffAhead is how long before its start everybody is told on every page that
// a session was cancelled.
const calledOffAhead = 24 * time.Hour

// CalledOff lists the sessions that were to take place now or within a day and
// were cancelled after they had been planned, soonest first.
func (s *Store) CalledOff(ctx context.Context, v person.Viewer, now time.Time) ([]hackfest.Session, error) {
	const q = selectSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public'))
		  and s.state = 'cancelled' and s.held = 0 and s.starts_at > @back and s.starts_at < @ahead and s.ends_at > @now
		  and s.changed_at > s.created_at
		order by s.starts_at, s.id
		limit 3`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "now": now, "ahead": now.Add(calledOffAhead), "back": now.Add(-longestSession),
	})
	list, err := pgx.CollectRows(rows, scanSession)
	return list, classify(err, "session")
}

// CommunityZones are the zones of the people who show theirs, with how many they
// are: the zones of most people first, at most limit.
func (s *Store) CommunityZones(ctx context.Context, most int) ([]person.ZoneCount, error) {
	const q = `
		select p.zone, count(*) as people
		from people p
		where p.listed and p.zone_shown and p.zone <> '' and p.suspended_at is null
		group by p.zone
		order by people desc, p.zone
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"limit": limit(most)})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[person.ZoneCount])
	return list, classify(err, "person")
}
