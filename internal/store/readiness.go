package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Readiness returns how those who come to a session are prepared for it. Of a
// session that v may not see it is empty.
func (s *Store) Readiness(ctx context.Context, v person.Viewer, id hackfest.SessionID) (hackfest.Readiness, error) {
	items, err := s.SessionChecks(ctx, v, id)
	if err != nil || len(items) == 0 {
		return hackfest.Readiness{}, err
	}
	people, err := s.attending(ctx, v, id)
	if err != nil {
		return hackfest.Readiness{}, err
	}
	ticks, err := s.ticksOf(ctx, v, id)
	return hackfest.ReadinessOf(items, people, ticks), err
}

// attending are those who said that they come to a session, as RSVP.Who.
func (s *Store) attending(ctx context.Context, v person.Viewer, id hackfest.SessionID) ([]string, error) {
	const q = `
		select a.who
		from session_answers a
		join sessions s on s.id = a.session_id
		join channels c on c.id = s.channel_id
		left join people p on p.id = a.person_id
		where a.session_id = @session and a.answer = 'coming' and p.suspended_at is null and (@members or (s.visibility = 'public' and c.visibility = 'public'))
		order by a.rsvp_id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return list, classify(err, "answer")
}

// ticksOf are the ticks for a session. Those of a person with an account count
// also for the answer that they gave under a nick which they had not proven then.
func (s *Store) ticksOf(ctx context.Context, v person.Viewer, id hackfest.SessionID) ([]hackfest.CheckTick, error) {
	const q = `
		select k.item_id as item, w.who, k.state, k.via, k.note, k.at
		from check_ticks k
		join sessions s on s.id = k.session_id
		join channels c on c.id = s.channel_id
		left join lateral (
			select o.who
			from session_answers o
			join identities d on d.person_id = k.person_id and d.kind = 'nick' and d.proven_at is not null and d.until is null and d.network = o.network
			where o.session_id = k.session_id and o.person_id is null
			  and o.who = 'nick/' || d.network || '/' || lower(translate(d.value, '[]\^', '{}|~'))
			  and not exists (select 1 from session_answers own where own.session_id = k.session_id and own.who = k.who)
			order by o.rsvp_id
			limit 1) a on true
		cross join lateral (select k.who union select a.who where a.who is not null) w
		where k.session_id = @session and (@members or (s.visibility = 'public' and c.visibility = 'public'))
		order by k.at, k.item_id, k.who`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hackfest.CheckTick, error) {
		t, err := pgx.RowToStructByName[hackfest.CheckTick](row)
		t.At = t.At.UTC()
		return t, err
	})
	return list, classify(err, "tick")
}

// TickChecks keeps how t stands with items of a session's checklist; what they
// said of an item before is replaced. An item that the session has not is
// fault.NotFound, and nothing is kept.
func (s *Store) TickChecks(ctx context.Context, session hackfest.SessionID, t hackfest.Ticker, ticks []hackfest.CheckTick) error {
	const q = `
		insert into check_ticks as k (session_id, item_id, person_id, nick_key, state, via, note, at, caught_at)
		select s.id, i.id, nullif(@person::bigint, 0), case when @person::bigint = 0 then @who else '' end, @state, @via, @note, @at,
			case when @state in ('aspirin', 'splint', 'dead') then @at::timestamptz end
		from checklist_items i, sessions s
		where i.id = @item and s.id = @session and i.redacted_at is null and ` + inUse + `
		on conflict (session_id, item_id, who) do update set
			state = excluded.state, via = excluded.via, note = excluded.note, at = excluded.at,
			caught_at = coalesce(k.caught_at, excluded.caught_at)`
	return s.InTx(ctx, func(tx *Store) error {
		for _, x := range ticks {
			x, err := x.Tidy()
			if err != nil {
				return err
			}
			tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{
				"session": session, "item": x.Item, "who": t.Who, "person": t.Person, "state": x.State, "via": x.Via, "note": clean(x.Note), "at": x.At,
			})
			if err != nil {
				return classify(err, "tick")
			}
			if tag.RowsAffected() == 0 {
				return fault.New(fault.NotFound, "There is no such item on the checklist of this session.")
			}
		}
		return tx.notify(ctx, topicSessions)
	})
}

// Untick forgets what t said of an item by hand or by a program.
func (s *Store) Untick(ctx context.Context, session hackfest.SessionID, t hackfest.Ticker, item hackfest.CheckItemID) error {
	const q = `delete from check_ticks where session_id = @session and item_id = @item and who = @who`
	return s.InTx(ctx, func(tx *Store) error {
		if _, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"session": session, "item": item, "who": t.Who}); err != nil {
			return classify(err, "tick")
		}
		return tx.notify(ctx, topicSessions)
	})
}

// maxMachine is how many characters of a machine's name are kept.
const maxMachine = 120

// AddPreflight keeps the report of a machine of t for a session, and says which of
// its results belong to no item of the session's checklist.
func (s *Store) AddPreflight(ctx context.Context, v person.Viewer, session hackfest.SessionID, t hackfest.Ticker, p hackfest.Preflight) (unknown []string, err error) {
	const q = `
		insert into preflights (session_id, person_id, nick_key, machine, at)
		select s.id, nullif(@person::bigint, 0), case when @person::bigint = 0 then @who else '' end, @machine, @at
		from sessions s join channels c on c.id = s.channel_id
		where s.id = @session and (@members or (s.visibility = 'public' and c.visibility = 'public'))
		on conflict (session_id, who) do update set machine = excluded.machine, at = excluded.at`
	err = s.InTx(ctx, func(tx *Store) error {
		items, err := tx.SessionChecks(ctx, v, session)
		if err != nil {
			return err
		}
		machine := []rune(clean(p.Machine))
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{
			"session": session, "who": t.Who, "person": t.Person, "machine": string(machine[:min(len(machine), maxMachine)]), "at": p.At,
			"members": v.SeesMembersOnly(),
		})
		if err != nil || tag.RowsAffected() == 0 {
			return orElse(classify(err, "report"), fault.New(fault.NotFound, "There is no such session."))
		}
		var ticks []hackfest.CheckTick
		ticks, unknown = p.Matches(items, t.Who)
		return tx.TickChecks(ctx, session, t, ticks)
	})
	return unknown, err
}

// Machines says which machine of whom was examined last for a session, by
// RSVP.Who.
func (s *Store) Machines(ctx context.Context, v person.Viewer, id hackfest.SessionID) (map[string]string, error) {
	const q = `
		select p.who, p.machine
		from preflights p
		join sessions s on s.id = p.session_id
		join channels c on c.id = s.channel_id
		where p.session_id = @session and (@members or (s.visibility = 'public' and c.visibility = 'public'))`
	list := map[string]string{}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id, "members": v.SeesMembersOnly()})
	var who, machine string
	_, err := pgx.ForEachRow(rows, []any{&who, &machine}, func() error {
		list[who] = machine
		return nil
	})
	return list, classify(err, "report")
}

// NextOfTarget returns the session on a target to prepare for: the one that runs
// or whose time it is, else the next that comes. Without any it is fault.NotFound.
// slug may be one that the target had before.
func (s *Store) NextOfTarget(ctx context.Context, v person.Viewer, slug string, now time.Time) (hackfest.Session, error) {
	const q = selectSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public'))
		  and (t.slug = @slug or t.id = (select o.target_id from target_slugs o where o.slug = @slug)) and s.state <> 'cancelled' and s.starts_at > @back and (s.running > 0 or s.held = 0 and s.ends_at > @now)
		order by s.running > 0 desc, s.state = 'proposed', s.starts_at, s.id
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "now": now, "back": now.Add(-longestSession), "members": v.SeesMembersOnly()})
	x, err := pgx.CollectExactlyOneRow(rows, scanSession)
	return x, classify(err, "session on this target")
}
