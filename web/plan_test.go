package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// What somebody else saved meanwhile stands beside what was typed, and can be
// overruled knowingly.
func TestPlanOfTwoAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	mine := p.fill(p.mia, "/series/w/edit", series(url.Values{"title": {"Mine"}, "confirmed": {"on"}}))
	p.do("/series/w/edit", series(url.Values{"title": {"Theirs"}}))
	w := p.send(p.mia, "/series/w/edit", mine)
	if w.Code != http.StatusConflict {
		t.Fatalf("%d", w.Code)
	}
	contains(t, w.Body.String(), `value="Mine"`)
	says(t, w.Body.String(), "Saved meanwhile: Theirs")
	again := unseen(w.Body.String())
	mine.Set("revision", again.Get("revision"))
	if w := p.send(p.mia, "/series/w/edit", mine); w.Code != http.StatusSeeOther {
		t.Errorf("sent again: %d %s", w.Code, plainText(w.Body.String()))
	}
	says(t, p.see("/series/w", ""), "Mine")
}

// A form that is sent twice is carried out once, also when by then it could not be
// carried out any more.
func TestPlanSentTwice(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	form := p.fill(p.mia, "/sessions/2026-10-28-w/cancel", url.Values{"reason": {"release week"}, "confirmed": {"on"}})
	for range 2 {
		if w := p.send(p.mia, "/sessions/2026-10-28-w/cancel", form); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/sessions/2026-10-28-w") {
			t.Fatalf("%d to %s", w.Code, w.Header().Get("Location"))
		}
	}
	if n := len(slices.DeleteFunc(p.audited("2026-10-28-w"), func(a string) bool { return a != "cancel session" })); n != 1 {
		t.Errorf("cancelled %d times", n)
	}
}

// What is wrong is said at its field, and what was typed is kept.
func TestPlanSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	long := strings.Repeat("x", 301)
	for _, tt := range []struct {
		name, path string
		form       url.Values
		field      string
	}{
		{"no title", "/series/new", series(url.Values{"title": {" "}}), "title"},
		{"a title of two lines", "/series/new", series(url.Values{"title": {"a\nb"}}), "title"},
		{"a title that is taken", "/series/new", series(url.Values{"days": {"FR"}, "confirmed": {"on"}}), "title"},
		{"no such kind", "/series/new", series(url.Values{"kind": {"party"}}), "kind"},
		{"no such channel", "/series/new", series(url.Values{"channel": {"freenode/none"}}), "channel"},
		{"no such target", "/series/new", series(url.Values{"target": {"none"}}), "target"},
		{"no such chair", "/series/new", series(url.Values{"chair": {"Nobody Known"}}), "chair"},
		{"no date", "/series/new", series(url.Values{"from": {"tomorrow"}}), "from"},
		{"no time", "/series/new", series(url.Values{"time": {"noon"}}), "time"},
		{"no such zone", "/series/new", series(url.Values{"zone": {"Mars/Olympus"}}), "zone"},
		{"the machine's zone", "/series/new", series(url.Values{"zone": {"Local"}}), "zone"},
		{"no length", "/series/new", series(url.Values{"length": {"0"}}), "length"},
		{"longer than the next date", "/series/new", series(url.Values{"length": {"10080"}, "days": {"MO", "WE"}}), "length"},
		{"every 0 weeks", "/series/new", series(url.Values{"every": {"0"}}), "every"},
		{"no such day", "/series/new", series(url.Values{"days": {"XX"}}), "days"},
		{"no such nth", "/series/new", series(url.Values{"repeat": {"month"}, "nth": {"9"}, "weekday": {"MO"}}), "nth"},
		{"an empty rule", "/series/new", series(url.Values{"repeat": {"rule"}}), "rule"},
		{"a rule by the minute", "/series/new", series(url.Values{"repeat": {"rule"}, "rule": {"FREQ=MINUTELY"}}), "rule"},
		{"no way to repeat", "/series/new", series(url.Values{"repeat": {"never"}}), "repeat"},
		{"from yesterday on", "/series/w/edit", series(url.Values{"from": {"2026-10-13"}, "time": {"13:00"}}), "from"},
		{"an end that is over", "/series/w/end", url.Values{"last": {"2026-10-01"}}, "last"},
		{"an address with a blank", "/series/w/rename", url.Values{"slug": {"a b"}}, "slug"},
		{"the address of the form", "/series/w/rename", url.Values{"slug": {"new"}}, "slug"},
		{"a time that is over", "/sessions/2026-10-28-w/move", p.move("2026-10-01", "12:00", ""), "date"},
		{"where it is already", "/sessions/2026-10-28-w/move", p.move("2026-10-28", "12:00", ""), "date"},
		{"a long reason", "/sessions/2026-10-28-w/move", p.move("2026-10-29", "12:00", long), "reason"},
		{"no reason", "/sessions/2026-10-28-w/cancel", url.Values{}, "reason"},
		{"replaced by itself", "/sessions/2026-10-28-w/replace", url.Values{"by": {"2026-10-28-w"}}, "by"},
		{"replaced by nothing", "/sessions/2026-10-28-w/replace", url.Values{"by": {""}}, "by"},
		{"no title of a session", "/sessions/2026-10-28-w/edit", url.Values{"title": {""}}, "title"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := p.send(p.mia, tt.path, p.fill(p.mia, tt.path, tt.form))
			if w.Code != http.StatusUnprocessableEntity {
				t.Fatalf("%d\n%s", w.Code, plainText(w.Body.String()))
			}
			contains(t, w.Body.String(), `href="#f-`+tt.field+`"`, `id="f-`+tt.field+`-e"`)
		})
	}
	are(t, "dates", p.starts("w", "2026-10-20T00:00:00Z", "2026-11-01T00:00:00Z"), "2026-10-21T19:00Z", "2026-10-28T19:00Z")
}

// A member proposes, somebody chairs it, and then it is planned.
func TestAProposalFindsItsChair(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	mel, tess := join(t, p.Server, "Mel", person.Member), join(t, p.Server, "Tess", person.Member)
	form := p.fill(mel, "/sessions/propose", url.Values{
		"title": {"A cloud in a box"}, "kind": {"hackfest"}, "visibility": {"public"}, "channel": {"freenode/other"},
		"date": {"2026-11-05"}, "time": {"20:00"}, "zone": {"Europe/Berlin"}, "length": {"120"},
	})
	says(t, p.send(mel, "/sessions/propose", form).Body.String(), "nothing until somebody chairs it")
	form.Set("confirmed", "on")
	p.send(mel, "/sessions/propose", form)
	const at = "/sessions/2026-11-05-a-cloud-in-a-box"
	body := p.see(at, "")
	says(t, body, "Needs a chair.", "I will chair")
	lacks(t, body, ".ics")
	form = p.fill(tess, at+"/chair", url.Values{"confirmed": {"on"}})
	if w := p.send(tess, at+"/chair", form); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, plainText(w.Body.String()))
	}
	says(t, p.see(at, ""), "Chair Tess", "scheduled")
	says(t, ask(t, p.Server, request{path: "/schedule?mine=1", as: tess}).Body.String(), "A cloud in a box")
	saysNot(t, ask(t, p.Server, request{path: "/schedule?mine=1", as: mel}).Body.String(), "A cloud in a box")
	if w := p.send(mel, at+"/chair", url.Values{"confirmed": {"on"}}); w.Code != http.StatusConflict {
		t.Errorf("a second chair by the same door: %d", w.Code)
	}
}

// The page of a date that is held elsewhere leads there.
func TestAJointMeeting(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	_, to := p.do("/sessions/new", url.Values{
		"title": {"All together"}, "kind": {"meeting"}, "visibility": {"public"}, "channel": {"freenode/other"},
		"date": {"2026-10-28"}, "time": {"12:00"}, "zone": {pacific}, "length": {"60"},
	})
	p.do("/sessions/2026-10-28-w/replace", url.Values{"by": {strings.TrimPrefix(to, "/sessions/")}})
	body := p.see("/sessions/2026-10-28-w", "")
	says(t, body, "Cancelled by Mia: Held together with All together. Held instead: All together, Wed 28 Oct.")
	contains(t, body, `href="`+to+`"`)
}

// What is done can be undone by the one button that is offered.
func TestPlanUndone(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	undo := func(path string, form url.Values) {
		t.Helper()
		form = p.fill(p.mia, path, form)
		form.Set("confirmed", "on")
		w := p.send(p.mia, path, form)
		c, err := p.Store.Change(t.Context(), formKeyOf(t, w.Header().Get("Location")))
		must(t, err)
		if w := p.send(p.mia, c.Undo, url.Values{"once": {newKey().String()}}); w.Code != http.StatusSeeOther {
			t.Fatalf("undoing %s by %s: %d %s", path, c.Undo, w.Code, plainText(w.Body.String()))
		}
	}
	undo("/sessions/2026-10-28-w/move", p.move("2026-10-29", "14:00", "a day later"))
	if x := p.api("2026-10-28-w"); x.StartsAt != "2026-10-28T19:00:00Z" {
		t.Errorf("after the move was undone it starts at %s", x.StartsAt)
	}
	undo("/sessions/2026-11-04-w/cancel", url.Values{"reason": {"release week"}})
	if x := p.api("2026-11-04-w"); x.Status != "scheduled" {
		t.Errorf("after the cancellation was undone it is %s", x.Status)
	}
	undo("/sessions/2026-11-11-w/edit", url.Values{"title": {"Another"}})
	if x := p.api("2026-11-11-w"); x.Title != "W" {
		t.Errorf("after the change was undone it is %s", x.Title)
	}
}

func formKeyOf(t *testing.T, location string) hackfest.Ref {
	t.Helper()
	u, err := url.Parse(location)
	must(t, err)
	key, err := hackfest.ParseRef(u.Query().Get("did"))
	must(t, err)
	return key
}

// What was imported is read-only, and its pages say so.
func TestForeignSeriesAreReadOnly(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	_, err := p.Store.AddSeries(t.Context(), hackfest.Series{
		Slug: "theirs", Title: "Theirs", Kind: hackfest.KindMeeting, Rule: "FREQ=WEEKLY;BYDAY=WE", Zone: pacific, Length: time.Hour,
		First: time.Date(2026, 10, 21, 12, 0, 0, 0, time.UTC), Network: "freenode", Channel: devel, Foreign: "https://example.org/theirs.ics",
	}, p.at)
	must(t, err)
	const why = "It was imported from https://example.org/theirs.ics and follows that calendar, so it is changed there."
	body := ask(t, p.Server, request{path: "/series/theirs", as: p.mia}).Body.String()
	says(t, body, why)
	lacks(t, body, "/series/theirs/edit")
	for _, path := range []string{"/series/theirs/edit", "/series/theirs/end", "/sessions/2026-10-21-theirs/move", "/sessions/2026-10-21-theirs/cancel"} {
		says(t, ask(t, p.Server, request{path: path, as: p.mia}).Body.String(), why)
		if w := p.send(p.mia, path, url.Values{"confirmed": {"on"}, "reason": {"x"}, "last": {"2026-12-01"}}); w.Code != http.StatusConflict {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// The picture of a plan has the zones of those who show theirs.
func TestPlanAcrossTheCommunitysZones(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	for i, zone := range []string{"Asia/Kathmandu", "Asia/Kathmandu", "Europe/Berlin"} {
		a := join(t, p.Server, "Person "+string(rune('A'+i)), person.Member)
		must(t, p.Store.SetZone(t.Context(), a.ID, zone))
	}
	preview, _ := p.preview("/series/new", series(nil))
	says(t, preview, "Tokyo") // nobody shows theirs
	for _, name := range []string{"Person A", "Person B", "Person C"} {
		a, err := p.Store.Account(t.Context(), name)
		must(t, err)
		x, err := p.Store.Settings(t.Context(), a.ID)
		must(t, err)
		x.Listed, x.ZoneShown = true, true
		must(t, p.Store.SetListing(t.Context(), a.ID, x))
	}
	preview, _ = p.preview("/series/new", series(nil))
	says(t, preview, "Kathmandu Thu 22 Oct, 00:45 2 all of it", "Berlin Wed 21 Oct, 21:00 1 30 min of it")
	saysNot(t, preview, "Tokyo")
}
