package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// GitHubLimits returns what GitHub lets us ask, as far as it said.
func (s *Store) GitHubLimits(ctx context.Context) (map[hackfest.GitHubResource]hackfest.GitHubLimit, error) {
	const q = `select l.resource, coalesce(l.remaining, -1), l.resets_at, l.blocked_until, l.reason, l.at from github_limits l`
	limits := map[hackfest.GitHubResource]hackfest.GitHubLimit{}
	rows, _ := s.db.Query(ctx, q)
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var l hackfest.GitHubLimit
		var resets, blocked *time.Time
		err := row.Scan(&l.Resource, &l.Remaining, &resets, &blocked, &l.Reason, &l.At)
		l.ResetsAt, l.BlockedUntil = orZero(resets), orZero(blocked)
		limits[l.Resource] = l
		return struct{}{}, err
	})
	return limits, classify(err, "limit")
}

// SetGitHubLimit keeps what GitHub lets us ask of one resource, for all processes
// and over restarts.
func (s *Store) SetGitHubLimit(ctx context.Context, l hackfest.GitHubLimit) error {
	const q = `
		insert into github_limits as l (resource, remaining, resets_at, blocked_until, reason, at)
		values (@resource, nullif(@remaining::integer, -1), @resets, @blocked, @reason, @at)
		on conflict (resource) do update
		set remaining = excluded.remaining, resets_at = excluded.resets_at, blocked_until = excluded.blocked_until, reason = excluded.reason,
			at = excluded.at`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"resource": string(l.Resource), "remaining": l.Remaining, "resets": orNull(l.ResetsAt), "blocked": orNull(l.BlockedUntil),
		"reason": clean(l.Reason), "at": l.At,
	})
	return classify(err, "limit")
}

// ClearGitHubLimit forgets that a resource was blocked.
func (s *Store) ClearGitHubLimit(ctx context.Context, resource hackfest.GitHubResource) error {
	const q = `delete from github_limits where resource = @resource`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"resource": string(resource)})
	return classify(err, "limit")
}

// GitHubState says how it stands with GitHub.
func (s *Store) GitHubState(ctx context.Context) (hackfest.GitHubState, error) {
	const q = `
		select (select count(*) from repositories r where r.removed_at is null and r.recorded_at is null),
			(select max(r.asked_at) from repositories r where r.removed_at is null and r.recorded_at is null),
			(select min(r.known_at) from repositories r where r.removed_at is null and r.recorded_at is null and r.gone_at is null),
			(select count(*) from repositories r where r.removed_at is null and r.recorded_at is null and r.trouble <> ''),
			(select max(d.received_at) from hook_deliveries d),
			(select max(d.received_at) from hook_deliveries d where d.event = 'ping'),
			(select min(d.received_at) from hook_deliveries d where d.state = 'received')`
	const states = `select d.state, count(*)::int from hook_deliveries d group by d.state`
	var g hackfest.GitHubState
	var asked, known, delivered, pinged, waiting *time.Time
	rows, _ := s.db.Query(ctx, q)
	_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&g.Repositories, &asked, &known, &g.Troubled, &delivered, &pinged, &waiting)
	})
	if err != nil {
		return g, classify(err, "repository")
	}
	g.AskedAt, g.KnownAt, g.DeliveredAt, g.PingedAt, g.WaitingSince = orZero(asked), orZero(known), orZero(delivered), orZero(pinged), orZero(waiting)
	g.Deliveries = map[string]int{}
	var state string
	var n int
	rows, _ = s.db.Query(ctx, states)
	if _, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error { g.Deliveries[state] = n; return nil }); err != nil {
		return g, classify(err, "delivery")
	}
	g.Limits, err = s.GitHubLimits(ctx)
	return g, err
}
