package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// spokenBy says whether line l on network w is by the person @person: who held
// its nick or account at its time, and had proven it.
const spokenBy = `exists (
				select 1 from identities d
				where d.person_id = @person and d.network = w.name and d.proven_at is not null
				  and (d.kind = 'nick' and lower(d.value) = lower(l.nick) or d.kind = 'account' and d.value = l.account)
				  and d.since <= l.at and (d.until is null or l.at < d.until))`

// AddPerson adds somebody with an account on the portal, who is not listed and
// has proven nothing yet. Names are unique in either case.
func (s *Store) AddPerson(ctx context.Context, name string, role person.Role, now time.Time) (person.ID, error) {
	const q = `insert into people (name, role, created_at) values (@name, @role, @now) returning id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"name": clean(name), "role": role, "now": now})
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[person.ID])
	return id, classify(err, "person")
}

// selectPeople is the head of every query for profiles: of who opted in.
const selectPeople = `
		select p.id, p.name, case when p.zone_shown then p.zone else '' end as zone, p.created_at as since,
			array(
				select distinct d.value from identities d
				where d.person_id = p.id and d.kind = 'nick' and d.until is null and d.proven_at is not null
				order by d.value) as nicks
		from people p
		where p.listed and not p.unnamed and p.suspended_at is null`

func scanProfile(row pgx.CollectableRow) (person.Profile, error) {
	p, err := pgx.RowToStructByName[person.Profile](row)
	p.Since = p.Since.UTC()
	return p, err
}

// People lists those who opted in to be shown, by name, after the given name;
// "" is the beginning. A limit of 0 is 100.
func (s *Store) People(ctx context.Context, after string, most int) ([]person.Profile, error) {
	const q = selectPeople + ` and lower(p.name) > lower(@after) order by lower(p.name) limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"after": after, "limit": limit(most)})
	list, err := pgx.CollectRows(rows, scanProfile)
	return list, classify(err, "person")
}

// Person returns who is called name, or has proven to be called so on IRC. Who
// did not opt in is fault.NotFound like nobody.
func (s *Store) Person(ctx context.Context, name string) (person.Profile, error) {
	const q = selectPeople + `
		  and (lower(p.name) = lower(@name) or exists (
			select 1 from identities d
			where d.person_id = p.id and d.kind = 'nick' and d.until is null and d.proven_at is not null
			  and lower(d.value) = lower(@name)))
		order by lower(p.name) = lower(@name) desc, p.id
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"name": name})
	p, err := pgx.CollectExactlyOneRow(rows, scanProfile)
	return p, classify(err, "person")
}

// ListedNicks says which of the given nicks of a network are those of people
// who opted in, and what those are called on /people.
func (s *Store) ListedNicks(ctx context.Context, network string, nicks []string) (map[string]string, error) {
	const q = `
		select x.nick, min(p.name)
		from unnest(@nicks::text[]) x (nick)
		join identities d on d.kind = 'nick' and d.network = @network and lower(d.value) = lower(x.nick)
			and d.until is null and d.proven_at is not null
		join people p on p.id = d.person_id and p.listed and not p.unnamed and p.suspended_at is null
		group by x.nick`
	names := map[string]string{}
	if len(nicks) == 0 {
		return names, nil
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": network, "nicks": nicks})
	var nick, name string
	_, err := pgx.ForEachRow(rows, []any{&nick, &name}, func() error {
		names[nick] = name
		return nil
	})
	return names, classify(err, "person")
}

// Attended lists the sessions in whose meetings a person spoke, the latest
// first. It goes by the minutes, so a meeting that runs does not count yet.
func (s *Store) Attended(ctx context.Context, v person.Viewer, id person.ID, most int) ([]hackfest.Session, error) {
	const q = selectSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public'))
		  and s.id in (
			select m.session_id
			from meetings m
			join channels mc on mc.id = m.channel_id
			join networks mw on mw.id = mc.network_id
			cross join lateral jsonb_to_recordset(m.draft->'present') y (nick text, account text, bot boolean)
			join identities d on d.person_id = @person and d.network = mw.name and d.proven_at is not null
				and (d.kind = 'nick' and lower(d.value) = lower(y.nick) or d.kind = 'account' and d.value = y.account)
				and d.since <= m.ended_at and (d.until is null or d.until > m.started_at)
			where not y.bot and (@members or (m.visibility = 'public' and mc.visibility = 'public'))
			  and m.ended_at >= (select min(e.since) from identities e where e.person_id = @person))
		order by s.starts_at desc, s.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "person": id, "limit": limit(most)})
	list, err := pgx.CollectRows(rows, scanSession)
	return list, classify(err, "session")
}
