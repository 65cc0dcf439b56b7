package store

import (
	"context"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// lockImport is the key of the lock of the one import that runs.
const lockImport = 0x6861636b0003

// LockImports lets one program at a time bring logs in. Who comes second is told:
// fault.Conflict. The lock ends with release, or with this program.
func (s *Store) LockImports(ctx context.Context) (release func(), err error) {
	const q = `select pg_try_advisory_lock($1)`
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, classify(err, "database")
	}
	own := conn.Hijack() // the lock ends with its connection, so nobody else gets that
	release = func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = own.Close(end) // the lock ends either way
	}
	var got bool
	err = keepAwake(ctx, own)
	if err == nil {
		err = own.QueryRow(ctx, q, int64(lockImport)).Scan(&got)
	}
	if err == nil && !got {
		err = fault.New(fault.Conflict, "Another import runs. Wait until it is over.")
	}
	if err != nil {
		release()
		return nil, classify(err, "import")
	}
	return release, nil
}
