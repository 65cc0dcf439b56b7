package meeting

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Whatever happens, Apply must not reach back into an earlier state, and two
// futures of one state must not know of each other.
func FuzzApplyLeavesOldStateAlone(f *testing.F) {
	f.Add("<ann> #action bob: fix CI\n<bob> #info x", "<ann> #undo")
	f.Add("<ann> #chair bob carol\nbob => robert", "<robert!r> #topic x\ngap gone")
	f.Add("<ann> #startvote Ship it?\n<bob> +1\n<c> -1\n<bob> q+\n<c> q+ to say x\n<ann> #voters ann bob c", "<bob> #vote no\nbob => rob\n<c> q-\n<d> q+\n<ann> #voters d\n<ann> #endvote\n<ann> #topci")
	f.Add("<bob!b> hi\n<bobphone!b> hi\n<tablet!b> hi\n<ann> #secretvote\n<ann> #startvote A? b, c\npm bob!b #vote b", "<~~ bob bye\npm tablet #vote c\ntablet => t\n<ann> #undo\n<ann> #endvote\n<ann> #undo")
	f.Add("<ann> #nick bob\n--> bob", "<bob!b> https://example.org a/b#1\n<ann> #unchair bob")
	f.Add("<guest> hi\n<ann!a> hi\n<ann> #chair guest", "<guest!a> #topic merged")
	three := "<ann> #info 1\n<ann> #info 2\n<ann> #info 3\n<ann> #topic 1\n<ann> #topic 2\n<ann> #chair b c\ngap\ngap\ngap\n<b> a/a#1 a/a#2 a/a#3\nb => b1\nb1 => b2\nweb:1 b x\nweb:2 b x\nweb:3 b x"
	f.Add("<ann> #next\n<ann> #done 1\n<bob> #action bob due friday\n<bob> regrets+\n<ann> s/x/y/\n<guest> #info x", "<ann> #next\n<guest> s/x/y/\n<guest!a> s/y/z/\n<bob> present+\n<ann> #undo\n<ann> #undo\n<ann> #carry 1, 2\n<ann> #off")
	f.Add("<ann> #next\n<ann> #next\n<ann> #next\n<bob> regrets+ x", "<ann> #next\n<bob> regrets+ y")
	f.Add(three, "<ann> #info one more of each\n<ann> #topic 3\n<ann> #chair d\ngap\n<b2> a/a#4\nb2 => b3\nweb:4 b x") // room to spare in every slice
	f.Fuzz(func(t *testing.T, first, second string) {
		s := applyAll(State{}, "context "+prepared+"\n<ann> #startmeeting Fuzz\n"+first)
		before := dump(s)
		a := applyAll(s, second)
		inA := dump(a)
		applyAll(a, "<ann> #info later\n<ann> #chair zoe\n<x> a/b#7\nann => anna\n<ann> #topic z\n<ann> #undo\n<x> q+\n<ann> #endvote\n<ann> #startvote Later? a, b\n<x> #vote a")
		applyAll(s, "<ann> #info other branch\n<y> a/b#8\n<z> hi\n<ann> #chair z\ngap other\n<ann> #topic other\n<ann> #next\n<ann> #drop 1 2 3\n<ann> s/x/other/\n<ann> regrets+ other\n<ann> present+ zoe carol\n<ann> regrets- zoe\n<ann> s/nothing/other/\n<ann> #off\n<ann> #on\nb2 => b4\nweb:5 b x\nann => anno\n<ann> #undo\n<ann> #undo\n<y> +1\n<y> #vote b\n<z> q+\n<ann> ack y\n<ann> #endvote\n<ann> #undo")
		if after := dump(s); after != before {
			t.Fatalf("state changed\nfrom %s\nto   %s", before, after)
		}
		if after := dump(a); after != inA {
			t.Fatalf("the one future changed the other\nfrom %s\nto   %s", inA, after)
		}
	})
}

// prepared is what random meetings begin with.
const prepared = `{"topic":"Before","members":["ann","bob"],"settings":{"noisy":true},"targets":[{"slug":"x","name":"X","stage":"idea"}],"sessions":[{"slug":"s","title":"S","starts_at":"2012-08-10T18:00:00Z","ends_at":"2012-08-10T23:00:00Z","regrets":["dave","zoe"],"agenda":[{"id":1,"text":"One"},{"id":2,"text":"Two"},{"id":3,"text":"Three"},{"id":5,"text":"Five"},{"id":6,"text":"Six"}],"actions":[{"id":"01748v4hv00000000000000005.1","text":"bob to do it","owners":["bob"],"sessions":2},{"id":"01748v4hv00000000000000006.1","text":"dave to do it","owners":["dave"],"sessions":1},{"id":"01748v4hv00000000000000007.1","text":"do it","sessions":1}]}]}`

// applyAll folds a text: lines of a transcript, and what is none is said by
// ann.
func applyAll(s State, text string) State {
	at := start
	for _, l := range fuzzLines(text, at) {
		s, _ = Apply(s, l)
	}
	return s
}

func fuzzLines(text string, at time.Time) []hackfest.Line {
	var lines []hackfest.Line
	for one := range strings.SplitSeq(text, "\n") {
		l, ok := readLine(one)
		if !ok {
			l = hackfest.Line{Kind: hackfest.Message, Nick: "ann", Text: one}
		}
		at = at.Add(20 * time.Second)
		l.Ref, l.At, l.Network, l.Channel = refAt(at, len(lines)), at, "freenode", "#euca"
		lines = append(lines, l)
	}
	return lines
}

// vocabulary is what random histories are made of.
var vocabulary = strings.Split(`<ann> #startmeeting Random
<bob> #startmeeting
<ann> #endmeeting
<@op> #endmeeting
<ann> #topic One
<ann> #topic Two
<ann> #subtopic Half
<bob> #topic Bob's
<ann> #undo
<bob> #undo
<ann> #agreed yes
<bob> #info something
<bob!b> #info something
<carol> #action bob and carol to do it, ann to watch
<carol> https://example.org/x carol's
<dave> see a/b#1 and c/d#2
<ann> #chair bob
<ann> #chair carol, dave
<bob> #unchair carol
<ann> #unchair bob
<@op> #chair ann
<ann> #meetingtopic Suffix
<ann> #meetingname Name
<ann> #nick zoe
<bob> #here Robert Bob
<ann> #lurk
<ann> #unlurk
<ann> #save
<bob> hello
<ann_> hello
<ann_!a> hello
<ann!a> hello
* bob waves
-bob- noticed
bob => robert
robert => bob
ann => ann_
ann_ => ann
bob => ann
--> ann
--> ann!a
--> bob!b
<~~ ann bye
<~~ bob x.y z.w
<-- carol
op kicks bob
/topic carol By hand
/topic bot One
<bot> I say so
<robot*> beep
<bob^> #info replayed
off bob
gap lost
web:7 ann!a #info by web
web:7 ann!a #info by web
context {"base_url":"https://hack.example","topic":"Before","settings":{"noisy":true}}
context {"settings":{"start_right":"ops"}}
<ann> #startvote Ship it?
<ann> #startvote Which colour? red, light blue
<bob> #vote yes
<carol> #vote light blue
<bob!b> +1
<ann_!a> -1
<bob> #showvote
<ann> #endvote
<ann> #voters bob carol zoe
<ann> #voters all
<ann> #quorum 2
<ann> #secretvote
pm bob #vote yes
pm bob!b #vote #euca no
pm ann_!a #vote light blue
pm:8 ann!a #vote yes
<bob> q+ to say something
<carol> q+ bob, ann
<bob!b> q-
<ann> ack bob
<ann> q=
<carol> Topic: Two
<bob> ACTION: bob to do it
<ann> #topci Boot
<bobphone!b> hello
bobphone => bob2
--> bobphone
context {"settings":{"w3c":true}}
<ann> #next
<ann> #topic two
<ann> #done 1
<bob> #carry 1, 2
<bob!b> #drop 2
<carol> #action bob to do it due friday
<bob> s/it/that/
<ann> s/o/oo/
<ann> present+ bob zoe
<bob> present-
<bob> regrets+
<zoe> regrets- dave
<bob> #lesson- never again
<ann> #target x
<ann> #off 1m
<ann> #off
<bob> #off
<ann> #on
<ann> #restrictlogs
context {"sessions":[{"slug":"s","title":"S","starts_at":"2012-08-10T18:00:00Z","ends_at":"2012-08-10T23:00:00Z","agenda":[{"id":2,"text":"Two"},{"id":4,"text":"Four"}]}],"settings":{}}
context {"tick":"2012-08-10T18:00:00Z"}`, "\n")

// Random histories: what is folded live is what a replay and a restart at any
// place fold, and some things always hold.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	histories := 1000
	if testing.Short() {
		histories = 50
	}
	for seed := range histories {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		text := "context {\"settings\":{}}\n<ann> #startmeeting Random"
		for range r.IntN(60) {
			text += "\n" + vocabulary[r.IntN(len(vocabulary))]
		}
		lines := withContexts(fuzzLines(text, start))
		checkReplay(t, lines)
		var s State
		for _, l := range lines {
			var effects []Effect
			s, effects = Apply(s, l)
			checkAlways(t, s, effects)
		}
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, text)
		}
	}
}

// Whatever is said, a replay and a restart at any place fold what was folded
// live.
func FuzzReplayIsLive(f *testing.F) {
	f.Add("<ann> #topic One\n<~~ ann bye\n--> ann!a\n<bob> #endmeeting\n<bob> #startmeeting Two\n<ann!a> #info x")
	f.Add(strings.Join(vocabulary, "\n"))
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 3000 {
			checkReplay(t, withContexts(fuzzLines("<ann> #startmeeting Fuzz\n"+text, start)))
		}
	})
}

// withContexts puts a context line right before each #startmeeting, as the
// shell does, and drops the others outside a meeting.
func withContexts(lines []hackfest.Line) []hackfest.Line {
	var out []hackfest.Line
	var s State
	for _, l := range lines {
		if l.Kind == hackfest.Context && !s.Running() {
			continue
		}
		if strings.HasPrefix(l.Text, "#startmeeting") && !s.Running() {
			c := l
			c.Ref[13]--
			c.Kind, c.Nick, c.Text = hackfest.Context, "", prepared
			out = append(out, c)
			s, _ = Apply(s, c)
		}
		out = append(out, l)
		s, _ = Apply(s, l)
	}
	return out
}

// checkAlways checks what must hold after every line.
func checkAlways(t *testing.T, s State, effects []Effect) {
	t.Helper()
	if !s.Running() {
		return
	}
	if len(s.Header.Chairs) == 0 || s.Header.Chairs[0] != s.Header.Owner {
		t.Errorf("the owner %q is not the first of the chairs %v", s.Header.Owner, s.Header.Chairs)
	}
	if slices.Contains(s.Header.Chairs, "") || len(s.chairs) != len(s.Header.Chairs) {
		t.Errorf("chairs %v do not fit %v", s.chairs, s.Header.Chairs)
	}
	here := map[string]bool{}
	for _, p := range s.People {
		if p.here && here[p.nick] {
			t.Errorf("%q is two people at once", p.Nick)
		}
		here[p.nick] = here[p.nick] || p.here
		if p.here && p.Absent {
			t.Errorf("%q is here and absent", p.Nick)
		}
	}
	checkVotes(t, s)
	topics := map[hackfest.ItemID]bool{}
	for _, topic := range s.Topics {
		topics[topic.ID] = true
	}
	for _, i := range s.Items {
		if !topics[i.Topic] {
			t.Errorf("item %v is under no topic", i.ID)
		}
	}
	for _, e := range effects {
		if say, ok := e.(Say); ok && (say.Text == "" || strings.ContainsAny(say.Text, "\r\n")) {
			t.Errorf("says %q", say.Text)
		}
	}
}

// checkVotes checks what must hold of votes and of the queue after every line.
func checkVotes(t *testing.T, s State) {
	t.Helper()
	ids := map[hackfest.ItemID]bool{}
	for n, v := range s.Votes {
		counted := 0
		for _, o := range v.Options {
			counted += o.Count
			if v.Secret && len(o.Voters) > 0 || !v.Secret && len(o.Voters) != o.Count || v.Secret && v.Open && o.Count > 0 {
				t.Errorf("%q shows too much or too little: %s", v.Question, describeVote(*v))
			}
		}
		if counted != v.Cast && !(v.Secret && v.Open) || v.Open && n != len(s.Votes)-1 || v.Open != (v.Result == "" && !v.Undone) {
			t.Errorf("vote %d of %d is wrong: %s", n, len(s.Votes), describeVote(*v))
		}
		ids[v.ID] = true
	}
	if s.openVote() == nil && len(s.poll.ballots) > 0 {
		t.Errorf("there are ballots and no vote")
	}
	for _, i := range s.Items {
		if ids[i.ID] {
			t.Errorf("the id %v was given out twice", i.ID)
		}
		ids[i.ID] = true
	}
	waiting := map[int]bool{}
	for _, q := range s.queue {
		if waiting[q.person] || q.person >= len(s.People) {
			t.Errorf("the queue is wrong: %v", s.Queue())
		}
		waiting[q.person] = true
	}
	for _, b := range s.poll.ballots {
		if b.person >= len(s.People) {
			t.Errorf("somebody unknown has voted: %v", b)
		}
	}
}
