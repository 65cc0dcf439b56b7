package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// hide hides what r names and what is not hidden yet, and says what that was.
// Lines keep their words until the purge, unseen: the engine folds them again
// when a bot resumes their meeting. Everywhere else the words are taken out and
// kept in withheld, so that no query can show them.
func (s *Store) hide(ctx context.Context, r hackfest.Redaction, touch hackfest.Ref) (hackfest.Reach, error) {
	var out hackfest.Reach
	found, err := s.look(ctx, r)
	if err != nil {
		return out, err
	}
	if err := s.addRedacted(ctx, r, found.echoes, true); err != nil {
		return out, err
	}
	if err := s.hideLines(ctx, r, touch); err != nil {
		return out, err
	}
	if err := s.hideEntries(ctx, r, found.entries, touch); err != nil {
		return out, err
	}
	titles, err := s.hideTitles(ctx, r, found, touch)
	if err != nil {
		return out, err
	}
	if err := s.hideInQueue(ctx, r, found, touch); err != nil {
		return out, err
	}
	if out.Minutes, err = s.hideInMinutes(ctx, r, found); err != nil {
		return out, err
	}
	if err := s.hideInEdited(ctx, r, found, touch); err != nil {
		return out, err
	}
	if err := s.hideInDrafts(ctx, r, found); err != nil {
		return out, err
	}
	if err := s.hideInLessons(ctx, r, found); err != nil {
		return out, err
	}
	if err := s.hideInTargets(ctx, r, found); err != nil {
		return out, err
	}
	if err := s.hideInActionIssues(ctx, r, found); err != nil {
		return out, err
	}
	for _, l := range found.lines {
		out.Lines = append(out.Lines, hackfest.Line{Ref: l.Ref, Nick: l.Nick, Text: l.Text, At: l.Ref.Time()})
	}
	for _, l := range found.echoes {
		out.Echoes = append(out.Echoes, hackfest.Line{Ref: l.Ref, Nick: l.Nick, Text: l.Text, At: l.Ref.Time()})
	}
	for _, e := range found.entries {
		if !e.Hidden {
			out.Entries = append(out.Entries, hackfest.ReachedEntry{ID: hackfest.ItemID{Ref: e.Ref, N: int(e.N)}, Kind: e.Kind, Text: e.Text})
		}
	}
	out.Entries = append(out.Entries, titles...)
	return out, nil
}

// hideInQueue takes from the queue of a meeting what people want to say. Taking a
// redaction back does not put that there again; the next change of the queue does.
func (s *Store) hideInQueue(ctx context.Context, r hackfest.Redaction, found seen, touch hackfest.Ref) error {
	const q = `
		update meetings m
		set changed_ref = @touch, queue = array(
			select case when exists (select 1 from unnest(@words::text[]) w where strpos(x.who, w) > 0) then split_part(x.who, ' ', 1) else x.who end
			from unnest(m.queue) with ordinality x (who, n)
			order by x.n)
		where m.channel_id = @channel
		  and exists (select 1 from unnest(m.queue) who, unnest(@words::text[]) w where strpos(who, w) > 0)`
	if len(found.words) == 0 {
		return nil
	}
	words := slices.Clone(found.words)
	for i, w := range words {
		if len(w) > shownInQueue {
			words[i] = head(w, shownInQueue)
		}
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"channel": r.ChannelID, "touch": touch, "words": words})
	return classify(err, "meeting")
}

// shownInQueue is how many bytes of what somebody wants to say are never cut.
const shownInQueue = 60

// hideLines hides the lines that r names.
func (s *Store) hideLines(ctx context.Context, r hackfest.Redaction, touch hackfest.Ref) error {
	const q = `
		update lines l
		set redacted_at = @at, changed_ref = @touch
		from redacted d
		where d.redaction_id = @id and d.n = 0 and l.ref = d.ref and l.redacted_at is null`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": r.ID, "at": r.At, "touch": touch})
	return classify(err, "line")
}

// hideEntries takes the words out of entries and keeps them.
func (s *Store) hideEntries(ctx context.Context, r hackfest.Redaction, entries []entrySeen, touch hackfest.Ref) error {
	by := map[string][]entrySeen{}
	for _, e := range entries {
		if !e.Hidden {
			by[e.Place] = append(by[e.Place], e)
		}
	}
	for _, h := range []struct {
		place string
		hide  func(context.Context, pgx.NamedArgs) error
	}{
		{"item", s.hideItems},
		{"item", s.hideActionIssues},
		{"topic", s.hideTopics},
		{"vote", s.hideVotes},
		{"agenda", s.hideAgenda},
	} {
		list := by[h.place]
		if len(list) == 0 {
			continue
		}
		refs, ns := make([][16]byte, len(list)), make([]int64, len(list))
		for i, e := range list {
			refs[i], ns[i] = e.Ref, e.N
		}
		if err := h.hide(ctx, pgx.NamedArgs{
			"id": r.ID, "refs": refs, "ns": ns, "mark": r.Mark(), "at": r.At, "touch": touch,
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) hideItems(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with hit as (
			select i.ref, i.n, i.text, i.url, i.owners, i.due
			from items i join unnest(@refs::uuid[], @ns::bigint[]) x (ref, n) on (i.ref, i.n) = (x.ref, x.n)
			for update of i),
		kept as (
			insert into withheld (redaction_id, place, ref, n, words)
			select @id, 'item', h.ref, h.n, jsonb_build_object('text', h.text, 'url', h.url, 'owners', h.owners, 'due', h.due) from hit h
			on conflict (redaction_id, place, ref, n) do update set words = excluded.words),
		freed as (
			update actions a set owners = '{}', due = null, changed_ref = @touch from hit h where (a.ref, a.n) = (h.ref, h.n))
		update items i
		set text = @mark, url = '', owners = '{}', due = null, redacted_at = @at, changed_ref = @touch
		from hit h
		where (i.ref, i.n) = (h.ref, h.n)`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "item")
}

func (s *Store) hideTopics(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with hit as (
			select p.ref, p.n, p.title
			from topics p join unnest(@refs::uuid[], @ns::bigint[]) x (ref, n) on (p.ref, p.n) = (x.ref, x.n)
			for update of p),
		kept as (
			insert into withheld (redaction_id, place, ref, n, words)
			select @id, 'topic', h.ref, h.n, jsonb_build_object('title', h.title) from hit h
			on conflict (redaction_id, place, ref, n) do update set words = excluded.words)
		update topics p
		set title = @mark, redacted_at = @at, changed_ref = @touch
		from hit h
		where (p.ref, p.n) = (h.ref, h.n)`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "topic")
}

// hideVotes leaves the counts of a vote, and who voted.
func (s *Store) hideVotes(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with hit as (
			select b.ref, b.n, b.question, b.options, b.result
			from votes b join unnest(@refs::uuid[], @ns::bigint[]) x (ref, n) on (b.ref, b.n) = (x.ref, x.n)
			for update of b),
		kept as (
			insert into withheld (redaction_id, place, ref, n, words)
			select @id, 'vote', h.ref, h.n, jsonb_build_object('question', h.question, 'options', h.options, 'result', h.result) from hit h
			on conflict (redaction_id, place, ref, n) do update set words = excluded.words)
		update votes b
		set question = @mark, result = '', redacted_at = @at, changed_ref = @touch,
			options = (
				select coalesce(jsonb_agg(o.value || jsonb_build_object('option', 'option ' || o.ordinality) order by o.ordinality), '[]')
				from jsonb_array_elements(h.options) with ordinality o)
		from hit h
		where (b.ref, b.n) = (h.ref, h.n)`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "vote")
}

func (s *Store) hideAgenda(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with hit as (
			select g.id, x.ref, g.text
			from agenda_items g join unnest(@refs::uuid[], @ns::bigint[]) x (ref, n) on g.id = x.n
			for update of g),
		kept as (
			insert into withheld (redaction_id, place, ref, n, words)
			select @id, 'agenda', h.ref, h.id, jsonb_build_object('text', h.text) from hit h
			on conflict (redaction_id, place, ref, n) do update set words = excluded.words)
		update agenda_items g
		set text = @mark, redacted_at = @at, changed_ref = @touch, revision = revision + 1
		from hit h
		where g.id = h.id`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "agenda")
}

// TakeBack puts back what a redaction hid, within UndoTime; afterwards it is
// fault.Conflict, and fault.NotFound when it was taken back before.
func (s *Store) TakeBack(ctx context.Context, id hackfest.RedactionID, now time.Time) error {
	return s.InTx(ctx, func(tx *Store) error {
		r, err := tx.Redaction(ctx, id)
		if err != nil {
			return err
		}
		touch, err := tx.lockChannel(ctx, r.ChannelID)
		if err != nil {
			return err
		}
		if r, err = tx.Redaction(ctx, id); err != nil { // as it is now that nobody else changes it
			return err
		}
		if !r.Undoable(now) {
			return errTooLate
		}
		if err := tx.putBack(ctx, r, touch); err != nil {
			return err
		}
		if err := tx.dropRedaction(ctx, id); err != nil {
			return err
		}
		if err := tx.hideAgain(ctx, r.ChannelID, touch); err != nil {
			return err
		}
		return tx.touchChannel(ctx, r.ChannelID, touch)
	})
}

func (s *Store) dropRedaction(ctx context.Context, id hackfest.RedactionID) error {
	const q = `delete from redactions where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id})
	return classify(err, "redaction")
}
