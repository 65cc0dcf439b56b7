package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// PublishedMinutes are published minutes with what feeds say about them.
type PublishedMinutes struct {
	hackfest.Meeting
	Minutes minutes.Minutes
	History []hackfest.Publication // oldest first; the first is the publication itself
	Changed time.Time              // UTC: of the last revision, or when words were last taken out
}

// PublishedMinutes returns the minutes that were published or corrected last,
// the newest change first; those of one series when its slug is given.
func (s *Store) PublishedMinutes(ctx context.Context, v person.Viewer, series string, most int) ([]PublishedMinutes, error) {
	var list []PublishedMinutes
	err := s.inSnapshot(ctx, func(tx *Store) error {
		meetings, err := tx.lastPublished(ctx, v, series, most)
		if err != nil || len(meetings) == 0 {
			return err
		}
		refs := make([]hackfest.Ref, len(meetings))
		for i, m := range meetings {
			refs[i] = m.Ref
		}
		history, err := tx.Publications(ctx, v, refs)
		if err != nil {
			return err
		}
		kept, err := tx.publishedText(ctx, v, refs)
		if err != nil {
			return err
		}
		list = make([]PublishedMinutes, len(meetings))
		for i, m := range meetings {
			p := PublishedMinutes{Meeting: m, History: history[m.Ref], Changed: m.PublishedAt}
			if k := kept[m.Ref]; k.Removed.After(p.Changed) {
				p.Changed = k.Removed
			}
			if err := json.Unmarshal(kept[m.Ref].Minutes, &p.Minutes); err != nil {
				return fmt.Errorf("minutes of %s: %w", m.Ref, err)
			}
			if err := tx.leaveOut(ctx, &p.Minutes); err != nil {
				return err
			}
			list[i] = p
		}
		return nil
	})
	return list, err
}

// lastPublished are the meetings whose minutes were published or corrected last,
// the newest change first.
func (s *Store) lastPublished(ctx context.Context, v person.Viewer, series string, most int) ([]hackfest.Meeting, error) {
	const q = selectMeetings + ` and m.ref = any(@refs) order by v.published_at desc, m.ref desc`
	refs, err := s.lastRevisions(ctx, v, series, most)
	if err != nil {
		return nil, err
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "refs": refs})
	list, err := pgx.CollectRows(rows, scanMeeting)
	return list, classify(err, "meeting")
}

// lastRevisions are the meetings of lastPublished, found by an index however many
// there are.
func (s *Store) lastRevisions(ctx context.Context, v person.Viewer, series string, most int) ([]hackfest.Ref, error) {
	const q = `
		select u.meeting_ref
		from minutes_revisions u
		join meetings m on m.ref = u.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		left join series r on r.id = s.series_id
		where (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		  and (@series = '' or r.slug = @series)
		  and not exists (select 1 from minutes_revisions o where o.meeting_ref = u.meeting_ref and o.number > u.number)
		order by u.published_at desc, u.meeting_ref desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "series": series, "limit": limit(most)})
	list, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.Ref])
	return list, classify(err, "minutes")
}

// keptMinutes is the last published revision of a meeting's minutes.
type keptMinutes struct {
	Minutes []byte
	Removed time.Time // when words of the meeting were last taken out; zero when none were
}

func (s *Store) publishedText(ctx context.Context, v person.Viewer, refs []hackfest.Ref) (map[hackfest.Ref]keptMinutes, error) {
	const q = `
		select distinct on (m.ref) m.ref, u.minutes,
			(select max(x.at) from redacted d join redactions x on x.id = d.redaction_id
			 where d.ref >= m.ref and d.ref <= m.last_ref and x.channel_id = m.channel_id)
		from minutes_revisions u
		join meetings m on m.ref = u.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where m.ref = any(@refs)
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		order by m.ref, u.number desc`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"refs": refs, "members": v.SeesMembersOnly()})
	kept := map[hackfest.Ref]keptMinutes{}
	var ref hackfest.Ref
	var text []byte
	var removed *time.Time
	_, err := pgx.ForEachRow(rows, []any{&ref, &text, &removed}, func() error {
		kept[ref] = keptMinutes{Minutes: append([]byte{}, text...), Removed: orZero(removed)}
		return nil
	})
	return kept, classify(err, "minutes")
}

// Publications returns when the minutes of meetings were published and
// corrected, oldest first. A meeting without published minutes has none.
func (s *Store) Publications(ctx context.Context, v person.Viewer, refs []hackfest.Ref) (map[hackfest.Ref][]hackfest.Publication, error) {
	const q = `
		select u.meeting_ref, u.number, u.published_at, u.note, coalesce(p.name, '')
		from minutes_revisions u
		join meetings m on m.ref = u.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		left join people p on p.id = u.author_id and p.left_at is null
		where u.meeting_ref = any(@refs)
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		order by u.meeting_ref, u.number`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"refs": refs, "members": v.SeesMembersOnly()})
	list := map[hackfest.Ref][]hackfest.Publication{}
	var ref hackfest.Ref
	var p hackfest.Publication
	_, err := pgx.ForEachRow(rows, []any{&ref, &p.Number, &p.At, &p.Note, &p.Author}, func() error {
		list[ref] = append(list[ref], hackfest.Publication{Number: p.Number, At: p.At.UTC(), Note: p.Note, Author: p.Author})
		return nil
	})
	return list, classify(err, "revision of the minutes")
}

// secretFeeds is the name of the secret that makes this instance's feeds its own.
const secretFeeds = "feeds"

// FeedSecret returns what tells the feeds of this instance from those of others:
// drawn once, and the same for ever. It must not be shown.
func (s *Store) FeedSecret(ctx context.Context, now time.Time) ([]byte, error) {
	const q = `select value from secrets where name = @name`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"name": secretFeeds})
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]byte])
	if err = classify(err, "secret"); fault.KindOf(err) == fault.NotFound {
		return s.secret(ctx, secretFeeds, now)
	}
	return value, err
}
