package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	kept "github.com/eucalyptus/hackfest/internal/archive"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
)

// Addresses of an archive that was brought in lead to its meetings for good, and
// take none of the portal's own pages away. Of what is for members nobody else
// learns.
func TestOldPathsLeadToMeetings(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	at := wednesday.AddDate(-3, 0, 0)
	var lines []hackfest.Line
	for i, text := range []string{"#startmeeting Long ago", "#info it was", "#endmeeting"} {
		lines = append(lines, hackfest.Line{At: at.Add(time.Duration(i) * time.Second), Nick: "ann", Kind: hackfest.Message, Text: text})
	}
	_, err := s.Store.ImportLog(t.Context(), store.LogImport{Network: "freenode", Channel: "#old", Lines: lines, Old: []kept.OldPath{
		{Path: "/meetbot/old/2009/old.2009-08-22-16.50.html", Form: kept.MinutesForm},
		{Path: "/meetbot/#old/2009/old.2009-08-22-16.50.log.html", Form: kept.LogForm},
		{Path: "/minutes", Form: kept.MinutesForm},
		{Path: "/targets", Form: kept.LogForm},
	}}, wednesday)
	must(t, err)
	list, err := s.Store.Meetings(t.Context(), viewerOf(nil), store.MeetingFilter{})
	must(t, err)
	m := list[0]
	ask := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.Routes().ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	minutes := "/meetings/" + m.Ref.String()
	for _, tt := range []struct {
		name, method, path string
		status             int
		to                 string
	}{
		{"minutes", "GET", "/meetbot/old/2009/old.2009-08-22-16.50.html", 308, minutes},
		{"asked for their head", "HEAD", "/meetbot/old/2009/old.2009-08-22-16.50.html", 308, minutes},
		{"a log, with a sign that is escaped", "GET", "/meetbot/%23old/2009/old.2009-08-22-16.50.log.html", 308, "/sessions/" + m.SessionSlug + "/log#l-" + m.Ref.String()},
		{"a page of ours comes first", "GET", "/minutes", 200, ""},
		{"and another", "GET", "/targets", 200, ""},
		{"no such file", "GET", "/meetbot/old/2009/nothing.html", 404, ""},
		{"what changes something", "POST", "/meetbot/old/2009/old.2009-08-22-16.50.html", 404, ""},
		{"a very long address", "GET", "/" + strings.Repeat("x", 2000), 404, ""},
	} {
		w := ask(tt.method, tt.path)
		if to := w.Header().Get("Location"); w.Code != tt.status || to != tt.to {
			t.Errorf("%s: %d to %q, want %d to %q", tt.name, w.Code, to, tt.status, tt.to)
		}
	}
	if w := ask("GET", minutes); w.Code != http.StatusFound || !strings.HasPrefix(w.Header().Get("Location"), "/sessions/"+m.SessionSlug) {
		t.Errorf("the meeting: %d to %q", w.Code, w.Header().Get("Location"))
	}
	hide(t, s, "#old")
	if w := ask("GET", "/meetbot/old/2009/old.2009-08-22-16.50.html"); w.Code != 404 {
		t.Errorf("of a channel for members: %d", w.Code)
	}
}

// hide makes a channel one for members.
func hide(t *testing.T, s *Server, channel string) {
	t.Helper()
	all, err := s.Store.AllChannelSettings(t.Context())
	must(t, err)
	for _, c := range all {
		if c.Name == channel {
			c.Visibility = "members"
			must(t, s.Store.ChangeChannel(t.Context(), c, store.NewKey{}))
		}
	}
}
