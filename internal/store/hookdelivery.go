package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// HookArgs is the job that works the deliveries of GitHub that wait: all of them,
// so that a thousand of them are not a thousand jobs.
type HookArgs struct{}

// Kind is River's name of the job.
func (HookArgs) Kind() string { return "work_hooks" }

// HookQueue is the queue of those jobs. GitHub is not asked in it, so deliveries
// wait for no answer.
const HookQueue = "hooks"

const notRegistered = "The repository is not registered here."

// AddHookDelivery keeps a delivery, and the change that it says, with a job that
// will apply that, by clock; all of it or nothing. One that says nothing that is
// kept, or is of a repository that is not registered, is kept as ignored. It
// returns the delivery as it is kept, and whether it is new: a delivery that was
// here before changes nothing.
func (s *Store) AddHookDelivery(ctx context.Context, d hackfest.HookDelivery, change *hackfest.GitHubChange, clock rivertype.TimeGenerator) (kept hackfest.HookDelivery, fresh bool, err error) {
	const q = `
		insert into hook_deliveries (id, event, repository, received_at, state, note, change)
		values (@id, @event, @repository, @at, @state, @note, @change)
		on conflict (id) do nothing`
	err = s.InTx(ctx, func(tx *Store) error {
		kept = d
		if change != nil {
			ours, err := tx.isRegistered(ctx, change.Repository)
			if err != nil {
				return err
			}
			if !ours {
				kept.State, kept.Note, change = hackfest.HookIgnored, notRegistered, nil
			}
		}
		var text []byte
		if change != nil {
			if text, err = json.Marshal(change); err != nil {
				return err
			}
		}
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{
			"id": d.ID, "event": d.Event, "repository": clean(d.Repository), "at": d.ReceivedAt.UTC(),
			"state": kept.State, "note": clean(kept.Note), "change": text,
		})
		if err != nil {
			return classify(err, "delivery")
		}
		if fresh = tag.RowsAffected() > 0; !fresh {
			kept, err = tx.hookDelivery(ctx, d.ID)
			return err
		}
		if change == nil {
			return nil
		}
		return tx.addJob(ctx, HookArgs{}, HookQueue, clock)
	})
	return kept, fresh && err == nil, err
}

// isRegistered reports whether a repository that GitHub speaks of is kept in step
// here.
func (s *Store) isRegistered(ctx context.Context, r hackfest.Repository) (bool, error) {
	const q = `
		select exists (
			select 1 from repositories r
			where r.removed_at is null and r.recorded_at is null
			  and (r.github_id = @github or r.github_id is null and lower(r.name) = lower(@name)))`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"github": r.GitHubID, "name": clean(r.Name)})
	ours, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	return ours, classify(err, "repository")
}

// scanHookDelivery reads a delivery.
func scanHookDelivery(row pgx.CollectableRow) (hackfest.HookDelivery, error) {
	d, err := pgx.RowToStructByName[hackfest.HookDelivery](row)
	d.ReceivedAt = d.ReceivedAt.UTC()
	return d, err
}

// hookDelivery returns the delivery with an id.
func (s *Store) hookDelivery(ctx context.Context, id string) (hackfest.HookDelivery, error) {
	const q = `select d.id, d.event, d.repository, d.received_at, d.state, d.note from hook_deliveries d where d.id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	d, err := pgx.CollectExactlyOneRow(rows, scanHookDelivery)
	return d, classify(err, "delivery")
}

// HookDeliveries lists what GitHub delivered, for admins: the newest first, at most
// so many, and only those before the one whose id is before, unless that is "" or
// forgotten.
func (s *Store) HookDeliveries(ctx context.Context, before string, most int) ([]hackfest.HookDelivery, error) {
	const q = `
		select d.id, d.event, d.repository, d.received_at, d.state, d.note
		from hook_deliveries d
		left join hook_deliveries b on b.id = @before
		where b.id is null or (d.received_at, d.id) < (b.received_at, b.id)
		order by d.received_at desc, d.id desc
		limit @most`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"before": clean(before), "most": most})
	list, err := pgx.CollectRows(rows, scanHookDelivery)
	return list, classify(err, "delivery")
}

// tries is how often one delivery is tried while others change the same rows.
const hookTries = 3

// WorkHookDelivery applies the delivery that waits longest and that nobody else
// works, in one transaction with the note that it is worked. It returns what became
// of it; false when none waits. What cannot be applied at all is failed: GitHub is
// asked for it instead. why is the reason, for the log.
func (s *Store) WorkHookDelivery(ctx context.Context, now time.Time) (d hackfest.HookDelivery, worked bool, why, err error) {
	const q = `
		select d.id, d.event, d.repository, d.received_at, d.state, d.note, d.change
		from hook_deliveries d
		where d.state = 'received'
		order by d.received_at, d.id
		limit 1
		for update skip locked`
	type row struct {
		hackfest.HookDelivery
		Change json.RawMessage
	}
	err = s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q)
		waiting, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
		if err != nil || len(waiting) == 0 {
			worked = false
			return classify(err, "delivery")
		}
		d, worked = waiting[0].HookDelivery, true
		d.ReceivedAt = d.ReceivedAt.UTC()
		if why, err = tx.applyHook(ctx, &d, waiting[0].Change, now); err != nil {
			return err
		}
		return tx.settleHook(ctx, d)
	})
	return d, worked && err == nil, why, err
}

// applyHook applies what a delivery says, and notes in d what came of it. err is
// for what may go better another time.
func (s *Store) applyHook(ctx context.Context, d *hackfest.HookDelivery, text []byte, now time.Time) (why, err error) {
	var c hackfest.GitHubChange
	if why = json.Unmarshal(text, &c); why == nil {
		c.At = d.ReceivedAt
		for range hookTries {
			if why = s.ApplyGitHub(ctx, c); fault.KindOf(why) != fault.Conflict || why == nil {
				break
			}
		}
	}
	switch {
	case why == nil:
		d.State, d.Note = hackfest.HookApplied, ""
	case ctx.Err() != nil:
		return nil, errors.Join(why, ctx.Err())
	case fault.KindOf(why) == fault.Unavailable:
		return nil, why
	case fault.KindOf(why) == fault.NotFound:
		d.State, d.Note = hackfest.HookIgnored, "The repository was taken off meanwhile."
	default:
		d.State, d.Note = hackfest.HookFailed, fault.Message(why)
		return why, s.askInstead(ctx, c.Repository, now)
	}
	return nil, nil
}

// askInstead has GitHub asked for what a delivery could not tell.
func (s *Store) askInstead(ctx context.Context, r hackfest.Repository, now time.Time) error {
	const q = `update repositories set due_at = least(due_at, @now) where github_id = @github and removed_at is null and recorded_at is null`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"github": r.GitHubID, "now": now})
	return classify(err, "repository")
}

// settleHook notes what became of a delivery, and forgets what it said.
func (s *Store) settleHook(ctx context.Context, d hackfest.HookDelivery) error {
	const q = `update hook_deliveries set state = @state, note = @note, change = null where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": d.ID, "state": d.State, "note": clean(d.Note)})
	return classify(err, "delivery")
}
