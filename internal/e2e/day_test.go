package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testirc"
	"github.com/eucalyptus/hackfest/internal/testmail"
)

// message is one that should go, or went: to an address, a channel or a nick.
type message struct{ outlet, occasion, title, to string }

// day is a day of three series with forty followers.
type day struct {
	*herald
	start    map[string]time.Time // by title
	session  map[string]hackfest.Session
	should   map[message]bool
	watchers []*testirc.Client
	kills    int
}

var dayChannels = []string{"#alpha", "#beta", "#gamma"}

// people of the day, by the letter that their names begin with.
const (
	fans    = 10 // a: follow all
	alphas  = 10 // s: follow the series Alpha
	betas   = 8  // b: follow the series Beta
	gammas  = 4  // t: follow the target of the series Gamma; the first two come
	comers  = 5  // r: come to Alpha; the first two have proven their nicks, and the first is on IRC
	regrets = 1  // n: do not come to Alpha
	weeklys = 2  // w: follow all, by one mail a week
)

// names are those of n people.
func names(letter string, n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("%s%02d", letter, i+1))
	}
	return list
}

func newDay(t *testing.T) *day {
	t.Helper()
	d := &day{herald: newHerald(t, dayChannels...), start: map[string]time.Time{}, session: map[string]hackfest.Session{}, should: map[message]bool{}}
	wednesday := d.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 2)
	for wednesday.Weekday() != time.Wednesday {
		wednesday = wednesday.AddDate(0, 0, 1)
	}
	ctx := t.Context()
	_, err := d.herald.store.AddTarget(ctx, hackfest.Target{Name: "OpenShift"}, time.Now())
	d.must(err)
	for i, title := range []string{"Alpha", "Beta", "Gamma"} {
		at := wednesday.Add(time.Duration(14+2*i) * time.Hour)
		_, err := d.herald.store.AddSeries(ctx, hackfest.Series{
			Title: title, Kind: hackfest.KindHackfest, Network: "test", Channel: dayChannels[i], Rule: "FREQ=WEEKLY", First: at, Zone: "UTC", Length: time.Hour,
			TargetSlug: map[string]string{"Gamma": "openshift"}[title],
		}, time.Now())
		d.must(err)
		list, err := d.herald.store.Sessions(ctx, everything, store.SessionFilter{From: at, Series: strings.ToLower(title), Limit: 1})
		d.must(err)
		d.start[title], d.session[title] = at, list[0]
	}
	d.people()
	eye := testirc.Dial(t, d.irc.Addr, "eye")
	for _, c := range dayChannels {
		eye.Join(c)
	}
	r01 := testirc.Dial(t, d.irc.Addr, "r01")
	r01.Join("#alpha")
	d.watchers = append(d.watchers, eye, r01)
	return d
}

// people adds the followers.
func (d *day) people() {
	d.t.Helper()
	add := func(letter string, n int, f hackfest.Following) {
		for _, name := range names(letter, n) {
			id := d.follower(name, f)
			switch {
			case letter == "r", letter == "t" && name <= "t02":
				d.answer(id, d.session[map[string]string{"r": "Alpha", "t": "Gamma"}[letter]].ID, hackfest.AnswerComing)
			case letter == "n":
				d.answer(id, d.session["Alpha"].ID, hackfest.AnswerRegrets)
			}
			if name == "r01" || name == "r02" {
				d.must(d.exec(`insert into identities (person_id, kind, network, value, proven_at, since) values ($1, 'nick', 'test', $2, $3, $3)`, id, name, time.Now()))
			}
		}
	}
	add("a", fans, hackfest.Following{Scope: hackfest.FollowAll})
	add("s", alphas, hackfest.Following{Scope: hackfest.FollowSeries, Series: "alpha"})
	add("b", betas, hackfest.Following{Scope: hackfest.FollowSeries, Series: "beta"})
	add("t", gammas, hackfest.Following{Scope: hackfest.FollowTarget, Target: "openshift"})
	add("r", comers, hackfest.Following{Scope: hackfest.FollowSession, Session: d.session["Alpha"].Slug})
	add("n", regrets, hackfest.Following{Scope: hackfest.FollowSession, Session: d.session["Alpha"].Slug})
	add("w", weeklys, hackfest.Following{Scope: hackfest.FollowAll, Pace: hackfest.PaceWeekly})
}

// mails says which letters should go.
func (d *day) mails(occasion, title string, to ...[]string) {
	for _, name := range slices.Concat(to...) {
		d.should[message{"mail", occasion, title, name + "@example.org"}] = true
	}
}

// line says that a channel should be told.
func (d *day) line(occasion, title string) {
	d.should[message{"irc", occasion, title, "#" + strings.ToLower(title)}] = true
}

// crashed kills the portal and starts it again.
func (d *day) crashed() {
	d.t.Helper()
	d.kills++
	d.crash(dayChannels...)
}

// A day in fast time. Every message that should go goes once, or is known to be
// unknown: at most one for each time that the portal is killed. None goes twice,
// and none that should not.
func TestDayInFastTime(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	begun := time.Now()
	a, s, b, c, r := names("a", fans), names("s", alphas), names("b", betas), names("t", gammas), names("r", comers)
	alpha, beta, gamma := d.start["Alpha"], d.start["Beta"], d.start["Gamma"]

	for title, to := range map[string][]string{"Alpha": slices.Concat(s, r), "Beta": b, "Gamma": c} {
		d.mails("day", title, a, to)
		d.line("day", title)
	}
	for _, start := range []time.Time{alpha, beta, gamma} {
		d.tick(start.Add(-24*time.Hour + time.Second))
	}

	d.mails("hour", "Alpha", r)
	d.line("hour", "Alpha")
	d.killedWithALetter(alpha.Add(-time.Hour), "r03")

	d.line("ten", "Alpha")
	d.should[message{"notice", "ten", "Alpha", "r01"}] = true
	d.tick(alpha.Add(-10 * time.Minute))
	d.line("start", "Alpha")
	d.tick(alpha)
	d.meeting("Alpha")

	_, err := d.herald.store.CancelSession(t.Context(), d.session["Beta"].Slug, "The cloud is down.", 0, 0, d.now())
	d.must(err)
	d.mails("cancelled", "Beta", a, b)
	d.line("cancelled", "Beta")
	d.tick(d.now().Add(time.Second))
	d.tick(beta.Add(-time.Hour))
	d.publish("Alpha")
	d.mails("minutes", "Alpha", a, s, r)
	d.line("minutes", "Alpha")
	for _, at := range []time.Duration{-49 * time.Minute, -10 * time.Minute, 0} {
		d.tick(beta.Add(at))
	}

	d.to(beta.Add(30 * time.Minute))
	x := d.session["Gamma"]
	_, err = d.herald.store.MoveSession(t.Context(), x.Slug, hackfest.SessionMove{StartsAt: gamma.Add(2 * time.Hour), EndsAt: gamma.Add(3 * time.Hour)}, 0, 0, d.now())
	d.must(err)
	d.mails("moved", "Gamma", a, c)
	d.line("moved", "Gamma")
	d.tick(d.now().Add(time.Second))
	for _, at := range []time.Duration{-time.Hour, -10 * time.Minute, 0} {
		d.tick(gamma.Add(at))
	}

	gamma = gamma.Add(2 * time.Hour)
	d.mails("hour", "Gamma", c[:2])
	d.line("hour", "Gamma")
	d.killedWithALine(gamma.Add(-time.Hour))

	d.line("ten", "Gamma")
	d.outage(gamma.Add(-10 * time.Minute))
	d.line("start", "Gamma")
	d.tick(gamma)
	for _, at := range []time.Duration{time.Minute, 2 * time.Hour, 6 * time.Hour} {
		d.tick(gamma.Add(at))
	}
	d.judge()
	t.Logf("%v for a day", time.Since(begun).Round(time.Second))
}

// killedWithALetter kills the portal while it sends somebody a letter.
func (d *day) killedWithALetter(at time.Time, who string) {
	d.t.Helper()
	held := make(chan struct{})
	d.sink.Fail(testmail.Failure{At: ".", To: who, Hold: held, Times: 1})
	lines := len(said(d.watchers[0], "#alpha"))
	d.to(at)
	d.plan()
	eventually(d.t, "the channel has heard it and a letter is being sent", func() bool {
		return len(said(d.watchers[0], "#alpha")) > lines && d.states("irc", "hour") == "sent 1" && strings.Contains(d.states("mail", "hour"), "sending") &&
			strings.Contains(d.sink.Received(), "RCPT TO:<"+who) && d.sending("mail") == who+"@example.org"
	})
	d.crashed()
	close(held)
	d.tick(at.Add(4 * time.Minute)) // what nobody is known to send any more is unknown then
}

// sending is whom a letter is being sent to.
func (d *day) sending(outlet string) string {
	d.t.Helper()
	const q = `select coalesce(max(s.mail), '') from deliveries d join subscribers s on s.id = d.subscriber_id where d.state = 'sending' and d.outlet = $1`
	var mail string
	d.must(d.pool.QueryRow(d.t.Context(), q, outlet).Scan(&mail))
	return mail
}

// killedWithALine kills the portal while a line waits for its turn behind others.
func (d *day) killedWithALine(at time.Time) {
	d.t.Helper()
	d.to(at)
	for _, nick := range []string{"cat", "dan", "eve", "fay"} {
		chatty := testirc.Dial(d.t, d.irc.Addr, nick)
		for range 3 {
			chatty.Say("hackbot", "help")
		}
	}
	d.plan()
	const q = `select count(*) from deliveries where state = 'sending' and outlet = 'irc'`
	eventually(d.t, "the letters went, and the line is being sent or went", func() bool {
		return strings.Contains(d.states("mail", "hour"), "sent 6") && (d.count(q) == 1 || d.count(`select count(*) from deliveries where outlet = 'irc' and occasion = 'hour' and state = 'sent'`) == 2)
	})
	d.crashed()
	d.tick(at.Add(4 * time.Minute))
}

// outage is one of the IRC server from before an announcement until five minutes
// after it.
func (d *day) outage(at time.Time) {
	d.t.Helper()
	d.irc.Stop()
	eventually(d.t, "the bot notices", func() bool {
		for _, n := range d.health().IRC {
			if n.State == "online" {
				return false
			}
		}
		return true
	})
	d.tick(at)
	d.irc.Start()
	d.there(dayChannels...)
	eye := testirc.Dial(d.t, d.irc.Addr, "eye")
	for _, c := range dayChannels {
		eye.Join(c)
	}
	d.watchers = append(d.watchers, eye)
	d.tick(at.Add(5 * time.Minute))
}

// meeting holds one.
func (d *day) meeting(title string) {
	d.t.Helper()
	channel := "#" + strings.ToLower(title)
	r01 := d.watchers[1]
	r01.Say(channel, "#startmeeting "+title)
	r01.Say(channel, "#action r02 write it down")
	r01.Say(channel, "#endmeeting")
	eventually(d.t, "the minutes are there", func() bool {
		m := d.meetings("test", channel)
		return len(m) == 1 && m[0].EndedAt != ""
	})
}

// publish publishes the minutes of the meeting that was held.
func (d *day) publish(title string) {
	d.t.Helper()
	list, err := d.herald.store.Meetings(d.t.Context(), everything, store.MeetingFilter{})
	d.must(err)
	m, err := d.herald.store.Minutes(d.t.Context(), everything, list[0].Ref)
	d.must(err)
	if list[0].Title != title {
		d.t.Fatalf("the meeting is %q", list[0].Title)
	}
	_, err = d.herald.store.PublishMinutes(d.t.Context(), list[0].Ref, m, "All went well.", "", d.now())
	d.must(err)
}

// came are the messages that arrived, with how often.
func (d *day) came() map[message]int {
	all := map[message]int{}
	title := func(text string) string {
		for _, t := range []string{"Alpha", "Beta", "Gamma"} {
			if strings.Contains(text, t) {
				return t
			}
		}
		return text
	}
	for _, m := range d.sink.Mails() {
		if !strings.HasPrefix(m.Subject, "This week at") || !strings.HasPrefix(m.Recipient, "w") { // whether a Monday was among the days
			all[message{"mail", occasionIn(m.Subject), title(m.Subject), m.Recipient}]++
		}
	}
	for _, w := range d.watchers {
		for _, l := range w.Received() {
			if _, text, ok := strings.Cut(l, " NOTICE r01 :"); ok && strings.HasPrefix(l, ":hackbot") && strings.HasPrefix(text, "In ") {
				all[message{"notice", occasionIn(text), title(text), "r01"}]++
			}
		}
	}
	for _, eye := range slices.Concat(d.watchers[:1], d.watchers[2:]) {
		for _, channel := range dayChannels {
			for _, text := range said(eye, channel) {
				all[message{"irc", occasionIn(text), title(text), channel}]++
			}
		}
	}
	return all
}

// occasionIn is what a subject or a line is about.
func occasionIn(text string) string {
	for begin, occasion := range map[string]string{
		"In 24 h:": "day", "In 1 h:": "hour", "Starting now:": "start", "Cancelled:": "cancelled", "Moved": "moved", "Takes place": "reinstated",
		"Minutes": "minutes", "Wed 1": "day",
	} {
		if strings.HasPrefix(text, begin) {
			return occasion
		}
	}
	var left int
	if n, err := fmt.Sscanf(text, "In %d min:", &left); n == 1 && err == nil { // late, after a kill or an outage
		if left > 10 {
			return "hour"
		}
		return "ten"
	}
	return text
}

// unknown are the messages of which nobody knows whether they went.
func (d *day) unknown() map[message]bool {
	d.t.Helper()
	const q = `
		select d.outlet, d.occasion, s.title, coalesce(b.mail, c.name, '')
		from deliveries d
		join sessions s on s.id = d.session_id
		left join subscribers b on b.id = d.subscriber_id
		left join channels c on c.id = d.channel_id
		where d.state = 'unknown'`
	rows, _ := d.pool.Query(d.t.Context(), q)
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m message, err error) {
		return m, row.Scan(&m.outlet, &m.occasion, &m.title, &m.to)
	})
	d.must(err)
	all := map[message]bool{}
	for _, m := range list {
		all[m] = true
	}
	return all
}

// judge compares what came with what should, and prints the table.
func (d *day) judge() {
	d.t.Helper()
	came, unknown := d.came(), d.unknown()
	type row struct{ should, once, unknown, missing, twice, stray int }
	rows := map[message]*row{}
	at := func(m message) *row {
		m.to = ""
		if rows[m] == nil {
			rows[m] = &row{}
		}
		return rows[m]
	}
	for m := range d.should {
		x := at(m)
		x.should++
		switch n := came[m]; {
		case n > 1:
			x.twice++
			d.t.Errorf("%v came %d times", m, n)
		case unknown[m]:
			x.unknown++ // whether it came or not
		case n == 1:
			x.once++
		default:
			x.missing++
			d.t.Errorf("%v did not come, and nothing lists it", m)
		}
	}
	for m, n := range came {
		if !d.should[m] {
			at(m).stray += n
			d.t.Errorf("%v came and should not", m)
		}
	}
	if len(unknown) > d.kills {
		d.t.Errorf("%d are unknown after %d kills: %v", len(unknown), d.kills, slices.Collect(maps.Keys(unknown)))
	}
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-7s %-10s %-6s %6s %6s %8s %8s %6s %6s\n", "outlet", "occasion", "about", "should", "once", "unknown", "missing", "twice", "stray")
	keys := slices.SortedFunc(maps.Keys(rows), func(a, b message) int {
		return cmp.Or(cmp.Compare(a.title, b.title), cmp.Compare(a.occasion, b.occasion), cmp.Compare(a.outlet, b.outlet))
	})
	var sum row
	for _, k := range keys {
		x := rows[k]
		fmt.Fprintf(&table, "%-7s %-10s %-6s %6d %6d %8d %8d %6d %6d\n", k.outlet, k.occasion, k.title, x.should, x.once, x.unknown, x.missing, x.twice, x.stray)
		sum = row{sum.should + x.should, sum.once + x.once, sum.unknown + x.unknown, sum.missing + x.missing, sum.twice + x.twice, sum.stray + x.stray}
	}
	fmt.Fprintf(&table, "%-25s %6d %6d %8d %8d %6d %6d", "all", sum.should, sum.once, sum.unknown, sum.missing, sum.twice, sum.stray)
	d.t.Log(table.String())
}
