package demo

import (
	"context"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// changed are the dates of series that did not stay as their rule has them. n is
// the date's place among those to come.
var changed = []struct {
	series string
	n      int
	later  time.Duration // by so much it is moved; 0 is cancelled
	reason string
}{
	{"weekly-hackfest", 2, 24 * time.Hour, "The lab is moved to another floor on Thursday."},
	{"community-meeting", 1, 0, "Most of us are at a conference that week."},
}

// proposed is a session that somebody thought of and nobody chairs yet, so many
// weeks from now.
var proposed = struct {
	title, goal, target string
	day                 time.Weekday
	clock               time.Duration // since midnight
	length              time.Duration
	weeks               int
}{
	"Chef from a bare image", "An instance that registers with chef-server by itself.", "chef", time.Friday, 10 * time.Hour, 2 * time.Hour, 4,
}

// changes moves a date, cancels another and proposes a session, as Person did.
func (s seeder) changes(ctx context.Context) error {
	who, err := s.tx.Account(ctx, Person)
	if err != nil {
		return err
	}
	for _, c := range changed {
		list, err := s.tx.Sessions(ctx, person.PublicViewer, store.SessionFilter{Series: c.series, From: s.Now.AddDate(0, 0, 1), Limit: c.n + 1})
		if err != nil {
			return err
		}
		if len(list) <= c.n {
			continue
		}
		x := list[c.n]
		if c.later == 0 {
			_, err = s.tx.CancelSession(ctx, x.Slug, c.reason, 0, who.ID, s.Now)
		} else {
			_, err = s.tx.MoveSession(ctx, x.Slug, hackfest.SessionMove{
				StartsAt: x.StartsAt.Add(c.later), EndsAt: x.EndsAt.Add(c.later), Reason: c.reason,
			}, 0, who.ID, s.Now)
		}
		if err != nil {
			return err
		}
	}
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return err
	}
	y, m, d := weekday(s.Now.In(zone), proposed.day).AddDate(0, 0, 7*proposed.weeks).Date()
	start := time.Date(y, m, d, int(proposed.clock.Hours()), 0, 0, 0, zone)
	_, err = s.tx.AddSession(ctx, hackfest.Session{
		Title: proposed.title, Goal: proposed.goal, TargetSlug: proposed.target, Kind: hackfest.KindHackfest, State: hackfest.StateProposed,
		Network: s.Network, Channel: Channels[0].Name, Zone: Zone, StartsAt: start.UTC(), EndsAt: start.Add(proposed.length).UTC(),
	}, s.Now)
	return err
}
