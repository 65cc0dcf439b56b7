package jobs

import (
	"context"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// examineDigest is examine for weekly letters. Whoever follows nothing that
// happened or comes is not written to.
func (c Config) examineDigest(ctx context.Context, tx *store.Store, d hackfest.Delivery, now time.Time) (parcel, refusal, error) {
	p, viewer := parcel{Delivery: d}, person.PublicViewer
	if announce.Overdue(d, now) {
		return p, refusal{reason: "It could not be sent in time.", missed: true, again: true}, nil
	}
	b, err := tx.Subscriber(ctx, d.SubscriberID)
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil:
		return p, refusal{reason: unfollowed}, nil
	case err != nil:
		return p, refusal{}, err
	case !b.EndedAt.IsZero() || b.Pace != hackfest.PaceWeekly:
		return p, refusal{reason: "They want no mail once a week any more."}, nil
	}
	if b.Members {
		viewer = person.Viewer{ID: b.PersonID, Role: person.Member}
	}
	list, err := tx.ActiveFollows(ctx, viewer, b.ID)
	if err != nil {
		return p, refusal{}, err
	}
	if len(list) == 0 {
		return p, refusal{reason: unfollowed}, nil
	}
	week, err := tx.WeekOf(ctx, viewer, d.DueAt, c.BaseURL, now)
	if err != nil {
		return p, refusal{}, err
	}
	if week = week.Of(list); week.Empty() {
		return p, refusal{reason: "Nothing that they follow happened or comes."}, nil
	}
	reader, err := c.readerOf(ctx, b, "")
	if err != nil {
		return p, refusal{}, err
	}
	l := announce.LetterOf(reader, announce.Matter{Occasion: d.Occasion, Week: week}, now)
	p.mail = post(b, reader, l, announce.ListOf("weekly", "", c.BaseURL), now)
	return p, refusal{}, nil
}
