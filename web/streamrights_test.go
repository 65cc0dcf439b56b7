package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// A page that is open tells its reader nothing any more that they may not read
// from now on: R34, R36.
func TestStreamsEndWithTheRight(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		do       func(t *testing.T, dsn string, k *talk, x hackfest.Session)
		outside  int // what the public gets when it comes back
		forUs    bool
		ofChairs bool
	}{
		{"restricted by #restrictlogs", func(_ *testing.T, _ string, k *talk, _ hackfest.Session) { k.say("tessv", "#restrictlogs") }, 200, true, false},
		{"the channel becomes one for members", func(t *testing.T, _ string, k *talk, x hackfest.Session) {
			c, err := k.s.Store.ChannelSettings(t.Context(), x.ChannelID)
			must(t, err)
			c.Visibility = person.MembersOnly
			ada := join(t, k.s, "Ada", person.Admin)
			w := submit(t, k.s, ada, "/admin/channels/freenode/eucalyptus-devel", map[string][]string{
				"revision": {"1"}, "visibility": {"members"}, "start": {string(c.StartRight)}, "announces": {string(c.Announces)}, "joined": {"1"}, "logged": {"1"}, "confirmed": {"1"},
			})
			if w.Code != http.StatusSeeOther {
				t.Fatalf("%d\n%s", w.Code, w.Body)
			}
		}, 404, true, false},
		{"the chair is taken away", func(t *testing.T, _ string, k *talk, x hackfest.Session) {
			tess, err := k.s.Store.Account(t.Context(), "Tess")
			must(t, err)
			must(t, k.s.Store.RemoveSessionChair(t.Context(), tess.ID, x.Slug))
		}, 200, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dsn := testdb.URL(t)
			s := newLiveServer(t, dsn)
			x := plan(t, s.Server, "Weekly", wednesday, nil)
			k := listen(t, s.Server, x)
			k.opening()
			tess := join(t, s.Server, "Tess", person.Member)
			chairs(t, dsn, tess, x)
			hers, mels := signedIn(t, s.Server, tess.ID), signedIn(t, s.Server, join(t, s.Server, "Mel", person.Member).ID)
			url := s.streamURL(t, x)
			public, member, chair := followWith(t, url, nil), followWith(t, url, mels), followWith(t, url, hers)
			k.say("ann", "before")
			for _, f := range []*follower{public, member, chair} {
				for !strings.Contains(f.next("rows").data, "before") {
				}
			}
			tt.do(t, dsn, k, x)
			if tt.ofChairs {
				chair.next("reload")
				chair.ends()
				lacks(t, ask(t, s.Server, request{path: "/sessions/" + x.Slug, header: hers}).Body.String(), "/live/topic")
			}
			k.say("ann", canary)
			if !tt.forUs {
				for !strings.Contains(public.next("rows").data, canary) {
				}
				return
			}
			hidden := s.streamIn(t, ask(t, s.Server, request{path: "/sessions/" + x.Slug, header: mels}).Body.String())
			again := followWith(t, hidden, mels)
			k.say("ann", "more "+canary)
			for !strings.Contains(again.next("rows").data, canary) { // so it has gone out
			}
			if f := followOrRefused(t, s, url, nil, tt.outside); f != nil {
				f.hangUp()
				f.quiet(t)
			}
			public.hangUp()
			public.quiet(t)
		})
	}
}

// followOrRefused follows a stream; nil when it is answered otherwise, as wanted.
func followOrRefused(t *testing.T, s *liveServer, url string, header map[string]string, code int) *follower {
	t.Helper()
	if code == http.StatusOK {
		return followWith(t, url, header)
	}
	if w := ask(t, s.Server, request{path: strings.TrimPrefix(url, s.url), header: header}); w.Code != code || strings.Contains(w.Body.String(), "Weekly") {
		t.Errorf("the public comes back: %d\n%s", w.Code, w.Body)
	}
	return nil
}

// quiet reads what came until the stream ended, in which the canary must not be.
func (f *follower) quiet(t *testing.T) {
	t.Helper()
	for e := range f.events {
		if strings.Contains(e.data, canary) {
			t.Errorf("the public is told: %s", e.data)
		}
	}
}

// streamURL is the stream that the page of x names.
func (s *liveServer) streamURL(t *testing.T, x hackfest.Session) string {
	t.Helper()
	return s.streamIn(t, page(t, s.Server, "/sessions/"+x.Slug))
}

// streamIn is the stream that a page names.
func (s *liveServer) streamIn(t *testing.T, body string) string {
	t.Helper()
	value := func(name string) string {
		_, rest, ok := strings.Cut(body, "data-"+name+`="`)
		if !ok {
			t.Fatalf("the page names no stream")
		}
		v, _, _ := strings.Cut(rest, `"`)
		return v
	}
	i := strings.Index(body, `id="stream"`)
	body = body[max(i, 0):]
	return fmt.Sprintf("%s%s?after=%s&state=%s", s.url, value("path"), value("after"), value("state"))
}
