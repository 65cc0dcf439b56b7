package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// mentioned are the columns of all tables in which a word stands, with how many
// rows.
func (w world) mentioned(word string) map[string]int {
	w.t.Helper()
	found := map[string]int{}
	rows, err := w.pool.Query(w.t.Context(), `
		select table_name, column_name from information_schema.columns
		where table_schema = 'public' and data_type in ('text', 'jsonb', 'json', 'ARRAY', 'bytea', 'character varying')`)
	w.must(err)
	var columns [][2]string
	for rows.Next() {
		var c [2]string
		w.must(rows.Scan(&c[0], &c[1]))
		columns = append(columns, c)
	}
	w.must(rows.Err())
	for _, c := range columns {
		text := fmt.Sprintf(`%q::text`, c[1])
		n := w.number(fmt.Sprintf(`select count(*) from %q where %s ilike $1 or %s ilike $2`, c[0], text, text), "%"+word+"%", fmt.Sprintf("%%%x%%", word))
		if n > 0 {
			found[c[0]+"."+c[1]] = int(n)
		}
	}
	return found
}

// talkAbout stores a meeting in which bob speaks and is spoken of in every way
// there is, and publishes its minutes.
func talkAbout(w world) *channelLog {
	w.t.Helper()
	s := planned("OpenShift with bob", aug2)
	s.Goal = "bob's broker is up"
	x := w.plan(s)
	g := newLog(channel, aug2).meeting("OpenShift")
	g.lines = g.lines[:len(g.lines)-1]
	g.say("Bob", "#info the broker is up").say("ann", "#action Bob to write it down").say("ann", "#topic What bob found").
		say("ann", "#link https://example.org/bob/notes by BOB").say("ann", "bobcat is not him, bob is").
		say("ann", "#endmeeting")
	w.record(g)
	_, err := w.AddLesson(w.t.Context(), hackfest.Lesson{
		Text: "Ask bob for the image.", Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeAll,
		SessionSlug: x.Slug, LineRef: g.lines[3].Ref, PublishedAt: aug2,
	}, aug2)
	w.must(err)
	ref := g.lines[0].Ref
	m, err := w.Minutes(w.t.Context(), person.PublicViewer, ref)
	w.must(err)
	_, err = w.PublishMinutes(w.t.Context(), ref, m, "Bob found the broker.", "", g.at)
	w.must(err)
	_, err = w.PublishMinutes(w.t.Context(), ref, m, "Bob found it.", "bob's nick was wrong", g.at)
	w.must(err)
	return g
}

func TestLeaveUnderAPseudonym(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bob := w.know("Robert", "Bob", true)
	w.exec(`insert into identities (person_id, kind, network, value, proven_at, since) values ($1, 'account', $2, 'bobacct', $3, $3)`, bob, network, aug2.Add(-time.Hour))
	g := talkAbout(w)
	w.exec(`insert into removal_requests (line_ref, channel_id, person_id, why, contact, made_at) values ($1, $2, $3, 'I, bob, said too much', 'bob@example.org', $4)`,
		g.lines[1].Ref, w.channelID("eucalyptus-devel"), bob, aug2)
	before := w.mentioned("bob")
	for _, place := range []string{
		"lines.nick", "lines.text", "items.nick", "items.owners", "topics.title", "meetings.draft", "minutes_revisions.minutes",
		"minutes_revisions.summary", "minutes_revisions.note", "lessons.text", "sessions.title", "sessions.goal", "actions.owners", "identities.value",
	} {
		if before[place] == 0 {
			t.Errorf("the test does not put the nick into %s", place)
		}
	}
	v := person.Viewer{ID: bob, Role: person.Member}
	x, err := w.Leaving(t.Context(), v)
	w.must(err)
	if x.Lines != 5 || x.Meetings != 1 || len(x.Names) != 2 || x.Running != "" {
		t.Errorf("%+v", x)
	}
	w.must(w.Leave(t.Context(), v, "left/7k3q", true, g.at.Add(time.Hour)))
	after := w.mentioned("bob")
	delete(after, "lines.text")    // "bobcat" stays
	delete(after, "sessions.slug") // an address, which never changes
	if len(after) != 0 {
		t.Errorf("bob is still in %v", after)
	}
	if n := w.number("select count(*) from lines where text ilike '%bob%' and text not like '%bobcat%'"); n != 0 {
		t.Errorf("%d lines name bob", n)
	}
	if n := w.number("select count(*) from lines where nick = 'left/7k3q'"); n != 5 {
		t.Errorf("%d lines are under the pseudonym, want 5", n)
	}
	m, err := w.Minutes(t.Context(), person.PublicViewer, g.lines[0].Ref)
	w.must(err)
	var present []string
	for _, p := range m.Present {
		present = append(present, p.Nick)
	}
	if !strings.Contains(strings.Join(present, " "), "left/7k3q") || len(present) < 2 {
		t.Errorf("present: %v", present)
	}
	if _, err := w.AccountByID(t.Context(), bob); err != nil {
		t.Errorf("what refers to the account finds none: %v", err)
	}
	if _, err := w.Settings(t.Context(), bob); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the account has settings still: %v", err)
	}
}

func TestLeaveAndStayInTheLogs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bob := w.know("Robert", "Bob", true)
	g := talkAbout(w)
	lines := w.number("select count(*) from lines where lower(nick) = 'bob'")
	w.must(w.Leave(t.Context(), person.Viewer{ID: bob, Role: person.Member}, "left/7k3q", false, g.at))
	if n := w.number("select count(*) from lines where lower(nick) = 'bob'"); n != lines {
		t.Errorf("%d lines of %d are left", n, lines)
	}
	if found := w.mentioned("Robert"); len(found) != 0 {
		t.Errorf("the account's name is still in %v", found)
	}
	names, err := w.ListedNicks(t.Context(), network, []string{"Bob"})
	if err != nil || len(names) != 0 {
		t.Errorf("%v, %v", names, err)
	}
	carl := w.know("Carl", "carl", true)
	w.exec(`insert into identities (person_id, kind, network, value, proven_at, since) values ($1, 'nick', $2, 'Bob', $3, $3)`, carl, network, g.at)
	x, err := w.Leaving(t.Context(), person.Viewer{ID: carl, Role: person.Member})
	if err != nil || x.Lines != 0 {
		t.Errorf("who took the nick has %d lines, %v", x.Lines, err)
	}
}

func TestWhoCannotLeave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bob := w.know("Robert", "Bob", false)
	v := person.Viewer{ID: bob, Role: person.Admin}
	w.exec("update people set role = 'admin' where id = $1", bob)
	if err := w.Leave(t.Context(), v, "left/1", false, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the last admin: %v", err)
	}
	w.exec("update people set role = 'member' where id = $1", bob)
	w.plan(planned("OpenShift", aug2))
	g := newLog(channel, aug2).meeting("OpenShift")
	g.lines = g.lines[:len(g.lines)-1] // it still runs
	w.record(g)
	if err := w.Leave(t.Context(), v, "left/1", true, g.at); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), channel) {
		t.Errorf("in the middle of a meeting: %v", err)
	}
	if n := w.number("select count(*) from lines where nick = 'left/1'"); n != 0 {
		t.Errorf("half of it was done: %d lines", n)
	}
	w.must(w.Leave(t.Context(), v, "left/1", false, g.at))
}

// A nick that another had before, or has since, stays theirs.
func TestLeaveTakesNobodyElsesLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan(planned("OpenShift", aug2))
	g := newLog(channel, aug2).meeting("OpenShift")
	w.record(g)
	bob := w.know("Robert", "Bob", false)
	lines := w.number("select count(*) from lines where lower(nick) = 'bob'")
	w.exec("update identities set since = $1, proven_at = $1", g.at.Add(time.Hour))
	w.must(w.Leave(t.Context(), person.Viewer{ID: bob, Role: person.Member}, "left/1", true, g.at.Add(2*time.Hour)))
	if n := w.number("select count(*) from lines where lower(nick) = 'bob'"); n != lines || lines == 0 {
		t.Errorf("%d lines of %d are left", n, lines)
	}
}
