package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// EditNews stores what people wrote of the news n.ID, unless somebody changed
// them since n.Revision: then it is fault.Conflict. n.State, PublishedAt and
// AuthorID are ignored. Once they are published the slug stays, so does where they
// were sent to, and n.Correction, when it is new, is noted as of now. Readers are
// to look again.
func (s *Store) EditNews(ctx context.Context, n hackfest.News, now time.Time) error {
	const q = `
		update news x set
			slug = @slug, title = @title, summary = @summary, body = @body, tags = @tags, outlets = @outlets, banner_until = @banner,
			session_id = s.id, target_id = t.id,
			corrected_at = case when @correction = '' then null when x.correction = @correction then x.corrected_at else @now end,
			correction = @correction, revision = x.revision + 1, changed_at = greatest(@now, x.published_at)
		from (select) one
		left join targets t on t.slug = @target
		left join sessions s on s.slug = @session
		where x.id = @id and x.revision = @revision and (@target = '' or t.id is not null) and (@session = '' or s.id is not null)`
	n = cleanNews(n)
	if err := n.Check(); err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *Store) error {
		old, err := tx.lockNews(ctx, n.ID)
		if err != nil {
			return err
		}
		args := newsArgs(n, now)
		args["slug"] = old.slug
		if old.state == hackfest.NewsDraft {
			if args["slug"], err = tx.freeNewsSlug(ctx, n); err != nil {
				return err
			}
			args["correction"] = ""
		}
		if old.revision != n.Revision {
			return errNewsMoved
		}
		tag, err := tx.db.Exec(ctx, q, args)
		if err == nil && tag.RowsAffected() == 0 {
			err = fault.New(fault.NotFound, "There is no such target or session for these news.")
		}
		if err != nil {
			return classify(err, "news")
		}
		return tx.setNewsChannels(ctx, n)
	})
}

// PublishNews makes a draft public from at on; zero is now. Somebody's change since revision is fault.Conflict.
func (s *Store) PublishNews(ctx context.Context, id hackfest.NewsID, revision int, at, now time.Time) error {
	const q = `
		update news set state = 'published', published_at = @at, revision = revision + 1, changed_at = @at
		where id = @id and revision = @revision and state = 'draft'`
	if at.IsZero() || at.Before(now) {
		at = now
	}
	return s.moveNews(ctx, q, id, revision, pgx.NamedArgs{"at": at})
}

// WithdrawNews takes news off all pages and feeds, or puts a draft aside. What was
// to appear after now is a draft again.
func (s *Store) WithdrawNews(ctx context.Context, id hackfest.NewsID, revision int, now time.Time) error {
	const q = `
		update news set
			state = case when published_at > @now then 'draft' else 'withdrawn' end,
			published_at = case when published_at <= @now then published_at end,
			revision = revision + 1, changed_at = @now
		where id = @id and revision = @revision and state <> 'withdrawn'`
	return s.moveNews(ctx, q, id, revision, pgx.NamedArgs{"now": now})
}

// RestoreNews takes back WithdrawNews: what had appeared is shown again, as of when
// it appeared first, and what was held back meanwhile goes out if that is not too
// long ago.
func (s *Store) RestoreNews(ctx context.Context, id hackfest.NewsID, now time.Time) error {
	const q = `
		update news set state = case when published_at is null then 'draft' else 'published' end, revision = revision + 1, changed_at = @now
		where id = @id and revision = @revision and state = 'withdrawn'`
	return s.InTx(ctx, func(tx *Store) error {
		old, err := tx.lockNews(ctx, id)
		if err != nil {
			return err
		}
		if err := tx.moveNews(ctx, q, id, old.revision, pgx.NamedArgs{"now": now}); err != nil {
			return err
		}
		return tx.sendRestored(ctx, id, now)
	})
}

// sendRestored has deliveries of news looked at again that were dropped while those
// were withdrawn: nobody has had them.
func (s *Store) sendRestored(ctx context.Context, id hackfest.NewsID, now time.Time) error {
	const q = `
		update deliveries d set state = 'pending', reason = '', queued_at = null, settled_at = null
		where d.news_id = @id and d.state = 'dropped' and d.due_at > @back`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "back": now.Add(-announce.NewsLate)})
	return classify(err, "announcement")
}

// moveNews runs q, which changes the news id if nobody changed it since revision.
func (s *Store) moveNews(ctx context.Context, q string, id hackfest.NewsID, revision int, args pgx.NamedArgs) error {
	args["id"], args["revision"] = id, revision
	return s.InTx(ctx, func(tx *Store) error {
		if _, err := tx.lockNews(ctx, id); err != nil {
			return err
		}
		tag, err := tx.db.Exec(ctx, q, args)
		if err == nil && tag.RowsAffected() == 0 {
			return errNewsMoved
		}
		return classify(err, "news")
	})
}

// newsNow is what news are at the moment.
type newsNow struct {
	slug     string
	state    hackfest.NewsState
	revision int
}

// lockNews makes news stay as they are for others until the end of the
// transaction, or is fault.NotFound.
func (s *Store) lockNews(ctx context.Context, id hackfest.NewsID) (newsNow, error) {
	const q = `select slug, state, revision from news where id = @id for update`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	n, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (newsNow, error) {
		var n newsNow
		err := row.Scan(&n.slug, &n.state, &n.revision)
		return n, err
	})
	return n, classify(err, "news")
}
