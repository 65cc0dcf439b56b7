package templates

import (
	"strconv"

	"github.com/eucalyptus/hackfest/templates/ui"
)

// ReadyBox is how those who come to a session are prepared for it; without Rows
// nothing is to be prepared.
type ReadyBox struct {
	Checklist string // where the checklist of its target or series is
	Command   string // that examines one's machine; "" when no program can look at anything
	Ready     int    // of Coming
	Coming    int
	Lacking   string // "2 lack: euca2ools 2.1 or newer."; "" when nobody lacks anything
	Rows      []ReadyRow
	People    []ReadyPerson
	Notes     bool   // the reader sees what was seen on others' machines
	Ask       string // why the reader cannot tick; "" when they can, or when it is over
	AskHref   string
	Over      bool // nobody prepares any more
}

// Mandatory is the number of rows without which one is not ready.
func (b ReadyBox) Mandatory() int {
	n := 0
	for _, r := range b.Rows {
		if r.Mandatory {
			n++
		}
	}
	return n
}

// ReadyRow is an item of the checklist of a session.
type ReadyRow struct {
	ID        string // of the element
	Text      string
	Advice    string
	Mandatory bool
	Lesson    *LessonBehind // nil for what people just wrote
	Auto      bool          // Nurse looks at it
	Well, Of  int
	Caught    string     // "2 are not well with it"; may be empty
	Mine      string     // state of the reader: "", well, aspirin, splint, dead or unknown
	Note      string     // what was seen on the reader's machine
	Tick      *ReadyTick // nil when the reader cannot tick
	State     *ui.State  // the reader's state as a badge; nil without one
}

// LessonBehind is why an item is on a checklist.
type LessonBehind struct {
	State ui.State
	Text  string // "lesson of 2 Aug 2012"
	Says  string // the lesson itself; "" where the item says the same
	Href  string // the log line; "" when none is known
	About string // the session that taught it; "" when none did

	Retired string // its page, which says why it is not true any more; "" while it is
}

// ReadyTick is the form by which a reader ticks an item, or takes that back.
type ReadyTick struct {
	Path string
	Done bool
	Form ui.Form
}

// ReadyPerson is somebody who comes, in the table of who is ready.
type ReadyPerson struct {
	Who     ui.Who
	Unnamed bool // their name is not for the reader
	Ready   bool
	At      ui.Moment // of their last tick
	Never   bool
	Missing []string
	Machine string // for who hosts or chairs
}

// meterMost is how many people are drawn one by one.
const meterMost = 12

// meterWidth is how wide the meter is, in pixels of its own.
func (b ReadyBox) meterWidth() int { return 20*min(max(b.Coming, 1), meterMost) - 4 }

// meterBox is the meter's viewBox.
func (b ReadyBox) meterBox() string { return "0 0 " + strconv.Itoa(b.meterWidth()) + " 16" }

// meterPart is how wide the filled part of a bar is.
func (b ReadyBox) meterPart() string {
	return strconv.Itoa(b.meterWidth() * b.Ready / max(b.Coming, 1))
}

// meterSquares are where the squares of the meter begin.
func (b ReadyBox) meterSquares() []int {
	at := make([]int, b.Coming)
	for n := range at {
		at[n] = 20 * n
	}
	return at
}
