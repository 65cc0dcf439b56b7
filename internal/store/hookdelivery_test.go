package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// hookClock tells River the time of the tests.
type hookClock struct{}

func (hookClock) Now() time.Time       { return aug2 }
func (hookClock) NowOrNil() *time.Time { now := aug2; return &now }

// delivered is a delivery that says that an issue has a title since then.
func delivered(id string, number int, title string, since time.Time) (hackfest.HookDelivery, *hackfest.GitHubChange) {
	d := hackfest.HookDelivery{ID: id, Event: "issues", Repository: "eucalyptus/recipes", ReceivedAt: aug2, State: hackfest.HookReceived}
	return d, &hackfest.GitHubChange{
		Repository: hackfest.Repository{GitHubID: 7, Name: "eucalyptus/recipes"},
		Issues:     []hackfest.Issue{{Number: number, Title: title, Open: true, OpenedAt: aug2, UpdatedAt: since}},
	}
}

// put adds a delivery and returns whether it is new.
func (w world) put(d hackfest.HookDelivery, c *hackfest.GitHubChange) bool {
	w.t.Helper()
	_, fresh, err := w.AddHookDelivery(w.t.Context(), d, c, hookClock{})
	w.must(err)
	return fresh
}

// work works all deliveries that wait.
func (w world) work() (states []hackfest.HookState) {
	w.t.Helper()
	for {
		d, worked, _, err := w.WorkHookDelivery(w.t.Context(), aug2)
		w.must(err)
		if !worked {
			return states
		}
		states = append(states, d.State)
	}
}

func (w world) registerRecipes() hackfest.RepositoryID {
	w.t.Helper()
	id, err := w.AddRepository(w.t.Context(), "Eucalyptus/Recipes", person.Public, aug2)
	w.must(err)
	return id
}

func TestHookDeliveriesAreKeptOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registerRecipes()
	var all sync.WaitGroup
	for range 8 { // GitHub's retry may come while the first is under way, at another replica
		all.Go(func() { d, c := delivered("a", 1, "One", aug2); w.put(d, c) })
	}
	all.Wait()
	if n := w.number(`select count(*) from hook_deliveries where state = 'received' and change is not null`); n != 1 {
		t.Errorf("%d rows", n)
	}
	if n := w.number(`select count(*) from river_job where kind = 'work_hooks'`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	if got := fmt.Sprint(w.work()); got != "[applied]" {
		t.Error(got)
	}
	// Who repeats it later changes nothing, whatever the repeat says.
	d, c := delivered("a", 1, "Another", aug2.Add(time.Hour))
	if w.put(d, c) || len(w.work()) > 0 || w.number(`select count(*) from issues where title = 'One'`) != 1 {
		t.Error("a repeat had an effect")
	}
	if n := w.number(`select count(*) from hook_deliveries where change is not null`); n != 0 {
		t.Error("what was worked is still kept")
	}
}

func TestHookDeliveriesOfNobodysRepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct{ name, sql string }{
		{"never registered", `select 1`},
		{"written down for good", `update repositories set recorded_at = '2013-03-04'`},
		{"taken off", `update repositories set recorded_at = null, removed_at = '2012-08-02'`},
		{"another one of that name", `update repositories set removed_at = null, github_id = 8`},
	} {
		w.exec(tt.sql)
		d, c := delivered(tt.name, 1, "One", aug2)
		kept, fresh, err := w.AddHookDelivery(t.Context(), d, c, hookClock{})
		w.must(err)
		if !fresh || kept.State != hackfest.HookIgnored || kept.Note == "" || len(w.work()) > 0 {
			t.Errorf("%s: %+v", tt.name, kept)
		}
		if tt.name == "never registered" {
			w.registerRecipes()
		}
	}
	if n := w.number(`select count(*) from river_job`); n != 0 {
		t.Errorf("%d jobs", n)
	}
}

// One that cannot be applied holds none of the others up.
func TestHookDeliveryThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.registerRecipes()
	for i, name := range []string{"first", "odd", "gone", "last"} {
		d, c := delivered(name, i+1, name, aug2)
		d.ReceivedAt = aug2.Add(time.Duration(i) * time.Second)
		w.put(d, c)
	}
	w.exec(`update repositories set due_at = '2013-01-01', github_id = 7`)
	w.exec(`update hook_deliveries set change = '{"Issues": "none", "Repository": {"GitHubID": 7}}' where id = 'odd'`)
	w.exec(`update hook_deliveries set change = jsonb_set(change, '{Repository,GitHubID}', '9') where id = 'gone'`)
	if got := fmt.Sprint(w.work()); got != "[applied failed ignored applied]" {
		t.Error(got)
	}
	if r, err := w.Repository(t.Context(), member, "eucalyptus/recipes"); err != nil || r.ID != id || !r.HookAt.Equal(aug2.Add(3*time.Second)) || !r.DueAt.Equal(aug2) {
		t.Errorf("%+v %v", r, err)
	}
	list, err := w.HookDeliveries(t.Context(), "", 3)
	w.must(err)
	older, err := w.HookDeliveries(t.Context(), list[2].ID, 3)
	w.must(err)
	if len(list) != 3 || list[0].ID != "last" || len(older) != 1 || older[0].ID != "first" || list[2].Note == "" {
		t.Errorf("%+v, then %+v", list, older)
	}
	if all, err := w.HookDeliveries(t.Context(), "forgotten", 9); err != nil || len(all) != 4 {
		t.Errorf("%v %v", all, err)
	}
	if len(list[2].Note) > 200 || list[2].State != hackfest.HookFailed {
		t.Errorf("%+v", list[2])
	}
}

// A delivery that cannot be kept whole is not kept at all.
func TestHookDeliveryIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registerRecipes()
	d, c := delivered("a", 1, "One", aug2)
	w.exec(`alter table river_job add constraint full_up check (kind <> 'work_hooks')`)
	if _, fresh, err := w.AddHookDelivery(t.Context(), d, c, hookClock{}); err == nil || fresh {
		t.Error("kept without a job")
	}
	if n := w.number(`select count(*) from hook_deliveries`); n != 0 {
		t.Errorf("%d rows", n)
	}
	w.exec(`alter table river_job drop constraint full_up`)
	d.ID = ""
	if _, _, err := w.AddHookDelivery(t.Context(), d, c, hookClock{}); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
}
