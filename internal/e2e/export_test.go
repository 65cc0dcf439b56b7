package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/demo"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// hackfestAt runs the program on a database and returns what it prints. It fails
// the test unless the program ends well.
func hackfestAt(t *testing.T, url string, args ...string) string {
	t.Helper()
	path, err := clockBinary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = []string{"DATABASE_URL=" + url, "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("hackfest %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// seedCommunity puts the sample community into the database at url, with minutes
// that were corrected, a series that was renamed, and a line that was removed.
func seedCommunity(t *testing.T, url string, now time.Time) {
	t.Helper()
	ctx := t.Context()
	pool, err := store.NewPool(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	st := store.New(pool)
	if err := demo.Seed(ctx, st, demo.Options{Network: "local", Server: "127.0.0.1", BaseURL: "http://hack.example", Now: now}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`insert into series_slugs (slug, series_id, created_at) select 'once-' || slug, id, @now::timestamptz from series`,
		`insert into old_paths (path, meeting_ref, form, created_at) select '/meetbot/2012/old.html', ref, 'minutes', @now::timestamptz from meetings`,
		`insert into minutes_revisions (meeting_ref, number, minutes, summary, note, author_id, published_at)
			select m.ref, n, m.draft, 'All of *it*.', case n when 1 then '' else 'a typo' end, p.id, @now::timestamptz - interval '1 day' + n * interval '1 hour'
			from meetings m, people p, generate_series(1, 2) n`,
		`update sessions set published = true where held > 0`,
		`insert into agenda_items (session_id, position, text, created_at) select id, 1, 'Look at it', @now::timestamptz from sessions where starts_at > @now`,
	} {
		if _, err := pool.Exec(ctx, sql, pgx.NamedArgs{"now": now}); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	rows, _ := pool.Query(ctx, `select channel_id, ref from lines where kind = 'message' and nick <> '' order by ref limit 1 offset 12`)
	type line struct {
		ChannelID hackfest.ChannelID
		Ref       hackfest.Ref
	}
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[line])
	if err == nil {
		_, _, err = st.Redact(ctx, hackfest.Redaction{ChannelID: l.ChannelID, Actor: "Ann", At: now.Add(-time.Minute), Lines: []hackfest.Ref{l.Ref}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// known are addresses that no page has to lead to.
var known = []string{
	"/", "/schedule", "/minutes", "/lessons", "/targets", "/people", "/calendar", "/next", "/now", "/feeds/minutes.atom", "/feeds/sessions.atom",
	"/calendar/all.ics", "/calendar/all.ics?cancelled=hide", "/calendar/series/weekly-hackfest.ics", "/series/once-weekly-hackfest",
	"/calendar/series/once-weekly-hackfest.ics", "/feeds/series/weekly-hackfest.atom", "/meetbot/2012/old.html", "/api/v1/sessions?limit=200",
	"/api/v1/series", "/api/v1/series/weekly-hackfest", "/api/v1/targets", "/api/v1/lessons", "/api/v1/meetings", "/api/v1/channels",
	"/api/v1/channels/freenode/eucalyptus-devel/lines?limit=200", "/sessions/" + demo.RecordedSession, "/sessions/" + demo.RecordedSession + "/log.txt",
	"/sessions/" + demo.RecordedSession + "/minutes.json", "/sessions/" + demo.RecordedSession + "/minutes.md", "/sessions/" + demo.RecordedSession + ".ics",
	"/logs/freenode/eucalyptus-devel/2012-08-02", "/healthz",
}

var (
	href = regexp.MustCompile(`href="(/[^"#]*)`)
	// drawn anew for each answer: what keeps a form from being carried out twice
	oneTime = regexp.MustCompile(`(name="once" value=")[^"]*`)
)

// A74: a community that moved and kept its address answers as it did, byte for
// byte: pages that can be reached, the API, feeds and calendars, old addresses
// and marks of what was removed.
func TestMovedCommunityAnswersTheSame(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	old, dir := testdb.URL(t), filepath.Join(t.TempDir(), "move")
	seedCommunity(t, old, now.Add(-time.Hour))
	clock := filepath.Join(t.TempDir(), "clock") // stands, so that both say the same
	if err := os.WriteFile(clock, []byte(now.Format(time.RFC3339Nano)), 0o600); err != nil {
		t.Fatal(err)
	}
	serve := func(url string) *portal {
		p := newPortal(t, "DATABASE_URL="+url, "HACKFEST_ROLES=web", "HACKFEST_TEST_CLOCK="+clock, "HACKFEST_BASE_URL=http://hack.example")
		p.program = clockBinary
		p.start()
		p.awaitReady()
		return p
	}
	both := [2]*portal{serve(old)}
	both[0].get("/feeds/minutes.atom") // somebody follows it
	said := hackfestAt(t, old, "export", dir)
	if !strings.Contains(said, "1 meetings") {
		t.Errorf("export said %q", said)
	}
	moved := testdb.Empty(t)
	hackfestAt(t, moved, "import", "export", dir)
	both[1] = serve(moved)
	answer := func(p *portal, path string) (int, string) {
		status, body := p.get(path)
		return status, oneTime.ReplaceAllString(body, "$1")
	}
	todo, seen, good := slices.Clone(known), map[string]bool{}, 0
	for len(todo) > 0 && len(seen) < 400 {
		path := todo[0]
		if todo = todo[1:]; seen[path] {
			continue
		}
		seen[path] = true
		status, body := answer(both[0], path)
		if again, other := answer(both[1], path); again != status || other != body {
			t.Errorf("%s: %d and %d\n%s", path, status, again, differ(body, other))
		}
		if status == 200 {
			good++
		}
		if status == 404 && slices.Contains(known, path) {
			t.Errorf("%s: 404", path)
		}
		for _, m := range href.FindAllStringSubmatch(body, -1) {
			if link := strings.ReplaceAll(m[1], "&amp;", "&"); !strings.HasPrefix(link, "/static/") && !strings.HasPrefix(link, "/signin") {
				todo = append(todo, link)
			}
		}
	}
	t.Logf("%d addresses compared, %d of them with an answer", len(seen), good)
	if good < 60 {
		t.Error("these are too few")
	}
	again := filepath.Join(t.TempDir(), "again")
	hackfestAt(t, moved, "export", again)
	sameFolder(t, dir, again)
}

// differ is the first line in which two answers differ.
func differ(was, is string) string {
	a, b := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			k := 0
			for k < min(len(a[i]), len(b[i])) && a[i][k] == b[i][k] {
				k++
			}
			k = max(0, k-80)
			return "was … " + string(tail([]byte(a[i][:min(len(a[i]), k+300)]), 300)) + "\nis  … " + string(tail([]byte(b[i][:min(len(b[i]), k+300)]), 300))
		}
	}
	return "one goes on"
}

// sameFolder fails for each file that differs between two exports, the times of
// their making left aside.
func sameFolder(t *testing.T, was, is string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(was, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "manifest.json" || d.Name() == "README.md" {
			return err
		}
		n++
		name, _ := filepath.Rel(was, path)
		a, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(filepath.Join(is, name))
		if string(a) != string(b) {
			t.Errorf("%s differs", name)
		}
		return err
	})
	if err != nil || n < 20 {
		t.Errorf("%d files, %v", n, err)
	}
}
