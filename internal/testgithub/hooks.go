package testgithub

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the old signature, which GitHub still sends
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"net/http"
	"strings"
)

// Delivery is a webhook delivery: nobody has sent it, so a test may do that, once,
// twice, late or never.
type Delivery struct {
	ID     string      // X-GitHub-Delivery
	Event  string      // X-GitHub-Event
	Body   []byte      // JSON
	Header http.Header // all of it, signatures too
}

// Request makes the request by which GitHub would deliver it.
func (d Delivery) Request(url string) *http.Request {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(d.Body)) //nolint:noctx // the test gives it one
	if err != nil {
		panic(err) // the test's own URL
	}
	req.Header = d.Header.Clone()
	return req
}

// Signed is the delivery with another body, rightly signed.
func (d Delivery) Signed(secret string, body []byte) Delivery {
	d.Header, d.Body = d.Header.Clone(), body
	d.Header.Set("X-Hub-Signature", "sha1="+mac(sha1.New, secret, body))
	d.Header.Set("X-Hub-Signature-256", Sign(secret, body))
	return d
}

// Sign is the value of X-Hub-Signature-256 for a body.
func Sign(secret string, body []byte) string { return "sha256=" + mac(sha256.New, secret, body) }

func mac(algorithm func() hash.Hash, secret string, body []byte) string {
	m := hmac.New(algorithm, []byte(secret))
	m.Write(body)
	return hex.EncodeToString(m.Sum(nil))
}

// Deliveries are all that were made, oldest first.
func (g *GitHub) Deliveries() []Delivery {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Delivery(nil), g.deliveries...)
}

// Last is the newest delivery.
func (g *GitHub) Last() Delivery {
	g.t.Helper()
	all := g.Deliveries()
	if len(all) == 0 {
		g.t.Fatal("there is no delivery")
	}
	return all[len(all)-1]
}

// Ping makes the delivery that GitHub makes when a webhook is set up.
func (r *Repo) Ping() Delivery {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.tell("ping", "", r.owner(), object{"zen": "Keep it logically awesome.", "hook_id": 30, "hook": object{
		"type": "Repository", "id": 30, "name": "web", "active": true, "events": []string{"*"}, "config": object{"content_type": "json", "insecure_ssl": "0"},
	}})
	return r.g.deliveries[len(r.g.deliveries)-1]
}

// Star makes the delivery of an event that changes nothing.
func (r *Repo) Star(login string) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.tell("star", "created", login, object{"starred_at": at(r.g.now())})
}

// issueEvent tells of an issue, or of a pull request, which has events of its own.
func (r *Repo) issueEvent(action string, i *Issue, by string, more object) {
	o := object{}
	maps.Copy(o, more)
	if !i.Pull {
		o["issue"] = r.issueShape(i)
		r.tell("issues", action, by, o)
		return
	}
	o["number"], o["pull_request"] = i.Number, r.pullShape(i)
	r.tell("pull_request", action, by, o)
}

// pushEvent tells of commits. A push has an odd shape of its repository, with
// seconds since 1970.
func (r *Repo) pushEvent(branch, before string, commits []Commit, forced bool) {
	after, list := before, []object{}
	for _, c := range commits {
		list = append(list, r.pushedShape(c))
		after = c.SHA
	}
	if forced {
		after = r.head()
	}
	o := object{
		"ref": "refs/heads/" + branch, "before": before, "after": after, "created": before == noCommit, "deleted": after == noCommit, "forced": forced,
		"base_ref": nil, "compare": r.html("/compare/" + before + "..." + after), "commits": list, "head_commit": nil,
		"pusher": object{"name": r.owner(), "email": r.owner() + "@example.org"},
	}
	if len(list) > 0 {
		o["head_commit"] = list[len(list)-1]
	}
	repo := r.shape()
	repo["created_at"], repo["pushed_at"], repo["master_branch"] = r.createdAt.Unix(), r.g.now().Unix(), r.branch
	owner := r.g.userShape(r.owner())
	owner["name"], owner["email"] = r.owner(), r.owner()+"@example.org"
	repo["owner"], o["repository"] = owner, repo
	r.tell("push", "", r.owner(), o)
}

// tell makes a delivery.
func (r *Repo) tell(event, action, by string, more object) {
	o := object{"repository": r.shape(), "sender": r.g.userShape(by)}
	if action != "" {
		o["action"] = action
	}
	maps.Copy(o, more)
	body, err := json.Marshal(o)
	if err != nil {
		panic(err) // shapes are made of what JSON has
	}
	g := r.g
	d := Delivery{ID: fmt.Sprintf("%08s-0000-11ef-8000-%012x", strings.TrimPrefix(g.address, "127.0.0.1:"), len(g.deliveries)+1), Event: event, Body: body, Header: http.Header{}}
	for _, h := range []struct{ name, value string }{
		{"Accept", "*/*"},
		{"Content-Type", "application/json"},
		{"User-Agent", "GitHub-Hookshot/0000000"},
		{"X-GitHub-Delivery", d.ID},
		{"X-GitHub-Event", event},
		{"X-GitHub-Hook-ID", "30"},
		{"X-GitHub-Hook-Installation-Target-ID", fmt.Sprint(r.ID)},
		{"X-GitHub-Hook-Installation-Target-Type", "repository"},
	} {
		d.Header.Set(h.name, h.value)
	}
	if g.options.Secret != "" {
		d = d.Signed(g.options.Secret, body)
	}
	g.deliveries = append(g.deliveries, d)
}
