package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// resultColumns are those of a result x of recipe r on image i, tried in session s
// by person p with version n.
const resultColumns = `x.id, r.slug as recipe, i.slug as image, i.name as image_name, coalesce(n.number, 0) as version, x.cloud, x.outcome,
			coalesce(x.minutes, -1) as minutes, x.note, x.at, coalesce(x.person_id, 0) as person_id,
			case when p.unnamed then '' else coalesce(p.name, '') end as who,
			coalesce(p.listed and not p.unnamed and p.suspended_at is null, false) as listed,
			coalesce(s.slug, '') as session, s.starts_at as session_at, coalesce(s.zone, '') as zone, x.removed_at`

// resultRows are the results that somebody may see: those of a session are there
// for those who may see that.
const resultRows = `
		from recipe_results x
		join recipes r on r.id = x.recipe_id
		join images i on i.id = x.image_id
		left join targets t on t.id = r.target_id
		left join people p on p.id = x.person_id
		left join recipe_versions n on n.id = x.version_id
		left join sessions s on s.id = x.session_id
		left join channels c on c.id = s.channel_id
		where (@members or s.id is null or (s.visibility = 'public' and c.visibility = 'public'))`

func scanResult(row pgx.CollectableRow) (hackfest.RecipeResult, error) {
	var x hackfest.RecipeResult
	return x, scanResultInto(row, &x)
}

func scanResultInto(row pgx.CollectableRow, x *hackfest.RecipeResult, more ...any) error {
	var sessionAt, removed *time.Time
	err := row.Scan(append([]any{
		&x.ID, &x.RecipeSlug, &x.ImageSlug, &x.ImageName, &x.Version, &x.Cloud, &x.Outcome, &x.Minutes, &x.Note, &x.At, &x.PersonID,
		&x.Who, &x.Listed, &x.SessionSlug, &sessionAt, &x.SessionZone, &removed,
	}, more...)...)
	x.At, x.SessionAt, x.RemovedAt = x.At.UTC(), orZero(sessionAt), orZero(removed)
	return err
}

// ResultFilter says which results to list. The zero value of a field does not
// restrict the list.
type ResultFilter struct {
	Recipe string // slug
	Target string // slug of the recipe's target
	Last   bool   // only the last of each recipe on each image
	Limit  int    // at most that many; 0 is 100
}

// Results returns what came of running recipes, the newest first.
func (s *Store) Results(ctx context.Context, v person.Viewer, f ResultFilter) ([]hackfest.RecipeResult, error) {
	const q = `
		with seen as (
			select ` + resultColumns + `,
				row_number() over (partition by x.recipe_id, x.image_id order by x.at desc, x.id desc) as nth` + resultRows + `
			  and x.removed_at is null and (@recipe = '' or r.slug = @recipe) and (@target = '' or t.slug = @target))
		select id, recipe, image, image_name, version, cloud, outcome, minutes, note, at, person_id, who, listed, session, session_at, zone, removed_at
		from seen
		where nth = 1 or not @last
		order by at desc, id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "recipe": f.Recipe, "target": f.Target, "last": f.Last, "limit": limit(f.Limit),
	})
	list, err := pgx.CollectRows(rows, scanResult)
	return list, classify(err, "result")
}

// Result returns one result, also one that was removed, or fault.NotFound.
func (s *Store) Result(ctx context.Context, v person.Viewer, id hackfest.ResultID) (hackfest.RecipeResult, error) {
	const q = `select ` + resultColumns + resultRows + ` and x.id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "id": id})
	x, err := pgx.CollectExactlyOneRow(rows, scanResult)
	return x, classify(err, "result")
}

// MatrixChanges returns what a session changed in the matrix: for each recipe and
// image that was tried in it the last result, and what stood there before.
func (s *Store) MatrixChanges(ctx context.Context, v person.Viewer, id hackfest.SessionID) ([]hackfest.MatrixChange, error) {
	const q = `
		select distinct on (r.slug, i.slug) ` + resultColumns + `,
			coalesce((select b.outcome from recipe_results b
				left join sessions bs on bs.id = b.session_id left join channels bc on bc.id = bs.channel_id
				where b.recipe_id = x.recipe_id and b.image_id = x.image_id and b.removed_at is null and b.session_id is distinct from x.session_id
				  and (b.at, b.id) < (x.at, x.id) and (@members or bs.id is null or (bs.visibility = 'public' and bc.visibility = 'public'))
				order by b.at desc, b.id desc limit 1), '') as before` + resultRows + `
		  and x.removed_at is null and x.session_id = @session
		order by r.slug, i.slug, x.at desc, x.id desc`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "session": id})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hackfest.MatrixChange, error) {
		var c hackfest.MatrixChange
		return c, scanResultInto(row, &c.RecipeResult, &c.Before)
	})
	return list, classify(err, "result")
}

// AddResult stores what came of running a recipe with the version that is in use,
// and returns its ID. What the same person sends again under the same key is the
// same result. What Tidy refuses is fault.Invalid; a recipe, an image or a session
// that v may not see or that is not there is too.
func (s *Store) AddResult(ctx context.Context, v person.Viewer, x hackfest.RecipeResult, now time.Time) (hackfest.ResultID, error) {
	const q = `
		insert into recipe_results (recipe_id, version_id, image_id, session_id, person_id, cloud, outcome, minutes, note, key, at, created_at)
		select r.id, (select n.id from recipe_versions n where n.recipe_id = r.id order by n.number desc limit 1), i.id, s.id,
			nullif(@person::bigint, 0), @cloud, @outcome, nullif(@minutes::int, -1), @note, @key, @at, @now
		from recipes r
		join images i on i.slug = @image
		left join (sessions s join channels c on c.id = s.channel_id)
			on s.slug = @session and (@members or (s.visibility = 'public' and c.visibility = 'public'))
		where r.slug = @recipe and (@session = '' or s.id is not null)
		on conflict (person_id, key) where key <> '' do nothing
		returning id`
	x.Cloud, x.Note = clean(x.Cloud), clean(x.Note)
	x, err := x.Tidy()
	if err != nil {
		return 0, err
	}
	if x.At.IsZero() {
		x.At = now
	}
	if x.At.After(now.Add(time.Minute)) {
		return 0, fault.On("at", "That is not over yet.")
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"recipe": x.RecipeSlug, "image": x.ImageSlug, "session": x.SessionSlug, "person": x.PersonID, "cloud": x.Cloud,
		"outcome": x.Outcome, "minutes": x.Minutes, "note": x.Note, "key": x.Key, "at": x.At, "now": now, "members": v.SeesMembersOnly(),
	})
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.ResultID])
	if errors.Is(err, pgx.ErrNoRows) {
		if id, err = s.resultOfKey(ctx, v, x); err == nil {
			return id, nil
		}
		return 0, s.whyNoResult(ctx, v, x)
	}
	return id, classify(err, "result")
}

// resultOfKey is the result that a person sent under a key before.
func (s *Store) resultOfKey(ctx context.Context, v person.Viewer, x hackfest.RecipeResult) (hackfest.ResultID, error) {
	const q = `
		select x.id from recipe_results x left join sessions s on s.id = x.session_id left join channels c on c.id = s.channel_id
		where x.person_id = @person and x.key = @key and @key <> '' and (@members or s.id is null or (s.visibility = 'public' and c.visibility = 'public'))`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": x.PersonID, "key": x.Key, "members": v.SeesMembersOnly()})
	return pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.ResultID])
}

// whyNoResult says which of the things that a result is about is not there.
func (s *Store) whyNoResult(ctx context.Context, v person.Viewer, x hackfest.RecipeResult) error {
	if _, err := s.Recipe(ctx, x.RecipeSlug); err != nil {
		return err
	}
	if _, err := s.Image(ctx, x.ImageSlug); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return fault.On("image", "Choose an image that is listed; images are named by their slug.")
		}
		return err
	}
	if _, err := s.Session(ctx, v, x.SessionSlug); fault.KindOf(err) != fault.NotFound && err != nil {
		return err
	}
	return fault.On("session", "There is no session of that name.")
}

// RemoveResult takes a result out of all lists, or with undo puts it back. One
// that is as asked already is fault.Conflict.
func (s *Store) RemoveResult(ctx context.Context, id hackfest.ResultID, undo bool, now time.Time) error {
	const q = `
		update recipe_results set removed_at = case when @undo then null else @now::timestamptz end
		where id = @id and (removed_at is not null) = @undo`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "undo": undo, "now": now})
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.Conflict, "Somebody did that already.")
	}
	return classify(err, "result")
}
