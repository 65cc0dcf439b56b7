package hackfest

import (
	"strings"
	"testing"
	"time"
)

func TestIssueBody(t *testing.T) {
	t.Parallel()
	due := time.Date(2012, 8, 24, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		a     Action
		title string
		want  string
	}{
		{
			"all there is",
			Action{Text: "write the check down", Owners: []string{"ana", "bob"}, Due: due},
			"write the check down",
			"Noted as an action in the meeting `OpenShift` of 2 August 2012.\n\n- Who takes it: `ana`, `bob`\n- Due: 24 August 2012\n- Minutes: <M>\n- Its line in the log: <L>\n",
		},
		{
			"nobody, never, and another title",
			Action{Text: "write it down"},
			"Write the check down",
			"Noted as an action in the meeting `OpenShift` of 2 August 2012.\n\nAs it was noted: `write it down`\n\n- Minutes: <M>\n- Its line in the log: <L>\n",
		},
		{
			"what would notify and link",
			Action{Text: "ask @all about `` #1\n<b>", Owners: []string{"a`b`"}},
			"x",
			"Noted as an action in the meeting `OpenShift` of 2 August 2012.\n\nAs it was noted: ```ask @all about `` #1 <b>```\n\n- Who takes it: `` a`b` ``\n- Minutes: <M>\n- Its line in the log: <L>\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := IssueBody(tt.a, tt.title, "OpenShift", "2 August 2012", "M", "L"); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestCheckActionIssue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		a    ActionIssue
		want string // fields
	}{
		{"all is well", ActionIssue{Title: strings.Repeat("ä", 256), Label: "good first issue", Assignee: "ana-gh"}, ""},
		{"nothing but a title", ActionIssue{Title: "x"}, ""},
		{"no title", ActionIssue{}, "title"},
		{"a title that is too long", ActionIssue{Title: strings.Repeat("ä", 257)}, "title"},
		{"two labels", ActionIssue{Title: "x", Label: "a,b"}, "label"},
		{"a login that is none", ActionIssue{Title: "x", Assignee: "ana gh"}, "assignee"},
		{"all of it", ActionIssue{Label: strings.Repeat("x", 51), Assignee: "-x"}, "title label assignee"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var fields []string
			for _, e := range CheckActionIssue(tt.a) {
				fields = append(fields, e.Field)
			}
			if got := strings.Join(fields, " "); got != tt.want {
				t.Errorf("wrong are %q", got)
			}
		})
	}
}

func TestMark(t *testing.T) {
	t.Parallel()
	mark := strings.Repeat("0f", 16)
	for name, tt := range map[string]struct{ body, want string }{
		"as it was made":      {Marked("Noted.\n", mark), mark},
		"edited around it":    {"more\r\n" + Marked("Noted.", mark) + "\r\nand more", mark},
		"none":                {"Noted. " + mark, ""},
		"one that is cut":     {"<!-- hackfest-action: 0f0f -->", ""},
		"in capital letters":  {"<!-- hackfest-action: " + strings.ToUpper(mark) + " -->", ""},
		"the first of two":    {Marked(Marked("", mark), strings.Repeat("a", 32)), mark},
		"no body whatsoever":  {"", ""},
		"with another's name": {"<!-- hackfest-lesson: " + mark + " -->", ""},
	} {
		if got := MarkIn(tt.body); got != tt.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got, want := IssueTitle(" a\tb\x02 "+strings.Repeat("ö", 300)), "a b "+strings.Repeat("ö", 251)+"…"; got != want {
		t.Errorf("title %q", got)
	}
}
