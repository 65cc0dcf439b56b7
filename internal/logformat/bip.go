package logformat

import (
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// parseBip reads the logs of the proxy bip: "10-08-2012 18:17:03 <
// ann!~ann@host: text", with ">" for what its owner said, and "-!-" for what
// happened.
func parseBip(line string) (entry, bool) {
	const layout = "02-01-2006 15:04:05"
	if len(line) <= len(layout)+1 || line[2] != '-' || line[5] != '-' || line[len(layout)] != ' ' {
		return entry{}, false
	}
	at, err := time.Parse(layout, line[:len(layout)])
	if err != nil || !plausible(at) {
		return entry{}, false
	}
	e, ok := bipSaid(line[len(layout)+1:])
	e.when, e.sure = stamp{full: at}, true
	return e, ok
}

func bipSaid(rest string) (entry, bool) {
	if after, ok := strings.CutPrefix(rest, "-!- "); ok {
		return event(after)
	}
	after, ok := strings.CutPrefix(rest, "< ")
	if !ok {
		if after, ok = strings.CutPrefix(rest, "> "); !ok {
			return entry{}, false
		}
	}
	kind, end := hackfest.Message, ":"
	if action, ok := strings.CutPrefix(after, "* "); ok {
		kind, end, after = hackfest.Act, "", action
	}
	mask, text, _ := strings.Cut(after, " ")
	mask, ok = strings.CutSuffix(mask, end)
	nick, _, _ := strings.Cut(mask, "!")
	e := speech(kind, nick, text)
	return e, ok && e.kind != ""
}
