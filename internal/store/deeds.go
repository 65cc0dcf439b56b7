package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// SpokenLines lists the lines that v said, in the order of their refs, with a
// higher ref than after: the zero ref begins.
func (s *Store) SpokenLines(ctx context.Context, v person.Viewer, after hackfest.Ref, most int) ([]hackfest.LogLine, error) {
	const q = selectLines + `
		  and l.ref > @after and ` + spokenBy + `
		order by l.ref
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"person": v.ID, "members": v.SeesMembersOnly(), "after": orLowest(after), "limit": limit(most),
	})
	list, err := pgx.CollectRows(rows, scanLine)
	return list, classify(err, "line")
}

// ActsOf lists the privileged acts of a person, and what they tried, newest
// first. It is for themselves.
func (s *Store) ActsOf(ctx context.Context, id person.ID, most int) ([]person.AuditEntry, error) {
	const q = `
		select a.id, a.at, coalesce(a.person_id, 0) as person_id, a.actor, a.via, a.action, a.object, a.refused, a.before, a.after, a.address
		from audit a
		where a.person_id = @person
		order by a.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": id, "limit": limit(most)})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[person.AuditEntry])
	for i := range list {
		list[i].At = list[i].At.UTC()
	}
	return list, classify(err, "audit entry")
}
