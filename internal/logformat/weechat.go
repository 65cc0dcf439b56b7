package logformat

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// parseWeechat reads WeeChat's logs: time, nick or sign, and text, with tabs
// between.
func parseWeechat(line string) (entry, bool) {
	date, rest, ok := strings.Cut(line, "\t")
	sign, text, ok2 := strings.Cut(rest, "\t")
	if !ok || !ok2 {
		return entry{}, false
	}
	if len(date) < len("2012-08-10 18:17:03") || date[10] != ' ' {
		return entry{}, false
	}
	when, ok := readISO(date[:10] + "T" + date[11:])
	if !ok {
		return entry{}, false
	}
	e, ok := weechatSaid(strings.TrimSpace(sign), text)
	e.when, e.sure = when, true
	return e, ok
}

func weechatSaid(sign, text string) (entry, bool) {
	switch sign {
	case "-->", "<--", "--":
		if e := weechatNotice(text); e.kind != "" {
			return e, true
		}
		if e, ok := event(text); ok {
			return e, true
		}
		return entry{}, sign == "--" // of WeeChat itself: "irc: connecting to server…"
	case "*":
		name, text, _ := strings.Cut(text, " ")
		e := speech(hackfest.Act, name, text)
		return e, e.kind != ""
	case "=!=", "":
		return about()
	}
	e := speech(hackfest.Message, sign, text)
	return e, e.kind != ""
}

// weechatNotice reads "Notice(ann) -> #channel: text" and "Notice(ann): text".
func weechatNotice(text string) entry {
	after, ok := strings.CutPrefix(text, "Notice(")
	name, rest, ok2 := strings.Cut(after, ")")
	if !ok || !ok2 {
		return entry{}
	}
	_, said, _ := strings.Cut(rest, ": ")
	return speech(hackfest.Notice, name, said)
}
