package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// selectMeetings is the head of every query for meetings. A meeting is as
// hidden as its session and its channel.
const selectMeetings = `
		select m.ref, m.changed_ref, m.title, m.name, m.suffix, m.owner, m.chairs, m.started_at, m.ended_at, m.last_ref, m.ended_by,
			m.visibility, m.queue, m.people, m.decisions, m.actions,
			(select count(*) from lessons x where x.session_id = m.session_id and x.published_at is not null and x.redacted_at is null
				and coalesce(x.meeting_ref, m.ref) = m.ref) as lessons,
			coalesce(v.number, 0) as revision,
			coalesce(v.summary, '') as summary, coalesce(v.note, '') as note, v.published_at,
			(select min(u.published_at) from minutes_revisions u where u.meeting_ref = m.ref) as first_published_at,
			s.id as session_id, s.slug as session_slug, s.title as session_title, s.zone as session_zone,
			coalesce(r.slug, '') as series_slug, coalesce(r.title, '') as series_title,
			coalesce(t.slug, '') as target_slug, coalesce(t.name, '') as target_name,
			c.id as channel_id, w.name as network, c.name as channel, c.folded
		from meetings m
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		join networks w on w.id = c.network_id
		left join series r on r.id = s.series_id
		left join targets t on t.id = s.target_id
		left join lateral (
			select u.number, u.summary, u.note, u.published_at from minutes_revisions u where u.meeting_ref = m.ref order by u.number desc limit 1
		) v on true
		where (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))`

// meetingRow is hackfest.Meeting as Postgres gives it.
type meetingRow struct {
	hackfest.Meeting
	EndedAt          *time.Time
	PublishedAt      *time.Time
	FirstPublishedAt *time.Time
	Folded           string
}

func scanMeeting(row pgx.CollectableRow) (hackfest.Meeting, error) {
	r, err := pgx.RowToStructByNameLax[meetingRow](row)
	m := r.Meeting
	m.StartedAt, m.EndedAt, m.PublishedAt = m.StartedAt.UTC(), orZero(r.EndedAt), orZero(r.PublishedAt)
	m.FirstPublishedAt = orZero(r.FirstPublishedAt)
	m.ChannelPath = irctext.ChannelPath(r.Folded)
	return m, err
}

// Meeting returns the meeting whose #startmeeting line is ref, or
// fault.NotFound.
func (s *Store) Meeting(ctx context.Context, v person.Viewer, ref hackfest.Ref) (hackfest.Meeting, error) {
	const q = selectMeetings + ` and m.ref = @ref`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": ref, "members": v.SeesMembersOnly()})
	m, err := pgx.CollectExactlyOneRow(rows, scanMeeting)
	return m, classify(err, "meeting")
}

// MeetingsOfSession returns the meetings of a session in the order in which
// they were held.
func (s *Store) MeetingsOfSession(ctx context.Context, v person.Viewer, id hackfest.SessionID) ([]hackfest.Meeting, error) {
	const q = selectMeetings + ` and m.session_id = @session order by m.ref`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanMeeting)
	return list, classify(err, "meeting")
}

// MeetingFilter says which meetings to list. The zero value of a field does not
// restrict the list.
type MeetingFilter struct {
	Session  string       // slug of the session
	Network  string       // name of the channel's network
	Channel  string       // folded name of the channel, with its prefix
	Series   string       // slug of the series
	From, To time.Time    // those that started at From or later, and before To
	Ended    bool         // those that are over
	Before   hackfest.Ref // where the last page ended
	Limit    int          // at most that many; 0 is 100
}

// Meetings lists the meetings that match f, newest first.
func (s *Store) Meetings(ctx context.Context, v person.Viewer, f MeetingFilter) ([]hackfest.Meeting, error) {
	const q = selectMeetings + `
		  and m.ref < @before and m.ref >= @lowest
		  and m.started_at >= @from and m.started_at < @to
		  and (@session = '' or s.slug = @session)
		  and (@network = '' or w.name = @network)
		  and (@channel = '' or c.folded = @channel)
		  and (@series = '' or r.slug = @series)
		  and (not @ended or m.ended_at is not null)
		order by m.ref desc
		limit @limit`
	from, to, before, lowest := beginning, end, highestRef, hackfest.Ref{}
	if !f.From.IsZero() {
		from, lowest = f.From, hackfest.RefAt(f.From.Add(-clockBehind))
	}
	if !f.To.IsZero() {
		to, before = f.To, hackfest.RefAt(f.To.Add(clockAhead))
	}
	if !f.Before.IsZero() && f.Before.Compare(before) < 0 {
		before = f.Before
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "before": uuid(before), "lowest": uuid(lowest), "from": from, "to": to,
		"session": f.Session, "network": f.Network, "channel": f.Channel, "series": f.Series,
		"ended": f.Ended, "limit": limit(f.Limit),
	})
	list, err := pgx.CollectRows(rows, scanMeeting)
	return list, classify(err, "meeting")
}

// TopicRow is a stored topic.
type TopicRow struct {
	meeting.Topic
	ChangedRef hackfest.Ref // the line that last changed it
	Redacted   bool         // its title is a mark that says who took it away
}

// Topics returns the topics of a meeting in order, undone ones included, that
// were added or changed by a line after changedAfter; the zero ref gives all.
// Without such a meeting there are none.
func (s *Store) Topics(ctx context.Context, v person.Viewer, meetingRef, changedAfter hackfest.Ref) ([]TopicRow, error) {
	const q = `
		select p.ref, p.n, p.changed_ref, p.title, p.subtopic, p.at, p.undone, p.redacted_at is not null
		from topics p
		join meetings m on m.ref = p.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where p.meeting_ref = @meeting and p.changed_ref > @after
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		order by p.ref, p.n`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"meeting": meetingRef, "after": uuid(changedAfter), "members": v.SeesMembersOnly(),
	})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (TopicRow, error) {
		var t TopicRow
		err := row.Scan(&t.ID.Ref, &t.ID.N, &t.ChangedRef, &t.Title, &t.Subtopic, &t.At, &t.Undone, &t.Redacted)
		t.At = t.At.UTC()
		return t, err
	})
	return list, classify(err, "topic")
}

// ItemRow is a stored item.
type ItemRow struct {
	meeting.Item
	Owners     []string     // of an action, as of the last #save or the end; nil before
	ChangedRef hackfest.Ref // the line that last changed it
	Redacted   bool         // its text is a mark that says who took it away
}

// Items returns the items of a meeting in order, undone ones included, that
// were added or changed by a line after changedAfter; the zero ref gives all.
// Without such a meeting there are none.
func (s *Store) Items(ctx context.Context, v person.Viewer, meetingRef, changedAfter hackfest.Ref) ([]ItemRow, error) {
	const q = `
		select i.ref, i.n, i.changed_ref, i.topic_ref, i.topic_n, i.kind, i.at, i.nick, i.text, i.url, i.owners, i.due, i.lesson_kind,
			i.undone, i.redacted_at is not null
		from items i
		join meetings m on m.ref = i.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where i.meeting_ref = @meeting and i.changed_ref > @after
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		order by i.ref, i.n`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"meeting": meetingRef, "after": uuid(changedAfter), "members": v.SeesMembersOnly(),
	})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (ItemRow, error) {
		var i ItemRow
		var due *time.Time
		err := row.Scan(&i.ID.Ref, &i.ID.N, &i.ChangedRef, &i.Topic.Ref, &i.Topic.N, &i.Kind, &i.At, &i.Nick, &i.Text, &i.URL,
			&i.Owners, &due, &i.Lesson, &i.Undone, &i.Redacted)
		i.At, i.Due = i.At.UTC(), orZero(due)
		return i, err
	})
	return list, classify(err, "item")
}
