package ircbot

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

func TestMeetingEndsAsRows(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	bob := w.person(server.Addr, "bob", "#euca")
	ann.Say("#euca", "#startmeeting Recipes")
	ann.ExpectText("Meeting started: Recipes. Chair: ann. Live page: http://portal.example/meetings/")
	ann.Say("#euca", "#topic OpenShift")
	ann.Expect(testirc.Command("TOPIC"))
	bob.Say("#euca", "#action bob: file it")
	bob.Say("#euca", "see https://ghe.example/eucalyptus/recipes/issues/3")
	bob.Say("#euca", "#info wrong")
	bob.Rename("bobby")
	ann.Say("#euca", "#undo")
	ann.ExpectText("wrong")
	ann.Say("#euca", "#agreed we go on")
	ann.Say("#euca", "#endmeeting")
	ann.ExpectText("Minutes: http://portal.example/meetings/")
	bob.Quit("home")
	w.eventually("bobby's quit", func() bool { return count(w.log("test", "#euca"), "quit bobby") == 1 })
	w.stored(b)

	m := w.meetings("test", "#euca")
	if len(m) != 1 || m[0].Running() || m[0].Title != "Recipes" || m[0].Owner != "ann" || m[0].Decisions != 1 || m[0].Actions != 1 {
		t.Fatalf("meetings %+v", m)
	}
	if got, want := w.items(m[0].Ref), []string{"action bob bob: file it", "agreed ann we go on"}; !slices.Equal(got, want) {
		t.Errorf("items %q, want %q", got, want)
	}
	if mins, err := w.Minutes(t.Context(), person.PublicViewer, m[0].Ref); err != nil || fmt.Sprint(mins.Issues) != "[eucalyptus/recipes#3]" {
		t.Errorf("issues %v %v", mins.Issues, err)
	}
	log := w.log("test", "#euca")
	for text, n := range map[string]int{
		"gap  Connected to test.": 1, "<ann> #startmeeting Recipes": 1, "<hackbot> Meeting started: Recipes.": 1,
		"<ann> #endmeeting": 1, "<hackbot> Meeting ended": 1, "nick bob": 1, "quit bobby": 1, "context": 0,
	} {
		if got := count(log, text); got != n {
			t.Errorf("%d lines with %q, want %d", got, text, n)
		}
	}
	if t.Failed() {
		t.Log(strings.Join(log, "\n"))
	}
	if c := &b.Counters; c.Heard.Load() == 0 || c.Heard.Load() != c.Stored.Load() || c.Said.Load() < 4 {
		t.Errorf("heard %d, stored %d, said %d", c.Heard.Load(), c.Stored.Load(), c.Said.Load())
	}
}

func TestTwoNetworksWithOneChannelName(t *testing.T) {
	t.Parallel()
	plain, secure := testirc.NgIRCd(t, testirc.Options{}), testirc.NgIRCd(t, testirc.Options{})
	second := on("second", secure.TLSAddr, "#euca", "#other")
	second.TLS = tlsTo(secure)
	w := newWorld(t, on("first", plain.Addr, "#euca"), second)
	b := w.start()
	ann := w.person(plain.Addr, "ann", "#euca")
	eve := w.person(secure.Addr, "eve", "#euca", "#other")
	ann.Say("#euca", "#startmeeting One")
	eve.Say("#euca", "#startmeeting Two")
	ann.ExpectText("Meeting started: One")
	eve.ExpectText("Meeting started: Two")
	eve.Say("#euca", "#info from eve")
	ann.Say("#euca", "#info from ann")
	ann.Say("#euca", "#endmeeting")
	eve.Say("#euca", "#endmeeting")
	ann.ExpectText("Meeting ended")
	eve.ExpectText("Meeting ended")
	eve.Quit("bye")
	w.eventually("eve's quit", func() bool { return count(w.log("second", "#other"), "quit eve") == 1 })
	w.stored(b)
	for network, want := range map[string]string{"first": "info ann from ann", "second": "info eve from eve"} {
		m := w.meetings(network, "#euca")
		if len(m) != 1 || !slices.Equal(w.items(m[0].Ref), []string{want}) {
			t.Errorf("%s: %+v", network, m)
		}
	}
	if log := w.log("first", "#euca"); count(log, "eve") > 0 {
		t.Errorf("first network has lines of the second:\n%s", strings.Join(log, "\n"))
	}
	for _, channel := range []string{"#euca", "#other"} {
		if log := w.log("second", channel); count(log, "quit eve") != 1 || count(log, "ann") > 0 {
			t.Errorf("second network, %s:\n%s", channel, strings.Join(log, "\n"))
		}
	}
}

func TestMeetingGoesOnWithoutPostgres(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"away", "frozen", "liar"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			server := testirc.NgIRCd(t, testirc.Options{})
			w := newWorld(t, on("test", server.Addr, "#euca"))
			b := w.start()
			ann := w.person(server.Addr, "ann", "#euca")
			w.stored(b)
			w.postgres.set(mode)
			ann.Say("#euca", "#startmeeting Recipes")
			ann.ExpectText("Meeting started")
			if mode != "liar" {
				ann.ExpectText("The database is away.")
				if st := b.Status(); st.PostgresAway.IsZero() {
					t.Errorf("status %+v", st)
				}
			}
			ann.Say("#euca", "#info one")
			ann.Say("#euca", "#info two")
			if mode != "frozen" {
				w.eventually("some failures", func() bool { return w.postgres.tried.Load() > 2 })
			}
			ann.Say("#euca", "#endmeeting")
			ann.ExpectText("Meeting ended")
			w.postgres.set("")
			if mode != "liar" {
				ann.ExpectText("The database is back")
			}
			ann.Say("#euca", "the end")
			w.eventually("the last line", func() bool { return count(w.log("test", "#euca"), "<ann> the end") == 1 })
			w.stored(b)
			m := w.meetings("test", "#euca")
			if len(m) != 1 || m[0].Running() || !slices.Equal(w.items(m[0].Ref), []string{"info ann one", "info ann two"}) {
				t.Fatalf("meetings %+v", m)
			}
			log := w.log("test", "#euca")
			for _, text := range []string{"#startmeeting", "Meeting started", "#info one", "#info two", "#endmeeting", "Meeting ended"} {
				if count(log, text) != 1 {
					t.Errorf("%q is not there once:\n%s", text, strings.Join(log, "\n"))
				}
			}
			if n := count(log, "The database is away"); mode != "liar" && n != 1 {
				t.Errorf("told %d times", n)
			}
		})
	}
}

func TestRestartInAMeeting(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		during string // how Postgres is before the restart
	}{
		{name: "all stored"},
		{name: "the meeting in the spool only", during: "away"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := testirc.NgIRCd(t, testirc.Options{})
			w := newWorld(t, on("test", server.Addr, "#euca"))
			b := w.start()
			ann := w.person(server.Addr, "ann", "#euca")
			w.stored(b)
			w.postgres.set(tt.during)
			ann.Say("#euca", "#startmeeting Recipes")
			ann.Say("#euca", "#chair bob")
			ann.Say("#euca", "#info one")
			ann.Say("#euca", "#topic OpenShift")
			ann.Expect(testirc.Command("TOPIC")) // so the bot has heard what came before
			b.stop()
			ann.ExpectText("QUIT")
			w.postgres.set("")
			b = w.start()
			ann.ExpectText("I am back and the meeting goes on: Recipes. Topic: OpenShift. Chairs: ann, bob. 1 item so far.")
			ann.Say("#euca", "#topic Cloud Foundry") // she is a chair still
			ann.Expect(testirc.Command("TOPIC"))
			bob := w.person(server.Addr, "bob", "#euca")
			bob.Say("#euca", "#info two")
			bob.Say("#euca", "#endmeeting")
			bob.ExpectText("Meeting ended")
			w.stored(b)
			b.stop()
			b = w.start()
			bob.Say("#euca", "#endmeeting")
			bob.ExpectText("No meeting is running here.")
			w.stored(b)
			m := w.meetings("test", "#euca")
			want := []string{"info ann one", "info bob two"}
			if len(m) != 1 || m[0].Running() || !slices.Equal(w.items(m[0].Ref), want) || !slices.Equal(w.draft(m[0].Ref), want) {
				t.Fatalf("meetings %+v, draft %q", m, w.draft(m[0].Ref))
			}
			log := w.log("test", "#euca")
			for text, n := range map[string]int{
				"I am back": 1, "Meeting started": 1, "Meeting ended after": 1, "The meeting has ended": 0,
				"gap  Disconnected from test": 2, "gap  Connected": 3, "without warning": 0,
			} {
				if got := count(log, text); got != n {
					t.Errorf("%d lines with %q, want %d", got, text, n)
				}
			}
			if t.Failed() {
				t.Log(strings.Join(log, "\n"))
			}
		})
	}
}

func TestServerRestartInAMeeting(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	ann.Say("#euca", "#startmeeting Recipes")
	ann.Say("#euca", "#topic OpenShift")
	ann.Expect(testirc.Command("TOPIC"))
	w.eventually("the topic", func() bool { return count(w.log("test", "#euca"), "topic hackbot OpenShift") == 1 }) // the bot hears it by itself
	server.Stop()
	w.eventually("the end of the connection", func() bool { return len(b.Status().Networks[0].Absent) == 1 })
	server.Start()
	w.eventually("the bot back in its channel", func() bool { return len(b.Status().Networks[0].Absent) == 0 })
	ann = w.person(server.Addr, "ann", "#euca")
	ann.Say("#euca", "#info one")
	ann.Say("#euca", "the end")
	w.eventually("the last line", func() bool { return count(w.log("test", "#euca"), "<ann> the end") == 1 })
	w.stored(b)
	log := w.log("test", "#euca")
	for text, n := range map[string]int{
		"gap  Connected again": 1, "gap  Disconnected": 1, "topic hackbot OpenShift": 2, "Meeting started": 1,
		"I am back and the meeting goes on: Recipes. Topic: OpenShift. Chairs: ann.": 1,
	} {
		if got := count(log, text); got != n {
			t.Errorf("%d lines with %q, want %d", got, text, n)
		}
	}
	if m := w.meetings("test", "#euca"); len(m) != 1 || !m[0].Running() || !slices.Equal(w.items(m[0].Ref), []string{"info ann one"}) {
		t.Errorf("meetings %+v", m)
	}
	if t.Failed() {
		t.Log(strings.Join(log, "\n"))
	}
}

// The bot died after #endmeeting was safe and before it said so; Postgres had
// the end, or not.
func TestUnsaidEndIsSaidOnce(t *testing.T) {
	t.Parallel()
	for _, drained := range []bool{false, true} {
		server := testirc.NgIRCd(t, testirc.Options{})
		w := newWorld(t, on("test", server.Addr, "#euca"))
		b := w.start()
		ann := w.person(server.Addr, "ann", "#euca")
		ann.Say("#euca", "#startmeeting Recipes")
		ann.ExpectText("Meeting started")
		w.stored(b)
		b.stop()
		ann.ExpectText("QUIT")

		b = w.dead() // what it hears is safe, and nobody answers
		now := time.Now().UTC()
		b.append(hackfest.Line{Network: "test", Channel: "#euca", At: now, ReceivedAt: now, Nick: "ann", Kind: hackfest.Message, Text: "#endmeeting"})
		b.kill(drained)

		for run := range 2 {
			b = w.start()
			ann.Say("#euca", "well?")
			if run == 0 {
				ann.ExpectText("The meeting has ended: Recipes. Minutes: http://portal.example/meetings/")
			}
			w.stored(b)
			b.stop()
			ann.ExpectText("QUIT")
		}
		log := w.log("test", "#euca")
		if count(log, "The meeting has ended") != 1 || count(log, "Stopped without warning") != 1 {
			t.Errorf("drained %t:\n%s", drained, strings.Join(log, "\n"))
		}
	}
}

func TestOffTheRecordReachesNoDisk(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	ann.Say("#euca", "[off] hush-1")
	ann.Say("#euca", "well, [OFF] hush-2")
	ann.Act("#euca", "[nolog] hush-3")
	ann.Notice("#euca", "\x02[off]\x02 hush-4")
	ann.Say("hackbot", "hush-5")
	ann.Say("#euca", "[off] caf\xe9 hush-6")
	ann.Say("#euca", "#startmeeting [off] hush-7")
	ann.ExpectText("[off] to stay off the record")
	ann.Say("#euca", "over")
	w.eventually("the last line", func() bool { w.stored(b); return count(w.log("test", "#euca"), "<ann> over") == 1 })
	if found := w.grep("hush"); len(found) > 0 {
		t.Errorf("secrets are in %q", found)
	}
	if len(w.grep("well,")) == 0 {
		t.Error("the spool was not looked at")
	}
	log := w.log("test", "#euca")
	if count(log, "hush") > 0 || count(log, "<ann> well,") != 1 || count(log, "<> ") != 2 || count(log, "[off] to stay off the record") != 1 {
		t.Errorf("log:\n%s", strings.Join(log, "\n"))
	}
	if b.Counters.Private.Load() != 1 {
		t.Errorf("%d private messages", b.Counters.Private.Load())
	}
}

func TestSilenceEndsAMeeting(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	ann.Say("#euca", "#startmeeting Recipes")
	ann.ExpectText("Meeting started")
	w.late.Store(int64(3*time.Hour + time.Second))
	ann.ExpectText("Nobody has spoken for three hours")
	w.eventually("the end in Postgres", func() bool {
		m := w.meetings("test", "#euca")
		return len(m) == 1 && m[0].EndedBy == "silence"
	})
}

func TestMeetingTakesThePlannedSession(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	w.stored(b)
	now := time.Now()
	if _, err := w.AddSession(t.Context(), hackfest.Session{
		Title: "AppScale", Kind: hackfest.KindHackfest, State: hackfest.StateScheduled, Zone: "UTC",
		StartsAt: now, EndsAt: now.Add(time.Hour), Network: "test", Channel: "#euca",
	}, now); err != nil {
		t.Fatal(err)
	}
	w.schedule <- struct{}{}
	w.schedule <- struct{}{} // taken only when the first has been dealt with
	w.postgres.set("away")   // the snapshot is what counts
	ann.Say("#euca", "#startmeeting")
	ann.ExpectText("Meeting started: AppScale.")
	w.postgres.set("")
	w.stored(b)
	if m := w.meetings("test", "#euca"); len(m) != 1 || m[0].SessionTitle != "AppScale" {
		t.Errorf("meetings %+v", m)
	}
}

func TestChannelThatIsNoLongerOurs(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca", "#old"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#old")
	ann.Say("#old", "#startmeeting Recipes")
	ann.ExpectText("Meeting started")
	w.stored(b)
	w.postgres.set("away")
	ann.Say("#old", "#info one")
	ann.Say("#old", "#info two")
	ann.Say("#old", "#status")
	ann.ExpectText("2 items")
	b.stop()
	w.postgres.set("")
	w.networks = []ircnet.Config{on("test", server.Addr, "#euca")}
	b = w.start()
	w.stored(b)
	m := w.meetings("test", "#old")
	if len(m) != 1 || !slices.Equal(w.items(m[0].Ref), []string{"info ann one", "info ann two"}) {
		t.Errorf("meetings %+v", m)
	}
}

func TestBotWaitsForPostgresBeforeItConnects(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.postgres.set("away")
	b := w.launch()
	w.eventually("some failures", func() bool { return w.postgres.tried.Load() > 2 })
	if st := b.Status(); !st.Waiting || len(st.Networks[0].Channels) > 0 {
		t.Errorf("status %+v", st)
	}
	w.postgres.set("")
	w.eventually("the bot in its channel", func() bool { return len(b.Status().Networks[0].Channels) == 1 })
	b.stop()
	w.postgres.set("away")
	w.launch().stop() // does not hang
}
