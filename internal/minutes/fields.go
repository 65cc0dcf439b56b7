package minutes

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// Fields are minutes as a form has them: what may be written, by its name, as it
// was typed. What is ticked is "on", else "". A field that is not there is as it
// was.
//
//	summary   topic.ID.title   also   regrets   issues   present.N.nick|gone
//	item.ID.text|gone|owners|due|kind   lesson.ID.text|kind|scope|image|line|pick   keep.PLACE
//
// N counts those who were there, as the minutes list them.
type Fields map[string]string

// FieldID reads the entry out of a field's name: "item", the entry, "text". ok is
// false for what belongs to no entry.
func FieldID(name string) (sort string, id hackfest.ItemID, what string, ok bool) {
	sort, rest, ok := strings.Cut(name, ".")
	at := strings.LastIndexByte(rest, '.')
	if !ok || at < 0 || sort != "item" && sort != "topic" && sort != "lesson" {
		return "", id, "", false
	}
	err := id.UnmarshalText([]byte(rest[:at]))
	return sort, id, rest[at+1:], err == nil
}

// FieldOf is the name of an entry's field.
func FieldOf(sort string, id hackfest.ItemID, what string) string {
	return sort + "." + id.String() + "." + what
}

// PresentField is the name of a field about the nth of those who were there.
func PresentField(n int, what string) string { return "present." + strconv.Itoa(n) + "." + what }

const on = "on"

func tick(yes bool) string {
	if yes {
		return on
	}
	return ""
}

// Fields are w as the form shows it.
func (w Written) Fields() Fields {
	f := Fields{"summary": w.Summary, "also": "", "regrets": strings.Join(w.namedRegrets(), ", "), "issues": issueList(w.Issues)}
	for _, t := range w.Topics {
		if t.Title != "" && !t.Redacted {
			f[FieldOf("topic", t.ID, "title")] = t.Title
		}
		for _, i := range t.Items {
			if !i.Redacted {
				f.item(i)
			}
		}
	}
	list, picked := w.Candidates()
	for _, l := range list {
		f.lesson(l, w.scope(l), picked[l.ID])
	}
	for n, p := range w.Present {
		if !p.Bot && !w.unnamed(p.Nick) {
			f[PresentField(n, "nick")], f[PresentField(n, "gone")] = p.Nick, ""
		}
	}
	return f
}

// item adds the fields of an item.
func (f Fields) item(i Item) {
	f[FieldOf("item", i.ID, "text")], f[FieldOf("item", i.ID, "gone")] = i.Text, tick(i.Undone)
	if i.Kind == meeting.Action {
		f[FieldOf("item", i.ID, "owners")], f[FieldOf("item", i.ID, "due")] = strings.Join(i.Owners, ", "), dateText(i.Due)
	}
	if Added(i.ID) {
		f[FieldOf("item", i.ID, "kind")] = string(i.Kind)
	}
}

func (f Fields) lesson(l Lesson, scope string, picked bool) {
	f[FieldOf("lesson", l.ID, "text")], f[FieldOf("lesson", l.ID, "kind")] = l.Text, l.Kind
	f[FieldOf("lesson", l.ID, "scope")], f[FieldOf("lesson", l.ID, "image")] = scope, l.Image
	f[FieldOf("lesson", l.ID, "line")], f[FieldOf("lesson", l.ID, "pick")] = l.LineID.String(), tick(picked)
}

// AddItem adds an entry to f that stands on a line. owners are of an action.
func (f Fields) AddItem(id hackfest.ItemID, kind meeting.ItemKind, text string, owners []string) {
	f.item(Item{ID: id, Kind: kind, Text: text, Owners: owners})
}

// AddLesson adds a lesson to f that stands on a line.
func (f Fields) AddLesson(l Lesson) { f.lesson(l, l.Scope, true) }

func (w Written) namedRegrets() []string {
	return slices.DeleteFunc(slices.Clone(w.Regrets), w.unnamed)
}

func issueList(list []Issue) string {
	names := make([]string, len(list))
	for i, x := range list {
		names[i] = x.Repo + "#" + strconv.Itoa(x.Number)
	}
	return strings.Join(names, ", ")
}

func dateText(d Date) string {
	if d.IsZero() {
		return ""
	}
	return d.Format(time.DateOnly)
}

// How much may be written.
const (
	MaxSummary = 20_000 // characters
	MaxText    = 2000   // of an entry
	maxShort   = 300    // of the rest
	MaxAdded   = 300    // entries that people add
	maxFields  = 12_000
)

// Looked reports whether a field says that somebody looked at a place and left it
// as it is.
func Looked(name string) bool { return strings.HasPrefix(name, "keep.") }

// MostOf is how many characters a field may have.
func MostOf(name string) int {
	switch {
	case name == "summary":
		return MaxSummary
	case strings.HasSuffix(name, ".text"), name == "also", name == "regrets", name == "issues":
		return MaxText
	}
	return maxShort
}

// Clean is f without what no text may hold: control characters and, in all but
// the summary, line ends.
func (f Fields) Clean() Fields {
	out := make(Fields, len(f))
	for name, text := range f {
		text = strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\ufffd")
		text = strings.Map(func(r rune) rune {
			switch {
			case r == '\n' && name != "summary", r == '\t':
				return ' '
			case r != '\n' && unicode.IsControl(r):
				return -1
			}
			return r
		}, text)
		out[name] = strings.TrimSpace(text)
	}
	return out
}

// Check says which fields cannot be kept as they are: what is longer than MostOf
// allows, and too many added entries. Each error names its field.
func (f Fields) Check() []error {
	var wrong []error
	added := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if most := MostOf(name); utf8.RuneCountInString(f[name]) > most {
			wrong = append(wrong, fault.On(name, "At most %d characters; these are %d.", most, utf8.RuneCountInString(f[name])))
		}
		if _, id, _, ok := FieldID(name); ok && Added(id) {
			added[id.String()] = true
		}
	}
	if len(added) > MaxAdded || len(f) > maxFields {
		wrong = append(wrong, fault.New(fault.Invalid, "At most %d entries can be added to what was noted.", MaxAdded))
	}
	return wrong
}

// Over is what of f differs from base: what has to be kept.
func (f Fields) Over(base Fields) Fields {
	out := Fields{}
	for name, text := range f {
		if was, known := base[name]; was != text || !known && isAdded(name) {
			out[name] = text
		}
	}
	return out
}

func isAdded(name string) bool {
	_, id, _, ok := FieldID(name)
	return ok && Added(id)
}

// On is base with f over it.
func (f Fields) On(base Fields) Fields {
	out := maps.Clone(base)
	maps.Copy(out, f)
	return out
}

// Known are the fields of f that are about w: of entries that w has and may show,
// or that people add.
func (w Written) Known(f Fields) Fields {
	mine, out := w.Fields(), Fields{}
	for name, text := range f {
		_, id, what, ok := FieldID(name)
		_, there := mine[name]
		switch {
		case there, Looked(name) && len(name) < maxShort:
			out[name] = text
		case ok && Added(id) && !w.has(id) && slices.Contains(addedFields, what):
			out[name] = text
		}
	}
	return out
}

// addedFields are what an added entry or lesson can have.
var addedFields = []string{"text", "gone", "owners", "due", "kind", "scope", "image", "line", "pick"}

// has reports whether id is an entry or a lesson of w, with its words or without.
func (w Written) has(id hackfest.ItemID) bool {
	for _, t := range w.Topics {
		if slices.ContainsFunc(t.Items, func(i Item) bool { return i.ID == id }) {
			return true
		}
	}
	return slices.ContainsFunc(w.Lessons, func(l Lesson) bool { return l.ID == id })
}
