package chart

import "fmt"

// Outcome is what a session made of its target: the drawing of its square.
type Outcome string

const (
	Works     Outcome = "ok"
	WithNotes Outcome = "note"
	DidNot    Outcome = "fail"
	Untested  Outcome = "none" // it took place and nobody said how it ended
	CalledOff Outcome = "off"
	Coming    Outcome = "next"
)

// Words is what o means.
func (o Outcome) Words() string {
	switch o {
	case Works:
		return "works"
	case WithNotes:
		return "works with notes"
	case DidNot:
		return "did not work"
	case CalledOff:
		return "cancelled"
	case Coming:
		return "coming"
	}
	return "no outcome noted"
}

// Square is one session of a Strip.
type Square struct {
	Outcome Outcome
	Date    string // "2 Aug"; shown on the big strip
	Href    string
}

// Strip is the progress strip of a target: one square a session, oldest first.
type Strip struct {
	Squares []Square
	Label   string // "2 sessions: did not work, works"
}

// NewStrip draws the given sessions; without any there is nothing to draw and
// the label says so.
func NewStrip(squares []Square) Strip {
	s := Strip{Squares: squares, Label: "no sessions yet"}
	words := ""
	for i, q := range squares {
		if i > 0 {
			words += ", "
		}
		words += q.Outcome.Words()
	}
	if len(squares) > 0 {
		s.Label = fmt.Sprintf("%s: %s", Count(len(squares), "session", "sessions"), words)
	}
	return s
}
