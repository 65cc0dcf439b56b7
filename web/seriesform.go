package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/schedule"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	mostTitle  = 200  // characters
	mostGoal   = 2000 // characters of what something is for
	mostReason = 300  // characters
)

// planFrame is the frame of a page on which something is planned.
func (s *Server) planFrame(r *http.Request, title string) (templates.Frame, error) {
	f, err := s.frame(r, title)
	f.Section, f.NoIndex = "/schedule", true
	return f, err
}

// typedWords reads what a form has of title, kind, target and visibility, and all
// that is wrong with them.
func typedWords(form url.Values, about string) (title, text string, kind hackfest.SessionKind, seen person.Visibility, err error) {
	title, text = strings.TrimSpace(form.Get("title")), strings.TrimSpace(form.Get(about))
	kind, seen = hackfest.SessionKind(form.Get("kind")), person.Visibility(form.Get("visibility"))
	var errs []error
	if n := utf8.RuneCountInString(title); n == 0 || n > mostTitle || strings.ContainsAny(title, "\r\n") {
		errs = append(errs, fault.On("title", "A title is one line of at most %d characters.", mostTitle))
	}
	if utf8.RuneCountInString(text) > mostGoal {
		errs = append(errs, fault.On(about, "At most %d characters.", mostGoal))
	}
	if kind != hackfest.KindHackfest && kind != hackfest.KindMeeting {
		errs = append(errs, fault.On("kind", "It is a hackfest or a meeting."))
	}
	if seen != person.Public && seen != person.MembersOnly {
		errs = append(errs, fault.On("visibility", "It is for everybody or for members."))
	}
	return title, text, kind, seen, errors.Join(errs...)
}

// typedTarget reports a target that does not exist.
func (s *Server) typedTarget(ctx context.Context, slug string) error {
	if slug == "" {
		return nil
	}
	_, err := s.Store.Target(ctx, slug)
	if fault.KindOf(err) == fault.NotFound {
		return fault.On("target", "There is no such target.")
	}
	return err
}

// typedReason reads why something is done.
func typedReason(form url.Values, required bool) (string, error) {
	why := strings.Join(strings.Fields(form.Get("reason")), " ")
	if utf8.RuneCountInString(why) > mostReason {
		return "", fault.On("reason", "At most %d characters.", mostReason)
	}
	if why == "" && required {
		return "", fault.On("reason", "Say why: people read it first.")
	}
	return why, nil
}

// showNewSeries answers GET /series/new.
func (s *Server) showNewSeries(w http.ResponseWriter, r *http.Request) error {
	p, err := s.newSeriesPlan(r)
	if err != nil {
		return err
	}
	return s.showPlan(w, r, p)
}

// newSeriesPlan is the form of a series that is not there yet.
func (s *Server) newSeriesPlan(r *http.Request) (intent, error) {
	f, err := s.planFrame(r, "A new series")
	if err != nil {
		return intent{}, err
	}
	first := f.Clock.Now.In(s.locate(s.community())).AddDate(0, 0, 7)
	fields := templates.SeriesFields{
		New: true, Kind: string(hackfest.KindMeeting), Visibility: string(person.Public), Zone: s.community(),
		From: first.Format(time.DateOnly), Time: "18:00", Length: lasts(usualLength), Chair: actorOf(r).Name,
	}
	ruleFields(&fields, schedule.Rule{Freq: schedule.Weekly, WeekStart: time.Monday}, first)
	fields.Days = ""
	if fields.Channels, fields.Targets, err = s.planChoices(r); err != nil {
		return intent{}, err
	}
	fields.Zones = s.zoneList(f.Clock.Now, fields.Zone)
	return intent{
		page: templates.PlanPage{
			Frame: f, Heading: "A new series", Path: "/series/new", Back: "/schedule", Button: "Make the series",
			Lead: "Dates that repeat, with one page, one feed and one archive. You see all its dates before it is made.",
		},
		fields: func(form ui.Form) templ.Component { return templates.SeriesForm(form, fields) },
	}, nil
}

// addSeries answers POST /series/new.
func (s *Server) addSeries(w http.ResponseWriter, r *http.Request) error {
	form, err := planForm(r)
	if err != nil {
		return err
	}
	p, err := s.newSeriesPlan(r)
	if err != nil {
		return err
	}
	p.page.Button = "Look at its dates"
	x, err := s.typedSeries(r, form)
	chairs, errChairs := s.typedChairs(r.Context(), form)
	host, errHost := s.typedHost(r.Context(), form)
	if err = errors.Join(err, errChairs, errHost); err != nil && !mendable(err) {
		return err
	}
	p.wrong, p.page.Button = err, "Make the series"
	p.wanted = hackfest.Wanted{Network: x.Network, Channel: x.Channel, Timing: x.Timing(), Chairs: chairIDs(chairs)}
	p.preview = func(v *templates.PlanPreview) error {
		v.Facts = append(s.seriesFacts(p.page.Clock, x), chairFact(chairs))
		if f, named := host.fact(""); named {
			v.Facts = append(v.Facts, f)
		}
		v.Dates, v.Notes = s.newDates(p.page.Clock, x.Timing()), clockNotes(p.page.Clock, x.Timing())
		v.Done = "A date that was made can be moved or cancelled, and the series ended, at any time."
		return s.seriesPreview(r, v, p.page.Clock, x, nil)
	}
	p.do = func(ctx context.Context, tx *store.Store, overlap bool) (done, error) {
		x.OverlapOK = overlap
		if _, err := tx.AddSeries(ctx, x, s.Now().UTC()); err != nil {
			return done{}, onSlug(err)
		}
		for _, c := range chairs {
			if err := tx.AddChair(ctx, c.ID, x.Slug, s.Now()); err != nil {
				return done{}, err
			}
		}
		if x.Host = host.name; host.id != 0 {
			if err := tx.NameSeriesHost(ctx, x.Slug, host.id); err != nil {
				return done{}, err
			}
		}
		d := done{To: templates.SeriesURL(x.Slug), Said: "The series is made, with its dates of the next half year."}
		return d, s.audit(ctx, tx, r, "add series", x.Slug, nil, s.seriesAudit(x))
	}
	return s.answerPlan(w, r, form, p)
}

// typedChairs are the people that a form names to chair what it makes.
func (s *Server) typedChairs(ctx context.Context, form url.Values) ([]person.Account, error) {
	var list []person.Account
	var wrong []error
	for name := range strings.SplitSeq(form.Get("chair"), ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		a, err := s.Store.Account(ctx, name)
		if fault.KindOf(err) == fault.NotFound {
			err = fault.On("chair", "%s", fault.Message(err))
		}
		list, wrong = append(list, a), append(wrong, err)
	}
	return list, errors.Join(wrong...)
}

func chairIDs(list []person.Account) []person.ID {
	var ids []person.ID
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return ids
}

func chairFact(list []person.Account) templates.PlanFact {
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = ui.Visible(a.Name)
	}
	if len(list) == 0 {
		names = []string{"nobody yet"}
	}
	return templates.PlanFact{Name: "Chair", Text: chart.List(names)}
}

// onSlug says of a name that is taken which field it is.
func onSlug(err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.Conflict && e.Field == "" && strings.Contains(e.Message, "series") {
		return &fault.Error{Kind: fault.Invalid, Field: "title", Message: "Another series is called so. Choose another title.", Err: err}
	}
	return err
}

// typedSeries is the series that a form asks for.
func (s *Server) typedSeries(r *http.Request, form url.Values) (hackfest.Series, error) {
	var x hackfest.Series
	var words, timing, target error
	x.Title, x.About, x.Kind, x.Visibility, words = typedWords(form, "about")
	x.TargetSlug = form.Get("target")
	target = s.typedTarget(r.Context(), x.TargetSlug)
	channel, where := s.typedChannel(r, form)
	t, timing := s.typedTiming(form)
	x.Network, x.Channel, x.ChannelPath = channel.Network, channel.Name, channel.Path
	x.Rule, x.First, x.Zone, x.Length = t.Rule, t.First, t.Zone, t.Length
	if x.Slug = hackfest.Slug(x.Title); x.Slug == "new" { // the page that makes one
		x.Slug = "new-series"
	}
	return x, errors.Join(words, where, target, timing)
}

// seriesFacts are a series in words.
func (s *Server) seriesFacts(c ui.Clock, x hackfest.Series) []templates.PlanFact {
	facts := []templates.PlanFact{
		{Name: "Title", Text: ui.Visible(x.Title)},
		{Name: "Kind", Text: string(x.Kind)},
		{Name: "When", Text: s.ruleWords(c, x)},
		{Name: "Where", Text: x.Channel + " on " + x.Network},
	}
	if x.TargetSlug != "" {
		facts = append(facts, templates.PlanFact{Name: "Target", Text: x.TargetSlug})
	}
	if x.Visibility == person.MembersOnly {
		facts = append(facts, templates.PlanFact{Name: "Seen by", Text: "members"})
	}
	return facts
}

// seriesPreview adds to a preview in whose night the next date is, and who is
// told. was is the next date as it was before, named as it is now; nil where
// neither time nor channel changes.
func (s *Server) seriesPreview(r *http.Request, v *templates.PlanPreview, c ui.Clock, x hackfest.Series, was *hackfest.Session) error {
	next := nextDates(x.Timing(), c.Now)
	if len(next) == 0 {
		v.Notes = append(v.Notes, "None of its dates lies ahead.")
		return nil
	}
	first := hackfest.Session{
		Slug: hackfest.SessionSlug(next[0].Wall, x.Title), Title: x.Title, Kind: x.Kind, State: hackfest.StateScheduled, Zone: x.Zone,
		StartsAt: next[0].Start.UTC(), EndsAt: next[0].End.UTC(), Network: x.Network, Channel: x.Channel, ChannelPath: x.ChannelPath,
		Visibility: x.Visibility,
	}
	ribbon, err := s.planRibbon(r.Context(), c, first)
	if err != nil {
		return err
	}
	v.Ribbon = &ribbon
	v.Late = soonWords(c, first.StartsAt)
	said := ""
	if was != nil {
		v.Late = cmp.Or(v.Late, soonWords(c, was.StartsAt))
		if was.Slug == first.Slug && (!was.StartsAt.Equal(first.StartsAt) || was.Network != first.Network || was.Channel != first.Channel) {
			first.MovedFrom = was.StartsAt
			said = s.changeLine(*was, first)
		}
	}
	if v.Told, err = s.told(r, first, said); err != nil || was == nil {
		return err
	}
	return s.toldWhereItWas(r, v, *was, first, said)
}

// seriesAudit are the facts of a series for the audit log.
func (s *Server) seriesAudit(x hackfest.Series) map[string]any {
	return map[string]any{
		"title": x.Title, "kind": x.Kind, "channel": x.Network + " " + x.Channel, "target": x.TargetSlug, "visibility": x.Visibility,
		"rule": x.Rule, "first": x.First.Format("2006-01-02T15:04"), "zone": x.Zone, "minutes": int(x.Length / time.Minute), "shares channel": x.OverlapOK,
		"host": x.Host,
	}
}

// seriesOf is the series that the path names.
func (s *Server) seriesOf(r *http.Request) (hackfest.Series, error) {
	return s.Store.Series(r.Context(), viewerOf(r), chi.URLParam(r, "series"))
}

// foreign is why something imported cannot be changed here; "" for what is ours.
func foreign(from string) string {
	if from == "" {
		return ""
	}
	return "It was imported from " + from + " and follows that calendar, so it is changed there."
}

// revised is a revision as a form has it.
func revised(n int) string { return strconv.Itoa(n) }
