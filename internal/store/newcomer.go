package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Greet says whether somebody who speaks in a session that runs is to be
// greeted: when they said that they come for the first time, or have never spoken
// before in any channel, and nobody has greeted them yet. In the first meeting of
// all nobody is new. The
// delivery it returns is then being sent, and the caller settles it with
// MoveDelivery; host is who hosts the session, "" for nobody. A zero delivery
// means that there is nobody to greet, fault.NotFound that it is not stored yet
// that a meeting runs.
func (s *Store) Greet(ctx context.Context, n hackfest.Newcomer, now time.Time) (id hackfest.DeliveryID, host string, err error) {
	err = s.InTx(ctx, func(tx *Store) error {
		id, host = 0, ""
		who, err := tx.heardFrom(ctx, hackfest.Response{Network: n.Network, Nick: n.Nick, Account: n.Account})
		if fault.KindOf(err) == fault.Forbidden {
			return nil // a nick that is somebody else's, or who is not let in
		}
		if err != nil {
			return err
		}
		at, err := tx.greetingPlace(ctx, n)
		if err != nil {
			return err
		}
		host = at.Host
		id, err = tx.addGreeting(ctx, at, n, who.ID, now)
		return err
	})
	return id, host, err
}

// greetingPlace is the meeting that runs where somebody speaks.
type greetingPlace struct {
	ChannelID hackfest.ChannelID
	SessionID hackfest.SessionID
	Ref       hackfest.Ref
	StartsAt  time.Time
	Host      string
}

func (s *Store) greetingPlace(ctx context.Context, n hackfest.Newcomer) (greetingPlace, error) {
	const q = `
		select c.id as channel_id, s.id as session_id, m.ref, s.starts_at,
			coalesce((select p.name from people p where p.id = coalesce(s.host_id, r.host_id) and p.suspended_at is null and not p.unnamed), '') as host
		from channels c
		join meetings m on m.channel_id = c.id and m.ended_at is null
		join sessions s on s.id = m.session_id
		left join series r on r.id = s.series_id
		where c.id = @channel and c.greet and c.joined`
	channel, err := s.channelID(ctx, n.Network, n.Channel)
	if err != nil {
		return greetingPlace{}, err
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": channel})
	at, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[greetingPlace])
	return at, classify(err, "meeting")
}

// addGreeting notes that n is being greeted, if that is to be, once for ever.
func (s *Store) addGreeting(ctx context.Context, at greetingPlace, n hackfest.Newcomer, id person.ID, now time.Time) (hackfest.DeliveryID, error) {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, starts_at, due_at, state, sending_at, queued_at, created_at)
		select 'greeting/' || w.name || '/' || @who, 'irc', w.name || '/' || c.folded, 'greeting', c.id, @session, @starts, @now, 'sending', @now, @now, @now
		from channels c
		join networks w on w.id = c.network_id
		where c.id = @channel
		  and not exists (select from people p where p.id = @person and p.unnamed)
		  and not exists (select from unnamed_nicks u where u.network = w.name and u.nick = lower(@nick))
		  and not exists (
			select from deliveries d
			where d.occasion = 'greeting' and d.what in ('greeting/' || w.name || '/' || @who, 'greeting/' || w.name || '/' || @bare::text))
		  and (exists (
				select from session_answers a
				where a.session_id = @session and a.first_visit and a.answer <> 'regrets' and a.who in (@who, @bare))
			or exists (select from meetings m where m.ended_at is not null and m.ref < @ref)
			and not exists (
				select from lines l
				where lower(l.nick) = lower(@nick) and l.kind in ('message', 'action') and not l.self and l.ref < @ref)
			and not exists (
				select from lines l
				where @account <> '' and lower(l.account) = lower(@account) and l.account <> '' and l.kind in ('message', 'action') and not l.self
				  and l.ref < @ref)
			and not exists (
				select from identities d
				join lines l on lower(l.nick) = lower(d.value) and l.kind in ('message', 'action') and not l.self
				where d.person_id = @person and d.kind = 'nick' and d.proven_at is not null and l.ref < @ref))
		on conflict (what, outlet, recipient, occasion) do nothing
		returning id`
	bare := hackfest.WhoNick(n.Network, n.Nick)
	who := bare
	if id != 0 {
		who = hackfest.WhoPerson(id)
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"who": who, "bare": bare, "channel": at.ChannelID, "session": at.SessionID, "starts": at.StartsAt, "person": id,
		"nick": clean(n.Nick), "account": clean(n.Account), "ref": at.Ref, "now": now,
	})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.DeliveryID])
	if err != nil || len(ids) == 0 {
		return 0, classify(err, "greeting")
	}
	return ids[0], nil
}

// ZoneOf returns the zone in which somebody on IRC wants to be told times: that
// of the person who has proven their services account, or their nick on a network
// that shows no accounts. Where others read it, openly, it is only told of those
// who show it to everybody. "" is that nobody knows.
func (s *Store) ZoneOf(ctx context.Context, network, nick, account string, openly bool) (string, error) {
	who, err := s.heardFrom(ctx, hackfest.Response{Network: network, Nick: nick, Account: account})
	if fault.KindOf(err) == fault.Forbidden || err == nil && who.ID == 0 {
		return "", nil
	}
	return who.zone(openly || account == ""), err
}

// forgetGreetings removes that somebody was greeted, which names them.
func (s *Store) forgetGreetings(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		delete from deliveries d
		where d.occasion = 'greeting' and (d.what = 'greeting/' || @network || '/person/' || @person::bigint
			or starts_with(d.what, 'greeting/' || @network || '/nick/') and d.what ~* @text)`
	return s.exec(ctx, q, args)
}
