package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// What the home page shows at most.
const (
	homeWeek    = 7
	homeLessons = 3
	homeTargets = 2
)

// showHome answers GET /.
func (s *Server) showHome(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	f, err := s.frame(r, "")
	if err != nil {
		return err
	}
	f.Feeds = sessionFeeds
	f.Description = f.Community + ": the next hackfest, how to take part, and what came of the last ones."
	p := templates.HomePage{Frame: f}
	now := f.Clock.Now
	next, err := s.Store.NextSession(ctx, v, now)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if err == nil {
		if err := s.homeNext(ctx, v, &p, next); err != nil {
			return err
		}
	}
	week, err := s.Store.Sessions(ctx, v, store.SessionFilter{From: now, To: now.AddDate(0, 0, 7), Limit: homeWeek})
	if err != nil {
		return err
	}
	p.Week = sessionRows(f.Clock, week)
	if err := s.homePast(ctx, v, &p); err != nil {
		return err
	}
	if p.Next == nil && p.Minutes == nil && p.News == nil && len(p.Week) == 0 {
		p.Empty, err = s.nothingYet(ctx, v)
		if err != nil {
			return err
		}
	}
	return s.show(w, r, templates.Home(p))
}

// homeNext fills in the card of the next session and what newcomers are told.
func (s *Server) homeNext(ctx context.Context, v person.Viewer, p *templates.HomePage, next hackfest.Session) error {
	c := p.Clock
	live := next.Status(c.Now) == hackfest.StatusLive
	ch, err := s.Store.Channel(ctx, v, next.Network, next.ChannelPath)
	if err != nil {
		return err
	}
	card := &templates.NextCard{
		Title: next.Title, Href: templates.SessionURL(next.Slug), Word: "Next", State: ui.TitleState(c, next),
		Span: c.Span(next.StartsAt, next.EndsAt, next.Zone), Goal: next.Goal, Live: live,
		ChatURL: ch.WebchatURL, Channel: next.Channel, Server: ch.Server,
	}
	if live {
		card.Word = "Now"
	} else {
		ribbon := s.ribbon(c, next)
		card.Ribbon = &ribbon
	}
	card.Host, card.Answer = s.hostOf(ctx, next), rsvpURL(next)
	answers, err := s.Store.Answers(ctx, v, next.ID, false)
	if err != nil {
		return err
	}
	card.Coming = countAnswers(answers)
	if next.State == hackfest.StateScheduled && !live && next.Visibility == person.Public && ch.Visibility == person.Public {
		card.Calendar = card.Href + ".ics"
	}
	if next.TargetSlug != "" {
		card.Target, card.TargetHref = next.TargetName, templates.TargetURL(next.TargetSlug)
	}
	p.Next = card
	p.OnAir = slices.DeleteFunc(p.OnAir, func(o templates.OnAir) bool { return o.Href == card.Href }) // the card says it
	p.NewHere = &templates.NewHere{
		Title: next.Title, Href: card.Href, Answer: card.Answer, Channel: next.Channel, Server: ch.Server, At: c.Gutter(next.StartsAt, next.Zone), Live: live,
	}
	p.Preview = p.Community + ": " + next.Title + ", " + c.Stamp(next.StartsAt, next.Zone)
	return nil
}

// homePast fills in what has happened: the newest minutes, news, lessons and
// targets.
func (s *Server) homePast(ctx context.Context, v person.Viewer, p *templates.HomePage) error {
	c := p.Clock
	meetings, err := s.Store.Meetings(ctx, v, store.MeetingFilter{Ended: true, Limit: 1})
	if err != nil {
		return err
	}
	for _, m := range meetings {
		p.Minutes = &templates.MinutesLine{
			Day: c.Day(m.StartedAt, m.SessionZone), Title: meetingTitle(m), Href: templates.SessionURL(m.SessionSlug),
			Summary: firstLine(m.Summary), Counts: meetingCounts(m), State: minutesState(m),
		}
	}
	news, err := s.Store.News(ctx, v, store.NewsFilter{Limit: 1}, c.Now)
	if err != nil {
		return err
	}
	for _, n := range news {
		row := s.newsRow(c, n)
		p.News = &row
	}
	lessons, err := s.Store.Lessons(ctx, v, store.LessonFilter{Limit: homeLessons})
	if err != nil {
		return err
	}
	for _, l := range lessons {
		p.Lessons = append(p.Lessons, lessonLine(c, l, s.community()))
	}
	p.Targets, err = s.homeTargets(ctx, v, c)
	return err
}

// homeTargets are the targets that came to their stage last; ideas nobody took
// up are no news.
func (s *Server) homeTargets(ctx context.Context, v person.Viewer, c ui.Clock) ([]templates.TargetLine, error) {
	targets, err := s.Store.Targets(ctx)
	if err != nil {
		return nil, err
	}
	newest := newestStaged(targets, homeTargets)
	said, err := s.outcomes(ctx, v, "")
	if err != nil {
		return nil, err
	}
	var lines []templates.TargetLine
	for _, t := range newest {
		held, err := s.Store.Sessions(ctx, v, store.SessionFilter{Target: t.Slug})
		if err != nil {
			return nil, err
		}
		lines = append(lines, templates.TargetLine{
			Name: t.Name, Href: templates.TargetURL(t.Slug), Stage: t.Stage.Label(), Strip: strip(c, t, held, said),
		})
	}
	return lines, nil
}

// nothingYet reports whether nothing was ever planned, held or aimed at here.
func (s *Server) nothingYet(ctx context.Context, v person.Viewer) (bool, error) {
	sessions, err := s.Store.Sessions(ctx, v, store.SessionFilter{Limit: 1})
	if err != nil || len(sessions) > 0 {
		return false, err
	}
	targets, err := s.Store.Targets(ctx)
	return len(targets) == 0, err
}

// lessonLine is a lesson on the home page.
func lessonLine(c ui.Clock, l hackfest.Lesson, zone string) templates.LessonLine {
	line := templates.LessonLine{Text: l.Text}
	day := c.Day(l.SessionAt, zone).Text
	switch {
	case !l.LineRef.IsZero() && !l.SessionAt.IsZero():
		line.Href, line.Link = templates.LineURL(l.LineRef), "line of "+day
	case !l.LineRef.IsZero():
		line.Href, line.Link = templates.LineURL(l.LineRef), "the line"
	case l.SessionSlug != "":
		line.Href, line.Link = templates.SessionURL(l.SessionSlug), "session of "+day
	}
	return line
}

// redirectNext answers GET /next: to what is live, else to what comes next.
func (s *Server) redirectNext(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	next, err := s.Store.NextSession(r.Context(), viewerOf(r), s.Now())
	if err == nil {
		http.Redirect(w, r, templates.SessionURL(next.Slug), http.StatusFound)
		return nil
	}
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	f, err := s.frame(r, "Nothing is planned")
	if err != nil {
		return err
	}
	return s.show(w, r, templates.NothingNext(templates.NothingNextPage{Frame: f}))
}

// redirectNow answers GET /now: to what is live, else where /next leads.
func (s *Server) redirectNow(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	live, err := s.Store.LiveSessions(r.Context(), viewerOf(r), s.Now())
	if err != nil {
		return err
	}
	to := "/next"
	if len(live) > 0 {
		to = templates.SessionURL(live[0].Slug)
	}
	http.Redirect(w, r, to, http.StatusFound)
	return nil
}

// counted is "no actions", "1 action" or "3 actions".
func counted(n int, one, many string) string {
	switch n {
	case 0:
		return "no " + many
	case 1:
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// since says from when on something has been so: in days as long as people
// count them, as a month afterwards.
func since(t time.Time, now time.Time) string {
	switch days := int(now.Sub(t).Hours() / 24); {
	case days < 1:
		return "since today"
	case days < 60:
		return "since " + counted(days, "day", "days")
	}
	return "since " + month(t)
}
