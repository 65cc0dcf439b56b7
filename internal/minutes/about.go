package minutes

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Status is how far minutes have come.
type Status string

const (
	Running   Status = "running"   // the meeting is not over
	Draft     Status = "draft"     // as noted in the channel; nobody has published them
	Published Status = "published" // by a maintainer
	Corrected Status = "corrected" // after they were published
)

// About is what belongs to the minutes of a stored meeting and was not noted in
// it: where it stands, and what people wrote and published afterwards. The zero
// About is that of a log of which no more is known.
type About struct {
	Status      Status        `json:"status" is:"running|draft|published|corrected"`
	Zone        string        `json:"zone" about:"IANA name; renderings for people show times in it"`
	Summary     string        `json:"summary" about:"as its author wrote it"` // "" when nobody has
	PublishedAt Time          `json:"published_at"`                           // the first time; zero for what is not
	Corrections []Correction  `json:"corrections"`                            // oldest first
	States      []ActionState `json:"action_states"`                          // of actions as they stand today; those of which nothing is known are not there
	Session     Place         `json:"session"`
	Series      Place         `json:"series"`   // empty for a one-off
	Target      Place         `json:"target"`   // empty when it has none
	Previous    Place         `json:"previous"` // session in the series, or on the target; empty when it is the first
	Next        Place         `json:"next"`
	URL         string        `json:"url" is:"uri" about:"the meeting: its live page while it runs"`
	Log         string        `json:"log" is:"uri" about:"its first line in the log"`
	Calendar    string        `json:"calendar" is:"uri?" about:"the session as an iCalendar file"`
}

// Place is something that has a page.
type Place struct {
	Title string `json:"title"`
	URL   string `json:"url" is:"uri?"` // absolute
}

// ActionState is how an action stands today.
type ActionState struct {
	ID    hackfest.ItemID      `json:"id"`
	State hackfest.ActionState `json:"state" is:"open|done|carried|dropped"`
}

// Correction says what a revision of published minutes changed.
type Correction struct {
	At   Time   `json:"at"`
	Note string `json:"note"`
}

// Document are minutes with what belongs to them: the JSON that the portal
// answers.
type Document struct {
	Minutes
	About
}

// JSON is m with all that o knows about it, two blanks deep.
func JSON(m Minutes, o Options) ([]byte, error) {
	about := o.About
	if about.Corrections == nil {
		about.Corrections = []Correction{}
	}
	if about.States == nil {
		about.States = []ActionState{}
	}
	body, err := json.MarshalIndent(Document{m, about}, "", "  ")
	return append(body, '\n'), err
}

// ActionNote is the day an action is due and how it stands today, to put behind
// its text; "" when neither is known.
func (o Options) ActionNote(i Item) string {
	var parts []string
	if !i.Due.IsZero() {
		parts = append(parts, "due "+i.Due.Format(time.DateOnly))
	}
	for _, s := range o.About.States {
		if s.ID == i.ID {
			parts = append(parts, actionWords[s.State])
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// actionWords are how actions stand, for people.
var actionWords = map[hackfest.ActionState]string{
	hackfest.ActionOpen: "open", hackfest.ActionDone: "done", hackfest.ActionCarried: "carried over", hackfest.ActionDropped: "dropped",
}

// Standing says how far the minutes have come: "Published 2012-08-16 10:00 PDT".
func (o Options) Standing() string {
	switch a := o.About; a.Status {
	case Running:
		return "The meeting is not over; this is what was noted so far"
	case Draft:
		return "Draft: as noted in the channel, not published yet"
	case Published:
		return "Published " + o.At(a.PublishedAt)
	case Corrected:
		s := "Published " + o.At(a.PublishedAt)
		if n := len(a.Corrections); n > 0 {
			s += ", corrected " + o.At(a.Corrections[n-1].At)
		}
		return s
	}
	return ""
}

// Field is a line of the head that renderings share.
type Field struct {
	Name string
	Text string // "" when the address is all
	URL  string // where Text leads to; "" when nowhere
}

// Places are where the meeting belongs and where more of it is, as far as that is
// known.
func (o Options) Places(m Minutes) []Field {
	a := o.About
	var list []Field
	add := func(name, text, url string) {
		if text != "" || url != "" {
			list = append(list, Field{Name: name, Text: text, URL: url})
		}
	}
	add("Target", a.Target.Title, a.Target.URL)
	add("Series", a.Series.Title, a.Series.URL)
	add("Before", a.Previous.Title, a.Previous.URL)
	add("After", a.Next.Title, a.Next.URL)
	page := o.MeetingURL(m)
	if a.Status == Running {
		add("Live", "", page)
	} else {
		add("Page", "", page)
	}
	add("Log", "", a.Log)
	add("Calendar", "", a.Calendar)
	return list
}

// Paragraphs splits text that people wrote at its empty lines.
func Paragraphs(text string) []string {
	var list []string
	for _, p := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}
