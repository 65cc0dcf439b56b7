package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testport"
)

// adminAt runs hackfest admin on a database and returns its exit status and what
// it printed.
func adminAt(t *testing.T, url string, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	args = append([]string{"admin"}, args...)
	if args[1] == "user" || args[1] == "repository" {
		args = append(args, "--database-url", url, "--base-url", "https://hack.example.org")
	}
	status = run(t.Context(), args, streams{in: strings.NewReader(""), out: &o, err: &e})
	return status, o.String(), e.String()
}

func TestAdminUser(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	st, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	now := time.Now()
	for _, err := range []error{st.AddNetwork(t.Context(), "test", "", now), st.OpenChannels(t.Context(), "test", []string{"#euca"}, "", now)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.AddSeries(t.Context(), hackfest.Series{
		Slug: "weekly", Title: "Weekly", Kind: hackfest.KindHackfest, Network: "test", Channel: "#euca", Rule: "FREQ=WEEKLY",
		First: time.Date(2026, 3, 5, 20, 0, 0, 0, time.UTC), Zone: "UTC", Length: time.Hour,
	}, now); err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`^https://hack\.example\.org/signin/[\w-]{43}\n$`)
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		out    string // or what the error has
	}{
		{"the first admin", []string{"user", "add", "root", "--role", "admin"}, 0, ""},
		{"a chair", []string{"user", "add", "Mel Finch", "--role", "member", "--chairs", "weekly"}, 0, ""},
		{"a name that is taken, spelt otherwise", []string{"user", "add", "ROOT", "--role", "member"}, 1, `Somebody is called ROOT already; "hackfest admin user link"`},
		{"a series that does not exist", []string{"user", "add", "ann", "--role", "member", "--chairs", "monthly"}, 1, "There is no series monthly."},
		{"the same name, nothing was kept", []string{"user", "add", "ann", "--role", "member"}, 0, ""},
		{"no role", []string{"user", "add", "bob"}, 2, "missing flags: --role"},
		{"a role there is not", []string{"user", "add", "bob", "--role", "king"}, 2, "king"},
		{"no name", []string{"user", "add", " ", "--role", "member"}, 1, "A name is needed."},
		{"a name that cannot be shown", []string{"user", "add", "a\x1b[31m", "--role", "member"}, 1, "cannot be shown"},
		{"a link", []string{"user", "link", "mel finch"}, 0, ""},
		{"nobody's link", []string{"user", "link", "bob"}, 1, "Nobody is called bob here."},
		{"another role", []string{"user", "role", "ann", "maintainer"}, 0, "ann is maintainer; before: member\n"},
		{"the last admin", []string{"user", "role", "root", "member"}, 1, "No admin would be left."},
		{"suspended", []string{"user", "suspend", "ann"}, 0, "ann is suspended\n"},
		{"twice", []string{"user", "suspend", "ann"}, 0, "ann is suspended, as before\n"},
		{"a link while suspended", []string{"user", "link", "ann"}, 1, "ann is suspended."},
		{"let in again", []string{"user", "unsuspend", "ann"}, 0, "ann is not suspended\n"},
		{"the list", []string{"user", "list"}, 0, "Mel Finch  member"},
		{"its chairs", []string{"user", "list"}, 0, "weekly"},
		{"a repository", []string{"repository", "add", "https://github.com/euca/recipes/issues", "--visibility", "members"}, 0, "euca/recipes is registered\n"},
		{"a repository that is there", []string{"repository", "add", "Euca/Recipes"}, 1, "euca/recipes is registered already."},
		{"what is no repository", []string{"repository", "add", "euca"}, 1, "Write it as owner/name"},
		{"a repository for nobody", []string{"repository", "add", "a/b", "--visibility", "nobody"}, 2, "nobody"},
		{"repositories", []string{"repository", "list"}, 0, "euca/recipes  members"},
		{"a repository taken off", []string{"repository", "remove", "euca/RECIPES"}, 0, "euca/recipes is taken off"},
		{"a repository taken off twice", []string{"repository", "remove", "euca/recipes"}, 1, "euca/recipes is not registered"},
		{"routes", []string{"routes"}, 0, "/signin/{secret}"},
		{"what only admins may", []string{"routes"}, 0, "administer"},
	} {
		status, out, errs := adminAt(t, url, tt.args...)
		switch {
		case status != tt.status:
			t.Errorf("%s: exit status %d: %s%s", tt.name, status, out, errs)
		case tt.status == 0 && tt.out == "" && (!link.MatchString(out) || errs != ""):
			t.Errorf("%s: %q, %q", tt.name, out, errs)
		case !strings.Contains(out+errs, tt.out):
			t.Errorf("%s: %q, %q", tt.name, out, errs)
		}
		if strings.Contains(errs, "\x1b") {
			t.Errorf("%s: a control character reaches the terminal", tt.name)
		}
	}
}

// The private database is found while a portal runs on it, and started for the
// moment when none does.
func TestAdminOnThePrivateDatabase(t *testing.T) {
	t.Parallel()
	dir, addr := dataDir(t), testport.FreeAddress(t)
	env := []string{"HACKFEST_DATA_DIR=" + dir, "HACKFEST_LISTEN=" + addr}
	add := func(name string) string {
		t.Helper()
		p := hackfestCommand(t, env, "admin", "user", "add", name, "--role", "admin")
		if status := p.wait(); status != exitOK {
			t.Fatalf("exit status %d:\n%s", status, p.out.String())
		}
		return strings.TrimSpace(p.out.String())
	}
	before := add("before") // there is no database yet
	serve := hackfestCommand(t, env, "serve", "--roles", "web")
	eventually(t, "the portal", func() bool { status, _ := get(t, "http://"+addr+"/readyz"); return status == 200 })
	for name, link := range map[string]string{"before": before, "while": add("while")} {
		if status, body := get(t, link); status != 200 || !strings.Contains(body, "Sign in as <bdi>"+name+"</bdi>") {
			t.Errorf("%s: %q answers %d", name, link, status)
		}
	}
	serve.stop()
	add("after")
}
