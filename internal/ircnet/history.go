package ircnet

import (
	"cmp"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// batch is a group of lines that a server marked as belonging together
// (https://ircv3.net/specs/extensions/batch).
type batch struct {
	history bool
	label   string // of the line of ours that it answers
	channel string // what the history is of
}

// historyTypes are the batches that replay what happened before.
var historyTypes = map[string]bool{
	"chathistory": true, "draft/chathistory": true, "znc.in/playback": true, "history": true,
}

// openBatch is "BATCH +ref type channel" and "BATCH -ref". A batch within a
// history batch is history.
func openBatch(s *session, m *message) {
	if ref, ok := strings.CutPrefix(m.param(0), "-"); ok {
		delete(s.batches, ref)
	}
	if ref, ok := strings.CutPrefix(m.param(0), "+"); ok && len(s.batches) < 100 {
		outer := s.batches[m.tags.batch]
		s.batches[ref] = batch{
			history: historyTypes[strings.ToLower(m.param(1))] || outer.history,
			channel: m.param(2),
			label:   cmp.Or(m.tags.label, outer.label),
		}
	}
}

// past are the lines of history that belong into the log, with the place of
// their text. They change nothing in the roster.
var past = map[string]struct {
	kind hackfest.LineKind
	text int
}{
	"PRIVMSG": {hackfest.Message, 1}, "NOTICE": {hackfest.Notice, 1}, "TOPIC": {hackfest.Topic, 1},
	"JOIN": {hackfest.Join, 99}, "PART": {hackfest.Part, 1}, "MODE": {hackfest.Mode, 1}, "KICK": {hackfest.Kick, 2},
	"QUIT": {hackfest.Quit, 0}, "NICK": {hackfest.Nick, 99},
}

// replay logs a line of a history batch.
func (s *session) replay(m *message, b batch) {
	p, ok := past[m.command]
	if !ok {
		return
	}
	line, channel := textLine(p.kind, m.raw(p.text)), m.param(0)
	switch p.kind {
	case hackfest.Message:
		line = speech(m)
	case hackfest.Kick:
		line.Target = m.param(1)
	case hackfest.Quit:
		channel = b.channel
	case hackfest.Nick:
		line.Target, channel = m.param(0), b.channel
	}
	line.History = true
	s.log(m, channel, line)
}
