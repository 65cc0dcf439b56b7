// Package testgithub is a GitHub of our own for tests, on a port of this machine:
// it holds the true state of repositories, answers its REST API as GitHub does,
// with pages, entity tags and limits, makes a signed webhook delivery of each
// change, signs people in, and fails in whatever way a test asks for. It keeps a
// record of all that it was asked. It runs no code of the portal's.
package testgithub

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testport"
)

// Options are what a GitHub knows from the start.
type Options struct {
	Secret       string           // webhooks are signed with it; "" leaves them unsigned
	Token        string           // a personal access token that is good; "" is none
	Login        string           // whose Token is; "" is "hackfest-bot"
	ClientID     string           // of the OAuth app
	ClientSecret string           // of the OAuth app
	Callback     string           // where the app lets people be sent back to, or a page below it; "" is anywhere
	Now          func() time.Time // nil is time.Now
}

// GitHub is a running one. All its methods may be called at any time.
type GitHub struct {
	URL string // base of the API, with a slash at the end, as an Enterprise server has it
	Web string // base of the pages, without one

	t       testing.TB
	options Options
	address string
	closing chan struct{} // closed at the end: what hangs gives up

	up     sync.Mutex // held by Up and Down
	server *http.Server
	served chan struct{} // closed when server has ended

	mu         sync.Mutex // guards all below, and every Repo
	lastID     int64
	repos      []*Repo
	moved      map[string]int64 // ids of repositories by what they were called, in lower case
	users      map[string]*User // by login, in lower case
	deliveries []Delivery
	requests   []Request
	failures   []Failure
	windows    map[string]*window // what was asked in this hour, by token
	tokens     map[string]int64   // whose a token is: ids of users
	readOnly   bool
	signedIn   string // login of who looks at the page that asks for consent
	codes      map[string]*grant
}

// Request is one that was made, as it was answered.
type Request struct {
	At          time.Time
	Method      string
	Path        string // with its query; below the API without a slash in front, of a page with one
	Status      int    // 0: it was not answered
	Token       string // it was made with; "" is none
	Agent       string // User-Agent
	Conditional bool   // it had an entity tag
	Counted     bool   // it counts against the limit
	Body        string
}

// Start starts a GitHub without a repository. It stops with the test.
func Start(t testing.TB, o Options) *GitHub {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Login == "" {
		o.Login = "hackfest-bot"
	}
	g := &GitHub{
		t: t, options: o, address: testport.FreeAddress(t), closing: make(chan struct{}), lastID: 1000,
		moved: map[string]int64{}, users: map[string]*User{}, windows: map[string]*window{}, tokens: map[string]int64{}, codes: map[string]*grant{},
	}
	g.Up()
	g.Web = "http://" + g.address
	g.URL = g.Web + apiPath
	if o.Token != "" {
		g.tokens[o.Token] = g.user(o.Login).ID
	}
	t.Cleanup(func() { close(g.closing); g.Down() })
	return g
}

// apiPath is where an Enterprise server has its API.
const apiPath = "/api/v3/"

// Up has the port be open, as it is from the start. It is the same one after
// Down.
func (g *GitHub) Up() {
	g.t.Helper()
	g.up.Lock()
	defer g.up.Unlock()
	if g.server != nil {
		return
	}
	l, err := net.Listen("tcp", g.address)
	if err != nil {
		g.t.Fatal(err)
	}
	server, served := &http.Server{Handler: g, ReadHeaderTimeout: time.Minute}, make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			g.t.Errorf("testgithub: %v", err)
		}
	}()
	g.server, g.served = server, served
}

// Down closes the port and every connection: nobody answers.
func (g *GitHub) Down() {
	g.up.Lock()
	defer g.up.Unlock()
	if g.server == nil {
		return
	}
	_ = g.server.Close() // what it says about its listener is no matter
	<-g.served
	g.server = nil
}

// Settings are those by which a portal reaches this GitHub, as "NAME=value".
func (g *GitHub) Settings() []string {
	var s []string
	for _, v := range []struct{ name, value string }{
		{"API", g.URL},
		{"TOKEN", g.options.Token},
		{"WEBHOOK_SECRET", g.options.Secret},
		{"CLIENT_ID", g.options.ClientID},
		{"CLIENT_SECRET", g.options.ClientSecret},
	} {
		if v.value != "" {
			s = append(s, "HACKFEST_GITHUB_"+v.name+"="+v.value)
		}
	}
	return s
}

// Requests are all that were made, oldest first.
func (g *GitHub) Requests() []Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Request(nil), g.requests...)
}

// Forget forgets all requests made so far.
func (g *GitHub) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests = nil
}

// now is the time to the second, as GitHub knows it.
func (g *GitHub) now() time.Time { return g.options.Now().UTC().Truncate(time.Second) }

// id makes a number that nothing else has.
func (g *GitHub) id() int64 {
	g.lastID++
	return g.lastID
}

// User is somebody with a login.
type User struct {
	ID     int64 // it stays when the login changes; 0 on adding is a new one
	Login  string
	Name   string
	Emails []Email
}

// Email is an address of a User; the first is the primary one.
type Email struct {
	Address  string
	Verified bool
}

// AddUser adds somebody who has nothing but a login otherwise: logins that
// appear anywhere become users by themselves.
func (g *GitHub) AddUser(u User) User {
	g.mu.Lock()
	defer g.mu.Unlock()
	added := g.user(u.Login)
	if u.ID != 0 {
		added.ID = u.ID
	}
	added.Name, added.Emails = u.Name, u.Emails
	return *added
}

// RenameUser gives somebody another login; anybody may take the old one then.
func (g *GitHub) RenameUser(from, to string) {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.users[strings.ToLower(to)] != nil && !strings.EqualFold(from, to) {
		g.t.Fatalf("there is a %s", to)
	}
	u := g.user(from)
	delete(g.users, strings.ToLower(from))
	u.Login = to
	g.users[strings.ToLower(to)] = u
}

// user is who has a login, from now on.
func (g *GitHub) user(login string) *User {
	u := g.users[strings.ToLower(login)]
	if u == nil {
		u = &User{ID: g.id(), Login: login}
		g.users[strings.ToLower(login)] = u
	}
	return u
}

// userOf is who a token belongs to; nil is nobody.
func (g *GitHub) userOf(token string) *User {
	for _, u := range g.users {
		if id, ok := g.tokens[token]; ok && u.ID == id {
			return u
		}
	}
	return nil
}

// wait ends with the test, with ctx or when ch is closed.
func (g *GitHub) wait(ctx context.Context, ch <-chan struct{}) {
	select {
	case <-ch:
	case <-ctx.Done():
	case <-g.closing:
	}
}
