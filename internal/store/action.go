package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// ActionFilter says which actions to list. The zero value of a field does not
// restrict the list.
type ActionFilter struct {
	Session string    // slug of the session
	Target  string    // slug of the session's target
	Person  person.ID // who took them
	Limit   int       // at most that many; 0 is 100
}

// Actions lists the actions that stand in meetings that are over, newest first.
func (s *Store) Actions(ctx context.Context, v person.Viewer, f ActionFilter) ([]hackfest.Action, error) {
	const q = `
		select i.ref, i.n, i.text, i.owners, i.due, i.at, s.slug, s.title, s.starts_at, s.zone, w.name
		from items i
		join meetings m on m.ref = i.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		join networks w on w.id = c.network_id
		left join targets t on t.id = s.target_id
		where i.kind = 'action' and not i.undone and m.ended_at is not null
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		  and (@session = '' or s.slug = @session)
		  and (@target = '' or t.slug = @target)
		  and (@person::bigint = 0 or exists (
			select 1 from identities d
			where d.person_id = @person and d.kind = 'nick' and d.network = w.name and d.proven_at is not null
			  and lower(d.value) in (select lower(o) from unnest(i.owners) o)
			  and d.since <= i.at and (d.until is null or i.at < d.until)))
		order by i.ref desc, i.n
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "session": f.Session, "target": f.Target, "person": f.Person, "limit": limit(f.Limit),
	})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hackfest.Action, error) {
		var a hackfest.Action
		var due *time.Time
		err := row.Scan(&a.ID.Ref, &a.ID.N, &a.Text, &a.Owners, &due, &a.At, &a.SessionSlug, &a.SessionTitle,
			&a.SessionAt, &a.SessionZone, &a.Network)
		a.Due, a.At, a.SessionAt = orZero(due), a.At.UTC(), a.SessionAt.UTC()
		return a, err
	})
	return list, classify(err, "action")
}
