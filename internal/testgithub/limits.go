package testgithub

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What may be asked in an hour.
const (
	withoutToken = 60
	withToken    = 5000
)

// window is what was asked with one token within an hour.
type window struct {
	used   int
	resets time.Time
}

// Failure is something that goes wrong with what is asked.
type Failure struct {
	Path   string      // only of requests whose path, as Request has it, holds this; "" is all
	Method string      // only of these; "" is all
	Times  int         // how often; 0 is until Heal
	Status int         // the answer; 0 breaks the connection
	Header http.Header // of the answer
	Body   string      // of the answer
	Hang   bool        // it is not answered before whoever asks gives up
	Kept   bool        // what is asked is done all the same
}

// Fail has something go wrong from now on, besides what does already.
func (g *GitHub) Fail(f Failure) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failures = append(g.failures, f)
}

// Heal ends all that was to go wrong.
func (g *GitHub) Heal() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failures = nil
}

// PrimaryLimit is how GitHub refuses when all calls of an hour are used up, until
// the given time.
func PrimaryLimit(until time.Time) Failure {
	h := http.Header{}
	h.Set("X-RateLimit-Remaining", "0")
	h.Set("X-RateLimit-Reset", strconv.FormatInt(until.Unix(), 10))
	return Failure{Status: http.StatusForbidden, Header: h, Body: `{"message":"API rate limit exceeded for 127.0.0.1.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"}`}
}

// SecondaryLimit is how GitHub refuses who asks too much at once; 0 gives no time
// to wait.
func SecondaryLimit(wait time.Duration) Failure {
	return Failure{
		Status: http.StatusForbidden, Header: retryAfter(wait),
		Body: `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`,
	}
}

// TooMany is the other way GitHub does that; 0 gives no time to wait.
func TooMany(wait time.Duration) Failure {
	f := SecondaryLimit(wait)
	f.Status = http.StatusTooManyRequests
	return f
}

// Broken is a failure of GitHub's own, such as 502, or what a state demands, such
// as 451.
func Broken(status int) Failure {
	return Failure{Status: status, Body: `{"message":` + strconv.Quote(http.StatusText(status)) + `}`}
}

func retryAfter(wait time.Duration) http.Header {
	h := http.Header{}
	if wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	}
	return h
}

// failing is what goes wrong with a request; nil is nothing.
func (g *GitHub) failing(method, path string) *Failure {
	for i, f := range g.failures {
		if !strings.Contains(path, f.Path) || f.Method != "" && f.Method != method {
			continue
		}
		if f.Times == 1 {
			g.failures = append(g.failures[:i:i], g.failures[i+1:]...)
		} else if f.Times > 1 {
			g.failures[i].Times--
		}
		return &f
	}
	return nil
}

// SetRemaining has n calls be left in this hour, with and without a token.
func (g *GitHub) SetRemaining(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, token := range []string{"", g.options.Token} {
		g.window(token).used = limitOf(token) - n
	}
}

func limitOf(token string) int {
	if token == "" {
		return withoutToken
	}
	return withToken
}

// window is the one of now.
func (g *GitHub) window(token string) *window {
	w := g.windows[token]
	if now := g.now(); w == nil || !now.Before(w.resets) {
		w = &window{resets: now.Add(time.Hour)}
		g.windows[token] = w
	}
	return w
}

// tellLimit writes what is left.
func (g *GitHub) tellLimit(h http.Header, token string) {
	w, limit := g.window(token), limitOf(token)
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, limit-w.used)))
	h.Set("X-RateLimit-Used", strconv.Itoa(w.used))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(w.resets.Unix(), 10))
	h.Set("X-RateLimit-Resource", "core")
}

// limitShape is what GET /rate_limit says; asking it is free.
func (g *GitHub) limitShape(token string) object {
	w, limit := g.window(token), limitOf(token)
	core := object{"limit": limit, "used": w.used, "remaining": max(0, limit-w.used), "reset": w.resets.Unix()}
	return object{"resources": object{"core": core, "search": object{"limit": 10, "used": 0, "remaining": 10, "reset": w.resets.Unix()}}, "rate": core}
}

// Revoke has no token be good any more; Restore makes Options.Token good again.
func (g *GitHub) Revoke() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.tokens)
}

// Restore has Options.Token be good again.
func (g *GitHub) Restore() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tokens[g.options.Token] = g.user(g.options.Login).ID
}

// SetReadOnly has tokens suffice for reading alone, or for writing too, as they do
// from the start.
func (g *GitHub) SetReadOnly(readOnly bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.readOnly = readOnly
}

// exceeded refuses a call beyond the limit.
func (g *GitHub) exceeded(token string) *answer {
	if w := g.window(token); w.used < limitOf(token) {
		return nil
	}
	return refuse(http.StatusForbidden, fmt.Sprintf("API rate limit exceeded for %s. (But here's the good news: Authenticated requests get a higher rate limit.)", either(token == "", "127.0.0.1", "user ID 1")))
}
