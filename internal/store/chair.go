package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Chairs lists who chairs what, as far as v may see it: series before single
// sessions, by title and name. Sessions that ended before the given time are
// left out.
func (s *Store) Chairs(ctx context.Context, v person.Viewer, since time.Time) ([]person.Chair, error) {
	const q = `
		select p.id as person_id, p.name as person, coalesce(r.slug, '') as series, coalesce(s.slug, '') as session,
			coalesce(r.title, s.title) as title, h.created_at as since
		from chairs h
		join people p on p.id = h.person_id
		left join series r on r.id = h.series_id
		left join sessions s on s.id = h.session_id
		join channels c on c.id = coalesce(r.channel_id, s.channel_id)
		where (@members or (coalesce(r.visibility, s.visibility) = 'public' and c.visibility = 'public'))
		  and (s.id is null or s.ends_at > @since)
		order by s.id is not null, s.starts_at, lower(coalesce(r.title, s.title)), lower(p.name)`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "since": since})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (person.Chair, error) {
		c, err := pgx.RowToStructByName[person.Chair](row)
		c.Since = c.Since.UTC()
		return c, err
	})
	return list, classify(err, "chair")
}

// AddChair lets a person chair a series, and all its sessions. A series that
// does not exist is fault.NotFound; to chair it already is nothing.
func (s *Store) AddChair(ctx context.Context, id person.ID, series string, now time.Time) error {
	const q = `
		insert into chairs (person_id, series_id, created_at)
		select @person, r.id, @now from series r where r.slug = @slug
		on conflict (person_id, series_id, session_id) do update set created_at = chairs.created_at`
	return s.moveChair(ctx, q, id, series, now, "There is no series %s.")
}

// RemoveChair takes a series from its chair. Who does not chair it is
// fault.NotFound.
func (s *Store) RemoveChair(ctx context.Context, id person.ID, series string) error {
	const q = `delete from chairs h using series r where r.id = h.series_id and r.slug = @slug and h.person_id = @person`
	return s.moveChair(ctx, q, id, series, time.Time{}, "They do not chair %s.")
}

// AddSessionChair lets a person chair one session. A session that does not exist
// is fault.NotFound; to chair it already is nothing.
func (s *Store) AddSessionChair(ctx context.Context, id person.ID, session string, now time.Time) error {
	const q = `
		insert into chairs (person_id, session_id, created_at)
		select @person, s.id, @now from sessions s where s.slug = @slug
		on conflict (person_id, series_id, session_id) do update set created_at = chairs.created_at`
	return s.moveChair(ctx, q, id, session, now, "There is no session %s.")
}

// RemoveSessionChair takes a session from its chair. Who does not chair it is
// fault.NotFound.
func (s *Store) RemoveSessionChair(ctx context.Context, id person.ID, session string) error {
	const q = `delete from chairs h using sessions s where s.id = h.session_id and s.slug = @slug and h.person_id = @person`
	return s.moveChair(ctx, q, id, session, time.Time{}, "They do not chair %s.")
}

// moveChair runs q, which gives or takes a chair, and tells the person's open
// pages. missing is what to say when it found nothing.
func (s *Store) moveChair(ctx context.Context, q string, id person.ID, slug string, now time.Time, missing string) error {
	err := s.InTx(ctx, func(tx *Store) error {
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"person": id, "slug": slug, "now": now})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.NotFound, missing, slug)
		}
		return tx.notify(ctx, PersonTopic(id))
	})
	return classify(err, "chair")
}
