package web

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

func itoa(n int) string { return strconv.Itoa(n) }

// A meeting is given to another session of its channel, and back.
func TestMeetingIsGivenToAnotherSession(t *testing.T) {
	t.Parallel()
	f := newFloorTest(t)
	other := plan(t, f.Server, "Planned for tomorrow", wednesday.Add(24*time.Hour), nil)
	chairs(t, f.dsn, f.chair, other)
	strange := plan(t, f.Server, "Somebody else's", wednesday.Add(26*time.Hour), nil)
	plan(t, f.Server, "Too far away", wednesday.Add(8*24*time.Hour), nil)
	plan(t, f.Server, "Elsewhere", wednesday.Add(24*time.Hour), func(x *hackfest.Session) { x.State = hackfest.StateCancelled })
	ref := f.k.opening()
	at := "/meetings/" + ref.String() + "/session"
	contains(t, f.see(t, f.chair, f.path), `href="`+at+`"`)
	f.k.close()
	f.k.pass(3 * time.Hour)
	contains(t, f.see(t, f.chair, f.path), "Give this meeting to another session")
	lacks(t, f.see(t, f.chair, f.path), "Discard it")
	lacks(t, f.see(t, f.member, f.path), "Give this meeting")
	page := f.see(t, f.chair, at)
	contains(t, page, "Planned for tomorrow", "A session of its own", "where it is now", "Everybody can read it.")
	lacks(t, page, "Too far away", "Elsewhere", "Somebody else")

	f.path = "/meetings/" + ref.String()
	f.send(t, f.member, "/session", 403, "session", other.Slug)
	_, body := f.send(t, f.chair, "/session", 422, "session", "none")
	contains(t, body, "There is no such session any more.")
	f.send(t, f.chair, "/session", 403, "session", strange.Slug)
	to, _ := f.send(t, f.chair, "/session", 303, "session", other.Slug)
	if !strings.HasPrefix(to, "/sessions/"+other.Slug+"?did=") {
		t.Fatalf("to %s", to)
	}
	contains(t, f.see(t, f.chair, to), "The meeting belongs to “Planned for tomorrow” now.", "first node in", "images are named by id")
	lacks(t, f.see(t, f.chair, "/sessions/"+f.x.Slug), "images are named by id")
	f.send(t, f.chair, "/session?session="+f.x.Slug, 303) // undo
	mel := join(t, f.Server, "Mel", person.Maintainer)
	contains(t, f.see(t, f.chair, "/sessions/"+f.x.Slug), "images are named by id")
	to, _ = f.send(t, mel, "/session", 303, "session", "")
	contains(t, f.see(t, mel, to), "no; it was begun in the channel")
}

// A meeting that was none is discarded, and brought back.
func TestMeetingIsDiscarded(t *testing.T) {
	t.Parallel()
	f := newFloorTest(t)
	f.k.say("tessv", "#startmeeting Oops")
	f.k.say("tessv", "#endmeeting")
	page := f.see(t, f.chair, f.path)
	contains(t, page, "It took less than a minute", "Discard it")
	lacks(t, f.see(t, f.member, f.path), "Discard it")
	discard := between(t, page, `action="/meetings/`, `"`)
	session := f.path
	f.path = "/meetings/"
	f.send(t, f.member, discard, 403)
	to, _ := f.send(t, f.chair, discard, 303)
	page = f.see(t, f.chair, to)
	contains(t, page, "The meeting is discarded.")
	lacks(t, page, "A draft.")
	undo := between(t, page, `action="`+session, `"`)
	f.path = session
	f.send(t, f.member, undo, 403)
	f.send(t, f.chair, undo, 303)
	contains(t, f.see(t, f.chair, session), "A draft.")
}
