package store

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Respond keeps what somebody answers on IRC and returns what to tell them, one
// line. Who has proven their services account, or a nick on a network where they
// have no account, answers as that person; others as their nick. The session is
// the one they name, else the next in the channel, else the next there is. What
// is refused is a fault with a message for them.
func (s *Store) Respond(ctx context.Context, r hackfest.Response, now time.Time) (string, error) {
	if !r.Answer.Valid() || r.Nick == "" || len(r.Nick) > 64 {
		return "", fault.New(fault.Invalid, "That is no answer I can keep.")
	}
	var reply string
	err := s.InTx(ctx, func(tx *Store) error {
		who, err := tx.heardFrom(ctx, r)
		if err != nil {
			return err
		}
		x, err := tx.sessionMeant(ctx, r, who.ID != 0, now)
		if err != nil {
			return err
		}
		on, err := tx.askedAbout(ctx, x.ID, false, now)
		if err != nil {
			return err
		}
		a := answering{heard: true, RSVP: hackfest.RSVP{PersonID: who.ID, Nick: r.Nick, Network: r.Network, Answer: r.Answer, Via: "irc"}}
		if err := tx.nameAnswerer(ctx, &a); err != nil {
			return err
		}
		if _, err := tx.keepAnswer(ctx, on, a, now); err != nil {
			return err
		}
		coming, err := tx.countComing(ctx, x.ID)
		reply = announce.Answered(x, r.Nick, r.Answer, coming, who.zone(r.Channel != "" || r.Account == ""), r.BaseURL)
		return err
	})
	return reply, err
}

// heard is who somebody on IRC is.
type heard struct {
	ID    person.ID // zero for nobody who has an account here
	Zone  string    // IANA name; "" is not known
	Shown bool      // everybody may know their zone
}

// zone is in which they are told times; openly is where others may read it.
func (h heard) zone(openly bool) string {
	if openly && !h.Shown {
		return ""
	}
	return h.Zone
}

// heardFrom finds out who answers on IRC.
func (s *Store) heardFrom(ctx context.Context, r hackfest.Response) (heard, error) {
	const q = `
		select p.id, p.zone, p.zone_shown, p.suspended_at is not null, d.kind = 'account',
			exists (
				select 1 from identities a
				where a.person_id = p.id and a.kind = 'account' and a.network = @network and a.proven_at is not null and a.until is null)
		from identities d
		join people p on p.id = d.person_id
		where d.network = @network and d.proven_at is not null and d.until is null
		  and (d.kind = 'account' and @account <> '' and ` + ircFolded + ` = (select ` + ircFolded + ` from (select @account::text as value) d)
			or d.kind = 'nick' and ` + ircFolded + ` = (select ` + ircFolded + ` from (select @nick::text as value) d))
		order by d.kind, p.id
		limit 1`
	var who heard
	var suspended, byAccount, hasAccount bool
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": r.Network, "nick": clean(r.Nick), "account": clean(r.Account)})
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&who.ID, &who.Zone, &who.Shown, &suspended, &byAccount, &hasAccount)
	})
	switch {
	case err != nil:
		return who, classify(err, "person")
	case len(found) == 0:
		return heard{}, nil
	case suspended:
		return who, ErrSuspended
	case !byAccount && hasAccount:
		return who, fault.New(fault.Forbidden, "The nick %s belongs to somebody with an account. Identify to services, then say it again.", r.Nick)
	}
	return who, nil
}

// aDate is how people name a session by its day.
var aDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// sessionMeant is the session that somebody on IRC answers: of those that
// everybody may see, in a channel for members of those in it, and in private for
// members of all. One that is scheduled comes before one that is only proposed.
func (s *Store) sessionMeant(ctx context.Context, r hackfest.Response, member bool, now time.Time) (hackfest.Session, error) {
	const visible = `
		where (@members or (s.visibility = 'public' and c.visibility = 'public') or c.visibility = 'members' and w.name = @network and (c.name = @channel or c.folded = lower(@channel)))`
	const named = selectSessions + visible + `
		  and (s.slug = @typed or (r.slug = @typed or @date and starts_with(s.slug, @typed))
			and s.state <> 'cancelled' and (s.running > 0 or s.held = 0 and s.ends_at > @now))
		order by s.slug = @typed desc, s.running > 0 desc, s.state = 'proposed', s.starts_at, s.id
		limit 1`
	const next = selectSessions + visible + `
		  and s.state <> 'cancelled' and (s.running > 0 or s.held = 0 and s.ends_at > @now)
		  and (@channel = '' or w.name = @network and (c.name = @channel or c.folded = lower(@channel)))
		order by s.running > 0 desc, s.state = 'proposed', s.starts_at, s.id
		limit 1`
	typed, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(r.Session)), "?")
	typed, _, _ = strings.Cut(typed, "#")
	typed = typed[strings.LastIndexByte(typed, '/')+1:] // of an address
	args := pgx.NamedArgs{
		// In a channel all would read which session it was.
		"members": member && r.Channel == "", "network": r.Network, "channel": clean(r.Channel), "typed": clean(typed), "date": aDate.MatchString(typed), "now": now,
	}
	q := next
	if typed != "" {
		q = named
	}
	rows, _ := s.db.Query(ctx, q, args)
	list, err := pgx.CollectRows(rows, scanSession)
	switch {
	case err != nil:
		return hackfest.Session{}, classify(err, "session")
	case len(list) > 0:
		return list[0], nil
	case typed != "":
		return hackfest.Session{}, fault.New(fault.NotFound, "I know no coming session of that name. Name it by its date, as in %s; without a name it is the next one.", now.Format(time.DateOnly))
	case r.Channel != "":
		r.Channel = ""
		return s.sessionMeant(ctx, r, false, now)
	}
	return hackfest.Session{}, fault.New(fault.NotFound, "Nothing is planned, so there is nothing to come to yet.")
}

// countComing is how many said that they come to a session.
func (s *Store) countComing(ctx context.Context, id hackfest.SessionID) (int, error) {
	const q = `
		select count(*)
		from session_answers a
		left join people p on p.id = a.person_id
		where a.session_id = @session and a.answer = 'coming' and p.suspended_at is null`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id})
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	return n, classify(err, "answer")
}
