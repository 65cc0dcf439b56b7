package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// listed is one page of a list of the API, and the path of the next one.
func listed(t *testing.T, s *Server, path string) (list []map[string]any, next string) {
	t.Helper()
	w := ask(t, s, request{path: path})
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%s: %d %s\n%s", path, w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	var body struct{ Items []map[string]any }
	must(t, json.Unmarshal(w.Body.Bytes(), &body))
	if url, ok := strings.CutSuffix(w.Header().Get("Link"), `>; rel="next"`); ok {
		next = strings.TrimPrefix(url, "<"+s.BaseURL)
	}
	return body.Items, next
}

func TestAPILinesGivesEachOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	k := listen(t, s, plan(t, s, "AppScale", wednesday, nil))
	said := make([]hackfest.Line, 45)
	for i := range said {
		said[i] = hackfest.Line{Nick: "ann", Text: fmt.Sprint(i)}
	}
	refs := k.lines(said...)
	for _, order := range []string{"asc", "desc", ""} {
		var got []string
		for path := "/api/v1/channels/freenode/eucalyptus-devel/lines?limit=10&order=" + order; path != ""; {
			var list []map[string]any
			list, path = listed(t, s, path)
			for _, l := range list {
				got = append(got, l["id"].(string))
			}
			if order == "asc" && len(got) == 20 {
				refs = append(refs, k.say("bob", "while somebody reads"))
			}
		}
		if order != "asc" {
			slices.Reverse(got)
		}
		same(t, "order="+order, got, refs)
	}
	part, _ := listed(t, s, "/api/v1/channels/freenode/eucalyptus-devel/lines?order=asc&from=2012-08-22T16:50:10Z&to=2012-08-22T16:50:12Z")
	if len(part) != 2 || part[0]["text"] != "9" {
		t.Errorf("from and to give %v", part)
	}
}

func TestAPIShapes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday, nil)
	k := listen(t, s, x)
	start := k.opening()
	k.lines(hackfest.Line{Kind: hackfest.Nick, Nick: "okapi", Target: "okapi-tea"}, hackfest.Line{Kind: hackfest.Web, Nick: "tessv", Text: "#info by hand", Command: "c1"})
	sessions, _ := listed(t, s, "/api/v1/sessions?channel=%23Eucalyptus-Devel&kind=hackfest&from=2012-08-22")
	want := map[string]any{
		"slug": x.Slug, "title": "AppScale", "kind": "hackfest", "status": "live", "starts_at": "2012-08-22T16:50:00Z",
		"ends_at": "2012-08-22T18:50:00Z", "zone": pacific, "network": "freenode", "channel": devel, "series": "", "target": "",
		"url": s.BaseURL + "/sessions/" + x.Slug, "moved_from": "", "reason": "", "sequence": 0., "host": "",
	}
	if len(sessions) != 1 || !reflect.DeepEqual(sessions[0], want) {
		t.Errorf("sessions: %v\nwant %v", sessions, want)
	}
	var one map[string]any
	must(t, json.Unmarshal([]byte(page(t, s, "/api/v1/sessions/"+x.Slug)), &one))
	if !reflect.DeepEqual(one, want) {
		t.Errorf("session: %v", one)
	}
	lines, _ := listed(t, s, "/api/v1/channels/freenode/eucalyptus-devel/lines?limit=2")
	if lines[0]["kind"] != "message" || lines[0]["web"] != true || lines[1]["kind"] != "nick" || lines[1]["text"] != "okapi-tea" {
		t.Errorf("lines: %v", lines)
	}
	for _, key := range []string{"id", "at", "received_at", "nick", "account", "kind", "text", "redacted"} {
		if _, ok := lines[1][key]; !ok {
			t.Errorf("a line has no %s", key)
		}
	}
	for _, query := range []string{"", "?session=" + x.Slug, "?channel=freenode/eucalyptus-devel"} {
		meetings, _ := listed(t, s, "/api/v1/meetings"+query)
		if len(meetings) != 1 || meetings[0]["id"] != start.String() || meetings[0]["session"] != x.Slug || meetings[0]["ended_at"] != "" {
			t.Errorf("meetings%s: %v", query, meetings)
		}
	}
	if none, _ := listed(t, s, "/api/v1/meetings?channel=elsewhere/eucalyptus-devel"); len(none) != 0 {
		t.Errorf("meetings of another network: %v", none)
	}
	contains(t, page(t, s, "/api/v1/meetings/"+start.String()), `"schema": "hackfest.minutes/1"`, "images are named by id")
	channels, _ := listed(t, s, "/api/v1/channels")
	if len(channels) != 1 || channels[0]["path"] != "eucalyptus-devel" {
		t.Errorf("channels: %v", channels)
	}
}

func TestAPISessionsPages(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for i := range 7 {
		plan(t, s, fmt.Sprint("Session ", i), wednesday.Add(time.Duration(i/2)*time.Hour), nil) // pairs begin together
	}
	seen := map[string]bool{}
	for path := "/api/v1/sessions?limit=2"; path != ""; {
		var list []map[string]any
		list, path = listed(t, s, path)
		for _, x := range list {
			if slug := x["slug"].(string); seen[slug] {
				t.Errorf("%s twice", slug)
			} else {
				seen[slug] = true
			}
		}
	}
	if len(seen) != 7 {
		t.Errorf("%d sessions, want 7", len(seen))
	}
}

func TestAPIRefuses(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	lines := "/api/v1/channels/freenode/eucalyptus-devel/lines"
	for _, tt := range []struct {
		name, path string
		code       int
		field      string
	}{
		{"limit too high", lines + "?limit=201", 422, "limit"},
		{"limit of nothing", lines + "?limit=0", 422, "limit"},
		{"limit in words", "/api/v1/sessions?limit=ten", 422, "limit"},
		{"from in words", lines + "?from=yesterday", 422, "from"},
		{"to before all time", "/api/v1/sessions?to=0000-01-01", 422, "to"},
		{"no such order", lines + "?order=up", 422, "order"},
		{"cursor of our own making", lines + "?cursor=abc", 422, "cursor"},
		{"cursor of another list", lines + "?cursor=bWVldGluZzowMWgwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA", 422, "cursor"},
		{"no such kind", "/api/v1/sessions?kind=party", 422, "kind"},
		{"no such channel", "/api/v1/channels/freenode/none/lines", 404, ""},
		{"no such session", "/api/v1/sessions/2012-01-01-none", 404, ""},
		{"no such meeting", "/api/v1/meetings/01h00000000000000000000000", 404, ""},
		{"no such thing", "/api/v1/nothing", 404, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := ask(t, s, request{path: tt.path})
			checkProblem(t, w, tt.code, tt.field)
		})
	}
}

func checkProblem(t *testing.T, w *httptest.ResponseRecorder, code int, field string) {
	t.Helper()
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != code || p.Status != code || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d %s %v\n%s", w.Code, w.Header().Get("Content-Type"), err, w.Body)
	}
	if field != "" && (len(p.Errors) != 1 || p.Errors[0].Field != field || p.Errors[0].Detail == "") {
		t.Errorf("errors %v, want one about %s", p.Errors, field)
	}
}

func TestAPIAnswersNotModified(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	etag := ask(t, s, request{path: "/api/v1/channels"}).Header().Get("ETag")
	w := ask(t, s, request{path: "/api/v1/channels", header: map[string]string{"If-None-Match": etag}})
	if etag == "" || w.Code != http.StatusNotModified {
		t.Errorf("%d for %q", w.Code, etag)
	}
}
