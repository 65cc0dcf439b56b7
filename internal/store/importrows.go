package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// longAgo is how old a meeting is whose actions nobody is reminded of any more
// when it is brought in: they are kept as dropped.
const longAgo = 90 * 24 * time.Hour

// byImport is who dropped them.
const byImport = "import"

// store keeps what the fold found.
func (f *refolding) store(ctx context.Context) error {
	tx := f.tx
	if err := tx.dropOwnLines(ctx, f.channel.ID, f.stale); err != nil {
		return err
	}
	if err := tx.addImported(ctx, f.channel.ID, f.fresh); err != nil {
		return err
	}
	if err := tx.nameBots(ctx, f.channel.ID, f.nowBots); err != nil {
		return err
	}
	f.done.Kept = len(f.kept)
	for _, l := range f.fresh {
		if l.Kind != hackfest.Context {
			f.done.Added++
		}
	}
	r := &recorder{tx: tx, now: f.now, ID: f.channel.ID, Name: f.channel.Name, Visibility: f.channel.Visibility}
	known := map[hackfest.Ref]knownMeeting{}
	for _, m := range f.known {
		known[m.Ref] = m
	}
	for _, m := range f.found {
		if !m.touched || m.last.IsZero() {
			continue
		}
		if err := f.swallow(ctx, m); err != nil {
			return err
		}
		k, there := known[m.state.Header.Ref]
		if there {
			f.done.Rebuilt++
		} else {
			f.done.Meetings++
		}
		if err := f.keep(ctx, r, m, k); err != nil {
			return err
		}
	}
	return f.hide(ctx)
}

// swallow forgets stored meetings that turned out to be part of m.
func (f *refolding) swallow(ctx context.Context, m *found) error {
	const q = `delete from meetings where ref = @ref`
	for _, k := range f.known {
		if k.Fixed || k.Ref.Compare(m.state.Header.Ref) <= 0 || k.Ref.Compare(m.last) > 0 {
			continue
		}
		if _, err := f.tx.db.Exec(ctx, q, pgx.NamedArgs{"ref": k.Ref}); err != nil {
			return classify(err, "meeting")
		}
		if err := f.tx.recount(ctx, k.SessionID); err != nil {
			return err
		}
		if err := f.tx.cancelSpot(ctx, k.SessionID, k.Ref, "Its meeting turned out to be part of another."); err != nil {
			return err
		}
	}
	return nil
}

// hide makes lines of meetings for members lines for members, and hides again
// what redactions name that can still be taken back.
func (f *refolding) hide(ctx context.Context) error {
	for _, k := range f.known {
		if k.Visibility == person.MembersOnly {
			if err := f.tx.hideMeeting(ctx, k.Ref); err != nil {
				return err
			}
		}
	}
	if !f.channel.Waiting {
		return nil
	}
	touch, err := f.tx.lockChannel(ctx, f.channel.ID)
	if err != nil {
		return err
	}
	return f.tx.hideAgain(ctx, f.channel.ID, touch)
}

// keep stores one meeting; k is what was known of it.
func (f *refolding) keep(ctx context.Context, r *recorder, m *found, k knownMeeting) error {
	var err error
	h := m.state.Header
	session, visibility := k.SessionID, k.Visibility
	if session == 0 {
		if session, visibility, err = f.session(ctx, r, h); err != nil {
			return err
		}
	}
	if h.Restricted {
		visibility = person.MembersOnly
	}
	draft, owners, err := draftOf(m.state)
	if err != nil {
		return err
	}
	if err := f.tx.keepMeeting(ctx, m, draft, f.channel.ID, session, visibility); err != nil {
		return err
	}
	if err := f.tx.keepTopics(ctx, m); err != nil {
		return err
	}
	if err := f.tx.keepItems(ctx, m, owners); err != nil {
		return err
	}
	if err := f.tx.keepActions(ctx, m, f.now, k.SessionID != 0); err != nil {
		return err
	}
	r.Running = h.Ref
	for _, v := range m.votes {
		if err := r.voteMoved(ctx, hackfest.Line{Ref: m.changed[v.Vote.ID]}, v); err != nil {
			return err
		}
	}
	for _, a := range m.rare {
		for _, e := range a.Effects {
			if err := r.effect(ctx, a.Line, e); err != nil {
				return err
			}
		}
	}
	if visibility == person.MembersOnly {
		return f.tx.hideMeeting(ctx, h.Ref)
	}
	return nil
}

// session is where a meeting that is new belongs: to the planned session that the
// engine chose, else to one made for it.
func (f *refolding) session(ctx context.Context, r *recorder, h meeting.Header) (hackfest.SessionID, person.Visibility, error) {
	for _, p := range f.plans {
		if p.Slug != h.SessionSlug {
			continue
		}
		if f.channel.Visibility == person.MembersOnly {
			p.Visibility = person.MembersOnly
		}
		return p.ID, p.Visibility, nil
	}
	id, err := f.tx.spotOf(ctx, h.Ref)
	if fault.KindOf(err) == fault.NotFound {
		id, err = r.makeSession(ctx, h)
	}
	return id, f.channel.Visibility, err
}

// spotOf is the session that was made for a meeting before, as when it was
// discarded.
func (s *Store) spotOf(ctx context.Context, ref hackfest.Ref) (hackfest.SessionID, error) {
	const q = `update sessions set state = 'scheduled', reason = '' where uid = @own returning id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"own": spotUID(ref)})
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.SessionID])
	return id, classify(err, "session")
}

// addImported stores lines in pieces that Postgres takes easily.
func (s *Store) addImported(ctx context.Context, channel hackfest.ChannelID, lines []hackfest.Line) error {
	const atOnce = 2000
	for len(lines) > 0 {
		n := min(atOnce, len(lines))
		batch := make([]meeting.Applied, n)
		for k, l := range lines[:n] {
			batch[k].Line = l
		}
		if err := s.addLines(ctx, channel, batch); err != nil {
			return err
		}
		lines = lines[n:]
	}
	return nil
}

// dropOwnLines removes context lines that an import made and that no longer hold.
func (s *Store) dropOwnLines(ctx context.Context, channel hackfest.ChannelID, refs []hackfest.Ref) error {
	const q = `delete from lines where channel_id = @channel and ref = any(@refs) and kind = 'context'`
	if len(refs) == 0 {
		return nil
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"channel": channel, "refs": refs})
	return classify(err, "line")
}

func (s *Store) nameBots(ctx context.Context, channel hackfest.ChannelID, refs []hackfest.Ref) error {
	const q = `update lines set bot = true where channel_id = @channel and ref = any(@refs)`
	if len(refs) == 0 {
		return nil
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"channel": channel, "refs": refs})
	return classify(err, "line")
}

// keepMeeting stores a meeting, and counts it with its session when it is new.
func (s *Store) keepMeeting(ctx context.Context, m *found, draft json.RawMessage, channel hackfest.ChannelID, session hackfest.SessionID, v person.Visibility) error {
	const q = `
		with held as (
			update sessions set held = held + 1
			where id = @session and not exists (select 1 from meetings where ref = @ref))
		insert into meetings (ref, changed_ref, session_id, channel_id, title, name, suffix, owner, chairs, started_at, ended_at, last_ref,
			ended_by, people, decisions, actions, lessons, visibility, draft, imported)
		values (@ref, @changed, @session, @channel, @title, @name, @suffix, @owner, @chairs, @started, @ended, @last,
			@by, @people, @decisions, @actions, @lessons, @visibility, @draft, true)
		on conflict (ref) do update
		set changed_ref = excluded.changed_ref, title = excluded.title, name = excluded.name, suffix = excluded.suffix,
			owner = excluded.owner, chairs = excluded.chairs, ended_at = excluded.ended_at, last_ref = excluded.last_ref,
			ended_by = excluded.ended_by, people = excluded.people, decisions = excluded.decisions, actions = excluded.actions,
			lessons = excluded.lessons, visibility = excluded.visibility, draft = excluded.draft`
	h, n := m.state.Header, count(m.state)
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": h.Ref, "changed": m.header, "session": session, "channel": channel, "title": clean(h.Title), "name": h.Name,
		"suffix": clean(h.Suffix), "owner": clean(h.Owner), "chairs": orEmpty(h.Chairs), "started": h.StartedAt, "ended": h.EndedAt,
		"last": m.last, "by": h.EndedBy, "people": n.people, "decisions": n.decisions, "actions": n.actions, "lessons": n.lessons,
		"visibility": orPublic(v), "draft": draft,
	})
	return classify(err, "meeting")
}

// keepTopics stores the topics of a meeting, and forgets those that it no longer
// has. One whose words were removed stays.
func (s *Store) keepTopics(ctx context.Context, m *found) error {
	const q = `
		with gone as (
			delete from topics p
			where p.meeting_ref = @meeting and p.redacted_at is null
			  and not exists (select 1 from unnest(@refs::uuid[], @ns::int[]) x (ref, n) where x.ref = p.ref and x.n = p.n))
		insert into topics (meeting_ref, ref, n, changed_ref, title, subtopic, at, undone)
		select @meeting, x.ref, x.n, x.changed, x.title, x.subtopic, x.at, x.undone
		from unnest(@refs::uuid[], @ns::int[], @changed::uuid[], @titles::text[], @subs::boolean[], @ats::timestamptz[], @undone::boolean[])
			x (ref, n, changed, title, subtopic, at, undone)
		on conflict (ref, n) do update
		set meeting_ref = excluded.meeting_ref, title = excluded.title, subtopic = excluded.subtopic, undone = excluded.undone,
			changed_ref = excluded.changed_ref, redacted_at = null`
	n := len(m.state.Topics)
	refs, ns, changed, titles := make([][16]byte, n), make([]int, n), make([][16]byte, n), make([]string, n)
	subs, ats, undone := make([]bool, n), make([]time.Time, n), make([]bool, n)
	for k, t := range m.state.Topics {
		refs[k], ns[k], changed[k], titles[k] = t.ID.Ref, t.ID.N, m.changed[t.ID], clean(t.Title)
		subs[k], ats[k], undone[k] = t.Subtopic, t.At, t.Undone
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"meeting": m.state.Header.Ref, "refs": refs, "ns": ns, "changed": changed, "titles": titles,
		"subs": subs, "ats": ats, "undone": undone,
	})
	return classify(err, "topic")
}

// keepItems is keepTopics for items.
func (s *Store) keepItems(ctx context.Context, m *found, o itemOwners) error {
	const q = `
		with gone as (
			delete from items i
			where i.meeting_ref = @meeting and i.redacted_at is null
			  and not exists (select 1 from unnest(@refs::uuid[], @ns::int[]) x (ref, n) where x.ref = i.ref and x.n = i.n))
		insert into items (meeting_ref, ref, n, changed_ref, topic_ref, topic_n, kind, at, nick, text, url, due, lesson_kind, undone, owners)
		select @meeting, x.ref, x.n, x.changed, x.topic_ref, x.topic_n, x.kind, x.at, x.nick, x.text, x.url, x.due, x.lesson, x.undone,
			array(select jsonb_array_elements_text(x.owners::jsonb))
		from unnest(@refs::uuid[], @ns::int[], @changed::uuid[], @topics::uuid[], @topic_ns::int[], @kinds::text[], @ats::timestamptz[],
			@nicks::text[], @texts::text[], @urls::text[], @dues::date[], @lessons::text[], @undone::boolean[], @owners::text[])
			x (ref, n, changed, topic_ref, topic_n, kind, at, nick, text, url, due, lesson, undone, owners)
		on conflict (ref, n) do update
		set meeting_ref = excluded.meeting_ref, topic_ref = excluded.topic_ref, topic_n = excluded.topic_n, kind = excluded.kind,
			text = excluded.text, url = excluded.url, due = excluded.due, lesson_kind = excluded.lesson_kind, undone = excluded.undone,
			owners = excluded.owners, changed_ref = excluded.changed_ref, redacted_at = null`
	owned := map[hackfest.ItemID]string{}
	for k, ref := range o.refs {
		owned[hackfest.ItemID{Ref: ref, N: o.ns[k]}] = o.owners[k]
	}
	var c itemColumns
	for _, i := range m.state.Items {
		c.add(i, m.changed[i.ID], owned[i.ID])
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"meeting": m.state.Header.Ref, "refs": c.refs, "ns": c.ns, "changed": c.changed, "topics": c.topics, "topic_ns": c.topicNs,
		"kinds": c.kinds, "ats": c.ats, "nicks": c.nicks, "texts": c.texts, "urls": c.urls, "dues": c.dues, "lessons": c.lessons,
		"undone": c.undone, "owners": c.owners,
	})
	return classify(err, "item")
}

// itemColumns are items as one list per column.
type itemColumns struct {
	refs, changed, topics                      [][16]byte
	ns, topicNs                                []int
	kinds, nicks, texts, urls, lessons, owners []string
	ats                                        []time.Time
	dues                                       []*time.Time
	undone                                     []bool
}

func (c *itemColumns) add(i *meeting.Item, changed hackfest.Ref, owners string) {
	if owners == "" {
		owners = "[]"
	}
	c.refs, c.ns, c.changed = append(c.refs, i.ID.Ref), append(c.ns, i.ID.N), append(c.changed, changed)
	c.topics, c.topicNs = append(c.topics, i.Topic.Ref), append(c.topicNs, i.Topic.N)
	c.kinds, c.ats, c.nicks = append(c.kinds, string(i.Kind)), append(c.ats, i.At), append(c.nicks, clean(i.Nick))
	c.texts, c.urls, c.dues = append(c.texts, clean(i.Text)), append(c.urls, clean(i.URL)), append(c.dues, orNull(i.Due))
	c.lessons, c.undone, c.owners = append(c.lessons, string(i.Lesson)), append(c.undone, i.Undone), append(c.owners, owners)
}

// keepActions keeps the course of the actions of a meeting: of those that are
// known as it is, of new ones as open, or dropped where the meeting was long ago.
func (s *Store) keepActions(ctx context.Context, m *found, now time.Time, known bool) error {
	some := false
	for _, i := range m.state.Items {
		some = some || i.Kind == meeting.Action
	}
	if !some {
		return nil
	}
	h := m.state.Header
	old := h.EndedAt.Before(now.Add(-longAgo))
	args := pgx.NamedArgs{"meeting": h.Ref, "old": old, "ended": h.EndedAt, "by": byImport}
	if known {
		if err := s.dropUndoneActions(ctx, args); err != nil {
			return err
		}
	}
	return s.openActions(ctx, args)
}

func (s *Store) dropUndoneActions(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		delete from actions a
		using items i
		where a.meeting_ref = @meeting and i.ref = a.ref and i.n = a.n and (i.kind <> 'action' or i.undone)`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "action")
}

// openActions opens those that are new, and drops them at once when they are old.
func (s *Store) openActions(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with noted as (
			select i.ref, i.n, i.meeting_ref, i.changed_ref, i.owners, i.due, i.at, i.nick
			from items i
			where i.meeting_ref = @meeting and i.kind = 'action' and not i.undone),
		kept as (
			insert into actions (ref, n, meeting_ref, changed_ref, state, owners, due, opened_at, settled_at, settled_by)
			select i.ref, i.n, i.meeting_ref, i.changed_ref, case when @old::boolean then 'dropped' else 'open' end, i.owners, i.due, i.at,
				case when @old::boolean then @ended::timestamptz end, case when @old::boolean then @by else '' end
			from noted i
			on conflict (ref, n) do update
			set owners = excluded.owners, due = excluded.due, changed_ref = excluded.changed_ref, meeting_ref = excluded.meeting_ref
			returning ref, n, xmax = 0 as is_new)
		insert into action_events (ref, n, at, state, by, line_ref, meeting_ref)
		select x.ref, x.n, x.at, x.state, x.by, x.line_ref, x.meeting_ref
		from (
			select i.ref, i.n, i.at, 'open' as state, i.nick as by, i.ref as line_ref, i.meeting_ref, 1 as place
			from noted i
			union all
			select i.ref, i.n, @ended::timestamptz, 'dropped', @by, null, null, 2
			from noted i join kept k on k.ref = i.ref and k.n = i.n
			where k.is_new and @old::boolean) x
		order by x.ref, x.n, x.place
		on conflict (ref, n, line_ref) where line_ref is not null do nothing`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "action")
}
