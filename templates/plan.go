package templates

import (
	"net/url"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// PlanPage is a form about the schedule, or what it would do.
type PlanPage struct {
	Frame
	Crumb    *LogLink // what it is about; nil for something new
	Heading  string
	Lead     string // what the form is for; may be empty
	Path     string // of the form
	Back     string // leads away and changes nothing
	Button   string
	Form     ui.Form
	Revision string // of what is changed; "" for something new
	Closed   string // why nothing can be changed here; then there is no form
}

// SeriesFields is what the form of a series holds before anything was typed.
type SeriesFields struct {
	Title, Kind, Channel, Target, About, Visibility string
	Repeat, Every, Days, Nth, Weekday, Rule         string
	From, Time, Zone, Length                        string
	Overlap                                         bool   // it may share its channel's time
	New                                             bool   // there is no such series yet
	Chair                                           string // of a new one
	Host                                            string
	Channels, Targets, Zones                        []ui.Choice
}

// SessionFields is what the form of a session holds before anything was typed.
type SessionFields struct {
	Title, Kind, Channel, Target, Goal, Visibility string
	Date, Time, Zone, Length, Reason               string
	Proposed                                       bool   // it waits for a chair
	Chair                                          string // of a new one
	Host                                           string
	Channels, Targets, Zones                       []ui.Choice
	Others                                         []ui.Choice // sessions that may be held instead
}

// PlanPreview is what a change would do, before it is done.
type PlanPreview struct {
	Facts   []PlanFact
	Dates   *PlanDates
	Notes   []string // what is special about some of the dates
	Clashes *PlanClashes
	Chairs  []string // sentences about chairs that are booked twice
	Ribbon  *chart.Ribbon
	Told    []PlanTold
	Late    string // why calendars do not learn of it in time; "" when they do
	Done    string // what cannot be taken back, or how it can
	Values  url.Values
	Button  string
}

// PlanFact is one thing that would be so.
type PlanFact struct{ Name, Text string }

// PlanDates are the next dates, in the zones that matter.
type PlanDates struct {
	Caption string
	Columns []string // heads, the first is that of the row
	Rows    [][]string
}

// PlanClashes are the dates on which something else has the channel.
type PlanClashes struct {
	Said     string // "It collides on 14 dates, first Wed 11 Mar 2026."
	Rows     []PlanClash
	More     string // how many are not listed; "" when all are
	Override bool   // it can be allowed
}

// PlanClash is one such date.
type PlanClash struct {
	When        ui.Span
	Title, Href string // "" when it is not for the reader
}

// PlanTold is one place where people learn of a change.
type PlanTold struct{ Where, What, When string }

// weekdayChoices are the days of a week.
func weekdayChoices() []ui.Choice {
	return []ui.Choice{
		{Value: "MO", Text: "Monday"},
		{Value: "TU", Text: "Tuesday"},
		{Value: "WE", Text: "Wednesday"},
		{Value: "TH", Text: "Thursday"},
		{Value: "FR", Text: "Friday"},
		{Value: "SA", Text: "Saturday"},
		{Value: "SU", Text: "Sunday"},
	}
}

// nthChoices are the places of a weekday in its month.
func nthChoices() []ui.Choice {
	return []ui.Choice{
		{Value: "1", Text: "First"},
		{Value: "2", Text: "Second"},
		{Value: "3", Text: "Third"},
		{Value: "4", Text: "Fourth"},
		{Value: "5", Text: "Fifth, where there is one"},
		{Value: "-1", Text: "Last"},
	}
}

func kindChoices() []ui.Choice {
	return []ui.Choice{{Value: "hackfest", Text: "Hackfest"}, {Value: "meeting", Text: "Meeting"}}
}

func seenByChoices() []ui.Choice {
	return []ui.Choice{{Value: "public", Text: "Everybody"}, {Value: "members", Text: "Members"}}
}

// repeatChoices are the ways in which a series may repeat.
func repeatChoices() []ui.Choice {
	return []ui.Choice{
		{Value: "weeks", Text: "Every so many weeks, on certain days"},
		{Value: "month", Text: "Once a month, on a certain weekday"},
		{Value: "rule", Text: "By a rule of my own"},
	}
}
