// Package logformat reads logs that other programs wrote of IRC channels and
// makes lines of them, as if our own bot had heard them. One file per format;
// which one it is shows in the text itself. It reads no files and asks no
// clock: what a log does not say, its caller must.
package logformat

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Options say what a log does not say itself.
type Options struct {
	Format  string         // name of a format; "" finds out
	Name    string         // of the file, which may hold a date; a whole path may be given; "" for standard input
	Date    time.Time      // day of the first line, whatever its clock and zone; zero when the log or Name says it
	Zone    *time.Location // of the log's times; nil is the zone its bot states, else UTC
	Network string         // "" is what the log says, or nothing
	Channel string         // "" is what the log says, or nothing
}

// Log is a log that was read.
type Log struct {
	Format     string          // its name
	Confidence float64         // how much of the log the format explains: 1 is every row that is not blank
	Rows       int             // rows that are not blank; in HTML those of the log itself, in JSON its messages
	Network    string          // of the lines: that of Options, else what the log says; may be empty
	Channel    string          // likewise, as written in the log
	Lines      []hackfest.Line // in order, with refs that reading it again gives as well
	Skipped    []Skipped       // what was not understood; blank rows are not among it
}

// Skipped is a line that no rule of the format fits.
type Skipped struct {
	Number int // of the file's line, from 1; in JSON of the message
	Text   string
}

// entry is what one row of a log says. Most are one line; a netsplit is one for
// each nick, and what a log says about itself is none.
type entry struct {
	row    row
	when   stamp
	kind   hackfest.LineKind // "" for a row about the log, which makes no line
	nick   string
	also   []string // more nicks that did the same
	op     bool
	text   string
	target string

	sure    bool      // no other format writes such a row
	day     time.Time // a day that the row states, for itself and those behind it; zero when none
	changed bool      // the day has just become that
	channel string    // the log's, where the row tells
	network string
}

// Read makes lines of a log. It fails with fault.Invalid when the format is not
// known or the day of the log is not.
func Read(data []byte, o Options) (Log, error) {
	doc := newDocument(data)
	f, err := detect(doc, o.Format)
	if err != nil {
		return Log{}, err
	}
	log := Log{Format: f.name, Network: o.Network, Channel: o.Channel}
	entries, marks := log.understand(f, doc)
	starts := statements(entries)
	times, err := datings(entries, marks, starts, o)
	if err != nil {
		return Log{}, err
	}
	log.build(entries, times, bots(entries, starts))
	return log, nil
}

// understand parses the rows. What the log says about itself is taken in; what
// it says about days comes back apart.
func (log *Log) understand(f format, doc document) ([]entry, []mark) {
	rows := f.rowsOf(doc)
	entries := make([]entry, 0, len(rows))
	var marks []mark
	log.Rows = len(rows)
	for i, r := range rows {
		e, ok := f.parse(r)
		if !ok && f.wraps && i > 0 && continues(rows[i-1], r) && len(entries) > 0 && entries[len(entries)-1].takes(rows[i-1]) {
			last := &entries[len(entries)-1]
			last.text = joinWrapped(last.text, r.text)
			last.row.number, last.row.cp1252 = r.number, last.row.cp1252 || r.cp1252
			continue
		}
		if !ok {
			log.Skipped = append(log.Skipped, Skipped{r.number, r.text})
			continue
		}
		if log.Channel == "" {
			log.Channel = e.channel
		}
		if log.Network == "" {
			log.Network = e.network
		}
		if !e.day.IsZero() {
			marks = append(marks, mark{len(entries), e.day, e.changed})
		}
		if e.kind != "" {
			e.row = r
			entries = append(entries, e)
		}
	}
	if log.Rows > 0 {
		log.Confidence = float64(log.Rows-len(log.Skipped)) / float64(log.Rows)
	}
	return entries, marks
}

// build makes the lines.
func (log *Log) build(entries []entry, times []time.Time, bots map[string]bool) {
	refs := newRefs(log.Network, log.Channel)
	log.Lines = make([]hackfest.Line, 0, len(entries))
	for i, e := range entries {
		kept, off := irctext.OffTheRecord(e.text)
		for _, nick := range append([]string{e.nick}, e.also...) {
			log.Lines = append(log.Lines, hackfest.Line{
				Ref: refs.next(times[i]), Network: log.Network, Channel: log.Channel,
				At: times[i], ReceivedAt: times[i],
				Nick: nick, Kind: e.kind, Text: kept, Target: e.target, OffRecord: off, Op: e.op,
				Bot: nick != "" && bots[fold(nick)], Windows1252: e.row.cp1252,
			})
		}
	}
}

func fold(nick string) string { return irctext.Casemapping("").Fold(nick) }

// unknown is the error of a log that cannot be read at all.
func unknown(format string, args ...any) error {
	return fault.New(fault.Invalid, format+" Known are %s.", append(args, known())...)
}
