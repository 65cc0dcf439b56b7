package web

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
)

// sendOpenAPI answers GET /api/openapi.json.
func (s *Server) sendOpenAPI(w http.ResponseWriter, r *http.Request) error {
	return s.sendJSON(w, r, s.openapi())
}

// showAPI answers GET /api: the same in words.
func (s *Server) showAPI(w http.ResponseWriter, r *http.Request) error {
	f, err := s.frame(r, "API")
	if err != nil {
		return err
	}
	f.Description = "How programs read what the portal of " + f.Community + " knows, and what they may change."
	p := templates.APIPage{Frame: f, Root: s.BaseURL + apiRoot, Limit: apiLimit, Highest: apiHighest, Example: s.BaseURL + apiRoot + "/sessions?kind=hackfest&limit=3"}
	for _, o := range operations {
		p.Operations = append(p.Operations, o.page())
	}
	for _, x := range scopeWords {
		p.Scopes = append(p.Scopes, templates.APIScope{Name: string(x.scope), Text: x.text})
	}
	return s.show(w, r, templates.API(p))
}

// scopeWords say what each scope is good for.
var scopeWords = []struct {
	scope person.Scope
	text  string
}{
	{person.ScopeRead, "read what you may read"},
	{person.ScopeChair, "do what chairs and those who take part do, where you may"},
	{person.ScopeMaintain, "do what maintainers do, if you are one"},
	{person.ScopePreflight, "post results of preflight checks"},
}

// page is o as the page shows it.
func (o operation) page() templates.APIOperation {
	rule, _ := person.RuleOf(o.does)
	x := templates.APIOperation{ID: o.name, Method: o.method, Path: o.path, Summary: o.summary, About: o.about, List: o.list || o.whole}
	if rule.Least != person.Anonymous {
		x.Scope = string(rule.Scope)
		if rule.Also != "" {
			x.Scope += " or " + string(rule.Also)
		}
	}
	for _, p := range o.parameters() {
		x.Params = append(x.Params, templates.APIField{Name: p.name, In: p.in(), About: p.about, Type: p.is.words()})
	}
	if o.body != nil {
		x.Body = apiFields(reflect.TypeOf(o.body))
	}
	x.Answer = apiFields(reflect.TypeOf(o.answer))
	return x
}

// apiFields are the fields of a body, those of what it contains indented below
// it.
func apiFields(t reflect.Type) []templates.APIField {
	made := schemas{}
	made.of(t)
	var list []templates.APIField
	var add func(name, before string, seen []string)
	add = func(name, before string, seen []string) {
		for _, f := range made[name].Properties {
			of := f.is
			path := before + f.name
			if of.Type == "array" {
				path, of = path+"[]", of.Items
			}
			list = append(list, templates.APIField{Name: path, Type: f.is.words(), About: f.is.Description})
			if inner := of.words(); of.Ref != "" && !slices.Contains(seen, inner) {
				list[len(list)-1].Type = strings.TrimSuffix(f.is.words(), inner) + "object"
				if f.is.Type == "array" {
					list[len(list)-1].Type = "list of objects"
				}
				add(inner, path+".", append(seen, inner))
			}
		}
	}
	add(schemaName(t), "", []string{schemaName(t)})
	return list
}
