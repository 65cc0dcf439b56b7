package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/person"
)

// CalendarLink is when somebody's secret calendar address was made and when it
// was last used, to the hour; zero for never.
type CalendarLink struct{ CreatedAt, UsedAt time.Time }

// CalendarLink returns what is known of a person's calendar address; without one
// it is fault.NotFound.
func (s *Store) CalendarLink(ctx context.Context, id person.ID) (CalendarLink, error) {
	const q = `select created_at, used_at from calendar_links where person_id = @person`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": id})
	l, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (l CalendarLink, err error) {
		var used *time.Time
		err = row.Scan(&l.CreatedAt, &used)
		l.CreatedAt, l.UsedAt = l.CreatedAt.UTC(), orZero(used)
		return l, err
	})
	return l, classify(err, "calendar")
}

// SetCalendarLink gives a person a calendar address by the hash of its token. One
// they had is useless from then on.
func (s *Store) SetCalendarLink(ctx context.Context, id person.ID, hash []byte, now time.Time) error {
	const q = `
		insert into calendar_links (person_id, token_hash, created_at) values (@person, @hash, @now)
		on conflict (person_id) do update set token_hash = @hash, created_at = @now, used_at = null`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"person": id, "hash": hash, "now": now})
	return classify(err, "calendar")
}

// RevokeCalendarLink makes a person's calendar address useless, if they have one.
func (s *Store) RevokeCalendarLink(ctx context.Context, id person.ID) error {
	const q = `delete from calendar_links where person_id = @person`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"person": id})
	return classify(err, "calendar")
}

// ByCalendarLink returns whose calendar address has the token of this hash, with
// the role they have now, and notes once an hour that it was used. One that was
// replaced or revoked, or is of somebody suspended, is fault.NotFound.
func (s *Store) ByCalendarLink(ctx context.Context, hash []byte, now time.Time) (person.Viewer, string, error) {
	const q = `
		with used as (
			update calendar_links set used_at = @hour
			where token_hash = @hash and (used_at is null or used_at < @hour))
		select p.id, p.role, p.name
		from calendar_links k
		join people p on p.id = k.person_id
		where k.token_hash = @hash and p.suspended_at is null and p.left_at is null`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"hash": hash, "hour": now.Truncate(time.Hour)})
	var v person.Viewer
	var name string
	_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&v.ID, &v.Role, &name)
	})
	return v, name, classify(err, "calendar")
}
