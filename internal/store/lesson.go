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
	Person  person.ID    // who wrote it, or said the line that taught it
	Checked bool         // those that became a check
	Retired bool         // also those that are not true any more
	After   LessonCursor // where the last page ended
	Limit   int          // at most that many; 0 is 100
}

// selectLessons is the head of every query for lessons that are shown: seen is
// the session that taught it and ln the line, as far as the viewer may see them.
const selectLessons = `
		select x.id, x.text, x.kind, x.scope, x.image, coalesce(t.slug, '') as target_slug, coalesce(t.name, '') as target_name,
			coalesce(seen.slug, '') as session_slug, seen.starts_at as session_at,
			case when ln.ref is not null then x.line_ref end as line_ref, x.evidence, x.published_at,
			x.meeting_ref, x.from_line, coalesce(x.person_id, 0) as author_id,
			case when p.listed and not p.unnamed and p.left_at is null then p.name else '' end as author,
			x.retired_at, x.declined_at, x.reason, x.revision, x.created_at, x.changed_at
		from lessons x
		left join targets t on t.id = x.target_id
		left join people p on p.id = x.person_id
		left join lateral (
			select s.id, s.series_id, s.slug, s.starts_at
			from sessions s join channels c on c.id = s.channel_id
			where s.id = x.session_id and (@members or (s.visibility = 'public' and c.visibility = 'public'))) seen on true
		left join lateral (
			select l.ref, ` + spokenBy + ` as by_person
			from lines l join channels c on c.id = l.channel_id join networks w on w.id = c.network_id
			where l.ref = x.line_ref and (@members or (not l.members_only and c.visibility = 'public'))) ln on true
		where x.redacted_at is null`

// Lessons lists the published lessons that match f, newest first. A lesson of a
// session that v may not see comes without that session and without the line.
func (s *Store) Lessons(ctx context.Context, v person.Viewer, f LessonFilter) ([]hackfest.Lesson, error) {
	const q = selectLessons + `
		  and x.published_at is not null and (x.published_at, x.id) < (@after_at, @after_id)
		  and (x.retired_at is null or @retired)
		  and (@kind = '' or x.kind = @kind)
		  and (@scope = '' or x.scope = @scope)
		  and (@image = '' or x.image = @image)
		  and (@target = '' or t.slug = @target)
		  and (@session = '' or seen.slug = @session)
		  and (not @checked or exists (select 1 from checklist_items i where i.lesson_id = x.id and i.redacted_at is null))
		  and (@person::bigint = 0 or ln.by_person or x.person_id = @person)
		order by x.published_at desc, x.id desc
		limit @limit`
	after := f.After
	if after.PublishedAt.IsZero() {
		after.PublishedAt = end
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "after_at": after.PublishedAt, "after_id": after.ID, "retired": f.Retired, "checked": f.Checked,
		"kind": f.Kind, "scope": f.Scope, "image": f.Image, "target": f.Target, "session": f.Session, "person": f.Person, "limit": limit(f.Limit),
	})
	list, err := pgx.CollectRows(rows, scanLesson)
	return list, classify(err, "lesson")
}

// Lesson returns one lesson, or fault.NotFound. One that is not published is for
// who wrote it, for chairs of its session and for maintainers.
func (s *Store) Lesson(ctx context.Context, v person.Viewer, id hackfest.LessonID) (hackfest.Lesson, error) {
	const q = selectLessons + `
		  and x.id = @id
		  and (x.published_at is not null or @maintains or x.person_id = @person
			or exists (select 1 from chairs h where h.person_id = @person and (h.session_id = seen.id or h.series_id = seen.series_id)))`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "person": v.ID, "maintains": v.Role.AtLeast(person.Maintainer), "id": id,
	})
	l, err := pgx.CollectExactlyOneRow(rows, scanLesson)
	return l, classify(err, "lesson")
}

// LessonsWaiting lists for maintainers the lessons that somebody wrote and nobody
// has published or declined yet, the oldest first. For others it is empty.
func (s *Store) LessonsWaiting(ctx context.Context, v person.Viewer, most int) ([]hackfest.Lesson, error) {
	const q = selectLessons + `
		  and @maintains
		  and x.published_at is null and x.declined_at is null and x.meeting_ref is null
		order by x.created_at, x.id
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "person": v.ID, "maintains": v.Role.AtLeast(person.Maintainer), "limit": limit(most),
	})
	list, err := pgx.CollectRows(rows, scanLesson)
	return list, classify(err, "lesson")
}

// LessonChanges lists the published lessons that were published or changed last,
// newest first, also those that are retired: for feeds.
func (s *Store) LessonChanges(ctx context.Context, v person.Viewer, most int) ([]hackfest.Lesson, error) {
	const q = selectLessons + `
		  and x.published_at is not null
		order by greatest(x.published_at, x.changed_at) desc, x.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "person": v.ID, "limit": limit(most)})
	list, err := pgx.CollectRows(rows, scanLesson)
	return list, classify(err, "lesson")
}

// LessonTally counts the published lessons by target, base image and kind.
func (s *Store) LessonTally(ctx context.Context) ([]hackfest.LessonCount, error) {
	const q = `
		select x.kind, coalesce(t.slug, '') as target_slug, coalesce(t.name, '') as target_name, x.image, count(*) as lessons
		from lessons x
		left join targets t on t.id = x.target_id
		where x.published_at is not null and x.redacted_at is null and x.retired_at is null
		group by 1, 2, 3, 4
		order by 3, 4, 1`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[hackfest.LessonCount])
	return list, classify(err, "lesson")
}

func scanLesson(row pgx.CollectableRow) (hackfest.Lesson, error) {
	var l hackfest.Lesson
	var sessionAt, publishedAt, retired, declined, changed *time.Time
	err := row.Scan(&l.ID, &l.Text, &l.Kind, &l.Scope, &l.Image, &l.TargetSlug, &l.TargetName,
		&l.SessionSlug, &sessionAt, &l.LineRef, &l.Evidence, &publishedAt,
		&l.MeetingRef, &l.FromLine, &l.AuthorID, &l.Author, &retired, &declined, &l.Reason, &l.Revision, &l.CreatedAt, &changed)
	l.SessionAt, l.PublishedAt, l.RetiredAt, l.DeclinedAt = orZero(sessionAt), orZero(publishedAt), orZero(retired), orZero(declined)
	l.CreatedAt, l.ChangedAt = l.CreatedAt.UTC(), orZero(changed)
	return l, err
}

// AddLesson stores a new lesson and returns its ID. l.ID, l.TargetName,
// l.SessionAt and what happens to lessons later are ignored; a zero PublishedAt
// leaves it for a maintainer to read. Without the target or session it names it is
// fault.NotFound.
func (s *Store) AddLesson(ctx context.Context, l hackfest.Lesson, now time.Time) (hackfest.LessonID, error) {
	const q = `
		insert into lessons (text, kind, scope, image, target_id, session_id, line_ref, from_line, evidence, person_id, published_at, created_at)
		select @text, @kind, @scope, @image, t.id, s.id, @line, @from_line, @evidence, nullif(@author::bigint, 0), @published, @now
		from (select) one
		left join targets t on t.slug = @target
		left join sessions s on s.slug = @session
		where (@target = '' or t.id is not null) and (@session = '' or s.id is not null)
		returning id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"text": clean(l.Text), "kind": l.Kind, "scope": l.Scope, "image": clean(l.Image), "target": l.TargetSlug,
		"session": l.SessionSlug, "line": l.LineRef, "from_line": l.FromLine, "evidence": clean(l.Evidence), "author": l.AuthorID,
		"published": orNull(l.PublishedAt), "now": now,
	})
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.LessonID])
	return id, classify(err, "target or session for this lesson")
}
