package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// floorNow is what changes in a meeting besides its log and its items, the same
// for all who may see it.
type floorNow struct {
	meeting  hackfest.Ref // that runs; zero when none does
	votes    []store.VoteRow
	queue    []string // as meeting.State.Queue has it
	agenda   []hackfest.AgendaItem
	topic    hackfest.ItemID // that is talked about; zero before the first
	standing []hackfest.Action
	newest   noted // what #undo would take back
}

// noted is something that was noted in a meeting.
type noted struct {
	ID   string // "" for nothing
	Text string // "#agreed images are named by id"
}

// standingMost is how many actions from earlier a live page lists.
const standingMost = 20

// floor reads how the meeting of a session stands. The zero ref means the one
// that runs.
func (s *Server) floor(ctx context.Context, v person.Viewer, x hackfest.Session, running hackfest.Ref) (floorNow, error) {
	var f floorNow
	var err error
	if f.agenda, err = s.Store.Agenda(ctx, v, x.ID); err != nil {
		return f, err
	}
	f.agenda = slices.DeleteFunc(f.agenda, func(i hackfest.AgendaItem) bool { return i.State == hackfest.AgendaDropped })
	if x.SeriesSlug != "" {
		if f.standing, err = s.Store.Actions(ctx, v, store.ActionFilter{Series: x.SeriesSlug, Open: true, Limit: standingMost}); err != nil {
			return f, err
		}
	}
	m, err := s.running(ctx, v, x, running)
	if err != nil || m.Ref.IsZero() {
		return f, err
	}
	f.meeting, f.queue = m.Ref, m.Queue
	if f.votes, err = s.Store.Votes(ctx, v, m.Ref, hackfest.Ref{}); err != nil {
		return f, err
	}
	f.votes = slices.DeleteFunc(f.votes, func(b store.VoteRow) bool { return b.Undone })
	topics, err := s.Store.Topics(ctx, v, m.Ref, hackfest.Ref{})
	if err != nil {
		return f, err
	}
	items, err := s.Store.Items(ctx, v, m.Ref, hackfest.Ref{})
	f.fold(topics, items)
	return f, err
}

// running is the meeting of x that runs; the zero meeting when none does.
func (s *Server) running(ctx context.Context, v person.Viewer, x hackfest.Session, ref hackfest.Ref) (hackfest.Meeting, error) {
	if !ref.IsZero() {
		return s.Store.Meeting(ctx, v, ref)
	}
	list, err := s.Store.MeetingsOfSession(ctx, v, x.ID)
	for _, m := range list {
		if m.Running() {
			return m, nil
		}
	}
	return hackfest.Meeting{}, err
}

// newest is what #undo would take back in the meeting of x that runs.
func (s *Server) newest(ctx context.Context, v person.Viewer, x hackfest.Session) (noted, error) {
	f, err := s.floor(ctx, v, x, hackfest.Ref{})
	return f.newest, err
}

// fold finds out what is talked about, and what was noted last.
func (f *floorNow) fold(topics []store.TopicRow, items []store.ItemRow) {
	var last hackfest.ItemID
	put := func(id hackfest.ItemID, text string) {
		if last.Ref.IsZero() || id.Ref.Compare(last.Ref) > 0 || id.Ref == last.Ref && id.N > last.N {
			last, f.newest = id, noted{ID: id.String(), Text: text}
		}
	}
	for _, t := range topics {
		if t.Undone || t.Title == "" {
			continue
		}
		word := "#topic "
		if t.Subtopic {
			word = "#subtopic "
		} else {
			f.topic = t.ID
		}
		put(t.ID, word+ui.Visible(t.Title))
	}
	for _, i := range items {
		if !i.Undone {
			put(i.ID, "#"+string(i.Kind)+" "+ui.Visible(strings.TrimSpace(i.URL+" "+i.Text)))
		}
	}
	if b := f.vote(); b != nil && b.Open {
		put(b.ID, "#startvote "+ui.Visible(b.Question))
		if b.Cast > 0 && last == b.ID {
			f.newest = noted{} // it has to be ended first
		}
	}
}

// vote is the vote that is open, or the last; nil without any.
func (f floorNow) vote() *store.VoteRow {
	if len(f.votes) == 0 {
		return nil
	}
	return &f.votes[len(f.votes)-1]
}

// nickOfTurn is the nick of somebody in the queue, without what they want to say.
func nickOfTurn(turn string) string {
	nick, _, _ := strings.Cut(turn, " (")
	return nick
}

func hasOption(v meeting.Vote, option string) bool {
	return slices.ContainsFunc(v.Options, func(o meeting.VoteOption) bool { return o.Option == option })
}

// speaker is a reader who may speak in a session from its page.
type speaker struct {
	viewer   person.Viewer
	signedIn bool
	chair    bool
	nick     string
	owns     map[hackfest.ItemID]bool // the actions from earlier that are theirs
}

// floorView makes what the floor shows to one reader.
func (s *Server) floorView(ctx context.Context, c ui.Clock, x hackfest.Session, f floorNow, by speaker) (templates.Floor, error) {
	path := templates.SessionURL(x.Slug) + "/live"
	live := x.Running > 0
	v := templates.Floor{
		Vote:   voteBox(f.vote()),
		Queue:  templates.QueueBox{Form: newForm("queue")},
		Agenda: s.agendaBox(c, x, f.agenda, by.chair),
	}
	for _, turn := range f.queue {
		v.Queue.Nicks = append(v.Queue.Nicks, ui.Visible(turn))
		v.Queue.Mine = v.Queue.Mine || by.signedIn && nickOfTurn(turn) == by.nick
	}
	for i := range v.Agenda.Items {
		row := &v.Agenda.Items[i]
		row.Now = row.Taken && f.agenda[i].Topic == f.topic.Ref
		row.Form = newForm("take-" + row.ID)
	}
	if by.signedIn && live {
		v.Queue.Path = path + "/queue"
		if v.Vote.Open {
			v.Vote.Path = path + "/vote"
		}
	}
	if v.Vote.Open && v.Vote.Secret {
		v.Vote.How = "/msg " + s.botNick(x.Network) + " #vote " + x.Channel + " " + v.Vote.Options[0].Option
	}
	if by.chair && live {
		v.Queue.Ack, v.Agenda.Path = true, path+"/take"
		if v.Vote.Open {
			v.Vote.End = path + "/endvote"
		}
	}
	var err error
	v.Standing, err = s.actionRows(ctx, c, by.viewer, f.standing, settler{all: by.chair, own: by.owns, back: templates.SessionURL(x.Slug)})
	return v, err
}

// voteBox is a vote as a page shows it.
func voteBox(b *store.VoteRow) templates.VoteBox {
	if b == nil {
		return templates.VoteBox{}
	}
	v := templates.VoteBox{
		Question: ui.Visible(b.Question), Open: b.Open, Secret: b.Secret, Result: ui.Visible(b.Result),
		Voted: strconv.Itoa(b.Cast) + " voted", Form: newForm("vote"), Closing: newForm("endvote"),
	}
	if b.Quorum > 0 {
		v.Quorum = "it takes " + strconv.Itoa(b.Quorum)
	}
	if len(b.Voters) > 0 {
		v.Only = "only " + strings.Join(b.Voters, ", ")
	}
	for _, o := range b.Options {
		v.Options = append(v.Options, voteRow(o.Option, o.Count, b.Cast, o.Voters))
	}
	if b.Open && len(v.Options) > 0 {
		v.How = "#vote " + v.Options[0].Option
	}
	return v
}

// voteRow is one option of a vote in which cast people voted.
func voteRow(option string, count, cast int, voters []string) templates.VoteRow {
	row := templates.VoteRow{Option: ui.Visible(option), Count: count, Share: "0%", Voters: ui.Visible(strings.Join(voters, ", "))}
	if cast > 0 {
		row.Share = fmt.Sprintf("%.4g%%", 100*float64(count)/float64(cast))
	}
	return row
}

// votesOf are the votes of minutes.
func votesOf(m minutes.Minutes) []templates.VoteBox {
	var list []templates.VoteBox
	for _, b := range m.Votes {
		if b.Redacted {
			continue // a vote without its question says nothing
		}
		v := templates.VoteBox{Question: ui.Visible(b.Question), Secret: b.Secret, Result: ui.Visible(b.Result)}
		cast := 0
		for _, o := range b.Options {
			cast += o.Count
		}
		for _, o := range b.Options {
			v.Options = append(v.Options, voteRow(o.Option, o.Count, cast, o.Voters))
		}
		v.Voted = strconv.Itoa(cast) + " voted"
		list = append(list, v)
	}
	return list
}

// ageWords says for how long an action has been open; "" for a new one.
func ageWords(a hackfest.Action) string {
	if !a.State.Open() || a.Sessions < 2 {
		return ""
	}
	return "open for " + chart.Count(a.Sessions, "session", "sessions")
}
