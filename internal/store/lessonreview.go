package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// RelationToLesson says how v stands to a lesson: whether they wrote it, as long as
// it waits, and whether they chair the session that taught it. One that v may not see is
// fault.NotFound.
func (s *Store) RelationToLesson(ctx context.Context, v person.Viewer, id hackfest.LessonID) (person.Object, error) {
	l, err := s.Lesson(ctx, v, id)
	if err != nil {
		return person.Object{}, err
	}
	var o person.Object
	if l.Waits() {
		o.Owner = l.AuthorID
	}
	if l.SessionSlug != "" {
		x, err := s.RelationToSession(ctx, v, l.SessionSlug)
		if err != nil {
			return o, err
		}
		o.Chaired = x.Chaired
	}
	return o, nil
}

var (
	errLessonMoved  = fault.New(fault.Conflict, "Somebody else changed this lesson meanwhile. Look at it again, then change it.")
	errLessonInText = fault.New(fault.Conflict, "This lesson stands in published minutes. Correct it there.")
)

// EditLesson makes a lesson what l says: its words, kind, scope, what it is about
// and its evidence. It is fault.Conflict when it is not of revision l.Revision any
// more, and for one that minutes publish: it is worded there.
func (s *Store) EditLesson(ctx context.Context, l hackfest.Lesson, now time.Time) error {
	const q = `
		update lessons x
		set text = @text, kind = @kind, scope = @scope, image = @image, target_id = (select t.id from targets t where t.slug = @target),
			evidence = @evidence, revision = x.revision + 1, changed_at = @now
		where x.id = @id and x.meeting_ref is null and x.revision = @revision and x.redacted_at is null`
	l, err := l.Tidy()
	if err != nil {
		return err
	}
	if l.TargetSlug != "" {
		if _, err := s.Target(ctx, l.TargetSlug); fault.KindOf(err) == fault.NotFound {
			return fault.On("target", "There is no such target.")
		} else if err != nil {
			return err
		}
	}
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"id": l.ID, "text": clean(l.Text), "kind": l.Kind, "scope": l.Scope, "image": clean(l.Image), "target": l.TargetSlug,
		"evidence": clean(l.Evidence), "revision": l.Revision, "now": now,
	})
	switch {
	case err != nil:
		return classify(err, "lesson")
	case tag.RowsAffected() == 0 && !l.MeetingRef.IsZero():
		return errLessonInText
	case tag.RowsAffected() == 0:
		return errLessonMoved
	}
	return nil
}

// PublishLesson publishes a lesson that waits or was declined.
func (s *Store) PublishLesson(ctx context.Context, id hackfest.LessonID, now time.Time) error {
	const q = `
		update lessons x
		set published_at = @now, declined_at = null, reason = '', revision = x.revision + 1
		where x.id = @id and x.published_at is null and x.meeting_ref is null and x.redacted_at is null`
	return s.reviewLesson(ctx, q, pgx.NamedArgs{"id": id, "now": now})
}

// UnpublishLesson takes a lesson back that PublishLesson published: it waits
// again.
func (s *Store) UnpublishLesson(ctx context.Context, id hackfest.LessonID, now time.Time) error {
	const q = `
		update lessons x
		set published_at = null, revision = x.revision + 1, changed_at = @now
		where x.id = @id and x.published_at is not null and x.retired_at is null and x.meeting_ref is null`
	return s.reviewLesson(ctx, q, pgx.NamedArgs{"id": id, "now": now})
}

// DeclineLesson says that a lesson that waits is not published, and why.
func (s *Store) DeclineLesson(ctx context.Context, id hackfest.LessonID, why string, now time.Time) error {
	const q = `
		update lessons x
		set declined_at = @now, reason = @why, revision = x.revision + 1
		where x.id = @id and x.published_at is null and x.declined_at is null and x.meeting_ref is null`
	return s.reviewLesson(ctx, q, pgx.NamedArgs{"id": id, "why": clean(why), "now": now})
}

// ReopenLesson has a declined lesson wait again.
func (s *Store) ReopenLesson(ctx context.Context, id hackfest.LessonID) error {
	const q = `
		update lessons x
		set declined_at = null, reason = '', revision = x.revision + 1
		where x.id = @id and x.published_at is null and x.declined_at is not null`
	return s.reviewLesson(ctx, q, pgx.NamedArgs{"id": id})
}

// RetireLesson says that a published lesson is not true any more, and why. It
// keeps its page, and stands in no list.
func (s *Store) RetireLesson(ctx context.Context, id hackfest.LessonID, why string, now time.Time) error {
	const q = `
		update lessons x
		set retired_at = @now, reason = @why, revision = x.revision + 1, changed_at = @now
		where x.id = @id and x.published_at is not null and x.retired_at is null`
	return s.reviewLesson(ctx, q, pgx.NamedArgs{"id": id, "why": clean(why), "now": now})
}

// ReinstateLesson says that a retired lesson is true after all.
func (s *Store) ReinstateLesson(ctx context.Context, id hackfest.LessonID, now time.Time) error {
	const q = `
		update lessons x
		set retired_at = null, reason = '', revision = x.revision + 1, changed_at = @now
		where x.id = @id and x.retired_at is not null`
	return s.reviewLesson(ctx, q, pgx.NamedArgs{"id": id, "now": now})
}

// reviewLesson runs a step that a lesson is ready for, or says that it is not.
func (s *Store) reviewLesson(ctx context.Context, q string, args pgx.NamedArgs) error {
	tag, err := s.db.Exec(ctx, q, args)
	if err == nil && tag.RowsAffected() == 0 {
		return errLessonMoved
	}
	return classify(err, "lesson")
}

// LessonCheck is a check that a lesson became.
type LessonCheck struct {
	Text   string
	List   string // last part of the address of the checklist it is on
	Title  string // name of what that checklist is for; "" for all
	Caught int    // sessions in which it was not well for somebody
}

// ChecksOfLessons are the checks that lessons became, by lesson: those that are not
// retired and that v may see.
func (s *Store) ChecksOfLessons(ctx context.Context, v person.Viewer, ids []hackfest.LessonID) (map[hackfest.LessonID][]LessonCheck, error) {
	const q = `
		select i.lesson_id, i.text, ` + listedAt + ` as list, coalesce(t.name, r.title, x.title, '') as title,
			(select count(distinct k.session_id) from check_ticks k where k.item_id = i.id and k.caught_at is not null) as caught` + fromCheckItems + `
		where i.lesson_id = any(@ids) and i.retired_at is null and ` + seenCheck + `
		order by i.lesson_id, i.position, i.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ids": ids, "members": v.SeesMembersOnly()})
	found := map[hackfest.LessonID][]LessonCheck{}
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var id hackfest.LessonID
		var c LessonCheck
		err := row.Scan(&id, &c.Text, &c.List, &c.Title, &c.Caught)
		found[id] = append(found[id], c)
		return struct{}{}, err
	})
	return found, classify(err, "check")
}

// CheckedLessons counts the lessons in force that became a check, and those of
// them whose check has caught something.
func (s *Store) CheckedLessons(ctx context.Context) (became, caught int, err error) {
	const q = `
		select count(distinct x.id), count(distinct x.id) filter (where k.caught_at is not null)
		from lessons x
		join checklist_items i on i.lesson_id = x.id and i.redacted_at is null
		left join check_ticks k on k.item_id = i.id
		where x.published_at is not null and x.redacted_at is null and x.retired_at is null`
	rows, _ := s.db.Query(ctx, q)
	_, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&became, &caught)
	})
	return became, caught, classify(err, "lesson")
}

// SessionOfLine returns the session in whose meeting a line was said. One that v
// may not see is fault.NotFound.
func (s *Store) SessionOfLine(ctx context.Context, v person.Viewer, ref hackfest.Ref) (hackfest.Session, error) {
	const q = `
		select s.slug
		from lines l
		join channels c on c.id = l.channel_id
		join meetings m on m.channel_id = l.channel_id and m.ref <= l.ref and (m.last_ref is null or m.last_ref >= l.ref)
		join sessions s on s.id = m.session_id
		where l.ref = @ref and (@members or (not l.members_only and c.visibility = 'public' and s.visibility = 'public'))
		order by m.ref desc
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(ref), "members": v.SeesMembersOnly()})
	slug, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	if err != nil {
		return hackfest.Session{}, classify(err, "session")
	}
	return s.Session(ctx, v, slug)
}
