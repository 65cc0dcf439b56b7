package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/postgres"
	"github.com/eucalyptus/hackfest/internal/settings"
	"github.com/eucalyptus/hackfest/internal/store"
)

// Keeper is who keeps order among the people from the server's command line. It
// works on the portal's database, whether a portal runs on it or not; what it
// does acts at once, and is in the audit log.
type Keeper struct {
	Settings settings.Settings
	Log      *slog.Logger
	Now      func() time.Time
	User     string // who types; "" is unknown
}

// Add makes an account, which chairs the series of the given slugs, and returns a
// link that signs in as that person, once. Nothing is done when a name is taken
// or a series does not exist.
func (k Keeper) Add(ctx context.Context, name string, role person.Role, chairs []string) (link string, err error) {
	name, err = person.ParseName("NAME", name)
	if err != nil {
		return "", err
	}
	err = k.change(ctx, func(tx *store.Store) error {
		id, err := tx.AddPerson(ctx, name, role, k.Now())
		if fault.KindOf(err) == fault.Conflict {
			return &fault.Error{Kind: fault.Conflict, Message: fmt.Sprintf("Somebody is called %s already; \"hackfest admin user link\" makes a link for them.", name)}
		}
		if err != nil {
			return err
		}
		for _, slug := range chairs {
			if err := tx.AddChair(ctx, id, slug, k.Now()); err != nil {
				return err
			}
		}
		if err := k.audit(ctx, tx, "add person", name, nil, map[string]any{"role": role, "chairs": chairs}); err != nil {
			return err
		}
		link, err = k.makeLink(ctx, tx, id, name)
		return err
	})
	return link, err
}

// Link returns a link that signs somebody in, once.
func (k Keeper) Link(ctx context.Context, name string) (link string, err error) {
	err = k.onAccount(ctx, name, func(tx *store.Store, a person.Account) error {
		if a.Suspended() {
			return fault.New(fault.Conflict, "%s is suspended. \"hackfest admin user unsuspend\" lets them in again.", a.Name)
		}
		link, err = k.makeLink(ctx, tx, a.ID, a.Name)
		return err
	})
	return link, err
}

func (k Keeper) makeLink(ctx context.Context, tx *store.Store, id person.ID, name string) (string, error) {
	secret, hash := auth.NewSecret()
	now := k.Now().UTC()
	if err := tx.AddLink(ctx, hash, id, person.LinkByAdmin, now, now.Add(auth.AdminLinkTime)); err != nil {
		return "", err
	}
	return k.Settings.BaseURL + "/signin/" + secret, k.audit(ctx, tx, "make sign-in link", name, nil, nil)
}

// People lists all accounts by name.
func (k Keeper) People(ctx context.Context) (list []person.Account, err error) {
	err = k.read(ctx, func(st *store.Store) error {
		list, err = st.Accounts(ctx)
		return err
	})
	return list, err
}

// SetRole gives somebody a role, and returns the one they had.
func (k Keeper) SetRole(ctx context.Context, name string, role person.Role) (before person.Role, err error) {
	err = k.onAccount(ctx, name, func(tx *store.Store, a person.Account) error {
		if before = a.Role; before == role {
			return nil
		}
		if err := tx.SetRole(ctx, a.ID, role); err != nil {
			return err
		}
		return k.audit(ctx, tx, "change role", a.Name, map[string]any{"role": before}, map[string]any{"role": role})
	})
	return before, err
}

// Suspend treats somebody like nobody from now on, or no longer. It reports
// whether that changed anything.
func (k Keeper) Suspend(ctx context.Context, name string, suspend bool) (changed bool, err error) {
	err = k.onAccount(ctx, name, func(tx *store.Store, a person.Account) error {
		if changed = a.Suspended() != suspend; !changed {
			return nil
		}
		action, err := "unsuspend", error(nil)
		if suspend {
			action, err = "suspend", tx.Suspend(ctx, a.ID, k.Now())
		} else {
			err = tx.Unsuspend(ctx, a.ID)
		}
		if err != nil {
			return err
		}
		return k.audit(ctx, tx, action, a.Name, map[string]any{"suspended": !suspend}, map[string]any{"suspended": suspend})
	})
	return changed, err
}

// onAccount calls fn with somebody's account, in a transaction.
func (k Keeper) onAccount(ctx context.Context, name string, fn func(tx *store.Store, a person.Account) error) error {
	return k.change(ctx, func(tx *store.Store) error {
		a, err := tx.Account(ctx, name)
		if err != nil {
			return err
		}
		return fn(tx, a)
	})
}

func (k Keeper) change(ctx context.Context, fn func(tx *store.Store) error) error {
	return k.read(ctx, func(st *store.Store) error { return st.InTx(ctx, fn) })
}

func (k Keeper) audit(ctx context.Context, tx *store.Store, action, object string, before, after map[string]any) error {
	e := person.AuditEntry{At: k.Now().UTC(), Actor: cmp.Or(k.User, "command line"), Via: person.ViaCLI, Action: action, Object: object}
	for _, x := range []struct {
		from map[string]any
		to   *json.RawMessage
	}{{before, &e.Before}, {after, &e.After}} {
		if x.from != nil {
			*x.to, _ = json.Marshal(x.from) // strings and lists of them
		}
	}
	return tx.AddAudit(ctx, e)
}

// read calls fn with the portal's database: the one that was given, the private
// one of a portal that runs, or the private one started for the moment. An empty
// database gets its schema.
func (k Keeper) read(ctx context.Context, fn func(st *store.Store) error) error {
	s := k.Settings
	if s.DatabaseURL == "" {
		// To look for a cluster is harmless; what is wrong with it, open says.
		if sight, err := postgres.Look(ctx, filepath.Join(s.DataDir, "postgres")); err == nil && sight.Running {
			s.DatabaseURL = sight.URL
		}
	}
	return onceOpen(ctx, s, k.Log, func(d *database) error {
		list, err := store.MigrationStatus(ctx, d.pool)
		if err != nil {
			return err
		}
		switch missing := pending(list); {
		case len(missing) == len(list):
			err = store.Migrate(ctx, d.pool)
		case len(missing) > 0:
			err = fault.New(fault.Conflict, "The database's schema is older than this program; run hackfest migrate first.")
		}
		if err != nil {
			return err
		}
		return fn(d.store)
	})
}

// UserOf is who runs this process, as far as the machine says.
func UserOf() string {
	return cmp.Or(os.Getenv("SUDO_USER"), os.Getenv("USER"), os.Getenv("LOGNAME"))
}
