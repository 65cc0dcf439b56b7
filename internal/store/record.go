package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// recorder is one Record under way: what is known of the channel, inside its
// transaction.
type recorder struct {
	tx         *Store
	now        time.Time
	ID         hackfest.ChannelID
	Name       string
	Visibility person.Visibility
	Applied    hackfest.Ref // the last line stored before
	Running    hackfest.Ref // the meeting that runs; zero when none does
	Hidden     bool         // a meeting of these lines is for members only
	planned    bool         // sessions changed, so the schedule did
}

// Record stores lines of one channel, in order, with the effects they had: all
// of them in one transaction, and once. Lines that are stored already, up to
// the channel's applied ref, are skipped together with their effects. Effects
// that Postgres refuses are set aside and hold back neither lines nor other
// effects. A channel that is not known yet is added; cm is its network's.
//
// It fails only for what may pass: then nothing is stored, and the same batch
// can be given again.
func (s *Store) Record(ctx context.Context, network, channel string, batch []meeting.Applied, cm irctext.Casemapping, now time.Time) error {
	if len(batch) == 0 {
		return nil
	}
	return s.InTx(ctx, func(tx *Store) error {
		r, err := tx.recorder(ctx, network, channel, cm, now)
		if err != nil {
			return err
		}
		for len(batch) > 0 && batch[0].Line.Ref.Compare(r.Applied) <= 0 {
			batch = batch[1:]
		}
		if len(batch) == 0 {
			return nil
		}
		if err := r.lines(ctx, batch); err != nil {
			return err
		}
		for _, a := range batch {
			if err := r.effects(ctx, a); err != nil {
				return err
			}
		}
		return r.finish(ctx, batch)
	})
}

// recorder locks the channel until the end of the transaction, so that its
// lines are stored by one at a time.
func (s *Store) recorder(ctx context.Context, network, channel string, cm irctext.Casemapping, now time.Time) (*recorder, error) {
	const q = `
		select c.id, c.name, c.visibility, c.applied_ref as applied, m.ref as running, coalesce(m.visibility = 'members', false) as hidden
		from channels c
		join networks w on w.id = c.network_id
		left join meetings m on m.channel_id = c.id and m.ended_at is null
		where w.name = @network and c.folded = @folded
		for no key update of c`
	for opened := false; ; opened = true {
		rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": network, "folded": cm.Fold(channel)})
		r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[recorder])
		r.tx, r.now = s, now
		if !errors.Is(err, pgx.ErrNoRows) || opened {
			return &r, classify(err, "channel")
		}
		if err := s.OpenChannels(ctx, network, []string{channel}, cm, now); err != nil {
			return nil, err
		}
	}
}

// lines stores the lines of batch. When Postgres refuses them, each is tried by
// itself and only the refused ones are set aside.
func (r *recorder) lines(ctx context.Context, batch []meeting.Applied) error {
	err := r.tx.InTx(ctx, func(tx *Store) error { return tx.addLines(ctx, r.ID, batch) })
	if err == nil || passing(err) {
		return err
	}
	for i := range batch {
		one := batch[i : i+1]
		err := r.tx.InTx(ctx, func(tx *Store) error { return tx.addLines(ctx, r.ID, one) })
		if err != nil && !passing(err) {
			err = r.setAside(ctx, one[0].Line.Ref, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addLines inserts the lines of batch as one array per column.
func (s *Store) addLines(ctx context.Context, channel hackfest.ChannelID, batch []meeting.Applied) error {
	const q = `
		insert into lines (channel_id, ref, changed_ref, at, received_at, kind, nick, account, text, target, raw,
			self, bot, op, history, off_record, windows1252, command)
		select @channel, x.ref, x.ref, x.at, x.received_at, x.kind, x.nick, x.account, x.text, x.target, x.raw,
			'self' = any(x.flags), 'bot' = any(x.flags), 'op' = any(x.flags), 'history' = any(x.flags),
			'off_record' = any(x.flags), 'windows1252' = any(x.flags), x.command
		from (
			select u.ref, u.at, u.received_at, u.kind, u.nick, u.account, u.text, u.target, u.raw, u.command,
				string_to_array(u.flags, ' ') as flags
			from unnest(@ref::uuid[], @at::timestamptz[], @received_at::timestamptz[], @kind::text[], @nick::text[], @account::text[],
				@text::text[], @target::text[], @raw::bytea[], @command::text[], @flags::text[])
				u (ref, at, received_at, kind, nick, account, text, target, raw, command, flags)) x
		on conflict do nothing`
	n := len(batch)
	refs, at, received := make([]hackfest.Ref, n), make([]time.Time, n), make([]time.Time, n)
	kind, nick, account, text := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	target, raw, command, flags := make([]string, n), make([][]byte, n), make([]string, n), make([]string, n)
	for i, a := range batch {
		l := a.Line
		refs[i], at[i], received[i], kind[i] = l.Ref, l.At, l.ReceivedAt, string(l.Kind)
		nick[i], account[i], text[i], target[i] = clean(l.Nick), clean(l.Account), clean(l.Text), clean(l.Target)
		raw[i], command[i], flags[i] = l.Raw, clean(l.Command), lineFlags(l)
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"channel": channel, "ref": refs, "at": at, "received_at": received, "kind": kind, "nick": nick, "account": account,
		"text": text, "target": target, "raw": raw, "command": command, "flags": flags,
	})
	return classify(err, "line")
}

// lineFlags are the names of the columns that are true for l.
func lineFlags(l hackfest.Line) string {
	var set []string
	for _, f := range []struct {
		on   bool
		name string
	}{
		{l.Self, "self"},
		{l.Bot, "bot"},
		{l.Op, "op"},
		{l.History, "history"},
		{l.OffRecord, "off_record"},
		{l.Windows1252, "windows1252"},
	} {
		if f.on {
			set = append(set, f.name)
		}
	}
	return strings.Join(set, " ")
}

// clean makes text what Postgres takes: whoever decoded it should have done so
// already, and a line must not be lost for it.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// finish marks the lines of a meeting for members, hides what they say again of
// what was redacted, notes how far the channel
// came and wakes those who follow it.
func (r *recorder) finish(ctx context.Context, batch []meeting.Applied) error {
	const q = `update channels set applied_ref = @last where id = @channel`
	if r.Hidden {
		if err := r.hide(ctx, batch); err != nil {
			return err
		}
	}
	last := batch[len(batch)-1].Line.Ref
	if err := r.tx.hideAgain(ctx, r.ID, last); err != nil {
		return err
	}
	if _, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"channel": r.ID, "last": last}); err != nil {
		return classify(err, "channel")
	}
	if r.planned {
		if err := r.tx.notify(ctx, topicSessions); err != nil {
			return err
		}
	}
	return r.tx.notify(ctx, ChannelTopic(r.ID))
}

func (r *recorder) hide(ctx context.Context, batch []meeting.Applied) error {
	const q = `
		update lines l
		set members_only = true
		from meetings m
		where m.channel_id = @channel and m.visibility = 'members' and (m.last_ref is null or m.last_ref >= @first)
		  and l.channel_id = @channel and l.ref >= @first and l.ref >= m.ref and (m.last_ref is null or l.ref <= m.last_ref)
		  and not l.members_only`
	_, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"channel": r.ID, "first": batch[0].Line.Ref})
	return classify(err, "line")
}

// setAside keeps the reason why what the line ref had as effects could not be
// stored.
func (r *recorder) setAside(ctx context.Context, ref hackfest.Ref, reason error) error {
	const q = `
		insert into set_aside (ref, channel_id, reason, at) values (@ref, @channel, @reason, @now)
		on conflict (ref) do nothing`
	_, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"ref": ref, "channel": r.ID, "reason": clean(reason.Error()), "now": r.now})
	return classify(err, "effect")
}

// SetAside returns how many lines had effects, or were themselves, refused.
// Somebody has to look at them: it is zero on a healthy portal.
func (s *Store) SetAside(ctx context.Context) (int, error) {
	const q = `select count(*) from set_aside`
	rows, _ := s.db.Query(ctx, q)
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	return n, classify(err, "effect")
}

// passing reports whether err may be gone when the same is tried again: Postgres
// is away, the caller gave up, or two transactions were in each other's way.
// Anything else would be refused for ever.
func passing(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || fault.KindOf(err) == fault.Unavailable {
		return true
	}
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	switch pg.Code[:min(2, len(pg.Code))] {
	case "25", "40", "55", "58", "XX": // transaction state, deadlock, locks, disk, Postgres' own bugs
		return true
	}
	return away(err)
}
