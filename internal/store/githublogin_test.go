package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// GitHub's number says whose a login is; what it is called may change, and be
// somebody else's then.
func TestGitHubLogins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann, bob, zoe := w.know("Ann", "annie[1]", true), w.know("Bob", "bob", false), w.member("Zoe", person.Member)
	logins := func() string {
		t.Helper()
		m, err := w.Logins(ctx, network, []string{"ANNIE{1}", "bob", "Zoe/web", "nobody"})
		w.must(err)
		return fmt.Sprint(m)
	}
	link := func(id person.ID, number int64, login string, want fault.Kind) {
		t.Helper()
		err := w.LinkGitHub(ctx, id, person.GitHubLogin{ID: number, Login: login}, aug2)
		if err == nil != (want == 0) || err != nil && fault.KindOf(err) != want {
			t.Errorf("%s (%d) is linked: %v", login, number, err)
		}
	}
	link(ann, 11, "Ann-EU", 0)
	link(ann, 11, "Ann-EU", 0)
	link(ann, 12, "ann2", fault.Conflict)
	link(bob, 11, "Ann-EU", fault.Conflict)
	link(bob, 22, "bob", 0)
	link(zoe, 33, "zoe", 0)
	if got := logins(); got != "map[ANNIE{1}:Ann-EU Zoe/web:zoe bob:bob]" {
		t.Errorf("logins %s", got)
	}
	// Ann is called otherwise on GitHub, and Zoe took what she was called.
	for _, tt := range []struct {
		number int64
		login  string
		want   person.ID
	}{{11, "ann-new", ann}, {33, "ann-eu", zoe}, {44, "BOB", 0}} {
		a, err := w.ByGitHub(ctx, person.GitHubLogin{ID: tt.number, Login: tt.login})
		if a.ID != tt.want || (tt.want == 0) != (err != nil) || err != nil && fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %d, %v", tt.login, a.ID, err)
		}
	}
	if got := logins(); got != "map[ANNIE{1}:ann-new Zoe/web:ann-eu]" {
		t.Errorf("after renaming, logins %s", got)
	}

	if _, err := w.UnlinkGitHub(ctx, ann, true, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the only way in is gone: %v", err)
	}
	w.must(w.SetMail(ctx, ann, "ann@example.org"))
	w.exec("update people set mail_proven_at = $1 where id = $2", aug2, ann)
	if _, err := w.UnlinkGitHub(ctx, ann, false, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the only way in is gone where no mail is sent: %v", err)
	}
	if g, err := w.UnlinkGitHub(ctx, ann, true, aug2); err != nil || g.ID != 11 || g.Login != "ann-new" {
		t.Errorf("%+v, %v", g, err)
	}
	if _, err := w.ByGitHub(ctx, person.GitHubLogin{ID: 11, Login: "ann-new"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("unlinked, and it signs in: %v", err)
	}
	if _, err := w.UnlinkGitHub(ctx, ann, true, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("unlinked twice: %v", err)
	}
	if _, err := w.RelinkGitHub(ctx, ann, aug2.Add(time.Hour)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("taken back after an hour: %v", err)
	}
	if g, err := w.RelinkGitHub(ctx, ann, aug2.Add(-time.Hour)); err != nil || g.ID != 11 {
		t.Errorf("%+v, %v", g, err)
	}
	if _, err := w.UnlinkGitHub(ctx, ann, true, aug2); err != nil {
		t.Error(err)
	}
	w.must(w.SetPassword(ctx, bob, "hash"))
	if _, err := w.UnlinkGitHub(ctx, bob, false, aug2); err != nil {
		t.Error(err)
	}
	link(bob, 11, "ann-new", 0)
	if _, err := w.RelinkGitHub(ctx, ann, aug2.Add(-time.Hour)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("taken back from another: %v", err)
	}
	w.must(w.Suspend(ctx, bob, aug2))
	if _, err := w.ByGitHub(ctx, person.GitHubLogin{ID: 11, Login: "ann-new"}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("suspended, and it signs in: %v", err)
	}
	if got := logins(); got != "map[Zoe/web:ann-eu]" {
		t.Errorf("at the end, logins %s", got)
	}
}

// A try works once, within its time, for the browser that began it.
func TestGitHubTries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, ann := t.Context(), w.know("Ann", "annie", true)
	try := func(name string, id person.ID) {
		t.Helper()
		w.must(w.AddGitHubTry(ctx, person.GitHubTry{
			StateHash: []byte(name), BrowserHash: []byte("browser"), PersonID: id, Next: "/x\xff\x00", MadeAt: aug2, ExpiresAt: aug2.Add(10 * time.Minute),
		}))
	}
	try("a", ann)
	for _, tt := range []struct {
		name, state, browser string
		at                   time.Duration
		want                 fault.Kind
	}{
		{"another browser", "a", "other", 0, fault.Forbidden},
		{"another state", "b", "browser", 0, fault.Forbidden},
		{"expired", "a", "browser", 10 * time.Minute, fault.Conflict},
	} {
		if _, err := w.UseGitHubTry(ctx, []byte(tt.state), []byte(tt.browser), aug2.Add(tt.at)); fault.KindOf(err) != tt.want || err == nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	var used atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got, err := w.UseGitHubTry(ctx, []byte("a"), []byte("browser"), aug2); err == nil && got.PersonID == ann && got.Next == "/x\uFFFD\uFFFD" {
				used.Add(1)
			} else if fault.KindOf(err) != fault.Conflict {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	all.Wait()
	if used.Load() != 1 {
		t.Errorf("used %d times", used.Load())
	}
	try("c", ann)
	w.must(w.Suspend(ctx, ann, aug2))
	if _, err := w.UseGitHubTry(ctx, []byte("c"), []byte("browser"), aug2); fault.KindOf(err) != fault.Forbidden || err == nil {
		t.Errorf("the try of somebody suspended: %v", err)
	}
	try("d", 0)
	w.must(w.ForgetSignins(ctx, idle, aug2.AddDate(0, 0, 8)))
	if n := w.number("select count(*) from github_tries"); n != 0 {
		t.Errorf("%d tries are left after a week", n)
	}
}
