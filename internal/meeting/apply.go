package meeting

import "github.com/eucalyptus/hackfest/internal/hackfest"

// State is one channel's meeting so far, as a value: Apply never changes the
// one it is given. The zero State is a channel without a meeting.
type State struct {
	Header   Header
	Context  Context  // what the shell said last
	Topics   []Topic  // in order; the first is the untitled one
	Items    []Item   // in order, undone ones included
	People   []Person // in order of appearance
	LastRef  hackfest.Ref
	Problems []string // what the minutes' diagnostics list
}

// Running reports whether a meeting is under way.
func (s State) Running() bool {
	return !s.Header.StartedAt.IsZero() && s.Header.EndedAt.IsZero()
}

// Apply returns the state after line l in state s, and the effects in the order
// in which they are to be carried out. It never changes s.
func Apply(s State, l hackfest.Line) (State, []Effect) {
	s.LastRef = l.Ref
	return s, nil
}
