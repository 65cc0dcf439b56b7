package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// chairedByProgram is a weekly series with its chair's token, and a session of it to come.
func chairedByProgram(t *testing.T) (*Server, map[string]string, string) {
	t.Helper()
	s := newServer(t)
	weekly(t, s, wednesday.AddDate(0, 0, 7).Truncate(24*time.Hour).Add(12*time.Hour), func(x *hackfest.Series) { x.OverlapOK = false })
	chair := join(t, s, "mel", person.Member)
	must(t, s.Store.AddChair(t.Context(), chair.ID, "weekly-hackfest", wednesday))
	list, err := s.Store.Sessions(t.Context(), person.PublicViewer, store.SessionFilter{Series: "weekly-hackfest", From: wednesday.AddDate(0, 0, 8)})
	must(t, err)
	return s, token(t, s, chair, person.ScopeChair), list[0].Slug
}

// Everything a chair may do to a session by a form a program may do for them.
func TestAPIChangesASession(t *testing.T) {
	t.Parallel()
	s, chair, slug := chairedByProgram(t)
	now := func() hackfest.Session {
		t.Helper()
		x, err := s.Store.Session(t.Context(), person.PublicViewer, slug)
		must(t, err)
		return x
	}
	was := now()
	do := func(how, body string) {
		t.Helper()
		if w := tell(t, s, "/sessions/"+slug+"/"+how, how+body, body, chair); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", how, w.Code, w.Body)
		}
	}
	starts := was.StartsAt.Add(90 * time.Minute)
	do("edit", `{"goal": "one node"}`)
	if x := now(); x.Goal != "one node" || x.Title != was.Title || x.ChangedBy != "mel" {
		t.Errorf("edited: %+v", x)
	}
	do("move", fmt.Sprintf(`{"starts_at": %q, "ends_at": %q, "reason": "the lab is closed"}`,
		starts.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339), starts.Add(time.Hour).Format(time.RFC3339)))
	if x := now(); !x.StartsAt.Equal(starts) || x.EndsAt.Sub(starts) != time.Hour || x.Channel != was.Channel || x.Zone != was.Zone ||
		x.Reason != "the lab is closed" || !x.MovedFrom.Equal(was.StartsAt) || x.Sequence != was.Sequence+1 {
		t.Errorf("moved: %+v", x)
	}
	do("cancel", fmt.Sprintf(`{"reason": "no power", "revision": %d}`, now().Revision))
	if x := now(); x.State != hackfest.StateCancelled || x.Reason != "no power" {
		t.Errorf("cancelled: %+v", x)
	}
	do("reinstate", `{}`)
	if x := now(); x.State != hackfest.StateScheduled || x.Sequence != was.Sequence+3 {
		t.Errorf("reinstated: %+v", x)
	}
	joint := plan(t, s, "Joint meeting", was.StartsAt.Add(24*time.Hour), nil)
	do("replace", fmt.Sprintf(`{"by": %q}`, joint.Slug))
	if x := now(); x.State != hackfest.StateCancelled || x.ReplacedBy != joint.Slug {
		t.Errorf("replaced: %+v", x)
	}
}

// What a program sends wrong is named as it sent it, and nothing is changed.
func TestAPIChangesASessionRefused(t *testing.T) {
	t.Parallel()
	s, chair, slug := chairedByProgram(t)
	x, err := s.Store.Session(t.Context(), person.PublicViewer, slug)
	must(t, err)
	plan(t, s, "In the way", x.StartsAt.Add(24*time.Hour), nil)
	move := func(from time.Duration, length time.Duration, more string) string {
		at := x.StartsAt.Add(from)
		return fmt.Sprintf(`{"starts_at": %q, "ends_at": %q%s}`, at.Format(time.RFC3339), at.Add(length).Format(time.RFC3339), more)
	}
	member := token(t, s, join(t, s, "ann", person.Member), person.Scopes...)
	for _, tt := range []struct {
		name, how, body string
		as              map[string]string
		code            int
		field           string
	}{
		{"a member", "cancel", `{"reason": "x"}`, member, 403, ""},
		{"no reason", "cancel", `{"reason": ""}`, chair, 422, "reason"},
		{"into the past", "move", move(-60*24*time.Hour, time.Hour, ""), chair, 422, "starts_at"},
		{"backwards", "move", move(time.Hour, -time.Hour, ""), chair, 422, "ends_at"},
		{"for weeks", "move", move(time.Hour, 20*24*time.Hour, ""), chair, 422, "ends_at"},
		{"at no time", "move", `{"starts_at": "noon", "ends_at": "2012-09-01T00:00:00Z"}`, chair, 422, "starts_at"},
		{"to no channel", "move", move(time.Hour, time.Hour, `, "channel": "freenode/nowhere"`), chair, 422, "channel"},
		{"where something is", "move", move(24*time.Hour, time.Hour, ""), chair, 409, ""},
		{"of an old revision", "move", move(time.Hour, time.Hour, `, "revision": 99`), chair, 409, ""},
		{"instead of nothing", "replace", `{"by": "2012-01-01-none"}`, chair, 422, "by"},
		{"what takes place", "reinstate", `{}`, chair, 409, ""},
		{"no session", "cancel", `{"reason": "x"}`, chair, 404, ""},
	} {
		path := "/sessions/" + slug + "/" + tt.how
		if tt.name == "no session" {
			path = "/sessions/2012-01-01-none/cancel"
		}
		checkProblem(t, tell(t, s, path, tt.name, tt.body, tt.as), tt.code, tt.field)
	}
	if is, err := s.Store.Session(t.Context(), person.PublicViewer, slug); err != nil || is.Revision != x.Revision {
		t.Errorf("%+v, %v", is, err)
	}
	if w := tell(t, s, "/sessions/"+slug+"/move", "allowed", move(24*time.Hour, time.Hour, `, "overlap": true`), chair); w.Code != http.StatusOK {
		t.Errorf("allowed: %d %s", w.Code, w.Body)
	}
}
