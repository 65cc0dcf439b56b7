package meeting

import (
	"strconv"
	"strings"
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
	return !s.offUntil.IsZero() && at.Before(s.offUntil.Add(offSlack))
}

// OffUntil is when the meeting goes back on the record by itself: the shell
// then sends a tick. Zero while it is on the record.
func (s State) OffUntil() time.Time { return s.offUntil }

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

// off answers #off. It is never refused to a chair: a time that cannot be read
// is no reason to keep what is said.
func (t *turn) off() {
	span, plain := offSpan(t.arg)
	t.s.offSince, t.s.offUntil = t.line.At, t.line.At.Add(span)
	most := ""
	if plain {
		most = "at most "
	}
	t.announce("Off the record for " + most + Span(span) + ": until I say that we are back, what is said here is neither kept nor counted. #on ends it.")
}

// offSpan is how long "5m", "5 min" or "1h" is, an hour at most; without a time
// it is an hour and plain.
func offSpan(arg string) (span time.Duration, plain bool) {
	text := strings.ReplaceAll(strings.ToLower(arg), " ", "")
	digits := leadingDigits(text)
	n, err := strconv.Atoi(digits)
	unit := map[string]time.Duration{
		"": time.Minute, "m": time.Minute, "min": time.Minute, "mins": time.Minute, "minute": time.Minute, "minutes": time.Minute,
		"h": time.Hour, "hour": time.Hour, "s": time.Second, "sec": time.Second, "seconds": time.Second,
	}[text[len(digits):]]
	if err != nil || len(digits) > 4 || n < 1 || unit == 0 {
		return longestOff, true
	}
	return min(time.Duration(n)*unit, longestOff), false
}

// on answers #on.
func (t *turn) on() {
	if !t.backOnRecord() {
		t.refuse("the meeting is on the record")
	}
}

// backOnRecord ends what #off began, if it goes on, and says so.
func (t *turn) backOnRecord() bool {
	if t.s.offUntil.IsZero() {
		return false
	}
	t.endOff()
	t.announce("On the record again.")
	return true
}

// endOff notes from when to when the meeting was off the record.
func (t *turn) endOff() {
	if t.s.offUntil.IsZero() {
		return
	}
	t.problem("Off the record since " + t.s.offSince.UTC().Format("15:04:05 UTC") + "; what was said is not kept.")
	t.s.offSince, t.s.offUntil = time.Time{}, time.Time{}
	if t.line.At.After(t.s.spokeAt) {
		t.s.spokeAt = t.line.At
	}
}

// offRecord handles a line that was said off the record.
func (t *turn) offRecord() {
	if kept := t.s.KeptOff(t.line); kept != "" {
		t.line.Text = kept
		t.speech()
	}
}

// announce says what everybody has to know, even when the bot was asked to be
// silent.
func (t *turn) announce(text string) { t.out = append(t.out, Say{text}) }

// restrictLogs answers #restrictlogs.
func (t *turn) restrictLogs() {
	if t.s.Header.Restricted {
		t.refuse("minutes and log of this meeting are for members only already")
		return
	}
	t.s.Header.Restricted = true
	t.out = append(t.out, Restricted{}, Changed{t.s.Header})
	t.announce("From its beginning on, minutes and log of this meeting are for members only.")
}

// hushed handles a line said while the meeting is off the record, and reports
// whether it did. When the tick that should have ended that did not come, the
// first late line ends it.
func (t *turn) hushed() bool {
	if !t.s.OffTheRecord(t.line.At) {
		t.backOnRecord()
		return false
	}
	switch t.line.Kind {
	case hackfest.Message, hackfest.Act, hackfest.Notice, hackfest.Web:
		t.offRecord()
		return true
	}
	return false
}

// offNote tells, after a restart, that nothing is kept yet.
func (s State) offNote() string {
	if s.offUntil.IsZero() {
		return ""
	}
	return " Still off the record, until " + s.offUntil.UTC().Format("15:04 UTC") + " or #on."
}
