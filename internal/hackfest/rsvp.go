package hackfest

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// RSVPID identifies an RSVP inside one database.
type RSVPID int64

// Answer is what somebody says when asked whether they come.
type Answer string

// The answers. Their values are also the database's.
const (
	AnswerComing  Answer = "coming"
	AnswerMaybe   Answer = "maybe"
	AnswerRegrets Answer = "regrets"
)

// Answers lists them in the order in which pages show them.
func Answers() []Answer { return []Answer{AnswerComing, AnswerMaybe, AnswerRegrets} }

// Bounds of what people may answer.
const (
	MaxNick    = 30  // characters of a nick
	MaxNeeds   = 300 // characters of what somebody needs
	MaxAnswers = 500 // answers of nicks without an account, to one session or series
)

// RSVP is what somebody answered: to one session, or to all of its series until
// they say otherwise.
type RSVP struct {
	ID         RSVPID
	Who        string    // person/ID or nick/NETWORK/NICK; the same in all that one person answered
	PersonID   person.ID // zero for who is no more than a nick
	Nick       string    // "" when it is not for the viewer
	Network    string
	Answer     Answer
	Needs      string // to take part; "" for nothing, and when it is not for the viewer
	FirstVisit bool   // they said that they come for the first time; false when that is not for the viewer
	FromSeries bool   // it is their answer to the whole series
	Via        string // "web", "irc" or "api"
	CreatedAt  time.Time
	ChangedAt  time.Time
	RemovedAt  time.Time // when a host took it off the list; zero while it is on it
}

// WhoPerson is what RSVP.Who is for a person with an account.
func WhoPerson(id person.ID) string { return "person/" + strconv.FormatInt(int64(id), 10) }

// WhoNick is what RSVP.Who is for a nick that nobody has proven: the same for all
// spellings that some network takes for one.
func WhoNick(network, nick string) string {
	return "nick/" + network + "/" + irctext.RFC1459.Fold(nick)
}

// GivenRSVP is an answer with what it was given to.
type GivenRSVP struct {
	RSVP
	Session string    // slug; "" for a whole series
	Series  string    // slug; "" for one session
	EndedAt time.Time // UTC, when another answer to the series took its place; zero while it counts
}

// Answering is an answer that somebody gives on the web.
type Answering struct {
	SessionID   SessionID
	WholeSeries bool      // it is for all sessions of its series
	PersonID    person.ID // who is signed in; zero is nobody
	Nick        string    // as it was typed; "" with a PersonID is what that person is called
	Browser     []byte    // hash of the token of their browser; nil without one
	Answer      Answer
	Needs       string
	FirstVisit  bool
	Via         string       // "web" or "api"
	Subscriber  SubscriberID // where mail about it goes; zero for none
}

// Checked is a with its words cleaned, or what is wrong with it: fault.Invalid
// with Field "nick", "answer" or "needs".
func (a Answering) Checked() (Answering, error) {
	a.Nick, a.Needs = strings.TrimSpace(a.Nick), strings.TrimSpace(oneLine(a.Needs))
	switch {
	case a.Nick == "" && a.PersonID == 0:
		return a, fault.On("nick", "Give the nick you have on IRC, or the one you want to have there.")
	case a.Nick != "" && !ValidNick(a.Nick):
		return a, fault.On("nick", "A nick is one word of at most %d letters, digits and any of - _ [ ] { } \\ ` ^ |, and begins with no digit: as in ann_s.", MaxNick)
	case !a.Answer.Valid():
		return a, fault.On("answer", "The answer is coming, maybe or regrets.")
	case utf8.RuneCountInString(a.Needs) > MaxNeeds:
		return a, fault.On("needs", "At most %d characters.", MaxNeeds)
	}
	return a, nil
}

// Valid reports whether a is one of the answers.
func (a Answer) Valid() bool {
	return a == AnswerComing || a == AnswerMaybe || a == AnswerRegrets
}

// ValidNick reports whether IRC takes a nick (RFC 2812 section 2.3.1), of
// MaxNick characters at most.
func ValidNick(nick string) bool {
	for i, r := range nick {
		letter := r >= 'A' && r <= '}' // and the signs that are letters there
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return nick != "" && len(nick) <= MaxNick
}

// Response is an answer that somebody gives on IRC.
type Response struct {
	Network string
	Channel string // as the server spells it; "" in private
	Nick    string
	Account string // of services; "" for none
	Session string // slug of a session or series as it was typed; "" is the next in the channel
	Answer  Answer
	BaseURL string // of the portal, for a link in the reply; "" leaves it out
}

// oneLine is text without control characters.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
