package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// AskRemoval keeps that somebody wants a line to be removed. It is
// fault.Conflict when somebody has asked for the same line and waits.
func (s *Store) AskRemoval(ctx context.Context, r hackfest.RemovalRequest, now time.Time) (hackfest.RemovalRequestID, error) {
	const q = `
		insert into removal_requests (line_ref, channel_id, person_id, why, contact, made_at)
		select l.ref, l.channel_id, nullif(@person::bigint, 0), @why, @contact, @now
		from lines l where l.ref = @line
		on conflict (line_ref) where state = 'open' do nothing
		returning id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"line": r.Line, "person": r.PersonID, "why": clean(r.Why), "contact": clean(r.Contact), "now": now,
	})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.RemovalRequestID])
	if err != nil {
		return 0, classify(err, "request")
	}
	if len(ids) == 0 {
		return 0, fault.New(fault.Conflict, "Somebody has asked for this line already. A maintainer will look at it.")
	}
	return ids[0], nil
}

// selectRequests is the head of the queries for requests that wait.
const selectRequests = `
		select q.id, q.line_ref as line, coalesce(q.person_id, 0) as person_id, coalesce(p.name, '') as name, q.why, q.contact, q.made_at,
			w.name as network, c.name as channel, c.folded as path, l.at as line_at, l.nick,
			case when l.redacted_at is null then l.text else '' end as text, l.redacted_at is not null as redacted
		from removal_requests q
		join lines l on l.ref = q.line_ref
		join channels c on c.id = q.channel_id
		join networks w on w.id = c.network_id
		left join people p on p.id = q.person_id
		where q.state = 'open' and (@members or (not l.members_only and c.visibility = 'public'))`

func scanRequest(row pgx.CollectableRow) (hackfest.RemovalRequest, error) {
	r, err := pgx.RowToStructByName[hackfest.RemovalRequest](row)
	r.MadeAt, r.LineAt, r.Path = r.MadeAt.UTC(), r.LineAt.UTC(), irctext.ChannelPath(r.Path)
	return r, err
}

// RemovalRequests lists the requests that wait, oldest first.
func (s *Store) RemovalRequests(ctx context.Context, v person.Viewer, most int) ([]hackfest.RemovalRequest, error) {
	const q = selectRequests + ` order by q.id limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "limit": limit(most)})
	list, err := pgx.CollectRows(rows, scanRequest)
	return list, classify(err, "request")
}

// RemovalRequest returns a request that waits, or fault.NotFound.
func (s *Store) RemovalRequest(ctx context.Context, v person.Viewer, id hackfest.RemovalRequestID) (hackfest.RemovalRequest, error) {
	const q = selectRequests + ` and q.id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "id": id})
	r, err := pgx.CollectExactlyOneRow(rows, scanRequest)
	return r, classify(err, "request")
}

// GrantRemovals settles the requests for lines that a redaction hides.
func (s *Store) GrantRemovals(ctx context.Context, r hackfest.Redaction) error {
	const q = `
		update removal_requests q
		set state = 'granted', settled_at = @at, settled_by = @by, redaction_id = @id
		where q.state = 'open' and q.line_ref in (select d.ref from redacted d where d.redaction_id = @id)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": r.ID, "at": r.At, "by": clean(r.Actor)})
	return classify(err, "request")
}

// RefuseRemoval settles a request with a note why. One that was settled
// meanwhile is fault.Conflict.
func (s *Store) RefuseRemoval(ctx context.Context, id hackfest.RemovalRequestID, by, note string, now time.Time) error {
	const q = `
		update removal_requests
		set state = 'refused', settled_at = @now, settled_by = @by, note = @note
		where id = @id and state = 'open'`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "by": clean(by), "note": clean(note), "now": now})
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.Conflict, "Somebody has settled this request already.")
	}
	return classify(err, "request")
}

// ReopenRemoval takes a refusal back.
func (s *Store) ReopenRemoval(ctx context.Context, id hackfest.RemovalRequestID, now time.Time) error {
	const q = `
		update removal_requests
		set state = 'open', settled_at = null, settled_by = '', note = ''
		where id = @id and state = 'refused' and settled_at > @since`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "since": now.Add(-hackfest.UndoTime)})
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "There is no such refusal, or its ten minutes are over.")
	}
	return classify(err, "request")
}

// reopenRequests makes requests that a redaction granted wait again.
func (s *Store) reopenRequests(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update removal_requests q
		set state = 'open', settled_at = null, settled_by = '', redaction_id = null
		where q.redaction_id = @id and not exists (
			select 1 from removal_requests o where o.line_ref = q.line_ref and o.state = 'open')`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "request")
}

// wipeRequests empties why people wanted a line to be removed: it may quote it.
func (s *Store) wipeRequests(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update removal_requests q
		set why = ''
		from redacted d
		where d.redaction_id = @id and d.n = 0 and q.line_ref = d.ref`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "request")
}

// ForgetRequests empties what people wrote with requests that were settled
// before the given time.
func (s *Store) ForgetRequests(ctx context.Context, before time.Time) error {
	const q = `
		update removal_requests set why = '', contact = ''
		where state <> 'open' and settled_at < @before and (why <> '' or contact <> '')`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"before": before})
	return classify(err, "request")
}
