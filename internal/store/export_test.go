package store

import (
	"context"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// LockMigrate is the lock under which migrations run.
const LockMigrate = lockMigrate

// DeferOverlaps has double-booking found at the commit of this transaction.
func (s *Store) DeferOverlaps(ctx context.Context) error {
	_, err := s.db.Exec(ctx, `set constraints sessions_channel_free deferred`)
	return classify(err, "session")
}

// MoveForTest moves a session to another start.
func (s *Store) MoveForTest(ctx context.Context, id hackfest.SessionID, start time.Time) error {
	_, err := s.db.Exec(ctx, `update sessions set ends_at = $2::timestamptz + (ends_at - starts_at), starts_at = $2 where id = $1`, id, start)
	return classify(err, "session")
}

// Extensions are what Examine looks for.
var Extensions = extensions
