package minutes

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

func everyLine(hackfest.Ref) (Source, bool) {
	return Source{Nick: "ann", At: time.Date(2012, 8, 10, 20, 0, 0, 0, time.UTC)}, true
}

func writtenOf(t *testing.T) Written {
	m := full(t)
	return Written{Minutes: m, Noted: m, Target: "openshift"}
}

// What nobody changes is published as it was noted.
func TestUntouchedMinutesStay(t *testing.T) {
	t.Parallel()
	w := writtenOf(t)
	out, err := w.With(w.Fields(), everyLine)
	if err != nil {
		t.Fatal(err)
	}
	for i := range out.Lessons {
		if out.Lessons[i].Scope != "target" {
			t.Errorf("a lesson of %q", out.Lessons[i].Scope)
		}
		out.Lessons[i].Scope = ""
	}
	was, _ := json.MarshalIndent(w.Minutes, "", " ")
	is, _ := json.MarshalIndent(out.Minutes, "", " ")
	if string(was) != string(is) {
		t.Errorf("was\n%s\nis\n%s", was, is)
	}
	if over := w.Fields().Over(w.Fields()); len(over) > 0 {
		t.Errorf("nothing was written and %v is kept", over)
	}
}

// find returns the id of the first item of a kind.
func find(w Written, kind meeting.ItemKind, undone bool) hackfest.ItemID {
	for _, t := range w.Topics {
		for _, i := range t.Items {
			if i.Kind == kind && i.Undone == undone {
				return i.ID
			}
		}
	}
	return hackfest.ItemID{}
}

func TestWriteOverWhatWasNoted(t *testing.T) {
	t.Parallel()
	w := writtenOf(t)
	action, info := find(w, meeting.Action, false), find(w, meeting.Info, false)
	var undone hackfest.ItemID
	for _, topic := range w.Topics {
		for _, i := range topic.Items {
			if i.Undone {
				undone = i.ID
			}
		}
	}
	added := hackfest.ItemID{Ref: info.Ref, N: FirstAdded + 7}
	f := w.Fields()
	f["summary"] = "It runs."
	f[FieldOf("item", action, "text")], f[FieldOf("item", action, "owners")], f[FieldOf("item", action, "due")] = "call them", "zoe, max zoe", "1 Dec 2026"
	f[FieldOf("item", info, "gone")] = "on"
	f[FieldOf("item", undone, "gone")] = ""
	f.AddItem(added, meeting.Agreed, "we agreed on it", nil)
	f["also"], f["regrets"], f["issues"] = "walter", "ann2", "a/b#3, https://github.com/c/d/issues/4"
	f[PresentField(0, "nick")] = "annabel"
	lesson := w.Lessons[0].ID
	f[FieldOf("lesson", lesson, "pick")] = ""
	more := hackfest.ItemID{Ref: info.Ref, N: FirstAdded + 8}
	f.AddLesson(Lesson{ID: more, LineID: info.Ref, Text: "Name images by id.", Kind: "avoid", Scope: "image", Image: "Fedora 16"})
	over := f.Over(w.Fields())
	if len(over) >= len(f)/2 {
		t.Errorf("%d of %d fields are kept", len(over), len(f))
	}
	out, err := w.With(over.On(w.Fields()), everyLine)
	if err != nil {
		t.Fatal(err)
	}
	items := map[hackfest.ItemID]Item{}
	for _, i := range out.Items {
		items[i.ID] = i
	}
	if a := items[action]; a.Text != "call them" || fmt.Sprint(a.Owners) != "[zoe max]" || a.DueNote() != " (due 2026-12-01)" || !a.Edited {
		t.Errorf("%+v", a)
	}
	if _, there := items[info]; there {
		t.Error("what was left out is there")
	}
	if i, there := items[undone]; !there || i.Edited {
		t.Errorf("what was brought back: %v %+v", there, i)
	}
	if i := items[added]; i.Kind != meeting.Agreed || i.Nick != "ann" || !i.Edited || !slices.Contains(out.Decisions, added) {
		t.Errorf("added: %+v", i)
	}
	if out.Summary != "It runs." || out.Present[0].Nick != "annabel" || !slices.ContainsFunc(out.Present, func(p Person) bool { return p.Nick == "walter" }) ||
		fmt.Sprint(out.Regrets) != "[ann2]" || fmt.Sprint(out.Issues) != "[a/b#3 c/d#4]" {
		t.Errorf("%q %v %v %v", out.Summary, out.Present, out.Regrets, out.Issues)
	}
	if slices.ContainsFunc(out.Lessons, func(l Lesson) bool { return l.ID == lesson }) ||
		!slices.ContainsFunc(out.Lessons, func(l Lesson) bool { return l.ID == more && l.Image == "Fedora 16" }) {
		t.Errorf("lessons: %+v", out.Lessons)
	}
	// What was published is what the next writer begins with.
	out.Number = 1
	again, err := out.With(out.Fields(), everyLine)
	if err != nil || asJSON(t, again.Minutes) != asJSON(t, out.Minutes) {
		t.Errorf("%v\n%s\n%s", err, asJSON(t, out.Minutes), asJSON(t, again.Minutes))
	}
	if _, picked := out.Candidates(); picked[lesson] || !picked[more] {
		t.Errorf("picked: %v", picked)
	}
}

func TestWhatCannotBePublished(t *testing.T) {
	t.Parallel()
	w := writtenOf(t)
	action, lesson := find(w, meeting.Action, false), w.Lessons[0].ID
	added := hackfest.ItemID{Ref: action.Ref, N: FirstAdded}
	for _, tt := range []struct {
		name   string
		change func(f Fields)
		field  string
	}{
		{"an entry without words", func(f Fields) { f[FieldOf("item", action, "text")] = "" }, FieldOf("item", action, "text")},
		{"a day that is none", func(f Fields) { f[FieldOf("item", action, "due")] = "next week" }, FieldOf("item", action, "due")},
		{"the thirtieth of February", func(f Fields) { f[FieldOf("item", action, "due")] = "2026-02-30" }, FieldOf("item", action, "due")},
		{"a name nobody can have", func(f Fields) { f[FieldOf("item", action, "owners")] = "<b>" }, FieldOf("item", action, "owners")},
		{"somebody unnamed", func(f Fields) { f["also"] = Unnamed }, "also"},
		{"no issue", func(f Fields) { f["issues"] = "a/b" }, "issues"},
		{"a lesson without a sentence", func(f Fields) { f[FieldOf("lesson", lesson, "text")] = "" }, FieldOf("lesson", lesson, "text")},
		{"a lesson of no kind", func(f Fields) { f[FieldOf("lesson", lesson, "kind")] = "great" }, FieldOf("lesson", lesson, "kind")},
		{"a lesson about no image", func(f Fields) { f[FieldOf("lesson", lesson, "scope")] = "image" }, FieldOf("lesson", lesson, "image")},
		{"a lesson about nothing", func(f Fields) { f[FieldOf("lesson", lesson, "scope")] = "us" }, FieldOf("lesson", lesson, "scope")},
		{"a lesson on a line of no number", func(f Fields) { f[FieldOf("lesson", lesson, "line")] = "12x" }, FieldOf("lesson", lesson, "line")},
		{"an entry of no kind", func(f Fields) { f.AddItem(added, "joke", "ha", nil) }, FieldOf("item", added, "text")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := w.Fields()
			tt.change(f)
			_, err := w.With(f, everyLine)
			all := fault.All(err)
			if len(all) != 1 || all[0].Field != tt.field || all[0].Kind != fault.Invalid {
				t.Errorf("%v", err)
			}
		})
	}
	f := w.Fields()
	f.AddItem(added, meeting.Info, "on a line that is gone", nil)
	if _, err := w.With(f, func(hackfest.Ref) (Source, bool) { return Source{}, false }); fault.All(err) == nil || fault.All(err)[0].Field != FieldOf("item", added, "text") {
		t.Errorf("a line that is gone: %v", err)
	}
	f["summary"] = strings.Repeat("x", MaxSummary+1)
	f[FieldOf("item", action, "text")] = strings.Repeat("ä", MaxText+1)
	if wrong := f.Check(); len(wrong) != 2 {
		t.Errorf("too long: %v", wrong)
	}
}

// Those who are not to be named are in no field, and in the minutes all the same.
func TestUnnamedAreInNoField(t *testing.T) {
	t.Parallel()
	w := writtenOf(t)
	w.Regrets = append(slices.Clone(w.Regrets), "shy")
	nick := w.Present[1].Nick
	w.Unnamed = []string{strings.ToUpper(nick), "shy"}
	f := w.Fields()
	if f[PresentField(1, "nick")] != "" || strings.Contains(f["regrets"], "shy") {
		t.Errorf("%v", f)
	}
	f["regrets"], f[PresentField(1, "gone")] = "other", "on"
	out, err := w.With(f, everyLine)
	if err != nil || fmt.Sprint(out.Regrets) != "[other shy]" || out.Present[1].Nick != nick || !out.NamesAll() {
		t.Errorf("%v %v %v", err, out.Regrets, out.Present)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	base := Fields{"a": "1", "b": "1", "c": "1", "tick": "on", "gone": "1"}
	for _, tt := range []struct {
		name         string
		theirs, mine Fields
		want         Fields // what differs from theirs
		clashes      string
	}{
		{"nothing", Fields{}, Fields{"a": "1"}, nil, ""},
		{"mine alone", Fields{}, Fields{"a": "2"}, Fields{"a": "2"}, ""},
		{"theirs alone", Fields{"a": "2"}, Fields{"a": "1"}, nil, ""},
		{"each another", Fields{"a": "2"}, Fields{"b": "3"}, Fields{"b": "3"}, ""},
		{"both alike", Fields{"a": "2"}, Fields{"a": "2"}, nil, ""},
		{"both, in two ways", Fields{"a": "2"}, Fields{"a": "3"}, nil, "a: 1 2 3"},
		{"only one of two", Fields{"a": "2", "b": "4"}, Fields{"a": "3", "b": "1", "c": "5"}, Fields{"c": "5"}, "a: 1 2 3"},
		{"unticked and ticked again", Fields{"tick": ""}, Fields{"tick": "on"}, nil, ""},
		{"not on my form", Fields{"a": "2"}, Fields{}, nil, ""},
		{"added by them", Fields{"new": "x"}, Fields{}, nil, ""},
		{"added by me", Fields{}, Fields{"mine": "x"}, Fields{"mine": "x"}, ""},
		{"the same added by both in two ways", Fields{"new": "x"}, Fields{"new": "y"}, nil, "new:  x y"},
		{"gone there and changed here", Fields{"gone": "\x00"}, Fields{"gone": "2"}, nil, "gone: 1  2"},
		{"gone there and untouched here", Fields{"gone": "\x00"}, Fields{"gone": "1"}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			theirs := tt.theirs.On(base)
			maps.DeleteFunc(theirs, func(_, v string) bool { return v == "\x00" })
			merged, clashes := Merge(base, theirs, tt.mine)
			if want := tt.want.On(theirs); !maps.Equal(merged, want) {
				t.Errorf("merged %v, want %v", merged, want)
			}
			var got []string
			for _, c := range clashes {
				got = append(got, c.Name+": "+c.Base+" "+c.Theirs+" "+c.Mine)
			}
			if strings.Join(got, "; ") != tt.clashes {
				t.Errorf("clashes %q, want %q", got, tt.clashes)
			}
		})
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	parts := func(text string) (list []Part) {
		for p := range strings.SplitSeq(text, "|") {
			if key, text, ok := strings.Cut(p, "="); ok {
				list = append(list, Part{Key: key, Text: text})
			}
		}
		return list
	}
	for _, tt := range []struct{ name, before, after, want string }{
		{"nothing", "a=one", "a=one", ""},
		{"a word", "a=it runs well", "a=it runs badly", "a: it runs [-well-][+badly+]"},
		{"words in a row", "a=it runs very well", "a=it runs", "a: it runs[- very well-]"},
		{"all", "a=x", "a=y", "a: [-x-][+y+]"},
		{"a part came", "a=x", "a=x|b=new one", "b: [+new one+]"},
		{"a part went, in its place", "a=x|b=old|c=z", "a=x|c=zz", "b: [-old-]; c: [-z-][+zz+]"},
		{"the last went", "a=x|b=old", "a=x", "b: [-old-]"},
		{"a paragraph came", "a=one\n\ntwo", "a=one\n\nhalf\n\ntwo", "a: [+half+]"},
		{"a word of the second paragraph", "a=one\n\ntwo three", "a=one\n\ntwo four", "a: two [-three-][+four+]"},
		{"order of parts", "a=x|b=y", "b=yy|a=x", "b: [-y-][+yy+]"},
		{"hostile", "a=<script>", "a=<b>", "a: [-<script>-][+<b>+]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, c := range Changes(parts(tt.before), parts(tt.after)) {
				var b strings.Builder
				for _, p := range c.Paragraphs {
					for _, x := range p {
						b.WriteString(map[Op]string{Same: x.Text, Cut: "[-" + x.Text + "-]", Put: "[+" + x.Text + "+]"}[x.Op])
					}
				}
				got = append(got, c.Key+": "+b.String())
			}
			if strings.Join(got, "; ") != tt.want {
				t.Errorf("got  %q\nwant %q", strings.Join(got, "; "), tt.want)
			}
		})
	}
}

// Whatever two texts are, each can be read out of the comparison.
func FuzzChanges(f *testing.F) {
	f.Add("it runs\n\nwell", "it ran\n\nwell enough")
	f.Fuzz(func(t *testing.T, before, after string) {
		var a, b strings.Builder
		for _, p := range script(words(before), words(after)) {
			if p.Op != Put {
				a.WriteString(p.Text)
			}
			if p.Op != Cut {
				b.WriteString(p.Text)
			}
		}
		if a.String() != before || b.String() != after {
			t.Fatalf("%q and %q became %q and %q", before, after, a.String(), b.String())
		}
	})
}

// Words that were taken out of the log are taken out of what quotes them too, and
// come back.
func TestRemoveFromWritten(t *testing.T) {
	t.Parallel()
	w := writtenOf(t)
	info, action := find(w, meeting.Info, false), find(w, meeting.Action, false)
	f := w.Fields()
	f[FieldOf("item", action, "text")] = "tell them 555-0101 SECRET at once"
	lesson := hackfest.ItemID{Ref: w.Lessons[0].ID.Ref, N: FirstAdded}
	f.AddLesson(Lesson{ID: lesson, LineID: info.Ref, Text: "From the line.", Kind: "avoid", Scope: "all"})
	out, err := w.With(f, everyLine)
	if err != nil {
		t.Fatal(err)
	}
	before := asJSON(t, out.Minutes)
	taken := out.Remove(Removal{Lines: []hackfest.Ref{info.Ref}, Words: []string{"555-0101 SECRET"}, Mark: "removed by m"})
	got := asJSON(t, out.Minutes)
	if strings.Contains(got, "SECRET") || strings.Contains(got, "From the line.") || !strings.Contains(got, "tell them [removed] at once") {
		t.Error(got)
	}
	if err := out.PutBack(taken); err != nil || asJSON(t, out.Minutes) != before {
		t.Errorf("%v\n%s\n%s", err, asJSON(t, out.Minutes), before)
	}
}
