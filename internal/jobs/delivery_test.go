package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testmail"
)

// letters is a world with a bot and a mail server.
type letters struct {
	*world
	sink *testmail.Sink
	read int // of sink's mails
}

func newLetters(t *testing.T) *letters {
	t.Helper()
	w := &letters{world: newWorld(t), sink: testmail.Start(t, "")}
	w.bot, w.letters = true, true
	w.run(func(ctx context.Context) error { return Lead(ctx, w.mailing(w.sink)) })
	w.run(func(ctx context.Context) error { return Speak(ctx, w.config(), w.voice) })
	return w
}

// follow has somebody with a proven address follow something from long ago on.
func (w *letters) follow(name string, f hackfest.Following) person.ID {
	w.t.Helper()
	f.PersonID = w.member(name, strings.ToLower(name)+"@example.org")
	_, err := w.Follow(w.t.Context(), f, noon.AddDate(0, 0, -10))
	w.must(err)
	return f.PersonID
}

// answer has somebody say whether they come.
func (w *letters) answer(id person.ID, session hackfest.SessionID, series bool, a hackfest.Answer) {
	w.t.Helper()
	_, err := w.Answer(w.t.Context(), hackfest.Answering{SessionID: session, WholeSeries: series, PersonID: id, Answer: a, Via: "web"}, noon.AddDate(0, 0, -9))
	w.must(err)
}

// mails are those that came since the last call, as "who: subject", sorted.
func (w *letters) mails() []string {
	w.t.Helper()
	var list []string
	all := w.sink.Mails()
	for _, m := range all[w.read:] {
		who, _, _ := strings.Cut(m.Recipient, "@")
		list = append(list, who+": "+m.Subject)
	}
	w.read = len(all)
	slices.Sort(list)
	return list
}

// who are the recipients of mails, those whose subject begins with begin.
func who(mails []string, begin string) string {
	var list []string
	for _, m := range mails {
		if name, subject, _ := strings.Cut(m, ": "); strings.HasPrefix(subject, begin) {
			list = append(list, name)
		} else {
			list = append(list, m)
		}
	}
	return strings.Join(list, " ")
}

// A week of a series: who gets which mail, and who none.
func TestLettersGoToWhoFollows(t *testing.T) {
	t.Parallel()
	w := newLetters(t)
	ctx := t.Context()
	weekly := hackfest.Series{
		Title: "Weekly", Kind: hackfest.KindHackfest, Network: "test", Channel: "#euca",
		Rule: "FREQ=WEEKLY", First: noon.Add(48 * time.Hour), Zone: "UTC", Length: 2 * time.Hour,
	}
	_, err := w.AddSeries(ctx, weekly, noon.AddDate(0, 0, -20))
	w.must(err)
	w.exec(`update series set created_at = $1`, noon.AddDate(0, 0, -20))
	list, err := w.Sessions(ctx, person.PublicViewer, store.SessionFilter{From: noon, Limit: 2})
	w.must(err)
	first, second := list[0], list[1]
	follow := func(name string, scope hackfest.FollowScope, pace hackfest.Pace) person.ID {
		return w.follow(name, hackfest.Following{Scope: scope, Series: "weekly", Session: first.Slug, Pace: pace})
	}
	follow("all", hackfest.FollowAll, "")
	series := follow("series", hackfest.FollowSeries, "")
	_, err = w.Follow(ctx, hackfest.Following{PersonID: series, Scope: hackfest.FollowAll}, noon.AddDate(0, 0, -10)) // twice, and told once
	w.must(err)
	w.answer(follow("comes", hackfest.FollowSession, ""), first.ID, false, hackfest.AnswerComing)
	w.answer(follow("perhaps", hackfest.FollowSeries, ""), first.ID, true, hackfest.AnswerMaybe)
	w.answer(follow("away", hackfest.FollowSession, ""), first.ID, false, hackfest.AnswerRegrets)
	w.answer(follow("skips", hackfest.FollowSeries, ""), first.ID, false, hackfest.AnswerRegrets)
	follow("weekly", hackfest.FollowAll, hackfest.PaceWeekly)
	w.answer(follow("calm", hackfest.FollowSession, hackfest.PaceWeekly), first.ID, false, hackfest.AnswerComing)
	follow("news", hackfest.FollowNews, "")
	_, err = w.Follow(ctx, hackfest.Following{Mail: "unasked@example.org", Scope: hackfest.FollowAll}, noon.AddDate(0, 0, -10)) // never confirmed
	w.must(err)
	late := first.StartsAt.Add(-24 * time.Hour)

	step := func(name string, now time.Time, begin, want string) {
		t.Helper()
		w.plan(now)
		if got := who(w.mails(), begin); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	step("two days before", first.StartsAt.Add(-48*time.Hour), "", "")
	step("noted before it is due", late.Add(-time.Minute), "", "")
	step("a day before", late, late.Add(24*time.Hour).Format("Mon 15:04")+": Weekly", "all comes perhaps series")
	step("again", late.Add(time.Minute), "", "")
	w.follow("new", hackfest.Following{Scope: hackfest.FollowAll})
	w.exec(`update follows set confirmed_at = $1 where subscriber_id = (select max(id) from subscribers)`, late.Add(time.Hour))
	step("who follows it since is told no more", late.Add(2*time.Hour), "", "")
	step("an hour before", first.StartsAt.Add(-time.Hour), "In 1 h: Weekly", "comes perhaps")
	w.exec(`update sessions set held = 1 where id = $1`, first.ID)
	step("at the start", first.StartsAt, "", "")

	w.at(first.EndsAt)
	x, err := w.CancelSession(ctx, second.Slug, "Release week.", second.Revision, 0, first.EndsAt)
	w.must(err)
	step("cancelled five days ahead", first.EndsAt.Add(time.Second), "Cancelled: Weekly", "all new perhaps series skips")
	w.want("the channel is not told yet", w.voice.lines()[2:], nil)
	_, err = w.ReinstateSession(ctx, second.Slug, false, x.Revision, 0, first.EndsAt.Add(time.Minute))
	w.must(err)
	step("reinstated", first.EndsAt.Add(time.Minute), "Takes place after all: Weekly", "all new perhaps series skips")
	_, err = w.EndSeries(ctx, "weekly", time.Time{}, "Over.", 0, 0, first.EndsAt.Add(2*time.Minute))
	w.must(err)
	step("ended: one mail for all its dates", first.EndsAt.Add(2*time.Minute), "Cancelled: Weekly", "all new perhaps series skips")
	step("again", first.EndsAt.Add(3*time.Minute), "", "")
	if n := w.count(`select count(*) from (select 1 from deliveries group by what, outlet, recipient, occasion having count(*) > 1) x`); n != 0 {
		t.Errorf("%d twice", n)
	}
	w.want("what is wrong", w.listed(), nil)
}

// A mail server that fails: what certainly did not go is tried again, what was
// refused has failed, and of what nobody knows nothing is sent again.
func TestLettersAndAFailingServer(t *testing.T) {
	t.Parallel()
	w := newLetters(t)
	for _, name := range []string{"ann", "bob", "cat"} {
		w.follow(name, hackfest.Following{Scope: hackfest.FollowAll})
	}
	w.session("Evening", noon.Add(48*time.Hour), nil)
	due := noon.Add(24 * time.Hour)
	w.sink.Fail(testmail.Failure{At: "RCPT", To: "ann", Code: 450, Times: 1})
	w.sink.Fail(testmail.Failure{At: "RCPT", To: "bob", Code: 550})
	w.sink.Fail(testmail.Failure{At: ".", To: "cat", Kept: true})
	states := func() string {
		const q = `select string_agg(split_part(s.mail, '@', 1) || ' ' || d.state, ', ' order by s.mail) from deliveries d join subscribers s on s.id = d.subscriber_id`
		var text string
		w.must(w.pool.QueryRow(t.Context(), q).Scan(&text))
		return text
	}
	step := func(name string, after time.Duration, want, mails string) {
		t.Helper()
		w.plan(due.Add(after))
		if got := states(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if got := who(w.mails(), ""); got != mails {
			t.Errorf("%s: mails to %q, want %q", name, got, mails)
		}
	}
	step("the first try", 0, "ann pending, bob failed, cat unknown", "cat")
	if n := w.sink.Connections(); n != 1 {
		t.Errorf("%d connections for three letters", n)
	}
	step("too soon", 10*time.Second, "ann pending, bob failed, cat unknown", "")
	step("the second try", time.Minute, "ann sent, bob failed, cat unknown", "ann")
	w.sink.Heal()
	step("what failed or is unknown rests", time.Hour, "ann sent, bob failed, cat unknown", "")
	list, err := w.Deliveries(t.Context(), person.PublicViewer, store.DeliveryFilter{Outlet: hackfest.OutletMail})
	w.must(err)
	for _, d := range list {
		_, err := w.RetryDelivery(t.Context(), d.ID, w.now())
		if (err == nil) != (d.State == hackfest.DeliveryFailed) {
			t.Errorf("%s tried again: %v", d.State, err)
		}
	}
	step("tried again by hand", time.Hour+time.Second, "ann sent, bob sent, cat unknown", "bob")
	receipts, err := w.Receipts(t.Context(), person.PublicViewer, list[0].What)
	w.must(err)
	var got []string
	for _, r := range receipts {
		got = append(got, fmt.Sprint(r.Outlet, " ", r.Channel, " ", r.State, " ", r.Count))
	}
	w.want("receipts", got, []string{"irc #euca sent 1", "mail  sent 2", "mail  unknown 1"})
}

// A server that cannot be reached is asked for one letter, not for all of them.
// Letters outlast two hours of that; after three they have failed.
func TestLettersWithoutAServer(t *testing.T) {
	t.Parallel()
	const away = "The mail server could not be reached."
	for _, tt := range []struct {
		name  string
		hours int // that the server is away
		last  string
		then  string
	}{
		{"an update of the server", 2, "day pending: " + away, "day sent"},
		{"a server that does not come back", 6, "day failed: " + away, "day failed: " + away},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newLetters(t)
			for i := range 3 {
				w.follow(fmt.Sprint("ann", i), hackfest.Following{Scope: hackfest.FollowAll})
			}
			w.session("Evening", noon.Add(48*time.Hour), nil)
			w.sink.Fail(testmail.Failure{At: "EHLO"})
			due := noon.Add(24 * time.Hour)
			for at := time.Duration(0); at < time.Duration(tt.hours)*time.Hour; at += 20 * time.Minute {
				w.plan(due.Add(at))
			}
			if n, most := strings.Count(w.sink.Received(), "EHLO"), 12*3; n > most {
				t.Errorf("the server was called %d times, at most %d are expected", n, most)
			}
			w.want("away", w.states(), []string{"day sent", tt.last, tt.last, tt.last})
			w.sink.Heal()
			w.plan(due.Add(time.Duration(tt.hours) * time.Hour))
			w.want("deliveries", w.states(), []string{"day sent", tt.then, tt.then, tt.then})
		})
	}
}

// Who said that they come is told ten minutes before, alone, if they are who they
// say they are; news go to all their outlets; a topic that cannot be set has
// failed.
func TestNoticesTopicsAndNews(t *testing.T) {
	t.Parallel()
	w := newLetters(t)
	ctx := t.Context()
	id := w.session("Evening", seven, nil)
	for _, name := range []string{"ann", "bob", "cat"} {
		who := w.member(name, name+"@example.org")
		if name != "cat" {
			w.exec(`insert into identities (person_id, kind, network, value, proven_at, since) values ($1, 'nick', 'test', $2, $3, $3)`, who, name, noon)
		}
		w.answer(who, id, false, hackfest.AnswerComing)
	}
	w.voice.online = []string{"ann/", "cat/"} // cat has proven nothing, bob is not there
	w.plan(seven.Add(-10 * time.Minute))
	w.want("ten minutes before", w.voice.lines(), []string{"#euca In 10 min: Evening" + where, "ann In 10 min: Evening" + where})
	w.plan(seven.Add(-time.Minute))
	w.want("late", w.voice.lines(), nil)
	if n := w.count(`select count(*) from deliveries where outlet = 'notice' and (state, missed) in (('sent', false), ('dropped', false))`); n != 2 {
		t.Errorf("%d notices", n)
	}

	w.follow("dan", hackfest.Following{Scope: hackfest.FollowNews})
	channel := hackfest.ChannelID(w.count(`select id from channels where folded = '#euca'`))
	n := hackfest.News{
		Title: "Release", Body: "It is *out*.", State: hackfest.NewsPublished, PublishedAt: w.now(), Channels: []hackfest.ChannelID{channel},
		Outlets: []hackfest.Outlet{hackfest.OutletSite, hackfest.OutletMail, hackfest.OutletIRC, hackfest.OutletTopic},
	}
	news, err := w.AddNews(ctx, n, w.now())
	w.must(err)
	w.voice.noTopic = errTopic
	w.plan(w.now())
	n.Slug = "release"
	w.want("said", w.voice.lines(), []string{"#euca " + announce.News(n, "http://portal.example")})
	if got := w.sink.Await(t, w.read+1)[w.read].Text; !strings.Contains(got, "You get this because you follow the news of Eucalyptus.\n") {
		t.Errorf("the letter has no reason of its own:\n%s", got)
	}
	w.want("mail", w.mails(), []string{"dan: Release"})
	what := fmt.Sprintf("news/%d", news)
	wants := func(name, topic string) {
		t.Helper()
		list, err := w.Receipts(ctx, person.PublicViewer, what)
		w.must(err)
		var got []string
		for _, r := range list {
			got = append(got, fmt.Sprint(r.Outlet, " ", r.State))
		}
		w.want(name, got, []string{"site sent", "irc sent", "topic " + topic, "mail sent"})
	}
	wants("receipts", "failed")
	w.voice.noTopic = nil
	if n, err := w.RetryDeliveries(ctx, what, hackfest.OutletTopic, hackfest.OccasionNews, channel, w.now()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	w.plan(w.now().Add(15 * time.Second))
	w.want("tried again, and nothing else", append(w.voice.lines(), w.mails()...), []string{"#euca topic: " + announce.NewsTopic(n, "http://portal.example")})
	wants("receipts", "sent")

	w.voice.set(true, nil)
	n.Title, n.Slug, n.PublishedAt, n.Outlets = "Feast", "feast", w.now(), []hackfest.Outlet{hackfest.OutletIRC}
	news, err = w.AddNews(ctx, n, w.now())
	w.must(err)
	w.plan(w.now())
	w.must(w.WithdrawNews(ctx, news, 1, w.now()))
	w.voice.set(false, nil)
	w.plan(w.now().Add(15 * time.Second))
	w.want("withdrawn before it was said", w.voice.lines(), nil)
	w.must(w.RestoreNews(ctx, news, w.now()))
	w.plan(w.now().Add(15 * time.Second))
	w.want("back again", w.voice.lines(), []string{"#euca " + announce.News(n, "http://portal.example")})
}

// Channels choose what they are told, and of which sessions.
func TestChannelsChoose(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`update channels set announces = 'all', occasions = '{start,changes}' where folded = '#members'`)
	w.exec(`update channels set occasions = '{hour,start}' where folded = '#euca'`)
	w.session("Evening", seven, nil)
	w.start()
	var said []string
	for _, before := range []time.Duration{time.Hour, 10 * time.Minute, 0} {
		w.plan(seven.Add(-before))
		for _, l := range w.voice.lines() {
			channel, rest, _ := strings.Cut(l, " ")
			begin, _, _ := strings.Cut(rest, ":")
			said = append(said, channel+" "+begin)
		}
	}
	slices.Sort(said)
	w.want("said", said, []string{"#euca In 1 h", "#euca Starting now", "#members Starting now"})
	w.exec(`update channels set quiet_until = $1 where folded = '#euca'`, seven.Add(30*time.Hour))
	w.session("Night", seven.Add(24*time.Hour), nil)
	w.plan(seven.Add(24 * time.Hour))
	w.plan(seven.Add(25 * time.Hour))
	w.want("told to be quiet", w.listed(), nil)
}

var errTopic error = fault.New(fault.Forbidden, "The bot may not set the topic.")
