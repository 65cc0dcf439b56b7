package web

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// editor makes the rows of the editor.
type editor struct {
	d      desking
	clock  ui.Clock
	fields minutes.Fields
	wrong  map[string]string // field → what is wrong with it
	cited  map[hackfest.Ref]bool
}

func editorOf(d desking, clock ui.Clock, fields minutes.Fields, form ui.Form) editor {
	e := editor{d: d, clock: clock, fields: fields, wrong: map[string]string{}, cited: map[hackfest.Ref]bool{}}
	for _, x := range form.Errors {
		e.wrong[x.Field] = cmp.Or(e.wrong[x.Field], x.Message)
	}
	return e
}

// field is a field as it stands.
func (e editor) field(name, label string) templates.EditField {
	return templates.EditField{Name: name, Label: label, Value: e.d.typedValue(name, e.fields[name]), Error: e.wrong[name], Max: minutes.MostOf(name)}
}

func (e editor) at(t minutes.Time) ui.Moment { return e.clock.Minute(t.Time, e.d.meeting.SessionZone) }

func (e editor) fill(p *templates.MinutesEditPage) {
	w := e.d.draft.Written
	p.Summary = e.field("summary", "Summary")
	for _, t := range w.Topics {
		topic := e.topic(t)
		for _, i := range t.Items {
			if i.Kind == meeting.Lesson {
				e.cited[i.LineID] = true
				continue // the lessons have their own place
			}
			e.put(p, &topic, i)
		}
		if topic.Title != nil || topic.Fixed != "" || len(topic.Entries)+len(topic.Out) > 0 {
			p.Topics = append(p.Topics, topic)
		}
	}
	for _, i := range e.added() {
		e.putAdded(p, i)
	}
	e.lessons(p)
	e.people(p)
	p.Log = e.log()
	if e.d.more {
		p.LogMore = &templates.LogLink{Href: templates.SessionURL(e.d.meeting.SessionSlug) + "/log", Text: "The log goes on. Read all of it"}
	}
}

// put puts an item where it is edited.
func (e editor) put(p *templates.MinutesEditPage, topic *templates.EditTopic, i minutes.Item) {
	row, out := e.entry(i)
	entries, left := &topic.Entries, &topic.Out
	switch {
	case i.Kind.Decision():
		entries, left = &p.Decisions.Entries, &p.Decisions.Out
	case i.Kind == meeting.Action:
		entries, left = &p.Actions.Entries, &p.Actions.Out
	}
	if out {
		*left = append(*left, row)
	} else {
		*entries = append(*entries, row)
	}
}

// putAdded puts an item that was added and is not published yet.
func (e editor) putAdded(p *templates.MinutesEditPage, i minutes.Item) {
	n := -1
	for k, t := range p.Topics {
		if t.Line.Compare(i.LineID) <= 0 {
			n = k
		}
	}
	if n < 0 && !i.Kind.Decision() && i.Kind != meeting.Action {
		p.Topics = slices.Insert(p.Topics, 0, templates.EditTopic{ID: "topic-added"})
		n = 0
	}
	topic := &templates.EditTopic{}
	if n >= 0 {
		topic = &p.Topics[n]
	}
	e.put(p, topic, i)
}

// added are the entries of the fields that are not in the minutes yet, in the
// order of their lines.
func (e editor) added() []minutes.Item {
	known := map[hackfest.ItemID]bool{}
	for _, t := range e.d.draft.Topics {
		for _, i := range t.Items {
			known[i.ID] = true
		}
	}
	var list []minutes.Item
	for _, name := range slices.Sorted(maps.Keys(e.fields)) {
		sort, id, what, ok := minutes.FieldID(name)
		if !ok || sort != "item" || what != "kind" || known[id] {
			continue
		}
		i := minutes.Item{ID: id, LineID: id.Ref, Kind: meeting.ItemKind(e.fields[name])}
		if l, there := e.d.line(id.Ref); there {
			i.At, i.Nick = minutes.Time{Time: l.At}, l.Nick
		}
		list = append(list, i)
	}
	return list
}

// entry is the row of an item; out says that it is left out.
func (e editor) entry(i minutes.Item) (templates.EditEntry, bool) {
	name := func(what string) string { return minutes.FieldOf("item", i.ID, what) }
	row := templates.EditEntry{
		ID: templates.EntryID("item", i.ID.String()), Kind: string(i.Kind), At: e.at(i.At), Line: i.LineID, Added: minutes.Added(i.ID),
	}
	e.cited[i.LineID] = true
	if i.Redacted {
		row.Fixed = i.Text
		return row, false
	}
	row.Text, row.Gone = e.field(name("text"), string(i.Kind)), e.field(name("gone"), "leave out")
	if i.Kind == meeting.Action {
		owners, due := e.field(name("owners"), "Who"), e.field(name("due"), "Due")
		row.Owners, row.Due = &owners, &due
	}
	if noted, ok := e.d.draft.NotedItem(i.ID); ok && !noted.Redacted {
		row.Noted = e.noted(noted)
	}
	return row, row.Gone.Value != ""
}

// noted is what the channel noted where it is not what stands there now.
func (e editor) noted(i minutes.Item) string {
	name := func(what string) string { return minutes.FieldOf("item", i.ID, what) }
	now := e.fields[name("text")]
	if i.Kind != meeting.Action {
		if now == i.Text {
			return ""
		}
		return ui.Visible(i.Text)
	}
	owners, due := strings.Join(i.Owners, ", "), ""
	if !i.Due.IsZero() {
		due = i.Due.Format("2006-01-02")
	}
	if now == i.Text && e.fields[name("owners")] == owners && e.fields[name("due")] == due {
		return ""
	}
	return ui.Visible(i.Text + " · " + cmp.Or(owners, "nobody") + i.DueNote())
}

func (e editor) topic(t minutes.Topic) templates.EditTopic {
	row := templates.EditTopic{ID: templates.EntryID("topic", t.ID.String()), At: e.at(t.StartedAt), Line: t.ID.Ref}
	switch {
	case t.Redacted:
		row.Fixed = t.Title
	case t.Title != "":
		title := e.field(minutes.FieldOf("topic", t.ID, "title"), "Topic")
		row.Title = &title
		e.cited[t.ID.Ref] = true
		for _, noted := range e.d.draft.Noted.Topics {
			if noted.ID == t.ID && noted.Title != title.Value && !noted.Redacted {
				row.Noted = ui.Visible(noted.Title)
			}
		}
	}
	return row
}

func (e editor) lessons(p *templates.MinutesEditPage) {
	list, _ := e.d.draft.Candidates()
	known := map[hackfest.ItemID]bool{}
	for _, l := range list {
		known[l.ID] = true
	}
	for _, name := range slices.Sorted(maps.Keys(e.fields)) {
		if sort, id, what, ok := minutes.FieldID(name); ok && sort == "lesson" && what == "text" && !known[id] && minutes.Added(id) {
			list = append(list, minutes.Lesson{ID: id, LineID: id.Ref})
		}
	}
	for _, l := range list {
		name := func(what string) string { return minutes.FieldOf("lesson", l.ID, what) }
		row := templates.EditLesson{
			ID: templates.EntryID("lesson", l.ID.String()), LineRef: l.LineID,
			Text: e.field(name("text"), "Lesson"), Kind: e.field(name("kind"), "Kind"), Scope: e.field(name("scope"), "About"),
			Image: e.field(name("image"), "Base image"), Line: e.field(name("line"), "Line"), Pick: e.field(name("pick"), "Publish it"),
		}
		if ref, err := hackfest.ParseRef(e.fields[name("line")]); err == nil {
			row.LineRef = ref
		}
		e.cited[row.LineRef] = true
		line, _ := e.d.line(row.LineRef)
		row.At = e.clock.Minute(line.At, e.d.meeting.SessionZone)
		if i, ok := e.d.draft.NotedItem(l.ID); ok && !i.Redacted && i.Text != row.Text.Value {
			row.Noted = ui.Visible(i.Text)
		}
		p.Lessons = append(p.Lessons, row)
	}
}

func (e editor) people(p *templates.MinutesEditPage) {
	hidden := 0
	for n, x := range e.d.draft.Present {
		switch {
		case x.Bot:
		case e.d.unnamed(x.Nick):
			hidden++
		default:
			row := templates.EditPerson{
				Nick: e.field(minutes.PresentField(n, "nick"), "Name"), Gone: e.field(minutes.PresentField(n, "gone"), "was not there"), Said: "said nothing",
			}
			if x.Lines > 0 {
				row.Said = chart.Count(x.Lines, "line", "lines")
			}
			p.People = append(p.People, row)
		}
	}
	if hidden > 0 {
		p.Hidden = "Besides " + chart.Count(hidden, "person who does", "people who do") + " not want to be named."
	}
	p.Also = e.field("also", "Also there")
	p.Regrets = e.field("regrets", "Regrets")
	p.Issues = e.field("issues", "Issues")
}

// log are the lines beside the editor.
func (e editor) log() []templates.EditLine {
	rows := rowWriter{clock: e.clock, zone: e.d.meeting.SessionZone, tail: true}
	list := make([]templates.EditLine, 0, len(e.d.lines))
	for _, l := range e.d.lines {
		if comesOrGoes(l) {
			continue // nobody cites them
		}
		row := templates.EditLine{LogRow: rows.row(l), Number: e.d.numbers[l.Ref], Cited: e.cited[l.Ref]}
		if row.Number > 0 {
			row.Pick = ui.Visible(l.Nick) + ", " + cutWords(ui.Visible(irctext.Strip(l.Text)), longestLabel)
		}
		list = append(list, row)
	}
	return list
}

// labelOf is what a field is called where it stands alone.
func (d desking) labelOf(name string, fields minutes.Fields) string {
	switch name {
	case "summary":
		return "Summary"
	case "also":
		return "Also there"
	case "regrets":
		return "Regrets"
	case "issues":
		return "Issues"
	}
	if rest, ok := strings.CutPrefix(name, "present."); ok {
		n, what, _ := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(n); err == nil && i >= 0 && i < len(d.draft.Present) {
			return "Who was there: " + d.draft.Present[i].Nick + map[string]string{"gone": ", was not there"}[what]
		}
	}
	if strings.HasPrefix(name, "keep.") {
		return "Leave what looks like a secret or an address"
	}
	sort, id, what, ok := minutes.FieldID(name)
	if !ok {
		return name
	}
	words := fieldWords[what]
	if sort == "item" {
		for _, t := range d.draft.Topics {
			for _, i := range t.Items {
				if i.ID == id {
					return minutes.ItemLabels[i.Kind] + ", " + words
				}
			}
		}
		return cmp.Or(minutes.ItemLabels[meeting.ItemKind(fields[minutes.FieldOf("item", id, "kind")])], "Entry") + ", " + words
	}
	return strings.ToUpper(sort[:1]) + sort[1:] + ", " + words
}

// fieldWords are what the fields of an entry are called.
var fieldWords = map[string]string{
	"text": "words", "title": "title", "gone": "leave out", "owners": "who", "due": "due", "kind": "kind", "scope": "what it is about",
	"image": "base image", "line": "line", "pick": "publish it",
}
