package meeting

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Vote is a question that was put to the vote. A person has one vote, their
// newest: a services account is a person, else a chain of nicks, as in Person.
type Vote struct {
	ID       hackfest.ItemID // ID.Ref is the #startvote line
	Item     hackfest.ItemID // the item that records the result; zero until the vote has ended
	At       time.Time       // UTC, when it was opened
	Question string
	Options  []VoteOption // at least two
	Secret   bool         // cast by private message: no names, and no counts while it is open
	Open     bool
	Undone   bool     // taken back with #undo: it is not in the minutes
	Result   string   // the option that won, or "no decision" and why; "" while it is open
	Voters   []string // nicks of those who may vote; nil when everybody may
	Quorum   int      // how many must vote for a decision; 0 when any number will do
	Cast     int      // how many have voted
}

// VoteOption is what could be voted for.
type VoteOption struct {
	Option string
	Count  int
	Voters []string // current nicks, in the order of their votes; nil when the vote is secret
}
