package web

import (
	"net/http"
	"testing"

	"github.com/eucalyptus/hackfest/internal/person"
)

// Members are told that what they read is not for everybody; others find
// nothing of it.
func TestMembersOnlyIsSaid(t *testing.T) {
	t.Parallel()
	f := newFloorTest(t)
	f.k.say("tessv", "#startmeeting Between us")
	f.k.say("tessv", "#info the key is under the mat")
	lacks(t, f.see(t, f.member, f.path), "members only")
	f.k.say("tessv", "#restrictlogs")
	log := f.path + "/log"
	contains(t, f.see(t, f.member, f.path), "<b>members only</b>", "under the mat")
	contains(t, f.see(t, f.member, log), "Members only:", "under the mat")
	for _, path := range []string{f.path, log} {
		lacks(t, f.see(t, person.Actor{}, path), "under the mat", "embers only")
	}
	f.k.pass(70e9)
	f.k.say("tessv", "#endmeeting")
	contains(t, f.see(t, f.member, f.path), "members only", "under the mat")
	contains(t, f.see(t, f.member, "/minutes"), "members only", "Between us")
	if w := ask(t, f.Server, request{path: f.path}); w.Code != http.StatusOK {
		t.Errorf("the planned session is %d for the public", w.Code)
	} else {
		lacks(t, w.Body.String(), "under the mat")
	}
}
