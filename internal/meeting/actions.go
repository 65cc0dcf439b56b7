package meeting

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// OpenAction is an action that an earlier session of the series left open.
type OpenAction struct {
	ID       hackfest.ItemID `json:"id"`
	Text     string          `json:"text"`
	Owners   []string        `json:"owners,omitempty"` // nicks
	Due      time.Time       `json:"due,omitzero"`     // UTC midnight of its day; zero without one
	Sessions int             `json:"sessions"`         // for how many it has been open
}

// Settlement is what became of an open action.
type Settlement string

const (
	Done    Settlement = "done"
	Carried Settlement = "carried" // stays open
	Dropped Settlement = "dropped"
)

// ActionSettled means that an open action was closed, or carried over, which
// leaves it open. The last one for an action counts: #carry takes back a #done.
type ActionSettled struct {
	ID  hackfest.ItemID
	How Settlement
	By  string // nick
}

func (ActionSettled) effect() {}
