package jobs

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// seven is when sessions of these tests start: half past midnight in Kolkata.
var seven = noon.Add(7 * time.Hour)

// where is how an announcement of "Evening" ends.
var where = " · " + announce.When(seven, "Asia/Kolkata") + " · #euca · http://portal.example/sessions/" +
	seven.AddDate(0, 0, 1).Format(time.DateOnly) + "-evening"

func TestSessionIsAnnouncedThreeTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("Evening", seven, nil)
	w.start()
	for _, tt := range []struct {
		name   string
		before time.Duration
		want   []string
	}{
		{"two hours before", 2 * time.Hour, nil},
		{"noted a minute before it is due", time.Hour + time.Minute, nil},
		{"an hour before", time.Hour, []string{"#euca In 1 h: Evening" + where}},
		{"again", time.Hour - time.Minute, nil},
		{"nine minutes before, the portal having slept", 9 * time.Minute, []string{"#euca In 9 min: Evening" + where}},
		{"at the start", 0, []string{"#euca Starting now: Evening" + where}},
		{"again", -time.Minute, nil},
	} {
		w.plan(seven.Add(-tt.before))
		w.want(tt.name, w.voice.lines(), tt.want)
	}
	w.want("deliveries", w.states(), []string{"hour sent", "ten sent", "start sent"})
	w.want("listed", w.listed(), nil)
}

// River says it when it is due, not only when somebody looks.
func TestAnnouncementComesByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("Evening", seven, nil)
	w.at(seven.Add(-time.Hour - 90*time.Second))
	w.start()
	w.eventually("it is noted", func() bool { return len(w.states()) == 1 })
	w.settled()
	w.want("too early", w.voice.lines(), nil)
	w.at(seven.Add(-time.Hour))
	w.eventually("it is said", func() bool { return len(w.states()) == 1 && w.states()[0] == "hour sent" })
	w.want("said", w.voice.lines(), []string{"#euca In 1 h: Evening" + where})
}

func TestWhatIsNotAnnounced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`update channels set visibility = 'members' where folded = '#members'`)
	w.must(w.OpenChannels(t.Context(), "test", []string{"#quiet", "#left"}, "", noon))
	w.exec(`update channels set announce = false where folded = '#quiet'`)
	w.exec(`update channels set joined = false where folded = '#left'`)
	w.session("Where nothing is announced", seven, func(s *hackfest.Session) { s.Channel = "#quiet" })
	w.session("Where the bot is not", seven, func(s *hackfest.Session) { s.Channel = "#left" })
	w.session("Proposed", seven, func(s *hackfest.Session) { s.State = hackfest.StateProposed })
	w.session("Cancelled", seven, func(s *hackfest.Session) { s.State = hackfest.StateCancelled })
	w.session("For members in a public channel", seven, func(s *hackfest.Session) { s.Visibility = person.MembersOnly })
	begun := w.session("Begun early", seven, nil)
	w.exec(`update sessions set held = 1 where id = $1`, begun)
	w.record(seven.Add(-20*time.Minute), "#startmeeting Made on the spot")
	w.session("For members", seven, func(s *hackfest.Session) { s.Visibility, s.Channel = person.MembersOnly, "#members" })
	w.start()
	w.plan(seven.Add(-time.Hour))
	w.plan(seven)
	var noted int
	w.must(w.pool.QueryRow(t.Context(), `select count(*) from deliveries where recipient in ('test/#quiet', 'test/#left')`).Scan(&noted))
	if noted > 0 {
		t.Errorf("%d announcements are noted where none are wanted", noted)
	}
	said := w.voice.lines()
	for _, l := range said {
		if !strings.HasPrefix(l, "#members ") || !strings.Contains(l, "For members ·") {
			t.Errorf("said %s", l)
		}
	}
	if len(said) != 2 {
		t.Errorf("said %d lines", len(said))
	}
}

func TestScheduleChangesAfterItWasNoted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, change string
		want         []string // deliveries after a look when it was due
		said         int
	}{
		{"cancelled", `update sessions set state = 'cancelled'`, []string{"hour dropped: The session was cancelled."}, 0},
		{"hidden", `update sessions set visibility = 'members'`, []string{"hour dropped: It is not for everybody in the channel any more."}, 0},
		{"begun", `update sessions set held = 1`, []string{"hour dropped: The session had begun already."}, 0},
		{"announcements switched off", `update channels set announce = false`, []string{"hour dropped: Announcements were switched off for the channel, or the bot was taken out of it."}, 0},
		{"the bot taken out", `update channels set joined = false`, []string{"hour dropped: Announcements were switched off for the channel, or the bot was taken out of it."}, 0},
		{"in another channel", `update sessions set channel_id = (select id from channels where folded = '#members')`, []string{"hour dropped: The session was moved to another channel.", "hour sent"}, 1},
		{
			"moved by two minutes", `update sessions set starts_at = starts_at + interval '2 minutes'`,
			[]string{"hour dropped: The session was moved to another time.", "hour pending"},
			0,
		},
		{"gone", `delete from sessions`, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.session("Evening", seven, nil)
			w.start()
			w.plan(seven.Add(-time.Hour - time.Minute))
			w.want("noted", w.states(), []string{"hour pending"})
			w.exec(tt.change)
			w.at(seven.Add(-time.Hour))
			w.eventually("River has tried", func() bool { s := w.states(); return len(s) == 0 || s[0] != "hour pending" })
			w.plan(w.now())
			w.want("deliveries", w.states(), tt.want)
			w.want("listed", w.listed(), nil)
			if said := w.voice.lines(); len(said) != tt.said {
				t.Errorf("said %q", said)
			}
		})
	}
}

func TestNobodyHears(t *testing.T) {
	t.Parallel()
	due := seven.Add(-time.Hour)
	for _, tt := range []struct {
		name   string
		absent bool
		fails  error
		back   time.Duration // after it was due, when the bot can be heard again
		want   string
		listed []string
	}{
		{"not in the channel for five minutes", true, nil, 5 * time.Minute, "hour sent", nil},
		{"too long", true, nil, 11 * time.Minute, "hour dropped: Nobody could say it in time.", []string{"hour dropped Evening #euca"}},
		{"certainly not said at first", false, errUnsaid, time.Minute, "hour sent", nil},
		{"nobody knows", false, errUnknown, time.Minute, "hour unknown: The connection ended while it was being sent.", []string{"hour unknown Evening #euca"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.session("Evening", seven, nil)
			w.voice.set(tt.absent, tt.fails)
			w.start()
			w.plan(due)
			w.plan(due.Add(30 * time.Second))
			w.want("not heard", w.voice.lines(), nil)
			w.voice.set(false, nil)
			w.plan(due.Add(tt.back))
			w.plan(due.Add(tt.back + 30*time.Second))
			w.want("deliveries", w.states(), []string{tt.want})
			w.want("listed", w.listed(), tt.listed)
			if n := len(w.voice.lines()); (n == 1) != strings.HasSuffix(tt.want, "sent") {
				t.Errorf("said %d times", n)
			}
		})
	}
}

// Without any bot it is dropped by whoever plans, and what was due while nothing
// ran at all is listed as well.
func TestNoBotAtAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("Evening", seven, nil)
	w.session("Too long ago", seven.Add(-3*time.Hour), nil)
	w.run(func(ctx context.Context) error { return Lead(ctx, w.config()) })
	w.at(seven.Add(-time.Hour))
	w.eventually("noted", func() bool { return len(w.states()) == 1 })
	w.plan(seven.Add(-40 * time.Minute))
	w.plan(seven.Add(30 * time.Minute))
	w.want("deliveries", w.states(), []string{
		"hour dropped: Nobody could say it in time.", "ten dropped: Nobody could say it in time.", "start dropped: Nobody could say it in time.",
	})
	w.want("listed", w.listed(), []string{"start dropped Evening #euca", "ten dropped Evening #euca", "hour dropped Evening #euca"})
}

// What a bot was sending when it ended is unknown, and is never sent again.
func TestCutOffWhileSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("Evening", seven, nil)
	due := seven.Add(-time.Hour)
	w.at(due)
	w.must(w.PlanDeliveries(t.Context(), due, due))
	w.exec(`update deliveries set state = 'sending', sending_at = $1`, due)
	w.start()
	w.eventually("it is unknown", func() bool { return w.states()[0] != "hour sending" })
	w.plan(due.Add(time.Minute))
	w.want("deliveries", w.states(), []string{"hour unknown: The bot ended while it was being sent."})
	w.want("listed", w.listed(), []string{"hour unknown Evening #euca"})
	w.want("said", w.voice.lines(), nil)
}

// Many jobs for one delivery, and two bots that should not be, say it once, also
// while one of them is still at it.
func TestManyTriesSayItOnce(t *testing.T) {
	t.Parallel()
	const tries = 20
	const q = `select count(*) from river_job where kind = 'announce' and state <> 'completed'`
	w := newWorld(t)
	w.voice.held = make(chan struct{})
	release := sync.OnceFunc(func() { close(w.voice.held) })
	w.session("Evening", seven, nil)
	due := seven.Add(-time.Hour)
	w.at(due)
	w.must(w.PlanDeliveries(t.Context(), due, due))
	list, err := w.QueueDeliveries(t.Context(), due, due, due, due)
	w.must(err)
	for range tries {
		_, err := w.insert.Insert(t.Context(), announceArgs{Delivery: list[0].ID}, &river.InsertOpts{Queue: queueIRC})
		w.must(err)
	}
	w.start()
	w.run(func(ctx context.Context) error { return Speak(ctx, w.config(), w.voice) })
	t.Cleanup(release)
	w.eventually("all but one have found nothing to do", func() bool {
		var n int
		w.must(w.pool.QueryRow(t.Context(), q).Scan(&n))
		return n == 1
	})
	release()
	w.settled()
	w.want("said", w.voice.lines(), []string{"#euca In 1 h: Evening" + where})
}

func TestMinutesAreAnnouncedWhenPublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.record(noon, "#startmeeting Weekly", "#agreed we go on", "#action ann: write it", "#endmeeting")
	w.start()
	w.plan(noon.Add(time.Hour))
	w.want("only ended: the bot has said so itself", w.voice.lines(), nil)
	m, err := w.Minutes(t.Context(), person.PublicViewer, ref)
	w.must(err)
	for i, note := range []string{"", "A name was wrong."} {
		_, err = w.PublishMinutes(t.Context(), ref, m, "All went well.", note, noon.Add(2*time.Hour))
		w.must(err)
		w.plan(noon.Add(2*time.Hour + time.Duration(i+1)*time.Minute))
	}
	w.want("published and corrected", w.voice.lines(), []string{
		"#euca Minutes published: Weekly · " + announce.When(noon, "UTC") + " · 1 decision, 1 action · #euca · http://portal.example/meetings/" + ref.String(),
	})
	w.want("deliveries", w.states(), []string{"minutes sent"})
}

// Old minutes, as an import brings them, are no news.
func TestOldMinutesAreNotAnnounced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.record(noon.AddDate(0, -1, 0), "#startmeeting Weekly", "#endmeeting")
	m, err := w.Minutes(t.Context(), person.PublicViewer, ref)
	w.must(err)
	_, err = w.PublishMinutes(t.Context(), ref, m, "", "", noon)
	w.must(err)
	w.start()
	w.plan(noon)
	w.want("deliveries", w.states(), nil)
}

// record stores what ann says in #euca from at on, a second between the lines,
// and returns the ref of her first line.
func (w *world) record(at time.Time, said ...string) hackfest.Ref {
	w.t.Helper()
	var state meeting.State
	var batch []meeting.Applied
	for i, text := range said {
		l := hackfest.Line{
			Ref: hackfest.Ref{0: 1, 14: byte(at.Unix() % 200), 15: byte(i + 1)}, Network: "test", Channel: "#euca", At: at.Add(time.Duration(i) * time.Second),
			ReceivedAt: at, Kind: hackfest.Message, Nick: "ann", Text: text,
		}
		a := meeting.Applied{Line: l}
		state, a.Effects = meeting.Apply(state, l)
		batch = append(batch, a)
	}
	w.must(w.Record(w.t.Context(), "test", "#euca", batch, "", at))
	return batch[0].Line.Ref
}
