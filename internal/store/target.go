package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// selectTargets is the head of every query for targets that are shown.
const selectTargets = `
		select t.id, t.slug, t.name, t.stage, t.sentence, t.about, t.goal, t.project, coalesce(t.owner_id, 0) as owner_id,
			coalesce(o.name, '') as owner, coalesce(o.listed and not o.unnamed and o.left_at is null, false) as owner_listed, t.proposer, t.via,
			(select count(*) from target_backers b where b.target_id = t.id) as wanted, t.revision,
			t.staged_at, t.created_at, coalesce(t.changed_at, t.created_at) as changed_at
		from targets t
		left join people o on o.id = t.owner_id
		where t.removed_at is null and t.redacted_at is null`

func scanTarget(row pgx.CollectableRow) (hackfest.Target, error) {
	t, err := pgx.RowToStructByName[hackfest.Target](row)
	t.StagedAt, t.CreatedAt, t.ChangedAt = t.StagedAt.UTC(), t.CreatedAt.UTC(), t.ChangedAt.UTC()
	return t, err
}

// Targets returns all targets in the order of the board's columns, those that
// came to their stage last first.
func (s *Store) Targets(ctx context.Context) ([]hackfest.Target, error) {
	const q = selectTargets + ` order by t.staged_at desc, t.id`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, scanTarget)
	slices.SortStableFunc(list, func(a, b hackfest.Target) int {
		return slices.Index(hackfest.TargetStages, a.Stage) - slices.Index(hackfest.TargetStages, b.Stage)
	})
	return list, classify(err, "target")
}

// Target returns the target with this slug, or fault.NotFound.
func (s *Store) Target(ctx context.Context, slug string) (hackfest.Target, error) {
	const q = selectTargets + ` and t.slug = @slug`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug})
	t, err := pgx.CollectExactlyOneRow(rows, scanTarget)
	return t, classify(err, "target")
}

// TargetOf returns the slug of the target that was called slug before, or that
// became part of another, or fault.NotFound.
func (s *Store) TargetOf(ctx context.Context, slug string) (string, error) {
	const q = `
		select t.slug from target_slugs o join targets t on t.id = o.target_id
		where o.slug = @slug and t.removed_at is null and t.redacted_at is null`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug})
	now, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	return now, classify(err, "target")
}

// RelationToTarget says how v stands to a target: whether they look after it. One
// that does not exist is fault.NotFound, unless it is to be found elsewhere now.
func (s *Store) RelationToTarget(ctx context.Context, v person.Viewer, slug string) (person.Object, error) {
	const q = `
		select coalesce(t.owner_id, 0) from targets t
		where (t.slug = @slug or t.id = (select o.target_id from target_slugs o where o.slug = @slug))
		  and (t.removed_at is null or @removed) and t.redacted_at is null`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "removed": v.Role.AtLeast(person.Maintainer)})
	owner, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[person.ID])
	return person.Object{Owner: owner}, classify(err, "target")
}

// AddTarget stores a new target and returns its ID. t.ID and t.CreatedAt are
// ignored, as are its owner's name and who wants it; an empty slug is made from
// the name, no stage is an idea, and without StagedAt it came to its stage now. A
// slug that another target has or had is fault.Conflict.
func (s *Store) AddTarget(ctx context.Context, t hackfest.Target, now time.Time) (hackfest.TargetID, error) {
	const q = `
		insert into targets (slug, name, stage, sentence, about, goal, project, owner_id, proposer, via, staged_at, created_at)
		select @slug, @name, @stage, @sentence, @about, @goal, @project, nullif(@owner::bigint, 0), @proposer, @via, @staged, @now
		where not exists (select 1 from target_slugs o where o.slug = @slug)
		returning id`
	if t.Slug == "" {
		t.Slug = hackfest.Slug(t.Name)
	}
	if t.Stage == "" {
		t.Stage = hackfest.StageIdea
	}
	if t.Via == "" {
		t.Via = hackfest.TargetViaPortal
	}
	if t.StagedAt.IsZero() {
		t.StagedAt = now
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"slug": t.Slug, "name": clean(t.Name), "stage": t.Stage, "sentence": clean(t.Sentence), "about": clean(t.About),
		"goal": clean(t.Goal), "project": clean(t.Project), "owner": t.OwnerID, "proposer": clean(t.Proposer), "via": t.Via,
		"staged": t.StagedAt, "now": now,
	})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.TargetID])
	if err == nil && len(ids) == 0 {
		return 0, fault.New(fault.Conflict, "Another target was called %s before, and its address still leads there.", t.Slug)
	}
	if err != nil {
		return 0, classify(err, "target")
	}
	return ids[0], nil
}

// lockTarget returns a target that nobody else changes until the transaction
// ends.
func (s *Store) lockTarget(ctx context.Context, slug string) (hackfest.Target, error) {
	const q = `select t.id from targets t where t.slug = @slug for update`
	if _, err := s.db.Exec(ctx, q, pgx.NamedArgs{"slug": slug}); err != nil {
		return hackfest.Target{}, classify(err, "target")
	}
	return s.Target(ctx, slug)
}

// TargetEvents returns what happened to a target, newest first. A session that v
// may not see is left out of what it showed.
func (s *Store) TargetEvents(ctx context.Context, v person.Viewer, id hackfest.TargetID, most int) ([]hackfest.TargetEvent, error) {
	const q = `
		select e.at, e.deed, e.actor, e.from_stage as "from", e.to_stage as "to", coalesce(e.from_at, e.at) as from_at,
			coalesce(seen.slug, '') as session_slug,
			coalesce(seen.title, '') as session_title, coalesce(seen.starts_at, e.at) as session_at, e.note, e.overridden
		from target_events e
		left join lateral (
			select s.slug, s.title, s.starts_at
			from sessions s join channels c on c.id = s.channel_id
			where s.id = e.session_id and (@members or (s.visibility = 'public' and c.visibility = 'public'))) seen on true
		where e.target_id = @id
		order by e.at desc, e.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly(), "limit": limit(most)})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[hackfest.TargetEvent])
	for i := range list {
		list[i].At, list[i].FromAt, list[i].SessionAt = list[i].At.UTC(), list[i].FromAt.UTC(), list[i].SessionAt.UTC()
	}
	return list, classify(err, "target")
}

// AddTargetEvent notes what happened to a target, by whom: for what was told
// elsewhere, as by the sample community. The methods that change a target note it
// themselves.
func (s *Store) AddTargetEvent(ctx context.Context, id hackfest.TargetID, e hackfest.TargetEvent, by person.ID) error {
	const q = `
		insert into target_events (target_id, at, deed, person_id, actor, from_stage, to_stage, from_at, session_id, note, overridden)
		select @id, @at, @deed, nullif(@by::bigint, 0), @actor, @from, @to, @from_at, (select s.id from sessions s where s.slug = @session), @note, @over`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"id": id, "at": e.At, "deed": e.Deed, "by": by, "actor": clean(e.Actor), "from": e.From, "to": e.To, "session": e.SessionSlug,
		"note": clean(e.Note), "over": e.Overridden, "from_at": orNull(e.FromAt),
	})
	return classify(err, "target")
}

// TargetOutcome is what a session made of a target, as somebody said.
type TargetOutcome struct {
	Target, Session string // slugs
	Stage           hackfest.TargetStage
}

// TargetOutcomes lists the sessions that brought a target to a stage, of one
// target or of all with "". The last word on a session counts.
func (s *Store) TargetOutcomes(ctx context.Context, v person.Viewer, target string) ([]TargetOutcome, error) {
	const q = `
		select distinct on (e.target_id, e.session_id) t.slug as target, s.slug as session, e.to_stage as stage
		from target_events e
		join targets t on t.id = e.target_id
		join sessions s on s.id = e.session_id
		join channels c on c.id = s.channel_id
		where e.deed = 'staged' and (@target = '' or t.slug = @target) and (@members or (s.visibility = 'public' and c.visibility = 'public'))
		order by e.target_id, e.session_id, e.at desc, e.id desc`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"target": target, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[TargetOutcome])
	return list, classify(err, "target")
}

// TargetFacts are what the stages of a target depend on at now, as far as v may
// see its sessions: whoever may move it sees them all.
func (s *Store) TargetFacts(ctx context.Context, v person.Viewer, id hackfest.TargetID, now time.Time) (hackfest.TargetFacts, error) {
	const q = `
		select count(*) filter (where x.state <> 'cancelled' and x.state <> 'proposed' and (x.running > 0 or x.held = 0 and x.ends_at > @now)) as coming,
			count(*) filter (where x.state <> 'cancelled' and (x.held > 0 or x.state <> 'proposed' and x.starts_at <= @now)) as begun,
			count(*) filter (where x.state <> 'cancelled' and x.published) as published,
			(select count(*) from recipe_results y join recipes i on i.id = y.recipe_id
				where i.target_id = @id and y.outcome = 'works' and y.removed_at is null) as worked,
			(select count(*) from recipe_results y join recipes i on i.id = y.recipe_id
				where i.target_id = @id and y.outcome = 'notes' and y.removed_at is null) as noted
		from sessions x
		join channels c on c.id = x.channel_id
		where x.target_id = @id and (@members or (x.visibility = 'public' and c.visibility = 'public'))`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly(), "now": now})
	f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[hackfest.TargetFacts])
	return f, classify(err, "target")
}

// knowing is how many people a target's page names.
const knowing = 12

// TargetKnowers lists who has to do with a target and has a page: who looks after
// it, who spoke in its last sessions, who wrote or said a lesson about it. Those
// who left themselves out of who was at a meeting are left out here.
func (s *Store) TargetKnowers(ctx context.Context, v person.Viewer, id hackfest.TargetID) ([]hackfest.TargetKnower, error) {
	const q = `
		with lately as (
			select m.ref, m.started_at, m.ended_at, m.draft, w.name as network, s.id as session
			from meetings m
			join sessions s on s.id = m.session_id
			join channels c on c.id = m.channel_id
			join networks w on w.id = c.network_id
			where s.target_id = @id and m.ended_at is not null
			  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
			order by m.ref desc
			limit 40),
		spoke as (
			select d.person_id, count(distinct l.session) as sessions
			from lately l
			left join lateral (
				select u.minutes from minutes_revisions u where u.meeting_ref = l.ref order by u.number desc limit 1) u on true
			cross join lateral jsonb_array_elements(coalesce(u.minutes, l.draft) -> 'present') p
			join identities d on d.network = l.network and d.proven_at is not null and d.since <= l.ended_at
				and (d.until is null or d.until > l.started_at)
				and (d.kind = 'nick' and lower(d.value) = lower(p.value ->> 'nick') or d.kind = 'account' and d.value = p.value ->> 'account')
			where (p.value ->> 'lines')::int > 0 and not coalesce((p.value ->> 'bot')::boolean, false)
			group by d.person_id),
		taught as (
			select x.person, count(distinct x.id) as lessons
			from (
				select y.id, y.person_id as person from lessons y
				where y.target_id = @id and y.published_at is not null and y.redacted_at is null and y.person_id is not null
				union all
				select y.id, d.person_id
				from lessons y
				join lines l on l.ref = y.line_ref and l.redacted_at is null
				join channels c on c.id = l.channel_id
				join networks w on w.id = c.network_id
				join identities d on d.network = w.name and d.proven_at is not null and d.since <= l.at and (d.until is null or l.at < d.until)
					and (d.kind = 'nick' and lower(d.value) = lower(l.nick) or d.kind = 'account' and d.value = l.account)
				where y.target_id = @id and y.published_at is not null and y.redacted_at is null
				  and (@members or (not l.members_only and c.visibility = 'public'))) x
			group by x.person)
		select p.name, coalesce(p.id = t.owner_id, false) as owner, coalesce(k.sessions, 0) as sessions, coalesce(g.lessons, 0) as lessons
		from people p
		join targets t on t.id = @id
		left join spoke k on k.person_id = p.id
		left join taught g on g.person = p.id
		where p.listed and not p.unnamed and p.left_at is null and p.suspended_at is null
		  and (p.id = t.owner_id or k.sessions > 0 or g.lessons > 0)
		order by 2 desc, 3 desc, 4 desc, p.name
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly(), "limit": knowing})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[hackfest.TargetKnower])
	return list, classify(err, "person")
}
