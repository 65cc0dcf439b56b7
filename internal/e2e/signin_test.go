package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
	"github.com/eucalyptus/hackfest/internal/testmail"
)

// browser is somebody who looks at a portal: it keeps cookies, follows no
// redirect, and sends forms as from the portal's own pages.
type browser struct {
	p       *portal
	cookies map[string]string
}

func (p *portal) browser() *browser { return &browser{p, map[string]string{}} }

// do sends one request. path may be a whole address of the portal.
func (b *browser) do(method, path string, form url.Values) (status int, location, body string) {
	b.p.t.Helper()
	path = strings.TrimPrefix(path, "http://"+b.p.addr)
	ctx, cancel := context.WithTimeout(b.p.t.Context(), patience)
	defer cancel()
	res := b.send(ctx, method, path, form)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.p.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return res.StatusCode, res.Header.Get("Location"), string(text)
}

func (b *browser) send(ctx context.Context, method, path string, form url.Values) *http.Response {
	b.p.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, "http://"+b.p.addr+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.p.t.Fatal(err)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://"+b.p.addr)
	}
	res, err := b.p.client.Do(r)
	if err != nil {
		b.p.t.Fatal(err)
	}
	return res
}

// follow presses the button of a sign-in link and returns where it leads.
func (b *browser) follow(link string) string {
	b.p.t.Helper()
	path, query, _ := strings.Cut(link, "?")
	q, _ := url.ParseQuery(query) // none is fine
	if status, _, body := b.do(http.MethodGet, link, nil); status != http.StatusOK || !strings.Contains(body, "Sign in as") {
		b.p.t.Fatalf("%s answers %d", link, status)
	}
	status, to, body := b.do(http.MethodPost, path, url.Values{"next": {q.Get("next")}})
	if status != http.StatusSeeOther || b.cookies["hackfest"] == "" {
		b.p.t.Fatalf("%s does not sign in: %d\n%s", link, status, body)
	}
	return to
}

// me is whom the portal takes b for; "" is nobody.
func (b *browser) me() string {
	b.p.t.Helper()
	_, _, body := b.do(http.MethodGet, "/conduct", nil)
	m := regexp.MustCompile(`href="/settings"[^>]*><bdi>([^<]*)</bdi>`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

// admin runs hackfest admin beside the portal.
func (p *portal) admin(args ...string) string {
	p.t.Helper()
	path, err := p.program()
	if err != nil {
		p.t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cmd := exec.Command(path, append([]string{"admin"}, args...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, &out, &errs
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("hackfest admin %q: %v\n%s", args, err, errs.String())
	}
	return strings.TrimSpace(out.String())
}

// An empty portal lets nobody in; the first admin is made on the server (A66),
// gives themselves an address, signs in by mail and by IRC, and whoever takes
// their nick gets nothing. What is secret of all this is in no log and no file.
func TestSignInFromTheFirstStartOn(t *testing.T) {
	t.Parallel()
	irc := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{})
	services := testirc.StartAtheme(t, irc)
	services.Register("annacc", "ann-password", "")
	sink := testmail.Start(t, "")
	database := testdb.URL(t)
	p := newPortal(t, "DATABASE_URL="+database, "HACKFEST_IRC=irc://hackbot@"+irc.Addr+"/euca?name=test",
		"HACKFEST_LOG_LEVEL=debug", "HACKFEST_MAIL_FROM=hackfest@example.org",
		fmt.Sprintf("HACKFEST_SMTP=smtp://hackfest:canary-smtp@127.0.0.1:%d", sink.Port))
	p.start()
	p.awaitBot("test", channel)
	secrets := []string{"canary-smtp"}

	b := p.browser()
	if _, _, body := b.do(http.MethodGet, "/signin", nil); !strings.Contains(body, "hackfest admin user add") || strings.Contains(body, `type="password"`) {
		t.Error("the first start does not say how the first admin is made")
	}
	if status, to, _ := b.do(http.MethodGet, "/settings?x=1", nil); status != http.StatusSeeOther || to != "/signin?next=%2Fsettings%3Fx%3D1" {
		t.Errorf("settings answer nobody with %d to %q", status, to)
	}
	first := p.admin("user", "add", "Ann", "--role", "admin")
	secrets = append(secrets, first[strings.LastIndex(first, "/")+1:])
	if to := b.follow(first); to != "/" || b.me() != "Ann" {
		t.Errorf("led to %q as %q", to, b.me())
	}
	token := b.cookies["hackfest"]
	if status, _, _ := b.do(http.MethodPost, first, nil); status != http.StatusConflict {
		t.Errorf("the link works twice: %d", status)
	}

	// By mail.
	b.do(http.MethodPost, "/settings/mail", url.Values{"mail": {"ann@example.org"}})
	prove := regexp.MustCompile(`http://\S+/settings/mail/\S+`).FindString(sink.Await(t, 1)[0].Text)
	if status, _, body := b.do(http.MethodPost, prove, nil); status != http.StatusSeeOther {
		t.Fatalf("the address is not confirmed: %d\n%s", status, body)
	}
	b.do(http.MethodPost, "/signout", nil)
	if b.me() != "" || b.cookies["hackfest"] != "" {
		t.Error("not signed out")
	}
	b.cookies["hackfest"] = token
	if b.me() != "" {
		t.Error("the old cookie still works")
	}
	if status, to, _ := b.do(http.MethodPost, "/signin/link", url.Values{"mail": {"ANN@example.org"}, "next": {"/lessons"}}); status != http.StatusSeeOther || !strings.Contains(to, "sent=1") {
		t.Errorf("%d to %q", status, to)
	}
	b.do(http.MethodPost, "/signin/link", url.Values{"mail": {"nobody@example.org"}})
	mails := sink.Await(t, 2)
	byMail := regexp.MustCompile(`http://\S+/signin/\S+`).FindString(mails[1].Text)
	if to := b.follow(byMail); to != "/lessons" || b.me() != "Ann" {
		t.Errorf("by mail led to %q as %q", to, b.me())
	}
	if b.cookies["hackfest"] == token {
		t.Error("the cookie is the one from before")
	}
	secrets = append(secrets, token, b.cookies["hackfest"], prove[strings.LastIndex(prove, "/")+1:],
		regexp.MustCompile(`/signin/([\w-]+)`).FindStringSubmatch(byMail)[1])

	// By IRC.
	_, _, body := b.do(http.MethodPost, "/settings/claim", url.Values{"network": {"test"}})
	code := regexp.MustCompile(`claim ([2-9A-Z]{4}-[2-9A-Z]{4})`).FindStringSubmatch(body)
	if code == nil {
		t.Fatalf("no code:\n%s", body)
	}
	c := testirc.Dial(t, irc.Addr, "ann")
	c.Join(channel)
	c.Raw("NICKSERV IDENTIFY annacc ann-password")
	c.Expect(testirc.Command("900"))
	c.Say("hackbot", "claim "+code[1])
	c.ExpectText("the account annacc and the nick ann on test now belongs to Ann")
	c.Say("hackbot", "signin")
	byIRC := regexp.MustCompile(`http://\S+/signin/\S+`).FindString(c.ExpectText("signs you in as Ann"))
	other := p.browser()
	if other.follow(byIRC); other.me() != "Ann" {
		t.Errorf("by IRC it is %q", other.me())
	}
	c.Quit("gone")
	taker := testirc.Dial(t, irc.Addr, "taker")
	taker.Join(channel)
	taker.Rename("ann")
	taker.Say("hackbot", "signin")
	taker.ExpectText("You are not identified to services")
	secrets = append(secrets, code[1], regexp.MustCompile(`/signin/([\w-]+)`).FindStringSubmatch(byIRC)[1], other.cookies["hackfest"])

	p.endsStreams(b, other, database)
	p.stop()
	if n := len(sink.Mails()); n != 2 {
		t.Errorf("%d mails were sent", n)
	}
	p.hides(secrets, database)
}

// endsStreams checks that the live page of a browser that is signed out ends, and
// that of another browser of the same person goes on.
func (p *portal) endsStreams(gone, stays *browser, database string) {
	t := p.t
	t.Helper()
	st, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	bob := testirc.Dial(t, strings.TrimSuffix(regexp.MustCompile(`irc://hackbot@([^/]+)/`).FindStringSubmatch(strings.Join(p.env, " "))[1], " "), "bob")
	bob.Join(channel)
	bob.Say(channel, "#startmeeting Streams")
	bob.ExpectText("Meeting started")
	var path string
	eventually(t, "the session", func() bool {
		_, body := p.get("/now")
		path = regexp.MustCompile(`/sessions/[\w-]+`).FindString(body)
		return path != ""
	})
	stream := gone.stream(path)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	goneStream, staysStream := gone.send(ctx, http.MethodGet, stream, nil), stays.send(ctx, http.MethodGet, stream, nil)
	defer goneStream.Body.Close()
	defer staysStream.Body.Close()
	lines := bufio.NewReader(goneStream.Body)
	if line, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(line, "retry:") {
		t.Fatalf("the stream begins with %q, %v", line, err)
	}
	bob.Say(channel, "#info both read this")
	for line := ""; !strings.Contains(line, "both read this"); {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("the stream ends before anybody signed out: %v", err)
		}
	}
	begun := time.Now()
	gone.do(http.MethodPost, "/signout", nil)
	if rest, err := io.ReadAll(lines); err != nil || !strings.Contains(string(rest), "event: reload") {
		t.Errorf("%q, %v", rest, err)
	}
	took := time.Since(begun)
	if t.Logf("a stream ended %s after its sign-in (promised: 5 s)", took.Round(time.Millisecond)); took > 25*time.Second {
		t.Errorf("a stream ended %s after its sign-in", took)
	}
	if stays.me() != "Ann" {
		t.Error("another browser is signed out too")
	}
	bob.Say(channel, "#info only one reads this")
	text := ""
	for lines := bufio.NewScanner(staysStream.Body); !strings.Contains(text, "only one reads this") && lines.Scan(); {
		text = lines.Text()
	}
	if !strings.Contains(text, "only one reads this") {
		t.Error("the stream of another browser ended as well")
	}
	bob.Say(channel, "#endmeeting")
}

// stream is the path of the stream of a session's live page.
func (b *browser) stream(session string) string {
	b.p.t.Helper()
	var path string
	eventually(b.p.t, "the live page names its stream", func() bool {
		_, _, body := b.do(http.MethodGet, session, nil)
		_, body, _ = strings.Cut(body, `id="stream"`)
		value := func(name string) string {
			_, rest, _ := strings.Cut(body, "data-"+name+`="`)
			v, _, _ := strings.Cut(rest, `"`)
			return v
		}
		path = fmt.Sprintf("%s?after=%s&state=%s", value("path"), value("after"), value("state"))
		return strings.Contains(value("state"), "live.")
	})
	return path
}

// hides checks that none of secrets is in the log, in a file of the portal, or in
// the database.
func (p *portal) hides(secrets []string, database string) {
	t := p.t
	t.Helper()
	var files []string
	if err := filepath.WalkDir(filepath.Dir(p.logFile), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(secrets, func(s string) bool { return bytes.Contains(data, []byte(s)) }); i >= 0 {
			t.Errorf("secret %d is in %s", i, filepath.Base(path))
		}
	}
	dump, err := exec.Command("pg_dump", "--data-only", "--inserts", database).Output()
	if err != nil {
		t.Fatalf("pg_dump: %v", err)
	}
	for i, s := range secrets {
		if bytes.Contains(dump, []byte(s)) {
			t.Errorf("secret %d is in the database", i)
		}
	}
}
