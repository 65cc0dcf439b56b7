package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// HoldsOthers reports whether the database is somebody else's: it has tables,
// and our schema was never made in it. It may be asked before Migrate.
func (s *Store) HoldsOthers(ctx context.Context) (bool, error) {
	const q = `
		select to_regclass('identities') is null and exists (
			select from pg_class c
			join pg_namespace n on n.oid = c.relnamespace
			where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname <> 'goose_db_version'
			  and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
			  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e'))`
	rows, _ := s.db.Query(ctx, q)
	others, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	return others, classify(err, "database")
}
