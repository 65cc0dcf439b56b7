package web

import (
	"context"
	"reflect"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// floorKey names what sharedFloor reads: it depends on a reader's role alone.
type floorKey struct {
	members bool
	session hackfest.SessionID
	running int
	meeting hackfest.Ref
}

func (s *Server) sharedFloor(ctx context.Context, v person.Viewer, x hackfest.Session, meeting hackfest.Ref) (floorNow, error) {
	key := floorKey{v.SeesMembersOnly(), x.ID, x.Running, meeting}
	return s.shared.floors.ask(ctx, key, s.storeTime(), func(ctx context.Context) (floorNow, error) {
		return s.floor(ctx, v, x, meeting)
	})
}

// movesFloor reports whether changes show on the floor.
func movesFloor(c store.Changes) bool {
	return c.Meeting != nil || len(c.Topics)+len(c.Items)+len(c.Votes)+len(c.Agenda)+len(c.Actions) > 0
}

// sendFloor sends the parts of the page that are replaced as a whole, if what
// they show has changed.
func (t *stream) sendFloor(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.s.storeTime())
	defer cancel()
	f, err := t.s.sharedFloor(ctx, t.viewer, t.session, t.page.meeting)
	if err != nil {
		return t.trouble(unavailable(ctx, err))
	}
	if t.floor != nil && reflect.DeepEqual(f, *t.floor) {
		return nil
	}
	t.rows.clock.Now = t.s.Now()
	r := t.reader.r.WithContext(ctx)
	by, err := t.s.speakerOf(r, t.session, f.standing)
	if err != nil {
		return t.trouble(unavailable(ctx, err))
	}
	view, err := t.s.floorView(ctx, t.rows.clock, t.session, f, by)
	if err != nil {
		return t.trouble(unavailable(ctx, err))
	}
	path := templates.SessionURL(t.session.Slug) + "/live"
	html, err := t.part(ctx, templates.FloorParts(view, by.chair && t.session.Running > 0, nextBox(path, f), undoBox(path, f)))
	if err != nil {
		return err
	}
	t.floor = &f
	return t.event("parts", "", html)
}
