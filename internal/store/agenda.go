package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// agendaText is what agenda item g says; that of an action that returned is the
// item i that noted it.
const agendaText = `case when g.action_ref is null then g.text else concat_ws(': ', g.text, nullif(i.text, '')) end`

// selectAgenda is the head of every query for agenda items that are shown. An
// item is as hidden as its session; where it came from and went is told to those
// who may see that session.
const selectAgenda = `
		select g.id, g.session_id, ` + agendaText + ` as text, g.state, g.revision, coalesce(f.slug, '') as "from", coalesce(f.title, '') as from_title,
			coalesce(o.slug, '') as "to", coalesce(o.title, '') as to_title, g.taken_ref as topic, g.action_ref, g.action_n, g.changed_ref
		from agenda_items g
		join sessions s on s.id = g.session_id
		join channels c on c.id = s.channel_id
		left join items i on i.ref = g.action_ref and i.n = g.action_n
		left join lateral (
			select x.slug, x.title from agenda_items e join sessions x on x.id = e.session_id join channels xc on xc.id = x.channel_id
			where e.id = g.carried_from and (@members or (x.visibility = 'public' and xc.visibility = 'public'))) f on true
		left join lateral (
			select x.slug, x.title from agenda_items e join sessions x on x.id = e.session_id join channels xc on xc.id = x.channel_id
			where e.carried_from = g.id and (@members or (x.visibility = 'public' and xc.visibility = 'public'))) o on true
		where (@members or (s.visibility = 'public' and c.visibility = 'public'))`

func scanAgenda(row pgx.CollectableRow) (hackfest.AgendaItem, error) {
	var a hackfest.AgendaItem
	err := row.Scan(&a.ID, &a.SessionID, &a.Text, &a.State, &a.Revision, &a.From, &a.FromTitle, &a.To, &a.ToTitle,
		&a.Topic, &a.Action.Ref, &a.Action.N, &a.ChangedRef)
	return a, err
}

// Agenda returns the agenda of a session in order, dropped items last: a page
// shows those only to offer them back. Of a session that v may not see it is
// empty.
func (s *Store) Agenda(ctx context.Context, v person.Viewer, id hackfest.SessionID) ([]hackfest.AgendaItem, error) {
	const q = selectAgenda + ` and g.session_id = @session order by g.state = 'dropped', g.position, g.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanAgenda)
	return list, classify(err, "agenda item")
}

// AgendaItem returns one item, or fault.NotFound.
func (s *Store) AgendaItem(ctx context.Context, v person.Viewer, id hackfest.AgendaID) (hackfest.AgendaItem, error) {
	const q = selectAgenda + ` and g.id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly()})
	a, err := pgx.CollectExactlyOneRow(rows, scanAgenda)
	return a, classify(err, "agenda item")
}

// agendaChanges are the items of a meeting's session that lines after
// changedAfter changed.
func (s *Store) agendaChanges(ctx context.Context, v person.Viewer, meetingRef, changedAfter hackfest.Ref) ([]hackfest.AgendaItem, error) {
	const q = selectAgenda + `
		  and g.session_id = (select m.session_id from meetings m where m.ref = @meeting) and g.changed_ref > @after
		order by g.position, g.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"meeting": uuid(meetingRef), "after": uuid(changedAfter), "members": v.SeesMembersOnly(),
	})
	list, err := pgx.CollectRows(rows, scanAgenda)
	return list, classify(err, "agenda item")
}

var (
	errAgendaMoved = fault.New(fault.Conflict, "Somebody changed this agenda item first, or it became a topic.")
	errAgendaFull  = &fault.Error{Kind: fault.Invalid, Field: "text", Message: "This agenda has 50 items already. Drop one first."}
)

// AddAgendaItem puts text at the end of a session's agenda. What
// hackfest.AgendaText refuses, and an agenda that is full, is fault.Invalid.
func (s *Store) AddAgendaItem(ctx context.Context, session hackfest.SessionID, text string, now time.Time) (hackfest.AgendaID, error) {
	const q = `
		insert into agenda_items (session_id, position, text, created_at)
		select s.id, 1 + coalesce((select max(g.position) from agenda_items g where g.session_id = s.id), 0), @text, @now
		from sessions s
		where s.id = @session
		returning id`
	text, err := hackfest.AgendaText(clean(text))
	if err != nil {
		return 0, err
	}
	var id hackfest.AgendaID
	err = s.InTx(ctx, func(tx *Store) error {
		n, err := tx.lockAgenda(ctx, session)
		if err != nil {
			return err
		}
		if n >= hackfest.MaxAgenda {
			return errAgendaFull
		}
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"session": session, "text": text, "now": now})
		if id, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.AgendaID]); err != nil {
			return classify(err, "session")
		}
		return tx.notify(ctx, topicSessions)
	})
	return id, err
}

// lockAgenda makes the agenda of a session stay as it is for others until the
// end of the transaction, and returns how many items it has.
func (s *Store) lockAgenda(ctx context.Context, session hackfest.SessionID) (int, error) {
	const q = `
		select (select count(*) from agenda_items g where g.session_id = s.id and g.state <> 'dropped')
		from sessions s where s.id = @session for update of s`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": session})
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	return n, classify(err, "session")
}

// EditAgendaItem changes the text of an item that nobody else has changed since
// revision; otherwise it is fault.Conflict.
func (s *Store) EditAgendaItem(ctx context.Context, id hackfest.AgendaID, text string, revision int) error {
	const q = `
		update agenda_items set text = @text, revision = revision + 1
		where id = @id and revision = @revision and state in ('open', 'dropped')`
	text, err := hackfest.AgendaText(clean(text))
	if err != nil {
		return err
	}
	return s.changeAgenda(ctx, id, func(tx *Store) (int64, error) {
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "text": text, "revision": revision})
		return tag.RowsAffected(), err
	})
}

// DropAgendaItem takes an open item off the agenda; RestoreAgendaItem puts it
// back. Another state than that is fault.Conflict.
func (s *Store) DropAgendaItem(ctx context.Context, id hackfest.AgendaID) error {
	const q = `update agenda_items set state = 'dropped', revision = revision + 1 where id = @id and state = 'open'`
	return s.changeAgenda(ctx, id, func(tx *Store) (int64, error) {
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id})
		return tag.RowsAffected(), err
	})
}

// RestoreAgendaItem puts a dropped item back on the agenda, where it was.
func (s *Store) RestoreAgendaItem(ctx context.Context, id hackfest.AgendaID) error {
	const q = `update agenda_items set state = 'open', revision = revision + 1 where id = @id and state = 'dropped'`
	return s.changeAgenda(ctx, id, func(tx *Store) (int64, error) {
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id})
		return tag.RowsAffected(), err
	})
}

// MoveAgendaItem moves an open item up, before the open item above it, or down.
// At the end of the agenda it stays where it is.
func (s *Store) MoveAgendaItem(ctx context.Context, id hackfest.AgendaID, up bool) error {
	const q = `
		update agenda_items g
		set position = case when g.id = me.id then other.position else me.position end
		from agenda_items me
		cross join lateral (
			select o.id, o.position from agenda_items o
			where o.session_id = me.session_id and o.state = 'open' and case when @up then o.position < me.position else o.position > me.position end
			order by case when @up then -o.position else o.position end
			limit 1) other
		where me.id = @id and me.state = 'open' and g.id in (me.id, other.id)`
	return s.changeAgenda(ctx, id, func(tx *Store) (int64, error) {
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "up": up})
		return 1, err
	})
}

// changeAgenda runs fn on item id with its session's agenda locked. That fn
// found nothing to change is fault.Conflict, or fault.NotFound when there is no
// such item.
func (s *Store) changeAgenda(ctx context.Context, id hackfest.AgendaID, fn func(tx *Store) (int64, error)) error {
	const q = `select session_id from agenda_items where id = @id`
	return s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"id": id})
		session, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.SessionID])
		if err != nil {
			return classify(err, "agenda item")
		}
		if _, err := tx.lockAgenda(ctx, session); err != nil {
			return err
		}
		n, err := fn(tx)
		switch {
		case err != nil:
			return classify(err, "agenda item")
		case n == 0:
			return errAgendaMoved
		}
		return tx.notify(ctx, topicSessions)
	})
}

// agendaTaken notes that an item of the agenda became a topic, or no longer is.
// One that was carried over already, because the session's first meeting had
// ended, is taken off where it went.
func (r *recorder) agendaTaken(ctx context.Context, l hackfest.Line, e meeting.AgendaTaken) error {
	const q = `
		update agenda_items
		set state = case when @undone then 'open' else 'reached' end, taken_ref = case when @undone then null else @line::uuid end,
			changed_ref = @line, revision = revision + 1
		where id = @id`
	tag, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"id": e.ID, "undone": e.Undone, "line": l.Ref})
	if err != nil || tag.RowsAffected() == 0 { // it was deleted with its session
		return classify(err, "agenda item")
	}
	r.planned = true
	return r.takeBack(ctx, hackfest.AgendaID(e.ID))
}

func (r *recorder) takeBack(ctx context.Context, id hackfest.AgendaID) error {
	const q = `delete from agenda_items where carried_from = @id and state = 'open'`
	_, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id})
	return classify(err, "agenda item")
}
