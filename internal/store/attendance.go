package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/minutes"
)

// leaveOut takes the names of those who do not want to be named from who was at
// a meeting. They are counted all the same.
func (s *Store) leaveOut(ctx context.Context, m *minutes.Minutes) error {
	const q = `
		select x.n - 1
		from unnest(@nicks::text[], @accounts::text[]) with ordinality x (nick, account, n)
		where exists (
			select 1 from identities d
			join people p on p.id = d.person_id and p.unnamed
			where d.network = @network and d.proven_at is not null
			  and (d.kind = 'nick' and lower(d.value) = lower(x.nick) or d.kind = 'account' and d.value = x.account)
			  and (@ended::timestamptz is null or d.since <= @ended) and (d.until is null or d.until > @started))`
	nicks, accounts := slices.Clone(m.Regrets), make([]string, len(m.Regrets))
	for _, p := range m.Present {
		nicks, accounts = append(nicks, p.Nick), append(accounts, p.Account)
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"network": m.Network, "nicks": nicks, "accounts": accounts, "started": m.StartedAt.Time, "ended": orNull(m.EndedAt.Time),
	})
	found, err := pgx.CollectRows(rows, pgx.RowTo[int])
	for _, n := range found {
		if n < len(m.Regrets) {
			m.Regrets[n] = minutes.Unnamed
			continue
		}
		p := &m.Present[n-len(m.Regrets)]
		p.Nick, p.Account, p.Alias = minutes.Unnamed, "", ""
	}
	return classify(err, "person")
}
