package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// topics are what was planned for topics since the last time, as "channel title";
// the title of no session is "-". They are taken for set.
func (w world) topics(now time.Time) []string {
	w.t.Helper()
	w.must(w.PlanDeliveries(w.t.Context(), now.Add(time.Minute), now))
	rows, err := w.pool.Query(w.t.Context(), `
		update deliveries d set state = 'sent', settled_at = $1
		from channels c
		where c.id = d.channel_id and d.outlet = 'topic' and d.state = 'pending'
		returning c.name || ' ' || coalesce((select s.title from sessions s where s.id = d.session_id), '-')`, now)
	w.must(err)
	defer rows.Close()
	var list []string
	for rows.Next() {
		var one string
		w.must(rows.Scan(&one))
		list = append(list, one)
	}
	w.must(rows.Err())
	slices.Sort(list)
	return list
}

// A topic shows the next session, is planned once for each plan of it, and goes
// when there is none or the channel shows it no longer.
func TestTopicsArePlanned(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.exec(`update channels set topic = true where name = $1`, channel)
	now := aug2.Add(-24 * time.Hour)
	step := func(what string, want ...string) {
		t.Helper()
		for _, again := range []string{"", ", again"} {
			if got := w.topics(now); !slices.Equal(got, want) {
				t.Errorf("%s%s: planned %q, want %q", what, again, got, want)
			}
			want = nil
		}
	}
	step("nothing is planned")
	one := w.plan(planned("One", aug2))
	elsewhere := planned("Elsewhere", aug2.Add(-time.Hour))
	elsewhere.Channel = "#other"
	w.plan(elsewhere)
	hidden := planned("Hidden", aug2.Add(-2*time.Hour))
	hidden.Visibility = person.MembersOnly
	w.plan(hidden)
	step("the next one in the channel for everybody", channel+" One")
	w.exec(`update channels set announces = 'all' where name = $1`, channel)
	step("of all channels", channel+" Elsewhere")
	w.exec(`update channels set announces = 'own' where name = $1`, channel)
	step("of its own again", channel+" One")
	w.exec(`update channels set topic = false where name = $1`, channel)
	step("not any more", channel+" -")
	w.exec(`update channels set topic = true where name = $1`, channel)
	step("and again", channel+" One")

	_, err := w.CancelSession(ctx, one.Slug, "Release week", one.Revision, 0, now)
	w.must(err)
	step("cancelled", channel+" -")
	two := w.plan(planned("Two", aug2.AddDate(0, 0, 7)))
	step("another one", channel+" Two")
	now = two.StartsAt.Add(time.Minute)
	step("while it runs")
	now = two.EndsAt.Add(time.Minute)
	step("when it is over", channel+" -")
}

func TestHushAndTopicPart(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.must(w.Hush(ctx, network, "#Eucalyptus-Devel", aug2))
	w.must(w.KeepTopicPart(ctx, network, channel, "Next: One"))
	list, err := w.BotChannels(ctx, network)
	w.must(err)
	if c := list[0]; !c.QuietUntil.Equal(aug2) || c.QuietUntil.Location() != time.UTC || c.TopicPart != "Next: One" || c.Topic || !c.Greet || !c.Hackfests {
		t.Errorf("%+v", c)
	}
	w.must(w.Hush(ctx, network, channel, time.Time{}))
	if list, err = w.BotChannels(ctx, network); err != nil || !list[0].QuietUntil.IsZero() {
		t.Errorf("%+v, %v", list, err)
	}
	if err := w.Hush(ctx, network, "#none", aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestGreet(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	mel, quietly := w.known("mel"), w.known("shy")
	w.known("renamed")
	w.must(w.AddIdentity(ctx, mel, person.IRCNick, network, "melnick", aug2))
	w.exec(`update people set unnamed = true where id = $1`, quietly)
	w.record(newLog(channel, aug2.AddDate(0, 0, -7)).say("melnick", "an old line").meeting("The first"))
	session := w.plan(planned("Weekly", aug2))
	w.exec(`update sessions set host_id = $1 where id = $2`, mel, session.ID)
	greet := func(nick, account string) (hackfest.DeliveryID, string, error) {
		return w.Greet(ctx, hackfest.Newcomer{Network: network, Channel: channel, Nick: nick, Account: account}, aug2.Add(time.Minute))
	}
	if _, _, err := greet("zoe", ""); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no meeting runs: %v", err)
	}
	w.record(newLog(channel, aug2).say("ann", "#startmeeting Weekly").say("zoe", "hello"))
	_, err := w.Respond(ctx, hackfest.Response{Network: network, Channel: channel, Nick: "Bob", Answer: hackfest.AnswerComing}, aug2.Add(-time.Hour))
	w.must(err)
	w.must(w.Unname(ctx, network, "Hush", "", true, aug2))
	for _, tt := range []struct {
		name, nick, account string
		new                 bool
	}{
		{"a nick that is not to be named", "hush", "", false},
		{"spoke before", "bob", "", false},
		{"spoke before under another of their nicks", "mel", "mel", false},
		{"a nick of who has an account here", "mel", "", false},
		{"never there", "Zoe", "", true},
		{"greeted already", "zoe", "", false},
		{"never there, with an account", "eve", "eveacc", true},
		{"does not want to be named", "shy", "shy", false},
		{"known here, never there", "renamed", "renamed", true},
		{"known here, greeted already", "renamed", "renamed", false},
	} {
		id, host, err := greet(tt.nick, tt.account)
		if err != nil || (id != 0) != tt.new || id != 0 && host != "mel" {
			t.Errorf("%s: %d, %q, %v", tt.name, id, host, err)
		}
	}
	w.exec(`update rsvps set first_visit = true`)
	if id, _, err := greet("bob", ""); err != nil || id == 0 {
		t.Errorf("who said that it is their first visit: %d, %v", id, err)
	}
	w.exec(`update channels set greet = false where name = $1`, channel)
	if _, _, err := greet("new", ""); fault.KindOf(err) != fault.NotFound {
		t.Errorf("where nobody is greeted: %v", err)
	}
	if n := w.number(`select count(*) from deliveries where occasion = 'greeting' and state = 'sending'`); n != 4 {
		t.Errorf("%d greetings", n)
	}
}

// Nobody is new in the first meeting of all.
func TestNobodyIsNewAtTheBeginning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(newLog(channel, aug2).say("ann", "#startmeeting The first"))
	id, _, err := w.Greet(t.Context(), hackfest.Newcomer{Network: network, Channel: channel, Nick: "zoe"}, aug2.Add(time.Minute))
	if id != 0 || err != nil {
		t.Errorf("got %d, %v", id, err)
	}
}

// A zone is told to whom it belongs, and before others only when it is shown.
func TestZoneOf(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	id := w.known("mel")
	nickOnly, err := w.AddPerson(ctx, "Bob", person.Member, aug2)
	w.must(err)
	w.must(w.AddIdentity(ctx, nickOnly, person.IRCNick, network, "bob", aug2))
	w.exec(`update people set zone = 'Europe/Berlin', zone_shown = false`)
	for _, shown := range []bool{false, true} {
		w.exec(`update people set zone_shown = $1`, shown)
		for _, tt := range []struct {
			name, nick, account string
			openly, known       bool
		}{
			{"their account", "someone", "MEL", false, true},
			{"their account, before others", "someone", "mel", true, shown},
			{"their nick without the account", "mel", "", false, false},
			{"a nick that is all they have", "bob", "", false, shown},
			{"a nick that is all they have, before others", "bob", "", true, shown},
			{"nobody", "eve", "eveacc", false, false},
		} {
			zone, err := w.ZoneOf(ctx, network, tt.nick, tt.account, tt.openly)
			if err != nil || (zone == "Europe/Berlin") != tt.known || zone != "" && !tt.known {
				t.Errorf("shown %t, %s: %q, %v", shown, tt.name, zone, err)
			}
		}
	}
	w.exec(`update people set suspended_at = now() where id = $1`, id)
	if zone, err := w.ZoneOf(ctx, network, "mel", "mel", false); zone != "" || err != nil {
		t.Errorf("suspended: %q, %v", zone, err)
	}
}
