package ghsync

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

const (
	// Of an hour's calls so many are kept back for what people wait for, and for
	// others with the same token or address: GitHub allows 5000 and 60.
	reserveCore      = 200
	reserveAnonymous = 10

	backOffLeast = time.Minute
	backOffMost  = time.Hour
	longestWait  = 24 * time.Hour // whatever a header says
	tokenAgain   = time.Hour      // a refused token is tried so often

	maxTrouble = 64 << 10 // bytes read of an answer that refuses
)

// Blocked is why GitHub is not asked now.
type Blocked struct {
	Until  time.Time
	Reason string // for people
}

func (b *Blocked) Error() string { return b.Reason }

type limits = map[hackfest.GitHubResource]hackfest.GitHubLimit

// gate is what every call passes: it lets none through that GitHub's limits, as
// the database holds them, do not allow, and notes what GitHub says about them.
type gate struct {
	*Client
	next http.RoundTripper
}

// RoundTrip makes one call. What is read only is asked without the token when
// GitHub refuses that.
func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	all, err := g.store.GitHubLimits(r.Context())
	if err != nil {
		return nil, err
	}
	token := g.tokenFor(all)
	if token == "" && g.access.Token != "" && r.Method != http.MethodGet {
		l := all[hackfest.GitHubToken]
		return nil, &Blocked{l.BlockedUntil, l.Reason}
	}
	resp, err := g.call(r, token, all)
	if err == nil && resp.StatusCode == http.StatusUnauthorized && token != "" && r.Method == http.MethodGet {
		_ = resp.Body.Close() // it is small, and of no use
		return g.call(r, "", all)
	}
	return resp, err
}

// tokenFor is the token to ask with; "" is none, or one that was refused.
func (g *gate) tokenFor(all limits) string {
	if all[hackfest.GitHubToken].Blocked(g.now()) {
		return ""
	}
	return g.access.Token
}

func (g *gate) call(r *http.Request, token string, all limits) (*http.Response, error) {
	ctx := r.Context()
	if b := blocked(all, token, ctx.Value(urgentKey) != nil, g.now()); b != nil {
		return nil, b
	}
	r = r.Clone(ctx)
	r.Header.Set("User-Agent", g.agent)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	} else {
		r.Header.Del("Authorization")
	}
	timed, cancel := context.WithTimeout(ctx, g.patience)
	resp, err := g.next.RoundTrip(r.WithContext(timed))
	if ctx.Err() != nil { // we ended it
		return nil, errors.Join(err, closed(resp, cancel), ctx.Err())
	}
	note := context.WithoutCancel(ctx)
	if err != nil {
		g.access.Calls.count(0)
		if timed.Err() != nil {
			err = errors.Join(err, timed.Err())
		}
		cancel()
		return nil, errors.Join(err, g.failed(note, all, wordsOf(err)))
	}
	g.access.Calls.count(resp.StatusCode)
	if err := g.heard(note, all, token, resp); err != nil {
		return nil, errors.Join(err, closed(resp, cancel))
	}
	resp.Body = &bounded{resp.Body, cancel, maxBody}
	return resp, nil
}

// closed gives back what an answer holds that nobody reads.
func closed(resp *http.Response, cancel context.CancelFunc) error {
	defer cancel()
	if resp == nil {
		return nil
	}
	return resp.Body.Close()
}

// blocked is why GitHub is not to be asked at now; nil when it is.
func blocked(all limits, token string, urgent bool, now time.Time) *Blocked {
	hour, reserve := hackfest.GitHubCore, reserveCore
	if token == "" {
		hour, reserve = hackfest.GitHubAnonymous, reserveAnonymous
	}
	if urgent {
		reserve = 0
	}
	for _, of := range []hackfest.GitHubResource{hackfest.GitHubHost, hackfest.GitHubSecondary, hour} {
		if l := all[of]; l.Blocked(now) {
			return &Blocked{l.BlockedUntil, l.Reason}
		}
	}
	if l := all[hour]; l.Remaining >= 0 && !l.ResetsAt.IsZero() && l.Remaining <= reserve && now.Before(l.ResetsAt) {
		reason := "The calls are used up that GitHub allows in an hour."
		if token == "" {
			reason = "The calls are used up that GitHub allows in an hour without a token."
		}
		return &Blocked{l.ResetsAt, reason}
	}
	return nil
}

// Blocked says why GitHub is not to be asked now; nil when it is.
func (c *Client) Blocked(ctx context.Context) (*Blocked, error) {
	all, err := c.store.GitHubLimits(ctx)
	if err != nil {
		return nil, err
	}
	return (&gate{Client: c}).blockedNow(all), nil
}

// blockedNow is blocked for what is asked in the background.
func (g *gate) blockedNow(all limits) *Blocked { return blocked(all, g.tokenFor(all), false, g.now()) }

// heard notes what an answer says about limits.
func (g *gate) heard(ctx context.Context, all limits, token string, resp *http.Response) error {
	switch s := resp.StatusCode; {
	case s == http.StatusUnauthorized && token != "":
		return g.store.SetGitHubLimit(ctx, hackfest.GitHubLimit{
			Resource: hackfest.GitHubToken, Remaining: -1, BlockedUntil: g.now().Add(tokenAgain), At: g.now(),
			Reason: "GitHub refuses the token: it was revoked, or has expired.",
		})
	case s >= http.StatusInternalServerError:
		return g.failed(ctx, all, "it answers "+strconv.Itoa(s)+" "+http.StatusText(s))
	case s == http.StatusForbidden || s == http.StatusTooManyRequests:
		if err := g.refused(ctx, all, token, resp); err != nil {
			return err
		}
	default:
		if err := g.counted(ctx, token, resp, time.Time{}); err != nil {
			return err
		}
	}
	return g.well(ctx, all, token, resp.StatusCode)
}

// well forgets what does not hold any more, now that GitHub answered.
func (g *gate) well(ctx context.Context, all limits, token string, status int) error {
	var over []hackfest.GitHubResource
	if _, was := all[hackfest.GitHubHost]; was {
		over = append(over, hackfest.GitHubHost)
	}
	if _, was := all[hackfest.GitHubSecondary]; was && status < http.StatusBadRequest {
		over = append(over, hackfest.GitHubSecondary)
	}
	if _, was := all[hackfest.GitHubToken]; was && token != "" && status < http.StatusBadRequest {
		over = append(over, hackfest.GitHubToken)
	}
	for _, resource := range over {
		if err := g.store.ClearGitHubLimit(ctx, resource); err != nil {
			return err
		}
	}
	return nil
}

// refused notes a 403 or 429 that is about limits. Others are about what was
// asked.
func (g *gate) refused(ctx context.Context, all limits, token string, resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTrouble))
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // it was read
	resp.Body = io.NopCloser(bytes.NewReader(body))
	now, after := g.now(), resp.Header.Get("Retry-After")
	switch {
	case resp.Header.Get("X-RateLimit-Remaining") == "0" && after == "":
		hour := hackfest.GitHubCore
		if token == "" {
			hour = hackfest.GitHubAnonymous
		}
		return g.counted(ctx, token, resp, now.Add(g.backOff(all[hour])))
	case after != "" || resp.StatusCode == http.StatusTooManyRequests || bytes.Contains(bytes.ToLower(body), []byte("secondary rate limit")) ||
		bytes.Contains(bytes.ToLower(body), []byte("abuse detection")):
		wait := max(g.backOff(all[hackfest.GitHubSecondary]), retryAfter(after, dateOf(resp.Header, now)))
		return g.store.SetGitHubLimit(ctx, hackfest.GitHubLimit{
			Resource: hackfest.GitHubSecondary, Remaining: -1, BlockedUntil: now.Add(wait), At: now,
			Reason: "GitHub has us wait, because it was asked too much at once.",
		})
	}
	return g.counted(ctx, token, resp, time.Time{})
}

// dateOf is the time by GitHub's clock when it answered; now, by ours, when it does
// not say. Ours may be minutes off.
func dateOf(h http.Header, now time.Time) time.Time {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		return date
	}
	return now
}

// byOurClock is an instant of GitHub's clock, in an answer with header h that came
// now.
func byOurClock(at time.Time, h http.Header, now time.Time) time.Time {
	return now.Add(at.Sub(dateOf(h, now))).UTC()
}

// retryAfter is how long a header has us wait that was sent at date, by GitHub's
// clock: seconds, or until another date.
func retryAfter(header string, date time.Time) time.Duration {
	var wait time.Duration
	if n, err := strconv.Atoi(header); err == nil {
		wait = time.Duration(min(max(n, 0), int(longestWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(date)
	}
	return min(max(wait, 0), longestWait)
}

// counted notes how many calls are left. When GitHub refused, least is until when
// it is left alone if it does not say; else it is zero.
func (g *gate) counted(ctx context.Context, token string, resp *http.Response, least time.Time) error {
	now, resets := g.now(), least
	remaining, err := strconv.Atoi(resp.Header.Get("X-RateLimit-Remaining"))
	reset, err2 := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64)
	resource := resp.Header.Get("X-RateLimit-Resource")
	if err != nil || err2 != nil || remaining < 0 || resource != "" && resource != "core" {
		if least.IsZero() {
			return nil // a server without limits says nothing of them
		}
		remaining = 0
	} else {
		resets = byOurClock(time.Unix(reset, 0), resp.Header, now)
	}
	l := hackfest.GitHubLimit{Resource: hackfest.GitHubCore, Remaining: remaining, ResetsAt: resets.UTC(), At: now}
	if token == "" {
		l.Resource = hackfest.GitHubAnonymous
	}
	if l.ResetsAt.After(now.Add(longestWait)) {
		l.ResetsAt = now.Add(backOffMost)
	}
	if !least.IsZero() {
		l.BlockedUntil, l.Reason = l.ResetsAt, "The calls are used up that GitHub allows in an hour."
		if l.BlockedUntil.Before(now.Add(backOffLeast)) {
			l.BlockedUntil = least // it does not hold what it says
		}
	}
	return g.store.SetGitHubLimit(ctx, l)
}

// failed notes that GitHub did not answer as it should. It is asked again after a
// minute, and then after twice as long each time, at most an hour.
func (g *gate) failed(ctx context.Context, all limits, why string) error {
	was, now := all[hackfest.GitHubHost], g.now()
	l := hackfest.GitHubLimit{
		Resource: hackfest.GitHubHost, Remaining: -1, BlockedUntil: now.Add(g.backOff(was)), At: now,
		Reason: "GitHub does not answer since " + now.UTC().Format("2 January, 15:04 UTC") + ": " + why + ".",
	}
	if was.Reason != "" {
		l.Reason = was.Reason // when it began
	}
	return g.store.SetGitHubLimit(ctx, l)
}

// backOff is how long to wait after one more failure.
func (g *gate) backOff(was hackfest.GitHubLimit) time.Duration {
	wait := backOffLeast
	if !was.BlockedUntil.IsZero() {
		wait = 2 * was.BlockedUntil.Sub(was.At)
	}
	wait += time.Duration(g.spread() * float64(wait) / 10)
	return min(max(wait, backOffLeast), backOffMost)
}

// wordsOf says for people why a connection failed, without addresses.
func wordsOf(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return "its name " + dns.Name + " is not found"
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return "it takes too long"
	}
	if s := err.Error(); strings.Contains(s, "refused") {
		return "the connection is refused"
	} else if strings.Contains(s, "certificate") || strings.Contains(s, "tls:") {
		return "its certificate is not accepted"
	}
	return "the connection is broken"
}
