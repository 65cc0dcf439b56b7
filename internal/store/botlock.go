package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// The bot's connection is asked each lockPing whether it is there; without an
// answer for lockReply it is taken for lost.
const (
	lockPing  = 2 * time.Second
	lockReply = 5 * time.Second
)

// BotLock is the right to be on IRC: the one bot of a database holds it, on a
// connection of its own that does nothing else. Postgres takes it back when
// that connection ends.
type BotLock struct {
	conn *pgx.Conn
	lost chan struct{} // closed when the connection is lost
	stop chan struct{} // closed by Release
	done chan struct{} // closed when the watch ended
	once sync.Once
}

// AcquireBotLock takes the right to be on IRC in the database at url. It asks
// once: when another program holds it the error is fault.Conflict and names
// that program, and fault.Unavailable when Postgres is away; both may be tried
// again. ctx bounds the asking only.
func AcquireBotLock(ctx context.Context, url string) (*BotLock, error) {
	const q = `select pg_try_advisory_lock($1)`
	host, _ := os.Hostname() // a nameless machine is named by its process alone
	conn, err := connect(ctx, url, fmt.Sprintf("hackfest bot, process %d on %s", os.Getpid(), host))
	if err != nil {
		return nil, err
	}
	var got bool
	err = keepAwake(ctx, conn)
	if err == nil {
		err = conn.QueryRow(ctx, q, int64(lockBot)).Scan(&got)
	}
	if err == nil && !got {
		err = heldBy(ctx, conn)
	}
	if err != nil {
		_ = conn.Close(context.WithoutCancel(ctx)) // nothing is held yet
		return nil, classify(err, "lock of the bot")
	}
	l := &BotLock{conn: conn, lost: make(chan struct{}), stop: make(chan struct{}), done: make(chan struct{})}
	go l.watch()
	return l, nil
}

// keepAwake has Postgres find out soon that our machine is gone, and never end
// the connection for being idle.
func keepAwake(ctx context.Context, conn *pgx.Conn) error {
	const q = `
		select set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '5', false),
			set_config('tcp_keepalives_count', '3', false), set_config('idle_session_timeout', '0', false)`
	_, err := conn.Exec(ctx, q)
	return err
}

// heldBy says who holds the lock.
func heldBy(ctx context.Context, conn *pgx.Conn) error {
	h, err := botHolder(ctx, conn)
	if err != nil {
		return err
	}
	if h == nil {
		return fault.New(fault.Conflict, "Another program was the bot of this database a moment ago.")
	}
	taken := fault.New(fault.Conflict, "Another program is the bot of this database: %s.", h)
	taken.Err = BotLockHolder(h.PID)
	return taken
}

// BotHolder is the program that holds the lock of the bot.
type BotHolder struct {
	Name   string // as it told Postgres: its process and machine
	Client string // address it is connected from
	PID    uint32 // of the process of Postgres that serves it
	Since  *time.Time
}

func (h BotHolder) String() string {
	return fmt.Sprintf("%q from %s, connected since %s (Postgres process %d)",
		h.Name, h.Client, orZero(h.Since).Format(time.RFC3339), h.PID)
}

// botHolder is who holds the lock of the bot; nil when nobody does.
func botHolder(ctx context.Context, conn *pgx.Conn) (*BotHolder, error) {
	const q = `
		select coalesce(a.application_name, '') as name, l.pid, coalesce(host(a.client_addr), 'the database''s own machine') as client,
			a.backend_start as since
		from pg_locks l
		join pg_database d on d.oid = l.database and d.datname = current_database()
		left join pg_stat_activity a on a.pid = l.pid
		where l.locktype = 'advisory' and l.granted and l.objsubid = 1
		  and l.classid::bigint = $1::bigint >> 32 and l.objid::bigint = $1::bigint & 4294967295
		limit 1`
	rows, _ := conn.Query(ctx, q, int64(lockBot))
	h, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[BotHolder])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return h, err
}

// BotThere reports whether some program is the bot of this database now.
func (s *Store) BotThere(ctx context.Context) (bool, error) {
	const q = `
		select exists (
			select 1 from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
			where l.locktype = 'advisory' and l.granted and l.objsubid = 1
			  and l.classid::bigint = @lock::bigint >> 32 and l.objid::bigint = @lock::bigint & 4294967295)`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"lock": int64(lockBot)})
	there, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	return there, classify(err, "lock of the bot")
}

// BotLockHolder is the Postgres process whose client holds the lock, as the
// error of AcquireBotLock wraps it when it is known. A connection of our own
// that we lost may hold the lock until Postgres has noticed.
type BotLockHolder uint32

func (h BotLockHolder) Error() string { return fmt.Sprintf("held by Postgres process %d", uint32(h)) }

// Holder is how this lock's connection would be named as the holder.
func (l *BotLock) Holder() BotLockHolder { return BotLockHolder(l.conn.PgConn().PID()) }

// watch asks for a sign of life until the connection is lost or released.
func (l *BotLock) watch() {
	defer close(l.done)
	tick := time.NewTicker(lockPing)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-tick.C:
			if ping(context.Background(), l.conn, lockReply) != nil {
				close(l.lost)
				return
			}
		}
	}
}

// Lost is closed when the connection that holds the lock does not answer any
// more: another program may hold it now.
func (l *BotLock) Lost() <-chan struct{} { return l.lost }

// Release gives the lock back and waits until it is given back or ctx ends. It
// is needed after Lost too.
func (l *BotLock) Release(ctx context.Context) error {
	l.once.Do(func() { close(l.stop) })
	<-l.done
	return classify(l.conn.Close(ctx), "lock of the bot")
}

// PostgresStarted returns when the server at url was started, by its clock. A
// program that finds it only just started lets the bot that is on IRC ask for
// the lock first.
func PostgresStarted(ctx context.Context, url string) (time.Time, error) {
	const q = `select pg_postmaster_start_time()`
	conn, err := connect(ctx, url, "hackfest")
	if err != nil {
		return time.Time{}, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is left to lose
	var at time.Time
	err = conn.QueryRow(ctx, q).Scan(&at)
	return at.UTC(), classify(err, "database")
}
