package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// Resume returns where each channel of network stands: the last line that was
// stored and what a bot has to fold before it goes on.
func (s *Store) Resume(ctx context.Context, network string) ([]meeting.Resumption, error) {
	var list []meeting.Resumption
	err := s.inSnapshot(ctx, func(tx *Store) error {
		channels, err := tx.standing(ctx, network)
		if err != nil {
			return err
		}
		for _, c := range channels {
			lines, err := tx.meetingLines(ctx, c.ID, c.meeting(), c.Applied)
			if err != nil {
				return err
			}
			list = append(list, meeting.Resumption{Network: network, Channel: c.Name, Applied: c.Applied, Lines: lines})
		}
		return nil
	})
	return list, err
}

// standingChannel is where a channel stands.
type standingChannel struct {
	ID      hackfest.ChannelID
	Name    string
	Applied hackfest.Ref
	Last    hackfest.Ref // its last meeting; zero when it has none
	Ended   hackfest.Ref // the last line of that; zero while it runs
	Purged  bool         // lines of that were wiped, so that it cannot be folded again
}

// justEnded is how long after its end a meeting is still looked at: a bot that
// was killed just then has not said so.
const justEnded = 10 * time.Minute

// meeting is the one a bot has to fold; zero when there is none.
func (c standingChannel) meeting() hackfest.Ref {
	if !c.Ended.IsZero() && (c.Purged || c.Applied.Time().Sub(c.Ended.Time()) > justEnded) {
		return hackfest.Ref{}
	}
	return c.Last
}

func (s *Store) standing(ctx context.Context, network string) ([]standingChannel, error) {
	const q = `
		select c.id, c.name, c.applied_ref as applied, m.ref as last, m.last_ref as ended,
			exists (
				select 1 from redacted d join redactions r on r.id = d.redaction_id
				where d.ref between m.ref and m.last_ref and d.n = 0 and r.purged_at is not null) as purged
		from channels c
		join networks w on w.id = c.network_id
		left join lateral (
			select ref, last_ref from meetings where channel_id = c.id and not imported order by ref desc limit 1) m on true
		where w.name = @network
		order by c.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": network})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[standingChannel])
	return list, classify(err, "channel")
}

// selectWholeLines is the head of a query for lines as the bot spooled them.
const selectWholeLines = `
		select l.ref, w.name as network, c.name as channel, l.at, l.received_at, l.kind, l.nick, l.account, l.text, l.target, l.raw,
			l.self, l.bot, l.op, l.history, l.off_record, l.windows1252, l.command
		from lines l
		join channels c on c.id = l.channel_id
		join networks w on w.id = c.network_id`

// meetingLines returns the lines from which the engine works out a meeting: the
// last context before line first and all lines from first to last. A zero first
// is no meeting: then it is the last context alone.
func (s *Store) meetingLines(ctx context.Context, channel hackfest.ChannelID, first, last hackfest.Ref) ([]hackfest.Line, error) {
	const q = `
		(` + selectWholeLines + `
		where l.channel_id = @channel and l.kind = 'context' and l.ref < @first and l.ref <= @last
		order by l.ref desc
		limit 1)
		union all
		(` + selectWholeLines + `
		where l.channel_id = @channel and l.ref between @first and @last)
		order by ref`
	if first.IsZero() {
		first = highestRef
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": channel, "first": uuid(first), "last": uuid(last)})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hackfest.Line, error) {
		l, err := pgx.RowToStructByName[hackfest.Line](row)
		l.At, l.ReceivedAt = l.At.UTC(), l.ReceivedAt.UTC()
		return l, err
	})
	if err != nil {
		return nil, classify(err, "line")
	}
	return s.withTallies(ctx, first, list)
}

// HighestRef returns the highest ref of all stored lines; new lines come after
// it. It is zero without lines.
func (s *Store) HighestRef(ctx context.Context) (hackfest.Ref, error) {
	const q = `select ref from lines order by ref desc limit 1`
	rows, _ := s.db.Query(ctx, q)
	refs, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.Ref])
	if err != nil || len(refs) == 0 {
		return hackfest.Ref{}, classify(err, "line")
	}
	return refs[0], nil
}
