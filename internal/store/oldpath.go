package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/archive"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// OldPlace is what an address of an archive that was brought in showed.
type OldPlace struct {
	Ref         hackfest.Ref // of the meeting
	Form        archive.Form
	SessionSlug string
}

// Log reports whether it was the log, rather than the minutes.
func (p OldPlace) Log() bool { return p.Form == archive.LogForm }

// OldPath finds what stood at path, decoded and with its slash at the beginning,
// in an archive that was brought in, or is fault.NotFound.
func (s *Store) OldPath(ctx context.Context, v person.Viewer, path string) (OldPlace, error) {
	const q = `
		select o.meeting_ref as ref, o.form, s.slug as session_slug
		from old_paths o
		join meetings m on m.ref = o.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where o.path = @path
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))`
	if !archive.Filed(path) {
		return OldPlace{}, fault.New(fault.NotFound, "There is no such page.") // without asking
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"path": clean(path), "members": v.SeesMembersOnly()})
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[OldPlace])
	return p, classify(err, "page")
}

// addOldPaths keeps where a meeting was to be found. What stood somewhere before
// stays there.
func (s *Store) addOldPaths(ctx context.Context, ref hackfest.Ref, paths []archive.OldPath, now time.Time) error {
	const q = `
		insert into old_paths (path, meeting_ref, form, created_at)
		select x.path, @ref, x.form, @now from unnest(@paths::text[], @forms::text[]) x (path, form)
		on conflict (path) do nothing`
	list, forms := make([]string, len(paths)), make([]string, len(paths))
	for i, p := range paths {
		list[i], forms[i] = clean(p.Path), string(p.Form)
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"ref": ref, "paths": list, "forms": forms, "now": now})
	return classify(err, "page")
}
