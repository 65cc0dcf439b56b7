package logformat

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// said reads what stands behind the time in most formats: "<@ann> text", with a
// blank where somebody has no mark, or "* ann text" for /me. A spoken line may
// begin with "*": that makes it no /me. What is neither has no kind.
func said(rest string) entry {
	rest = strings.TrimLeft(rest, " \t")
	if inner, ok := strings.CutPrefix(rest, "<"); ok {
		name, text, ok := strings.Cut(inner, ">")
		if !ok {
			return entry{}
		}
		return speech(hackfest.Message, name, strings.TrimPrefix(text, " "))
	}
	if inner, ok := strings.CutPrefix(rest, "* "); ok {
		name, text, _ := strings.Cut(strings.TrimLeft(inner, " "), " ")
		return speech(hackfest.Act, name, text)
	}
	return entry{}
}

// speech is an entry of something said by name, which may have a mark; one
// without a kind when name cannot be a nick.
func speech(kind hackfest.LineKind, name, text string) entry {
	nick, op := unmark(name)
	if !isNick(nick) {
		return entry{}
	}
	return entry{kind: kind, nick: nick, op: op, text: text}
}

// at gives e its time and reports whether it is anything at all.
func (e entry) at(when stamp) (entry, bool) {
	e.when = when
	return e, e.kind != ""
}

// noticed reads "-ann- text" and "-ann:#channel- text".
func noticed(rest string) entry {
	inner, ok := strings.CutPrefix(rest, "-")
	if !ok {
		return entry{}
	}
	name, text, ok := strings.Cut(inner, "- ")
	if !ok {
		return entry{}
	}
	name, _, _ = strings.Cut(name, ":")
	return speech(hackfest.Notice, name, text)
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
	return name != "" && len(name) <= 64 && !strings.ContainsAny(name, " <>,*!@#:") && !hasControl(name)
}

func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}
