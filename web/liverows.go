package web

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// pageState is what a live page shows: the stream of the page tells it to load
// itself again when that is over.
type pageState struct {
	status  hackfest.SessionStatus
	meeting hackfest.Ref // that runs; zero when none does
}

// String writes p as it stands in the stream's address.
func (p pageState) String() string {
	if p.meeting.IsZero() {
		return string(p.status)
	}
	return string(p.status) + "." + p.meeting.String()
}

// parsePageState reads what String wrote. What it cannot read is a state that
// is over at once, so that the page loads itself again.
func parsePageState(s string) pageState {
	status, ref, _ := strings.Cut(s, ".")
	p := pageState{status: hackfest.SessionStatus(status)}
	p.meeting, _ = hackfest.ParseRef(ref) // no meeting when there is none
	return p
}

// over reports whether a session of status now looks different from p.
func (p pageState) over(now hackfest.SessionStatus) bool { return p.status != now }

// left reports whether the meeting of p ended, or one began that p has not.
// changed is the meeting of p if anything about it changed.
func (p pageState) left(changed *hackfest.Meeting, s hackfest.Session) bool {
	if p.meeting.IsZero() {
		return s.Running > 0
	}
	return s.Running == 0 || changed != nil && !changed.Running()
}

// liveRows writes what changed as rows of a live page.
type liveRows struct {
	clock ui.Clock
	zone  string // IANA name
}

func (l liveRows) log() rowWriter { return rowWriter{clock: l.clock, zone: l.zone, tail: true} }

// liveLists are the lists beside the log of a live page.
var liveLists = []struct {
	id, title string
	kinds     []meeting.ItemKind
}{
	{"decided", "Decided", []meeting.ItemKind{meeting.Agreed, meeting.Accepted, meeting.Rejected}},
	{"actions", "Actions", []meeting.ItemKind{meeting.Action}},
	{"lessons", "Lessons", []meeting.ItemKind{meeting.Lesson}},
	{"noted", "Noted", []meeting.ItemKind{meeting.Info, meeting.Idea, meeting.Help, meeting.Voted}},
	{"links", "Links", []meeting.ItemKind{meeting.Link}},
}

// listOf is the list that items of kind k stand in.
func listOf(k meeting.ItemKind) string {
	for _, list := range liveLists {
		for _, kind := range list.kinds {
			if kind == k {
				return list.id
			}
		}
	}
	return "noted"
}

// lists sorts items into the lists of a page.
func (l liveRows) lists(items []store.ItemRow) []templates.LiveList {
	all := make([]templates.LiveList, len(liveLists))
	for i, list := range liveLists {
		all[i] = templates.LiveList{ID: list.id, Title: list.title}
		for _, item := range items {
			if listOf(item.Kind) == list.id {
				all[i].Items = append(all[i].Items, l.item(item))
			}
		}
	}
	return all
}

// item is the row of one item.
func (l liveRows) item(i store.ItemRow) templates.ItemRow {
	row := templates.ItemRow{
		ID: templates.ItemElement(i.ID.String()), At: l.clock.Minute(i.At, l.zone),
		Href: templ.SafeURL(templates.LineURL(i.ID.Ref)), Text: ui.Said(i.Text), Undone: i.Undone, Gone: i.Redacted,
	}
	if i.Redacted {
		return row
	}
	switch i.Kind {
	case meeting.Link:
		row.Link = linkBit(i.URL)
	case meeting.Idea, meeting.Help, meeting.Rejected, meeting.Voted:
		row.Text = append([]ui.Bit{{Text: string(i.Kind) + ": "}}, row.Text...)
	}
	if !i.Due.IsZero() {
		row.Due = "due " + i.Due.Format("Mon 2 Jan")
	}
	return row
}

// linkBit is the URL of a link item, clickable if it may be.
func linkBit(url string) *ui.Bit {
	href, _ := ui.Linkable(url)
	return &ui.Bit{Text: ui.Visible(url), Href: href}
}

// topicRows are the topics of a live page; the last that is not undone is now.
func topicRows(topics []store.TopicRow) []templates.TopicRow {
	var rows []templates.TopicRow
	now := -1
	for _, t := range topics {
		if t.Title == "" {
			continue
		}
		rows = append(rows, templates.TopicRow{ID: t.ID, Title: ui.Visible(t.Title), Subtopic: t.Subtopic, Undone: t.Undone})
		if !t.Undone {
			now = len(rows) - 1
		}
	}
	if now >= 0 {
		rows[now].Now = true
	}
	return rows
}

// html writes c as the rows of the live page of session slug, one template element for each list
// that has any; "" when nothing of it is shown.
func (l liveRows) html(ctx context.Context, slug string, c store.Changes, topics func(context.Context) ([]store.TopicRow, error)) (string, error) {
	var b strings.Builder
	put := func(list string, rows []templ.Component) error {
		if len(rows) == 0 {
			return nil
		}
		ctx := templ.WithChildren(ctx, templ.Join(rows...))
		return templates.LiveRows(list, slug).Render(ctx, &b)
	}
	var tail []templ.Component
	for _, line := range c.Lines {
		tail = append(tail, templates.LogLine(l.log().row(line)))
	}
	if err := put("tail", tail); err != nil {
		return "", err
	}
	items := map[string][]templ.Component{}
	for _, i := range c.Items {
		items[listOf(i.Kind)] = append(items[listOf(i.Kind)], templates.LiveItem(l.item(i)))
	}
	for _, list := range liveLists {
		if err := put(list.id, items[list.id]); err != nil {
			return "", err
		}
	}
	if len(c.Topics) > 0 {
		all, err := topics(ctx)
		if err != nil {
			return "", err
		}
		var rows []templ.Component
		for _, row := range topicRows(all) {
			rows = append(rows, templates.LiveTopic(row))
		}
		if err := put("topics", rows); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}
