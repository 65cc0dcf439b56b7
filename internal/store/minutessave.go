package store

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// SavedDraft is what became of a draft that was sent to be saved.
type SavedDraft struct {
	Revision int            // it has now
	Fields   minutes.Fields // as they stand now
	Others   []string       // names of fields that somebody else changed meanwhile
	Writer   string         // who that was
	Clashes  []minutes.Clash
	Changed  bool // there was something to save
}

// errClash answers who changed what somebody else has changed meanwhile.
var errClash = fault.New(fault.Conflict, "Somebody else changed the same words meanwhile. Nothing is lost: choose what is to stand.")

// SaveMinutesDraft saves what v wrote, on the form that was made of revision
// based. What somebody else saved since is put together with it; when both
// changed a field in different ways nothing is saved, it is fault.Conflict and
// Clashes says which.
func (s *Store) SaveMinutesDraft(ctx context.Context, v person.Viewer, ref hackfest.Ref, based int, mine minutes.Fields, now time.Time) (SavedDraft, error) {
	var out SavedDraft
	err := s.InTx(ctx, func(tx *Store) error {
		if err := tx.lockDrafts(ctx, v, ref); err != nil {
			return err
		}
		d, err := tx.draft(ctx, v, ref)
		if err != nil {
			return err
		}
		base := d.Fields
		if based != d.Revision {
			if base, err = tx.fieldsAt(ctx, v, d.over, based); err != nil {
				return err
			}
		}
		if mine, err = tx.writable(ctx, v, d, mine); err != nil {
			return err
		}
		out.Revision, out.Fields = d.Revision, d.Fields
		merged, clashes := minutes.Merge(base, d.Fields, mine)
		if len(clashes) > 0 {
			out.Clashes, out.Writer = clashes, d.Writer
			out.Fields = merged
			return errClash
		}
		if wrong := merged.Check(); len(wrong) > 0 {
			return errors.Join(wrong...)
		}
		for name, text := range merged {
			if was, sent := mine[name]; sent && was != text {
				out.Others, out.Writer = append(out.Others, name), d.Writer
			}
		}
		out.Fields, out.Changed = merged, !maps.Equal(merged, d.Fields)
		if !out.Changed {
			return nil
		}
		out.Revision++
		return tx.addDraft(ctx, ref, out.Revision, d, merged.Over(d.Written.Fields()), v.ID, now)
	})
	return out, err
}

// lockDrafts keeps the minutes of a meeting from being written by others until the
// end of the transaction.
func (s *Store) lockDrafts(ctx context.Context, v person.Viewer, ref hackfest.Ref) error {
	const q = `
		select m.ended_at is null
		from meetings m
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where m.ref = @ref and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		for update of m`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(ref), "members": v.SeesMembersOnly()})
	running, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	if err == nil && running {
		return errRuns
	}
	return classify(err, "meeting")
}

// fieldsAt are the fields as they stood in a revision of the draft. Of one that is
// not kept any more nothing is known.
func (s *Store) fieldsAt(ctx context.Context, v person.Viewer, b drafted, revision int) (minutes.Fields, error) {
	number, over := 0, minutes.Fields{}
	rows, err := s.savedDrafts(ctx, v, b.Ref, max(revision, 1))
	if err != nil || len(rows) == 0 {
		return minutes.Fields{}, err
	}
	switch row := rows[0]; {
	case revision > 0:
		number, over = row.Number, row.Fields
	case !row.written() && row.Number > 0: // the first thing that happened was a publication
		number = row.Number - 1
	default:
		number = row.Number
	}
	w, err := b.written(number)
	return over.On(w.Fields()), err
}

// addDraft keeps a save, and forgets those that nobody can have before them any
// more.
func (s *Store) addDraft(ctx context.Context, ref hackfest.Ref, revision int, d MinutesDraft, over minutes.Fields, by person.ID, now time.Time) error {
	const q = `
		with gone as (delete from minutes_drafts where meeting_ref = @ref and revision <= @revision::int - @kept::int)
		insert into minutes_drafts (meeting_ref, revision, number, fields, person_id, begun_at, saved_at)
		values (@ref, @revision, @number, @fields, nullif(@person::bigint, 0), @begun, @now)`
	begun := d.BegunAt
	if begun.IsZero() {
		begun = now
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": uuid(ref), "revision": revision, "number": d.Number, "fields": jsonOf(over), "person": by, "begun": begun, "now": now,
		"kept": draftsKept,
	})
	return classify(err, "draft")
}

// draftsKept is how many saves of a draft are kept, to tell what two writers had
// in common.
const draftsKept = 200

// writable are the fields of mine that may be written: nothing about entries whose
// words were taken out meanwhile, and no words that wait to be wiped.
func (s *Store) writable(ctx context.Context, v person.Viewer, d MinutesDraft, mine minutes.Fields) (minutes.Fields, error) {
	mine = d.Known(mine.Clean())
	lines, err := s.sources(ctx, v, d.over, mine)
	if err != nil {
		return nil, err
	}
	for name := range mine {
		_, id, _, ok := minutes.FieldID(name)
		if _, there := lines[id.Ref]; ok && minutes.Added(id) && !there {
			delete(mine, name)
		}
	}
	list, err := s.waiting(ctx, d.over.ChannelID)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		found, err := s.look(ctx, r)
		if err != nil {
			return nil, err
		}
		for name, text := range mine {
			mine[name] = minutes.CutWords(text, found.words)
		}
	}
	return mine, nil
}
