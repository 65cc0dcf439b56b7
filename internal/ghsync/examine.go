package ghsync

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// Rate is what GitHub says of its limit.
type Rate struct {
	Limit     int // calls within an hour; 0 is no limit
	Remaining int
	ResetsAt  time.Time // by our clock
}

// ErrToken is that GitHub refuses the token.
var ErrToken = fault.New(fault.Unavailable, "GitHub refuses the token.")

// Examine asks GitHub what may be asked of it, which costs nothing of that; it is
// now by our clock. It notes nothing, and says in the error, for people, why there
// is no answer.
func (a Access) Examine(ctx context.Context, now time.Time) (Rate, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(a.API, "/")+"/rate_limit", nil)
	if err != nil {
		return Rate{}, fault.New(fault.Invalid, "HACKFEST_GITHUB_API is no URL.")
	}
	r.Header.Set("User-Agent", userAgent)
	r.Header.Set("Accept", "application/vnd.github+json")
	if a.Token != "" {
		r.Header.Set("Authorization", "Bearer "+a.Token)
	}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	resp, err := t.RoundTrip(r)
	if err != nil {
		return Rate{}, fault.New(fault.Unavailable, "%s does not answer: %s.", a.host(), wordsOf(errors.Join(err, ctx.Err())))
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	var said struct {
		Resources struct {
			Core *struct {
				Limit     int   `json:"limit"`
				Remaining int   `json:"remaining"`
				Reset     int64 `json:"reset"`
			} `json:"core"`
		} `json:"resources"`
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTrouble))
	switch {
	case err != nil:
		return Rate{}, fault.New(fault.Unavailable, "%s breaks off its answer.", a.host())
	case resp.StatusCode == http.StatusUnauthorized:
		return Rate{}, ErrToken
	case resp.StatusCode == http.StatusNotFound && strings.Contains(string(body), "Rate limiting is not enabled"):
		return Rate{}, nil
	case resp.StatusCode != http.StatusOK:
		return Rate{}, fault.New(fault.Unavailable, "%s answers %s %s.", a.host(), strconv.Itoa(resp.StatusCode), http.StatusText(resp.StatusCode))
	case json.Unmarshal(body, &said) != nil || said.Resources.Core == nil:
		return Rate{}, fault.New(fault.Unavailable, "%s answers something else than GitHub does.", a.host())
	}
	c := said.Resources.Core
	return Rate{c.Limit, c.Remaining, byOurClock(time.Unix(c.Reset, 0), resp.Header, now)}, nil
}

// host is where GitHub's API is, for people.
func (a Access) host() string {
	if u, err := url.Parse(a.API); err == nil && u.Host != "" {
		return u.Host
	}
	return "GitHub"
}
