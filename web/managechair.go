package web

import (
	"strconv"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	deskAhead   = 14 * 24 * time.Hour // sessions without a chair that are further ahead can wait
	hostAhead   = 48 * time.Hour      // and without a host
	clashAhead  = 26 * 7 * 24 * time.Hour
	clashLooked = 500 // sessions to come that are looked through for conflicts
)

// conflicts are the dates on which two sessions found each other in one channel
// and nobody allowed it: one entry for each two series.
func (d desk) conflicts() (entries []templates.DeskEntry, err error) {
	list, err := d.s.Store.Sessions(d.ctx, d.viewer, store.SessionFilter{From: d.now, To: d.now.Add(clashAhead), Limit: clashLooked})
	if err != nil {
		return nil, err
	}
	var ids []hackfest.SessionID
	for _, x := range list {
		if x.State == hackfest.StateScheduled {
			ids = append(ids, x.ID)
		}
	}
	overlaps, err := d.s.Store.Overlaps(d.ctx, d.viewer, ids)
	if err != nil {
		return nil, err
	}
	type pair struct{ a, b string }
	first, dates := map[pair]int{}, map[pair]int{}
	for _, x := range list {
		for _, o := range overlaps[x.ID] {
			p := pair{x.Title, o.Title}
			if _, known := first[pair{o.Title, x.Title}]; known || !o.Conflict {
				continue // said from the other side, or allowed
			}
			if dates[p]++; dates[p] > 1 {
				entries[first[p]].Facts[1] = strconv.Itoa(dates[p]) + " dates"
				continue
			}
			to := templates.SessionURL(x.Slug)
			first[p] = len(entries)
			entries = append(entries, templates.DeskEntry{
				At: d.clock.Gutter(x.StartsAt, x.Zone), Title: "Two sessions in one channel", Href: to, Button: "Move one", Go: to + "/move",
				Facts: []string{ui.Visible(x.Title) + " and " + orElse(ui.Visible(o.Title), "another"), "1 date", x.Channel},
			})
		}
	}
	return entries, nil
}

// unhosted are the hackfests that start soon and have no host.
func (d desk) unhosted() (entries []templates.DeskEntry, err error) {
	list, err := d.s.Store.Unhosted(d.ctx, d.viewer, d.now, d.now.Add(hostAhead), deskMost)
	for _, x := range list {
		to, facts := templates.SessionURL(x.Slug), []string{x.Channel}
		if in := d.clock.Until(x.StartsAt); in != "" {
			facts = append(facts, in)
		}
		entries = append(entries, templates.DeskEntry{
			At: d.clock.Gutter(x.StartsAt, x.Zone), Title: "No host is named for " + ui.Visible(x.Title), Href: to, Button: "Name one", Go: to + "/edit",
			Facts: append(facts, "newcomers find nobody who expects them"),
		})
	}
	return entries, err
}

// orElse is text, or what to say when there is none.
func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// unchaired are the sessions of the next days that nobody chairs.
func (d desk) unchaired() (entries []templates.DeskEntry, err error) {
	list, err := d.s.Store.Unchaired(d.ctx, d.viewer, d.now, d.now.Add(deskAhead), deskMost)
	for _, x := range list {
		to, appoint := templates.SessionURL(x.Slug), "/manage/chairs?session="+x.Slug+"#appoint"
		facts := []string{x.Channel}
		if in := d.clock.Until(x.StartsAt); in != "" {
			facts = append(facts, in)
		}
		entries = append(entries, templates.DeskEntry{
			At: d.clock.Gutter(x.StartsAt, x.Zone), Title: "Nobody chairs " + ui.Visible(x.Title), Href: to, Button: "Appoint", Go: appoint, Facts: facts,
		})
	}
	return entries, err
}
