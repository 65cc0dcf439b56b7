// Package logformat reads logs that other programs wrote of IRC channels and
// makes lines of them, as if our own bot had heard them. One file per format;
// which one it is shows in the text itself. It reads no files and asks no
// clock: what a log does not say, its caller must.
package logformat

import (
	"bytes"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Options say what a log does not say itself.
type Options struct {
	Format  string         // name of a format; "" finds out
	Name    string         // of the file, which may hold a date; "" for standard input
	Date    time.Time      // day of the first line, whatever its clock and zone; zero when the log or Name says it
	Zone    *time.Location // of the log's times; nil is the zone its bot states, else UTC
	Network string
	Channel string
}

// Log is a log that was read.
type Log struct {
	Format  string          // its name
	Lines   []hackfest.Line // in order, with refs that reading it again gives as well
	Skipped []Skipped       // what was not understood; blank lines are not among it
}

// Skipped is a line that no rule of the format fits.
type Skipped struct {
	Number int // from 1
	Text   string
}

// format is one way of writing a log.
type format struct {
	name    string // for --log-format
	example string // for people
	parse   func(line string) (entry, bool)
}

var formats = []format{
	{"meetbot", "18:17:03 <ann> text", parseMeetbot},
	{"hhmm", "18:17 <ann> text", parseMinute},
	{"brackets", "[18:17:03] <@ann> text", parseBrackets},
	{"iso", "2012-08-10T18:17:03 <ann> text", parseISO},
}

// entry is what one line of a log says.
type entry struct {
	number int // of the line, from 1
	when   stamp
	kind   hackfest.LineKind
	nick   string
	op     bool
	text   string
	cp1252 bool
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

// Read makes lines of a log. It fails with fault.Invalid when the format is not
// known or the day of the log is not.
func Read(data []byte, o Options) (Log, error) {
	lines := bytes.Split(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), []byte("\n"))
	f, err := detect(lines, o.Format)
	if err != nil {
		return Log{}, err
	}
	log := Log{Format: f.name}
	var entries []entry
	for i, raw := range lines {
		raw = bytes.TrimRight(raw, "\r")
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		text, _, cp1252 := irctext.Decode(raw)
		e, ok := f.parse(text)
		if !ok {
			log.Skipped = append(log.Skipped, Skipped{i + 1, text})
			continue
		}
		e.number, e.cp1252 = i+1, cp1252
		entries = append(entries, e)
	}
	starts := statements(entries)
	times, err := datings(entries, starts, o)
	if err != nil {
		return Log{}, err
	}
	log.Lines = build(entries, times, bots(entries, starts), o)
	return log, nil
}

// sample is how many lines of a log are looked at to find out its format.
const sample = 2000

// detect finds the format that fits most of the lines, and at least a quarter,
// since joins and quits may outnumber speech.
func detect(lines [][]byte, name string) (format, error) {
	for _, f := range formats {
		if f.name == name {
			return f, nil
		}
	}
	if name != "" {
		return format{}, fault.New(fault.Invalid, "%q is no log format; known are %s.", name, known())
	}
	counts := make([]int, len(formats))
	total, best := 0, 0
	for _, raw := range lines {
		text, _, _ := irctext.Decode(bytes.TrimRight(raw, "\r"))
		if strings.TrimSpace(text) == "" {
			continue
		}
		if total++; total > sample {
			break
		}
		for i, f := range formats {
			if _, ok := f.parse(text); ok {
				counts[i]++
			}
		}
	}
	for i := range counts {
		if counts[i] > counts[best] {
			best = i
		}
	}
	if counts[best] == 0 || counts[best]*4 < min(total, sample) {
		return format{}, fault.New(fault.Invalid, "The format of this log is not known; known are %s.", known())
	}
	return formats[best], nil
}

// build makes the lines.
func build(entries []entry, times []time.Time, bots map[string]bool, o Options) []hackfest.Line {
	refs := newRefs(o.Network, o.Channel)
	lines := make([]hackfest.Line, 0, len(entries))
	for i, e := range entries {
		kept, off := irctext.OffTheRecord(e.text)
		lines = append(lines, hackfest.Line{
			Ref: refs.next(times[i]), Network: o.Network, Channel: o.Channel,
			At: times[i], ReceivedAt: times[i],
			Nick: e.nick, Kind: e.kind, Text: kept, OffRecord: off, Op: e.op,
			Bot: bots[fold(e.nick)], Windows1252: e.cp1252,
		})
	}
	return lines
}

func fold(nick string) string { return irctext.Casemapping("").Fold(nick) }
