package store_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

const idle = 30 * 24 * time.Hour

// member adds somebody of the given role.
func (w world) member(name string, role person.Role) person.ID {
	w.t.Helper()
	id, err := w.AddPerson(w.t.Context(), name, role, aug2)
	w.must(err)
	return id
}

// signin signs somebody in at aug2 with a token whose hash is made of token.
func (w world) signin(id person.ID, token string) []byte {
	w.t.Helper()
	hash := []byte(token)
	w.must(w.AddSignin(w.t.Context(), hash, []byte("data of "+token), id, store.Visit{At: aug2, Address: "192.0.2.7", Agent: "ii"}, aug2.Add(90*24*time.Hour)))
	return hash
}

func (w world) signedIn(hash []byte, at time.Time) (person.Actor, bool) {
	w.t.Helper()
	a, data, err := w.SignedIn(w.t.Context(), hash, store.Visit{At: at, Address: "198.51.100.1", Agent: "curl\x00", Idle: idle})
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return a, false
	}
	w.must(err)
	if !strings.HasPrefix(string(data), "data of ") {
		w.t.Errorf("data %q", data)
	}
	return a, true
}

// Whose sign-in it is and what they may is read each time.
func TestSignedIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	mel, root := w.member("mel", person.Member), w.member("root", person.Admin)
	hash := w.signin(mel, "a")
	if a, ok := w.signedIn(hash, aug2); !ok || a.ID != mel || a.Role != person.Member || a.Name != "mel" {
		t.Fatalf("%+v, %v", a, ok)
	}
	if _, ok := w.signedIn([]byte("b"), aug2); ok {
		t.Error("a token that was never given")
	}
	w.must(w.SetRole(ctx, mel, person.Maintainer))
	if a, _ := w.signedIn(hash, aug2); a.Role != person.Maintainer {
		t.Errorf("the new role does not act: %q", a.Role)
	}
	w.must(w.Suspend(ctx, mel, aug2))
	if _, ok := w.signedIn(hash, aug2); ok {
		t.Error("suspended, and still in")
	}
	w.must(w.Unsuspend(ctx, mel))
	if _, ok := w.signedIn(hash, aug2); ok {
		t.Error("what ended is back")
	}
	hash = w.signin(mel, "b")
	w.exec("update people set suspended_at = $1 where name = 'mel'", aug2) // by whatever way
	if _, ok := w.signedIn(hash, aug2); ok {
		t.Error("suspended, and in by a sign-in that is left")
	}
	w.must(w.Unsuspend(ctx, mel))
	hash = w.signin(mel, "c")
	w.must(w.EndSignin(ctx, hash))
	if _, ok := w.signedIn(hash, aug2); ok {
		t.Error("signed out, and still in")
	}
	for _, err := range []error{w.SetRole(ctx, root, person.Member), w.Suspend(ctx, root, aug2)} {
		if fault.KindOf(err) != fault.Conflict {
			t.Errorf("the last admin: %v", err)
		}
	}
}

// A sign-in ends when it is not used for long, and at the latest when it expires.
func TestSigninsExpire(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mel := w.member("mel", person.Member)
	day := 24 * time.Hour
	unused, used := w.signin(mel, "unused"), w.signin(mel, "used")
	for d := 5 * day; d < 90*day; d += 25 * day {
		if _, ok := w.signedIn(used, aug2.Add(d)); !ok {
			t.Errorf("out after %s", d)
		}
	}
	if _, ok := w.signedIn(unused, aug2.Add(30*day-time.Second)); !ok {
		t.Error("out before 30 days unused")
	}
	w.must(w.ForgetSignins(t.Context(), idle, aug2.Add(31*day)))
	if _, ok := w.signedIn(unused, aug2.Add(61*day)); ok {
		t.Error("in after 30 days unused")
	}
	if _, ok := w.signedIn(used, aug2.Add(90*day)); ok {
		t.Error("in after 90 days")
	}
	w.must(w.ForgetSignins(t.Context(), idle, aug2.Add(90*day)))
	list, err := w.Signins(t.Context(), mel, idle, aug2)
	w.must(err)
	if len(list) != 0 {
		t.Errorf("kept %+v", list)
	}
}

func TestSigninsAreListedAndRevoked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	mel, ann := w.member("mel", person.Member), w.member("ann", person.Member)
	a, b := w.signin(mel, "a"), w.signin(mel, "b")
	other := w.signin(ann, "ann's")
	at := aug2.Add(30 * time.Second)
	w.signedIn(b, at) // less than a minute later is not noted
	at = aug2.Add(90 * time.Second)
	w.signedIn(b, at)
	list, err := w.Signins(ctx, mel, idle, at)
	w.must(err)
	if len(list) != 2 || list[0].ID != "62" || !list[0].SeenAt.Equal(at) || list[0].Address != "198.51.100.1" || list[0].Agent != "curl\uFFFD" || list[1].Agent != "ii" {
		t.Fatalf("%+v", list)
	}
	for _, id := range []string{"616e6e2773", "zz", "", "63"} {
		if err := w.RevokeSignin(ctx, mel, id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("revoked %q: %v", id, err)
		}
	}
	w.must(w.RevokeSignin(ctx, mel, "61"))
	if _, ok := w.signedIn(a, at); ok {
		t.Error("revoked, and still in")
	}
	c := w.signin(mel, "c")
	if n, err := w.RevokeSignins(ctx, mel, "62"); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	_, inB := w.signedIn(b, at)
	_, inC := w.signedIn(c, at)
	_, inAnn := w.signedIn(other, at)
	if !inB || inC || !inAnn {
		t.Error(inB, inC, inAnn)
	}
}

// A link works once, until it expires, and not for somebody suspended.
func TestSigninLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	mel := w.member("mel", person.Member)
	add := func(name string) []byte {
		w.must(w.AddLink(ctx, []byte(name), mel, person.LinkByMail, aug2, aug2.Add(15*time.Minute)))
		return []byte(name)
	}
	once := add("once")
	for range 2 { // to look at it uses nothing up
		if p, err := w.Link(ctx, once, aug2); err != nil || p.Name != "mel" {
			t.Fatal(p, err)
		}
	}
	var in atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if p, err := w.UseLink(ctx, once, aug2); err == nil && p.ID == mel {
				in.Add(1)
			} else if fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := in.Load(); n != 1 {
		t.Errorf("used %d times", n)
	}
	late, early := add("late"), add("early")
	if _, err := w.UseLink(ctx, late, aug2.Add(15*time.Minute)); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "expired") {
		t.Error(err)
	}
	if _, err := w.UseLink(ctx, []byte("none"), aug2); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if _, err := w.UseLink(ctx, early, aug2.Add(15*time.Minute-time.Second)); err != nil {
		t.Error(err)
	}
	before := add("before")
	w.must(w.Suspend(ctx, mel, aug2))
	if _, err := w.UseLink(ctx, before, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a link from before the suspension: %v", err)
	}
	if _, err := w.UseLink(ctx, add("after"), aug2); fault.KindOf(err) != fault.Forbidden {
		t.Error(err)
	}
}

func TestMailLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	mel, ann := w.member("mel", person.Member), w.member("ann", person.Member)
	mail := func(id person.ID, name, address string) []byte {
		w.must(w.SetMail(ctx, id, address))
		w.must(w.AddMailLink(ctx, []byte(name), id, address, aug2, aug2.Add(time.Hour)))
		return []byte(name)
	}
	refused := func(what string, hash []byte, id person.ID, at time.Time, kind fault.Kind) {
		t.Helper()
		if _, err := w.UseMailLink(ctx, hash, id, at); err == nil || fault.KindOf(err) != kind {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := w.ByMail(ctx, "mel@example.org"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	old := mail(mel, "old", "old@example.org")
	hash := mail(mel, "new", "Mel@example.org")
	refused("another address by now", old, mel, aug2, fault.Conflict)
	refused("another person", hash, ann, aug2, fault.NotFound)
	refused("late", hash, mel, aug2.Add(time.Hour), fault.Conflict)
	if got, err := w.UseMailLink(ctx, hash, mel, aug2); err != nil || got != "Mel@example.org" {
		t.Fatal(got, err)
	}
	refused("twice", hash, mel, aug2, fault.Conflict)
	if p, err := w.ByMail(ctx, "mel@EXAMPLE.org"); err != nil || p.ID != mel || !p.MailProvenAt.Equal(aug2) {
		t.Error(p, err)
	}
	refused("an address of somebody else", mail(ann, "ann", "MEL@example.org"), ann, aug2, fault.Conflict)
	w.must(w.SetMail(ctx, mel, "mel@example.org")) // the same
	if _, err := w.ByMail(ctx, "mel@example.org"); err != nil {
		t.Error(err)
	}
	w.must(w.SetMail(ctx, mel, "mel@example.net"))
	for _, address := range []string{"mel@example.org", "mel@example.net", ""} {
		if _, err := w.ByMail(ctx, address); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	if any, err := w.HasAccounts(ctx); any || err != nil {
		t.Error(any, err)
	}
	mel := w.member("Mel", person.Member)
	w.member("ann", person.Admin)
	if _, err := w.AddPerson(ctx, "mEL", person.Member, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a name that is taken: %v", err)
	}
	w.must(w.SetPassword(ctx, mel, "hash"))
	if a, hash, err := w.PasswordOf(ctx, "MEL"); err != nil || a.ID != mel || hash != "hash" {
		t.Error(a, hash, err)
	}
	if a, hash, err := w.PasswordOf(ctx, "nobody"); err != nil || a.ID != 0 || hash != "" {
		t.Error(a, hash, err)
	}
	w.signin(mel, "x")
	list, err := w.Accounts(ctx)
	w.must(err)
	if len(list) != 2 || list[0].Name != "ann" || list[1].Name != "Mel" || !list[1].HasPassword || !list[1].SeenAt.Equal(aug2) || list[0].HasPassword {
		t.Errorf("%+v", list)
	}
	if _, err := w.Account(ctx, "who"); fault.KindOf(err) != fault.NotFound || err.Error() == "" {
		t.Error(err)
	}
	if err := w.AddChair(ctx, mel, "none", aug2); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if any, err := w.HasAccounts(ctx); !any || err != nil {
		t.Error(any, err)
	}
}

// What decides what somebody may do is told to their live pages.
func TestPersonTopic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	mel := w.member("mel", person.Member)
	next := w.listen()
	for _, do := range []func() error{
		func() error { return w.SetRole(ctx, mel, person.Maintainer) },
		func() error { return w.EndSignin(ctx, w.signin(mel, "a")) },
		func() error { w.signin(mel, "b"); return w.RevokeSignin(ctx, mel, "62") },
		func() error { w.signin(mel, "c"); _, err := w.RevokeSignins(ctx, mel, ""); return err },
		func() error { return w.Suspend(ctx, mel, aug2) },
	} {
		w.must(do())
		if got := next(); got != store.PersonTopic(mel) {
			t.Errorf("heard %q", got)
		}
	}
}

// listen returns what waits for the next topic that is told.
func (w world) listen() (next func() string) {
	w.t.Helper()
	ready, heard := make(chan bool, 1), make(chan string, 100)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = store.Listen(ctx, w.url, func() { ready <- true }, func(topic string) { heard <- topic })
	}()
	w.t.Cleanup(func() { cancel(); <-ended })
	<-ready
	return func() string {
		select {
		case topic := <-heard:
			return topic
		case <-time.After(deadline):
			w.t.Fatal("heard nothing")
		}
		return ""
	}
}
