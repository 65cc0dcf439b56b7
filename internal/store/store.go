// Package store is the only package that speaks SQL. One file per concept holds
// all queries about it, written out by hand next to the function that runs them.
// It decides nothing about sessions or meetings; what the engine worked out it
// keeps, and what pages ask for it finds.
//
// A method that reads lines, items, meetings or sessions takes a person.Viewer
// and leaves out what that viewer may not see, as if it did not exist. The
// methods for the bot (Record, Resume, MeetingContext) see everything.
package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// querier is what a pool and a transaction have in common.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Begin(ctx context.Context) (pgx.Tx, error)
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
}

// Store runs queries, on the pool or inside one transaction.
type Store struct {
	// Zone is the community's: that of meetings nobody planned. nil is UTC. It is
	// set before the Store is used.
	Zone *time.Location

	db   querier
	pool *pgxpool.Pool // nil inside a transaction
}

// New returns a Store that uses pool, which should come from NewPool.
func New(pool *pgxpool.Pool) *Store { return &Store{db: pool, pool: pool} }

// Open returns a Store on the database at url. It does not connect yet, so it
// succeeds while Postgres is away; the only error is a url it cannot read.
func Open(ctx context.Context, url string) (*Store, error) {
	pool, err := NewPool(ctx, url)
	if err != nil {
		return nil, err
	}
	return New(pool), nil
}

// Connecting to a Postgres that is frozen, or behind a dead network, ends after
// connectTimeout; whoever asks gives up earlier by the deadline of its context.
const (
	connectTimeout = 5 * time.Second
	keepAlive      = 5 * time.Second
)

// idleInTx, in milliseconds, is how long a transaction of a program that vanished
// without a word may hold its locks.
const idleInTx = "60000"

// fewConns is how many connections a pool may have at least, also on machines
// with few processors: some wait for locks while others read.
const fewConns = 10

// NewPool returns a pool of connections to the database at url, which read
// times in UTC. It does not connect yet.
func NewPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, badURL(err)
	}
	prepare(c.ConnConfig, "hackfest")
	if !strings.Contains(url, "pool_max_conns") {
		c.MaxConns = max(c.MaxConns, fewConns)
	}
	c.MaxConnIdleTime = 10 * time.Minute
	c.PingTimeout = time.Second
	c.ConnConfig.Tracer = &tally{}
	c.AfterConnect = func(_ context.Context, conn *pgx.Conn) error { readInUTC(conn); return nil }
	return pgxpool.NewWithConfig(ctx, c)
}

// connect opens one connection outside the pool, for what must not share it.
func connect(ctx context.Context, url, name string) (*pgx.Conn, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, badURL(err)
	}
	prepare(c, name)
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, classify(err, "database")
	}
	readInUTC(conn)
	return conn, nil
}

// badURL leaves out what pgx says about the string: it may hold a password.
func badURL(err error) error {
	return &fault.Error{
		Kind: fault.Invalid, Field: "DATABASE_URL",
		Message: "The address of the database cannot be read.", Err: err,
	}
}

// prepare sets what all our connections have in common, where url is silent.
func prepare(c *pgx.ConnConfig, name string) {
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	d := net.Dialer{Timeout: c.ConnectTimeout, KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: keepAlive, Interval: keepAlive, Count: 3,
	}}
	c.DialFunc = d.DialContext
	c.RuntimeParams["timezone"] = "UTC"
	c.RuntimeParams["idle_in_transaction_session_timeout"] = idleInTx
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = name
	}
}

// readInUTC makes conn give out timestamptz in UTC instead of in the zone of
// this machine.
func readInUTC(conn *pgx.Conn) {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
}

// Close gives back all connections. The Store of a transaction has none.
func (s *Store) Close() {
	if s.pool != nil {
		s.pool.Close()
	}
}

// Ping asks Postgres for an answer. It is fault.Unavailable when none comes
// before ctx ends.
func (s *Store) Ping(ctx context.Context) error {
	const q = `select 1`
	_, err := s.db.Exec(ctx, q)
	return classify(err, "database")
}

// InTx runs fn in a transaction: committed if fn returns nil, rolled back if it
// returns an error or panics. Inside a transaction it makes a savepoint. A
// constraint that is checked at the commit fails like any other.
func (s *Store) InTx(ctx context.Context, fn func(tx *Store) error) error {
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error { return fn(&Store{Zone: s.Zone, db: tx}) })
	return classify(err, "change")
}

// Postgres error codes we act on.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	codeUniqueViolation    = "23505"
	codeExclusionViolation = "23P01"
	codeCheckViolation     = "23514"
	codeForeignKey         = "23503"
	codeDeadlock           = "40P01"
	codeNoText             = "22021" // bytes that are not in the encoding, or zero
	codeNoJSON             = "22P05" // the same, in JSON
	codeQueryCanceled      = "57014"
)

// classify turns what Postgres says into a fault. what names the thing asked
// for, as in "target". Faults are passed on as they are.
func classify(err error, what string) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return &fault.Error{Kind: fault.NotFound, Message: "There is no such " + what + ".", Err: err}
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		if message := refusal(pg, what); message != "" {
			kind := fault.Conflict
			if pg.Code == codeCheckViolation || pg.Code == codeForeignKey || pg.Code == codeNoText || pg.Code == codeNoJSON {
				kind = fault.Invalid
			}
			return &fault.Error{Kind: kind, Message: message, Err: err}
		}
	}
	if away(err) {
		return &fault.Error{Kind: fault.Unavailable, Message: "The database does not answer. Please try again in a moment.", Err: err}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// refusal is what to tell people about a broken constraint; "" when pg is
// about something else.
func refusal(pg *pgconn.PgError, what string) string {
	switch pg.Code {
	case codeUniqueViolation:
		return "There already is such a " + what + "."
	case codeExclusionViolation:
		return "The channel is taken at that time."
	case codeDeadlock:
		return "Something else was changed at the same moment. Please try again."
	case codeCheckViolation:
		return "That is not allowed for a " + what + "."
	case codeForeignKey:
		return "Something that the " + what + " belongs to does not exist."
	case codeNoText, codeNoJSON:
		return "That holds signs that are no text."
	}
	return ""
}

// away reports whether err means that Postgres cannot be asked now: not
// reached, starting or stopping, out of connections, or too slow for the
// deadline. A caller that went away by itself is not that.
func away(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		class := pg.Code[:min(2, len(pg.Code))]
		return class == "08" || class == "53" || class == "57" || pg.Code == codeQueryCanceled
	}
	if errors.Is(err, context.Canceled) {
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}
