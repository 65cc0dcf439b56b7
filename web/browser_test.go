package web

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// browser is a tab of a real Chromium. What its console and its content
// security policy complain about fails the test.
type browser struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp keeps the tab in it

	mu       sync.Mutex
	problems []string
}

// reports makes pages keep what their policy refused, for complaints.
const reports = `window.refused = [];
document.addEventListener("securitypolicyviolation", e => window.refused.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample));`

func newBrowser(t *testing.T) *browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("Chromium is not installed")
		}
		t.Skip("Chromium is not installed")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(alloc)
	ctx, late := context.WithTimeout(ctx, 2*time.Minute)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal("Chromium does not start: ", err)
	}
	console := chromedp.Console(ctx)
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		for m, err := range console {
			if err != nil {
				return
			}
			b.complain(fmt.Sprintf("console %s: %s (%s)", m.Type, m.Text, m.URL))
		}
	}()
	_, err := chromedp.Call(ctx, devtools.AddScriptToEvaluateOnNewDocument, devtools.AddScriptToEvaluateOnNewDocumentParams{Source: reports})
	must(t, err)
	t.Cleanup(func() {
		late()
		end()
		stop()
		<-heard
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, p := range b.problems {
			t.Error(p)
		}
	})
	return b
}

func (b *browser) complain(problem string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, problem)
}

// forgive drops the complaints so far that hold words, which were expected.
func (b *browser) forgive(words string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = slices.DeleteFunc(b.problems, func(p string) bool { return strings.Contains(p, words) })
}

// see sets how wide the window is and which colours the system has.
func (b *browser) see(width int64, scheme string) {
	b.t.Helper()
	must(b.t, chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 900)))
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	must(b.t, err)
}

// open loads a page and checks what holds on all of them: nothing refused, and
// nothing wider than the window.
func (b *browser) open(url string) {
	b.t.Helper()
	must(b.t, chromedp.Do(b.ctx, chromedp.Navigate(url)))
	b.sane(url)
}

func (b *browser) sane(where string) {
	b.t.Helper()
	if refused := eval[[]string](b, `window.refused`); len(refused) > 0 {
		b.t.Errorf("%s: the policy refused %q", where, refused)
	}
	if over := eval[float64](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		b.t.Errorf("%s: %v px wider than the window", where, over)
	}
}

func eval[T any](b *browser, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// until waits for js to be true, at most five times the second that is
// promised, and says how long it took.
func (b *browser) until(what, js string) time.Duration {
	b.t.Helper()
	start := time.Now()
	for !eval[bool](b, js) {
		if time.Since(start) > 5*time.Second {
			b.t.Fatalf("%s: not in time: %s\n%s", what, js, eval[string](b, `document.querySelector("main").innerText`))
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(start)
}

// shoot writes a picture of the page where HACKFEST_TEST_SHOTS says.
func (b *browser) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("HACKFEST_TEST_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	must(b.t, err)
	must(b.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}

// text is JavaScript that tells whether the element has want in its text.
func text(id, want string) string {
	return fmt.Sprintf(`(e => !!e && !e.hidden && !e.closest("[hidden]") && e.innerText.includes(%q))(document.getElementById(%q))`, want, id)
}

func TestBrowserFollowsAMeeting(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	way := newCableway(t, testdb.URL(t))
	s := newLiveServer(t, way.url)
	x := plan(t, s.Server, "AppScale on Eucalyptus 3.1", wednesday.Add(10*time.Minute), nil)
	k := listen(t, s.Server, x)
	k.pass(-5 * time.Minute)
	b.see(1280, "light")
	b.open(s.url + "/sessions/" + x.Slug)
	k.opening()
	b.until("the page before turns live", text("now", "Which image do we all use?"))
	b.until("its log", text("tail", "the last forty lines"))

	for i := range 60 { // more than fits
		k.say("dov", fmt.Sprint("still compiling ", i))
	}
	b.until("the sixtieth line", text("tail", "still compiling 59"))
	eval[bool](b, `(document.querySelector(".tail").scrollTop = -400) < 0`)
	above := eval[float64](b, `document.querySelector(".tail").scrollTop`)
	ref := k.say("tessv", "#agreed the head node goes into /etc/hosts")
	took := b.until("the decision", text("decided", "the head node goes into /etc/hosts"))
	t.Logf("a decision was on the page %v after it was stored", took.Round(time.Millisecond))
	b.until("its line", text("tail", "the head node goes into"))
	if below := eval[float64](b, `document.querySelector(".tail").scrollTop`); below >= above {
		t.Errorf("the log moved under its reader: from %v to %v", above, below)
	}
	b.until("the count", `document.querySelector("[data-count=decided]").textContent === "2"`)
	k.say("tessv", "#undo")
	b.until("undone", `!document.getElementById("i-`+ref.String()+`.1")`)
	k.say("tessv", "#topic <script>alert(1)</script>")
	b.until("the topic", text("now", "<script>alert(1)</script>"))
	k.say("mallory", `<img src=x onerror="alert(2)">`)
	b.until("hostile text", text("tail", `<img src=x onerror="alert(2)">`))

	way.cut()
	b.until("away", text("trouble", "The database is away."))
	way.mend()
	b.until("back", `document.getElementById("trouble").hidden`)
	k.say("tessv", "#action okapi to write it down")
	b.until("the action after that", text("actions", "okapi to write it down"))
	b.sane("live page")
	k.say("tessv", "#endmeeting")
	b.until("the page turns into minutes", `!!document.querySelector(".topics")`)
	b.sane("minutes")
}

// The server of an open page goes away and comes back with lines the page lacks.
func TestBrowserConnectsAgain(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	s := newLiveServer(t, testdb.URL(t))
	k := listen(t, s.Server, plan(t, s.Server, "AppScale", wednesday, nil))
	k.opening()
	b.see(1280, "light")
	b.open(s.url + "/sessions/2012-08-22-appscale")
	eventually(t, "a stream", func() bool { return s.streams.Load() == 1 })
	s.stop(t)
	k.say("ann", "said while the portal was away")
	b.until("lost", text("trouble", "The connection to the portal is lost"))
	s.start(t)
	b.until("what was missed", text("tail", "said while the portal was away"))
	b.until("well again", `document.getElementById("trouble").hidden`)
	if n := eval[float64](b, `document.querySelectorAll("#tail li").length`); n != 10 {
		t.Errorf("%v lines, want 10", n)
	}
	b.forgive("ERR_")
}

func TestBrowserShowsEveryPage(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	s := newLiveServer(t, testdb.URL(t))
	ended := plan(t, s.Server, "OpenShift Origin on Eucalyptus 3.1", wednesday.AddDate(0, 0, -7), nil)
	k := listen(t, s.Server, ended)
	start := k.opening()
	for i := range 90 {
		k.pass(time.Duration(10+i%7*9) * time.Second)
		k.say([]string{"kestrel", "okapi", "hbrandt"}[i%3], fmt.Sprint("line ", i, " about the head node, which is still installing the runtime"))
	}
	k.close()
	silent := plan(t, s.Server, "Nobody kept the log", wednesday.AddDate(0, 0, -3), nil)
	live := plan(t, s.Server, "AppScale on Eucalyptus 3.1", wednesday, nil)
	before := plan(t, s.Server, "A third <one> that follows", wednesday.Add(26*time.Hour), func(x *hackfest.Session) {
		x.Goal = "An AppScale 1.6 cluster of four instances that serves the guestbook, from one command."
	})
	k = listen(t, s.Server, live)
	k.opening()
	k.lines(hackfest.Line{Kind: hackfest.Gap, Text: "Disconnected from freenode: ping timeout"}, hackfest.Line{Kind: hackfest.Gap, Text: "Connected again after 1s."})
	k.lines(hackfest.Line{Nick: "a_nick_that_is_as_long_as_nicks_go", Text: strings.Repeat("x", 600)})
	for _, p := range []struct{ name, path string }{
		{"before", "/sessions/" + before.Slug},
		{"live", "/sessions/" + live.Slug},
		{"ended", "/sessions/" + ended.Slug},
		{"nolog", "/sessions/" + silent.Slug},
		{"log", "/sessions/" + ended.Slug + "/log"},
		{"day", "/logs/freenode/eucalyptus-devel/2012-08-22"},
		{"document", "/meetings/" + start.String() + ".html"},
	} {
		for _, width := range []int64{360, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				b.see(width, scheme)
				b.open(s.url + p.path)
				b.shoot(fmt.Sprintf("%s-%d-%s", p.name, width, scheme))
			}
		}
	}
}
