package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

const (
	factsSessions = 50        // how many coming sessions the bot answers about
	planBack      = time.Hour // how far back an announcement is noted that nobody could make
)

// Facts returns what the bot answers from, as v may know it.
func (s *Store) Facts(ctx context.Context, v person.Viewer, now time.Time) (announce.Facts, error) {
	f := announce.Facts{At: now}
	live, err := s.LiveSessions(ctx, v, now)
	if err != nil {
		return f, err
	}
	coming, err := s.Sessions(ctx, v, SessionFilter{From: now, Limit: factsSessions})
	if err != nil {
		return f, err
	}
	seen := map[hackfest.SessionID]bool{}
	for _, one := range append(live, coming...) {
		if !seen[one.ID] {
			f.Sessions = append(f.Sessions, one)
		}
		seen[one.ID] = true
	}
	if f.Targets, err = s.Targets(ctx); err != nil {
		return f, err
	}
	f.Lessons, err = s.newestLessons(ctx)
	return f, err
}

// newestLessons are the newest few lessons of each target and of none, newest
// first.
func (s *Store) newestLessons(ctx context.Context) ([]hackfest.Lesson, error) {
	const q = `
		select x.id, x.text, x.kind, x.scope, x.image, x.target_slug, x.target_name,
			x.published_at
		from (
			select l.id, l.text, l.kind, l.scope, l.image, coalesce(t.slug, '') as target_slug, coalesce(t.name, '') as target_name,
				l.published_at, row_number() over (partition by l.target_id order by l.published_at desc, l.id desc) as place
			from lessons l
			left join targets t on t.id = l.target_id
			where l.published_at is not null and l.redacted_at is null and l.retired_at is null) x
		where x.place <= @most
		order by x.published_at desc, x.id desc`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"most": announce.MaxLessons})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[hackfest.Lesson])
	return list, classify(err, "lesson")
}

// PlanDeliveries notes what has to be announced until the given instant, at
// most once each, and what could not be announced in the last hour. Sessions
// made on the spot, or begun already, and sessions for members in a public
// channel are not announced; nor are corrections of minutes, and changes of what
// is more than two days ahead.
func (s *Store) PlanDeliveries(ctx context.Context, until, now time.Time) error {
	return s.InTx(ctx, func(tx *Store) error {
		if err := tx.planStarts(ctx, until, now); err != nil {
			return err
		}
		if err := tx.planChanges(ctx, now); err != nil {
			return err
		}
		return tx.planMinutes(ctx, now)
	})
}

func (s *Store) planStarts(ctx context.Context, until, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, starts_at, due_at, created_at)
		select 'session/' || s.id || '/' || to_char(s.starts_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'), 'irc',
			w.name || '/' || c.folded, o.occasion, c.id, s.id, s.starts_at, s.starts_at - o.ahead, @now
		from sessions s
		join channels c on c.id = s.channel_id
		join networks w on w.id = c.network_id
		cross join unnest(@occasions::text[], @aheads::interval[], @lates::interval[]) o (occasion, ahead, late)
		where s.state = 'scheduled' and s.held = 0 and c.joined and c.announce and (s.visibility = 'public' or c.visibility = 'members')
		  and s.starts_at > @from and s.starts_at <= @to
		  and s.starts_at - o.ahead <= @until
		  and (s.starts_at - o.ahead >= @now::timestamptz - o.late
			or s.starts_at - o.ahead > @back and s.created_at < s.starts_at - o.ahead)
		on conflict (what, outlet, recipient, occasion) do nothing`
	args := pgx.NamedArgs{"now": now, "until": until, "from": now.Add(-planBack), "back": now.Add(-planBack)}
	var occasions []string
	var aheads, lates []time.Duration
	longest := time.Duration(0)
	for _, m := range announce.Moments {
		occasions, aheads, lates = append(occasions, string(m.Occasion)), append(aheads, m.Ahead), append(lates, m.Late)
		longest = max(longest, m.Ahead)
	}
	args["occasions"], args["aheads"], args["lates"], args["to"] = occasions, aheads, lates, until.Add(longest)
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "announcement")
}

// planChanges notes the sessions that were near and had their plan changed in the
// last hour: once for each SEQUENCE. That one takes place after all is said when
// it was said before that it does not.
func (s *Store) planChanges(ctx context.Context, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, starts_at, due_at, created_at)
		select 'change/' || s.id || '/' || s.sequence, 'irc', w.name || '/' || c.folded, x.occasion, c.id, s.id, s.starts_at, s.changed_at, @now
		from sessions s
		join channels c on c.id = s.channel_id
		join networks w on w.id = c.network_id
		cross join lateral (
			select case
				when s.state = 'cancelled' then 'cancelled'
				when s.state <> 'scheduled' then null
				when exists (
					select 1 from deliveries d
					where d.what = 'change/' || s.id || '/' || (s.sequence - 1) and d.occasion = 'cancelled' and d.state <> 'dropped') then 'reinstated'
				when s.moved or s.moved_from is not null then 'moved'
				end as occasion) x
		where x.occasion is not null and s.held = 0 and s.changed_at > @back and s.changed_at <= @now and s.created_at < s.changed_at and s.sequence > 0
		  and greatest(s.starts_at, s.moved_from) > @now and least(s.starts_at, s.moved_from) <= @ahead
		  and c.joined and c.announce and (s.visibility = 'public' or c.visibility = 'members')
		on conflict (what, outlet, recipient, occasion) do nothing`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"now": now, "back": now.Add(-announce.ChangeLate), "ahead": now.Add(announce.ChangesAhead)})
	return classify(err, "announcement")
}

func (s *Store) planMinutes(ctx context.Context, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, meeting_ref, starts_at, due_at, created_at)
		select 'minutes/' || m.ref, 'irc', w.name || '/' || c.folded, 'minutes', c.id, s.id, m.ref, s.starts_at, u.published_at, @now
		from minutes_revisions u
		join meetings m on m.ref = u.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		join networks w on w.id = c.network_id
		where u.number = 1 and u.published_at > @back and u.published_at <= @now and m.ended_at > u.published_at - @old::interval
		  and c.joined and c.announce and (m.visibility = 'public' and s.visibility = 'public' or c.visibility = 'members')
		on conflict (what, outlet, recipient, occasion) do nothing`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"now": now, "back": now.Add(-announce.MinutesLate), "old": announce.MinutesOld})
	return classify(err, "announcement")
}

// QueueDeliveries returns the pending deliveries that are due until the given
// instant and whose last try was due before the other one, and notes that they
// are to be tried now, or when they are due. Only ID, Occasion and DueAt are
// filled in.
func (s *Store) QueueDeliveries(ctx context.Context, until, triedBefore, now time.Time) ([]hackfest.Delivery, error) {
	const q = `
		update deliveries d
		set queued_at = greatest(d.due_at, @now)
		where d.state = 'pending' and d.due_at <= @until and (d.queued_at is null or d.queued_at < @tried)
		returning d.id, d.occasion, d.due_at`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"until": until, "tried": triedBefore, "now": now})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hackfest.Delivery, error) {
		d, err := pgx.RowToStructByNameLax[hackfest.Delivery](row)
		d.DueAt = d.DueAt.UTC()
		return d, err
	})
	return list, classify(err, "announcement")
}

// deliveryColumns are those of scanDelivery, from deliveries d, channels c and
// networks w.
const deliveryColumns = `d.id, d.occasion, d.state, d.reason, d.starts_at, d.due_at, d.sending_at, d.settled_at,
	d.session_id, d.meeting_ref, d.channel_id, w.name as network, c.name as channel, c.visibility, not (c.joined and c.announce) as silent`

// deliveryRow is hackfest.Delivery as Postgres gives it.
type deliveryRow struct {
	ID                        hackfest.DeliveryID
	Occasion                  hackfest.Occasion
	State                     hackfest.DeliveryState
	Reason                    string
	StartsAt, DueAt           time.Time
	SendingAt, SettledAt      *time.Time
	SessionID                 hackfest.SessionID
	SessionSlug, SessionTitle string
	MeetingRef                hackfest.Ref
	ChannelID                 hackfest.ChannelID
	Network, Channel          string
	Visibility                person.Visibility
	Silent                    bool
}

func scanDelivery(row pgx.CollectableRow) (hackfest.Delivery, error) {
	r, err := pgx.RowToStructByNameLax[deliveryRow](row)
	return hackfest.Delivery{
		ID: r.ID, Occasion: r.Occasion, State: r.State, Reason: r.Reason, StartsAt: r.StartsAt.UTC(), DueAt: r.DueAt.UTC(),
		SendingAt: orZero(r.SendingAt), SettledAt: orZero(r.SettledAt),
		SessionID: r.SessionID, SessionSlug: r.SessionSlug, SessionTitle: r.SessionTitle, MeetingRef: r.MeetingRef,
		ChannelID: r.ChannelID, Network: r.Network, Channel: r.Channel, Visibility: r.Visibility, Silent: r.Silent,
	}, err
}

// LockDelivery returns a delivery for the length of a transaction, in which
// nobody else changes it. SessionSlug and SessionTitle are not filled in.
func (s *Store) LockDelivery(ctx context.Context, id hackfest.DeliveryID) (hackfest.Delivery, error) {
	const q = `
		select ` + deliveryColumns + `
		from deliveries d
		join channels c on c.id = d.channel_id
		join networks w on w.id = c.network_id
		where d.id = @id
		for update of d`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	d, err := pgx.CollectExactlyOneRow(rows, scanDelivery)
	return d, classify(err, "announcement")
}

// MoveDelivery gives a delivery its next state. reason is required when it is
// dropped; missed says that people should have heard it.
func (s *Store) MoveDelivery(ctx context.Context, id hackfest.DeliveryID, to hackfest.DeliveryState, reason string, missed bool, now time.Time) error {
	const q = `
		update deliveries
		set state = @state, reason = @reason, missed = @missed,
			sending_at = case when @state::text = 'pending' then null when @state::text = 'sending' then @now::timestamptz else sending_at end,
			settled_at = case when @state::text in ('sent', 'unknown', 'dropped') then @now::timestamptz end
		where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "state": to, "reason": reason, "missed": missed, "now": now})
	return classify(err, "announcement")
}

// CutOffDeliveries makes those unknown that began to be sent before the given
// instant and have come to no end, and returns how many there were. The zero
// time stands for all: that is for the one bot, before it sends any.
func (s *Store) CutOffDeliveries(ctx context.Context, begunBefore, now time.Time) (int, error) {
	const q = `
		update deliveries
		set state = 'unknown', reason = 'The bot ended while it was being sent.', settled_at = @now
		where outlet = 'irc' and state = 'sending' and (sending_at < @before or @all)`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"before": begunBefore, "all": begunBefore.IsZero(), "now": now})
	return int(tag.RowsAffected()), classify(err, "announcement")
}

// UnknownDeliveries lists what a channel perhaps or certainly has not heard
// although it should have: announcements cut off while being sent (unknown) and
// those nobody could make in time (dropped), the last first, at most limit.
func (s *Store) UnknownDeliveries(ctx context.Context, v person.Viewer, limit int) ([]hackfest.Delivery, error) {
	const q = `
		select ` + deliveryColumns + `, s.slug as session_slug, s.title as session_title
		from deliveries d
		join channels c on c.id = d.channel_id
		join networks w on w.id = c.network_id
		join sessions s on s.id = d.session_id
		left join meetings m on m.ref = d.meeting_ref
		where (@members or (s.visibility = 'public' and c.visibility = 'public' and coalesce(m.visibility, 'public') = 'public'))
		  and (d.state = 'unknown' or d.missed)
		order by d.settled_at desc, d.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "limit": limit})
	list, err := pgx.CollectRows(rows, scanDelivery)
	return list, classify(err, "announcement")
}
