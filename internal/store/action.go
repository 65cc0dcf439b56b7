package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// openFor counts the sessions of its series that are over and that action a of
// session s has been open for. A one-off session counts for one.
const openFor = `greatest(1, (
				select count(*) from sessions x
				where x.series_id = s.series_id and x.held > 0 and x.running = 0 and x.starts_at >= s.starts_at
				  and (a.state in ('open', 'carried') or x.starts_at <= a.settled_at)))`

// selectActions is the head of every query for actions that are shown. An action
// is as hidden as its meeting.
const selectActions = `
		select i.ref, i.n, i.text, a.owners, a.due, i.at, a.state, a.settled_at, a.settled_by, ` + openFor + ` as sessions,
			m.ref as meeting_ref, s.slug, s.title, s.starts_at, s.zone, coalesce(r.slug, '') as series, w.name
		from actions a
		join items i on i.ref = a.ref and i.n = a.n
		join meetings m on m.ref = a.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		join networks w on w.id = c.network_id
		left join series r on r.id = s.series_id
		left join targets t on t.id = s.target_id
		where (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))`

// ownedBy says whether @person owns action a, noted as item i on network w: by a
// nick they had proven when it was noted.
const ownedBy = `exists (
			select 1 from identities d
			where d.person_id = @person and d.kind = 'nick' and d.network = w.name and d.proven_at is not null
			  and lower(d.value) in (select lower(o) from unnest(a.owners) o)
			  and d.since <= i.at and (d.until is null or i.at < d.until))`

func scanAction(row pgx.CollectableRow) (hackfest.Action, error) {
	var a hackfest.Action
	var due, settled *time.Time
	err := row.Scan(&a.ID.Ref, &a.ID.N, &a.Text, &a.Owners, &due, &a.At, &a.State, &settled, &a.By, &a.Sessions,
		&a.MeetingRef, &a.SessionSlug, &a.SessionTitle, &a.SessionAt, &a.SessionZone, &a.SeriesSlug, &a.Network)
	a.Due, a.At, a.Settled, a.SessionAt = orZero(due), a.At.UTC(), orZero(settled), a.SessionAt.UTC()
	return a, err
}

// ActionFilter says which actions to list. The zero value of a field does not
// restrict the list.
type ActionFilter struct {
	Session string               // slug of the session it was noted in
	Series  string               // slug of that session's series
	Target  string               // slug of the session's target
	Person  person.ID            // who owns it
	Open    bool                 // those that are still to be done
	State   hackfest.ActionState // those in one state
	Before  hackfest.ItemID      // where the last page ended
	Limit   int                  // at most that many; 0 is 100
}

// Actions lists the actions that stand in meetings that are over, newest first.
func (s *Store) Actions(ctx context.Context, v person.Viewer, f ActionFilter) ([]hackfest.Action, error) {
	const q = selectActions + `
		  and m.ended_at is not null and (a.ref, a.n) < (@before, @before_n)
		  and (@session = '' or s.slug = @session)
		  and (@series = '' or r.slug = @series)
		  and (@target = '' or t.slug = @target)
		  and (not @open or a.state in ('open', 'carried'))
		  and (@state = '' or a.state = @state)
		  and (@person::bigint = 0 or ` + ownedBy + `)
		order by a.ref desc, a.n desc
		limit @limit`
	before, beforeN := f.Before.Ref, f.Before.N
	if before.IsZero() {
		before = highestRef
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "session": f.Session, "series": f.Series, "target": f.Target, "person": f.Person,
		"open": f.Open, "state": f.State, "before": uuid(before), "before_n": beforeN, "limit": limit(f.Limit),
	})
	list, err := pgx.CollectRows(rows, scanAction)
	return list, classify(err, "action")
}

// actionsSettled are the actions that lines of a meeting after changedAfter
// settled.
func (s *Store) actionsSettled(ctx context.Context, v person.Viewer, meetingRef, changedAfter hackfest.Ref) ([]hackfest.Action, error) {
	const q = selectActions + `
		  and a.changed_ref > @after
		  and exists (
			select 1 from action_events e
			where e.ref = a.ref and e.n = a.n and e.meeting_ref = @meeting and e.line_ref > @after and e.state <> 'open')
		order by a.ref, a.n`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"meeting": uuid(meetingRef), "after": uuid(changedAfter), "members": v.SeesMembersOnly(),
	})
	list, err := pgx.CollectRows(rows, scanAction)
	return list, classify(err, "action")
}

// Action returns one action, also of a meeting that runs, or fault.NotFound.
func (s *Store) Action(ctx context.Context, v person.Viewer, id hackfest.ItemID) (hackfest.Action, error) {
	const q = selectActions + ` and a.ref = @ref and a.n = @n`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(id.Ref), "n": id.N, "members": v.SeesMembersOnly()})
	a, err := pgx.CollectExactlyOneRow(rows, scanAction)
	return a, classify(err, "action")
}

// ActionEvents returns the history of an action, oldest first; nothing of one
// that v may not see.
func (s *Store) ActionEvents(ctx context.Context, v person.Viewer, id hackfest.ItemID) ([]hackfest.ActionEvent, error) {
	const q = `
		select e.at, e.state, e.by, e.line_ref, e.meeting_ref
		from action_events e
		join actions a on a.ref = e.ref and a.n = e.n
		join meetings m on m.ref = a.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where e.ref = @ref and e.n = @n
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		order by e.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(id.Ref), "n": id.N, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[hackfest.ActionEvent])
	for i := range list {
		list[i].At = list[i].At.UTC()
	}
	return list, classify(err, "action")
}

// RelationToAction says how v stands to an action: whether it is theirs, and
// whether they chair its session or series. One that v may not see is
// fault.NotFound.
func (s *Store) RelationToAction(ctx context.Context, v person.Viewer, id hackfest.ItemID) (person.Object, error) {
	const q = `
		select ` + chaired + `, ` + ownedBy + `
		from actions a
		join items i on i.ref = a.ref and i.n = a.n
		join meetings m on m.ref = a.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		join networks w on w.id = c.network_id
		where a.ref = @ref and a.n = @n
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"ref": uuid(id.Ref), "n": id.N, "person": v.ID, "members": v.SeesMembersOnly(),
	})
	var o person.Object
	_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (bool, error) {
		var owns bool
		err := row.Scan(&o.Chaired, &owns)
		if owns {
			o.Owner = v.ID
		}
		return owns, err
	})
	return o, classify(err, "action")
}

// Settler is who brings an action to its state on the web.
type Settler struct {
	ID   person.ID
	Name string // what the history says
}

// SettleAction brings an action to state, everywhere at once; ActionOpen takes
// back what was done to it. That it is in that state already is no error and
// leaves no trace. Without such an action it is fault.NotFound.
func (s *Store) SettleAction(ctx context.Context, id hackfest.ItemID, state hackfest.ActionState, by Settler, now time.Time) error {
	const q = `
		update actions
		set state = @state, settled_at = case when @state = 'open' then null else @now::timestamptz end,
			settled_by = case when @state = 'open' then '' else @by end, settled_ref = null
		where ref = @ref and n = @n and state <> @state`
	return s.InTx(ctx, func(tx *Store) error {
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{
			"ref": uuid(id.Ref), "n": id.N, "state": state, "by": clean(by.Name), "now": now,
		})
		if err != nil {
			return classify(err, "action")
		}
		if tag.RowsAffected() == 0 {
			return tx.actionExists(ctx, id)
		}
		if err := tx.addActionEvent(ctx, id, hackfest.ActionEvent{At: now, State: state, By: by.Name}, by.ID); err != nil {
			return err
		}
		if !state.Open() {
			if err := tx.dropReturned(ctx, id); err != nil {
				return err
			}
		}
		return tx.notify(ctx, topicSessions) // the bot lists open actions at the next start
	})
}

func (s *Store) actionExists(ctx context.Context, id hackfest.ItemID) error {
	const q = `select true from actions where ref = @ref and n = @n`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(id.Ref), "n": id.N})
	_, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	return classify(err, "action")
}

// addActionEvent adds a step to the history of an action, once for each line.
func (s *Store) addActionEvent(ctx context.Context, id hackfest.ItemID, e hackfest.ActionEvent, by person.ID) error {
	const q = `
		insert into action_events (ref, n, at, state, by, person_id, line_ref, meeting_ref)
		values (@ref, @n, @at, @state, @by, nullif(@person::bigint, 0), @line, @meeting)
		on conflict (ref, n, line_ref) where line_ref is not null do update set state = excluded.state, by = excluded.by`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": uuid(id.Ref), "n": id.N, "at": e.At, "state": e.State, "by": clean(e.By), "person": by,
		"line": e.LineRef, "meeting": e.MeetingRef,
	})
	return classify(err, "action")
}

// dropReturned takes an action that is settled off the agendas of sessions that
// were not held yet.
func (s *Store) dropReturned(ctx context.Context, id hackfest.ItemID) error {
	const q = `
		delete from agenda_items g
		using sessions s
		where s.id = g.session_id and s.held = 0 and g.state = 'open' and g.action_ref = @ref and g.action_n = @n`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"ref": uuid(id.Ref), "n": id.N})
	return classify(err, "agenda item")
}

// opensAction keeps the course of an action that was noted or corrected. One
// that was taken back has none.
func (r *recorder) opensAction(ctx context.Context, l hackfest.Line, i meeting.Item) error {
	const q = `
		insert into actions (ref, n, meeting_ref, changed_ref, due, opened_at)
		values (@ref, @n, @meeting, @changed, @due, @at)
		on conflict (ref, n) do update set due = excluded.due, changed_ref = excluded.changed_ref`
	if i.Undone {
		return r.dropAction(ctx, i.ID)
	}
	_, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": uuid(i.ID.Ref), "n": i.ID.N, "meeting": r.Running, "changed": l.Ref, "due": orNull(i.Due), "at": i.At,
	})
	if err != nil {
		return classify(err, "action")
	}
	if i.ID.Ref != l.Ref {
		return nil
	}
	return r.tx.addActionEvent(ctx, i.ID, hackfest.ActionEvent{
		At: i.At, State: hackfest.ActionOpen, By: i.Nick, LineRef: l.Ref, MeetingRef: r.Running,
	}, 0)
}

// giveActions gives actions to the owners that the minutes have for them.
func (s *Store) giveActions(ctx context.Context, refs [][16]byte, ns []int) error {
	const q = `
		update actions a
		set owners = i.owners
		from unnest(@refs::uuid[], @ns::int[]) x (ref, n)
		join items i on i.ref = x.ref and i.n = x.n
		where a.ref = x.ref and a.n = x.n and a.owners <> i.owners`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"refs": refs, "ns": ns})
	return classify(err, "action")
}

func (r *recorder) dropAction(ctx context.Context, id hackfest.ItemID) error {
	const q = `delete from actions where ref = @ref and n = @n`
	_, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"ref": uuid(id.Ref), "n": id.N})
	return classify(err, "action")
}

// settlements are what the engine says became of actions, in our words.
var settlements = map[meeting.Settlement]hackfest.ActionState{
	meeting.Done: hackfest.ActionDone, meeting.Carried: hackfest.ActionCarried, meeting.Dropped: hackfest.ActionDropped,
}

// actionSettled brings an action of an earlier meeting to the state that
// somebody gave it in this one. It is not there any more when its line was
// taken back meanwhile; then nothing is to be done.
func (r *recorder) actionSettled(ctx context.Context, l hackfest.Line, e meeting.ActionSettled) error {
	const q = `
		update actions
		set state = @state, settled_at = @at, settled_by = @by, settled_ref = @line, changed_ref = @line
		where ref = @ref and n = @n`
	state := settlements[e.How]
	tag, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": uuid(e.ID.Ref), "n": e.ID.N, "state": state, "at": l.At, "by": clean(e.By), "line": l.Ref,
	})
	if err != nil || tag.RowsAffected() == 0 {
		return classify(err, "action")
	}
	r.planned = true
	event := hackfest.ActionEvent{At: l.At, State: state, By: e.By, LineRef: l.Ref, MeetingRef: r.Running}
	if err := r.tx.addActionEvent(ctx, e.ID, event, 0); err != nil || state.Open() {
		return err
	}
	return r.tx.dropReturned(ctx, e.ID)
}
