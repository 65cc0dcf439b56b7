package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
)

const (
	lockPatience = 30 * time.Second // how long a killed bot may hold the lock
	lockAnswer   = 5 * time.Second  // Postgres may be frozen rather than away
	lockRelease  = 2 * time.Second
	headStart    = 5 * time.Second // of a bot on IRC over a starting one, when Postgres comes back
)

// botLock keeps the right to be the one bot of the database, as architecture.md
// has it: whoever starts waits for Postgres and then for the lock; whoever is
// on IRC stays there through an outage and asks again.
type botLock struct {
	url      string
	log      *slog.Logger
	ask      time.Duration // between two tries; a second
	patience time.Duration // lockPatience
	alone    bool          // nobody else can reach this Postgres
	held     *store.BotLock
}

// take waits for Postgres and takes the lock. Another holder is a
// fault.Conflict that names it, after patience.
func (l *botLock) take(ctx context.Context) error {
	if !l.alone {
		if err := l.letOthersFirst(ctx); err != nil {
			return err
		}
	}
	var since time.Time // when another holder was seen first; zero for none
	return untilThere(ctx, l.log, func() error {
		for {
			err := l.try(ctx)
			if fault.KindOf(err) != fault.Conflict {
				return err
			}
			if since.IsZero() {
				since = time.Now()
				l.log.WarnContext(ctx, "waiting for the other bot to end", "err", err)
			}
			if time.Since(since) > l.patience {
				return err
			}
			if err := sleep(ctx, l.ask); err != nil {
				return err
			}
		}
	})
}

// letOthersFirst waits while Postgres has only just started: a bot that is on
// IRC and lost its lock with the connection is to get it back first.
func (l *botLock) letOthersFirst(ctx context.Context) error {
	var started time.Time
	err := untilThere(ctx, l.log, func() error {
		ctx, cancel := context.WithTimeout(ctx, lockAnswer)
		defer cancel()
		var err error
		started, err = store.PostgresStarted(ctx, l.url)
		return err
	})
	if err != nil {
		return err
	}
	// Its clock may not be ours: then the wait is what it is, but never longer.
	if age := time.Since(started); age >= 0 && age < headStart {
		return sleep(ctx, headStart-age)
	}
	return nil
}

func (l *botLock) try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lockAnswer)
	defer cancel()
	held, err := store.AcquireBotLock(ctx, l.url)
	if err == nil {
		l.held = held
	}
	return err
}

// keep returns when ctx ends, with nil, or when another bot has the lock, with
// an error that names it. While Postgres is away nobody can have it.
func (l *botLock) keep(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.held.Lost():
		}
		before := l.held.Holder()
		l.log.WarnContext(ctx, "the lock of the bot is lost with its connection to the database; staying on IRC")
		l.release(ctx)
		if err := l.retake(ctx, before); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		l.log.InfoContext(ctx, "the lock of the bot is back")
	}
}

// retake asks for the lock until it is there or somebody else's. before is the
// connection we had: Postgres may not have noticed yet that it is gone.
func (l *botLock) retake(ctx context.Context, before store.BotLockHolder) error {
	for {
		err := l.try(ctx)
		if err == nil {
			return nil
		}
		holder, known := errors.AsType[store.BotLockHolder](err)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case known && holder != before:
			return fmt.Errorf("leaving IRC: %w", err)
		case fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.Unavailable:
			l.log.ErrorContext(ctx, "cannot ask for the lock of the bot", "err", err)
		}
		if err := sleep(ctx, l.ask); err != nil {
			return err
		}
	}
}

// release gives the lock back, if it is held.
func (l *botLock) release(ctx context.Context) {
	if l.held == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lockRelease)
	defer cancel()
	if err := l.held.Release(ctx); err != nil {
		l.log.DebugContext(ctx, "lock of the bot", "err", err)
	}
	l.held = nil
}
