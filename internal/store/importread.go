package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/archive"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// storedRow is archive.Stored as Postgres gives it.
type storedRow struct {
	hackfest.Line
	MAC []byte `db:"mac"`
}

// storedLines are the lines of a channel from first to last, or a page of them,
// with the hashes of those that were removed.
func (s *Store) storedLines(ctx context.Context, channel hackfest.ChannelID, first, last hackfest.Ref, most int) ([]archive.Stored, error) {
	const q = `
		select l.ref, w.name as network, c.name as channel, l.at, l.received_at, l.kind, l.nick, l.account, l.text, l.target, l.raw,
			l.self, l.bot, l.op, l.history, l.off_record, l.windows1252, l.command, d.mac
		from lines l
		join channels c on c.id = l.channel_id
		join networks w on w.id = c.network_id
		left join redacted d on d.ref = l.ref and d.n = 0
		where l.channel_id = @channel and l.ref between @first and @last and l.kind <> 'private'
		order by l.ref
		limit nullif(@most::int, 0)`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": channel, "first": uuid(first), "last": uuid(last), "most": most})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (archive.Stored, error) {
		r, err := pgx.RowToStructByName[storedRow](row)
		r.At, r.ReceivedAt = r.At.UTC(), r.ReceivedAt.UTC()
		return archive.Stored{Line: r.Line, MAC: r.MAC}, err
	})
	return list, classify(err, "line")
}

// meetingWithin is the first meeting of a channel that lines from low to high
// belong to; zero when there is none.
func (s *Store) meetingWithin(ctx context.Context, channel hackfest.ChannelID, low, high hackfest.Ref) (hackfest.Ref, error) {
	const q = `
		select x.ref
		from (
			(select m.ref, m.last_ref from meetings m where m.channel_id = @channel and m.ref <= @low order by m.ref desc limit 1)
			union all
			(select m.ref, m.last_ref from meetings m where m.channel_id = @channel and m.ref > @low and m.ref <= @high order by m.ref limit 1)) x
		where x.last_ref is null or x.last_ref >= @low
		order by x.ref
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": channel, "low": uuid(low), "high": uuid(high)})
	refs, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.Ref])
	if err != nil || len(refs) == 0 {
		return hackfest.Ref{}, classify(err, "meeting")
	}
	return refs[0], nil
}

// knownMeeting is a meeting that is stored.
type knownMeeting struct {
	Ref        hackfest.Ref
	LastRef    hackfest.Ref // zero while it runs
	SessionID  hackfest.SessionID
	Visibility person.Visibility
	Fixed      bool // it stays as it is
}

// covers reports whether ref is one of m's lines.
func (m knownMeeting) covers(ref hackfest.Ref) bool {
	return ref.Compare(m.Ref) >= 0 && (m.LastRef.IsZero() || ref.Compare(m.LastRef) <= 0)
}

// plannedSession is a session that a meeting may belong to.
type plannedSession struct {
	ID         hackfest.SessionID
	Slug       string
	Title      string
	Zone       string
	StartsAt   time.Time
	EndsAt     time.Time
	Target     string
	Visibility person.Visibility
}

// plansAbout are the sessions of a channel that somebody planned for the time from
// first to last. Those made for a meeting on the spot are that one's alone.
func (s *Store) plansAbout(ctx context.Context, channel hackfest.ChannelID, first, last time.Time) ([]plannedSession, error) {
	const q = `
		select s.id, s.slug, s.title, s.zone, s.starts_at, s.ends_at, coalesce(t.slug, '') as target, s.visibility
		from sessions s
		left join targets t on t.id = s.target_id
		where s.channel_id = @channel and s.state = 'scheduled'
		  and not (s.overlap_ok and s.series_id is null
			and exists (select 1 from meetings m where m.session_id = s.id and m.started_at = s.starts_at))
		  and s.starts_at > @back and s.starts_at <= @soon and s.ends_at >= @first
		order by s.starts_at, s.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"channel": channel, "first": first.Add(-around), "back": first.Add(-longestSession), "soon": last.Add(earlyStart + around),
	})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[plannedSession])
	return list, classify(err, "session")
}

// meetingsAbout are the meetings of a channel whose lines lie between first and
// last, or that ended after back only because nobody spoke, in order.
func (s *Store) meetingsAbout(ctx context.Context, channel hackfest.ChannelID, first, back, last hackfest.Ref) ([]knownMeeting, error) {
	const q = `
		select m.ref, m.last_ref, m.session_id, m.visibility,
			m.ended_at is null or exists (select 1 from minutes_revisions u where u.meeting_ref = m.ref)
				or exists (select 1 from minutes_drafts d where d.meeting_ref = m.ref)
				or exists (select 1 from votes b where b.meeting_ref = m.ref and b.secret)
				or exists (
					select 1 from redacted d join redactions r on r.id = d.redaction_id
					where d.ref between m.ref and m.last_ref and r.purged_at is not null) as fixed
		from meetings m
		where m.ref in (
			(select x.ref from meetings x where x.channel_id = @channel and x.ref < @back order by x.ref desc limit 1)
			union all
			(select x.ref from meetings x where x.channel_id = @channel and x.ref >= @back and x.ref <= @last))
		  and (m.last_ref is null or m.last_ref >= @first
			or m.last_ref >= @back and exists (select 1 from lines l where l.ref = m.last_ref and l.kind = 'context' and l.text = @cut))
		order by m.ref`
	if first.Compare(back) < 0 {
		back = first
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"channel": channel, "first": uuid(first), "back": uuid(back), "last": uuid(last), "cut": cutEnd,
	})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[knownMeeting])
	return list, classify(err, "meeting")
}
