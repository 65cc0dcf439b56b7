package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// fadeAfter is how long calendars show a cancelled date of a series after its
// time; then they only leave it out.
const fadeAfter = 7 * 24 * time.Hour

// Feed returns what a calendar tells v: series by their rules, the dates that are
// otherwise, and the sessions of no rule. Proposals are in no calendar. However
// much there is, it asks Postgres eight times.
func (s *Store) Feed(ctx context.Context, v person.Viewer, f hackfest.FeedFilter) (hackfest.Feed, error) {
	var feed hackfest.Feed
	err := s.inSnapshot(ctx, func(tx *Store) error {
		feed = hackfest.Feed{}
		list, err := tx.feedSeries(ctx, v, f)
		if err != nil {
			return err
		}
		b := feedBuilder{series: map[hackfest.SeriesID]int{}, rules: map[hackfest.RuleID]*hackfest.FeedRule{}}
		ids := b.add(list)
		args := feedArgs(v, f, ids)
		for _, read := range []func(context.Context, pgx.NamedArgs, *feedBuilder) error{tx.feedBegun, tx.feedGaps, tx.feedDates, tx.feedChairs} {
			if err := read(ctx, args, &b); err != nil {
				return err
			}
		}
		feed.Series, feed.Sessions = b.list, b.sessions
		feed.Channels, err = tx.Channels(ctx, v)
		return err
	})
	return feed, err
}

func feedArgs(v person.Viewer, f hackfest.FeedFilter, ids []hackfest.SeriesID) pgx.NamedArgs {
	return pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "ids": ids, "series": f.Series, "target": f.Target,
		"network": f.Network, "channel": f.Channel, "person": f.Person,
	}
}

// feedBuilder puts together what the queries of a feed find.
type feedBuilder struct {
	list     []hackfest.FeedSeries
	series   map[hackfest.SeriesID]int // place in list
	rules    map[hackfest.RuleID]*hackfest.FeedRule
	sessions []hackfest.FeedSession
}

// add takes the series of the feed, and returns their IDs.
func (b *feedBuilder) add(list []hackfest.Series) []hackfest.SeriesID {
	ids := make([]hackfest.SeriesID, len(list))
	b.list = make([]hackfest.FeedSeries, len(list))
	for i, r := range list {
		ids[i], b.series[r.ID] = r.ID, i
		b.list[i] = hackfest.FeedSeries{Series: r, Laid: make([]hackfest.FeedRule, len(r.Rules))}
		for j, q := range r.Rules {
			b.list[i].Laid[j].SeriesRule = q
			b.rules[q.ID] = &b.list[i].Laid[j]
		}
	}
	return ids
}

// feedSeries are the series whose rules are in a feed.
func (s *Store) feedSeries(ctx context.Context, v person.Viewer, f hackfest.FeedFilter) ([]hackfest.Series, error) {
	const q = selectSeries + `
		  and (@series = '' or r.slug = @series)
		  and (@target = '' or t.slug = @target)
		  and (@network = '' or w.name = @network)
		  and (@channel = '' or c.folded = @channel)
		  and (@person::bigint = 0 or r.visibility = 'members' or c.visibility = 'members'
			or exists (select 1 from chairs h where h.series_id = r.id and h.person_id = @person) or r.host_id = @person
			or exists (select 1 from rsvps a where a.series_id = r.id and a.person_id = @person
				and a.answer <> 'regrets' and a.ended_at is null and a.removed_at is null))
		order by r.id`
	rows, _ := s.db.Query(ctx, q, feedArgs(v, f, nil))
	list, err := pgx.CollectRows(rows, scanSeries)
	if err != nil {
		return nil, classify(err, "series")
	}
	return list, s.fillRules(ctx, list)
}

// feedBegun finds the first date of each rule that is a session. A rule may give
// dates from before its series was known here; those never were.
func (s *Store) feedBegun(ctx context.Context, args pgx.NamedArgs, b *feedBuilder) error {
	const q = `
		select q.id, (select s.occurrence from sessions s where s.rule_id = q.id order by s.occurrence limit 1)
		from series_rules q
		join series r on r.id = q.series_id
		join channels c on c.id = r.channel_id
		where (@members or (r.visibility = 'public' and c.visibility = 'public')) and q.series_id = any(@ids)`
	rows, _ := s.db.Query(ctx, q, args)
	var id hackfest.RuleID
	var begun *time.Time
	_, err := pgx.ForEachRow(rows, []any{&id, &begun}, func() error {
		if rule := b.rules[id]; rule != nil {
			rule.Begun = orZero(begun)
		}
		return nil
	})
	return classify(err, "session")
}

// told says which sessions of rules are in the feed for themselves: those that
// v may see, that are what the feed is about, and that have not faded.
const told = `(
			(@members or (s.visibility = 'public' and c.visibility = 'public'))
			and s.faded_at is null
			and (@target = '' or exists (select 1 from targets t where t.id = s.target_id and t.slug = @target))
			and (@network = '' or w.name = @network)
			and (@channel = '' or c.folded = @channel))`

// feedGaps finds the dates of rules that are left out.
func (s *Store) feedGaps(ctx context.Context, args pgx.NamedArgs, b *feedBuilder) error {
	const q = `
		select s.rule_id, s.occurrence, greatest(s.changed_at, s.faded_at) as changed_at
		from sessions s
		join channels c on c.id = s.channel_id
		join networks w on w.id = c.network_id
		where s.rule_id is not null and s.series_id = any(@ids)
		  and (@target <> '' or @channel <> '' or s.overridden or s.state = 'cancelled' or s.visibility = 'members')
		  and not ` + told + `
		order by s.rule_id, s.occurrence`
	rows, _ := s.db.Query(ctx, q, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[hackfest.FeedGap])
	for _, g := range list {
		if rule := b.rules[g.RuleID]; rule != nil {
			g.ChangedAt = g.ChangedAt.UTC()
			rule.Except = append(rule.Except, g)
		}
	}
	return classify(err, "session")
}

// selectFeedSessions is the head of every query for sessions of a feed.
const selectFeedSessions = `
		select s.id, s.slug, s.title, s.kind, s.state, s.starts_at, s.ends_at, s.zone, s.goal, s.reason, s.moved_from,
			s.sequence, s.changed_at, s.visibility, s.uid as own_uid, s.occurrence, coalesce(s.rule_id, 0) as rule_id,
			c.id as channel_id, w.name as network, c.name as channel, c.folded,
			coalesce((select r.slug from series r where r.id = s.series_id), '') as series_slug,
			coalesce((select t.name from targets t where t.id = s.target_id), '') as target_name
		from sessions s
		join channels c on c.id = s.channel_id
		join networks w on w.id = c.network_id`

// feedSessionRow is hackfest.FeedSession as Postgres gives it.
type feedSessionRow struct {
	hackfest.Session
	MovedFrom, Occurrence *time.Time
	OwnUID, Folded        string
}

func scanFeedSession(row pgx.CollectableRow) (hackfest.FeedSession, error) {
	r, err := pgx.RowToStructByNameLax[feedSessionRow](row)
	x := r.Session
	x.StartsAt, x.EndsAt, x.ChangedAt = x.StartsAt.UTC(), x.EndsAt.UTC(), x.ChangedAt.UTC()
	x.MovedFrom, x.Occurrence, x.ChannelPath = orZero(r.MovedFrom), orZero(r.Occurrence), irctext.ChannelPath(r.Folded)
	return hackfest.FeedSession{Session: x, OwnUID: r.OwnUID}, err
}

// feedDates finds the sessions that are told for themselves: dates of the feed's
// series that are not as their rules have them, what has no rule, and what is in
// the feed without its series. What was cancelled when its series changed is told
// by the rule that does not give it any more.
func (s *Store) feedDates(ctx context.Context, args pgx.NamedArgs, b *feedBuilder) error {
	const q = selectFeedSessions + `
		where s.state <> 'proposed' and ` + told + `
		  and (s.rule_id is not null and s.series_id = any(@ids) and (s.overridden or s.state = 'cancelled')
			or (s.rule_id is null and (s.series_id is null or s.state <> 'cancelled')
					or s.rule_id is not null and s.series_id <> all(@ids))
				and (@series = '' or s.series_id = any(@ids))
				and (s.rule_id is null or @target <> '' or @channel <> '' or @person::bigint <> 0)
				and (@person::bigint = 0 or s.series_id = any(@ids) or s.visibility = 'members' or c.visibility = 'members'
					or exists (select 1 from chairs h where h.session_id = s.id and h.person_id = @person) or s.host_id = @person
					or exists (select 1 from rsvps a where a.session_id = s.id and a.person_id = @person and a.answer <> 'regrets' and a.removed_at is null)))
		order by s.starts_at, s.id`
	rows, _ := s.db.Query(ctx, q, args)
	list, err := pgx.CollectRows(rows, scanFeedSession)
	for _, x := range list {
		if rule := b.rules[x.RuleID]; rule != nil {
			rule.Dates = append(rule.Dates, x)
		} else {
			b.sessions = append(b.sessions, x)
		}
	}
	return classify(err, "session")
}

// feedChairs finds who chairs the series and the single sessions of a feed. Who
// does not want to be named is not.
func (s *Store) feedChairs(ctx context.Context, args pgx.NamedArgs, b *feedBuilder) error {
	const q = `
		select coalesce(h.series_id, 0), coalesce(h.session_id, 0), p.name
		from chairs h
		join people p on p.id = h.person_id
		where (h.series_id = any(@ids) or h.session_id = any(@sessions))
		  and p.suspended_at is null and p.left_at is null and not p.unnamed
		order by lower(p.name), p.id`
	at := map[hackfest.SessionID]int{}
	ids := make([]hackfest.SessionID, len(b.sessions))
	for i, x := range b.sessions {
		ids[i], at[x.ID] = x.ID, i
	}
	args["sessions"] = ids
	rows, _ := s.db.Query(ctx, q, args)
	var series hackfest.SeriesID
	var session hackfest.SessionID
	var name string
	_, err := pgx.ForEachRow(rows, []any{&series, &session, &name}, func() error {
		if i, ok := at[session]; ok {
			b.sessions[i].Chairs = append(b.sessions[i].Chairs, name)
		}
		if i, ok := b.series[series]; ok {
			b.list[i].Chairs = append(b.list[i].Chairs, name)
		}
		return nil
	})
	return classify(err, "chair")
}

// FeedOfSession returns the calendar of one session, or fault.NotFound; that of a
// proposal is none.
func (s *Store) FeedOfSession(ctx context.Context, v person.Viewer, slug string) (hackfest.Feed, error) {
	const q = selectFeedSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public')) and s.slug = @slug and s.state <> 'proposed'`
	var feed hackfest.Feed
	err := s.inSnapshot(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "members": v.SeesMembersOnly()})
		x, err := pgx.CollectExactlyOneRow(rows, scanFeedSession)
		if err != nil {
			return classify(err, "session")
		}
		b := feedBuilder{sessions: []hackfest.FeedSession{x}}
		if err := tx.feedChairs(ctx, pgx.NamedArgs{"ids": []hackfest.SeriesID{}}, &b); err != nil {
			return err
		}
		feed = hackfest.Feed{Sessions: b.sessions}
		feed.Channels, err = tx.Channels(ctx, v)
		return err
	})
	return feed, err
}

// FadeCancelled has calendars leave out, rather than show as cancelled, the dates
// of series that were cancelled and are over for a week (so that they stay away:
// the rule goes on giving them). It returns how many that is about now.
func (s *Store) FadeCancelled(ctx context.Context, now time.Time) (int64, error) {
	const q = `
		update sessions set faded_at = @now
		where rule_id is not null and (overridden or state = 'cancelled' or visibility = 'members')
		  and state = 'cancelled' and faded_at is null and ends_at < @over`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"now": now, "over": now.Add(-fadeAfter)})
	return tag.RowsAffected(), classify(err, "session")
}
