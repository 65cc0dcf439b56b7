package hackfest

import (
	"errors"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// TargetID identifies a Target inside one database; people see its slug.
type TargetID int64

// TargetStage is how far a target has come; the columns of the board.
type TargetStage string

const (
	StageIdea    TargetStage = "idea"
	StagePlanned TargetStage = "planned"
	StageTrying  TargetStage = "trying"
	StageNotes   TargetStage = "notes" // works, with notes
	StageWorks   TargetStage = "works"
	StageParked  TargetStage = "parked"
)

// TargetStages are all stages in the order of the board.
var TargetStages = []TargetStage{StageIdea, StagePlanned, StageTrying, StageNotes, StageWorks, StageParked}

// Label is the stage as people read it.
func (s TargetStage) Label() string {
	switch s {
	case StageIdea:
		return "Idea"
	case StagePlanned:
		return "Planned"
	case StageTrying:
		return "Trying"
	case StageNotes:
		return "Works with notes"
	case StageWorks:
		return "Works"
	case StageParked:
		return "Parked"
	}
	return string(s)
}

// Target is something the community wants to get to run.
type Target struct {
	ID       TargetID
	Slug     string
	Name     string
	Stage    TargetStage
	Sentence string // how it stands, in one sentence; may be empty
	About    string // what it is; may be empty
	Goal     string // how one would see that it works; may be empty
	Project  string // address of what is to run; may be empty

	OwnerID     person.ID // who looks after it; zero is nobody
	Owner       string    // their name
	OwnerListed bool      // they have a page
	Proposer    string    // who proposed it, as they were called then; "" is nobody who is named
	Via         TargetVia // how it came to the board
	Wanted      int       // how many people said that they want it
	Revision    int
	StagedAt    time.Time // UTC, when it came to its stage
	CreatedAt   time.Time // UTC
	ChangedAt   time.Time // UTC, when anything of it changed
}

// ProposalID identifies what somebody without an account proposes, until they
// answered by mail.
type ProposalID int64

// reservedTarget is what a target cannot be called in addresses: its form stands
// there.
const reservedTarget = "propose"

// TargetSlug is the address of a target of that name; fault.Invalid when it cannot
// have one.
func TargetSlug(name string) (string, error) {
	slug := Slug(name)
	switch slug {
	case "":
		return "", fault.On("name", "The name needs a letter from a to z or a digit: its address is made of it.")
	case reservedTarget:
		return "", fault.On("name", "The portal needs that name itself. Add a word.")
	}
	return slug, nil
}

// TargetVia is how a target was proposed.
type TargetVia string

const (
	TargetViaPortal TargetVia = "portal" // it was there from the beginning
	TargetViaWeb    TargetVia = "web"
	TargetViaMail   TargetVia = "mail" // by somebody without an account
	TargetViaIRC    TargetVia = "irc"
	TargetViaAPI    TargetVia = "api"
)

// The longest parts of a target, in characters.
const (
	MaxTargetName  = 120
	MaxTargetLine  = 300  // sentence, goal, address and the reason of a change
	MaxTargetAbout = 2000 // what it is
)

// TargetEdit is what somebody wants a target to be.
type TargetEdit struct {
	Name, Sentence, About, Goal, Project string
}

// Tidy returns e without blanks around, and what is wrong with it: fault.Invalid
// on the fields.
func (e TargetEdit) Tidy() (TargetEdit, error) {
	var wrong []error
	line := func(field, label string, text *string, most int) {
		*text = strings.TrimSpace(*text)
		if field != "about" {
			*text = strings.Join(strings.Fields(*text), " ")
		}
		if utf8.RuneCountInString(*text) > most {
			wrong = append(wrong, fault.On(field, "%s has at most %d characters.", label, most))
		}
	}
	line("name", "The name", &e.Name, MaxTargetName)
	line("about", "What it is", &e.About, MaxTargetAbout)
	line("goal", "The goal", &e.Goal, MaxTargetLine)
	line("project", "The address", &e.Project, MaxTargetLine)
	line("sentence", "The sentence", &e.Sentence, MaxTargetLine)
	if e.Name == "" {
		wrong = append(wrong, fault.On("name", "A target needs a name."))
	} else if _, err := TargetSlug(e.Name); err != nil {
		wrong = append(wrong, err)
	}
	if !webAddress(e.Project) {
		wrong = append(wrong, fault.On("project", "The address begins with https:// or http://, as in https://github.com/openshift/origin-server."))
	}
	return e, errors.Join(wrong...)
}

// webAddress reports whether text is empty or an address that a link may lead to.
func webAddress(text string) bool {
	if text == "" {
		return true
	}
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// TargetFacts are what the stages of a target depend on.
type TargetFacts struct {
	Coming    int // sessions on it that are scheduled or run
	Begun     int // sessions on it that have begun
	Published int // sessions on it with published minutes
	Worked    int // results of its recipes that work
	Noted     int // results of its recipes that work with notes
}

// Missing says in words what a target lacks for stage s; "" is nothing.
func (s TargetStage) Missing(f TargetFacts) string {
	switch s {
	case StagePlanned:
		if f.Coming == 0 {
			return "A session on it has to be planned first."
		}
	case StageTrying:
		if f.Begun == 0 {
			return "A session on it has to begin first."
		}
	case StageNotes:
		if f.Published+f.Worked+f.Noted == 0 {
			return "It needs a session on it with published minutes, or a result of a recipe that works."
		}
	case StageWorks:
		if f.Published+f.Worked == 0 {
			return "It needs a session on it with published minutes, or a result of a recipe that works without notes."
		}
	}
	return ""
}

// Reached reports whether a target at stage s runs, with notes or without.
func (s TargetStage) Reached() bool { return s == StageNotes || s == StageWorks }

// TargetMove is a change of a target's stage.
type TargetMove struct {
	To       TargetStage
	Session  string // slug of the session that showed it; "" is none
	Note     string // why
	Override bool   // although the stage's condition is not met
}

// TargetDeed is a kind of change of a target.
type TargetDeed string

const (
	TargetProposed TargetDeed = "proposed"
	TargetStaged   TargetDeed = "staged"
	TargetEdited   TargetDeed = "edited"
	TargetOwned    TargetDeed = "owned" // given to somebody, or to nobody
	TargetRenamed  TargetDeed = "renamed"
	TargetMerged   TargetDeed = "merged" // another became part of it
	TargetRemoved  TargetDeed = "removed"
	TargetRestored TargetDeed = "restored"
)

// TargetEvent is something that happened to a target.
type TargetEvent struct {
	At           time.Time // UTC
	Deed         TargetDeed
	Actor        string // what they were called then; "" is the portal
	From, To     TargetStage
	FromAt       time.Time // UTC, when it had come to From
	SessionSlug  string    // that showed it; "" is none, or none that the viewer may see
	SessionTitle string
	SessionAt    time.Time
	Note         string
	Overridden   bool // the stage's condition was not met
}

// TargetKnower is somebody who has to do with a target and has a page.
type TargetKnower struct {
	Name     string
	Owner    bool
	Sessions int // on it, in which they spoke
	Lessons  int // about it, that they wrote or said
}

// Suggestion is what somebody proposes with !idea.
type Suggestion struct {
	Network string
	Channel string // "" in private
	Nick    string
	Account string // of the network's services; "" without one
	Text    string // as typed, behind the command
	Ref     Ref    // the line; zero in private
	BaseURL string // of the portal, for the address in the reply; may be empty
}

// Proposed reads the text of a suggestion: its name, and all of it where that is
// longer than a name.
func (x Suggestion) Proposed() (TargetEdit, error) {
	text := strings.Join(strings.Fields(x.Text), " ")
	if text == "" {
		return TargetEdit{}, fault.New(fault.Invalid, "Say what you would like to see run, as in: !idea GitLab with its runners")
	}
	e := TargetEdit{Name: text}
	if utf8.RuneCountInString(text) > MaxTargetName {
		name := string([]rune(text)[:MaxTargetName])
		if cut := strings.LastIndexByte(name, ' '); cut > MaxTargetName/2 {
			name = name[:cut]
		}
		e.Name, e.About = strings.TrimRight(name, " ,;:.-"), text
	}
	_, err := TargetSlug(e.Name)
	return e, err
}
