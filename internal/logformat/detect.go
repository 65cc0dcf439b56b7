package logformat

import "strings"

// format is one way of writing a log.
type format struct {
	name    string // for --log-format
	example string // for people
	rows    func(document) []row
	parse   func(row) (entry, bool)
	wraps   bool // long messages may go on in indented rows, as when copied off a terminal
}

// formats are tried all. Where two explain a log equally well, the one with
// more rows that only it writes wins, and then the earlier one here: of formats
// that share a way of writing speech, the plain one promises least.
var formats = []format{
	{"meetbot", "18:17:03 <ann> text", nil, text(parseMeetbot), true},
	{"hhmm", "18:17 <ann> text", nil, text(parseMinute), true},
	{"brackets", "[18:17:03] <@ann> text", nil, text(parseBrackets), true},
	{"iso", "2012-08-10T18:17:03 <ann> text", nil, text(parseISO), false},
	{"irssi", "18:17 -!- ann [~ann@host] has joined #channel", nil, text(parseIrssi), true},
	{"weechat", "2012-08-10 18:17:03, tab, ann, tab, text", nil, text(parseWeechat), false},
	{"znc", "[18:17:03] *** Joins: ann (~ann@host)", nil, text(parseZNC), false},
	{"limnoria", "2012-08-10T18:17:03  *** ann <ann!~ann@host> has joined #channel", nil, text(parseLimnoria), false},
	{"mirc", "[6:17pm] <ann> text", nil, text(parseMIRC), true},
	{"pidgin", "(06:17:03 PM) ann: text", nil, text(parsePidgin), true},
	{"rrsagent", "18:17:03 <ann> text, under IRC log of channel on 2012-08-10", rrsagentRows, parseRRSAgent, false},
	{"bip", "10-08-2012 18:17:03 < ann!~ann@host: text", nil, text(parseBip), false},
	{"meetbot-html", "MeetBot's .log.html", meetbotRows, parseMeetbotHTML, false},
	{"opendev", "the HTML of irclog2html", opendevRows, parseOpendev, false},
	{"rrsagent-html", "RRSAgent's HTML", rrsagentHTMLRows, parseRRSAgent, false},
	{"pidgin-html", "Pidgin's HTML", pidginRows, text(parsePidgin), false},
	{"hcoop", "HcoopMeetbot's .log.json", hcoopRows, parseHcoop, false},
}

// text makes a parser of rows of one that looks at their text alone.
func text(parse func(string) (entry, bool)) func(row) (entry, bool) {
	return func(r row) (entry, bool) { return parse(r.text) }
}

// rowsOf are the rows of doc if it were written in f.
func (f format) rowsOf(doc document) []row {
	if f.rows != nil {
		return f.rows(doc)
	}
	return doc.rows
}

// Names lists the names of the known formats.
func Names() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// known describes the formats in a message.
func known() string {
	var list []string
	for _, f := range formats {
		list = append(list, f.name+" ("+f.example+")")
	}
	return strings.Join(list, ", ")
}

// sample is how many rows of a log are looked at to find out its format.
const sample = 500

// score is how well a format fits.
type score struct {
	explained, rows int
	sure            int
}

// betterThan compares shares without dividing.
func (s score) betterThan(o score) bool {
	if a, b := s.explained*max(o.rows, 1), o.explained*max(s.rows, 1); a != b {
		return a > b
	}
	return s.sure > o.sure
}

// detect finds the format that fits best: most of the rows, and at least a
// quarter of them.
func detect(doc document, name string) (format, error) {
	for _, f := range formats {
		if f.name == name {
			return f, nil
		}
	}
	if name != "" {
		return format{}, unknown("%q is no log format.", name)
	}
	var best score
	var found format
	for _, f := range formats {
		if (f.rows == nil) != (doc.kind == plainText) && f.name != "rrsagent" {
			continue
		}
		if s := f.try(doc); s.betterThan(best) {
			best, found = s, f
		}
	}
	if best.explained == 0 || best.explained*4 < best.rows {
		return format{}, unknown("The format of this log is not known.")
	}
	return found, nil
}

// try reads the first rows.
func (f format) try(doc document) score {
	doc.rows = doc.rows[:min(len(doc.rows), 2*sample)]
	rows := f.rowsOf(doc)
	rows = rows[:min(len(rows), sample)]
	s := score{rows: len(rows)}
	for i, r := range rows {
		e, ok := f.parse(r)
		if ok || f.wraps && i > 0 && continues(rows[i-1], r) {
			s.explained++
		}
		if ok && e.sure {
			s.sure++
		}
	}
	return s
}
