package web

import (
	"testing"
	"time"


	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// enterAs signs the browser in as a, by a link that works once.
func enterAs(t *testing.T, b *testbrowser.Tab, s *liveServer, a person.Actor) {
	t.Helper()
	b.Open(s.url + "/signin/" + linkFor(t, s.Server, a.ID))
	b.Follow("main button.go")
}

// newLiveFloor is a session of a series with an agenda, the first half of it
// carried over, its chair and a member.
func newLiveFloor(t *testing.T) (*liveServer, floorTest) {
	t.Helper()
	dsn := testdb.URL(t)
	s := newLiveServer(t, dsn)
	weekly(t, s.Server, time.Date(2012, 8, 15, 12, 0, 0, 0, time.UTC), nil)
	get := func(slug string) hackfest.Session {
		x, err := s.Store.Session(t.Context(), viewerOf(nil), slug)
		must(t, err)
		return x
	}
	last, x := get("2012-08-15-weekly-hackfest"), get("2012-08-22-weekly-hackfest")
	f := floorTest{Server: s.Server, x: x, path: "/sessions/" + x.Slug, dsn: dsn}
	f.chair, f.member = join(t, s.Server, "Tess", person.Member), join(t, s.Server, "Dov", person.Member)
	chairs(t, dsn, f.chair, x)
	botIn(s.Server, "freenode", devel)
	for _, text := range []string{"Which image do we all use?", "DNS inside the cluster"} {
		_, err := s.Store.AddAgendaItem(t.Context(), last.ID, text, wednesday)
		must(t, err)
	}
	k := listen(t, s.Server, last)
	k.say("tessv", "#startmeeting")
	k.say("okapi", "hello")
	k.say("tessv", "#action okapi to try the two-node layout on the sandbox, due 2012-08-22")
	k.say("tessv", "#endmeeting")
	for _, text := range []string{"Head node from the recipe", "Three more nodes, then the guestbook", "What do we write down?"} {
		_, err := s.Store.AddAgendaItem(t.Context(), x.ID, text, wednesday)
		must(t, err)
	}
	_, err := s.Store.CarryOver(t.Context(), last.ID, x.ID, k.clock())
	must(t, err)
	c, err := s.Store.MeetingContext(t.Context(), x.Network, x.Channel, x.StartsAt)
	must(t, err)
	f.k = k
	k.planned = c.Sessions
	k.now.Store(x.StartsAt.Unix())
	return s, f
}

// opened is the meeting under way, in its second topic, with a vote.
func (f floorTest) opened() {
	k := f.k
	k.say("tessv", "#startmeeting AppScale")
	k.say("tessv", "#next")
	k.say("okapi", "m1.large swaps while the tools build")
	k.say("tessv", "#agreed Everybody uses emi-6b1f38c4, Ubuntu 10.04.")
	k.say("tessv", "#next")
	k.say("hbrandt", "#action hbrandt to put the hosts line into head.sh behind a switch, due friday")
	k.say("kestrel", "q+ to say that it works")
	k.say("tessv", "#startvote Do we put the head node into /etc/hosts? yes, not yet, never")
	k.say("kestrel", "#vote yes")
	k.say("okapi", "#vote yes")
	k.say("dov", "#vote not yet")
	k.chat(12)
}

// The controls of the live page, and all pages of a chair, in every way that
// must hold for all pages.
func TestBrowserPagesOfAChair(t *testing.T) {
	t.Parallel()
	s, f := newLiveFloor(t)
	before := func(b *testbrowser.Tab) { enterAs(t, b, s, f.chair) }
	f.k.pass(-20 * time.Minute)
	judgeAs(t, s.url+f.path, "chair-before", before)
	f.k.pass(20 * time.Minute)
	judgeAs(t, s.url+f.path, "chair-start", before)
	f.opened()
	judgeAs(t, s.url+f.path, "chair-live", before)
	judgeAs(t, s.url+f.path+"/agenda", "chair-agenda", before)
	judgeAs(t, s.url+f.path, "member-live", func(b *testbrowser.Tab) { enterAs(t, b, s, f.member) })
	f.Bot = nil
	judgeAs(t, s.url+f.path, "chair-away", before)
	botIn(f.Server, "freenode", devel)
	list, err := s.Store.Meetings(t.Context(), viewerOf(nil), store.MeetingFilter{})
	must(t, err)
	judgeAs(t, s.url+placeURL(list[0].Ref), "chair-place", before)
	f.k.say("tessv", "#endmeeting")
	judgeAs(t, s.url+f.path, "chair-ended", before)
	judgeAs(t, s.url+"/series/weekly-hackfest", "chair-series", before)
}

