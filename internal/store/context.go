package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// contextAhead is how far the engine sees into a channel's plans.
const contextAhead = 24 * time.Hour

// MeetingContext returns what the engine needs to know of a channel: its
// sessions that are on now or start within a day with their agendas and the open
// actions of their series, the targets, and its settings. BaseURL, GitHub, Bot and Casemapping are the bot's to fill in. For a channel that is not known
// it is empty.
func (s *Store) MeetingContext(ctx context.Context, network, channel string, now time.Time) (meeting.Context, error) {
	const q = `
		select c.id, c.start_right, c.noisy, c.w3c,
			array(
				select i.value from identities i join people p on p.id = i.person_id
				where i.kind = 'account' and i.network = w.name and i.until is null
				order by i.value) as member_accounts
		from channels c
		join networks w on w.id = c.network_id
		where w.name = @network and (c.folded = @channel or c.name = @channel or lower(c.name) = @lower)
		order by c.folded = @channel desc, c.name = @channel desc
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": network, "channel": channel, "lower": strings.ToLower(channel)})
	type settings struct {
		ID             hackfest.ChannelID
		StartRight     string
		Noisy, W3C     bool
		MemberAccounts []string
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[settings])
	if err != nil || len(found) == 0 {
		return meeting.Context{}, classify(err, "channel")
	}
	c := meeting.Context{Settings: meeting.Settings{
		StartRight: found[0].StartRight, Noisy: found[0].Noisy, W3C: found[0].W3C, MemberAccounts: found[0].MemberAccounts,
	}}
	if c.Sessions, err = s.sessionsAhead(ctx, found[0].ID, now); err != nil {
		return meeting.Context{}, err
	}
	c.Targets, err = s.contextTargets(ctx)
	return c, err
}

// What the engine is told at most, so that the line that tells it stays small.
const (
	maxContextTargets = 200
	maxContextActions = 50
	maxContextAnswers = 300
)

// aheadSession is a session as the engine is told of it.
type aheadSession struct {
	ID                hackfest.SessionID
	Slug, Title, Zone string
	StartsAt, EndsAt  time.Time
	Target            string
	Series            *hackfest.SeriesID
}

func (s *Store) sessionsAhead(ctx context.Context, channel hackfest.ChannelID, now time.Time) ([]meeting.ContextSession, error) {
	const q = `
		select s.id, s.slug, s.title, s.zone, s.starts_at, s.ends_at, coalesce(t.slug, '') as target, s.series_id as series
		from sessions s
		left join targets t on t.id = s.target_id
		where s.channel_id = @channel and s.state = 'scheduled'
		  and s.starts_at > @back and s.starts_at <= @to and s.ends_at >= @now
		order by s.starts_at, s.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"channel": channel, "now": now, "back": now.Add(-longestSession), "to": now.Add(contextAhead),
	})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[aheadSession])
	if err != nil {
		return nil, classify(err, "session")
	}
	list := make([]meeting.ContextSession, 0, len(found))
	for _, x := range found {
		c := meeting.ContextSession{
			Slug: x.Slug, Title: x.Title, Zone: x.Zone, StartsAt: x.StartsAt.UTC(), EndsAt: x.EndsAt.UTC(), Target: x.Target,
		}
		if c.Agenda, err = s.contextAgenda(ctx, x.ID); err != nil {
			return nil, err
		}
		if c.Coming, c.Regrets, err = s.contextAnswers(ctx, x.ID); err != nil {
			return nil, err
		}
		if c.Repository, err = s.contextRepository(ctx, x.ID); err != nil {
			return nil, err
		}
		if x.Series != nil {
			if c.Actions, err = s.contextActions(ctx, x.ID); err != nil {
				return nil, err
			}
		}
		list = append(list, c)
	}
	return list, nil
}

// contextAgenda is what a session still has to reach. What was carried over
// already, because its first meeting has ended, belongs to a second meeting of
// the same session as long as the next has not begun.
func (s *Store) contextAgenda(ctx context.Context, id hackfest.SessionID) ([]meeting.AgendaItem, error) {
	const q = `
		select g.id, ` + agendaText + ` as text, coalesce(x.slug, '') as "from"
		from agenda_items g
		left join items i on i.ref = g.action_ref and i.n = g.action_n
		left join agenda_items e on e.id = g.carried_from
		left join sessions x on x.id = e.session_id
		where g.session_id = @session
		  and (g.state = 'open' or g.state = 'carried' and exists (
			select 1 from agenda_items o join sessions n on n.id = o.session_id
			where o.carried_from = g.id and o.state = 'open' and n.held = 0))
		order by g.position, g.id
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id, "limit": hackfest.MaxAgenda})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[meeting.AgendaItem])
	return list, classify(err, "agenda item")
}

// contextActions are the open actions that earlier sessions of the series left,
// oldest first. What is for members is told in sessions for members only: the
// bot says it in the channel.
func (s *Store) contextActions(ctx context.Context, id hackfest.SessionID) ([]meeting.OpenAction, error) {
	const q = `
		select i.ref, i.n, i.text, a.owners, a.due, ` + openFor + ` as sessions
		from sessions t
		join channels c on c.id = t.channel_id
		join sessions s on s.series_id = t.series_id
		join meetings m on m.session_id = s.id and m.ended_at is not null
		join actions a on a.meeting_ref = m.ref and a.state in ('open', 'carried')
		join items i on i.ref = a.ref and i.n = a.n
		where t.id = @session and i.text <> ''
		  and (t.visibility = 'members' or c.visibility = 'members' or s.visibility = 'public' and m.visibility = 'public')
		order by i.ref, i.n
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id, "limit": maxContextActions})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (meeting.OpenAction, error) {
		var a meeting.OpenAction
		var due *time.Time
		err := row.Scan(&a.ID.Ref, &a.ID.N, &a.Text, &a.Owners, &due, &a.Sessions)
		a.Due = orZero(due)
		return a, err
	})
	return list, classify(err, "action")
}

// contextTargets are the targets that #target may name: those that came to their
// stage last, when there are very many.
func (s *Store) contextTargets(ctx context.Context) ([]meeting.ContextTarget, error) {
	const q = `select t.slug, t.name, t.stage from targets t order by t.staged_at desc, t.id limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"limit": maxContextTargets})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[meeting.ContextTarget])
	return list, classify(err, "target")
}
