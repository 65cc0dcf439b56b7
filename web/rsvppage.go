package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// preflightShown is how many checks are named to who is told to run them.
const preflightShown = 5

// looksAfter reports whether the reader of r hosts or chairs x, or maintains:
// such people see what others need, and may take answers off its list.
func (s *Server) looksAfter(r *http.Request, x hackfest.Session) (bool, error) {
	a := actorOf(r)
	if !a.SignedIn() {
		return false, nil
	}
	o, err := s.Store.RelationToSession(r.Context(), a.Viewer, x.Slug)
	return err == nil && person.Can(a, person.RemoveAnswer, o) == nil, err
}

// answerPage is the page on which somebody answers for x, and is told what to do
// then.
func (s *Server) answerPage(r *http.Request, x hackfest.Session) (templates.RSVPPage, error) {
	f, err := s.frame(r, "Are you coming? "+ui.Visible(x.Title))
	if err != nil {
		return templates.RSVPPage{}, err
	}
	f.Section, f.NoIndex = "/schedule", true
	p := templates.RSVPPage{
		Frame: f, Title: x.Title, Href: templates.SessionURL(x.Slug), When: f.Clock.Span(x.StartsAt, x.EndsAt, x.Zone), State: ui.TitleState(f.Clock, x),
	}
	channel, err := s.Store.Channel(r.Context(), viewerOf(r), x.Network, x.ChannelPath)
	if err != nil {
		return p, err
	}
	p.Where, p.Host = whereIs(channel), s.hostOf(r.Context(), x)
	if p.Card, err = s.answerCard(r, x); err != nil {
		return p, err
	}
	if p.Who, err = s.allWhoAnswered(r, x); err != nil {
		return p, err
	}
	if p.Card.Mine != nil && p.Card.Mine.Answer != string(hackfest.AnswerRegrets) && p.Card.Closed == "" {
		p.Next, err = s.afterAnswer(r, x, channel.Visibility)
	}
	return p, err
}

// hostOf is who hosts x, as a page names them; nil when nobody does.
func (s *Server) hostOf(ctx context.Context, x hackfest.Session) *ui.Who {
	if x.HostID == 0 {
		return nil
	}
	w := ui.Who{Nick: x.Host}
	if _, err := s.Store.Person(ctx, x.Host); err == nil {
		w.Href = templates.PersonURL(x.Host)
	}
	return &w
}

// afterAnswer is what somebody who comes to x is told: how to keep the date, what
// to look at before, and what to type.
func (s *Server) afterAnswer(r *http.Request, x hackfest.Session, channel person.Visibility) (*templates.AfterAnswer, error) {
	n := &templates.AfterAnswer{Target: x.TargetName}
	if x.TargetSlug != "" {
		n.TargetHref = templates.TargetURL(x.TargetSlug)
	}
	if x.State == hackfest.StateScheduled && x.Visibility == person.Public && channel == person.Public {
		n.Calendar = []templates.LogLink{{Href: templates.SessionURL(x.Slug) + ".ics", Text: "This session"}}
		if x.SeriesSlug != "" {
			n.Calendar = append(n.Calendar, templates.LogLink{Href: s.webcal("/calendar/series/" + x.SeriesSlug + ".ics"), Text: "every date of the series"})
		}
	}
	checks, err := s.Store.SessionChecks(r.Context(), viewerOf(r), x.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range checks {
		if c.Check == nil || len(n.Checks) == preflightShown {
			n.ByHand++
			continue
		}
		n.Checks = append(n.Checks, ui.Visible(c.Text))
	}
	n.Command = s.nurse(x.TargetSlug)
	return n, nil
}

// answerCard is the form by which the reader answers for x.
func (s *Server) answerCard(r *http.Request, x hackfest.Session) (templates.RSVPCard, error) {
	c := templates.RSVPCard{
		Form: newForm("rsvp"), Path: rsvpURL(x), AskNick: true, Series: ui.Visible(x.SeriesTitle), Mail: s.Post != nil, Proposed: x.State == hackfest.StateProposed,
		MaxNeeds: hackfest.MaxNeeds,
	}
	switch {
	case x.State == hackfest.StateCancelled:
		c.Closed = "This session is cancelled, so nobody need say whether they come."
	case sessionOver(x, s.Now()):
		c.Closed = "This session is over. Who was there is on its page."
	}
	if err := s.asWhom(r, x, &c); err != nil {
		return c, err
	}
	mine, err := s.Store.MyAnswer(r.Context(), viewerOf(r), x.ID, s.browserOf(r))
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.Mine = &templates.MyAnswer{
		Answer: string(mine.Answer), Nick: mine.Nick, Series: mine.FromSeries, Removed: !mine.RemovedAt.IsZero(), Withdraw: rsvpURL(x) + "/withdraw",
		Form: newForm("withdraw"),
	}
	c.Nick, c.Needs, c.First = mine.Nick, mine.Needs, mine.FirstVisit // and one date, unless they tick that it is all again
	return c, nil
}

// asWhom fills in under which nick the reader answers, and where they get mail.
func (s *Server) asWhom(r *http.Request, x hackfest.Session, c *templates.RSVPCard) error {
	a := actorOf(r)
	if !a.SignedIn() {
		return nil
	}
	nick, _, err := s.Store.SpeaksAs(r.Context(), a.ID, x.Network)
	if err != nil {
		return err
	}
	if name, bare := strings.CutSuffix(nick, "/web"); !bare {
		c.As, c.AskNick = nick, false
	} else if hackfest.ValidNick(name) {
		c.Nick = name
	}
	c.Own, err = s.provenMail(r.Context(), a)
	return err
}

// answersNow is who answered for a session, as one reader may know it.
type answersNow struct {
	inner  bool // the reader looks after the session
	list   []hackfest.RSVP
	listed map[string]listedNicks // by network: who of them has a page
}

// answersTo reads who answered for x.
func (s *Server) answersTo(ctx context.Context, v person.Viewer, x hackfest.Session, inner bool) (answersNow, error) {
	a := answersNow{inner: inner, listed: map[string]listedNicks{}}
	var err error
	if a.list, err = s.Store.Answers(ctx, v, x.ID, inner); err != nil {
		return a, err
	}
	nicks := map[string][]string{}
	for _, given := range a.list {
		nicks[given.Network] = append(nicks[given.Network], given.Nick)
	}
	for network, of := range nicks {
		if a.listed[network], err = s.listed(ctx, network, of); err != nil {
			return a, err
		}
	}
	return a, nil
}

// who is whoever gave an answer, as pages name them.
func (a answersNow) who(given hackfest.RSVP) ui.Who { return a.listed[given.Network].who(given.Nick) }

// view is who answered for x as pages show it.
func (a answersNow) view(x hackfest.Session) templates.WhoComes {
	w := templates.WhoComes{Inner: a.inner, Counts: countAnswers(a.list)}
	for _, answer := range hackfest.Answers() {
		g := templates.AnswerGroup{Title: strings.ToUpper(string(answer[:1])) + string(answer[1:])}
		for _, given := range a.list {
			switch {
			case given.Answer != answer:
				continue
			case given.Nick == "":
				g.Unnamed++
			default:
				g.Rows = append(g.Rows, answerRow(x, given, a.who(given)))
			}
			w.Needing += min(1, len(given.Needs))
			if given.FirstVisit {
				w.First++
			}
		}
		if len(g.Rows)+g.Unnamed > 0 {
			w.Groups = append(w.Groups, g)
		}
	}
	return w
}

// allWhoAnswered is who answered for x, with what was taken off the list for who
// may put it back.
func (s *Server) allWhoAnswered(r *http.Request, x hackfest.Session) (templates.WhoComes, error) {
	inner, err := s.looksAfter(r, x)
	if err != nil {
		return templates.WhoComes{}, err
	}
	a, err := s.answersTo(r.Context(), viewerOf(r), x, inner)
	if err != nil || !inner {
		return a.view(x), err
	}
	w := a.view(x)
	off, err := s.Store.RemovedAnswers(r.Context(), viewerOf(r), x.ID)
	for _, given := range off {
		w.Removed = append(w.Removed, answerRow(x, given, a.who(given)))
	}
	return w, err
}

// answerRow is one answer in a list.
func answerRow(x hackfest.Session, a hackfest.RSVP, who ui.Who) templates.AnswerRow {
	at := fmt.Sprintf("%s/%d/", rsvpURL(x), a.ID)
	return templates.AnswerRow{
		Who: who, Needs: ui.Visible(a.Needs), First: a.FirstVisit, Series: a.FromSeries, Remove: at + "remove", Restore: at + "restore", Form: newForm(""),
	}
}

// countAnswers are the answers in words: "9 coming, 2 maybe, 1 regrets"; "" for
// none.
func countAnswers(list []hackfest.RSVP) string {
	var parts []string
	for _, answer := range hackfest.Answers() {
		n := len(slices.DeleteFunc(slices.Clone(list), func(a hackfest.RSVP) bool { return a.Answer != answer }))
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, answer))
		}
	}
	return strings.Join(parts, ", ")
}

// answersKept says of a session that is over what came of the answers to it: how
// many had said that they come, who of them spoke, and how many spoke unannounced.
func (s *Server) answersKept(ctx context.Context, v person.Viewer, x hackfest.Session, meetings []templates.MinutesView) (string, error) {
	answers, err := s.Store.Answers(ctx, v, x.ID, true)
	if err != nil || len(answers) == 0 {
		return "", err
	}
	said, spoke := map[string]bool{}, map[string]bool{}
	for _, m := range meetings {
		for _, p := range m.People {
			spoke[irctext.RFC1459.Fold(p.Who.Nick)] = true
		}
	}
	coming, came := 0, 0
	for _, a := range answers {
		nick := irctext.RFC1459.Fold(a.Nick)
		if said[nick] = true; a.Answer == hackfest.AnswerComing {
			coming++
			if spoke[nick] {
				came++
			}
		}
	}
	unannounced := 0
	for nick := range spoke {
		if !said[nick] {
			unannounced++
		}
	}
	words := fmt.Sprintf("%d had said that they come, %d of them spoke", coming, came)
	if unannounced > 0 {
		words += fmt.Sprintf("; %d spoke unannounced", unannounced)
	}
	return words, nil
}

// apiRSVP is an answer in the API.
type apiRSVP struct {
	Nick   string `json:"nick" about:"empty for who is not to be named"`
	Answer string `json:"answer" is:"coming|maybe|regrets"`
	Series bool   `json:"series" about:"they answered for all of the series"`
	Needs  string `json:"needs" about:"what they need to take part; for the host, chairs and maintainers, else empty"`
	First  bool   `json:"first_visit" about:"they said that it is their first; for the same people, else false"`
	Mine   bool   `json:"mine" about:"it is that of the token's person"`
}

// rsvpGiving is an answer by API.
type rsvpGiving struct {
	Answer string `json:"answer" is:"coming|maybe|regrets"`
	Nick   string `json:"nick,omitempty" about:"for who has proven none on the network"`
	Needs  string `json:"needs,omitempty" about:"what is needed to take part; seen by the host, chairs and maintainers"`
	First  bool   `json:"first,omitempty" about:"it is the first visit"`
	Whole  bool   `json:"whole,omitempty" about:"for every date of the series, until something else is said"`
}

// listAnswers answers GET /api/v1/sessions/{session}/rsvp.
func (s *Server) listAnswers(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	inner, err := s.looksAfter(r, x)
	if err != nil {
		return err
	}
	list, err := s.Store.Answers(r.Context(), viewerOf(r), x.ID, inner)
	if err != nil {
		return err
	}
	return s.sendJSON(w, r, itemsOf(list, func(a hackfest.RSVP) apiRSVP {
		return apiRSVP{
			Nick: a.Nick, Answer: string(a.Answer), Series: a.FromSeries, Needs: a.Needs, First: a.FirstVisit,
			Mine: a.PersonID != 0 && a.PersonID == actorOf(r).ID,
		}
	}))
}
