package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/static"
)

// examples are paths of every route, on the portal of newSample. The tests of
// what holds everywhere go through them: headers, and in a browser all pages,
// in all the states that are worth a look. A new route needs a row; what stands
// in square brackets is filled in by newSample.
var examples = []struct {
	route string
	paths []string
}{
	{"/", []string{"/"}},
	{"/next", []string{"/next"}},
	{"/now", []string{"/now"}},
	{"/start", []string{"/start"}},
	{"/schedule", []string{"/schedule", "/schedule?past=1", "/schedule?kind=meeting", "/schedule?view=month"}},
	{"/schedule/{year}/{month}", []string{"/schedule/2012/08", "/schedule/2026/04"}},
	{"/series/{series}", []string{"/series/weekly-hackfest", "/series/recipes-meeting"}},
	{"/series/{series}/minutes", []string{"/series/weekly-hackfest/minutes", "/series/recipes-meeting/minutes"}},
	{"/series/{series}/next", []string{"/series/weekly-hackfest/next", "/series/recipes-meeting/next"}},
	{"/series/new", []string{"/series/new"}},
	{"/series/{series}/edit", []string{"/series/weekly-hackfest/edit"}},
	{"/series/{series}/repositories", []string{"/series/weekly-hackfest/repositories"}},
	{"/series/{series}/end", []string{"/series/weekly-hackfest/end"}},
	{"/series/{series}/rename", []string{"/series/weekly-hackfest/rename"}},
	{"/sessions/new", []string{"/sessions/new"}},
	{"/sessions/propose", []string{"/sessions/propose"}},
	{"/sessions/{session}/edit", []string{"/sessions/2026-03-12-weekly-hackfest/edit"}},
	{"/sessions/{session}/repositories", []string{"/sessions/2026-03-12-weekly-hackfest/repositories"}},
	{"/sessions/{session}/move", []string{"/sessions/2026-03-12-weekly-hackfest/move"}},
	{"/sessions/{session}/cancel", []string{"/sessions/2026-03-12-weekly-hackfest/cancel"}},
	{"/sessions/{session}/reinstate", []string{"/sessions/2026-03-18-stackato/reinstate"}},
	{"/sessions/{session}/replace", []string{"/sessions/2026-03-12-weekly-hackfest/replace"}},
	{"/sessions/{session}/chair", []string{"/sessions/2026-04-02-a-cloud-in-a-box/chair"}},
	{"/calendar", []string{"/calendar", "/calendar?of=series/weekly-hackfest&alarm=15&cancelled=hide"}},
	{"/calendar/mine", []string{"/calendar/mine"}},
	{"/calendar/mine/revoke", []string{"/calendar/mine/revoke"}},
	{"/calendar/all.ics", []string{"/calendar/all.ics"}},
	{"/calendar/series/{series}.ics", []string{"/calendar/series/weekly-hackfest.ics"}},
	{"/calendar/targets/{target}.ics", []string{"/calendar/targets/openshift-origin.ics"}},
	{"/calendar/channel/{network}/{channel}", []string{"/calendar/channel/local/eucalyptus-devel.ics"}},
	{"/calendar/mine/{token}.ics", []string{"/calendar/mine/[calendar].ics"}},
	{"/sessions/{session}.ics", []string{"/sessions/2026-03-19-walrus-and-s3.ics"}},
	{"/targets", []string{"/targets"}},
	{"/targets/{target}", []string{"/targets/openshift-origin", "/targets/cloud-foundry"}},
	{"/targets/{target}/repositories", []string{"/targets/openshift-origin/repositories"}},
	{"/targets/propose", []string{"/targets/propose"}},
	{"/targets/propose/{secret}", []string{"/targets/propose/" + proposalSecret}},
	{"/targets/{target}/back", []string{"/targets/openshift-origin/back"}},
	{"/targets/{target}/unback", []string{"/targets/openshift-origin/unback"}},
	{"/targets/{target}/take", []string{"/targets/openshift-origin/take"}},
	{"/targets/{target}/leave", []string{"/targets/openshift-origin/leave"}},
	{"/targets/{target}/edit", []string{"/targets/openshift-origin/edit"}},
	{"/targets/{target}/owner", []string{"/targets/openshift-origin/owner"}},
	{"/targets/{target}/stage", []string{"/targets/openshift-origin/stage"}},
	{"/targets/{target}/stage/undo", []string{"/targets/openshift-origin/stage/undo"}},
	{"/targets/{target}/rename", []string{"/targets/openshift-origin/rename"}},
	{"/targets/{target}/merge", []string{"/targets/openshift-origin/merge"}},
	{"/targets/{target}/remove", []string{"/targets/openshift-origin/remove"}},
	{"/targets/{target}/restore", []string{"/targets/openshift-origin/restore"}},
	{"/api/v1/targets/{target}/stage", []string{"/api/v1/targets/openshift-origin/stage"}},
	{"/api/v1/targets/{target}/back", []string{"/api/v1/targets/openshift-origin/back"}},
	{"/recipes", []string{"/recipes", "/recipes?kind=cloud-init", "/recipes?target=none"}},
	{"/recipes/new", []string{"/recipes/new"}},
	{"/recipes/{recipe}", []string{"/recipes/origin-broker", "/recipes/wordpress?image=ubuntu-10-04"}},
	{"/recipes/{recipe}/user-data", []string{"/recipes/origin-broker/user-data"}},
	{"/recipes/{recipe}/edit", []string{"/recipes/origin-broker/edit"}},
	{"/recipes/{recipe}/result", []string{"/recipes/origin-broker/result?image=fedora-16"}},
	{"/recipes/{recipe}/results", []string{"/recipes/origin-broker/results"}},
	{"/results/{result}/remove", []string{"/results/1/remove"}},
	{"/results/{result}/restore", []string{"/results/1/restore"}},
	{"/images", []string{"/images"}},
	{"/images/new", []string{"/images/new"}},
	{"/images/{image}/edit", []string{"/images/fedora-16/edit"}},
	{"/api/v1/recipes", []string{"/api/v1/recipes"}},
	{"/api/v1/recipes/{recipe}", []string{"/api/v1/recipes/origin-broker"}},
	{"/api/v1/recipes/{recipe}/results", []string{"/api/v1/recipes/origin-broker/results"}},
	{"/api/v1/images", []string{"/api/v1/images"}},
	{"/lessons", []string{"/lessons", "/lessons?kind=avoid", "/lessons?checks=1"}},
	{"/lessons/new", []string{"/lessons/new", "/lessons/new?target=openshift-origin"}},
	{"/lessons/{lesson}", []string{"/lessons/1"}},
	{"/lessons/{lesson}/edit", []string{"/lessons/1/edit"}},
	{"/lessons/{lesson}/publish", []string{"/lessons/1/publish"}},
	{"/lessons/{lesson}/unpublish", []string{"/lessons/1/unpublish"}},
	{"/lessons/{lesson}/decline", []string{"/lessons/1/decline"}},
	{"/lessons/{lesson}/reopen", []string{"/lessons/1/reopen"}},
	{"/lessons/{lesson}/retire", []string{"/lessons/1/retire"}},
	{"/lessons/{lesson}/reinstate", []string{"/lessons/1/reinstate"}},
	{"/api/v1/lessons/{lesson}", []string{"/api/v1/lessons/1"}},
	{"/api/v1/lessons/{lesson}/publish", []string{"/api/v1/lessons/1/publish"}},
	{"/api/v1/lessons/{lesson}/retire", []string{"/api/v1/lessons/1/retire"}},
	{"/feeds/lessons.atom", []string{"/feeds/lessons.atom"}},
	{"/minutes", []string{"/minutes", "/minutes?y=2012"}},
	{"/feeds/minutes.atom", []string{"/feeds/minutes.atom"}},
	{"/feeds/sessions.atom", []string{"/feeds/sessions.atom"}},
	{"/feeds/series/{series}.atom", []string{"/feeds/series/weekly-hackfest.atom"}},
	{"/news", []string{"/news", "/news?tag=openshift", "/news?month=2012-08"}},
	{"/news/{news}", []string{"/news/what-two-hours-of-openshift-taught-us"}},
	{"/feeds/news.atom", []string{"/feeds/news.atom"}},
	{"/people", []string{"/people"}},
	{"/people/{nick}", []string{"/people/Kestrel"}},
	{"/privacy", []string{"/privacy"}},
	{"/conduct", []string{"/conduct"}},
	{"/status", []string{"/status"}},
	{"/preferences", []string{"/preferences"}},
	{"/follow", []string{"/follow", "/follow?what=series/weekly-hackfest", "/follow?asked=1"}},
	{"/follow/confirm/{secret}", []string{"/follow/confirm/[confirm]"}},
	{"/unsubscribe/{token}", []string{"/unsubscribe/[unsubscribe]"}},
	{"/unsubscribe/{token}/undo", []string{"/unsubscribe/[unsubscribe]/undo"}},
	{"/unsubscribe/{token}/preferences", []string{"/unsubscribe/[unsubscribe]/preferences"}},
	{"/signin", []string{"/signin", "/signin?next=/settings&sent=1"}},
	{"/signin/link", []string{"/signin/link"}},
	{"/signin/github", []string{"/signin/github"}},
	{"/signin/github/callback", []string{"/signin/github/callback?state=made-up&code=made-up"}},
	{"/signin/{secret}", []string{"/signin/[link]"}},
	{"/signout", []string{"/signout"}},
	{"/settings", []string{"/settings"}},
	{"/settings/profile", []string{"/settings/profile"}},
	{"/settings/listing", []string{"/settings/listing"}},
	{"/settings/claim", []string{"/settings/claim"}},
	{"/settings/names/{identity}/give-up", []string{"/settings/names/1/give-up"}},
	{"/settings/names/{identity}/take-back", []string{"/settings/names/1/take-back"}},
	{"/settings/mail", []string{"/settings/mail"}},
	{"/settings/mail/{secret}", []string{"/settings/mail/none"}},
	{"/settings/password", []string{"/settings/password"}},
	{"/settings/github", []string{"/settings/github"}},
	{"/settings/github/unlink", []string{"/settings/github/unlink"}},
	{"/settings/github/relink", []string{"/settings/github/relink"}},
	{"/settings/signins/others", []string{"/settings/signins/others"}},
	{"/settings/signins/{signin}/end", []string{"/settings/signins/00/end"}},
	{"/settings/tokens", []string{"/settings/tokens"}},
	{"/settings/tokens/{token}/revoke", []string{"/settings/tokens/1/revoke"}},
	{"/settings/tokens/{token}/restore", []string{"/settings/tokens/1/restore"}},
	{"/settings/export", []string{"/settings/export"}},
	{"/settings/leave", []string{"/settings/leave"}},

	{"/sessions/{session}", []string{
		"/sessions/2026-03-05-weekly-hackfest",            // live
		"/sessions/2026-03-05-office-hours",               // starts in ten minutes
		"/sessions/2026-03-06-recipes-in-chef",            // tomorrow
		"/sessions/2026-03-12-weekly-hackfest",            // of a series, not soon
		"/sessions/2026-03-18-stackato",                   // cancelled
		"/sessions/2026-03-19-walrus-and-s3",              // moved
		"/sessions/2026-04-02-a-cloud-in-a-box",           // proposed
		"/sessions/2012-08-02-openshift-origin",           // ended
		"/sessions/2026-02-26-appscale-on-eucalyptus-3-1", // minutes published
		"/sessions/2012-08-10-appscale",                   // without a log
	}},
	{"/sessions/{session}/live", []string{"/sessions/2026-03-05-weekly-hackfest/live"}},
	{"/sessions/{session}/live/start", []string{"/sessions/2026-03-05-office-hours/live/start"}},
	{"/sessions/{session}/live/topic", []string{"/sessions/2026-03-05-weekly-hackfest/live/topic"}},
	{"/sessions/{session}/live/take", []string{"/sessions/2026-03-05-weekly-hackfest/live/take"}},
	{"/sessions/{session}/live/item", []string{"/sessions/2026-03-05-weekly-hackfest/live/item"}},
	{"/sessions/{session}/live/startvote", []string{"/sessions/2026-03-05-weekly-hackfest/live/startvote"}},
	{"/sessions/{session}/live/vote", []string{"/sessions/2026-03-05-weekly-hackfest/live/vote"}},
	{"/sessions/{session}/live/endvote", []string{"/sessions/2026-03-05-weekly-hackfest/live/endvote"}},
	{"/sessions/{session}/live/queue", []string{"/sessions/2026-03-05-weekly-hackfest/live/queue"}},
	{"/sessions/{session}/live/undo", []string{"/sessions/2026-03-05-weekly-hackfest/live/undo"}},
	{"/sessions/{session}/live/end", []string{"/sessions/2026-03-05-weekly-hackfest/live/end"}},
	{"/sessions/{session}/rsvp", []string{"/sessions/2026-03-12-weekly-hackfest/rsvp", "/sessions/2026-03-06-recipes-in-chef/rsvp", "/sessions/2012-08-02-openshift-origin/rsvp"}},
	{"/sessions/{session}/rsvp/withdraw", []string{"/sessions/2026-03-12-weekly-hackfest/rsvp/withdraw"}},
	{"/sessions/{session}/rsvp/{rsvp}/remove", []string{"/sessions/2026-03-12-weekly-hackfest/rsvp/1/remove"}},
	{"/sessions/{session}/rsvp/{rsvp}/restore", []string{"/sessions/2026-03-12-weekly-hackfest/rsvp/1/restore"}},
	{"/sessions/{session}/agenda", []string{"/sessions/2026-03-12-weekly-hackfest/agenda"}},
	{"/sessions/{session}/agenda/carry", []string{"/sessions/2012-08-02-openshift-origin/agenda/carry"}},
	{"/sessions/{session}/agenda/{item}", []string{"/sessions/2026-03-12-weekly-hackfest/agenda/1"}},
	{"/sessions/{session}/agenda/{item}/restore", []string{"/sessions/2026-03-12-weekly-hackfest/agenda/1/restore"}},
	{"/issues/live", []string{"/issues/live?issues=eucalyptus%2Frecipes%2312"}},
	{"/sessions/{session}/issues", []string{"/sessions/2026-03-12-weekly-hackfest/issues"}},
	{"/sessions/{session}/issues/{owner}/{repository}/{number}/link", []string{"/sessions/2026-03-12-weekly-hackfest/issues/eucalyptus/recipes/12/link"}},
	{"/sessions/{session}/issues/{owner}/{repository}/{number}/unlink", []string{"/sessions/2026-03-12-weekly-hackfest/issues/eucalyptus/recipes/12/unlink"}},
	{"/meetings/{meeting}/session", []string{"/meetings/[held]/session"}},
	{"/meetings/{meeting}/edit", []string{"/meetings/[held]/edit"}},
	{"/meetings/{meeting}/issues", []string{"/meetings/[held]/issues"}},
	{"/meetings/{meeting}/issues/{action}/withdraw", []string{"/meetings/[held]/issues/[held].1/withdraw"}},
	{"/meetings/{meeting}/publish", []string{"/meetings/[held]/publish"}},
	{"/meetings/{meeting}/revisions", []string{"/meetings/[held]/revisions"}},
	{"/meetings/{meeting}/revisions/{number}", []string{"/meetings/[held]/revisions/1"}},
	{"/meetings/{meeting}/changes", []string{"/meetings/[held]/changes"}},
	{"/api/v1/meetings/{meeting}/minutes", []string{"/api/v1/meetings/[held]/minutes"}},
	{"/meetings/{meeting}/discard", []string{"/meetings/[held]/discard"}},
	{"/sessions/{session}/meetings/{ref}/restore", []string{"/sessions/2012-08-02-openshift-origin/meetings/[held]/restore"}},
	{"/actions/{action}", []string{"/actions/[held].1"}},
	{"/sessions/{session}/log", []string{"/sessions/2012-08-02-openshift-origin/log", "/sessions/2012-08-10-appscale/log"}},
	{"/sessions/{session}/log.txt", []string{"/sessions/2012-08-02-openshift-origin/log.txt"}},
	{"/sessions/{session}/minutes.{form}", []string{"/sessions/2012-08-02-openshift-origin/minutes.md"}},
	{"/meetings/{meeting}", []string{"/meetings/[held]", "/meetings/[held].html", "/meetings/[held].json"}},
	{"/logs/{network}/{channel}", []string{"/logs/freenode/eucalyptus-devel"}},
	{"/logs/{network}/{channel}/{day}", []string{"/logs/freenode/eucalyptus-devel/2012-08-02", "/logs/local/eucalyptus-devel/2026-03-05", "/logs/local/eucalyptus-devel/2026-03-01"}},
	{"/l/{ref}", []string{"/l/[held]"}},
	{"/sessions/{session}/redact", []string{"/sessions/2012-08-02-openshift-origin/redact"}},
	{"/logs/{network}/{channel}/redact", []string{"/logs/freenode/eucalyptus-devel/redact?line=[held]"}},
	{"/redactions/{redaction}/undo", []string{"/redactions/1/undo"}},

	{"/api", []string{"/api"}},
	{"/api/openapi.json", []string{"/api/openapi.json"}},
	{"/api/v1/actions", []string{"/api/v1/actions"}},
	{"/api/v1/actions/{action}", []string{"/api/v1/actions/01h00000000000000000000000.1"}},
	{"/api/v1/channels", []string{"/api/v1/channels"}},
	{"/checklists", []string{"/checklists"}},
	{"/checklists/{checklist}", []string{"/checklists/openshift-origin", "/checklists/all", "/checklists/appscale"}},
	{"/checklists/{checklist}/edit", []string{"/checklists/openshift-origin/edit", "/checklists/session:2026-03-12-weekly-hackfest/edit"}},
	{"/checklists/{checklist}/{check}", []string{"/checklists/all/5"}},
	{"/checklists/{checklist}/{check}/retire", []string{"/checklists/all/5/retire"}},
	{"/checklists/{checklist}/{check}/reuse", []string{"/checklists/all/5/reuse"}},
	{"/lessons/{lesson}/check", []string{"/lessons/1/check"}},
	{"/sessions/{session}/checks/{check}", []string{"/sessions/2026-03-12-weekly-hackfest/checks/5"}},
	{"/api/v1/checklists/{checklist}", []string{"/api/v1/checklists/all", "/api/v1/checklists/openshift-origin"}},
	{"/api/v1/sessions/{session}/checks/{check}", []string{"/api/v1/sessions/2026-03-12-weekly-hackfest/checks/1"}},
	{"/api/v1/sessions/{session}/preflight", []string{"/api/v1/sessions/2026-03-12-weekly-hackfest/preflight"}},
	{"/api/v1/targets/{target}/preflight", []string{"/api/v1/targets/openshift-origin/preflight"}},
	{"/api/v1/channels/{network}/{channel}/lines", []string{"/api/v1/channels/freenode/eucalyptus-devel/lines"}},
	{"/api/v1/lessons", []string{"/api/v1/lessons"}},
	{"/api/v1/meetings", []string{"/api/v1/meetings"}},
	{"/api/v1/meetings/{meeting}", []string{"/api/v1/meetings/[held]"}},
	{"/api/v1/series", []string{"/api/v1/series"}},
	{"/api/v1/series/{series}", []string{"/api/v1/series/weekly-hackfest"}},
	{"/api/v1/sessions", []string{"/api/v1/sessions"}},
	{"/api/v1/sessions/{session}", []string{"/api/v1/sessions/2012-08-10-appscale"}},
	{"/api/v1/sessions/{session}/edit", []string{"/api/v1/sessions/2026-03-12-weekly-hackfest/edit"}},
	{"/api/v1/sessions/{session}/move", []string{"/api/v1/sessions/2026-03-12-weekly-hackfest/move"}},
	{"/api/v1/sessions/{session}/cancel", []string{"/api/v1/sessions/2026-03-12-weekly-hackfest/cancel"}},
	{"/api/v1/sessions/{session}/reinstate", []string{"/api/v1/sessions/2026-03-12-weekly-hackfest/reinstate"}},
	{"/api/v1/sessions/{session}/replace", []string{"/api/v1/sessions/2026-03-12-weekly-hackfest/replace"}},
	{"/api/v1/sessions/{session}/agenda", []string{"/api/v1/sessions/2012-08-10-appscale/agenda"}},
	{"/api/v1/sessions/{session}/issues", []string{"/api/v1/sessions/2012-08-10-appscale/issues"}},
	{"/api/v1/sessions/{session}/issues/{owner}/{repository}/{number}/unlink", []string{"/api/v1/sessions/2012-08-10-appscale/issues/eucalyptus/recipes/12/unlink"}},
	{"/api/v1/sessions/{session}/rsvp", []string{"/api/v1/sessions/2012-08-10-appscale/rsvp"}},
	{"/api/v1/targets", []string{"/api/v1/targets"}},
	{"/api/v1/targets/{target}", []string{"/api/v1/targets/openshift-origin"}},

	{"/manage", []string{"/manage"}},
	{"/manage/requests/{request}", []string{"/manage/requests/1"}},
	{"/manage/requests/{request}/refuse", []string{"/manage/requests/1/refuse"}},
	{"/manage/requests/{request}/reopen", []string{"/manage/requests/1/reopen"}},
	{"/manage/claims/{claim}", []string{"/manage/claims/1"}},
	{"/manage/deliveries", []string{"/manage/deliveries", "/manage/deliveries?outlet=mail&state=failed", "/manage/deliveries?what=news%2F1"}},
	{"/manage/deliveries/retry", []string{"/manage/deliveries/retry"}},
	{"/manage/deliveries/{delivery}/retry", []string{"/manage/deliveries/1/retry"}},
	{"/manage/chairs", []string{"/manage/chairs"}},
	{"/manage/chairs/{person}/series/{series}/add", []string{"/manage/chairs/tessv/series/weekly-hackfest/add"}},
	{"/manage/chairs/{person}/series/{series}/remove", []string{"/manage/chairs/tessv/series/weekly-hackfest/remove"}},
	{"/manage/chairs/{person}/sessions/{session}/add", []string{"/manage/chairs/tessv/sessions/2026-03-18-stackato/add"}},
	{"/manage/chairs/{person}/sessions/{session}/remove", []string{"/manage/chairs/tessv/sessions/2026-03-18-stackato/remove"}},
	{"/manage/announce", []string{"/manage/announce"}},
	{"/manage/announce/{news}", []string{"/manage/announce/before-we-try-cloud-foundry-three-things-to-have-ready", "/manage/announce/what-two-hours-of-openshift-taught-us"}},
	{"/manage/announce/{news}/publish", []string{"/manage/announce/before-we-try-cloud-foundry-three-things-to-have-ready/publish"}},
	{"/manage/announce/{news}/withdraw", []string{"/manage/announce/before-we-try-cloud-foundry-three-things-to-have-ready/withdraw"}},
	{"/manage/announce/{news}/restore", []string{"/manage/announce/before-we-try-cloud-foundry-three-things-to-have-ready/restore"}},
	{"/admin", []string{"/admin"}},
	{"/admin/people", []string{"/admin/people", "/admin/people?name=nobody"}},
	{"/admin/people/{person}", []string{"/admin/people/Kestrel"}},
	{"/admin/people/{person}/role", []string{"/admin/people/Kestrel/role"}},
	{"/admin/people/{person}/role/{role}", []string{"/admin/people/Kestrel/role/member"}},
	{"/admin/people/{person}/suspend", []string{"/admin/people/Kestrel/suspend"}},
	{"/admin/people/{person}/unsuspend", []string{"/admin/people/Kestrel/unsuspend"}},
	{"/admin/people/{person}/link", []string{"/admin/people/Kestrel/link"}},
	{"/admin/channels", []string{"/admin/channels"}},
	{"/admin/channels/{network}/{channel}", []string{"/admin/channels/local/eucalyptus-devel"}},
	{"/admin/channels/{network}/{channel}/join", []string{"/admin/channels/local/eucalyptus-devel/join"}},
	{"/admin/repositories", []string{"/admin/repositories"}},
	{"/admin/repositories/deliveries", []string{"/admin/repositories/deliveries"}},
	{"/admin/repositories/{owner}/{repository}", []string{"/admin/repositories/eucalyptus/recipes", "/admin/repositories/kestrel/field-tools"}},
	{"/admin/repositories/{owner}/{repository}/check", []string{"/admin/repositories/kestrel/field-tools/check"}},
	{"/admin/repositories/{owner}/{repository}/remove", []string{"/admin/repositories/kestrel/field-tools/remove"}},
	{"/admin/repositories/{owner}/{repository}/restore", []string{"/admin/repositories/kestrel/field-tools/restore"}},
	{"/admin/jobs", []string{"/admin/jobs", "/admin/jobs?state=completed"}},
	{"/admin/jobs/{job}/retry", []string{"/admin/jobs/1/retry"}},
	{"/admin/jobs/{job}/cancel", []string{"/admin/jobs/1/cancel"}},
	{"/admin/audit", []string{"/admin/audit", "/admin/audit?action=change+role"}},

	{"/static/*", []string{static.URL("css/portal.css")}},
	{"/favicon.ico", []string{"/favicon.ico"}},
	{"/robots.txt", []string{"/robots.txt"}},
	{"/healthz", []string{"/healthz"}},
	{"/readyz", []string{"/readyz"}},
	{"/metrics", []string{"/metrics"}},
}

// examplesOf returns the examples of a route, or a failure.
func examplesOf(t *testing.T, route string) []string {
	t.Helper()
	for _, e := range examples {
		if e.route == route {
			return e.paths
		}
	}
	t.Errorf("the route %s has no example in examples", route)
	return nil
}

// router returns the routes of s.
func router(t *testing.T, s *Server) chi.Routes {
	t.Helper()
	routes, ok := s.Routes().(chi.Routes)
	if !ok {
		t.Fatal("not a router")
	}
	return routes
}

func TestEveryRouteHasAnExample(t *testing.T) {
	t.Parallel()
	routes := router(t, awayServer(t))
	walked := map[string]string{}
	must(t, chi.Walk(routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if walked[route] == "" {
			examplesOf(t, route)
		}
		walked[route] = method
		return nil
	}))
	for _, e := range examples {
		method := walked[e.route]
		if method == "" {
			t.Errorf("there is no route %s any more", e.route)
			continue
		}
		for _, p := range e.paths {
			c, path := chi.NewRouteContext(), p
			path, _, _ = strings.Cut(path, "?")
			if !routes.Match(c, method, path) || c.RoutePattern() != e.route {
				t.Errorf("%s is no example of %s but of %q", p, e.route, c.RoutePattern())
			}
		}
	}
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	s.BaseURL = "https://portal.example.org"
	check := func(method, path string) {
		w := ask(t, s.Server, request{method: method, path: path, header: map[string]string{"Accept": "text/html", "X-Test": "headers"}})
		secure(t, fmt.Sprintf("%s %s (%d)", method, path, w.Code), w.Header())
		if w.Header().Get("Strict-Transport-Security") == "" {
			t.Errorf("%s %s: no HSTS over TLS", method, path)
		}
		ct := w.Header().Get("Content-Type")
		if w.Body.Len() > 0 && (ct == "" || strings.HasPrefix(ct, "text/") && !strings.Contains(ct, "charset=utf-8")) {
			t.Errorf("%s %s: Content-Type %q", method, path, ct)
		}
		if w.Code >= 500 {
			t.Errorf("%s %s: %d", method, path, w.Code)
		}
	}
	must(t, chi.Walk(router(t, s.Server), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if strings.HasSuffix(route, "/live") {
			return nil // stays open; see below
		}
		for _, p := range examplesOf(t, route) {
			check(method, s.path(p))
		}
		return nil
	}))
	for _, p := range []string{"/nothing/here", "/static/css/none.css", "/api/v1/nothing", "/sessions/%ff", "/sessions/none", "/meetings/x", "/l/x"} {
		check("GET", p)
	}
	check("DELETE", "/schedule")
	check("PROPFIND", "/schedule")

	stream, err := http.Get(s.url + examplesOf(t, "/sessions/{session}/live")[0])
	must(t, err)
	must(t, stream.Body.Close())
	if stream.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" && stream.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("a stream is %q", stream.Header.Get("Content-Type"))
	}
	secure(t, "a stream", stream.Header)
}

// secure fails t where a security header is missing or another one. A document
// may have a policy of its own that is stricter than that of pages.
func secure(t *testing.T, what string, h http.Header) {
	t.Helper()
	for name, want := range security {
		got := h.Get(name)
		if name == "Content-Security-Policy" && strings.HasPrefix(got, "default-src 'none'; style-src 'sha256-") &&
			strings.HasSuffix(got, "; form-action 'none'; frame-ancestors 'none'; base-uri 'none'") {
			continue
		}
		if got != want {
			t.Errorf("%s: %s is %q", what, name, got)
		}
	}
}

// states are what newSample must show; a date that changed in the sample would
// otherwise quietly make an example a page of another state.
func TestSampleShowsEveryState(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	var got []string
	for _, p := range examplesOf(t, "/sessions/{session}") {
		x, err := s.Store.Session(t.Context(), viewerOf(nil), strings.TrimPrefix(p, "/sessions/"))
		must(t, err)
		got = append(got, string(x.Status(s.Now())))
	}
	want := strings.Fields("live scheduled scheduled scheduled cancelled scheduled proposed ended published ended")
	if !slices.Equal(got, want) {
		t.Errorf("the states are %q, want %q", got, want)
	}
}
