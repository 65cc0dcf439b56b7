package e2e

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// archive is a portal on which a series meets, with people on IRC.
type archive struct {
	*telling
	bob *testirc.Client
}

func newArchive(t *testing.T) *archive {
	t.Helper()
	w := newTelling(t)
	first := time.Now().UTC().Add(-5 * time.Minute).Truncate(time.Minute)
	if _, err := w.store.AddSeries(t.Context(), hackfest.Series{
		Title: "Weekly", Slug: "weekly", Kind: hackfest.KindMeeting, Network: "test", Channel: channel, Zone: "UTC",
		Rule: "FREQ=WEEKLY", First: first, Length: time.Hour,
	}, first); err != nil {
		t.Fatal(err)
	}
	a := &archive{telling: w, bob: testirc.Dial(t, w.irc.Addr, "bob")}
	a.bob.Join(channel)
	return a
}

// meet holds a meeting in which ann says lines, and returns it.
func (a *archive) meet(n int, lines ...string) hackfest.Meeting {
	a.t.Helper()
	a.ann.Say(channel, "#startmeeting Weekly")
	a.ann.ExpectText("Meeting started")
	for _, l := range lines {
		a.ann.Say(channel, l)
	}
	a.ann.Say(channel, "#endmeeting")
	return a.ended(n)
}

// publish publishes the minutes of a meeting as they stand; a note says what is
// corrected.
func (a *archive) publish(m hackfest.Meeting, summary, note string) {
	a.t.Helper()
	text, err := a.store.Minutes(a.t.Context(), person.PublicViewer, m.Ref)
	if err == nil {
		// The portal's clock is moved from time to time and may be behind ours.
		_, err = a.store.PublishMinutes(a.t.Context(), m.Ref, text, summary, note, time.Now().Add(a.clock.ahead-time.Second).UTC())
	}
	if err != nil {
		a.t.Fatal(err)
	}
}

// feedEntry is an entry of an Atom feed.
type feedEntry struct {
	ID      string    `xml:"id"`
	Title   string    `xml:"title"`
	Updated time.Time `xml:"updated"`
	Summary string    `xml:"summary"`
	Content string    `xml:"content"`
}

// feed are the entries of a feed.
func (a *archive) feed(path string) []feedEntry {
	a.t.Helper()
	status, body := a.get(path)
	var f struct {
		Entries []feedEntry `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(body), &f); status != http.StatusOK || err != nil {
		a.t.Fatalf("%s: %d, %v\n%s", path, status, err, body)
	}
	return f.Entries
}

// forms are the addresses of a meeting's minutes in every form.
func forms(m hackfest.Meeting) []string {
	base := "/meetings/" + m.Ref.String()
	return []string{"/sessions/" + m.SessionSlug, base + ".html", base + ".txt", base + ".md", base + ".json", "/api/v1" + base}
}

func TestA42RegretsAreInTheMinutes(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	carol := testirc.Dial(t, a.irc.Addr, "carol")
	carol.Join(channel)
	a.ann.Say(channel, "#startmeeting Weekly")
	a.ann.ExpectText("Meeting started")
	carol.Say(channel, "regrets+")
	a.ann.ExpectText("regrets+")
	a.ann.Say(channel, "#endmeeting")
	m := a.ended(1)
	var answer struct{ Regrets []string }
	if !a.decode("/api/v1/meetings/"+m.Ref.String(), &answer) || len(answer.Regrets) != 1 || answer.Regrets[0] != "carol" {
		t.Errorf("the regrets are %q", answer.Regrets)
	}
	a.publish(m, "", "")
	for _, path := range forms(m) {
		_, body := a.get(path)
		if at := strings.Index(strings.ToLower(body), "regrets"); at < 0 || !strings.Contains(body[at:min(len(body), at+200)], "carol") {
			t.Errorf("%s does not tell the regrets:\n%s", path, body)
		}
	}
	for _, path := range []string{"/feeds/minutes.atom", "/feeds/series/weekly.atom"} {
		if e := a.feed(path); len(e) == 0 || !strings.Contains(e[0].Content, "<dt>Regrets</dt><dd>carol</dd>") {
			t.Errorf("%s does not tell the regrets: %+v", path, e)
		}
	}
}

func TestA52RunningMinutes(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	m := a.meet(1, "#agreed port 8774 it is", "#action bob to write it down", "#action ann to ask the mirror")
	a.publish(m, "It runs.", "")
	const page = "/series/weekly/minutes"
	_, body := a.get(page)
	for _, want := range []string{"port 8774 it is", "to write it down", "to ask the mirror", "It runs."} {
		if !strings.Contains(body, want) {
			t.Errorf("%s lacks %q:\n%s", page, want, body)
		}
	}
	var open struct{ Items []struct{ ID, Text string } }
	if !a.decode("/api/v1/actions?state=open&series=weekly", &open) || len(open.Items) != 2 {
		t.Fatalf("open are %+v", open.Items)
	}
	closed := open.Items[0]
	status, to, body := a.mia.do(http.MethodPost, "/actions/"+closed.ID, url.Values{"how": {"done"}, "return": {page}})
	if status != http.StatusSeeOther || !strings.HasPrefix(to, page) {
		t.Fatalf("closing answers %d to %s\n%s", status, to, body)
	}
	for _, path := range []string{page, "/series/weekly", "/api/v1/actions?state=open"} {
		_, body := a.get(path)
		listed, _, _ := strings.Cut(body, "Archive")
		if strings.Contains(listed, closed.Text) || path == page && !strings.Contains(body, open.Items[1].Text) {
			t.Errorf("%s has the action still, or lost the other:\n%s", path, body)
		}
	}
	_, body = a.get("/sessions/" + m.SessionSlug)
	if !strings.Contains(body, "done by Mia") {
		t.Errorf("the session does not say that it is done:\n%s", body)
	}
}

// Minutes are announced once, whatever becomes of them later; the entry of the
// feed stays the same one.
func TestA59CorrectedMinutes(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	m := a.meet(1, "#info the first node is in")
	heard := func(m hackfest.Meeting) (n int) {
		for _, l := range a.bob.Received() {
			if strings.HasPrefix(l, ":hackbot!") && strings.Contains(l, "PRIVMSG "+channel+" :Minutes") && strings.Contains(l, m.Ref.String()) {
				n++
			}
		}
		return n
	}
	before := heard(m) // at the end it says where they will be
	a.publish(m, "It runs.", "")
	first := a.feed("/feeds/minutes.atom")
	eventually(t, "the channel hears of the minutes", func() bool { return heard(m) == before+1 })

	a.publish(m, "It runs.", "Bob was there too.")
	second := a.feed("/feeds/minutes.atom")
	if len(first) != 1 || len(second) != 1 || second[0].ID != first[0].ID || !second[0].Updated.After(first[0].Updated) ||
		!strings.Contains(second[0].Content, "Bob was there too.") {
		t.Errorf("the entry %+v was %+v", second, first)
	}
	a.kill()
	a.start()
	a.awaitBot("test", channel)
	if again := a.feed("/feeds/minutes.atom"); len(again) != 1 || again[0] != second[0] {
		t.Errorf("after a restart the entry is %+v", again)
	}
	next := a.meet(2, "#info the second node is in")
	begin := heard(next)
	a.publish(next, "", "")
	eventually(t, "the channel hears of the next minutes", func() bool { return heard(next) == begin+1 }) // so all before is said
	if n := heard(m) - before; n != 1 {
		t.Errorf("the channel heard %d times of the first minutes", n)
	}
}

func TestA65RemovedLineIsInNoFeed(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	const secret = "the password is tiger"
	m := a.meet(1, "#info "+secret, "#info all else is public")
	a.publish(m, "", "")
	paths := append(forms(m), "/feeds/minutes.atom", "/feeds/series/weekly.atom", "/series/weekly/minutes", "/minutes", "/sessions/"+m.SessionSlug+"/log.txt")
	told := func() (list []string) {
		for _, path := range paths {
			status, body := a.get(path)
			if strings.Contains(body, "tiger") {
				list = append(list, path)
			}
			if status != http.StatusOK {
				t.Errorf("%s: %d", path, status)
			}
		}
		return list
	}
	before := a.feed("/feeds/minutes.atom")[0]
	if list := told(); len(list) < 8 {
		t.Errorf("it is to be read at %q only", list)
	}
	a.remove(a.said(secret))
	if list := told(); len(list) > 0 {
		t.Errorf("it is to be read at %q still", list)
	}
	after := a.feed("/feeds/minutes.atom")[0]
	if after.ID != before.ID || !strings.Contains(after.Content, "removed") || !after.Updated.After(before.Updated) {
		t.Errorf("the entry %+v was %+v", after, before)
	}
	if _, log := a.get("/sessions/" + m.SessionSlug + "/log.txt"); !strings.Contains(log, "removed") {
		t.Errorf("the log has no mark:\n%s", log)
	}
}
