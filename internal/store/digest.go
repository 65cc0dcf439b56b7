package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// mostOfWeek is how much of one kind a weekly letter looks at.
const mostOfWeek = 200

// planDigests notes who gets a weekly letter. The day it is due in the community's
// zone names it, so that each subscriber gets one.
func (s *Store) planDigests(ctx context.Context, _, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, subscriber_id, due_at, created_at)
		select distinct @what, 'mail', 'subscriber/' || f.subscriber_id, 'digest', f.subscriber_id, @due::timestamptz, @now::timestamptz
		from subscribed f
		where f.pace = 'weekly' and f.confirmed_at <= @due
		on conflict (what, outlet, recipient, occasion) do nothing`
	due := announce.WeekDue(now, s.zone())
	if now.Sub(due) > announce.LetterLate {
		return nil
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"what": "digest/" + due.In(s.zone()).Format(time.DateOnly), "due": due, "now": now})
	return classify(err, "announcement")
}

// zone is the community's.
func (s *Store) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// WeekOf is what a weekly letter that was due at the given instant tells v: what
// was published in the seven days before, and which sessions come in the seven
// days after. base is the portal's URL.
func (s *Store) WeekOf(ctx context.Context, v person.Viewer, due time.Time, base string, now time.Time) (announce.Week, error) {
	var w announce.Week
	from, to := due.AddDate(0, 0, -announce.WeekDays), due.AddDate(0, 0, announce.WeekDays)
	fresh := func(at time.Time) bool { return at.After(from) && !at.After(due) }
	sessions, err := s.Sessions(ctx, v, SessionFilter{From: now, To: to, Limit: mostOfWeek})
	if err != nil {
		return w, err
	}
	for _, x := range sessions {
		if x.State != hackfest.StateProposed && x.StartsAt.After(now) {
			w.Coming = append(w.Coming, x)
		}
	}
	meetings, err := s.Meetings(ctx, v, MeetingFilter{From: from.Add(-announce.MinutesOld), Ended: true, Limit: mostOfWeek})
	if err != nil {
		return w, err
	}
	for _, m := range meetings {
		if fresh(m.FirstPublishedAt) {
			w.Published = append(w.Published, m)
		}
	}
	news, err := s.News(ctx, v, NewsFilter{From: from, To: due, Limit: mostOfWeek}, now)
	if err != nil {
		return w, err
	}
	for _, n := range news {
		w.News = append(w.News, announce.NewsText{Title: n.Title, URL: announce.NewsURL(n, base)})
	}
	lessons, err := s.Lessons(ctx, v, LessonFilter{Limit: mostOfWeek})
	for _, l := range lessons {
		if fresh(l.PublishedAt) {
			w.Lessons = append(w.Lessons, l)
		}
	}
	return w, err
}
