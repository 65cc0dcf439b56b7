package minutes

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// columns is how wide a text may be, so that it can be mailed and quoted.
const columns = 72

// Text renders m as plain text of at most 72 columns, ready to be mailed. Only
// what has no blank, such as a long URL, may stand out.
func Text(m Minutes, o Options) string {
	w := text{m: m, o: o}
	w.header()
	w.summary()
	w.decisions()
	w.actions()
	w.topics()
	w.votes()
	w.lessons()
	w.issues()
	w.outcome()
	w.people()
	w.corrections()
	w.notes()
	return w.out.String()
}

type text struct {
	m   Minutes
	o   Options
	out strings.Builder
}

// para writes s wrapped, the first line behind first and the others behind
// rest, both blanks or the like of equal width.
func (w *text) para(first, rest, s string) {
	lead := first
	width := utf8.RuneCountInString(lead)
	fresh := true
	w.out.WriteString(lead)
	for word := range strings.FieldsSeq(oneLine(s)) {
		n := utf8.RuneCountInString(word)
		switch {
		case fresh:
		case width+1+n > columns:
			w.out.WriteString("\n" + rest)
			width = utf8.RuneCountInString(rest)
		default:
			w.out.WriteByte(' ')
			width++
		}
		w.out.WriteString(word)
		width += n
		fresh = false
	}
	w.out.WriteByte('\n')
}

// field writes a line of the header; nothing without a value.
func (w *text) field(name, value string) {
	if value != "" {
		w.para((name + ":          ")[:11], strings.Repeat(" ", 11), value)
	}
}

func (w *text) heading(s string) {
	w.out.WriteString("\n" + s + "\n" + strings.Repeat("-", utf8.RuneCountInString(s)) + "\n")
}

func (w *text) header() {
	m := w.m
	w.para("Minutes: ", strings.Repeat(" ", 9), m.Title)
	w.out.WriteString(strings.Repeat("=", columns) + "\n")
	people, bots := m.People()
	w.field("When", w.o.When(m))
	w.field("Where", m.Where())
	w.field("Chairs", strings.Join(m.Chairs, ", "))
	w.field("Present", strings.Join(nicks(people), ", "))
	w.field("Regrets", strings.Join(m.Regrets, ", "))
	w.field("Bots", strings.Join(nicks(bots), ", "))
	for _, p := range w.o.Places(m) {
		w.field(p.Name, strings.TrimSpace(p.Text+" "+p.URL))
	}
	w.field("Minutes", w.o.Standing())
}

func (w *text) summary() {
	list := Paragraphs(w.o.About.Summary)
	if len(list) == 0 {
		return
	}
	w.heading("Summary")
	for i, p := range list {
		if i > 0 {
			w.out.WriteByte('\n')
		}
		w.para("", "", p)
	}
}

func (w *text) corrections() {
	if len(w.o.About.Corrections) == 0 {
		return
	}
	w.heading("Corrections")
	for _, c := range w.o.About.Corrections {
		w.para("  * ", "    ", w.o.At(c.At)+": "+c.Note)
	}
}

func nicks(people []Person) []string {
	var list []string
	for _, p := range people {
		list = append(list, p.Nick)
	}
	return list
}

func (w *text) decisions() {
	items := w.m.DecisionItems()
	if len(items) == 0 {
		return
	}
	w.heading("Decisions")
	for _, i := range items {
		w.item("", i)
	}
}

func (w *text) actions() {
	list := w.m.ActionsByOwner()
	if len(list) == 0 {
		return
	}
	w.heading("Actions")
	for _, a := range list {
		owner := a.Owner
		if owner == "" {
			owner = "Unassigned"
		}
		w.para("", "", owner+":")
		for _, i := range a.Items {
			w.para("  * ", "    ", i.Text+w.o.ActionNote(i))
		}
	}
}

func (w *text) topics() {
	topics := w.m.ShownTopics()
	if len(topics) == 0 {
		return
	}
	w.heading("Topics")
	n, sub := 0, 0
	for _, t := range topics {
		indent := ""
		switch {
		case t.Title == "":
			w.para("", "", "Before the first topic")
		case t.Subtopic:
			sub++
			indent = "  "
			number := strconv.Itoa(n) + "." + strconv.Itoa(sub) + " "
			w.para(indent+number, indent+strings.Repeat(" ", len(number)), t.Title+" ("+w.o.At(t.StartedAt)+")")
		default:
			n, sub = n+1, 0
			number := strconv.Itoa(n) + ". "
			w.para(number, strings.Repeat(" ", len(number)), t.Title+" ("+w.o.At(t.StartedAt)+")")
		}
		for _, i := range t.Standing() {
			w.item(indent, i)
		}
	}
}

// item writes one entry: kind, text, who noted it and when.
func (w *text) item(indent string, i Item) {
	s := ItemLabels[i.Kind] + ":"
	if i.URL != "" {
		s += " " + i.URL
	}
	if i.Text != "" {
		s += " " + i.Text
	}
	s += i.DueNote()
	w.para(indent+"  * ", indent+"    ", s+" ("+i.Nick+", "+w.o.Short(w.m, i.At)+")")
}

func (w *text) votes() {
	if len(w.m.Votes) == 0 {
		return
	}
	w.heading("Votes")
	for _, v := range w.m.Votes {
		w.para("  * ", "    ", v.Question+" "+v.Tally()+": "+v.Result)
	}
}

func (w *text) lessons() {
	if len(w.m.Lessons) == 0 {
		return
	}
	w.heading("Lessons")
	for _, l := range w.m.Lessons {
		w.para("  * ", "    ", l.labelled())
	}
}

func (w *text) issues() {
	if len(w.m.Issues) == 0 {
		return
	}
	w.heading("Issues")
	for _, i := range w.m.Issues {
		k := w.o.Issue(i)
		w.para("  * ", "    ", strings.TrimSpace(i.String()+k.about()+" "+k.URL))
	}
}

func (w *text) people() {
	people, bots := w.m.People()
	if len(people) == 0 {
		return
	}
	w.heading("People")
	w.para("  ", "  ", strings.Join(counted(people), ", "))
	if len(bots) > 0 {
		w.para("  ", "  ", "Bots: "+strings.Join(counted(bots), ", "))
	}
}

func (w *text) notes() {
	if len(w.m.Diagnostics) == 0 {
		return
	}
	w.heading("Notes on these minutes")
	for _, d := range w.m.Diagnostics {
		w.para("  * ", "    ", d)
	}
}
