package meeting

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCutQuestion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, question, options string }{
		{name: "options", text: "Ship it? yes, no", question: "Ship it?", options: " yes, no"},
		{name: "none", text: "Ship it?", question: "Ship it?"},
		{name: "no question mark", text: "Ship it, or not"},
		{name: "nothing before it", text: "? a, b"},
		{name: "only signs before it", text: "... ?! a, b"},
		{name: "no blank after it", text: "Ship it?yes", question: "Ship it?", options: "yes"},
		{name: "in a URL", text: "Use http://x/?a=b ? yes", question: "Use http://x/?a=b ?", options: " yes"},
		{name: "several", text: "Really?!?? a", question: "Really?!??", options: " a"},
		{name: "in an option", text: "Which? what?, who?", question: "Which?", options: " what?, who?"},
		{name: "Chinese", text: "要吗？ 要，不要", question: "要吗？", options: " 要，不要"},
		{name: "Arabic", text: "نعم؟ ا, ب", question: "نعم؟", options: " ا, ب"},
		{name: "a number", text: "2? a, b", question: "2?", options: " a, b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			question, options, ok := cutQuestion(tt.text)
			if question != tt.question || options != tt.options || ok != (tt.question != "") {
				t.Errorf("got %q and %q, %t", question, options, ok)
			}
		})
	}
}

func TestOptionsOfAVote(t *testing.T) {
	t.Parallel()
	numbered := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("option %d", i))
		}
		return strings.Join(list, ", ")
	}
	for _, tt := range []struct {
		name, text string
		want       string // options with | between them
		wrong      string // the beginning of why not
	}{
		{name: "none", text: " "},
		{name: "several words", text: " light blue,red , dark  green", want: "light blue|red|dark green"},
		{name: "empty ones", text: ", a,, b,", want: "a|b"},
		{name: "nothing to see", text: "a, \u200b, \u3164, b", want: "a|b"},
		{name: "one", text: "a b c", want: "a b c", wrong: "give two options"},
		{name: "the same twice", text: "a, A, \u0430, \uff41, \"a\"", want: "a", wrong: "give two options"},
		{name: "twenty", text: numbered(20), want: strings.ReplaceAll(numbered(20), ", ", "|")},
		{name: "120", text: numbered(120), want: strings.ReplaceAll(numbered(20), ", ", "|"), wrong: "a vote has at most 20 options, and these are 120"},
		{name: "a long one", text: "a, " + strings.Repeat("ü", 61), want: "a|" + strings.Repeat("ü", 61), wrong: "an option has"},
		{name: "not too long", text: "a, " + strings.Repeat("ü", 60), want: "a|" + strings.Repeat("ü", 60)},
		{name: "different signs", text: "C, C++, C#, -, +", want: "C|C++|C#|-|+"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			options, many := cutOptions(tt.text)
			if got := strings.Join(options, "|"); got != tt.want {
				t.Errorf("got %s", got)
			}
			if wrong := wrongOptions(options, many); !strings.HasPrefix(wrong, tt.wrong) || (wrong == "") != (tt.wrong == "") {
				t.Errorf("said %q", wrong)
			}
		})
	}
}

// Whatever the options are, one can vote for each of them by its own words, and
// they are all there is.
func FuzzOptions(f *testing.F) {
	for _, text := range []string{"yes, no", "light blue, light green", "νο, no, ΝΟ, vo", "\u200b, a", "̀, \"\", ', .", "ä, ä, Ä", "️, 👍️, 👍", "İ, i, I, ı"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		options, many := cutOptions(text)
		if many < len(options) || len(options) > maxOptions {
			t.Fatalf("%d of %d options", len(options), many)
		}
		v := &Vote{}
		for _, o := range options {
			v.Options = append(v.Options, VoteOption{Option: o})
		}
		for i, o := range options {
			if at, near := v.find(o); at != i {
				t.Errorf("a vote for %q goes to %d, or %q", o, at, near)
			}
			if at, near := v.find(strings.ToUpper(o)); at != i && at >= 0 {
				t.Errorf("a vote for %q in capitals goes to %d, or %q", o, at, near)
			}
		}
	})
}

// What is near enough for a hint is near one command only, and no command is
// near another.
func TestNearest(t *testing.T) {
	t.Parallel()
	tr := turn{commands: commands}
	for _, tt := range []struct{ word, want string }{
		{"topci", "topic"},
		{"topc", "topic"},
		{"ttopic", "topic"},
		{"tupic", "topic"},
		{"topics", "topic"},
		{"tpci", ""},
		{"endmeting", "endmeeting"},
		{"enmeetign", "endmeeting"},
		{"startmeetign", "startmeeting"},
		{"holiday", ""},
		{"infos", "info"},
		{"agere", "agree"},
		{"commnads", "commands"},
	} {
		if got := tr.nearest(tt.word); got != tt.want {
			t.Errorf("%s is near %q, want %q", tt.word, got, tt.want)
		}
	}
	for _, c := range commands {
		if got := tr.nearest(c.name); got != c.name {
			t.Errorf("%s is near %s", c.name, got)
		}
		if len(c.name) > longestTypo {
			t.Errorf("%s is too long for a hint", c.name)
		}
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"ca", "abc", 3}, {"abcd", "abd", 1}, {"kitten", "sitting", 3}} {
		if got := distance(tt.a, tt.b); got != tt.want || distance(tt.b, tt.a) != tt.want {
			t.Errorf("%q and %q are %d apart, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// The W3C forms are commands that exist.
func TestW3CForms(t *testing.T) {
	t.Parallel()
	for form, word := range w3cForms {
		if i, ok := byWord[word]; !ok || !slices.Contains(append(commands[i].aliases, commands[i].name), word) || len(form) > longestForm {
			t.Errorf("%s stands for %s", form, word)
		}
	}
}
