package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	old "github.com/eucalyptus/hackfest/internal/archive"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// today is when logs are brought in, long after they were written.
var today = aug2.AddDate(10, 0, 0)

// bring brings lines in.
func (w world) bring(lines []hackfest.Line, change ...func(*store.LogImport)) store.Imported {
	w.t.Helper()
	in := store.LogImport{Network: network, Channel: channel, Lines: lines}
	for _, c := range change {
		c(&in)
	}
	done, err := w.ImportLog(w.t.Context(), in, today)
	w.must(err)
	return done
}

// spoken is the log of a channel as people see it.
func (w world) spoken(path string) string {
	w.t.Helper()
	lines, err := w.Lines(w.t.Context(), member, store.LineQuery{ChannelID: w.channelID(path), Limit: 10000})
	w.must(err)
	var b strings.Builder
	for i, l := range lines {
		if i > 0 && l.Ref.Compare(lines[i-1].Ref) <= 0 {
			w.t.Error("lines are out of order")
		}
		fmt.Fprintf(&b, "%s <%s> %s %v\n", l.At.Format(time.DateTime), l.Nick, l.Text, l.Marks)
	}
	return b.String()
}

// plainMinutes are all minutes of a channel without what names a line.
func (w world) plainMinutes() string {
	w.t.Helper()
	list, err := w.Meetings(w.t.Context(), member, store.MeetingFilter{Limit: 1000})
	w.must(err)
	var b strings.Builder
	for _, m := range list {
		got, err := w.Minutes(w.t.Context(), member, m.Ref)
		w.must(err)
		again, err := w.Rebuild(w.t.Context(), member, m.Ref)
		w.must(err)
		if a, b := indented(got), indented(again); a != b {
			w.t.Errorf("worked out from its lines the minutes are\n%s\nthey were stored as\n%s", b, a)
		}
		fmt.Fprintf(&b, "%s people=%d decisions=%d actions=%d ended by %q\n", m.Title, m.People, m.Decisions, m.Actions, m.EndedBy)
		b.WriteString(minutes.Text(got, minutes.Options{}))
	}
	return b.String()
}

func indented(v any) string {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// What an import makes of a log is what the bot would have made of it.
func TestImportLogIsAsIfRecorded(t *testing.T) {
	t.Parallel()
	g := newLog(channel, aug2).say("bob", "before").meeting("OpenShift Origin").say("bob", "after")
	g.at = g.at.Add(2 * time.Hour) // no part of the session that was made for the first
	g.say("ann", "#startmeeting").say("ann", "#startvote Ship it?").say("bob", "#vote yes").say("ann", "#endvote").
		say("bob", "#lesson read first").say("ann", "#action bob to ship due 2012-09-01").say("ann", "#endmeeting")
	rec, imp := newWorld(t), newWorld(t)
	rec.record(g)
	done := imp.bring(g.lines)
	if done.Added != len(g.lines) || done.There != 0 || done.Meetings != 2 || done.Rebuilt != 0 {
		t.Errorf("done: %+v", done)
	}
	if a, b := rec.spoken("eucalyptus-devel"), imp.spoken("eucalyptus-devel"); a != b {
		t.Errorf("recorded\n%simported\n%s", a, b)
	}
	if a, b := rec.plainMinutes(), imp.plainMinutes(); a != b {
		t.Errorf("recorded\n%simported\n%s", a, b)
	}
	for _, q := range []string{
		`select coalesce(string_agg(concat_ws('|', title, subtopic, at, undone), E'\n' order by ref, n), '') from topics`,
		`select coalesce(string_agg(concat_ws('|', n, kind, at, nick, text, url, owners, due, undone, lesson_kind), E'\n' order by ref, n), '') from items`,
		`select coalesce(string_agg(concat_ws('|', n, question, options, open, undone, result, quorum, ballots), E'\n' order by ref, n), '') from votes`,
		`select coalesce(string_agg(concat_ws('|', owners, due, opened_at), E'\n' order by ref, n), '') from actions`,
		`select coalesce(string_agg(concat_ws('|', title, name, suffix, owner, chairs, started_at, ended_at, ended_by, people, visibility), E'\n' order by ref), '') from meetings`,
		`select coalesce(string_agg(concat_ws('|', slug, title, kind, state, starts_at, ends_at, zone, overlap_ok, running, held), E'\n' order by starts_at), '') from sessions`,
		`select coalesce(string_agg(concat_ws('|', state, by, at), E'\n' order by id), '') from action_events where state = 'open'`,
	} {
		var a, b string
		w := rec
		w.must(w.pool.QueryRow(t.Context(), q).Scan(&a))
		w.must(imp.pool.QueryRow(t.Context(), q).Scan(&b))
		if a != b {
			t.Errorf("%s\nrecorded\n%s\nimported\n%s", q, a, b)
		}
	}
	if again := imp.bring(g.lines); again.Added != 0 || again.There != len(g.lines) || again.Meetings+again.Rebuilt != 0 {
		t.Errorf("again: %+v", again)
	}
}

// Actions of long ago are no open ones; of a meeting that was just held they are.
func TestImportLogOpensNoOldActions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		at   time.Time
		open int
	}{
		{"ten years ago", aug2, 0},
		{"last week", today.AddDate(0, 0, -7), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.bring(newLog(channel, tt.at).meeting("Old").lines)
			list, err := w.Actions(t.Context(), member, store.ActionFilter{Open: true})
			w.must(err)
			if len(list) != tt.open {
				t.Errorf("%d open actions, want %d", len(list), tt.open)
			}
			all, err := w.Actions(t.Context(), member, store.ActionFilter{})
			w.must(err)
			if len(all) != 1 {
				t.Fatalf("%d actions", len(all))
			}
			events, err := w.ActionEvents(t.Context(), member, all[0].ID)
			w.must(err)
			if want := 2 - tt.open; len(events) != want {
				t.Errorf("events: %+v", events)
			}
		})
	}
}

// A log of a channel in which the bot was too doubles nothing, whether it has
// seconds or not.
func TestImportLogOfWhatTheBotHeard(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		clock func(time.Time) time.Time
	}{
		{"the same clock", func(t time.Time) time.Time { return t }},
		{"a clock that is 20 s behind", func(t time.Time) time.Time { return t.Add(-20 * time.Second) }},
		{"without seconds", func(t time.Time) time.Time { return t.Truncate(time.Minute) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			g := newLog(channel, aug2.Add(40*time.Second)).meeting("Live").say("bob", "bye")
			w.record(g)
			before, minutesBefore := w.spoken("eucalyptus-devel"), w.plainMinutes()
			var heard []hackfest.Line
			for _, l := range g.lines {
				l.At = tt.clock(l.At)
				heard = append(heard, l)
			}
			if done := w.bring(heard); done.Added != 0 || done.There != len(heard) || done.Meetings+done.Rebuilt != 0 {
				t.Errorf("done: %+v", done)
			}
			if after := w.spoken("eucalyptus-devel"); after != before {
				t.Errorf("before\n%safter\n%s", before, after)
			}
			if w.plainMinutes() != minutesBefore {
				t.Error("other minutes")
			}
		})
	}
}

// What the bot missed, because it was away, is filled in from a log: the minutes
// grow, and those that somebody published or writes do not.
func TestImportLogFillsAGap(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, keep string }{
		{"nobody wrote", ""},
		{"published", `insert into minutes_revisions (meeting_ref, number, minutes, published_at) values ($1, 1, $2, $3)`},
		{"being written", `
			insert into minutes_drafts (meeting_ref, revision, number, fields, begun_at, saved_at)
			select $1, 1, 0, '{}', $3, $3 where $2::jsonb is not null`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, ctx := newWorld(t), t.Context()
			g := newLog(channel, aug2).meeting("Live")
			whole := slices.Insert(slices.Clone(g.lines), 6, g.lines[5])
			whole[6].Text, whole[6].Nick, whole[6].At = "#info heard by others", "bob", g.lines[5].At.Add(300*time.Millisecond)
			w.record(g)
			ref := g.lines[0].Ref
			kept, err := w.Minutes(ctx, member, ref)
			w.must(err)
			fixed := tt.keep != ""
			if fixed {
				w.exec(tt.keep, ref, []byte(indented(kept)), today)
			}
			done := w.bring(whole)
			if done.Added != 1 || done.There != len(g.lines) || done.Meetings != 0 {
				t.Errorf("done: %+v", done)
			}
			m, err := w.Minutes(ctx, member, ref)
			w.must(err)
			grown := strings.Contains(minutes.Text(m, minutes.Options{}), "heard by others")
			if grown == fixed || done.Rebuilt != map[bool]int{true: 0, false: 1}[fixed] || done.Kept != map[bool]int{true: 1, false: 0}[fixed] {
				t.Errorf("the line is in the minutes: %v; done %+v", grown, done)
			}
			if n := w.number("select count(*) from meetings"); n != 1 {
				t.Errorf("%d meetings", n)
			}
			w.plainMinutes()
		})
	}
}

// A line that was removed stays away, before and after the words are wiped.
func TestImportLogBringsNothingBack(t *testing.T) {
	t.Parallel()
	for _, purged := range []bool{false, true} {
		t.Run(fmt.Sprintf("purged %v", purged), func(t *testing.T) {
			t.Parallel()
			w, ctx := newWorld(t), t.Context()
			g := newLog(channel, aug2).say("ann", "#startmeeting x").say("bob", "#info my \x02token\x02 is hunter2").say("ann", "#endmeeting")
			w.record(g)
			_, _, err := w.Redact(ctx, hackfest.Redaction{ChannelID: w.channelID("eucalyptus-devel"), Actor: "ann", At: g.at, Lines: []hackfest.Ref{g.lines[1].Ref}})
			w.must(err)
			if purged {
				n, err := w.PurgeRedactions(ctx, g.at.Add(time.Hour))
				w.must(err)
				if n != 1 {
					t.Fatal("not purged")
				}
			}
			heard := slices.Clone(g.lines)
			heard[1].Text = "#info my token is hunter2"
			heard = append(heard, heard[2])
			heard[3].Text, heard[3].At = "one more line", heard[2].At.Add(time.Second)
			if done := w.bring(heard); done.Added != 1 || done.There != 3 {
				t.Errorf("done: %+v", done)
			}
			m, err := w.Minutes(ctx, member, g.lines[0].Ref)
			w.must(err)
			if all := w.spoken("eucalyptus-devel") + minutes.Text(m, minutes.Options{}); strings.Contains(all, "hunter2") {
				t.Errorf("it is back:\n%s", all)
			}
			if n := w.number("select count(*) from items where text like '%hunter2%'"); n != 0 {
				t.Error("it is back in the items")
			}
		})
	}
}

// What was said off the record is not kept, nor is who said it.
func TestImportLogKeepsNothingOffTheRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newLog(channel, aug2).say("ann", "#startmeeting x").say("ann", "#off 5m").say("bob", "secret one").
		say("ann", "#on").say("bob", "plain").say("ann", "#endmeeting")
	g.lines = append(g.lines, hackfest.Line{At: g.at, Nick: "bob", Kind: hackfest.Message, OffRecord: true})
	done := w.bring(g.lines)
	if n := w.number("select count(*) from lines where text like '%secret%' or off_record and nick <> '' and text = ''"); n != 0 || done.Added != len(g.lines) {
		t.Errorf("%d lines that should not be, %+v", n, done)
	}
	if again := w.bring(g.lines); again.Added != 0 {
		t.Errorf("again: %+v\n%s", again, w.spoken("eucalyptus-devel"))
	}
}

func TestImportLogRefuses(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, today.Add(-time.Minute)).say("ann", "a")
	g.at = today.Add(time.Hour)
	g.say("ann", "tomorrow").say("ann", "too")
	g.lines = append([]hackfest.Line{{At: time.Unix(5, 0).UTC(), Nick: "ann", Kind: hackfest.Message, Text: "1970"}}, g.lines...)
	if done := w.bring(g.lines); done.Refused != 3 || done.Added != 1 {
		t.Errorf("done: %+v", done)
	}
	for name, change := range map[string]func(*store.LogImport){
		"network": func(in *store.LogImport) { in.Network = "Not a name" },
		"channel": func(in *store.LogImport) { in.Channel = "nochannel" },
	} {
		in := store.LogImport{Network: network, Channel: channel, Lines: g.lines}
		change(&in)
		if _, err := w.ImportLog(ctx, in, today); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	running := newLog("#other", today.Add(-time.Hour)).say("ann", "#startmeeting it goes on").say("bob", "hi")
	_, err := w.ImportLog(ctx, store.LogImport{Network: network, Channel: "#other", Lines: running.lines}, today)
	if fault.KindOf(err) != fault.Conflict {
		t.Errorf("a meeting that may go on: %v", err)
	}
	if n := w.number("select count(*) from lines where channel_id = $1", w.channelID("other")); n != 0 {
		t.Errorf("%d lines of it are stored", n)
	}
}

// New channels are there and the bot is not to join them. Networks do not mix.
func TestImportLogOfSeveralNetworks(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog("#new", aug2).meeting("There")
	for _, n := range []string{"libera", "oftc"} {
		done, err := w.ImportLog(ctx, store.LogImport{Network: n, Channel: "#New", Lines: g.lines}, today)
		w.must(err)
		if done.Added != len(g.lines) || done.Meetings != 1 {
			t.Errorf("%s: %+v", n, done)
		}
		list, err := w.BotChannels(ctx, n)
		w.must(err)
		if len(list) != 1 || list[0].Joined || list[0].Name != "#New" {
			t.Errorf("%s: %+v", n, list)
		}
	}
}

// The bot, when it starts, takes no meeting of a log for one that it has to end.
func TestImportLogIsNoneOfTheBots(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bring(newLog(channel, aug2).meeting("Without the bot").lines)
	w.record(newLog(channel, aug2.Add(5*time.Minute)).say("ann", "now it is here"))
	standing, err := w.Resume(t.Context(), network)
	w.must(err)
	for _, s := range standing {
		if len(s.Lines) > 0 && strings.Contains(fmt.Sprint(s.Lines), "#startmeeting") {
			t.Errorf("it would go on with %d lines", len(s.Lines))
		}
	}
}

// In a channel for members everything that comes is for members; so are the
// lines of a meeting with #restrictlogs.
func TestImportLogHides(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.exec(`update channels set visibility = 'members' where folded = '#other'`)
	w.bring(newLog("#other", aug2).meeting("Hidden").lines, func(in *store.LogImport) { in.Channel = "#other" })
	w.bring(newLog(channel, aug2).say("ann", "#startmeeting Secret").say("bob", "#info x").say("ann", "#restrictlogs").say("ann", "#endmeeting").say("ann", "after").lines)
	seen, err := w.Meetings(ctx, person.PublicViewer, store.MeetingFilter{})
	w.must(err)
	sessions, err := w.Sessions(ctx, person.PublicViewer, store.SessionFilter{Network: network, Channel: "#other"})
	w.must(err)
	lines, err := w.Lines(ctx, person.PublicViewer, store.LineQuery{ChannelID: w.channelID("eucalyptus-devel")})
	w.must(err)
	if len(seen) != 0 || len(sessions) != 0 || len(lines) != 1 {
		t.Errorf("the public sees %d meetings, %d sessions, %d lines", len(seen), len(sessions), len(lines))
	}
	all, err := w.Meetings(ctx, member, store.MeetingFilter{})
	w.must(err)
	if len(all) != 2 {
		t.Errorf("members see %d", len(all))
	}
}

// A meeting goes to the session that was planned for its time.
func TestImportLogFindsThePlannedSession(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	id, err := w.AddSession(ctx, hackfest.Session{
		Title: "Weekly", Kind: hackfest.KindMeeting, Network: network, Channel: channel, StartsAt: aug2.Add(5 * time.Minute), EndsAt: aug2.Add(time.Hour), Zone: "UTC",
	}, aug2)
	w.must(err)
	w.bring(newLog(channel, aug2).say("ann", "#startmeeting").say("ann", "#endmeeting").lines)
	list, err := w.MeetingsOfSession(ctx, member, id)
	w.must(err)
	if len(list) != 1 || list[0].Title != "Weekly" {
		t.Errorf("meetings of it: %+v", list)
	}
}

// A meeting that nobody ended ends with its last word, wherever the log is cut.
func TestImportLogEndsWhatNobodyEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newLog(channel, aug2.Add(4*time.Hour+59*time.Minute+50*time.Second)).say("ann", "#startmeeting Over midnight").say("bob", "#info x").say("bob", "last word")
	g.at = g.at.Add(20 * time.Minute)
	g.say("bob", "and one")
	last := g.at.Add(-time.Second)
	g.at = g.at.Add(9 * time.Hour)
	g.say("ann", "good morning")
	w.bring(g.lines[:3])
	w.bring(g.lines[2:])
	list, err := w.Meetings(t.Context(), member, store.MeetingFilter{})
	w.must(err)
	if len(list) != 1 || !list[0].EndedAt.Equal(last) || list[0].EndedBy != "silence" {
		t.Errorf("meetings: %+v, want the end at %s", list, last)
	}
	if n := w.number("select count(*) from lines where kind = 'context'"); n != 2 {
		t.Errorf("%d context lines", n)
	}
	w.plainMinutes()
}

// A log that nobody started a meeting in is one if asked for, also when it comes
// in pieces.
func TestImportLogWhole(t *testing.T) {
	t.Parallel()
	whole := func(in *store.LogImport) { in.Whole = true }
	g := newLog(channel, aug2).say("ann", "hi")
	for i := range 40 {
		g.say("bob", fmt.Sprintf("line %d", i)).say("ann", fmt.Sprintf("#info %d", i))
	}
	one, two := newWorld(t), newWorld(t)
	one.bring(g.lines, whole)
	two.bring(g.lines[30:], whole)
	two.bring(g.lines[:50], whole)
	if a, b := one.plainMinutes(), two.plainMinutes(); a != b || !strings.Contains(a, "39") {
		t.Errorf("at once\n%s\nin pieces\n%s", a, b)
	}
	if again := two.bring(g.lines, whole); again.Added+again.Meetings+again.Rebuilt != 0 {
		t.Errorf("again: %+v", again)
	}
	three := newWorld(t)
	three.bring(g.lines)
	if done := three.bring(g.lines, whole); done.Added != 0 || done.Meetings != 1 {
		t.Errorf("as a meeting afterwards: %+v", done)
	}
}

// Where meetings were to be found leads to them.
func TestOldPaths(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	paths := []old.OldPath{{Path: "/a/2012/a.2012-08-02.log.html", Form: old.LogForm}, {Path: "/a/2012/a.2012-08-02.html", Form: old.MinutesForm}}
	g := newLog(channel, aug2).meeting("Old")
	w.bring(g.lines)
	w.bring(g.lines, func(in *store.LogImport) { in.Old = paths })
	p, err := w.OldPath(ctx, person.PublicViewer, paths[1].Path)
	w.must(err)
	list, err := w.Meetings(ctx, member, store.MeetingFilter{})
	w.must(err)
	if p.Form != old.MinutesForm || p.Ref != list[0].Ref || p.SessionSlug == "" {
		t.Errorf("place: %+v", p)
	}
	w.exec(`update meetings set visibility = 'members'`)
	for _, path := range []string{paths[0].Path, "/nowhere"} {
		if _, err := w.OldPath(ctx, person.PublicViewer, path); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// However a log is cut into pieces that overlap, and in whatever order these come,
// lines and minutes are those of the whole.
func TestImportLogOfPiecesIsImportOfTheWhole(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 7))
			lines := randomLog(r, seed%2 == 1)
			one, many := newWorld(t), newWorld(t)
			one.bring(lines)
			for _, p := range pieces(r, lines) {
				many.bring(p)
			}
			if a, b := one.spoken("eucalyptus-devel"), many.spoken("eucalyptus-devel"); a != b {
				t.Errorf("at once\n%s\nin pieces\n%s", a, b)
			}
			if a, b := one.plainMinutes(), many.plainMinutes(); a != b {
				t.Errorf("at once\n%s\nin pieces\n%s", a, b)
			}
			for _, w := range []world{one, many} {
				if done := w.bring(lines); done.Added+done.Meetings+done.Rebuilt != 0 {
					t.Errorf("again: %+v", done)
				}
			}
		})
	}
}

// randomLog is a log with meetings, some of which nobody ends.
func randomLog(r *rand.Rand, minutesOnly bool) []hackfest.Line {
	g := newLog(channel, aug2)
	for range 3 {
		title := fmt.Sprint("Meeting ", r.IntN(100))
		g.say("ann", "#startmeeting "+title)
		g.say("bot", "Meeting started: "+title).lines[len(g.lines)-1].Bot = true
		for range 20 + r.IntN(40) {
			g.at = g.at.Add(time.Duration(r.IntN(25)) * time.Second)
			nick := []string{"ann", "bob", "cat"}[r.IntN(3)]
			n := r.IntN(1000)
			if r.IntN(10) == 0 {
				g.say("bot", fmt.Sprint("I am a bot ", n)).lines[len(g.lines)-1].Bot = true
			}
			g.say(nick, []string{
				fmt.Sprint("word ", n), fmt.Sprint("#info ", n), fmt.Sprint("#action bob ", n), fmt.Sprint("#topic ", n), "+1", "#undo",
				fmt.Sprint("#agreed ", n), fmt.Sprint("word ", n), fmt.Sprint("https://example.org/", n),
			}[r.IntN(9)])
		}
		if r.IntN(3) > 0 {
			g.say("ann", "#endmeeting")
		}
		g.at = g.at.Add(time.Duration(r.IntN(5)) * time.Hour)
	}
	if minutesOnly {
		for i := range g.lines {
			g.lines[i].At = g.lines[i].At.Truncate(time.Minute)
			if t := g.lines[i].Text; t == "+1" || t == "#undo" {
				g.lines[i].Text = fmt.Sprint(t, " no ", i) // the same twice in a minute cannot be told apart at a seam
			}
		}
	}
	return g.lines
}

// pieces cuts lines into some that overlap by two minutes, in any order.
func pieces(r *rand.Rand, lines []hackfest.Line) [][]hackfest.Line {
	var list [][]hackfest.Line
	for begin := 0; begin < len(lines); {
		end := min(len(lines), begin+15+r.IntN(60))
		list = append(list, lines[begin:end])
		if end == len(lines) {
			break
		}
		back := end - 1
		for back > begin && lines[end-1].At.Sub(lines[back].At) < 2*time.Minute {
			back--
		}
		if begin = back; end-back > 14 {
			begin = end - 10
		}
	}
	for k, p := range list { // a piece tells who is a bot when the bot says that a meeting starts
		p = slices.Clone(p)
		tells := slices.ContainsFunc(p, func(l hackfest.Line) bool { return strings.HasPrefix(l.Text, "Meeting started") })
		for i := range p {
			p[i].Bot = p[i].Bot && tells
		}
		list[k] = p
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// A meeting of an import that was none can be discarded and comes back.
func TestImportLogDiscarded(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog("#silent", aug2).say("ann", "#startmeeting Oops").say("ann", "#endmeeting")
	w.bring(g.lines, func(in *store.LogImport) { in.Channel = "#silent" })
	list, err := w.Meetings(ctx, member, store.MeetingFilter{})
	w.must(err)
	w.must(w.DiscardMeeting(ctx, list[0].Ref))
	if done := w.bring(g.lines, func(in *store.LogImport) { in.Channel = "#silent" }); done.Added+done.Meetings != 0 {
		t.Errorf("an import brought it back: %+v", done)
	}
	w.must(w.RestoreMeeting(ctx, list[0].Ref, today))
	if m, err := w.Meeting(ctx, member, list[0].Ref); err != nil || m.Title != "Oops" || m.Running() {
		t.Errorf("restored: %+v %v", m, err)
	}
}

// Who looks at a channel is told to load the page again when lines came between
// those it shows; the bot's place stays where it was.
func TestTellImported(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).meeting("Live")
	w.record(g)
	id := w.channelID("eucalyptus-devel")
	before, err := w.Changes(ctx, member, store.ChangeQuery{ChannelID: id})
	w.must(err)
	done := w.bring(newLog(channel, aug2.AddDate(-1, 0, 0)).meeting("Old").lines)
	w.must(w.TellImported(ctx, []hackfest.ChannelID{done.ChannelID}))
	after, err := w.Changes(ctx, member, store.ChangeQuery{ChannelID: id, After: before.Cursor})
	w.must(err)
	if !after.More || after.Cursor.Compare(before.Cursor) <= 0 {
		t.Errorf("changes: %+v", after)
	}
	c, err := w.Channel(ctx, member, network, "eucalyptus-devel")
	w.must(err)
	if last := g.lines[len(g.lines)-1].Ref; c.AppliedRef != last {
		t.Errorf("the bot's place moved to %s from %s", c.AppliedRef, last)
	}
	g2 := newLog(channel, g.at).say("bob", "and on")
	w.must(w.Record(ctx, network, channel, apply(meetingState{}, g2.lines), mapping, g2.at))
	if n := w.number("select count(*) from lines where text = 'and on'"); n != 1 {
		t.Error("the bot cannot go on")
	}
}

// A long import holds up no line that the bot hears meanwhile.
func TestImportLogLetsTheBotGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // it would wait for ever
	defer cancel()
	w.record(newLog(channel, aug2).say("ann", "hello"))
	old := newLog(channel, aug2.AddDate(-1, 0, 0)).meeting("Old")
	err := w.InTx(ctx, func(tx *store.Store) error { // as long as this goes on
		if _, err := tx.ImportLog(ctx, store.LogImport{Network: network, Channel: channel, Lines: old.lines}, today); err != nil {
			return err
		}
		g := newLog(channel, aug2.Add(time.Minute)).say("bob", "and on")
		return w.Record(ctx, network, channel, apply(meetingState{}, g.lines), mapping, g.at)
	})
	w.must(err)
	if n := w.number("select count(*) from lines where text = 'and on'"); n != 1 {
		t.Errorf("%d lines", n)
	}
}
