package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// NameHost says who welcomes people to one session. The zero person is whoever
// hosts its series, as is the host of the series themselves. A session that does
// not exist is fault.NotFound.
func (s *Store) NameHost(ctx context.Context, session string, host person.ID) error {
	const q = `
		update sessions s set host_id = nullif(nullif(@host::bigint, 0), was.of_series)
		from (
			select s.id, r.host_id as of_series, coalesce(s.host_id, r.host_id, 0) as host
			from sessions s left join series r on r.id = s.series_id
			where s.slug = @slug
			for update of s) was
		where s.id = was.id
		returning was.host, coalesce(s.host_id, was.of_series, 0)`
	return s.nameHost(ctx, q, session, host, "There is no session %s.")
}

// NameSeriesHost says who welcomes people to the sessions of a series that name
// nobody else. The zero person is nobody. A series that does not exist is
// fault.NotFound.
func (s *Store) NameSeriesHost(ctx context.Context, series string, host person.ID) error {
	const q = `
		update series r set host_id = nullif(@host::bigint, 0)
		from (select id, coalesce(host_id, 0) as host from series where slug = @slug for update) was
		where r.id = was.id
		returning was.host, @host::bigint`
	return s.nameHost(ctx, q, series, host, "There is no series %s.")
}

// nameHost runs q, which returns who was the host and who is, and tells the open
// pages of both besides those that show it. missing is what to say when it found
// nothing.
func (s *Store) nameHost(ctx context.Context, q, slug string, host person.ID, missing string) error {
	return s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "host": host})
		hosts, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[struct{ Was, Is person.ID }])
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return fault.New(fault.NotFound, missing, slug)
		case err != nil:
			return classify(err, "host")
		}
		for _, id := range []person.ID{hosts.Was, hosts.Is} {
			if err := tx.notify(ctx, PersonTopic(id)); err != nil {
				return err
			}
		}
		return tx.notify(ctx, topicSessions)
	})
}
