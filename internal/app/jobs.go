package app

import (
	"context"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

const (
	lookAhead = 8 * 7 * 24 * time.Hour // how far the sessions of a series are laid out
	lookEvery = 6 * time.Hour
)

// runJobs lays out the coming sessions of all series, again and again, until
// ctx ends.
func (a *portal) runJobs(ctx context.Context) error {
	for {
		wait := lookEvery
		if err := a.layOut(ctx); fault.KindOf(err) == fault.Unavailable {
			wait = time.Minute
		} else if err != nil && ctx.Err() == nil {
			a.Log.ErrorContext(ctx, "coming sessions not laid out", "err", err)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (a *portal) layOut(ctx context.Context) error {
	list, err := a.db.store.SeriesList(ctx, person.Viewer{Role: person.Admin})
	if err != nil {
		return err
	}
	now := a.Now()
	for _, s := range list {
		made, err := a.db.store.ExtendSeries(ctx, s.Slug, now.Add(lookAhead), now)
		if err != nil {
			return err
		}
		if made.Added > 0 {
			a.Log.InfoContext(ctx, "sessions laid out", "series", s.Slug, "added", made.Added, "conflicts", made.Conflicts)
		}
	}
	return nil
}
