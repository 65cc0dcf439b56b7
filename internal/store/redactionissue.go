package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// removedTitle stands here for the title of an issue whose action's line was
// removed, as long as GitHub still says the same words.
const removedTitle = "[removed]"

// hideRemovedTitles takes the title off issues whose action's line was removed
// here, as long as GitHub still says the same words.
func (s *Store) hideRemovedTitles(ctx context.Context, repository hackfest.RepositoryID, numbers []int) error {
	const q = `
		update issues i
		set title = '` + removedTitle + `'
		from action_issues a
		where i.repository_id = @repository and i.number = any (@numbers) and a.repository_id = i.repository_id and a.number = i.number
		  and a.hidden = sha256(convert_to(i.title, 'UTF8'))`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"repository": repository, "numbers": numbers})
	return classify(err, "issue")
}

// hideActionIssues takes the words of actions out of what was to become issues of
// them: of those that nobody began to make nothing is left. What stands on GitHub
// already people have to edit there; here its title is not shown as long as it is
// the same.
func (s *Store) hideActionIssues(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with hit as (
			select a.ref, a.n, a.state, coalesce(i.title, a.title) as title, a.repository_id, a.number
			from action_issues a
			join unnest(@refs::uuid[], @ns::bigint[]) x (ref, n) on (a.ref, a.n) = (x.ref, x.n)
			left join issues i on i.repository_id = a.repository_id and i.number = a.number
			where a.hidden is null
			for update of a),
		gone as (delete from action_issues a using hit h where (a.ref, a.n) = (h.ref, h.n) and h.state in ('offered', 'pending', 'failed')),
		kept as (
			insert into withheld (redaction_id, place, ref, n, words)
			select @id, 'issue', h.ref, h.n, jsonb_build_object('title', h.title) from hit h where h.state not in ('offered', 'pending', 'failed')
			on conflict (redaction_id, place, ref, n) do update set words = excluded.words),
		untitled as (
			update issues i set title = '` + removedTitle + `'
			from hit h
			where i.repository_id = h.repository_id and i.number = h.number)
		update action_issues a
		set title = '', body = '', hidden = sha256(convert_to(h.title, 'UTF8'))
		from hit h
		where (a.ref, a.n) = (h.ref, h.n) and h.state not in ('offered', 'pending', 'failed')`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "issue")
}

// reasonCut is why an issue that somebody confirmed is not made.
const reasonCut = "It held words of a line that was removed. Look at it again, and tick it anew."

// hideInActionIssues takes the words of what r hides out of what is not an issue
// yet: an action's own line can stay while the title that somebody wrote quotes
// another, or the line goes that named the meeting. What waits is not made then;
// whoever confirmed it is told why. Taking the redaction back does not confirm it.
func (s *Store) hideInActionIssues(ctx context.Context, r hackfest.Redaction, found seen) error {
	const q = `
		with hit as (
			select a.ref, a.n, a.state in ('offered', 'pending', 'failed') as waits
			from action_issues a
			join actions t on t.ref = a.ref and t.n = a.n
			join meetings m on m.ref = t.meeting_ref
			where m.channel_id = @channel and a.title || a.body <> ''
			  and (m.ref = any(@lines) or exists (select 1 from unnest(@words::text[]) w where strpos(a.title, w) > 0 or strpos(a.body, w) > 0))
			for update of a)
		update action_issues a
		set title = '', body = '', state = case when h.waits then 'failed' else a.state end,
			reason = case when h.waits then '` + reasonCut + `' else a.reason end, settled_at = case when h.waits then @at else a.settled_at end
		from hit h
		where (a.ref, a.n) = (h.ref, h.n)`
	words := []string{}
	for _, w := range telling(found.words) {
		words = append(words, w, hackfest.IssueLine(w))
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"channel": r.ChannelID, "lines": refsOf(found.lines), "words": words, "at": r.At})
	return classify(err, "issue")
}

// putBackActionIssues shows the titles of issues again.
func (s *Store) putBackActionIssues(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with shown as (
			update action_issues a set hidden = null
			from withheld x
			where x.redaction_id = @id and x.place = 'issue' and (a.ref, a.n) = (x.ref, x.n)
			returning a.repository_id, a.number, a.hidden, x.words->>'title' as title)
		update issues i set title = s.title
		from shown s
		where i.repository_id = s.repository_id and i.number = s.number and i.title = '` + removedTitle + `'`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "issue")
}

// replaceInActionIssues is about who an issue that is not there yet names.
func (s *Store) replaceInActionIssues(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update action_issues a set
			title = left(regexp_replace(a.title, @text, @pseudonym, 'gi'), 256),
			body = regexp_replace(a.body, @text, @pseudonym, 'gi'), assignee = ''
		from actions t join meetings m on m.ref = t.meeting_ref join channels c on c.id = m.channel_id join networks w on w.id = c.network_id
		where t.ref = a.ref and t.n = a.n and w.name = @network and t.opened_at >= @since and t.opened_at < @until
		  and (a.title ~* @text or a.body ~* @text)`
	return s.exec(ctx, q, args)
}
