package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// errTooLate answers who wants to put back what is wiped, or will be soon.
var errTooLate = fault.New(fault.Conflict, "The ten minutes are over. What was removed cannot be put back.")

// putBack puts everything back where it stood before r.
func (s *Store) putBack(ctx context.Context, r hackfest.Redaction, touch hackfest.Ref) error {
	args := pgx.NamedArgs{"id": r.ID, "touch": touch}
	for _, put := range []func(context.Context, pgx.NamedArgs) error{
		s.putBackLines, s.putBackItems, s.putBackTopics, s.putBackVotes, s.putBackAgenda, s.putBackTitles, s.putBackTargets, s.putBackLessons, s.putBackChecks,
		s.putBackActionIssues,
		s.reopenRequests,
	} {
		if err := put(ctx, args); err != nil {
			return err
		}
	}
	if err := s.putBackDrafts(ctx, args); err != nil {
		return err
	}
	return s.putBackMinutes(ctx, r)
}

func (s *Store) putBackLines(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update lines l
		set redacted_at = null, changed_ref = @touch
		from redacted d
		where d.redaction_id = @id and d.n = 0 and l.ref = d.ref`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "line")
}

func (s *Store) putBackItems(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with put as (
			update items i
			set text = x.words->>'text', url = x.words->>'url', due = (x.words->>'due')::date,
				owners = array(select jsonb_array_elements_text(x.words->'owners')), redacted_at = null, changed_ref = @touch
			from withheld x
			where x.redaction_id = @id and x.place = 'item' and (i.ref, i.n) = (x.ref, x.n)
			returning i.ref, i.n, i.owners, i.due)
		update actions a
		set owners = put.owners, due = put.due, changed_ref = @touch
		from put
		where (a.ref, a.n) = (put.ref, put.n)`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "item")
}

func (s *Store) putBackTopics(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update topics p
		set title = x.words->>'title', redacted_at = null, changed_ref = @touch
		from withheld x
		where x.redaction_id = @id and x.place = 'topic' and (p.ref, p.n) = (x.ref, x.n)`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "topic")
}

func (s *Store) putBackVotes(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update votes b
		set question = x.words->>'question', options = x.words->'options', result = x.words->>'result',
			redacted_at = null, changed_ref = @touch
		from withheld x
		where x.redaction_id = @id and x.place = 'vote' and (b.ref, b.n) = (x.ref, x.n)`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "vote")
}

func (s *Store) putBackAgenda(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update agenda_items g
		set text = x.words->>'text', redacted_at = null, changed_ref = @touch, revision = revision + 1
		from withheld x
		where x.redaction_id = @id and x.place = 'agenda' and g.id = x.n`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "agenda")
}

func (s *Store) putBackTitles(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with meeting as (
			update meetings m
			set title = coalesce(x.words->>'title', m.title), name = coalesce(x.words->>'name', m.name),
				suffix = coalesce(x.words->>'suffix', m.suffix), changed_ref = @touch
			from withheld x
			where x.redaction_id = @id and x.place = 'meeting' and m.ref = x.ref)
		update sessions s
		set title = x.words->>'title', slug = x.words->>'slug'
		from withheld x
		where x.redaction_id = @id and x.place = 'session' and s.id = x.n`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "session")
}
