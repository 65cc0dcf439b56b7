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

// SessionIssues lists the issues that were linked with a session by hand, the
// first one first. Of a session that v may not see there are none.
func (s *Store) SessionIssues(ctx context.Context, v person.Viewer, id hackfest.SessionID) ([]hackfest.SessionIssue, error) {
	const q = `
		select x.repository, x.number, coalesce(p.name, ''), x.created_at
		from session_issues x
		join sessions s on s.id = x.session_id
		join channels c on c.id = s.channel_id
		left join people p on p.id = x.person_id
		where x.session_id = @session and (@members or (s.visibility = 'public' and c.visibility = 'public'))
		order by x.created_at, lower(x.repository), x.number`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hackfest.SessionIssue, error) {
		var i hackfest.SessionIssue
		err := row.Scan(&i.Repo, &i.Number, &i.By, &i.At)
		i.At = i.At.UTC()
		return i, err
	})
	return list, classify(err, "issue")
}

var (
	errIssueLinked = &fault.Error{Kind: fault.Conflict, Field: "issue", Message: "That issue is linked with this session already."}
	errIssuesFull  = &fault.Error{Kind: fault.Invalid, Field: "issue", Message: "50 issues are linked with this session. Take one off first."}
	errNotLinked   = fault.New(fault.Conflict, "That issue is not linked with this session, or somebody took it off first.")
)

// LinkIssue links an issue with a session, whether it is known or not. One that is
// linked is fault.Conflict, one too many fault.Invalid.
func (s *Store) LinkIssue(ctx context.Context, id hackfest.SessionID, ref hackfest.IssueRef, by person.ID, now time.Time) error {
	const lock = `
		select (select count(*) from session_issues x where x.session_id = s.id)
		from sessions s where s.id = @session for update of s`
	const q = `
		insert into session_issues (session_id, repository, number, person_id, created_at)
		values (@session, @repository, @number, nullif(@by, 0), @now)
		on conflict (session_id, lower(repository), number) do nothing`
	return s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, lock, pgx.NamedArgs{"session": id})
		n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		if err != nil {
			return classify(err, "session")
		}
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"session": id, "repository": ref.Repo, "number": ref.Number, "by": by, "now": now})
		switch {
		case err != nil:
			return classify(err, "issue")
		case tag.RowsAffected() == 0:
			return errIssueLinked
		case n >= hackfest.MaxSessionIssues:
			return errIssuesFull
		}
		return tx.notify(ctx, topicSessions)
	})
}

// UnlinkIssue takes back LinkIssue. One that is not linked is fault.Conflict.
func (s *Store) UnlinkIssue(ctx context.Context, id hackfest.SessionID, ref hackfest.IssueRef) error {
	const q = `delete from session_issues where session_id = @session and lower(repository) = lower(@repository) and number = @number`
	return s.InTx(ctx, func(tx *Store) error {
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"session": id, "repository": ref.Repo, "number": ref.Number})
		switch {
		case err != nil:
			return classify(err, "issue")
		case tag.RowsAffected() == 0:
			return errNotLinked
		}
		return tx.notify(ctx, topicSessions)
	})
}

// meantRepository is the repository r that a bare #12 in the session s means.
const meantRepository = `
		cross join lateral (
			select x.repository_id from session_repositories x where x.session_id = s.id order by x.rank, x.repository_id limit 1) m
		join repositories r on r.id = m.repository_id`

// MeantRepositories returns the repository, owner/name, whose issues a bare #12
// means in each of some sessions, by slug. A session without one is left out, as
// is one whose repository v may not see.
func (s *Store) MeantRepositories(ctx context.Context, v person.Viewer, sessions []string) (map[string]string, error) {
	const q = `
		select s.slug, r.name
		from sessions s` + meantRepository + `
		where s.slug = any (@slugs) and (@members or r.visibility = 'public')`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slugs": sessions, "members": v.SeesMembersOnly()})
	found := map[string]string{}
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var slug, name string
		err := row.Scan(&slug, &name)
		found[slug] = name
		return struct{}{}, err
	})
	return found, classify(err, "repository")
}

// contextRepository is what a bare #12 means to the engine. What the bot notes of
// it stands where everybody reads it who may read the session, so a repository for
// members is none of a session that is not.
func (s *Store) contextRepository(ctx context.Context, id hackfest.SessionID) (string, error) {
	const q = `
		select r.name
		from sessions s
		join channels c on c.id = s.channel_id` + meantRepository + `
		where s.id = @session and (r.visibility = 'public' or s.visibility = 'members' or c.visibility = 'members')`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id})
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(list) == 0 {
		return "", classify(err, "repository")
	}
	return list[0], nil
}

// maxIssueLines is how many lines of a running meeting are looked through for
// issues, the newest.
const maxIssueLines = 500

// IssuesSaid returns the issues that the lines of a running meeting name, in the
// order in which they were said, as meeting.IssuesIn reads them. Of a meeting that
// v may not see there are none.
func (s *Store) IssuesSaid(ctx context.Context, v person.Viewer, ref hackfest.Ref, repo, web string) ([]hackfest.IssueRef, error) {
	const q = `
		select l.text
		from meetings m
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		join lines l on l.channel_id = m.channel_id and l.ref >= m.ref and l.ref <= coalesce(m.last_ref, c.applied_ref)
		where m.ref = @ref and l.kind in ('message', 'action', 'web') and not l.bot and not l.self and l.redacted_at is null
		  and l.text ~ '#[0-9]|/(issues|pull)/[0-9]'
		  and (@members or (not l.members_only and m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		order by l.ref desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": ref, "members": v.SeesMembersOnly(), "limit": maxIssueLines})
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	var list []hackfest.IssueRef
	for i := len(texts) - 1; i >= 0; i-- {
		list = append(list, meeting.IssuesIn(texts[i], repo, web)...)
	}
	return list, classify(err, "line")
}
