package minutes

// Outcome is what changed in the repositories of a meeting's session: computed
// when the minutes are rendered, and no part of their JSON. The zero Outcome is
// that of a session without repositories.
type Outcome struct {
	Lead  string // where it comes from, and of which time it is
	Lines []OutcomeLine
	Notes []string // what is not known of it, as sentences
}

// OutcomeLine is one thing that changed.
type OutcomeLine struct {
	Label string // what happened: "merged"
	Name  string // "eucalyptus/recipes#12"; may be empty
	URL   string // of what is called Name, or of Text without one; "" leads nowhere
	Text  string
	Note  string // who and when; may be empty
}

// Known reports whether there is anything to show.
func (o Outcome) Known() bool { return len(o.Lines)+len(o.Notes) > 0 }

func (w *text) outcome() {
	o := w.o.Outcome
	if !o.Known() {
		return
	}
	w.heading("Outcome")
	w.para("  ", "  ", o.Lead)
	for _, l := range o.Lines {
		s := l.Label + ":"
		for _, part := range []string{l.Name, l.Text} {
			if part != "" {
				s += " " + part
			}
		}
		if l.Note != "" {
			s += " (" + l.Note + ")"
		}
		if l.URL != "" {
			s += " " + l.URL
		}
		w.para("  * ", "    ", s)
	}
	for _, n := range o.Notes {
		w.para("  ", "  ", n)
	}
}

func (w *markdown) outcome() {
	o := w.o.Outcome
	if !o.Known() {
		return
	}
	w.heading("Outcome")
	w.line(escape(o.Lead))
	w.out.WriteByte('\n')
	for _, l := range o.Lines {
		name, text := escape(l.Name), escape(l.Text)
		switch {
		case l.URL == "":
		case l.Name == "":
			text = "[" + text + "](<" + urlText(l.URL) + ">)"
		default:
			name = "[" + name + "](<" + urlText(l.URL) + ">)"
		}
		if name != "" && text != "" {
			name += " "
		}
		note := ""
		if l.Note != "" {
			note = " (" + escape(l.Note) + ")"
		}
		w.line("- **", escape(l.Label), ":** ", name, text, note)
	}
	for i, n := range o.Notes {
		if i == 0 && len(o.Lines) > 0 {
			w.out.WriteByte('\n')
		}
		w.line(escape(n))
	}
}
