package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// CarryOver puts what session from did not reach at the end of the agenda of
// session to, and returns how many items that were. An item goes on once: carried
// over again it does nothing, also when it was dropped there.
func (s *Store) CarryOver(ctx context.Context, from, to hackfest.SessionID, now time.Time) (int, error) {
	const q = `
		with moved as (
			insert into agenda_items (session_id, position, text, carried_from, action_ref, action_n, created_at)
			select @to, row_number() over (order by g.position, g.id)
					+ coalesce((select max(x.position) from agenda_items x where x.session_id = @to), 0),
				g.text, g.id, g.action_ref, g.action_n, @now
			from agenda_items g
			where g.session_id = @from and g.state = 'open'
			on conflict do nothing
			returning carried_from)
		update agenda_items g
		set state = 'carried'
		where g.session_id = @from and g.state = 'open'`
	if from == to {
		return 0, fault.New(fault.Invalid, "An agenda cannot be carried over to itself.")
	}
	var n int64
	err := s.InTx(ctx, func(tx *Store) error {
		for _, id := range []hackfest.SessionID{min(from, to), max(from, to)} { // always in this order, so that two never wait for each other
			if _, err := tx.lockAgenda(ctx, id); err != nil {
				return err
			}
		}
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"from": from, "to": to, "now": now})
		if n = tag.RowsAffected(); err != nil || n == 0 {
			return classify(err, "agenda item")
		}
		return tx.notify(ctx, topicSessions)
	})
	return int(n), err
}

// PrepareAgendas carries over to the sessions of a channel that are on or start
// within a day what earlier ones of their series did not reach, and brings back
// the actions that have been open for hackfest.Returns sessions. It may be called
// as often as one likes. What one meeting leaves is carried over at its end
// already; this is for sessions that nobody held, and for series that had no next
// session then.
func (s *Store) PrepareAgendas(ctx context.Context, network, channel string, now time.Time) error {
	const q = `
		select s.id
		from sessions s
		join channels c on c.id = s.channel_id
		join networks w on w.id = c.network_id
		where w.name = @network and (c.folded = @channel or c.name = @channel or lower(c.name) = lower(@channel))
		  and s.series_id is not null and s.state = 'scheduled' and s.held = 0
		  and s.starts_at > @back and s.starts_at <= @to and s.ends_at >= @now
		order by s.starts_at, s.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"network": network, "channel": channel, "now": now, "back": now.Add(-longestSession), "to": now.Add(contextAhead),
	})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.SessionID])
	if err != nil {
		return classify(err, "session")
	}
	for _, id := range ids {
		if err := s.prepareAgenda(ctx, id, now); err != nil {
			return err
		}
	}
	return nil
}

// prepareAgenda does for one session what PrepareAgendas says.
func (s *Store) prepareAgenda(ctx context.Context, id hackfest.SessionID, now time.Time) error {
	left, err := s.leftOver(ctx, id, now)
	if err != nil {
		return err
	}
	for _, from := range left {
		if _, err := s.CarryOver(ctx, from, id, now); err != nil {
			return err
		}
	}
	return s.returnActions(ctx, id, now)
}

// leftOver are the earlier sessions of the same series that are over and whose
// agendas have open items, oldest first. What is for members stays with members.
func (s *Store) leftOver(ctx context.Context, id hackfest.SessionID, now time.Time) ([]hackfest.SessionID, error) {
	const q = `
		select x.id
		from sessions s
		join sessions x on x.series_id = s.series_id and x.starts_at < s.starts_at and x.running = 0
			and (x.held > 0 or x.ends_at < @now or x.state = 'cancelled') and (s.visibility = 'members' or x.visibility = 'public')
		where s.id = @id and exists (select 1 from agenda_items g where g.session_id = x.id and g.state = 'open')
		order by x.starts_at, x.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "now": now})
	list, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.SessionID])
	return list, classify(err, "session")
}

// returnActions puts on the agenda of a session each action of its series that
// has been open for hackfest.Returns sessions: again at each session, until it is
// settled, but only once at each. Their text is read from the action, so that
// what is taken out of the minutes is gone here too.
func (s *Store) returnActions(ctx context.Context, id hackfest.SessionID, now time.Time) error {
	const q = `
		insert into agenda_items (session_id, position, text, action_ref, action_n, created_at)
		select @id, row_number() over (order by i.ref, i.n)
				+ coalesce((select max(x.position) from agenda_items x where x.session_id = @id), 0),
			'Open action', i.ref, i.n, @now
		from sessions t
		join sessions s on s.series_id = t.series_id
		join meetings m on m.session_id = s.id and m.ended_at is not null
		join actions a on a.meeting_ref = m.ref and a.state in ('open', 'carried')
		join items i on i.ref = a.ref and i.n = a.n
		cross join lateral (select ` + openFor + ` as sessions) x
		where t.id = @id and t.held = 0 and x.sessions >= @returns
		  and (t.visibility = 'members' or s.visibility = 'public' and m.visibility = 'public')
		  and not exists (select 1 from agenda_items g where g.session_id = t.id and g.action_ref = a.ref and g.action_n = a.n)
		on conflict do nothing`
	return s.InTx(ctx, func(tx *Store) error {
		if _, err := tx.lockAgenda(ctx, id); err != nil {
			return err
		}
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "now": now, "returns": hackfest.Returns})
		if err != nil || tag.RowsAffected() == 0 {
			return classify(err, "agenda item")
		}
		return tx.notify(ctx, topicSessions)
	})
}

// nextOfSeries is the next session of the same series that is to be held; zero
// when there is none yet, no series, or only one that more people may see.
func (s *Store) nextOfSeries(ctx context.Context, id hackfest.SessionID, now time.Time) (hackfest.SessionID, error) {
	const q = `
		select n.id
		from sessions s
		join sessions n on n.series_id = s.series_id and n.starts_at > s.starts_at and n.ends_at > @now
			and n.held = 0 and n.state = 'scheduled' and (n.visibility = 'members' or s.visibility = 'public')
		where s.id = @id
		order by n.starts_at, n.id
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "now": now})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.SessionID])
	if err != nil || len(ids) == 0 {
		return 0, classify(err, "session")
	}
	return ids[0], nil
}

// handOver carries what a meeting that has ended did not reach over to the next
// session of its series. Where that is not planned yet, PrepareAgendas does it.
func (r *recorder) handOver(ctx context.Context, ref hackfest.Ref) error {
	session, err := r.sessionOf(ctx, ref)
	if err != nil {
		return err
	}
	next, err := r.tx.nextOfSeries(ctx, session, r.now)
	if err != nil || next == 0 {
		return err
	}
	return r.tx.prepareAgenda(ctx, next, r.now)
}

func (r *recorder) sessionOf(ctx context.Context, ref hackfest.Ref) (hackfest.SessionID, error) {
	const q = `select m.session_id from meetings m where m.ref = @ref`
	rows, _ := r.tx.db.Query(ctx, q, pgx.NamedArgs{"ref": ref})
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.SessionID])
	return id, classify(err, "meeting")
}
