package hackfest

import "time"

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
	LineRef     Ref // the log line that taught it; zero when none is known
	PublishedAt time.Time
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
