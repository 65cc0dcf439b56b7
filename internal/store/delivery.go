package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// QueueDeliveries returns the pending deliveries that are due until the given
// instant and whose last try was due before the other one, letters apart, and
// notes that they are to be tried now, or when they are due. Only ID, Outlet,
// Occasion and DueAt are filled in.
func (s *Store) QueueDeliveries(ctx context.Context, until, triedBefore, lettersBefore, now time.Time) ([]hackfest.Delivery, error) {
	const q = `
		update deliveries d
		set queued_at = greatest(d.due_at, @now)
		where d.state = 'pending' and d.due_at <= @until
		  and (d.queued_at is null or d.queued_at < case d.outlet when 'mail' then @letters::timestamptz else @tried::timestamptz end)
		returning d.id, d.outlet, d.occasion, d.due_at`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"until": until, "tried": triedBefore, "letters": lettersBefore, "now": now})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hackfest.Delivery, error) {
		d, err := pgx.RowToStructByNameLax[hackfest.Delivery](row)
		d.DueAt = d.DueAt.UTC()
		return d, err
	})
	return list, classify(err, "announcement")
}

// deliveryColumns are those of scanDelivery, from deliveryTables. Silent is
// whether the channel is not, or not any more, to be told of such things.
const (
	deliveryColumns = `d.id, d.what, d.outlet, d.occasion, d.state, d.reason, d.tries, d.starts_at, d.due_at, d.sending_at, d.settled_at,
	coalesce(d.session_id, 0) as session_id, d.meeting_ref, coalesce(d.news_id, 0) as news_id, coalesce(d.channel_id, 0) as channel_id,
	coalesce(d.person_id, 0) as person_id, coalesce(d.subscriber_id, 0) as subscriber_id,
	coalesce(w.name, case when d.outlet = 'notice' then split_part(d.recipient, '/', 1) end, '') as network, coalesce(c.name, '') as channel,
	coalesce(c.visibility, 'public') as visibility, coalesce(c.announces = 'all', false) as everywhere,
	coalesce(not (c.joined and case d.occasion
		when 'topic' then c.announce and c.topic or d.session_id is null -- it may always be taken out
		when 'greeting' then c.greet
		else c.announce and case when d.occasion in ('cancelled', 'moved', 'reinstated') then 'changes' else d.occasion end = any (c.occasions)
		end), false) as silent`
	deliveryTables = `
		from deliveries d
		left join channels c on c.id = d.channel_id
		left join networks w on w.id = c.network_id`
)

// deliveryRow is hackfest.Delivery as Postgres gives it.
type deliveryRow struct {
	ID                        hackfest.DeliveryID
	What                      string
	Outlet                    hackfest.Outlet
	Occasion                  hackfest.Occasion
	State                     hackfest.DeliveryState
	Reason                    string
	Tries                     int
	StartsAt                  *time.Time
	DueAt                     time.Time
	SendingAt, SettledAt      *time.Time
	Was                       *time.Time
	SessionID                 hackfest.SessionID
	SessionSlug, SessionTitle string
	MeetingRef                hackfest.Ref
	NewsID                    hackfest.NewsID
	NewsSlug, NewsTitle       string
	ChannelID                 hackfest.ChannelID
	Network, Channel          string
	Visibility                person.Visibility
	Silent, Everywhere, Quiet bool
	Left                      bool
	PersonID                  person.ID
	SubscriberID              hackfest.SubscriberID
}

func scanDelivery(row pgx.CollectableRow) (hackfest.Delivery, error) {
	r, err := pgx.RowToStructByNameLax[deliveryRow](row)
	return hackfest.Delivery{
		ID: r.ID, What: r.What, Outlet: r.Outlet, Occasion: r.Occasion, State: r.State, Reason: r.Reason, Tries: r.Tries,
		StartsAt: orZero(r.StartsAt), DueAt: r.DueAt.UTC(), SendingAt: orZero(r.SendingAt), SettledAt: orZero(r.SettledAt), Was: orZero(r.Was),
		SessionID: r.SessionID, SessionSlug: r.SessionSlug, SessionTitle: r.SessionTitle, MeetingRef: r.MeetingRef,
		NewsID: r.NewsID, NewsSlug: r.NewsSlug, NewsTitle: r.NewsTitle,
		ChannelID: r.ChannelID, Network: r.Network, Channel: r.Channel, Visibility: r.Visibility,
		Silent: r.Silent, Everywhere: r.Everywhere, Quiet: r.Quiet, Left: r.Left, PersonID: r.PersonID, SubscriberID: r.SubscriberID,
	}, err
}

// LockDelivery returns a delivery for the length of a transaction, in which
// nobody else changes it. The slugs and titles are not filled in.
func (s *Store) LockDelivery(ctx context.Context, id hackfest.DeliveryID, now time.Time) (hackfest.Delivery, error) {
	const q = `
		select ` + deliveryColumns + `, coalesce(c.quiet_until > @now, false) as quiet,
			s.retimed_from as was, coalesce(s.left_channel_id = d.channel_id, false) as "left"` + deliveryTables + `
		left join sessions s on s.id = d.session_id
		where d.id = @id
		for update of d`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "now": now})
	d, err := pgx.CollectExactlyOneRow(rows, scanDelivery)
	return d, classify(err, "announcement")
}

// PendingOf returns those of ids that are pending, in the order of ids.
func (s *Store) PendingOf(ctx context.Context, ids []hackfest.DeliveryID) ([]hackfest.DeliveryID, error) {
	const q = `
		select d.id from unnest(@ids::bigint[]) with ordinality x (id, place)
		join deliveries d on d.id = x.id
		where d.state = 'pending'
		order by x.place`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ids": ids})
	list, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.DeliveryID])
	return list, classify(err, "announcement")
}

// MoveDelivery gives a delivery its next state. reason is required when it is
// dropped or failed; missed says that people should have heard it. One that is
// being sent and goes back to pending was certainly not taken: it is a try more.
func (s *Store) MoveDelivery(ctx context.Context, id hackfest.DeliveryID, to hackfest.DeliveryState, reason string, missed bool, now time.Time) error {
	const q = `
		update deliveries
		set state = @state, reason = @reason, missed = @missed,
			tries = tries + case when state = 'sending' and @state::text in ('pending', 'failed') then 1 else 0 end,
			sending_at = case when @state::text = 'pending' then null when @state::text = 'sending' then @now::timestamptz else sending_at end,
			settled_at = case when @state::text in ('sent', 'unknown', 'dropped', 'failed') then @now::timestamptz end
		where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "state": to, "reason": reason, "missed": missed, "now": now})
	return classify(err, "announcement")
}

// Patience is how often what was not taken is tried, and how long it then waits:
// First, twice that, and so on up to Longest. After Most tries it has failed.
type Patience struct {
	Most           int
	First, Longest time.Duration
}

// PutOffDeliveries notes that those of ids in the given state, pending or
// sending, were certainly not taken by their outlet: a try more of each. They are
// queued again as if queued last at the given instant and what patience adds to
// it; those for which it is over have failed. reason is why, also while they wait.
func (s *Store) PutOffDeliveries(ctx context.Context, ids []hackfest.DeliveryID, from hackfest.DeliveryState, queued time.Time, patience Patience, reason string, now time.Time) error {
	const q = `
		update deliveries
		set tries = tries + 1, queued_at = @queued::timestamptz + least(@longest::interval, @first::interval * 2 ^ tries), sending_at = null,
			state = case when tries + 1 >= @most then 'failed' else 'pending' end,
			reason = @reason,
			settled_at = case when tries + 1 >= @most then @now::timestamptz end
		where id = any (@ids) and state = @from`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"ids": ids, "from": from, "queued": queued, "first": patience.First, "longest": patience.Longest, "most": patience.Most, "reason": reason, "now": now,
	})
	return classify(err, "announcement")
}

// CutOffDeliveries makes those unknown that began to be sent before the given
// instant and have come to no end, and returns how many there were. The zero
// time stands for all that go by IRC: that is for the one bot, before it sends any.
func (s *Store) CutOffDeliveries(ctx context.Context, begunBefore, now time.Time) (int, error) {
	const q = `
		update deliveries
		set state = 'unknown', settled_at = @now,
			reason = case outlet when 'mail' then 'The portal ended while it was being sent.' else 'The bot ended while it was being sent.' end
		where state = 'sending' and (sending_at < @before or @all and outlet <> 'mail')`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"before": begunBefore, "all": begunBefore.IsZero(), "now": now})
	return int(tag.RowsAffected()), classify(err, "announcement")
}

// RetryDelivery has a delivery tried again that failed. What has not failed is
// fault.Conflict: it went, may have gone, or must not go any more.
func (s *Store) RetryDelivery(ctx context.Context, id hackfest.DeliveryID, now time.Time) (hackfest.Delivery, error) {
	const again = `
		update deliveries set state = 'pending', reason = '', tries = 0, due_at = @now, queued_at = null, sending_at = null, settled_at = null
		where id = @id`
	d, err := s.LockDelivery(ctx, id, now)
	if err != nil {
		return d, err
	}
	if d.State != hackfest.DeliveryFailed {
		return d, errNotFailed
	}
	_, err = s.db.Exec(ctx, again, pgx.NamedArgs{"id": id, "now": now})
	return d, classify(err, "announcement")
}

// RetryDeliveries has all tried again that failed of one announcement at one
// outlet, in one channel if it has one, and returns how many those are.
func (s *Store) RetryDeliveries(ctx context.Context, what string, outlet hackfest.Outlet, occasion hackfest.Occasion, channel hackfest.ChannelID, now time.Time) (int, error) {
	const q = `
		update deliveries set state = 'pending', reason = '', tries = 0, due_at = @now, queued_at = null, sending_at = null, settled_at = null
		where what = @what and outlet = @outlet and occasion = @occasion and coalesce(channel_id, 0) = @channel and state = 'failed'`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"what": what, "outlet": outlet, "occasion": occasion, "channel": channel, "now": now})
	return int(tag.RowsAffected()), classify(err, "announcement")
}

var errNotFailed = fault.New(fault.Conflict, "It has not failed: it went, may have gone, or must not go any more.")
