package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Why an answer is not taken.
var (
	errAnswerRemoved = fault.New(fault.Conflict, "A host took your answer off this list. Talk to them in the channel; they can put it back.")
	errAnswersFull   = fault.New(fault.Conflict, "So many people answered that the list is full. Sign in to be on it all the same, or just come.")
	errNickTaken     = &fault.Error{Kind: fault.Conflict, Field: "nick", Message: "Somebody answered under this nick from IRC or another browser. " +
		"If that was you, change it there: in the channel by !coming or !regrets. Else give another nick."}
	errNickProven = &fault.Error{Kind: fault.Conflict, Field: "nick", Message: "This nick belongs to somebody who has an account here. Sign in if it is yours; else give another nick."}
)

// asked is what people are asked about: one session, or a whole series.
type asked struct {
	session hackfest.SessionID // zero for a series
	series  hackfest.SeriesID  // zero for a session
	network string
	slug    string
}

func (p asked) args() pgx.NamedArgs { return pgx.NamedArgs{"session": p.session, "series": p.series} }

// answering is an answer whose giver is known.
type answering struct {
	hackfest.RSVP
	browser []byte
	mail    hackfest.SubscriberID // zero for none, or as it was
	heard   bool                  // on IRC: whoever has the nick there may change what it answered
	also    []string              // other keys under which the same person may have answered
}

// Answer keeps what somebody answers on the web: the first time, or instead of
// what they said before. What hackfest.Answering refuses is fault.Invalid; a nick
// that is another's, an answer that a host removed, and a session that is over or
// cancelled is fault.Conflict.
func (s *Store) Answer(ctx context.Context, a hackfest.Answering, now time.Time) (hackfest.RSVP, error) {
	a, err := a.Checked()
	if err != nil {
		return hackfest.RSVP{}, err
	}
	var kept hackfest.RSVP
	err = s.InTx(ctx, func(tx *Store) error {
		on, err := tx.askedAbout(ctx, a.SessionID, a.WholeSeries, now)
		if err != nil {
			return err
		}
		x := answering{browser: a.Browser, mail: a.Subscriber, RSVP: hackfest.RSVP{
			PersonID: a.PersonID, Nick: a.Nick, Network: on.network, Answer: a.Answer, Needs: clean(a.Needs), FirstVisit: a.FirstVisit, Via: a.Via,
		}}
		if err := tx.nameAnswerer(ctx, &x); err != nil {
			return err
		}
		kept, err = tx.keepAnswer(ctx, on, x, now)
		if err != nil || !a.WholeSeries {
			return err
		}
		return tx.forgetAnswer(ctx, a.SessionID, x)
	})
	return kept, err
}

// askedAbout is what an answer to a session, or to its whole series, is about.
func (s *Store) askedAbout(ctx context.Context, id hackfest.SessionID, series bool, now time.Time) (asked, error) {
	const q = `
		select coalesce(s.series_id, 0), w.name, s.slug, s.state = 'cancelled',
			s.running = 0 and (s.held > 0 or s.ends_at <= @now)
		from sessions s
		join channels c on c.id = s.channel_id
		join networks w on w.id = c.network_id
		where s.id = @id`
	on := asked{session: id}
	var of hackfest.SeriesID
	var cancelled, over bool
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "now": now})
	_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&of, &on.network, &on.slug, &cancelled, &over)
	})
	switch {
	case err != nil:
		return on, classify(err, "session")
	case over:
		return on, fault.New(fault.Conflict, "This session is over. Who was there is told by its log.")
	case cancelled && !series:
		return on, fault.New(fault.Conflict, "This session is cancelled, so nobody need say whether they come.")
	case series && of == 0:
		return on, fault.On("whole", "This session belongs to no series. Answer for itself.")
	case series:
		on.session, on.series = 0, of
	}
	return on, nil
}

// nameAnswerer finds out under which nick and key x is kept.
func (s *Store) nameAnswerer(ctx context.Context, x *answering) error {
	const q = `
		select coalesce((select p.name from people p where p.id = @person), '') as name,
			array(
				select d.value from identities d
				where d.person_id = @person and d.kind = 'nick' and d.network = @network and d.proven_at is not null and d.until is null
				order by d.proven_at desc, d.id desc) as nicks,
			exists (
				select 1 from identities d
				where d.person_id <> @person and d.kind = 'nick' and d.network = @network and d.proven_at is not null and d.until is null
				  and ` + ircFolded + ` = (select ` + ircFolded + ` from (select @nick::text as value) d)) as others`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": x.PersonID, "network": x.Network, "nick": x.Nick})
	type names struct {
		Name   string
		Nicks  []string
		Others bool
	}
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[names])
	switch {
	case err != nil:
		return classify(err, "person")
	case n.Others && x.Nick != "" && !x.heard:
		return errNickProven
	case x.PersonID == 0:
		x.Who = hackfest.WhoNick(x.Network, x.Nick)
		return nil
	case len(n.Nicks) > 0 && !x.heard:
		x.Nick = n.Nicks[0]
	case x.Nick == "":
		x.Nick = calledOnPages(n.Name)
	}
	x.Who = hackfest.WhoPerson(x.PersonID)
	if x.heard { // whoever has the nick may change what it answered
		n.Nicks = append(n.Nicks, x.Nick)
	}
	for _, nick := range n.Nicks {
		x.also = append(x.also, hackfest.WhoNick(x.Network, nick))
	}
	return nil
}

// before is an answer that is there already.
type before struct {
	ID       hackfest.RSVPID
	Who      string
	PersonID int64
	Mine     bool // of the same browser
	Answer   hackfest.Answer
	Removed  bool
}

// keepAnswer stores x as the one answer of who gives it.
func (s *Store) keepAnswer(ctx context.Context, on asked, x answering, now time.Time) (hackfest.RSVP, error) {
	old, err := s.answersBefore(ctx, on, x)
	if err != nil {
		return hackfest.RSVP{}, err
	}
	var own *before
	for i, b := range old {
		switch {
		case b.Removed:
			return hackfest.RSVP{}, errAnswerRemoved
		case b.Who == x.Who && (x.PersonID != 0 || b.Mine || x.heard):
			own = &old[i]
		case b.Who == x.Who:
			return hackfest.RSVP{}, errNickTaken
		}
	}
	for i, b := range old { // what they answered before they were known
		switch {
		case own != nil && own.ID == b.ID:
		case own == nil:
			own = &old[i]
		default:
			if err := s.WithdrawAnswer(ctx, b.ID, now); err != nil {
				return hackfest.RSVP{}, err
			}
		}
	}
	switch {
	case own == nil:
		err = s.addAnswer(ctx, on, x, now)
	case on.series != 0 && own.Answer != x.Answer:
		if err = s.WithdrawAnswer(ctx, own.ID, now); err == nil { // it was so until now
			err = s.addAnswer(ctx, on, x, now)
		}
	default:
		err = s.changeAnswer(ctx, own.ID, x, now)
	}
	if err != nil {
		return hackfest.RSVP{}, err
	}
	if err := s.notify(ctx, topicSessions); err != nil {
		return hackfest.RSVP{}, err
	}
	return s.answerOf(ctx, on, x.Who)
}

// answersBefore are the answers that x may take the place of. Nobody else answers
// the same until the end of the transaction.
func (s *Store) answersBefore(ctx context.Context, on asked, x answering) ([]before, error) {
	const lock = `select pg_advisory_xact_lock(hashtextextended('answers to ' || @session::bigint::text || ' of ' || @series::bigint::text, 0))`
	const q = `
		select r.id, r.who, coalesce(r.person_id, 0) as person_id, r.person_id is null and coalesce(r.browser_hash = @browser, false) as mine,
			r.answer, r.removed_at is not null as removed
		from rsvps r
		where (r.session_id = @session or r.series_id = @series and r.ended_at is null)
		  and (r.who = @who or r.person_id is null and (r.browser_hash = @browser or r.who = any(@also)))
		order by r.id`
	args := on.args()
	if _, err := s.db.Exec(ctx, lock, args); err != nil {
		return nil, classify(err, "answer")
	}
	args["who"], args["browser"], args["also"] = x.Who, x.browser, x.also
	rows, _ := s.db.Query(ctx, q, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[before])
	return list, classify(err, "answer")
}

func (s *Store) addAnswer(ctx context.Context, on asked, x answering, now time.Time) error {
	const count = `
		select count(*) from rsvps r
		where (r.session_id = @session or r.series_id = @series and r.ended_at is null) and r.person_id is null`
	const q = `
		insert into rsvps (session_id, series_id, who, person_id, nick, network, browser_hash, subscriber_id, answer, needs, first_visit, via,
			created_at, changed_at)
		values (nullif(@session::bigint, 0), nullif(@series::bigint, 0), @who, nullif(@person::bigint, 0), @nick, @network, @browser,
			nullif(@mail::bigint, 0), @answer, @needs, @first, @via, @now, @now)`
	args := x.args(now)
	args["session"], args["series"] = on.session, on.series
	if x.PersonID == 0 {
		rows, _ := s.db.Query(ctx, count, args)
		switch n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int]); {
		case err != nil:
			return classify(err, "answer")
		case n >= hackfest.MaxAnswers:
			return errAnswersFull
		}
	}
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "answer")
}

// changeAnswer stores what somebody says instead. What was asked on the web alone
// stays as it was when they say it on IRC.
func (s *Store) changeAnswer(ctx context.Context, id hackfest.RSVPID, x answering, now time.Time) error {
	const q = `
		update rsvps set who = @who, person_id = nullif(@person::bigint, 0), nick = @nick, network = @network,
			browser_hash = coalesce(@browser, browser_hash), subscriber_id = coalesce(nullif(@mail::bigint, 0), subscriber_id), answer = @answer,
			needs = case when @heard then needs else @needs end, first_visit = case when @heard then first_visit else @first end,
			via = @via, changed_at = @now
		where id = @id`
	args := x.args(now)
	args["id"] = id
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "answer")
}

func (x answering) args(now time.Time) pgx.NamedArgs {
	return pgx.NamedArgs{
		"who": x.Who, "person": x.PersonID, "nick": clean(x.Nick), "network": x.Network, "browser": x.browser, "mail": x.mail, "answer": x.Answer,
		"needs": x.Needs, "first": x.FirstVisit, "via": x.Via, "heard": x.heard, "now": now,
	}
}

// answerOf returns what somebody answers now.
func (s *Store) answerOf(ctx context.Context, on asked, who string) (hackfest.RSVP, error) {
	const q = `
		select r.id, r.who, coalesce(r.person_id, 0), r.nick, r.network, r.answer, r.needs, r.first_visit, r.series_id is not null, r.via,
			r.created_at, r.changed_at, r.removed_at
		from rsvps r
		where (r.session_id = @session or r.series_id = @series and r.ended_at is null) and r.who = @who`
	args := on.args()
	args["who"] = who
	rows, _ := s.db.Query(ctx, q, args)
	a, err := pgx.CollectExactlyOneRow(rows, scanRSVP)
	return a, classify(err, "answer")
}

// forgetAnswer drops what somebody said of one session, since they answer for all
// of its series now.
func (s *Store) forgetAnswer(ctx context.Context, session hackfest.SessionID, x answering) error {
	const q = `
		delete from rsvps r
		where r.session_id = @session and r.removed_at is null
		  and (r.who = @who or r.person_id is null and (r.browser_hash = @browser or r.who = any(@also)))`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"session": session, "who": x.Who, "browser": x.browser, "also": x.also})
	return classify(err, "answer")
}
