package minutes

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// addable are the kinds of entries that people may add to a line; lessons are
// lessons besides.
var addable = []meeting.ItemKind{meeting.Agreed, meeting.Accepted, meeting.Rejected, meeting.Action, meeting.Info, meeting.Idea, meeting.Help}

// Addable reports whether people may add an entry of kind k.
func Addable(k meeting.ItemKind) bool { return slices.Contains(addable, k) }

// lessonKinds and lessonScopes are what a published lesson can be.
var (
	lessonKinds  = []string{string(hackfest.LessonDoAgain), string(hackfest.LessonAvoid), string(hackfest.LessonUnknown), string(hackfest.LessonBroken)}
	lessonScopes = []string{string(hackfest.ScopeAll), string(hackfest.ScopeTarget), string(hackfest.ScopeImage)}
)

// With makes minutes of w and what was written over it. line finds the line of
// the meeting that an added entry stands on. All that is wrong is in the error,
// each with the name of its field; the minutes are then without it.
func (w Written) With(f Fields, line func(hackfest.Ref) (Source, bool)) (Written, error) {
	b := builder{w: w, f: f, line: line}
	out := w
	out.Summary = b.text("summary", w.Summary)
	out.Topics = place(b.topics(), b.added())
	out.Lessons = b.lessons()
	out.Present, out.Regrets = b.present(), b.regrets()
	out.Issues = b.issues()
	out.relist()
	return out, errors.Join(b.wrong...)
}

// builder makes minutes of fields and notes what is wrong with them.
type builder struct {
	w     Written
	f     Fields
	line  func(hackfest.Ref) (Source, bool)
	wrong []error
}

func (b *builder) bad(field, format string, args ...any) {
	b.wrong = append(b.wrong, fault.On(field, format, args...))
}

// text is what stands in a field, else what stood there.
func (b *builder) text(name, was string) string {
	if text, ok := b.f[name]; ok {
		return text
	}
	return was
}

func (b *builder) topics() []Topic {
	list := make([]Topic, 0, len(b.w.Topics)+1)
	for _, t := range b.w.Topics {
		if name := FieldOf("topic", t.ID, "title"); t.Title != "" && !t.Redacted {
			if title := b.text(name, t.Title); title == "" {
				b.bad(name, "A topic needs a title.")
			} else {
				noted, known := b.w.notedTopic(t.ID)
				t.Title, t.Edited = title, known && title != noted
			}
		}
		items := make([]Item, 0, len(t.Items))
		for _, i := range t.Items {
			if !i.Redacted {
				i = b.item(i)
			}
			items = append(items, i)
		}
		t.Items = items
		list = append(list, t)
	}
	return list
}

// item is i as it is written.
func (b *builder) item(i Item) Item {
	field := func(what string) string { return FieldOf("item", i.ID, what) }
	i.Undone = b.text(field("gone"), tick(i.Undone)) != ""
	if text := b.text(field("text"), i.Text); text != "" || i.Kind == meeting.Link {
		i.Text = text
	} else if !i.Undone {
		b.bad(field("text"), "An entry needs words. Tick “leave out” to have it out of the minutes.")
	}
	if i.Kind == meeting.Action {
		i.Owners = namesIn(b.text(field("owners"), strings.Join(i.Owners, ", ")))
		b.checkNicks(field("owners"), i.Owners)
		i.Due = b.date(field("due"), i.Due)
	}
	noted, known := b.w.NotedItem(i.ID)
	i.Edited = !known || noted.Text != i.Text || noted.Due != i.Due || !slices.Equal(noted.Owners, i.Owners)
	return i
}

// date reads 2026-12-01, or a day as people write it.
func (b *builder) date(name string, was Date) Date {
	text := b.text(name, dateText(was))
	if text == "" {
		return Date{}
	}
	for _, layout := range []string{time.DateOnly, "2 Jan 2006", "2 January 2006", "Mon 2 Jan 2006"} {
		if at, err := time.Parse(layout, text); err == nil && at.Year() >= 1990 && at.Year() < 2200 {
			return Date{at}
		}
	}
	b.bad(name, "Write the day as in 2026-12-01 or 1 Dec 2026.")
	return was
}

// added are the entries that people added and that w has not, as their lines were
// said.
func (b *builder) added() []Item {
	known := map[hackfest.ItemID]bool{}
	for _, t := range b.w.Topics {
		for _, i := range t.Items {
			known[i.ID] = true
		}
	}
	var list []Item
	for name, kind := range b.f {
		sort, id, what, ok := FieldID(name)
		if !ok || sort != "item" || what != "kind" || !Added(id) || known[id] {
			continue
		}
		from, there := b.line(id.Ref)
		switch {
		case !there:
			b.bad(FieldOf("item", id, "text"), "The line that this stands on is not in the log of the meeting any more. Take the entry out, or add it to another line.")
			continue
		case !Addable(meeting.ItemKind(kind)):
			b.bad(FieldOf("item", id, "text"), "There are no entries of that kind.")
			continue
		}
		list = append(list, b.item(Item{
			ID: id, LineID: id.Ref, Kind: meeting.ItemKind(kind), At: stamp(from.At), Nick: from.Nick, Owners: []string{},
		}))
	}
	slices.SortFunc(list, func(x, y Item) int { return compareIDs(x.ID, y.ID) })
	return slices.DeleteFunc(list, func(i Item) bool { return i.Undone })
}

// lessons are those that are picked.
func (b *builder) lessons() []Lesson {
	candidates, picked := b.w.Candidates()
	all := map[hackfest.ItemID]Lesson{}
	for _, l := range candidates {
		all[l.ID] = l
	}
	for name := range b.f {
		if sort, id, _, ok := FieldID(name); ok && sort == "lesson" && Added(id) {
			if _, known := all[id]; !known {
				all[id], picked[id] = Lesson{ID: id, LineID: id.Ref}, true
			}
		}
	}
	list := slices.DeleteFunc(slices.Clone(b.w.Lessons), func(l Lesson) bool { return !l.Redacted })
	for _, id := range slices.SortedFunc(maps.Keys(all), compareIDs) {
		if b.text(FieldOf("lesson", id, "pick"), tick(picked[id])) != "" {
			list = append(list, b.lesson(all[id]))
		}
	}
	slices.SortStableFunc(list, func(x, y Lesson) int { return compareIDs(x.ID, y.ID) })
	return append([]Lesson{}, list...)
}

func (b *builder) lesson(l Lesson) Lesson {
	field := func(what string) string { return FieldOf("lesson", l.ID, what) }
	l.Text = b.text(field("text"), l.Text)
	l.Kind = b.text(field("kind"), l.Kind)
	l.Scope = b.text(field("scope"), b.w.scope(l))
	l.Image = b.text(field("image"), l.Image)
	if l.Text == "" {
		b.bad(field("text"), "A lesson needs a sentence. Take away its tick to leave it out.")
	}
	if !slices.Contains(lessonKinds, l.Kind) {
		b.bad(field("kind"), "Say what the lesson tells people to do.")
	}
	switch {
	case !slices.Contains(lessonScopes, l.Scope):
		b.bad(field("scope"), "Say what the lesson is about.")
	case l.Scope == string(hackfest.ScopeTarget) && b.w.Target == "":
		b.bad(field("scope"), "The session has no target that it could be about.")
	case l.Scope != string(hackfest.ScopeImage):
		l.Image = ""
	case l.Image == "":
		b.bad(field("image"), "Name the base image.")
	}
	line, err := hackfest.ParseRef(b.text(field("line"), l.LineID.String()))
	if _, there := b.line(line); err != nil || !there {
		b.bad(field("line"), "Give the number of the line that taught it, as the log beside it counts.")
		return l
	}
	l.LineID = line
	return l
}

func (b *builder) present() []Person {
	list := []Person{}
	for n, p := range b.w.Present {
		if !p.Bot && !b.w.unnamed(p.Nick) {
			if b.f[PresentField(n, "gone")] != "" {
				continue
			}
			name := PresentField(n, "nick")
			if nick := b.text(name, p.Nick); nick == "" {
				b.bad(name, "Write the name, or tick “was not there”.")
			} else if p.Nick != nick {
				b.checkNicks(name, []string{nick})
				p.Nick, p.Account = nick, ""
			}
		}
		list = append(list, p)
	}
	also := namesIn(b.f["also"])
	b.checkNicks("also", also)
	for _, nick := range also {
		if !slices.ContainsFunc(list, func(p Person) bool { return strings.EqualFold(p.Nick, nick) }) {
			list = append(list, Person{Nick: nick})
		}
	}
	return list
}

func (b *builder) regrets() []string {
	list := namesIn(b.text("regrets", strings.Join(b.w.namedRegrets(), ", ")))
	b.checkNicks("regrets", list)
	for _, nick := range b.w.Regrets {
		if b.w.unnamed(nick) && nick != Unnamed {
			list = append(list, nick)
		}
	}
	return list
}

func (b *builder) issues() []Issue {
	list := []Issue{}
	text, ok := b.f["issues"]
	if !ok {
		return b.w.Issues
	}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		i, ok := hackfest.ParseIssue(word)
		switch {
		case !ok:
			b.bad("issues", "“%s” is no issue. Write owner/name#12.", word)
		case !slices.Contains(list, Issue(i)):
			list = append(list, Issue(i))
		}
	}
	return list
}

// namesIn are the names in a list that people typed, each once.
func namesIn(text string) []string {
	list := []string{}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		if !slices.ContainsFunc(list, func(x string) bool { return strings.EqualFold(x, word) }) {
			list = append(list, word)
		}
	}
	return list
}

// maxNick is how many characters a name in minutes may have.
const maxNick = 64

func (b *builder) checkNicks(field string, list []string) {
	for _, nick := range list {
		if len([]rune(nick)) > maxNick || nick == Unnamed || strings.ContainsAny(nick, "#()<>") {
			b.bad(field, "%s is no name that somebody can have on IRC.", strconv.Quote(nick))
		}
	}
}
