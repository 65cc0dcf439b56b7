package hackfest

import "time"

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
	ID        TargetID
	Slug      string
	Name      string
	Stage     TargetStage
	Sentence  string    // how it stands, in one sentence; may be empty
	About     string    // what it is; may be empty
	StagedAt  time.Time // UTC, when it came to its stage
	CreatedAt time.Time // UTC
}
