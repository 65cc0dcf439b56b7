package app

import (
	"context"

	"github.com/eucalyptus/hackfest/internal/export"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
)

// Export writes the whole community into a folder. That it was done is in the
// audit log.
func (k Keeper) Export(ctx context.Context, o export.Options) (m export.Manifest, err error) {
	o.Now = k.Now()
	err = k.read(ctx, func(st *store.Store) error {
		if m, err = export.Write(ctx, st, o); err != nil {
			return err
		}
		return k.audit(ctx, st, "export", o.Dir, nil, map[string]any{"private": o.Private})
	})
	return m, err
}

// ImportExport brings the export in dir into the portal, which has to be empty.
func (k Keeper) ImportExport(ctx context.Context, dir string, progress func(step string, done, all int64)) (m export.Manifest, err error) {
	err = k.read(ctx, func(st *store.Store) error {
		m, err = export.Read(ctx, st, dir, progress)
		if fault.KindOf(err) == fault.Conflict {
			return fault.New(fault.Conflict, "%s Give it a new database: create one and set DATABASE_URL, or set HACKFEST_DATA_DIR to a new folder.", fault.Message(err))
		}
		if err != nil {
			return err
		}
		return k.audit(ctx, st, "import export", dir, nil, nil)
	})
	return m, err
}
