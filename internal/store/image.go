package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// selectImages is the head of every query for images.
const selectImages = `
		select i.id, i.slug, i.name, i.distribution, i.release, i.architecture, i.login, i.retired_at, i.revision, i.created_at,
			array(select d.cloud from image_ids d where d.image_id = i.id order by d.cloud) as clouds,
			array(select d.id from image_ids d where d.image_id = i.id order by d.cloud) as ids
		from images i`

func scanImage(row pgx.CollectableRow) (hackfest.Image, error) {
	var i hackfest.Image
	var retired *time.Time
	var clouds, ids []string
	err := row.Scan(&i.ID, &i.Slug, &i.Name, &i.Distribution, &i.Release, &i.Architecture, &i.Login, &retired, &i.Revision, &i.CreatedAt, &clouds, &ids)
	i.RetiredAt, i.CreatedAt = orZero(retired), i.CreatedAt.UTC()
	for n := range clouds {
		i.IDs = append(i.IDs, hackfest.ImageID{Cloud: clouds[n], ID: ids[n]})
	}
	return i, err
}

// Images returns all images, by distribution and release, the newest release
// first; those that were retired come last.
func (s *Store) Images(ctx context.Context) ([]hackfest.Image, error) {
	const q = selectImages + ` order by i.retired_at is not null, i.distribution, i.name, i.id`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, scanImage)
	slices.SortStableFunc(list, func(a, b hackfest.Image) int {
		if a.RetiredAt.IsZero() != b.RetiredAt.IsZero() || a.Distribution != b.Distribution {
			return 0 // as they are
		}
		return hackfest.CompareReleases(b.Release, a.Release)
	})
	return list, classify(err, "image")
}

// Image returns the image with this slug, or fault.NotFound.
func (s *Store) Image(ctx context.Context, slug string) (hackfest.Image, error) {
	const q = selectImages + ` where i.slug = @slug`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug})
	i, err := pgx.CollectExactlyOneRow(rows, scanImage)
	return i, classify(err, "image")
}

// AddImage stores a new image and returns its slug, which is made from its name.
// What Tidy refuses is fault.Invalid, a name that is there already fault.Conflict.
func (s *Store) AddImage(ctx context.Context, i hackfest.Image, now time.Time) (string, error) {
	const q = `
		insert into images (slug, name, distribution, release, architecture, login, created_at)
		values (@slug, @name, @distribution, @release, @architecture, @login, @now)
		on conflict do nothing
		returning id`
	i.Name = clean(i.Name)
	i, err := i.Tidy()
	if err != nil {
		return "", err
	}
	i.Slug = hackfest.Slug(i.Name)
	err = s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{
			"slug": i.Slug, "name": i.Name, "distribution": i.Distribution, "release": i.Release, "architecture": i.Architecture,
			"login": i.Login, "now": now,
		})
		id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.ImageNumber])
		if errors.Is(err, pgx.ErrNoRows) {
			return &fault.Error{Kind: fault.Conflict, Field: "name", Message: "There already is an image of that name."}
		}
		if err != nil {
			return classify(err, "image")
		}
		return tx.setImageIDs(ctx, id, i.IDs)
	})
	return i.Slug, err
}

// EditImage changes an image that nobody else has changed since i.Revision;
// otherwise it is fault.Conflict. Its slug stays. RetiredAt counts only as being
// zero or not.
func (s *Store) EditImage(ctx context.Context, i hackfest.Image, now time.Time) error {
	const q = `
		update images
		set name = @name, distribution = @distribution, release = @release, architecture = @architecture, login = @login,
			retired_at = case when @retired then coalesce(retired_at, @now) end, revision = revision + 1
		where id = @id and revision = @revision`
	i.Name = clean(i.Name)
	i, err := i.Tidy()
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *Store) error {
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{
			"id": i.ID, "revision": i.Revision, "name": i.Name, "distribution": i.Distribution, "release": i.Release,
			"architecture": i.Architecture, "login": i.Login, "retired": !i.RetiredAt.IsZero(), "now": now,
		})
		if err != nil {
			return classify(err, "image")
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "Somebody changed this image first.")
		}
		return tx.setImageIDs(ctx, i.ID, i.IDs)
	})
}

// setImageIDs keeps what an image is called in each cloud.
func (s *Store) setImageIDs(ctx context.Context, id hackfest.ImageNumber, list []hackfest.ImageID) error {
	const q = `
		insert into image_ids (image_id, cloud, id)
		select @id, x.cloud, x.id from unnest(@clouds::text[], @ids::text[]) x (cloud, id)`
	if err := s.dropImageIDs(ctx, id); err != nil {
		return err
	}
	clouds, ids := make([]string, len(list)), make([]string, len(list))
	for n, x := range list {
		clouds[n], ids[n] = clean(x.Cloud), x.ID
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "clouds": clouds, "ids": ids})
	return classify(err, "image")
}

func (s *Store) dropImageIDs(ctx context.Context, id hackfest.ImageNumber) error {
	const q = `delete from image_ids where image_id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id})
	return classify(err, "image")
}
