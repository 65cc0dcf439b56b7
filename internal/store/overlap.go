package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Overlaps finds, for sessions in the given list, what else is planned for the
// same channel at the same time, by start. Of what v may not see only the time
// is told.
func (s *Store) Overlaps(ctx context.Context, v person.Viewer, ids []hackfest.SessionID) (map[hackfest.SessionID][]hackfest.Overlap, error) {
	const q = `
		select s.id, case when x.seen then o.slug else '' end, case when x.seen then o.title else '' end, o.starts_at, o.ends_at,
			s.conflict_at is not null or o.conflict_at is not null
		from sessions s
		join channels c on c.id = s.channel_id
		join sessions o on o.channel_id = s.channel_id and o.id <> s.id and o.state = 'scheduled'
			and o.starts_at < s.ends_at and o.ends_at > s.starts_at and o.starts_at > s.starts_at - @longest::interval
		cross join lateral (select @members or o.visibility = 'public' as seen) x
		where (@members or (s.visibility = 'public' and c.visibility = 'public'))
		  and s.id = any(@ids) and s.state = 'scheduled'
		order by s.id, o.starts_at, o.id`
	found := map[hackfest.SessionID][]hackfest.Overlap{}
	if len(ids) == 0 {
		return found, nil
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "ids": ids, "longest": longestSession})
	var id hackfest.SessionID
	var o hackfest.Overlap
	_, err := pgx.ForEachRow(rows, []any{&id, &o.Slug, &o.Title, &o.StartsAt, &o.EndsAt, &o.Conflict}, func() error {
		o.StartsAt, o.EndsAt = o.StartsAt.UTC(), o.EndsAt.UTC()
		found[id] = append(found[id], o)
		return nil
	})
	return found, classify(err, "session")
}
