package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// isStream reports whether r asks for server-sent events.
func isStream(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/live") }

// readerWatch is what a stream knows of its reader. A stream lasts for hours: who is
// signed out, suspended or given another role meanwhile must not read on.
type readerWatch struct {
	s       *Server
	r       *http.Request   // as it came
	slug    string          // of the session that is read; "" for what is no session's
	actor   person.Actor    // when it came
	object  person.Object   // how the actor stood to the session then
	unknown bool            // there is a cookie of ours, but the database was away
	woken   <-chan struct{} // nil for the public
	stop    func()
}

// watchReader begins to watch the reader of r.
func (s *Server) watchReader(r *http.Request, slug string) *readerWatch {
	w := &readerWatch{s: s, r: r, slug: slug, actor: actorOf(r), stop: func() {}}
	if !w.actor.SignedIn() {
		w.unknown = s.gate().signins.Presented(r)
		return w
	}
	w.woken, w.stop = s.wakes().Subscribe(store.PersonTopic(w.actor.ID))
	w.object, _ = w.stands(r.Context()) // in doubt the page loads itself once more
	return w
}

// stands is how the actor stands to the session now.
func (w *readerWatch) stands(ctx context.Context) (person.Object, error) {
	if w.slug == "" {
		return person.Object{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, w.s.storeTime())
	defer cancel()
	return w.s.Store.RelationToSession(ctx, w.actor.Viewer, w.slug)
}

// blind reports whether the reader may have changed without a wake.
func (w *readerWatch) blind() bool { return w.unknown || w.actor.SignedIn() && !w.s.wakes().Up() }

// changed reports whether the reader is not who they were when the stream began,
// or may do something else than then. While the database is away nobody knows.
func (w *readerWatch) changed() bool {
	ctx, cancel := context.WithTimeout(w.r.Context(), w.s.storeTime())
	defer cancel()
	now, err := w.s.whoIs(w.r.WithContext(ctx))
	if unavailable(ctx, err) != nil {
		return fault.KindOf(unavailable(ctx, err)) != fault.Unavailable
	}
	w.unknown = false
	if now.ID != w.actor.ID || now.Role != w.actor.Role {
		return true
	}
	if !w.actor.SignedIn() {
		return false
	}
	o, err := w.stands(w.r.Context())
	return err == nil && o != w.object || fault.KindOf(err) == fault.NotFound && err != nil
}
