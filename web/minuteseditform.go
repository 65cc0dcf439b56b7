package web

import (
	"crypto/rand"
	"encoding/binary"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/templates"
)

// fieldsOf reads what was written from a form. A box that is not ticked is not
// sent, so that of an entry that is there counts as empty.
func (d desking) fieldsOf(form url.Values) minutes.Fields {
	f := minutes.Fields{}
	for name := range form {
		switch {
		case name == "summary", name == "also", name == "regrets", name == "issues", strings.HasPrefix(name, "present."):
			f[name] = form.Get(name)
		default:
			if _, _, what, ok := minutes.FieldID(name); ok {
				f[name] = form.Get(name)
				if what == "line" {
					f[name] = d.lineOf(form.Get(name))
				}
			}
		}
	}
	for name := range form {
		sort, id, what, ok := minutes.FieldID(name)
		switch {
		case ok && what == "text":
			box := minutes.FieldOf(sort, id, map[string]string{"item": "gone", "lesson": "pick"}[sort])
			f[box] = tickOf(form, box)
		case strings.HasPrefix(name, "present.") && strings.HasSuffix(name, ".nick"):
			box := strings.TrimSuffix(name, "nick") + "gone"
			f[box] = tickOf(form, box)
		}
	}
	for _, name := range form["asked"] {
		if place, ok := strings.CutPrefix(name, "keep."); ok {
			f[name] = ""
			if form.Get(name) != "" {
				f[name] = strconv.Itoa(len(minutes.Suspects(d.textAt(place, f))))
			}
		}
	}
	return f
}

func tickOf(form url.Values, name string) string {
	if form.Get(name) != "" {
		return "on"
	}
	return ""
}

// lineOf is the line that a number typed by somebody means; what is no number of
// a line stays as it was typed.
func (d desking) lineOf(typed string) string {
	n, err := strconv.Atoi(strings.TrimSpace(typed))
	if err != nil {
		return typed
	}
	for ref, number := range d.numbers {
		if number == n {
			return ref.String()
		}
	}
	return typed
}

// typedValue is what a field shows for what is kept of it.
func (d desking) typedValue(name, text string) string {
	if _, _, what, ok := minutes.FieldID(name); ok && what == "line" {
		if ref, err := hackfest.ParseRef(text); err == nil {
			if n := d.numbers[ref]; n > 0 {
				return strconv.Itoa(n)
			}
		}
	}
	return text
}

// line finds a line of the log by its ref.
func (d desking) line(ref hackfest.Ref) (hackfest.LogLine, bool) {
	i, ok := slices.BinarySearchFunc(d.lines, ref, func(l hackfest.LogLine, r hackfest.Ref) int { return l.Ref.Compare(r) })
	if !ok {
		return hackfest.LogLine{}, false
	}
	return d.lines[i], true
}

// maxAtOnce is how many lines can be added at once.
const maxAtOnce = 30

// add makes entries of kind what out of the lines that a form ticks or counts,
// and says where the first of them is.
func (d desking) add(form url.Values, what string) (minutes.Fields, string, error) {
	kind := meeting.ItemKind(what)
	if kind != meeting.Lesson && !minutes.Addable(kind) {
		return nil, "", fault.On("lines", "Lines can become decisions, actions, lessons or notes.")
	}
	words := append(slices.Clone(form["cite"]), strings.FieldsFunc(form.Get("lines"), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })...)
	if len(words) == 0 {
		return nil, "", fault.On("lines", "Tick the lines it is made of, or write their numbers here.")
	}
	if len(words) > maxAtOnce {
		return nil, "", fault.On("lines", "At most %d lines at once.", maxAtOnce)
	}
	f, to := minutes.Fields{}, ""
	for _, word := range words {
		ref, err := hackfest.ParseRef(d.lineOf(word))
		l, there := d.line(ref)
		if err != nil || !there {
			return nil, "", fault.On("lines", "There is no line %s. The log beside counts them.", strconv.Quote(word))
		}
		id := hackfest.ItemID{Ref: ref, N: minutes.FirstAdded + freshNumber()}
		text := spokenText(l)
		sort := "item"
		if kind == meeting.Lesson {
			sort = "lesson"
			f.AddLesson(minutes.Lesson{ID: id, LineID: ref, Text: text, Kind: string(hackfest.LessonUnknown), Scope: d.usualScope()})
		} else {
			f.AddItem(id, kind, text, d.ownersIn(kind, text))
		}
		if to == "" {
			to = editURL(d.meeting.Ref) + "#" + templates.EntryID(sort, id.String())
		}
	}
	return f, to, nil
}

// freshNumber is a number that two who add to one line at once do not share.
func freshNumber() int {
	var b [3]byte
	_, _ = rand.Read(b[:]) // never fails
	return int(binary.BigEndian.Uint32(append([]byte{0}, b[:]...)))
}

// usualScope is what a lesson of this meeting is about most likely.
func (d desking) usualScope() string {
	if d.meeting.TargetSlug != "" {
		return string(hackfest.ScopeTarget)
	}
	return string(hackfest.ScopeAll)
}

// spokenText is what a line says, without the command it begins with.
func spokenText(l hackfest.LogLine) string {
	text := strings.TrimSpace(irctext.Strip(l.Text))
	if strings.HasPrefix(text, "#") {
		if _, rest, ok := strings.Cut(text, " "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return text
}

// ownersIn are those who were there and whom the text of an action names.
func (d desking) ownersIn(kind meeting.ItemKind, text string) []string {
	if kind != meeting.Action {
		return nil
	}
	var list []string
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" ,:;.()", r) }) {
		for _, p := range d.draft.Present {
			if strings.EqualFold(word, p.Nick) && !p.Bot && !d.unnamed(p.Nick) && !slices.Contains(list, p.Nick) {
				list = append(list, p.Nick)
			}
		}
	}
	return list
}

// unnamed reports whether nick is not to be shown.
func (d desking) unnamed(nick string) bool {
	return slices.ContainsFunc(d.draft.Unnamed, func(u string) bool { return strings.EqualFold(u, nick) })
}
