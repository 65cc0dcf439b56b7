// Package jobs does what is due at a time rather than when somebody asks: it
// lays out the coming sessions of series, has announced what is to be
// announced, and wipes what was redacted. River runs it, in tables of its own; there is no other queue and no
// clock that ticks elsewhere.
//
//	Lead   role jobs: may lead, so it keeps the times, and works queues "default", "mail" and "letters"
//	Speak  the one bot: works queue "irc", where the network connections are
//
// Every client knows every kind of job, but only those of role jobs may lead. A
// job may be run twice, or be cut off: what must happen at most once is held by
// a row (table deliveries), never by the job.
package jobs

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/mail"
	"github.com/eucalyptus/hackfest/internal/store"
)

// Config is what jobs need to know. Store and Pool are of one database.
type Config struct {
	Store     *store.Store
	Pool      *pgxpool.Pool
	BaseURL   string           // of the portal, without a slash at the end
	Community string           // its name, in mails
	Mail      *mail.Server     // nil: no mail can be sent from here
	GitHub    ghsync.Access    // how GitHub is reached; holds secrets
	Tzdata    string           // release of the zone database; "" is not known and never looked at
	Now       func() time.Time // nil is time.Now
	Stubbed   bool             // Now is not the time of the world, and River has to go by it too
	Log       *slog.Logger     // nil logs nothing
	Every     time.Duration    // how often it is looked what is to be announced; zero is 30 s
}

const (
	queueIRC = "irc"

	everyDefault = 30 * time.Second
	softStop     = 2 * time.Second // for jobs under way when we are to end
	hardStop     = 4 * time.Second // then River is left to itself
	jobTime      = 90 * time.Second
	startAgain   = time.Second
	sayAgain     = 30 * time.Second // between two words in the log about one trouble
	keepDone     = time.Hour        // done jobs; what was announced is kept elsewhere
)

func (c Config) withDefaults() Config {
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	c.Every = cmp.Or(c.Every, everyDefault)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Lead keeps the times of all jobs, or is ready to when another process ends that
// does, and works those that need no IRC, until ctx ends. Postgres may come and
// go meanwhile.
func Lead(ctx context.Context, c Config) error {
	c = c.withDefaults()
	conf := c.river(nil)
	conf.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}, queueMail: {MaxWorkers: 2}, queueLetters: {MaxWorkers: 1}, store.HookQueue: {MaxWorkers: 2}, store.IssueQueue: {MaxWorkers: 1}, queueGitHub: {MaxWorkers: 1}}
	conf.PeriodicJobs = []*river.PeriodicJob{
		every(c.Every, planArgs{}, 1), // the next one comes soon
		every(c.Every, purgeArgs{}, 1),
		every(extendEvery, extendArgs{}, 0),
		every(expireEvery, expireArgs{}, 1),
		every(fadeEvery, fadeArgs{}, 0),
		every(hookEvery, store.HookArgs{}, 1),
		every(issuesEvery, store.IssuesArgs{}, 1),
		every(pollEvery, pollArgs{}, 1),
		every(forgetGitHub, forgetGitHubArgs{}, 1),
	}
	return c.run(ctx, conf, c.tryToken)
}

// tryToken forgets that GitHub refused a token: who sets another starts us again.
func (c Config) tryToken(ctx context.Context) error {
	return c.Store.ClearGitHubLimit(ctx, hackfest.GitHubToken)
}

// Speak has announcements said by voice until ctx ends. It is for the one bot:
// what an earlier one was saying when it ended becomes unknown at the start.
func Speak(ctx context.Context, c Config, voice Voice) error {
	c = c.withDefaults()
	conf := c.river(voice)
	conf.Queues = map[string]river.QueueConfig{queueIRC: {MaxWorkers: 1}} // so no more than one thing is unknown when we are killed
	conf.LeaderElectionDisabled = true
	return c.run(ctx, conf, func(ctx context.Context) error {
		n, err := c.Store.CutOffDeliveries(ctx, time.Time{}, c.Now())
		if n > 0 {
			c.Log.WarnContext(ctx, "announcements were cut off while being sent; they are not sent again", "announcements", n)
		}
		return err
	})
}

// every is a job that is run so often, and at once by whoever begins to lead.
// It is tried again when it fails, at most so often; 0 is River's usual.
func every(d time.Duration, args river.JobArgs, attempts int) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(d), func() (river.JobArgs, *river.InsertOpts) {
		return args, &river.InsertOpts{MaxAttempts: attempts}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

// river is what all our River clients have in common.
func (c Config) river(voice Voice) *river.Config {
	workers := river.NewWorkers()
	river.AddWorker(workers, &planWorker{Config: c})
	river.AddWorker(workers, &extendWorker{Config: c})
	river.AddWorker(workers, &announceWorker{Config: c, voice: voice})
	river.AddWorker(workers, &lettersWorker{Config: c})
	river.AddWorker(workers, &purgeWorker{Config: c})
	river.AddWorker(workers, &expireWorker{Config: c})
	river.AddWorker(workers, &fadeWorker{Config: c})
	river.AddWorker(workers, &signinMailWorker{Config: c})
	river.AddWorker(workers, &proveMailWorker{Config: c})
	river.AddWorker(workers, &proposalMailWorker{Config: c})
	river.AddWorker(workers, &confirmationWorker{Config: c})
	river.AddWorker(workers, &forgetWorker{Config: c, voice: voice})
	river.AddWorker(workers, &hookWorker{Config: c})
	river.AddWorker(workers, &issuesWorker{Config: c})
	river.AddWorker(workers, &pollWorker{Config: c})
	river.AddWorker(workers, &forgetGitHubWorker{Config: c})
	conf := &river.Config{
		Workers: workers, Logger: slog.New(newSeldom(c.Log.Handler())), ErrorHandler: failures{c.Log},
		JobTimeout: jobTime, RescueStuckJobsAfter: 2 * jobTime, SoftStopTimeout: softStop,
		CompletedJobRetentionPeriod: keepDone, DiscardedJobRetentionPeriod: keepDone * 24,
	}
	if c.Stubbed {
		conf.Test.Time = clock{c.Now}
	}
	return conf
}

// run starts a client as soon as Postgres is there, first having been done, and
// stops it when ctx ends.
func (c Config) run(ctx context.Context, conf *river.Config, first func(context.Context) error) error {
	var said time.Time
	for {
		client, err := river.NewClient(riverpgxv5.New(c.Pool), conf)
		if err != nil {
			return err
		}
		if err = first(ctx); err == nil {
			err = client.Start(ctx)
		}
		if err == nil {
			c.stop(ctx, client)
			return nil
		}
		if ctx.Err() == nil && time.Since(said) > sayAgain {
			said = time.Now()
			c.Log.WarnContext(ctx, "jobs cannot be run yet; trying again", "err", err)
		}
		if !sleep(ctx, startAgain) {
			return nil
		}
	}
}

// stop waits for the end of ctx, by which the client stops, and for that.
func (c Config) stop(ctx context.Context, client *river.Client[pgx.Tx]) {
	stopped := client.Stopped()
	<-ctx.Done()
	late := time.NewTimer(hardStop)
	defer late.Stop()
	select {
	case <-stopped:
	case <-late.C:
		c.Log.Warn("jobs are slow to end; they are left to themselves")
	}
}

// sleep waits for d and reports whether ctx is still going.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// clock gives River our time.
type clock struct{ now func() time.Time }

// Now is our time.
func (c clock) Now() time.Time { return c.now() }

// NowOrNil is our time: Postgres is told to go by it as well.
func (c clock) NowOrNil() *time.Time {
	now := c.now().UTC()
	return &now
}
