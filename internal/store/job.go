package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// JobCount is how many jobs of a queue are in a state.
type JobCount struct {
	Queue, State string
	Jobs         int
}

// JobCounts counts jobs by queue and state.
func (s *Store) JobCounts(ctx context.Context) ([]JobCount, error) {
	const q = `select queue, state::text as state, count(*) as jobs from river_job group by queue, state order by queue, state`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[JobCount])
	return list, classify(err, "job")
}

// Job is a job as operators see it. What it is about is not among it: that may
// hold secrets.
type Job struct {
	ID          int64
	Kind        string
	Queue       string
	State       string // as River calls it: available, running, retryable, discarded, …
	Attempt     int    // how often it was tried
	MaxAttempts int
	At          time.Time // UTC, when it is or was due, or ended
	Error       string    // of the last try; "" when that did not fail
}

// JobFilter selects jobs.
type JobFilter struct {
	State  string // "" is all that ask for somebody: retryable, discarded and cancelled
	Before int64  // only jobs with smaller ids; zero is from the newest on
	Limit  int
}

// Jobs lists jobs, the newest first.
func (s *Store) Jobs(ctx context.Context, f JobFilter) ([]Job, error) {
	const q = `
		select j.id, j.kind, j.queue, j.state::text as state, j.attempt::int, j.max_attempts::int, coalesce(j.finalized_at, j.scheduled_at) as at,
			coalesce(j.errors[array_upper(j.errors, 1)] ->> 'error', '') as error
		from river_job j
		where (case when @state::text = '' then j.state::text in ('retryable', 'discarded', 'cancelled') else j.state::text = @state end)
		  and (@before::bigint = 0 or j.id < @before)
		order by j.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"state": f.State, "before": f.Before, "limit": f.Limit})
	list, err := pgx.CollectRows(rows, scanJob)
	return list, classify(err, "job")
}

func scanJob(row pgx.CollectableRow) (Job, error) {
	j, err := pgx.RowToStructByName[Job](row)
	j.At = j.At.UTC()
	return j, err
}

// RetryJob has a job tried again now, by clock, also one that was given up. It
// returns the job as it was; one that runs or is done is fault.Conflict.
func (s *Store) RetryJob(ctx context.Context, id int64, clock rivertype.TimeGenerator) (Job, error) {
	return s.moveJob(ctx, id, clock, func(c *river.Client[pgx.Tx], tx pgx.Tx, was Job) error {
		switch rivertype.JobState(was.State) {
		case rivertype.JobStateRunning, rivertype.JobStateCompleted:
			return fault.New(fault.Conflict, "The job is %s: there is nothing to try again.", was.State)
		}
		_, err := c.JobRetryTx(ctx, tx, id)
		return err
	})
}

// CancelJob gives a job up. It returns the job as it was; one that has ended is
// fault.Conflict. One that runs is told to stop and may end before it hears that.
func (s *Store) CancelJob(ctx context.Context, id int64, clock rivertype.TimeGenerator) (Job, error) {
	return s.moveJob(ctx, id, clock, func(c *river.Client[pgx.Tx], tx pgx.Tx, was Job) error {
		switch rivertype.JobState(was.State) {
		case rivertype.JobStateCompleted, rivertype.JobStateCancelled, rivertype.JobStateDiscarded:
			return fault.New(fault.Conflict, "The job has ended already: it is %s.", was.State)
		}
		_, err := c.JobCancelTx(ctx, tx, id)
		return err
	})
}

// moveJob has River, which owns the jobs, change one.
func (s *Store) moveJob(ctx context.Context, id int64, clock rivertype.TimeGenerator, move func(*river.Client[pgx.Tx], pgx.Tx, Job) error) (was Job, err error) {
	const q = `
		select j.id, j.kind, j.queue, j.state::text as state, j.attempt::int, j.max_attempts::int, coalesce(j.finalized_at, j.scheduled_at) as at,
			'' as error
		from river_job j
		where j.id = @id
		for update`
	err = s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"id": id})
		if was, err = pgx.CollectExactlyOneRow(rows, scanJob); err != nil {
			return classify(err, "job")
		}
		conf := &river.Config{}
		conf.Test.Time = clock // else River asks Postgres
		client, err := river.NewClient(riverpgxv5.New(nil), conf)
		if err != nil {
			return err
		}
		return move(client, tx.db.(pgx.Tx), was) // InTx gives us one
	})
	return was, classify(err, "job")
}

// addJob adds a job for a worker that takes all that waits, by clock, inside a
// transaction. It adds none while one waits that nobody can begin before this
// transaction ends: it is locked, and workers pass over what is locked.
func (s *Store) addJob(ctx context.Context, args river.JobArgs, queue string, clock rivertype.TimeGenerator) error {
	const q = `
		select j.id from river_job j
		where j.kind = @kind and j.queue = @queue and j.state = 'available'
		order by j.id
		limit 1
		for update skip locked`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"kind": args.Kind(), "queue": queue})
	waiting, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(waiting) > 0 {
		return classify(err, "job")
	}
	conf := &river.Config{}
	conf.Test.Time = clock // else River asks Postgres
	client, err := river.NewClient(riverpgxv5.New(nil), conf)
	if err != nil {
		return err
	}
	_, err = client.InsertTx(ctx, s.db.(pgx.Tx), args, &river.InsertOpts{Queue: queue}) // InTx gives us one
	return classify(err, "job")
}
