package announce

import (
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// weekHour is the hour of a Monday at which the weekly letter goes out.
const weekHour = 8

// WeekDays is how long a week is for a letter, back and ahead.
const WeekDays = 7

// WeekDue is when the last weekly letter before or at now was due: Monday at 8 in
// the community's zone, also when clocks change.
func WeekDue(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	back := (int(local.Weekday()) + 6) % 7 // days since Monday
	due := time.Date(local.Year(), local.Month(), local.Day()-back, weekHour, 0, 0, 0, zone)
	if due.After(now) {
		due = due.AddDate(0, 0, -WeekDays)
	}
	return due.UTC()
}

// Of leaves in w what somebody hears who follows the given things.
func (w Week) Of(list []hackfest.Follow) Week {
	if follows(list, hackfest.FollowAll, "") {
		return w
	}
	about := func(series, target, session string) bool {
		return follows(list, hackfest.FollowSeries, series) || follows(list, hackfest.FollowTarget, target) || follows(list, hackfest.FollowSession, session)
	}
	out := Week{
		Coming:    keep(w.Coming, func(s hackfest.Session) bool { return about(s.SeriesSlug, s.TargetSlug, s.Slug) }),
		Published: keep(w.Published, func(m hackfest.Meeting) bool { return about(m.SeriesSlug, m.TargetSlug, m.SessionSlug) }),
		Lessons:   keep(w.Lessons, func(l hackfest.Lesson) bool { return follows(list, hackfest.FollowTarget, l.TargetSlug) }),
	}
	if follows(list, hackfest.FollowNews, "") {
		out.News = w.News
	}
	return out
}

// follows reports whether one of list is what is named; only what everybody may
// follow once has no slug.
func follows(list []hackfest.Follow, scope hackfest.FollowScope, slug string) bool {
	once := scope == hackfest.FollowAll || scope == hackfest.FollowNews
	return (once || slug != "") && slices.ContainsFunc(list, func(f hackfest.Follow) bool {
		return f.Scope == scope && strings.EqualFold(f.Slug, slug)
	})
}

// keep are those of list that ok lets through.
func keep[T any](list []T, ok func(T) bool) []T {
	var out []T
	for _, x := range list {
		if ok(x) {
			out = append(out, x)
		}
	}
	return out
}
