package ircbot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// tell tells the bot that settings changed, as Postgres does.
func (w *world) tell() {
	w.t.Helper()
	select {
	case w.settings <- struct{}{}:
	case <-time.After(patience):
		w.t.Fatal("nobody listens for settings")
	}
}

// add adds a channel to network test.
func (w *world) add(name, key string) hackfest.ChannelID {
	w.t.Helper()
	id, err := w.AddChannel(w.t.Context(), "test", name, key, "", time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// change changes the settings of a channel of network test.
func (w *world) change(name string, key store.NewKey, change func(*hackfest.ChannelSettings)) {
	w.t.Helper()
	all, err := w.AllChannelSettings(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range all {
		if c.Name == name {
			change(&c)
			if err := w.ChangeChannel(w.t.Context(), c, key); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// in waits until the bot is in exactly these channels.
func (w *world) in(b *running, channels ...string) {
	w.t.Helper()
	w.eventually("the bot in "+strings.Join(channels, " "), func() bool {
		st := b.Status().Networks[0]
		return slices.Equal(st.Channels, channels) && len(st.Absent) == 0
	})
}

func leave(c *hackfest.ChannelSettings)  { c.Joined = false }
func enter(c *hackfest.ChannelSettings)  { c.Joined = true }
func nothing(*hackfest.ChannelSettings)  {}
func mute(c *hackfest.ChannelSettings)   { c.Logged = false }
func record(c *hackfest.ChannelSettings) { c.Logged = true }

func TestChannelsChangeWithoutRestart(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	ann := w.person(server.Addr, "ann", "#second")
	ann.Raw("MODE #second +k sesame")
	b := w.start()
	w.add("#second", "sesame")
	w.tell()
	w.in(b, "#euca", "#second")
	ann.Say("#second", "#startmeeting In the second")
	ann.ExpectText("Meeting started: In the second")
	ann.Say("#second", "#info before the bot leaves")
	ann.Say("#second", "the last line")
	w.eventually("the last line", func() bool { return count(w.log("test", "#second"), "<ann> the last line") == 1 })

	// It is taken out while Postgres is away: what was heard is stored all the same.
	w.change("#second", store.NewKey{Key: "other"}, leave)
	w.tell()
	ann.ExpectText("PART #second :" + leaves)
	w.in(b, "#euca")
	ann.Say("#second", "unheard")
	w.eventually("that it left", func() bool { return count(w.log("test", "#second"), "gap  Left the channel: "+leaves) == 1 })
	w.stored(b)
	b.stop()

	// A restart keeps it out, also when the settings of the program name it.
	w.networks[0] = on("test", server.Addr, "#euca", "#second")
	b = w.start()
	w.in(b, "#euca")
	ann.Raw("MODE #second -k sesame")
	ann.Raw("MODE #second +k other")
	ann.ExpectText("MODE #second +k other")
	w.change("#second", store.NewKey{}, enter)
	w.tell()
	w.in(b, "#euca", "#second")
	ann.ExpectText("I am back and the meeting goes on: In the second.")
	ann.Say("#second", "#endmeeting")
	ann.ExpectText("Meeting ended")
	w.stored(b)
	m := w.meetings("test", "#second")
	if len(m) != 1 || m[0].Running() || !slices.Equal(w.items(m[0].Ref), []string{"info ann before the bot leaves"}) {
		t.Errorf("meetings %+v", m)
	}
	log := strings.Join(w.log("test", "#second"), "\n")
	if strings.Contains(log, "unheard") || strings.Contains(log, "sesame") {
		t.Errorf("the log has too much:\n%s", log)
	}
}

func TestKeyIsChangedAndJoiningAskedForAgain(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.networks[0].Timing.Rejoin = 20 * time.Millisecond
	ann := w.person(server.Addr, "ann", "#second")
	ann.Raw("MODE #second +k sesame")
	ann.ExpectText("MODE #second +k")
	b := w.start()
	id := w.add("#second", "")
	w.tell()
	givenUp := func() bool {
		st := b.Status().Networks[0]
		return len(st.Absent) == 1 && st.Absent[0].GivenUp
	}
	w.eventually("it gives up", givenUp)
	w.change("#second", store.NewKey{Key: "sesame"}, nothing)
	w.tell()
	w.in(b, "#euca", "#second")
	ann.Raw("MODE #second +b hackbot!*@*")
	ann.Kick("#second", "hackbot", "out")
	w.eventually("it gives up again", givenUp)
	ann.Raw("MODE #second -b hackbot!*@*")
	ann.ExpectText("MODE #second -b")
	if err := w.AskToJoin(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	w.tell()
	w.in(b, "#euca", "#second")
}

func TestNothingIsKeptOfAChannelThatIsNotLogged(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	ann.Say("#euca", "kept before")
	w.eventually("a line", func() bool { return count(w.log("test", "#euca"), "kept before") == 1 })
	w.change("#euca", store.NewKey{}, mute)
	w.tell()
	w.eventually("the end of the log", func() bool { return count(w.log("test", "#euca"), "Logging was switched off.") == 1 })
	ann.Say("#euca", "a secret")
	ann.Say("#euca", "#startmeeting Secret")
	ann.ExpectText(noMeeting)
	ann.Say("#euca", "!next")
	ann.ExpectText("PRIVMSG #euca :Nothing is")
	b.stop()
	b = w.start() // and stays so
	ann.Say("#euca", "another secret")
	ann.Say("#euca", "#startmeeting Secret")
	ann.ExpectText(noMeeting)
	w.change("#euca", store.NewKey{}, record)
	w.tell()
	w.eventually("the log goes on", func() bool { return count(w.log("test", "#euca"), "Logging was switched on;") == 1 })
	ann.Say("#euca", "kept again")
	w.eventually("a line", func() bool { return count(w.log("test", "#euca"), "kept again") == 1 })
	w.stored(b)
	b.stop()
	if log := strings.Join(w.log("test", "#euca"), "\n"); strings.Contains(log, "ecret") {
		t.Errorf("kept:\n%s", log)
	}
	if files := w.grep("secret"); len(files) > 0 {
		t.Errorf("the spool has it: %q", files)
	}
}

func TestMeetingEndsByItselfWhereTheBotLeft(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca", "#second"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#second")
	ann.Say("#second", "#startmeeting Forgotten")
	ann.ExpectText("Meeting started")
	w.change("#second", store.NewKey{}, leave)
	w.tell()
	w.in(b, "#euca")
	b.stop()
	b = w.start()
	w.late.Store(int64(4 * time.Hour))
	w.eventually("its end", func() bool {
		m := w.meetings("test", "#second")
		return len(m) == 1 && !m[0].Running()
	})
	if m := w.meetings("test", "#second")[0]; m.EndedBy != "silence" {
		t.Errorf("meeting %+v", m)
	}
	w.stored(b)
}

// A line of a channel nobody knew is on its way to Postgres when it becomes a
// room: nothing is lost of what was heard before and after.
func TestChannelBecomesKnownWhileItsLinesWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, on("test", "127.0.0.1:1"))
	b := w.dead()
	at := time.Now().UTC()
	say := func(channel, text string) {
		b.append(hackfest.Line{Network: "test", Channel: channel, At: at, ReceivedAt: at, Nick: "ann", Kind: hackfest.Message, Text: text})
	}
	say("#New", "one")
	say("#other", "not this")
	say("#new", "two")
	d := newDrainer(b.Bot, nil)
	lines, err := b.spool.Read(t.Context(), hackfest.Ref{}, atOnce)
	if err != nil || len(lines) == 0 {
		t.Fatal(err)
	}
	if err := d.fold(t.Context(), lines); err != nil {
		t.Fatal(err)
	}
	b.open(b.links[0], hackfest.BotChannel{Name: "#New", Joined: true, Logged: true}, meeting.Resumption{})
	say("#NEW", "three")
	more, err := b.spool.Read(t.Context(), lines[len(lines)-1].Ref, atOnce)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.fold(t.Context(), more); err != nil {
		t.Fatal(err)
	}
	if err := d.store(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.spool.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := w.log("test", "#new"), []string{"<ann> one", "<ann> two", "<ann> three"}; !slices.Equal(got, want) {
		t.Errorf("stored %q", got)
	}
}
