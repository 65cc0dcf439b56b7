package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/person"
)

// AddAudit keeps an entry. It belongs into the transaction of the act itself,
// so that neither is there without the other.
func (s *Store) AddAudit(ctx context.Context, e person.AuditEntry) error {
	const q = `
		insert into audit (at, person_id, actor, via, action, object, refused, before, after, address)
		values (@at, nullif(@person::bigint, 0), @actor, @via, @action, @object, @refused, @before, @after, @address)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"at": e.At, "person": e.PersonID, "actor": clean(e.Actor), "via": e.Via, "action": clean(e.Action),
		"object": clean(e.Object), "refused": e.Refused, "before": e.Before, "after": e.After, "address": e.Address,
	})
	return classify(err, "audit entry")
}
