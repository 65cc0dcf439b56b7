package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// broker is a recipe as it stands in a repository.
func broker() hackfest.FoundRecipe {
	f := hackfest.FoundRecipe{Slugs: []string{"broker", "bash-broker"}}
	f.Recipe = hackfest.Recipe{
		Summary: "A broker.", Kind: hackfest.RecipeBash, Distribution: "fedora", Release: "16", TargetSlug: "openshift-origin", Ports: "22,53/udp",
		Repository: "https://github.com/eucalyptus/recipes", Path: "bash/fedora/broker.sh",
	}
	f.Source, f.Commit = "#!/bin/bash\necho 1\n", strings.Repeat("a", 40)
	f.Files = []hackfest.RecipeFile{{Path: "bash/fedora/x", Text: "one"}, {Path: "bash/fedora/y", Text: "two"}}
	return f
}

// images adds images and returns their slugs.
func (w world) images(names ...string) {
	w.t.Helper()
	for _, n := range names {
		distribution, release, _ := strings.Cut(strings.ToLower(n), " ")
		_, err := w.AddImage(w.t.Context(), hackfest.Image{Name: n, Distribution: distribution, Release: release}, aug2)
		w.must(err)
	}
}

func TestImportRecipe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "OpenShift Origin"}, aug2)
	w.must(err)
	bring := func(f hackfest.FoundRecipe) string {
		t.Helper()
		done, err := w.ImportRecipe(ctx, f, aug2)
		w.must(err)
		return fmt.Sprintf("%s new=%v changed=%v", done.Slug, done.New, done.Changed)
	}
	for _, tt := range []struct {
		name, want string
		change     func(f *hackfest.FoundRecipe)
	}{
		{"the first time", "broker new=true changed=true", func(*hackfest.FoundRecipe) {}},
		{"again", "broker new=false changed=false", func(*hackfest.FoundRecipe) {}},
		{"at a later commit", "broker new=false changed=false", func(f *hackfest.FoundRecipe) { f.Commit = strings.Repeat("b", 40) }},
		{"that says something else", "broker new=false changed=true", func(f *hackfest.FoundRecipe) { f.Source += "echo 2\n" }},
		{"that says what it said first", "broker new=false changed=true", func(*hackfest.FoundRecipe) {}},
		{"with another file", "broker new=false changed=true", func(f *hackfest.FoundRecipe) { f.Files[1].Text = "three" }},
		{"whose words moved between files", "broker new=false changed=true", func(f *hackfest.FoundRecipe) { f.Files[0].Text, f.Files[1].Text = "onethree", "" }},
		{"elsewhere by the same name", "bash-broker new=true changed=true", func(f *hackfest.FoundRecipe) { f.Path = "bash/broker.sh" }},
		{"in another repository", "broker-2 new=true changed=true", func(f *hackfest.FoundRecipe) { f.Repository = "mine" }},
		{"and one more", "broker-3 new=true changed=true", func(f *hackfest.FoundRecipe) { f.Repository = "yours" }},
	} {
		f := broker()
		tt.change(&f)
		if got := bring(f); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	x, err := w.Recipe(ctx, "broker")
	w.must(err)
	if x.TargetSlug != "openshift-origin" || x.Ports != "22, 53/udp" || x.Path != "bash/fedora/broker.sh" {
		t.Errorf("kept %+v", x)
	}
	v, err := w.RecipeVersion(ctx, x.ID, 0)
	w.must(err)
	if v.Number != 5 || len(v.Files) != 2 || v.Files[0].Text != "onethree" {
		t.Errorf("in use is %+v", v)
	}
	first, err := w.RecipeVersion(ctx, x.ID, 1)
	w.must(err)
	if first.Commit != strings.Repeat("a", 40) || first.Source != broker().Source {
		t.Errorf("the first was %+v", first)
	}
	if _, err := w.RecipeVersion(ctx, x.ID, 9); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a version that never was: %v", err)
	}

	// What people wrote about it stays when its repository changes.
	x.Summary, x.TargetSlug, x.Smallest = "Ours.", "", "m1.xlarge"
	w.must(w.EditRecipe(ctx, x, "ignored", aug2))
	if err := w.EditRecipe(ctx, x, "", aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an edit of what was there before: %v", err)
	}
	bring(broker())
	if y, err := w.Recipe(ctx, "broker"); err != nil || y.Summary != "Ours." || y.TargetSlug != "" || y.Smallest != "m1.xlarge" {
		t.Errorf("after another import it is %+v, %v", y, err)
	}
	if v, err := w.RecipeVersion(ctx, x.ID, 0); err != nil || v.Source != broker().Source {
		t.Errorf("an edit changed the source of a repository: %+v, %v", v, err)
	}
}

func TestRecipesWrittenHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	slug, err := w.AddRecipe(ctx, hackfest.Recipe{Slug: "mine", Kind: hackfest.RecipeBash}, "#!/bin/sh\n", aug2)
	w.must(err)
	if _, err := w.AddRecipe(ctx, hackfest.Recipe{Slug: slug, Kind: hackfest.RecipeBash}, "x", aug2); fault.KindOf(err) != fault.Conflict || fault.All(err)[0].Field != "slug" {
		t.Errorf("the same name again: %v", err)
	}
	x, err := w.Recipe(ctx, slug)
	w.must(err)
	w.must(w.EditRecipe(ctx, x, "#!/bin/sh\necho\n", aug2))
	x.Revision++
	x.RetiredAt = aug2
	w.must(w.EditRecipe(ctx, x, "#!/bin/sh\necho\n", aug2))
	if v, err := w.RecipeVersion(ctx, x.ID, 0); err != nil || v.Number != 2 {
		t.Errorf("in use is %+v, %v", v, err)
	}
	if y, err := w.Recipe(ctx, slug); err != nil || !y.RetiredAt.Equal(aug2) {
		t.Errorf("retired at %v, %v", y.RetiredAt, err)
	}
	for name, change := range map[string]func(*hackfest.Recipe){
		"kind": func(r *hackfest.Recipe) { r.Kind = "perl" }, "tool": func(r *hackfest.Recipe) { r.Tool = hackfest.RecipeBash },
		"distribution": func(r *hackfest.Recipe) { r.Distribution = "a b" }, "release": func(r *hackfest.Recipe) { r.Release = "x y" },
		"smallest": func(r *hackfest.Recipe) { r.Smallest = "big; rm" }, "ports": func(r *hackfest.Recipe) { r.Ports = "22; rm" },
		"summary": func(r *hackfest.Recipe) { r.Summary = strings.Repeat("é", 301) },
	} {
		r := hackfest.Recipe{Slug: "other", Kind: hackfest.RecipeBash}
		change(&r)
		if _, err := w.AddRecipe(ctx, r, "x", aug2); fault.KindOf(err) != fault.Invalid || fault.All(err)[0].Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.AddRecipe(ctx, hackfest.Recipe{Slug: "other", Kind: hackfest.RecipeBash}, strings.Repeat("x", hackfest.MaxRecipeSource+1), aug2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a source that is too long: %v", err)
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.images("Ubuntu 9.10", "Ubuntu 12.04", "Fedora 16", "Ubuntu 10.04")
	i, err := w.Image(ctx, "fedora-16")
	w.must(err)
	i.IDs = []hackfest.ImageID{{Cloud: "sandbox", ID: "emi-27F73C1A"}, {Cloud: "AWS", ID: "ami-0abc1234"}}
	w.must(w.EditImage(ctx, i, aug2))
	if err := w.EditImage(ctx, i, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an edit of what was there before: %v", err)
	}
	i.Revision++
	i.IDs, i.RetiredAt = i.IDs[:1], aug2
	w.must(w.EditImage(ctx, i, aug2))
	list, err := w.Images(ctx)
	w.must(err)
	got := ""
	for _, i := range list {
		got += fmt.Sprintf("%s %v\n", i.Name, i.IDs)
	}
	if want := "Ubuntu 12.04 []\nUbuntu 10.04 []\nUbuntu 9.10 []\nFedora 16 [{sandbox emi-27F73C1A}]\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if _, err := w.AddImage(ctx, hackfest.Image{Name: "fedora 16"}, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same name again: %v", err)
	}
}

// outcomes lists results at a glance.
func outcomes(list []hackfest.RecipeResult) string {
	var words []string
	for _, x := range list {
		words = append(words, fmt.Sprintf("%s/%s %s by %q in %q", x.RecipeSlug, x.ImageSlug, x.Outcome, x.Who, x.SessionSlug))
	}
	return strings.Join(words, "\n")
}

func TestResults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.images("Fedora 16", "Fedora 17")
	_, err := w.ImportRecipe(ctx, broker(), aug2)
	w.must(err)
	ann, err := w.AddPerson(ctx, "Ann", person.Member, aug2)
	w.must(err)
	first := w.plan(planned("First", aug2))
	second := w.plan(planned("Second", aug2.AddDate(0, 0, 7)))
	hidden := planned("Hidden", aug2.AddDate(0, 0, 14))
	hidden.Visibility = person.MembersOnly
	third := w.plan(hidden)
	at := aug2
	add := func(image string, outcome hackfest.ResultOutcome, session hackfest.Session) hackfest.ResultID {
		t.Helper()
		at = at.Add(time.Hour)
		if !session.StartsAt.IsZero() {
			at = session.StartsAt.Add(at.Sub(aug2) % (20 * time.Hour))
		}
		id, err := w.AddResult(ctx, member, hackfest.RecipeResult{
			RecipeSlug: "broker", ImageSlug: image, Outcome: outcome, Minutes: -1, PersonID: ann, SessionSlug: session.Slug, At: at,
		}, at)
		w.must(err)
		return id
	}
	add("fedora-16", hackfest.ResultFails, hackfest.Session{})
	add("fedora-16", hackfest.ResultFails, first)
	add("fedora-16", hackfest.ResultNotes, first)
	add("fedora-17", hackfest.ResultFails, first)
	add("fedora-16", hackfest.ResultWorks, second)
	add("fedora-17", hackfest.ResultWorks, third)

	last := store.ResultFilter{Last: true}
	for _, tt := range []struct {
		name, want string
		v          person.Viewer
		f          store.ResultFilter
	}{
		{"the last, for members", "broker/fedora-17 works by \"Ann\" in \"2012-08-16-hidden\"\nbroker/fedora-16 works by \"Ann\" in \"2012-08-09-second\"", member, last},
		{"the last, for the public", "broker/fedora-16 works by \"Ann\" in \"2012-08-09-second\"\nbroker/fedora-17 fails by \"Ann\" in \"2012-08-02-first\"", person.PublicViewer, last},
		{"of another recipe", "", member, store.ResultFilter{Recipe: "node"}},
		{"of no target", "", member, store.ResultFilter{Target: "openshift-origin"}},
	} {
		list, err := w.Results(ctx, tt.v, tt.f)
		w.must(err)
		if got := outcomes(list); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
	changes := func(v person.Viewer, s hackfest.Session) string {
		t.Helper()
		list, err := w.MatrixChanges(ctx, v, s.ID)
		w.must(err)
		got := ""
		for _, c := range list {
			got += fmt.Sprintf("%s %s before %q;", c.ImageSlug, c.Outcome, c.Before)
		}
		return got
	}
	for _, tt := range []struct {
		name, got, want string
	}{
		{"the first session", changes(person.PublicViewer, first), `fedora-16 notes before "fails";fedora-17 fails before "";`},
		{"the second", changes(person.PublicViewer, second), `fedora-16 works before "notes";`},
		{"the hidden one, for members", changes(member, third), `fedora-17 works before "fails";`},
		{"the hidden one, for the public", changes(person.PublicViewer, third), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, tt.got, tt.want)
		}
	}

	// Who is not to be named is not; what is removed is gone, until it is put back.
	w.exec("update people set unnamed = true")
	list, err := w.Results(ctx, member, store.ResultFilter{Limit: 1})
	w.must(err)
	if list[0].Who != "" || list[0].Listed {
		t.Errorf("named all the same: %+v", list[0])
	}
	w.must(w.RemoveResult(ctx, list[0].ID, false, aug2))
	if err := w.RemoveResult(ctx, list[0].ID, false, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("removed twice: %v", err)
	}
	if got := changes(member, third); got != "" {
		t.Errorf("what was removed still changed: %s", got)
	}
	if x, err := w.Result(ctx, member, list[0].ID); err != nil || x.RemovedAt.IsZero() {
		t.Errorf("what was removed cannot be put back: %v", err)
	}
	if _, err := w.Result(ctx, person.PublicViewer, list[0].ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the public finds what is for members: %v", err)
	}
	w.must(w.RemoveResult(ctx, list[0].ID, true, aug2))
}

// The same result sent again is the same; by somebody else it is another.
func TestA50InTheStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.images("Fedora 16")
	_, err := w.ImportRecipe(ctx, broker(), aug2)
	w.must(err)
	hidden := planned("Hidden", aug2)
	hidden.Visibility = person.MembersOnly
	s := w.plan(hidden)
	var people [2]person.ID
	for i := range people {
		people[i], err = w.AddPerson(ctx, fmt.Sprint("Person ", i), person.Member, aug2)
		w.must(err)
	}
	good := hackfest.RecipeResult{RecipeSlug: "broker", ImageSlug: "fedora-16", Outcome: hackfest.ResultWorks, Minutes: 34, PersonID: people[0], Key: "k"}
	one, err := w.AddResult(ctx, member, good, aug2)
	w.must(err)
	again, err := w.AddResult(ctx, member, good, aug2.Add(100*24*time.Hour))
	w.must(err)
	other := good
	other.PersonID = people[1]
	another, err := w.AddResult(ctx, member, other, aug2)
	w.must(err)
	good.Key = ""
	for range 2 {
		_, err = w.AddResult(ctx, member, good, aug2)
		w.must(err)
	}
	if n := w.number("select count(*) from recipe_results"); one != again || one == another || n != 4 {
		t.Errorf("%d, %d and %d; %d are kept, want 4", one, again, another, n)
	}
	for _, tt := range []struct {
		name, field string
		kind        fault.Kind
		v           person.Viewer
		change      func(*hackfest.RecipeResult)
	}{
		{"no such recipe", "", fault.NotFound, member, func(x *hackfest.RecipeResult) { x.RecipeSlug = "none" }},
		{"no such image", "image", fault.Invalid, member, func(x *hackfest.RecipeResult) { x.ImageSlug = "none" }},
		{"no such session", "session", fault.Invalid, member, func(x *hackfest.RecipeResult) { x.SessionSlug = "none" }},
		{"a session one may not see", "session", fault.Invalid, person.PublicViewer, func(x *hackfest.RecipeResult) { x.SessionSlug = s.Slug }},
		{"no outcome", "outcome", fault.Invalid, member, func(x *hackfest.RecipeResult) { x.Outcome = "fine" }},
		{"years", "minutes", fault.Invalid, member, func(x *hackfest.RecipeResult) { x.Minutes = 1 << 30 }},
		{"a long note", "note", fault.Invalid, member, func(x *hackfest.RecipeResult) { x.Note = strings.Repeat("x", 1001) }},
		{"tomorrow", "at", fault.Invalid, member, func(x *hackfest.RecipeResult) { x.At = aug2.AddDate(0, 0, 1) }},
	} {
		x := good
		tt.change(&x)
		_, err := w.AddResult(ctx, tt.v, x, aug2)
		if all := fault.All(err); fault.KindOf(err) != tt.kind || all[0].Field != tt.field {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
