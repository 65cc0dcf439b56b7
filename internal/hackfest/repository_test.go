package hackfest_test

import (
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

func TestParseRepository(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want, wrong string }{
		{"its name", "eucalyptus/recipes", "eucalyptus/recipes", ""},
		{"blanks around it", "  eucalyptus/recipes\n", "eucalyptus/recipes", ""},
		{"dots and hyphens", "a-b/c.d_e-f", "a-b/c.d_e-f", ""},
		{"an account of an enterprise", "mona_acme/tools", "mona_acme/tools", ""},
		{"its address", "https://github.com/eucalyptus/recipes", "eucalyptus/recipes", ""},
		{"one of its pages", "https://github.com/eucalyptus/recipes/issues/12?x=1#c", "eucalyptus/recipes", ""},
		{"a slash behind it", "https://github.com/eucalyptus/recipes/", "eucalyptus/recipes", ""},
		{"copied without a scheme", "GitHub.com/eucalyptus/recipes", "eucalyptus/recipes", ""},
		{"what git clones", "https://github.com/eucalyptus/recipes.git", "eucalyptus/recipes", ""},
		{"what git clones by name", "eucalyptus/recipes.git", "eucalyptus/recipes", ""},
		{"by ssh", "git@github.com:eucalyptus/recipes.git", "eucalyptus/recipes", ""},
		{"by ssh as an address", "ssh://git@github.com/eucalyptus/recipes", "eucalyptus/recipes", ""},
		{"on a server of one's own", "https://git.example.org/hub/eucalyptus/recipes", "eucalyptus/recipes", ""},
		{"a name like a host", "git.example.org/recipes", "", "as owner/name"},
		{"nothing", " ", "", "Which repository?"},
		{"an owner alone", "eucalyptus", "", "as owner/name"},
		{"an owner's page", "https://github.com/eucalyptus", "", "as owner/name"},
		{"three parts", "a/b/c", "", "as owner/name"},
		{"another host", "https://gitlab.com/a/b", "", "another host than git.example.org"},
		{"another path of the server", "https://git.example.org/a/b", "", "another host than git.example.org"},
		{"a host that only begins so", "https://github.com.evil.example/a/b", "", "another host"},
		{"no repository", "a/..", "", "as owner/name"},
		{"a blank within", "a b/c", "", "as owner/name"},
		{"an owner that begins with a hyphen", "-a/b", "", "as owner/name"},
		{"an owner that is too long", strings.Repeat("a", 40) + "/b", "", "as owner/name"},
		{"control characters", "a/b\x00c", "", "as owner/name"},
		{"an address that is none", "https://github.com/%zz", "", "another host"},
	} {
		got, err := hackfest.ParseRepository(tt.text, "https://git.example.org/hub")
		if got != tt.want || (err != nil) != (tt.wrong != "") || err != nil && !strings.Contains(fault.Message(err), tt.wrong) {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
}

func TestRepositoryEdit(t *testing.T) {
	t.Parallel()
	good := hackfest.RepositoryEdit{Visibility: person.MembersOnly, BugLabels: hackfest.ParseLabels("bug\r\n\r\n kind/bug "), FirstLabels: nil}
	if err := good.Check(); err != nil || len(good.BugLabels) != 2 || good.BugLabels[1] != "kind/bug" {
		t.Errorf("%v, %q", err, good.BugLabels)
	}
	for name, change := range map[string]func(*hackfest.RepositoryEdit){
		"visibility": func(e *hackfest.RepositoryEdit) { e.Visibility = "nobody" },
		"bugs":       func(e *hackfest.RepositoryEdit) { e.BugLabels = []string{strings.Repeat("ü", 51)} },
		"firsts":     func(e *hackfest.RepositoryEdit) { e.FirstLabels = make([]string, 21) },
	} {
		e := good
		change(&e)
		if all := fault.All(e.Check()); len(all) != 1 || all[0].Field != name {
			t.Errorf("%s: %v", name, all)
		}
	}
}
