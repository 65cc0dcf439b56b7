package announce

import (
	"archive/zip"
	"flag"
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

const base = "http://hackfest.example.org"

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

// now is a Wednesday, some time before the weekly hackfest.
var now = at("2026-10-28 16:50")

func session(title, start, zone string) hackfest.Session {
	return hackfest.Session{
		Slug: hackfest.SessionSlug(at(start), title), Title: title, Kind: hackfest.KindHackfest, State: hackfest.StateScheduled,
		StartsAt: at(start), EndsAt: at(start).Add(2 * time.Hour), Zone: zone, Network: "freenode", Channel: "#eucalyptus-devel",
	}
}

func facts() Facts {
	cancelled := session("Release week", "2026-11-04 20:00", "America/Los_Angeles")
	cancelled.State = hackfest.StateCancelled
	proposed := session("AppScale", "2026-11-05 20:00", "America/Los_Angeles")
	proposed.State = hackfest.StateProposed
	elsewhere := session("Bengaluru evening", "2026-10-29 13:30", "Asia/Kolkata")
	elsewhere.Network, elsewhere.Channel = "oftc", "#euca-in"
	lesson := func(kind hackfest.LessonKind, target, text string) hackfest.Lesson {
		return hackfest.Lesson{Kind: kind, TargetSlug: target, Text: text}
	}
	return Facts{
		At: now,
		Sessions: []hackfest.Session{
			session("OpenShift Origin on Euca 3.1", "2026-10-28 19:00", "America/Los_Angeles"),
			elsewhere, cancelled, proposed,
			session("New Year hackfest", "2027-01-06 20:00", "America/Sao_Paulo"),
		},
		Targets: []hackfest.Target{
			{Slug: "appscale", Name: "AppScale", Stage: hackfest.StageIdea, StagedAt: at("2026-09-01 12:00")},
			{Slug: "openshift-origin", Name: "OpenShift Origin", Stage: hackfest.StageTrying, Sentence: "The broker starts; nodes time out.", StagedAt: at("2026-10-03 12:00")},
			{Slug: "openstack-swift", Name: "OpenStack Swift", Stage: hackfest.StageNotes, StagedAt: at("2026-08-03 12:00")},
		},
		Lessons: []hackfest.Lesson{
			lesson(hackfest.LessonAvoid, "openshift-origin", "Fedora 17: the packages are made for 16."),
			lesson(hackfest.LessonDoAgain, "openshift-origin", "Prepare the image the day before."),
			lesson(hackfest.LessonUnknown, "", "Whether m1.large is enough."),
			lesson(hackfest.LessonBroken, "appscale", "The installer wants a newer Ruby than the image has, "+strings.Repeat("and so on, ", 20)+"until it stops."),
		},
	}
}

// What the bot answers, in full: read testdata/answers.txt.
func TestAnswers(t *testing.T) {
	t.Parallel()
	live := facts()
	live.Sessions[0].Running, live.Sessions[0].Held = 1, 1
	old := facts()
	old.At = now.Add(-12 * time.Minute)
	long := facts()
	long.Sessions[0].Title = strings.Repeat("Überlänge ", 20)
	var many Facts
	many.At = now
	for i := range 40 {
		many.Targets = append(many.Targets, hackfest.Target{Slug: fmt.Sprint("t", i), Name: fmt.Sprint("Target number ", i), Stage: hackfest.StagePlanned})
		many.Sessions = append(many.Sessions, session(fmt.Sprint("Evening number ", i), "2026-11-10 20:00", "Europe/Berlin"))
	}
	hostile := facts()
	hostile.Sessions[0].Title = "a\r\nQUIT\x02bold\x0304,05red\u202egpj.exe \x01ACTION"
	var out strings.Builder
	for _, tt := range []struct {
		name  string
		facts Facts
		asks  []string
		brief bool
		zone  string
	}{
		{"usual", facts(), []string{
			"!next", "!NEXT and more", "!schedule", "!schedule 1", "!schedule 99", "!schedule all", "!targets", "!target",
			"!target openshift origin", "!target Open", "!target swift", "!target nothing", "!lessons", "!lessons appscale",
			"!lessons openshift", "!lessons nothing", "!time", "!time Asia/Kolkata", "!time kolkata", "!time new york",
			"!time Asia/Kathmandu", "!time PDT", "!time ../etc/passwd", "!time Local", "!help",
		}, false, ""},
		{"of somebody whose zone is known", facts(), []string{"!next", "!schedule 5", "!time", "!time kolkata"}, false, "Europe/Berlin"},
		{"of somebody in a zone without a name", facts(), []string{"!next", "!schedule", "!time"}, false, "Asia/Kathmandu"},
		{"of somebody in a zone that is gone", facts(), []string{"!next", "!schedule", "!time"}, false, "Mars/Olympus"},
		{"while it runs", live, []string{"!next", "!time Kolkata", "!schedule"}, true, ""},
		{"the database is away", old, []string{"!next", "!schedule", "!targets", "!lessons"}, false, ""},
		{"nothing was ever read", Facts{}, []string{"!next", "!targets", "!time kolkata", "!help"}, false, ""},
		{"an empty community", Facts{At: now}, []string{"!next", "!schedule", "!targets", "!target x", "!lessons", "!time", "!time Kolkata"}, false, ""},
		{"a long title", long, []string{"!next", "!schedule"}, false, ""},
		{"many of all", many, []string{"!targets", "!target number", "!schedule 10"}, false, ""},
		{"many of all in a meeting", many, []string{"!targets", "!schedule 10"}, true, ""},
		{"a hostile title", hostile, []string{"!next"}, false, ""},
	} {
		fmt.Fprintf(&out, "# %s\n", tt.name)
		for _, ask := range tt.asks {
			q, ok := Parse(ask, false)
			if !ok {
				t.Errorf("%q is not understood", ask)
			}
			q.Brief, q.Zone = tt.brief, tt.zone
			lines := Answer(tt.facts, q, "freenode", base, now)
			if len(lines) > maxLines || tt.brief && len(lines) > 1 {
				t.Errorf("%s: %s: %d lines", tt.name, ask, len(lines))
			}
			fmt.Fprintf(&out, "\n<ann> %s\n", ask)
			for _, l := range lines {
				check(t, l)
				fmt.Fprintf(&out, "%s\n", l)
			}
		}
		fmt.Fprintln(&out)
	}
	golden(t, "answers.txt", out.String())
}

// begins is how lines of ours begin: never with what people typed.
var begins = regexp.MustCompile(`^(Next|The hackfest|Welcome|Noted, |On the board|Live now|Schedule|Targets|Target|Which one|Lessons|It is|I |There |Nothing |In \d|Starting now|Cancelled|Moved|Takes place|Started \d|Minutes published|Outcome|…)`)

// check is what holds for every line of ours.
func check(t *testing.T, line string) {
	t.Helper()
	if len(line) > maxLine || !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x202e }) || !begins.MatchString(line) {
		t.Errorf("%d bytes: %q", len(line), line)
	}
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s:%d differs:\n got %q\nwant %q", path, i+1, slices.Concat(g, []string{""})[min(i, len(g))], slices.Concat(w, []string{""})[min(i, len(w))])
		}
	}
}

// What the bot announces, in full: read testdata/announcements.txt.
func TestAnnouncements(t *testing.T) {
	t.Parallel()
	weekly := session("OpenShift Origin on Euca 3.1", "2026-10-28 19:00", "America/Los_Angeles")
	india := session("Bengaluru evening", "2026-10-28 19:00", "Asia/Kolkata")
	long := session(strings.Repeat("長い名前 ", 40), "2026-10-28 19:00", "UTC")
	nowhere := session("Zone that is gone", "2026-10-28 19:00", "Mars/Olympus")
	var out strings.Builder
	before := []time.Duration{
		time.Hour, time.Hour - 3*time.Second, 51 * time.Minute, 10 * time.Minute, 3 * time.Second, 0, -59 * time.Second, -4 * time.Minute,
	}
	for i, s := range []hackfest.Session{weekly, india, long, nowhere} {
		for _, before := range before[:max(1, len(before)-len(before)*i)] {
			line := Start(s, base, s.StartsAt.Add(-before))
			check(t, line)
			fmt.Fprintf(&out, "%-6s %s\n", before, line)
		}
	}
	m := hackfest.Meeting{Ref: hackfest.Ref{15: 7}, Title: "Weekly meeting", StartedAt: at("2026-10-28 19:02"), SessionZone: "Europe/Berlin", Channel: "#eucalyptus-meeting", Decisions: 1, Actions: 3}
	fmt.Fprintln(&out, Minutes(m, base))
	m.Title = strings.Repeat("x", 500)
	fmt.Fprintln(&out, Minutes(m, base))
	check(t, Minutes(m, base))
	changes := func(n int) hackfest.IssueChanges { return hackfest.IssueChanges{Count: n} }
	for _, o := range []hackfest.Outcome{
		{
			From: weekly.StartsAt, Merged: changes(2), Offered: changes(1), Closed: changes(3), Opened: changes(1),
			Repositories: []hackfest.OutcomeRepository{{Commits: 13, Authors: 2}, {Commits: 1}, {Commits: 5, RecordedAt: weekly.StartsAt}},
			Tested:       []hackfest.MatrixChange{{RecipeResult: hackfest.RecipeResult{RecipeSlug: "a"}}, {RecipeResult: hackfest.RecipeResult{RecipeSlug: "a"}}},
		},
		{From: weekly.StartsAt, Opened: changes(1)},
	} {
		for _, s := range []hackfest.Session{weekly, long, nowhere} {
			check(t, Outcome(s, o, base))
			fmt.Fprintln(&out, Outcome(s, o, base))
		}
	}
	golden(t, "announcements.txt", out.String())
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		alone, ok  bool
		want       Question
	}{
		{"a word", "!next", false, true, Question{Name: "next"}},
		{"any case", "!NeXt", false, true, Question{Name: "next"}},
		{"an argument", "!time  new   york ", false, true, Question{Name: "time", Arg: "new york"}},
		{"coloured", "\x0304!next\x03", false, true, Question{Name: "next"}},
		{"of another bot", "!weather Berlin", false, false, Question{}},
		{"longer", "!nextweek", false, false, Question{}},
		{"not at the beginning", "try !next", false, false, Question{}},
		{"a blank between", "! next", false, false, Question{}},
		{"alone", "!", false, false, Question{}},
		{"excited", "!!!", false, false, Question{}},
		{"without the mark", "next", false, false, Question{}},
		{"without the mark, in private", "next", true, true, Question{Name: "next"}},
		{"to be done", "!coming 2026-10-28-openshift", false, true, Question{Name: "coming", Arg: "2026-10-28-openshift"}},
		{"to be done, in private", "!idea Swift on Euca", true, true, Question{Name: "idea", Arg: "Swift on Euca"}},
		{"to be done, without the mark, in private", "coming home late", true, false, Question{}},
		{"something else in private", "my password is x", true, false, Question{}},
		{"a command of meetings in private", "#topic x", true, false, Question{}},
		{"nothing", "", true, false, Question{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := Parse(tt.text, tt.alone); ok != tt.ok || got != tt.want {
				t.Errorf("got %+v, %t", got, ok)
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	s := session("Weekly", "2026-10-28 19:00", "UTC")
	s.ChannelID = 7
	due := s.StartsAt.Add(-time.Hour)
	change := func(f func(*hackfest.Session)) hackfest.Session { c := s; f(&c); return c }
	for _, tt := range []struct {
		name     string
		occasion hackfest.Occasion
		session  hackfest.Session
		after    time.Duration // the moment it was due
		want     string
		missed   bool
	}{
		{"in time", hackfest.OccasionHour, s, 5 * time.Second, "", false},
		{"ten minutes late", hackfest.OccasionHour, s, 10 * time.Minute, "", false},
		{"later", hackfest.OccasionHour, s, 10*time.Minute + 1, "Nobody could", true},
		{"almost at the start", hackfest.OccasionTen, s, 9 * time.Minute, "Nobody could", true},
		{"cancelled, and too late", hackfest.OccasionHour, change(func(c *hackfest.Session) { c.State = hackfest.StateCancelled }), time.Hour, "cancelled", false},
		{"proposed again", hackfest.OccasionHour, change(func(c *hackfest.Session) { c.State = hackfest.StateProposed }), 0, "not scheduled", false},
		{"moved by a minute", hackfest.OccasionHour, change(func(c *hackfest.Session) { c.StartsAt = c.StartsAt.Add(time.Minute) }), 0, "another time", false},
		{"in another channel", hackfest.OccasionHour, change(func(c *hackfest.Session) { c.ChannelID = 8 }), 0, "another channel", false},
		{"begun early", hackfest.OccasionStart, change(func(c *hackfest.Session) { c.Held = 1 }), 0, "begun", false},
		{"minutes of a session that was held", hackfest.OccasionMinutes, change(func(c *hackfest.Session) { c.Held = 1 }), time.Hour, "", false},
		{"minutes of yesterday", hackfest.OccasionMinutes, s, 24 * time.Hour, "Nobody could", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := hackfest.Delivery{Outlet: hackfest.OutletIRC, Occasion: tt.occasion, StartsAt: s.StartsAt, ChannelID: 7, DueAt: due}
			got, missed := Refusal(d, tt.session, due.Add(tt.after))
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) || missed != tt.missed {
				t.Errorf("got %q, %t", got, missed)
			}
		})
	}
}

// The channel that a session has left is told where it is now, until it leaves that
// one as well.
func TestRefusalWhereItWas(t *testing.T) {
	t.Parallel()
	s := session("Weekly", "2026-10-28 19:00", "UTC")
	s.ChannelID, s.MovedFrom = 8, s.StartsAt
	d := hackfest.Delivery{Outlet: hackfest.OutletIRC, Occasion: hackfest.OccasionMoved, StartsAt: s.StartsAt, ChannelID: 7, DueAt: s.StartsAt.Add(-time.Hour), Left: true}
	for _, left := range []bool{true, false} {
		d.Left = left
		if got, _ := Refusal(d, s, d.DueAt); (got == "") != left {
			t.Errorf("left just now %t: %q", left, got)
		}
	}
}

// The places are those of the zone database, and all can be shown.
func TestPlaces(t *testing.T) {
	t.Parallel()
	archive, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Skip("no zone database in the Go distribution: ", err)
	}
	defer archive.Close()
	areas := map[string]bool{}
	var have, want []string
	for _, p := range places {
		areas[p.area] = true
		for name := range strings.FieldsSeq(p.names) {
			have = append(have, p.area+"/"+name)
		}
	}
	for _, f := range archive.File {
		if area, _, ok := strings.Cut(f.Name, "/"); ok && areas[area] && !strings.HasSuffix(f.Name, "/") {
			want = append(want, f.Name)
		}
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("%d places, the database has %d", len(have), len(want))
	}
	for _, name := range have {
		if _, err := time.LoadLocation(name); err != nil {
			t.Error(err)
		}
		if FindZone(strings.ToLower(name)) != name {
			t.Errorf("%s is not found", name)
		}
	}
	for _, target := range known {
		if _, err := time.LoadLocation(target); err != nil {
			t.Error(err)
		}
	}
}

func TestFindZone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"a city", "Kolkata", "Asia/Kolkata"},
		{"its old name", "calcutta", "Asia/Calcutta"},
		{"two words", "los  angeles", "America/Los_Angeles"},
		{"two words as in the name", "los_angeles", "America/Los_Angeles"},
		{"three parts", "america/argentina/buenos aires", "America/Argentina/Buenos_Aires"},
		{"an old name with a country", "US/Pacific", "US/Pacific"},
		{"what people say", "Pacific", "America/Los_Angeles"},
		{"UTC", "utc", "UTC"},
		{"half a city", "Kolk", ""},
		{"of the machine", "Local", ""},
		{"outside the database", "../../etc/passwd", ""},
		{"nothing", " ", ""},
	} {
		if got := FindZone(tt.text); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Lines about what was changed or answered are lines of ours too, however long the
// names in them: with the whole address, and never with what people typed first.
func TestLongestLines(t *testing.T) {
	t.Parallel()
	s := session(strings.Repeat("a very long title ", 8), "2026-10-28 23:00", "America/Argentina/ComodRivadavia")
	s.Channel, s.Reason = "#"+strings.Repeat("c", 31), strings.Repeat("release week ", 10)
	s.MovedFrom = s.StartsAt.AddDate(0, 0, -2)
	url := base + "/sessions/" + s.Slug
	idea := hackfest.Target{Name: strings.Repeat("!op mallory ", 10), Slug: strings.TrimSuffix(strings.Repeat("op-mallory-", 5), "-"), Stage: hackfest.StageNotes}
	for _, tt := range []struct{ name, line, end string }{
		{"moved", Changed(s, hackfest.OccasionMoved, base), url},
		{"cancelled", Changed(s, hackfest.OccasionCancelled, base), url},
		{"reinstated", Changed(s, hackfest.OccasionReinstated, base), url},
		{"coming", Answered(s, "`"+strings.Repeat("n", 60), hackfest.AnswerComing, 500, "", base), url},
		{"regrets", Answered(s, "`op", hackfest.AnswerRegrets, 0, "Mars/Olympus", ""), " UTC"},
		{"an idea", Suggested(idea, false, base), base + "/targets/" + idea.Slug},
		{"an idea of many", Suggested(idea, true, base), base + "/targets/" + idea.Slug},
	} {
		check(t, tt.line)
		if !strings.HasSuffix(tt.line, tt.end) {
			t.Errorf("%s: %q", tt.name, tt.line)
		}
	}
	s.Title, s.Reason = "Weekly", "release week"
	if got, want := Changed(s, hackfest.OccasionCancelled, base), "Cancelled: Weekly · Wed 28 Oct 2026 20:00 (America/Argentina/ComodRivadavia) = 23:00 UTC · release week · "; !strings.HasPrefix(got, want) {
		t.Errorf("got %q", got)
	}
}

// However long and odd what people typed, a line stays a line of ours.
func FuzzLines(f *testing.F) {
	f.Add("OpenShift Origin", "#euca", "Asia/Kolkata", "!schedule 9")
	f.Add(strings.Repeat("é", 200), "#"+strings.Repeat("x", 49), "", "!lessons é")
	f.Add("a b\x00\xff\u2066c", "##c", "Local", "!target a")
	f.Fuzz(func(t *testing.T, text, channel, zone, ask string) {
		channel = cut(clean(channel), 50)
		s := session("x", "2026-10-28 19:00", zone)
		if len(zone) > 40 {
			s.Zone = "UTC"
		}
		s.Title, s.Channel = text, channel
		check(t, Start(s, base, now))
		fs := Facts{
			At: now.Add(-time.Hour), Sessions: []hackfest.Session{s, s, s, s},
			Targets: []hackfest.Target{{Name: text, Slug: "a", Stage: hackfest.StageTrying, Sentence: text}, {Name: text + "b", Slug: "b", Stage: hackfest.StageIdea}},
			Lessons: []hackfest.Lesson{{Text: text}, {Text: text}, {Text: text}, {Text: text, TargetSlug: "a"}},
		}
		for _, ask := range []string{ask, "!next", "!schedule 4", "!targets", "!target a", "!lessons"} {
			if q, ok := Parse(ask, true); ok {
				for _, line := range Answer(fs, q, "", base, now) {
					check(t, line)
				}
			}
		}
	})
}
