package export_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/export"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// now is a Friday of the summer in which the sample community meets.
var now = time.Date(2012, 8, 10, 18, 0, 0, 0, time.UTC)

// portal is a database with the portal's schema.
type portal struct {
	*store.Store
	pool *pgxpool.Pool
	t    testing.TB
}

func empty(t testing.TB) portal {
	t.Helper()
	pool, err := store.NewPool(t.Context(), testdb.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return portal{store.New(pool), pool, t}
}

func (p portal) exec(sql string, args ...any) {
	p.t.Helper()
	if _, err := p.pool.Exec(p.t.Context(), sql, args...); err != nil {
		p.t.Fatalf("%s: %v", sql, err)
	}
}

// write exports p into a new folder.
func (p portal) write(private bool) string {
	p.t.Helper()
	dir := filepath.Join(p.t.TempDir(), "export")
	if _, err := export.Write(p.t.Context(), p.Store, export.Options{Dir: dir, Private: private, Now: now, Program: "test"}); err != nil {
		p.t.Fatal(err)
	}
	return dir
}

// read imports what is in dir.
func (p portal) read(dir string) {
	p.t.Helper()
	if _, err := export.Read(p.t.Context(), p.Store, dir, nil); err != nil {
		p.t.Fatal(err)
	}
}

// contents are the files below dir.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// same fails for each file that differs between two exports.
func same(t testing.TB, was, is map[string]string) {
	t.Helper()
	for name, text := range was {
		if other, ok := is[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if other != text {
			t.Errorf("%s differs:\n%s", name, differing(text, other))
		}
	}
	for name := range is {
		if _, ok := was[name]; !ok {
			t.Errorf("%s is new", name)
		}
	}
}

// differing are the first lines in which two texts differ.
func differing(was, is string) string {
	a, b := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n was %.600s\n is  %.600s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, and %d", len(a), len(b))
}

// numbers are the columns that hold numbers which each database gives anew.
var numbers = []string{
	"id", "network_id", "channel_id", "target_id", "series_id", "session_id", "rule_id", "person_id", "author_id", "holder_id",
	"redaction_id", "carried_from", "changed_by", "replaced_by", "host_id", "owner_id", "news_id", "subscriber_id", "image_id", "recipe_id",
	"version_id", "lesson_id", "item_id", "repository_id",
	"what", "recipient", "who", // session/ID/…, subscriber/ID, person/ID
	"browser_hash", "address_hash", "hook_at", // stay
}

// rows are those of a table without such numbers, and without what is private
// unless that is asked for, as Postgres writes them.
func (p portal) rows(table string, private bool) []string {
	p.t.Helper()
	leave, drop := map[string]string{
		"lines": "where kind <> 'private'", "deliveries": "where outlet <> 'notice' and occasion not in ('topic', 'greeting')",
		"repositories": "where removed_at is null",
	}, slices.Clone(numbers)
	for _, of := range []string{"repository_names", "repository_uses", "issues", "commits", "releases", "milestones"} {
		leave[of] = "join repositories r on r.id = x.repository_id and r.removed_at is null"
	}
	switch table { // what stays
	case "recipe_results":
		drop = append(drop, "key")
	case "repositories":
		drop = append(drop, "asked_at", "trouble")
	}
	if !private {
		leave["identities"], leave["secrets"] = "where kind in ('nick', 'account')", "where name = 'feeds'"
		leave["deliveries"] += " and outlet <> 'mail'"
		drop = append(drop, "key", "mail", "mail_proven_at", "zone", "mac", "needs", "machine", "hidden")
	}
	if !private && table == "check_ticks" {
		drop = append(drop, "note")
	}
	rows, _ := p.pool.Query(p.t.Context(), fmt.Sprintf("select (to_jsonb(x) - $1::text[])::text from %s x %s order by 1", table, leave[table]), drop)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		p.t.Fatal(err)
	}
	return list
}

// tables are those that an export may hold.
func (p portal) tables() []string {
	p.t.Helper()
	var names []string
	err := p.Export(p.t.Context(), true, func(x *store.Exporting) error {
		list, err := x.Tables(p.t.Context())
		for _, t := range list {
			names = append(names, t.Name)
		}
		return err
	})
	if err != nil || len(names) < 20 {
		p.t.Fatal(names, err)
	}
	return names
}

// What is exported and imported is the same again, table by table and file by
// file.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, private := range []bool{false, true} {
		t.Run(fmt.Sprintf("private %v", private), func(t *testing.T) {
			t.Parallel()
			was, is := sample(t), empty(t)
			dir := was.write(private)
			for _, table := range was.tables() {
				if len(was.rows(table, true)) == 0 {
					t.Errorf("the sample has no row of %s: add one to sample", table)
				}
			}
			is.read(dir)
			for _, table := range was.tables() {
				a, b := was.rows(table, private), is.rows(table, private)
				if !private && slices.Contains([]string{"audit", "contests", "removal_requests", "subscribers", "follows"}, table) {
					a = nil
				}
				if !slices.Equal(a, b) {
					t.Errorf("%s:\n%s", table, differing(strings.Join(a, "\n"), strings.Join(b, "\n")))
				}
			}
			same(t, contents(t, dir), contents(t, is.write(private)))
			if a, b := len(was.rows("deliveries", private)), is.announce(); a != b {
				t.Errorf("%d announcements were planned, and %d are after they are planned again", a, b)
			}
		})
	}
}
