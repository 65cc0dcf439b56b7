package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// followed is what gets mail, as "mail scope".
func (w world) followed() []string {
	w.t.Helper()
	rows, err := w.pool.Query(w.t.Context(), `select mail || ' ' || scope || case when members then ' member' else '' end from subscribed order by 1`)
	w.must(err)
	defer rows.Close()
	list := []string{}
	for rows.Next() {
		var s string
		w.must(rows.Scan(&s))
		list = append(list, s)
	}
	return list
}

// proven adds somebody with a mail address that they have proven.
func (w world) proven(name, mail string, now time.Time) person.ID {
	w.t.Helper()
	id, err := w.AddPerson(w.t.Context(), name, person.Member, now)
	w.must(err)
	w.prove(id, mail, now)
	return id
}

func (w world) prove(id person.ID, mail string, now time.Time) {
	w.t.Helper()
	hash := []byte(mail)
	w.must(w.SetMail(w.t.Context(), id, mail))
	w.must(w.AddMailLink(w.t.Context(), hash, id, mail, now, now.Add(time.Hour)))
	_, err := w.UseMailLink(w.t.Context(), hash, id, now)
	w.must(err)
}

// follow follows something and returns the subscriber.
func (w world) follow(f hackfest.Following, now time.Time) hackfest.Subscriber {
	w.t.Helper()
	b, err := w.Follow(w.t.Context(), f, now)
	w.must(err)
	return b
}

// ask is a question to a subscriber that is due; its link is the hash of name.
func (w world) ask(b hackfest.Subscriber, name string, now time.Time) ([]hackfest.Follow, bool) {
	w.t.Helper()
	_, what, ok, err := w.BeginConfirmation(w.t.Context(), b.ID, []byte(name), now)
	w.must(err)
	return what, ok
}

// yes confirms all that a link is about.
func (w world) yes(name string, now time.Time) hackfest.Subscriber {
	w.t.Helper()
	b, err := w.FollowLink(w.t.Context(), []byte(name), now)
	w.must(err)
	what, err := w.WaitingFollows(w.t.Context(), person.PublicViewer, b.ID)
	w.must(err)
	ids := []hackfest.FollowID{}
	for _, f := range what {
		ids = append(ids, f.ID)
	}
	b, err = w.ConfirmFollows(w.t.Context(), []byte(name), ids, hackfest.PaceEach, now)
	w.must(err)
	return b
}

// Nobody is subscribed by others, neither at first nor later; and an address is
// asked at most once a day, whoever asks for what and how often.
func TestFollowIsConfirmed(t *testing.T) {
	t.Parallel()
	w, now := newWorld(t), aug2
	s := w.plan(planned("OpenShift", aug2.Add(48*time.Hour)))
	all := hackfest.Following{Mail: "mel@example.org", Scope: hackfest.FollowAll}
	b := w.follow(all, now)
	if again := w.follow(hackfest.Following{Mail: "MEL@example.org", Scope: hackfest.FollowSession, Session: s.Slug}, now); again.ID != b.ID || !again.Pending {
		t.Errorf("%+v, first %+v", again, b)
	}
	if what, ok := w.ask(b, "one", now); !ok || len(what) != 2 {
		t.Errorf("asked %v for %d things", ok, len(what))
	}
	for name, at := range map[string]time.Time{"at once": now, "a day later but for a second": now.Add(24*time.Hour - time.Second)} {
		if _, ok := w.ask(b, name, at); ok {
			t.Errorf("%s: asked again", name)
		}
	}
	if got := w.followed(); len(got) != 0 {
		t.Errorf("before anybody says yes: %v", got)
	}
	later := now.Add(25 * time.Hour)
	if _, ok := w.ask(b, "two", later); !ok {
		t.Error("not asked the next day")
	}
	b = w.yes("one", later) // the older link is as good
	if got := w.followed(); !slices.Equal(got, []string{"mel@example.org all", "mel@example.org session"}) || b.Pending || b.ConfirmedAt.IsZero() {
		t.Errorf("%v, %+v", got, b)
	}
	if _, err := w.FollowLink(t.Context(), []byte("one"), later); fault.KindOf(err) != fault.Conflict {
		t.Errorf("used twice: %v", err)
	}
	// Somebody else asks for more at that address: it waits, too.
	news := w.follow(hackfest.Following{Mail: "mel@example.org", Scope: hackfest.FollowNews, Pace: hackfest.PaceWeekly, Zone: "Asia/Tokyo"}, later)
	if got := w.followed(); len(got) != 2 || !news.Pending || news.Pace != hackfest.PaceEach || news.Zone != "" {
		t.Errorf("somebody else changed it: %v, %+v", got, news)
	}
	// Whoever confirmed is asked at once about more, once a day as before.
	if _, ok := w.ask(b, "three", later); !ok {
		t.Error("not asked about more")
	}
	if _, ok := w.ask(b, "four", later.Add(time.Hour)); ok {
		t.Error("asked about more twice")
	}
	// It ends all, and what somebody asks for then has to be confirmed anew.
	w.must(w.Unsubscribe(t.Context(), b.ID, later))
	if got := w.followed(); len(got) != 0 {
		t.Errorf("unsubscribed: %v", got)
	}
	w.must(w.Resubscribe(t.Context(), b.ID))
	if got := w.followed(); len(got) != 2 {
		t.Errorf("back again: %v", got)
	}
	w.must(w.Unsubscribe(t.Context(), b.ID, later))
	if _, err := w.FollowLink(t.Context(), []byte("two"), later); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a link from before the end: %v", err)
	}
	b = w.follow(all, later)
	if got := w.followed(); len(got) != 0 || !b.Pending || !b.ConfirmedAt.IsZero() {
		t.Errorf("anew: %v, %+v", got, b)
	}
	if _, ok := w.ask(b, "five", later); !ok {
		t.Error("not asked when they come back the same day")
	}
}

// Whoever proved an address needs no question, may hear what is for members, and
// loses both with the account.
func TestFollowOfMembers(t *testing.T) {
	t.Parallel()
	w, now := newWorld(t), aug2
	s := planned("Security", aug2.Add(48*time.Hour))
	s.Visibility = person.MembersOnly
	hidden := w.plan(s)
	mel := w.proven("Mel", "mel@example.org", now)
	secret := hackfest.Following{Scope: hackfest.FollowSession, Session: hidden.Slug, PersonID: mel}
	if b := w.follow(secret, now); b.Pending || b.PersonID != mel || !b.Members {
		t.Errorf("%+v", b)
	}
	for name, tt := range map[string]struct {
		f    hackfest.Following
		want fault.Kind
	}{
		"the public":               {hackfest.Following{Mail: "eve@example.org", Scope: secret.Scope, Session: hidden.Slug}, fault.NotFound},
		"a member, at any address": {hackfest.Following{Mail: "eve@example.org", PersonID: mel, Scope: secret.Scope, Session: hidden.Slug}, fault.Invalid},
		"what is not there":        {hackfest.Following{PersonID: mel, Scope: hackfest.FollowSeries, Series: "none"}, fault.NotFound},
		"no scope":                 {hackfest.Following{PersonID: mel}, fault.NotFound},
		"no address":               {hackfest.Following{Scope: hackfest.FollowAll}, fault.Invalid},
	} {
		if _, err := w.Follow(t.Context(), tt.f, now); fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.followed(); !slices.Equal(got, []string{"mel@example.org session member"}) {
		t.Errorf("%v", got)
	}
	// An address that is not proven any more hears what is public. The next one that
	// is takes over all, with what it followed before.
	w.follow(hackfest.Following{Mail: "new@example.org", Scope: hackfest.FollowNews}, now)
	w.must(w.SetMail(t.Context(), mel, "new@example.org"))
	if got := w.followed(); !slices.Equal(got, []string{"mel@example.org session"}) {
		t.Errorf("not proven any more: %v", got)
	}
	w.prove(mel, "new@example.org", now)
	if got := w.followed(); !slices.Equal(got, []string{"new@example.org session member"}) {
		t.Errorf("proven anew: %v", got)
	}
	if _, err := w.SubscriberByMail(t.Context(), "mel@example.org"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the old address: %v", err)
	}
	w.exec("update people set suspended_at = created_at where name = 'Mel'")
	if got := w.followed(); len(got) != 0 {
		t.Errorf("suspended: %v", got)
	}
	w.exec("update people set suspended_at = null where name = 'Mel'")
	w.must(w.Leave(t.Context(), person.Viewer{ID: mel, Role: person.Member}, "left/abcdefgh", false, now))
	if n := w.count("select count(*) from subscribers"); n != 0 {
		t.Errorf("left: %d", n)
	}
}

// A question that certainly did not go may be put again the same day.
func TestQuestionTakenBack(t *testing.T) {
	t.Parallel()
	w, now := newWorld(t), aug2
	b := w.follow(hackfest.Following{Mail: "mel@example.org", Scope: hackfest.FollowAll}, now)
	w.ask(b, "one", now)
	w.must(w.UndoConfirmation(t.Context(), b.ID, []byte("one")))
	if _, err := w.FollowLink(t.Context(), []byte("one"), now); fault.KindOf(err) != fault.NotFound {
		t.Errorf("its link: %v", err)
	}
	if _, ok := w.ask(b, "two", now); !ok {
		t.Error("not asked again")
	}
	for i := range hackfest.MaxPending {
		s := planned("Session", aug2.Add(time.Duration(48+i)*time.Hour))
		s.OverlapOK = true
		_, err := w.Follow(t.Context(), hackfest.Following{Mail: b.Mail, Scope: hackfest.FollowSession, Session: w.plan(s).Slug}, now)
		if last := i == hackfest.MaxPending-1; last != (fault.KindOf(err) == fault.Conflict && err != nil) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// What was not confirmed in time is forgotten, and so are addresses that follow
// nothing and those that ended it all.
func TestSubscribersExpire(t *testing.T) {
	t.Parallel()
	w, now := newWorld(t), aug2
	for _, mail := range []string{"asked@example.org", "stays@example.org", "ended@example.org"} {
		b := w.follow(hackfest.Following{Mail: mail, Scope: hackfest.FollowAll}, now)
		w.ask(b, mail, now)
		if mail != "asked@example.org" {
			w.yes(mail, now)
		}
		if mail == "ended@example.org" {
			w.must(w.Unsubscribe(t.Context(), b.ID, now))
		}
	}
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{
		{hackfest.ConfirmTime - time.Second, 3},
		{hackfest.ConfirmTime, 2},
		{hackfest.EndedTime - time.Second, 2},
		{hackfest.EndedTime, 1},
	} {
		w.must(w.ExpireSubscribers(t.Context(), now.Add(tt.after)))
		if n := w.count("select count(*) from subscribers"); n != tt.want {
			t.Errorf("after %s: %d, want %d", tt.after, n, tt.want)
		}
	}
	if n := w.count("select count(*) from follow_links"); n != 0 {
		t.Errorf("%d links", n)
	}
}

func (w world) count(q string) int {
	w.t.Helper()
	n := 0
	w.must(w.pool.QueryRow(w.t.Context(), q).Scan(&n))
	return n
}

// Of what waits only what stayed ticked is followed, and an address that wants
// nothing of it is not confirmed.
func TestConfirmSomeOfIt(t *testing.T) {
	t.Parallel()
	w, now := newWorld(t), aug2
	for i, want := range [][]string{{"kim@example.org news"}, {}} {
		mail := []string{"kim@example.org", "mel@example.org"}[i]
		b := w.follow(hackfest.Following{Mail: mail, Scope: hackfest.FollowAll}, now)
		w.follow(hackfest.Following{Mail: mail, Scope: hackfest.FollowNews}, now)
		what, _ := w.ask(b, mail, now)
		var keep []hackfest.FollowID
		if len(want) > 0 {
			keep = append(keep, what[1].ID)
		}
		b, err := w.ConfirmFollows(t.Context(), []byte(mail), keep, hackfest.PaceEach, now)
		w.must(err)
		if got := w.followed(); i == 0 && !slices.Equal(got, want) || b.Pending || b.ConfirmedAt.IsZero() != (len(want) == 0) {
			t.Errorf("%s: %v, %+v", mail, got, b)
		}
	}
}
