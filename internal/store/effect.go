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

// effects stores what line a did to its meeting, all of it or nothing; what is
// to be said is the bot's.
func (r *recorder) effects(ctx context.Context, a meeting.Applied) error {
	if err := r.endLeftOver(ctx, a); err != nil {
		return err
	}
	before := *r
	err := r.tx.InTx(ctx, func(tx *Store) error {
		outer := r.tx
		r.tx = tx
		defer func() { r.tx = outer }()
		for _, e := range a.Effects {
			if err := r.effect(ctx, a.Line, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil || passing(err) {
		return err
	}
	*r = before
	return r.setAside(ctx, a.Line.Ref, err)
}

func (r *recorder) effect(ctx context.Context, l hackfest.Line, e meeting.Effect) error {
	switch e := e.(type) {
	case meeting.Opened:
		return r.opened(ctx, l, e.Header)
	case meeting.Changed:
		return r.changed(ctx, l, e.Header)
	case meeting.TopicNoted:
		return r.topicNoted(ctx, l, e.Topic)
	case meeting.Noted:
		return r.noted(ctx, l, e.Item)
	case meeting.VoteMoved:
		return r.voteMoved(ctx, l, e)
	case meeting.QueueMoved:
		return r.queueMoved(ctx, l, e.Queue)
	case meeting.AgendaTaken:
		return r.agendaTaken(ctx, l, e)
	case meeting.ActionSettled:
		return r.actionSettled(ctx, l, e)
	case meeting.Targeted:
		return r.targeted(ctx, l, e.Slug)
	case meeting.Restricted:
		return r.restricted(ctx, l)
	case meeting.Saved:
		return r.saved(ctx, l, e.State)
	case meeting.Closed:
		return r.closed(ctx, l, e.State)
	}
	return nil
}

// endLeftOver ends the meeting that still runs in the database when a opens
// another one. The engine has one at a time, so the end of the old one must
// have been set aside; the new one's items must not land in it.
func (r *recorder) endLeftOver(ctx context.Context, a meeting.Applied) error {
	for _, e := range a.Effects {
		o, ok := e.(meeting.Opened)
		if !ok || r.Running.IsZero() || r.Running == o.Header.Ref {
			continue
		}
		if err := r.end(ctx, a.Line, r.Running, o.Header.StartedAt, ""); err != nil {
			return err
		}
	}
	return nil
}

func (r *recorder) opened(ctx context.Context, l hackfest.Line, h meeting.Header) error {
	const q = `
		insert into meetings (ref, changed_ref, session_id, channel_id, title, name, suffix, owner, chairs, started_at, visibility)
		values (@ref, @changed, @session, @channel, @title, @name, @suffix, @owner, @chairs, @started, @visibility)`
	session, visibility, err := r.session(ctx, h)
	if err != nil {
		return err
	}
	_, err = r.tx.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": h.Ref, "changed": l.Ref, "session": session, "channel": r.ID, "title": h.Title, "name": h.Name,
		"suffix": h.Suffix, "owner": h.Owner, "chairs": orEmpty(h.Chairs), "started": h.StartedAt, "visibility": visibility,
	})
	if err != nil {
		return classify(err, "meeting")
	}
	r.Running, r.planned, r.Hidden = h.Ref, true, r.Hidden || visibility == person.MembersOnly
	return r.tx.countMeeting(ctx, session)
}

func (s *Store) countMeeting(ctx context.Context, session hackfest.SessionID) error {
	const q = `update sessions set running = running + 1, held = held + 1 where id = @session`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"session": session})
	return classify(err, "session")
}

func (r *recorder) changed(ctx context.Context, l hackfest.Line, h meeting.Header) error {
	const q = `
		update meetings
		set title = @title, name = @name, suffix = @suffix, owner = @owner, chairs = @chairs, changed_ref = @changed
		where ref = @ref`
	tag, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": h.Ref, "changed": l.Ref, "title": h.Title, "name": h.Name, "suffix": h.Suffix, "owner": h.Owner,
		"chairs": orEmpty(h.Chairs),
	})
	if err == nil && tag.RowsAffected() == 0 {
		return errNoMeeting
	}
	return classify(err, "meeting")
}

// errNoMeeting is what happens to the rest of a meeting whose beginning was set
// aside.
var errNoMeeting = fault.New(fault.NotFound, "This meeting's beginning was not stored.")

func (r *recorder) topicNoted(ctx context.Context, l hackfest.Line, t meeting.Topic) error {
	const q = `
		insert into topics (meeting_ref, ref, n, changed_ref, title, subtopic, at, undone)
		values (@meeting, @ref, @n, @changed, @title, @subtopic, @at, @undone)
		on conflict (ref, n) do update
		set title = excluded.title, subtopic = excluded.subtopic, undone = excluded.undone, changed_ref = excluded.changed_ref,
			redacted_at = null`
	if r.Running.IsZero() {
		return errNoMeeting
	}
	_, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{
		"meeting": r.Running, "ref": uuid(t.ID.Ref), "n": t.ID.N, "changed": l.Ref, "title": clean(t.Title),
		"subtopic": t.Subtopic, "at": t.At, "undone": t.Undone,
	})
	if err != nil {
		return classify(err, "topic")
	}
	return r.tx.touchLine(ctx, r.ID, t.ID.Ref, l.Ref)
}

func (r *recorder) noted(ctx context.Context, l hackfest.Line, i meeting.Item) error {
	const q = `
		insert into items (meeting_ref, ref, n, changed_ref, topic_ref, topic_n, kind, at, nick, text, url, due, lesson_kind, undone)
		values (@meeting, @ref, @n, @changed, @topic_ref, @topic_n, @kind, @at, @nick, @text, @url, @due, @lesson, @undone)
		on conflict (ref, n) do update
		set topic_ref = excluded.topic_ref, topic_n = excluded.topic_n, kind = excluded.kind, text = excluded.text,
			url = excluded.url, due = excluded.due, lesson_kind = excluded.lesson_kind, undone = excluded.undone, changed_ref = excluded.changed_ref,
			redacted_at = null`
	if r.Running.IsZero() {
		return errNoMeeting
	}
	_, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{
		"meeting": r.Running, "ref": uuid(i.ID.Ref), "n": i.ID.N, "changed": l.Ref,
		"topic_ref": uuid(i.Topic.Ref), "topic_n": i.Topic.N, "kind": i.Kind, "at": i.At, "nick": clean(i.Nick),
		"text": clean(i.Text), "url": clean(i.URL), "due": orNull(i.Due), "lesson": i.Lesson, "undone": i.Undone,
	})
	if err != nil {
		return classify(err, "item")
	}
	if i.Kind == meeting.Action {
		if err := r.opensAction(ctx, l, i); err != nil {
			return err
		}
	}
	return r.tx.touchLine(ctx, r.ID, i.ID.Ref, l.Ref)
}

// touchLine notes that a later line changed the mark beside line ref, so that
// open pages draw it again.
func (s *Store) touchLine(ctx context.Context, channel hackfest.ChannelID, ref, by hackfest.Ref) error {
	const q = `update lines set changed_ref = @by where channel_id = @channel and ref = @ref and changed_ref < @by`
	if ref == by {
		return nil
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"channel": channel, "ref": uuid(ref), "by": by})
	return classify(err, "line")
}

// saved keeps the minutes as they stand.
func (r *recorder) saved(ctx context.Context, l hackfest.Line, st meeting.State) error {
	const q = `
		update meetings
		set draft = @draft, people = @people, decisions = @decisions, actions = @actions, lessons = @lessons, changed_ref = @changed
		where ref = @ref`
	draft, owners, err := draftOf(st)
	if err != nil {
		return err
	}
	n := count(st)
	tag, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": st.Header.Ref, "changed": l.Ref, "draft": draft,
		"people": n.people, "decisions": n.decisions, "actions": n.actions, "lessons": n.lessons,
	})
	if err == nil && tag.RowsAffected() == 0 {
		return errNoMeeting
	}
	if err != nil {
		return classify(err, "meeting")
	}
	if err := r.tx.saveOwners(ctx, owners); err != nil {
		return err
	}
	return r.tx.giveActions(ctx, owners.refs, owners.ns)
}

// counts are what lists show of a meeting.
type counts struct{ people, decisions, actions, lessons int }

func count(st meeting.State) counts {
	var n counts
	for _, p := range st.People {
		if !p.Bot && p.Lines > 0 {
			n.people++
		}
	}
	for _, i := range st.Items {
		switch {
		case i.Undone:
		case i.Kind.Decision():
			n.decisions++
		case i.Kind == meeting.Action:
			n.actions++
		case i.Kind == meeting.Lesson:
			n.lessons++
		}
	}
	return n
}

// closed ends the meeting and keeps its minutes.
func (r *recorder) closed(ctx context.Context, l hackfest.Line, st meeting.State) error {
	if err := r.changed(ctx, l, st.Header); err != nil {
		return err
	}
	if err := r.saved(ctx, l, st); err != nil {
		return err
	}
	if err := r.end(ctx, l, st.Header.Ref, st.Header.EndedAt, st.Header.EndedBy); err != nil {
		return err
	}
	return r.handOver(ctx, st.Header.Ref)
}

// end marks a meeting that runs as ended. A server whose clock went back does
// not make it end before it began.
func (r *recorder) end(ctx context.Context, l hackfest.Line, ref hackfest.Ref, at time.Time, by string) error {
	const q = `
		with ended as (
			update meetings
			set ended_at = greatest(started_at, @at), last_ref = @last, ended_by = @by, queue = '{}', changed_ref = @last
			where ref = @ref and ended_at is null
			returning session_id)
		update sessions s
		set running = s.running - 1
		from ended
		where s.id = ended.session_id`
	if at.IsZero() {
		at = l.At
	}
	if _, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"ref": ref, "at": at, "last": l.Ref, "by": by}); err != nil {
		return classify(err, "meeting")
	}
	r.Running, r.planned = hackfest.Ref{}, true
	return r.emptyBallots(ctx, ref, l.Ref)
}

// orEmpty is a list that is never null.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// targeted gives the session of the running meeting a target. One that was
// deleted since the engine heard of it changes nothing.
func (r *recorder) targeted(ctx context.Context, l hackfest.Line, slug string) error {
	const q = `
		with session as (
			update meetings set changed_ref = @line where ref = @meeting returning session_id)
		update sessions s
		set target_id = t.id
		from session, targets t
		where s.id = session.session_id and t.slug = @slug`
	if r.Running.IsZero() {
		return errNoMeeting
	}
	_, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"meeting": r.Running, "slug": slug, "line": l.Ref})
	r.planned = true
	return classify(err, "session")
}

// restricted makes the running meeting one for members, with all its lines from
// the first on. Pages that show them are to be loaded again.
func (r *recorder) restricted(ctx context.Context, l hackfest.Line) error {
	const q = `update meetings set visibility = @members, changed_ref = @line where ref = @meeting and visibility <> @members`
	if r.Running.IsZero() {
		return errNoMeeting
	}
	tag, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"meeting": r.Running, "line": l.Ref, "members": person.MembersOnly})
	if err != nil || tag.RowsAffected() == 0 {
		return classify(err, "meeting")
	}
	if err := r.tx.hideMeeting(ctx, r.Running); err != nil {
		return err
	}
	r.Hidden, r.planned = true, true
	return r.tx.reload(ctx, r.ID, l.Ref)
}

// hideMeeting makes the lines of a meeting stored so far lines for members.
func (s *Store) hideMeeting(ctx context.Context, ref hackfest.Ref) error {
	const q = `
		update lines l
		set members_only = true
		from meetings m
		where m.ref = @ref and l.channel_id = m.channel_id and l.ref >= m.ref and (m.last_ref is null or l.ref <= m.last_ref)
		  and not l.members_only`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"ref": ref})
	return classify(err, "line")
}

// reload tells the pages that follow a channel, as of line ref, to be loaded
// again: rows they show are gone, or others came between them.
func (s *Store) reload(ctx context.Context, channel hackfest.ChannelID, ref hackfest.Ref) error {
	const q = `update channels set reload_ref = greatest(reload_ref, @ref) where id = @channel`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"channel": channel, "ref": ref})
	return classify(err, "channel")
}
