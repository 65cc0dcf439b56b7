package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// UndoTime is how long what was taken away can be given back by its sender.
const UndoTime = 10 * time.Minute

// Change is a form that was carried out. It is kept so that the same form, sent
// again, does nothing more, and so that the page its sender is led to can say
// what happened.
type Change struct {
	Key      Ref       // drawn when the form was shown
	PersonID person.ID // who sent it; zero is the public
	Path     string    // where it was sent to
	Location string    // where its sender was led
	Said     string    // what happened, a sentence for its sender
	Undo     string    // path of the form that takes it back; "" when nothing can
	At       time.Time // UTC
}

// Undoable reports whether c can be taken back at now.
func (c Change) Undoable(now time.Time) bool {
	return c.Undo != "" && now.Sub(c.At) < UndoTime
}
