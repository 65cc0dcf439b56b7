package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// selectAnswers is the head of every query for answers that are shown: row a is
// what counts for session s. An answer is as hidden as its session; what somebody
// needs, and the nick of who is not to be named, are for those who look after the
// session.
const selectAnswers = `
		select a.rsvp_id as id, a.who, coalesce(a.person_id, 0) as person_id,
			case when p.unnamed and not @inner and p.id <> @person then '' else a.nick end as nick, a.network, a.answer,
			case when @inner or a.person_id = @person then a.needs else '' end as needs, @inner and a.first_visit as first_visit,
			a.from_series, r.via, r.created_at, r.changed_at, r.removed_at
		from session_answers a
		join rsvps r on r.id = a.rsvp_id
		join sessions s on s.id = a.session_id
		join channels c on c.id = s.channel_id
		left join people p on p.id = a.person_id
		where (@members or (s.visibility = 'public' and c.visibility = 'public')) and p.suspended_at is null`

func scanRSVP(row pgx.CollectableRow) (a hackfest.RSVP, err error) {
	var removed *time.Time
	err = row.Scan(&a.ID, &a.Who, &a.PersonID, &a.Nick, &a.Network, &a.Answer, &a.Needs, &a.FirstVisit, &a.FromSeries, &a.Via,
		&a.CreatedAt, &a.ChangedAt, &removed)
	a.CreatedAt, a.ChangedAt, a.RemovedAt = a.CreatedAt.UTC(), a.ChangedAt.UTC(), utc(removed)
	return a, err
}

// Answers lists who answered for a session, coming before maybe before regrets,
// as they came. inner is for who looks after the session: with what people need.
func (s *Store) Answers(ctx context.Context, v person.Viewer, session hackfest.SessionID, inner bool) ([]hackfest.RSVP, error) {
	const q = selectAnswers + `
		  and a.session_id = @session
		order by array_position(array['coming', 'maybe', 'regrets'], a.answer), r.created_at, r.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": session, "person": v.ID, "members": v.SeesMembersOnly(), "inner": inner})
	list, err := pgx.CollectRows(rows, scanRSVP)
	return list, classify(err, "answer")
}

// RemovedAnswers lists what was taken off a session's list and not put back, the
// last first. It is for who looks after the session.
func (s *Store) RemovedAnswers(ctx context.Context, v person.Viewer, session hackfest.SessionID) ([]hackfest.RSVP, error) {
	const q = `
		select r.id, r.who, coalesce(r.person_id, 0), r.nick, r.network, r.answer, r.needs, r.first_visit, r.series_id is not null, r.via,
			r.created_at, r.changed_at, r.removed_at
		from sessions s
		join channels c on c.id = s.channel_id
		join rsvps r on r.session_id = s.id or r.series_id = s.series_id and r.ended_at is null
		where (@members or (s.visibility = 'public' and c.visibility = 'public')) and s.id = @session and r.removed_at is not null
		order by r.removed_at desc, r.id desc`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": session, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanRSVP)
	return list, classify(err, "answer")
}

// MyAnswer returns what v, or else whoever has the token of a browser, answered
// for a session: also what a host removed. Who did not answer is fault.NotFound.
func (s *Store) MyAnswer(ctx context.Context, v person.Viewer, session hackfest.SessionID, browser []byte) (hackfest.RSVP, error) {
	const q = `
		select r.id, r.who, coalesce(r.person_id, 0), r.nick, r.network, r.answer, r.needs, r.first_visit, r.series_id is not null, r.via,
			r.created_at, r.changed_at, r.removed_at
		from sessions s
		join channels c on c.id = s.channel_id
		join rsvps r on r.session_id = s.id or r.series_id = s.series_id and r.ended_at is null
		where (@members or (s.visibility = 'public' and c.visibility = 'public')) and s.id = @session
		  and (r.person_id = @person or r.person_id is null and r.browser_hash = @browser)
		order by r.person_id is null, r.session_id is null
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": session, "person": v.ID, "members": v.SeesMembersOnly(), "browser": browser})
	a, err := pgx.CollectExactlyOneRow(rows, scanRSVP)
	return a, classify(err, "answer")
}

// Answered returns one answer of a session, with what whoever looks after it may
// see; also one that was removed. One of another session is fault.NotFound.
func (s *Store) Answered(ctx context.Context, v person.Viewer, session hackfest.SessionID, id hackfest.RSVPID) (hackfest.RSVP, error) {
	const q = `
		select r.id, r.who, coalesce(r.person_id, 0), r.nick, r.network, r.answer, r.needs, r.first_visit, r.series_id is not null, r.via,
			r.created_at, r.changed_at, r.removed_at
		from sessions s
		join channels c on c.id = s.channel_id
		join rsvps r on r.session_id = s.id or r.series_id = s.series_id and r.ended_at is null
		where (@members or (s.visibility = 'public' and c.visibility = 'public')) and s.id = @session and r.id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": session, "id": id, "members": v.SeesMembersOnly()})
	a, err := pgx.CollectExactlyOneRow(rows, scanRSVP)
	return a, classify(err, "answer")
}

// AnswersOf lists what v answered, the last first: also what was removed, and what
// another answer took the place of.
func (s *Store) AnswersOf(ctx context.Context, v person.Viewer, most int) ([]hackfest.GivenRSVP, error) {
	const q = `
		select r.id, r.who, r.person_id, r.nick, r.network, r.answer, r.needs, r.first_visit, r.series_id is not null, r.via,
			r.created_at, r.changed_at, r.removed_at, coalesce(s.slug, ''), coalesce(e.slug, ''), r.ended_at
		from rsvps r
		left join sessions s on s.id = r.session_id
		left join series e on e.id = r.series_id
		join channels c on c.id = coalesce(s.channel_id, e.channel_id)
		where (@members or (coalesce(s.visibility, e.visibility) = 'public' and c.visibility = 'public')) and r.person_id = @person
		order by r.created_at desc, r.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": v.ID, "members": v.SeesMembersOnly(), "limit": limit(most)})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a hackfest.GivenRSVP, err error) {
		var removed, ended *time.Time
		err = row.Scan(&a.ID, &a.Who, &a.PersonID, &a.Nick, &a.Network, &a.Answer, &a.Needs, &a.FirstVisit, &a.FromSeries, &a.Via,
			&a.CreatedAt, &a.ChangedAt, &removed, &a.Session, &a.Series, &ended)
		a.CreatedAt, a.ChangedAt, a.RemovedAt, a.EndedAt = a.CreatedAt.UTC(), a.ChangedAt.UTC(), utc(removed), utc(ended)
		return a, err
	})
	return list, classify(err, "answer")
}

// RemoveAnswer takes an answer off the list; who gave it cannot give it again
// until RestoreAnswer puts it back. Either is fault.Conflict when it is so already.
func (s *Store) RemoveAnswer(ctx context.Context, id hackfest.RSVPID, by person.ID, now time.Time) error {
	const q = `update rsvps set removed_at = @now, removed_by = nullif(@by::bigint, 0) where id = @id and removed_at is null`
	return s.moveAnswer(ctx, q, pgx.NamedArgs{"id": id, "by": by, "now": now}, "This answer is off the list already.")
}

// RestoreAnswer puts a removed answer back on the list.
func (s *Store) RestoreAnswer(ctx context.Context, id hackfest.RSVPID) error {
	const q = `update rsvps set removed_at = null, removed_by = null where id = @id and removed_at is not null`
	return s.moveAnswer(ctx, q, pgx.NamedArgs{"id": id}, "This answer is on the list already.")
}

// WithdrawAnswer takes back what somebody answered themselves. What they said of
// a whole series stays true of its sessions before now.
func (s *Store) WithdrawAnswer(ctx context.Context, id hackfest.RSVPID, now time.Time) error {
	const q = `
		delete from rsvps r
		where r.id = @id and r.removed_at is null and (r.session_id is not null or not exists (
			select 1 from sessions s where s.series_id = r.series_id and s.ends_at > r.created_at and s.ends_at <= @now))`
	const end = `update rsvps set ended_at = @now where id = @id and removed_at is null and ended_at is null`
	return s.InTx(ctx, func(tx *Store) error {
		args := pgx.NamedArgs{"id": id, "now": now}
		tag, err := tx.db.Exec(ctx, q, args)
		if err != nil {
			return classify(err, "answer")
		}
		if tag.RowsAffected() > 0 {
			return tx.notify(ctx, topicSessions)
		}
		return tx.moveAnswer(ctx, end, args, "This answer was taken back already.")
	})
}

// moveAnswer runs q, which changes one answer, and tells open pages. idle is what
// to say when it found nothing to change.
func (s *Store) moveAnswer(ctx context.Context, q string, args pgx.NamedArgs, idle string) error {
	return s.InTx(ctx, func(tx *Store) error {
		tag, err := tx.db.Exec(ctx, q, args)
		switch {
		case err != nil:
			return classify(err, "answer")
		case tag.RowsAffected() == 0:
			return fault.New(fault.Conflict, "%s", idle)
		}
		return tx.notify(ctx, topicSessions)
	})
}

// contextAnswers are the nicks of who said that they come, or may, and of who
// said that they do not, for the engine; those who are not to be named left out.
func (s *Store) contextAnswers(ctx context.Context, id hackfest.SessionID) (coming, regrets []string, err error) {
	const q = `
		select a.nick, a.answer
		from session_answers a
		left join people p on p.id = a.person_id
		where a.session_id = @session and not coalesce(p.unnamed, false) and p.suspended_at is null
		order by a.rsvp_id
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id, "limit": maxContextAnswers})
	type said struct {
		Nick   string
		Answer hackfest.Answer
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[said])
	for _, a := range list {
		if a.Answer == hackfest.AnswerRegrets {
			regrets = append(regrets, a.Nick)
		} else {
			coming = append(coming, a.Nick)
		}
	}
	return coming, regrets, classify(err, "answer")
}

// replaceInAnswers is about what somebody answered under a nick before they were
// known, and about what others need; see replaceNames.
func (s *Store) replaceInAnswers(ctx context.Context, args pgx.NamedArgs) error {
	const forget = `
		delete from rsvps a
		where a.person_id is null and a.network = @network and a.created_at >= @since and a.created_at < @until
		  and regexp_replace(a.nick, @text, '', 'gi') = ''`
	const q = `
		update rsvps a set needs = left(regexp_replace(a.needs, @text, @pseudonym, 'gi'), 300)
		where a.network = @network and a.created_at >= @since and a.created_at < @until and a.needs ~* @text`
	if err := s.exec(ctx, forget, args); err != nil {
		return err
	}
	return s.exec(ctx, q, args)
}

// calledOnPages is what a person is called who has no nick on a network: one word.
func calledOnPages(name string) string { return strings.Join(strings.Fields(name), "_") }
