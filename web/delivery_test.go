package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// The desk and the receipts say what went where and what did not, to nobody which
// address; what failed, and nothing else, is tried again.
func TestReceipts(t *testing.T) {
	t.Parallel()
	s, db := newServerAt(t)
	mia := join(t, s, "mia", person.Maintainer)
	contains(t, seenBy(t, s, mia, "/manage/deliveries"), "None.")
	x := plan(t, s, "Evening", wednesday.Add(time.Hour), nil)
	ids := map[string]int64{}
	add := func(outlet, state string, n int) {
		t.Helper()
		for i := range n {
			ids[state] = one[int64](t, db, `
				with b as (
					insert into subscribers (handle, mail, made_at) select decode(md5($1), 'hex'), $1, $3::timestamptz where $2 = 'mail' returning id)
				insert into deliveries (what, outlet, recipient, occasion, channel_id, subscriber_id, session_id, starts_at, due_at, state, reason, settled_at, created_at)
				select 'session/1', $2, $1, 'hour', case when $2 = 'irc' then s.channel_id end, (select id from b), s.id, s.starts_at, $3, $4, 'Because.',
					case when $4 not in ('pending', 'sending') then $3::timestamptz end, $3
				from sessions s where s.slug = $5
				returning id`, fmt.Sprint(state, i, "@secret.example"), outlet, wednesday, state, x.Slug)
		}
	}
	add("irc", "sent", 1)
	add("mail", "failed", 3)
	add("mail", "unknown", 1)
	add("mail", "pending", 1)

	desk := seenBy(t, s, mia, "/manage")
	contains(t, desk, "Not sent: Evening, that it starts in an hour", "3 addresses", "Perhaps unheard: Evening", "1 address", "Try again")
	lacks(t, desk, "Not sent yet")
	alter(t, db, "update deliveries set tries = 3 where state = 'pending'")
	contains(t, seenBy(t, s, mia, "/manage"), "Not sent yet: Evening, that it starts in an hour", "Because. It is tried again by itself.")
	body := seenBy(t, s, mia, "/manage/deliveries?what=session%2F1")
	contains(t, body, devel+" on freenode", "3 addresses", "failed", "unknown", "Because.", "Because. It is tried again by itself.", `action="/manage/deliveries/retry"`,
		fmt.Sprintf(`action="/manage/deliveries/%d/retry"`, ids["failed"]))
	lacks(t, body, "secret.example", fmt.Sprintf("/%d/retry", ids["unknown"]), fmt.Sprintf("/%d/retry", ids["pending"]))
	lacks(t, seenBy(t, s, mia, "/manage/deliveries?outlet=irc&state=<x>"), "Mail</bdi>")
	lacks(t, seenBy(t, s, mia, "/manage/deliveries?state=unknown"), "/retry\"")
	contains(t, seenBy(t, s, mia, "/manage/deliveries?what=%00%ff'&before=x"), "nothing is known")

	state := func(want string) {
		t.Helper()
		if got := strings.Join(column(t, db, `select state || count(*) from deliveries group by state order by state`), " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, tt := range []struct {
		name, path string
		form       url.Values
		code       int
		want       string
	}{
		{"unknown", fmt.Sprintf("/manage/deliveries/%d/retry", ids["unknown"]), nil, http.StatusConflict, "failed3 pending1 sent1 unknown1"},
		{"sent", fmt.Sprintf("/manage/deliveries/%d/retry", ids["sent"]), nil, http.StatusConflict, "failed3 pending1 sent1 unknown1"},
		{"none", "/manage/deliveries/999999/retry", nil, http.StatusNotFound, "failed3 pending1 sent1 unknown1"},
		{"no number", "/manage/deliveries/x/retry", nil, http.StatusNotFound, "failed3 pending1 sent1 unknown1"},
		{"one that failed", fmt.Sprintf("/manage/deliveries/%d/retry", ids["failed"]), nil, http.StatusSeeOther, "failed2 pending2 sent1 unknown1"},
		{"nothing that failed", "/manage/deliveries/retry", url.Values{"what": {"session/1"}, "outlet": {"irc"}, "occasion": {"hour"}}, http.StatusConflict, "failed2 pending2 sent1 unknown1"},
		{"all that failed", "/manage/deliveries/retry", url.Values{"what": {"session/1"}, "outlet": {"mail"}, "occasion": {"hour"}, "back": {"https://elsewhere.example"}}, http.StatusSeeOther, "pending4 sent1 unknown1"},
	} {
		w := submit(t, s, mia, tt.path, tt.form)
		if to := w.Header().Get("Location"); w.Code != tt.code || w.Code == http.StatusSeeOther && !strings.HasPrefix(to, "/manage/deliveries?") {
			t.Errorf("%s: %d %s", tt.name, w.Code, to)
		}
		state(tt.want)
	}
	contains(t, seenBy(t, s, join(t, s, "ada", person.Admin), "/admin/audit?action=retry+announcement"), "session/1", "failed")
	for i := range deliveriesMost {
		one[int64](t, db, `insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, starts_at, due_at, created_at)
			select 'session/' || $1::int, 'irc', 'x', 'ten', s.channel_id, s.id, s.starts_at, $2, $2 from sessions s returning id`, 100+i, wednesday)
	}
	contains(t, seenBy(t, s, mia, "/manage/deliveries"), "before=")
	alter(t, db, "update sessions set visibility = 'members'")
	if list, err := s.Store.Receipts(t.Context(), person.PublicViewer, "session/1"); err != nil || len(list) != 0 {
		t.Errorf("the public sees %v, %v", list, err)
	}
}

// News are above every page but their own, until the day that they say.
func TestNewsBanner(t *testing.T) {
	t.Parallel()
	s, _ := newServerAt(t)
	_, err := s.Store.AddNews(t.Context(), hackfest.News{
		Title: "Two <weeks> off", Body: "We rest.", State: hackfest.NewsPublished, PublishedAt: wednesday.Add(-time.Hour), BannerUntil: wednesday.Add(time.Hour),
	}, wednesday)
	must(t, err)
	const banner = `<b>News:</b> <a href="/news/two-weeks-off"><bdi>Two &lt;weeks&gt; off</bdi></a>`
	contains(t, page(t, s, "/conduct"), banner)
	lacks(t, page(t, s, "/news/two-weeks-off"), banner)
	s.Now = func() time.Time { return wednesday.Add(time.Hour) }
	lacks(t, page(t, s, "/conduct"), banner)
}
