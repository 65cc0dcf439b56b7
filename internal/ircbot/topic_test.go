package ircbot

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

func TestTopicKeepsWhatOthersWrote(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.networks[0].Timing.PerLine = 10 * time.Millisecond
	ann := w.person(server.Addr, "ann", "#euca")
	ann.Raw("TOPIC #euca :Welcome | logs: http://x.example")
	ann.ExpectText(" TOPIC #euca ")
	b := w.start()
	const one, two = "Next: Recipes · base/next", "Next: Swift · base/next"
	set := func(part string, want fault.Kind, topic string) {
		t.Helper()
		err := b.Topic(t.Context(), "test", "#euca", part)
		if (err == nil) != (want == fault.Internal) || err != nil && fault.KindOf(err) != want {
			t.Errorf("got %v", err)
		}
		w.eventually("the topic "+topic, func() bool { return b.links[0].network.Topic("#euca") == topic })
	}
	byHand := func(topic string) {
		t.Helper()
		ann.Raw("TOPIC #euca :" + topic)
		w.eventually("the topic "+topic, func() bool { return b.links[0].network.Topic("#euca") == topic })
	}
	set(one, fault.Internal, "Welcome | logs: http://x.example | "+one)
	set(one, fault.Internal, "Welcome | logs: http://x.example | "+one)
	byHand("Hello | " + one + " | logs: http://y.example")
	b.stop()
	b = w.start() // it knows its own part again
	set(two, fault.Internal, "Hello | "+two+" | logs: http://y.example")
	byHand("Only this")
	set(one, fault.Internal, "Only this | "+one)

	ann.Say("#euca", "#startmeeting Recipes")
	ann.ExpectText("Meeting started")
	ann.Say("#euca", "#topic The first thing")
	w.eventually("the meeting's topic", func() bool { return b.links[0].network.Topic("#euca") == "The first thing" })
	set(two, fault.Unavailable, "The first thing")
	ann.Say("#euca", "#endmeeting")
	w.eventually("the topic of before", func() bool { return b.links[0].network.Topic("#euca") == "Only this | "+one })
	set(two, fault.Internal, "Only this | "+two)

	byHand(strings.Repeat("x", 330) + " | " + two)
	set(two+", and much more beside it", fault.Conflict, strings.Repeat("x", 330)+" | "+two)
	set("", fault.Internal, strings.Repeat("x", 330))
	byHand("Welcome")
	ann.Raw("MODE #euca +t")
	ann.ExpectText(" MODE #euca ")
	set(one, fault.Forbidden, "Welcome")
	ann.Raw("MODE #euca -t")
	ann.ExpectText(" MODE #euca ")
	set(one, fault.Internal, "Welcome | "+one)
	ann.Say("#euca", "!quiet")
	ann.ExpectText("I say nothing unasked")
	set(two, fault.Unavailable, "Welcome | "+one)
	ann.Say("#euca", "!speak")
	ann.ExpectText("I may speak")

	// It goes from channels that are to show it no longer.
	w.settings <- struct{}{}
	w.eventually("the topic without it", func() bool { return b.links[0].network.Topic("#euca") == "Welcome" })
	if err := b.Topic(t.Context(), "test", "#other", one); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("elsewhere: %v", err)
	}
}

func TestNotice(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	w.person(server.Addr, "bob")
	w.eventually("ann is seen", func() bool { return b.links[0].network.Sees("ann", "") })
	if err := b.Notice(t.Context(), "test", "Ann", "", "In 10 min: Recipes"); err != nil {
		t.Error(err)
	}
	ann.ExpectText("NOTICE ann :In 10 min: Recipes")
	for _, tt := range []struct{ name, network, nick, account string }{
		{"another network", "other", "ann", ""},
		{"in no channel with us", "test", "bob", ""},
		{"not there", "test", "eve", ""},
		{"not shown to be who they should", "test", "ann", "annacc"},
	} {
		if err := b.Notice(t.Context(), tt.network, tt.nick, tt.account, "x"); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
