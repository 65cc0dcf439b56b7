package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// startAhead is how long before its planned start a session can be started.
const startAhead = 30 * time.Minute

// asked is a form that gives a command to the channel of a session.
type asked struct {
	ctx     context.Context
	server  *Server
	actor   person.Actor
	session hackfest.Session
	chair   bool // the actor may run the meeting
	form    url.Values
}

// command makes the handler of a form of the console called name. line makes of
// it what is said in the channel.
func (s *Server) command(name string, line func(asked) (string, error)) http.HandlerFunc {
	return s.page(func(w http.ResponseWriter, r *http.Request) error {
		form, err := formOf(r)
		if err != nil {
			return err
		}
		a := asked{ctx: r.Context(), server: s, actor: actorOf(r), form: form}
		if a.session, err = s.Store.Session(a.ctx, viewerOf(r), chi.URLParam(r, "session")); err != nil {
			return err
		}
		o, err := s.objectOf(a.ctx, r, viewerOf(r))
		if err != nil {
			return err
		}
		a.chair = person.Can(a.actor, person.RunMeeting, o) == nil
		text, err := line(a)
		if err == nil {
			text, err = commandLine(text)
		}
		if err != nil {
			return s.commandAgain(w, r, a.session, name, form, err)
		}
		return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			return a.give(ctx, tx, text)
		})
	})
}

// give hands a line to the bot, in the actor's name.
func (a asked) give(ctx context.Context, tx *store.Store, text string) (done, error) {
	nick, account, err := tx.SpeaksAs(ctx, a.actor.ID, a.session.Network)
	if err != nil {
		return done{}, err
	}
	id, err := tx.AddCommand(ctx, hackfest.WebCommand{
		ChannelID: a.session.ChannelID, PersonID: a.actor.ID, Nick: nick, Account: account, Text: text, Chair: a.chair,
	}, a.server.Now().UTC())
	return done{To: templates.SessionURL(a.session.Slug) + "?sent=" + id + "#console"}, err
}

// commandAgain shows the session's page once more, with the form of the console
// that did not go through.
func (s *Server) commandAgain(w http.ResponseWriter, r *http.Request, session hackfest.Session, name string, form url.Values, err error) error {
	if !mendable(err) {
		return err
	}
	p, failed := s.sessionView(r, session, nil)
	if failed != nil {
		return failed
	}
	console := p.Console()
	if console == nil {
		return err // the page has no such form any more
	}
	putForm(console, name, form, err)
	return s.again(w, r, err, templates.Session(p))
}

// putForm gives a form that came back its place in the console.
func putForm(c *templates.Console, name string, form url.Values, err error) {
	back := typed(name, form, err)
	switch name {
	case "start":
		c.Name = back
	case "topic":
		c.Topic = back
	case "item":
		c.Text, c.Kind = back, form.Get("kind")
	case "startvote":
		c.Question = back
	default:
		c.Other = back
	}
}

// commandLine is text as it is said: one line of plain text that fits, all of it
// on the record. Nothing of it is changed without a word.
func commandLine(text string) (string, error) {
	text = strings.TrimSpace(text)
	_, off := irctext.OffTheRecord(text)
	switch {
	case off:
		return "", fault.On("text", "What is marked [off] or [nolog] is kept by nobody, so it cannot be sent from here. Say it in the channel.")
	case strings.ContainsFunc(text, unicode.IsControl):
		return "", fault.On("text", "This has to be one line of plain text, without line breaks and control characters.")
	case len(text) > hackfest.MaxCommand:
		return "", fault.On("text", "This is %d bytes long with its command; a line on IRC has room for %d.", len(text), hackfest.MaxCommand)
	}
	return hackfest.CommandText(text)
}

// typed is the text of the form behind a command word; without any it is
// fault.Invalid with the words of missing.
func (a asked) typed(command, missing string) (string, error) {
	text := strings.TrimSpace(a.form.Get("text"))
	if text == "" {
		return "", fault.On("text", "%s", missing)
	}
	return command + " " + text, nil
}

// runs is fault.Conflict unless a meeting runs.
func (a asked) runs() error {
	if a.session.Running == 0 {
		return fault.New(fault.Conflict, "No meeting runs in this session now, so nothing was sent.")
	}
	return nil
}

// startLine starts the meeting.
func startLine(a asked) (string, error) {
	now := a.server.Now()
	switch {
	case a.session.Running > 0:
		return "", fault.New(fault.Conflict, "The meeting runs already.")
	case !startable(a.session, now):
		return "", fault.New(fault.Conflict, "A session can be started from half an hour before its planned time until that is over.")
	}
	return strings.TrimSpace("#startmeeting " + strings.TrimSpace(a.form.Get("text"))), nil
}

// startable reports whether a meeting that is started now belongs to x.
func startable(x hackfest.Session, now time.Time) bool {
	return x.State != hackfest.StateCancelled && x.Running == 0 && !now.Before(x.StartsAt.Add(-startAhead)) && now.Before(x.EndsAt)
}

// topicLine opens a topic.
func topicLine(a asked) (string, error) {
	if err := a.runs(); err != nil {
		return "", err
	}
	return a.typed("#topic", "Say what the topic is.")
}

// Commands that note an item, in the order of the list. Decisions are the
// chairs'.
var (
	chairKinds  = []string{"#action", "#agreed", "#info", "#lesson", "#lesson+", "#lesson-", "#link", "#idea", "#help", "#accepted", "#rejected", "#subtopic"}
	memberKinds = []string{"#action", "#info", "#idea", "#link", "#lesson", "#help"}
)

// itemKinds are the commands that somebody may note items with.
func itemKinds(chair bool) []string {
	if chair {
		return chairKinds
	}
	return memberKinds
}

// itemLine notes an item.
func itemLine(a asked) (string, error) {
	kind := a.form.Get("kind")
	if !slices.Contains(itemKinds(a.chair), kind) {
		return "", fault.On("kind", "Choose one of the commands of the list; others are for chairs.")
	}
	if err := a.runs(); err != nil {
		return "", err
	}
	return a.typed(kind, "Say what is to be noted.")
}

// takeLine takes up an item of the agenda.
func takeLine(a asked) (string, error) {
	if err := a.runs(); err != nil {
		return "", err
	}
	items, err := a.server.Store.Agenda(a.ctx, a.actor.Viewer, a.session.ID)
	if err != nil {
		return "", err
	}
	first := true
	for _, i := range items {
		if i.State != hackfest.AgendaOpen {
			continue
		}
		if fmt.Sprint(i.ID) == a.form.Get("item") {
			if first {
				return "#next", nil
			}
			return "#topic " + i.Text, nil
		}
		first = false
	}
	return "", fault.New(fault.Conflict, "This item was taken up or changed meanwhile. The agenda below is as it is now.")
}

// startvoteLine opens a vote.
func startvoteLine(a asked) (string, error) {
	if err := a.runs(); err != nil {
		return "", err
	}
	line, err := a.typed("#startvote", "Say what the question is, and what can be answered.")
	if err == nil && !strings.Contains(line, "?") {
		err = fault.On("text", "End the question with a question mark; the options stand behind it.")
	}
	return line, err
}

// voteLine votes.
func voteLine(a asked) (string, error) {
	f, err := a.server.floor(a.ctx, a.actor.Viewer, a.session, hackfest.Ref{})
	if err != nil {
		return "", err
	}
	vote := f.vote()
	switch option := a.form.Get("option"); {
	case vote == nil || !vote.Open:
		return "", fault.New(fault.Conflict, "No vote is open any more.")
	case !hasOption(vote.Vote, option):
		return "", fault.On("option", "The vote that is open has no option %q.", option)
	default:
		return "#vote " + option, nil
	}
}

// endvoteLine closes the vote.
func endvoteLine(a asked) (string, error) { return "#endvote", a.runs() }

// queueLine gets in or out of the line of speakers; a chair gives the floor.
func queueLine(a asked) (string, error) {
	if err := a.runs(); err != nil {
		return "", err
	}
	switch do := a.form.Get("do"); {
	case do == "join":
		return "q+", nil
	case do == "leave":
		return "q-", nil
	case do == "ack" && a.chair:
		f, err := a.server.floor(a.ctx, a.actor.Viewer, a.session, hackfest.Ref{})
		if err != nil {
			return "", err
		}
		if len(f.queue) == 0 {
			return "", fault.New(fault.Conflict, "Nobody waits to speak any more.")
		}
		return "ack " + nickOfTurn(f.queue[0]), nil
	}
	return "", fault.New(fault.Invalid, "Only chairs give the floor; everybody may get in line and out of it.")
}

// undoLine takes back what the form showed, and nothing else.
func undoLine(a asked) (string, error) {
	if err := a.runs(); err != nil {
		return "", err
	}
	last, err := a.server.newest(a.ctx, a.actor.Viewer, a.session)
	switch {
	case err != nil:
		return "", err
	case last.ID == "":
		return "", fault.New(fault.Conflict, "Nothing is left to be taken back.")
	case last.ID != a.form.Get("item"):
		return "", fault.New(fault.Conflict, "Something else was noted meanwhile, so nothing was taken back. Undo would now take back: %s", last.Text)
	}
	return "#undo", nil
}

// endLine ends the meeting.
func endLine(a asked) (string, error) { return "#endmeeting", a.runs() }
