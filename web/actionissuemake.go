package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// askIssues answers POST /meetings/{meeting}/issues: what is ticked is shown as it
// will be; made of that is only what is confirmed there, by do.
func (s *Server) askIssues(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	if to, known := s.carriedOut(r); known && form.Get("do") == "make" { // sent twice
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	d, err := s.issuingOf(r)
	if err != nil {
		return err
	}
	asked, err := s.askedIssues(d, form, actorOf(r))
	switch do := form.Get("do"); {
	case err == nil && do == "make" && wereShown(asked, form):
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) { return s.makeIssues(ctx, tx, r, d, asked) })
	case err == nil && do == "make":
		return s.confirmIssues(w, r, d, asked, form, errNotShown)
	case err == nil && do != "edit":
		return s.confirmIssues(w, r, d, asked, form, nil)
	}
	if err != nil && !mendable(err) || err == nil && form.Get("do") == "make" {
		return err
	}
	p, failed := s.issuesPage(r, d, typed("", form, err))
	if failed != nil {
		return failed
	}
	if err == nil { // it is changed once more
		w.Header().Set("Cache-Control", "no-store")
		return s.show(w, r, templates.ActionIssues(p))
	}
	return s.again(w, r, err, templates.ActionIssues(p))
}

// askedIssues are the issues that a form asks for, as they will be.
func (s *Server) askedIssues(d issuing, form url.Values, by person.Actor) ([]hackfest.ActionIssue, error) {
	var asked []hackfest.ActionIssue
	var wrong []error
	if d.lacks(form) {
		wrong = append(wrong, fault.New(fault.Conflict, "An action that you ticked is not open any more: somebody settled it, took it back or removed it. Look at the others again."))
	}
	for _, a := range d.actions {
		id := a.ID.String()
		if form.Get(fieldMake+id) == "" {
			continue
		}
		if !d.may(a.ID) {
			wrong = append(wrong, fault.New(fault.Conflict, "“%s” is an issue already, or is becoming one.", ui.Visible(a.Text)))
			continue
		}
		x := hackfest.ActionIssue{
			Action: a.ID, Title: hackfest.IssueLine(form.Get(fieldTitle + id)), Label: hackfest.IssueLine(form.Get(fieldLabel + id)),
			Assignee: strings.TrimPrefix(strings.TrimSpace(form.Get(fieldAssignee+id)), "@"), State: hackfest.IssueOffered, PersonID: by.ID,
		}
		if s.GitHub.Token != "" {
			x.State = hackfest.IssuePending
		}
		i := slices.IndexFunc(d.repositories, func(p hackfest.Repository) bool { return p.Name == form.Get(fieldRepository+id) })
		if i < 0 {
			wrong = append(wrong, fault.On(fieldRepository+id, "Choose one of the session’s repositories."))
			continue
		}
		x.RepositoryID, x.Repo, x.Private = d.repositories[i].ID, d.repositories[i].Name, d.repositories[i].Private
		for _, e := range hackfest.CheckActionIssue(x) {
			e.Field += "." + id
			wrong = append(wrong, e)
		}
		day := d.meeting.StartedAt.In(s.locate(d.meeting.SessionZone)).Format("2 January 2006")
		x.Body = hackfest.IssueBody(a, x.Title, meetingTitle(d.meeting), day, s.BaseURL+"/meetings/"+d.meeting.Ref.String(), s.BaseURL+templates.LineURL(a.ID.Ref))
		asked = append(asked, x)
	}
	if len(asked)+len(wrong) == 0 {
		return nil, fault.On("", "Tick at least one action.")
	}
	return asked, errors.Join(wrong...)
}

// lacks reports whether a form ticks an action that is not open any more.
func (d issuing) lacks(form url.Values) bool {
	for name := range form {
		id, ok := strings.CutPrefix(name, fieldMake)
		if ok && form.Get(name) != "" && !slices.ContainsFunc(d.actions, func(a hackfest.Action) bool { return a.ID.String() == id }) {
			return true
		}
	}
	return false
}

// errNotShown answers who confirms something else than they were shown.
var errNotShown = fault.New(fault.Conflict, "Somebody changed what was to be made since it was shown. This is how it would be now; nothing is made yet.")

// wereShown reports whether all that is asked for is what the page showed on which
// a form was confirmed.
func wereShown(asked []hackfest.ActionIssue, form url.Values) bool {
	return !slices.ContainsFunc(asked, func(x hackfest.ActionIssue) bool { return form.Get(fieldShown+x.Action.String()) != shownSum(x) })
}

// shownSum sums up what is shown of an issue before it is made.
func shownSum(x hackfest.ActionIssue) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q %v", x.Repo, x.Title, x.Body, x.Label, x.Assignee, x.Private))
	return hex.EncodeToString(sum[:16])
}

// confirmIssues shows what will be made; wrong is why it is shown again.
func (s *Server) confirmIssues(w http.ResponseWriter, r *http.Request, d issuing, asked []hackfest.ActionIssue, form url.Values, wrong error) error {
	p, err := s.confirmIssuesPage(r, d, asked, typed("", form, wrong))
	switch {
	case err != nil:
		return err
	case wrong != nil:
		return s.again(w, r, wrong, templates.ConfirmIssues(p))
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.ConfirmIssues(p))
}

// confirmIssuesPage shows exactly what will be made, and where.
func (s *Server) confirmIssuesPage(r *http.Request, d issuing, asked []hackfest.ActionIssue, form ui.Form) (templates.ConfirmIssuesPage, error) {
	f, err := s.frame(r, "Confirm issues: "+meetingTitle(d.meeting))
	if err != nil {
		return templates.ConfirmIssuesPage{}, err
	}
	f.NoIndex, f.Section = true, "/minutes"
	p := templates.ConfirmIssuesPage{
		Frame: f, Name: meetingTitle(d.meeting), Back: actionIssuesURL(d.meeting.Ref), Form: form, Token: s.GitHub.Token != "", Hidden: url.Values{},
	}
	for _, x := range asked {
		id := x.Action.String()
		p.Issues = append(p.Issues, templates.IssuePreview{
			Repo: x.Repo, Href: s.gitHubWeb() + "/" + x.Repo, Private: x.Private, Title: ui.Visible(x.Title), Body: visibleLines(x.Body),
			Label: ui.Visible(x.Label), Assignee: x.Assignee,
		})
		for name, value := range map[string]string{
			fieldMake: "on", fieldTitle: x.Title, fieldRepository: x.Repo, fieldLabel: x.Label, fieldAssignee: x.Assignee, fieldShown: shownSum(x),
		} {
			p.Hidden.Set(name+id, value)
		}
	}
	return p, nil
}

// visibleLines is text of several lines, with what nobody sees made visible.
func visibleLines(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = ui.Visible(lines[i])
	}
	return strings.Join(lines, "\n")
}

// makeIssues keeps what was confirmed, and has it made.
func (s *Server) makeIssues(ctx context.Context, tx *store.Store, r *http.Request, d issuing, asked []hackfest.ActionIssue) (done, error) {
	for _, x := range asked {
		x.Mark = newMark()
		if err := tx.ConfirmIssue(ctx, d.meeting.Ref, x, s.Now().UTC()); err != nil {
			return done{}, err
		}
		after := map[string]any{"repository": x.Repo, "made": x.State == hackfest.IssuePending} // no words: they may be removed
		if err := s.audit(ctx, tx, r, string(person.MakeIssue), actionURL(x.Action), nil, after); err != nil {
			return done{}, err
		}
	}
	if s.GitHub.Token == "" {
		return done{To: actionIssuesURL(d.meeting.Ref), Said: "Follow the links below to open them on GitHub."}, nil
	}
	said := counted(len(asked), "issue is being made.", "issues are being made.")
	return done{To: actionIssuesURL(d.meeting.Ref), Said: said}, tx.HaveIssuesMade(ctx, riverClock{s.Now})
}

// newMark draws what an issue is found again by.
func newMark() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// withdrawIssue answers POST /meetings/{meeting}/issues/{action}/withdraw: no issue
// is made of the action, or one that nobody can find is not looked for any more.
func (s *Server) withdrawIssue(w http.ResponseWriter, r *http.Request) error {
	if _, err := formOf(r); err != nil {
		return err
	}
	m, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	var id hackfest.ItemID
	if err := id.UnmarshalText([]byte(chi.URLParam(r, "action"))); err != nil {
		return fault.New(fault.NotFound, "There is no such action.")
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		now := s.Now().UTC()
		forgotten, err := tx.WithdrawIssue(ctx, m.Ref, id, now.Add(-hackfest.IssueSure), now)
		if err != nil {
			return done{}, err
		}
		if !forgotten {
			return done{To: actionIssuesURL(m.Ref), Said: "It is not looked for any more."}, s.audit(ctx, tx, r, "stop looking for issue", actionURL(id), nil, nil)
		}
		return done{To: actionIssuesURL(m.Ref), Said: "No issue is made of it."}, s.audit(ctx, tx, r, "withdraw issue", actionURL(id), nil, nil)
	})
}
