package web

import (
	"net/http"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// apiLesson is a published lesson in the API.
type apiLesson struct {
	ID          int64  `json:"id"`
	Text        string `json:"text" about:"one sentence"`
	Kind        string `json:"kind" is:"do_again|avoid|unknown|broken_upstream"`
	Scope       string `json:"scope" is:"all|target|image" about:"what it is true for"`
	Target      string `json:"target" about:"slug; empty unless it is about one"`
	Image       string `json:"image" about:"name of the base image; empty unless it is about one"`
	Session     string `json:"session" about:"slug of the session that taught it; empty when none did"`
	Line        string `json:"line" is:"uri?" about:"address of the log line that shows it; empty when none is known"`
	Evidence    string `json:"evidence" is:"uri?" about:"address of what shows it, where no line does; empty for most"`
	PublishedAt string `json:"published_at" is:"instant?" about:"empty while it waits"`
	RetiredAt   string `json:"retired_at" is:"instant?" about:"since when it is not true any more; empty while it is"`
	Revision    int    `json:"revision" about:"counts its changes"`
	URL         string `json:"url" is:"uri"`
}

func (s *Server) apiLesson(l hackfest.Lesson) apiLesson {
	x := apiLesson{
		ID: int64(l.ID), Text: l.Text, Kind: string(l.Kind), Scope: string(l.Scope), Target: l.TargetSlug, Image: l.Image,
		Session: l.SessionSlug, Evidence: l.Evidence, PublishedAt: stamp(l.PublishedAt), RetiredAt: stamp(l.RetiredAt), Revision: l.Revision,
		URL: s.BaseURL + lessonURL(l.ID),
	}
	if !l.LineRef.IsZero() {
		x.Line = s.BaseURL + templates.LineURL(l.LineRef)
	}
	return x
}

// sendLessons answers GET /api/v1/lessons, newest first.
func (s *Server) sendLessons(w http.ResponseWriter, r *http.Request) error {
	l := listingOf(r)
	limit := l.limit()
	kinds := make([]string, len(lessonKinds))
	for i, k := range lessonKinds {
		kinds[i] = string(k)
	}
	f := store.LessonFilter{
		Kind:   hackfest.LessonKind(l.oneOf("kind", kinds...)),
		Scope:  hackfest.LessonScope(l.oneOf("scope", string(hackfest.ScopeAll), string(hackfest.ScopeTarget), string(hackfest.ScopeImage))),
		Target: l.query.Get("target"), Session: l.query.Get("session"), Image: l.query.Get("image"), Limit: limit + 1,
	}
	if place := l.cursor("lesson"); place != "" {
		if f.After = readLessonCursor(place); f.After == (store.LessonCursor{}) {
			l.bad("cursor", "is not one that this list gave out.")
		}
	}
	if l.err != nil {
		return l.err
	}
	list, err := s.Store.Lessons(r.Context(), viewerOf(r), f)
	if err != nil {
		return err
	}
	if len(list) > limit {
		list = list[:limit]
		s.next(w, r, "lesson", lessonCursor(store.CursorAfterLesson(list[limit-1])))
	}
	return s.sendJSON(w, r, itemsOf(list, s.apiLesson))
}
