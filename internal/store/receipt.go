package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// seenDeliveries narrows deliveryTables to what a viewer may see, with what a
// delivery is about: sessions s, channels held, meetings m, news n.
const seenDeliveries = deliveryTables + `
		left join sessions s on s.id = d.session_id
		left join channels held on held.id = s.channel_id
		left join meetings m on m.ref = d.meeting_ref
		left join news n on n.id = d.news_id
		where (@members or coalesce(s.visibility, 'public') = 'public' and coalesce(held.visibility, 'public') = 'public'
			and coalesce(c.visibility, 'public') = 'public' and coalesce(m.visibility, 'public') = 'public')`

// aboutDelivery names what a delivery is about, of seenDeliveries.
const aboutDelivery = `coalesce(s.slug, '') as session_slug, coalesce(s.title, '') as session_title,
	coalesce(n.slug, '') as news_slug, coalesce(n.title, '') as news_title`

// UnknownDeliveries lists what a channel perhaps or certainly has not heard
// although it should have: announcements cut off while being sent (unknown) and
// those nobody could make in time (dropped or failed), the last first, at most
// limit. News that were withdrawn since are for who may still read them.
func (s *Store) UnknownDeliveries(ctx context.Context, v person.Viewer, limit int) ([]hackfest.Delivery, error) {
	const q = `
		select ` + deliveryColumns + `, ` + aboutDelivery + seenDeliveries + `
		  and (d.state in ('unknown', 'failed') or d.missed) and d.outlet = 'irc' and d.occasion <> 'greeting'
		  and (@drafts or coalesce(n.state, 'published') = 'published')
		order by d.settled_at desc, d.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "drafts": seesDrafts(v), "limit": limit})
	list, err := pgx.CollectRows(rows, scanDelivery)
	return list, classify(err, "announcement")
}

// DeliveryFilter says which deliveries to list. The zero value of a field does
// not restrict the list.
type DeliveryFilter struct {
	What   string
	Outlet hackfest.Outlet
	State  hackfest.DeliveryState
	Before hackfest.DeliveryID // those noted before that one
	Limit  int                 // at most that many; 0 is 100
}

// Deliveries lists what went and what did not, noted last first.
func (s *Store) Deliveries(ctx context.Context, v person.Viewer, f DeliveryFilter) ([]hackfest.Delivery, error) {
	const q = `
		select ` + deliveryColumns + `, ` + aboutDelivery + seenDeliveries + `
		  and (@what = '' or d.what = @what) and (@outlet = '' or d.outlet = @outlet) and (@state = '' or d.state = @state)
		  and (@before::bigint = 0 or d.id < @before)
		order by d.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "what": f.What, "outlet": f.Outlet, "state": f.State, "before": f.Before, "limit": limit(f.Limit),
	})
	list, err := pgx.CollectRows(rows, scanDelivery)
	return list, classify(err, "announcement")
}

// receiptColumns are those of receipts: deliveries of seenDeliveries, counted by
// outlet, channel and state.
const (
	receiptColumns = `d.what, d.outlet, d.occasion, coalesce(w.name, '') as network, coalesce(c.name, '') as channel,
			coalesce(c.id, 0) as channel_id, d.state, count(*) as count,
			(array_agg(d.reason order by d.settled_at desc nulls last, d.reason = '', d.id desc))[1] as reason, max(coalesce(d.settled_at, d.due_at)) as at,
			` + aboutDelivery + `, d.meeting_ref`
	receiptGroup = `
		group by d.what, d.outlet, d.occasion, w.name, c.name, c.id, d.state, s.slug, s.title, n.slug, n.title, d.meeting_ref`
)

func collectReceipts(rows pgx.Rows) ([]hackfest.Receipt, error) {
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[hackfest.Receipt])
	for i := range list {
		list[i].At = list[i].At.UTC()
	}
	return list, classify(err, "announcement")
}

// Receipts says what became of one announcement, by outlet, channel and state:
// what is Delivery.What.
func (s *Store) Receipts(ctx context.Context, v person.Viewer, what string) ([]hackfest.Receipt, error) {
	const q = `select ` + receiptColumns + seenDeliveries + ` and d.what = @what` + receiptGroup + `
		order by array_position(array ['site', 'irc', 'topic', 'notice', 'mail'], d.outlet), w.name, c.name, d.state`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "what": what})
	return collectReceipts(rows)
}

// TroubledReceipts says what failed, may not have gone, or was to be told and was
// not, since the given instant, and what was in vain three times and still waits,
// the last first.
func (s *Store) TroubledReceipts(ctx context.Context, v person.Viewer, since time.Time, most int) ([]hackfest.Receipt, error) {
	const q = `select ` + receiptColumns + seenDeliveries + `
		  and ((d.state in ('unknown', 'failed') or d.missed) and d.settled_at > @since or d.state = 'pending' and d.tries >= 3) and d.occasion <> 'greeting'` + receiptGroup + `
		order by at desc, d.what, d.outlet
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "since": since, "limit": limit(most)})
	return collectReceipts(rows)
}
