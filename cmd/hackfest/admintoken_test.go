package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

func TestAdminToken(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	st, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	now := time.Now().UTC()
	mel, err := st.AddPerson(t.Context(), "Mel Finch", person.Member, now)
	if err != nil {
		t.Fatal(err)
	}
	gone, err := st.AddPerson(t.Context(), "gone", person.Member, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Suspend(t.Context(), gone, now); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		errs   string
	}{
		{"two scopes", []string{"mel finch", "--scope", "read", "--scope", "preflight", "--for", "nurse", "--days", "30"}, 0, ""},
		{"no scope", []string{"mel finch"}, 2, "--scope"},
		{"a scope that is none", []string{"mel finch", "--scope", "all"}, 2, "--scope"},
		{"nobody", []string{"ann", "--scope", "read"}, 1, "Nobody is called ann here."},
		{"somebody suspended", []string{"gone", "--scope", "read"}, 1, "gone is suspended."},
		{"for nothing", []string{"mel finch", "--scope", "read", "--for", ""}, 1, "--for"},
		{"for less than a day", []string{"mel finch", "--scope", "read", "--days=-1"}, 1, "--days"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var o, e bytes.Buffer
			args := append([]string{"admin", "token", "add"}, tt.args...)
			args = append(args, "--database-url", url)
			status := run(t.Context(), args, streams{in: strings.NewReader(""), out: &o, err: &e})
			if status != tt.status || !strings.Contains(e.String(), tt.errs) {
				t.Errorf("exit status %d: %s", status, e.String())
			}
			if tt.status != 0 {
				if o.Len() > 0 {
					t.Errorf("printed %q", o.String())
				}
				return
			}
			if !regexp.MustCompile(`^hf_[a-z2-7]{40}\n$`).MatchString(o.String()) {
				t.Fatalf("printed %q", o.String())
			}
			a, err := st.ByToken(t.Context(), auth.HashSecret(strings.TrimSpace(o.String())), time.Now())
			if err != nil || a.ID != mel || !slices.Equal(a.Scopes, []person.Scope{person.ScopeRead, person.ScopePreflight}) {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
	list, err := st.Tokens(t.Context(), mel)
	if err != nil || len(list) != 1 || list[0].Name != "nurse" || list[0].ExpiresAt.Sub(list[0].CreatedAt) != 30*24*time.Hour {
		t.Errorf("%+v, %v", list, err)
	}
	acts, err := st.AuditEntries(t.Context(), store.AuditFilter{Action: "make token", Limit: 10})
	if err != nil || len(acts) != 1 || acts[0].Via != person.ViaCLI || strings.Contains(string(acts[0].After), list[0].Prefix+"a") {
		t.Errorf("%+v, %v", acts, err)
	}
}
