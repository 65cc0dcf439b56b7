package hackfest

import (
	"strconv"
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
	ListPath  string // last part of its checklist's address
	ListTitle string // name of what the checklist is for; "" for all
	Text      string
	Advice    string // how to get there; may be empty
	Mandatory bool   // without it one is not ready
	Check     *Check // what Nurse looks at; nil is ticked by hand
	Revision  int
	CreatedAt time.Time // UTC
	RetiredAt time.Time // UTC; zero while it is in use

	LessonID      LessonID // why; zero for what people wrote
	LessonText    string
	LessonKind    LessonKind
	LessonRetired bool   // it is not true any more
	LineRef       Ref    // the log line that taught it; zero when the viewer may not see it, or there is none
	SessionSlug   string // of the session that taught it; "" when the viewer may not see it, or there is none
	SessionAt     time.Time

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
	maxCheckAdvice = 300
)

// MaxChecklist is how many items a checklist may have.
const MaxChecklist = 50

// Tidy returns e without needless blanks, or the first thing wrong with it as
// fault.Invalid with its field. Its check is called what the item says.
func (e CheckEdit) Tidy() (CheckEdit, error) {
	e.Text, e.Advice = strings.Join(strings.Fields(e.Text), " "), strings.TrimSpace(strings.ReplaceAll(e.Advice, "\r\n", "\n"))
	switch {
	case e.Text == "":
		return e, fault.On("text", "Say what should be the case.")
	case utf8.RuneCountInString(e.Text) > maxCheckItem:
		return e, fault.On("text", "At most %d characters, please.", maxCheckItem)
	case utf8.RuneCountInString(e.Advice) > maxCheckAdvice:
		return e, fault.On("advice", "At most %d characters, please.", maxCheckAdvice)
	case e.Check == nil:
		return e, nil
	}
	c := *e.Check
	c.Title, c.Advice, c.Why = e.Text, e.Advice, ""
	if c.Key == "" {
		c.Key = checkKeyOf(e.Text)
	}
	e.Check = &c
	return e, c.Validate()
}

// CheckText is what an item says that a lesson became: as much of it as an item
// takes.
func CheckText(lesson string) string {
	if r := []rune(lesson); len(r) > maxCheckItem {
		return string(r[:maxCheckItem-1]) + "…"
	}
	return lesson
}

// checkKeyOf makes the key of a check from what it says.
func checkKeyOf(text string) string {
	key := Slug(text)
	if key == "" { // in a script without those letters
		return "check"
	}
	return strings.TrimRight(key[:min(len(key), 64)], "-")
}

// CheckVia is how a tick came.
type CheckVia string

const (
	ViaHand  CheckVia = "hand"  // somebody said so on a page
	ViaAPI   CheckVia = "api"   // a program said so
	ViaNurse CheckVia = "nurse" // it was looked at on a machine
)

// Ticker is somebody who says how they stand with a checklist.
type Ticker struct {
	Who    string    // as RSVP.Who
	Person person.ID // zero for a nick without an account
}

// CheckTick is how somebody who takes part in a session stands with an item.
type CheckTick struct {
	Item  CheckItemID
	Who   string // as RSVP.Who
	State CheckState
	Via   CheckVia
	Note  string    // what was seen, one line; may be empty
	At    time.Time // UTC
}

// maxTickNote is how many characters a note has that is kept.
const maxTickNote = 300

// Tidy returns t with a note that can be kept, or fault.Invalid about its state.
func (t CheckTick) Tidy() (CheckTick, error) {
	t.Note = strings.Join(strings.Fields(oneLine(t.Note)), " ")
	if r := []rune(t.Note); len(r) > maxTickNote {
		t.Note = string(r[:maxTickNote-1]) + "…"
	}
	switch t.State {
	case CheckWell, CheckAspirin, CheckSplint, CheckDead, CheckUnknown:
		return t, nil
	}
	return t, fault.On("state", "The state is well, aspirin, splint, dead or unknown, not %q.", string(t.State))
}

// Readiness is how those who come to a session are prepared for it.
type Readiness struct {
	Items  []ReadyItem
	People []ReadyPerson                        // who said that they come
	Ready  int                                  // of People: those who are well with all mandatory items
	Ticks  map[string]map[CheckItemID]CheckTick // ticks of everybody, by RSVP.Who
}

// ReadyItem is an item with how many of those who come are well with it.
type ReadyItem struct {
	CheckItem
	Well int // of those who come
	Bad  int // of those who come: it was looked at, and is not
}

// ReadyPerson is somebody who comes, and what they lack.
type ReadyPerson struct {
	Who     string // as RSVP.Who
	Ready   bool
	At      time.Time // of their last tick; zero before any
	Missing []CheckItemID
	Ticks   map[CheckItemID]CheckTick
}

// ReadinessOf works out how people are prepared: who is ready is well with each
// mandatory item.
func ReadinessOf(items []CheckItem, people []string, ticks []CheckTick) Readiness {
	by := map[string]map[CheckItemID]CheckTick{}
	r := Readiness{Items: make([]ReadyItem, len(items)), Ticks: by}
	for _, t := range ticks {
		if by[t.Who] == nil {
			by[t.Who] = map[CheckItemID]CheckTick{}
		}
		if old, ok := by[t.Who][t.Item]; !ok || t.At.After(old.At) {
			by[t.Who][t.Item] = t
		}
	}
	for n, i := range items {
		r.Items[n].CheckItem = i
	}
	for _, who := range people {
		p := ReadyPerson{Who: who, Ready: true, Ticks: by[who]}
		for n, i := range items {
			t, ticked := p.Ticks[i.ID]
			if ticked && t.At.After(p.At) {
				p.At = t.At
			}
			switch {
			case ticked && t.State == CheckWell:
				r.Items[n].Well++
				continue
			case ticked && t.State != CheckUnknown:
				r.Items[n].Bad++
			}
			if i.Mandatory {
				p.Ready, p.Missing = false, append(p.Missing, i.ID)
			}
		}
		if p.Ready {
			r.Ready++
		}
		r.People = append(r.People, p)
	}
	return r
}

// Matches lists the ticks that a report makes of items: a result's key is the
// number of an item, or the key of its check. Keys that are neither come back as
// well.
func (p Preflight) Matches(items []CheckItem, who string) (ticks []CheckTick, unknown []string) {
	for _, x := range p.Results {
		found := false
		for _, i := range items {
			if x.Key == strconv.FormatInt(int64(i.ID), 10) || i.Check != nil && i.Check.Key == x.Key {
				found = true
				ticks = append(ticks, CheckTick{Item: i.ID, Who: who, State: x.State, Via: ViaNurse, Note: x.Note, At: p.At})
			}
		}
		if !found {
			unknown = append(unknown, x.Key)
		}
	}
	return ticks, unknown
}
