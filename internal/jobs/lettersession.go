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

// examineLetter is examine for mail about sessions and their minutes.
func (c Config) examineLetter(ctx context.Context, tx *store.Store, d hackfest.Delivery, now time.Time) (parcel, refusal, error) {
	p, viewer := parcel{Delivery: d}, person.PublicViewer
	members, err := tx.SubscriberSeesMembers(ctx, d.SubscriberID)
	if err != nil {
		return p, refusal{}, err
	}
	if members {
		viewer.Role = person.Member
	}
	x, err := tx.SessionByID(ctx, viewer, d.SessionID)
	if fault.KindOf(err) == fault.NotFound {
		return p, refusal{reason: notForThem}, nil
	}
	if err != nil {
		return p, refusal{}, err
	}
	r, err := tx.ReadingOf(ctx, d.SubscriberID, &x)
	if fault.KindOf(err) == fault.NotFound {
		return p, refusal{reason: unfollowed}, nil
	}
	if err != nil {
		return p, refusal{}, err
	}
	if not := refuse(announce.Refusal(d, x, now)); not.reason != "" {
		return p, not, nil
	}
	m := announce.Matter{Occasion: d.Occasion, Session: d.About(x)}
	switch {
	case d.Occasion.Changes():
		m.Next, err = nextOf(ctx, tx, viewer, x, now)
	case d.Occasion == hackfest.OccasionMinutes:
		m, err = c.minutesMatter(ctx, tx, viewer, d, x, now)
		if fault.KindOf(err) == fault.NotFound {
			return p, refusal{reason: notForThem}, nil
		}
	case r.Answer == hackfest.AnswerRegrets, d.Occasion == hackfest.OccasionHour && r.Answer == "":
		return p, refusal{reason: "They say that they do not come."}, nil
	}
	if err != nil {
		return p, refusal{}, err
	}
	p.mail, err = c.letter(ctx, tx, d, r, m, now)
	return p, refusal{}, err
}

// minutesMatter is what a letter tells of published minutes: what its reader took
// on in them and when the series goes on, besides.
func (c Config) minutesMatter(ctx context.Context, tx *store.Store, v person.Viewer, d hackfest.Delivery, x hackfest.Session, now time.Time) (announce.Matter, error) {
	m := announce.Matter{Occasion: d.Occasion, Session: x}
	var err error
	if m.Meeting, err = tx.Meeting(ctx, v, d.MeetingRef); err != nil {
		return m, err
	}
	b, err := tx.Subscriber(ctx, d.SubscriberID)
	if err != nil {
		return m, err
	}
	if b.PersonID != 0 {
		list, err := tx.Actions(ctx, v, store.ActionFilter{Session: x.Slug, Person: b.PersonID, Open: true})
		if err != nil {
			return m, err
		}
		for _, a := range list {
			if a.MeetingRef == d.MeetingRef {
				m.Own = append(m.Own, a)
			}
		}
	}
	m.Next, err = nextOf(ctx, tx, v, x, now)
	return m, err
}

// nextOf is the next session of x's series that takes place; nil without one.
func nextOf(ctx context.Context, tx *store.Store, v person.Viewer, x hackfest.Session, now time.Time) (*hackfest.Session, error) {
	if x.SeriesSlug == "" {
		return nil, nil
	}
	list, err := tx.Sessions(ctx, v, store.SessionFilter{From: now, Series: x.SeriesSlug, Limit: 5})
	for _, s := range list {
		if s.ID != x.ID && s.State == hackfest.StateScheduled {
			return &s, err
		}
	}
	return nil, err
}

// letter is what a subscriber is written, ready to be sent.
func (c Config) letter(ctx context.Context, tx *store.Store, d hackfest.Delivery, r store.Reading, m announce.Matter, now time.Time) (mail.Message, error) {
	b, err := tx.Subscriber(ctx, d.SubscriberID)
	if err != nil {
		return mail.Message{}, err
	}
	f := hackfest.Follow{Scope: r.Scope}
	switch r.Scope {
	case hackfest.FollowSeries:
		f.Title, f.Slug = m.Session.SeriesTitle, m.Session.SeriesSlug
	case hackfest.FollowTarget:
		f.Title, f.Slug = m.Session.TargetName, m.Session.TargetSlug
	case hackfest.FollowSession:
		f.Title, f.Slug, f.StartsAt, f.Zone = m.Session.Title, m.Session.Slug, m.Session.StartsAt, m.Session.Zone
	case hackfest.FollowAll, hackfest.FollowNews:
	}
	reader, err := c.readerOf(ctx, b, announce.Followed([]hackfest.Follow{f}, c.Community, b.Zone)[0])
	if err != nil {
		return mail.Message{}, err
	}
	return post(b, reader, announce.LetterOf(reader, m, now), announce.ListOf(r.Scope, f.Slug, c.BaseURL), now), nil
}
