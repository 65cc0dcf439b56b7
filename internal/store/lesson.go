package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// LessonCursor is a place in the list of lessons; the zero value is its
// beginning.
type LessonCursor struct {
	PublishedAt time.Time
	ID          hackfest.LessonID
}

// CursorAfterLesson is the cursor that continues the list after lesson l.
func CursorAfterLesson(l hackfest.Lesson) LessonCursor {
	return LessonCursor{PublishedAt: l.PublishedAt, ID: l.ID}
}

// LessonFilter says which lessons to list. The zero value of a field does not
// restrict the list.
type LessonFilter struct {
	Kind    hackfest.LessonKind
	Scope   hackfest.LessonScope
	Target  string       // slug of the target it is about
	Session string       // slug of the session that taught it
	Image   string       // name of the base image it is about
	Person  person.ID    // who said the line that taught it
	After   LessonCursor // where the last page ended
	Limit   int          // at most that many; 0 is 100
}

// Lessons lists the published lessons that match f, newest first. A lesson of a
// session that v may not see comes without that session and without the line.
func (s *Store) Lessons(ctx context.Context, v person.Viewer, f LessonFilter) ([]hackfest.Lesson, error) {
	const q = `
		select x.id, x.text, x.kind, x.scope, x.image, coalesce(t.slug, '') as target_slug, coalesce(t.name, '') as target_name,
			coalesce(seen.slug, '') as session_slug, seen.starts_at as session_at,
			case when ln.ref is not null then x.line_ref end as line_ref, x.published_at
		from lessons x
		left join targets t on t.id = x.target_id
		left join lateral (
			select s.slug, s.starts_at
			from sessions s join channels c on c.id = s.channel_id
			where s.id = x.session_id and (@members or (s.visibility = 'public' and c.visibility = 'public'))) seen on true
		left join lateral (
			select l.ref, ` + spokenBy + ` as by_person
			from lines l join channels c on c.id = l.channel_id join networks w on w.id = c.network_id
			where l.ref = x.line_ref and (@members or (not l.members_only and c.visibility = 'public'))) ln on true
		where x.published_at is not null and x.redacted_at is null and (x.published_at, x.id) < (@after_at, @after_id)
		  and (@kind = '' or x.kind = @kind)
		  and (@scope = '' or x.scope = @scope)
		  and (@image = '' or x.image = @image)
		  and (@target = '' or t.slug = @target)
		  and (@session = '' or seen.slug = @session)
		  and (@person::bigint = 0 or ln.by_person)
		order by x.published_at desc, x.id desc
		limit @limit`
	after := f.After
	if after.PublishedAt.IsZero() {
		after.PublishedAt = end
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "after_at": after.PublishedAt, "after_id": after.ID,
		"kind": f.Kind, "scope": f.Scope, "image": f.Image, "target": f.Target, "session": f.Session, "person": f.Person, "limit": limit(f.Limit),
	})
	list, err := pgx.CollectRows(rows, scanLesson)
	return list, classify(err, "lesson")
}

// LessonTally counts the published lessons by target, base image and kind.
func (s *Store) LessonTally(ctx context.Context) ([]hackfest.LessonCount, error) {
	const q = `
		select x.kind, coalesce(t.slug, '') as target_slug, coalesce(t.name, '') as target_name, x.image, count(*) as lessons
		from lessons x
		left join targets t on t.id = x.target_id
		where x.published_at is not null and x.redacted_at is null
		group by 1, 2, 3, 4
		order by 3, 4, 1`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[hackfest.LessonCount])
	return list, classify(err, "lesson")
}

func scanLesson(row pgx.CollectableRow) (hackfest.Lesson, error) {
	var l hackfest.Lesson
	var sessionAt, publishedAt *time.Time
	err := row.Scan(&l.ID, &l.Text, &l.Kind, &l.Scope, &l.Image, &l.TargetSlug, &l.TargetName,
		&l.SessionSlug, &sessionAt, &l.LineRef, &publishedAt)
	l.SessionAt, l.PublishedAt = orZero(sessionAt), orZero(publishedAt)
	return l, err
}

// AddLesson stores a new lesson and returns its ID. l.ID, l.TargetName and
// l.SessionAt are ignored; a zero PublishedAt leaves it for a maintainer to
// read. Without the target or session it names it is fault.NotFound.
func (s *Store) AddLesson(ctx context.Context, l hackfest.Lesson, now time.Time) (hackfest.LessonID, error) {
	const q = `
		insert into lessons (text, kind, scope, image, target_id, session_id, line_ref, published_at, created_at)
		select @text, @kind, @scope, @image, t.id, s.id, @line, @published, @now
		from (select) one
		left join targets t on t.slug = @target
		left join sessions s on s.slug = @session
		where (@target = '' or t.id is not null) and (@session = '' or s.id is not null)
		returning id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"text": l.Text, "kind": l.Kind, "scope": l.Scope, "image": l.Image, "target": l.TargetSlug,
		"session": l.SessionSlug, "line": l.LineRef, "published": orNull(l.PublishedAt), "now": now,
	})
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.LessonID])
	return id, classify(err, "target or session for this lesson")
}
