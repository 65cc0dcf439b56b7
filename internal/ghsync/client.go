package ghsync

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-github/v58/github"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
)

const (
	callTime  = 10 * time.Second // for one answer, its body included
	idleTime  = 30 * time.Second // of a connection that is kept open
	maxBody   = 5 << 20          // bytes of an answer
	maxFollow = 3                // redirects in a row
	userAgent = "hackfest"       // GitHub refuses calls without one
)

// Client asks GitHub's API. All Clients on one database together keep within
// GitHub's limits, which the database holds.
type Client struct {
	access Access
	store  *store.Store
	now    func() time.Time
	spread func() float64 // 0 to 1, so that not everybody comes back at once
	agent  string
	http   *http.Client

	patience time.Duration // for one answer, its body included
}

// NewClient returns a Client that reaches GitHub by a. portal is our address, in
// the User-Agent, so that GitHub can find us; "" leaves it out.
func NewClient(a Access, s *store.Store, portal string, now func() time.Time) *Client {
	c := &Client{access: a, store: s, now: now, spread: rand.Float64, agent: userAgent, patience: callTime}
	if portal != "" {
		c.agent += " (+" + portal + ")"
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: idleTime, MaxIdleConnsPerHost: 1,
		TLSHandshakeTimeout: callTime, MaxResponseHeaderBytes: 1 << 20,
	}
	c.http = &http.Client{Transport: &gate{Client: c, next: transport}, CheckRedirect: c.follow}
	return c
}

// Access is how GitHub is reached.
func (c *Client) Access() Access { return c.access }

// Close gives back connections that are open for the next call.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// hub is go-github on our connection, for one call or a few: it keeps limits of
// its own, in memory and by the clock of this machine, which are not to build up.
func (c *Client) hub() (*github.Client, error) {
	base, err := url.Parse(c.access.API)
	if err != nil {
		return nil, fmt.Errorf("HACKFEST_GITHUB_API: %w", err)
	}
	if !strings.HasSuffix(base.Path, "/") {
		base.Path += "/"
	}
	hub := github.NewClient(c.http)
	hub.BaseURL, hub.UserAgent = base, c.agent
	return hub, nil
}

// keys of what a context says of a call.
type keyOf int

const (
	stayKey   keyOf = iota // redirects are answers
	urgentKey              // a person waits for it
)

// stay has redirects be returned instead of followed.
func stay(ctx context.Context) context.Context { return context.WithValue(ctx, stayKey, true) }

// urgent has a call use what is kept back for people of an hour's calls.
func urgent(ctx context.Context) context.Context { return context.WithValue(ctx, urgentKey, true) }

// follow allows redirects, as of a repository that moved, on GitHub's API alone:
// the token goes nowhere else.
func (c *Client) follow(r *http.Request, via []*http.Request) error {
	if r.Context().Value(stayKey) != nil {
		return http.ErrUseLastResponse
	}
	if first := via[0].URL; r.URL.Scheme != first.Scheme || r.URL.Host != first.Host {
		return fault.New(fault.Unavailable, "GitHub's API sends us to another host, %s.", r.URL.Host)
	}
	if len(via) > maxFollow {
		return fault.New(fault.Unavailable, "GitHub's API sends us round in circles.")
	}
	return nil
}

// said is what GitHub answered besides the value.
type said struct {
	same bool   // nothing changed since the entity tag that was sent
	etag string // of the answer; "" is none
	next bool   // there is a next page
}

// ask asks for what is at path, below the API, and puts it into v. With etag, an
// answer that would be the same as the one with it is not sent again.
func (c *Client) ask(ctx context.Context, path, etag string, v any) (said, error) {
	hub, err := c.hub()
	if err != nil {
		return said{}, err
	}
	r, err := hub.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return said{}, err
	}
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	resp, err := hub.Do(ctx, r, v)
	if resp != nil && resp.Response != nil && resp.StatusCode == http.StatusNotModified {
		return said{same: true, etag: etag}, nil
	}
	if err != nil {
		return said{}, err
	}
	return said{etag: resp.Header.Get("ETag"), next: resp.NextPage > 0}, nil
}

// statusOf is the status of GitHub's answer when err is one; 0 is none.
func statusOf(err error) int {
	if e, ok := errors.AsType[*github.ErrorResponse](err); ok && e.Response != nil {
		return e.Response.StatusCode
	}
	if e, ok := errors.AsType[*github.RateLimitError](err); ok && e.Response != nil {
		return e.Response.StatusCode
	}
	if e, ok := errors.AsType[*github.AbuseRateLimitError](err); ok && e.Response != nil {
		return e.Response.StatusCode
	}
	return 0
}

// errHuge is that an answer is larger than any that is read.
var errHuge = fault.New(fault.Unavailable, "GitHub's answer is too large.")

// bounded is a body of which no more than left bytes are read. Closing it ends the
// call.
type bounded struct {
	io.ReadCloser
	end  context.CancelFunc
	left int64
}

func (b *bounded) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		if n, err := b.ReadCloser.Read(p[:min(1, len(p))]); n == 0 {
			return 0, err
		}
		return 0, errHuge
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
