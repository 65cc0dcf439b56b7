package web

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/eucalyptus/hackfest/internal/person"
)

// document is an OpenAPI 3.1 document, as far as the API needs one.
type document struct {
	OpenAPI    string                                `json:"openapi"`
	Info       documentInfo                          `json:"info"`
	Servers    []documentServer                      `json:"servers"`
	Paths      map[string]map[string]documentedThing `json:"paths"`
	Components components                            `json:"components"`
}

type documentInfo struct {
	Title       string `json:"title"`
	Version     string `json:"version"` // of the API
	Description string `json:"description"`
}

type documentServer struct {
	URL string `json:"url"`
}

type components struct {
	Schemas         schemas                      `json:"schemas"`
	SecuritySchemes map[string]map[string]string `json:"securitySchemes"`
}

// documentedThing is an operation in the document.
type documentedThing struct {
	ID          string                        `json:"operationId"`
	Summary     string                        `json:"summary"`
	Description string                        `json:"description,omitempty"`
	Parameters  []documentedParam             `json:"parameters,omitempty"`
	RequestBody *documentedContent            `json:"requestBody,omitempty"`
	Responses   map[string]*documentedContent `json:"responses"`
	Security    []map[string][]string         `json:"security"`
}

type documentedParam struct {
	Name        string  `json:"name,omitempty"` // of a parameter; a header of an answer is named by its key
	In          string  `json:"in,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Description string  `json:"description,omitempty"`
	Schema      *schema `json:"schema"`
}

// documentedContent is a body that is sent or answered.
type documentedContent struct {
	Description string                     `json:"description,omitempty"`
	Required    bool                       `json:"required,omitempty"`
	Headers     map[string]documentedParam `json:"headers,omitempty"`
	Content     map[string]documentedMedia `json:"content,omitempty"`
}

type documentedMedia struct {
	Schema *schema `json:"schema"`
}

// apiVersion is the version of the API. What a program could stumble over gets a
// new first number, and a new path.
const apiVersion = "1.0.0"

// openapi is the document of all operations.
func (s *Server) openapi() document {
	made := schemas{}
	d := document{
		OpenAPI: "3.1.1",
		Info: documentInfo{
			Title: s.bareName() + " hackfest", Version: apiVersion,
			Description: "What the portal of " + s.bareName() + " knows. In words: " + s.BaseURL + "/api",
		},
		Servers: []documentServer{{s.BaseURL + apiRoot}},
		Paths:   map[string]map[string]documentedThing{},
		Components: components{Schemas: made, SecuritySchemes: map[string]map[string]string{
			"token": {"type": "http", "scheme": "bearer", "description": "Made under " + s.BaseURL + "/settings. Its scopes limit what it is good for."},
		}},
	}
	failure := made.of(reflect.TypeFor[problem]())
	for _, o := range operations {
		if d.Paths[o.path] == nil {
			d.Paths[o.path] = map[string]documentedThing{}
		}
		d.Paths[o.path][strings.ToLower(o.method)] = o.document(made, failure)
	}
	return d
}

// bareName is the community's name; something to say when it has none.
func (s *Server) bareName() string {
	if s.Community == "" {
		return "Hackfest"
	}
	return s.Community
}

// document is o in the document; what its bodies need is added to made.
func (o operation) document(made schemas, failure *schema) documentedThing {
	t := documentedThing{
		ID: o.name, Summary: o.summary, Description: o.about,
		Responses: map[string]*documentedContent{
			"200":     {Description: "What was asked for", Content: media("application/json", o.answerSchema(made))},
			"default": {Description: "Why not", Content: media("application/problem+json", failure)},
		},
		Security: []map[string][]string{},
	}
	if o.list {
		t.Responses["200"].Headers = map[string]documentedParam{}
		t.Responses["200"].Headers["Link"] = documentedParam{
			Description: `the next page, rel="next" (RFC 8288); absent on the last one`, Schema: anyText,
		}
	}
	rule, _ := person.RuleOf(o.does)
	if rule.Least == person.Anonymous {
		t.Security = append(t.Security, map[string][]string{}) // without a token as well
	}
	t.Security = append(t.Security, map[string][]string{"token": {string(rule.Scope)}})
	if rule.Also != "" {
		t.Security = append(t.Security, map[string][]string{"token": {string(rule.Also)}})
	}
	for _, p := range o.parameters() {
		t.Parameters = append(t.Parameters, documentedParam{p.name, p.in(), p.inPath || p.required, p.about, p.is})
	}
	if o.body != nil {
		t.RequestBody = &documentedContent{Required: true, Content: media("application/json", made.of(reflect.TypeOf(o.body)))}
	}
	return t
}

func media(typ string, s *schema) map[string]documentedMedia {
	return map[string]documentedMedia{typ: {s}}
}

// answerSchema is the schema of what o answers.
func (o operation) answerSchema(made schemas) *schema {
	one := made.of(reflect.TypeOf(o.answer))
	if !o.list && !o.whole {
		return one
	}
	closed := false
	return &schema{
		Type: "object", Closed: &closed, Required: []string{"items"},
		Properties: properties{{"items", &schema{Type: "array", Items: one}}},
	}
}

// parameters are those of o, with what all lists and all changes have.
func (o operation) parameters() []parameter {
	list := o.params[:len(o.params):len(o.params)]
	if o.list {
		least, most := 1, apiHighest
		list = append(list,
			parameter{name: "limit", about: "how many at most", is: &schema{Type: "integer", Minimum: &least, Maximum: &most, Default: apiLimit}},
			parameter{name: "cursor", about: "where to go on; from the link to the next page", is: anyText})
	}
	if o.method != http.MethodGet {
		list = append(list, parameter{
			name: idempotencyKey, header: true, required: !o.state, is: anyText,
			about: "a name of your own for this change, as in a random UUID: sent again, it is answered and not carried out twice",
		})
	}
	return list
}

// in is where the parameter stands.
func (p parameter) in() string {
	switch {
	case p.inPath:
		return "path"
	case p.header:
		return "header"
	}
	return "query"
}
