package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// MinutesDraft is how the minutes of a meeting stand for those who write them.
// Nobody is left out of it; Written.Unnamed says who is not to be shown.
type MinutesDraft struct {
	minutes.Written
	Fields   minutes.Fields // all that may be written, as it stands
	Revision int            // of the last save; 0 before the first
	Writer   string         // who saved it; "" when nobody has written since the last publication
	BegunAt  time.Time      // UTC, of the first save since then; zero like Writer
	SavedAt  time.Time      // UTC, of the last

	over drafted
}

// errRuns answers who wants to write about a meeting that is under way.
var errRuns = fault.New(fault.Conflict, "This meeting is still running. Its minutes can be written when it is over.")

// MinutesDraft returns the draft of a meeting's minutes. Without such a meeting it
// is fault.NotFound; while it runs, fault.Conflict.
func (s *Store) MinutesDraft(ctx context.Context, v person.Viewer, ref hackfest.Ref) (MinutesDraft, error) {
	var d MinutesDraft
	err := s.inSnapshot(ctx, func(tx *Store) error {
		var err error
		d, err = tx.draft(ctx, v, ref)
		return err
	})
	return d, err
}

// savedDraft is a row of minutes_drafts.
type savedDraft struct {
	Revision int
	Number   int
	Fields   minutes.Fields
	Writer   string
	BegunAt  time.Time
	SavedAt  time.Time
}

// written reports whether d holds more than what was looked at and left.
func (d savedDraft) written() bool {
	for name := range d.Fields {
		if !minutes.Looked(name) {
			return true
		}
	}
	return false
}

// someWritten is written for draft d in SQL.
const someWritten = `exists (select 1 from jsonb_object_keys(d.fields) k where k not like 'keep.%')`

func (s *Store) draft(ctx context.Context, v person.Viewer, ref hackfest.Ref) (MinutesDraft, error) {
	var d MinutesDraft
	b, err := s.drafted(ctx, v, ref)
	if err != nil {
		return d, err
	}
	rows, err := s.savedDrafts(ctx, v, ref, 0)
	if err != nil {
		return d, err
	}
	d.over = b
	if d.Written, err = b.written(b.Number); err != nil {
		return d, err
	}
	d.Fields = d.Written.Fields()
	if len(rows) == 0 {
		return d, nil
	}
	last := rows[0]
	d.Revision = last.Revision
	if last.Number != b.Number {
		return d, nil
	}
	d.Fields = last.Fields.On(d.Fields)
	if last.written() {
		d.Writer, d.BegunAt, d.SavedAt = last.Writer, last.BegunAt.UTC(), last.SavedAt.UTC()
	}
	return d, nil
}

// drafted is what a draft is written over.
type drafted struct {
	Ref       hackfest.Ref
	ChannelID hackfest.ChannelID
	LastRef   hackfest.Ref
	Target    string
	Network   string
	Number    int // of the last published revision; 0 is none
	Revisions []publishedMinutes
	noted     minutes.Minutes
	unnamed   []string
}

// publishedMinutes is a row of minutes_revisions.
type publishedMinutes struct {
	Number  int             `json:"number"`
	Minutes json.RawMessage `json:"minutes"`
	Summary string          `json:"summary"`
}

// drafted reads what the draft of a meeting is written over: what was noted, and
// all that was published.
func (s *Store) drafted(ctx context.Context, v person.Viewer, ref hackfest.Ref) (drafted, error) {
	const q = `
		select m.channel_id, m.last_ref, m.ended_at is null as running, coalesce(t.slug, '') as target, w.name as network, m.draft,
			coalesce((
				select jsonb_agg(jsonb_build_object('number', u.number, 'minutes', u.minutes, 'summary', u.summary) order by u.number)
				from minutes_revisions u where u.meeting_ref = m.ref), '[]') as revisions
		from meetings m
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		join networks w on w.id = c.network_id
		left join targets t on t.id = s.target_id
		where m.ref = @ref and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))`
	b := drafted{Ref: ref}
	var running bool
	var draft []byte
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(ref), "members": v.SeesMembersOnly()})
	_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&b.ChannelID, &b.LastRef, &running, &b.Target, &b.Network, &draft, &b.Revisions)
	})
	if err != nil {
		return b, classify(err, "meeting")
	}
	if running {
		return b, errRuns
	}
	if n := len(b.Revisions); n > 0 {
		b.Number = b.Revisions[n-1].Number
	}
	if b.noted, err = s.noted(ctx, v, b, draft); err != nil {
		return b, err
	}
	b.unnamed, err = s.unnamedIn(ctx, b)
	return b, err
}

// noted is what the engine made of a meeting that is over.
func (s *Store) noted(ctx context.Context, _ person.Viewer, b drafted, draft []byte) (minutes.Minutes, error) {
	var m minutes.Minutes
	if draft != nil {
		if err := json.Unmarshal(draft, &m); err != nil {
			return m, fmt.Errorf("draft of %s: %w", b.Ref, err)
		}
		return m, nil
	}
	lines, err := s.meetingLines(ctx, b.ChannelID, b.Ref, b.LastRef)
	if err != nil {
		return m, err
	}
	m = minutes.FromState(meeting.Replay(lines))
	return m, s.hideInReplayed(ctx, b.ChannelID, &m)
}

// written are the minutes of revision number; 0 is what was noted.
func (b drafted) written(number int) (minutes.Written, error) {
	w := minutes.Written{Minutes: b.noted, Noted: b.noted, Target: b.Target, Unnamed: b.unnamed}
	for _, r := range b.Revisions {
		if r.Number != number {
			continue
		}
		w.Number, w.Summary, w.Minutes = number, r.Summary, minutes.Minutes{}
		if err := json.Unmarshal(r.Minutes, &w.Minutes); err != nil {
			return w, fmt.Errorf("revision %d of %s: %w", number, b.Ref, err)
		}
	}
	return w, nil
}

// unnamedIn are the nicks of those who were at a meeting and are not to be named.
func (s *Store) unnamedIn(ctx context.Context, b drafted) ([]string, error) {
	var all []string
	for number := range b.Number + 1 {
		w, err := b.written(number)
		if err != nil {
			return nil, err
		}
		shown := w.Minutes
		shown.Present, shown.Regrets = append([]minutes.Person{}, w.Present...), append([]string{}, w.Regrets...)
		if err := s.leaveOut(ctx, &shown); err != nil {
			return nil, err
		}
		for i, p := range shown.Present {
			if p.Nick == minutes.Unnamed {
				all = append(all, w.Present[i].Nick)
			}
		}
		for i, nick := range shown.Regrets {
			if nick == minutes.Unnamed {
				all = append(all, w.Regrets[i])
			}
		}
	}
	return all, nil
}

// savedDrafts is the draft of a meeting's minutes as saved in a revision, or the
// newest when that is 0; none when there is none.
func (s *Store) savedDrafts(ctx context.Context, v person.Viewer, ref hackfest.Ref, revision int) ([]savedDraft, error) {
	const q = `
		select d.revision, d.number, d.fields, coalesce(p.name, '') as writer, d.begun_at, d.saved_at
		from minutes_drafts d
		join meetings m on m.ref = d.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		left join people p on p.id = d.person_id and p.left_at is null
		where d.meeting_ref = @ref and (@revision::int = 0 or d.revision = @revision)
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		order by d.revision desc
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(ref), "revision": revision, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[savedDraft])
	return list, classify(err, "draft")
}

// sources are the lines of a meeting that fields name and that have their words.
func (s *Store) sources(ctx context.Context, v person.Viewer, b drafted, f minutes.Fields) (map[hackfest.Ref]minutes.Source, error) {
	const q = `
		select l.ref, l.nick, l.at
		from lines l
		join channels c on c.id = l.channel_id
		where l.channel_id = @channel and l.ref = any(@refs) and l.ref >= @first and l.ref <= @last and l.redacted_at is null and not l.off_record
		  and l.kind not in ('context', 'private') and (@members or (not l.members_only and c.visibility = 'public'))`
	var refs []hackfest.Ref
	for name, text := range f {
		if _, id, what, ok := minutes.FieldID(name); ok {
			refs = append(refs, id.Ref)
			if line, err := hackfest.ParseRef(text); what == "line" && err == nil {
				refs = append(refs, line)
			}
		}
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"channel": b.ChannelID, "refs": refs, "first": uuid(b.Ref), "last": uuid(b.LastRef), "members": v.SeesMembersOnly(),
	})
	out := map[hackfest.Ref]minutes.Source{}
	var ref hackfest.Ref
	var from minutes.Source
	_, err := pgx.ForEachRow(rows, []any{&ref, &from.Nick, &from.At}, func() error {
		from.At = from.At.UTC()
		out[ref] = from
		return nil
	})
	return out, classify(err, "line")
}
