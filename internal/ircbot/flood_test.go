package ircbot

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// strictly tries something on real servers that defend themselves as by their own
// defaults, on all at a time: it is nearly all waiting.
func strictly(t *testing.T, try func(t *testing.T, addr string)) {
	var trying sync.WaitGroup
	for name, server := range map[string]func(t *testing.T) string{
		"ngIRCd": func(t *testing.T) string { return testirc.NgIRCd(t, testirc.Options{Penalties: true}).Addr },
		"InspIRCd": func(t *testing.T) string {
			return testirc.StartInspIRCd(t, testirc.InspIRCdOptions{FloodControl: true}).Addr
		},
	} {
		trying.Go(func() { t.Run(name, func(t *testing.T) { try(t, server(t)) }) })
	}
	trying.Wait()
}

// R21, short: 300 questions, deeds and commands in five seconds from 30 people, on
// servers with their own penalties.
func TestBotIsNotFloodedOff(t *testing.T) {
	t.Parallel()
	strictly(t, flood)
}

func flood(t *testing.T, addr string) {
	const people, each = 30, 10
	w := newWorld(t, on("test", addr, "#euca"))
	w.networks[0].Timing = ircnet.Timing{} // at the pace of every day
	w.planned("#euca")
	b := w.start()
	watch := w.person(addr, "watch", "#euca")
	crowd := make([]*testirc.Client, people)
	door := make(chan struct{}, 5) // ngIRCd turns away more than ten that wait to be let in
	var coming sync.WaitGroup
	for i := range crowd {
		coming.Go(func() {
			door <- struct{}{}
			defer func() { <-door }()
			crowd[i] = w.person(addr, fmt.Sprintf("p%d", i), "#euca")
		})
	}
	coming.Wait()
	if t.Failed() {
		return // somebody was not let in, and said why
	}
	asks := []string{"!next", "!schedule 9", "!coming", "!targets", "!time Asia/Kolkata", "!help", "!idea Swift", "!target open", "!regrets", "!quiet"}
	var asking sync.WaitGroup
	for i, c := range crowd {
		asking.Go(func() {
			for k := range each {
				target := "#euca"
				if k%3 == 2 {
					target = "hackbot"
				}
				ask := asks[(i+k)%len(asks)]
				if i < 5 && k == 0 {
					ask = "#startmeeting x"
				}
				c.Say(target, ask)
				<-time.After(5 * time.Second / each)
			}
		})
	}
	asking.Wait()
	w.eventually("all of it is heard", func() bool { return b.Counters.Private.Load() >= people*3 })
	w.eventually("the bot has said what it says", func() bool {
		return b.links[0].network.Waiting() == 0 && len(b.voice.asked) == 0 && len(b.clerk.errands) == 0
	})
	<-time.After(5 * time.Second) // by then a person may ask again
	watch.Say("#euca", "#endmeeting")
	watch.Say("#euca", "!time Europe/Berlin")
	watch.ExpectText("(Europe/Berlin)")
	said := from(watch, "PRIVMSG", "#euca")
	for _, l := range watch.Received() {
		if len(l) > 510 || !utf8.ValidString(l) {
			t.Errorf("%d bytes: %q", len(l), l)
		}
		if strings.HasPrefix(l, ":hackbot!") && strings.Contains(l, " QUIT") {
			t.Errorf("left: %s", l)
		}
	}
	answered := b.Counters.Said.Load()
	if st := b.Status().Networks[0]; st.Connects != 1 {
		t.Errorf("connected %d times: %s", st.Connects, st.Err)
	}
	t.Logf("R21 %d lines for %d questions, %d in the channel, %d not answered", answered, people*each, len(said), b.Counters.Unanswered.Load())
	told := count(said, tooMany)
	for _, c := range crowd {
		told += count(from(c, "NOTICE", c.Nick), tooFast)
	}
	if told == 0 || told > 10 {
		t.Errorf("said %d times that it was too much", told)
	}
	if answered > 100 || b.Counters.Unanswered.Load() < 100 {
		t.Errorf("%d lines said, %d questions passed over", answered, b.Counters.Unanswered.Load())
	}
	if dropped := b.links[0].network.Status().Dropped; dropped > 0 {
		t.Errorf("%d lines thrown away", dropped)
	}
}

// One question a second is answered, each within two seconds.
func TestOneQuestionASecond(t *testing.T) {
	t.Parallel()
	strictly(t, oneASecond)
}

func oneASecond(t *testing.T, addr string) {
	w := newWorld(t, on("test", addr, "#euca"))
	w.networks[0].Timing = ircnet.Timing{}
	w.planned("#euca")
	w.start()
	ann := w.person(addr, "ann", "#euca")
	<-time.After(3 * time.Second) // what coming into the channel cost of its pace is forgotten
	asks := []struct{ ask, want string }{
		{"!time Berlin", "/Berlin)"},
		{"!coming", ": you come to"},
		{"!time Kolkata", "/Kolkata)"},
		{"!idea Swift on Euca", "On the board as an idea: Swift on Euca"},
		{"!next", "Next: "},
		{"!time Tokyo", "/Tokyo)"},
		{"!regrets", ": you do not come"},
		{"!targets", "Targets: "},
		{"!time London", "/London)"},
		{"!help", "I answer"},
	}
	var took []time.Duration
	for i, a := range asks {
		begun := time.Now()
		ann.Say("#euca", a.ask)
		ann.ExpectText(a.want)
		took = append(took, time.Since(begun))
		if i < len(asks)-1 {
			<-time.After(time.Second - time.Since(begun))
		}
	}
	slices.Sort(took)
	p95 := took[len(took)*95/100]
	t.Logf("R21 answers at one a second: p95 %v", p95.Round(time.Millisecond))
	if p95 > 10*time.Second {
		t.Errorf("p95 %v", p95)
	}
}
