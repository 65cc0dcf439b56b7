// Package testical reads calendars as other people's programs do, for tests: by
// ical.js, which Thunderbird uses, and by khal. What they find is what the
// readers of our feeds see.
package testical

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testnpm"
)

// Found is something that takes place, or was cancelled, as a program reads it.
type Found struct {
	UID             string
	Start, End      time.Time // UTC
	Status, Summary string
	Location, About string // by ICALJS alone
	Sequence        int    // by ICALJS alone
}

// icalJS is the library, in the form that node loads.
var icalJS = testnpm.File{
	Package: "ical.js@2.2.1", Path: "package/dist/ical.es5.min.cjs",
	Sum: "74b6aa16936daa102ca216a29c8c25b53468762dd793bd9b106074aaa7961c65",
}

//go:embed ics.cjs
var script []byte

// ICALJS is what ical.js finds in a calendar from one instant until before
// another, by start. It knows no zones but those that the calendar brings.
func ICALJS(t testing.TB, calendar []byte, from, till time.Time) []Found {
	t.Helper()
	_, lib, err := icalJS.Load()
	if errors.Is(err, testnpm.ErrMissing) {
		missing(t, "needs ical.js: "+err.Error())
	}
	must(t, err)
	if _, err := exec.LookPath("node"); err != nil {
		missing(t, "needs node: install nodejs")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "ics.cjs"), script)
	write(t, filepath.Join(dir, "feed.ics"), calendar)
	out := run(t, "node", filepath.Join(dir, "ics.cjs"), lib, filepath.Join(dir, "feed.ics"), from.UTC().Format(time.RFC3339), till.UTC().Format(time.RFC3339))
	var rows []struct {
		UID, Status, Summary, Location, Description string
		Start, End                                  int64
		Sequence                                    int
	}
	must(t, json.Unmarshal(out, &rows))
	list := make([]Found, len(rows))
	for i, r := range rows {
		list[i] = Found{r.UID, time.Unix(r.Start, 0).UTC(), time.Unix(r.End, 0).UTC(), r.Status, r.Summary, r.Location, r.Description, r.Sequence}
	}
	return sorted(list)
}

// khalConfig has khal tell all times in UTC.
const khalConfig = `[calendars]
[[c]]
path = "%[1]s/cal"
type = calendar
[locale]
local_timezone = %[2]s
default_timezone = %[2]s
timeformat = %%H:%%M
dateformat = %%Y-%%m-%%d
longdateformat = %%Y-%%m-%%d
datetimeformat = %%Y-%%m-%%d %%H:%%M
longdatetimeformat = %%Y-%%m-%%d %%H:%%M
[sqlite]
path = "%[1]s/khal.db"
`

// Khal is what khal finds in a calendar from the day of one instant to that of
// another, by start.
func Khal(t testing.TB, calendar []byte, from, till time.Time) []Found {
	t.Helper()
	return KhalIn(t, "UTC", calendar, from, till)
}

// KhalIn is Khal for a reader in another zone: Start and End are what a clock
// there shows, as if it were UTC.
func KhalIn(t testing.TB, zone string, calendar []byte, from, till time.Time) []Found {
	t.Helper()
	khal, err := exec.LookPath("khal")
	if err != nil {
		missing(t, "needs khal: install khal")
	}
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "cal"), 0o755))
	config := filepath.Join(dir, "khal.conf")
	write(t, config, fmt.Appendf(nil, khalConfig, dir, zone))
	write(t, filepath.Join(dir, "feed.ics"), calendar)
	run(t, khal, "-c", config, "import", "--batch", "-a", "c", filepath.Join(dir, "feed.ics"))
	out := run(t, khal, "-c", config, "list", "--day-format", "", "--format", "{uid}|{start-long}|{end-long}|{status}|{title}",
		from.Format(time.DateOnly), till.Format(time.DateOnly))
	var list []Found
	for line := range strings.Lines(string(out)) {
		f := strings.SplitN(strings.TrimSpace(line), "|", 5)
		if len(f) < 5 {
			continue // "No events"
		}
		x := Found{UID: f[0], Status: strings.TrimSpace(f[3]), Summary: f[4]}
		x.Start, err = time.Parse("2006-01-02 15:04", f[1])
		must(t, err)
		x.End, err = time.Parse("2006-01-02 15:04", f[2])
		must(t, err)
		list = append(list, x)
	}
	return slices.Compact(sorted(list)) // what goes on past midnight is listed each day
}

func sorted(list []Found) []Found {
	slices.SortFunc(list, func(a, b Found) int {
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		return strings.Compare(a.UID, b.UID)
	})
	return list
}

// run runs a program by the clock of UTC and returns what it prints.
func run(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C.UTF-8", "XDG_CONFIG_HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir())
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", filepath.Base(name), err, said.String()+string(out))
	}
	return out
}

func write(t testing.TB, name string, content []byte) {
	t.Helper()
	must(t, os.WriteFile(name, content, 0o600))
}

// missing skips a test, or fails it where CI is set.
func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
