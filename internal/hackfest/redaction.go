package hackfest

import (
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// RedactionID identifies a Redaction inside one database.
type RedactionID int64

// UndoPath is where the form is sent that takes a redaction back.
func (id RedactionID) UndoPath() string {
	return "/redactions/" + strconv.FormatInt(int64(id), 10) + "/undo"
}

// Redaction is words that somebody took out of a channel's log and of all that
// was made of it. What is taken out is hidden at once, can be put back for
// UndoTime, and is then wiped; of a meeting that runs, UndoTime after its end.
type Redaction struct {
	ID        RedactionID
	ChannelID ChannelID
	PersonID  person.ID // who did it; zero when that person left
	Actor     string    // what they were called then
	At        time.Time // UTC
	PurgedAt  time.Time // UTC, when the words were wiped; zero before

	Lines   []Ref    // with all that they noted
	Entries []ItemID // of minutes, without their lines
}

// Mark is what stands where words were taken out.
func (r Redaction) Mark() string { return RemovedBy(r.Actor, r.At) }

// RemovedBy says in a log or in minutes who took words out, and when.
func RemovedBy(who string, at time.Time) string {
	return "removed by " + who + ", " + at.UTC().Format("2 Jan 2006")
}

// Undoable reports whether r can be taken back at now.
func (r Redaction) Undoable(now time.Time) bool {
	return r.PurgedAt.IsZero() && now.Sub(r.At) < UndoTime
}

// Redactable reports whether there are words of l to take out.
func (l LogLine) Redactable() bool {
	return !l.Redacted && l.Kind.Shown() && l.Kind != Gap && l.Kind != Join && l.Kind != Nick && l.Kind != Mode &&
		strings.TrimSpace(l.Text) != ""
}

// Reach is what a Redaction hides, as it stood before.
type Reach struct {
	Lines   []Line         // those asked for
	Echoes  []Line         // of the bot, which repeated them
	Entries []ReachedEntry // of minutes
	Minutes int            // stored minutes that quote it: drafts and published revisions
}

// ReachedEntry is an item, topic, vote or title that a Redaction hides.
type ReachedEntry struct {
	ID   ItemID
	Kind string // "topic", "vote", "agenda", "title", or what sort of item it is
	Text string
}
