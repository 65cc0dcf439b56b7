package ircbot

import (
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// Who has no account on the portal leaves themselves out of who was at a meeting
// by a word to the bot, and takes it back the same way.
func TestUnnamedByIRC(t *testing.T) {
	t.Parallel()
	irc := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", irc.Addr, "#euca"))
	b := w.start()
	c := w.person(irc.Addr, "Shy", "#euca")
	c.Say("#euca", "#startmeeting")
	c.Say("#euca", "#endmeeting")
	w.eventually("the meeting is over", func() bool {
		held := w.meetings("test", "#euca")
		return len(held) == 1 && !held[0].EndedAt.IsZero()
	})
	w.stored(b)
	names := func() string {
		t.Helper()
		m, err := w.Minutes(t.Context(), person.PublicViewer, w.meetings("test", "#euca")[0].Ref)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, p := range m.Present {
			list = append(list, p.Nick)
		}
		return strings.Join(list, " ")
	}
	named := names()
	said(t, "what it cannot mean", ask(c, "unnamed please"), "Say unnamed, or unnamed off.")
	for _, words := range []string{"!Unnamed", "unnamed on"} {
		said(t, "left out", ask(c, words), "From now on Shy is counted", "/privacy", "unnamed off")
		if got := names(); strings.Contains(got, "Shy") || got != strings.Replace(named, "Shy", "(unnamed)", 1) {
			t.Errorf("the minutes name %s, before %s", got, named)
		}
	}
	said(t, "named again", ask(c, "unnamed off"), "You are named as Shy again")
	if got := names(); got != named {
		t.Errorf("the minutes name %s, before %s", got, named)
	}
}
