package hackfest

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// LessonID identifies a Lesson.
type LessonID int64

// LessonKind is what a lesson tells the next session to do.
type LessonKind string

const (
	LessonDoAgain LessonKind = "do_again"
	LessonAvoid   LessonKind = "avoid"
	LessonUnknown LessonKind = "unknown"
	LessonBroken  LessonKind = "broken_upstream"
)

// LessonScope is what a lesson is true for.
type LessonScope string

const (
	ScopeAll    LessonScope = "all"
	ScopeTarget LessonScope = "target"
	ScopeImage  LessonScope = "image"
)

// Lesson is one sentence that a session taught, with its evidence.
type Lesson struct {
	ID          LessonID
	Text        string
	Kind        LessonKind
	Scope       LessonScope
	Image       string // name of the base image when Scope is ScopeImage
	TargetSlug  string // "" unless it is about a target
	TargetName  string
	SessionSlug string // "" when no session taught it
	SessionAt   time.Time
	LineRef     Ref    // the log line that taught it; zero when none is known
	Evidence    string // address of what shows it, where no line does; may be empty
	PublishedAt time.Time

	MeetingRef Ref       // whose minutes publish it: it is worded there. Zero for others
	FromLine   bool      // somebody made it of LineRef
	AuthorID   person.ID // who wrote it; zero when minutes did
	Author     string    // their name, when they have a page
	RetiredAt  time.Time // since when it is not true any more; zero is true
	DeclinedAt time.Time // when a maintainer chose not to publish it; zero is not
	Reason     string    // why it was retired or declined
	Revision   int
	CreatedAt  time.Time
	ChangedAt  time.Time // when its words changed last; zero is not since it was published
}

// Waits reports whether l waits for somebody to publish or decline it.
func (l Lesson) Waits() bool { return l.PublishedAt.IsZero() && l.DeclinedAt.IsZero() }

// The longest parts of a lesson, in characters.
const (
	MaxLesson         = 400
	MaxLessonEvidence = 300
	MaxLessonReason   = 300
)

// Tidy returns l without blanks around, with what its scope does not use left out,
// and what is wrong with it: fault.Invalid on the fields.
func (l Lesson) Tidy() (Lesson, error) {
	var wrong []error
	l.Text = strings.Join(strings.Fields(l.Text), " ")
	l.Image, l.Evidence = strings.Join(strings.Fields(l.Image), " "), strings.TrimSpace(l.Evidence)
	switch n := utf8.RuneCountInString(l.Text); {
	case n == 0:
		wrong = append(wrong, fault.On("text", "Say in a sentence what was learned."))
	case n > MaxLesson:
		wrong = append(wrong, fault.On("text", "A lesson has at most %d characters: one sentence that somebody can act on.", MaxLesson))
	}
	switch l.Kind {
	case LessonDoAgain, LessonAvoid, LessonUnknown, LessonBroken:
	default:
		wrong = append(wrong, fault.On("kind", "Choose a kind."))
	}
	switch l.Scope {
	case ScopeAll:
		l.Image, l.TargetSlug = "", ""
	case ScopeTarget:
		if l.Image = ""; l.TargetSlug == "" {
			wrong = append(wrong, fault.On("target", "Choose the target that it is about."))
		}
	case ScopeImage:
		l.TargetSlug = ""
		if n := utf8.RuneCountInString(l.Image); n == 0 || n > MaxTargetName {
			wrong = append(wrong, fault.On("image", "Name the base image that it is about, as in Fedora 16."))
		}
	default:
		wrong = append(wrong, fault.On("scope", "Choose what it is true for."))
	}
	if utf8.RuneCountInString(l.Evidence) > MaxLessonEvidence || !webAddress(l.Evidence) {
		wrong = append(wrong, fault.On("evidence", "The address begins with https:// or http:// and has at most %d characters.", MaxLessonEvidence))
	}
	return l, errors.Join(wrong...)
}

// LessonCount says how many published lessons of a kind there are about a
// target or a base image.
type LessonCount struct {
	Kind       LessonKind
	TargetSlug string // "" for those that are about no target
	TargetName string
	Image      string // "" for those that are about no base image
	Lessons    int
}
