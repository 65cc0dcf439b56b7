package meeting

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

const (
	longestOff = time.Hour   // how long the meeting can be off the record
	offSlack   = time.Minute // how much later than planned a tick may end it
)

// Restricted means that minutes and log of this meeting, from its
// #startmeeting on, are for members only. It cannot be taken back in the
// meeting.
type Restricted struct{}

func (Restricted) effect() {}

// OffTheRecord reports whether what is said at that time must not be kept: a
// chair said #off. It stays so until a chair's #on, the end of the meeting, or
// the first tick at or after OffUntil; should none of these come, until a
// minute after OffUntil. The rule for the receiver, before it writes anything:
//
//	if s.OffTheRecord(l.At) {
//		kept := s.KeptOff(l) // "" or the command word alone
//		// make l a tombstone: OffRecord, and Text = kept
//	}
//
// It holds for messages, actions, notices and what is given on the web; what
// the bot says itself is kept. Everything else of a line goes with its text,
// unless kept is not empty: then author, account and Op stay.
func (s State) OffTheRecord(at time.Time) bool {
	return s.Running() && !s.offUntil.IsZero() && at.Before(s.offUntil.Add(offSlack))
}

// OffUntil is when the meeting goes back on the record by itself: the shell
// then sends a tick. Zero while it is on the record.
func (s State) OffUntil() time.Time {
	if !s.Running() {
		return time.Time{}
	}
	return s.offUntil
}

// KeptOff is what may be kept of a line that is said off the record: "#on" or
// "#endmeeting" of somebody who may say so, without anything that follows the
// word; "" for all else, of which only a tombstone is kept.
func (s State) KeptOff(l hackfest.Line) string {
	if l.Kind != hackfest.Message && l.Kind != hackfest.Web || l.History || l.Self || l.Bot {
		return ""
	}
	word, _, ok := commandWord(irctext.Strip(l.Text))
	need := map[string]right{"on": chairs, "endmeeting": enders}
	who, back := need[word]
	if !ok || !back || !s.Running() {
		return ""
	}
	t := turn{s: s, line: l, by: -1} // only to ask: s stays as it is
	if t.author() || !t.may(who) {
		return ""
	}
	return "#" + word
}
