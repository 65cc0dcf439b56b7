package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
)

// spec is the document as a program reads it.
type spec struct {
	OpenAPI string
	Servers []struct{ URL string }
	Paths   map[string]map[string]struct {
		OperationID string
		Parameters  []struct {
			Name, In string
			Required bool
			Schema   map[string]any
		}
		Responses map[string]struct {
			Description string
			Headers     map[string]map[string]any
			Content     map[string]struct{ Schema map[string]any }
		}
	}
	Components struct {
		Schemas map[string]map[string]any
	}
}

func readSpec(t *testing.T, s *Server) spec {
	t.Helper()
	w := ask(t, s, request{path: "/api/openapi.json"})
	var d spec
	must(t, json.Unmarshal(w.Body.Bytes(), &d))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || !strings.HasPrefix(d.OpenAPI, "3.1.") {
		t.Fatalf("%d %s, OpenAPI %q", w.Code, w.Header().Get("Content-Type"), d.OpenAPI)
	}
	return d
}

// check lists where v is not as schema says. It knows of JSON Schema what the
// document uses, and objects to anything else in it.
func (d spec) check(at string, schema map[string]any, v any) []string {
	var wrong []string
	bad := func(format string, args ...any) { wrong = append(wrong, at+": "+fmt.Sprintf(format, args...)) }
	for key, is := range schema {
		switch key {
		case "$ref":
			name := strings.TrimPrefix(is.(string), "#/components/schemas/")
			if d.Components.Schemas[name] == nil {
				bad("there is no schema %s", name)
				continue
			}
			wrong = append(wrong, d.check(at, d.Components.Schemas[name], v)...)
		case "type":
			if got := typeOf(v); got != is && !(got == "integer" && is == "number") {
				bad("is %s, not %v", got, is)
			}
		case "enum":
			if !slices.Contains(is.([]any), v) {
				bad("%v is none of %v", v, is)
			}
		case "const":
			if v != is {
				bad("%v is not %q", v, is)
			}
		case "pattern":
			if text, _ := v.(string); !regexp.MustCompile(is.(string)).MatchString(text) {
				bad("%v does not match %v", v, is)
			}
		case "format":
			if text, _ := v.(string); !formatted(is.(string), text) {
				bad("%v is no %v", v, is)
			}
		case "anyOf":
			if !slices.ContainsFunc(is.([]any), func(one any) bool { return len(d.check(at, one.(map[string]any), v)) == 0 }) {
				bad("%v is none of what it may be", v)
			}
		case "items":
			list, _ := v.([]any)
			for i, x := range list {
				wrong = append(wrong, d.check(fmt.Sprintf("%s[%d]", at, i), is.(map[string]any), x)...)
			}
		case "properties":
			fields, _ := v.(map[string]any)
			for name, x := range fields {
				if of, ok := is.(map[string]any)[name].(map[string]any); ok {
					wrong = append(wrong, d.check(at+"."+name, of, x)...)
				} else if schema["additionalProperties"] == false {
					bad("%s is not documented", name)
				}
			}
		case "required":
			fields, _ := v.(map[string]any)
			for _, name := range is.([]any) {
				if _, ok := fields[name.(string)]; !ok {
					bad("%v is missing", name)
				}
			}
		case "additionalProperties", "description", "minimum", "maximum", "default":
		default:
			bad("the test does not know %s", key)
		}
	}
	return wrong
}

func typeOf(v any) string {
	switch v := v.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "null"
}

func formatted(format, text string) bool {
	var err error
	switch format {
	case "date-time":
		_, err = time.Parse(time.RFC3339, text)
	case "date":
		_, err = time.Parse(time.DateOnly, text)
	case "uri":
		return strings.Contains(text, "://")
	}
	return err == nil
}

// Every GET of the document is called, with and without each parameter, and
// answers as the document says; so do its errors.
func TestOpenAPIIsTrue(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	d := readSpec(t, s.Server)
	if len(d.Servers) != 1 || d.Servers[0].URL != s.BaseURL+apiRoot {
		t.Errorf("servers: %v", d.Servers)
	}
	called := 0
	for path, methods := range d.Paths {
		get, ok := methods["get"]
		if !ok {
			continue
		}
		for header, is := range get.Responses["200"].Headers {
			if len(is) != 2 || is["schema"] == nil || is["description"] == nil {
				t.Errorf("%s: the header %s is %v", path, header, is)
			}
		}
		route := apiRoot + path
		for _, p := range examplesOf(t, route) {
			queries := []string{"", "?nothing=1"}
			for _, param := range get.Parameters {
				switch param.In {
				case "path":
					if !strings.Contains(path, "{"+param.Name+"}") || !param.Required {
						t.Errorf("%s: the parameter %s is not in its path, or not required", path, param.Name)
					}
				case "query":
					queries = append(queries, "?"+param.Name+"="+sampleValue(param.Schema))
				}
			}
			for _, q := range queries {
				if strings.HasPrefix(q, "?cursor=") {
					continue // opaque: see the lists
				}
				w := ask(t, s.Server, request{path: s.path(p) + q})
				checkAnswer(t, d, path+q, w.Code, w.Body.Bytes(), get.Responses["200"].Content["application/json"].Schema)
				called++
			}
			refused := ask(t, s.Server, request{path: s.path(p) + "?limit=0&cursor=none"})
			if slices.ContainsFunc(queries, func(q string) bool { return strings.HasPrefix(q, "?limit") }) {
				checkProblem(t, refused, http.StatusUnprocessableEntity, "")
				var body any
				must(t, json.Unmarshal(refused.Body.Bytes(), &body))
				for _, wrong := range d.check("problem", get.Responses["default"].Content["application/problem+json"].Schema, body) {
					t.Error(wrong)
				}
			}
		}
	}
	if called < 40 {
		t.Errorf("only %d calls: does the test still read the document?", called)
	}
}

// sampleValue is something that a parameter may be.
func sampleValue(schema map[string]any) string {
	if values, ok := schema["enum"].([]any); ok {
		return values[0].(string)
	}
	switch {
	case schema["type"] == "integer":
		return "2"
	case schema["anyOf"] != nil:
		return "2012-08-01"
	}
	return "x"
}

func checkAnswer(t *testing.T, d spec, what string, code int, body []byte, schema map[string]any) {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); code != http.StatusOK || err != nil || schema == nil {
		t.Errorf("%s: %d %v\n%.300s", what, code, err, body)
		return
	}
	for _, wrong := range d.check(what, schema, v) {
		t.Error(wrong)
	}
}

// What stands below /api/v1 is documented, and what is documented is there.
func TestEveryAPIRouteIsDocumented(t *testing.T) {
	t.Parallel()
	s := awayServer(t)
	documented := map[string]bool{}
	for path, methods := range readSpec(t, s).Paths {
		for method := range methods {
			documented[strings.ToUpper(method)+" "+apiRoot+path] = true
		}
	}
	routed := map[string]bool{}
	must(t, chi.Walk(router(t, s), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if strings.HasPrefix(route, apiRoot+"/") && method != http.MethodHead {
			routed[method+" "+route] = true
		}
		return nil
	}))
	if !maps.Equal(documented, routed) {
		t.Errorf("documented: %v\nrouted: %v", slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(routed)))
	}
	policy := map[string]any{}
	for _, r := range s.Inventory() {
		policy[r.Method+" "+r.Pattern] = r.Action
	}
	for _, o := range operations {
		if policy[o.method+" "+apiRoot+o.path] != o.does {
			t.Errorf("%s is documented as %q, and the route is %q", o.name, o.does, policy[o.method+" "+apiRoot+o.path])
		}
	}
}

// The page is made of the same table.
func TestAPIPage(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	body := page(t, s.Server, "/api")
	for _, o := range operations {
		contains(t, body, `id="`+o.name+`"`, o.method+" "+o.path)
	}
	contains(t, body, `href="/api/openapi.json"`, "topics[].items[].owners", "RFC 3339, UTC, or empty")
}

// Lists that are read whole are paged like the others: each item once, however
// long a page is.
func TestAPIShortListsPage(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	for _, path := range []string{"/targets", "/series", "/channels", "/lessons"} {
		whole, next := listed(t, s.Server, apiRoot+path+"?limit=200")
		if next != "" || len(whole) < 2 {
			t.Errorf("%s: %d items, more at %q", path, len(whole), next)
		}
		var got []map[string]any
		for next = apiRoot + path + "?limit=1"; next != ""; {
			var list []map[string]any
			if list, next = listed(t, s.Server, next); len(list) != 1 {
				t.Fatalf("%s: %d items on a page of one", path, len(list))
			}
			got = append(got, list[0])
		}
		if !reflect.DeepEqual(got, whole) {
			t.Errorf("%s: one by one %v, at once %v", path, got, whole)
		}
	}
}
