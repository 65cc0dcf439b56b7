package store

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/jackc/pgx/v5"
)

// secretBytes is the length of a secret: as long as the hash it is a key for.
const secretBytes = 32

// secret returns the instance's secret of that name, which is drawn when it is
// first asked for and never changes.
func (s *Store) secret(ctx context.Context, name string, now time.Time) ([]byte, error) {
	value := make([]byte, secretBytes)
	if _, err := rand.Read(value); err != nil {
		return nil, err
	}
	if err := s.drawSecret(ctx, name, value, now); err != nil {
		return nil, err
	}
	const q = `select value from secrets where name = @name`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"name": name})
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]byte])
	return value, classify(err, "secret")
}

// drawSecret keeps value as the secret of that name unless it has one.
func (s *Store) drawSecret(ctx context.Context, name string, value []byte, now time.Time) error {
	const q = `insert into secrets (name, value, made_at) values (@name, @value, @now) on conflict (name) do nothing`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"name": name, "value": value, "now": now})
	return classify(err, "secret")
}
