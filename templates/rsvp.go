package templates

import "github.com/eucalyptus/hackfest/templates/ui"

// RSVPPage is where somebody says whether they come, and is told what to do then.
type RSVPPage struct {
	Frame
	Title, Href string // of the session
	When        ui.Span
	State       ui.State
	Where       Where
	Host        *ui.Who // nil when nobody is named
	Card        RSVPCard
	Next        *AfterAnswer // nil for who does not come
	Who         WhoComes
}

// RSVPCard is the form by which the reader answers for one session.
type RSVPCard struct {
	Form     ui.Form
	Path     string
	Closed   string // why nobody can answer any more; "" while they can
	Proposed bool   // it is not sure yet that the session takes place
	AskNick  bool
	As       string // nick of who is signed in and has proven one
	Nick     string // in the field
	Needs    string
	First    bool
	Series   string // title; "" for a one-off
	Mail     bool   // the portal sends mail
	Own      string // address that the reader has proven; "" for none
	MaxNeeds int
	Mine     *MyAnswer // nil before
}

// MyAnswer is what the reader answered.
type MyAnswer struct {
	Answer   string // coming, maybe or regrets
	Nick     string
	Series   bool // for all of the series
	Removed  bool // a host took it off the list
	Withdraw string
	Form     ui.Form
}

// said is the answer as it goes on after "You".
func (m MyAnswer) said() string {
	if m.Series {
		return map[string]string{
			"coming":  "are coming to every date of the series",
			"maybe":   "may come to any date of the series",
			"regrets": "are not coming to any date of the series",
		}[m.Answer]
	}
	return map[string]string{"coming": "are coming", "maybe": "may come", "regrets": "are not coming"}[m.Answer]
}

// AfterAnswer is what somebody who comes is told.
type AfterAnswer struct {
	Calendar           []LogLink // none for members
	Command            string    // that examines their machine
	Checks             []string  // what that looks at first
	ByHand             int       // checks beyond those
	Target, TargetHref string    // "" without
}

// WhoComes is who answered for a session.
type WhoComes struct {
	Counts  string // "9 coming, 2 maybe"; "" for none
	Groups  []AnswerGroup
	Inner   bool // the reader looks after the session: with what people need
	Needing int  // how many need something
	First   int  // how many come for the first time
	Removed []AnswerRow
}

// AnswerGroup are those who answered the same.
type AnswerGroup struct {
	Title   string
	Rows    []AnswerRow
	Unnamed int // who is not to be named
}

// people are the group's as running text.
func (g AnswerGroup) people() []ui.Who {
	list := make([]ui.Who, len(g.Rows))
	for i, r := range g.Rows {
		list[i] = r.Who
	}
	return list
}

// AnswerRow is one answer.
type AnswerRow struct {
	Who     ui.Who
	Needs   string // "" for nothing, or when it is not for the reader
	First   bool
	Series  bool
	Remove  string // path of the form that takes it off the list
	Restore string // and of the one that puts it back
	Form    ui.Form
}
