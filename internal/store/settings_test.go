package store_test

import (
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

func TestProfileIsLockedOptimistically(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.know("Ann", "annie", true)
	w.know("Bob", "bob", false)
	x, err := w.Settings(t.Context(), ann)
	w.must(err)
	if x.Name != "Ann" || !x.Listed || !x.ZoneShown || x.HasPassword || x.Mail != "" {
		t.Errorf("%+v", x)
	}
	w.must(w.SetProfile(t.Context(), ann, "Anna", "Europe/Berlin", x.Revision))
	if err := w.SetProfile(t.Context(), ann, "Anne", "UTC", x.Revision); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an old window saves: %v", err)
	}
	x, err = w.Settings(t.Context(), ann)
	w.must(err)
	if x.Name != "Anna" || x.Zone != "Europe/Berlin" {
		t.Errorf("%+v", x)
	}
	err = w.SetProfile(t.Context(), ann, "BOB", "", x.Revision)
	if list := fault.All(err); fault.KindOf(err) != fault.Conflict || list[0].Field != "name" {
		t.Errorf("somebody else's name: %v", err)
	}
	x.Listed, x.ZoneShown = true, false
	w.must(w.SetListing(t.Context(), ann, x))
	if p, err := w.Person(t.Context(), "anna"); err != nil || p.Zone != "" {
		t.Errorf("the zone is shown although it is not to be: %+v, %v", p, err)
	}
	if err := w.SetListing(t.Context(), ann, x); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an old window saves where one is found: %v", err)
	}
	w.must(w.SetZone(t.Context(), ann, "Asia/Tokyo"))
	w.exec("update people set suspended_at = $1 where id = $2", aug2, ann)
	if _, err := w.Person(t.Context(), "anna"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("somebody suspended has a page: %v", err)
	}
	if names, _ := w.ListedNicks(t.Context(), network, []string{"annie"}); len(names) != 0 {
		t.Errorf("somebody suspended is linked to: %v", names)
	}
}

func TestNameGivenUpAndTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.know("Ann", "annie", true), w.know("Bob", "bob", true)
	list, err := w.Identities(t.Context(), ann)
	w.must(err)
	if len(list) != 1 || list[0].Value != "annie" || list[0].Kind != person.IRCNick || !list[0].Until.IsZero() {
		t.Fatalf("%+v", list)
	}
	id := list[0].ID
	if _, err := w.GiveUpIdentity(t.Context(), bob, id, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("somebody else gives it up: %v", err)
	}
	if d, err := w.GiveUpIdentity(t.Context(), ann, id, aug2); err != nil || d.Value != "annie" {
		t.Errorf("%+v, %v", d, err)
	}
	if names, _ := w.ListedNicks(t.Context(), network, []string{"annie"}); len(names) != 0 {
		t.Errorf("still theirs: %v", names)
	}
	if _, err := w.TakeBackIdentity(t.Context(), bob, id, aug2.Add(-time.Minute)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("somebody else takes it: %v", err)
	}
	if _, err := w.TakeBackIdentity(t.Context(), ann, id, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("too late: %v", err)
	}
	w.exec(`insert into identities (person_id, kind, network, value, proven_at, since) values ($1, 'nick', $2, 'ANNIE', $3, $3)`, bob, network, aug2)
	if _, err := w.TakeBackIdentity(t.Context(), ann, id, aug2.Add(-time.Minute)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another's by now: %v", err)
	}
	w.exec("delete from identities where value = 'ANNIE'")
	if d, err := w.TakeBackIdentity(t.Context(), ann, id, aug2.Add(-time.Minute)); err != nil || !d.Until.IsZero() {
		t.Errorf("%+v, %v", d, err)
	}
}
