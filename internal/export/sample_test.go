package export_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/demo"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// sample is a portal with the sample community, and what that lacks, so that
// each table has rows. The numbers of rows differ from table to table, and none
// is that of its line in an export.
func sample(t testing.TB) portal {
	t.Helper()
	p, ctx := empty(t), t.Context()
	p.exec(`
		do $$
		declare s text; n bigint := 1000;
		begin
			for s in select sequencename from pg_sequences where schemaname = 'public' and sequencename not like 'river%' order by 1 loop
				perform setval(s, n);
				n := n + 1000;
			end loop;
		end $$`)
	if err := demo.Seed(ctx, p.Store, demo.Options{Network: "local", Server: "127.0.0.1", BaseURL: "http://hack.example", Now: now}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`insert into people (name, role, mail, mail_proven_at, zone, zone_shown, listed, unnamed, created_at)
			values ('Ann "<&>" Ö', 'admin', 'ann@private.example', @now::timestamptz, 'Europe/Berlin', false, true, true, @now::timestamptz), ('left/abcdefgh', 'member', '', null, '', true, false, false, @now::timestamptz)`,
		`insert into identities (person_id, kind, network, value, shown, proven_at, since, until)
			select id, 'github', null, '583231', 'ann-eu', @now::timestamptz, @now::timestamptz, null from people where name like 'Ann%'
			union all select id, 'account', 'freenode', 'ann', '', @now::timestamptz, @now::timestamptz, @now::timestamptz + interval '1 day' from people where name like 'Ann%'`,
		`insert into chairs (person_id, session_id, created_at) select p.id, s.id, @now::timestamptz from people p, sessions s where p.name like 'Ann%' and s.held > 0`,
		`insert into series_slugs (slug, series_id, created_at) select 'old-' || slug, id, @now::timestamptz from series`,
		`insert into old_paths (path, meeting_ref, form, created_at)
			select x.path, m.ref, 'minutes', @now::timestamptz from meetings m, unnest(array['/meetbot/a b.html', '/meetbot/A.html', '/meetbot/ä']) x (path)`,
		`insert into votes (meeting_ref, ref, n, changed_ref, at, question, options, open, result, voters, quorum, ballots)
			select ref, ref, 77, ref, @now::timestamptz, 'Which "one" <b>?', '[{"option": "a", "count": 1.50, "voters": ["ann"]}]', false, 'a', '{ann,"b c"}', 1, 1 from meetings`,
		`insert into agenda_items (session_id, position, text, state, taken_ref, created_at, redacted_at)
			select s.id, 1, E'new\tline\nand \u2028 \U0001F4A1', 'reached', m.ref, @now::timestamptz, null from sessions s join meetings m on m.session_id = s.id
			union all select id, 2, 'later', 'open', null, @now::timestamptz, @now::timestamptz from sessions where held = 0`,
		`update agenda_items a set carried_from = (select max(id) from agenda_items b where b.id > a.id)
			where a.id = (select min(id) from agenda_items)`,
		`insert into subscribers (handle, mail, person_id, zone, pace, made_at, asked_at, confirmed_at, ended_at)
			select decode(md5(p.name), 'hex'), p.mail, p.id, 'Europe/Berlin', 'weekly', @now::timestamptz, @now::timestamptz, @now::timestamptz, null::timestamptz from people p where p.name like 'Ann%'
			union all select decode(md5('mel'), 'hex'), 'mel@private.example', null, '', 'each', @now::timestamptz, null, null, @now::timestamptz`,
		`insert into follows (subscriber_id, scope, series_id, target_id, session_id, made_at, confirmed_at)
			select b.id, 'all', null::bigint, null::bigint, null::bigint, @now::timestamptz, b.confirmed_at from subscribers b
			union all select b.id, 'series', r.id, null, null, @now::timestamptz, @now::timestamptz from subscribers b, series r where b.pace = 'weekly'
			union all select b.id, 'target', null, t.id, null, @now::timestamptz, null from subscribers b, targets t where b.pace = 'each'
			union all select b.id, 'session', null, null, s.id, @now::timestamptz, @now::timestamptz from subscribers b, sessions s where b.pace = 'each' and s.held > 0`,
		`insert into preflights (session_id, person_id, nick_key, machine, at)
			select s.id, p.id, '', 'debian 12', @now::timestamptz from sessions s, people p where s.held > 0 and p.name like 'Ann%'
			union all select id, null, 'nick/freenode/bob', 'fedora 17', @now::timestamptz from sessions where held > 0`,
		`insert into checklist_items (scope, session_id, position, text, created_at) select 'session', id, 1, 'here alone', @now::timestamptz from sessions where held > 0`,
		`update checklist_items i set retired_at = @now::timestamptz, kept_at = @now::timestamptz, replaced_by = (select max(id) from checklist_items)
			where i.id = (select min(id) from checklist_items)`,
		`insert into agenda_items (session_id, position, text, action_ref, action_n, created_at)
			select s.id, 3, 'an action', a.ref, a.n, @now::timestamptz from actions a, sessions s where s.held > 0 limit 1`,
		`insert into minutes_revisions (meeting_ref, number, minutes, summary, note, author_id, published_at)
			select m.ref, n, m.draft, 'All of *it*.', case n when 1 then '' else 'a typo' end, p.id, @now::timestamptz + n * interval '1.000001 seconds'
			from meetings m, people p, generate_series(1, 2) n where p.name like 'Ann%'`,
		`update sessions set published = true where held > 0`,
		`insert into minutes_drafts (meeting_ref, revision, number, fields, person_id, begun_at, saved_at)
			select m.ref, 1, 2, '{"summary": "more"}', p.id, @now::timestamptz, @now::timestamptz from meetings m, people p where p.name like 'Ann%'`,
		`update sessions s set moved_from = starts_at, replaced_by = (select max(id) from sessions), changed_by = p.id, conflict_at = @now::timestamptz, faded_at = @now::timestamptz
			from people p where p.name like 'Ann%' and s.held > 0`,
		`insert into contests (person_id, holder_id, kind, network, value, at) select a.id, b.id, 'nick', 'freenode', 'ann', @now::timestamptz
			from people a, people b where a.name like 'Ann%' and b.name like 'left%'`,
		`insert into audit (at, person_id, actor, via, action, object, before, after, address)
			select @now::timestamptz, id, name, 'web', 'look', 'x', '{"a": 1.0}'::jsonb, null::jsonb, '192.0.2.7' from people union all select @now::timestamptz, 4711, 'gone', 'cli', 'look', '', null, '{}', ''`,
		`insert into news (uid, slug, title, summary, body, tags, state, published_at, outlets, banner_until, session_id, target_id, author_id, corrected_at, correction, created_at, changed_at)
			select n || '@sample', 'news-' || n, E'<b>&\n\u00e9', '', '# *all*', '{a,b-c}', case n when 1 then 'draft' else 'published' end, case n when 2 then @now::timestamptz end,
				'{site,irc}', @now::timestamptz, (select min(id) from sessions), (select min(id) from targets), p.id, @now::timestamptz, 'a typo', @now::timestamptz, @now::timestamptz
			from people p, generate_series(1, 2) n where p.name like 'Ann%'`,
		`insert into target_slugs (slug, target_id, created_at) select 'old-' || slug, id, @now::timestamptz from targets`,
		`insert into target_backers (target_id, person_id, network, nick, created_at)
			select t.id, p.id, '', '', @now::timestamptz from targets t, people p where p.name like 'Ann%'
			union all select id, null, 'freenode', 'bo{}', @now::timestamptz from targets`,
		`insert into target_events (target_id, at, deed, person_id, actor, from_stage, to_stage, session_id, note, overridden)
			select t.id, @now::timestamptz, 'staged', p.id, p.name, 'idea', 'parked', (select max(id) from sessions), E'why\nnot', true
			from targets t, people p where p.name like 'Ann%'`,
		`update targets t set owner_id = p.id, goal = 'a <page>', project = 'https://example.org/', proposer = 'ann', via = 'irc',
			channel_id = (select max(id) from channels), line_ref = (select max(ref::text)::uuid from meetings), changed_at = @now::timestamptz, revision = 4
			from people p where p.name like 'Ann%' and t.id = (select min(id) from targets)`,
		`update lessons x set person_id = p.id, from_line = true, evidence = 'https://example.org/', retired_at = @now::timestamptz, reason = 'mended',
			revision = 3, changed_at = @now::timestamptz
			from people p where p.name like 'Ann%' and x.id = (select min(id) from lessons)`,
		`insert into unnamed_nicks (network, nick, account, since) values ('freenode', 'söme "one', '', @now::timestamptz)`,
		`insert into news_channels (news_id, channel_id) select n.id, c.id from news n, channels c on conflict do nothing`,
		`insert into images (slug, name, distribution, release, created_at) values ('sample', 'Sample "<&>" 1', 'sample', '1.0', @now::timestamptz), ('sample-2', 'Sample 2', '', '', @now::timestamptz)`,
		`insert into image_ids (image_id, cloud, id) select id, c, 'emi-1234ABCD' from images, unnest(array['sandbox', 'a "b"', 'ö']) c where slug = 'sample'`,
		`insert into recipes (slug, kind, repository, path, created_at, changed_at, retired_at)
			select 'sample-' || n, 'bash', 'https://example.org/r', 'bash/' || n || '.sh', @now::timestamptz, @now::timestamptz, @now::timestamptz from generate_series(1, 4) n`,
		`insert into recipe_versions (recipe_id, number, source, readme, digest, imported_at)
			select id, n, E'#!/bin/sh\necho "<&>" \u2028\n', '', '\x00ff'::bytea, @now::timestamptz from recipes, generate_series(1, 2) n where slug like 'sample-%'`,
		`insert into recipe_files (version_id, position, path, text) select id, n, 'bash/x', E'a\tb' from recipe_versions, generate_series(0, 1) n where number = 2`,
		`insert into recipe_results (recipe_id, version_id, image_id, session_id, person_id, cloud, outcome, minutes, note, key, at, created_at, removed_at)
			select r.id, v.id, i.id, s.id, p.id, 'sandbox', 'notes', 34, E'two\nlines', 'a key', @now::timestamptz, @now::timestamptz, @now::timestamptz
			from recipes r join recipe_versions v on v.recipe_id = r.id and v.number = 1 and r.slug = 'sample-3', images i, sessions s, people p
			where i.slug = 'sample' and s.held > 0 and p.name like 'Ann%'`,
		`insert into repositories (name, github_id, about, default_branch, private, archived, visibility, bug_labels, first_labels, recorded_at, due_at, asked_at,
				known_at, whole_at, issues_to, commits_from, hook_at, gone_at, trouble, revision, created_at, removed_at)
			select 'sample/r-' || n, 4711 + n, E'<b>&\n\u00e9', 'main', true, true, 'members', '{bug,"a b"}', '{}', null, @now::timestamptz, @now, @now, @now, @now,
				@now, @now, @now, 'HTTP 500', n, @now, case n when 3 then @now::timestamptz end from generate_series(1, 4) n`,
		`insert into repository_names (name, repository_id, created_at) select 'old/r-' || github_id, id, @now::timestamptz from repositories where name like 'sample/%'`,
		`insert into repository_uses (repository_id, target_id, series_id, session_id, created_at)
			select r.id, x.t, x.s, x.e, @now::timestamptz from repositories r, (
				select min(id) as t, null::bigint as s, null::bigint as e from targets union all select null, max(id), null from series
				union all select null, null, max(id) from sessions) x where r.name like 'sample/%'`,
		`insert into issues (repository_id, number, pull, title, state, reason, draft, labels, assignees, author, milestone, opened_at, closed_at, merged_at,
				updated_at, known_at, removed_at)
			select id, n, n = 12, E'an <issue> \u2028', 'closed', 'completed', n = 12, '{bug,"a b"}', '{ann}', 'ann', 2, @now::timestamptz, @now,
				case n when 12 then @now::timestamptz end, @now, @now, case n when 13 then @now::timestamptz end
			from repositories, generate_series(11, 13) n where name like 'sample/%'`,
		`insert into commits (repository_id, sha, summary, author, committed_at, known_at)
			select id, repeat('0f', 20), E'all\tof it', 'Ann "<&>"', @now::timestamptz, @now from repositories where name like 'sample/%'`,
		`insert into releases (repository_id, id, tag, name, prerelease, published_at, known_at)
			select id, 7, 'v1', 'the "first"', true, @now::timestamptz, @now from repositories where name like 'sample/%'`,
		`insert into milestones (repository_id, number, title, state, due_on, updated_at, closed_at, known_at, removed_at)
			select id, 2, '3.1 <beta>', 'closed', date '2012-10-01', @now::timestamptz, @now, @now, @now from repositories where name like 'sample/%'`,
		`insert into session_issues (session_id, repository, number, person_id, created_at)
			select s.id, 'sample/r-1', 12, p.id, @now::timestamptz from sessions s, people p where p.name like 'Ann%'`,
		`insert into action_issues (ref, n, repository_id, title, body, label, assignee, mark, state, reason, due_at, number, followed, hidden, person_id,
				created_at, sending_at, settled_at)
			select a.ref, a.n, r.id, '', '', 'bug', 'ann-eu', md5('mark'), 'made', '', @now::timestamptz, 11, 'done', sha256('removed'), p.id, @now, @now, @now
			from (select ref, n from actions order by ref, n limit 1) a, (select min(id) as id from repositories where name like 'sample/%') r, people p
			where p.name like 'Ann%'`,
		`update channels set key = 'join-key', touched_ref = applied_ref where applied_ref is not null`,
		`insert into lines (channel_id, ref, changed_ref, at, received_at, kind, nick, text, raw, target)
			select channel_id, ('0138f000-0000-0000-0000-00000000000' || n)::uuid, ('0138f000-0000-0000-0000-00000000000' || n)::uuid, @now::timestamptz, @now::timestamptz, k, 'ann', E'caf\u00e9 \x01', '\x636166e9ff00'::bytea, 'counted'
			from meetings, unnest(array['private', 'gap', 'web']) with ordinality x (k, n)`,
		`update channels set applied_ref = '0138f000-0000-0000-0000-000000000003' where applied_ref is not null`,
		`insert into deliveries (what, outlet, recipient, occasion, subscriber_id, news_id, due_at, state, reason, tries, settled_at, created_at)
			select 'news/' || n.id, 'mail', 'subscriber/' || b.id, 'news', b.id, n.id, @now::timestamptz, 'failed', 'The mail server refused it (550).', 2, @now, @now
			from subscribers b, (select min(id) as id from news) n`,
		`insert into deliveries (what, outlet, recipient, occasion, news_id, due_at, state, settled_at, created_at)
			select 'news/' || min(id), 'site', 'site', 'news', min(id), @now::timestamptz, 'sent', @now, @now from news`,
	} {
		if _, err := p.pool.Exec(ctx, sql, pgx.NamedArgs{"now": now}); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	if p.announce() == 0 {
		t.Fatal("nothing is announced")
	}
	if _, err := p.FeedSecret(ctx, now); err != nil {
		t.Fatal(err)
	}
	p.remove()
	return p
}

// announce plans what is announced of the next session, and returns how many
// announcements there are.
func (p portal) announce() int {
	p.t.Helper()
	var start time.Time
	rows, _ := p.pool.Query(p.t.Context(), `select s.starts_at from sessions s join channels c on c.id = s.channel_id
		where s.starts_at > $1 and s.state = 'scheduled' and c.joined order by 1 limit 1`, now)
	start, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[time.Time])
	if err == nil {
		err = p.PlanDeliveries(p.t.Context(), start, start.Add(-30*time.Minute))
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return len(p.rows("deliveries", true))
}

// remove takes a line out, for ever, on somebody's request.
func (p portal) remove() {
	p.t.Helper()
	ctx, later := p.t.Context(), now.Add(time.Hour)
	rows, _ := p.pool.Query(ctx, `select channel_id, ref from lines where kind = 'message' and nick <> '' order by ref limit 1 offset 3`)
	type line struct {
		ChannelID hackfest.ChannelID
		Ref       hackfest.Ref
	}
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[line])
	if err != nil {
		p.t.Fatal(err)
	}
	r, _, err := p.Redact(ctx, hackfest.Redaction{ChannelID: l.ChannelID, Actor: "Ann", At: now, Lines: []hackfest.Ref{l.Ref}})
	if err != nil {
		p.t.Fatal(err)
	}
	p.exec(`insert into removal_requests (line_ref, channel_id, why, contact, made_at, state, settled_at, settled_by, redaction_id)
		values ($1, $2, 'my number', 'ann@private.example', $3, 'granted', $3, 'Ann', $4)`, l.Ref, l.ChannelID, now, r.ID)
	if n, err := p.PurgeRedactions(ctx, later); err != nil || n != 1 {
		p.t.Fatal(n, err)
	}
	if err := p.Forgotten(ctx, r.ID, later); err != nil {
		p.t.Fatal(err)
	}
}
