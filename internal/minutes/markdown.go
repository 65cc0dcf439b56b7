package minutes

import (
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/meeting"
)

// Markdown renders m as Markdown (CommonMark and what GitHub adds). People's
// text stays text: nothing in it can become a link, an image, HTML, a mention
// or a heading.
func Markdown(m Minutes, o Options) string {
	w := markdown{m: m, o: o}
	w.header()
	w.summary()
	w.decisions()
	w.actions()
	w.topics()
	w.rest()
	return w.out.String()
}

type markdown struct {
	m   Minutes
	o   Options
	out strings.Builder
}

func (w *markdown) line(parts ...string) {
	for _, p := range parts {
		w.out.WriteString(p)
	}
	w.out.WriteByte('\n')
}

func (w *markdown) heading(s string) { w.line("\n## ", s, "\n") }

// field writes a line of the header; value is Markdown. Nothing without one.
func (w *markdown) field(name, value string) {
	if value != "" {
		w.line("- **", name, ":** ", value)
	}
}

func (w *markdown) header() {
	m := w.m
	people, bots := m.People()
	w.line("# Minutes: ", escape(m.Title), "\n")
	w.field("When", escape(w.o.When(m)))
	w.field("Where", escape(m.Where()))
	w.field("Chairs", escapeList(m.Chairs))
	w.field("Present", escapeList(counted(people)))
	w.field("Regrets", escapeList(m.Regrets))
	w.field("Bots", escapeList(counted(bots)))
	for _, p := range w.o.Places(m) {
		switch {
		case p.URL == "":
			w.field(p.Name, escape(p.Text))
		case p.Text == "":
			w.field(p.Name, autolink(p.URL))
		default:
			w.field(p.Name, "["+escape(p.Text)+"](<"+urlText(p.URL)+">)")
		}
	}
	w.field("Minutes", escape(w.o.Standing()))
}

func (w *markdown) summary() {
	list := Paragraphs(w.o.About.Summary)
	if len(list) == 0 {
		return
	}
	w.out.WriteString("\n## Summary\n")
	for _, p := range list {
		w.line("\n", escape(p))
	}
}

func (w *markdown) decisions() {
	items := w.m.DecisionItems()
	if len(items) == 0 {
		return
	}
	w.heading("Decisions")
	for _, i := range items {
		w.item(i)
	}
}

func (w *markdown) actions() {
	list := w.m.ActionsByOwner()
	if len(list) == 0 {
		return
	}
	w.heading("Actions")
	for _, a := range list {
		owner := "*Unassigned*"
		if name := escape(a.Owner); name != "" {
			owner = "**" + name + "**"
		}
		w.line("- ", owner)
		for _, i := range a.Items {
			w.line("  - ", escape(i.Text), w.o.ActionNote(i), w.source(i))
		}
	}
}

func (w *markdown) topics() {
	topics := w.m.ShownTopics()
	if len(topics) == 0 {
		return
	}
	w.heading("Topics")
	for n, t := range topics {
		if n > 0 && len(topics[n-1].Standing()) > 0 {
			w.out.WriteByte('\n')
		}
		switch {
		case t.Title == "":
			w.line("### Before the first topic\n")
		case t.Subtopic:
			w.line("#### ", escape(t.Title), " (", escape(w.o.At(t.StartedAt)), ")\n")
		default:
			w.line("### ", escape(t.Title), " (", escape(w.o.At(t.StartedAt)), ")\n")
		}
		for _, i := range t.Standing() {
			w.item(i)
		}
	}
}

// item writes one entry of a list.
func (w *markdown) item(i Item) {
	w.out.WriteString("- **" + ItemLabels[i.Kind] + ":**")
	if i.URL != "" {
		w.out.WriteString(" " + safeLink(i.URL))
	}
	if i.Text != "" {
		w.out.WriteString(" " + escape(i.Text))
	}
	w.line(i.DueNote(), w.source(i))
}

// source says who noted i and when, linked to the log line.
func (w *markdown) source(i Item) string {
	s := escape(i.Nick + ", " + w.o.Short(w.m, i.At))
	if u := w.o.LineURL(i.LineID); u != "" {
		return " ([" + s + "](<" + u + ">))"
	}
	return " (" + s + ")"
}

func (w *markdown) rest() {
	m := w.m
	if len(m.Votes) > 0 {
		w.heading("Votes")
		for _, v := range m.Votes {
			w.line("- ", escape(v.Question+" "+v.Tally()+": "+v.Result))
		}
	}
	if len(m.Lessons) > 0 {
		w.heading("Lessons")
		for _, l := range m.Lessons {
			w.line("- ", escape(l.labelled()))
		}
	}
	if len(m.Issues) > 0 {
		w.heading("Issues")
		for _, i := range m.Issues {
			if k := w.o.Issue(i); k.URL == "" {
				w.line("- ", escape(i.String()))
			} else {
				w.line("- [", escape(i.String()), "](<", urlText(k.URL), ">)", escape(k.about()))
			}
		}
	}
	w.outcome()
	if list := w.o.About.Corrections; len(list) > 0 {
		w.heading("Corrections")
		for _, c := range list {
			w.line("- ", escape(w.o.At(c.At)+": "+c.Note))
		}
	}
	if len(m.Diagnostics) > 0 {
		w.heading("Notes on these minutes")
		for _, d := range m.Diagnostics {
			w.line("- ", escape(d))
		}
	}
}

// special are the characters that mean something to Markdown or to GitHub
// inside a line.
const special = "\\`*_{}[]<>#|~&$@^!"

// escape makes text mean itself.
func escape(s string) string {
	s = oneLine(s)
	bullet := len(s) - len(strings.TrimLeft(s, "0123456789")) // where a text that starts a line would end "12."
	var out strings.Builder
	for i, r := range s {
		switch {
		case i == 0 && strings.ContainsRune("-+=", r), i == bullet && i > 0 && (r == '.' || r == ')'):
			out.WriteByte('\\')
		case strings.ContainsRune(special, r),
			r == ':' && strings.HasPrefix(s[i:], "://"),                 // else a URL links itself
			r == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www"),    // and so does www.
			r == ':' && i >= 6 && strings.EqualFold(s[i-6:i], "mailto"), // and mailto:
			r == ':' && i >= 4 && strings.EqualFold(s[i-4:i], "xmpp"):   // and xmpp:
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

func escapeList(list []string) string {
	escaped := make([]string, len(list))
	for i, s := range list {
		escaped[i] = escape(s)
	}
	return strings.Join(escaped, ", ")
}

// safeLink is a link to url that shows url; plain text when it may not be one.
func safeLink(url string) string {
	if !meeting.Clickable(url) {
		return escape(url)
	}
	return autolink(url)
}

// autolink writes a URL so that no character of it ends the link.
func autolink(url string) string { return "<" + urlText(url) + ">" }

// urlText percent-encodes what a URL in angle brackets must not contain.
func urlText(url string) string {
	var out strings.Builder
	for i := range len(url) {
		switch c := url[i]; {
		case c <= ' ', c == '<', c == '>', c == '\\', c == '"', c == '`', c == 0x7f:
			out.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)+0x100, 16)[1:]))
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
