package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// TargetProposal is a target that somebody proposes.
type TargetProposal struct {
	hackfest.TargetEdit
	Via  hackfest.TargetVia
	Mine bool // who proposes it will look after it
}

// ProposeTarget adds an idea, which its proposer wants. What is on the board
// already is fault.Conflict, on the field "name".
func (s *Store) ProposeTarget(ctx context.Context, p TargetProposal, by person.Actor, now time.Time) (hackfest.Target, error) {
	var t hackfest.Target
	e, err := p.Tidy()
	if err != nil {
		return t, err
	}
	err = s.InTx(ctx, func(tx *Store) error {
		if err := tx.refuseKnown(ctx, e.Name); err != nil {
			return err
		}
		t = hackfest.Target{
			Slug: hackfest.Slug(e.Name), Name: e.Name, Sentence: e.Sentence, About: e.About, Goal: e.Goal, Project: e.Project,
			Proposer: by.Name, Via: p.Via,
		}
		if p.Mine {
			t.OwnerID = by.ID
		}
		id, err := tx.AddTarget(ctx, t, now)
		if fault.KindOf(err) == fault.Conflict {
			return &fault.Error{Kind: fault.Conflict, Field: "name", Message: "A target was called so before, and its address is still used."}
		}
		if err != nil {
			return err
		}
		if by.ID != 0 {
			if _, err := tx.BackTarget(ctx, id, by.ID, now); err != nil {
				return err
			}
		}
		err = tx.AddTargetEvent(ctx, id, hackfest.TargetEvent{At: now, Deed: hackfest.TargetProposed, Actor: by.Name}, by.ID)
		if err == nil {
			t, err = tx.Target(ctx, t.Slug)
		}
		return err
	})
	return t, err
}

// refuseKnown refuses a name that a target has.
func (s *Store) refuseKnown(ctx context.Context, name string) error {
	t, err := s.targetNamed(ctx, name)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return nil
	case err != nil:
		return err
	}
	return &fault.Error{Kind: fault.Conflict, Field: "name", Message: t.Name + " is on the board already: /targets/" + t.Slug + ". Say there that you want it."}
}

// AddTargetProposal keeps what somebody without an account proposes until they
// answer from their mail address. What is on the board already is fault.Conflict;
// too many from one address in a day are fault.Invalid.
func (s *Store) AddTargetProposal(ctx context.Context, mail string, e hackfest.TargetEdit, made, expires time.Time) (hackfest.ProposalID, error) {
	const lately = `select count(*) from target_proposals x where lower(x.mail) = lower(@mail) and x.made_at > @since`
	const q = `
		insert into target_proposals (mail, name, about, goal, project, made_at, expires_at)
		values (@mail, @name, @about, @goal, @project, @made, @expires)
		returning id`
	var id hackfest.ProposalID
	e, err := e.Tidy()
	if err != nil {
		return 0, err
	}
	err = s.InTx(ctx, func(tx *Store) error {
		if err := tx.refuseKnown(ctx, e.Name); err != nil {
			return err
		}
		rows, _ := tx.db.Query(ctx, lately, pgx.NamedArgs{"mail": clean(mail), "since": made.Add(-24 * time.Hour)})
		n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		if err != nil {
			return classify(err, "proposal")
		}
		if n >= mostMailed {
			return fault.On("mail", "Mails went to this address already. Answer one of them, or come back tomorrow.")
		}
		rows, _ = tx.db.Query(ctx, q, pgx.NamedArgs{
			"mail": clean(mail), "name": clean(e.Name), "about": clean(e.About), "goal": clean(e.Goal),
			"project": clean(e.Project), "made": made, "expires": expires,
		})
		id, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.ProposalID])
		return classify(err, "proposal")
	})
	return id, err
}

// SealProposal gives a proposal that nobody has answered the secret of the link
// that is sent now, and returns where to and what it is called. One that is gone
// is fault.NotFound.
func (s *Store) SealProposal(ctx context.Context, id hackfest.ProposalID, secretHash []byte) (mail, name string, err error) {
	const q = `update target_proposals set secret_hash = @hash where id = @id and used_at is null returning mail, name`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "hash": secretHash})
	_, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&mail, &name)
	})
	return mail, name, classify(err, "proposal")
}

// mostMailed is how many proposals one address may have to answer in a day.
const mostMailed = 2

// Proposal says what the link of a mail would put on the board. The error says
// what is wrong with one that would not, as with Link.
func (s *Store) Proposal(ctx context.Context, secretHash []byte, now time.Time) (hackfest.TargetEdit, error) {
	const q = `select x.name, x.about, x.goal, x.project, x.expires_at, x.used_at from target_proposals x where x.secret_hash = @hash`
	var e hackfest.TargetEdit
	var expires time.Time
	var used *time.Time
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"hash": secretHash})
	_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&e.Name, &e.About, &e.Goal, &e.Project, &expires, &used)
	})
	err = classify(err, "link")
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return e, errNoLink
	case err != nil:
		return e, err
	case used != nil:
		return e, errUsed
	case !now.Before(expires):
		return e, errExpired
	}
	return e, nil
}

// UseProposal puts on the board what the link of a mail stands for.
func (s *Store) UseProposal(ctx context.Context, secretHash []byte, now time.Time) (hackfest.Target, error) {
	const q = `
		update target_proposals x set used_at = @now, target_id = (select t.id from targets t where t.slug = @slug)
		where x.secret_hash = @hash and x.used_at is null`
	var t hackfest.Target
	err := s.InTx(ctx, func(tx *Store) error {
		e, err := tx.Proposal(ctx, secretHash, now)
		if err != nil {
			return err
		}
		if t, err = tx.ProposeTarget(ctx, TargetProposal{TargetEdit: e, Via: hackfest.TargetViaMail}, person.Actor{}, now); err != nil {
			return err
		}
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"hash": secretHash, "slug": t.Slug, "now": now})
		if err == nil && tag.RowsAffected() == 0 {
			return errUsed
		}
		return classify(err, "link")
	})
	return t, err
}

// ForgetProposals deletes proposals that nobody answered in time, and what is not
// needed of those that were.
func (s *Store) ForgetProposals(ctx context.Context, now time.Time) error {
	const q = `delete from target_proposals where expires_at < @before`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"before": now.Add(-24 * time.Hour)})
	return classify(err, "proposal")
}

// errTargetMoved is what somebody is told whose form is older than the target.
var errTargetMoved = fault.New(fault.Conflict, "Somebody else changed this target meanwhile. Look at it again, then change it.")

// changeTarget locks a target of the given revision (0 is any), has fn change it,
// notes e and returns what became of it. Open pages of sessions learn of it.
func (s *Store) changeTarget(ctx context.Context, slug string, revision int, e hackfest.TargetEvent, by person.Actor, fn func(tx *Store, t *hackfest.Target, e *hackfest.TargetEvent) error) (hackfest.Target, error) {
	const q = `update targets set revision = revision + 1, changed_at = @now where id = @id`
	var t hackfest.Target
	err := s.InTx(ctx, func(tx *Store) (err error) {
		if t, err = tx.lockTarget(ctx, slug); err != nil {
			return err
		}
		if revision != 0 && revision != t.Revision {
			return errTargetMoved
		}
		if e.Actor == "" {
			e.Actor = by.Name
		}
		if err := fn(tx, &t, &e); err != nil {
			return err
		}
		if _, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": t.ID, "now": e.At}); err != nil {
			return classify(err, "target")
		}
		if err := tx.AddTargetEvent(ctx, t.ID, e, by.ID); err != nil {
			return err
		}
		if t, err = tx.Target(ctx, t.Slug); err != nil {
			return err
		}
		return tx.notify(ctx, topicSessions)
	})
	return t, err
}

// EditTarget makes the words of a target what e says, unless it is not of the
// given revision any more: then it is fault.Conflict.
func (s *Store) EditTarget(ctx context.Context, slug string, e hackfest.TargetEdit, revision int, by person.Actor, now time.Time) (hackfest.Target, error) {
	const q = `update targets set name = @name, sentence = @sentence, about = @about, goal = @goal, project = @project where id = @id`
	e, err := e.Tidy()
	if err != nil {
		return hackfest.Target{}, err
	}
	event := hackfest.TargetEvent{At: now, Deed: hackfest.TargetEdited}
	return s.changeTarget(ctx, slug, revision, event, by, func(tx *Store, t *hackfest.Target, event *hackfest.TargetEvent) error {
		event.Note = changedWords(*t, e)
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{
			"id": t.ID, "name": clean(e.Name), "sentence": clean(e.Sentence), "about": clean(e.About), "goal": clean(e.Goal), "project": clean(e.Project),
		})
		return classify(err, "target")
	})
}

// changedWords says which words of a target e changes: "name, goal".
func changedWords(t hackfest.Target, e hackfest.TargetEdit) string {
	var list []string
	for _, x := range []struct{ what, was, is string }{
		{"name", t.Name, e.Name},
		{"how it stands", t.Sentence, e.Sentence},
		{"what it is", t.About, e.About},
		{"how one sees that it works", t.Goal, e.Goal},
		{"the project", t.Project, e.Project},
	} {
		if x.was != x.is {
			list = append(list, x.what)
		}
	}
	return strings.Join(list, ", ")
}

// SetTargetOwner gives a target to whoever has that name, or to nobody with "".
// Who does not exist is fault.Invalid on "owner".
func (s *Store) SetTargetOwner(ctx context.Context, slug, name string, by person.Actor, now time.Time) (hackfest.Target, error) {
	const q = `update targets set owner_id = nullif(@owner::bigint, 0) where id = @id`
	event := hackfest.TargetEvent{At: now, Deed: hackfest.TargetOwned}
	return s.changeTarget(ctx, slug, 0, event, by, func(tx *Store, t *hackfest.Target, event *hackfest.TargetEvent) error {
		var owner person.ID
		if name != "" {
			a, err := tx.Account(ctx, name)
			if fault.KindOf(err) == fault.NotFound || err == nil && !a.SuspendedAt.IsZero() {
				return fault.On("owner", "Nobody of that name has an account here.")
			}
			if err != nil {
				return err
			}
			owner, event.Note = a.ID, a.Name
		}
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": t.ID, "owner": owner})
		return classify(err, "target")
	})
}

// RenameTarget gives a target another slug. The old one leads to it for ever: see
// TargetOf.
func (s *Store) RenameTarget(ctx context.Context, slug, to string, revision int, by person.Actor, now time.Time) (hackfest.Target, error) {
	const keep = `insert into target_slugs (slug, target_id, created_at) values (@old, @id, @now)`
	const back = `delete from target_slugs where slug = @slug and target_id = @id`
	const q = `
		update targets t set slug = @slug
		where t.id = @id and not exists (select 1 from target_slugs o where o.slug = @slug)
		  and not exists (select 1 from targets x where x.slug = @slug)`
	if !slugs.MatchString(to) || len(to) > 80 {
		return hackfest.Target{}, fault.On("slug", "An address has small letters, digits and single hyphens between them, as in openshift-origin.")
	}
	if _, err := hackfest.TargetSlug(to); err != nil || to == slug {
		return hackfest.Target{}, fault.On("slug", "It has this address already, or the portal needs it itself.")
	}
	event := hackfest.TargetEvent{At: now, Deed: hackfest.TargetRenamed, Note: slug}
	return s.changeTarget(ctx, slug, revision, event, by, func(tx *Store, t *hackfest.Target, _ *hackfest.TargetEvent) error {
		args := pgx.NamedArgs{"id": t.ID, "slug": to, "old": slug, "now": now}
		if _, err := tx.db.Exec(ctx, back, args); err != nil {
			return classify(err, "target")
		}
		tag, err := tx.db.Exec(ctx, q, args)
		if err == nil && tag.RowsAffected() == 0 {
			return &fault.Error{Kind: fault.Conflict, Field: "slug", Message: "Another target is or was called " + to + "."}
		}
		if err == nil {
			_, err = tx.db.Exec(ctx, keep, args)
		}
		t.Slug = to
		return classify(err, "target")
	})
}

// RemoveTarget takes a target off the board on which nothing hangs: no session,
// series, lesson, check or recipe. Else it is fault.Conflict: it can be parked.
func (s *Store) RemoveTarget(ctx context.Context, slug, why string, by person.Actor, now time.Time) error {
	const used = `
		select exists (select 1 from sessions x where x.target_id = @id) or exists (select 1 from series x where x.target_id = @id)
			or exists (select 1 from lessons x where x.target_id = @id) or exists (select 1 from checklist_items x where x.target_id = @id)
			or exists (select 1 from recipes x where x.target_id = @id)`
	const q = `update targets set removed_at = @now, revision = revision + 1, changed_at = @now where id = @id`
	return s.InTx(ctx, func(tx *Store) error {
		t, err := tx.lockTarget(ctx, slug)
		if err != nil {
			return err
		}
		rows, _ := tx.db.Query(ctx, used, pgx.NamedArgs{"id": t.ID})
		hangs, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
		switch {
		case err != nil:
			return classify(err, "target")
		case hangs:
			return fault.New(fault.Conflict, "Sessions, lessons, checks or recipes belong to it, so it stays. Park it, or make it part of another.")
		}
		if _, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": t.ID, "now": now}); err != nil {
			return classify(err, "target")
		}
		return tx.AddTargetEvent(ctx, t.ID, hackfest.TargetEvent{At: now, Deed: hackfest.TargetRemoved, Actor: by.Name, Note: why}, by.ID)
	})
}

// RestoreTarget puts a target back on the board that was taken off it.
func (s *Store) RestoreTarget(ctx context.Context, slug string, by person.Actor, now time.Time) error {
	const q = `
		update targets set removed_at = null, revision = revision + 1, changed_at = @now
		where slug = @slug and removed_at is not null
		returning id`
	return s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "now": now})
		id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.TargetID])
		if err != nil {
			return classify(err, "target")
		}
		return tx.AddTargetEvent(ctx, id, hackfest.TargetEvent{At: now, Deed: hackfest.TargetRestored, Actor: by.Name}, by.ID)
	})
}
