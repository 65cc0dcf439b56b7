package web

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// rowWriter makes rows of a log from its lines.
type rowWriter struct {
	clock ui.Clock
	zone  string                      // IANA name; times are shown in it to readers without one
	tail  bool                        // rows of a live page: no words in the margin, commands as typed
	pick  func(hackfest.LogLine) bool // lines with a box to remove them; nil is none
	learn bool                        // lines with a link to make a lesson of them
}

// rows makes the rows of a page: joins and leaves that follow each other share
// a row, as do the two ends of a gap.
func (w rowWriter) rows(lines []hackfest.LogLine) []templates.LogRow {
	var rows []templates.LogRow
	gone := map[string]string{} // nick → the netsplit it was lost in
	back := func(l hackfest.LogLine) bool { return l.Kind == hackfest.Join && gone[l.Nick] != "" }
	for len(lines) > 0 {
		n := 1
		switch {
		case lines[0].Kind == hackfest.Gap:
			n = gapLen(lines)
			rows = append(rows, w.gap(lines[:n]))
		case splitOf(lines[0]) != "":
			split := splitOf(lines[0])
			n = run(lines, func(l hackfest.LogLine) bool { return splitOf(l) == split })
			rows = append(rows, w.netsplit(lines[:n], split))
			for _, l := range lines[:n] {
				gone[l.Nick] = split
			}
		case back(lines[0]):
			split := gone[lines[0].Nick]
			for n = 0; n < len(lines) && back(lines[n]) && gone[lines[n].Nick] == split; n++ {
				delete(gone, lines[n].Nick)
			}
			rows = append(rows, w.reunion(lines[:n], split))
		case comesOrGoes(lines[0]):
			n = run(lines, func(l hackfest.LogLine) bool { return comesOrGoes(l) && splitOf(l) == "" && !back(l) })
			rows = append(rows, w.crowd(lines[:n]))
		default:
			rows = append(rows, w.row(lines[0]))
		}
		lines = lines[n:]
	}
	return rows
}

// gapLen is how many lines tell of one gap: up to the one that says the bot is
// connected again, which by itself is a row of its own.
func gapLen(lines []hackfest.LogLine) int {
	for i, l := range lines {
		switch {
		case l.Kind != hackfest.Gap:
			return i
		case connected(l):
			return i + 1
		}
	}
	return len(lines)
}

// connected reports whether l ends a gap.
func connected(l hackfest.LogLine) bool { return strings.HasPrefix(l.Text, "Connected") }

// run is how many lines from the first on are all alike.
func run(lines []hackfest.LogLine, alike func(hackfest.LogLine) bool) int {
	n := 1
	for n < len(lines) && alike(lines[n]) {
		n++
	}
	return n
}

func comesOrGoes(l hackfest.LogLine) bool {
	return l.Kind == hackfest.Join || l.Kind == hackfest.Part || l.Kind == hackfest.Quit
}

// split matches the reason of a quit that a netsplit caused: two servers' names.
var split = regexp.MustCompile(`^([\w*-]+(?:\.[\w*-]+)+) ([\w*-]+(?:\.[\w*-]+)+)$`)

// splitOf returns the two servers that lost each other when l is a quit because
// of that, else "".
func splitOf(l hackfest.LogLine) string {
	if l.Kind != hackfest.Quit {
		return ""
	}
	m := split.FindStringSubmatch(l.Text)
	if m == nil {
		return ""
	}
	return m[1] + " and " + m[2]
}

// row makes the row of one line by itself.
func (w rowWriter) row(l hackfest.LogLine) templates.LogRow {
	if l.Kind == hackfest.Gap {
		return w.gap([]hackfest.LogLine{l})
	}
	r := w.head(l)
	switch {
	case l.Redacted:
		r.Kind, r.Event = templates.RowGone, hackfest.RemovedBy(ui.Visible(l.RedactedBy), l.RedactedAt)
		return r
	case l.OffRecord && l.Text == "":
		r.Kind, r.Event = templates.RowGone, "off the record"
		return r
	}
	if w.pick != nil && w.pick(l) {
		r.Pick = "Remove, by " + r.Who + ": " + cutWords(ui.Visible(irctext.Strip(l.Text)), longestLabel)
	}
	switch l.Kind {
	case hackfest.Message, hackfest.Web, hackfest.Notice, hackfest.Act:
		w.said(&r, l)
	default:
		r.Kind, r.Event = templates.RowEvent, event(l)
	}
	return r
}

// longestLabel is how much of a line the name of its box says, in characters.
const longestLabel = 60

// head fills in what all rows have.
func (w rowWriter) head(l hackfest.LogLine) templates.LogRow {
	r := templates.LogRow{Ref: l.Ref, At: w.clock.Minute(l.At, w.zone), Who: ui.Visible(l.Nick)}
	if !l.Self {
		r.WhoClass = ui.NickClass(l.Nick, l.Account)
	}
	return r
}

// said fills in the row of something said. What became an item or a topic is
// marked; its command is left out where the margin names it.
func (w rowWriter) said(r *templates.LogRow, l hackfest.LogLine) {
	text := irctext.Strip(l.Text)
	r.Act = l.Kind == hackfest.Act
	if w.learn && l.Redactable() {
		r.Learn = "/lessons/new?line=" + l.Ref.String()
	}
	if word, rest, ok := typedCommand(text); ok && !r.Act && l.Kind != hackfest.Notice {
		r.Command, text = word, rest
	}
	if len(l.Marks) > 0 {
		r.Mark, r.Class = l.Marks[0], "m"
		switch {
		case r.Mark == "topic", r.Mark == "link", r.Mark == "lesson":
			r.Class += " " + r.Mark
		case r.Mark == "subtopic":
			r.Class += " topic"
		}
		if !w.tail && r.Command != "" {
			r.Command = ""
		}
	}
	if w.tail {
		r.Mark = ""
	}
	if l.OffRecord {
		text += " [off]"
	}
	r.Said = ui.Said(text)
}

// words are the commands with a "#", in small letters.
var words = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, c := range meeting.Commands() {
		all["#"+c.Name] = true
		for _, a := range c.Aliases {
			all["#"+a] = true
		}
	}
	return all
})

// typedCommand splits a line that begins with a command.
func typedCommand(text string) (word, rest string, ok bool) {
	word, rest, _ = strings.Cut(text, " ")
	if !words()[strings.ToLower(word)] {
		return "", text, false
	}
	return word, strings.TrimLeft(rest, " "), true
}

// event says what happened in a line that nobody said.
func event(l hackfest.LogLine) string {
	nick, target, text := ui.Visible(l.Nick), ui.Visible(l.Target), ui.Visible(irctext.Strip(l.Text))
	if nick == "" {
		nick = "the server"
	}
	because := ""
	if text != "" {
		because = " (" + text + ")"
	}
	switch l.Kind {
	case hackfest.Join:
		return nick + " joined"
	case hackfest.Part, hackfest.Quit:
		return nick + " left" + because
	case hackfest.Nick:
		return nick + " is now known as " + target
	case hackfest.Topic:
		if text == "" {
			return nick + " cleared the channel’s topic"
		}
		return nick + " set the channel’s topic: " + text
	case hackfest.Mode:
		return nick + " set mode " + text
	case hackfest.Kick:
		return nick + " removed " + target + " from the channel" + because
	}
	return strings.TrimSpace(string(l.Kind) + " " + text)
}

// crowd makes one row of joins and leaves that follow each other.
func (w rowWriter) crowd(lines []hackfest.LogLine) templates.LogRow {
	if len(lines) == 1 {
		return w.row(lines[0])
	}
	r := w.head(lines[0])
	r.Kind = templates.RowEvent
	var came, left []string
	for i, l := range lines {
		if i > 0 {
			r.Folded = append(r.Folded, l.Ref)
		}
		nick := ui.Visible(l.Nick)
		switch {
		case l.Kind == hackfest.Join && !slices.Contains(came, nick):
			came = append(came, nick)
		case l.Kind != hackfest.Join && !slices.Contains(left, nick):
			left = append(left, nick)
		}
	}
	var parts []string
	if len(came) > 0 {
		parts = append(parts, some(came)+" joined")
	}
	if len(left) > 0 {
		parts = append(parts, some(left)+" left")
	}
	r.Event = strings.Join(parts, "; ")
	return r
}

// some names people, at most three of them: "ann, bob and 3 more".
func some(nicks []string) string {
	const most = 3
	switch {
	case len(nicks) == 1:
		return nicks[0]
	case len(nicks) <= most:
		return strings.Join(nicks[:len(nicks)-1], ", ") + " and " + nicks[len(nicks)-1]
	}
	return fmt.Sprintf("%s and %d more", strings.Join(nicks[:most-1], ", "), len(nicks)-most+1)
}

// netsplit makes one row of the quits of a netsplit.
func (w rowWriter) netsplit(lines []hackfest.LogLine, servers string) templates.LogRow {
	return w.folded(lines, "Netsplit between "+servers+": ", "left")
}

// reunion makes one row of the joins of those who were lost in a netsplit.
func (w rowWriter) reunion(lines []hackfest.LogLine, servers string) templates.LogRow {
	return w.folded(lines, "After the netsplit between "+servers+": ", "came back")
}

// folded makes one row of what happened to several people at once; their names
// unfold.
func (w rowWriter) folded(lines []hackfest.LogLine, why, what string) templates.LogRow {
	r := w.head(lines[0])
	r.Kind = templates.RowEvent
	nicks := make([]string, len(lines))
	for i, l := range lines {
		nicks[i] = ui.Visible(l.Nick)
		if i > 0 {
			r.Folded = append(r.Folded, l.Ref)
		}
	}
	if len(nicks) == 1 {
		r.Event = why + nicks[0] + " " + what
		return r
	}
	r.Event = fmt.Sprintf("%s%d people %s", why, len(nicks), what)
	r.More = strings.Join(nicks, ", ")
	return r
}

// gap makes the band of a stretch without log: from its beginning, its end, or
// both.
func (w rowWriter) gap(lines []hackfest.LogLine) templates.LogRow {
	first, last := lines[0], lines[len(lines)-1]
	r := w.head(first)
	r.Kind = templates.RowGap
	if len(lines) > 1 && connected(last) {
		r.Until = w.clock.Minute(last.At, w.zone)
	}
	for i, l := range lines {
		if i > 0 {
			r.Folded = append(r.Folded, l.Ref)
		}
		if text := ui.Visible(irctext.Strip(l.Text)); text != "" {
			r.Event = strings.TrimSpace(r.Event + " " + sentence(text))
		}
	}
	return r
}

// sentence gives text a capital and a full stop.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// textLine is a line of a log as plain text, in the form that most programs for
// IRC logs read.
func textLine(l hackfest.LogLine) string {
	at := l.At.UTC().Format("2006-01-02T15:04:05Z ")
	nick, text := ui.Visible(l.Nick), ui.Visible(irctext.Strip(l.Text))
	switch {
	case l.Redacted:
		text = "[" + hackfest.RemovedBy(ui.Visible(l.RedactedBy), l.RedactedAt) + "]"
	case l.OffRecord:
		text = strings.TrimSpace(text + " [off the record]")
	}
	switch l.Kind {
	case hackfest.Message, hackfest.Web:
		return at + "<" + nick + "> " + text + "\n"
	case hackfest.Notice:
		return at + "-" + nick + "- " + text + "\n"
	case hackfest.Act:
		return at + "* " + nick + " " + text + "\n"
	case hackfest.Gap:
		return at + "-!- gap: " + text + "\n"
	}
	return at + "-!- " + event(l) + "\n"
}
