package meeting

import "github.com/eucalyptus/hackfest/internal/hackfest"

// Meetings folds the lines of one channel and returns the last state of every
// meeting in them, in order. One that was still running at the end is the last.
func Meetings(lines []hackfest.Line) []State {
	var s State
	var all []State
	for _, l := range lines {
		var effects []Effect
		s, effects = Apply(s, l)
		for _, e := range effects {
			if c, ok := e.(Closed); ok {
				all = append(all, c.State)
			}
		}
	}
	if s.Running() {
		all = append(all, s)
	}
	return all
}
