package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// cleanCheck is e as it can be stored.
func cleanCheck(e hackfest.CheckEdit) (hackfest.CheckEdit, error) {
	e.Text, e.Advice = clean(e.Text), clean(e.Advice)
	return e.Tidy()
}

// lockChecklist makes the checklist k stay as it is for others until the end of
// the transaction, and returns how many items are in use on it.
func (s *Store) lockChecklist(ctx context.Context, k hackfest.ChecklistKey) (int, error) {
	const q = `
		with held as materialized (select pg_advisory_xact_lock(hashtextextended('checklist/' || @scope || '/' || @slug, 0)))
		select count(i.id)::int
		from held
		left join checklist_items i on i.scope = @scope and i.retired_at is null and i.redacted_at is null
			and coalesce((select t.slug from targets t where t.id = i.target_id), (select r.slug from series r where r.id = i.series_id),
				(select x.slug from sessions x where x.id = i.session_id), '') = @slug`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"scope": k.Scope, "slug": k.Slug})
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	return n, classify(err, "checklist")
}

// AddCheckItem puts an item at the end of checklist k. What hackfest.CheckEdit
// refuses, and a checklist that is full, is fault.Invalid; without the target,
// series or session of k, or the lesson, it is fault.NotFound.
func (s *Store) AddCheckItem(ctx context.Context, k hackfest.ChecklistKey, e hackfest.CheckEdit, now time.Time) (hackfest.CheckItemID, error) {
	const q = `
		insert into checklist_items (scope, target_id, series_id, session_id, position, text, advice, lesson_id, mandatory, automatic, created_at)
		select @scope, t.id, r.id, x.id,
			1 + coalesce((
				select max(o.position) from checklist_items o
				where o.scope = @scope and o.target_id is not distinct from t.id and o.series_id is not distinct from r.id
				  and o.session_id is not distinct from x.id), 0),
			@text, @advice, l.id, @mandatory, @automatic, @now
		from (select) one
		left join targets t on @scope = 'target' and t.slug = @slug
		left join series r on @scope = 'series' and r.slug = @slug
		left join sessions x on @scope = 'session' and x.slug = @slug
		left join lessons l on l.id = @lesson and l.redacted_at is null
		where (@scope = 'all' or t.id is not null or r.id is not null or x.id is not null) and (@lesson::bigint = 0 or l.id is not null)
		returning id`
	e, err := cleanCheck(e)
	if err != nil {
		return 0, err
	}
	var id hackfest.CheckItemID
	err = s.InTx(ctx, func(tx *Store) error {
		n, err := tx.lockChecklist(ctx, k)
		if err != nil {
			return err
		}
		if n >= hackfest.MaxChecklist {
			return errCheckFull
		}
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{
			"scope": k.Scope, "slug": k.Slug, "text": e.Text, "advice": e.Advice, "lesson": e.Lesson, "mandatory": e.Mandatory,
			"automatic": e.Check, "now": now,
		})
		if id, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.CheckItemID]); err != nil {
			return classify(err, "checklist or lesson")
		}
		return tx.notify(ctx, topicSessions)
	})
	return id, err
}

// EditCheckItem makes an item that nobody else has changed since revision what e
// says; otherwise it is fault.Conflict. Sessions that are over keep what it was:
// for them it stays, retired, and a new item takes its place, with the ticks of
// those that are not. e.Lesson is ignored. It returns the item that counts now.
func (s *Store) EditCheckItem(ctx context.Context, id hackfest.CheckItemID, e hackfest.CheckEdit, revision int, now time.Time) (hackfest.CheckItemID, error) {
	const q = `
		update checklist_items set text = @text, advice = @advice, mandatory = @mandatory, automatic = @automatic, revision = revision + 1
		where id = @id`
	e, err := cleanCheck(e)
	if err != nil {
		return id, err
	}
	err = s.changeCheck(ctx, id, func(tx *Store, x checkNow) error {
		if x.revision != revision || x.retired || x.replaced {
			return errCheckMoved
		}
		if x.past {
			var err error
			if id, err = tx.replaceCheck(ctx, id, now); err != nil {
				return err
			}
		}
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{
			"id": id, "text": e.Text, "advice": e.Advice, "mandatory": e.Mandatory, "automatic": e.Check,
		})
		return classify(err, "checklist item")
	}, now)
	return id, err
}

// checkNow is how an item stands.
type checkNow struct {
	key      hackfest.ChecklistKey
	revision int
	retired  bool
	replaced bool
	past     bool // a session that is over has it
	lately   bool // it was retired so short ago that this may be taken back
}

// changeCheck runs fn on item id with its checklist locked.
func (s *Store) changeCheck(ctx context.Context, id hackfest.CheckItemID, fn func(*Store, checkNow) error, now time.Time) error {
	const q = `
		select i.scope, coalesce(t.slug, r.slug, x.slug, '') as slug, i.revision, i.retired_at is not null as retired, i.replaced_by is not null as replaced,
			exists (select 1 from sessions s where ` + overAt + ` <= @now and ` + inUse + `) as past, coalesce(i.retired_at > @undo, false) as lately
		from checklist_items i
		left join targets t on t.id = i.target_id
		left join series r on r.id = i.series_id
		left join sessions x on x.id = i.session_id
		where i.id = @id and i.redacted_at is null
		for update of i`
	return s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"id": id, "now": now, "undo": now.Add(-hackfest.UndoTime)})
		x, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (checkNow, error) {
			var x checkNow
			return x, row.Scan(&x.key.Scope, &x.key.Slug, &x.revision, &x.retired, &x.replaced, &x.past, &x.lately)
		})
		if err != nil {
			return classify(err, "checklist item")
		}
		if _, err := tx.lockChecklist(ctx, x.key); err != nil {
			return err
		}
		if err := fn(tx, x); err != nil {
			return err
		}
		return tx.notify(ctx, topicSessions)
	})
}

// replaceCheck puts a copy in the place of an item, from now on, and gives it the
// ticks for sessions that are not over.
func (s *Store) replaceCheck(ctx context.Context, id hackfest.CheckItemID, now time.Time) (hackfest.CheckItemID, error) {
	const q = `
		with made as (
			insert into checklist_items (scope, target_id, series_id, session_id, position, text, advice, lesson_id, mandatory, automatic, kept_at,
				revision, created_at)
			select scope, target_id, series_id, session_id, position, text, advice, lesson_id, mandatory, automatic, kept_at, revision, @now
			from checklist_items where id = @id
			returning id),
		old as (
			update checklist_items i set replaced_by = made.id, retired_at = coalesce(i.retired_at, @now) from made where i.id = @id),
		ticks as (
			update check_ticks k set item_id = made.id from made, sessions s where k.item_id = @id and s.id = k.session_id and ` + overAt + ` > @now)
		select id from made`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "now": now})
	made, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.CheckItemID])
	return made, classify(err, "checklist item")
}

// RetireCheckItem takes an item out of use: sessions that begin after now have it
// no more. One that is retired already is fault.Conflict.
func (s *Store) RetireCheckItem(ctx context.Context, id hackfest.CheckItemID, now time.Time) error {
	const q = `update checklist_items set retired_at = greatest(@now, created_at), revision = revision + 1 where id = @id`
	return s.changeCheck(ctx, id, func(tx *Store, x checkNow) error {
		if x.retired {
			return errCheckMoved
		}
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "now": now})
		return classify(err, "checklist item")
	}, now)
}

// ReuseCheckItem puts a retired item back into use: as if it had never been out
// of it within the time in which that is taken back, later for sessions from now
// on. It returns the item that counts now.
func (s *Store) ReuseCheckItem(ctx context.Context, id hackfest.CheckItemID, now time.Time) (hackfest.CheckItemID, error) {
	const q = `update checklist_items set retired_at = null, revision = revision + 1 where id = @id`
	back := id
	err := s.changeCheck(ctx, id, func(tx *Store, x checkNow) error {
		if !x.retired || x.replaced {
			return errCheckMoved
		}
		if n, err := tx.lockChecklist(ctx, x.key); err != nil || n >= hackfest.MaxChecklist {
			return orElse(err, errCheckFull)
		}
		if !x.lately {
			var err error
			back, err = tx.replaceCheck(ctx, id, now)
			return err
		}
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id})
		return classify(err, "checklist item")
	}, now)
	return back, err
}

// orElse is err, or other when there is none.
func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// KeepCheckItem notes that an item stays although nobody used it lately.
func (s *Store) KeepCheckItem(ctx context.Context, id hackfest.CheckItemID, now time.Time) error {
	const q = `update checklist_items set kept_at = @now where id = @id`
	return s.changeCheck(ctx, id, func(tx *Store, x checkNow) error {
		if x.retired {
			return errCheckMoved
		}
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "now": now})
		return classify(err, "checklist item")
	}, now)
}

// MoveCheckItem moves an item up, before the one above it on its checklist, or
// down. At the end of the checklist it stays where it is.
func (s *Store) MoveCheckItem(ctx context.Context, id hackfest.CheckItemID, up bool, now time.Time) error {
	const q = `
		update checklist_items i
		set position = case when i.id = me.id then other.position else me.position end
		from checklist_items me
		cross join lateral (
			select o.id, o.position from checklist_items o
			where o.scope = me.scope and o.target_id is not distinct from me.target_id and o.series_id is not distinct from me.series_id
			  and o.session_id is not distinct from me.session_id and o.retired_at is null and o.redacted_at is null
			  and case when @up then o.position < me.position else o.position > me.position end
			order by case when @up then -o.position else o.position end
			limit 1) other
		where me.id = @id and i.id in (me.id, other.id)`
	return s.changeCheck(ctx, id, func(tx *Store, x checkNow) error {
		if x.retired {
			return errCheckMoved
		}
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "up": up})
		return classify(err, "checklist item")
	}, now)
}

// CheckLessons makes checks of lessons that the minutes of a meeting published, by
// the items that they are: on the list of their target, those about a base image
// on that of the session's target, others on that for all. What is a check already
// stays one. It returns how many it made.
func (s *Store) CheckLessons(ctx context.Context, meeting hackfest.Ref, items []hackfest.ItemID, now time.Time) (int, error) {
	const q = `
		select l.id, l.text, coalesce(t.slug, case when l.scope = 'image' then st.slug end, '') as target, l.item_ref as ref, l.item_n as n
		from lessons l
		left join targets t on t.id = l.target_id
		left join sessions x on x.id = l.session_id
		left join targets st on st.id = x.target_id
		where l.meeting_ref = @meeting and l.published_at is not null and l.redacted_at is null
		  and not exists (select 1 from checklist_items i where i.lesson_id = l.id and i.retired_at is null)
		order by l.id`
	type taught struct {
		ID           hackfest.LessonID
		Text, Target string
		Ref          hackfest.Ref
		N            int
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"meeting": uuid(meeting)})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[taught])
	if err != nil {
		return 0, classify(err, "lesson")
	}
	made := 0
	for _, l := range list {
		if !slices.Contains(items, hackfest.ItemID{Ref: l.Ref, N: l.N}) {
			continue
		}
		key := hackfest.ChecklistKey{Scope: hackfest.ChecklistAll}
		if l.Target != "" {
			key = hackfest.ChecklistKey{Scope: hackfest.ChecklistTarget, Slug: l.Target}
		}
		if _, err := s.AddCheckItem(ctx, key, hackfest.CheckEdit{Text: hackfest.CheckText(l.Text), Mandatory: true, Lesson: l.ID}, now); err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}
