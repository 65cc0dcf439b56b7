package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// sends sends the editor's form, or another about the meeting.
func (d writingDesk) sends(t *testing.T, as person.Actor, path string, pairs ...string) *httptest.ResponseRecorder {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return ask(t, d.Server, request{method: http.MethodPost, path: path, form: form, as: as})
}

func (d writingDesk) sees(t *testing.T, as person.Actor, path string, code int) string {
	t.Helper()
	w := ask(t, d.Server, request{path: path, as: as})
	if w.Code != code {
		t.Fatalf("GET %s: %d, want %d\n%s", path, w.Code, code, w.Body)
	}
	return w.Body.String()
}

func TestEditorSavesOnceAndMerges(t *testing.T) {
	t.Parallel()
	d := newWritingDesk(t)
	edit, key := editURL(d.ref), newKey().String()
	for range 2 {
		if w := d.sends(t, d.mary, edit, "once", key, "revision", "0", "do", "save", "summary", "It runs."); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), edit) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if n := one[int](t, d.dsn, "select count(*)::int from minutes_drafts"); n != 1 {
		t.Errorf("a double click made %d saves", n)
	}
	contains(t, d.sees(t, d.theo, edit, 200), "It runs.", "draft, saved", "<bdi>Mary</bdi> has been writing since")
	contains(t, d.sees(t, person.Actor{}, "/sessions/"+d.x.Slug, 200), "Being written", "by <bdi>Mary</bdi>")
	lacks(t, d.sees(t, person.Actor{}, "/sessions/"+d.x.Slug, 200), "It runs.", edit)

	w := d.sends(t, d.theo, edit, "revision", "0", "do", "save", "summary", "It <b>fails</b>.", "also", "walter")
	body := w.Body.String()
	if w.Code != 409 {
		t.Fatalf("two texts: %d", w.Code)
	}
	contains(t, body, "Two texts for one place", "It runs.", "It &lt;b&gt;fails&lt;/b&gt;.", `name="as.also" value="walter"`, `name="revision" value="1"`)
	w = d.sends(t, d.theo, edit, "revision", "1", "do", "merge", "clash", "summary", "mine.summary", "It fails.", "theirs.summary", "It runs.", "as.also", "walter", "other.summary", "both")
	if w.Code != 422 {
		t.Fatalf("nothing chosen: %d", w.Code)
	}
	contains(t, w.Body.String(), "Choose what is to stand here.", "It fails.", `value="walter"`, "both")
	w = d.sends(t, d.theo, edit, "revision", "1", "do", "merge", "clash", "summary", "take.summary", "other", "other.summary", "It runs, and fails.", "as.also", "walter")
	if w.Code != 303 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	m, err := d.Store.MinutesDraft(t.Context(), d.mary.Viewer, d.ref)
	must(t, err)
	if m.Fields["summary"] != "It runs, and fails." || m.Fields["also"] != "walter" || m.Revision != 2 {
		t.Errorf("%+v", m.Fields)
	}
}

// autosaves sends what a script sends.
func (d writingDesk) autosaves(t *testing.T, as person.Actor, pairs ...string) (autosaved, int) {
	t.Helper()
	w := d.sends(t, as, editURL(d.ref), append(pairs, "do", "autosave")...)
	var a autosaved
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return a, w.Code
}

func TestEditorSavesByItself(t *testing.T) {
	t.Parallel()
	d := newWritingDesk(t)
	a, code := d.autosaves(t, d.mary, "revision", "0", "summary", "It runs.")
	if code != 200 || a.Revision != 1 || a.Once == "" || a.Saved == "" || len(a.Fields) != 0 {
		t.Errorf("%d %+v", code, a)
	}
	a, code = d.autosaves(t, d.theo, "revision", "0", "summary", "", "also", "walter")
	if code != 200 || a.Revision != 2 || a.Fields["summary"] != "It runs." || len(a.Fields) != 1 {
		t.Errorf("what somebody else wrote: %d %+v", code, a)
	}
	a, code = d.autosaves(t, d.mary, "revision", "1", "summary", "It runs.", "also", "wilma")
	if code != 409 || !strings.Contains(a.Message, "Theo changed the same") {
		t.Errorf("two texts: %d %+v", code, a)
	}
	a, code = d.autosaves(t, d.mary, "revision", "2", "summary", strings.Repeat("x", minutes.MaxSummary+1))
	if code != 422 || !strings.Contains(a.Message, "At most 20000 characters") {
		t.Errorf("too long: %d %+v", code, a)
	}
	lesson := d.field(t, "lesson", "#lesson+", "line")
	d.autosaves(t, d.mary, "revision", "2", lesson, "6", d.field(t, "lesson", "#lesson+", "text"), "One.", d.field(t, "lesson", "#lesson+", "pick"), "on")
	m, err := d.Store.MinutesDraft(t.Context(), d.mary.Viewer, d.ref)
	must(t, err)
	if m.Fields[lesson] != d.line(t, "two images").String() {
		t.Errorf("line 6 is %s", m.Fields[lesson])
	}
}

func TestEditorKeepsWhatIsWrong(t *testing.T) {
	t.Parallel()
	d := newWritingDesk(t)
	edit := editURL(d.ref)
	long := strings.Repeat("x", minutes.MaxSummary+1)
	w := d.sends(t, d.mary, edit, "revision", "0", "do", "save", "summary", long, "also", "walter")
	if w.Code != 422 {
		t.Fatalf("%d", w.Code)
	}
	contains(t, w.Body.String(), "At most 20000 characters; these are 20001.", long, `href="#f-summary"`, `value="walter"`)
	for _, tt := range []struct{ name, do, field, value, want string }{
		{"no line ticked", "add agreed", "lines", "", "Tick the lines"},
		{"a line that is not there", "add agreed", "lines", "999", "There is no line"},
		{"no number", "add agreed", "lines", "<b>", "There is no line"},
		{"no such kind", "add joke", "lines", "2", "Lines can become"},
	} {
		w := d.sends(t, d.mary, edit, "revision", "0", "do", tt.do, tt.field, tt.value, "summary", "typed already")
		if w.Code != 422 || !strings.Contains(w.Body.String(), tt.want) || !strings.Contains(w.Body.String(), "typed already") {
			t.Errorf("%s: %d", tt.name, w.Code)
		}
	}
	// A day that is none is kept as it was typed, and asked for before it goes out.
	due := d.field(t, "item", "#action start", "due")
	if w := d.sends(t, d.mary, edit, "revision", "0", "do", "save", due, "someday"); w.Code != 303 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	contains(t, d.sees(t, d.mary, edit, 200), `value="someday"`)
	contains(t, d.sees(t, d.mary, publishURL(d.ref), 200), "Before it can go out", "Write the day as in", "#f-"+due)
	w = d.sends(t, d.mary, publishURL(d.ref), "revision", "1", "note", "")
	if w.Code != 422 || one[int](t, d.dsn, "select count(*)::int from minutes_revisions") != 0 {
		t.Errorf("it went out: %d", w.Code)
	}
}

func TestWhatCannotBeWrittenSaysWhy(t *testing.T) {
	t.Parallel()
	d := newWritingDesk(t)
	x := plan(t, d.Server, "Another", wednesday.AddDate(0, 0, 1), nil)
	k := listen(t, d.Server, x)
	running := k.say("tessv", "#startmeeting Another")
	for _, path := range []string{editURL(running), publishURL(running)} {
		contains(t, d.sees(t, d.mary, path, 409), "still running")
	}
	if w := d.sends(t, d.mary, editURL(running), "summary", "x", "do", "save"); w.Code != 409 {
		t.Errorf("saved while it runs: %d", w.Code)
	}
	k.say("tessv", "#endmeeting")
	must(t, d.Store.DiscardMeeting(t.Context(), running))
	w := d.sends(t, d.mary, editURL(running), "summary", "x", "do", "save")
	if w.Code != 404 || !strings.Contains(w.Body.String(), "There is no such meeting") {
		t.Errorf("discarded meanwhile: %d", w.Code)
	}
	contains(t, d.sees(t, d.mary, revisionsURL(d.ref), 404), "not published yet")
	d.sees(t, d.mary, "/meetings/"+d.ref.String()+"/revisions/x", 404)
	// Moved to another session meanwhile: the address of the meeting stays, and so does the draft.
	must(t, d.Store.RelinkMeeting(t.Context(), d.ref, "", d.Now()))
	if w := d.sends(t, d.mary, editURL(d.ref), "summary", "It was moved.", "do", "save", "revision", "0"); w.Code != 303 {
		t.Errorf("moved meanwhile: %d", w.Code)
	}
	contains(t, d.sees(t, d.mary, editURL(d.ref), 200), "It was moved.")
}

func TestPublishOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	d := newWritingDesk(t)
	to := publishURL(d.ref)
	w := d.sends(t, d.mary, to, "revision", "0")
	if w.Code != 422 || !strings.Contains(w.Body.String(), "looks like a secret key") {
		t.Fatalf("a secret went out: %d", w.Code)
	}
	place := "keep." + d.line(t, "export").String()
	if w := d.sends(t, d.mary, editURL(d.ref), "revision", "0", "do", "preview", "summary", "It runs.", "asked", place, place, "on"); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), to) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	lacks(t, d.sees(t, d.mary, to, 200), "Before it can go out")
	key := newKey().String()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			w := d.sends(t, d.mary, to, "once", key, "revision", "1")
			if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/sessions/"+d.x.Slug) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	wg.Wait()
	if n := one[int](t, d.dsn, "select count(*)::int from minutes_revisions"); n != 1 {
		t.Errorf("%d revisions", n)
	}
	if n := one[int](t, d.dsn, "select count(*)::int from audit where action = 'publish minutes'"); n != 1 {
		t.Errorf("%d entries in the audit log", n)
	}
	w = d.sends(t, d.theo, to, "revision", "1")
	if w.Code != 409 {
		t.Errorf("published what was looked at before: %d", w.Code)
	}
	d.sends(t, d.theo, editURL(d.ref), "revision", "2", "do", "save", "summary", "It runs well.")
	w = d.sends(t, d.theo, to, "revision", "3", "note", " ")
	if w.Code != 422 || !strings.Contains(w.Body.String(), "Say what was corrected") {
		t.Errorf("no note: %d", w.Code)
	}
	w = d.sends(t, d.theo, to, "revision", "3", "note", strings.Repeat("ä", longestNote+1))
	if w.Code != 422 || !strings.Contains(w.Body.String(), strings.Repeat("ä", longestNote+1)) {
		t.Errorf("a long note: %d", w.Code)
	}
	if w = d.sends(t, d.theo, to, "revision", "3", "note", "it runs <well>"); w.Code != 303 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	contains(t, d.sees(t, person.Actor{}, revisionsURL(d.ref), 200), "Revision 2", "it runs &lt;well&gt;", "by <bdi>Theo</bdi>")
	contains(t, d.sees(t, person.Actor{}, revisionsURL(d.ref)+"/1", 200), "It runs.", "These minutes were corrected since")
	contains(t, d.sees(t, person.Actor{}, changesURL(d.ref, 2, 1), 200), "<ins>", "<del>runs.</del>")
	d.sees(t, person.Actor{}, changesURL(d.ref, 1, 9), 404)
}

// A chair writes; a maintainer publishes.
func TestChairWritesAndDoesNotPublish(t *testing.T) {
	t.Parallel()
	d := newWritingDesk(t)
	chair := join(t, d.Server, "Tess", person.Member)
	must(t, d.Store.AddSessionChair(t.Context(), chair.ID, d.x.Slug, wednesday))
	if w := d.sends(t, chair, editURL(d.ref), "revision", "0", "do", "save", "summary", "The chair wrote it."); w.Code != 303 {
		t.Errorf("%d", w.Code)
	}
	contains(t, d.sees(t, chair, publishURL(d.ref), 200), "A maintainer publishes it")
	if w := d.sends(t, chair, publishURL(d.ref), "revision", "1"); w.Code != 403 {
		t.Errorf("%d", w.Code)
	}
	contains(t, d.sees(t, chair, "/sessions/"+d.x.Slug, 200), editURL(d.ref))
}

// What people wrote is text on every page there is of it.
func TestHostileMinutesAreText(t *testing.T) {
	t.Parallel()
	d := newWritingDesk(t)
	added := hackfest.ItemID{Ref: d.line(t, "nine people"), N: minutes.FirstAdded}
	f := minutes.Fields{
		"summary": hostile, "also": "a`;--", d.field(t, "item", "#agreed", "text"): hostile, d.field(t, "topic", "#topic Fedora", "title"): hostile,
		d.field(t, "lesson", "#lesson+", "text"): hostile, d.field(t, "lesson", "#lesson+", "scope"): "image", d.field(t, "lesson", "#lesson+", "image"): hostile,
		"keep." + d.line(t, "export").String(): "1",
	}
	f.AddItem(added, "action", hostile, []string{"bob"})
	_, err := d.Store.SaveMinutesDraft(t.Context(), d.mary.Viewer, d.ref, 0, f, d.Now())
	must(t, err)
	bad := func(path string, body string) {
		t.Helper()
		lacks(t, body, "<script>alert", `href="javascript:`)
		if !strings.Contains(body, "&lt;script&gt;") {
			t.Errorf("%s: the text is not there", path)
		}
	}
	for _, path := range []string{editURL(d.ref), publishURL(d.ref)} {
		bad(path, d.sees(t, d.mary, path, 200))
	}
	w := d.sends(t, d.theo, editURL(d.ref), "revision", "0", "do", "save", "summary", hostile+" too")
	bad("the merge page", w.Body.String())
	_, err = d.Store.PublishDraft(t.Context(), d.mary.Viewer, d.ref, 1, "", d.Now())
	must(t, err)
	_, err = d.Store.SaveMinutesDraft(t.Context(), d.mary.Viewer, d.ref, 2, minutes.Fields{"summary": "Corrected.", d.field(t, "item", "#agreed", "text"): "by id"}, d.Now())
	must(t, err)
	_, err = d.Store.PublishDraft(t.Context(), d.mary.Viewer, d.ref, 3, hostile, d.Now())
	must(t, err)
	for _, path := range []string{revisionsURL(d.ref), revisionsURL(d.ref) + "/1", changesURL(d.ref, 1, 2), "/sessions/" + d.x.Slug, "/lessons"} {
		bad(path, d.sees(t, person.Actor{}, path, 200))
	}
}

// Who does not want to be named is named by no page about minutes.
func TestUnnamedInTheEditor(t *testing.T) {
	t.Parallel()
	d := newWritingDesk(t)
	introduce(t, d.dsn, "Mallory", "freenode", "marlow")
	alter(t, d.dsn, "update people set unnamed = true where name = 'Mallory'")
	d.sends(t, d.mary, editURL(d.ref), "revision", "0", "do", "save", "summary", "It runs.")
	body := d.sees(t, d.mary, editURL(d.ref), 200)
	if strings.Contains(between(t, body, `id="present"`, `</fieldset>`), "marlow") || strings.Contains(body, `<option value="marlow">`) {
		t.Error("the editor names who does not want to be named")
	}
	contains(t, body, "Besides 1 person who does not want to be named.")
	contains(t, d.sees(t, d.mary, publishURL(d.ref), 200), "(unnamed)")
	_, err := d.Store.PublishDraft(t.Context(), d.mary.Viewer, d.ref, 1, "", d.Now())
	must(t, err)
	if n := one[int](t, d.dsn, "select count(*)::int from minutes_revisions where minutes::text like '%unnamed%' or minutes::text not like '%marlow%'"); n != 0 {
		t.Error("what is kept leaves somebody out")
	}
	contains(t, d.sees(t, d.mary, revisionsURL(d.ref)+"/1", 200), "(unnamed)")
}

func TestPublishByProgram(t *testing.T) {
	t.Parallel()
	d := newWritingDesk(t)
	path := "/meetings/" + d.ref.String() + "/minutes"
	maintain, chair := token(t, d.Server, d.mary, person.ScopeMaintain), token(t, d.Server, d.mary, person.ScopeChair)
	for _, tt := range []struct {
		name, key, body string
		header          map[string]string
		code            int
		want            string
	}{
		{"without the scope", "k0", `{}`, chair, 403, "scope"},
		{"a secret in the log", "k1", `{"summary": "It runs."}`, maintain, 422, `"looked"`},
		{"looked at", "k2", `{"summary": "It runs.", "looked": true}`, maintain, 200, "The minutes are published."},
		{"the same again", "k2", `{"summary": "It runs.", "looked": true}`, maintain, 200, "The minutes are published."},
		{"without a note", "k3", `{"summary": "It runs well.", "looked": true}`, maintain, 422, `"note"`},
		{"nothing new", "k4", `{"note": "nothing", "looked": true}`, maintain, 409, "nothing to publish"},
		{"corrected", "k5", `{"summary": "It runs well.", "note": "well", "looked": true}`, maintain, 200, "revision 2"},
		{"too long", "k6", fmt.Sprintf(`{"summary": %q, "note": "x", "looked": true}`, strings.Repeat("x", 20_001)), maintain, 422, `"summary"`},
		{"no such field", "k7", `{"minutes": "x"}`, maintain, 422, "minutes"},
	} {
		w := tell(t, d.Server, path, tt.key, tt.body, tt.header)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %s", tt.name, w.Code, w.Body)
		}
	}
	if n := one[int](t, d.dsn, "select count(*)::int from minutes_revisions where author_id = $1", d.mary.ID); n != 2 {
		t.Errorf("%d revisions by Mary", n)
	}
}

// The desk says how each draft stands, and what is next.
func TestDeskShowsDrafts(t *testing.T) {
	t.Parallel()
	d := newWritingDesk(t)
	contains(t, d.sees(t, d.mary, "/manage", 200), "Minutes of OpenShift Origin", "draft since 3 h", "1 action without owner", ">Write<")
	owners := d.field(t, "item", "#action start", "owners")
	d.sends(t, d.mary, editURL(d.ref), "revision", "0", "do", "save", owners, "okapi", d.field(t, "item", "#action start", "text"), "start it")
	body := d.sees(t, d.mary, "/manage", 200)
	contains(t, body, "being written by Mary", ">Go on<")
	lacks(t, body, "without owner")
	d.sends(t, d.mary, editURL(d.ref), "revision", "1", "do", "save", "summary", "It runs.")
	contains(t, d.sees(t, d.mary, "/manage", 200), ">Publish<", publishURL(d.ref))
	_, err := d.Store.PublishDraft(t.Context(), d.mary.Viewer, d.ref, 2, "", d.Now())
	must(t, err)
	lacks(t, d.sees(t, d.mary, "/manage", 200), "Minutes of OpenShift Origin")
	d.sends(t, d.mary, editURL(d.ref), "revision", "3", "do", "save", "summary", "It runs well.")
	contains(t, d.sees(t, d.mary, "/manage", 200), "Correction of the minutes of OpenShift Origin")
}
