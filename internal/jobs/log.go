package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// seldom lets the same message through once in a while only, and nothing below
// a warning: while Postgres is away River says so several times a second.
type seldom struct {
	slog.Handler
	told *told // shared by all handlers made from one
}

// told is when messages were last let through.
type told struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func newSeldom(h slog.Handler) seldom {
	return seldom{h, &told{last: map[string]time.Time{}}}
}

// Enabled leaves out what River says about itself.
func (s seldom) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && s.Handler.Enabled(ctx, level)
}

// Handle passes a record on if its message has not come for a while.
func (s seldom) Handle(ctx context.Context, r slog.Record) error {
	s.told.mu.Lock()
	again := time.Since(s.told.last[r.Message]) >= sayAgain
	if again {
		s.told.last[r.Message] = time.Now()
	}
	s.told.mu.Unlock()
	if !again {
		return nil
	}
	r.Level = min(r.Level, slog.LevelWarn) // ours are the errors
	return s.Handler.Handle(ctx, r)
}

// WithAttrs is slog.Handler's.
func (s seldom) WithAttrs(attrs []slog.Attr) slog.Handler {
	return seldom{s.Handler.WithAttrs(attrs), s.told}
}

// WithGroup is slog.Handler's.
func (s seldom) WithGroup(name string) slog.Handler { return seldom{s.Handler.WithGroup(name), s.told} }

// failures logs why jobs fail. What may pass is no error of ours.
type failures struct{ log *slog.Logger }

// HandleError is river.ErrorHandler's. The job is retried as River sees fit.
func (f failures) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	if ctx.Err() != nil {
		return nil
	}
	level := slog.LevelError
	if fault.KindOf(err) == fault.Unavailable {
		level = slog.LevelWarn
	}
	f.log.Log(ctx, level, "job failed", "kind", job.Kind, "attempt", job.Attempt, "err", err)
	return nil
}

// HandlePanic is river.ErrorHandler's.
func (f failures) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	f.log.ErrorContext(ctx, "job panicked", "kind", job.Kind, "panic", value, "trace", trace)
	return nil
}
