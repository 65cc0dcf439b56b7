package announce

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Question is what somebody asks the bot.
type Question struct {
	Name  string // of a command, without its "!", as in "next"
	Arg   string // what stands behind it; may be empty
	Zone  string // of who asks, IANA name; "" when nobody knows it
	Brief bool   // one line must do: a meeting runs
}

// command is one word people can ask with. The help is made from this table.
type command struct {
	name, args string
	answer     func(a asked) []string // nil for help itself, and what is no question
	always     bool                   // it can be answered without any facts
	deed       bool                   // it is no question: something is to be done
	ops        bool                   // not for everybody
	help       string                 // for the manual
}

var commands = []command{
	{name: "next", answer: next, help: "The session that runs, else the next one."},
	{name: "schedule", args: "[n]", answer: schedule, help: "The next three sessions, or n of them, ten at most."},
	{name: "targets", answer: targets, help: "The targets, with how far each is."},
	{name: "target", args: "NAME", answer: target, help: "One of them; a part of its name will do."},
	{name: "lessons", args: "[TARGET]", answer: lessons, help: "What was learned last, of all targets or of one."},
	{name: "time", args: "[ZONE or CITY]", answer: clock, always: true, help: "What time it is, and when the next session is, in that zone: `!time Asia/Kolkata`, `!time kolkata`."},
	{name: "idea", args: "TEXT", deed: true, help: "Proposes a target."},
	{name: "coming", args: "[SESSION]", deed: true, help: "Says that you come, to the next session of the channel or to the one named: by the name in its address, or of its series, or by its date."},
	{name: "regrets", args: "[SESSION]", deed: true, help: "Says that you do not come."},
	{name: "quiet", args: "[30m]", deed: true, ops: true, help: "Keeps the bot from saying anything unasked in the channel for a while, at most a day: announcements, greetings, hints, the topic. What it is asked it answers, and a meeting goes on as ever."},
	{name: "speak", deed: true, ops: true, help: "Ends that."},
	{name: "help", always: true, help: "What can be asked, in one line."},
}

// Command describes one for the manual.
type Command struct {
	Name string // without the "!"
	Args string
	Help string
	Ops  bool // for operators of the channel and chairs
}

// Commands lists them in the order of the manual.
func Commands() []Command {
	list := make([]Command, len(commands))
	for i, c := range commands {
		list[i] = Command{c.name, c.args, c.help, c.ops}
	}
	return list
}

// Deed reports whether q asks for something to be done, which Answer cannot.
func (q Question) Deed() bool {
	return slices.ContainsFunc(commands, func(c command) bool { return c.name == q.Name && c.deed })
}

// asked is a question with what is needed to answer it.
type asked struct {
	Question
	Facts
	base    string
	network string // on which it was asked
	now     time.Time
	lines   int // that the answer may have
	size    int // bytes that each may have
}

const (
	aged     = time.Minute // facts of that age are told as such
	maxLines = 2
)

// Parse reads a question out of what somebody said in a channel, or, with alone
// set, to the bot alone, where the "!" may be missing from a question; what is to be
// done needs it, so that nobody does it by talking. What begins like one and is
// none is not ours to answer.
func Parse(text string, alone bool) (Question, bool) {
	text, marked := strings.CutPrefix(clean(text), "!")
	if !marked && !alone {
		return Question{}, false
	}
	word, arg, _ := strings.Cut(text, " ")
	word = strings.ToLower(word)
	if !slices.ContainsFunc(commands, func(c command) bool { return c.name == word }) {
		return Question{}, false
	}
	q := Question{Name: word, Arg: strings.TrimSpace(arg)}
	if q.Deed() && !marked {
		return Question{}, false
	}
	return q, true
}

// Answer answers q, which Parse has read, from f in one or two lines. base is
// the portal's URL without a slash at the end; network is where q was asked.
// Facts that are not fresh are used and told as such; without any there is one
// line that says so.
func Answer(f Facts, q Question, network, base string, now time.Time) []string {
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == q.Name })
	if i < 0 || commands[i].answer == nil {
		return []string{Help(base)}
	}
	if f.At.IsZero() && !commands[i].always {
		return unavailable(base)
	}
	a := asked{Question: q, Facts: f, base: base, network: network, now: now, lines: maxLines, size: maxLine}
	if q.Brief {
		a.lines = 1
	}
	note := ""
	if age := now.Sub(f.At); age >= aged && !f.At.IsZero() {
		note = " (as of " + span(age.Truncate(time.Minute)) + " ago: the database does not answer)"
		a.size -= len(note)
	}
	lines := commands[i].answer(a)
	lines[len(lines)-1] += note
	return lines
}

// Help says what can be asked.
func Help(base string) string {
	var words []string
	for _, c := range commands {
		if !c.deed {
			words = append(words, strings.TrimSpace("!"+c.name+" "+c.args))
		}
	}
	return "I answer " + strings.Join(words, ", ") + ", also in private, and note !idea TEXT, !coming and !regrets. #startmeeting TITLE begins a meeting. " + base + "/schedule"
}

// Hint answers what was said to the bot alone and is no question.
func Hint(base string) string {
	return "I do not keep what is said to me alone, and do not understand this. " + Help(base)
}

// session is the session to be at: one that runs, else one whose time it is,
// else the next.
func (a asked) session() (hackfest.Session, bool) {
	best, rank := hackfest.Session{}, 0
	for _, s := range a.Sessions {
		r := 0
		switch s.Status(a.now) {
		case hackfest.StatusLive:
			if r = 2; s.Running > 0 {
				r = 3
			}
		case hackfest.StatusScheduled:
			r = 1
		}
		if r > rank {
			best, rank = s, r
		}
	}
	return best, rank > 0
}

// next answers !next.
func next(a asked) []string {
	s, ok := a.session()
	if !ok {
		return []string{"Nothing is scheduled. " + a.base + "/schedule"}
	}
	return []string{a.about(s, cmp.Or(a.Zone, s.Zone))}
}

// about is one line about a session, with its time in zone.
func (a asked) about(s hackfest.Session, zone string) string {
	begin, url, in := "Next: ", a.base+"/next", ""
	switch left := s.StartsAt.Sub(a.now); {
	case s.Status(a.now) == hackfest.StatusLive:
		begin, in = "Live now: ", "since "
	case left <= enough:
		url = "in " + span(left) + " · " + a.where(s) + " · " + url
	default:
		url = a.where(s) + " · " + url
	}
	if in != "" {
		url = a.where(s) + " · " + a.base + "/sessions/" + s.Slug
	}
	end := " · " + in + When(s.StartsAt, zone) + " · " + url
	return begin + cut(title(s.Title), max(a.size-len(begin)-len(end), 20)) + end
}

// where is the channel of a session, with its network when that is another one
// than the asker's.
func (a asked) where(s hackfest.Session) string {
	if s.Network != a.network && a.network != "" {
		return clean(s.Channel) + " on " + clean(s.Network)
	}
	return clean(s.Channel)
}

// schedule answers !schedule [n].
func schedule(a asked) []string {
	const usual, most = 3, 10
	n, err := strconv.Atoi(a.Arg)
	if err != nil || n < 1 {
		n = usual
	}
	var entries []string
	for _, s := range a.Sessions {
		entry := short(s.StartsAt, a.now, cmp.Or(a.Zone, s.Zone)) + " " + cut(clean(s.Title), maxTitle*2/3) + " " + a.where(s)
		switch s.Status(a.now) {
		case hackfest.StatusLive:
			entry = "live now: " + entry
		case hackfest.StatusScheduled:
		case hackfest.StatusCancelled:
			if !s.EndsAt.After(a.now) {
				continue
			}
			entry += " (cancelled)"
		default:
			continue
		}
		entries = append(entries, entry)
	}
	if len(entries) == 0 {
		return next(a)
	}
	n = min(n, most, len(entries))
	return pack("Schedule: ", entries[:n], a.base+"/schedule", n < len(entries), a.lines, a.size)
}

// clock answers !time [zone].
func clock(a asked) []string {
	zone := cmp.Or(a.Zone, "UTC")
	if a.Arg != "" {
		if zone = FindZone(a.Arg); zone == "" {
			return []string{"I do not know that zone. Write it as in !time Asia/Kolkata, or a city: !time Kolkata"}
		}
	}
	s, ok := a.session()
	switch {
	case !ok:
		return []string{"It is " + When(a.now, zone) + ". " + a.base + "/schedule"}
	case a.Arg == "":
		begin := "It is " + hour(a.now, zone) + ". "
		a.size -= len(begin)
		return []string{begin + a.about(s, cmp.Or(a.Zone, s.Zone))}
	}
	return []string{a.about(s, zone)}
}
