package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// MinutesAt returns the minutes of a meeting as they were published in a revision,
// with the summary, or fault.NotFound.
func (s *Store) MinutesAt(ctx context.Context, v person.Viewer, ref hackfest.Ref, number int) (minutes.Written, error) {
	const q = `
		select u.minutes, u.summary
		from minutes_revisions u
		join meetings m on m.ref = u.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where u.meeting_ref = @ref and u.number = @number
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))`
	w := minutes.Written{Number: number}
	err := s.inSnapshot(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(ref), "number": number, "members": v.SeesMembersOnly()})
		text, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (text []byte, err error) {
			err = row.Scan(&text, &w.Summary)
			return text, err
		})
		if err != nil {
			return classify(err, "revision of these minutes")
		}
		if err := json.Unmarshal(text, &w.Minutes); err != nil {
			return fmt.Errorf("revision %d of %s: %w", number, ref, err)
		}
		return tx.leaveOut(ctx, &w.Minutes)
	})
	return w, err
}

// MinutesWriting says who writes about a meeting.
type MinutesWriting struct {
	Writer  string // who saved last; "" when they left
	BegunAt time.Time
	SavedAt time.Time
}

// MinutesWritings says of which of the meetings somebody writes minutes, or a
// correction of them, that are not published yet.
func (s *Store) MinutesWritings(ctx context.Context, v person.Viewer, refs ...hackfest.Ref) (map[hackfest.Ref]MinutesWriting, error) {
	const q = `
		select m.ref, coalesce(p.name, ''), d.begun_at, d.saved_at
		from meetings m
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		join lateral (
			select d.* from minutes_drafts d where d.meeting_ref = m.ref order by d.revision desc limit 1) d on ` + someWritten + `
		left join people p on p.id = d.person_id and p.left_at is null
		where m.ref = any(@refs)
		  and d.number = coalesce((select max(u.number) from minutes_revisions u where u.meeting_ref = m.ref), 0)
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"refs": refs, "members": v.SeesMembersOnly()})
	out := map[hackfest.Ref]MinutesWriting{}
	var ref hackfest.Ref
	var w MinutesWriting
	_, err := pgx.ForEachRow(rows, []any{&ref, &w.Writer, &w.BegunAt, &w.SavedAt}, func() error {
		w.BegunAt, w.SavedAt = w.BegunAt.UTC(), w.SavedAt.UTC()
		out[ref] = w
		return nil
	})
	return out, classify(err, "draft")
}
