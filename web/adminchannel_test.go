package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

const develSettings = "/admin/channels/freenode/eucalyptus-devel"

// channelFields is the form of a channel as it is saved, with changes.
func channelFields(t *testing.T, s *Server, changes url.Values) url.Values {
	t.Helper()
	all, err := s.Store.AllChannelSettings(t.Context())
	must(t, err)
	for _, c := range all {
		if c.Name != devel {
			continue
		}
		form := channelValues(c)
		form["occasions"] = c.Occasions
		form.Set("revision", strconv.Itoa(c.Revision))
		for name, on := range map[string]bool{"joined": c.Joined, "logged": c.Logged, "announce": c.Announce, "noisy": c.Noisy, "w3c": c.W3C, "topic": c.Topic, "hackfests": c.Hackfests, "greet": c.Greet} {
			if on {
				form.Set(name, "on")
			}
		}
		for name, values := range changes {
			form[name] = values
			if values == nil {
				form.Del(name)
			}
		}
		return form
	}
	t.Fatal("no channel")
	return nil
}

// channelNow are the settings of the channel of the tests.
func channelNow(t *testing.T, s *Server) hackfest.ChannelSettings {
	t.Helper()
	all, err := s.Store.AllChannelSettings(t.Context())
	must(t, err)
	return all[0]
}

func TestChannelForms(t *testing.T) {
	t.Parallel()
	s, db := newServerAt(t)
	ada := join(t, s, "ada", person.Admin)
	for name, tt := range map[string]struct {
		path    string
		changes url.Values
		code    int
		says    string
	}{
		"a script for a web chat":     {develSettings, url.Values{"webchat": {"javascript:alert(1)"}}, 422, "The address of a web chat begins with"},
		"a web chat without a host":   {develSettings, url.Values{"webchat": {"https:///x"}}, 422, "The address of a web chat begins with"},
		"a web chat with a password":  {develSettings, url.Values{"webchat": {"https://a:b@h/x"}}, 422, "The address of a web chat begins with"},
		"two lines of purpose":        {develSettings, url.Values{"purpose": {"a\nb"}}, 422, "A purpose is one line"},
		"a long purpose":              {develSettings, url.Values{"purpose": {strings.Repeat("ü", 201)}}, 422, "A purpose is one line"},
		"nobody may read it":          {develSettings, url.Values{"visibility": {"nobody"}}, 422, "for everybody or for members"},
		"anybody else may start":      {develSettings, url.Values{"start": {"root"}}, 422, "Choose who may start a meeting"},
		"a key with a comma":          {develSettings, url.Values{"key": {"a,b"}}, 422, "A key has at most"},
		"a key that begins a command": {develSettings, url.Values{"key": {"a\r\nQUIT"}}, 422, "A key has at most"},
		"an occasion there is not":    {develSettings, url.Values{"occasions": {"hour", "never"}}, 422, "Choose what is announced"},
		"sessions there are not":      {develSettings, url.Values{"announces": {"none"}}, 422, "Choose of which sessions"},
		"an old revision":             {develSettings, url.Values{"revision": {"0"}, "purpose": {"mine"}}, 409, "changed this channel meanwhile"},
		"no revision":                 {develSettings, url.Values{"revision": nil}, 409, "changed this channel meanwhile"},
		"an unknown channel":          {"/admin/channels/freenode/none", nil, 404, "There is no such channel."},
		"no name":                     {"/admin/channels", url.Values{"channel": {" # "}, "network": {"freenode"}}, 422, "Which channel?"},
		"two names":                   {"/admin/channels", url.Values{"channel": {"#a,#b"}, "network": {"freenode"}}, 422, "no blank, comma or colon"},
		"a name that commands":        {"/admin/channels", url.Values{"channel": {"#a\r\nQUIT"}, "network": {"freenode"}}, 422, "no blank, comma or colon"},
		"a name of unsure case":       {"/admin/channels", url.Values{"channel": {"#a[b]"}, "network": {"freenode"}}, 422, "HACKFEST_IRC"},
		"a name that is there":        {"/admin/channels", url.Values{"channel": {"EUCALYPTUS-devel"}, "network": {"freenode"}}, 409, "is known already"},
		"an unknown network":          {"/admin/channels", url.Values{"channel": {"#a"}, "network": {"none"}}, 409, "no such network"},
	} {
		form := tt.changes
		if tt.path == develSettings {
			form = channelFields(t, s, tt.changes)
		}
		w := submit(t, s, ada, tt.path, form)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: %d\n%s", name, w.Code, w.Body)
		}
	}
	if c := channelNow(t, s); c.Revision != 1 || c.Keyed {
		t.Errorf("a refused form changed %+v", c)
	}

	w := submit(t, s, ada, develSettings, channelFields(t, s, url.Values{"revision": {"0"}, "purpose": {"mine"}, "key": {"hush"}}))
	contains(t, w.Body.String(), `value="mine"`, `name="revision" value="1"`)
	lacks(t, w.Body.String(), "hush")

	body := landed(t, s, ada, submit(t, s, ada, develSettings, channelFields(t, s, url.Values{
		"purpose": {"All that is <new>"}, "webchat": {"https://web.libera.chat/#euca"}, "key": {"sesame"}, "announce": nil, "noisy": {"on"}, "start": {"ops"},
		"occasions": {"day", "news"}, "announces": {"all"}, "topic": {"on"}, "hackfests": nil, "greet": nil,
	})))
	contains(t, body, "#eucalyptus-devel is saved.", "All that is &lt;new&gt;", "There is one. It is never shown", `value="ops" selected`,
		`name="occasions" value="day" checked`, `name="occasions" value="hour">`, `value="all" selected`, `name="topic" value="on" checked`)
	lacks(t, body, "sesame")
	if c := channelNow(t, s); !c.Keyed || c.Announce || !c.Noisy || c.Revision != 2 || c.StartRight != hackfest.StartOps ||
		!slices.Equal(c.Occasions, []string{"day", "news"}) || c.Announces != hackfest.AnnouncesAll || !c.Topic || c.Hackfests || c.Greet {
		t.Errorf("saved %+v", c)
	}
	landed(t, s, ada, submit(t, s, ada, develSettings, channelFields(t, s, nil)))
	if got := column(t, db, `select key from channels`); got[0] != "sesame" {
		t.Errorf("an empty field changed the key to %q", got)
	}
	landed(t, s, ada, submit(t, s, ada, develSettings, channelFields(t, s, url.Values{"nokey": {"on"}})))
	if c := channelNow(t, s); c.Keyed {
		t.Error("the key is still there")
	}
	landed(t, s, ada, submit(t, s, ada, "/admin/channels", url.Values{"channel": {"euca-two"}, "network": {"freenode"}, "key": {"hidden-key"}}))
	contains(t, seenBy(t, s, ada, "/admin/channels"), "#euca-two", "asked to be in it")
	audit := seenBy(t, s, ada, "/admin/audit")
	contains(t, audit, "add channel", "a new one", "purpose:", "All that is &lt;new&gt;")
	lacks(t, audit, "sesame", "hidden-key")
	for _, q := range []string{`select coalesce(before::text, '') || coalesce(after::text, '') from audit`, `select said || location from changes`} {
		if all := strings.Join(column(t, db, q), " "); strings.Contains(all, "sesame") || strings.Contains(all, "hidden-key") {
			t.Errorf("a key is kept: %s", all)
		}
	}
}

func TestBotIsAskedBeforeItLeavesAMeeting(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := join(t, s, "ada", person.Admin)
	k := listen(t, s, plan(t, s, "AppScale", wednesday, nil))
	k.opening()
	for name, field := range map[string]string{"leaves": "joined", "keeps nothing": "logged"} {
		form := channelFields(t, s, url.Values{field: nil})
		w := submit(t, s, ada, develSettings, form)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "A meeting is running there.") {
			t.Errorf("%s: %d\n%s", name, w.Code, w.Body)
		}
		if c := channelNow(t, s); !c.Joined || !c.Logged {
			t.Errorf("%s: it was done without being confirmed", name)
		}
	}
	form := channelFields(t, s, url.Values{"joined": nil, "confirmed": {"on"}})
	contains(t, landed(t, s, ada, submit(t, s, ada, develSettings, form)), "The bot leaves #eucalyptus-devel.", `action="`+develSettings+`/join"`)
	contains(t, landed(t, s, ada, submit(t, s, ada, develSettings+"/join", nil)), "The bot tries to join #eucalyptus-devel.")
	if c := channelNow(t, s); !c.Joined {
		t.Error("it was not taken back")
	}
	k.close()
	landed(t, s, ada, submit(t, s, ada, develSettings, channelFields(t, s, url.Values{"joined": nil}))) // nothing to ask
}

// A channel that becomes one for members is gone for everybody else, at once and
// by every way; it comes back as it was.
func TestVisibilityActsAtOnce(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	ada := join(t, s.Server, "ada", person.Admin)
	x := plan(t, s.Server, "AppScale", wednesday, nil)
	k := listen(t, s.Server, x)
	ref := k.opening()
	line := k.say("ann", "a word for those who are here")
	day := wednesday.Format(time.DateOnly)
	ways := []string{
		"/sessions/" + x.Slug, "/sessions/" + x.Slug + "/log", "/sessions/" + x.Slug + "/log.txt", "/sessions/" + x.Slug + "/minutes.txt", "/meetings/" + ref.String(),
		"/logs/freenode/eucalyptus-devel", "/logs/freenode/eucalyptus-devel/" + day, "/l/" + line.String(),
		"/api/v1/meetings/" + ref.String(), "/api/v1/sessions/" + x.Slug, "/api/v1/channels/freenode/eucalyptus-devel/lines",
	}
	state := pageState{status: hackfest.StatusLive, meeting: ref}.String()
	stream := follow(t, s.url+"/sessions/"+x.Slug+"/live?state="+state, "")
	stream.next("rows")
	for _, p := range ways {
		if w := ask(t, s.Server, request{path: p}); w.Code >= 400 {
			t.Errorf("before, %s: %d", p, w.Code)
		}
	}

	w := submit(t, s.Server, ada, develSettings, channelFields(t, s.Server, url.Values{"visibility": {"members"}}))
	h, err := s.Store.ChannelHolds(t.Context(), ada.Viewer, channelNow(t, s.Server).ID)
	must(t, err)
	if w.Code != http.StatusOK || h.Lines < 5 {
		t.Fatalf("%d, %+v", w.Code, h)
	}
	contains(t, w.Body.String(), "Hidden from everybody who is not signed in", strconv.Itoa(h.Lines)+" lines of its log, 1 meeting with their minutes and 1 session.", `name="visibility" value="members"`,
		`name="occasions" value="day"`, `name="occasions" value="news"`)
	if w := ask(t, s.Server, request{path: ways[0]}); w.Code != http.StatusOK {
		t.Error("it is hidden before it was confirmed")
	}
	form := channelFields(t, s.Server, url.Values{"visibility": {"members"}, "confirmed": {"on"}})
	contains(t, landed(t, s.Server, ada, submit(t, s.Server, ada, develSettings, form)), "#eucalyptus-devel is for members now.")
	for _, p := range ways {
		w, want := ask(t, s.Server, request{path: p}), http.StatusNotFound
		if p == "/meetings/"+ref.String() {
			want = http.StatusAccepted // what is so young may be on its way to the database: a hidden one is like one that is not there
		}
		if w.Code != want || strings.Contains(w.Body.String(), "AppScale") || strings.Contains(w.Body.String(), devel) {
			t.Errorf("hidden, %s: %d", p, w.Code)
		}
		if w := ask(t, s.Server, request{path: p, as: ada}); w.Code >= 400 {
			t.Errorf("hidden, %s for a member: %d", p, w.Code)
		}
	}
	stream.next("reload") // although nothing is said
	for _, p := range []string{"/", "/schedule", "/minutes", "/api/v1/sessions", "/api/v1/meetings", "/api/v1/channels"} {
		if body := ask(t, s.Server, request{path: p}).Body.String(); strings.Contains(body, "AppScale") || strings.Contains(body, devel) {
			t.Errorf("%s tells of it", p)
		}
	}

	w = submit(t, s.Server, ada, develSettings, channelFields(t, s.Server, url.Values{"visibility": {"public"}}))
	contains(t, w.Body.String(), "Published, for everybody and for search engines: "+strconv.Itoa(h.Lines)+" lines")
	form = channelFields(t, s.Server, url.Values{"visibility": {"public"}, "confirmed": {"on"}})
	contains(t, landed(t, s.Server, ada, submit(t, s.Server, ada, develSettings, form)), "#eucalyptus-devel is public now.")
	for _, p := range ways {
		if w := ask(t, s.Server, request{path: p}); w.Code >= 400 {
			t.Errorf("public again, %s: %d", p, w.Code)
		}
	}
}
