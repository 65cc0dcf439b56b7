package store_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

const secret = "555-0101 SECRET"

// whereIs names the tables in which text stands in any column, as a dump of the
// database would show it.
func (w world) whereIs(text string) []string {
	w.t.Helper()
	rows, _ := w.pool.Query(w.t.Context(), `select quote_ident(table_name) from information_schema.tables
		where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	w.must(err)
	if len(tables) < 20 {
		w.t.Fatalf("looked into %q only", tables)
	}
	var found []string
	for _, table := range tables {
		n := w.number(fmt.Sprintf(`select count(*) from %s x where strpos(x::text, $1) > 0 or strpos(x::text, $2) > 0`, table),
			text, hex.EncodeToString([]byte(text)))
		if n > 0 {
			found = append(found, table)
		}
	}
	return found
}

// shown is everything that the public is shown of the channel: its log, and all
// its meetings with their minutes.
func (w world) shown() string {
	w.t.Helper()
	ctx, v := w.t.Context(), person.PublicViewer
	var b strings.Builder
	put := func(x any, err error) {
		w.t.Helper()
		w.must(err)
		text, err := json.Marshal(x)
		w.must(err)
		b.Write(text)
	}
	id := w.channelID("eucalyptus-devel")
	put(w.Lines(ctx, v, store.LineQuery{ChannelID: id, Limit: 1000}))
	put(w.Actions(ctx, v, store.ActionFilter{}))
	meetings, err := w.Meetings(ctx, v, store.MeetingFilter{})
	put(meetings, err)
	for _, m := range meetings {
		put(w.Topics(ctx, v, m.Ref, hackfest.Ref{}))
		put(w.Items(ctx, v, m.Ref, hackfest.Ref{}))
		put(w.Votes(ctx, v, m.Ref, hackfest.Ref{}))
		put(w.Minutes(ctx, v, m.Ref))
		put(w.Session(ctx, v, m.SessionSlug))
		put(w.Agenda(ctx, v, m.SessionID))
		put(w.Changes(ctx, v, store.ChangeQuery{ChannelID: id, MeetingRef: m.Ref}))
	}
	return b.String()
}

// near is where in text the secret stands.
func near(text string) string {
	i := max(strings.Index(text, secret), strings.Index(text, "secret-plan"), strings.Index(text, `"eucalyptus/secret"`))
	return text[max(0, i-200):min(len(text), i+100)]
}

// self adds a line of the bot.
func (g *channelLog) self(text string) *channelLog {
	g.say("hackbot", text)
	g.lines[len(g.lines)-1].Self = true
	return g
}

// telling is a log in which one secret was said, noted, corrected, voted on and
// repeated, in a meeting that is named after it.
func telling() *channelLog {
	g := newLog(channel, aug2).say("ann", "#startmeeting About "+secret)
	g.lines[0].Raw = []byte("#startmeeting About " + secret + "\xe9")
	return g.self("Meeting started: About "+secret).
		say("ann", "#meetingname secret-plan").
		say("ann", "#topic Call "+secret).
		self("Topic: Call "+secret).
		say("bob", "#action ann to call "+secret+", see eucalyptus/secret#12").
		say("bob", "hello").
		say("bob", "#info the number is unknown").
		say("bob", "s/unknown/"+secret+"/").
		say("ann", "#startvote Call "+secret+"? now, "+secret).
		say("bob", "#vote now").
		say("ann", "#endvote").
		say("cat", "I wrote it down: "+secret)
}

// spoken are the refs of the lines of g that people said with the secret.
func (g *channelLog) spoken() (refs []hackfest.Ref) {
	for _, l := range g.lines {
		if !l.Self && strings.Contains(l.Text, secret) {
			refs = append(refs, l.Ref)
		}
	}
	return refs
}

func (w world) redact(at time.Time, refs ...hackfest.Ref) hackfest.RedactionID {
	w.t.Helper()
	r, _, err := w.Redact(w.t.Context(), hackfest.Redaction{
		ChannelID: w.channelID("eucalyptus-devel"), Actor: "marlow", At: at, Lines: refs,
	})
	w.must(err)
	return r.ID
}

func TestRedactedWordsAreNowhere(t *testing.T) {
	t.Parallel()
	for name, running := range map[string]bool{"in a meeting that runs": true, "in one whose minutes are published": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ctx := newWorld(t), t.Context()
			g := telling()
			if !running {
				g.say("ann", "#endmeeting")
			}
			w.record(g)
			m := g.lines[0].Ref
			if !running {
				mins, err := w.Minutes(ctx, person.PublicViewer, m)
				w.must(err)
				_, err = w.PublishMinutes(ctx, m, mins, "All about "+secret+".", "", g.at)
				w.must(err)
			}
			if before := w.shown(); !strings.Contains(before, secret) || !strings.Contains(before, "secret-plan") {
				t.Fatal("it was never shown")
			}
			cursor, err := w.Changes(ctx, person.PublicViewer, store.ChangeQuery{ChannelID: w.channelID("eucalyptus-devel"), MeetingRef: m})
			w.must(err)

			id := w.redact(g.at, append(g.spoken(), g.lines[2].Ref)...)
			after := w.shown()
			if strings.Contains(after, secret) || strings.Contains(after, "secret-plan") || strings.Contains(after, `"eucalyptus/secret"`) {
				t.Errorf("it is still shown: %s", near(after))
			}
			if !strings.Contains(after, "removed by marlow, 2 Aug 2012") {
				t.Error("there is no mark")
			}
			if !running && !strings.Contains(after, `"Summary":"All about [removed]."`) {
				t.Error("the summary has no mark")
			}
			changed, err := w.Changes(ctx, person.PublicViewer, store.ChangeQuery{
				ChannelID: w.channelID("eucalyptus-devel"), MeetingRef: m, After: cursor.Cursor,
			})
			w.must(err)
			if len(changed.Lines) != 9 || len(changed.Items) < 2 || len(changed.Topics) != 1 || changed.Meeting == nil {
				t.Errorf("open pages are told of %d lines, %d items, %d topics", len(changed.Lines), len(changed.Items), len(changed.Topics))
			}
			w.must(w.TakeBack(ctx, id, g.at.Add(9*time.Minute)))
			again := w.shown()
			if !strings.Contains(again, `"secret-plan"`) || strings.Contains(again, "removed") {
				t.Errorf("taken back, the log is\n%s", again)
			}
			if got := w.number(`select count(*) from withheld`); got != 0 {
				t.Errorf("%d words are still withheld", got)
			}
		})
	}
}

// The engine's own words must come back as they were, to the byte.
func TestTakenBackIsAsBefore(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := telling().say("ann", "#endmeeting")
	w.record(g)
	all := func() string {
		var b strings.Builder
		for _, q := range []string{
			`select ref, text, raw, redacted_at::text from lines order by ref`,
			`select ref, n, text, url, owners, due, redacted_at::text from items order by ref, n`,
			`select ref, n, title, redacted_at::text from topics order by ref, n`,
			`select ref, n, question, options, result from votes order by ref, n`,
			`select ref, n, owners, due from actions order by ref, n`,
			`select ref, title, name, suffix, draft from meetings order by ref`, `select id, slug, title from sessions order by id`,
		} {
			rows, err := w.pool.Query(ctx, `select x::text from (`+q+`) x`)
			w.must(err)
			list, err := pgx.CollectRows(rows, pgx.RowTo[string])
			w.must(err)
			b.WriteString(strings.Join(list, "\n") + "\n")
		}
		return b.String()
	}
	before := all()
	refs := g.spoken()
	first, second := w.redact(g.at, refs[:3]...), w.redact(g.at.Add(time.Minute), refs[2:]...)
	w.must(w.TakeBack(ctx, first, g.at.Add(2*time.Minute)))
	if got := w.shown(); strings.Contains(got, refs[3].String()) && strings.Contains(got, "wrote it down: "+secret) {
		t.Error("taking the first back gave back the second")
	}
	w.must(w.TakeBack(ctx, second, g.at.Add(2*time.Minute)))
	if after := all(); after != before {
		t.Errorf("taken back is\n%s\nand was\n%s", after, before)
	}
	if err := w.TakeBack(ctx, second, g.at); fault.KindOf(err) != fault.NotFound {
		t.Errorf("taken back twice: %v", err)
	}
}

func TestPurgeWipesEveryTable(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := telling().say("ann", "#endmeeting")
	w.record(g)
	m := g.lines[0].Ref
	mins, err := w.Minutes(ctx, person.PublicViewer, m)
	w.must(err)
	_, err = w.PublishMinutes(ctx, m, mins, "All about "+secret+".", "", g.at)
	w.must(err)
	// A later meeting that was told of the action at its start, and the bot too.
	text, err := json.Marshal(meeting.Context{Sessions: []meeting.ContextSession{{Slug: "x", Actions: []meeting.OpenAction{{Text: "ann to call " + secret + ", see eucalyptus/secret#12"}}}}})
	w.must(err)
	later := newLog(channel, aug2.Add(7*24*time.Hour)).add(hackfest.Context, "", string(text)).
		say("ann", "#startmeeting").self("Open: 1. ann to call "+secret+", see eucalyptus/secret#12").say("ann", "#endmeeting")
	w.record(later)
	w.exec(`insert into set_aside (ref, channel_id, reason, at) select ref, channel_id, text, at from lines where ref = $1`, g.spoken()[0])
	_, err = w.AskRemoval(ctx, hackfest.RemovalRequest{Line: g.spoken()[0], Why: "it says " + secret}, later.at)
	w.must(err)

	at := later.at.Add(time.Hour)
	id := w.redact(at, g.spoken()...)
	w.must(w.GrantRemovals(ctx, hackfest.Redaction{ID: id, Actor: "marlow", At: at}))
	if n, err := w.PurgeRedactions(ctx, at.Add(10*time.Minute-time.Second)); n != 0 || err != nil {
		t.Fatalf("%d were purged while they could be taken back: %v", n, err)
	}
	if found := w.whereIs(secret); len(found) == 0 {
		t.Fatal("it is gone before its time")
	}
	if n, err := w.PurgeRedactions(ctx, at.Add(10*time.Minute)); n != 1 || err != nil {
		t.Fatalf("%d were purged: %v", n, err)
	}
	if found := w.whereIs(secret); len(found) > 0 {
		t.Errorf("it still stands in %q", found)
	}
	if n := w.number(`select count(*) from lines where redacted_at is not null and text = '' and nick <> ''`); n != 9 {
		t.Errorf("%d lines are marked", n)
	}
	if n := w.number(`select count(*) from redacted where length(mac) = 32 and n = 0`); n != 9 {
		t.Errorf("%d lines have a hash", n)
	}
	if err := w.TakeBack(ctx, id, at.Add(time.Minute)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("taken back after the purge: %v", err)
	}
	left, err := w.Unforgotten(ctx)
	w.must(err)
	if len(left[id]) != 9 {
		t.Errorf("the spool is to forget %d lines", len(left[id]))
	}
	w.must(w.Forgotten(ctx, id, at))
	if left, err = w.Unforgotten(ctx); err != nil || len(left) > 0 {
		t.Errorf("left to forget: %v, %v", left, err)
	}
	if n, err := w.PurgeRedactions(ctx, at.Add(time.Hour)); n != 0 || err != nil {
		t.Errorf("purged again: %d, %v", n, err)
	}
}

// While a meeting runs, a bot that starts again folds its lines as they were
// said; what it notes anew stays hidden, and ten minutes after the end nothing
// of it is left.
func TestRedactionInARunningMeeting(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := telling()
	w.record(g)
	said := slices.Clone(g.lines)
	id := w.redact(g.at, g.spoken()...)
	if n, err := w.PurgeRedactions(ctx, g.at.Add(time.Hour)); n != 0 || err != nil {
		t.Fatalf("%d were purged under a running meeting: %v", n, err)
	}
	if err := w.TakeBack(ctx, id, g.at.Add(time.Hour)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("taken back after an hour: %v", err)
	}
	standing, err := w.Resume(ctx, network)
	w.must(err)
	i := slices.IndexFunc(standing, func(r meeting.Resumption) bool { return r.Channel == channel })
	resumed, live := meeting.Replay(standing[i].Lines), meeting.Replay(said)
	if a, b := fmt.Sprintf("%+v", jsonOf(t, resumed)), fmt.Sprintf("%+v", jsonOf(t, live)); a != b {
		t.Errorf("resumed, the meeting is\n%s\nand was\n%s", a, b)
	}
	// The bot goes on: it notes the vote's item again, says the action, saves and ends.
	rest := newLog(channel, g.at.Add(time.Minute)).say("ann", "#undo").self("Removed: "+secret).say("ann", "#save").
		self("Open: ann to call "+secret+", see eucalyptus/secret#12").say("ann", "#endmeeting")
	w.must(w.Record(ctx, network, channel, apply(resumed, rest.lines), mapping, rest.at))
	if got := w.shown(); strings.Contains(got, secret) {
		t.Errorf("it came to light again: %s", near(got))
	}
	if n, err := w.PurgeRedactions(ctx, rest.at.Add(9*time.Minute)); n != 0 || err != nil {
		t.Fatalf("%d were purged nine minutes after the end: %v", n, err)
	}
	if n, err := w.PurgeRedactions(ctx, rest.at.Add(10*time.Minute)); n != 1 || err != nil {
		t.Fatalf("%d were purged: %v", n, err)
	}
	if found := w.whereIs(secret); len(found) > 0 {
		t.Errorf("it still stands in %q", found)
	}
}

// The engine cannot tell any more that the meeting is over, so nobody asks it.
func TestMeetingWhoseEndWasRemovedStaysOver(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).say("ann", "#startmeeting").say("bob", "hello").say("ann", "#endmeeting")
	w.record(g)
	w.redact(g.at.Add(20*time.Minute), g.lines[2].Ref)
	if n, err := w.PurgeRedactions(ctx, g.at.Add(time.Hour)); n != 1 || err != nil {
		t.Fatalf("%d were purged: %v", n, err)
	}
	standing, err := w.Resume(ctx, network)
	w.must(err)
	for _, r := range standing {
		if meeting.Replay(r.Lines).Running() {
			t.Errorf("in %s a meeting that is over runs again", r.Channel)
		}
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRedactingAnItemLeavesItsLine(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := telling().say("ann", "#endmeeting")
	w.record(g)
	line := g.lines[5].Ref
	r, reach, err := w.Redact(ctx, hackfest.Redaction{
		ChannelID: w.channelID("eucalyptus-devel"), Actor: "marlow", At: g.at, Entries: []hackfest.ItemID{{Ref: line, N: 1}},
	})
	w.must(err)
	if len(reach.Entries) != 1 || len(reach.Lines) != 0 || len(reach.Echoes) != 0 || reach.Minutes != 1 {
		t.Errorf("it reaches %+v", reach)
	}
	l, _, err := w.Line(ctx, person.PublicViewer, line)
	w.must(err)
	if l.Redacted || !strings.Contains(l.Text, secret) {
		t.Errorf("the line is %+v", l)
	}
	mins, err := w.Minutes(ctx, person.PublicViewer, g.lines[0].Ref)
	w.must(err)
	for _, i := range mins.Items {
		if i.LineID == line && (!i.Redacted || strings.Contains(i.Text, secret) || len(i.Owners) > 0) {
			t.Errorf("the minutes say %+v", i)
		}
	}
	if n, err := w.PurgeRedactions(ctx, g.at.Add(20*time.Minute)); n != 1 || err != nil {
		t.Errorf("%d were purged: %v", n, err)
	}
	if l, _, err = w.Line(ctx, person.PublicViewer, line); err != nil || !strings.Contains(l.Text, secret) {
		t.Errorf("after the purge the line is %+v, %v", l, err)
	}
	if left, err := w.Unforgotten(ctx); err != nil || len(left[r.ID]) > 0 {
		t.Errorf("the spool is to forget %v, %v", left, err)
	}
}

func TestTakingBackOneLeavesWhatAnotherHides(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := telling().say("ann", "#endmeeting")
	w.record(g)
	action := g.lines[5].Ref
	alone, _, err := w.Redact(ctx, hackfest.Redaction{
		ChannelID: w.channelID("eucalyptus-devel"), Actor: "marlow", At: g.at, Entries: []hackfest.ItemID{{Ref: action, N: 1}},
	})
	w.must(err)
	whole := w.redact(g.at, action)
	w.must(w.TakeBack(ctx, alone.ID, g.at))
	if n := w.number(`select count(*) from items where ref = $1 and redacted_at is not null and strpos(text, $2) = 0`, action, secret); n != 1 {
		t.Error("the item is back although its line is hidden")
	}
	w.must(w.TakeBack(ctx, whole, g.at))
	if n := w.number(`select count(*) from items where ref = $1 and redacted_at is null and strpos(text, $2) > 0`, action, secret); n != 1 {
		t.Error("the item did not come back")
	}
}

func TestRedactionLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := telling().say("ann", "#endmeeting")
	w.record(g)
	other := newLog("#other", aug2).say("ann", "in another channel")
	w.record(other)
	id := w.channelID("eucalyptus-devel")
	for name, r := range map[string]hackfest.Redaction{
		"a line of another channel": {Lines: []hackfest.Ref{other.lines[0].Ref}},
		"a line that is not there":  {Lines: []hackfest.Ref{{1}}},
		"an item that is not there": {Entries: []hackfest.ItemID{{Ref: g.lines[0].Ref, N: 99}}},
		"nothing":                   {},
	} {
		r.ChannelID, r.Actor, r.At = id, "marlow", g.at
		if _, _, err := w.Redact(ctx, r); fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	before := w.shown()
	reach, err := w.RedactionReach(ctx, hackfest.Redaction{ChannelID: id, Actor: "marlow", At: g.at, Lines: g.spoken()})
	w.must(err)
	if len(reach.Lines) != 6 || len(reach.Echoes) != 2 || reach.Minutes != 1 {
		t.Errorf("a look shows %d lines, %d echoes, %d minutes", len(reach.Lines), len(reach.Echoes), reach.Minutes)
	}
	if w.shown() != before || w.number(`select count(*) from redactions`) != 0 {
		t.Error("a look changed something")
	}
	w.redact(g.at, g.lines[6].Ref)
	if n := w.number(`select count(*) from lines where redacted_at is not null`); n != 1 {
		t.Errorf("%d lines are hidden instead of one", n)
	}
}

func TestRemovalRequests(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := telling().say("ann", "#endmeeting")
	w.record(g)
	ask := func(i int) hackfest.RemovalRequestID {
		t.Helper()
		id, err := w.AskRemoval(ctx, hackfest.RemovalRequest{Line: g.lines[i].Ref, Why: "please", Contact: "dov@example.org"}, g.at)
		w.must(err)
		return id
	}
	first, second := ask(5), ask(6)
	if _, err := w.AskRemoval(ctx, hackfest.RemovalRequest{Line: g.lines[5].Ref}, g.at); fault.KindOf(err) != fault.Conflict {
		t.Errorf("asked twice: %v", err)
	}
	w.must(w.RefuseRemoval(ctx, second, "marlow", "It is on the record.", g.at))
	if err := w.RefuseRemoval(ctx, second, "marlow", "Again.", g.at); fault.KindOf(err) != fault.Conflict {
		t.Errorf("refused twice: %v", err)
	}
	list, err := w.RemovalRequests(ctx, member, 10)
	w.must(err)
	if len(list) != 1 || list[0].ID != first || list[0].Nick != "bob" || list[0].Path != "eucalyptus-devel" || list[0].Contact == "" {
		t.Errorf("waiting: %+v", list)
	}
	w.must(w.ReopenRemoval(ctx, second, g.at.Add(time.Minute)))
	red := w.redact(g.at, g.lines[5].Ref)
	w.must(w.GrantRemovals(ctx, hackfest.Redaction{ID: red, Actor: "marlow", At: g.at}))
	if _, err := w.RemovalRequest(ctx, member, first); fault.KindOf(err) != fault.NotFound {
		t.Errorf("granted: %v", err)
	}
	w.must(w.TakeBack(ctx, red, g.at))
	if _, err := w.RemovalRequest(ctx, member, first); err != nil {
		t.Errorf("taken back, it does not wait again: %v", err)
	}
	w.must(w.RefuseRemoval(ctx, second, "marlow", "No.", g.at))
	w.must(w.ForgetRequests(ctx, g.at.Add(time.Hour)))
	if n := w.number(`select count(*) from removal_requests where contact = '' and why = ''`); n != 1 {
		t.Errorf("%d requests are emptied", n)
	}
	if err := w.ReopenRemoval(ctx, second, g.at.Add(time.Hour)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("reopened after an hour: %v", err)
	}
	w.exec(`update channels set visibility = 'members'`)
	if _, err := w.RemovalRequest(ctx, person.PublicViewer, first); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the public sees it: %v", err)
	}
}
