package meeting

import (
	"slices"
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/irctext"
)

// poll is what votes rest on and pages do not see.
type poll struct {
	ballots []ballot // of the open vote, in the order in which they were cast, one for a person
	voters  []int    // places in People of those who may vote; nil when everybody may
	quorum  int
	secret  bool // the next vote is
}

// ballot is somebody's vote.
type ballot struct {
	person int // place in People
	option int // place in Vote.Options
}

// vote answers #vote in the channel.
func (t *turn) vote() {
	v := t.s.openVote()
	switch {
	case v == nil:
		t.notCounted(noVote)
	case v.Secret:
		t.notCounted("this vote is secret, so that one was not counted: " + t.privately("OPTION"))
	default:
		if wrong := t.cast(v, t.arg); wrong != "" {
			t.notCounted(wrong)
		}
	}
}

// notCounted answers a vote that does not count: in the channel, at most once a
// minute per person, else to that person, so that nobody takes silence for yes.
func (t *turn) notCounted(why string) {
	before := len(t.out)
	t.refuse(why)
	if len(t.out) == before {
		t.tell(why)
	}
}

// plusOne takes +1, -1, +0, -0 and 0 alone on a line as votes while a yes/no
// vote is open, and reports whether the line is one.
func (t *turn) plusOne() bool {
	v := t.s.openVote()
	if v == nil || len(t.text) > 20 {
		return false
	}
	answer, ok := shorthand[seen(t.text)]
	if !ok || !v.yesNo() {
		return false
	}
	t.arg = answer
	t.vote()
	return true
}

// shorthand are the answers people type by habit.
var shorthand = map[string]string{"+1": yes, "-1": no, "+0": abstain, "-0": abstain, "0": abstain}

// private takes in a vote that came by private message. Whoever sends it need
// not have spoken, and does not speak by it.
func (t *turn) private() {
	l := t.line
	if l.Self || l.Bot {
		return
	}
	t.s.spokeAt = l.At
	t.recognise()
	if l.Text == "" {
		t.emptied()
		return
	}
	word, arg, ok := commandWord(irctext.Strip(l.Text))
	if !ok || word != "vote" {
		return
	}
	arg = clean(arg)
	if first, rest, _ := strings.Cut(arg, " "); t.s.fold.Equal(first, l.Channel) {
		arg = strings.TrimSpace(rest)
	}
	v := t.s.openVote()
	switch {
	case v == nil:
		t.tell("No vote is open in " + l.Channel + ".")
	case !v.Secret:
		t.tell("The vote in " + l.Channel + " is open, with names: say #vote OPTION there. This one was not counted.")
	case arg == "":
		t.tell("Say what you vote for: " + t.privately("OPTION"))
	default:
		wrong := t.cast(v, arg)
		if wrong == "" {
			wrong = "Counted: " + v.Options[t.ballotOf(t.by)].Option + ". Your last vote counts."
		}
		t.tell(wrong)
	}
}

// cast counts answer as the author's vote, or says why not.
func (t *turn) cast(v *Vote, answer string) (wrong string) {
	if wrong := t.mayNotVote(); wrong != "" {
		return wrong
	}
	option, near := v.find(answer)
	switch {
	case option >= 0:
	case len(near) > 1:
		return "not clear which: " + strings.Join(near, " or ")
	case len(near) == 1:
		return "say all of it: #vote " + near[0]
	default:
		var names []string
		for _, o := range v.Options {
			names = append(names, o.Option)
		}
		return "no such option; there are " + strings.Join(names, ", ")
	}
	t.castBallot(v, option)
	return ""
}

func (t *turn) castBallot(v *Vote, option int) {
	b := slices.DeleteFunc(slices.Clone(t.s.poll.ballots), func(b ballot) bool { return b.person == t.by })
	t.s.poll.ballots = append(b, ballot{person: t.by, option: option})
	w := t.counted(*v)
	t.setVote(len(t.s.Votes)-1, w)
	t.out[len(t.out)-1] = VoteMoved{Vote: w, Ballot: true}
}

// mayNotVote says why the author's vote cannot count; "" when it can. Somebody
// who came back under a nick with nothing to show for it does not vote for the
// account that was seen with it, nor for a name on the list of voters.
func (t *turn) mayNotVote() string {
	p := t.s.People[t.by]
	unproven := p.unproven && !t.fromWeb()
	switch {
	case !t.onList(t.by):
		return "only voters: " + told(t.voterNames())
	case unproven && (p.account != "" || p.was != ""):
		return "log in to the services account this nick had to vote under it"
	case unproven && t.s.poll.voters != nil && !p.vouched:
		return "this nick was away and its account is not known: a chair can name you again with #voters"
	}
	return ""
}

// onList reports whether the person at i may vote: they are on the list, or
// their account is, by a name under which nobody was seen.
func (t *turn) onList(i int) bool {
	if t.s.poll.voters == nil {
		return true
	}
	return slices.ContainsFunc(t.s.poll.voters, func(k int) bool {
		listed := t.s.People[k]
		return k == i || listed.Absent && t.s.People[i].account != "" && listed.nick == t.s.People[i].account
	})
}

// counted returns v with the ballots as they are. While a secret vote is open,
// only their number shows.
func (t *turn) counted(v Vote) Vote {
	v.Voters = t.voterNames()
	v.Cast = 0
	v.Options = slices.Clone(v.Options)
	for i := range v.Options {
		v.Options[i].Count, v.Options[i].Voters = 0, nil
	}
	for _, b := range t.s.poll.ballots {
		if !t.onList(b.person) {
			continue
		}
		v.Cast++
		if b.option == unknown {
			continue
		}
		o := &v.Options[b.option]
		if !v.Secret {
			o.Voters = append(o.Voters, t.s.People[b.person].Nick)
		}
		if !v.Secret || !v.Open {
			o.Count++
		}
	}
	return v
}

// ballotOf returns the option the person at i voted for; -1 without one.
func (t *turn) ballotOf(i int) int {
	for _, b := range t.s.poll.ballots {
		if b.person == i {
			return b.option
		}
	}
	return -1
}

// voterNames are the current nicks on the list of voters; nil without a list.
func (t *turn) voterNames() []string {
	var names []string
	for _, i := range t.s.poll.voters {
		names = append(names, t.s.People[i].Nick)
	}
	return names
}

// maxVoters is how long the list of voters may be.
const maxVoters = 200

// voters answers #voters: who may vote from here on, the open vote included.
func (t *turn) voters() {
	var unseen []string
	switch strings.ToLower(t.arg) {
	case "all", "none", "everybody", "everyone":
		t.s.poll.voters = nil
	default:
		var list []int
		for _, nick := range t.namesUpTo(maxVoters) {
			i := t.voter(nick)
			if t.s.People[i].Absent {
				unseen = append(unseen, nick)
			}
			if !slices.Contains(list, i) {
				list = append(list, i)
			}
		}
		if list == nil {
			t.refuse("say who votes: #voters NICK NICK, or all")
			return
		}
		t.s.poll.voters = list
	}
	t.recount()
	switch {
	case t.s.poll.voters == nil:
		t.say("Everybody may vote.")
	case len(unseen) > 0:
		t.say("Voters: " + told(t.voterNames()) + ". Not seen here yet: " + told(unseen) + ".")
	default:
		t.say("Voters: " + told(t.voterNames()) + ".")
	}
}

// voter finds whom name on a list of voters means: who has it as a nick, else
// as an account, else who had it as a nick. A chair who names somebody vouches
// for their vote.
func (t *turn) voter(name string) int {
	folded := t.s.fold.Fold(name)
	i := t.holder(folded)
	if i < 0 {
		i = slices.IndexFunc(t.s.People, func(p *Person) bool { return p.account == folded })
	}
	if i < 0 {
		i = t.named(name)
	}
	if p := t.s.People[i]; p.here && p.unproven {
		t.edit(i).vouched = true
	}
	return i
}

// setQuorum answers #quorum.
func (t *turn) setQuorum() {
	n, err := strconv.Atoi(t.arg)
	if strings.EqualFold(t.arg, "none") {
		n, err = 0, nil
	}
	if err != nil || n < 0 || n > 10_000 {
		t.refuse("say how many must vote: #quorum 5, or none")
		return
	}
	t.s.poll.quorum = n
	if v := t.s.openVote(); v != nil {
		w := *v
		w.Quorum = n
		t.setVote(len(t.s.Votes)-1, w)
	}
	if n == 0 {
		t.say("Any number of votes will do.")
		return
	}
	t.say("Quorum: " + strconv.Itoa(n) + ".")
}

// secretVote answers #secretvote: the open vote, while nobody has voted, or the
// next one is by private message.
func (t *turn) secretVote() {
	v := t.s.openVote()
	switch {
	case strings.EqualFold(t.arg, "off") && v == nil:
		t.s.poll.secret = false
		t.say("The next vote is open, with names.")
	case t.arg != "":
		t.refuse("#secretvote stands alone, before #startvote; #secretvote off takes it back")
	case v == nil:
		t.s.poll.secret = true
		t.say("The next vote is secret: cast by private message, counted without names.")
	case v.Secret:
		t.refuse("this vote is secret already")
	case len(t.s.poll.ballots) > 0:
		t.refuse("votes have been cast openly; #endvote, then #secretvote and #startvote again")
	default:
		w := *v
		w.Secret = true
		t.setVote(len(t.s.Votes)-1, w)
		t.say(t.call(w))
	}
}

// recount brings the open vote in line with the ballots, the names and the list
// of voters.
func (t *turn) recount() {
	v := t.s.openVote()
	if v == nil {
		return
	}
	if w := t.counted(*v); !v.same(w) {
		t.setVote(len(t.s.Votes)-1, w)
	}
}

// same reports whether two counts of a vote are equal.
func (v *Vote) same(w Vote) bool {
	return v.Cast == w.Cast && slices.Equal(v.Voters, w.Voters) && slices.EqualFunc(v.Options, w.Options, func(a, b VoteOption) bool {
		return a.Count == b.Count && slices.Equal(a.Voters, b.Voters)
	})
}

// movePeople follows a change of places in People, in which two can become one:
// of two ballots of one person the newer counts, in the queue the earlier.
func (t *turn) movePeople(place func(int) int) {
	var ballots []ballot
	for _, b := range slices.Backward(t.s.poll.ballots) {
		b.person = place(b.person)
		if !slices.ContainsFunc(ballots, func(o ballot) bool { return o.person == b.person }) {
			ballots = append(ballots, b)
		}
	}
	slices.Reverse(ballots)
	var voters []int
	for _, i := range t.s.poll.voters {
		if i = place(i); !slices.Contains(voters, i) {
			voters = append(voters, i)
		}
	}
	t.s.poll.ballots, t.s.poll.voters = ballots, voters
	var queue []queued
	for _, q := range t.s.queue {
		q.person = place(q.person)
		if !slices.ContainsFunc(queue, func(o queued) bool { return o.person == q.person }) {
			queue = append(queue, q)
		}
	}
	t.s.queue = queue
	t.namesMoved = true
}
