package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

const hookSecret = "fetched-by-nobody-but-github"

// hooked is a server that takes webhooks, and what it keeps.
type hooked struct {
	*Server
	t    *testing.T
	pool *pgxpool.Pool
}

func newHooked(t *testing.T) hooked {
	t.Helper()
	pool := testdb.New(t)
	s := testServer(store.New(pool))
	s.GitHub = ghsync.Access{HookSecret: hookSecret}
	return hooked{s, t, pool}
}

// send delivers d from an address of GitHub's, with headers changed as given.
func (s hooked) send(d testgithub.Delivery, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, hookPath, bytes.NewReader(d.Body))
	r.Header = d.Header.Clone()
	r.RemoteAddr = "192.30.252.1:443"
	for k, v := range header {
		if r.Header.Set(k, v); v == "" {
			r.Header.Del(k)
		}
	}
	w := httptest.NewRecorder()
	s.Routes().ServeHTTP(w, r)
	return w
}

// work applies all that waits, as the job does.
func (s hooked) work() {
	s.t.Helper()
	for worked := true; worked; {
		var why, err error
		_, worked, why, err = s.Store.WorkHookDelivery(s.t.Context(), wednesday)
		must(s.t, err)
		must(s.t, why)
	}
}

// kept is all that deliveries can change.
func (s hooked) kept() string {
	s.t.Helper()
	var all string
	must(s.t, s.pool.QueryRow(s.t.Context(), `
		select concat_ws(E'\n',
			(select string_agg(d::text, E'\n' order by d.id) from hook_deliveries d), (select count(*) from river_job),
			(select string_agg(i::text, E'\n' order by i.number) from issues i), (select string_agg(r::text, E'\n') from repositories r),
			(select count(*) from audit))`).Scan(&all))
	return all
}

// payload is a delivery of an event, rightly signed.
func payload(id, event, body string) testgithub.Delivery {
	d := testgithub.Delivery{ID: id, Event: event, Header: http.Header{}}
	d.Header.Set("X-GitHub-Delivery", id)
	d.Header.Set("X-GitHub-Event", event)
	d.Header.Set("Content-Type", "application/json")
	return d.Signed(hookSecret, []byte(body))
}

// A54: nothing happens on a wrong signature, and nothing more on a repeat.
func TestA54Webhooks(t *testing.T) {
	t.Parallel()
	s := newHooked(t)
	now := wednesday
	g := testgithub.Start(t, testgithub.Options{Secret: hookSecret, Now: func() time.Time { return now }})
	repo := g.AddRepo("eucalyptus/recipes")
	_, err := s.Store.AddRepository(t.Context(), "eucalyptus/recipes", person.Public, wednesday)
	must(t, err)
	n := repo.OpenIssue(testgithub.Issue{Title: "Broker does not start"})
	opened := g.Last()
	now = now.Add(time.Minute)
	repo.Close(n, "tessv")
	closing := g.Last()
	issue := func() hackfest.Issue {
		t.Helper()
		ref := hackfest.IssueRef{Repo: "eucalyptus/recipes", Number: n}
		known, err := s.Store.Issues(t.Context(), person.PublicViewer, []hackfest.IssueRef{ref})
		must(t, err)
		return known[ref]
	}

	if w := s.send(opened, nil); w.Code != http.StatusAccepted || !strings.Contains(w.Body.String(), `"state":"received"`) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	s.work()
	if i := issue(); !i.Open || i.Title != "Broker does not start" {
		t.Fatalf("%+v", i)
	}
	before := s.kept()
	for name, d := range map[string]testgithub.Delivery{
		"another secret": closing.Signed(hookSecret+"x", closing.Body), "another body": {ID: closing.ID, Header: closing.Header, Body: append(slices.Clone(closing.Body), ' ')},
	} {
		w := s.send(d, nil)
		if w.Code != http.StatusForbidden || w.Header().Get("Content-Type") != "application/problem+json" || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if s.work(); s.kept() != before {
		t.Error("something was changed")
	}

	s.send(closing, nil)
	s.work()
	if issue().Open {
		t.Fatal("it is not closed")
	}
	before = s.kept()
	for range 3 {
		if w := s.send(closing, nil); w.Code != http.StatusAccepted || !strings.Contains(w.Body.String(), `"repeated":true`) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	reused := payload(closing.ID, "issues", strings.Replace(string(opened.Body), "Broker", "Portal", 1))
	s.send(reused, nil) // who finds a body that was signed for another may try
	if s.work(); s.kept() != before {
		t.Errorf("a repeat had an effect:\n%s\n%s", before, s.kept())
	}
}

// Without a secret nobody could be told from GitHub, so there is no route, and
// with one there is one more. It has a policy like every other.
func TestHookRoute(t *testing.T) {
	t.Parallel()
	s := newHooked(t)
	var hooks []Route
	with := s.Inventory()
	for _, r := range with {
		if r.Action == person.Receive {
			hooks = append(hooks, r)
		}
	}
	if len(hooks) != 1 || hooks[0] != (Route{http.MethodPost, hookPath, person.Receive}) {
		t.Errorf("%v", hooks)
	}
	if w := ask(t, s.Server, request{path: hookPath}); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	s.GitHub.HookSecret = ""
	if n := len(s.Inventory()); n != len(with)-1 {
		t.Errorf("%d routes, with the webhook %d", n, len(with))
	}
	before := s.kept()
	d := payload("a", "ping", `{"hook":{"events":["*"]}}`)
	for name, d := range map[string]testgithub.Delivery{"unsigned": {Header: http.Header{}}, "signed with nothing": d.Signed("", d.Body), "signed": d} {
		if w := s.send(d, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if s.kept() != before {
		t.Error("something was kept")
	}
}

// zipped is body as gzip has it.
func zipped(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body) // to memory
	_ = z.Close()
	return b.Bytes()
}

// Hostile deliveries are refused or harmless: R38. What is wrong with the header
// and with payloads is tried in package ghsync.
func TestHostileHooks(t *testing.T) {
	t.Parallel()
	s := newHooked(t)
	_, err := s.Store.AddRepository(t.Context(), "eucalyptus/recipes", person.Public, wednesday)
	must(t, err)
	const ping = `{"zen":"Design for failure.","hook":{"events":["*"]}}`
	const none = "\x00"
	d := payload("d", "ping", ping)
	form := url.Values{"payload": {ping}}.Encode()
	issue := func(rest string) string {
		return `{"action":"opened","issue":{"number":1,"title":"a","state":"open","created_at":"2012-08-02T19:00:00Z","updated_at":"2012-08-02T19:00:00Z"` + rest +
			`},"repository":{"id":7,"full_name":"eucalyptus/recipes"}}`
	}
	signed := func(event, body string) testgithub.Delivery { return payload("d", event, body) }
	for _, tt := range []struct {
		name   string
		d      testgithub.Delivery
		header map[string]string
		want   int
		state  string // of what is kept; none for nothing
	}{
		{"rightly signed", d, nil, 202, "ignored"},
		{"no signature", d, map[string]string{"X-Hub-Signature-256": ""}, 403, none},
		{"the old signature alone, and right", d, map[string]string{"X-Hub-Signature-256": "", "X-Hub-Signature": d.Header.Get("X-Hub-Signature")}, 403, none},
		{"the old signature in the new header", d, map[string]string{"X-Hub-Signature-256": d.Header.Get("X-Hub-Signature")}, 403, none},
		{"cut off", d, map[string]string{"X-Hub-Signature-256": d.Header.Get("X-Hub-Signature-256")[:40]}, 403, none},
		{"of another secret", d.Signed("hunter2", d.Body), nil, 403, none},
		{"compressed", d.Signed(hookSecret, zipped(d.Body)), map[string]string{"Content-Encoding": "gzip"}, 415, none},
		{"compressed without saying so", d.Signed(hookSecret, zipped(d.Body)), nil, 202, "ignored"},
		{"text", d, map[string]string{"Content-Type": "text/plain"}, 422, none},
		{"without a delivery", d, map[string]string{"X-GitHub-Delivery": ""}, 422, none},
		{"a form", d.Signed(hookSecret, []byte(form)), map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 202, "ignored"},
		{"a form whose payload is signed", testgithub.Delivery{Header: d.Header, Body: []byte(form)}, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 403, none},
		{"a form with many fields", d.Signed(hookSecret, []byte(form+strings.Repeat("&a", 2000))), map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 202, "ignored"},
		{"from another site, with cookies", d, map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Cookie": "hackfest_signin=x"}, 202, "ignored"},
		{"with a token", d, map[string]string{"Authorization": "Bearer x"}, 202, "ignored"},
		{"unsigned, from another site", d, map[string]string{"Origin": "https://evil.example", "X-Hub-Signature-256": ""}, 403, none},
		{"unsigned, with a token", d, map[string]string{"Authorization": "Bearer x", "X-Hub-Signature-256": ""}, 403, none},
		{"nothing", signed("issues", ""), nil, 202, "ignored"},
		{"null", signed("issues", "null"), nil, 202, "ignored"},
		{"a mark of byte order", signed("issues", "\ufeff"+issue("")), nil, 202, "ignored"},
		{"no text", signed("issues", "\xff\xfe\x00"), nil, 202, "ignored"},
		{"an issue", signed("issues", issue("")), nil, 202, "received"},
		{"an issue, named twice", signed("issues", issue(`,"title":"b"`)), nil, 202, "received"},
		{"a title with bytes that are no text", signed("issues", issue(`,"title":"\u0000 \ud800 `+"\xff"+`"`)), nil, 202, "received"},
		{"a title of two megabytes", signed("issues", issue(`,"title":"`+strings.Repeat("x", 2<<20)+`"`)), nil, 202, "received"},
		{"ten thousand labels", signed("issues", issue(`,"labels":[`+strings.Repeat(`{"name":"bug"},`, 9999)+`{"name":"bug"}]`)), nil, 202, "received"},
		{"markup", signed("issues", issue(`,"title":"<script>alert(1)</script>","labels":[{"name":"'\"><img>"}]`)), nil, 202, "received"},
		{"a repository of nobody's", signed("issues", strings.Replace(issue(""), `7,"full_name":"eucalyptus/recipes`, `8,"full_name":"evil/recipes`, 1)), nil, 202, "ignored"},
		{"a repository that is none", signed("issues", strings.Replace(issue(""), "eucalyptus/recipes", "../../recipes", 1)), nil, 202, "ignored"},
		{"an event that is none", signed("../../etc/passwd", "{}"), nil, 202, "ignored"},
	} {
		_, err := s.pool.Exec(t.Context(), `delete from hook_deliveries`)
		must(t, err)
		before := s.kept()
		w := s.send(tt.d, tt.header)
		if w.Code != tt.want {
			t.Errorf("%s: %d %s, want %d", tt.name, w.Code, w.Body, tt.want)
		}
		var states []string
		for _, one := range s.deliveries() {
			states = append(states, string(one.State))
		}
		if tt.state == none && s.kept() != before || tt.state != none && !slices.Equal(states, []string{tt.state}) {
			t.Errorf("%s: %v is kept", tt.name, states)
		}
		if len(w.Result().Cookies()) > 0 || w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", tt.name, w.Header())
		}
		s.work()
	}
}

func (s hooked) deliveries() []hackfest.HookDelivery {
	s.t.Helper()
	list, err := s.Store.HookDeliveries(s.t.Context(), "", 1000)
	must(s.t, err)
	return list
}

// zeros is a body that counts how much of it was read.
type zeros struct{ left, read int }

func (z *zeros) Read(b []byte) (int, error) {
	n := min(len(b), z.left)
	clear(b[:n])
	if z.left, z.read = z.left-n, z.read+n; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Of what is too large no more is read than GitHub may send, and nothing at all
// when it says so itself.
func TestHugeHooks(t *testing.T) {
	t.Parallel()
	s := newHooked(t)
	srv := httptest.NewServer(s.Routes())
	defer srv.Close()
	for _, tt := range []struct {
		name   string
		length int64 // that it says
		bytes  int
		most   int // that may be read of it
		want   int
	}{
		{"a byte more than GitHub sends", ghsync.MaxHook + 1, ghsync.MaxHook + 1, 0, 413},
		{"a hundred megabytes of unknown length", -1, 100 << 20, ghsync.MaxHook + 4<<20, 413},
		{"as much as GitHub sends, wrongly signed", ghsync.MaxHook, ghsync.MaxHook, ghsync.MaxHook, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := &zeros{left: tt.bytes}
			r := httptest.NewRequest(http.MethodPost, hookPath, body)
			r.Header, r.ContentLength = payload("d", "push", "").Header, tt.length
			w := httptest.NewRecorder()
			s.Routes().ServeHTTP(w, r)
			if w.Code != tt.want || body.read > tt.most || !strings.HasPrefix(w.Body.String(), `{"type"`) {
				t.Errorf("%d after %d bytes: %s", w.Code, body.read, w.Body)
			}
		})
	}
	// Nothing says how long what comes in chunks is; it is taken all the same.
	d := payload("chunks", "ping", `{"hook":{"events":["*"]},"zen":"`+strings.Repeat("x", 3<<20)+`"}`)
	r := d.Request(srv.URL + hookPath)
	r.ContentLength, r.Body = -1, io.NopCloser(bytes.NewReader(d.Body))
	w, err := http.DefaultClient.Do(r)
	must(t, err)
	defer w.Body.Close() //nolint:errcheck // nothing is read
	if w.StatusCode != http.StatusAccepted {
		t.Errorf("in chunks: %d", w.StatusCode)
	}
	if n := len(s.hookGate().bulky); n != 0 {
		t.Errorf("%d places are still taken", n)
	}
	if list := s.deliveries(); len(list) != 1 || list[0].ID != "chunks" {
		t.Errorf("%+v", list)
	}
}

// Who tries signatures is slowed down; GitHub is not, not even when others try
// from its addresses.
func TestWrongHooksAreLimited(t *testing.T) {
	t.Parallel()
	s := newHooked(t)
	right := payload("right", "ping", `{"hook":{"events":["*"]}}`)
	wrong := right.Signed("guess", right.Body)
	got := map[int]int{}
	var last *httptest.ResponseRecorder
	for range 40 {
		last = s.send(wrong, nil)
		got[last.Code]++
	}
	if want := map[int]int{403: 30, 429: 10}; !maps.Equal(got, want) || last.Header().Get("Retry-After") == "" {
		t.Errorf("%v, Retry-After %q", got, last.Header().Get("Retry-After"))
	}
	large := &zeros{left: 2 << 20}
	r := httptest.NewRequest(http.MethodPost, hookPath, large)
	r.Header, r.ContentLength, r.RemoteAddr = wrong.Header, 2<<20, "192.30.252.1:443"
	w := httptest.NewRecorder()
	if s.Routes().ServeHTTP(w, r); w.Code != http.StatusTooManyRequests || large.read > 0 {
		t.Errorf("a large one from there: %d after %d bytes", w.Code, large.read)
	}
	s.Proxies = []netip.Prefix{netip.MustParsePrefix("192.30.252.1/32")}
	if w := s.send(wrong, map[string]string{"X-Forwarded-For": "198.51.100.7"}); w.Code != http.StatusForbidden {
		t.Errorf("from elsewhere: %d", w.Code)
	}
	s.Proxies = nil
	for i := range 50 {
		if w := s.send(payload(fmt.Sprint(i), "ping", string(right.Body)), nil); w.Code != http.StatusAccepted {
			t.Fatalf("GitHub's: %d %s", w.Code, w.Body)
		}
	}
}

// All that github.com is known to send is accepted or ignored when it is signed,
// and refused when it is not.
func TestRealHooks(t *testing.T) {
	t.Parallel()
	s := newHooked(t)
	examples := testgithub.Examples(t)
	for _, name := range []string{"Codertocat/Hello-World", "Octocoders/Hello-World"} {
		_, err := s.Store.AddRepository(t.Context(), name, person.Public, wednesday)
		must(t, err)
	}
	h := s.Routes()
	send := func(x testgithub.Example, secret string) int {
		d := payload(x.Name, x.Event, "").Signed(secret, x.Payload)
		d.Header.Set("X-GitHub-Delivery", strings.ReplaceAll(x.Name, " ", "-"))
		r := d.Request(hookPath)
		r.RemoteAddr = "127.0.0.1:5000" // so that wrong ones are not counted
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	before := s.kept()
	for _, x := range examples {
		if code := send(x, "another"); code != http.StatusForbidden {
			t.Errorf("%s, wrongly signed: %d", x.Name, code)
		}
	}
	if s.kept() != before {
		t.Error("something was kept")
	}
	for _, x := range examples {
		if code := send(x, hookSecret); code != http.StatusAccepted {
			t.Errorf("%s: %d", x.Name, code)
		}
	}
	s.work()
	got := map[hackfest.HookState]int{}
	for _, d := range s.deliveries() {
		got[d.State]++
	}
	if want := map[hackfest.HookState]int{hackfest.HookApplied: 94, hackfest.HookIgnored: 235}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// GitHub delivers the same again while the first is under way, here or at another
// replica; one of them counts.
func TestHookRepeatedAtOnce(t *testing.T) {
	t.Parallel()
	s := newHooked(t)
	_, err := s.Store.AddRepository(t.Context(), "eucalyptus/recipes", person.Public, wednesday)
	must(t, err)
	other := testServer(store.New(s.pool))
	other.GitHub = s.GitHub
	d := payload("d", "label", `{"action":"edited","label":{"name":"bug"},"repository":{"id":7,"full_name":"eucalyptus/recipes"}}`)
	var all sync.WaitGroup
	var mu sync.Mutex
	fresh := 0
	for i := range 12 {
		h := []hooked{s, {other, t, s.pool}}[i%2]
		all.Go(func() {
			w := h.send(d, nil)
			mu.Lock()
			defer mu.Unlock()
			if w.Code == http.StatusAccepted && !strings.Contains(w.Body.String(), "repeated") {
				fresh++
			}
		})
	}
	if all.Wait(); fresh != 1 || len(s.deliveries()) != 1 {
		t.Errorf("%d of 12 were new, %d are kept", fresh, len(s.deliveries()))
	}
}

// While Postgres is away GitHub is told so, and can be made to deliver again.
func TestHookWithoutPostgres(t *testing.T) {
	t.Parallel()
	s := hooked{awayServer(t), t, nil}
	s.GitHub.HookSecret = hookSecret
	w := s.send(payload("d", "ping", `{"hook":{"events":["*"]}}`), nil)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "database") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := s.send(payload("d", "ping", `{}`).Signed("x", nil), nil); w.Code != http.StatusForbidden {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r := payload("d", "ping", `{"hook":{"events":["*"]}}`).Request(hookPath).WithContext(gone)
	s.Routes().ServeHTTP(httptest.NewRecorder(), r) // nobody is left to be answered
}
