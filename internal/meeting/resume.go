package meeting

import "github.com/eucalyptus/hackfest/internal/hackfest"

// Resumption is where a channel stood when its lines last reached the database:
// what a restarted bot folds before it goes on with its spool.
type Resumption struct {
	Network string
	Channel string          // as the server spells it
	Applied hackfest.Ref    // the last line that was stored; zero before the first
	Lines   []hackfest.Line // the context and all lines of the meeting open at Applied, or ended shortly before; without one only the last context, if any
}
