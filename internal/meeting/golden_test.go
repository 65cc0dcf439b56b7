package meeting

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

var update = flag.Bool("update", false, "rewrite the effects in testdata")

// Each testdata/*.txt is a transcript of what happens in #euca, ten seconds
// apart; the indented lines below one are the effects it must have. With
// -update the effects are rewritten: read the diff before you commit it. The
// last line of a transcript tells what is in the minutes.
//
//	<ann> text          said by ann; <@ann> as a channel operator, <ann!acc>
//	                    logged in to account acc, <ann*> tagged as a bot's,
//	                    <bot> by our own bot, <ann^> replayed by a bouncer
//	* ann text          /me
//	-ann- text          a notice
//	--> ann!acc         joins; <-- ann parts; <~~ ann text quits
//	ann => bob          changes nick
//	ann kicks bob       kick
//	/topic ann text     sets the channel's topic
//	web ann!acc text    given on the web; web:id ann with the command's id
//	pm ann!acc text     said by ann to the bot alone; pm:id ann on the web
//	off ann text        off the record; text is what was kept
//	gap text            our connection went or came
//	context {…}         what the shell says
//	+90s                time passes
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, lines := annotate(t, string(want))
			checkReplay(t, lines)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("%s", firstDifference(string(want), got))
			}
		})
	}
}

// start is when transcripts begin: a Friday.
var start = time.Date(2012, 8, 10, 18, 0, 0, 0, time.UTC)

// refAt is a ref that sorts by its number.
func refAt(at time.Time, n int) hackfest.Ref {
	var r hackfest.Ref
	ms := at.UnixMilli()
	for i := range 6 {
		r[i] = byte(ms >> (40 - 8*i))
	}
	r[14], r[15] = byte(n>>8), byte(n)
	return r
}

// annotate drops the effects from a transcript and works them out afresh.
func annotate(t *testing.T, transcript string) (string, []hackfest.Line) {
	var out strings.Builder
	var s State
	var lines []hackfest.Line
	at := start
	for text := range strings.Lines(transcript) {
		text = strings.TrimSuffix(text, "\n")
		if text == "" || strings.HasPrefix(text, "# ") {
			out.WriteString(text + "\n") // comments and blank lines stay
			continue
		}
		if strings.HasPrefix(text, " ") || strings.HasPrefix(text, "= ") {
			continue
		}
		out.WriteString(text + "\n")
		if span, ok := strings.CutPrefix(text, "+"); ok {
			d, err := time.ParseDuration(span)
			if err != nil {
				t.Fatal(err)
			}
			at = at.Add(d)
			continue
		}
		at = at.Add(10 * time.Second)
		l, ok := readLine(text)
		if !ok {
			t.Fatalf("cannot read %q", text)
		}
		l.Network, l.Channel, l.At, l.ReceivedAt = "freenode", "#euca", at, at
		l.Ref = refAt(at, len(lines))
		lines = append(lines, l)
		before := dump(s)
		next, effects := Apply(s, l)
		if after := dump(s); after != before {
			t.Errorf("%q changed the state before it\nfrom %s\nto   %s", text, before, after)
		}
		s = next
		for _, e := range effects {
			out.WriteString(strings.TrimRight("    "+describe(e), " ") + "\n")
		}
	}
	fmt.Fprintf(&out, "= %s\n", summary(s))
	return out.String(), lines
}

// readLine reads one line of a transcript.
func readLine(text string) (hackfest.Line, bool) {
	word, rest, _ := strings.Cut(text, " ")
	nick, more, _ := strings.Cut(rest, " ")
	by := func(kind hackfest.LineKind, who, text string) (hackfest.Line, bool) {
		l := hackfest.Line{Kind: kind, Text: text}
		who, l.Op = strings.CutPrefix(who, "@")
		who, l.Bot = strings.CutSuffix(who, "*")
		who, l.History = strings.CutSuffix(who, "^")
		l.Nick, l.Account, _ = strings.Cut(who, "!")
		l.Self = l.Nick == "bot"
		return l, true
	}
	switch {
	case strings.HasPrefix(text, "<-- "):
		return by(hackfest.Part, nick, more)
	case strings.HasPrefix(text, "<~~ "):
		return by(hackfest.Quit, nick, more)
	case strings.HasPrefix(text, "<"):
		who, said, ok := strings.Cut(text[1:], ">")
		l, _ := by(hackfest.Message, who, strings.TrimPrefix(said, " "))
		return l, ok
	case word == "*":
		return by(hackfest.Act, nick, more)
	case word == "-->":
		return by(hackfest.Join, nick, "")
	case strings.HasPrefix(text, "-"):
		return by(hackfest.Notice, strings.Trim(word, "-"), rest)
	case word == "/topic":
		return by(hackfest.Topic, nick, more)
	case word == "pm" || strings.HasPrefix(word, "pm:"):
		l, _ := by(hackfest.Private, nick, more)
		_, l.Command, _ = strings.Cut(word, ":")
		return l, true
	case word == "off":
		l, _ := by(hackfest.Message, nick, more)
		l.OffRecord = true
		return l, true
	case word == "gap":
		return hackfest.Line{Kind: hackfest.Gap, Text: rest}, true
	case word == "context":
		return hackfest.Line{Kind: hackfest.Context, Text: rest}, true
	case word == "web" || strings.HasPrefix(word, "web:"):
		l, _ := by(hackfest.Web, nick, more)
		_, l.Command, _ = strings.Cut(word, ":")
		return l, true
	case nick == "=>" || nick == "kicks":
		l, _ := by(hackfest.Nick, word, "")
		l.Target = more
		if nick == "kicks" {
			l.Kind = hackfest.Kick
		}
		return l, true
	}
	return hackfest.Line{}, false
}

// describe writes an effect for people.
func describe(e Effect) string {
	undone := map[bool]string{true: " undone"}
	switch e := e.(type) {
	case Say:
		return "say     " + e.Text
	case Tell:
		return "tell    " + e.Nick + ": " + e.Text
	case SetTopic:
		return "set     " + e.Text
	case Opened:
		return fmt.Sprintf("open    %q session %q", e.Header.Title, e.Header.SessionSlug)
	case Changed:
		h := e.Header
		return fmt.Sprintf("change  owner %s, chairs %s, name %q, suffix %q", h.Owner, strings.Join(h.Chairs, " "), h.Name, h.Suffix)
	case TopicNoted:
		sub := map[bool]string{true: " sub"}[e.Topic.Subtopic]
		return fmt.Sprintf("topic   %q%s%s", e.Topic.Title, sub, undone[e.Topic.Undone])
	case Noted:
		i := e.Item
		url := ""
		if i.URL != "" {
			url = " url " + i.URL
		}
		url += describeDue(i)
		return fmt.Sprintf("note    %s %q%s by %s%s", i.Kind, i.Text, url, i.Nick, undone[i.Undone])
	case VoteMoved:
		return "vote    " + describeVote(e.Vote)
	case QueueMoved:
		return "queue   " + strings.Join(e.Queue, ", ")
	case Saved:
		return fmt.Sprintf("save    %d items", len(e.State.Items))
	case Closed:
		h := e.State.Header
		return fmt.Sprintf("close   %s by %s", h.EndedAt.Sub(h.StartedAt), h.EndedBy)
	}
	return describePlan(e)
}

// describeVote writes a vote on one line.
func describeVote(v Vote) string {
	text := v.Question
	for _, o := range v.Options {
		text += fmt.Sprintf(" [%s %d %s]", o.Option, o.Count, strings.Join(o.Voters, " "))
	}
	text = strings.ReplaceAll(text, " ]", "]") + fmt.Sprintf(" cast %d", v.Cast)
	if v.Voters != nil {
		text += " by " + strings.Join(v.Voters, " ")
	}
	if v.Quorum > 0 {
		text += fmt.Sprintf(" of %d", v.Quorum)
	}
	if v.Secret {
		text += " secret"
	}
	if v.Open {
		text += " open"
	}
	if v.Undone {
		text += " undone"
	}
	if v.Result != "" {
		text += fmt.Sprintf(" result %q", v.Result)
	}
	return text
}

// summary tells who took part, who owns the actions, and what else a transcript
// leaves behind.
func summary(s State) string {
	var parts []string
	for _, p := range s.People {
		text := strings.Join(p.Nicks, "/")
		if p.Account != "" {
			text += "!" + p.Account
		}
		if p.Alias != "" {
			text += " (" + p.Alias + ")"
		}
		if p.Absent {
			text += " absent"
		}
		if p.Bot {
			text += " bot"
		}
		parts = append(parts, fmt.Sprintf("%s %d", text, p.Lines))
	}
	text := strings.Join(parts, ", ")
	for _, i := range s.Items {
		if i.Kind == Action && !i.Undone {
			text += fmt.Sprintf("; %q owned by [%s]", i.Text, strings.Join(s.Owners(*i), " "))
		}
	}
	for _, i := range s.Issues {
		text += fmt.Sprintf("; %s#%d", i.Repo, i.Number)
	}
	for _, p := range s.Problems {
		text += "; " + p
	}
	text += describeAttendance(s)
	return text
}

// checkReplay folds lines in two ways that must agree, and cuts them at every
// place: what a restart folds from the meeting's context line on must be what
// goes on living.
func checkReplay(t *testing.T, lines []hackfest.Line) {
	t.Helper()
	var live State
	states := make([]State, 0, len(lines))
	for _, l := range lines {
		live, _ = Apply(live, l)
		states = append(states, live)
	}
	if got := Replay(lines); !reflect.DeepEqual(got, live) {
		t.Errorf("replay differs:\n%s\n%s", dump(got), dump(live))
	}
	for i, s := range states {
		if !s.Running() {
			continue
		}
		from := slices.IndexFunc(lines, func(l hackfest.Line) bool { return l.Ref == s.Header.Ref })
		again := Replay(append(contextBefore(lines[:from]), lines[from:i+1]...))
		if dump(again) != dump(s) {
			t.Fatalf("a restart after line %d differs:\n%s\n%s", i, dump(again), dump(s))
		}
	}
}

// contextBefore is the last context line of lines, which the shell writes right
// before a #startmeeting.
func contextBefore(lines []hackfest.Line) []hackfest.Line {
	for _, l := range slices.Backward(lines) {
		if l.Kind == hackfest.Context {
			return []hackfest.Line{l}
		}
	}
	return nil
}

// dump shows all of a state, what it points to included.
func dump(s State) string {
	var people []Person
	for _, p := range s.People {
		people = append(people, *p)
	}
	var items []Item
	for _, i := range s.Items {
		items = append(items, *i)
	}
	var votes []Vote
	for _, v := range s.Votes {
		votes = append(votes, *v)
	}
	s.People, s.Items, s.Votes = nil, nil, nil
	context, err := json.Marshal(s.Context)
	if err != nil {
		return err.Error()
	}
	s.Context = Context{}
	return fmt.Sprintf("%+v %+v %+v %+v %s", s, people, items, votes, context)
}

// firstDifference shows where two transcripts part.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range g {
		if i >= len(w) || w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %q\ngot  %q", i+1, append(w, "")[min(i, len(w))], g[i])
		}
	}
	return "the transcript has lines too many"
}
