package ircbot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// planned puts a session, targets and lessons into the database.
func (w *world) planned(channel string) {
	w.t.Helper()
	ctx, now := w.t.Context(), w.now().UTC()
	if err := w.OpenChannels(ctx, "test", []string{channel}, "", now); err != nil {
		w.t.Fatal(err)
	}
	start := time.Date(now.Year()+1, 10, 28, 19, 0, 0, 0, time.UTC)
	_, err := w.AddSession(ctx, hackfest.Session{
		Title: "OpenShift evening", Kind: hackfest.KindHackfest, StartsAt: start, EndsAt: start.Add(2 * time.Hour),
		Zone: "Asia/Kolkata", Network: "test", Channel: channel,
	}, now)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range 30 {
		stage, name := hackfest.StageIdea, fmt.Sprintf("Some other thing %d", i)
		if i == 0 {
			stage, name = hackfest.StageTrying, "OpenShift Origin"
		}
		if _, err := w.AddTarget(ctx, hackfest.Target{Name: name, Stage: stage, Sentence: "The broker starts."}, now); err != nil {
			w.t.Fatal(err)
		}
	}
	for i := range 5 {
		_, err := w.AddLesson(ctx, hackfest.Lesson{
			Text: fmt.Sprintf("Lesson number %d.", i), Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeTarget, TargetSlug: "openshift-origin",
			PublishedAt: now.Add(time.Duration(i) * time.Second),
		}, now)
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// from returns what the bot said to target with command, in order.
func from(c *testirc.Client, command, target string) (texts []string) {
	for _, l := range c.Received() {
		if _, text, ok := strings.Cut(l, " "+command+" "+target+" :"); ok && strings.HasPrefix(l, ":hackbot!") {
			texts = append(texts, text)
		}
	}
	return texts
}

func TestQuestionsAreAnswered(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.networks[0].Timing.PerLine = 10 * time.Millisecond
	w.planned("#euca")
	w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	next := fmt.Sprintf("Oct %d 00:30 IST (Asia/Kolkata) = ", w.now().Year()+1)
	for _, tt := range []struct{ ask, want string }{
		{"!next", next},
		{"!schedule", "19:00 UTC OpenShift evening #euca"},
		{"!schedule 2", "OpenShift evening"},
		{"!targets", "Targets: OpenShift Origin (trying) | "},
		{"!target openshift", "Target OpenShift Origin: trying since "},
		{"!lessons", "avoid: Lesson number 4. | avoid: Lesson number 3. | avoid: Lesson number 2. | … more at http://portal.example/lessons"},
		{"!lessons openshift", "Lessons about OpenShift Origin: avoid: Lesson number 4."},
		{"!time", "It is "},
		{"!time kolkata", next},
		{"!time Asia/Kathmandu", "00:45 (Asia/Kathmandu) = "},
		{"!time nowhere", "I do not know that zone."},
		{"!help", "I answer !next"},
	} {
		ann.Say("#euca", tt.ask)
		ann.Expect(func(l string) bool {
			return strings.HasPrefix(l, ":hackbot!") && strings.Contains(l, " PRIVMSG #euca :") && strings.Contains(l, tt.want)
		})
		alone := strings.TrimPrefix(tt.ask, "!") // in private the mark may be missing
		ann.Say("hackbot", alone)
		ann.Expect(func(l string) bool {
			return strings.HasPrefix(l, ":hackbot!") && strings.Contains(l, " NOTICE ann :") && strings.Contains(l, tt.want)
		})
		<-time.After(2 * time.Second) // as people do: two answers are what one gets in this time
	}
	if lines := w.log("test", "#euca"); count(lines, "NOTICE") != 0 || count(lines, "kathmandu") != 0 {
		t.Error("what was said in private is in the log")
	}
}

// The promised figure is a second; the deadline is five times that.
func TestNextIsAnsweredSoon(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"", "away", "frozen"} {
		t.Run("Postgres is "+mode, func(t *testing.T) {
			t.Parallel()
			server := testirc.NgIRCd(t, testirc.Options{})
			w := newWorld(t, on("test", server.Addr, "#euca"))
			w.planned("#euca")
			w.start()
			ann := w.person(server.Addr, "ann", "#euca")
			w.postgres.set(mode)
			t.Cleanup(func() { w.postgres.set("") })
			if mode != "" {
				w.late.Store(int64(12 * time.Minute))
			}
			for i := range 2 {
				begun := time.Now()
				ann.Say("#euca", "!next")
				got := ann.Expect(func(l string) bool { return strings.Contains(l, "PRIVMSG #euca :Next: OpenShift evening") })
				took := time.Since(begun)
				t.Logf("answered after %v", took.Round(time.Millisecond))
				if took > 5*time.Second {
					t.Errorf("answered after %v", took)
				}
				if told := strings.Contains(got, "(as of 12 min ago: the database does not answer)"); told != (mode != "") {
					t.Errorf("answer %d: %s", i, got)
				}
			}
		})
	}
}

func TestQuestionsThatAreNone(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	for _, said := range []string{"!weather", "try !next", "!nextweek", "next", "[off] !next", "!", "!!"} {
		ann.Say("#euca", said)
	}
	ann.Act("#euca", "!next")
	ann.Notice("#euca", "!next")
	for range 3 {
		ann.Say("hackbot", "my password is swordfish")
	}
	ann.Notice("hackbot", "!next")
	ann.ExpectText(" NOTICE ann :I do not keep what is said to me alone")
	w.eventually("the other two are passed over", func() bool { return b.Counters.Unanswered.Load() == 2 })
	ann.Say("#euca", "!help")
	ann.ExpectText("PRIVMSG #euca :I answer")
	if got := from(ann, "NOTICE", "ann"); len(got) != 1 {
		t.Errorf("told in private %q", got)
	}
	if got := from(ann, "PRIVMSG", "#euca"); len(got) != 1 {
		t.Errorf("said %q", got)
	}
	w.stored(b)
	if found := w.grep("swordfish"); len(found) > 0 || count(w.log("test", "#euca"), "swordfish") > 0 {
		t.Error("a password was kept")
	}
}

func TestQuestionsInAMeeting(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.networks[0].Timing.PerLine = 10 * time.Millisecond
	w.planned("#euca")
	w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	ann.Say("#euca", "#startmeeting Recipes")
	ann.ExpectText("Meeting started")
	ann.Say("#euca", "!targets")
	ann.ExpectText("PRIVMSG #euca :Targets: OpenShift Origin (trying)")
	ann.Say("#euca", "#lurk")
	ann.ExpectText("I stay silent")
	ann.Say("#euca", "!next")
	ann.ExpectText(" NOTICE ann :Next: ")
	ann.Say("#euca", "#unlurk")
	ann.ExpectText("I answer again")
	for _, l := range from(ann, "PRIVMSG", "#euca") {
		if strings.HasPrefix(l, "…") || strings.HasPrefix(l, "Next") {
			t.Errorf("said %q", l)
		}
	}
}

func TestAllowance(t *testing.T) {
	t.Parallel()
	a, now := newAllowance(3, time.Second), time.Now()
	taken := func(key string, n int, at time.Time) (yes int) {
		for range n {
			if a.take(key, at) {
				yes++
			}
		}
		return yes
	}
	for _, tt := range []struct {
		name, key   string
		after       time.Duration
		tries, want int
	}{
		{"at once", "ann", 0, 5, 3},
		{"somebody else", "bob", 0, 1, 1},
		{"too early", "ann", 900 * time.Millisecond, 2, 0},
		{"a little later", "ann", 1100 * time.Millisecond, 2, 1},
		{"after a rest no more than at first", "ann", time.Hour, 9, 3},
	} {
		if got := taken(tt.key, tt.tries, now.Add(tt.after)); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	for i := range 3 * manyKeys {
		a.take(fmt.Sprint(i), now.Add(2*time.Hour+time.Duration(i)*time.Second))
	}
	if len(a.left) > manyKeys {
		t.Errorf("remembers %d", len(a.left))
	}
}

func TestAnnounce(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	if !b.Present("test", "#EUCA") || b.Present("test", "#other") || b.Present("other", "#euca") {
		t.Error("the bot does not know where it is")
	}
	if err := b.Announce(t.Context(), "test", "#Euca", "In 1 h: Recipes"); err != nil {
		t.Fatal(err)
	}
	ann.ExpectText("PRIVMSG #euca :In 1 h: Recipes")
	if err := b.Announce(t.Context(), "test", "#other", "x"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("elsewhere: %v", err)
	}
	w.eventually("it is in the log", func() bool { return count(w.log("test", "#euca"), "<hackbot> In 1 h: Recipes") == 1 })
	server.Stop()
	w.eventually("the bot is away", func() bool { return !b.Present("test", "#euca") })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := b.Announce(ctx, "test", "#euca", "x"); fault.KindOf(err) != fault.Unavailable || !errors.Is(err, ircnet.ErrUnsaid) {
		t.Errorf("away: %v", err)
	}
}

// A meeting whose end was heard and could not be announced is announced when the
// bot is back, once what it wanted to say has been given up.
func TestEndIsAnnouncedAfterALongAbsence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, on("test", "127.0.0.1:1", "#euca"))
	b := w.dead()
	r := b.rooms.all()[0]
	begun := time.Now().UTC()
	line := func(text string, n byte, self bool) hackfest.Line {
		at := begun.Add(time.Duration(n) * time.Second)
		return hackfest.Line{Ref: hackfest.Ref{0: 1, 15: n}, Network: "test", Channel: "#euca", At: at, ReceivedAt: at, Kind: hackfest.Message, Nick: "ann", Text: text, Self: self}
	}
	lines := []hackfest.Line{
		contextLine(line("", 1, false), meeting.Context{BaseURL: "http://portal.example", Bot: "hackbot"}),
		line("#startmeeting x", 2, false), line("#endmeeting", 3, false),
	}
	lines[0].Ref = hackfest.Ref{0: 1, 15: 1}
	for _, tt := range []struct {
		name  string
		late  time.Duration
		told  bool // the channel has been told
		first bool // the bot has not been there since its start
		want  int
	}{
		{"back at once: the line still waits", time.Minute, false, false, 0},
		{"back after long", 5 * time.Minute, false, false, 1},
		{"back after long, and the channel knows", 5 * time.Minute, true, false, 0},
		{"restarted", time.Minute, false, true, 1},
	} {
		w.late.Store(int64(tt.late))
		before := r.link.network.Waiting()
		state := meeting.Replay(lines)
		if tt.told {
			l := line("Meeting ended after less than a minute: 0 decisions, 0 actions.", 4, true)
			l.Nick = "hackbot"
			state, _ = meeting.Apply(state, l)
		}
		newSpeaker(b.Bot, nil).arrive(r, &talk{start: start{state: state}, joined: !tt.first})
		if got := r.link.network.Waiting() - before; got != tt.want {
			t.Errorf("%s: says %d lines, want %d", tt.name, got, tt.want)
		}
	}
	_ = b.spool.Close()
}
