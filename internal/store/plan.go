package store

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// earlyStart is how long before its planned start a session may be begun.
const earlyStart = 30 * time.Minute

// spotLength is how long a session is planned that nobody planned.
const spotLength = time.Hour

// sessionOfMeeting is where a meeting belongs.
type sessionOfMeeting struct {
	ID         hackfest.SessionID
	Visibility person.Visibility
}

// session finds the session that meeting h belongs to: the one it names, else
// the nearest planned one of the channel whose time it is, else one made on the
// spot. It also says who may see the meeting.
func (r *recorder) session(ctx context.Context, h meeting.Header) (hackfest.SessionID, person.Visibility, error) {
	const q = `
		select s.id, s.visibility
		from sessions s
		where s.channel_id = @channel and s.state = 'scheduled'
		  and (s.slug = @slug
			or (s.starts_at > @back and s.starts_at <= @soon and s.ends_at >= @at))
		order by s.slug = @slug desc, abs(extract(epoch from s.starts_at - @at::timestamptz)), s.id
		limit 1`
	rows, _ := r.tx.db.Query(ctx, q, pgx.NamedArgs{
		"channel": r.ID, "slug": h.SessionSlug, "at": h.StartedAt,
		"back": h.StartedAt.Add(-longestSession), "soon": h.StartedAt.Add(earlyStart),
	})
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[sessionOfMeeting])
	if err = classify(err, "session"); fault.KindOf(err) == fault.NotFound {
		found.Visibility = r.Visibility
		found.ID, err = r.makeSession(ctx, h)
	}
	if r.Visibility == person.MembersOnly {
		found.Visibility = person.MembersOnly
	}
	return found.ID, found.Visibility, err
}

// makeSession stores a session for a meeting that nobody planned.
func (r *recorder) makeSession(ctx context.Context, h meeting.Header) (hackfest.SessionID, error) {
	title := clean(h.Title)
	if title == "" {
		title = "Meeting in " + r.Name
	}
	if runes := []rune(title); len(runes) > maxSessionTitle {
		title = string(runes[:maxSessionTitle])
	}
	r.planned = true
	zone := cmp.Or(r.tx.Zone, time.UTC)
	return r.tx.insertSession(ctx, newSession{
		title: title, kind: hackfest.KindMeeting, state: hackfest.StateScheduled, channel: r.ID,
		startsAt: h.StartedAt, endsAt: h.StartedAt.Add(spotLength), zone: zone.String(),
		visibility: r.Visibility, overlapOK: true, uid: spotUID(h.Ref), slug: hackfest.SessionSlug(h.StartedAt.In(zone), title),
	}, r.now)
}

// maxSessionTitle is the longest title of a session, in characters, as the
// schema has it.
const maxSessionTitle = 200

// newSession is a row of table sessions as it is made.
type newSession struct {
	slug       string // with a number added when it is taken
	title      string
	kind       hackfest.SessionKind
	state      hackfest.SessionState
	channel    hackfest.ChannelID
	target     string            // slug; "" when it has none
	series     hackfest.SeriesID // zero for a one-off
	rule       hackfest.RuleID   // that gave the date; zero for a one-off
	occurrence time.Time         // wall-clock start the rule gave; zero for a one-off
	sequence   int
	startsAt   time.Time
	endsAt     time.Time
	zone       string
	goal       string
	reason     string
	movedFrom  time.Time
	uid        string
	visibility person.Visibility
	overlapOK  bool
	conflictAt time.Time
}

// maxSameSlug is how many sessions of one day and title we number.
const maxSameSlug = 1000

// insertSession stores n under its slug or, when that is taken, under the first
// free one with a number, and returns its ID. A target that does not exist is
// fault.NotFound.
func (s *Store) insertSession(ctx context.Context, n newSession, now time.Time) (hackfest.SessionID, error) {
	const q = `
		insert into sessions (slug, series_id, rule_id, occurrence, title, kind, state, channel_id, target_id, starts_at, ends_at, zone,
			goal, reason, moved_from, uid, sequence, visibility, overlap_ok, conflict_at, created_at, changed_at)
		select @slug, @series, @rule, @occurrence, @title, @kind, @state, @channel,
			(select t.id from targets t where t.slug = @target), @starts, @ends, @zone,
			@goal, @reason, @moved, @uid, @sequence, @visibility, @overlap_ok, @conflict, @now, @now
		on conflict (slug) do nothing
		returning id`
	if n.target != "" {
		if _, err := s.Target(ctx, n.target); err != nil {
			return 0, err
		}
	}
	var series *hackfest.SeriesID
	if n.series != 0 {
		series = &n.series
	}
	var rule *hackfest.RuleID
	if n.rule != 0 {
		rule = &n.rule
	}
	args := pgx.NamedArgs{
		"series": series, "rule": rule, "sequence": n.sequence, "occurrence": orNull(n.occurrence), "title": n.title, "kind": n.kind, "state": n.state,
		"channel": n.channel, "target": n.target, "starts": n.startsAt, "ends": n.endsAt, "zone": n.zone,
		"goal": n.goal, "reason": n.reason, "moved": orNull(n.movedFrom), "uid": n.uid,
		"visibility": orPublic(n.visibility), "overlap_ok": n.overlapOK, "conflict": orNull(n.conflictAt), "now": now,
	}
	slug := n.slug
	for i := 2; i <= maxSameSlug; i++ {
		args["slug"] = slug
		rows, _ := s.db.Query(ctx, q, args)
		ids, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.SessionID])
		if err != nil {
			return 0, classify(err, "session")
		}
		if len(ids) == 1 {
			return ids[0], nil
		}
		slug = fmt.Sprintf("%s-%d", n.slug, i)
	}
	return 0, fault.New(fault.Conflict, "There are too many sessions with this title on that day.")
}

// AddSession stores a planned session and returns its ID. The channel
// is found by a.Network and a.Channel, the target by a.TargetSlug; without them
// it is fault.NotFound, and fault.Conflict when the channel is taken, also by a
// date of a series that is not laid out yet, and a.OverlapOK is not set. An empty slug is made of the local date and the title
// and numbered when taken; no state is scheduled. ID, ChannelID, ChannelPath,
// Series…, Running, Held, Published, Sequence and ConflictAt are ignored.
func (s *Store) AddSession(ctx context.Context, a hackfest.Session, now time.Time) (hackfest.SessionID, error) {
	zone, err := time.LoadLocation(a.Zone)
	if err != nil {
		return 0, &fault.Error{Kind: fault.Invalid, Field: "zone", Message: "There is no zone " + a.Zone + ".", Err: err}
	}
	if a.Slug == "" {
		a.Slug = hackfest.SessionSlug(a.StartsAt.In(zone), a.Title)
	}
	if a.State == "" {
		a.State = hackfest.StateScheduled
	}
	var id hackfest.SessionID
	err = s.InTx(ctx, func(tx *Store) error {
		channel, err := tx.channelID(ctx, a.Network, a.Channel)
		if err != nil {
			return err
		}
		id, err = tx.insertSession(ctx, newSession{
			slug: a.Slug, title: a.Title, kind: a.Kind, state: a.State, channel: channel, target: a.TargetSlug,
			startsAt: a.StartsAt, endsAt: a.EndsAt, zone: a.Zone, goal: a.Goal, reason: a.Reason, movedFrom: a.MovedFrom,
			uid: newUID(now), visibility: a.Visibility, overlapOK: a.OverlapOK,
		}, now)
		if err != nil {
			return err
		}
		x, err := tx.SessionByID(ctx, person.Viewer{Role: person.Admin}, id)
		if err != nil {
			return err
		}
		if err := tx.takePlace(ctx, &x, now); err != nil { // by a series, later than is laid out
			return err
		}
		return tx.notify(ctx, topicSessions)
	})
	return id, err
}
