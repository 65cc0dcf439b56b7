package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
)

// exported is what an export of w holds: the rows of each table.
func (w world) exported(private bool) map[string][]string {
	w.t.Helper()
	all := map[string][]string{}
	w.must(w.Export(w.t.Context(), private, func(x *store.Exporting) error {
		tables, err := x.Tables(w.t.Context())
		for _, table := range tables {
			all[table.Name] = nil
			err := x.Rows(w.t.Context(), table.Name, func(r store.ExportedRow) error {
				all[table.Name] = append(all[table.Name], string(r.JSON))
				return nil
			})
			if err != nil {
				return err
			}
			if n := len(all[table.Name]); int64(n) != table.Rows {
				return fmt.Errorf("%s: %d rows, and %d were promised", table.Name, n, table.Rows)
			}
		}
		return err
	}))
	if len(all) < 20 {
		w.t.Fatalf("exported only %d tables", len(all))
	}
	return all
}

// imported puts what was exported into an empty portal.
func (w world) imported(all map[string][]string) error {
	return w.Import(w.t.Context(), func(x *store.Importing) error {
		for _, table := range x.Tables() {
			n, err := x.Load(w.t.Context(), table, func(yield func([]byte, error) bool) {
				for _, row := range all[table] {
					if !yield([]byte(row), nil) {
						return
					}
				}
			})
			if err != nil {
				return err
			}
			if n != int64(len(all[table])) {
				return fmt.Errorf("%s: %d of %d rows", table, n, len(all[table]))
			}
		}
		return nil
	})
}

// emptyWorld is a store without rows.
func emptyWorld(t *testing.T) world {
	t.Helper()
	w := newWorld(t)
	w.exec(`truncate networks cascade`)
	return w
}

// sameExport fails for each table that differs.
func sameExport(t *testing.T, was, is map[string][]string) {
	t.Helper()
	for _, table := range slices.Sorted(maps.Keys(was)) {
		for i := range max(len(was[table]), len(is[table])) {
			a, b := "", ""
			if i < len(was[table]) {
				a = was[table][i]
			}
			if i < len(is[table]) {
				b = is[table][i]
			}
			if a != b {
				t.Errorf("%s, row %d:\n was %.800s\n is  %.800s", table, i+1, a, b)
				break
			}
		}
	}
}

// Whatever was said in random meetings, voted, redacted and taken back: what is
// exported is the same after an import, and holds no word that was removed, be it
// wiped already or not.
func TestExportOfHistories(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	tried := a.tryAll(0, 30, 1)
	for _, what := range []string{"meeting", "redacted", "purged", "secret vote"} {
		if tried[what] == 0 {
			t.Errorf("%q never happened", what)
		}
	}
	for _, private := range []bool{false, true} {
		was := a.exported(private)
		text := fmt.Sprint(was)
		for word, line := range a.gone {
			if strings.Contains(text, word) {
				t.Errorf("private %v: %s is in the export; it was said in %q", private, word, line)
			}
		}
		is := emptyWorld(t)
		is.must(is.imported(was))
		sameExport(t, was, is.exported(private))
		if n := is.number(`select count(*) from items`); n < 50 {
			t.Errorf("only %d items", n)
		}
	}
}

// A removed line leaves its mark and nothing else, also while it can be taken
// back; and it cannot be taken back where only the mark arrived.
func TestExportLeavesRedactedWords(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]bool{"in a meeting that runs": false, "in one that is over": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			g := telling()
			if end {
				g.say("ann", "#endmeeting")
			}
			w.record(g)
			if text := fmt.Sprint(w.exported(true)); !strings.Contains(text, secret) {
				t.Fatal("the words are not in the export before")
			}
			id := w.redact(g.at, g.spoken()...)
			for _, private := range []bool{false, true} {
				was := w.exported(private)
				if text := fmt.Sprint(was); strings.Contains(text, secret) {
					t.Errorf("private %v: the words are in the export: …%s…", private, near(text))
				}
				is := emptyWorld(t)
				is.must(is.imported(was))
				sameExport(t, was, is.exported(private))
				line, _, err := is.Line(t.Context(), member, g.spoken()[0])
				is.must(err)
				if line.RedactedAt.IsZero() {
					t.Error("the line bears no mark")
				}
				if err := is.TakeBack(t.Context(), id, g.at.Add(time.Minute)); err == nil {
					t.Error("it was taken back")
				}
			}
		})
	}
}

// The key by which an import of logs knows removed lines goes with what is
// private, and with nothing else; without it nobody can try words.
func TestExportOfTheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newLog(channel, aug2).say("ann", "call "+secret)
	w.record(g)
	w.redact(g.at, g.lines[0].Ref)
	for _, private := range []bool{false, true} {
		all := w.exported(private)
		is := emptyWorld(t)
		is.must(is.imported(all))
		keys := len(all["secrets"]) == 1
		same := is.number(`select count(*) from redacted where length(mac) = 32`) == 1
		if keys != private || same != private || len(all["redacted"]) != 1 || strings.Contains(all["redacted"][0], `"mac":""`) == private {
			t.Errorf("private %v: keys leave: %v; the hash does: %v, %s", private, keys, same, all["redacted"])
		}
	}
}

// What only who runs the portal should have stays, unless it is asked for.
func TestExportKeepsPrivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.AddPerson(t.Context(), "ann", "admin", aug2)
	w.must(err)
	w.exec(`update people set mail = 'ann@private.example', mail_proven_at = $1, password_hash = 'phc-hash', zone = 'Europe/Hidden', zone_shown = false`, aug2)
	w.exec(`insert into identities (person_id, kind, value, shown, since) values ($1, 'github', '4711', 'ann-at-github', $2)`, id, aug2)
	w.exec(`update channels set key = 'join-key' where name = $1`, channel)
	w.exec(`insert into audit (at, actor, via, action, address) values ($1, 'ann', 'web', 'look', '192.0.2.7')`, aug2)
	for _, private := range []bool{false, true} {
		text := fmt.Sprint(w.exported(private))
		for _, word := range []string{"ann@private.example", "Europe/Hidden", "ann-at-github", "join-key", "192.0.2.7"} {
			if strings.Contains(text, word) != private {
				t.Errorf("private %v, and %s there: %v", private, word, !private)
			}
		}
		if strings.Contains(text, "phc-hash") {
			t.Error("a password's hash left")
		}
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	from := newWorld(t)
	from.record(newLog(channel, aug2).meeting("Before"))
	good := from.exported(false)
	for _, tt := range []struct {
		name, table string
		row         int
		was, is     string // in the row
		want        string
	}{
		{"what is no JSON", "lines", 3, `{`, ``, "lines, row 3: no JSON object"},
		{"null in place of a row", "lines", 2, "*", "null", "lines, row 2: no JSON object: null"},
		{"a list", "lines", 2, "*", "[]", "lines, row 2: no JSON object"},
		{"a field of tomorrow", "meetings", 1, `{`, `{"mood":"good",`, `meetings, row 1: a field "mood" that this version does not know`},
		{"a missing field", "lines", 1, `"kind":`, `"kine":`, "lines, row 1: kind: missing"},
		{"another type", "items", 1, `"n":1`, `"n":"one"`, "items, row 1: n: string instead of int"},
		{"a time that is none", "lines", 4, `"at":"2012`, `"at":"12`, "lines, row 4: at: "},
		{"a ref that is none", "lines", 4, `"ref":"0`, `"ref":"u`, "lines, row 4: ref: "},
		{"a channel that is not there", "lines", 5, "#eucalyptus-devel", "#nowhere", `lines, row 5: channel: there is no "freenode/#nowhere" in channels`},
		{"a null that may not be", "lines", 5, `"kind":"message"`, `"kind":null`, "lines, row 5: kind: null is not allowed"},
		{"a value that is none", "lines", 5, `"kind":"message"`, `"kind":"shout"`, "lines, row 5: new row for relation"},
		{"a row that is twice there", "channels", 2, "#other", "#eucalyptus-devel", "channels, row 2: duplicate key"},
		{"an item of no meeting", "meetings", 1, `"ref":"0`, `"ref":"1`, "topics"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all := maps.Clone(good)
			rows := slices.Clone(all[tt.table])
			if rows[tt.row-1] = strings.ReplaceAll(rows[tt.row-1], tt.was, tt.is); tt.was == "*" {
				rows[tt.row-1] = tt.is
			}
			if all[tt.table] = rows; rows[tt.row-1] == good[tt.table][tt.row-1] {
				t.Fatalf("%s is not in %s", tt.was, rows[tt.row-1])
			}
			w := emptyWorld(t)
			err := w.imported(all)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if n := w.number(`select count(*) from networks`); n != 0 {
				t.Errorf("%d networks are left of it", n)
			}
			w.must(w.imported(good)) // as if nothing had been
		})
	}
}

func TestImportIntoAFullPortal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.exported(false)
	before := w.exported(true)
	err := w.imported(all)
	if err == nil || !strings.Contains(err.Error(), "networks (1), channels (2)") {
		t.Errorf("got %v", err)
	}
	sameExport(t, before, w.exported(true))
}

// A portal goes on after an import: new rows get new numbers, and lines of now
// come behind all that are there.
func TestImportGoesOn(t *testing.T) {
	t.Parallel()
	from, w := newWorld(t), emptyWorld(t)
	g := newLog(channel, aug2).meeting("Before")
	from.record(g)
	w.must(w.imported(from.exported(false)))
	_, err := w.AddPerson(t.Context(), "bob", "member", aug2)
	w.must(err)
	_, err = w.AddTarget(t.Context(), hackfest.Target{Name: "Nova"}, aug2)
	w.must(err)
	highest, err := w.HighestRef(t.Context())
	w.must(err)
	last := g.lines[len(g.lines)-1].Ref
	if highest != last {
		t.Errorf("the highest ref is %s, not %s", highest, last)
	}
	at, err := w.Resume(t.Context(), network)
	w.must(err)
	if len(at) != 2 || at[0].Applied != last {
		t.Errorf("the bot goes on from %+v", at)
	}
	w.record(newLog(channel, aug2.AddDate(0, 0, 7)).meeting("After"))
	if n := w.number(`select count(*) from meetings where ended_at is not null`); n != 2 {
		t.Errorf("%d meetings", n)
	}
}

// Logs that are brought in again after a move bring back no words that were
// removed, and double nothing, with the key of removed lines and without.
func TestLogsComeAgainAfterAMove(t *testing.T) {
	t.Parallel()
	log := telling().say("ann", "#endmeeting").lines
	from := newWorld(t)
	if done := from.bring(log); done.Added == 0 || done.Meetings != 1 {
		t.Fatalf("%+v", done)
	}
	rows, err := from.Lines(t.Context(), member, store.LineQuery{ChannelID: from.channelID("eucalyptus-devel"), Limit: 1000})
	from.must(err)
	var refs []hackfest.Ref
	for _, l := range rows {
		if strings.Contains(l.Text, secret) {
			refs = append(refs, l.Ref)
		}
	}
	from.redact(today, refs...)
	if n, err := from.PurgeRedactions(t.Context(), today.Add(time.Hour)); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	for _, private := range []bool{false, true} {
		w := emptyWorld(t)
		w.must(w.imported(from.exported(private)))
		if done := w.bring(log); done.Added != 0 {
			t.Errorf("private %v: %+v", private, done)
		}
		if found := w.whereIs(secret); len(found) > 0 {
			t.Errorf("private %v: the words are back in %q", private, found)
		}
		if a, b := from.spoken("eucalyptus-devel"), w.spoken("eucalyptus-devel"); a != b {
			t.Errorf("private %v: the log was\n%sand is\n%s", private, a, b)
		}
	}
}

// Half of a log before a move and half of it after come to what they come to
// where nobody moved.
func TestLogsGoOnAfterAMove(t *testing.T) {
	t.Parallel()
	log := newLog(channel, aug2).meeting("First").say("ann", "between").say("bob", "#info nothing runs").meeting("Second").lines
	for i := range log { // a minute apart, as far as logs tell
		log[i].At = aug2.Add(time.Duration(i) * time.Minute)
	}
	stayed, moved := newWorld(t), emptyWorld(t)
	stayed.bring(log[:16])
	moved.must(moved.imported(stayed.exported(false)))
	if a, b := stayed.bring(log[10:]), moved.bring(log[10:]); a.Added != b.Added || a.Rebuilt != b.Rebuilt || a.There == 0 {
		t.Errorf("%+v, and after a move %+v", a, b)
	}
	if a, b := stayed.spoken("eucalyptus-devel"), moved.spoken("eucalyptus-devel"); a != b {
		t.Errorf("the log is\n%sand after a move\n%s", a, b)
	}
	if a, b := stayed.plainMinutes(), moved.plainMinutes(); a != b || strings.Count(a, "ended by") != 2 {
		t.Errorf("the minutes are\n%s\nand after a move\n%s", a, b)
	}
}

// Context lines call points of an agenda by the numbers that they get after an
// import, and say nothing that was removed, also before it is wiped. Ballots stay.
func TestExportOfContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.plan(planned("OpenShift", aug2))
	w.exec(`select setval(pg_get_serial_sequence('agenda_items', 'id'), 4000)`)
	w.exec(`insert into agenda_items (session_id, position, text, created_at) select id, n, 'a point', $2 from sessions, generate_series(1, 2) n where slug = $1`, s.Slug, aug2)
	g := newLog(channel, aug2).say("ann", "#startmeeting").say("bob", "#action ann to call "+secret)
	for _, add := range []struct {
		kind hackfest.LineKind
		text string
	}{
		{hackfest.Context, `{"sessions":[{"slug":"x","agenda":[{"id":4002,"text":"say {\"id\":4002"},{"id":7,"text":"gone"}],"actions":[{"text":"ann to call ` + secret + `"}]}],"settings":{}}`},
		{hackfest.Private, "my ballot"},
	} {
		g.say("", add.text)
		g.lines[len(g.lines)-1].Kind = add.kind
	}
	w.record(g)
	w.redact(g.at, g.lines[1].Ref)
	rows := fmt.Sprint(w.exported(true)["lines"])
	for text, want := range map[string]bool{
		`{\"id\":2,\"text\":\"say {\\\"id\\\":4002\"}`: true, `{\"id\":0,\"text\":\"gone\"}`: true, secret: false, "my ballot": false, `"private"`: false,
	} {
		if strings.Contains(rows, text) != want {
			t.Errorf("%s is there: %v, in\n%s", text, !want, rows)
		}
	}
}
