package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/person"
)

// AccountFilter selects accounts.
type AccountFilter struct {
	Name  string // part of the name, in either case; "" is any
	After string // only names behind this one; "" from the beginning
	Limit int
}

// FindAccounts lists people by name, suspended ones too. It is for those who
// keep order.
func (s *Store) FindAccounts(ctx context.Context, f AccountFilter) ([]person.Account, error) {
	const q = selectAccounts + `
		where strpos(lower(p.name), lower(@name)) > 0 and lower(p.name) > lower(@after)
		order by lower(p.name)
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"name": clean(f.Name), "after": clean(f.After), "limit": f.Limit})
	list, err := pgx.CollectRows(rows, scanAccount)
	return list, classify(err, "person")
}
