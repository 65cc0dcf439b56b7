package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/schedule"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// seriesPlan is a form about the series in the path.
func (s *Server) seriesPlan(r *http.Request, heading, path string) (intent, hackfest.Series, error) {
	x, err := s.seriesOf(r)
	if err != nil {
		return intent{}, x, err
	}
	f, err := s.planFrame(r, heading)
	at := templates.SeriesURL(x.Slug)
	p := intent{page: templates.PlanPage{
		Frame: f, Crumb: &templates.LogLink{Href: at, Text: x.Title}, Heading: heading, Path: at + path, Back: at,
		Revision: revised(x.Revision), Closed: foreign(x.Foreign),
	}}
	if p.page.Closed == "" && !x.EndedAt.IsZero() && s.overForGood(x, f.Clock.Now) && path != "/rename" {
		p.page.Closed = "This series has ended. Make a new one to go on."
	}
	return p, x, err
}

// seriesValues are a series as its form has it.
func (s *Server) seriesValues(x hackfest.Series, now time.Time) templates.SeriesFields {
	fields := templates.SeriesFields{
		Title: x.Title, Kind: string(x.Kind), Channel: x.Network + "/" + x.ChannelPath, Target: x.TargetSlug, About: x.About,
		Visibility: string(x.Visibility), Time: x.First.Format(clockLayout), Zone: x.Zone, Length: lasts(x.Length), Overlap: x.OverlapOK,
		Host: x.Host,
	}
	dates := datesOf(x.Timing())
	ruleFields(&fields, dates.Rule, x.First)
	from := now.In(s.locate(x.Zone))
	for _, o := range nextDates(x.Timing(), now) {
		from = o.Wall
		break
	}
	fields.From = from.Format(time.DateOnly)
	return fields
}

// editSeriesPlan is the form that changes a series.
func (s *Server) editSeriesPlan(r *http.Request) (intent, hackfest.Series, error) {
	p, x, err := s.seriesPlan(r, "Change the series", "/edit")
	if err != nil {
		return p, x, err
	}
	p.page.Button, p.page.Lead = "Save", "What has been stays as it was. You see what the change does before it is saved."
	fields := s.seriesValues(x, p.page.Clock.Now)
	if fields.Channels, fields.Targets, err = s.planChoices(r); err != nil {
		return p, x, err
	}
	fields.Zones = s.zoneList(p.page.Clock.Now, x.Zone)
	p.fields = func(form ui.Form) templ.Component { return templates.SeriesForm(form, fields) }
	p.now = func() (url.Values, int, error) {
		is, err := s.seriesOf(r)
		v := s.seriesValues(is, p.page.Clock.Now)
		return url.Values{
			"title": {v.Title}, "kind": {v.Kind}, "channel": {v.Channel}, "target": {v.Target}, "about": {v.About}, "visibility": {v.Visibility}, "host": {v.Host},
			"repeat": {v.Repeat}, "every": {v.Every}, "nth": {v.Nth}, "weekday": {v.Weekday}, "rule": {v.Rule},
			"time": {v.Time}, "zone": {v.Zone}, "length": {v.Length},
		}, is.Revision, err
	}
	return p, x, nil
}

// editSeries answers GET /series/{series}/edit.
func (s *Server) editSeries(w http.ResponseWriter, r *http.Request) error {
	p, x, err := s.editSeriesPlan(r)
	if err == nil {
		p.below, err = s.repositoriesBelow(r, seriesRepositoryHome(x))
	}
	if err != nil {
		return err
	}
	return s.showPlan(w, r, p)
}

// saveSeries answers POST /series/{series}/edit.
func (s *Server) saveSeries(w http.ResponseWriter, r *http.Request) error {
	form, err := planForm(r)
	if err != nil {
		return err
	}
	p, was, err := s.editSeriesPlan(r)
	if err != nil {
		return err
	}
	x, edit, err := s.typedEdit(r, form, was)
	host, errHost := s.typedHost(r.Context(), form)
	if x.Host = was.Host; host.given {
		x.Host = host.name
	}
	if err = errors.Join(err, errHost); err != nil && !mendable(err) {
		return err
	}
	p.wrong, p.shares = err, was.OverlapOK && form.Get("shares") != ""
	retimed := edit.Timing != (hackfest.Timing{})
	if retimed || x.Channel != was.Channel || x.Network != was.Network || was.OverlapOK && !p.shares {
		p.wanted = hackfest.Wanted{SeriesSlug: was.Slug, Network: x.Network, Channel: x.Channel, Timing: x.Timing()}
	}
	p.preview = func(v *templates.PlanPreview) error { return s.previewSeries(r, v, p.page.Clock, was, x, edit) }
	p.do = func(ctx context.Context, tx *store.Store, overlap bool) (done, error) {
		edit.OverlapOK, x.OverlapOK = overlap, overlap
		if _, err := tx.ChangeSeries(ctx, was.Slug, edit, sentRevision(form), actorOf(r).ID, s.Now().UTC()); err != nil {
			return done{}, err
		}
		if x.Host != was.Host {
			if err := tx.NameSeriesHost(ctx, was.Slug, host.id); err != nil {
				return done{}, err
			}
		}
		d := done{To: templates.SeriesURL(was.Slug), Said: "The series is changed."}
		return d, s.audit(ctx, tx, r, "change series", was.Slug, s.seriesAudit(was), s.seriesAudit(x))
	}
	return s.answerPlan(w, r, form, p)
}

// typedEdit is what a form wants a series to be, and the change that this is. Its
// times are the zero Timing where they stay.
func (s *Server) typedEdit(r *http.Request, form url.Values, was hackfest.Series) (hackfest.Series, hackfest.SeriesEdit, error) {
	x, err := s.typedSeries(r, form)
	edit := hackfest.SeriesEdit{
		Title: x.Title, Kind: x.Kind, Network: x.Network, Channel: x.Channel, TargetSlug: x.TargetSlug, About: x.About, Visibility: x.Visibility,
	}
	x.Slug, x.Foreign = was.Slug, was.Foreign
	if err != nil {
		return x, edit, err
	}
	old, typed := datesOf(was.Timing()), datesOf(x.Timing())
	sameRule := sameDays(old, typed)
	if sameRule && x.Zone == was.Zone && x.Length == was.Length && x.First.Format(clockLayout) == was.First.Format(clockLayout) {
		x.Rule, x.First = was.Rule, was.First
		return x, edit, nil
	}
	day, err := typedDay(form, "from")
	if today := s.Now().In(s.locate(x.Zone)).Format(time.DateOnly); err == nil && day.Format(time.DateOnly) < today {
		err = fault.On("from", "That day is over. What has been stays as it was: choose today or a later day.")
	}
	if sameRule { // so that every second week stays on the same weeks
		for _, o := range old.Next(mostWeeks, day.AddDate(0, 0, -3)) {
			if o.Wall.Format(time.DateOnly) >= day.Format(time.DateOnly) {
				y, m, d := o.Wall.Date()
				x.First = time.Date(y, m, d, x.First.Hour(), x.First.Minute(), 0, 0, time.UTC)
				break
			}
		}
	}
	x.Rule = endAsBefore(old, typed.Rule)
	edit.Timing, edit.From = x.Timing(), day
	return x, edit, err
}

// sameDays reports whether two series have their dates by the same rule, whatever
// the hour and wherever they end.
func sameDays(a, b schedule.Series) bool {
	rule := func(s schedule.Series) string {
		r := s.Rule
		r.Until, r.Count = time.Time{}, 0
		if r.Freq == schedule.Weekly && len(r.ByDay) == 0 {
			r.ByDay = []schedule.Day{{Weekday: s.First.Weekday()}}
		}
		return r.String()
	}
	return rule(a) == rule(b)
}

// endAsBefore is a rule that ends when the one before it did, unless it says
// where it ends itself.
func endAsBefore(old schedule.Series, rule schedule.Rule) string {
	if rule.Count == 0 && rule.Until.IsZero() {
		rule.Until = old.Rule.Until
		if old.Rule.Count > 0 {
			if last, ok := old.Last(func(schedule.Occurrence) bool { return true }); ok {
				rule.Until = last.End
			}
		}
	}
	return rule.String()
}

// previewSeries says what a change of a series does.
func (s *Server) previewSeries(r *http.Request, v *templates.PlanPreview, c ui.Clock, was, x hackfest.Series, edit hackfest.SeriesEdit) error {
	before := s.seriesFacts(c, was)
	for _, f := range s.seriesFacts(c, x) {
		old := ""
		for _, b := range before {
			if b.Name == f.Name {
				old = b.Text
			}
		}
		if old != f.Text {
			v.Facts = append(v.Facts, templates.PlanFact{Name: f.Name, Text: f.Text + changedFrom(old)})
		}
	}
	if x.TargetSlug == "" && was.TargetSlug != "" {
		v.Facts = append(v.Facts, templates.PlanFact{Name: "Target", Text: "none" + changedFrom(was.TargetSlug)})
	}
	if f, differs := (hosting{given: true, name: x.Host}).fact(was.Host); differs {
		v.Facts = append(v.Facts, f)
	}
	if x.About != was.About {
		v.Facts = append(v.Facts, templates.PlanFact{Name: "About", Text: ui.Visible(x.About)})
	}
	var next *hackfest.Session
	nextWas := func(from time.Time) {
		for _, o := range nextDates(was.Timing(), from) {
			next = &hackfest.Session{Slug: hackfest.SessionSlug(o.Wall, x.Title), StartsAt: o.Start.UTC(), Network: was.Network, Channel: was.Channel, ChannelPath: was.ChannelPath}
			break
		}
	}
	if x.Network != was.Network || x.Channel != was.Channel {
		nextWas(c.Now)
	}
	if edit.Timing != (hackfest.Timing{}) {
		from := schedule.Instant(edit.From, s.locate(was.Zone))
		if from.Before(c.Now) {
			from = c.Now
		}
		v.Dates, v.Notes = s.changedDates(c, was.Timing(), x.Timing(), from), clockNotes(c, x.Timing())
		nextWas(from)
		v.Done = "Dates before " + edit.From.Format("Mon 2 Jan 2006") + " stay as they are. What hangs on a later date, its agenda for example, goes with it where the day stays the same."
	}
	if len(v.Facts) == 0 && v.Dates == nil {
		v.Notes = append(v.Notes, "Nothing is different from what is saved.")
	}
	return s.seriesPreview(r, v, c, x, next)
}

// changedFrom says what was so before.
func changedFrom(old string) string {
	if old == "" {
		return ""
	}
	return " (was: " + old + ")"
}

// endSeriesPlan is the form that ends a series.
func (s *Server) endSeriesPlan(r *http.Request) (intent, hackfest.Series, error) {
	p, x, err := s.seriesPlan(r, "End the series", "/end")
	p.page.Button, p.page.Lead = "End it", "What has been, and its feed, stay. Dates after the last day are taken out."
	last := p.page.Clock.Now.In(s.locate(x.Zone)).Format(time.DateOnly)
	p.fields = func(form ui.Form) templ.Component { return templates.SeriesEndForm(form, last) }
	p.now = func() (url.Values, int, error) {
		is, err := s.seriesOf(r)
		return nil, is.Revision, err
	}
	return p, x, err
}

// showEndSeries answers GET /series/{series}/end.
func (s *Server) showEndSeries(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.endSeriesPlan(r)
	if err != nil {
		return err
	}
	return s.showPlan(w, r, p)
}

// endSeries answers POST /series/{series}/end.
func (s *Server) endSeries(w http.ResponseWriter, r *http.Request) error {
	form, err := planForm(r)
	if err != nil {
		return err
	}
	p, x, err := s.endSeriesPlan(r)
	if err != nil {
		return err
	}
	last, wrongDay := typedDay(form, "last")
	why, wrongReason := typedReason(form, false)
	if today := s.Now().In(s.locate(x.Zone)).AddDate(0, 0, -1).Format(time.DateOnly); wrongDay == nil && last.Format(time.DateOnly) < today {
		wrongDay = fault.On("last", "That day is over, and what has been stays. Choose yesterday or a later day.")
	}
	p.wrong = errors.Join(wrongDay, wrongReason)
	p.preview = func(v *templates.PlanPreview) error {
		return s.previewEnd(r, v, p.page.Clock, x, last, why)
	}
	p.do = func(ctx context.Context, tx *store.Store, _ bool) (done, error) {
		if _, err := tx.EndSeries(ctx, x.Slug, last, why, sentRevision(form), actorOf(r).ID, s.Now().UTC()); err != nil {
			return done{}, err
		}
		d := done{To: templates.SeriesURL(x.Slug), Said: "The series ends on " + last.Format("Mon 2 Jan 2006") + "."}
		return d, s.audit(ctx, tx, r, "end series", x.Slug, map[string]any{"rule": x.Rule}, map[string]any{"last": last.Format(time.DateOnly), "reason": why})
	}
	return s.answerPlan(w, r, form, p)
}

// previewEnd says which dates fall away.
func (s *Server) previewEnd(r *http.Request, v *templates.PlanPreview, c ui.Clock, x hackfest.Series, last time.Time, why string) error {
	end := schedule.Instant(last.AddDate(0, 0, 1), s.locate(x.Zone))
	list, err := s.Store.Sessions(r.Context(), viewerOf(r), store.SessionFilter{Series: x.Slug, From: c.Now, Limit: 200})
	if err != nil {
		return err
	}
	var gone []hackfest.Session
	for _, one := range list {
		if !one.StartsAt.Before(end) && one.State == hackfest.StateScheduled {
			gone = append(gone, one)
		}
	}
	v.Facts = []templates.PlanFact{{Name: "Last day", Text: last.Format("Mon 2 Jan 2006")}, {Name: "Falls away", Text: counted(len(gone), "date that is laid out", "dates that are laid out")}}
	v.Dates = &templates.PlanDates{Caption: "The first dates that fall away", Columns: []string{"Date", zoneHead(x.Zone)}}
	for _, one := range gone[:min(len(gone), datesShown)] {
		v.Dates.Rows = append(v.Dates.Rows, []string{one.StartsAt.In(s.locate(x.Zone)).Format("Mon 2 Jan 2006"), one.StartsAt.In(s.locate(x.Zone)).Format(hours(c))})
	}
	if len(gone) == 0 {
		v.Dates = nil
		return nil
	}
	v.Late = soonWords(c, gone[0].StartsAt)
	off := gone[0]
	off.State, off.Reason = hackfest.StateCancelled, cmp.Or(why, store.SeriesEnded)
	v.Told, err = s.told(r, off, s.changeLine(gone[0], off))
	return err
}

// renameSeriesPlan is the form that gives a series another address.
func (s *Server) renameSeriesPlan(r *http.Request) (intent, hackfest.Series, error) {
	p, x, err := s.seriesPlan(r, "Another address for the series", "/rename")
	p.page.Button = "Rename it"
	p.fields = func(form ui.Form) templ.Component { return templates.SeriesRenameForm(form, x.Slug) }
	p.now = func() (url.Values, int, error) {
		is, err := s.seriesOf(r)
		return url.Values{"slug": {is.Slug}}, is.Revision, err
	}
	return p, x, err
}

// showRenameSeries answers GET /series/{series}/rename.
func (s *Server) showRenameSeries(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.renameSeriesPlan(r)
	if err != nil {
		return err
	}
	return s.showPlan(w, r, p)
}

// renameSeries answers POST /series/{series}/rename. It harms nobody, so it is
// done without a preview, and can be done again.
func (s *Server) renameSeries(w http.ResponseWriter, r *http.Request) error {
	form, err := planForm(r)
	if err != nil {
		return err
	}
	p, x, err := s.renameSeriesPlan(r)
	if err != nil {
		return err
	}
	slug := form.Get("slug")
	if slug == "new" || slug == "" || hackfest.Slug(slug) != slug {
		p.wrong = fault.On("slug", "An address has small letters, digits and hyphens, and is not “new”.")
	}
	p.preview = func(v *templates.PlanPreview) error {
		v.Facts = []templates.PlanFact{{Name: "Was", Text: templates.SeriesURL(x.Slug)}, {Name: "Will be", Text: templates.SeriesURL(slug)}}
		v.Done = "Links, feeds and calendars with the old address go on working: they are led to the new one."
		return nil
	}
	p.do = func(ctx context.Context, tx *store.Store, _ bool) (done, error) {
		if _, err := tx.RenameSeries(ctx, x.Slug, slug, sentRevision(form), s.Now().UTC()); err != nil {
			return done{}, err
		}
		d := done{To: templates.SeriesURL(slug), Said: "The series is at a new address. The old one leads there."}
		return d, s.audit(ctx, tx, r, "rename series", slug, map[string]any{"address": x.Slug}, map[string]any{"address": slug})
	}
	return s.answerPlan(w, r, form, p)
}
