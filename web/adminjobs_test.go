package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/person"
)

// addJob puts a job into River's table, in a state.
func addJob(t *testing.T, db, kind, state, failure string) int64 {
	t.Helper()
	c, err := pgx.Connect(t.Context(), db)
	must(t, err)
	defer func() { must(t, c.Close(t.Context())) }()
	var id int64
	must(t, c.QueryRow(t.Context(), `
		insert into river_job (args, kind, max_attempts, attempt, state, scheduled_at, created_at, finalized_at, errors)
		values ('{"secret":"do-not-show"}', $1, 5, 5, $2::river_job_state, $3::timestamptz, $3,
			case when $2::text in ('discarded', 'cancelled', 'completed') then $3::timestamptz end,
			case when $4::text <> '' then array[jsonb_build_object('error', $4::text)] end)
		returning id`, kind, state, wednesday, failure).Scan(&id))
	return id
}

func TestJobs(t *testing.T) {
	t.Parallel()
	s, db := newServerAt(t)
	ada := join(t, s, "ada", person.Admin)
	contains(t, seenBy(t, s, ada, "/admin/jobs"), "No job has run yet.")
	ids := map[string]int64{}
	for _, state := range []string{"available", "scheduled", "running", "retryable", "discarded", "cancelled", "completed"} {
		ids[state] = addJob(t, db, "kind_"+state, state, map[string]string{"discarded": "cannot <reach> it\x1b[31m" + strings.Repeat("é", 500)}[state])
	}
	body := seenBy(t, s, ada, "/admin/jobs")
	contains(t, body, "kind_retryable", "kind_discarded", "kind_cancelled", "5 of 5", "cannot &lt;reach&gt; it", "éé…")
	lacks(t, body, "kind_running", "kind_completed", "do-not-show", "\x1b")
	contains(t, seenBy(t, s, ada, "/admin/jobs?state=running"), "kind_running", fmt.Sprintf(`action="/admin/jobs/%d/cancel"`, ids["running"]))
	contains(t, seenBy(t, s, ada, "/admin/jobs?state=<x>"), "None.")

	state := func(id int64) string {
		got := column(t, db, fmt.Sprintf(`select state::text || ' ' || to_char(scheduled_at at time zone 'UTC', 'YYYY-MM-DD') from river_job where id = %d`, id))
		return strings.Join(got, "")
	}
	for _, tt := range []struct {
		name, of, do string
		code         int
		want         string
	}{
		{"given up, tried again", "discarded", "retry", 303, "available 2012-08-22"},
		{"cancelled, tried again", "cancelled", "retry", 303, "available 2012-08-22"},
		{"failing, given up", "retryable", "cancel", 303, "cancelled 2012-08-22"},
		{"waiting, given up", "available", "cancel", 303, "cancelled 2012-08-22"},
		{"done, tried again", "completed", "retry", 409, "completed 2012-08-22"},
		{"done, given up", "completed", "cancel", 409, "completed 2012-08-22"},
		{"running, tried again", "running", "retry", 409, "running 2012-08-22"},
	} {
		w := submit(t, s, ada, fmt.Sprintf("/admin/jobs/%d/%s", ids[tt.of], tt.do), nil)
		if w.Code != tt.code || state(ids[tt.of]) != tt.want {
			t.Errorf("%s: %d, %s\n%s", tt.name, w.Code, state(ids[tt.of]), w.Body)
		}
	}
	for _, path := range []string{"/admin/jobs/999999/retry", "/admin/jobs/x/retry", "/admin/jobs/-1/cancel"} {
		if w := submit(t, s, ada, path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	audit := seenBy(t, s, ada, "/admin/audit?action=cancel+job")
	contains(t, audit, fmt.Sprintf("kind_available %d", ids["available"]))
	lacks(t, audit, "kind_completed", "kind_discarded")
	for i := range adminMost + 1 {
		addJob(t, db, fmt.Sprint("many_", i), "discarded", "x")
	}
	contains(t, seenBy(t, s, ada, "/admin/jobs"), "many_100", "many_1<", "before=")
	lacks(t, seenBy(t, s, ada, "/admin/jobs"), "many_0<")
}

func TestAuditPage(t *testing.T) {
	t.Parallel()
	s, db := newServerAt(t)
	ada, bea := join(t, s, "ada", person.Admin), join(t, s, "bea", person.Admin)
	contains(t, seenBy(t, s, ada, "/admin/audit"), "Nothing.")
	for _, name := range []string{"mel", "<b>"} {
		must(t, s.Store.AddAudit(t.Context(), person.AuditEntry{
			At: wednesday, PersonID: ada.ID, Actor: "ada", Via: person.ViaWeb, Action: "change role", Object: name, Address: "192.0.2.7",
			Before: []byte(`{"role":"member","listed":true,"same":1}`), After: []byte(`{"role":"admin","listed":false,"same":1,"tags":["a"]}`),
		}))
	}
	must(t, s.Store.AddAudit(t.Context(), person.AuditEntry{At: wednesday, Actor: "", Via: person.ViaPortal, Action: "purge", Object: "a line", After: []byte(`[1]`)}))
	must(t, s.Store.AddAudit(t.Context(), person.AuditEntry{At: wednesday, PersonID: bea.ID, Actor: "bea", Via: person.ViaAPI, Action: "administer", Object: "/admin", Refused: true}))
	body := seenBy(t, s, ada, "/admin/audit")
	contains(t, body, "change role", "&lt;b&gt;", "192.0.2.7", "refused", "the portal itself", "<bdi>member</bdi>", "<bdi>admin</bdi>", "[&#34;a&#34;]")
	lacks(t, body, "same:")
	lacks(t, seenBy(t, s, ada, "/admin/audit?person=BEA"), "192.0.2.7", "a line")
	lacks(t, seenBy(t, s, ada, "/admin/audit?action=purge"), "192.0.2.7")
	contains(t, seenBy(t, s, ada, "/admin/audit?person=%00&action=%ff&before=x"), "Nothing.")

	// An entry is found by who did it, whatever they are called by now.
	exec(t, db, `update people set name = 'beatrice' where name = 'bea'`)
	contains(t, seenBy(t, s, ada, "/admin/audit?person=beatrice"), "refused")
	for range adminMost {
		must(t, s.Store.AddAudit(t.Context(), person.AuditEntry{At: wednesday.Add(time.Hour), PersonID: ada.ID, Actor: "ada", Via: person.ViaWeb, Action: "newer"}))
	}
	contains(t, seenBy(t, s, ada, "/admin/audit"), "before=")
	lacks(t, seenBy(t, s, ada, "/admin/audit"), "192.0.2.7")
	contains(t, seenBy(t, s, ada, "/admin/audit?before=5"), "192.0.2.7")
}

// exec runs a statement on the database at url.
func exec(t *testing.T, url, statement string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { must(t, c.Close(t.Context())) }()
	_, err = c.Exec(t.Context(), statement)
	must(t, err)
}
