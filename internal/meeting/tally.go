package meeting

import "github.com/eucalyptus/hackfest/internal/hackfest"

// A secret vote stays secret: when its meeting is over the shell empties the
// private lines it was cast by and keeps what they added up to. So that a replay
// gives the same minutes as the meeting did, the shell marks the lines that were
// counted, and tells a replay the tallies.

// Counted is the Target of a private line that was counted as a vote.
const Counted = "counted"

// Tally is what a secret vote added up to.
type Tally struct {
	Vote   hackfest.ItemID `json:"vote"`
	Counts []int           `json:"counts"` // of its options, in their order
}

// unknown is the option of a ballot whose line is empty by now.
const unknown = -1

// emptied takes in a private line that was counted and has been emptied since.
func (t *turn) emptied() {
	if v := t.s.openVote(); t.line.Target == Counted && v != nil && v.Secret {
		t.castBallot(v, unknown)
	}
}

// withTally puts what was kept of a secret vote that is closed in the place of
// what its empty lines add up to. v's options are the caller's to change.
func (s State) withTally(v Vote) Vote {
	for _, k := range s.tallies {
		if k.Vote == v.ID && !v.Open && v.Secret && len(k.Counts) == len(v.Options) {
			for i := range v.Options {
				v.Options[i].Count = k.Counts[i]
			}
		}
	}
	return v
}
