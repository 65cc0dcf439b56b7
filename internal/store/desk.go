package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Unminuted lists the meetings that ended at since or later and have no published
// minutes, and those whose published minutes somebody has begun to correct, the
// oldest first. An empty meeting that nobody needs minutes of is left out, as are
// those of cancelled sessions.
func (s *Store) Unminuted(ctx context.Context, v person.Viewer, since time.Time, most int) ([]hackfest.Meeting, error) {
	const q = selectMeetings + `
		  and s.state <> 'cancelled' and m.ended_at is not null
		  and (v.number is null and m.ended_at >= @since and (m.people > 1 or m.decisions + m.actions + m.lessons > 0)
			or (
				select ` + someWritten + ` and d.number = coalesce(v.number, 0)
				from minutes_drafts d where d.meeting_ref = m.ref order by d.revision desc limit 1))
		order by m.ended_at, m.ref
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "since": since, "limit": limit(most)})
	list, err := pgx.CollectRows(rows, scanMeeting)
	return list, classify(err, "meeting")
}

// RedactedLesson is a published lesson whose line was removed since.
type RedactedLesson struct {
	ID     hackfest.LessonID
	Text   string
	LineAt time.Time    // UTC
	Line   hackfest.Ref // that taught it
	At     time.Time    // UTC, when the line was removed
}

// LessonsOfRedacted lists the lessons whose lines were removed at since or
// later: somebody has to look whether they still say it.
func (s *Store) LessonsOfRedacted(ctx context.Context, v person.Viewer, since time.Time, most int) ([]RedactedLesson, error) {
	const q = `
		select x.id, x.text, l.at as line_at, l.ref as line, l.redacted_at as at
		from lessons x
		join lines l on l.ref = x.line_ref
		join channels c on c.id = l.channel_id
		where x.redacted_at is null and l.redacted_at >= @since and (@members or (not l.members_only and c.visibility = 'public'))
		order by l.redacted_at, x.id
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "since": since, "limit": limit(most)})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[RedactedLesson])
	for i := range list {
		list[i].LineAt, list[i].At = list[i].LineAt.UTC(), list[i].At.UTC()
	}
	return list, classify(err, "lesson")
}
