package ircnet

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/irctext"
)

// maxName is the longest nick, user, host or channel name we keep, in bytes;
// longer ones are nobody's and are cut.
const maxName = 200

// message is one line of the protocol as it stood on the wire, whatever its
// bytes (RFC 1459 section 2.3.1, IRCv3 message-tags).
type message struct {
	seq     uint64    // order of receipt in this connection, from 1; 0 when sent
	at      time.Time // our clock when its last byte came or was written
	read    time.Time // the same moment, to measure from
	sent    bool      // written by us, not received
	tags    tags
	source  Source   // zero when the line had none
	server  bool     // the source is a server, or missing
	command string   // in capitals
	params  []string // bytes as received, possibly no UTF-8
}

// tags are the message tags we act on. Client-only tags, which anyone may set,
// are not among them.
type tags struct {
	time       time.Time // zero when absent or unreadable
	account    string
	hasAccount bool
	batch      string
	label      string
	bot        bool
}

// parseMessage reads one line without its line end. It reports false for a
// line that says nothing: empty, tags only, without a sound command.
func parseMessage(line string) (message, bool) {
	var m message
	rest := strings.Trim(line, " \r\n")
	if after, ok := strings.CutPrefix(rest, "@"); ok {
		var raw string
		raw, rest, _ = strings.Cut(after, " ")
		m.tags = parseTags(raw)
		rest = strings.TrimLeft(rest, " ")
	}
	m.server = true
	if after, ok := strings.CutPrefix(rest, ":"); ok {
		var raw string
		raw, rest, _ = strings.Cut(after, " ")
		m.source, m.server = parseSource(raw)
		rest = strings.TrimLeft(rest, " ")
	}
	command, rest, _ := strings.Cut(rest, " ")
	if !soundCommand(command) {
		return m, false
	}
	m.command = strings.ToUpper(command)
	m.params = parseParams(rest)
	return m, true
}

func soundCommand(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

func parseParams(s string) []string {
	var params []string
	for {
		s = strings.TrimLeft(s, " ")
		if s == "" {
			return params
		}
		if s[0] == ':' {
			return append(params, s[1:])
		}
		var p string
		p, s, _ = strings.Cut(s, " ")
		params = append(params, p)
	}
}

// parseSource reads "nick!user@host". A source with neither '!' nor '@' but
// with a dot is a server; so is one without a nick, which is nobody.
func parseSource(s string) (Source, bool) {
	nick, host, hasHost := strings.Cut(s, "@")
	nick, user, hasUser := strings.Cut(nick, "!")
	if !hasHost && !hasUser && strings.Contains(nick, ".") || nick == "" {
		return Source{Nick: name(s)}, true
	}
	return Source{Nick: name(nick), User: name(user), Host: name(host)}, false
}

// name makes bytes of the wire into a name: valid UTF-8, not absurdly long.
func name(raw string) string {
	text, _, _ := irctext.Decode([]byte(raw))
	if len(text) <= maxName {
		return text
	}
	end := maxName
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

var tagEscapes = strings.NewReplacer(`\:`, ";", `\s`, " ", `\\`, `\`, `\r`, "\r", `\n`, "\n")

// parseTags reads what stands between '@' and the first blank. The last of two
// equal keys counts, as the specification says.
func parseTags(s string) tags {
	var t tags
	for tag := range strings.SplitSeq(s, ";") {
		key, raw, _ := strings.Cut(tag, "=")
		value := tagEscapes.Replace(raw)
		switch key {
		case "time":
			t.time, _ = time.Parse(time.RFC3339Nano, value)
		case "account":
			t.account, t.hasAccount = name(value), value != "" && value != "*"
		case "batch":
			t.batch = name(value)
		case "label":
			t.label = name(value)
		case "bot", "draft/bot":
			t.bot = true
		}
	}
	return t
}

// param returns parameter i as a name, "" when there are not so many.
func (m *message) param(i int) string {
	if i >= len(m.params) {
		return ""
	}
	return name(m.params[i])
}

// last returns the last parameter as text for people.
func (m *message) last() string {
	if len(m.params) == 0 {
		return ""
	}
	text, _, _ := irctext.Decode([]byte(m.params[len(m.params)-1]))
	return text
}

// raw returns the text that starts with parameter i. Servers send it as the
// last parameter; of one that forgot the colon every word is kept.
func (m *message) raw(i int) string {
	if i >= len(m.params) {
		return ""
	}
	return strings.Join(m.params[i:], " ")
}
