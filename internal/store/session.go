package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// selectSessions is the head of every query for sessions. What follows has to
// begin with a condition on visibility, as in
// "where (@members or (s.visibility = 'public' and c.visibility = 'public'))".
const selectSessions = `
		select s.id, s.slug, s.title, s.kind, s.state, s.starts_at, s.ends_at, s.zone, s.goal, s.reason, s.moved_from,
			coalesce(q.uid, s.uid) as uid, s.sequence, s.revision, s.changed_at, coalesce(p.name, '') as changed_by,
			coalesce((select b.slug from sessions b join channels bc on bc.id = b.channel_id
				where b.id = s.replaced_by and (@members or (b.visibility = 'public' and bc.visibility = 'public'))), '') as replaced_by,
			s.visibility, s.overlap_ok, s.conflict_at, s.running, s.held, s.published,
			s.held > 0 and s.overlap_ok and s.series_id is null
				and exists (select 1 from meetings m where m.session_id = s.id and m.started_at = s.starts_at) as spot,
			c.id as channel_id, w.name as network, c.name as channel, c.folded,
			coalesce(r.slug, '') as series_slug, coalesce(r.title, '') as series_title,
			coalesce(s.rule_id, 0) as rule_id, s.occurrence, s.moved, s.overridden,
			coalesce(t.slug, '') as target_slug, coalesce(t.name, '') as target_name,
			coalesce(h.id, 0) as host_id, coalesce(h.name, '') as host
		from sessions s
		join channels c on c.id = s.channel_id
		join networks w on w.id = c.network_id
		left join series r on r.id = s.series_id
		left join series_rules q on q.id = s.rule_id
		left join people p on p.id = s.changed_by
		left join targets t on t.id = s.target_id
		left join people h on h.id = coalesce(s.host_id, r.host_id)`

// sessionRow is hackfest.Session as Postgres gives it.
type sessionRow struct {
	ID                                              hackfest.SessionID
	Slug, Title                                     string
	Kind                                            hackfest.SessionKind
	State                                           hackfest.SessionState
	StartsAt, EndsAt                                time.Time
	Zone, Goal, Reason                              string
	MovedFrom                                       *time.Time
	UID                                             string
	Sequence, Revision                              int
	ChangedAt                                       time.Time
	ChangedBy, ReplacedBy                           string
	RuleID                                          hackfest.RuleID
	Occurrence                                      *time.Time
	Moved, Overridden                               bool
	Visibility                                      person.Visibility
	OverlapOK                                       bool
	ConflictAt                                      *time.Time
	Running, Held                                   int
	Published, Spot                                 bool
	ChannelID                                       hackfest.ChannelID
	Network, Channel, Folded                        string
	SeriesSlug, SeriesTitle, TargetSlug, TargetName string
	HostID                                          person.ID
	Host                                            string
}

func scanSession(row pgx.CollectableRow) (hackfest.Session, error) {
	r, err := pgx.RowToStructByName[sessionRow](row)
	return hackfest.Session{
		ID: r.ID, Slug: r.Slug, Title: r.Title, Kind: r.Kind, State: r.State, StartsAt: r.StartsAt.UTC(), EndsAt: r.EndsAt.UTC(),
		Zone: r.Zone, Goal: r.Goal, Reason: r.Reason, MovedFrom: orZero(r.MovedFrom),
		UID: r.UID, Sequence: r.Sequence, Revision: r.Revision, ChangedAt: r.ChangedAt.UTC(), ChangedBy: r.ChangedBy, ReplacedBy: r.ReplacedBy,
		RuleID: r.RuleID, Occurrence: orZero(r.Occurrence), Moved: r.Moved, Overridden: r.Overridden,
		Visibility: r.Visibility, OverlapOK: r.OverlapOK, ConflictAt: orZero(r.ConflictAt),
		ChannelID: r.ChannelID, Network: r.Network, Channel: r.Channel, ChannelPath: irctext.ChannelPath(r.Folded),
		SeriesSlug: r.SeriesSlug, SeriesTitle: r.SeriesTitle, TargetSlug: r.TargetSlug, TargetName: r.TargetName,
		HostID: r.HostID, Host: r.Host, Running: r.Running, Held: r.Held, Published: r.Published, Spot: r.Spot,
	}, err
}

// orZero reads a column that may be null: null is the zero time.
func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// orNull is a parameter that may be null: the zero time is null.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Session returns the session with this slug, or fault.NotFound.
func (s *Store) Session(ctx context.Context, v person.Viewer, slug string) (hackfest.Session, error) {
	const q = selectSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public')) and s.slug = @slug`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "members": v.SeesMembersOnly()})
	session, err := pgx.CollectExactlyOneRow(rows, scanSession)
	return session, classify(err, "session")
}

// SessionByID returns one session, or fault.NotFound.
func (s *Store) SessionByID(ctx context.Context, v person.Viewer, id hackfest.SessionID) (hackfest.Session, error) {
	const q = selectSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public')) and s.id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly()})
	session, err := pgx.CollectExactlyOneRow(rows, scanSession)
	return session, classify(err, "session")
}

// SessionCursor is a place in a list of sessions; the zero value is its
// beginning.
type SessionCursor struct {
	StartsAt time.Time
	ID       hackfest.SessionID
}

// CursorAfter is the cursor that continues a list after session s.
func CursorAfter(s hackfest.Session) SessionCursor {
	return SessionCursor{StartsAt: s.StartsAt, ID: s.ID}
}

// SessionFilter says which sessions to list. The zero value of a field does not
// restrict the list.
type SessionFilter struct {
	From       time.Time            // those that end after it
	To         time.Time            // those that start before it
	Kind       hackfest.SessionKind // one kind only
	Network    string               // name of the channel's network
	Channel    string               // folded name of the channel, with its prefix
	Target     string               // slug of the target
	WithTarget bool                 // those that have a target
	Series     string               // slug of the series
	Mine       person.ID            // who chairs or hosts them, by themselves or by their series, or said that they come
	After      SessionCursor        // where the last page ended
	Limit      int                  // at most that many; 0 is 100
	Desc       bool                 // latest start first, else soonest first
}

const sessionConditions = `
		where (@members or (s.visibility = 'public' and c.visibility = 'public'))
		  and s.starts_at > @back and s.ends_at > @from and s.starts_at < @to
		  and (@kind = '' or s.kind = @kind)
		  and (@network = '' or w.name = @network)
		  and (@channel = '' or c.folded = @channel)
		  and (@target = '' or t.slug = @target)
		  and (not @with_target or s.target_id is not null)
		  and (@series = '' or r.slug = @series)
		  and (@mine::bigint = 0 or exists (
			select 1 from chairs h where h.person_id = @mine and (h.session_id = s.id or h.series_id = s.series_id))
			or coalesce(s.host_id, r.host_id) = @mine
			or exists (select 1 from session_answers a where a.session_id = s.id and a.person_id = @mine and a.answer <> 'regrets'))`

// longestSession is what the schema allows; a list of sessions that end after
// an instant need not look further back.
const longestSession = 7 * 24 * time.Hour

// Bounds for a time that is not restricted.
var (
	beginning = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	end       = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

// Sessions lists the sessions that match f, cancelled ones included, by start.
func (s *Store) Sessions(ctx context.Context, v person.Viewer, f SessionFilter) ([]hackfest.Session, error) {
	if f.Desc {
		return s.sessionsBackward(ctx, v, f)
	}
	const q = selectSessions + sessionConditions + `
		  and (s.starts_at, s.id) > (@after_at, @after_id)
		order by s.starts_at, s.id
		limit @limit`
	rows, _ := s.db.Query(ctx, q, f.args(v, beginning))
	list, err := pgx.CollectRows(rows, scanSession)
	return list, classify(err, "session")
}

func (s *Store) sessionsBackward(ctx context.Context, v person.Viewer, f SessionFilter) ([]hackfest.Session, error) {
	const q = selectSessions + sessionConditions + `
		  and (s.starts_at, s.id) < (@after_at, @after_id)
		order by s.starts_at desc, s.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, f.args(v, end))
	list, err := pgx.CollectRows(rows, scanSession)
	return list, classify(err, "session")
}

// args are the parameters of sessionConditions and of the cursor, which begins
// at first.
func (f SessionFilter) args(v person.Viewer, first time.Time) pgx.NamedArgs {
	from, back, to, after := f.From, f.From.Add(-longestSession), f.To, f.After
	if from.IsZero() {
		from, back = beginning, beginning
	}
	if to.IsZero() {
		to = end
	}
	if after.StartsAt.IsZero() {
		after.StartsAt = first
	}
	return pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "from": from, "back": back, "to": to,
		"kind": f.Kind, "network": f.Network, "channel": f.Channel, "target": f.Target,
		"with_target": f.WithTarget, "series": f.Series, "mine": f.Mine,
		"after_at": after.StartsAt, "after_id": after.ID, "limit": limit(f.Limit),
	}
}

// limit is how many rows a list may have that asked for n.
func limit(n int) int {
	if n <= 0 {
		return 100
	}
	return n
}

// NextSession returns the session to be at: the one that runs, else the one
// whose time it is, else the next that comes. Without any it is
// fault.NotFound.
func (s *Store) NextSession(ctx context.Context, v person.Viewer, now time.Time) (hackfest.Session, error) {
	const q = selectSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public'))
		  and s.id = coalesce(
			(select n.id from sessions n join channels nc on nc.id = n.channel_id
			 where n.running > 0 and n.state <> 'cancelled'
			   and (@members or (n.visibility = 'public' and nc.visibility = 'public'))
			 order by n.starts_at, n.id limit 1),
			(select n.id from sessions n join channels nc on nc.id = n.channel_id
			 where n.starts_at > @back and n.ends_at > @now and n.held = 0 and n.state = 'scheduled'
			   and (@members or (n.visibility = 'public' and nc.visibility = 'public'))
			 order by n.starts_at, n.id limit 1))`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"now": now, "back": now.Add(-longestSession), "members": v.SeesMembersOnly(),
	})
	session, err := pgx.CollectExactlyOneRow(rows, scanSession)
	return session, classify(err, "session")
}

// LiveSessions returns the sessions that are live at now, as
// hackfest.Session.Status has it, by start.
func (s *Store) LiveSessions(ctx context.Context, v person.Viewer, now time.Time) ([]hackfest.Session, error) {
	const q = selectSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public'))
		  and s.id in (
			select n.id from sessions n where n.running > 0 and n.state <> 'cancelled'
			union all
			select n.id from sessions n
			where n.starts_at > @back and n.starts_at <= @now and n.ends_at > @now and n.held = 0 and n.state = 'scheduled')
		order by s.starts_at, s.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"now": now, "back": now.Add(-longestSession), "members": v.SeesMembersOnly(),
	})
	list, err := pgx.CollectRows(rows, scanSession)
	return list, classify(err, "session")
}
