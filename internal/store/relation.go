package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// chaired says whether @person chairs session s on network w: by what the portal
// was told, or on IRC in one of its meetings, under a nick they had proven.
const chaired = `(exists (
				select 1 from chairs h
				where h.person_id = @person and (h.session_id = s.id or h.series_id = s.series_id))
			or exists (
				select 1 from meetings cm
				join identities d on d.person_id = @person and d.network = w.name and d.kind = 'nick' and d.proven_at is not null
				where cm.session_id = s.id and d.since <= cm.started_at and (d.until is null or d.until > cm.started_at)
				  and lower(d.value) in (select lower(n) from unnest(cm.chairs) n)))`

// relate runs a query for how a viewer stands to one thing.
func (s *Store) relate(ctx context.Context, q, what string, args pgx.NamedArgs, v person.Viewer) (person.Object, error) {
	args["person"], args["members"] = v.ID, v.SeesMembersOnly()
	rows, _ := s.db.Query(ctx, q, args)
	yes, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	return person.Object{Chaired: yes}, classify(err, what)
}

// RelationToSession says how v stands to a session, whose owner is its host. One
// that v may not see is fault.NotFound.
func (s *Store) RelationToSession(ctx context.Context, v person.Viewer, slug string) (person.Object, error) {
	const q = `
		select ` + chaired + `, coalesce(s.host_id, r.host_id, 0)
		from sessions s
		join channels c on c.id = s.channel_id
		join networks w on w.id = c.network_id
		left join series r on r.id = s.series_id
		where (@members or (s.visibility = 'public' and c.visibility = 'public')) and s.slug = @slug`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "person": v.ID, "members": v.SeesMembersOnly()})
	o, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (o person.Object, err error) {
		return o, row.Scan(&o.Chaired, &o.Owner)
	})
	return o, classify(err, "session")
}

// RelationToSeries says how v stands to a series. One that v may not see is
// fault.NotFound.
func (s *Store) RelationToSeries(ctx context.Context, v person.Viewer, slug string) (person.Object, error) {
	const q = `
		select exists (select 1 from chairs h where h.person_id = @person and h.series_id = r.id)
		from series r
		join channels c on c.id = r.channel_id
		where (@members or (r.visibility = 'public' and c.visibility = 'public')) and r.slug = @slug`
	return s.relate(ctx, q, "series", pgx.NamedArgs{"slug": slug}, v)
}

// RelationToMeeting says how v stands to a meeting. One that v may not see is
// fault.NotFound.
func (s *Store) RelationToMeeting(ctx context.Context, v person.Viewer, ref hackfest.Ref) (person.Object, error) {
	const q = `
		select ` + chaired + `
		from meetings m
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		join networks w on w.id = c.network_id
		where (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public')) and m.ref = @ref`
	return s.relate(ctx, q, "meeting", pgx.NamedArgs{"ref": uuid(ref)}, v)
}

// RelationToLine says how v stands to a line of a log: its chairs are those of
// the session in whose meeting it was said. A line that v may not see is
// fault.NotFound.
func (s *Store) RelationToLine(ctx context.Context, v person.Viewer, ref hackfest.Ref) (person.Object, error) {
	const q = `
		select exists (
			select 1 from meetings m
			join sessions s on s.id = m.session_id
			where m.channel_id = l.channel_id and m.ref <= l.ref and (m.last_ref is null or m.last_ref >= l.ref) and ` + chaired + `)
		from lines l
		join channels c on c.id = l.channel_id
		join networks w on w.id = c.network_id
		where l.ref = @ref and l.kind not in ('context', 'private')
		  and (@members or (not l.members_only and c.visibility = 'public'))`
	return s.relate(ctx, q, "line", pgx.NamedArgs{"ref": uuid(ref)}, v)
}
