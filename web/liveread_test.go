package web

import (
	"fmt"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// What all open pages show is read for all of them together.
func TestManyReadersAskTogether(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	x := plan(t, s.Server, "AppScale", wednesday, nil)
	k := listen(t, s.Server, x)
	k.say("tessv", "#startmeeting")
	url := s.streamURL(t, x)
	const readers, lines = 50, 20
	var all []*follower
	for range readers {
		all = append(all, follow(t, url, ""))
	}
	eventually(t, "all follow", func() bool { return s.hub.Subscribers() == 3*readers }) // of the channel, the schedule and GitHub
	before := s.Store.Usage().Queries
	var want []hackfest.Ref
	for i := range lines {
		want = append(want, k.say("ann", fmt.Sprint("line ", i)))
		for _, f := range all {
			same(t, "reader", lineIDs(f.next("rows").data), want[i:])
		}
	}
	asked := s.Store.Usage().Queries - before
	t.Logf("%d readers, %d lines: %d queries", readers, lines, asked)
	if asked > readers*lines {
		t.Errorf("%d queries for %d lines to %d readers", asked, lines, readers)
	}
}
