package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// selectLines is the head of every query for lines that are shown. A redacted
// line keeps its place and loses its words.
const selectLines = `
		select l.ref, l.changed_ref, w.name as network, c.name as channel, l.at, l.received_at, l.kind, l.nick, l.account,
			case when l.redacted_at is null then l.text else '' end as text, l.target,
			case when l.redacted_at is null then l.raw end as raw,
			l.self, l.bot, l.op, l.history, l.off_record, l.windows1252, l.command, l.members_only,
			l.redacted_at is not null as redacted, l.redacted_at,
			case when l.redacted_at is not null then (
				select r.actor from redacted d join redactions r on r.id = d.redaction_id where d.ref = l.ref and d.n = 0) end as redacted_by,
			array(
				select m.kind
				from (
					select -1 - p.n as place, case when p.subtopic then 'subtopic' else 'topic' end as kind
					from topics p where p.ref = l.ref and p.title <> '' and not p.undone
					union all
					select i.n, i.kind from items i where i.ref = l.ref and not i.undone) m
				order by m.place) as marks
		from lines l
		join channels c on c.id = l.channel_id
		join networks w on w.id = c.network_id
		where l.kind not in ('context', 'private') and (@members or (not l.members_only and c.visibility = 'public'))`

// lineRow is hackfest.LogLine as Postgres gives it.
type lineRow struct {
	Ref, ChangedRef                                hackfest.Ref
	Network, Channel                               string
	At, ReceivedAt                                 time.Time
	Kind                                           hackfest.LineKind
	Nick, Account, Text, Target                    string
	Raw                                            []byte
	Self, Bot, Op, History, OffRecord, Windows1252 bool
	Command                                        string
	MembersOnly, Redacted                          bool
	RedactedAt                                     *time.Time
	RedactedBy                                     *string
	Marks                                          []string
}

func scanLine(row pgx.CollectableRow) (hackfest.LogLine, error) {
	r, err := pgx.RowToStructByName[lineRow](row)
	l := hackfest.LogLine{
		Line: hackfest.Line{
			Ref: r.Ref, Network: r.Network, Channel: r.Channel, At: r.At.UTC(), ReceivedAt: r.ReceivedAt.UTC(),
			Nick: r.Nick, Account: r.Account, Kind: r.Kind, Text: r.Text, Target: r.Target, Raw: r.Raw,
			Self: r.Self, Bot: r.Bot, Op: r.Op, History: r.History, OffRecord: r.OffRecord, Windows1252: r.Windows1252,
			Command: r.Command,
		},
		ChangedRef: r.ChangedRef, MembersOnly: r.MembersOnly, Redacted: r.Redacted, RedactedAt: orZero(r.RedactedAt),
	}
	if r.RedactedBy != nil {
		l.RedactedBy = *r.RedactedBy
	}
	if len(r.Marks) > 0 {
		l.Marks = r.Marks
	}
	return l, err
}

// LineQuery says which lines of a channel to read. Besides ChannelID the zero
// value of a field does not restrict the list.
type LineQuery struct {
	ChannelID hackfest.ChannelID
	After     hackfest.Ref // lines with a higher ref
	Before    hackfest.Ref // lines with a lower ref
	From, To  time.Time    // lines shown at From or later, and before To
	Day       time.Time    // lines of this date in UTC; From and To are ignored
	Desc      bool         // highest ref first, else lowest first
	Limit     int          // at most that many; 0 is 100

	// ChangedAfter asks for the lines that were added or changed by a line with
	// a higher ref than this, by ref of the change; all else but Limit is
	// ignored. Use Changes to follow a channel.
	ChangedAfter hackfest.Ref
}

// Lines reads a channel's log. Lines are in the order of their refs, which is
// the order in which they happened.
func (s *Store) Lines(ctx context.Context, v person.Viewer, lq LineQuery) ([]hackfest.LogLine, error) {
	switch {
	case !lq.ChangedAfter.IsZero():
		return s.linesChanged(ctx, v, lq)
	case !lq.Day.IsZero() && lq.Desc:
		return s.linesOfDayBackward(ctx, v, lq)
	case !lq.Day.IsZero():
		return s.linesOfDay(ctx, v, lq)
	case lq.Desc:
		return s.linesBackward(ctx, v, lq)
	}
	const q = selectLines + `
		  and l.channel_id = @channel and l.ref > @after and l.ref < @before and l.at >= @from and l.at < @to
		order by l.ref
		limit @limit`
	rows, _ := s.db.Query(ctx, q, lq.args(v))
	list, err := pgx.CollectRows(rows, scanLine)
	return list, classify(err, "line")
}

func (s *Store) linesBackward(ctx context.Context, v person.Viewer, lq LineQuery) ([]hackfest.LogLine, error) {
	const q = selectLines + `
		  and l.channel_id = @channel and l.ref > @after and l.ref < @before and l.at >= @from and l.at < @to
		order by l.ref desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, lq.args(v))
	list, err := pgx.CollectRows(rows, scanLine)
	return list, classify(err, "line")
}

func (s *Store) linesOfDay(ctx context.Context, v person.Viewer, lq LineQuery) ([]hackfest.LogLine, error) {
	const q = selectLines + `
		  and l.channel_id = @channel and l.day = @day::date and l.ref > @after and l.ref < @before
		order by l.ref
		limit @limit`
	rows, _ := s.db.Query(ctx, q, lq.args(v))
	list, err := pgx.CollectRows(rows, scanLine)
	return list, classify(err, "line")
}

func (s *Store) linesOfDayBackward(ctx context.Context, v person.Viewer, lq LineQuery) ([]hackfest.LogLine, error) {
	const q = selectLines + `
		  and l.channel_id = @channel and l.day = @day::date and l.ref > @after and l.ref < @before
		order by l.ref desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, lq.args(v))
	list, err := pgx.CollectRows(rows, scanLine)
	return list, classify(err, "line")
}

func (s *Store) linesChanged(ctx context.Context, v person.Viewer, lq LineQuery) ([]hackfest.LogLine, error) {
	const q = selectLines + `
		  and l.channel_id = @channel and l.changed_ref > @changed_after
		order by l.changed_ref, l.ref
		limit @limit`
	rows, _ := s.db.Query(ctx, q, lq.args(v))
	list, err := pgx.CollectRows(rows, scanLine)
	return list, classify(err, "line")
}

// clockSlack is how far the time part of a ref may be ahead of the time that is
// shown: the server's clock may differ by seconds, and ours may have been set
// back by up to a day.
const (
	clockBehind = 10 * time.Second
	clockAhead  = 24 * time.Hour
)

var highestRef = hackfest.Ref{
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
}

// args are the parameters of all queries above. A range of times is given as a
// range of refs too, since that is what the index is ordered by.
func (lq LineQuery) args(v person.Viewer) pgx.NamedArgs {
	from, to, after, before := beginning, end, lq.After, lq.Before
	if before.IsZero() {
		before = highestRef
	}
	if lq.Day.IsZero() && !lq.From.IsZero() {
		from = lq.From
		if r := hackfest.RefAt(from.Add(-clockBehind)); r.Compare(after) > 0 {
			after = r
		}
	}
	if lq.Day.IsZero() && !lq.To.IsZero() {
		to = lq.To
		if r := hackfest.RefAt(to.Add(clockAhead)); r.Compare(before) < 0 {
			before = r
		}
	}
	return pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "channel": lq.ChannelID, "day": lq.Day,
		"after": uuid(after), "before": uuid(before), "changed_after": uuid(lq.ChangedAfter),
		"from": from, "to": to, "limit": limit(lq.Limit),
	}
}

// uuid is a ref as a parameter to compare with, where the zero ref is no null
// but below all others.
func uuid(r hackfest.Ref) [16]byte { return r }

// Line returns one line wherever it was said, with its channel, or
// fault.NotFound.
func (s *Store) Line(ctx context.Context, v person.Viewer, ref hackfest.Ref) (hackfest.LogLine, hackfest.ChannelInfo, error) {
	const q = selectLines + ` and l.ref = @ref`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": ref, "members": v.SeesMembersOnly()})
	l, err := pgx.CollectExactlyOneRow(rows, scanLine)
	if err != nil {
		return hackfest.LogLine{}, hackfest.ChannelInfo{}, classify(err, "line")
	}
	c, err := s.channelOfLine(ctx, v, ref)
	return l, c, err
}

func (s *Store) channelOfLine(ctx context.Context, v person.Viewer, ref hackfest.Ref) (hackfest.ChannelInfo, error) {
	const q = `
		select ` + channelColumns + `
		from lines l
		join channels c on c.id = l.channel_id
		join networks w on w.id = c.network_id
		where l.ref = @ref and (@members or (not l.members_only and c.visibility = 'public'))`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": ref, "members": v.SeesMembersOnly()})
	c, err := pgx.CollectExactlyOneRow(rows, scanChannel)
	return c, classify(err, "channel")
}
