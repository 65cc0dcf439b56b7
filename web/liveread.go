package web

import (
	"context"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// sharedReads are what streams ask of the store together: a line that a
// thousand pages show is read once or twice, not a thousand times.
type sharedReads struct {
	sessions share[sessionKey, hackfest.Session]
	changes  share[changesKey, store.Changes]
	now      share[nowKey, templates.NowBox]
	floors   share[floorKey, floorNow]
	ready    share[readyKey, readyNow]
	issues   share[issuesKey, map[ui.IssueName]hackfest.Issue]
	linked   share[linkedKey, linkedNow]
}

type sessionKey struct {
	viewer  person.Viewer
	session hackfest.SessionID
}

type changesKey struct {
	viewer person.Viewer
	query  store.ChangeQuery
}

// nowKey names a box as its reader sees it: times are in the reader's zone.
type nowKey struct {
	sessionKey
	meeting hackfest.Ref
	zone    string
	twelve  bool
}

func (s *Server) sharedSession(ctx context.Context, v person.Viewer, id hackfest.SessionID) (hackfest.Session, error) {
	return s.shared.sessions.ask(ctx, sessionKey{v, id}, s.storeTime(), func(ctx context.Context) (hackfest.Session, error) {
		return s.Store.SessionByID(ctx, v, id)
	})
}

// readyKey names how a session is prepared, and who comes, as its reader may know.
type readyKey struct {
	sessionKey
	inner, who bool
}

func (s *Server) sharedReady(ctx context.Context, v person.Viewer, x hackfest.Session, inner, who bool) (readyNow, error) {
	key := readyKey{sessionKey{v, x.ID}, inner, who}
	return s.shared.ready.ask(ctx, key, s.storeTime(), func(ctx context.Context) (readyNow, error) {
		return s.readiness(ctx, v, x, inner, who)
	})
}

// sharedChanges returns what others may have as well; it is only to be read.
func (s *Server) sharedChanges(ctx context.Context, v person.Viewer, q store.ChangeQuery) (store.Changes, error) {
	return s.shared.changes.ask(ctx, changesKey{v, q}, s.storeTime(), func(ctx context.Context) (store.Changes, error) {
		return s.Store.Changes(ctx, v, q)
	})
}

func (s *Server) sharedNow(ctx context.Context, v person.Viewer, c ui.Clock, session hackfest.Session, meeting hackfest.Ref) (templates.NowBox, error) {
	key := nowKey{sessionKey: sessionKey{v, session.ID}, meeting: meeting, twelve: c.Twelve}
	if c.Zone != nil {
		key.zone = c.Zone.String()
	}
	return s.shared.now.ask(ctx, key, s.storeTime(), func(ctx context.Context) (templates.NowBox, error) {
		return s.nowBox(ctx, v, c, session, meeting)
	})
}
