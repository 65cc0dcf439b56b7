package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

func TestDayOfALog(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday, nil)
	k := listen(t, s, x)
	k.opening()
	k.close()
	k.pass(24 * time.Hour)
	k.say("ann", "the day after")
	body := page(t, s, "/logs/freenode/eucalyptus-devel/2012-08-22")
	contains(t, body, "Wed 22 Aug 2012", "kestrel and okapi joined", `<span class="mark">agreed</span>`, "images are named by id",
		"14 lines, 3 people.", "Minutes of AppScale", "23 Aug 2012 →", `class="m topic"`, "Times are UTC.")
	lacks(t, body, "the day after", "← ", "Later lines")
	contains(t, page(t, s, "/logs/freenode/eucalyptus-devel/2012-08-23"), "the day after", "← 22 Aug 2012")
	contains(t, page(t, s, "/logs/freenode/eucalyptus-devel/2012-08-01"), "Nothing was logged here.")

	marks := page(t, s, "/logs/freenode/eucalyptus-devel/2012-08-22?only=marks")
	contains(t, marks, "images are named by id", "all lines")
	lacks(t, marks, "sandbox is up")

	contains(t, page(t, s, "/logs/freenode/eucalyptus-devel"), "Newest day: Thu 23 Aug 2012", `href="/logs/freenode/eucalyptus-devel/2012-08-22"`,
		"September 2011 to August 2012.", "on 2 days; the busiest was Wed 22 Aug 2012", "Show as table")
	for _, path := range []string{
		"/logs/freenode/eucalyptus-devel/yesterday", "/logs/freenode/none/2012-08-22", "/logs/none/eucalyptus-devel",
		"/l/7", "/l/01h00000000000000000000000",
	} {
		if w := ask(t, s, request{path: path}); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, w.Code)
		}
	}
	if w := ask(t, s, request{path: "/logs/freenode/eucalyptus-devel/2012-08-22?after=x"}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("?after=x: %d, want 422", w.Code)
	}
}

// Every line is on exactly one page, in order, whichever way one turns them;
// and the address of each line leads to a page that has it.
func TestLongLog(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday, func(x *hackfest.Session) { x.EndsAt = x.StartsAt.Add(4 * time.Hour) })
	k := listen(t, s, x)
	const n = 2*logLines + 50
	said := make([]hackfest.Line, n)
	for i := range said {
		said[i] = hackfest.Line{Nick: "ann", Text: fmt.Sprintf("line %d", i)}
	}
	refs := k.lines(said...)
	k.pass(4 * time.Hour)
	for _, first := range []string{"/sessions/" + x.Slug + "/log", "/logs/freenode/eucalyptus-devel/2012-08-22"} {
		var got []string
		var last string
		for path := first; path != ""; {
			body := page(t, s, path)
			got = append(got, lineIDs(body)...)
			last, path = path, link(body, "next")
		}
		same(t, "forward from "+first, got, refs)
		got = nil
		for path := last; path != ""; {
			body := page(t, s, path)
			got = append(lineIDs(body), got...)
			path = link(body, "prev")
		}
		same(t, "backward to "+first, got, refs)
	}
	for _, i := range []int{0, 1, logLines, n / 2, n - 1} {
		w := ask(t, s, request{path: "/l/" + refs[i].String()})
		to, anchor, _ := strings.Cut(w.Header().Get("Location"), "#")
		if anchor != "l-"+refs[i].String() || !strings.Contains(page(t, s, to), `id="`+anchor+`"`) {
			t.Errorf("line %d leads to %s, which lacks it", i, w.Header().Get("Location"))
		}
	}
	text := page(t, s, "/sessions/"+x.Slug+"/log.txt")
	if got := strings.Count(text, "<ann> line "); got != n {
		t.Errorf("%d lines as text, want %d", got, n)
	}
}

var (
	idOfLine = regexp.MustCompile(`<li id="l-(\w{26})"`)
	linkRel  = regexp.MustCompile(`href="([^"]+)" rel="(next|prev)"`)
)

func lineIDs(body string) []string {
	var ids []string
	for _, m := range idOfLine.FindAllStringSubmatch(body, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

// link is where the page leads by the given relation; "" when it does not.
func link(body, rel string) string {
	for _, m := range linkRel.FindAllStringSubmatch(body, -1) {
		if m[2] == rel {
			return strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	return ""
}

func same(t *testing.T, what string, got []string, want []hackfest.Ref) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d lines, want %d", what, len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i].String() {
			t.Fatalf("%s: line %d is %s, want %s", what, i, got[i], want[i])
		}
	}
}

// What people type is text, on every page.
func TestHostileLines(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday, nil)
	k := listen(t, s, x)
	start := k.say("tessv", "#startmeeting <script>alert(1)</script>")
	hostile := []string{
		`<script>alert(2)</script>`, `<img src=x onerror=alert(3)>`, `"><svg onload=alert(4)>`, `javascript:alert(5)`,
		`</script><script>alert(6)</script>`, "\u202etxt.exe", "\x02bold\x0304,05red\x1b[31m", `&lt;b&gt;`,
		`https://a.example/"onmouseover="alert(7)`, `data:text/html,<script>alert(8)</script>`, `</template><script>alert(9)</script>`,
	}
	for _, text := range hostile {
		k.say(`<b>mallory`, text)
		for _, command := range []string{"#topic ", "#agreed ", "#action ", "#link ", "#info "} {
			k.say("tessv", command+text)
		}
	}
	live := page(t, s, "/sessions/"+x.Slug)
	k.say("tessv", "#endmeeting")
	ended, log := page(t, s, "/sessions/"+x.Slug), page(t, s, "/sessions/"+x.Slug+"/log")
	document := page(t, s, "/meetings/"+start.String()+".html")
	allowed := regexp.MustCompile(`(?s)<script (src="/static/js/\w+\.\w+\.js" defer|type="application/ld\+json")>[^<]*</script>`)
	attribute := regexp.MustCompile(`<[a-zA-Z][^>]*\s(on\w+|style)=`)
	for name, body := range map[string]string{"live": live, "ended": ended, "log": log, "document": document} {
		rest := allowed.ReplaceAllString(body, "")
		if i := strings.Index(strings.ToLower(rest), "<script"); i >= 0 {
			t.Errorf("%s: a script of theirs: %.80s", name, rest[i:])
		}
		// Quotes are escaped, so within a tag nothing of theirs can begin an attribute.
		quoted := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(rest, `""`)
		if m := attribute.FindString(quoted); m != "" {
			t.Errorf("%s: an attribute of theirs: %s", name, m)
		}
		for _, bad := range []string{`href="javascript:`, `href="data:`, "<b>mallory", "<img", "\x02", "\x1b"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
}

// Names of channels hold what means something in addresses.
func TestLogOfAChannelWithAnOddName(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, name := range []string{"##x", "#a/b", "#100%", "#[x]{y}", "#käse?a=b", "&local"} {
		must(t, s.Store.OpenChannels(t.Context(), "freenode", []string{name}, irctext.RFC1459, wednesday))
		x := plan(t, s, "In "+name, wednesday, func(x *hackfest.Session) { x.Channel = name })
		k := listen(t, s, x)
		ref := k.say("ann", "said in "+name)
		to := ask(t, s, request{path: "/l/" + ref.String()}).Header().Get("Location")
		path, _, _ := strings.Cut(to, "#")
		body := page(t, s, path)
		contains(t, body, "said in "+strings.ReplaceAll(name, "&", "&amp;"), `id="l-`+ref.String())
		lines, _ := listed(t, s, "/api/v1/channels/freenode/"+strings.TrimSuffix(strings.TrimPrefix(path, "/logs/freenode/"), "/2012-08-22")+"/lines")
		if len(lines) != 1 || lines[0]["text"] != "said in "+name {
			t.Errorf("%s: lines %v", name, lines)
		}
		contains(t, page(t, s, strings.TrimSuffix(path, "/2012-08-22")), `href="`+strings.ReplaceAll(path, "&", "&amp;")+`"`)
	}
}
