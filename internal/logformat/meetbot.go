package logformat

// parseMeetbot reads MeetBot's own .log.txt: "18:17:03 <ann> text" and
// "18:17:03 * ann text". Its times are UTC.
func parseMeetbot(line string) (entry, bool) {
	when, rest, ok := readClock(line, true)
	if !ok || rest == "" || rest[0] != ' ' {
		return entry{}, false
	}
	e, ok := said(rest)
	e.when = when
	return e, ok
}
