package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testarchive"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// importAt runs hackfest import on a database and returns its exit status and what
// it printed.
func importAt(ctx context.Context, url string, args ...string) (status int, out, errs string) {
	var o, e bytes.Buffer
	args = append(append([]string{"import"}, args...), "--database-url", url)
	status = run(ctx, args, streams{in: strings.NewReader(""), out: &o, err: &e})
	return status, o.String(), e.String()
}

// put writes a file and returns its path.
func put(t *testing.T, text string, path ...string) string {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func openStore(t *testing.T, url string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	return st
}

// A whole archive comes in with one command, each meeting once although it is
// there in several forms; what is no log is told of, and what is broken holds up
// nothing else. The second time nothing is added.
func TestImportArchive(t *testing.T) {
	t.Parallel()
	url, dir := testdb.URL(t), t.TempDir()
	if _, err := testarchive.Write(dir, 12); err != nil {
		t.Fatal(err)
	}
	put(t, "body { color: red }\n", dir, "style.css")
	put(t, "This folder holds the archive.\nAsk ann about it.\n", dir, "README.txt")
	put(t, "nonsense\n", dir, "ops", "2012", "ops.2012-01-01-10.00.log.txt")
	put(t, "10:00:00 <ann> #startmeeting\nwhat \x1b[31m is this\n10:00:01 <ann> #endmeeting\n", dir, "ops", "2012", "ops.2012-01-02-10.00.log.txt")
	status, out, errs := importAt(t.Context(), url, "logs", dir, "--network", "test", "--old-root", "/meetbot")
	for _, want := range []string{
		"13 of 15 logs brought in", "meetings: 13 new, 0 grown", "rows not understood: 1\n", "ops.2012-01-02-10.00.log.txt:2: what ·[31m is this",
		"not brought in: 1 file\n", "ops.2012-01-01-10.00.log.txt: The format", "no logs: 2 files", "style.css: it is no log by its name", "README.txt: The format",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s%s", want, out, errs)
		}
	}
	if status != 1 {
		t.Errorf("exit status %d", status)
	}
	st := openStore(t, url)
	list, err := st.Meetings(t.Context(), person.PublicViewer, store.MeetingFilter{})
	if err != nil || len(list) != 13 {
		t.Fatalf("%d meetings, %v", len(list), err)
	}
	if p, err := st.OldPath(t.Context(), person.PublicViewer, "/meetbot/"+testarchive.Number(3).Stem+".html"); err != nil || p.Log() {
		t.Errorf("an old path: %+v %v", p, err)
	}
	_, out, _ = importAt(t.Context(), url, dir, "--network", "test")
	if !strings.Contains(out, "lines: 0 added") || !strings.Contains(out, "meetings: 0 new, 0 grown") {
		t.Errorf("again:\n%s", out)
	}
}

func TestImportLogs(t *testing.T) {
	t.Parallel()
	url, dir := testdb.URL(t), t.TempDir()
	meeting := "10:00 <ann> #startmeeting One\n10:01 <bob> #info x\n10:02 <ann> #endmeeting\n"
	plainLog := put(t, meeting, dir, "one.log")
	talk := put(t, "10:00 <ann> hello\n10:01 <bob> #info x\n10:02 <ann> bye\n", dir, "talk.log")
	named := put(t, meeting, dir, "libera", "#named", "2019-03-04.log")
	future := put(t, "2199-01-01T10:00:00 <ann> hello\n", dir, "future.log")
	on := []string{"--network", "test", "--channel", "#c", "--date", "2012-08-10"}
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"nothing there", []string{filepath.Join(dir, "none.log")}, 1, "cannot be read"},
		{"no network", []string{plainLog, "--channel", "c", "--date", "2012-08-10"}, 1, "--network libera"},
		{"no channel", []string{plainLog, "--network", "test", "--date", "2012-08-10"}, 1, "--channel '#debian'"},
		{"no date", []string{plainLog, "--network", "test", "--channel", "c"}, 1, "--date 2012-08-10"},
		{"a date there is not", []string{plainLog, "--date", "10 August"}, 1, "write a day as in"},
		{"a zone there is not", []string{plainLog, "--zone", "Moon/Sea"}, 1, "no such zone"},
		{"a network that cannot be", append([]string{plainLog}, "--network", "A b", "--channel", "c", "--date", "2012-08-10"), 1, "no name of a network"},
		{"all that it lacks", append([]string{plainLog}, on...), 0, "lines: 3 added"},
		{"again", append([]string{plainLog}, on...), 0, "lines: 0 added, 3 there already"},
		{"the only network there is", []string{plainLog, "--channel", "#d", "--date", "2012-08-10"}, 0, "network: test, the only one there is"},
		{"nobody started a meeting", append([]string{talk}, "--network", "test", "--channel", "#talk", "--date", "2012-08-10"), 0, "meetings: 0 new"},
		{"but it is one", append([]string{talk}, "--network", "test", "--channel", "#talk", "--date", "2012-08-10", "--whole"), 0, "meetings: 1 new"},
		{"channel and day by their names", []string{named, "--network", "test"}, 0, "lines: 3 added"},
		{"dated after now", []string{future, "--network", "test", "--channel", "#c"}, 0, "lines: 0 added, 0 there already, 1 refused"},
		{"a folder without logs", []string{t.TempDir(), "--network", "test"}, 0, ""},
	} {
		status, out, errs := importAt(t.Context(), url, tt.args...)
		if status != tt.status || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%s: exit status %d, want %d and %q:\n%s%s", tt.name, status, tt.status, tt.says, out, errs)
		}
	}
	c, err := openStore(t, url).Channel(t.Context(), person.PublicViewer, "test", "named")
	if err != nil || c.Joined {
		t.Errorf("channel: %+v %v", c, err)
	}
}

// Whoever stops an import finds whole logs, and the same command goes on.
func TestImportStopped(t *testing.T) {
	t.Parallel()
	url, dir := testdb.URL(t), t.TempDir()
	if _, err := testarchive.Write(dir, 300); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var o bytes.Buffer
	status := run(ctx, []string{"import", dir, "--network", "test", "--database-url", url}, streams{in: strings.NewReader(""), out: &o, err: &stopper{stop: stop}})
	if status != 1 || !strings.Contains(o.String(), "Stopped.") {
		t.Errorf("exit status %d:\n%s", status, o.String())
	}
	st := openStore(t, url)
	list, err := st.Meetings(t.Context(), person.PublicViewer, store.MeetingFilter{Limit: 1000})
	if err != nil || len(list) < 100 || len(list) == 300 {
		t.Errorf("%d meetings, %v", len(list), err)
	}
	for _, m := range list {
		if m.LastRef.IsZero() {
			t.Errorf("half a meeting: %+v", m)
		}
	}
	if _, out, errs := importAt(t.Context(), url, dir, "--network", "test"); !strings.Contains(out, "300 of 300 logs brought in") {
		t.Errorf("going on:\n%s%s", out, errs)
	}
}

// stopper stops when it is told how far an import came.
type stopper struct {
	stop context.CancelFunc
	once sync.Once
}

func (s *stopper) Write(p []byte) (int, error) {
	if strings.Contains(string(p), " logs\n") {
		s.once.Do(s.stop)
	}
	return len(p), nil
}

// Two imports at once would bring the same in twice.
func TestImportOneAtATime(t *testing.T) {
	t.Parallel()
	url, dir := testdb.URL(t), t.TempDir()
	st := openStore(t, url)
	release, err := st.LockImports(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	log := put(t, "2012-08-10T10:00:00 <ann> hello\n", dir, "a.log")
	if status, _, errs := importAt(t.Context(), url, log, "--network", "test", "--channel", "c"); status != 1 || !strings.Contains(errs, "Another import runs.") {
		t.Errorf("exit status %d: %s", status, errs)
	}
	release()
	if status, out, errs := importAt(t.Context(), url, log, "--network", "test", "--channel", "c"); status != 0 {
		t.Errorf("exit status %d: %s%s", status, out, errs)
	}
}
