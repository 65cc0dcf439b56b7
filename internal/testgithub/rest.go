package testgithub

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// call is a request to the API on its way to an answer.
type call struct {
	g     *GitHub
	r     *http.Request
	query url.Values
	body  []byte
	repo  *Repo    // which it is about; nil is none
	args  []string // what stood for the stars of its route
	token string
}

// answer is what a call gets.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// say is an answer of JSON.
func say(status int, v any) *answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // shapes are made of what JSON has
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json; charset=utf-8")
	return &answer{status, h, body}
}

// refuse is an answer that says why not.
func refuse(status int, message string) *answer {
	return say(status, object{"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status)})
}

func notFound() *answer { return refuse(http.StatusNotFound, "Not Found") }

// routes of the API, the part behind a repository's name beginning with ".". A
// star stands for one part of a path, two for all that is left.
var routes = []struct {
	method, path string
	serve        func(*call) *answer
}{
	{"GET", "rate_limit", func(c *call) *answer { return say(http.StatusOK, c.g.limitShape(c.token)) }},
	{"GET", "user", (*call).whoAmI},
	{"GET", "user/emails", (*call).emails},
	{"GET", ".", func(c *call) *answer { return say(http.StatusOK, c.repo.shape()) }},
	{"GET", "./issues", (*call).issues},
	{"POST", "./issues", (*call).newIssue},
	{"GET", "./issues/*", (*call).issue},
	{"GET", "./pulls", (*call).pulls},
	{"GET", "./pulls/*", (*call).pull},
	{"GET", "./commits", (*call).commits},
	{"GET", "./commits/**", (*call).commit},
	{"GET", "./releases", (*call).releases},
	{"GET", "./milestones", (*call).milestones},
	{"GET", "./labels", (*call).labels},
	{"GET", "./git/trees/**", (*call).tree},
	{"GET", "./tarball", (*call).tarball},
	{"GET", "./tarball/**", (*call).tarball},
}

// ServeHTTP answers as GitHub does, or fails as a test asked for, and notes what
// it was asked.
func (g *GitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	api := strings.HasPrefix(r.URL.Path, apiPath)
	asked := Request{
		Method: r.Method, Path: r.URL.RequestURI(), Token: tokenOf(r), Agent: r.UserAgent(),
		Conditional: r.Header.Get("If-None-Match") != "", Body: string(body),
	}
	if api {
		asked.Path = strings.TrimPrefix(asked.Path, apiPath)
	}
	g.mu.Lock()
	asked.At = g.options.Now()
	fails := g.failing(r.Method, asked.Path)
	var a *answer
	if fails == nil || fails.Kept {
		c := &call{g: g, r: r, query: r.URL.Query(), body: body, token: asked.Token}
		if api {
			a, asked.Counted = c.answer()
		} else {
			a = c.page()
		}
	}
	if fails != nil {
		a = &answer{fails.Status, fails.Header.Clone(), []byte(fails.Body)}
		if a.header == nil {
			a.header = http.Header{}
		}
	}
	asked.Status = a.status
	g.requests = append(g.requests, asked)
	for name := range a.header {
		w.Header()[name] = a.header[name]
	}
	w.Header().Set("Date", g.now().Format(http.TimeFormat))
	g.mu.Unlock()
	if fails != nil && fails.Hang {
		g.wait(r.Context(), nil)
	}
	if fails != nil && (fails.Hang || fails.Status == 0) {
		panic(http.ErrAbortHandler) // breaks the connection
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // who asked may be gone
}

// tokenOf is the token that a request was made with; "" is none.
func tokenOf(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "bearer") && !strings.EqualFold(kind, "token") {
		return ""
	}
	return token
}

// answer finds the answer of the API, and says whether the call counts.
func (c *call) answer() (a *answer, counted bool) {
	g := c.g
	if c.token != "" && g.userOf(c.token) == nil {
		return refuse(http.StatusUnauthorized, "Bad credentials"), false
	}
	path := strings.TrimPrefix(c.r.URL.Path, apiPath)
	switch a = g.exceeded(c.token); {
	case path == "rate_limit":
		a = c.route(path)
	case a != nil:
		counted = true
	default:
		a = c.route(path)
		counted = !c.known(a) || c.token == ""
		if counted {
			g.window(c.token).used++
		}
	}
	g.tellLimit(a.header, c.token)
	a.header.Set("X-GitHub-Request-Id", fmt.Sprintf("%04X", len(g.requests)+1))
	a.header.Set("X-GitHub-Media-Type", "github.v3; format=json")
	return a, counted
}

// known tags an answer, and cuts it down to 304 for who has it. Tags depend on who
// asks.
func (c *call) known(a *answer) bool {
	if a.status != http.StatusOK {
		return false
	}
	sum := sha256.Sum256(append([]byte(c.token+"\n"), a.body...))
	tag := `W/"` + hex.EncodeToString(sum[:]) + `"`
	a.header.Set("ETag", tag)
	a.header.Set("Cache-Control", either(c.token == "", "public", "private")+", max-age=60, s-maxage=60")
	a.header.Set("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP")
	if strings.TrimPrefix(c.r.Header.Get("If-None-Match"), "W/") != tag[2:] {
		return false
	}
	a.status, a.body = http.StatusNotModified, nil
	return true
}

// route finds what is asked, and sends on who asks for what has moved.
func (c *call) route(path string) *answer {
	path = strings.TrimSuffix(path, "/")
	parts := strings.SplitN(path, "/", 4)
	switch {
	case parts[0] == "repos" && len(parts) >= 3:
		name := parts[1] + "/" + parts[2]
		rest := strings.Join(parts[3:], "/")
		c.repo = c.g.repo(name)
		if id, ok := c.g.moved[strings.ToLower(name)]; ok && c.repo == nil && c.g.repoByID(id) != nil {
			return c.sendOn(fmt.Sprintf("repositories/%d", id) + either(rest == "", "", "/") + rest)
		}
		path = "." + either(rest == "", "", "/") + rest
	case parts[0] == "repositories" && len(parts) >= 2:
		id, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			return notFound()
		}
		c.repo = c.g.repoByID(id)
		path = strings.Join(append([]string{"."}, parts[2:]...), "/")
	}
	if strings.HasPrefix(path, ".") && (c.repo == nil || c.repo.private && c.token == "") {
		return notFound()
	}
	for _, r := range routes {
		if args, ok := match(r.path, path); ok && r.method == c.r.Method {
			c.args = args
			return r.serve(c)
		}
	}
	return notFound()
}

// sendOn says where what is asked for is now.
func (c *call) sendOn(path string) *answer {
	to := c.g.URL + path
	if c.r.URL.RawQuery != "" {
		to += "?" + c.r.URL.RawQuery
	}
	status := http.StatusMovedPermanently
	if c.r.Method != http.MethodGet {
		status = http.StatusTemporaryRedirect // keeps the method
	}
	a := say(status, object{"message": http.StatusText(status), "url": to, "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"})
	a.header.Set("Location", to)
	return a
}

// match compares a path with a route.
func match(route, path string) (args []string, ok bool) {
	want, have := strings.Split(route, "/"), strings.Split(path, "/")
	for i, part := range want {
		switch {
		case i >= len(have):
			return nil, false
		case part == "**":
			return append(args, strings.Join(have[i:], "/")), true
		case part == "*":
			args = append(args, have[i])
		case part != have[i]:
			return nil, false
		}
	}
	return args, len(want) == len(have)
}
