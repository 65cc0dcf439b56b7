package ircbot

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// webMember makes a person and returns who looks on as that.
func (w *world) webMember(name string) person.Viewer {
	w.t.Helper()
	id, err := w.AddPerson(w.t.Context(), name, person.Member, time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return person.Viewer{ID: id, Role: person.Member}
}

// give gives a command for a channel on the web, and tells the bot.
func (w *world) give(v person.Viewer, channel, nick, text string, chair bool) string {
	w.t.Helper()
	c, err := w.Channel(w.t.Context(), v, "test", strings.TrimPrefix(channel, "#"))
	if err != nil {
		w.t.Fatal(err)
	}
	id, err := w.AddCommand(w.t.Context(), hackfest.WebCommand{ChannelID: c.ID, PersonID: v.ID, Nick: nick, Text: text, Chair: chair}, w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	select {
	case w.commands <- struct{}{}:
	default: // it has not looked since the last
	}
	return id
}

// became waits until a command is in a state; one that was given is stored too.
func (w *world) became(v person.Viewer, id string, state hackfest.CommandState) hackfest.CommandStatus {
	w.t.Helper()
	var st hackfest.CommandStatus
	w.eventually("the command is "+string(state), func() bool {
		var err error
		if st, err = w.Command(w.t.Context(), v, id, w.now()); err != nil {
			w.t.Fatal(err)
		}
		return st.State == state && (st.Stored || state != hackfest.CommandGiven)
	})
	return st
}

// A meeting is run from the web: each command is in the log in its author's name,
// is said in the channel once, and has the effects it has on IRC.
func TestMeetingFromTheWeb(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	bob := w.person(server.Addr, "bob", "#euca")
	ann, cat := w.webMember("Ann"), w.webMember("Cat")
	w.give(ann, "#euca", "ann", "#startmeeting From the web", true)
	bob.ExpectText("PRIVMSG #euca :From the web, ann: #startmeeting From the web")
	bob.ExpectText("Meeting started: From the web. Chair: ann.")
	w.give(cat, "#euca", "Cat/web", "#topic not hers", false)
	bob.ExpectText("From the web, Cat/web: #topic not hers")
	w.give(ann, "#euca", "ann", "#topic Images", true)
	bob.ExpectText("From the web, ann: #topic Images")
	bob.Expect(testirc.Command("TOPIC"))
	info := w.give(cat, "#euca", "Cat/web", "#info "+strings.Repeat("long ", 55), false)
	st := w.became(cat, info, hackfest.CommandGiven)
	bob.Say("#euca", "#action Cat/web to shorten it")
	bob.Say("#euca", "#status")
	bob.ExpectText("2 items")
	w.give(ann, "#euca", "ann", "#endmeeting", true)
	bob.ExpectText("Meeting ended")
	w.stored(b)
	m := w.meetings("test", "#euca")
	if len(m) != 1 || m[0].Running() || m[0].Owner != "ann" || len(w.items(m[0].Ref)) != 2 {
		t.Fatalf("meetings %+v", m)
	}
	log := w.log("test", "#euca")
	if count(log, "web ann #topic Images") != 1 || count(log, "web Cat/web #info long") != 1 || count(log, "From the web, ") != 0 || count(log, "topic hackbot") == 0 {
		t.Errorf("log:\n%s", strings.Join(log, "\n"))
	}
	if l, _, err := w.Line(t.Context(), person.PublicViewer, st.Ref); err != nil || l.Command != info {
		t.Errorf("the line of the command: %+v, %v", l, err)
	}
	for _, l := range bob.Received() {
		if strings.Contains(l, "PRIVMSG #euca :") && len(l) > 510 {
			t.Errorf("%d bytes: %s", len(l), l)
		}
	}
}

// What the bot cannot give to a channel is lost, and its author is told so.
func TestCommandsThatAreLost(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca", "#shut"))
	ann := w.webMember("Ann")
	bob := w.person(server.Addr, "bob", "#shut")
	bob.Raw("MODE #shut +i")
	bob.ExpectText("MODE #shut +i")
	b := w.launch()
	w.eventually("the bot in one channel", func() bool { return len(b.Status().Networks[0].Channels) == 1 })
	w.became(ann, w.give(ann, "#shut", "ann", "#info x", false), hackfest.CommandLost)
	w.stored(b)
	b.stop()
	waiting := w.give(ann, "#euca", "ann", "#info too late", false) // nobody is there
	w.became(ann, waiting, hackfest.CommandWaiting)
	w.late.Store(int64(hackfest.CommandLife + time.Second))
	w.became(ann, waiting, hackfest.CommandLost)
	b = w.start2()
	w.give(ann, "#euca", "ann", "#info in time", false)
	w.eventually("what came in time", func() bool { return count(w.log("test", "#euca"), "#info in time") == 1 })
	w.became(ann, waiting, hackfest.CommandLost)
	if log := w.log("test", "#euca"); count(log, "too late") > 0 {
		t.Errorf("log:\n%s", strings.Join(log, "\n"))
	}
}

// start2 starts a bot that has one channel it cannot join.
func (w *world) start2() *running {
	w.t.Helper()
	b := w.launch()
	w.eventually("the bot in one channel", func() bool { return len(b.Status().Networks[0].Channels) == 1 })
	return b
}

// A command for a meeting that is off the record leaves nothing, not even in the
// channel; the page knows why.
func TestCommandOffTheRecord(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	bob := w.person(server.Addr, "bob", "#euca")
	ann := w.webMember("Ann")
	bob.Say("#euca", "#startmeeting Secrets")
	bob.Say("#euca", "#off")
	bob.ExpectText("Off the record")
	if st := w.became(ann, w.give(ann, "#euca", "ann", "#info hush", false), hackfest.CommandGiven); !st.OffRecord {
		t.Errorf("status %+v", st)
	}
	w.became(ann, w.give(ann, "#euca", "ann", "#on", true), hackfest.CommandGiven)
	bob.ExpectText("On the record again.")
	bob.Say("#euca", "#info kept")
	w.eventually("what was said after", func() bool { return count(w.log("test", "#euca"), "#info kept") == 1 })
	w.stored(b)
	if slices.ContainsFunc(bob.Received(), func(l string) bool { return strings.Contains(l, "hush") }) || len(w.grep("hush")) > 0 {
		t.Error("it was said or kept")
	}
}

// A meeting starts on the web while Postgres is away with the agenda that was
// known, and what becomes of it is stored when Postgres is back.
func TestAgendaWithoutPostgres(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	now := time.Now()
	id, err := w.AddSession(t.Context(), hackfest.Session{
		Title: "AppScale", Kind: hackfest.KindHackfest, State: hackfest.StateScheduled, Zone: "UTC",
		StartsAt: now, EndsAt: now.Add(time.Hour), Network: "test", Channel: "#euca",
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"Images", "Docs", "Beer"} {
		if _, err := w.AddAgendaItem(t.Context(), id, text, now); err != nil {
			t.Fatal(err)
		}
	}
	w.schedule <- struct{}{}
	w.schedule <- struct{}{} // taken only when the first has been dealt with
	w.stored(b)
	w.postgres.set("away")
	ann.Say("#euca", "#startmeeting")
	ann.ExpectText("Docs")
	ann.Say("#euca", "#next")
	ann.ExpectText("Topic: Images")
	w.postgres.set("")
	w.stored(b)

	// What is added while it runs is on it too.
	if _, err := w.AddAgendaItem(t.Context(), id, "Food", now); err != nil {
		t.Fatal(err)
	}
	items, err := w.Agenda(t.Context(), person.PublicViewer, id)
	if err != nil || items[0].State != hackfest.AgendaReached {
		t.Fatalf("%+v, %v", items, err)
	}
	if err := w.DropAgendaItem(t.Context(), items[1].ID); err != nil {
		t.Fatal(err)
	}
	w.schedule <- struct{}{}
	w.schedule <- struct{}{}
	ann.Say("#euca", "#next")
	ann.ExpectText("Topic: Beer")
	ann.Say("#euca", "#next")
	ann.ExpectText("Topic: Food")
	w.stored(b)
	b.stop()
	ann.ExpectText("QUIT")
	b = w.start()
	ann.ExpectText("I am back and the meeting goes on: AppScale. Topic: Food.")
	ann.Say("#euca", "#next")
	ann.ExpectText("nothing is left of the agenda")

	// Who sends regrets on the web while it runs is in the minutes.
	if _, err := w.Answer(t.Context(), hackfest.Answering{SessionID: id, Nick: "cat", Answer: hackfest.AnswerRegrets, Via: "web"}, now); err != nil {
		t.Fatal(err)
	}
	w.schedule <- struct{}{}
	w.schedule <- struct{}{}
	ann.Say("#euca", "#endmeeting")
	ann.ExpectText("Meeting ended")
	w.stored(b)
	if m, err := w.Minutes(t.Context(), person.PublicViewer, w.meetings("test", "#euca")[0].Ref); err != nil || !slices.Equal(m.Regrets, []string{"cat"}) {
		t.Errorf("regrets %q, %v", m.Regrets, err)
	}
}

// Secret votes come by private message and leave no trace but the tally.
func TestSecretVoteByPrivateMessage(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca", "#other"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca", "#other")
	bob := w.person(server.Addr, "bob", "#euca", "#other")
	cat := w.person(server.Addr, "cat", "#euca")
	eve := w.person(server.Addr, "eve")
	for _, channel := range []string{"#euca", "#other"} {
		for _, text := range []string{"#startmeeting Votes", "#secretvote", "#startvote Who? xavier, yolanda"} {
			ann.Say(channel, text)
		}
		ann.ExpectText("PRIVMSG " + channel + " :Secret vote")
	}
	bob.Say("hackbot", "#vote xavier")
	bob.ExpectText("NOTICE bob :Secret votes are open in #euca, #other. Say which: #vote #euca OPTION")
	bob.Say("hackbot", "#vote #euca xavier")
	bob.ExpectText("NOTICE bob :Counted: xavier.")
	eve.Say("hackbot", "#vote #euca xavier")
	eve.ExpectText("NOTICE eve :No secret vote is open in a channel where both of us are.")
	cat.Say("hackbot", "#VOTE yolanda")
	cat.ExpectText("NOTICE cat :Counted: yolanda.")
	cat.Say("hackbot", "#vote zebra")
	cat.ExpectText("NOTICE cat :")
	cat.Say("hackbot", "my password is hush-1")

	// A restart in the middle loses no vote; one more comes from the web.
	w.stored(b)
	b.stop()
	ann.ExpectText("QUIT")
	w.start()
	ann.ExpectText("I am back")
	dan := w.webMember("Dan")
	w.became(dan, w.give(dan, "#euca", "Dan/web", "#vote yolanda", false), hackfest.CommandGiven)
	ann.Say("#euca", "#endvote")
	ann.ExpectText("Result: yolanda. xavier 1, yolanda 2.")
	ann.Say("#euca", "#endmeeting")
	ann.ExpectText("Meeting ended")
	ann.Say("#other", "#endmeeting")
	ann.ExpectText("Meeting ended")
	ann.Say("#euca", "over")
	w.eventually("the last line", func() bool { return count(w.log("test", "#euca"), "<ann> over") == 1 })
	w.eventually("the spool without votes", func() bool { return len(w.grep("#vote")) == 0 })
	if found := w.grep("hush"); len(found) > 0 {
		t.Errorf("secrets are in %q", found)
	}
	log := w.log("test", "#euca")
	if count(log, "#vote yol")+count(log, "#vote xav")+count(log, "Dan") > 0 || slices.ContainsFunc(ann.Received(), func(l string) bool { return strings.Contains(l, "From the web, Dan") }) {
		t.Errorf("log:\n%s", strings.Join(log, "\n"))
	}
	var ref hackfest.Ref
	for _, m := range w.meetings("test", "#euca") {
		ref = m.Ref
	}
	votes, err := w.Votes(t.Context(), person.PublicViewer, ref, hackfest.Ref{})
	if err != nil || len(votes) != 1 || votes[0].Cast != 3 || votes[0].Options[1].Count != 2 || len(votes[0].Options[1].Voters) > 0 {
		t.Errorf("votes %+v, %v", votes, err)
	}
	live, err1 := w.Minutes(t.Context(), person.PublicViewer, ref)
	again, err2 := w.Rebuild(t.Context(), person.PublicViewer, ref)
	if err1 != nil || err2 != nil || asJSON(live) != asJSON(again) {
		t.Errorf("rebuilt %v, %v:\n%s\nwas\n%s", err1, err2, asJSON(again), asJSON(live))
	}
}

// A command that is given to the channel twice counts once.
func TestCommandTwice(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	bob := w.person(server.Addr, "bob", "#euca")
	c := hackfest.WebCommand{ID: "01hv00000000000000000000aa", Nick: "ann", Text: "#startmeeting Once", Chair: true, Network: "test", Channel: "#euca"}
	if first, second := b.deliver(c), b.deliver(c); first.IsZero() || !second.IsZero() {
		t.Errorf("refs %s and %s", first, second)
	}
	bob.ExpectText("Meeting started: Once")
	bob.Say("#euca", "over")
	w.eventually("the last line", func() bool { return count(w.log("test", "#euca"), "<bob> over") == 1 })
	if n := count(bob.Received(), "From the web"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

func asJSON(v any) string {
	text, _ := json.MarshalIndent(v, "", " ")
	return string(text)
}
