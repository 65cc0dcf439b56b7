package ircbot

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/spool"
)

// spoken is what people say in random meetings; %s is somebody's nick and %d a
// small number.
var spoken = []string{
	"hello", "#topic Images %d", "#subtopic part %d", "#next", "#info word %d", "#action %s to do %d", "#action %s to do it, due 2030-01-0%d",
	"#agreed on %d", "#rejected %d", "#idea %d", "#help %d", "#link http://example.org/%d the text", "http://example.org/%d", "s/word/deed/", "#undo", "#undo",
	"#chair %s", "#unchair %s", "#startvote Which %d? a, b c, d", "#startvote Ship %d?", "#vote a", "#vote b c", "+1", "-1", "#endvote", "#showvote",
	"#secretvote", "#quorum %d", "#voters %s ann", "#voters all", "q+ to say %d", "q-", "ack %s", "#lesson+ %d", "#lesson- %d", "#target openshift", "#here alias%d",
	"present+ %s", "regrets+ %s", "#done %d", "#carry %d", "#drop %d", "#off 20s", "#on", "#restrictlogs", "#save", "#lurk", "#unlurk", "#meetingname n%d",
	"#meetingtopic t%d", "eucalyptus/recipes#%d", "[off] psst", "kept [off] psst", "#nick dave", "#topci x", "#status", "ACTION: %s to do %d", "RESOLVED: %d", "/me waves",
}

// history is one random meeting: bots that live for a while, one after the other,
// on one spool and one database.
type history struct {
	*world
	rand    *rand.Rand
	network string
	bot     *running
	at      time.Time
	nicks   []string
	given   int
	live    []hackfest.Line // all that was spooled, in order
}

func (h *history) line(kind hackfest.LineKind, nick, text string) hackfest.Line {
	h.at = h.at.Add(time.Duration(h.rand.IntN(3000)) * time.Millisecond)
	l := hackfest.Line{Network: h.network, Channel: "#euca", At: h.at, ReceivedAt: h.at, Nick: nick, Kind: kind, Text: text}
	if nick == "ann" || h.rand.IntN(6) == 0 {
		l.Account = "acc-" + nick
	}
	l.Op = h.rand.IntN(20) == 0
	if text != "" && kind != hackfest.Private && h.bot.rooms.all()[0].ear.meeting().OffTheRecord(h.at) {
		l.Text += " psst"
	}
	return l
}

// step is one thing that happens.
func (h *history) step() {
	r := h.bot.room(h.network, "#euca")
	nick := h.nicks[h.rand.IntN(len(h.nicks))]
	text := spoken[h.rand.IntN(len(spoken))]
	text = strings.ReplaceAll(strings.ReplaceAll(text, "%s", h.nicks[h.rand.IntN(len(h.nicks))]), "%d", strconv.Itoa(1+h.rand.IntN(3)))
	switch n := h.rand.IntN(100); {
	case n < 45:
		if h.rand.IntN(2) == 0 {
			nick = "ann"
		}
		h.bot.take(r, h.line(hackfest.Message, nick, text))
	case n < 55:
		h.given++
		l := h.line(hackfest.Web, nick, text)
		l.Op, l.Command = h.rand.IntN(2) == 0, fmt.Sprintf("%s-%d", h.network, h.given-h.rand.IntN(2))
		h.bot.take(r, l)
	case n < 65:
		h.bot.take(r, h.line(hackfest.Private, nick, []string{"#vote a", "#vote b c", "#vote yes", "#vote zebra", "#vote"}[h.rand.IntN(5)]))
	case n < 68:
		h.bot.take(r, h.line(hackfest.Part, nick, "bye"))
	case n < 71:
		h.bot.take(r, h.line(hackfest.Join, nick, ""))
	case n < 74:
		l := h.line(hackfest.Nick, nick, "")
		l.Target = h.nicks[h.rand.IntN(len(h.nicks))]
		h.bot.take(r, l)
	case n < 76:
		h.bot.take(r, h.line(hackfest.Act, nick, text))
	case n < 78:
		h.at = h.at.Add(time.Duration(h.rand.IntN(6)) * time.Minute)
		h.bot.append(contextLine(h.line(hackfest.Context, "", ""), meeting.Context{Tick: h.at}))
	case n < 83:
		for _, text := range []string{"#endvote", "#secretvote", "#startvote Who? a, b c, d"} {
			h.bot.take(r, h.line(hackfest.Message, "ann", text))
		}
	case n < 85:
		h.bot.append(h.bot.contextLine(r, h.line(hackfest.Context, "", "")))
	case n < 90:
		h.restart(h.rand.IntN(2) == 0)
	default:
		l := h.line(hackfest.Message, "ann", text)
		l.Windows1252, l.Raw = h.rand.IntN(9) == 0, nil
		h.bot.take(r, l)
	}
}

// restart kills the bot, with what it heard in Postgres or in the spool alone,
// and starts another.
func (h *history) restart(drained bool) {
	h.t.Helper()
	h.collect()
	h.bot.kill(drained)
	h.bot = h.alive()
}

// collect notes what the bot has spooled.
func (h *history) collect() {
	h.t.Helper()
	if err := h.bot.spool.Wait(h.t.Context(), h.bot.rooms.all()[0].ear.meeting().LastRef); err != nil {
		h.t.Fatal(err)
	}
	for after := (hackfest.Ref{}); ; {
		ctx, cancel := context.WithTimeout(h.t.Context(), time.Millisecond)
		lines, err := h.bot.spool.Read(ctx, after, atOnce)
		cancel()
		if err != nil {
			return
		}
		for _, l := range lines {
			after = l.Ref
			if n := len(h.live); n == 0 || h.live[n-1].Ref.Compare(l.Ref) < 0 {
				h.live = append(h.live, l)
			}
		}
	}
}

// alive is a bot that does nothing by itself and knows where its channel stands.
func (h *history) alive() *running {
	h.t.Helper()
	highest, err := h.HighestRef(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	sp, found, err := spool.Open(h.dir, spool.Options{MinRef: highest})
	if err != nil {
		h.t.Fatal(err)
	}
	b := New(Config{Networks: h.networks, BaseURL: "http://portal.example", Now: func() time.Time { return h.at }}, h.postgres, sp, found)
	standing, err := b.standing(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	b.prime(h.t.Context(), standing)
	b.refresh(h.t.Context())
	return &running{Bot: b, dir: h.dir}
}

// Whatever is said, wherever the bot is killed and whether Postgres has got it by
// then: the minutes that were made as it went, those worked out from the spool's
// lines and those worked out from the archive are the same, byte for byte.
func TestLiveMinutesAreRebuiltMinutes(t *testing.T) {
	t.Parallel()
	histories := 40
	if n, err := strconv.Atoi(os.Getenv("HACKFEST_TEST_HISTORIES")); err == nil {
		histories = n
	}
	seed := uint64(20120802)
	if s, err := strconv.ParseUint(os.Getenv("HACKFEST_TEST_SEED"), 10, 64); err == nil {
		seed = s
	}
	all := newWorld(t)
	if _, err := all.AddTarget(t.Context(), hackfest.Target{Name: "OpenShift"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	votes := 0
	for i := range histories {
		name := fmt.Sprintf("n%d", i)
		w := &world{Store: all.Store, t: t, dir: t.TempDir(), networks: []ircnet.Config{on(name, "127.0.0.1:1", "#euca")}, postgres: all.postgres}
		h := &history{
			world: w, rand: rand.New(rand.NewPCG(seed, uint64(i))), network: name,
			at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(i) * 24 * time.Hour), nicks: []string{"ann", "bob", "cat", "bob_", "Ann2"},
		}
		h.bot = h.alive()
		h.plan()
		began := time.Now()
		votes += h.whole()
		if d := time.Since(began); d > 5*time.Second {
			t.Logf("history %d took %s", i, d)
		}
		if t.Failed() {
			t.Fatalf("history %d of seed %d", i, seed)
		}
	}
	if votes < histories/4 {
		t.Errorf("only %d secret votes with ballots in %d histories: is this still a test of them?", votes, histories)
	}
}

// plan makes a session with an agenda and an open action for the meeting.
func (h *history) plan() {
	h.t.Helper()
	id, err := h.AddSession(h.t.Context(), hackfest.Session{
		Title: "Random", Kind: hackfest.KindMeeting, Zone: "Europe/Berlin", StartsAt: h.at, EndsAt: h.at.Add(time.Hour), Network: h.network, Channel: "#euca",
	}, h.at)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, text := range []string{"one", "two", "three"} {
		if _, err := h.AddAgendaItem(h.t.Context(), id, text, h.at); err != nil {
			h.t.Fatal(err)
		}
	}
	h.bot.refresh(h.t.Context())
}

// whole plays a history and compares what is left of it; it returns how many
// secret votes had ballots.
func (h *history) whole() (votes int) {
	h.t.Helper()
	r := func() *room { return h.bot.room(h.network, "#euca") }
	h.bot.take(r(), h.line(hackfest.Message, "ann", "#startmeeting"))
	for range 20 + h.rand.IntN(60) {
		h.step()
	}
	h.bot.take(r(), h.line(hackfest.Message, "ann", "#on"))
	l := h.line(hackfest.Web, "root/web", "#endmeeting")
	l.Op, l.Command = true, h.network+"-end"
	h.bot.take(r(), l)
	h.restart(true)
	defer func() { _ = h.bot.spool.Close() }()

	ref := h.live[slices.IndexFunc(h.live, func(l hackfest.Line) bool { return l.Text == "#startmeeting" })].Ref
	member := person.Viewer{ID: 1, Role: person.Member}
	kept, err := h.Minutes(h.t.Context(), member, ref)
	if err != nil {
		h.t.Errorf("%v", err)
		return 0
	}
	rebuilt, err := h.Rebuild(h.t.Context(), member, ref)
	if err != nil {
		h.t.Error(err)
	}
	if asJSON(kept) != asJSON(rebuilt) {
		h.t.Errorf("rebuilt from the archive: %s", difference(asJSON(kept), asJSON(rebuilt)))
	}
	for _, s := range meeting.Meetings(h.live) {
		if s.Header.Ref == ref {
			if again := minutes.FromState(s); asJSON(again) != asJSON(kept) {
				h.t.Errorf("folded from the spool: %s", difference(asJSON(kept), asJSON(again)))
			}
			for _, v := range s.Votes {
				if v.Secret && v.Cast > 0 && !v.Undone {
					votes++
				}
			}
		}
	}
	if found := h.grep("psst"); len(found) > 0 {
		h.t.Errorf("off the record and in %q", found)
	}
	if h.t.Failed() {
		for _, l := range h.live {
			h.t.Logf("%s %s %s <%s %s> %s cmd=%s op=%t off=%t", l.Ref, l.At.Format(time.TimeOnly), l.Kind, l.Nick, l.Account, l.Text, l.Command, l.Op, l.OffRecord)
		}
	}
	return votes
}

// difference is where two texts part.
func difference(was, is string) string {
	a, b := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			from := max(0, i-8)
			return fmt.Sprintf("was\n%s\nis\n%s", strings.Join(a[from:min(len(a), i+8)], "\n"), strings.Join(b[from:min(len(b), i+8)], "\n"))
		}
	}
	return fmt.Sprintf("%d lines instead of %d", len(b), len(a))
}
