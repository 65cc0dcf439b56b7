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

// seriesChecklist stands before the slug of a series in the address of its
// checklist where a target has the same slug.
const seriesChecklist = "series:"

// sessionChecklist stands before the slug of a session in the address of its own
// checklist.
const sessionChecklist = "session:"

// listedAt is SQL for the last part of the address of the checklist that item i is
// on, with its target t, series r and session x.
const listedAt = `
	case i.scope
		when 'all' then 'all'
		when 'target' then t.slug
		when 'series' then case when r.slug = 'all' or exists (select 1 from targets o where o.slug = r.slug) then 'series:' else '' end || r.slug
		else 'session:' || x.slug
	end`

// overAt is SQL for when session s is over: at its planned end, or when its last
// meeting ended before that.
const overAt = `least(s.ends_at, coalesce((select max(m.ended_at) from meetings m where m.session_id = s.id and s.running = 0), s.ends_at))`

// inUse is SQL for items i that session s has: those that there were before its
// end and that were neither retired before its start nor replaced before its end.
const inUse = `(i.created_at < ` + overAt + ` and (i.retired_at is null or i.retired_at > s.starts_at)
			and not exists (select 1 from checklist_items n where n.id = i.replaced_by and n.created_at < ` + overAt + `)
			and (i.scope = 'all' and s.kind = 'hackfest' or i.target_id = s.target_id or i.series_id = s.series_id or i.session_id = s.id))`

// fromCheckItems is SQL for items i with what their checklists are for.
const fromCheckItems = `
		from checklist_items i
		left join targets t on t.id = i.target_id
		left join series r on r.id = i.series_id
		left join channels rc on rc.id = r.channel_id
		left join sessions x on x.id = i.session_id
		left join channels xc on xc.id = x.channel_id`

// seenCheck is SQL for those of fromCheckItems that the viewer may see: an item is
// as hidden as the series or session it is for.
const seenCheck = `i.redacted_at is null
		  and (@members or ((r.id is null or (r.visibility = 'public' and rc.visibility = 'public'))
			and (x.id is null or (x.visibility = 'public' and xc.visibility = 'public'))))`

// selectCheckItems is the head of every query for items of checklists. The lesson
// behind one is told when it is published; its session and line to those who may
// see them.
const selectCheckItems = `
		select i.id, i.scope, coalesce(t.slug, r.slug, x.slug, '') as slug, ` + listedAt + ` as path, coalesce(t.name, r.title, x.title, '') as title,
			i.text, i.advice, i.mandatory, i.automatic, i.revision, i.created_at, i.retired_at,
			coalesce(l.id, 0) as lesson_id, coalesce(l.text, '') as lesson_text, coalesce(l.kind, '') as lesson_kind, l.retired_at is not null as lesson_retired,
			ln.ref as line_ref, coalesce(seen.slug, '') as session_slug, seen.starts_at as session_at` + fromCheckItems + `
		left join lessons l on l.id = i.lesson_id and l.published_at is not null and l.redacted_at is null
		left join lateral (
			select o.slug, o.starts_at
			from sessions o join channels c on c.id = o.channel_id
			where o.id = l.session_id and (@members or (o.visibility = 'public' and c.visibility = 'public'))) seen on true
		left join lateral (
			select n.ref
			from lines n join channels c on c.id = n.channel_id
			where n.ref = l.line_ref and n.redacted_at is null and (@members or (not n.members_only and c.visibility = 'public'))) ln on true
		where ` + seenCheck

// inOrder sorts items of several checklists: what is for all comes first.
const inOrder = ` order by array_position(array['all', 'series', 'target', 'session'], i.scope), i.position, i.id`

func scanCheckItem(row pgx.CollectableRow) (hackfest.CheckItem, error) {
	var i hackfest.CheckItem
	var automatic *hackfest.Check
	var retired, sessionAt *time.Time
	err := row.Scan(&i.ID, &i.List.Scope, &i.List.Slug, &i.ListPath, &i.ListTitle, &i.Text, &i.Advice, &i.Mandatory, &automatic, &i.Revision,
		&i.CreatedAt, &retired, &i.LessonID, &i.LessonText, &i.LessonKind, &i.LessonRetired, &i.LineRef, &i.SessionSlug, &sessionAt)
	i.Check, i.CreatedAt, i.RetiredAt, i.SessionAt = automatic, i.CreatedAt.UTC(), orZero(retired), orZero(sessionAt)
	return i, err
}

// Checklists lists the checklist for all hackfests, and those of targets and
// series that have anything on them.
func (s *Store) Checklists(ctx context.Context, v person.Viewer) ([]hackfest.Checklist, error) {
	const q = `
		select i.scope, coalesce(t.slug, r.slug, '') as slug, ` + listedAt + ` as path, coalesce(t.name, r.title, '') as title,
			count(*) filter (where i.retired_at is null)::int as items,
			count(*) filter (where i.retired_at is null and exists (
				select 1 from check_ticks k where k.item_id = i.id and k.caught_at is not null))::int as caught,
			max(coalesce(i.retired_at, i.created_at)) as changed
		from checklist_items i
		left join targets t on t.id = i.target_id
		left join series r on r.id = i.series_id
		left join channels c on c.id = r.channel_id
		left join sessions x on x.id = i.session_id
		where (x.id is null or @members) and i.scope <> 'session' and i.redacted_at is null
		  and (r.id is null or @members or (r.visibility = 'public' and c.visibility = 'public'))
		group by 1, 2, 3, 4
		order by i.scope <> 'all', lower(coalesce(t.name, r.title, '')), 2`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hackfest.Checklist, error) {
		var l hackfest.Checklist
		err := row.Scan(&l.Scope, &l.Slug, &l.Path, &l.Title, &l.Items, &l.Caught, &l.Changed)
		l.Changed = l.Changed.UTC()
		return l, err
	})
	if err != nil {
		return nil, classify(err, "checklist")
	}
	if len(list) == 0 || list[0].Scope != hackfest.ChecklistAll {
		list = append([]hackfest.Checklist{{ChecklistKey: hackfest.ChecklistKey{Scope: hackfest.ChecklistAll}, Path: hackfest.ChecklistSlug}}, list...)
	}
	return list, nil
}

// Checklist returns the checklist at the address path, or fault.NotFound: that of
// all hackfests, of the target with that slug, now or once, or of the series. It
// may be empty. Its Path is where it is now.
func (s *Store) Checklist(ctx context.Context, v person.Viewer, path string) (hackfest.Checklist, error) {
	const q = `
		select x.scope, x.slug, x.path, x.title
		from (
			select 1 as rank, 'target' as scope, t.slug, t.slug as path, t.name as title
			from targets t
			where not @series and not @session and t.removed_at is null
			  and (t.slug = @slug or t.id = (select f.target_id from target_slugs f where f.slug = @slug))
			union all
			select 2, 'series', r.slug,
				case when r.slug = 'all' or exists (select 1 from targets o where o.slug = r.slug) then 'series:' else '' end || r.slug, r.title
			from series r join channels c on c.id = r.channel_id
			where not @session and r.slug = @slug and (@members or (r.visibility = 'public' and c.visibility = 'public'))
			union all
			select 3, 'session', s.slug, 'session:' || s.slug, s.title
			from sessions s join channels c on c.id = s.channel_id
			where @session and s.slug = @slug and (@members or (s.visibility = 'public' and c.visibility = 'public'))) x
		order by x.rank, x.slug <> @slug
		limit 1`
	if path == hackfest.ChecklistSlug {
		return hackfest.Checklist{ChecklistKey: hackfest.ChecklistKey{Scope: hackfest.ChecklistAll}, Path: path}, nil
	}
	slug, session := strings.CutPrefix(path, sessionChecklist)
	slug, series := strings.CutPrefix(slug, seriesChecklist)
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "series": series, "session": session, "members": v.SeesMembersOnly()})
	l, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (hackfest.Checklist, error) {
		var l hackfest.Checklist
		return l, row.Scan(&l.Scope, &l.Slug, &l.Path, &l.Title)
	})
	return l, classify(err, "checklist")
}

// RelationToChecklist says how v stands to the checklist at the address path: one
// of a target is chaired by who chairs a session on it. A checklist that v may not
// see is fault.NotFound.
func (s *Store) RelationToChecklist(ctx context.Context, v person.Viewer, path string) (person.Object, error) {
	const q = `
		select exists (
			select 1 from sessions s join chairs h on h.session_id = s.id or h.series_id = s.series_id
			where h.person_id = @person and s.target_id = (select t.id from targets t where t.slug = @slug)
			  and (@members or s.visibility = 'public'))`
	l, err := s.Checklist(ctx, v, path)
	switch {
	case err != nil || l.Scope == hackfest.ChecklistAll:
		return person.Object{}, err
	case l.Scope == hackfest.ChecklistSeries:
		return s.RelationToSeries(ctx, v, l.Slug)
	case l.Scope == hackfest.ChecklistSession:
		return s.RelationToSession(ctx, v, l.Slug)
	}
	return s.relate(ctx, q, "checklist", pgx.NamedArgs{"slug": l.Slug}, v)
}

// CheckItems returns what is on a checklist, in its order, or what was retired
// from it, the last first.
func (s *Store) CheckItems(ctx context.Context, v person.Viewer, k hackfest.ChecklistKey, retired bool) ([]hackfest.CheckItem, error) {
	const q = selectCheckItems + `
		  and i.scope = @scope and coalesce(t.slug, r.slug, x.slug, '') = @slug and i.replaced_by is null and (i.retired_at is not null) = @retired
		order by i.retired_at desc nulls first, i.position, i.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"scope": k.Scope, "slug": k.Slug, "retired": retired, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanCheckItem)
	return list, classify(err, "checklist item")
}

// CheckItem returns one item, retired or not, or fault.NotFound. One that was
// replaced is not found: what is in its place is another.
func (s *Store) CheckItem(ctx context.Context, v person.Viewer, id hackfest.CheckItemID) (hackfest.CheckItem, error) {
	const q = selectCheckItems + ` and i.id = @id and i.replaced_by is null`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly()})
	i, err := pgx.CollectExactlyOneRow(rows, scanCheckItem)
	return i, classify(err, "checklist item")
}

// SessionChecks returns what is on the checklist of a session, in order: what is
// for all hackfests, for its series, for its target and for itself.
func (s *Store) SessionChecks(ctx context.Context, v person.Viewer, id hackfest.SessionID) ([]hackfest.CheckItem, error) {
	const q = selectCheckItems + `
		  and exists (
			select 1 from sessions s join channels c on c.id = s.channel_id
			where s.id = @session and (@members or (s.visibility = 'public' and c.visibility = 'public')) and ` + inUse + `)` + inOrder
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanCheckItem)
	return list, classify(err, "checklist item")
}

// Inheriting lists the sessions that an item on checklist k, made now, would be
// on: those to come, soonest first, at most limit.
func (s *Store) Inheriting(ctx context.Context, v person.Viewer, k hackfest.ChecklistKey, now time.Time, limit int) ([]hackfest.Session, error) {
	const q = selectSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public'))
		  and s.starts_at > @back and s.ends_at > @now and s.state <> 'cancelled' and s.held = 0
		  and (@scope = 'all' and s.kind = 'hackfest' or @scope = 'target' and t.slug = @slug or @scope = 'series' and r.slug = @slug
			or @scope = 'session' and s.slug = @slug)
		order by s.starts_at, s.id
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"scope": k.Scope, "slug": k.Slug, "now": now, "back": now.Add(-longestSession), "limit": limit, "members": v.SeesMembersOnly(),
	})
	list, err := pgx.CollectRows(rows, scanSession)
	return list, classify(err, "session")
}

// CheckUse says of items how they were used: in how many sessions they caught
// something, and how many were held since they last were of any use.
func (s *Store) CheckUse(ctx context.Context, v person.Viewer, items []hackfest.CheckItem, now time.Time) error {
	const q = `
		select i.id, used.caught::int, idle.sessions::int
		from checklist_items i
		cross join lateral (
			select count(distinct k.session_id) filter (where k.caught_at is not null) as caught,
				max(u.starts_at) filter (where k.via = 'hand' or k.caught_at is not null) as last
			from check_ticks k join sessions u on u.id = k.session_id
			where k.item_id = i.id) used
		cross join lateral (
			select count(*) as sessions
			from (
				select 1
				from sessions s join channels c on c.id = s.channel_id
				where s.held > 0 and s.state <> 'cancelled' and s.ends_at <= @now and s.ends_at > i.created_at
				  and (used.last is null or s.starts_at > used.last) and (i.kept_at is null or s.starts_at > i.kept_at)
				  and (@members or (s.visibility = 'public' and c.visibility = 'public')) and ` + inUse + `
				limit @enough) few) idle
		where i.id = any(@ids)`
	ids := make([]hackfest.CheckItemID, len(items))
	at := map[hackfest.CheckItemID]*hackfest.CheckItem{}
	for n := range items {
		ids[n], at[items[n].ID] = items[n].ID, &items[n]
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ids": ids, "now": now, "enough": hackfest.StaleAfter, "members": v.SeesMembersOnly()})
	var id hackfest.CheckItemID
	var caught, unused int
	_, err := pgx.ForEachRow(rows, []any{&id, &caught, &unused}, func() error {
		at[id].Caught, at[id].Unused = caught, unused
		return nil
	})
	return classify(err, "checklist item")
}

// StaleChecks lists the items in use that ask to be retired.
func (s *Store) StaleChecks(ctx context.Context, v person.Viewer, now time.Time) ([]hackfest.CheckItem, error) {
	const q = selectCheckItems + ` and i.scope <> 'session' and i.retired_at is null` + inOrder
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanCheckItem)
	if err != nil {
		return nil, classify(err, "checklist item")
	}
	if err := s.CheckUse(ctx, v, list, now); err != nil {
		return nil, err
	}
	var stale []hackfest.CheckItem
	for _, i := range list {
		if i.Stale() {
			stale = append(stale, i)
		}
	}
	return stale, nil
}

var (
	errCheckMoved = fault.New(fault.Conflict, "Somebody changed this item of the checklist first.")
	errCheckFull  = &fault.Error{Kind: fault.Invalid, Field: "text", Message: "This checklist has 50 items already. Retire one first."}
)
