package app

import (
	"context"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// adminViewer sees all there is, as who may run commands on the server does.
var adminViewer = person.Viewer{Role: person.Admin}

// AddRepository registers a repository on GitHub, and returns its name. A portal
// that runs asks GitHub about it within a minute or two.
func (k Keeper) AddRepository(ctx context.Context, name string, seen person.Visibility) (string, error) {
	name, err := hackfest.ParseRepository(name, k.Settings.GitHub.Web)
	if err != nil {
		return "", err
	}
	return name, k.change(ctx, func(tx *store.Store) error {
		is, err := tx.Repository(ctx, adminViewer, name)
		switch {
		case err == nil:
			return fault.New(fault.Conflict, "%s is registered already.", is.Name)
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
		if _, err := tx.AddRepository(ctx, name, seen, k.Now().UTC()); err != nil {
			return err
		}
		return k.audit(ctx, tx, "add repository", name, nil, map[string]any{"visibility": seen})
	})
}

// RemoveRepository takes a repository off, and returns its name. To add it again
// brings back what was known of it.
func (k Keeper) RemoveRepository(ctx context.Context, name string) (string, error) {
	name, err := hackfest.ParseRepository(name, k.Settings.GitHub.Web)
	if err != nil {
		return "", err
	}
	return name, k.change(ctx, func(tx *store.Store) error {
		is, err := tx.Repository(ctx, adminViewer, name)
		if fault.KindOf(err) == fault.NotFound {
			return fault.New(fault.NotFound, "%s is not registered; \"hackfest admin repository list\" says what is.", name)
		}
		if err != nil {
			return err
		}
		name = is.Name
		if err := tx.RemoveRepository(ctx, is.ID, k.Now().UTC()); err != nil {
			return err
		}
		return k.audit(ctx, tx, "remove repository", name, map[string]any{"visibility": is.Visibility}, nil)
	})
}

// Repositories lists all repositories by name.
func (k Keeper) Repositories(ctx context.Context) (list []hackfest.Repository, err error) {
	err = k.read(ctx, func(st *store.Store) error {
		list, err = st.Repositories(ctx, adminViewer)
		return err
	})
	return list, err
}
