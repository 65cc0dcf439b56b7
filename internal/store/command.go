package store

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// SpeaksAs returns as whom a person speaks on a network when they do so on the
// web: under the nick and the services account they have proven and still hold.
// Without a nick it is the account; without either it is their name and "/web",
// which nobody on IRC can be called.
func (s *Store) SpeaksAs(ctx context.Context, id person.ID, network string) (nick, account string, err error) {
	const q = `
		select
			coalesce((select d.value from identities d
				where d.person_id = p.id and d.kind = 'nick' and d.network = @network and d.proven_at is not null and d.until is null
				order by d.proven_at desc, d.id desc limit 1), '') as nick,
			coalesce((select d.value from identities d
				where d.person_id = p.id and d.kind = 'account' and d.network = @network and d.proven_at is not null and d.until is null
				order by d.proven_at desc, d.id desc limit 1), '') as account,
			p.name
		from people p
		where p.id = @person`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": id, "network": network})
	type names struct{ Nick, Account, Name string }
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[names])
	switch {
	case err != nil:
		return "", "", classify(err, "person")
	case n.Nick != "":
		return n.Nick, n.Account, nil
	case n.Account != "":
		return n.Account, n.Account, nil
	}
	return strings.Join(strings.Fields(n.Name), "_") + "/web", "", nil
}

// AddCommand stores what somebody gave on the web for a channel and tells the
// bot; it returns the id by which Command says what became of it. c.ID, Network
// and Channel are ignored. What is off the record of it is not even stored; when
// that is all, it is fault.Invalid, as is what hackfest.CommandText refuses.
func (s *Store) AddCommand(ctx context.Context, c hackfest.WebCommand, now time.Time) (string, error) {
	const q = `
		insert into bot_commands (id, channel_id, person_id, nick, account, text, chair, made_at, expires_at)
		values (@id, @channel, @person, @nick, @account, @text, @chair, @now, @expires)`
	kept, _ := irctext.OffTheRecord(c.Text)
	if kept == "" && c.Text != "" {
		return "", &fault.Error{Kind: fault.Invalid, Field: "text", Message: "All of this is off the record, so nothing of it would be said or kept."}
	}
	text, err := hackfest.CommandText(kept)
	if err != nil {
		return "", err
	}
	id := strings.ToLower(ulid.MustNew(ulid.Timestamp(now), rand.Reader).String())
	err = s.InTx(ctx, func(tx *Store) error {
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{
			"id": id, "channel": c.ChannelID, "person": c.PersonID, "nick": clean(c.Nick), "account": clean(c.Account),
			"text": text, "chair": c.Chair, "now": now, "expires": now.Add(hackfest.CommandLife),
		})
		if err != nil {
			return classify(err, "command")
		}
		if err := tx.forgetCommands(ctx, now); err != nil { // the bot may have been away for long
			return err
		}
		return tx.notify(ctx, topicCommands)
	})
	return id, err
}

// commandDoubt is how long after a command's end a line of it may still come: a
// bot has taken it and its line is on the way to Postgres.
const commandDoubt = 30 * time.Second

// Command says what became of a command that v gave; those of others are
// fault.NotFound. A command that was taken counts as lost when its line has not
// come half a minute after its end: the bot died in between.
func (s *Store) Command(ctx context.Context, v person.Viewer, id string, now time.Time) (hackfest.CommandStatus, error) {
	const q = `
		select k.id, k.text, k.made_at, k.expires_at, k.taken_at, k.refused_at, coalesce(l.ref, k.ref) as ref, coalesce(l.off_record, false) as off_record,
			l.ref is not null as stored
		from bot_commands k
		join channels c on c.id = k.channel_id
		left join lines l on l.channel_id = k.channel_id and l.command = k.id
		where k.id = @id and k.person_id = @person and (@members or c.visibility = 'public')`
	type found struct {
		ID, Text           string
		MadeAt, ExpiresAt  time.Time
		TakenAt, RefusedAt *time.Time
		Ref                hackfest.Ref
		OffRecord, Stored  bool
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "person": v.ID, "members": v.SeesMembersOnly()})
	f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[found])
	st := hackfest.CommandStatus{ID: f.ID, Text: f.Text, State: hackfest.CommandWaiting, Ref: f.Ref, OffRecord: f.OffRecord, Stored: f.Stored, MadeAt: f.MadeAt.UTC()}
	switch {
	case err != nil:
		return hackfest.CommandStatus{}, classify(err, "command")
	case !f.Ref.IsZero():
		st.State = hackfest.CommandGiven
	case f.RefusedAt != nil, f.TakenAt == nil && now.After(f.ExpiresAt), now.After(f.ExpiresAt.Add(commandDoubt)):
		st.State = hackfest.CommandLost
	}
	return st, nil
}

// TakeCommands gives the commands that wait for the channels of a network to the
// bot, oldest first, each once and to one bot. Their texts are forgotten here,
// and so are those that nobody took in time.
func (s *Store) TakeCommands(ctx context.Context, network string, now time.Time) ([]hackfest.WebCommand, error) {
	const q = `
		update bot_commands k
		set taken_at = @now, text = ''
		from (
			select b.id, b.text, c.name as channel, w.name as network
			from bot_commands b
			join channels c on c.id = b.channel_id
			join networks w on w.id = c.network_id
			where w.name = @network and b.taken_at is null and b.expires_at > @now
			order by b.id
			limit 100
			for update of b skip locked) t
		where k.id = t.id
		returning k.id, k.channel_id, k.person_id, k.nick, k.account, t.text, k.chair, t.network, t.channel`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": network, "now": now})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[hackfest.WebCommand])
	if err != nil {
		return nil, classify(err, "command")
	}
	slices.SortFunc(list, func(a, b hackfest.WebCommand) int { return strings.Compare(a.ID, b.ID) })
	return list, s.forgetCommands(ctx, now)
}

// forgetCommands forgets the texts of commands that nobody took in time, and all
// of those that nobody asks about any more.
func (s *Store) forgetCommands(ctx context.Context, now time.Time) error {
	const q = `update bot_commands set text = '' where taken_at is null and expires_at <= @now and text <> ''`
	if _, err := s.db.Exec(ctx, q, pgx.NamedArgs{"now": now}); err != nil {
		return classify(err, "command")
	}
	return s.dropCommands(ctx, now.Add(-commandsKept))
}

// commandsKept is how long it is known what became of a command.
const commandsKept = 7 * 24 * time.Hour

func (s *Store) dropCommands(ctx context.Context, before time.Time) error {
	const q = `delete from bot_commands where made_at < @before`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"before": before})
	return classify(err, "command")
}

// SettleCommand notes what became of a command that a bot took: the line made of
// it, or, with the zero ref, that it could not be delivered.
func (s *Store) SettleCommand(ctx context.Context, id string, ref hackfest.Ref, now time.Time) error {
	const q = `
		update bot_commands
		set ref = coalesce(ref, @ref), refused_at = case when @ref::uuid is null then @now::timestamptz end
		where id = @id and ref is null and refused_at is null`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "ref": ref, "now": now})
	return classify(err, "command")
}
