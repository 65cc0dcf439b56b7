package testgithub

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v58/github"
)

// get fetches a page with a token and an entity tag, when there are.
func get(t *testing.T, url, token, tag string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if tag != "" {
		req.Header.Set("If-None-Match", tag)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// What did not change is 304, which costs nothing of who has a token.
func TestEntityTags(t *testing.T) {
	t.Parallel()
	g, r, _ := start(t, "good")
	left := func(res *http.Response) int {
		n, err := strconv.Atoi(res.Header.Get("X-RateLimit-Remaining"))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	url := g.URL + "repos/eucalyptus/recipes/issues?state=all"
	for _, tt := range []struct {
		token       string
		first, then int // calls left
	}{
		{"", 59, 58},
		{"good", 4999, 4999},
	} {
		res, _ := get(t, url, tt.token, "")
		tag := res.Header.Get("ETag")
		if !strings.HasPrefix(tag, `W/"`) || left(res) != tt.first {
			t.Errorf("token %q: tag %q, %d left", tt.token, tag, left(res))
		}
		res, body := get(t, url, tt.token, tag)
		if res.StatusCode != http.StatusNotModified || body != "" || left(res) != tt.then {
			t.Errorf("token %q: %s, %q, %d left", tt.token, res.Status, body, left(res))
		}
		r.OpenIssue(Issue{})
		if res, body := get(t, url, tt.token, tag); res.StatusCode != http.StatusOK || res.Header.Get("ETag") == tag || len(body) < 10 {
			t.Errorf("token %q, changed: %s", tt.token, res.Status)
		}
	}
	asked := g.Requests()
	if last := asked[len(asked)-2]; !last.Conditional || last.Counted || last.Status != http.StatusNotModified {
		t.Errorf("the record has %+v", last)
	}
}

// Each way in which GitHub refuses is read by go-github as what it is.
func TestFailures(t *testing.T) {
	t.Parallel()
	g, _, c := start(t, "good")
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	status := func(code int) func(error) bool {
		return func(err error) bool {
			var e *github.ErrorResponse
			return errors.As(err, &e) && e.Response.StatusCode == code
		}
	}
	broken := func(err error) bool { return err != nil && !status(502)(err) }
	for _, tt := range []struct {
		name    string
		failure Failure
		is      func(error) bool
	}{
		{"primary limit", PrimaryLimit(until), func(err error) bool {
			var e *github.RateLimitError
			return errors.As(err, &e) && e.Rate.Remaining == 0 && e.Rate.Reset.Time.Equal(until)
		}},
		{"secondary limit", SecondaryLimit(time.Minute), func(err error) bool {
			var e *github.AbuseRateLimitError
			return errors.As(err, &e) && e.GetRetryAfter() == time.Minute
		}},
		{"secondary limit without a time", SecondaryLimit(0), func(err error) bool { return errors.As(err, new(*github.AbuseRateLimitError)) }},
		{"429", TooMany(time.Minute), func(err error) bool {
			var e *github.ErrorResponse
			return errors.As(err, &e) && e.Response.StatusCode == 429 && e.Response.Header.Get("Retry-After") == "60"
		}},
		{"502", Broken(502), status(502)},
		{"451", Broken(451), status(451)},
		{"the connection breaks", Failure{}, broken},
		{"it says nothing that parses", Failure{Status: 200, Body: "<html>"}, broken},
		{"it hangs", Failure{Hang: true}, func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }},
	} {
		g.Fail(tt.failure)
		wait := time.Minute
		if tt.failure.Hang {
			wait = time.Second / 10
		}
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		_, _, err := client(t, g, "good").Repositories.Get(ctx, "eucalyptus", "recipes")
		cancel()
		g.Heal()
		if !tt.is(err) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	ask := func(path, token string) int {
		res, _ := get(t, g.URL+path, token, "")
		return res.StatusCode
	}
	g.Fail(Failure{Path: "/issues", Times: 2, Status: 500})
	for _, want := range []int{500, 500, 200} {
		if got := ask("repos/eucalyptus/recipes", ""); got != 200 {
			t.Errorf("elsewhere: %d", got)
		}
		if got := ask("repos/eucalyptus/recipes/issues", ""); got != want {
			t.Errorf("twice failing: %d, want %d", got, want)
		}
	}
	g.SetRemaining(1)
	for n, want := range []int{200, 403, 403} {
		if got := ask("repos/eucalyptus/recipes", "good"); got != want {
			t.Errorf("call %d near the limit: %d, want %d", n, got, want)
		}
	}
	if got := ask("rate_limit", "good"); got != 200 {
		t.Errorf("asking for the limit: %d", got)
	}
	c.Time = c.Add(time.Hour)
	if got := ask("repos/eucalyptus/recipes", "good"); got != 200 {
		t.Errorf("in the next hour: %d", got)
	}
	g.Revoke()
	if got := ask("repos/eucalyptus/recipes", "good"); got != 401 {
		t.Errorf("revoked: %d", got)
	}
	g.Restore()
	g.Down()
	if _, _, err := client(t, g, "good").Repositories.Get(t.Context(), "eucalyptus", "recipes"); err == nil {
		t.Error("it answers while it is down")
	}
	g.Up()
	if got := ask("repos/eucalyptus/recipes", "good"); got != 200 {
		t.Errorf("up again: %d", got)
	}
}

// Issues are made by who may, as they were asked for; also when the answer is
// lost.
func TestNewIssues(t *testing.T) {
	t.Parallel()
	g, r, _ := start(t, "good")
	g.AddUser(User{Login: "ann"})
	m := r.AddMilestone(Milestone{Title: "1"})
	title := func(s string) *github.IssueRequest { return &github.IssueRequest{Title: &s} }
	ask := func(token string, i *github.IssueRequest) (*github.Issue, int) {
		got, res, err := client(t, g, token).Issues.Create(t.Context(), "eucalyptus", "recipes", i)
		if res == nil {
			t.Logf("no answer: %v", err)
			return nil, 0
		}
		return got, res.StatusCode
	}
	whole := title("Write it down")
	whole.Body, whole.Labels, whole.Assignees, whole.Milestone = new("Please"), &[]string{"action"}, &[]string{"ann"}, &m
	if i, status := ask("good", whole); status != 201 || i.GetNumber() != 1 || i.GetUser().GetLogin() != "hackfest-bot" {
		t.Errorf("%d %v", status, i)
	}
	if i := r.Issue(1); i.Body != "Please" || i.Labels[0] != "action" || i.Assignees[0] != "ann" || i.Milestone != m || g.Last().Event != "issues" {
		t.Errorf("it is %v", i)
	}
	nobody := title("For nobody")
	nobody.Assignees = &[]string{"nobody-here"}
	for _, tt := range []struct {
		name, token string
		issue       *github.IssueRequest
		status      int
	}{
		{"nobody asks", "", title("x"), 401},
		{"no title", "good", title(""), 422},
		{"for nobody", "good", nobody, 422},
	} {
		if _, status := ask(tt.token, tt.issue); status != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, status, tt.status)
		}
	}
	g.SetReadOnly(true)
	if _, status := ask("good", title("x")); status != 403 {
		t.Errorf("read only: %d", status)
	}
	g.SetReadOnly(false)
	g.Fail(Failure{Method: "POST", Kept: true, Times: 1})
	if _, status := ask("good", title("Lost")); status != 0 || r.Issue(2).Title != "Lost" {
		t.Errorf("the answer is lost: %d, and %v", status, r.Issue(2))
	}
	r.TurnIssuesOff()
	if _, status := ask("good", title("x")); status != 410 {
		t.Errorf("turned off: %d", status)
	}
	if asked := g.Requests()[0]; asked.Method != "POST" || !strings.Contains(asked.Body, "Write it down") {
		t.Errorf("the record has %+v", asked)
	}
}
