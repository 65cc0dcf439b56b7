package hackfest

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// CheckItemID identifies a CheckItem.
type CheckItemID int64

// ChecklistScope is which sessions a checklist is for. The values are also the
// database's.
type ChecklistScope string

const (
	ChecklistAll     ChecklistScope = "all"     // all hackfests
	ChecklistTarget  ChecklistScope = "target"  // the sessions on a target
	ChecklistSeries  ChecklistScope = "series"  // the sessions of a series
	ChecklistSession ChecklistScope = "session" // one session
)

// ChecklistSlug is the slug of the checklist for all hackfests.
const ChecklistSlug = "all"

// ChecklistKey says whose checklist it is.
type ChecklistKey struct {
	Scope ChecklistScope
	Slug  string // of the target, series or session; "" for all
}

// Checklist is what is prepared for some sessions.
type Checklist struct {
	ChecklistKey
	Path    string // the last part of its address: ChecklistSlug, or the slug of what it is for
	Title   string // name of what it is for; "" for all
	Items   int    // that are not retired
	Caught  int    // of those, how many caught something
	Changed time.Time
}

// CheckItem is one thing that should be the case before a session starts. It
// applies to a session if it was there before the session's end and was not
// retired before its start, so the past stays as it was.
type CheckItem struct {
	ID        CheckItemID
	List      ChecklistKey
	ListPath  string // last part of its checklist's address; "" for that of a session
	ListTitle string // name of what the checklist is for; "" for all
	Text      string
	Advice    string // how to get there; may be empty
	Mandatory bool   // without it one is not ready
	Check     *Check // what Nurse looks at; nil is ticked by hand
	Revision  int
	CreatedAt time.Time // UTC
	RetiredAt time.Time // UTC; zero while it is in use

	LessonID    LessonID // why; zero for what people wrote
	LessonText  string
	LessonKind  LessonKind
	LineRef     Ref    // the log line that taught it; zero when the viewer may not see it, or there is none
	SessionSlug string // of the session that taught it; "" when the viewer may not see it, or there is none
	SessionAt   time.Time

	Caught int // sessions in which somebody was not well with it
	Unused int // sessions held since anybody last ticked it by hand or it caught something; see StaleAfter
}

// StaleAfter is after how many sessions in a row that did not use it an item asks
// to be retired.
const StaleAfter = 5

// Stale reports whether i asks to be retired.
func (i CheckItem) Stale() bool { return i.RetiredAt.IsZero() && i.Unused >= StaleAfter }

// CheckEdit is what somebody wants an item of a checklist to be.
type CheckEdit struct {
	Text      string
	Advice    string
	Mandatory bool
	Check     *Check   // nil is ticked by hand
	Lesson    LessonID // why; zero for none
}

// Limits of an item of a checklist, in characters.
const (
	maxCheckItem   = 300
	maxCheckAdvice = 600
)

// MaxChecklist is how many items a checklist may have.
const MaxChecklist = 50

// Tidy returns e without needless blanks, or the first thing wrong with it as
// fault.Invalid with its field.
func (e CheckEdit) Tidy() (CheckEdit, error) {
	e.Text, e.Advice = strings.Join(strings.Fields(e.Text), " "), strings.TrimSpace(strings.ReplaceAll(e.Advice, "\r\n", "\n"))
	switch {
	case e.Text == "":
		return e, fault.On("text", "Say what should be the case.")
	case utf8.RuneCountInString(e.Text) > maxCheckItem:
		return e, fault.On("text", "At most %d characters, please.", maxCheckItem)
	case utf8.RuneCountInString(e.Advice) > maxCheckAdvice:
		return e, fault.On("advice", "At most %d characters, please.", maxCheckAdvice)
	case e.Check != nil:
		return e, e.Check.Validate()
	}
	return e, nil
}

// CheckVia is how a tick came.
type CheckVia string

const (
	ViaHand  CheckVia = "hand"  // somebody said so on a page
	ViaAPI   CheckVia = "api"   // a program said so
	ViaNurse CheckVia = "nurse" // it was looked at on a machine
)

// Participant is somebody who takes part in a session: a person with an account,
// or a nick without one.
type Participant struct {
	Person  person.ID // zero without an account
	Network string    // of a nick
	Nick    string    // folded; "" with an account
}

// CheckTick is how a participant stands with an item.
type CheckTick struct {
	Item  CheckItemID
	State CheckState
	Via   CheckVia
	Note  string // what was seen, one line
	At    time.Time
}

// Readiness is how those who take part in a session are prepared.
type Readiness struct {
	Items  []ReadyItem
	People []ReadyPerson // who said that they come
	Ready  int           // of People: those whose mandatory items are all well
}

// ReadyItem is an item with how many of those who come are well with it.
type ReadyItem struct {
	CheckItem
	Well int // of those who come
	Bad  int // of those who come: looked at, and not well
	Mine *CheckTick
}

// ReadyPerson is somebody who comes, with what they still lack.
type ReadyPerson struct {
	Who     string // as in rsvps
	Name    string // nick, or name
	Ready   bool
	At      time.Time // of their last tick; zero before any
	Missing []CheckItemID
	Notes   map[CheckItemID]string // for who hosts, chairs or maintains
}
