package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// checkKindWords say what each kind of check looks at, and which fields it needs.
var checkKindWords = map[hackfest.CheckKind]string{
	hackfest.CheckCPU:       "Nurse: the processor can virtualise (name: one flag)",
	hackfest.CheckMemory:    "Nurse: memory (at least)",
	hackfest.CheckDisk:      "Nurse: free disk (at least; path)",
	hackfest.CheckOS:        "Nurse: the system (name, version)",
	hackfest.CheckArch:      "Nurse: the architecture (name)",
	hackfest.CheckModule:    "Nurse: a kernel module (name)",
	hackfest.CheckPackage:   "Nurse: a package (name, version)",
	hackfest.CheckCommand:   "Nurse: a command (name, version)",
	hackfest.CheckService:   "Nurse: a service (name, state)",
	hackfest.CheckPort:      "Nurse: a port (port; host, else that nobody listens on it here)",
	hackfest.CheckDNS:       "Nurse: a name in the DNS (host; value)",
	hackfest.CheckHTTP:      "Nurse: an address on the web (address; status)",
	hackfest.CheckInterface: "Nurse: a network interface (name)",
	hackfest.CheckClock:     "Nurse: the clock (at least: seconds; host)",
	hackfest.CheckFile:      "Nurse: a file (path; value)",
	hackfest.CheckEnv:       "Nurse: an environment variable (name; value)",
}

// severityWords say how bad it is when a check fails.
var severityWords = map[hackfest.Severity]string{
	hackfest.Aspirin: "aspirin: a warning",
	hackfest.Splint:  "splint: has to be mended first",
	hackfest.Dead:    "dead on arrival: no use to go on",
}

// checkWords says in a few words what c looks at.
func checkWords(c hackfest.Check) string {
	words := []string{string(c.Kind), c.Name, c.Version, c.State, c.Path, c.Host}
	if c.Port != 0 {
		words = append(words, strconv.Itoa(c.Port))
	}
	words = append(words, c.URL)
	if c.Least != 0 {
		words = append(words, strconv.FormatInt(c.Least, 10))
	}
	return strings.Join(strings.Fields(strings.Join(append(words, c.Value), " ")), " ")
}

// checkFields are the fields of an item that says what e has.
func checkFields(form ui.Form, e hackfest.CheckEdit) templates.CheckFields {
	f := templates.CheckFields{Form: form, Text: e.Text, Advice: e.Advice, Mandatory: e.Mandatory, Values: map[string]string{"severity": string(hackfest.Splint)}}
	f.Kinds = []ui.Choice{{Text: "People, by hand"}}
	for _, k := range hackfest.CheckKinds {
		f.Kinds = append(f.Kinds, ui.Choice{Value: string(k), Text: checkKindWords[k]})
	}
	for _, x := range hackfest.Severities {
		f.Severities = append(f.Severities, ui.Choice{Value: string(x), Text: severityWords[x]})
	}
	c := e.Check
	if c == nil {
		return f
	}
	f.Kind, f.Open = string(c.Kind), true
	f.Values = map[string]string{
		"severity": string(c.Severity), "name": c.Name, "version": c.Version, "path": c.Path, "host": c.Host, "url": c.URL, "service": c.State, "value": c.Value,
	}
	for name, n := range map[string]int64{"least": c.Least, "port": int64(c.Port), "status": int64(c.Status)} {
		if n != 0 {
			f.Values[name] = strconv.FormatInt(n, 10)
		}
	}
	return f
}

// checkEditOf reads the fields of an item. All that is wrong with them is in the
// error.
func checkEditOf(form url.Values) (hackfest.CheckEdit, error) {
	e := hackfest.CheckEdit{Text: form.Get("text"), Advice: form.Get("advice"), Mandatory: form.Get("mandatory") != ""}
	var wrong []error
	number := func(name string) int64 {
		text := strings.TrimSpace(form.Get(name))
		if text == "" {
			return 0
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > 1<<40 {
			wrong = append(wrong, fault.On(name, "This is a whole number, or nothing."))
		}
		return n
	}
	if kind := form.Get("kind"); kind != "" {
		word := func(name string) string { return strings.TrimSpace(form.Get(name)) }
		e.Check = &hackfest.Check{
			Key: word("key"), Kind: hackfest.CheckKind(kind), Severity: hackfest.Severity(form.Get("severity")), Name: word("name"), Version: word("version"),
			State: word("service"), Path: word("path"), Host: word("host"), URL: word("url"), Value: word("value"),
			Least: number("least"), Port: int(number("port")), Status: int(number("status")),
		}
	}
	if len(wrong) > 0 {
		return e, errors.Join(wrong...)
	}
	e, err := e.Tidy()
	for _, x := range fault.All(err) {
		if x.Field == "state" {
			x.Field = "service"
		}
	}
	return e, err
}

// editCheckItem answers GET /checklists/{checklist}/{check}.
func (s *Server) editCheckItem(w http.ResponseWriter, r *http.Request) error {
	i, err := s.checkItem(r)
	if err != nil {
		return err
	}
	p, err := s.checkEditPage(r, i, newForm("check"))
	if err != nil {
		return err
	}
	return s.show(w, r, templates.CheckEdit(p))
}

func (s *Server) checkEditPage(r *http.Request, i hackfest.CheckItem, form ui.Form) (templates.CheckEditPage, error) {
	f, err := s.frame(r, "Change an item: "+i.Text)
	if err != nil {
		return templates.CheckEditPage{}, err
	}
	f.NoIndex = true
	p := templates.CheckEditPage{
		Frame: f, List: templates.LogLink{Href: templates.ChecklistURL(i.ListPath), Text: orAll(i.ListTitle)}, Path: checkURL(i), Revision: i.Revision,
		Fields: checkFields(form, hackfest.CheckEdit{Text: i.Text, Advice: i.Advice, Mandatory: i.Mandatory, Check: i.Check}),
	}
	return p, nil
}

// changeCheckItem answers POST /checklists/{checklist}/{check}: the item is saved,
// moved, retired, or kept although nobody used it lately.
func (s *Server) changeCheckItem(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	i, err := s.checkItem(r)
	if err != nil {
		return err
	}
	if form.Get("do") != "save" {
		return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			return s.settleCheck(ctx, tx, r, i, form.Get("do"))
		})
	}
	e, err := checkEditOf(form)
	if err == nil {
		if e.Check != nil && i.Check != nil {
			e.Check.Key = i.Check.Key // by which programs know it
		}
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			revision, err := neededRevision(form)
			if err != nil {
				return done{}, err
			}
			id, err := tx.EditCheckItem(ctx, i.ID, e, revision, s.Now().UTC())
			if err != nil {
				return done{}, err
			}
			return s.checkDone(ctx, tx, r, "edit check", i.ListPath, id, "It is saved: "+e.Text)
		})
	}
	if err == nil || !mendable(err) {
		return err
	}
	back := typed("check", form, err)
	if fault.KindOf(err) == fault.Conflict {
		back.Theirs = url.Values{"text": {i.Text}, "advice": {i.Advice}}
	}
	p, failed := s.checkEditPage(r, i, back)
	if failed != nil {
		return failed
	}
	return s.again(w, r, err, templates.CheckEdit(p))
}

// settleCheck moves item i, retires it, or keeps it.
func (s *Server) settleCheck(ctx context.Context, tx *store.Store, r *http.Request, i hackfest.CheckItem, do string) (done, error) {
	now, back := s.Now().UTC(), done{To: templates.ChecklistURL(i.ListPath) + "/edit#c-" + strconv.FormatInt(int64(i.ID), 10)}
	switch do {
	case "up", "down":
		return back, tx.MoveCheckItem(ctx, i.ID, do == "up", now)
	case "retire":
		if err := tx.RetireCheckItem(ctx, i.ID, now); err != nil {
			return done{}, err
		}
		d, err := s.checkDone(ctx, tx, r, "retire check", i.ListPath, i.ID, "Retired: "+i.Text)
		d.Undo = checkURL(i) + "/reuse"
		return d, err
	case "keep":
		back.Said = "It stays: " + i.Text
		return back, tx.KeepCheckItem(ctx, i.ID, now)
	}
	return done{}, fault.On("do", "An item can be saved, moved up or down, kept or retired.")
}

// retireCheckItem answers POST /checklists/{checklist}/{check}/retire, by which
// what was made a check is taken back.
func (s *Server) retireCheckItem(w http.ResponseWriter, r *http.Request) error {
	if _, err := formOf(r); err != nil {
		return err
	}
	i, err := s.checkItem(r)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		return s.settleCheck(ctx, tx, r, i, "retire")
	})
}

// reuseCheckItem answers POST /checklists/{checklist}/{check}/reuse: a retired
// item is used again.
func (s *Server) reuseCheckItem(w http.ResponseWriter, r *http.Request) error {
	if _, err := formOf(r); err != nil {
		return err
	}
	i, err := s.checkItem(r)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		id, err := tx.ReuseCheckItem(ctx, i.ID, s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		return s.checkDone(ctx, tx, r, "use check again", i.ListPath, id, "It is used again: "+i.Text)
	})
}
