package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// NameHost says who welcomes people to one session. The zero person is whoever
// hosts its series, as is the host of the series themselves. A session that does
// not exist is fault.NotFound.
func (s *Store) NameHost(ctx context.Context, session string, host person.ID) error {
	const q = `
		update sessions s set host_id = nullif(nullif(@host::bigint, 0), (select r.host_id from series r where r.id = s.series_id))
		where s.slug = @slug`
	return s.nameHost(ctx, q, session, host, "There is no session %s.")
}

// NameSeriesHost says who welcomes people to the sessions of a series that name
// nobody else. The zero person is nobody. A series that does not exist is
// fault.NotFound.
func (s *Store) NameSeriesHost(ctx context.Context, series string, host person.ID) error {
	const q = `update series r set host_id = nullif(@host::bigint, 0) where r.slug = @slug`
	return s.nameHost(ctx, q, series, host, "There is no series %s.")
}

func (s *Store) nameHost(ctx context.Context, q, slug string, host person.ID, missing string) error {
	return s.InTx(ctx, func(tx *Store) error {
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"slug": slug, "host": host})
		switch {
		case err != nil:
			return classify(err, "host")
		case tag.RowsAffected() == 0:
			return fault.New(fault.NotFound, missing, slug)
		}
		return tx.notify(ctx, topicSessions)
	})
}
