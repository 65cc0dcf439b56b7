package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// errLookAgain answers who publishes what is not any more what they looked at.
var errLookAgain = fault.New(fault.Conflict, "The draft was changed after you looked at it. Look again at what goes out.")

// PublishDraft publishes the draft of a meeting's minutes and returns the number
// of the revision. read is the revision of the draft that v looked at: another one
// is fault.Conflict, as is a correction that changes nothing. What is wrong with
// the draft is fault.Invalid, each with the name of its field; a correction needs
// a note.
func (s *Store) PublishDraft(ctx context.Context, v person.Viewer, ref hackfest.Ref, read int, note string, now time.Time) (int, error) {
	var number int
	err := s.InTx(ctx, func(tx *Store) error {
		if err := tx.lockDrafts(ctx, v, ref); err != nil {
			return err
		}
		out, d, err := tx.finished(ctx, v, ref)
		if err != nil {
			return err
		}
		switch {
		case read != d.Revision:
			return errLookAgain
		case d.Number > 0 && note == "":
			return fault.On("note", "Say what was corrected: everybody reads it beside the date.")
		case d.Number > 0 && len(minutes.Changes(d.Written.Parts(), out.Parts())) == 0:
			return fault.New(fault.Conflict, "Nothing is changed since revision %d, so there is nothing to publish.", d.Number)
		}
		number, err = tx.publish(ctx, ref, revision{Minutes: out.Minutes, Summary: out.Summary, Note: note, Author: v.ID}, now)
		if err != nil {
			return err
		}
		return tx.notify(ctx, ChannelTopic(d.over.ChannelID))
	})
	return number, err
}

// FinishedMinutes are the minutes that the draft of a meeting makes, besides the
// draft. What is wrong with that is in the error, each with the name of its field;
// the minutes are then without it.
func (s *Store) FinishedMinutes(ctx context.Context, v person.Viewer, ref hackfest.Ref) (minutes.Written, MinutesDraft, error) {
	var out minutes.Written
	var d MinutesDraft
	err := s.inSnapshot(ctx, func(tx *Store) error {
		var err error
		out, d, err = tx.finished(ctx, v, ref)
		return err
	})
	return out, d, err
}

func (s *Store) finished(ctx context.Context, v person.Viewer, ref hackfest.Ref) (minutes.Written, MinutesDraft, error) {
	d, err := s.draft(ctx, v, ref)
	if err != nil {
		return minutes.Written{}, d, err
	}
	lines, err := s.sources(ctx, v, d.over, d.Fields)
	if err != nil {
		return minutes.Written{}, d, err
	}
	out, err := d.With(d.Fields, func(ref hackfest.Ref) (minutes.Source, bool) {
		from, ok := lines[ref]
		return from, ok
	})
	return out, d, err
}

// endDraft notes that nothing is written over revision number yet. What somebody
// looked at and left stays looked at.
func (s *Store) endDraft(ctx context.Context, ref hackfest.Ref, number int, by person.ID, now time.Time) error {
	const q = `
		insert into minutes_drafts (meeting_ref, revision, number, fields, person_id, begun_at, saved_at)
		select @ref, 1 + coalesce((select max(d.revision) from minutes_drafts d where d.meeting_ref = @ref), 0), @number,
			coalesce((
				select jsonb_object_agg(k.key, k.value)
				from (select d.fields from minutes_drafts d where d.meeting_ref = @ref order by d.revision desc limit 1) d, jsonb_each(d.fields) k
				where k.key like 'keep.%'), '{}'),
			nullif(@person::bigint, 0), @now, @now`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"ref": uuid(ref), "number": number, "person": by, "now": now})
	return classify(err, "draft")
}

// spread brings the items, topics, actions and lessons of a meeting, and what
// lists say of it, to what its published minutes say. What was redacted is left
// alone.
func (s *Store) spread(ctx context.Context, ref hackfest.Ref, m minutes.Minutes, now time.Time) error {
	items := []map[string]any{} // as the queries below read them
	titles := map[string]string{}
	for _, t := range m.Topics {
		if t.Title != "" && !t.Redacted {
			titles[t.ID.String()] = t.Title
		}
		for _, i := range t.Items {
			if i.Redacted {
				continue
			}
			line, _ := i.ID.Ref.Value() // never fails
			topic, _ := t.ID.Ref.Value()
			row := map[string]any{
				"ref": line, "n": i.ID.N, "topic_ref": topic, "topic_n": t.ID.N, "kind": i.Kind, "at": i.At.Time, "nick": i.Nick,
				"text": i.Text, "url": i.URL, "owners": orEmpty(i.Owners), "due": nil, "undone": i.Undone, "edited": i.Edited,
			}
			if !i.Due.IsZero() {
				row["due"] = i.Due.Format(time.DateOnly)
			}
			items = append(items, row)
		}
	}
	args := pgx.NamedArgs{"ref": uuid(ref), "items": jsonOf(items), "now": now}
	for _, put := range []func(context.Context, pgx.NamedArgs) error{s.spreadItems, s.spreadAdded, s.dropUndone, s.spreadActions, s.openAdded} {
		if err := put(ctx, args); err != nil {
			return err
		}
	}
	if err := s.spreadTitles(ctx, ref, titles); err != nil {
		return err
	}
	if err := s.spreadLessons(ctx, ref, m.Lessons, now); err != nil {
		return err
	}
	return s.spreadCounts(ctx, ref, m)
}

func (s *Store) spreadItems(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update items i
		set text = x.text, owners = array(select jsonb_array_elements_text(x.owners)), due = x.due, undone = x.undone,
			edited = x.edited
		from jsonb_to_recordset(@items::jsonb) x (ref uuid, n integer, text text, owners jsonb, due date, undone boolean, edited boolean)
		where i.ref = x.ref and i.n = x.n and i.meeting_ref = @ref and i.redacted_at is null
		  and (i.text <> x.text or i.undone <> x.undone or i.due is distinct from x.due or to_jsonb(i.owners) <> x.owners)`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "item")
}

// spreadAdded adds the items that people added.
func (s *Store) spreadAdded(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		insert into items (meeting_ref, ref, n, changed_ref, topic_ref, topic_n, kind, at, nick, text, url, owners, due, undone, edited)
		select @ref, x.ref, x.n, x.ref, x.topic_ref, x.topic_n, x.kind, x.at, x.nick, x.text, x.url,
			array(select jsonb_array_elements_text(x.owners)), x.due, x.undone, true
		from jsonb_to_recordset(@items::jsonb) x (ref uuid, n integer, topic_ref uuid, topic_n integer, kind text, at timestamptz, nick text,
			text text, url text, owners jsonb, due date, undone boolean)
		where not exists (select 1 from items i where i.ref = x.ref and i.n = x.n)`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "item")
}

// dropUndone forgets the actions that the minutes do not have any more, as #undo
// does.
func (s *Store) dropUndone(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		delete from actions a
		using items i
		where a.meeting_ref = @ref and i.ref = a.ref and i.n = a.n and i.undone`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "action")
}

// spreadActions gives actions the owners and days that their items have.
func (s *Store) spreadActions(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update actions a
		set owners = i.owners, due = i.due
		from items i
		where a.meeting_ref = @ref and i.ref = a.ref and i.n = a.n and i.redacted_at is null
		  and (a.owners <> i.owners or a.due is distinct from i.due)`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "action")
}

// openAdded opens the actions that were added or brought back.
func (s *Store) openAdded(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with opened as (
			insert into actions (ref, n, meeting_ref, changed_ref, owners, due, opened_at)
			select i.ref, i.n, i.meeting_ref, i.changed_ref, i.owners, i.due, i.at
			from items i
			where i.meeting_ref = @ref and i.kind = 'action' and not i.undone and i.redacted_at is null
			  and not exists (select 1 from actions a where a.ref = i.ref and a.n = i.n)
			returning ref, n, meeting_ref, opened_at)
		insert into action_events (ref, n, at, state, by, line_ref, meeting_ref)
		select o.ref, o.n, o.opened_at, 'open', i.nick, o.ref, o.meeting_ref
		from opened o join items i on i.ref = o.ref and i.n = o.n`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "action")
}

func (s *Store) spreadTitles(ctx context.Context, ref hackfest.Ref, titles map[string]string) error {
	const q = `
		update topics p
		set title = x.title, edited = true
		from unnest(@refs::uuid[], @ns::int[], @titles::text[]) x (ref, n, title)
		where p.meeting_ref = @ref and p.ref = x.ref and p.n = x.n and p.redacted_at is null and p.title <> x.title`
	var refs [][16]byte
	var ns []int
	var texts []string
	for name, title := range titles {
		var id hackfest.ItemID
		if err := id.UnmarshalText([]byte(name)); err != nil {
			return err
		}
		refs, ns, texts = append(refs, id.Ref), append(ns, id.N), append(texts, title)
	}
	if len(refs) == 0 {
		return nil
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"ref": uuid(ref), "refs": refs, "ns": ns, "titles": texts})
	return classify(err, "topic")
}

// spreadLessons publishes the lessons that were picked, as they are worded now,
// and withdraws those of the meeting that are not any more.
func (s *Store) spreadLessons(ctx context.Context, ref hackfest.Ref, list []minutes.Lesson, now time.Time) error {
	const q = `
		insert into lessons (text, kind, scope, image, target_id, session_id, line_ref, published_at, created_at, meeting_ref, item_ref, item_n)
		select x.text, x.kind, x.scope, x.image, case when x.scope = 'target' then s.target_id end, s.id, x.line, @now, @now, m.ref, x.ref, x.n
		from jsonb_to_recordset(@lessons::jsonb) x (ref uuid, n integer, line uuid, text text, kind text, scope text, image text)
		join meetings m on m.ref = @ref
		join sessions s on s.id = m.session_id
		on conflict (meeting_ref, item_ref, item_n) do update
		set text = excluded.text, kind = excluded.kind, scope = excluded.scope, image = excluded.image, target_id = excluded.target_id,
			session_id = excluded.session_id, line_ref = excluded.line_ref, published_at = coalesce(lessons.published_at, excluded.published_at),
			changed_at = case when (lessons.text, lessons.kind, lessons.scope, lessons.image) <> (excluded.text, excluded.kind, excluded.scope, excluded.image)
				then @now else lessons.changed_at end
		where lessons.redacted_at is null`
	const withdraw = `
		update lessons l
		set published_at = null
		where l.meeting_ref = @ref and l.published_at is not null and l.redacted_at is null
		  and not exists (
			select 1 from jsonb_to_recordset(@lessons::jsonb) x (ref uuid, n integer) where x.ref = l.item_ref and x.n = l.item_n)`
	rows := []map[string]any{}
	for _, l := range list {
		if l.Scope == "" || l.Redacted {
			continue
		}
		id, _ := l.ID.Ref.Value()
		line, _ := l.LineID.Value()
		rows = append(rows, map[string]any{
			"ref": id, "n": l.ID.N, "line": line, "text": l.Text, "kind": l.Kind, "scope": l.Scope, "image": l.Image,
		})
	}
	args := pgx.NamedArgs{"ref": uuid(ref), "lessons": jsonOf(rows), "now": now}
	if _, err := s.db.Exec(ctx, q, args); err != nil {
		return classify(err, "lesson")
	}
	_, err := s.db.Exec(ctx, withdraw, args)
	return classify(err, "lesson")
}

func (s *Store) spreadCounts(ctx context.Context, ref hackfest.Ref, m minutes.Minutes) error {
	const q = `update meetings set people = @people, decisions = @decisions, actions = @actions, lessons = @lessons where ref = @ref`
	people := 0
	for _, p := range m.Present {
		if !p.Bot && p.Lines > 0 {
			people++
		}
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": uuid(ref), "people": people, "decisions": len(m.Decisions), "actions": len(m.Actions), "lessons": len(m.Lessons),
	})
	return classify(err, "meeting")
}
