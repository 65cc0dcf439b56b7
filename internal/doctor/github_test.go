package doctor

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// What is said of GitHub names the way out, and never the token.
func TestGitHub(t *testing.T) {
	t.Parallel()
	const token = "ghp_0123456789secret"
	for _, tt := range []struct {
		name       string
		repository bool
		token      string
		change     func(*testgithub.GitHub, *pgxpool.Pool)
		status     Status
		says       string
		advice     string
	}{
		{"no repository", false, "", nil, OK, "No repository is registered", ""},
		{"a repository and a token", true, token, nil, OK, "", ""},
		{"a repository and no token", true, "", nil, OK, "", ""},
		{"a token that was revoked", true, token, func(g *testgithub.GitHub, _ *pgxpool.Pool) { g.Revoke() }, Problem, "refuses the token", "HACKFEST_GITHUB_TOKEN"},
		{"GitHub is away", true, token, func(g *testgithub.GitHub, _ *pgxpool.Pool) { g.Down() }, Problem, "the connection is refused", "HTTPS_PROXY"},
		{"GitHub is broken", true, token, func(g *testgithub.GitHub, _ *pgxpool.Pool) { g.Fail(testgithub.Broken(503)) }, Problem, "503 Service Unavailable", "githubstatus"},
		{"another server", true, token, func(g *testgithub.GitHub, _ *pgxpool.Pool) {
			g.Fail(testgithub.Failure{Status: http.StatusOK, Body: "<html>"})
		}, Problem, "something else", "HTTPS_PROXY"},
		{"few calls are left", true, token, func(g *testgithub.GitHub, _ *pgxpool.Pool) { g.SetRemaining(7) }, Warning, "only 7 of 5000", "webhook"},
		{"deliveries wait", true, token, func(_ *testgithub.GitHub, p *pgxpool.Pool) {
			if _, err := p.Exec(t.Context(), `insert into hook_deliveries (id, event, received_at) values ('1', 'push', now() - interval '1 hour')`); err != nil {
				t.Error(err)
			}
		}, Problem, "wait since", "role jobs"},
		{"the portal found GitHub away", true, token, func(_ *testgithub.GitHub, p *pgxpool.Pool) {
			now := time.Now()
			if err := store.New(p).SetGitHubLimit(t.Context(), hackfest.GitHubLimit{
				Resource: hackfest.GitHubHost, Remaining: -1, BlockedUntil: now.Add(time.Hour), At: now, Reason: "GitHub does not answer since noon.",
			}); err != nil {
				t.Error(err)
			}
		}, Warning, "since noon", "Nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := testgithub.Start(t, testgithub.Options{Token: token})
			url := testdb.URL(t)
			p, err := store.NewPool(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			if tt.repository {
				if _, err := store.New(p).AddRepository(t.Context(), "eucalyptus/recipes", person.Public, time.Now()); err != nil {
					t.Fatal(err)
				}
			}
			if tt.change != nil {
				tt.change(g, p)
			}
			list := examine(t, map[string]string{"DATABASE_URL": url}, func(o *Options) {
				o.Given.GitHubAPI, o.Given.GitHubToken = g.URL, tt.token
			})
			f := about(t, list, githubCheck)
			if f.Status != tt.status || !strings.Contains(f.Message, tt.says) || !strings.Contains(f.Advice, tt.advice) || strings.Contains(f.Message+f.Advice, token) {
				t.Errorf("%+v", f)
			}
		})
	}
}
