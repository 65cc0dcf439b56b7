package store

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// PurgeRedactions wipes the words of redactions that can no longer be taken
// back, and returns how many were. What was said in a meeting that runs, or
// ended less than UndoTime ago, waits: the engine may have to fold it again.
func (s *Store) PurgeRedactions(ctx context.Context, now time.Time) (int, error) {
	const q = `select id from redactions where purged_at is null and at <= @before order by id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"before": now.Add(-hackfest.UndoTime)})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.RedactionID])
	if err != nil {
		return 0, classify(err, "redaction")
	}
	n := 0
	for _, id := range ids {
		done := false
		err := s.InTx(ctx, func(tx *Store) error {
			done, err = tx.purge(ctx, id, now)
			return err
		})
		if err != nil {
			return n, err
		}
		if done {
			n++
		}
	}
	return n, nil
}

// purge wipes what one redaction hid, unless it has to wait.
func (s *Store) purge(ctx context.Context, id hackfest.RedactionID, now time.Time) (bool, error) {
	r, err := s.Redaction(ctx, id)
	if err != nil {
		return false, err
	}
	touch, err := s.lockChannel(ctx, r.ChannelID)
	if err != nil {
		return false, err
	}
	if r, err = s.Redaction(ctx, id); err != nil || !r.PurgedAt.IsZero() {
		return false, err
	}
	found, err := s.look(ctx, r)
	if err != nil {
		return false, err
	}
	contexts, err := s.contextsSaying(ctx, r.ChannelID, found)
	if err != nil {
		return false, err
	}
	busy, err := s.stillFolded(ctx, r, contexts, now)
	if err != nil || busy {
		return false, err
	}
	if _, err := s.hide(ctx, r, touch); err != nil { // what came to light since
		return false, err
	}
	if err := s.wipe(ctx, r, found, contexts, now); err != nil {
		return false, err
	}
	return true, s.touchChannel(ctx, r.ChannelID, touch)
}

// stillFolded reports whether a meeting that runs, or may still be resumed, is
// worked out from lines that r wipes.
func (s *Store) stillFolded(ctx context.Context, r hackfest.Redaction, contexts []spokenLine, now time.Time) (bool, error) {
	const q = `
		select exists (
			select 1
			from meetings m
			where m.channel_id = @channel and (m.ended_at is null or m.ended_at > @before)
			  and (exists (
					select 1 from redacted d
					where d.redaction_id = @id and d.ref >= m.ref and (m.last_ref is null or d.ref <= m.last_ref))
				or exists (
					select 1 from unnest(@contexts::uuid[]) x (ref)
					where x.ref >= coalesce((
						select l.ref from lines l
						where l.channel_id = @channel and l.kind = 'context' and l.ref < m.ref
						order by l.ref desc limit 1), m.ref))))`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"channel": r.ChannelID, "id": r.ID, "contexts": refsOf(contexts), "before": now.Add(-hackfest.UndoTime),
	})
	busy, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	return busy, classify(err, "meeting")
}

// wipe empties everything that holds what r hid.
func (s *Store) wipe(ctx context.Context, r hackfest.Redaction, found seen, contexts []spokenLine, now time.Time) error {
	args := pgx.NamedArgs{"id": r.ID, "now": now}
	for _, wipe := range []func(context.Context, pgx.NamedArgs) error{
		s.wipeLines, s.wipeReasons, s.wipeRequests, s.wipeWithheld, s.markPurged,
	} {
		if err := wipe(ctx, args); err != nil {
			return err
		}
	}
	for _, c := range contexts {
		if err := s.wipeContext(ctx, c.Ref, without(c.Text, found.words, r.Mark())); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) wipeLines(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update lines l
		set text = '', raw = null, windows1252 = false
		from redacted d
		where d.redaction_id = @id and d.n = 0 and l.ref = d.ref`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "line")
}

// wipeReasons empties what Postgres said of lines whose effects it refused: it
// may quote them.
func (s *Store) wipeReasons(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update set_aside a
		set reason = 'The line was removed.'
		from redacted d
		where d.redaction_id = @id and d.n = 0 and a.ref = d.ref`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "effect")
}

func (s *Store) wipeWithheld(ctx context.Context, args pgx.NamedArgs) error {
	const q = `delete from withheld where redaction_id = @id`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "redaction")
}

// markPurged notes that a redaction is final. One without lines left nothing in
// the spool that it could be asked to forget.
func (s *Store) markPurged(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update redactions r
		set purged_at = @now,
			forgotten_at = case when not exists (select 1 from redacted d where d.redaction_id = r.id and d.n = 0) then @now::timestamptz end
		where r.id = @id`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "redaction")
}

// contextsSaying are the lines in which the shell told the engine words of what
// is hidden: the actions it listed at the start of later meetings, say.
func (s *Store) contextsSaying(ctx context.Context, id hackfest.ChannelID, found seen) ([]spokenLine, error) {
	const q = `
		select l.ref, l.nick, l.text
		from lines l
		where l.channel_id = @channel and l.kind = 'context' and l.ref > @first
		  and exists (select 1 from unnest(@words::text[]) w where strpos(l.text, w) > 0)
		order by l.ref`
	if len(found.lines) == 0 || len(found.words) == 0 {
		return nil, nil
	}
	first, _ := span(found.lines)
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": id, "first": first, "words": asWritten(found.words)})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[spokenLine])
	if err != nil {
		return nil, classify(err, "line")
	}
	var says []spokenLine
	for _, l := range list {
		if without(l.Text, found.words, "") != l.Text {
			says = append(says, l)
		}
	}
	return says, nil
}

// asWritten are words as they stand in JSON, whoever wrote it.
func asWritten(words []string) []string {
	var list []string
	for _, w := range words {
		plain, escaped := asStored(w), string(jsonOf(w))
		list = append(list, plain)
		if escaped = escaped[1 : len(escaped)-1]; escaped != plain {
			list = append(list, escaped)
		}
	}
	return list
}

// without is a JSON text with mark in place of each string that says one of
// words. What is no JSON is emptied.
func without(text string, words []string, mark string) string {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return ""
	}
	changed := false
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case string:
			if minutes.Says(v, words) {
				changed = true
				return mark
			}
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case map[string]any:
			for k := range v {
				v[k] = walk(v[k])
			}
		}
		return v
	}
	if v = walk(v); !changed {
		return text
	}
	return strings.TrimSpace(string(jsonOf(v)))
}

func (s *Store) wipeContext(ctx context.Context, ref hackfest.Ref, text string) error {
	const q = `update lines set text = @text, raw = null where ref = @ref`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"ref": ref, "text": text})
	return classify(err, "line")
}

// Unforgotten are lines that were wiped and may still be in the bot's spool, by
// the redaction that wiped them.
func (s *Store) Unforgotten(ctx context.Context) (map[hackfest.RedactionID][]hackfest.Ref, error) {
	const q = `
		select r.id, d.ref
		from redactions r join redacted d on d.redaction_id = r.id
		where r.purged_at is not null and r.forgotten_at is null and d.n = 0
		order by r.id, d.ref`
	rows, _ := s.db.Query(ctx, q)
	all := map[hackfest.RedactionID][]hackfest.Ref{}
	var id hackfest.RedactionID
	var ref hackfest.Ref
	_, err := pgx.ForEachRow(rows, []any{&id, &ref}, func() error {
		all[id] = append(all[id], ref)
		return nil
	})
	return all, classify(err, "redaction")
}

// Forgotten notes that no spool holds what a redaction wiped.
func (s *Store) Forgotten(ctx context.Context, id hackfest.RedactionID, now time.Time) error {
	const q = `update redactions set forgotten_at = @now where id = @id and purged_at is not null`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "now": now})
	return classify(err, "redaction")
}
