package store

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// MoveTarget brings a target to another stage. One whose condition is not met is
// fault.Invalid on "stage", unless m.Override says so and why. When it works from
// then on, with notes or without, a draft of the news is written; one that is not
// true any more goes, unless somebody has written on. base is the portal's address,
// for links in that.
func (s *Store) MoveTarget(ctx context.Context, v person.Viewer, slug string, m hackfest.TargetMove, revision int, base string, by person.Actor, now time.Time) (hackfest.Target, error) {
	const q = `update targets set stage = @stage, staged_at = @now where id = @id`
	m.Note = clean(strings.Join(strings.Fields(m.Note), " "))
	event := hackfest.TargetEvent{At: now, Deed: hackfest.TargetStaged, To: m.To, SessionSlug: m.Session, Note: m.Note}
	return s.changeTarget(ctx, slug, revision, event, by, func(tx *Store, t *hackfest.Target, event *hackfest.TargetEvent) error {
		var held hackfest.Session
		if m.Session != "" {
			var err error
			held, err = tx.Session(ctx, v, m.Session)
			if fault.KindOf(err) == fault.NotFound || err == nil && held.TargetSlug != t.Slug {
				return fault.On("session", "There is no such session on this target.")
			}
			if err != nil {
				return err
			}
		}
		f, err := tx.TargetFacts(ctx, v, t.ID, now)
		if err != nil {
			return err
		}
		if err := judgeMove(*t, m, f); err != nil {
			return err
		}
		event.From, event.FromAt, event.Overridden = t.Stage, t.StagedAt, m.To.Missing(f) != ""
		event.SessionSlug = held.Slug
		if _, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": t.ID, "stage": m.To, "now": now}); err != nil {
			return classify(err, "target")
		}
		dropped, err := tx.dropWorks(ctx, *t)
		if err != nil || !m.To.Reached() || t.Stage == hackfest.StageWorks && !dropped {
			return err
		}
		moved := *t
		moved.Stage = m.To
		return tx.draftWorks(ctx, moved, held, base, by, now)
	})
}

// judgeMove says what is wrong with a change of stage: faults on its fields.
func judgeMove(t hackfest.Target, m hackfest.TargetMove, f hackfest.TargetFacts) error {
	lacks := m.To.Missing(f)
	switch {
	case !known(m.To):
		return fault.On("stage", "Choose a stage.")
	case m.To == t.Stage:
		return fault.On("stage", "It is at this stage already.")
	case utf8.RuneCountInString(m.Note) > hackfest.MaxTargetLine:
		return fault.On("note", "At most %d characters.", hackfest.MaxTargetLine)
	case m.To == hackfest.StageParked && m.Note == "":
		return fault.On("note", "Say why it is parked, for who comes after.")
	case lacks != "" && !m.Override:
		return fault.On("stage", "%s", lacks)
	case lacks != "" && m.Note == "":
		return fault.On("note", "Say why it may be there all the same: %s%s", strings.ToLower(lacks[:1]), lacks[1:])
	}
	return nil
}

func known(stage hackfest.TargetStage) bool {
	for _, x := range hackfest.TargetStages {
		if x == stage {
			return true
		}
	}
	return false
}

// UndoMove takes back the last change of a target's stage, within the time in
// which people may; the draft of the news goes with it unless somebody has written
// on. Later it is fault.Conflict.
func (s *Store) UndoMove(ctx context.Context, slug string, now time.Time) (hackfest.Target, error) {
	const last = `
		select e.id, e.deed, e.at, e.from_stage as "from", e.to_stage as "to", coalesce(e.from_at, e.at) as from_at
		from target_events e
		where e.target_id = @id
		order by e.at desc, e.id desc
		limit 1`
	const q = `
		with forgotten as (delete from target_events where id = @event),
			unwritten as (
				delete from news x where x.target_id = @id and x.state = 'draft' and x.revision = 1 and x.created_at = @at and @reached)
		update targets set stage = @stage, staged_at = @staged, revision = revision + 1, changed_at = @now where id = @id`
	var t hackfest.Target
	err := s.InTx(ctx, func(tx *Store) (err error) {
		if t, err = tx.lockTarget(ctx, slug); err != nil {
			return err
		}
		type event struct {
			ID         int64
			Deed       hackfest.TargetDeed
			At, FromAt time.Time
			From, To   hackfest.TargetStage
		}
		rows, _ := tx.db.Query(ctx, last, pgx.NamedArgs{"id": t.ID})
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[event])
		if err != nil {
			return classify(err, "target")
		}
		if len(list) == 0 || list[0].Deed != hackfest.TargetStaged || now.Sub(list[0].At) >= hackfest.UndoTime {
			return fault.New(fault.Conflict, "Something else has happened to it since, or too long ago. Move it by the form.")
		}
		e := list[0]
		if _, err = tx.db.Exec(ctx, q, pgx.NamedArgs{
			"id": t.ID, "event": e.ID, "at": e.At, "reached": e.To.Reached(), "stage": e.From, "staged": e.FromAt, "now": now,
		}); err != nil {
			return classify(err, "target")
		}
		if t, err = tx.Target(ctx, slug); err != nil {
			return err
		}
		return tx.notify(ctx, topicSessions)
	})
	return t, err
}

// dropWorks deletes the draft of the news that t works, which was written when it
// came to its stage, and reports whether there was one that nobody has written on.
func (s *Store) dropWorks(ctx context.Context, t hackfest.Target) (bool, error) {
	const q = `delete from news x where x.target_id = @id and x.state = 'draft' and x.revision = 1 and x.created_at = @at and x.title = @title`
	if !t.Stage.Reached() {
		return false, nil
	}
	title := announce.Works(t, hackfest.Session{}, "").Title
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": t.ID, "at": t.StagedAt, "title": clean(title)})
	return tag.RowsAffected() > 0, classify(err, "news")
}

// draftWorks writes the news that a target works, as a draft that a maintainer
// reads and publishes; only one for each target and stage waits. Everybody will
// read it, so it names held only if everybody may see that.
func (s *Store) draftWorks(ctx context.Context, t hackfest.Target, held hackfest.Session, base string, by person.Actor, now time.Time) error {
	const q = `
		select exists (
			select 1 from news x where x.target_id = @id and x.state = 'draft' and x.title = @title)`
	if _, err := s.Session(ctx, person.PublicViewer, held.Slug); fault.KindOf(err) == fault.NotFound {
		held = hackfest.Session{}
	} else if err != nil {
		return err
	}
	n := announce.Works(t, held, base)
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": t.ID, "title": clean(n.Title)})
	waits, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	if err != nil || waits {
		return classify(err, "news")
	}
	n.AuthorID = by.ID
	_, err = s.AddNews(ctx, n, now)
	return err
}
