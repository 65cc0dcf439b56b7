package e2e

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// clockFile is the clock of a portal: it goes like ours, ahead by what was
// jumped.
type clockFile struct {
	t     *testing.T
	path  string
	mu    sync.Mutex
	ahead time.Duration
}

// newClockFile makes one that goes until the test ends.
func newClockFile(t *testing.T) *clockFile {
	t.Helper()
	c := &clockFile{t: t, path: filepath.Join(t.TempDir(), "clock")}
	c.write()
	tick, end, ended := time.NewTicker(200*time.Millisecond), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-tick.C:
				c.write()
			case <-end:
				return
			}
		}
	}()
	t.Cleanup(func() { tick.Stop(); close(end); <-ended })
	return c
}

func (c *clockFile) write() {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := c.path + ".next"
	if err := os.WriteFile(next, []byte(time.Now().Add(c.ahead).UTC().Format(time.RFC3339Nano)), 0o600); err != nil {
		c.t.Error(err)
		return
	}
	if err := os.Rename(next, c.path); err != nil {
		c.t.Error(err)
	}
}

// now is the portal's time.
func (c *clockFile) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// jump lets time go by at once.
func (c *clockFile) jump(d time.Duration) {
	c.mu.Lock()
	c.ahead += d
	c.mu.Unlock()
	c.write()
}

// telling is a portal on which words are said that have to go.
type telling struct {
	*portal
	t        *testing.T
	clock    *clockFile
	database string
	store    *store.Store
	irc      *testirc.Server
	ann      *testirc.Client
	mia      *browser // a maintainer
}

func newTelling(t *testing.T) *telling {
	t.Helper()
	database := testdb.URL(t)
	st, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	w := &telling{t: t, clock: newClockFile(t), database: database, store: st, irc: testirc.NgIRCd(t, testirc.Options{})}
	w.portal = newPortal(t, "DATABASE_URL="+database, "HACKFEST_IRC=irc://hackbot@"+w.irc.Addr+"/euca?name=test", "HACKFEST_TEST_CLOCK="+w.clock.path)
	w.program = clockBinary
	w.start()
	w.awaitBot("test", channel)
	w.mia = w.browser()
	w.mia.follow(w.admin("user", "add", "Mia", "--role", "maintainer"))
	w.ann = testirc.Dial(t, w.irc.Addr, "ann")
	w.ann.Join(channel)
	return w
}

// said are the ids of the lines in the log that hold words.
func (w *telling) said(words string) (ids []string) {
	w.t.Helper()
	for _, l := range w.lines("test", channel) {
		if strings.Contains(l.Text, words) && l.Nick != "hackbot" {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

// remove removes lines by the form of the log and returns where it leads.
func (w *telling) remove(ids []string) string {
	w.t.Helper()
	status, to, body := w.mia.do(http.MethodPost, "/logs/test/euca/redact", url.Values{"line": ids, "sure": {"yes"}})
	if status != http.StatusSeeOther {
		w.t.Fatalf("removing answers %d\n%s", status, body)
	}
	return to
}

// shown are the addresses at which words are to be read, by the public.
func (w *telling) shown(words string) (found []string) {
	w.t.Helper()
	day := time.Now().Add(w.clock.ahead).UTC()
	paths := []string{
		"/", "/minutes", "/schedule", "/lessons", "/people", "/status", "/privacy", "/api/v1/channels/test/euca/lines",
		"/api/v1/sessions", "/api/v1/meetings", "/logs/test/euca",
		"/logs/test/euca/" + day.Format(time.DateOnly), "/logs/test/euca/" + day.AddDate(0, 0, -1).Format(time.DateOnly),
	}
	var page struct{ Items []struct{ ID string } }
	if w.decode("/api/v1/meetings", &page) {
		for _, m := range page.Items {
			for _, form := range []string{".json", ".txt", ".md", ".html"} {
				paths = append(paths, "/meetings/"+m.ID+form)
			}
			paths = append(paths, "/api/v1/meetings/"+m.ID)
		}
	}
	var sessions struct{ Items []struct{ Slug string } }
	if w.decode("/api/v1/sessions", &sessions) {
		for _, s := range sessions.Items {
			for _, form := range []string{"", "/log", "/log.txt", "/minutes.json", "/minutes.txt", "/minutes.md"} {
				paths = append(paths, "/sessions/"+s.Slug+form)
			}
		}
	}
	for _, path := range paths {
		if status, body := w.get(path); strings.Contains(body, words) {
			found = append(found, path)
		} else if status >= http.StatusInternalServerError || status == 0 {
			w.t.Errorf("%s: %d", path, status)
		}
	}
	return found
}

// stored are the places in which words stand: files of the portal, its spool
// among them, and a dump of the database.
func (w *telling) stored(words string) (found []string) {
	w.t.Helper()
	dir := filepath.Dir(w.logFile)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // a file that was just removed
		}
		data, err := os.ReadFile(path)
		if err == nil && bytes.Contains(data, []byte(words)) {
			name, _ := filepath.Rel(dir, path)
			found = append(found, name)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	dump, err := exec.CommandContext(w.t.Context(), "pg_dump", "--inserts", w.database).Output()
	if err != nil {
		w.t.Fatalf("pg_dump: %v", err)
	}
	for line := range strings.Lines(string(dump)) {
		if strings.Contains(line, words) {
			table, _, _ := strings.Cut(strings.TrimPrefix(line, "INSERT INTO public."), " ")
			found = append(found, "table "+table)
		}
	}
	return found
}

// gone waits until words stand nowhere.
func (w *telling) gone(words string) {
	w.t.Helper()
	var left []string
	deadline := time.Now().Add(2 * patience)
	for left = w.stored(words); len(left) > 0; left = w.stored(words) {
		if time.Now().After(deadline) {
			w.t.Fatalf("after ten minutes the words still stand in %q", left)
		}
		<-time.After(time.Second)
	}
}

// ended waits until n meetings are over and stored, and returns the last.
func (w *telling) ended(n int) hackfest.Meeting {
	w.t.Helper()
	var list []hackfest.Meeting
	eventually(w.t, "the meeting is over", func() bool {
		var err error
		list, err = w.store.Meetings(w.t.Context(), person.PublicViewer, store.MeetingFilter{Ended: true})
		return err == nil && len(list) == n
	})
	return list[0]
}

// Words of a log and of the minutes made of it, published ones too, are nowhere
// ten minutes after they were removed: no page, API, revision, draft, file of the
// spool or dump of the database has them. Within the ten minutes they come back.
func TestRemovedWordsAreWipedAfterTenMinutes(t *testing.T) {
	t.Parallel()
	const words = "hunter2 opens the safe"
	w := newTelling(t)
	for _, text := range []string{
		"#startmeeting", "#topic Why " + words, "#action ann to change it: " + words, "did I just say that " + words + "?", "#save", "#endmeeting",
	} {
		w.ann.Say(channel, text)
	}
	m := w.ended(1)
	mins, err := w.store.Minutes(t.Context(), person.PublicViewer, m.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.PublishMinutes(t.Context(), m.Ref, mins, "Why "+words+": we know.", "", time.Now()); err != nil {
		t.Fatal(err)
	}
	ids := w.said(words)
	before := w.shown(words)
	if len(ids) != 3 || len(before) < 10 {
		t.Fatalf("%d lines, to be read at %q", len(ids), before)
	}
	if places := strings.Join(w.stored(words), " "); !strings.Contains(places, ".spool") || !strings.Contains(places, "minutes_revisions") {
		t.Fatalf("it stands in %s only", places)
	}

	to := w.remove(ids)
	if found := w.shown(words); len(found) > 0 {
		t.Errorf("removed, it is to be read at %q", found)
	}
	_, _, page := w.mia.do(http.MethodGet, strings.Split(to, "#")[0], nil)
	_, undo, found := strings.Cut(page, `action="/redactions/`)
	if !found || !strings.Contains(page, "removed by Mia") {
		t.Fatalf("the page says neither who removed it nor how to take that back:\n%s", page)
	}
	w.clock.jump(9 * time.Minute)
	undo, _, _ = strings.Cut(undo, `"`)
	if status, _, body := w.mia.do(http.MethodPost, "/redactions/"+undo, url.Values{}); status != http.StatusSeeOther {
		t.Fatalf("taken back after nine minutes: %d\n%s", status, body)
	}
	if after := w.shown(words); len(after) != len(before) {
		t.Errorf("taken back, it is to be read at %q, before at %q", after, before)
	}

	w.remove(ids)
	w.clock.jump(10 * time.Minute)
	w.gone(words)
	if found := w.shown(words); len(found) > 0 {
		t.Errorf("it is to be read at %q", found)
	}
	for _, id := range ids {
		if status, location := w.get("/l/" + id); status != http.StatusFound || !strings.Contains(location, "#l-"+id) {
			t.Errorf("the line's address answers %d %s", status, location)
		}
	}
	if _, text := w.get("/meetings/" + m.Ref.String() + ".txt"); strings.Count(text, "removed by Mia") < 2 {
		t.Errorf("the minutes have no marks:\n%s", text)
	}
	w.ann.Say(channel, "and life goes on")
	eventually(t, "the log goes on", func() bool { return len(w.said("life goes on")) == 1 })
}

// In a meeting that runs, removed words are hidden while a bot that is killed
// can still work the meeting out again, and ten minutes after its end they are
// gone.
func TestRemovedWordsOfARunningMeeting(t *testing.T) {
	t.Parallel()
	const words = "hunter3 opens the cellar"
	w := newTelling(t)
	for _, text := range []string{"#startmeeting", "#topic Keys", "#info " + words, "#action ann to think"} {
		w.ann.Say(channel, text)
	}
	eventually(t, "it is noted", func() bool { return len(w.said("ann to think")) == 1 })
	ids := w.said(words)
	w.remove(ids)
	if found := w.shown(words); len(found) > 0 {
		t.Errorf("removed, it is to be read at %q", found)
	}
	w.kill()
	w.clock.jump(15 * time.Minute)
	w.start()
	w.awaitBot("test", channel)
	w.ann.Say(channel, "#undo") // of the action: the bot has folded all that was said
	w.ann.Say(channel, "#agreed we change the lock")
	w.ann.Say(channel, "#endmeeting")
	m := w.ended(1)
	if found := w.shown(words); len(found) > 0 {
		t.Errorf("ended, it is to be read at %q", found)
	}
	mins, err := w.store.Minutes(t.Context(), person.PublicViewer, m.Ref)
	if err != nil {
		t.Fatal(err)
	}
	var noted []string
	for _, i := range mins.Items {
		noted = append(noted, i.Text)
	}
	if got := strings.Join(noted, "; "); !strings.HasPrefix(got, "removed by Mia, ") || !strings.HasSuffix(got, "; we change the lock") {
		t.Errorf("the minutes are %q", got)
	}
	if places := w.stored(words); len(places) == 0 {
		t.Error("it was wiped while the meeting could be resumed")
	}
	w.clock.jump(10 * time.Minute)
	w.gone(words)
	if found := w.shown(words); len(found) > 0 {
		t.Errorf("it is to be read at %q", found)
	}
}
