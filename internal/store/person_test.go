package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// know makes a person who has proven a nick since before aug2.
func (w world) know(name, nick string, listed bool) person.ID {
	w.t.Helper()
	id := person.ID(w.number("insert into people (name, listed, created_at) values ($1, $2, $3) returning id", name, listed, aug2))
	w.exec(`insert into identities (person_id, kind, network, value, proven_at, since) values ($1, 'nick', $2, $3, $4, $4)`,
		id, network, nick, aug2.Add(-time.Hour))
	return id
}

func TestOnlyWhoOptedInIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.know("Zoe", "zoe_", true)
	ann := w.know("Ann", "annie", true)
	shy := w.know("Bob", "bob", false)
	w.exec(`insert into identities (person_id, kind, network, value, since) values ($1, 'nick', $2, 'unproven', $3)`, ann, network, aug2)
	list, err := w.People(t.Context(), "", 0)
	w.must(err)
	if len(list) != 2 || list[0].Name != "Ann" || !slices.Equal(list[0].Nicks, []string{"annie"}) || list[1].Name != "Zoe" {
		t.Errorf("got %+v", list)
	}
	if list, _ := w.People(t.Context(), "Ann", 0); len(list) != 1 || list[0].Name != "Zoe" {
		t.Errorf("after Ann: %+v", list)
	}
	for _, name := range []string{"ANN", "annie"} {
		if p, err := w.Person(t.Context(), name); err != nil || p.ID != ann {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	for _, name := range []string{"Bob", "bob", "unproven", "nobody"} {
		_, err := w.Person(t.Context(), name)
		if fault.KindOf(err) != fault.NotFound || fault.Message(err) != "There is no such person." {
			t.Errorf("%s: %v; who did not opt in must look like nobody", name, err)
		}
	}
	names, err := w.ListedNicks(t.Context(), network, []string{"annie", "bob", "unproven", "Zoe_"})
	w.must(err)
	if len(names) != 2 || names["annie"] != "Ann" || names["Zoe_"] != "Zoe" {
		t.Errorf("listed nicks: %v", names)
	}
	if names, _ := w.ListedNicks(t.Context(), "elsewhere", []string{"annie"}); len(names) != 0 {
		t.Errorf("the same nick on another network: %v", names)
	}
	w.exec("update identities set until = $1 where person_id = $2", aug2, shy)
}

// What a person did is found by the nick they held at that time, on that
// network.
func TestWhatAPersonDid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, change string
		found        int
	}{
		{"their nick", "select 1", 1},
		{"somebody else's by now", "update identities set until = '2012-08-02 18:30Z'", 0},
		{"theirs only later", "update identities set since = '2012-08-03 00:00Z', proven_at = '2012-08-03 00:00Z'", 0},
		{"never proven", "update identities set proven_at = null", 0},
		{"of another network", "update identities set network = 'oftc'", 0},
		{"in a meeting for members", "update meetings set visibility = 'members'; update lines set members_only = true", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := w.plan(planned("OpenShift", aug2))
			g := newLog(channel, aug2).meeting("OpenShift")
			w.record(g)
			bob := w.know("Robert", "Bob", true)
			_, err := w.AddLesson(t.Context(), hackfest.Lesson{
				Text: "Ask for the image by its id.", Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeAll,
				SessionSlug: s.Slug, LineRef: g.lines[3].Ref, PublishedAt: aug2,
			}, aug2)
			w.must(err)
			w.exec(tt.change)
			sessions, err := w.Attended(t.Context(), person.PublicViewer, bob, 10)
			w.must(err)
			actions, err := w.Actions(t.Context(), person.PublicViewer, store.ActionFilter{Person: bob})
			w.must(err)
			lessons, err := w.Lessons(t.Context(), person.PublicViewer, store.LessonFilter{Person: bob})
			w.must(err)
			if len(sessions) != tt.found || len(actions) != tt.found || len(lessons) != tt.found {
				t.Errorf("%d sessions, %d actions, %d lessons, want %d of each", len(sessions), len(actions), len(lessons), tt.found)
			}
		})
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.AddTarget(t.Context(), hackfest.Target{Slug: "openshift", Name: "OpenShift"}, aug2)
	w.must(err)
	x := planned("OpenShift", aug2)
	x.TargetSlug = "openshift"
	s := w.plan(x)
	g := newLog(channel, aug2).meeting("OpenShift")
	running := *g
	running.lines = g.lines[:len(g.lines)-1]
	w.record(&running)
	if list, err := w.Actions(t.Context(), member, store.ActionFilter{}); err != nil || len(list) != 0 {
		t.Errorf("while the meeting runs: %v, %v", list, err)
	}
	w.exec("delete from meetings; delete from lines; update sessions set running = 0, held = 0; update channels set applied_ref = null")
	w.record(g)
	for name, f := range map[string]store.ActionFilter{
		"all": {}, "of the target": {Target: "openshift"}, "of the session": {Session: s.Slug},
	} {
		list, err := w.Actions(t.Context(), person.PublicViewer, f)
		w.must(err)
		if len(list) != 1 || list[0].Text != "bob to write that down" || !slices.Equal(list[0].Owners, []string{"bob"}) ||
			list[0].SessionSlug != s.Slug || list[0].Network != network {
			t.Errorf("%s: %+v", name, list)
		}
	}
	for name, f := range map[string]store.ActionFilter{"another target": {Target: "chef"}, "another session": {Session: "2012-01-01-x"}} {
		if list, err := w.Actions(t.Context(), person.PublicViewer, f); err != nil || len(list) != 0 {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
	w.exec("update sessions set visibility = 'members'")
	if list, err := w.Actions(t.Context(), person.PublicViewer, store.ActionFilter{}); err != nil || len(list) != 0 {
		t.Errorf("the public sees what is for members: %v, %v", list, err)
	}
}

func TestOverlaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := func(title string, after time.Duration, change func(*hackfest.Session)) hackfest.Session {
		x := planned(title, aug2.Add(after))
		x.OverlapOK = true
		if change != nil {
			change(&x)
		}
		return w.plan(x)
	}
	length := at("first", 0, nil).EndsAt.Sub(aug2)
	first := at("second", length/2, nil)
	at("touches", length/2+length, nil)
	at("cancelled", length/2, func(x *hackfest.Session) { x.State = hackfest.StateCancelled })
	at("elsewhere", length/2, func(x *hackfest.Session) { x.Channel = "#other" })
	at("for members", length/2, func(x *hackfest.Session) { x.Visibility = person.MembersOnly })
	told := func(v person.Viewer) (titles []string) {
		found, err := w.Overlaps(t.Context(), v, []hackfest.SessionID{first.ID})
		w.must(err)
		for _, o := range found[first.ID] {
			titles = append(titles, o.Title)
		}
		return titles
	}
	if got, want := told(member), []string{"first", "for members"}; !slices.Equal(got, want) {
		t.Errorf("a member is told %q, want %q", got, want)
	}
	if got, want := told(person.PublicViewer), []string{"first", ""}; !slices.Equal(got, want) {
		t.Errorf("the public is told %q, want %q", got, want)
	}
	w.exec("update sessions set conflict_at = $1 where title = 'first'", aug2)
	if found, _ := w.Overlaps(t.Context(), member, []hackfest.SessionID{first.ID}); !found[first.ID][0].Conflict || found[first.ID][1].Conflict {
		t.Errorf("conflicts: %+v", found)
	}
}

// A session that nobody planned says so; one that was planned and began in time
// is not mistaken for it.
func TestSessionsMadeOnTheSpot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(newLog(channel, aug2).meeting("Out of the blue"))
	x := planned("Planned", aug2.AddDate(0, 0, 1).Add(-time.Minute))
	x.OverlapOK = true
	w.plan(x)
	w.record(newLog(channel, aug2.AddDate(0, 0, 1)).meeting("Planned"))
	list, err := w.Sessions(t.Context(), person.PublicViewer, store.SessionFilter{})
	w.must(err)
	if len(list) != 2 || !list[0].Spot || list[1].Spot {
		t.Errorf("got %+v", list)
	}
}
