package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/jobs"
	mailer "github.com/eucalyptus/hackfest/internal/mail"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testmail"
)

// mailPassword must be in no log and no answer.
const mailPassword = "canary-password"

// office is a portal whose mail goes out for true: by the jobs, over TLS, to a
// mail server.
type office struct {
	*Server
	t    *testing.T
	sink *testmail.Sink
	dsn  string // of its database
	log  *lockedBuffer
	mia  person.Actor // a maintainer
}

// lockedBuffer is a log that several write to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newOffice opens an office. Its clock is the real one, since jobs look at when
// they were asked for.
func newOffice(t *testing.T) *office {
	t.Helper()
	dsn := testdb.URL(t)
	pool, err := store.NewPool(t.Context(), dsn)
	must(t, err)
	t.Cleanup(pool.Close)
	o := &office{t: t, Server: testServer(store.New(pool)), sink: testmail.Start(t, "", testmail.ImplicitTLS), dsn: dsn, log: &lockedBuffer{}}
	o.Now, o.BaseURL = time.Now, "https://portal.example.org"
	o.Log = slog.New(slog.NewTextHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	must(t, o.Store.AddNetwork(t.Context(), "freenode", "chat.freenode.net", time.Now()))
	must(t, o.Store.OpenChannels(t.Context(), "freenode", []string{devel}, irctext.Casemapping(""), time.Now()))
	o.mia = join(t, o.Server, "Mia", person.Maintainer)
	conf := jobs.Config{
		Store: o.Store, Pool: pool, BaseURL: o.BaseURL, Community: o.Community, Log: o.Log, Every: 200 * time.Millisecond,
		Mail: &mailer.Server{
			Host: "127.0.0.1", Port: o.sink.Port, TLS: true, User: "hackfest", Password: mailPassword, Config: o.sink.Client(),
			From: mail.Address{Name: "Eucalyptus", Address: "hackfest@example.org"},
		},
	}
	o.Post, err = jobs.NewPost(conf)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- jobs.Lead(ctx, conf) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return o
}

// post sends a form as a browser in one household does, and returns the answer.
func (o *office) send(from, path string, form url.Values, as person.Actor) *httptest.ResponseRecorder {
	o.t.Helper()
	header := map[string]string{"Remote": from + ":4711"}
	if !as.SignedIn() {
		header["Sec-Fetch-Site"] = "same-origin"
	}
	return ask(o.t, o.Server, request{method: http.MethodPost, path: path, form: form, header: header, as: as})
}

// cancel cancels a session that was to be tomorrow. Followers are told at once.
func (o *office) cancel(title string) {
	o.t.Helper()
	x := plan(o.t, o.Server, title, time.Now().Add(20*time.Hour).UTC(), nil)
	w := o.send("192.0.2.1", "/sessions/"+x.Slug+"/cancel", url.Values{"reason": {"Release week."}, "revision": {strconv.Itoa(x.Revision)}, "confirmed": {"on"}}, o.mia)
	if w.Code != http.StatusSeeOther {
		o.t.Fatalf("cancel: %d\n%s", w.Code, w.Body)
	}
}

// await waits until an address has n mails, and returns them.
func (o *office) await(address string, n int) []testmail.Mail {
	o.t.Helper()
	for all := n; ; all++ {
		if got := o.sink.To(address); len(got) >= n {
			return got
		}
		o.sink.Await(o.t, len(o.sink.Mails())+1)
	}
}

// link is the path of the link in a mail that begins so.
func (o *office) link(m testmail.Mail, begins string) string {
	o.t.Helper()
	_, rest, ok := strings.Cut(m.Text, o.BaseURL+begins)
	if !ok {
		o.t.Fatalf("no link to %s:\n%s", begins, m.Text)
	}
	return begins + strings.Fields(rest)[0]
}

// subscribe has an address follow everything, by the form and the link in the mail.
func (o *office) subscribe(from, address string) {
	o.t.Helper()
	if w := o.send(from, "/follow", url.Values{"mail": {address}, "what": {"all"}, "pace": {"each"}}, person.Actor{}); w.Code != http.StatusSeeOther {
		o.t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	path := o.link(o.await(address, 1)[0], "/follow/confirm/")
	page := ask(o.t, o.Server, request{path: path}).Body.String()
	what := regexp.MustCompile(`name="what" value="(\d+)"`).FindStringSubmatch(page)
	if what == nil {
		o.t.Fatalf("nothing to confirm:\n%s", page)
	}
	if w := o.send(from, path, url.Values{"what": {what[1]}, "pace": {"each"}}, person.Actor{}); w.Code != http.StatusOK {
		o.t.Fatalf("%d\n%s", w.Code, w.Body)
	}
}

// A40: before an address is confirmed, one question is all that is sent there,
// whoever asks for it how often, and whatever happens that it is said to follow.
func TestA40NothingButOneConfirmation(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.subscribe("192.0.2.2", "kim@example.org")
	for i, from := range []string{"192.0.2.3", "192.0.2.3", "198.51.100.4", "203.0.113.5"} {
		form := url.Values{"mail": {[]string{"mel@example.org", "MEL@example.org"}[i%2]}, "what": {"all", "news"}, "pace": {"each"}}
		w := o.send(from, "/follow", form, person.Actor{})
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/follow?asked=1" {
			t.Fatalf("%d %s\n%s", w.Code, w.Header().Get("Location"), w.Body)
		}
	}
	question := o.await("mel@example.org", 1)[0]
	path := o.link(question, "/follow/confirm/")
	for range 2 { // a mail scanner looks at it
		if w := ask(t, o.Server, request{path: path}); w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("%d", w.Code)
		}
	}
	o.cancel("OpenShift")
	o.await("kim@example.org", 2)
	if got := o.sink.To("mel@example.org"); len(got) != 1 {
		t.Fatalf("%d mails before the address is confirmed", len(got))
	}

	ids := regexp.MustCompile(`name="what" value="(\d+)" checked`).FindAllStringSubmatch(ask(t, o.Server, request{path: path}).Body.String(), -1)
	if len(ids) != 2 {
		t.Fatalf("%d things to confirm", len(ids))
	}
	if w := o.send("192.0.2.3", path, url.Values{"what": {ids[0][1]}, "pace": {"each"}}, person.Actor{}); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Everything at Eucalyptus") {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	if w := o.send("192.0.2.3", path, url.Values{"what": {ids[1][1]}}, person.Actor{}); w.Code != http.StatusConflict {
		t.Errorf("a second time: %d", w.Code)
	}
	o.cancel("AppScale")
	o.await("kim@example.org", 3)
	if m := o.await("mel@example.org", 2)[1]; m.Subject == "" || !strings.HasPrefix(m.Subject, "Cancelled: AppScale") {
		t.Errorf("%q", m.Subject)
	}
	o.keepsSecrets(path)
}

// keepsSecrets checks that what is secret is in no log and no row.
func (o *office) keepsSecrets(paths ...string) {
	o.t.Helper()
	for _, p := range append(paths, mailPassword) {
		secret := p[strings.LastIndexByte(p, '/')+1:]
		if strings.Contains(o.log.String(), secret) {
			o.t.Errorf("%.8s… is in the log", secret)
		}
		for _, table := range []string{"river_job", "changes", "deliveries", "subscribers", "follow_links"} {
			if got := column(o.t, o.dsn, "select x::text from "+table+" x where x::text like '%' || $1 || '%'", secret); len(got) > 0 {
				o.t.Errorf("%.8s… is in %s", secret, table)
			}
		}
	}
	for _, address := range []string{"mel@example.org", "kim@example.org"} {
		if strings.Contains(o.log.String(), address) {
			o.t.Errorf("%s is in the log", address)
		}
	}
}

// A58: a mail that was subscribed to says how to stop it; one bare POST without
// cookies does, from wherever it comes, and looking does not.
func TestA58OneClickUnsubscribes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.subscribe("192.0.2.2", "kim@example.org")
	o.subscribe("192.0.2.3", "mel@example.org")
	o.cancel("OpenShift")
	m := o.await("mel@example.org", 2)[1]
	out, ok := strings.CutPrefix(m.Header.Get("List-Unsubscribe"), "<"+o.BaseURL+"/unsubscribe/")
	out = "/unsubscribe/" + strings.TrimSuffix(out, ">")
	if !ok || m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || m.Header.Get("List-Id") != "<all.portal.example.org>" ||
		m.Header.Get("Auto-Submitted") != "auto-generated" || strings.Join(m.Parts, " ") != "text/plain text/html" {
		t.Fatalf("%v, %v", m.Header, m.Parts)
	}
	for name, text := range map[string]string{"text": m.Text, "HTML": m.HTML} {
		if !strings.Contains(text, "Release week.") || !strings.Contains(text, o.BaseURL+out) || strings.Contains(text, "<img") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	for range 2 {
		if w := ask(t, o.Server, request{path: out}); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "mel@example.org") {
			t.Fatalf("%d\n%s", w.Code, w.Body)
		}
	}
	o.cancel("AppScale")
	o.await("kim@example.org", 3)
	o.await("mel@example.org", 3) // looking was nothing

	w := raw(o.Server, http.MethodPost, out, "List-Unsubscribe=One-Click", map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://mail.example.com", "Sec-Fetch-Site": "cross-site",
	})
	if w.Code != http.StatusOK || cookieOf(o.Server, w) != nil {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	o.cancel("Stackato")
	o.await("kim@example.org", 4)
	if got := o.sink.To("mel@example.org"); len(got) != 3 {
		t.Errorf("%d mails after the end", len(got))
	}
	if w := o.send("192.0.2.3", out+"/undo", url.Values{}, person.Actor{}); w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	o.cancel("Cloud Foundry")
	o.await("kim@example.org", 5)
	o.await("mel@example.org", 4)
	for name, path := range map[string]string{"cut off": out[:len(out)-1], "another": "/unsubscribe/" + strings.Repeat("A", 43)} {
		if w := raw(o.Server, http.MethodPost, path, "List-Unsubscribe=One-Click", nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	o.keepsSecrets(out)
}
