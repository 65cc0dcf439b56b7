package logformat

// parseMinute reads times without seconds: "18:17 <ann> text", "18:17 < ann>
// text" with room for a mark, and "18:17 * ann text".
func parseMinute(line string) (entry, bool) {
	when, rest, ok := readClock(line, false)
	if !ok || rest == "" || rest[0] != ' ' {
		return entry{}, false
	}
	return said(rest).at(when)
}
