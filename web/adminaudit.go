package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// adminMost is how many rows a page of the administration lists.
const adminMost = 100

// showAudit answers GET /admin/audit, newest first; person and action restrict
// the list.
func (s *Server) showAudit(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f, err := s.adminFrame(r, "Audit")
	if err != nil {
		return err
	}
	p := templates.AdminAuditPage{Frame: f, Person: strings.TrimSpace(q.Get("person")), Action: q.Get("action")}
	if p.Actions, err = s.Store.AuditActions(r.Context()); err != nil {
		return err
	}
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64) // nonsense begins with the newest
	list, err := s.Store.AuditEntries(r.Context(), store.AuditFilter{Person: p.Person, Action: p.Action, Before: before, Limit: adminMost + 1})
	if err != nil {
		return err
	}
	if len(list) > adminMost {
		list = list[:adminMost]
		p.Older = "/admin/audit?" + with(q, "before", strconv.FormatInt(list[adminMost-1].ID, 10))
	}
	for _, e := range list {
		p.Entries = append(p.Entries, s.auditRow(f.Clock, e))
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.AdminAudit(p))
}

// ways say by which way something was done.
var ways = map[person.Via]string{
	person.ViaWeb: "web", person.ViaAPI: "API", person.ViaCLI: "command line", person.ViaIRC: "IRC", person.ViaPortal: "the portal itself",
}

func (s *Server) auditRow(c ui.Clock, e person.AuditEntry) templates.AuditRow {
	row := templates.AuditRow{
		At: c.Gutter(e.At, s.community()), Who: ui.Visible(cmp.Or(e.Actor, "the portal")), Via: ways[e.Via], Action: ui.Visible(e.Action), Object: ui.Visible(e.Object),
		Refused: e.Refused, Changes: auditChanges(e.Before, e.After), Address: e.Address,
	}
	if e.PersonID != 0 {
		row.Href = auditOf(e.Actor)
	}
	return row
}

// auditOf lists what one person did.
func auditOf(name string) string { return "/admin/audit?" + url.Values{"person": {name}}.Encode() }

// auditChanges compares what there was with what there is, by name.
func auditChanges(before, after json.RawMessage) []templates.AuditChange {
	was, is := jsonFields(before), jsonFields(after)
	names := slices.Collect(maps.Keys(was))
	for name := range is {
		if _, ok := was[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var list []templates.AuditChange
	for _, name := range names {
		if was[name] != is[name] {
			list = append(list, templates.AuditChange{Name: ui.Visible(name), Before: ui.Visible(was[name]), After: ui.Visible(is[name])})
		}
	}
	return list
}

// jsonFields are the fields of an object in words; of what is none, one field.
func jsonFields(text json.RawMessage) map[string]string {
	fields := map[string]string{}
	var values map[string]any
	switch {
	case len(text) == 0 || string(text) == "null":
	case json.Unmarshal(text, &values) != nil:
		fields["it"] = string(text)
	}
	for name, v := range values {
		switch v := v.(type) {
		case nil:
			fields[name] = ""
		case string:
			fields[name] = v
		case bool:
			fields[name] = map[bool]string{true: "yes", false: "no"}[v]
		case float64:
			fields[name] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			one, err := json.Marshal(v)
			fields[name] = string(one)
			if err != nil {
				fields[name] = fmt.Sprint(v)
			}
		}
	}
	return fields
}
