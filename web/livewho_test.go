package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// Who comes is on the open page of a session as it would be on a new one: for
// everybody what is for them, and no more.
func TestStreamTellsWhoComes(t *testing.T) {
	t.Parallel()
	dsn := testdb.URL(t)
	s := newLiveServer(t, dsn)
	ctx, now := t.Context(), wednesday.AddDate(0, 0, -3)
	s.Now = func() time.Time { return now }
	x := plan(t, s.Server, "AppScale", wednesday, nil)
	hal, mel, uma := join(t, s.Server, "hal", person.Member), join(t, s.Server, "mel", person.Member), join(t, s.Server, canary, person.Member)
	alter(t, dsn, "update people set unnamed = true where id = $1", uma.ID)
	must(t, s.Store.NameHost(ctx, x.Slug, hal.ID))
	path := "/sessions/" + x.Slug
	whoComes := func(html string) string {
		_, html, _ = strings.Cut(html, `<section id="who-comes">`)
		html, _, _ = strings.Cut(html, "</section>")
		return spoken(html)
	}
	readers := []string{"public", "member", "host"}
	cookies := map[string]map[string]string{"member": signedIn(t, s.Server, mel.ID), "host": signedIn(t, s.Server, hal.ID)}
	open, told := map[string]*follower{}, map[string]string{}
	// sees waits until the open page of a reader is as a new one, which says want.
	sees := func(reader, want string) {
		t.Helper()
		fresh := whoComes(ask(t, s.Server, request{path: path, header: cookies[reader]}).Body.String())
		if !strings.Contains(plainText(fresh), want) {
			t.Fatalf("the page of the %s says %q, not %q", reader, plainText(fresh), want)
		}
		for was := ""; was != fresh; was = whoComes(told[reader]) {
			told[reader] = open[reader].next("parts").data
			if hidden := strings.Contains(told[reader], canary); hidden != strings.Contains(fresh, canary) {
				t.Errorf("the %s is told %s", reader, told[reader])
			}
		}
	}
	load := func(reader string) {
		t.Helper()
		page := ask(t, s.Server, request{path: path, header: cookies[reader]}).Body.String()
		open[reader], told[reader] = followWith(t, s.streamIn(t, page), cookies[reader]), ""
	}
	for _, reader := range readers {
		load(reader)
		sees(reader, "Nobody has said so yet")
	}
	irc := func(answer hackfest.Answer) error {
		_, err := s.Store.Respond(ctx, hackfest.Response{Network: "freenode", Channel: devel, Nick: "okapi", Answer: answer}, now)
		return err
	}
	var nell hackfest.RSVP
	for _, tt := range []struct {
		name       string
		do         func() error
		want, host string // what the host reads instead; "" for the same
	}{
		{"maybe on IRC", func() error { return irc(hackfest.AnswerMaybe) }, "1 maybe Maybe okapi", ""},
		{"coming on the web", func() (err error) {
			nell, err = s.Store.Answer(ctx, hackfest.Answering{SessionID: x.ID, Nick: "nell", Answer: hackfest.AnswerComing, Needs: "a chair", FirstVisit: true, Via: "web"}, now)
			return err
		}, "1 coming, 1 maybe Coming nell Maybe okapi", "okapi 1 asked for something, 1 here for the first time"},
		{"regrets instead", func() error { return irc(hackfest.AnswerRegrets) }, "Regrets okapi", ""},
		{"the host takes one off", func() error { return s.Store.RemoveAnswer(ctx, nell.ID, hal.ID, now) }, "1 regrets Regrets okapi", ""},
		{"and puts it back", func() error { return s.Store.RestoreAnswer(ctx, nell.ID) }, "1 coming, 1 regrets", ""},
		{"who is not to be named, by API", func() error {
			w := tell(t, s.Server, path+"/rsvp", "one", `{"answer": "coming"}`, token(t, s.Server, uma, person.ScopeChair))
			if w.Code != http.StatusOK {
				return fmt.Errorf("%d %s", w.Code, w.Body)
			}
			return nil
		}, "Coming nell and 1 who is not named", "Coming nell, " + canary},
		{"who hosted looks after it no more, and is shown the page anew", func() error {
			err := s.Store.NameHost(ctx, x.Slug, 0)
			open["host"].next("reload")
			load("host")
			return err
		}, "", "Coming nell and 1 who is not named"},
		{"taken back", func() error { return s.Store.WithdrawAnswer(ctx, nell.ID, now) }, "1 coming, 1 regrets Coming 1 who is not named", ""},
	} {
		must(t, tt.do())
		for _, reader := range readers {
			switch {
			case reader == "host" && tt.host != "":
				sees(reader, tt.host)
			case tt.want != "":
				sees(reader, tt.want)
			}
		}
	}
}
