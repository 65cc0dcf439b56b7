package meeting

// ContextTarget is what the engine knows of a target.
type ContextTarget struct {
	Slug  string `json:"slug"`
	Name  string `json:"name"`
	Stage string `json:"stage"` // a hackfest.TargetStage
}

// Targeted means that the meeting, and with it its session, is about a target.
type Targeted struct{ Slug string }

func (Targeted) effect() {}
