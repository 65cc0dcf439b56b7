package logformat

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// about is an entry of a row that tells something about the log itself.
func about() (entry, bool) { return entry{}, true }

// event reads what programs write when somebody comes, goes or changes
// something, behind their own sign for it ("***", "-!-", "-->"). They all say
// nearly the same: "ann [~ann@host] has joined #channel", "Joins: ann
// (~ann@host)", "bob is now known as rob". The second result is false for what
// none of them writes.
func event(s string) (entry, bool) {
	s = strings.TrimSpace(s)
	word, rest, _ := strings.Cut(s, " ")
	switch {
	case word == "Joins:" || word == "Parts:" || word == "Quits:":
		return znEvent(word, rest)
	case strings.HasPrefix(word, "mode/") || strings.HasPrefix(word, "ServerMode/"):
		_, channel, _ := strings.Cut(word, "/")
		return modeBy(rest, channel)
	case word == "Mode": // WeeChat
		channel, rest, _ := strings.Cut(rest, " ")
		return modeBy(rest, channel)
	case word == "Netsplit":
		return netsplit(rest)
	}
	if e, ok := aside(s); ok {
		return e, ok
	}
	nick, _ := unmark(word)
	nick, _, _ = strings.Cut(nick, "!") // bip writes whole masks
	if !isNick(nick) {
		return entry{}, false
	}
	return deed(nick, unmask(rest))
}

// deed reads what a nick did.
func deed(nick, rest string) (entry, bool) {
	for _, words := range []string{"invited ", "has invited ", "is back", "is away"} {
		if strings.HasPrefix(rest, words) {
			return about()
		}
	}
	for _, d := range deeds {
		after, ok := strings.CutPrefix(rest, d.words)
		if !ok {
			continue
		}
		e := d.read(strings.TrimSpace(after))
		switch {
		case e.kind == hackfest.Kick && e.target == "":
			e.target = nick // and whoever kicked them stands behind
		default:
			e.nick = nick
		}
		return e, e.kind != "" && (e.kind != hackfest.Kick || isNick(e.nick) && isNick(e.target))
	}
	return entry{}, false
}

// deeds are tried in order; read is given what follows the words and returns an
// entry without a kind when that makes no sense.
var deeds = []struct {
	words string
	read  func(rest string) entry
}{
	{"has joined", func(r string) entry { return entry{kind: hackfest.Join, channel: channelName(firstWord(r))} }},
	{"entered the room", func(string) entry { return entry{kind: hackfest.Join} }},
	{"has left", func(r string) entry {
		channel, reason, _ := strings.Cut(r, " ")
		if channelName(channel) == "" {
			reason = r
		}
		return entry{kind: hackfest.Part, channel: channelName(channel), text: inBrackets(reason)}
	}},
	{"left the room", func(r string) entry { return entry{kind: hackfest.Part, text: inBrackets(r)} }},
	{"has quit", func(r string) entry {
		return entry{kind: hackfest.Quit, text: inBrackets(strings.TrimPrefix(r, "IRC"))}
	}},
	{"Quit", func(r string) entry { return entry{kind: hackfest.Quit, text: inBrackets(r)} }},
	{"is now known as ", func(r string) entry { return renamed(r) }},
	{"was kicked from ", func(r string) entry { return kickedBy(r) }},
	{"was kicked by ", func(r string) entry { return kickedBy("by " + r) }},
	{"has been kicked by ", func(r string) entry { return kickedBy("by " + r) }},
	{"has kicked ", func(r string) entry {
		victim, reason, _ := strings.Cut(r, " ")
		return entry{kind: hackfest.Kick, target: victim, text: inBrackets(reason)}
	}},
	{"sets mode: ", func(r string) entry { return entry{kind: hackfest.Mode, text: r} }},
	{"sets mode ", func(r string) entry { return entry{kind: hackfest.Mode, text: r} }},
	{"changes topic to ", func(r string) entry { return entry{kind: hackfest.Topic, text: unquote(r)} }},
	{"changed the topic of ", topicAfterColon},
	{"changed topic of ", topicAfterColon},
	{"has changed the topic to: ", func(r string) entry { return entry{kind: hackfest.Topic, text: r} }},
	{"has changed topic for ", topicFromTo},
	{"has unset topic for ", func(r string) entry { return entry{kind: hackfest.Topic, channel: channelName(firstWord(r))} }},
}

// asides are how rows begin that tell of the channel what nobody just did.
var asides = []string{
	"Topic for ", "Topic is ", "Topic set by ", "Topic:", "Set by ", "Irssi:", "Home page for ", "Channel #", "#", "Keepalive",
	"You're now known as ", "You have left", "You have been ", "Synchronized ", "Retrieving ", "Attempting to ", "The topic for ", "Invited by ",
}

// aside reads one of them. A channel it names is the log's.
func aside(s string) (entry, bool) {
	for _, words := range []string{"Now talking in ", "Now talking on ", "Rejoined channel ", "You have joined the channel "} {
		if after, ok := strings.CutPrefix(s, words); ok {
			return entry{channel: channelName(firstWord(after))}, true
		}
	}
	for _, words := range []string{"Disconnected", "Ping timeout with server", "irc: disconnected", "You have left"} {
		if strings.HasPrefix(s, words) {
			return entry{kind: hackfest.Gap, text: "the program that kept the log was away from here on"}, true
		}
	}
	for _, words := range asides {
		if strings.HasPrefix(s, words) {
			return about()
		}
	}
	return entry{}, false
}

// znEvent reads ZNC's "Joins: ann (~ann@host)", which mIRC writes too.
func znEvent(word, rest string) (entry, bool) {
	name, rest, _ := strings.Cut(rest, " ")
	nick, _ := unmark(name)
	if !isNick(nick) {
		return entry{}, false
	}
	e := entry{nick: nick, sure: true}
	switch word {
	case "Joins:":
		e.kind = hackfest.Join
	case "Parts:":
		e.kind, e.text = hackfest.Part, inBrackets(cutMask(rest))
	default:
		e.kind, e.text = hackfest.Quit, inBrackets(cutMask(rest))
	}
	return e, true
}

// modeBy reads "[+o ann] by bob, carol" behind a channel.
func modeBy(rest, channel string) (entry, bool) {
	modes, by, ok := strings.Cut(strings.TrimPrefix(rest, "["), "] by ")
	if !ok {
		return entry{}, false
	}
	nick, _, _ := strings.Cut(by, ",")
	nick, _, _ = strings.Cut(nick, "!")
	return entry{kind: hackfest.Mode, nick: nick, text: modes, channel: channelName(channel)}, nick != ""
}

// netsplit reads irssi's "a.example <-> b.example quits: ann, bob" and "over,
// joins: ann, bob". Who is not named ("+3 more") is not known.
func netsplit(rest string) (entry, bool) {
	kind := hackfest.Quit
	servers, list, ok := strings.Cut(rest, " quits: ")
	if !ok {
		kind, servers = hackfest.Join, ""
		if list, ok = strings.CutPrefix(rest, "over, joins: "); !ok {
			return entry{}, false
		}
	}
	list, _, _ = strings.Cut(list, " (+")
	e := entry{kind: kind, text: strings.Replace(servers, " <-> ", " ", 1)}
	for name := range strings.SplitSeq(list, ",") {
		nick, _ := unmark(name)
		if !isNick(nick) {
			continue
		}
		if e.nick == "" {
			e.nick = nick
		} else {
			e.also = append(e.also, nick)
		}
	}
	return e, e.nick != ""
}

func renamed(rest string) entry {
	target, _ := unmark(strings.TrimSuffix(firstWord(rest), "."))
	if !isNick(target) || strings.Contains(rest, " ") {
		return entry{}
	}
	return entry{kind: hackfest.Nick, target: target}
}

// kickedBy reads "#channel by bob [reason]". Who was kicked stands in front of
// it all.
func kickedBy(rest string) entry {
	channel, rest, ok := strings.Cut(" "+rest, "by ")
	by, reason, _ := strings.Cut(rest, " ")
	by, _, _ = strings.Cut(by, "!")
	if !ok || by == "" {
		return entry{}
	}
	return entry{kind: hackfest.Kick, nick: by, text: inBrackets(reason), channel: channelName(strings.TrimSpace(channel))}
}

func topicAfterColon(rest string) entry {
	channel, topic, ok := strings.Cut(rest, " to: ")
	if !ok {
		return entry{}
	}
	return entry{kind: hackfest.Topic, text: topic, channel: channelName(channel)}
}

// topicFromTo reads WeeChat's `#channel from "old" to "new"` and `#channel to
// "new"`.
func topicFromTo(rest string) entry {
	channel, change, _ := strings.Cut(rest, " ")
	if at := strings.LastIndex(change, `" to "`); at >= 0 {
		change = change[at+len(`" to `):]
	}
	return entry{kind: hackfest.Topic, text: unquote(strings.TrimPrefix(change, "to ")), channel: channelName(channel)}
}

// unmask cuts masks and what else stands in brackets between a nick and what it
// did: "(~ann@host) has joined" is "has joined".
func unmask(s string) string {
	for {
		shorter := cutMask(s)
		if shorter == s {
			return s
		}
		s = shorter
	}
}

// cutMask cuts one of them.
func cutMask(s string) string {
	s = strings.TrimLeft(s, " ")
	if s == "" {
		return s
	}
	at := strings.IndexByte("([<", s[0])
	if at < 0 {
		return s
	}
	mask, rest, ok := strings.Cut(s, ")]>"[at:at+1]+" ")
	if !ok || strings.Contains(mask, " ") && s[0] == '<' {
		return s
	}
	return strings.TrimLeft(rest, " ")
}

// inBrackets is the reason that stands in brackets of either kind, perhaps
// before a full stop.
func inBrackets(s string) string {
	s = strings.TrimSuffix(strings.TrimSpace(s), ".")
	if len(s) >= 2 && (s[0] == '(' && s[len(s)-1] == ')' || s[0] == '[' && s[len(s)-1] == ']') {
		return s[1 : len(s)-1]
	}
	return ""
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
