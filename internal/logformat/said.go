package logformat

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// said reads what stands behind the time in most formats: "<@ann> text", with a
// blank where somebody has no mark, or "* ann text" for /me. A spoken line may
// begin with "*": that makes it no /me.
func said(rest string) (entry, bool) {
	rest = strings.TrimLeft(rest, " \t")
	if inner, ok := strings.CutPrefix(rest, "<"); ok {
		mark, text, ok := strings.Cut(inner, ">")
		nick, op := unmark(mark)
		text = strings.TrimPrefix(text, " ")
		return entry{kind: hackfest.Message, nick: nick, op: op, text: text}, ok && isNick(nick)
	}
	if inner, ok := strings.CutPrefix(rest, "* "); ok {
		mark, text, _ := strings.Cut(strings.TrimLeft(inner, " "), " ")
		nick, op := unmark(mark)
		return entry{kind: hackfest.Act, nick: nick, op: op, text: text}, isNick(nick)
	}
	return entry{}, false
}

// unmark cuts the mark of a channel's operators and the like off a nick.
func unmark(mark string) (nick string, op bool) {
	nick = strings.TrimSpace(mark)
	for nick != "" && strings.IndexByte("~&@%+", nick[0]) >= 0 {
		op = op || strings.IndexByte("~&@", nick[0]) >= 0
		nick = nick[1:]
	}
	return nick, op
}

// isNick reports whether a name can be a nick. Bridges put names of other
// networks in, so only what cannot be is refused.
func isNick(name string) bool {
	return name != "" && len(name) <= 64 && !strings.ContainsAny(name, " \t<>,*!@#:")
}
