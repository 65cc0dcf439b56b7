package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// chain is a portal with a maintainer and a member, before anything is known.
type chain struct {
	*portal
	t     *testing.T
	mia   *browser
	token string // of nell, for preflights and for what participants do
}

// form sends a form of Mia's and returns where it leads.
func (c *chain) form(path string, form url.Values) string {
	c.t.Helper()
	status, to, body := c.mia.do(http.MethodPost, path, form)
	if status != http.StatusSeeOther {
		c.t.Fatalf("POST %s: %d\n%s", path, status, body)
	}
	to, _, _ = strings.Cut(to, "?")
	return to
}

// tell sends a change by API as nell.
func (c *chain) tell(path, body string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, "http://"+c.addr+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Idempotency-Key", "chain "+path)
	res, err := c.client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		var said bytes.Buffer
		_, _ = said.ReadFrom(res.Body)
		c.t.Fatalf("POST %s: %d %s", path, res.StatusCode, said.String())
	}
}

// shows fails unless a page says all that.
func (c *chain) shows(path string, want ...string) {
	c.t.Helper()
	status, body := c.get(path)
	for _, w := range want {
		if !strings.Contains(body, w) {
			c.t.Fatalf("GET %s: %d, does not say %q:\n%s", path, status, w, body)
		}
	}
}

// plan plans a session on a target.
func (c *chain) plan(title, target string, at time.Time) string {
	c.t.Helper()
	return c.form("/sessions/new", url.Values{
		"title": {title}, "kind": {"hackfest"}, "visibility": {"public"}, "channel": {"test/" + strings.TrimPrefix(channel, "#")}, "target": {target},
		"date": {at.Format(time.DateOnly)}, "time": {at.Format("15:04")}, "zone": {"UTC"}, "length": {"60"}, "confirmed": {"on"},
	})
}

// The whole loop: what somebody wished for on IRC is planned and tried, teaches
// something, and the next session starts with that as a check, which Nurse ticks;
// what its recipe came to stands in the matrix.
func TestFromAnIdeaToTheMatrix(t *testing.T) {
	t.Parallel()
	irc := testirc.NgIRCd(t, testirc.Options{})
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t), "HACKFEST_IRC=irc://hackbot@"+irc.Addr+"/euca?name=test")
	p.env = append(p.env, "HACKFEST_BASE_URL=http://"+p.addr)
	p.start()
	p.awaitBot("test", channel)
	c := &chain{portal: p, t: t, mia: p.browser()}
	c.mia.follow(p.admin("user", "add", "Mia", "--role", "maintainer"))
	p.admin("user", "add", "nell", "--role", "member")
	c.token = p.admin("token", "add", "nell", "--scope", "preflight", "--scope", "chair")
	ann := testirc.Dial(t, irc.Addr, "ann")
	ann.Join(channel)

	ann.Say(channel, "!idea Riak")
	ann.ExpectText("/targets/riak")
	c.shows("/targets", "Riak")
	first := c.plan("Riak, first try", "riak", time.Now().UTC().Add(2*time.Minute))
	c.shows(first, "Riak, first try")

	ann.Say(channel, "#startmeeting Riak")
	ann.ExpectText("Meeting started")
	ann.Say(channel, "#lesson avoid Raise the limit of open files first.")
	ann.Say(channel, "#endmeeting")
	ref, item := c.held()
	status, _, body := c.mia.do(http.MethodPost, "/meetings/"+ref+"/edit", url.Values{
		"revision": {"0"}, "do": {"autosave"}, "lesson." + item + ".pick": {"on"}, "lesson." + item + ".scope": {"target"},
	})
	var saved struct{ Revision int }
	if err := json.Unmarshal([]byte(body), &saved); err != nil || status != http.StatusOK {
		t.Fatalf("the draft: %d %s", status, body)
	}
	c.form("/meetings/"+ref+"/publish", url.Values{"revision": {fmt.Sprint(saved.Revision)}})
	c.shows(first, "Raise the limit of open files first.")

	second := c.plan("Riak, second try", "riak", time.Now().UTC().AddDate(0, 0, 1))
	_, lessons := c.get("/api/v1/lessons?target=riak")
	id := regexp.MustCompile(`"id":\s*([0-9]+)`).FindStringSubmatch(lessons)
	if id == nil {
		t.Fatalf("no lesson is published: %s", lessons)
	}
	make := "/lessons/" + id[1] + "/check"
	if _, _, form := c.mia.do(http.MethodGet, make, nil); !strings.Contains(form, "Riak, second try") {
		t.Fatalf("who inherits it is not said:\n%s", form)
	}
	c.form(make, url.Values{
		"do": {"make"}, "list": {"riak"}, "text": {"The machine has its limits written down."}, "mandatory": {"on"},
		"kind": {"file"}, "path": {"/etc/os-release"}, "severity": {"splint"},
	})
	line := regexp.MustCompile(`/l/[0-9a-z]{26}`).FindString(lessons)
	c.shows(second, "The machine has its limits written down.", line, "Nobody has said so yet that they come")
	if _, body := c.get(first); strings.Contains(body, "The machine has its limits written down.") {
		t.Error("the session that taught it has it as well")
	}

	c.tell("/sessions/"+strings.TrimPrefix(second, "/sessions/")+"/rsvp", `{"answer": "coming"}`)
	c.shows(second, "0 of 1 ready.")
	c.nurse("riak")
	c.shows(second, "1 of 1 ready.")

	c.form("/images/new", url.Values{"name": {"Fedora 16"}, "distribution": {"fedora"}, "release": {"16"}, "architecture": {"x86_64"}})
	c.form("/recipes/new", url.Values{"slug": {"riak-node"}, "kind": {"bash"}, "target": {"riak"}, "source": {"#!/bin/bash\ntrue\n"}})
	c.tell("/recipes/riak-node/results", `{"image": "fedora-16", "outcome": "works", "minutes": 12}`)
	c.shows("/targets", `aria-label="riak-node on Fedora 16: works, `)
	c.shows("/targets/riak", "riak-node", "The machine has its limits written down.", "Riak, second try")
}

// held waits for the minutes of the meeting and returns its id, and that of its
// lesson.
func (c *chain) held() (ref, item string) {
	c.t.Helper()
	eventually(c.t, "the minutes are there", func() bool {
		var page struct {
			Items []struct{ ID string }
		}
		if !c.decode("/api/v1/meetings?channel=test/"+strings.TrimPrefix(channel, "#"), &page) || len(page.Items) != 1 {
			return false
		}
		var m struct {
			EndedAt string `json:"ended_at"`
			Lessons []struct{ ID string }
		}
		if !c.decode("/api/v1/meetings/"+page.Items[0].ID, &m) || m.EndedAt == "" || len(m.Lessons) != 1 {
			return false
		}
		ref, item = page.Items[0].ID, m.Lessons[0].ID
		return true
	})
	return ref, item
}

// nurse has nell look at this machine for a target and report it.
func (c *chain) nurse(target string) {
	c.t.Helper()
	path, err := c.program()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.CommandContext(c.t.Context(), path, "nurse", "--portal", "http://"+c.addr, "--target", target, "--report")
	cmd.Env = append(c.env[:len(c.env):len(c.env)], "HACKFEST_TOKEN="+c.token)
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("nurse: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "The machine has its limits written down: /etc/os-release is there") {
		c.t.Errorf("nurse says:\n%s", out)
	}
}
