package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	peoplePage     = 100 // people on one page of the list
	personSessions = 20  // sessions shown of one person
	personActions  = 20
	personLessons  = 20
)

// listedNicks are the nicks of people who opted in, with what they are called.
type listedNicks map[string]string

// listed asks which of nicks on a network are those of people with a page.
func (s *Server) listed(ctx context.Context, network string, nicks []string) (listedNicks, error) {
	slices.Sort(nicks)
	return s.Store.ListedNicks(ctx, network, slices.Compact(nicks))
}

func (l listedNicks) who(nick string) ui.Who {
	w := ui.Who{Nick: nick}
	if name, ok := l[nick]; ok {
		w.Href = templates.PersonURL(name)
	}
	return w
}

func (l listedNicks) all(nicks []string) []ui.Who {
	list := make([]ui.Who, len(nicks))
	for i, n := range nicks {
		list[i] = l.who(n)
	}
	return list
}

// listPeople answers GET /people: who wants to be found.
func (s *Server) listPeople(w http.ResponseWriter, r *http.Request) error {
	f, err := s.frame(r, "People")
	if err != nil {
		return err
	}
	f.Description = "Who hacks with " + f.Community + ", as far as they want to be found."
	list, err := s.Store.People(r.Context(), r.URL.Query().Get("after"), peoplePage+1)
	if err != nil {
		return err
	}
	p := templates.PeoplePage{Frame: f}
	if len(list) > peoplePage {
		list = list[:peoplePage]
		p.More = "/people?after=" + url.QueryEscape(list[len(list)-1].Name)
	}
	for _, x := range list {
		row := templates.PersonLine{Name: x.Name, Href: templates.PersonURL(x.Name), Nicks: x.Nicks}
		if x.Zone != "" {
			row.Zone = zoneWords(x.Zone)
		}
		p.People = append(p.People, row)
	}
	return s.show(w, r, templates.People(p))
}

// showPerson answers GET /people/{nick}. Who did not opt in is not there, like
// nobody.
func (s *Server) showPerson(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	who, err := s.Store.Person(ctx, pathParam(r, "nick"))
	if err != nil {
		return err
	}
	f, err := s.frame(r, who.Name)
	if err != nil {
		return err
	}
	f.Canonical = s.BaseURL + templates.PersonURL(who.Name)
	f.Description = "What " + who.Name + " did in the hackfests of " + f.Community + "."
	p := templates.PersonPage{Frame: f, Name: who.Name, Nicks: who.Nicks}
	if who.Zone != "" {
		p.Zone, p.Now = zoneWords(who.Zone), f.Clock.Now.In(s.locate(who.Zone)).Format("Mon "+hours(f.Clock))
	}
	sessions, err := s.Store.Attended(ctx, v, who.ID, personSessions)
	if err != nil {
		return err
	}
	p.Sessions = sessionRows(f.Clock, sessions)
	actions, err := s.Store.Actions(ctx, v, store.ActionFilter{Person: who.ID, Limit: personActions})
	if err != nil {
		return err
	}
	may, err := s.settlerOf(r, person.Object{}, store.ActionFilter{})
	if err != nil {
		return err
	}
	if p.Actions, err = s.actionRows(ctx, f.Clock, v, actions, may); err != nil {
		return err
	}
	lessons, err := s.Store.Lessons(ctx, v, store.LessonFilter{Person: who.ID, Limit: personLessons})
	if err != nil {
		return err
	}
	if p.Lessons, err = s.lessonRows(r, f.Clock, lessons); err != nil {
		return err
	}
	return s.show(w, r, templates.Person(p))
}
