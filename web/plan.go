package web

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// intent is one form about the schedule. It is answered in two steps: what it
// would do is shown first, and done when that is confirmed. A program has no
// first step.
type intent struct {
	page    templates.PlanPage
	fields  func(ui.Form) templ.Component                                          // of the form
	wrong   error                                                                  // with what was typed
	wanted  hackfest.Wanted                                                        // what would be taken; the zero value asks for no conflicts
	shares  bool                                                                   // that is allowed already
	preview func(*templates.PlanPreview) error                                     // fills in what it would do
	do      func(ctx context.Context, tx *store.Store, overlap bool) (done, error) // does it
	now     func() (values url.Values, revision int, err error)                    // what it is by now; nil for something new
	below   templ.Component                                                        // what else is on its page; nil without
}

// planForm is a form about the schedule as it was sent. The button that takes
// something back sends it in the query.
func planForm(r *http.Request) (url.Values, error) {
	form, err := formOf(r)
	if err != nil || r.URL.Query().Get("confirmed") == "" {
		return form, err
	}
	merged := maps.Clone(r.URL.Query())
	maps.Copy(merged, form)
	return merged, nil
}

// undo is the path of a form about the schedule that is sent by one button.
func undo(path string, revision int, values url.Values) string {
	q := maps.Clone(values)
	if q == nil {
		q = url.Values{}
	}
	q.Set("confirmed", "on")
	q.Set("revision", strconv.Itoa(revision))
	return path + "?" + q.Encode()
}

// sentRevision is the revision that a form was filled in for.
func sentRevision(form url.Values) int {
	text := form.Get("revision")
	if text == "" {
		return 0 // a program that does not ask
	}
	n, err := smallNumber(text)
	if err != nil {
		return -1 // none there was
	}
	return n
}

// showPlan answers the GET of a form about the schedule.
func (s *Server) showPlan(w http.ResponseWriter, r *http.Request, p intent) error {
	p.page.Form = newForm("")
	w.Header().Set("Cache-Control", "no-store")
	page := templates.Plan(p.page, p.fields(p.page.Form))
	if p.below == nil {
		return s.show(w, r, page)
	}
	return s.show(w, r, templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return page.Render(templ.WithChildren(ctx, p.below), w)
	}))
}

// answerPlan answers its POST.
func (s *Server) answerPlan(w http.ResponseWriter, r *http.Request, form url.Values, p intent) error {
	if p.page.Closed != "" {
		return fault.New(fault.Conflict, "%s", p.page.Closed)
	}
	err, program := p.wrong, writtenBody(r) != ""
	switch {
	case form.Get("back") != "" && !program:
		p.page.Form = typed("", form, nil)
		w.Header().Set("Cache-Control", "no-store")
		return s.show(w, r, templates.Plan(p.page, p.fields(p.page.Form)))
	case err == nil && form.Get("confirmed") == "" && !program:
		return s.previewPlan(w, r, form, p, nil)
	case err == nil:
		err = s.confirmPlan(w, r, form, p)
	}
	if !mendable(err) {
		return err
	}
	if !program {
		nameFields(err)
	}
	if again, failed := s.previewAgain(form, p, err); failed != nil || again {
		if failed != nil {
			return failed
		}
		return s.previewPlan(w, r, form, p, err)
	}
	back := typed("", form, err)
	if fault.KindOf(err) == fault.Conflict && p.now != nil {
		theirs, revision, failed := p.now()
		if failed != nil {
			return failed
		}
		back.Theirs, p.page.Revision = theirs, strconv.Itoa(revision) // so that what was typed can be sent again
	}
	p.page.Form = back
	return s.again(w, r, err, templates.Plan(p.page, p.fields(back)))
}

// formFields are what the forms call the fields that the store names in an error.
var formFields = map[string]string{"first": "from", "starts_at": "date", "ends_at": "length", "joint": "by"}

// nameFields names the fields in err as the forms do.
func nameFields(err error) {
	for _, e := range fault.All(err) {
		if name, ok := formFields[e.Field]; ok {
			e.Field = name
		}
	}
}

// confirmPlan does what a form asks for, unless something else has the channel
// and nobody allowed that.
func (s *Server) confirmPlan(w http.ResponseWriter, r *http.Request, form url.Values, p intent) error {
	allowed := p.shares || form.Get("overlap") != ""
	var taken []hackfest.Clash
	if p.wanted.Channel != "" {
		if to, known := s.carriedOut(r); known && writtenBody(r) == "" { // sent twice
			http.Redirect(w, r, to, http.StatusSeeOther)
			return nil
		}
		found, err := s.clashes(r, p.wanted)
		if err != nil {
			return err
		}
		if taken = found.taken; len(taken) > 0 && !allowed {
			return &fault.Error{Kind: fault.Conflict, Field: "overlap", Message: "The channel is taken on " + counted(len(taken), "date", "dates") + ". Tick that they may share it, or change something."}
		}
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		overlap := p.shares || len(taken) > 0
		d, err := p.do(ctx, tx, overlap)
		if err != nil || len(taken) == 0 || p.shares {
			return d, err
		}
		return d, s.audit(ctx, tx, r, "allow conflict", d.To, nil, conflictFacts(taken))
	})
}

// conflictFacts are the conflicts that somebody allowed, for the audit log.
func conflictFacts(taken []hackfest.Clash) map[string]any {
	var with []string
	for _, c := range taken {
		if c.With.Title != "" && !slices.Contains(with, c.With.Title) {
			with = append(with, c.With.Title)
		}
	}
	return map[string]any{"dates": len(taken), "first": taken[0].StartsAt, "last": taken[len(taken)-1].StartsAt, "with": with}
}

// previewAgain reports whether err is about what the preview shows, not about
// the form: a conflict in the channel, and not that somebody else was quicker.
func (s *Server) previewAgain(form url.Values, p intent, err error) (bool, error) {
	if fault.KindOf(err) != fault.Conflict || p.wrong != nil {
		return false, nil
	}
	for _, e := range fault.All(err) {
		if e.Field == "overlap" {
			return true, nil
		}
	}
	if p.now == nil {
		return true, nil
	}
	_, revision, failed := p.now()
	sent := sentRevision(form)
	return sent == 0 || revision == sent, failed
}

// previewPlan shows what a form would do; wrong is why it was not done.
func (s *Server) previewPlan(w http.ResponseWriter, r *http.Request, form url.Values, p intent, wrong error) error {
	v := templates.PlanPreview{Button: p.page.Button, Values: maps.Clone(form)}
	for _, name := range []string{"once", "back", "confirmed", "overlap"} {
		v.Values.Del(name)
	}
	if p.wanted.Channel != "" {
		found, err := s.clashes(r, p.wanted)
		if err != nil {
			return err
		}
		v.Clashes, v.Chairs = s.clashRows(p.page.Clock, found)
		if v.Clashes != nil {
			v.Clashes.Override = !p.shares
		}
	}
	if err := p.preview(&v); err != nil {
		return err
	}
	p.page.Form = typed("", form, wrong)
	p.page.Heading = "Before that is saved"
	if wrong != nil {
		return s.again(w, r, wrong, templates.PlanPreviewed(p.page, v))
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.send(w, r, http.StatusOK, templates.PlanPreviewed(p.page, v))
}

// found are what stands in the way of something planned.
type found struct {
	zone   string           // in which it is planned
	taken  []hackfest.Clash // what else has the channel
	chairs []hackfest.Clash // where a chair is busy
}

// clashes finds what stands in the way within a year.
func (s *Server) clashes(r *http.Request, want hackfest.Wanted) (found, error) {
	list, err := s.Store.Clashes(r.Context(), viewerOf(r), want, s.Now().UTC())
	f := found{zone: want.Timing.Zone}
	for _, c := range list {
		if c.Chair != "" {
			f.chairs = append(f.chairs, c)
		} else {
			f.taken = append(f.taken, c)
		}
	}
	return f, err
}

// clashesShown is how many dates that collide are listed.
const clashesShown = 60

// clashRows are conflicts in words.
func (s *Server) clashRows(c ui.Clock, f found) (*templates.PlanClashes, []string) {
	zone := f.zone
	if zone == "" {
		zone = s.community()
	}
	var rows *templates.PlanClashes
	if len(f.taken) > 0 {
		first := c.In(f.taken[0].StartsAt, zone)
		rows = &templates.PlanClashes{Said: "It collides on " + counted(len(f.taken), "date", "dates") + ", first " + first.Format("Mon 2 Jan 2006") + "."}
		for _, x := range f.taken[:min(len(f.taken), clashesShown)] {
			row := templates.PlanClash{When: c.Span(x.With.StartsAt, x.With.EndsAt, zone), Title: x.With.Title}
			if x.With.Slug != "" {
				row.Href = templates.SessionURL(x.With.Slug)
			}
			rows.Rows = append(rows.Rows, row)
		}
		if rest := f.taken[len(rows.Rows):]; len(rest) > 0 {
			last := c.In(rest[len(rest)-1].StartsAt, zone)
			rows.More = "And on " + strconv.Itoa(len(rest)) + " more, the last " + last.Format("Mon 2 Jan 2006") + ". Looked at: the next 52 weeks."
		}
	}
	return rows, chairWords(c, f.chairs, zone)
}

// chairWords says which chairs would be in two places.
func chairWords(c ui.Clock, list []hackfest.Clash, zone string) []string {
	var words []string
	var names []string
	for _, x := range list {
		if !slices.Contains(names, x.Chair) {
			names = append(names, x.Chair)
		}
	}
	for _, name := range names {
		n, first := 0, hackfest.Clash{}
		for _, x := range list {
			if x.Chair == name {
				if n == 0 {
					first = x
				}
				n++
			}
		}
		what := "something else"
		if first.With.Title != "" {
			what = ui.Visible(first.With.Title)
		}
		words = append(words, ui.Visible(name)+" chairs "+what+" at the same time, on "+counted(n, "date", "dates")+", first "+c.In(first.StartsAt, zone).Format("Mon 2 Jan 2006")+". That is only a warning.")
	}
	return words
}

// planChoices are the channels and targets that the forms offer.
func (s *Server) planChoices(r *http.Request) (channels, targets []ui.Choice, err error) {
	list, err := s.Store.Channels(r.Context(), viewerOf(r))
	if err != nil {
		return nil, nil, err
	}
	for _, c := range list {
		channels = append(channels, ui.Choice{Value: c.Network + "/" + c.Path, Text: channelLabel(list, c)})
	}
	all, err := s.Store.Targets(r.Context())
	targets = []ui.Choice{{Value: "", Text: "None"}}
	for _, t := range all {
		targets = append(targets, ui.Choice{Value: t.Slug, Text: t.Name})
	}
	return channels, targets, err
}

// typedChannel finds the channel that a form names.
func (s *Server) typedChannel(r *http.Request, form url.Values) (hackfest.ChannelInfo, error) {
	list, err := s.Store.Channels(r.Context(), viewerOf(r))
	if err != nil {
		return hackfest.ChannelInfo{}, err
	}
	c, ok := channelNamed(list, form.Get("channel"))
	if !ok {
		return c, fault.On("channel", "Choose a channel from the list.")
	}
	return c, nil
}

// soonWords warns that calendars do not learn in time of what starts within a day; "" when they do.
func soonWords(c ui.Clock, starts time.Time) string {
	if in := c.Until(starts); in != "" {
		return "It starts " + in + ": most calendars will not have caught up by then. Say it in the channel too."
	}
	return ""
}
