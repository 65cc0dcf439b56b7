package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	deskMost  = 50                  // entries of one sort
	deskSince = 30 * 24 * time.Hour // older meetings and lessons wait for nobody
)

// showDesk answers GET /manage: what waits for a maintainer.
func (s *Server) showDesk(w http.ResponseWriter, r *http.Request) error {
	f, err := s.frame(r, "Desk")
	if err != nil {
		return err
	}
	f.NoIndex, f.Section = true, "/manage"
	d := desk{s: s, ctx: r.Context(), viewer: viewerOf(r), clock: f.Clock, now: s.Now()}
	p := templates.DeskPage{Frame: f}
	if p.Now, err = gather(d.requests, d.claims, d.setAside, d.unminuted, d.lessonsWaiting); err != nil {
		return err
	}
	now, err := gather(d.conflicts, d.unchaired, d.unhosted)
	if err != nil {
		return err
	}
	p.Now, p.Plan = append(p.Now, now...), plannersLinks(actorOf(r))
	if p.Later, err = gather(d.unsure, d.lessons, d.drafts, d.unregistered); err != nil {
		return err
	}
	p.Counted = deskWords(len(p.Now), len(p.Later))
	if s.Bot != nil {
		var st templates.StatusPage
		st.Clock = f.Clock
		s.botStatus(&st, s.Bot())
		p.BotHere, p.Bots, p.Spool = true, st.Networks, st.Spool
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Desk(p))
}

// desk gathers what waits.
type desk struct {
	s      *Server
	ctx    context.Context //nolint:containedctx // of one request, for as long as that lasts
	viewer person.Viewer
	clock  ui.Clock
	now    time.Time
}

// gather is what all of them found, in their order.
func gather(all ...func() ([]templates.DeskEntry, error)) ([]templates.DeskEntry, error) {
	var list []templates.DeskEntry
	for _, find := range all {
		found, err := find()
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

func (d desk) at(t time.Time) ui.Moment { return d.clock.Gutter(t, d.s.community()) }

// requests are the lines that people want to be removed: they come first.
func (d desk) requests() (entries []templates.DeskEntry, err error) {
	list, err := d.s.Store.RemovalRequests(d.ctx, d.viewer, deskMost)
	for _, q := range list {
		e := templates.DeskEntry{
			At: d.at(q.MadeAt), Title: "A line of " + ui.Visible(q.Nick) + " to be removed", Href: templates.LineURL(q.Line),
			Button: "Answer", Go: requestURL(q.ID), Facts: []string{q.Channel, "asked by " + whoAsked(q)},
		}
		if q.Redacted {
			e.Facts = append(e.Facts, "it is gone already")
		}
		entries = append(entries, e)
	}
	return entries, err
}

// claims are the names that two people want.
func (d desk) claims() (entries []templates.DeskEntry, err error) {
	list, err := d.s.Store.Claims(d.ctx)
	for _, c := range list {
		to := claimURL(c.ID)
		entries = append(entries, templates.DeskEntry{
			At: d.at(c.At), Title: "Two people want the name " + ui.Visible(c.Value), Href: to, Button: "Decide", Go: to,
			Facts: []string{c.Network, ui.Visible(c.Holder) + " has it", ui.Visible(c.Person) + " proved it too"},
		})
	}
	return entries, err
}

// setAside says that lines wait for somebody who knows the database.
func (d desk) setAside() ([]templates.DeskEntry, error) {
	n, err := d.s.Store.SetAside(d.ctx)
	if err != nil || n == 0 {
		return nil, err
	}
	return []templates.DeskEntry{{
		At: d.at(d.now), Title: "What " + counted(n, "line", "lines") + " did could not be stored", Href: "/status", Button: "Look", Go: "/status",
		Facts: []string{"the lines are in the log; minutes may lack something", "an operator finds why in table set_aside"},
	}}, nil
}

// unminuted are the meetings that ended without published minutes, and those
// whose minutes somebody has begun to correct, the oldest first, each with the
// next step.
func (d desk) unminuted() (entries []templates.DeskEntry, err error) {
	list, err := d.s.Store.Unminuted(d.ctx, d.viewer, d.now.Add(-deskSince), deskMost)
	if err != nil {
		return nil, err
	}
	writings, err := d.s.writings(d.ctx, d.viewer, list)
	if err != nil {
		return nil, err
	}
	for _, m := range list {
		e := templates.DeskEntry{
			At: d.at(m.EndedAt), Title: "Minutes of " + meetingTitle(m), Href: templates.SessionURL(m.SessionSlug) + "#m-" + m.Ref.String(),
			Button: "Write", Go: editURL(m.Ref),
		}
		since := m.EndedAt
		w, written := writings[m.Ref]
		if m.Revision > 0 {
			e.Title, since = "Correction of the minutes of "+meetingTitle(m), w.BegunAt
		}
		e.Facts = append(e.Facts, "draft since "+age(d.now.Sub(since)))
		if written {
			by := ""
			if w.Writer != "" {
				by = " by " + w.Writer
			}
			e.Button, e.Facts = "Go on", append(e.Facts, "being written"+by)
		}
		unowned, ready, err := d.readiness(m)
		if err != nil {
			return nil, err
		}
		if words := ownerless(unowned); words != "" {
			e.Facts = append(e.Facts, words)
		}
		if written && ready {
			e.Button, e.Go = "Publish", publishURL(m.Ref)
		}
		if c := meetingCounts(m); c != "" {
			e.Facts = append(e.Facts, c)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// age is how long something has waited: "40 min", "3 h", "4 days".
func age(d time.Duration) string {
	switch {
	case d < time.Hour:
		return chart.Length(d)
	case d < 48*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	}
	return strconv.Itoa(int(d/(24*time.Hour))) + " days"
}

// readiness says how many actions of a draft have no owner, and whether it could
// be published as it stands.
func (d desk) readiness(m hackfest.Meeting) (unowned int, ready bool, err error) {
	out, _, err := d.s.Store.FinishedMinutes(d.ctx, d.viewer, m.Ref)
	if mendable(err) {
		return out.Unowned(), false, nil
	}
	return out.Unowned(), err == nil && out.Summary != "", err
}

// lessons are those whose line was removed: they may say the same.
func (d desk) lessons() (entries []templates.DeskEntry, err error) {
	list, err := d.s.Store.LessonsOfRedacted(d.ctx, d.viewer, d.now.Add(-deskSince), deskMost)
	for _, l := range list {
		entries = append(entries, templates.DeskEntry{
			At: d.at(l.At), Title: "A lesson whose line was removed", Href: templates.LineURL(l.Line), Button: "Look", Go: "/lessons",
			Facts: []string{ui.Visible(l.Text)},
		})
	}
	return entries, err
}

// deskWords says how much waits.
func deskWords(now, later int) string {
	words := "nothing wants you"
	switch {
	case now == 1:
		words = "one thing wants you"
	case now > 1:
		words = inWords(now) + " things want you"
	}
	if later > 0 {
		words += ", " + inWords(later) + " can wait"
	}
	return sentence(words)
}

// inWords is a number as people write it in a sentence: a word up to twelve.
func inWords(n int) string {
	small := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}
	if n < len(small) {
		return small[n]
	}
	return strconv.Itoa(n)
}

func claimURL(id int64) string { return "/manage/claims/" + strconv.FormatInt(id, 10) }

// claimOf is the contested name that the path names.
func (s *Server) claimOf(r *http.Request) (person.Contest, error) {
	list, err := s.Store.Claims(r.Context())
	if err != nil {
		return person.Contest{}, err
	}
	for _, c := range list {
		if strconv.FormatInt(c.ID, 10) == chi.URLParam(r, "claim") {
			return c, nil
		}
	}
	return person.Contest{}, fault.New(fault.NotFound, "No such name is contested any more.")
}

// showClaim answers GET /manage/claims/{claim}.
func (s *Server) showClaim(w http.ResponseWriter, r *http.Request) error {
	c, err := s.claimOf(r)
	if err != nil {
		return err
	}
	return s.claimPage(w, r, c, newForm(""), nil)
}

// claimPage shows a contested name; wrong is what was wrong with the decision.
func (s *Server) claimPage(w http.ResponseWriter, r *http.Request, c person.Contest, form ui.Form, wrong error) error {
	f, err := s.frame(r, "A contested name")
	if err != nil {
		return err
	}
	f.NoIndex, f.Section = true, "/manage"
	what := "the nick"
	if c.Kind == person.IRCAccount {
		what = "the services account"
	}
	p := templates.ClaimPage{
		Frame: f, Name: ui.Visible(c.Value), What: what, Network: c.Network, Person: ui.Visible(c.Person), Holder: ui.Visible(c.Holder),
		Account: ui.Visible(c.Account), At: f.Clock.Gutter(c.At, s.community()), Path: claimURL(c.ID), Form: form,
	}
	if wrong != nil {
		return s.again(w, r, wrong, templates.Claim(p))
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Claim(p))
}

// settleClaim answers POST /manage/claims/{claim}: give is yes or no.
func (s *Server) settleClaim(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	if to, known := s.carriedOut(r); known { // sent twice
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	c, err := s.claimOf(r)
	if err != nil {
		return err
	}
	give := form.Get("give")
	if give != "yes" && give != "no" {
		err = fault.On("give", "Choose one of the two.")
	} else {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			c, err := tx.SettleClaim(ctx, c.ID, give == "yes", s.Now())
			if err != nil {
				return done{}, err
			}
			said := c.Value + " stays with " + c.Holder + "."
			if give == "yes" {
				said = c.Value + " is " + c.Person + "’s from now on."
			}
			err = s.audit(ctx, tx, r, "settle claim", c.Network+" "+c.Value,
				map[string]any{"holder": c.Holder}, map[string]any{"claimant": c.Person, "given": give == "yes"})
			return done{To: "/manage", Said: said}, err
		})
	}
	if mendable(err) {
		return s.claimPage(w, r, c, typed("", form, err), err)
	}
	return err
}
