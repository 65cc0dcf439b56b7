package logformat

import "strings"

// parseLimnoria reads the logs of Limnoria's and Supybot's ChannelLogger:
// "2012-08-10T18:17:03  <ann> text" and "… *** ann <ann!~ann@host> has joined
// #channel".
func parseLimnoria(line string) (entry, bool) {
	if strings.HasPrefix(line, "[") {
		return entry{}, false
	}
	when, rest, ok := isoStamp(line)
	if !ok {
		return entry{}, false
	}
	double := strings.HasPrefix(rest, "  ")
	rest = strings.TrimLeft(rest, " ")
	if after, ok := strings.CutPrefix(rest, "*** "); ok {
		e, ok := event(after)
		e.when, e.sure = when, true
		return e, ok
	}
	e := noticed(rest)
	if e.kind == "" {
		e = said(rest)
	}
	e.sure = double
	return e.at(when)
}
