package meeting

import (
	"slices"
	"strings"
	"testing"
)

// Faults that other meeting bots are known for. Each row is a log and the
// effects that its last line must have.
func TestFaultsOfOtherBots(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, lines string
		want        []string
	}{
		{
			name: "#StartMeeting starts nothing", lines: "<ann> #StartMeeting T",
			want: []string{`open    "T" session ""`, `topic   ""`, "say     Meeting started: T. Chair: ann. (logged, [off] to stay off the record)"},
		},
		{name: "#startmeetings are nice starts a meeting", lines: "<ann> #startmeetings are nice"},
		{name: "#topic alone makes an empty heading", lines: "<ann> #startmeeting T\n<ann> #topic", want: []string{"say     say what the topic is: #topic T"}},
		{
			name: "#unchair bob, cat leaves bob", lines: "<ann> #startmeeting T\n<bob> hi\n<cat> hi\n<ann> #chair bob cat\n<ann> #unchair bob, cat",
			want: []string{`change  owner ann, chairs ann, name "", suffix ""`, "say     Chairs: ann."},
		},
		{
			name: "a channel called #meeting breaks #meetingname", lines: "<ann> #startmeeting T\n<ann> #meetingname meeting",
			want: []string{`change  owner ann, chairs ann, name "meeting", suffix ""`, "say     The meeting's name is meeting."},
		},
		{
			name: "javascript: becomes a link", lines: "<ann> #startmeeting T\n<bob> #link JavaScript:alert(1) click me",
			want: []string{`note    link "JavaScript:alert(1) click me" by bob`},
		},
		{
			name: "a URL with its scheme in capitals is no link", lines: "<ann> #startmeeting T\n<bob> HTTP://example.org x",
			want: []string{`note    link "x" url HTTP://example.org by bob`},
		},
		{
			name: "#undo takes back one thing only", lines: "<ann> #startmeeting T\n<ann> #info 1\n<ann> #info 2\n<ann> #undo\n<ann> #undo",
			want: []string{`note    info "1" by ann undone`, "say     Removed, info: 1"},
		},
		{
			name: "#restrictlogs crashes", lines: "<ann> #startmeeting T\n<ann> #restrictlogs",
			want: []string{"restrict", `change  owner ann, chairs ann, name "", suffix ""`, "say     From its beginning on, minutes and log of this meeting are for members only."},
		},
		{name: "#1234 is fixed is an error", lines: "<ann> #startmeeting T\n<ann> #1234 is fixed"},
		{
			name: "options end at a blank", lines: "<ann> #startmeeting T\n<ann> #startvote Which? light blue, red\n<bob> #vote light blue",
			want: []string{"vote    Which? [light blue 1 bob] [red 0] cast 1 open"},
		},
		{
			name: "a tie is carried", lines: "<ann> #startmeeting T\n<ann> #startvote Ship?\n<bob> +1\n<cat> -1\n<ann> #endvote",
			want: []string{
				`vote    Ship? [yes 1 bob] [no 1 cat] [abstain 0] cast 2 result "no decision"`, `note    vote "Ship? no decision" by ann`,
				"say     Vote ended: Ship? Result: no decision. yes 1 (bob), no 1 (cat), abstain 0.",
			},
		},
		{
			name: "options nobody voted for are left out", lines: "<ann> #startmeeting T\n<ann> #startvote Ship?\n<ann> #showvote",
			want: []string{"say     Vote: Ship? yes 0, no 0, abstain 0. 0 voted."},
		},
		{
			name: "#endmeeting forgets an open vote", lines: "<ann> #startmeeting T\n<ann> #startvote Ship?\n<bob> +1\n<ann> #endmeeting",
			want: []string{
				`vote    Ship? [yes 1 bob] [no 0] [abstain 0] cast 1 result "yes"`, `note    vote "Ship? yes" by ann`,
				"say     Vote ended: Ship? Result: yes. yes 1 (bob), no 0, abstain 0.",
				"say     Meeting ended after 1 min: 0 decisions, 0 actions.", "close   1m0s by chair",
			},
		},
		{
			name: "a new nick votes again", lines: "<ann> #startmeeting T\n<ann> #startvote Ship?\n<bob> +1\nbob => rob\n<rob> -1",
			want: []string{"vote    Ship? [yes 0] [no 1 rob] [abstain 0] cast 1 open"},
		},
		{name: "/me #info is a command", lines: "<ann> #startmeeting T\n* ann #info x"},
		{name: "replayed lines are commands", lines: "<ann^> #startmeeting T"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s State
			var got []string
			for _, l := range fuzzLines(tt.lines, start) {
				var effects []Effect
				s, effects = Apply(s, l)
				got = nil
				for _, e := range effects {
					got = append(got, describe(e))
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestOwners(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, people, text, want string }{
		{name: "whole words only", people: "jon jonathan", text: "jonathan to do it", want: "jonathan"},
		{name: "any letters", people: "Jon", text: "JON to do it", want: "Jon"},
		{name: "brackets in a nick", people: `a[b] c{d} e\f g^h i|j k~l m~n`, text: "a[b], c{d} e\\f (g^h) i|j", want: `a[b] c{d} e\f g^h i|j`},
		{name: "brackets fold", people: "a[b]", text: "A{B}", want: "a[b]"},
		{name: "brackets around a nick", people: "bob cat", text: "[bob] and {cat}", want: "bob cat"},
		{name: "genitive", people: "bob", text: "bob's", want: "bob"},
		{name: "in order of the text", people: "ann bob cat", text: "cat, ann", want: "cat ann"},
		{name: "each once", people: "bob", text: "bob bob @bob", want: "bob"},
		{name: "common word", people: "will the all", text: "bob will do the thing for all"},
		{name: "common word with colon", people: "will", text: "so, will: do it", want: "will"},
		{name: "common word with at", people: "all", text: "ask @all", want: "all"},
		{name: "common word first", people: "Will", text: "will to do it", want: "Will"},
		{name: "common word addressed later", people: "will", text: "we will see if @will comes", want: "will"},
		{name: "nobody", people: "bob", text: "somebody should", want: ""},
		{name: "alias of two words", people: "bob=Bob-o Builder", text: "Bob-o builder", want: "bob"},
		{name: "alias inside a word", people: "bob=o b", text: "yo bob2"},
		{name: "letters of other scripts", people: "Ünal", text: "Ünal, Ünalan", want: "Ünal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := "<x> #startmeeting T"
			names := strings.Fields(strings.ReplaceAll(tt.people, "o B", "o\x00B"))
			for _, name := range names {
				nick, alias, _ := strings.Cut(strings.ReplaceAll(name, "\x00", " "), "=")
				text += "\n<" + nick + "> #here " + alias
			}
			got := strings.Join(applyAll(State{}, text).Finder().In(tt.text), " ")
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestResumed(t *testing.T) {
	t.Parallel()
	const begin = "context {\"base_url\":\"https://h.example\",\"topic\":\"Before\",\"settings\":{}}\n<ann> #startmeeting T\n"
	for _, tt := range []struct {
		name, lines string
		want        []string
	}{
		{name: "no meeting", lines: "<ann> hi"},
		{name: "before the first topic", lines: begin + "<bob> hi", want: []string{"say     I am back and the meeting goes on: T. Chairs: ann. 0 items so far."}},
		{
			name: "under a subtopic", lines: begin + "<ann> #topic One\n<ann> #subtopic Half\n<bob> #info x\n<bob> #info y\n<ann> #undo",
			want: []string{"set     One", "say     I am back and the meeting goes on: T. Topic: One, Half. Chairs: ann. 1 item so far."},
		},
		{
			name: "in mid-vote, with people waiting", lines: begin + "<ann> #startvote Ship it?\n<bob> +1\n<bob> q+\n<cat> q+ to ask",
			want: []string{"say     I am back and the meeting goes on: T. A vote is open: Ship it? Queue: bob, cat (to ask). Chairs: ann. 0 items so far."},
		},
		{name: "asked to be silent", lines: begin + "<ann> #topic One\n<ann> #lurk", want: []string{"set     One"}},
		{
			name: "ended and nobody told", lines: begin + "<ann> #topic One\n<ann> #endmeeting",
			want: []string{"set     Before", "say     The meeting has ended: T. Minutes: https://h.example/meetings/" + refAt(start.Add(40e9), 1).String()},
		},
		{name: "ended and told", lines: begin + "<ann> #endmeeting\n<bot> Meeting ended after less than a minute: 0 decisions, 0 actions."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, e := range applyAll(State{}, tt.lines).Resumed() {
				got = append(got, describe(e))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}
