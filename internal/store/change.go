package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// ErrSentBefore is why a form is not carried out whose key another form had.
var ErrSentBefore = fault.New(fault.Conflict, "This form was sent before, from another page. Open the page again.")

// Once carries out fn in a transaction unless the form c.Key was carried out
// before; then it returns what was kept of that. fn fills in what c is to say.
// Two that come at the same time wait for each other.
func (s *Store) Once(ctx context.Context, c hackfest.Change, fn func(tx *Store, c *hackfest.Change) error) (hackfest.Change, error) {
	const q = `
		insert into changes (key, person_id, path, location, said, at) values (@key, nullif(@person::bigint, 0), @path, '', '', @at)
		on conflict (key) do nothing`
	const fill = `update changes set location = @location, said = @said, undo = @undo where key = @key`
	err := s.InTx(ctx, func(tx *Store) error {
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"key": c.Key, "person": c.PersonID, "path": c.Path, "at": c.At})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			before := c
			if c, err = tx.Change(ctx, c.Key); err == nil && (c.PersonID != before.PersonID || c.Path != before.Path) {
				err = ErrSentBefore
			}
			return err
		}
		if err := fn(tx, &c); err != nil {
			return err
		}
		_, err = tx.db.Exec(ctx, fill, pgx.NamedArgs{"key": c.Key, "location": c.Location, "said": c.Said, "undo": c.Undo})
		return err
	})
	return c, err
}

// Change returns what was kept of a form.
func (s *Store) Change(ctx context.Context, key hackfest.Ref) (hackfest.Change, error) {
	const q = `
		select key, coalesce(person_id, 0) as person_id, path, location, said, undo, at
		from changes where key = @key`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"key": key})
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[hackfest.Change])
	c.At = c.At.UTC()
	return c, classify(err, "change")
}

// ForgetChanges forgets forms that were carried out before the given time.
func (s *Store) ForgetChanges(ctx context.Context, before time.Time) error {
	const q = `delete from changes where at < @before`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"before": before})
	return classify(err, "change")
}
