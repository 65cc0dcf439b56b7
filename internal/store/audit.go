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

// AuditFilter selects audit entries.
type AuditFilter struct {
	Person string // name of who did it; "" is anybody
	Action string // "" is any
	Before int64  // only entries with smaller ids; zero is from the newest on
	Limit  int
}

// AuditEntries lists what was done, the newest first.
func (s *Store) AuditEntries(ctx context.Context, f AuditFilter) ([]person.AuditEntry, error) {
	const q = `
		select a.id, a.at, coalesce(a.person_id, 0) as person_id, a.actor, a.via, a.action, a.object, a.refused, a.before, a.after, a.address
		from audit a
		where (@person::text = '' or lower(a.actor) = lower(@person) or a.person_id = (select id from people where lower(name) = lower(@person)))
		  and (@action::text = '' or a.action = @action) and (@before::bigint = 0 or a.id < @before)
		order by a.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": clean(f.Person), "action": clean(f.Action), "before": f.Before, "limit": f.Limit})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (person.AuditEntry, error) {
		e, err := pgx.RowToStructByName[person.AuditEntry](row)
		e.At = e.At.UTC()
		return e, err
	})
	return list, classify(err, "audit entry")
}

// AuditActions lists what there are entries about, sorted.
func (s *Store) AuditActions(ctx context.Context) ([]string, error) {
	const q = `select distinct action from audit order by action`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return list, classify(err, "audit entry")
}
