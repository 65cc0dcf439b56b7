package minutes

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// Options are what a rendering needs beside the minutes.
type Options struct {
	BaseURL string         // of the portal, without a slash at the end; "" leaves out links to it
	Zone    *time.Location // times are shown in; nil is UTC
	About   About          // what belongs to them and was not noted in the meeting
	Outcome Outcome        // what changed in its session's repositories

	Issues map[Issue]KnownIssue // what is known of the issues that were named; nil when nobody looked
}

// ItemLabels are the kinds of items as people read them.
var ItemLabels = map[meeting.ItemKind]string{
	meeting.Info: "Info", meeting.Action: "Action", meeting.Agreed: "Agreed", meeting.Accepted: "Accepted",
	meeting.Rejected: "Rejected", meeting.Idea: "Idea", meeting.Help: "Help wanted", meeting.Link: "Link",
	meeting.Lesson: "Lesson", meeting.Voted: "Vote",
}

func (o Options) zone() *time.Location {
	if o.Zone == nil {
		return time.UTC
	}
	return o.Zone
}

// DueNote is the day an action is due, to put behind its text; "" without one.
func (i Item) DueNote() string {
	if i.Due.IsZero() {
		return ""
	}
	return " (due " + i.Due.Format(time.DateOnly) + ")"
}

// labelled is a lesson with what it tells people to do.
func (l Lesson) labelled() string {
	if label := l.Label(); label != "" {
		return label + ": " + l.Text
	}
	return l.Text
}

// At writes an instant with its full date and zone: "2012-08-10 18:17 UTC".
func (o Options) At(t Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(o.zone()).Format("2006-01-02 15:04 MST")
}

// When writes when m was held: "Friday 2012-08-10, 18:17 to 19:02 UTC (45 min)".
// Both ends carry their date when it is not the same.
func (o Options) When(m Minutes) string {
	start := m.StartedAt.In(o.zone())
	if !m.Ended() {
		return start.Format("Monday 2006-01-02, 15:04 MST") + " (not ended)"
	}
	end := m.EndedAt.In(o.zone())
	long := " (" + meeting.Span(end.Sub(start)) + ")"
	sameDay := start.Format(time.DateOnly) == end.Format(time.DateOnly)
	sameZone := start.Format("MST") == end.Format("MST")
	switch {
	case sameDay && sameZone:
		return start.Format("Monday 2006-01-02, 15:04") + end.Format(" to 15:04 MST") + long
	case sameDay:
		return start.Format("Monday 2006-01-02, 15:04 MST") + end.Format(" to 15:04 MST") + long
	}
	return start.Format("Monday 2006-01-02, 15:04 MST") + end.Format(" to Monday 2006-01-02, 15:04 MST") + long
}

// Short writes an instant of m with its zone, and with the date unless that is
// the day on which m began, which the header says.
func (o Options) Short(m Minutes, at Time) string {
	t := at.In(o.zone())
	if t.Format(time.DateOnly) == m.StartedAt.In(o.zone()).Format(time.DateOnly) {
		return t.Format("15:04 MST")
	}
	return t.Format("2006-01-02 15:04 MST")
}

// MeetingURL is the page of m; "" without a base URL.
func (o Options) MeetingURL(m Minutes) string {
	if o.BaseURL == "" || m.ID.IsZero() {
		return ""
	}
	return o.BaseURL + "/meetings/" + m.ID.String()
}

// LineURL is the permanent address of a log line; "" without a base URL.
func (o Options) LineURL(r hackfest.Ref) string {
	if o.BaseURL == "" || r.IsZero() {
		return ""
	}
	return o.BaseURL + "/l/" + r.String()
}

// KnownIssue is what is known of an issue now.
type KnownIssue struct {
	Title string
	State string // "open", "closed", "merged"
	URL   string // of its page
}

// Issue is what is known of i. Where nobody looked only its page on github.com is known; an
// issue of which nothing is known has no page.
func (o Options) Issue(i Issue) KnownIssue {
	if o.Issues == nil {
		return KnownIssue{URL: hackfest.IssueRef(i).Page(hackfest.PublicGitHub)}
	}
	k := o.Issues[i]
	k.Title = oneLine(k.Title)
	return k
}

func (i Issue) String() string { return hackfest.IssueRef(i).String() }

// about is ": title (state)" of an issue that is known.
func (k KnownIssue) about() string {
	if k.State == "" {
		return ""
	}
	return ": " + k.Title + " (" + k.State + ")"
}

// oneLine makes people's text fit for one line of a text: control characters
// become blanks, and what turns the direction of the text around it goes.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r == '\u200e', r == '\u200f', r == '\u061c', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// Where is the channel and its network; "" when a log names neither.
func (m Minutes) Where() string {
	switch {
	case m.Channel == "":
		return m.Network
	case m.Network == "":
		return m.Channel
	}
	return m.Channel + " on " + m.Network
}

// counted writes people with how much they said: "ann (12 lines), bob (1 line)".
func counted(people []Person) []string {
	var list []string
	for _, p := range people {
		name := p.Nick
		if p.Alias != "" && p.Alias != p.Nick {
			name += " (" + p.Alias + ")"
		}
		if p.Lines > 0 {
			name += " (" + irctext.Count(p.Lines, "line") + ")"
		}
		list = append(list, name)
	}
	return list
}

// Tally is a vote's tally as people read it: "yes 2 (ann, bob), no 0".
func (v Vote) Tally() string {
	var list []string
	for _, o := range v.Options {
		s := o.Option + " " + strconv.Itoa(o.Count)
		if len(o.Voters) > 0 {
			s += " (" + strings.Join(o.Voters, ", ") + ")"
		}
		list = append(list, s)
	}
	if v.Secret {
		return strings.Join(list, ", ") + " (secret)"
	}
	return strings.Join(list, ", ")
}
