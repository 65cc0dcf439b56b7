package ircbot

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testirc"
)

// burst says lines in a channel in one packet, so that each comes right behind
// the one before.
func burst(c *testirc.Client, channel string, lines ...string) {
	for i := range lines {
		lines[i] = "PRIVMSG " + channel + " :" + lines[i]
	}
	c.Raw(strings.Join(lines, "\r\n"))
}

// #off protects the very next line, however close it comes, and a chair's #on
// comes through; neither disk nor database ever has what is between.
func TestOffProtectsTheNextLine(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	bob := w.person(server.Addr, "bob", "#euca")
	ann.Say("#euca", "#startmeeting Secrets")
	ann.ExpectText("Meeting started")
	for i := range 10 {
		burst(ann, "#euca", fmt.Sprint("on ", i), "#off", "hush-a", "#on said softly hush-b", fmt.Sprint("back ", i))
		ann.ExpectText("On the record again.")
	}
	burst(ann, "#euca", "#chair bob", "#info kept")
	bob.ExpectText("Chairs")
	burst(bob, "#euca", "#off 5m", "hush-1")
	ann.ExpectText("Off the record")
	burst(ann, "#euca", "#info hush-2", "\x01ACTION hush-3\x01", "#topic hush-4", "#vote hush-5")
	ann.Notice("#euca", "hush-6")
	eve := w.person(server.Addr, "eve", "#euca")
	eve.Say("#euca", "#on") // she is no chair
	bob.Part("#euca", "hush-7")
	bob.ExpectText("PART")
	bob.Join("#euca")
	ann.Rename("anna")
	burst(ann, "#euca", "hush-8", "#on", "over")
	ann.ExpectText("On the record again.")
	w.eventually("the last line", func() bool { w.stored(b); return count(w.log("test", "#euca"), "<anna> over") == 1 })
	if found := w.grep("hush"); len(found) > 0 {
		t.Errorf("secrets are in %q", found)
	}
	log := w.log("test", "#euca")
	if count(log, "hush") > 0 || count(log, "<ann> on ") != 10 || count(log, "<ann> back ") != 10 || count(log, "join eve") != 1 ||
		count(log, "<eve>") > 0 || count(log, "nick ann") != 1 {
		t.Errorf("log:\n%s", strings.Join(log, "\n"))
	}
	m := w.meetings("test", "#euca")
	if items := w.items(m[0].Ref); !slices.Equal(items, []string{"info ann kept"}) {
		t.Errorf("items %q", items)
	}
}

// A bot that is restarted while a meeting is off the record keeps nothing either,
// and tells when the time is over.
func TestRestartOffTheRecord(t *testing.T) {
	t.Parallel()
	for _, during := range []string{"", "away"} {
		t.Run("Postgres "+during, func(t *testing.T) {
			t.Parallel()
			server := testirc.NgIRCd(t, testirc.Options{})
			w := newWorld(t, on("test", server.Addr, "#euca"))
			b := w.start()
			ann := w.person(server.Addr, "ann", "#euca")
			w.stored(b)
			w.postgres.set(during)
			ann.Say("#euca", "#startmeeting Secrets")
			ann.Say("#euca", "#off 5m")
			ann.ExpectText("Off the record for 5 min")
			b.stop()
			ann.ExpectText("QUIT")
			w.postgres.set("")
			b = w.start()
			ann.ExpectText("I am back")
			ann.Say("#euca", "hush-1")
			ann.Say("#euca", "#info hush-2")
			w.late.Store(int64(5*time.Minute + time.Second))
			ann.ExpectText("On the record again.")
			ann.Say("#euca", "#info kept")
			w.eventually("what was said after", func() bool { return count(w.log("test", "#euca"), "#info kept") == 1 })
			w.stored(b)
			if found := w.grep("hush"); len(found) > 0 || count(w.log("test", "#euca"), "hush") > 0 {
				t.Errorf("secrets are in %q and\n%s", found, strings.Join(w.log("test", "#euca"), "\n"))
			}
		})
	}
}
