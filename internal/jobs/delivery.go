package jobs

import (
	"context"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/mail"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

const lastTry = 3 * time.Second // for noting the outcome when we are to end

// parcel is a delivery with what its outlet is to have.
type parcel struct {
	hackfest.Delivery
	text  string            // of a line, a notice or a topic
	names []store.Reachable // of a notice: whom it may reach
	mail  mail.Message      // of a letter
}

// refusal is why a delivery must not go; the zero refusal lets it go.
type refusal struct {
	reason string
	missed bool // people should have had it
	again  bool // it may be tried again by hand
}

// anybody and nobody say whether there is somebody to take a delivery.
func anybody(hackfest.Delivery) bool { return true }
func nobody(hackfest.Delivery) bool  { return false }

// begin looks again whether a delivery is to be made, and marks it as being sent
// when heard says that there is somebody to take it. It returns what is to go;
// false when nothing is to go now, because it is settled, somebody else is at it,
// or nobody takes it (yet).
func (c Config) begin(ctx context.Context, id hackfest.DeliveryID, heard func(hackfest.Delivery) bool) (p parcel, ok bool, err error) {
	now := c.Now()
	err = c.Store.InTx(ctx, func(tx *store.Store) error {
		ok = false
		d, err := tx.LockDelivery(ctx, id, now)
		if err != nil || d.State != hackfest.DeliveryPending {
			return err
		}
		var not refusal
		if p, not, err = c.examine(ctx, tx, d, now); err != nil {
			return err
		}
		switch {
		case not.again:
			return tx.MoveDelivery(ctx, id, hackfest.DeliveryFailed, not.reason, not.missed, now)
		case not.reason != "":
			return tx.MoveDelivery(ctx, id, hackfest.DeliveryDropped, not.reason, not.missed, now)
		case d.Quiet || !heard(d):
			return nil
		}
		ok = true
		return tx.MoveDelivery(ctx, id, hackfest.DeliverySending, "", false, now)
	})
	return p, ok && err == nil, err
}

// settle notes what became of a delivery. If it cannot, the delivery stays
// "sending", and becomes unknown.
func (c Config) settle(ctx context.Context, id hackfest.DeliveryID, to hackfest.DeliveryState, reason string) error {
	return insist(ctx, func(ctx context.Context) error { return c.Store.MoveDelivery(ctx, id, to, reason, false, c.Now()) })
}

// insist does what must not be left undone, again and again while Postgres is
// away, until the job's time is over, and once more when it is.
func insist(ctx context.Context, do func(context.Context) error) error {
	for {
		err := do(ctx)
		if err == nil || ctx.Err() == nil && fault.KindOf(err) != fault.Unavailable {
			return err
		}
		if !sleep(ctx, startAgain) {
			break
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTry)
	defer cancel()
	return do(last)
}

const (
	hidden     = "It is not for everybody in the channel any more."
	notForThem = "It is not for them to see any more."
	unfollowed = "They do not follow it any more, or ended all mail."
)

// examine makes up what is to go, or says why it must not go any more.
func (c Config) examine(ctx context.Context, tx *store.Store, d hackfest.Delivery, now time.Time) (parcel, refusal, error) {
	switch {
	case d.Occasion == hackfest.OccasionNews:
		return c.examineNews(ctx, tx, d, now)
	case d.Occasion == hackfest.OccasionDigest:
		return c.examineDigest(ctx, tx, d, now)
	case d.Outlet == hackfest.OutletMail:
		return c.examineLetter(ctx, tx, d, now)
	case d.SessionID == 0: // a topic without a next session
		return parcel{Delivery: d}, refuse(announce.Refusal(d, hackfest.Session{}, now)), nil
	}
	p, viewer := parcel{Delivery: d}, person.PublicViewer
	if d.Visibility == person.MembersOnly || d.Outlet == hackfest.OutletNotice {
		viewer = person.Viewer{ID: d.PersonID, Role: person.Member}
	}
	session, err := tx.SessionByID(ctx, viewer, d.SessionID)
	if fault.KindOf(err) == fault.NotFound {
		return p, refusal{reason: hidden}, nil
	}
	if err != nil {
		return p, refusal{}, err
	}
	if not := refuse(announce.Refusal(d, session, now)); not.reason != "" {
		return p, not, nil
	}
	switch {
	case d.Outlet == hackfest.OutletNotice:
		p.text = announce.Start(session, c.BaseURL, now)
		p.names, err = tx.ReachableOn(ctx, d.PersonID, d.Network)
	case d.Occasion == hackfest.OccasionTopic:
		p.text = announce.TopicPart(session, d.ChannelID, c.BaseURL)
	case d.Occasion.Changes():
		p.text = announce.Changed(d.About(session), d.Occasion, c.BaseURL)
	case d.Occasion == hackfest.OccasionMinutes:
		m, err := tx.Meeting(ctx, viewer, d.MeetingRef)
		if fault.KindOf(err) == fault.NotFound {
			return p, refusal{reason: hidden}, nil
		}
		p.text = announce.Minutes(m, c.BaseURL)
		return p, refusal{}, err
	case d.Occasion == hackfest.OccasionOutcome:
		o, err := tx.Outcome(ctx, viewer, session.ID, 0)
		if err == nil && !o.Changed() {
			return p, refusal{reason: "Nothing is known any more that changed in its repositories."}, nil
		}
		p.text = announce.Outcome(session, o, c.BaseURL)
		return p, refusal{}, err
	default:
		p.text = announce.Start(session, c.BaseURL, now)
	}
	return p, refusal{}, err
}

// refuse is a refusal for a reason; "" is none.
func refuse(reason string, missed bool) refusal { return refusal{reason: reason, missed: missed} }

// examineNews is examine for news.
func (c Config) examineNews(ctx context.Context, tx *store.Store, d hackfest.Delivery, now time.Time) (parcel, refusal, error) {
	p := parcel{Delivery: d}
	n, err := tx.NewsByID(ctx, person.PublicViewer, d.NewsID, now)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return p, refusal{reason: "The news were withdrawn."}, nil
	case err != nil:
		return p, refusal{}, err
	case d.Silent:
		return p, refuse(announce.Refusal(d, hackfest.Session{}, now)), nil
	case announce.Overdue(d, now):
		return p, refusal{reason: "It could not be sent in time.", missed: true, again: true}, nil
	}
	switch d.Outlet {
	case hackfest.OutletIRC:
		p.text = announce.News(n, c.BaseURL)
	case hackfest.OutletTopic:
		p.text = announce.NewsTopic(n, c.BaseURL)
	case hackfest.OutletMail:
		r, err := tx.ReadingOf(ctx, d.SubscriberID, nil)
		if fault.KindOf(err) == fault.NotFound {
			return p, refusal{reason: unfollowed}, nil
		}
		if err != nil {
			return p, refusal{}, err
		}
		p.mail, err = c.letter(ctx, tx, d, r, announce.Matter{Occasion: d.Occasion, News: announce.NewsTextOf(n, c.BaseURL)}, now)
		return p, refusal{}, err
	}
	return p, refusal{}, nil
}
