package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// BackTarget notes that somebody wants a target, and reports whether they had not
// said so before.
func (s *Store) BackTarget(ctx context.Context, id hackfest.TargetID, by person.ID, now time.Time) (bool, error) {
	const q = `
		insert into target_backers (target_id, person_id, created_at) values (@id, @by, @now)
		on conflict (target_id, person_id, network, nick) do nothing`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "by": by, "now": now})
	return tag.RowsAffected() > 0, classify(err, "target")
}

// UnbackTarget takes back what BackTarget noted.
func (s *Store) UnbackTarget(ctx context.Context, id hackfest.TargetID, by person.ID) error {
	const q = `delete from target_backers b where b.target_id = @id and b.person_id = @by`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "by": by})
	return classify(err, "target")
}

// BacksTarget reports whether somebody said that they want a target.
func (s *Store) BacksTarget(ctx context.Context, id hackfest.TargetID, by person.ID) (bool, error) {
	const q = `select exists (select 1 from target_backers b where b.target_id = @id and b.person_id = @by)`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "by": by})
	yes, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	return yes, classify(err, "target")
}

// backByNick notes that who is called so on a network wants a target.
func (s *Store) backByNick(ctx context.Context, id hackfest.TargetID, network, nick string, now time.Time) (bool, error) {
	const q = `
		insert into target_backers (target_id, network, nick, created_at) values (@id, @network, @nick, @now)
		on conflict (target_id, person_id, network, nick) do nothing`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "network": network, "nick": foldedNick(nick), "now": now})
	return tag.RowsAffected() > 0, classify(err, "target")
}

// foldedNick is the spelling that a nick shares with all that some network takes
// for the same.
func foldedNick(nick string) string { return irctext.RFC1459.Fold(clean(nick)) }

// The most that is proposed on IRC in a day: by one nick, and by all.
const (
	mostIdeas    = 5
	mostIdeasAll = 60
)

// Suggest puts what somebody proposes with !idea on the board, and returns the
// line for them. What is on the board already they are taken to want too. A
// fault.Invalid says what they may change; in a channel that is not public nothing
// is taken, since the board is.
func (s *Store) Suggest(ctx context.Context, x hackfest.Suggestion, now time.Time) (string, error) {
	e, err := x.Proposed()
	if err != nil {
		return "", err
	}
	e.Name, e.About = clean(e.Name), clean(e.About)
	var reply string
	err = s.InTx(ctx, func(tx *Store) error {
		channel, err := tx.ideaChannel(ctx, x)
		if err != nil {
			return err
		}
		by, err := tx.personCalled(ctx, x.Network, x.Nick, x.Account)
		if err != nil {
			return err
		}
		t, err := tx.targetNamed(ctx, e.Name)
		switch {
		case fault.KindOf(err) == fault.NotFound:
			t, err = tx.addIdea(ctx, x, e, channel, by, now)
			reply = announce.Suggested(t, false, x.BaseURL)
		case err == nil:
			reply = announce.Suggested(t, true, x.BaseURL)
		}
		if err != nil {
			return err
		}
		if by.ID != 0 {
			_, err = tx.BackTarget(ctx, t.ID, by.ID, now)
		} else {
			_, err = tx.backByNick(ctx, t.ID, x.Network, x.Nick, now)
		}
		return err
	})
	return reply, err
}

// addIdea adds a target that was proposed on IRC.
func (s *Store) addIdea(ctx context.Context, x hackfest.Suggestion, e hackfest.TargetEdit, channel hackfest.ChannelID, by person.Account, now time.Time) (hackfest.Target, error) {
	const q = `update targets set channel_id = nullif(@channel::bigint, 0), line_ref = @line where id = @id`
	if err := s.refuseFlood(ctx, x, now); err != nil {
		return hackfest.Target{}, err
	}
	t := hackfest.Target{Slug: hackfest.Slug(e.Name), Name: e.Name, About: e.About, Proposer: x.Nick, Via: hackfest.TargetViaIRC}
	id, err := s.AddTarget(ctx, t, now)
	if fault.KindOf(err) == fault.Conflict {
		return t, fault.New(fault.Invalid, "Something was on the board under that name and was taken off it. A maintainer can put it back.")
	}
	if err != nil {
		return t, err
	}
	if _, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "channel": channel, "line": x.Ref}); err != nil {
		return t, classify(err, "target")
	}
	t.ID = id
	return t, s.AddTargetEvent(ctx, id, hackfest.TargetEvent{At: now, Deed: hackfest.TargetProposed, Actor: x.Nick}, by.ID)
}

// ideaChannel is where something is proposed; zero is in private.
func (s *Store) ideaChannel(ctx context.Context, x hackfest.Suggestion) (hackfest.ChannelID, error) {
	const q = `
		select c.id, c.visibility = 'public' as open
		from channels c join networks w on w.id = c.network_id
		where w.name = @network and (c.name = @channel or c.folded = @channel)`
	if x.Channel == "" {
		return 0, nil
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": x.Network, "channel": x.Channel})
	type place struct {
		ID   hackfest.ChannelID
		Open bool
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[place])
	if err == nil && !c.Open {
		return 0, fault.New(fault.Invalid, "This channel is not public and the board is. Tell me in private what you want to propose.")
	}
	return c.ID, classify(err, "channel")
}

// personCalled is who has proven to be called so on a network now; zero is nobody.
func (s *Store) personCalled(ctx context.Context, network, nick, account string) (person.Account, error) {
	const q = `
		select p.id, p.name
		from identities d join people p on p.id = d.person_id
		where d.network = @network and d.proven_at is not null and d.until is null and p.suspended_at is null
		  and (d.kind = 'account' and d.value = nullif(@account, '') or d.kind = 'nick' and ` + ircFolded + ` = @nick)
		order by d.kind = 'nick'
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": network, "nick": foldedNick(nick), "account": account})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (person.Account, error) {
		var a person.Account
		err := row.Scan(&a.ID, &a.Name)
		return a, err
	})
	if err != nil || len(list) == 0 {
		return person.Account{}, classify(err, "person")
	}
	return list[0], nil
}

// targetNamed finds a target by what somebody calls it: its name or an address it
// has or had.
func (s *Store) targetNamed(ctx context.Context, name string) (hackfest.Target, error) {
	const q = selectTargets + `
		  and (lower(t.name) = lower(@name) or t.slug = @slug or t.id = (select x.target_id from target_slugs x where x.slug = @slug))
		order by t.slug = @slug desc, t.id
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"name": name, "slug": hackfest.Slug(name)})
	t, err := pgx.CollectExactlyOneRow(rows, scanTarget)
	return t, classify(err, "target")
}

// refuseFlood refuses a proposal by IRC when there were too many in a day.
func (s *Store) refuseFlood(ctx context.Context, x hackfest.Suggestion, now time.Time) error {
	const q = `
		select count(*) filter (where lower(translate(t.proposer, '[]\~', '{}|^')) = @nick) as mine, count(*) as everybody
		from targets t
		where t.via = 'irc' and t.created_at > @since`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"nick": foldedNick(x.Nick), "since": now.Add(-24 * time.Hour)})
	type tally struct{ Mine, Everybody int }
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[tally])
	switch {
	case err != nil:
		return classify(err, "target")
	case n.Mine >= mostIdeas:
		return fault.New(fault.Invalid, "That were %d ideas of yours in a day. Say which of them matters most, in the channel.", mostIdeas)
	case n.Everybody >= mostIdeasAll:
		return fault.New(fault.Invalid, "There were many ideas today already. Propose it tomorrow, or on the page: %s/targets/propose", x.BaseURL)
	}
	return nil
}
