package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// register adds a repository.
func (w world) register(name string, seen person.Visibility) hackfest.RepositoryID {
	w.t.Helper()
	id, err := w.AddRepository(w.t.Context(), name, seen, aug2)
	w.must(err)
	return id
}

// What admins are told of repositories, each as far as they may see it.
func TestRepositoriesOfThings(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	open, hidden, off := w.register("euca/open", person.Public), w.register("euca/hidden", person.MembersOnly), w.register("euca/off", person.Public)
	target := w.propose("Chef", w.actor("Ann", person.Admin))
	x := planned("Chef", aug2)
	x.TargetSlug = "chef"
	x = w.plan(x)
	secret := planned("Behind doors", aug2.AddDate(0, 0, 1))
	secret.Visibility = person.MembersOnly
	secret = w.plan(secret)
	for of, ids := range map[hackfest.RepositoryUse][]hackfest.RepositoryID{
		{TargetID: target.ID}: {open, hidden, off}, {SessionID: x.ID}: {hidden}, {SessionID: secret.ID}: {open},
	} {
		w.must(w.SetRepositoryUses(ctx, of, ids, aug2))
	}
	w.must(w.RemoveRepository(ctx, off, aug2))
	w.exec(`insert into repository_names (name, repository_id, created_at) values ('euca/old', $1, $2)`, hidden, aug2)
	w.exec(`insert into issues (repository_id, number, pull, title, state, opened_at, closed_at, updated_at, known_at, removed_at)
		select $1, n, n = 3, 't', case when n = 2 then 'closed' else 'open' end, $2::timestamptz, case when n = 2 then $2 end, $2, $2, case when n = 4 then $2 end
		from generate_series(1, 4) n`, hidden, aug2)

	for _, tt := range []struct {
		name        string
		who         person.Viewer
		own, users  string
		known       hackfest.RepositoryKnown
		formerNames int
	}{
		{
			"a member", member, fmt.Sprint([]hackfest.RepositoryID{open, hidden}), "open target chef, open session " + secret.Slug + ", hidden target chef, hidden session " + x.Slug + ", ",
			hackfest.RepositoryKnown{Issues: 2, OpenIssues: 1, Pulls: 1, OpenPulls: 1},
			1,
		},
		{"the public", person.PublicViewer, fmt.Sprint([]hackfest.RepositoryID{open}), "open target chef, ", hackfest.RepositoryKnown{}, 0},
	} {
		own, err := w.OwnRepositories(ctx, tt.who, hackfest.RepositoryUse{TargetID: target.ID})
		w.must(err)
		if fmt.Sprint(own) != tt.own {
			t.Errorf("%s: the target has %v", tt.name, own)
		}
		users, err := w.RepositoryUsers(ctx, tt.who, 0, 20)
		w.must(err)
		words := ""
		for _, u := range users {
			words += map[hackfest.RepositoryID]string{open: "open", hidden: "hidden", off: "off"}[u.RepositoryID] + " " + u.Kind + " " + u.Slug + ", "
		}
		if words != tt.users {
			t.Errorf("%s: they belong to %s", tt.name, words)
		}
		known, err := w.RepositoryKnown(ctx, tt.who, hidden)
		if known != tt.known || (err == nil) != (tt.known != hackfest.RepositoryKnown{}) {
			t.Errorf("%s: known is %+v, %v", tt.name, known, err)
		}
		if names, err := w.FormerNames(ctx, tt.who, hidden); err != nil || len(names) != tt.formerNames {
			t.Errorf("%s: it was called %v, %v", tt.name, names, err)
		}
	}
	if one, err := w.RepositoryUsers(ctx, member, open, 20); err != nil || len(one) != 2 || !one[1].StartsAt.Equal(secret.StartsAt) {
		t.Errorf("%+v, %v", one, err)
	}
	if r, err := w.RemovedRepository(ctx, member, "EUCA/Off"); err != nil || r.ID != off {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := w.RemovedRepository(ctx, member, "euca/open"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("what is there was taken off: %v", err)
	}
}

// The desk hears of repositories that are named and that nobody registered.
func TestUnknownRepositories(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	moved := w.register("euca/known", person.Public)
	w.exec(`insert into repository_names (name, repository_id, created_at) values ('euca/old', $1, $2)`, moved, aug2)
	for i, text := range []string{"fix A/b#1 and euca/Known#2", "a/b#1, a/b#2 and c/d#3", "euca/old#4"} {
		w.record(newLog(channel, aug2.AddDate(0, 0, i)).say("ann", "#startmeeting One").say("ann", "#info "+text).say("ann", "#endmeeting"))
	}
	w.exec(`update meetings set visibility = 'members' where started_at >= $1 and started_at < $2`, aug2.AddDate(0, 0, 1), aug2.AddDate(0, 0, 2))
	names := func(who person.Viewer, since time.Time) (list []string) {
		t.Helper()
		found, err := w.UnknownRepositories(ctx, who, since, 10)
		w.must(err)
		for _, x := range found {
			list = append(list, fmt.Sprintf("%s %d %d", x.Name, x.Issues, x.Meetings))
		}
		return list
	}
	for _, tt := range []struct {
		name  string
		who   person.Viewer
		since time.Time
		want  []string
	}{
		{"a member", member, aug2, []string{"a/b 2 2", "c/d 1 1"}},
		{"the public", person.PublicViewer, aug2, []string{"A/b 1 1"}},
		{"only lately", member, aug2.AddDate(0, 0, 1), []string{"a/b 2 1", "c/d 1 1"}},
	} {
		if got := names(tt.who, tt.since); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
	off := w.register("c/d", person.Public)
	w.must(w.RemoveRepository(ctx, off, aug2))
	w.register("A/B", person.Public)
	if got := names(member, aug2); !slices.Equal(got, []string{"c/d 1 1"}) {
		t.Errorf("after registering: %q", got)
	}
}
