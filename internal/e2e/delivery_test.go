package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/testirc"
	"github.com/eucalyptus/hackfest/internal/testmail"
)

// A22: cancelled two hours before the start, all are told within a minute, and no
// reminder follows. A45: nor does one for what was moved into the past.
func TestA22A45CancelledAndMovedSessionsAreNotRemindedOf(t *testing.T) {
	t.Parallel()
	h := newHerald(t, channel)
	start := h.now().Add(26 * time.Hour).Truncate(time.Hour)
	off := h.session("Evening", channel, start)
	moved := h.session("Matinee", channel, start.Add(4*time.Hour))
	everybody := map[string]int{}
	for i := range 3 {
		name := fmt.Sprint("fan", i)
		h.answer(h.follower(name, hackfest.Following{Scope: hackfest.FollowSession, Session: off.Slug}), off.ID, hackfest.AnswerComing)
		everybody[name+"@example.org"] = 1
	}
	h.answer(h.follower("guest", hackfest.Following{Scope: hackfest.FollowSession, Session: moved.Slug}), moved.ID, hackfest.AnswerComing)
	ann := testirc.Dial(t, h.irc.Addr, "ann")
	ann.Join(channel)
	mia := h.maintainer()

	h.to(start.Add(-2 * time.Hour))
	begun := time.Now()
	status, _, body := mia.do(http.MethodPost, "/sessions/"+off.Slug+"/cancel", url.Values{
		"reason": {"The cloud is down."}, "revision": {fmt.Sprint(off.Revision)}, "sure": {"yes"}, "really": {"yes"}, "confirmed": {"on"},
	})
	if status != http.StatusSeeOther {
		t.Fatalf("cancelling answers %d\n%s", status, body)
	}
	within(t, time.Minute, "telling everybody", func() { // by the portal's own looks, each half minute
		h.plan() // one of them
		eventually(t, "the mails are there", func() bool { return len(h.letters("Cancelled: Evening")) == 3 })
		ann.ExpectText("Cancelled: Evening")
		if _, page := h.get("/lessons"); !strings.Contains(page, "The cloud is down.") {
			t.Error("other pages do not say it")
		}
	})
	t.Logf("told in %v", time.Since(begun).Round(time.Millisecond))
	if got := h.letters("Cancelled: Evening"); !maps.Equal(got, everybody) {
		t.Errorf("mails %v, want %v", got, everybody)
	}
	// Nobody plans into the past; a calendar that is followed may move what it has.
	h.must(h.exec(`update sessions set starts_at = $2, ends_at = $3, moved_from = starts_at, moved = true, sequence = sequence + 1, changed_at = $4 where id = $1`,
		moved.ID, h.now().Add(-3*time.Hour), h.now().Add(-2*time.Hour), h.now()))
	h.plan() // an hour later it would be no news
	ann.ExpectText("Moved: ")
	for _, at := range []time.Duration{-time.Hour, -10 * time.Minute, 0, 3 * time.Hour, 230 * time.Minute, 4 * time.Hour} {
		h.tick(start.Add(at))
	}
	for _, l := range said(ann, channel) {
		if strings.HasPrefix(l, "In ") || strings.HasPrefix(l, "Start") {
			t.Errorf("the channel is reminded: %s", l)
		}
	}
	for _, m := range h.sink.Mails() {
		if !strings.HasPrefix(m.Subject, "Cancelled: ") && !strings.HasPrefix(m.Subject, "Moved to ") {
			t.Errorf("%s is written %q", m.Recipient, m.Subject)
		}
	}
	if n := len(said(ann, channel)); n != 2 {
		t.Errorf("the channel hears %q", said(ann, channel))
	}
}

// A44: killed while a reminder is being sent, and started again, nobody gets it
// twice; the one that was cut off is on the desk as unknown.
func TestA44KilledAroundAReminder(t *testing.T) {
	t.Parallel()
	h := newHerald(t, channel)
	start := h.now().Add(26 * time.Hour).Truncate(time.Hour)
	s := h.session("Evening", channel, start)
	everybody := map[string]int{}
	for i := range 8 {
		name := fmt.Sprint("fan", i)
		h.answer(h.follower(name, hackfest.Following{Scope: hackfest.FollowSession, Session: s.Slug}), s.ID, hackfest.AnswerComing)
		everybody[name+"@example.org"] = 1
	}
	mia := h.maintainer()
	held := make(chan struct{})
	h.sink.Fail(testmail.Failure{At: ".", To: "fan3", Kept: true, Hold: held, Times: 1}) // taken, but nobody hears so
	h.to(start.Add(-time.Hour))
	h.plan()
	eventually(t, "one is being sent", func() bool { return h.letters("In 1 h: Evening")["fan3@example.org"] == 1 })
	h.crash(channel)
	close(held)
	for _, after := range []time.Duration{4 * time.Minute, 8 * time.Minute} {
		h.tick(start.Add(after - time.Hour))
	}
	if got := h.letters(" Evening"); !maps.Equal(got, everybody) {
		t.Errorf("mails %v, want %v", got, everybody)
	}
	if got, want := h.states(hackfest.OutletMail, hackfest.OccasionHour), "sent 7, unknown 1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, _, desk := mia.do(http.MethodGet, "/manage", nil); !strings.Contains(desk, "Perhaps unheard: Evening") || !strings.Contains(desk, "1 address") {
		t.Errorf("the desk does not list it:\n%s", desk)
	}
	if _, _, list := mia.do(http.MethodGet, "/manage/deliveries?state=unknown", nil); strings.Count(list, "The portal ended while it was being sent.") != 1 {
		t.Errorf("the receipts do not list it:\n%s", list)
	}
}

// A57: of an announcement to four outlets mail fails: three succeed, its page
// shows which failed, and trying again sends only mail.
func TestA57AnnouncementToFourOutlets(t *testing.T) {
	t.Parallel()
	h := newHerald(t, channel)
	for i := range 3 {
		h.follower(fmt.Sprint("fan", i), hackfest.Following{Scope: hackfest.FollowNews})
	}
	ann := testirc.Dial(t, h.irc.Addr, "ann")
	ann.Join(channel)
	mia := h.maintainer()
	h.sink.Fail(testmail.Failure{At: "RCPT", Code: 550})
	n := hackfest.News{
		Title: "Release 3.2", Body: "It is *out*.", State: hackfest.NewsPublished, Outlets: hackfest.Outlets,
		Channels: []hackfest.ChannelID{hackfest.ChannelID(h.count(`select id from channels where folded = $1`, channel))},
	}
	id, err := h.store.AddNews(t.Context(), n, h.now())
	h.must(err)
	receipts := func() []string {
		list, err := h.store.Receipts(t.Context(), everything, fmt.Sprint("news/", id))
		h.must(err)
		var got []string
		for _, r := range list {
			got = append(got, fmt.Sprint(r.Outlet, " ", r.State, " ", r.Count))
		}
		return got
	}
	h.tick(h.now().Add(time.Second))
	ann.Expect(func(l string) bool {
		return strings.Contains(l, " TOPIC "+channel+" :") && strings.Contains(l, "Release 3.2")
	})
	if got, want := receipts(), []string{"site sent 1", "irc sent 1", "topic sent 1", "mail failed 3"}; !slices.Equal(got, want) {
		t.Errorf("receipts %q, want %q", got, want)
	}
	path := "/manage/deliveries?what=news%2F" + fmt.Sprint(id)
	_, _, body := mia.do(http.MethodGet, path, nil)
	for _, want := range []string{"Release 3.2", "Mail", "3 addresses", "failed", "refused it (550)", "On the site", "Topic of " + channel, "Try again"} {
		if !strings.Contains(body, want) {
			t.Errorf("%s lacks %q", path, want)
		}
	}
	if _, _, desk := mia.do(http.MethodGet, "/manage", nil); !strings.Contains(desk, "Not sent: News: Release 3.2") {
		t.Error("the desk does not list it")
	}
	h.sink.Heal()
	form := url.Values{"what": {fmt.Sprint("news/", id)}, "outlet": {"mail"}, "occasion": {"news"}}
	if status, _, body := mia.do(http.MethodPost, "/manage/deliveries/retry", form); status != http.StatusSeeOther {
		t.Fatalf("trying again answers %d\n%s", status, body)
	}
	if status, _, _ := mia.do(http.MethodPost, "/manage/deliveries/retry", url.Values{"what": form["what"], "outlet": {"irc"}, "occasion": {"news"}}); status != http.StatusConflict {
		t.Errorf("what went can be sent again: %d", status)
	}
	h.tick(h.now().Add(time.Minute))
	if got, want := receipts(), []string{"site sent 1", "irc sent 1", "topic sent 1", "mail sent 3"}; !slices.Equal(got, want) {
		t.Errorf("receipts %q, want %q", got, want)
	}
	if got := h.letters("Release 3.2"); len(got) != 3 || len(h.sink.Mails()) != 3 {
		t.Errorf("mails %v", got)
	}
	if got := said(ann, channel); len(got) != 1 {
		t.Errorf("the channel hears %q", got)
	}
}
