package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// replaceNames puts a pseudonym in the place of somebody's names, on each network
// where they had any: in what they said themselves, in what others said of them,
// and in all that was made of that. Before they had proven a name, and after they
// gave it up, it is not theirs.
func (s *Store) replaceNames(ctx context.Context, id person.ID, names []person.Identity, pseudonym string, now time.Time) error {
	for len(names) > 0 {
		network := names[0].Network
		var here []person.Identity
		names = slices.DeleteFunc(slices.Clone(names), func(d person.Identity) bool {
			if d.Network == network {
				here = append(here, d)
			}
			return d.Network == network
		})
		if err := s.replaceOn(ctx, id, network, here, pseudonym, now); err != nil {
			return err
		}
	}
	return nil
}

// replaceOn is replaceNames on one network.
func (s *Store) replaceOn(ctx context.Context, id person.ID, network string, names []person.Identity, pseudonym string, now time.Time) error {
	var all []string
	since, until := names[0].Since, names[0].Until
	for _, d := range names {
		all = append(all, d.Value)
		if d.Since.Before(since) {
			since = d.Since
		}
		if d.Until.IsZero() || !until.IsZero() && d.Until.After(until) {
			until = d.Until
		}
	}
	if until.IsZero() {
		until = now.Add(time.Hour) // lines' clocks may be ahead
	}
	args := pgx.NamedArgs{"person": id, "network": network, "pseudonym": pseudonym, "since": since, "until": until}
	also, err := s.replaceOwnLines(ctx, args)
	if err != nil {
		return err
	}
	for _, n := range also {
		if !slices.ContainsFunc(all, func(a string) bool { return strings.EqualFold(a, n) }) {
			all = append(all, n)
		}
	}
	m := meeting.MentionsOf(all)
	args["text"], args["json"] = m.Text, m.JSON
	for _, replace := range []func(context.Context, pgx.NamedArgs) error{
		s.replaceInLines, s.replaceInItems, s.replaceInTopics, s.replaceInMeetings, s.replaceInRevisions, s.replaceInDrafts, s.replaceInVotes,
		s.replaceInActions, s.replaceInEvents, s.replaceInAgendas, s.replaceInSessions, s.replaceInLessons, s.replaceInTargets, s.replaceInTargetEvents,
		s.replaceInChecks, s.replaceInAnswers, s.forgetGreetings, s.replaceInWithheld,
		s.replaceInActionIssues, s.replaceInAside, s.reloadPages,
	} {
		if err := replace(ctx, args); err != nil {
			return err
		}
	}
	return nil
}

// replaceOwnLines renames who said a line where that was the person, and returns
// under which nicks they said any.
func (s *Store) replaceOwnLines(ctx context.Context, args pgx.NamedArgs) ([]string, error) {
	const q = `
		with own as (
			select l.ref, l.channel_id, l.nick
			from lines l
			join channels c on c.id = l.channel_id
			join networks w on w.id = c.network_id
			where w.name = @network and l.at >= @since and ` + spokenBy + `),
		renamed as (
			update lines l set nick = @pseudonym, account = '', raw = null
			from own where l.channel_id = own.channel_id and l.ref = own.ref)
		select distinct own.nick from own where own.nick <> ''`
	rows, _ := s.db.Query(ctx, q, args)
	nicks, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return nicks, classify(err, "line")
}

// exec runs a query of this file.
func (s *Store) exec(ctx context.Context, q string, args pgx.NamedArgs) error {
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "name")
}

// replaceInLines is about what others said: lines that mention the person, and
// lines of a nick change or a kick whose target they are.
func (s *Store) replaceInLines(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update lines l set
			text = regexp_replace(l.text, @text, @pseudonym, 'gi'),
			target = regexp_replace(l.target, @text, @pseudonym, 'gi'),
			raw = null
		from channels c join networks w on w.id = c.network_id
		where c.id = l.channel_id and w.name = @network and l.at >= @since and l.at < @until
		  and (l.text ~* @text or l.target ~* @text)`
	return s.exec(ctx, q, args)
}

func (s *Store) replaceInItems(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update items i set
			nick = regexp_replace(i.nick, @text, @pseudonym, 'gi'),
			text = regexp_replace(i.text, @text, @pseudonym, 'gi'),
			url = regexp_replace(i.url, @text, @pseudonym, 'gi'),
			owners = array(select regexp_replace(o, @text, @pseudonym, 'gi') from unnest(i.owners) with ordinality u (o, n) order by n)
		from meetings m join channels c on c.id = m.channel_id join networks w on w.id = c.network_id
		where m.ref = i.meeting_ref and w.name = @network and i.at >= @since and i.at < @until
		  and (i.nick ~* @text or i.text ~* @text or i.url ~* @text or exists (select 1 from unnest(i.owners) o where o ~* @text))`
	return s.exec(ctx, q, args)
}

func (s *Store) replaceInTopics(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update topics t set title = regexp_replace(t.title, @text, @pseudonym, 'gi')
		from meetings m join channels c on c.id = m.channel_id join networks w on w.id = c.network_id
		where m.ref = t.meeting_ref and w.name = @network and t.at >= @since and t.at < @until and t.title ~* @text`
	return s.exec(ctx, q, args)
}

func (s *Store) replaceInMeetings(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update meetings m set
			title = regexp_replace(m.title, @text, @pseudonym, 'gi'),
			name = regexp_replace(m.name, @text, @pseudonym, 'gi'),
			suffix = regexp_replace(m.suffix, @text, @pseudonym, 'gi'),
			owner = regexp_replace(m.owner, @text, @pseudonym, 'gi'),
			chairs = array(select regexp_replace(o, @text, @pseudonym, 'gi') from unnest(m.chairs) with ordinality u (o, n) order by n),
			queue = array(select regexp_replace(o, @text, @pseudonym, 'gi') from unnest(m.queue) with ordinality u (o, n) order by n),
			draft = regexp_replace(m.draft::text, @json, @pseudonym, 'gi')::jsonb
		from channels c join networks w on w.id = c.network_id
		where c.id = m.channel_id and w.name = @network and coalesce(m.ended_at, @until) >= @since and m.started_at < @until`
	return s.exec(ctx, q, args)
}

// replaceInRevisions is the one thing that changes published minutes.
func (s *Store) replaceInRevisions(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update minutes_revisions u set
			minutes = regexp_replace(u.minutes::text, @json, @pseudonym, 'gi')::jsonb,
			summary = regexp_replace(u.summary, @text, @pseudonym, 'gi'),
			note = regexp_replace(u.note, @text, @pseudonym, 'gi')
		from meetings m join channels c on c.id = m.channel_id join networks w on w.id = c.network_id
		where m.ref = u.meeting_ref and w.name = @network and m.ended_at >= @since and m.started_at < @until`
	return s.exec(ctx, q, args)
}

// replaceInDrafts is about what people write and have not published.
func (s *Store) replaceInDrafts(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update minutes_drafts d set fields = regexp_replace(d.fields::text, @json, @pseudonym, 'gi')::jsonb
		from meetings m join channels c on c.id = m.channel_id join networks w on w.id = c.network_id
		where m.ref = d.meeting_ref and w.name = @network and m.ended_at >= @since and m.started_at < @until and d.fields::text ~* @json`
	return s.exec(ctx, q, args)
}

func (s *Store) replaceInVotes(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update votes v set
			question = regexp_replace(v.question, @text, @pseudonym, 'gi'),
			options = regexp_replace(v.options::text, @json, @pseudonym, 'gi')::jsonb,
			result = regexp_replace(v.result, @text, @pseudonym, 'gi'),
			voters = case when v.voters is not null then
				array(select regexp_replace(o, @text, @pseudonym, 'gi') from unnest(v.voters) with ordinality u (o, n) order by n) end
		from meetings m join channels c on c.id = m.channel_id join networks w on w.id = c.network_id
		where m.ref = v.meeting_ref and w.name = @network and v.at >= @since and v.at < @until`
	return s.exec(ctx, q, args)
}

func (s *Store) replaceInActions(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update actions a set
			owners = array(select regexp_replace(o, @text, @pseudonym, 'gi') from unnest(a.owners) with ordinality u (o, n) order by n),
			settled_by = regexp_replace(a.settled_by, @text, @pseudonym, 'gi')
		from meetings m join channels c on c.id = m.channel_id join networks w on w.id = c.network_id
		where m.ref = a.meeting_ref and w.name = @network and coalesce(a.settled_at, a.opened_at) >= @since and a.opened_at < @until`
	return s.exec(ctx, q, args)
}

func (s *Store) replaceInEvents(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update action_events e set by = case when e.person_id = @person then @pseudonym else regexp_replace(e.by, @text, @pseudonym, 'gi') end
		from actions a join meetings m on m.ref = a.meeting_ref join channels c on c.id = m.channel_id join networks w on w.id = c.network_id
		where a.ref = e.ref and a.n = e.n and w.name = @network and e.at >= @since and e.at < @until`
	return s.exec(ctx, q, args)
}

func (s *Store) replaceInAgendas(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update agenda_items g set text = left(regexp_replace(g.text, @text, @pseudonym, 'gi'), 300)
		from sessions s join channels c on c.id = s.channel_id join networks w on w.id = c.network_id
		where s.id = g.session_id and w.name = @network and g.created_at >= @since and g.created_at < @until and g.text ~* @text`
	return s.exec(ctx, q, args)
}

func (s *Store) replaceInSessions(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update sessions s set
			title = left(regexp_replace(s.title, @text, @pseudonym, 'gi'), 200),
			goal = regexp_replace(s.goal, @text, @pseudonym, 'gi'),
			reason = regexp_replace(s.reason, @text, @pseudonym, 'gi'),
			sequence = s.sequence + 1, revision = s.revision + 1
		from channels c join networks w on w.id = c.network_id
		where c.id = s.channel_id and w.name = @network and s.ends_at >= @since and s.created_at < @until
		  and (s.title ~* @text or s.goal ~* @text or s.reason ~* @text)`
	return s.exec(ctx, q, args)
}

func (s *Store) replaceInLessons(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update lessons x set text = regexp_replace(x.text, @text, @pseudonym, 'gi')
		from sessions s join channels c on c.id = s.channel_id join networks w on w.id = c.network_id
		where s.id = x.session_id and w.name = @network and x.created_at >= @since and x.created_at < @until and x.text ~* @text`
	return s.exec(ctx, q, args)
}

// replaceInChecks is about what lessons became; what somebody ticked as a nick is
// forgotten.
func (s *Store) replaceInChecks(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with ticked as (
			delete from check_ticks k where k.nick_key like 'nick/' || @network || '/%' and k.nick_key ~* @text),
		examined as (
			delete from preflights p where p.nick_key like 'nick/' || @network || '/%' and p.nick_key ~* @text)
		update checklist_items i set
			text = left(regexp_replace(i.text, @text, @pseudonym, 'gi'), 300),
			advice = left(regexp_replace(i.advice, @text, @pseudonym, 'gi'), 300),
			automatic = regexp_replace(i.automatic::text, @json, @pseudonym, 'gi')::jsonb
		from lessons x join sessions s on s.id = x.session_id join channels c on c.id = s.channel_id join networks w on w.id = c.network_id
		where x.id = i.lesson_id and w.name = @network and i.created_at >= @since
		  and (i.text ~* @text or i.advice ~* @text or i.automatic::text ~* @json)`
	return s.exec(ctx, q, args)
}

// replaceInWithheld is about words that were taken out and could be put back.
func (s *Store) replaceInWithheld(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with said as (
			update redactions r set actor = @pseudonym where r.person_id = @person)
		update withheld h set words = regexp_replace(h.words::text, @json, @pseudonym, 'gi')::jsonb
		from redactions r join channels c on c.id = r.channel_id join networks w on w.id = c.network_id
		where r.id = h.redaction_id and w.name = @network and r.at >= @since and r.at < @until`
	return s.exec(ctx, q, args)
}

func (s *Store) replaceInAside(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update set_aside x set reason = regexp_replace(x.reason, @text, @pseudonym, 'gi')
		from channels c join networks w on w.id = c.network_id
		where c.id = x.channel_id and w.name = @network and x.at >= @since and x.at < @until`
	return s.exec(ctx, q, args)
}

// reloadPages has open pages of the network's channels loaded again.
func (s *Store) reloadPages(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		select c.id from channels c join networks w on w.id = c.network_id
		where w.name = @network and c.applied_ref is not null
		order by c.id`
	rows, _ := s.db.Query(ctx, q, args)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.ChannelID])
	if err != nil {
		return classify(err, "channel")
	}
	for _, id := range ids {
		touch, err := s.lockChannel(ctx, id)
		if err != nil {
			return err
		}
		if err := s.reloadFrom(ctx, id, touch); err != nil {
			return err
		}
		if err := s.touchChannel(ctx, id, touch); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) reloadFrom(ctx context.Context, id hackfest.ChannelID, touch hackfest.Ref) error {
	const q = `update channels set reload_ref = @touch where id = @channel`
	return s.exec(ctx, q, pgx.NamedArgs{"channel": id, "touch": touch})
}
