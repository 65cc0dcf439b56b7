package web

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// newSeriesTest is the first of three Wednesdays of a series, with its chair
// and an agenda of three items.
func newSeriesTest(t *testing.T) floorTest {
	t.Helper()
	s, dsn := newServerAt(t)
	weekly(t, s, time.Date(2012, 8, 22, 12, 0, 0, 0, time.UTC), nil)
	x, err := s.Store.Session(t.Context(), viewerOf(nil), "2012-08-22-weekly-hackfest")
	must(t, err)
	f := floorTest{Server: s, x: x, k: listen(t, s, x), path: "/sessions/" + x.Slug, dsn: dsn}
	f.chair, f.member = join(t, s, "Tess", person.Member), join(t, s, "Dov", person.Member)
	chairs(t, dsn, f.chair, x)
	return f
}

func (f floorTest) prepare(t *testing.T) {
	t.Helper()
	c, err := f.Store.MeetingContext(t.Context(), f.x.Network, f.x.Channel, f.x.StartsAt)
	must(t, err)
	f.k.planned = c.Sessions
}

func TestAgendaIsChanged(t *testing.T) {
	t.Parallel()
	f := newFloorTest(t)
	page := f.see(t, f.chair, f.path+"/agenda")
	first := between(t, page, `id="a-`, `"`)
	third := number(t, first) + 2
	item := func(id int) string { return "/agenda/" + itoa(id) }
	order := func() string {
		t.Helper()
		var list []string
		items, err := f.Store.Agenda(t.Context(), viewerOf(nil), f.x.ID)
		must(t, err)
		for _, i := range items {
			list = append(list, i.Text+" "+string(i.State))
		}
		return strings.Join(list, "; ")
	}

	to, _ := f.send(t, f.chair, "/agenda", 303, "text", "Ports <b>")
	contains(t, f.see(t, f.chair, to), "It is on the agenda.", "Ports &lt;b&gt;")
	contains(t, f.see(t, person.Actor{}, f.path), "Ports &lt;b&gt;")
	_, body := f.send(t, f.chair, "/agenda", 422, "text", strings.Repeat("x", 301))
	contains(t, body, "at most 300 characters", strings.Repeat("x", 301))

	f.send(t, f.chair, item(third), 303, "do", "up", "revision", "1", "text", "What do we write down?")
	f.send(t, f.chair, item(third), 303, "do", "down", "revision", "1", "text", "What do we keep?") // what was typed is saved besides
	if got := order(); !strings.HasPrefix(got, "Which image do we all use? open; DNS inside the cluster open; What do we keep? open; Ports") {
		t.Errorf("the agenda is %s", got)
	}
	_, body = f.send(t, f.chair, item(third), 409, "text", "mine", "revision", "1")
	contains(t, body, `value="mine"`, "Saved meanwhile:", "<bdi>What do we keep?</bdi>", `name="revision" value="2"`)

	to, _ = f.send(t, f.chair, item(third), 303, "do", "drop", "revision", "2", "text", "What do we keep?")
	page = f.see(t, f.chair, to)
	contains(t, page, "It is off the agenda: What do we keep?", `action="`+f.path+item(third)+`/restore"`)
	lacks(t, f.see(t, f.member, f.path), "What do we keep?")
	f.send(t, f.chair, item(third)+"/restore", 303)
	contains(t, f.see(t, f.member, f.path), "What do we keep?")
	f.send(t, f.chair, item(third)+"/restore", 409)
}

// Whoever chairs one session changes its agenda and no other's: A62.
func TestAgendaOfAnother(t *testing.T) {
	t.Parallel()
	f := newFloorTest(t)
	other := plan(t, f.Server, "Another", wednesday.Add(48*time.Hour), nil)
	id, err := f.Store.AddAgendaItem(t.Context(), other.ID, "theirs", wednesday)
	must(t, err)
	f.send(t, f.chair, "/agenda/"+itoa(int(id)), 404, "text", "mine", "revision", "1")
	f.send(t, f.chair, "/agenda/"+itoa(int(id))+"/restore", 404)
	own := f.path
	f.path = "/sessions/" + other.Slug
	f.send(t, f.chair, "/agenda", 403, "text", "mine")
	f.send(t, f.member, "/agenda", 403, "text", "mine")
	f.send(t, person.Actor{}, "/agenda", 401, "text", "mine")
	if w := ask(t, f.Server, request{path: f.path + "/agenda", as: f.chair}); w.Code != 403 {
		t.Errorf("the page of another session's agenda: %d", w.Code)
	}
	if w := ask(t, f.Server, request{path: own + "/agenda"}); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/signin?next=") {
		t.Errorf("without a sign-in: %d to %s", w.Code, w.Header().Get("Location"))
	}
	i, err := f.Store.AgendaItem(t.Context(), viewerOf(nil), id)
	must(t, err)
	if i.Text != "theirs" || i.Revision != 1 {
		t.Errorf("the item is %q, revision %d", i.Text, i.Revision)
	}
}

// What was not reached is on the next agenda once, and both sessions show the
// link: A51.
func TestCarryOver(t *testing.T) {
	t.Parallel()
	f := newSeriesTest(t)
	for _, text := range []string{"Images", "DNS", "Ports"} {
		f.send(t, f.chair, "/agenda", 303, "text", text)
	}
	alter(t, f.dsn, "update sessions set state = 'proposed' where slug > '2012-08-23'")
	f.prepare(t)
	f.k.say("tessv", "#startmeeting")
	f.k.say("tessv", "#next")
	f.send(t, f.chair, "/agenda/carry", 409) // it may still be reached
	f.k.say("tessv", "#endmeeting")
	page := f.see(t, f.chair, f.path)
	lacks(t, page, "Carry all", "carried over to")
	f.send(t, f.chair, "/agenda/carry", 409) // there is nowhere to

	alter(t, f.dsn, "update sessions set state = 'scheduled' where slug = '2012-08-29-weekly-hackfest'")
	page = f.see(t, f.chair, f.path)
	contains(t, page, "<s><bdi>Images</bdi></s>", "Carry all 2 to 29 Aug")
	lacks(t, f.see(t, f.member, f.path), "Carry all")
	to, _ := f.send(t, f.chair, "/agenda/carry", 303)
	page = f.see(t, f.chair, to)
	contains(t, page, "2 items are on the agenda of 29 Aug now.", `carried over to <a href="/sessions/2012-08-29-weekly-hackfest">29 Aug</a>`)
	lacks(t, page, "Carry all")
	to, _ = f.send(t, f.chair, "/agenda/carry", 303)
	contains(t, f.see(t, f.chair, to), "Nothing was left")
	next := f.see(t, person.Actor{}, "/sessions/2012-08-29-weekly-hackfest")
	contains(t, next, "2 carried over", `carried over from <a href="/sessions/2012-08-22-weekly-hackfest">22 Aug</a>`)
	if n := strings.Count(next, "carried over from"); n != 2 {
		t.Errorf("%d items are carried over, want 2", n)
	}
	lacks(t, next, "Images")
}

// An action that is closed on one page is closed on all, with who did it; it can
// be taken back.
func TestActionIsSettledEverywhere(t *testing.T) {
	t.Parallel()
	f := newSeriesTest(t)
	introduce(t, f.dsn, "Okapi", "freenode", "okapi")
	okapi, err := f.Store.Account(t.Context(), "Okapi")
	must(t, err)
	owner := person.Actor{Viewer: person.Viewer{ID: okapi.ID, Role: person.Member}, Name: "Okapi"}
	f.k.say("tessv", "#startmeeting")
	f.k.say("okapi", "here")
	ref := f.k.say("tessv", "#action okapi to list the ports, due 2012-08-24")
	f.k.say("tessv", "#action somebody to write it down")
	f.k.say("tessv", "#endmeeting")
	f.Now = func() time.Time { return wednesday.AddDate(0, 0, 3) }
	id := hackfest.ItemID{Ref: ref, N: 1}
	everywhere := []string{f.path, "/series/weekly-hackfest", "/series/weekly-hackfest/minutes", "/people/Okapi", "/sessions/2012-08-29-weekly-hackfest"}
	settle := func(as person.Actor, status int, how string) string {
		t.Helper()
		g := f
		g.path = "/actions/"
		to, _ := g.send(t, as, id.String(), status, "how", how, "return", "/series/weekly-hackfest")
		return to
	}
	for _, path := range everywhere {
		contains(t, f.see(t, owner, path), `action="/actions/`+id.String()+`"`, "open")
		lacks(t, f.see(t, f.member, path), `action="/actions/`)
		contains(t, f.see(t, person.Actor{}, path), "list the ports")
	}
	settle(f.member, 403, "done")
	settle(person.Actor{}, 401, "done")
	settle(owner, 422, "forgotten")
	to := settle(owner, 303, "done")
	if !strings.HasPrefix(to, "/series/weekly-hackfest?did=") {
		t.Errorf("to %s", to)
	}
	page := f.see(t, owner, to)
	contains(t, page, "The action is done.", `action="/actions/`+id.String()+`?how=open`)
	for _, path := range everywhere[:1] {
		contains(t, f.see(t, person.Actor{}, path), "done by Okapi", `class="state done"`)
	}
	contains(t, f.see(t, person.Actor{}, "/people/Okapi"), "done by Okapi")
	lacks(t, f.see(t, person.Actor{}, "/series/weekly-hackfest"), "list the ports")
	lacks(t, f.see(t, person.Actor{}, "/series/weekly-hackfest/minutes"), "list the ports")
	lacks(t, f.see(t, person.Actor{}, "/sessions/2012-08-29-weekly-hackfest"), "list the ports")

	w := ask(t, f.Server, request{method: "POST", path: "/actions/" + id.String() + "?how=open&return=%2Fpeople%2FOkapi", form: map[string][]string{"once": {newKey().String()}}, as: owner})
	if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/people/Okapi?did=") {
		t.Fatalf("undo: %d to %s", w.Code, w.Header().Get("Location"))
	}
	contains(t, f.see(t, person.Actor{}, "/series/weekly-hackfest"), "list the ports", "opened again by Okapi")
	settle(f.chair, 303, "carried")
	contains(t, f.see(t, person.Actor{}, "/series/weekly-hackfest"), "carried over by Tess")
}
