package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// chairs makes a chairs x on the portal.
func chairs(t *testing.T, dsn string, a person.Actor, x hackfest.Session) {
	t.Helper()
	alter(t, dsn, "insert into chairs (person_id, session_id, created_at) values ($1, $2, $3)", a.ID, x.ID, wednesday)
}

// botIn lets s believe that a bot is in channel.
func botIn(s *Server, network, channel string) {
	s.Bot = func() BotHealth {
		return BotHealth{Networks: []NetworkHealth{{Network: network, State: "online", Nick: "hackbot", Channels: []string{channel}}}}
	}
}

// carryOut does what the bot does with the commands that wait: it puts each into
// the log and lets the engine have it. It returns their texts.
func (k *talk) carryOut() []string {
	k.t.Helper()
	list, err := k.s.Store.TakeCommands(k.t.Context(), k.network, k.clock())
	must(k.t, err)
	var texts []string
	for _, c := range list {
		texts = append(texts, c.Text)
		kind := hackfest.Web
		if n := len(k.state.Votes); n > 0 && k.state.Votes[n-1].Open && k.state.Votes[n-1].Secret && strings.HasPrefix(c.Text, "#vote") {
			kind = hackfest.Private
		}
		ref := k.lines(hackfest.Line{Kind: kind, Nick: c.Nick, Account: c.Account, Text: c.Text, Op: c.Chair, Command: c.ID})[0]
		must(k.t, k.s.Store.SettleCommand(k.t.Context(), c.ID, ref, k.clock()))
	}
	return texts
}

// floorTest is a session with an agenda, its chair and a member.
type floorTest struct {
	*Server
	x             hackfest.Session
	k             *talk
	chair, member person.Actor
	path, dsn     string
}

func newFloorTest(t *testing.T) floorTest {
	t.Helper()
	dsn := testdb.URL(t)
	s := newLiveServer(t, dsn)
	x := plan(t, s.Server, "AppScale on Eucalyptus 3.1", wednesday, nil)
	f := floorTest{Server: s.Server, x: x, k: listen(t, s.Server, x), path: "/sessions/" + x.Slug, dsn: dsn}
	f.chair, f.member = join(t, s.Server, "Tess", person.Member), join(t, s.Server, "Dov", person.Member)
	chairs(t, dsn, f.chair, x)
	botIn(s.Server, "freenode", devel)
	for _, text := range []string{"Which image do we all use?", "DNS inside the cluster", "What do we write down?"} {
		_, err := s.Store.AddAgendaItem(t.Context(), x.ID, text, wednesday)
		must(t, err)
	}
	c, err := s.Store.MeetingContext(t.Context(), x.Network, x.Channel, wednesday)
	must(t, err)
	f.k.planned = c.Sessions
	return f
}

// send sends a form of the page, as somebody, and returns where it leads.
func (f floorTest) send(t *testing.T, as person.Actor, to string, status int, fields ...string) (location, body string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	w := ask(t, f.Server, request{method: "POST", path: f.path + to, form: form, as: as})
	if w.Code != status {
		t.Fatalf("POST %s %v: %d, want %d\n%s", to, fields, w.Code, status, w.Body)
	}
	location, _, _ = strings.Cut(w.Header().Get("Location"), "#") // browsers do not send what follows
	return location, w.Body.String()
}

// see is the page as somebody sees it.
func (f floorTest) see(t *testing.T, as person.Actor, path string) string {
	t.Helper()
	w := ask(t, f.Server, request{path: path, as: as})
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// A whole meeting from its page, as a browser without script does it.
func TestMeetingRunFromItsPage(t *testing.T) {
	t.Parallel()
	f := newFloorTest(t)
	f.k.pass(-31 * time.Minute)
	contains(t, f.see(t, f.chair, f.path), "can be started here from", `<code class="say">#startmeeting</code>`)
	lacks(t, f.see(t, f.chair, f.path), "/live/start")
	f.k.pass(2 * time.Minute)
	contains(t, f.see(t, f.chair, f.path), f.path+"/live/start", `value="AppScale on Eucalyptus 3.1"`, "Tess/web")
	lacks(t, f.see(t, f.member, f.path), "/live/start")

	to, _ := f.send(t, f.chair, "/live/start", 303, "text", "AppScale")
	waits := f.see(t, f.chair, to)
	contains(t, waits, "Sent", "#startmeeting AppScale", "The bot says it in a moment", `<noscript><meta http-equiv="refresh" content="3">`)
	lacks(t, f.see(t, f.member, to), "Sent") // it is not theirs
	f.carried(t, "#startmeeting AppScale")
	contains(t, f.see(t, f.chair, to), "Said at", "#startmeeting AppScale", `id="next-go"`, "Next: <bdi>Which image do we all use?</bdi>")

	page := f.see(t, f.chair, f.path)
	f.send(t, f.chair, "/live/take", 303, "item", between(t, page, `name="item" value="`, `"`))
	f.carried(t, "#next")
	page = f.see(t, f.chair, f.path)
	contains(t, page, "<b><bdi>Which image do we all use?</bdi></b>", "1 of 3", "Next: <bdi>DNS inside the cluster</bdi>",
		`This would be taken back: <bdi class="mono">#topic Which image do we all use?</bdi>`)
	third := between(t, page, `id="take-`, `"`) // the first that can be taken
	f.send(t, f.chair, "/live/take", 303, "item", fmt.Sprint(number(t, third)+1))
	f.carried(t, "#topic What do we write down?")
	f.send(t, f.chair, "/live/topic", 303, "text", "  A topic of its own ")
	f.carried(t, "#topic A topic of its own")

	f.send(t, f.member, "/live/item", 303, "kind", "#action", "text", "#endmeeting and [on] is only text")
	f.carried(t, "#action #endmeeting and [on] is only text")
	f.send(t, f.chair, "/live/item", 303, "kind", "#agreed", "text", "images are named by id")
	f.carried(t, "#agreed images are named by id")
	page = f.see(t, f.member, f.path)
	contains(t, page, "images are named by id", "#endmeeting and [on] is only text", f.path+"/live/item", f.path+"/live/queue")
	lacks(t, page, f.path+"/live/topic", f.path+"/live/undo", f.path+"/live/end", f.path+"/live/take", "<option>#agreed")
	page = f.see(t, f.chair, f.path)
	f.send(t, f.chair, "/live/undo", 303, "item", between(t, page, `id="undo"`, `name="item" value="`, `"`))
	f.carried(t, "#undo")
	lacks(t, between(t, f.see(t, f.member, f.path), `id="decided">`, "</ol>"), "images")

	f.send(t, f.chair, "/live/end", 303)
	f.carried(t, "#endmeeting")
	page = f.see(t, f.chair, f.path)
	contains(t, page, "A draft.", "DNS inside the cluster", "#endmeeting and [on] is only text")
	public := f.see(t, person.Actor{}, f.path)
	lacks(t, public, "/live/", "/agenda", `action="/actions`)
}

// carried has the bot carry out what waits, which must be this.
func (f floorTest) carried(t *testing.T, want ...string) {
	t.Helper()
	if got := f.k.carryOut(); !slices.Equal(got, want) {
		t.Fatalf("the bot was given %q, want %q", got, want)
	}
}

// between is what stands in body behind the first marks, before the last.
func between(t *testing.T, body string, marks ...string) string {
	t.Helper()
	last := len(marks) - 1
	for _, m := range marks[:last] {
		_, rest, found := strings.Cut(body, m)
		if !found {
			t.Fatalf("the page lacks %q\n%s", m, body)
		}
		body = rest
	}
	text, _, _ := strings.Cut(body, marks[last])
	return text
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

func TestVoteAndQueueFromThePage(t *testing.T) {
	t.Parallel()
	f := newFloorTest(t)
	f.k.say("tessv", "#startmeeting")
	f.send(t, f.chair, "/live/startvote", 422, "text", "no question")
	f.send(t, f.chair, "/live/startvote", 303, "text", "Ship <it>? yes, not yet, never")
	f.carried(t, "#startvote Ship <it>? yes, not yet, never")
	page := f.see(t, f.member, f.path)
	contains(t, page, "Ship &lt;it&gt;?", `value="not yet"`, "0 voted", "#vote yes")
	lacks(t, page, "/live/endvote")
	lacks(t, f.see(t, person.Actor{}, f.path), "/live/vote")
	page = f.see(t, f.chair, f.path)
	contains(t, page, "/live/endvote")
	lacks(t, page, "/live/startvote")
	f.send(t, f.member, "/live/vote", 422, "option", "perhaps")
	f.send(t, f.member, "/live/vote", 303, "option", "not yet")
	f.carried(t, "#vote not yet")
	f.send(t, f.chair, "/live/vote", 303, "option", "yes")
	f.carried(t, "#vote yes")
	contains(t, f.see(t, person.Actor{}, f.path), "2 voted", `width="50%"`, "Dov/web")
	f.send(t, f.chair, "/live/endvote", 303)
	f.carried(t, "#endvote")
	contains(t, f.see(t, person.Actor{}, f.path), "Last vote", "no decision")
	f.send(t, f.member, "/live/vote", 409, "option", "yes")

	f.k.say("tessv", "#secretvote")
	f.k.say("tessv", "#startvote Who? ann, bob")
	page = f.see(t, f.member, f.path)
	contains(t, page, "/msg hackbot #vote "+devel+" ann", "the bot alone reads what you send", `name="option"`)
	to, _ := f.send(t, f.member, "/live/vote", 303, "option", "bob")
	f.carried(t, "#vote bob")
	page = f.see(t, f.member, to)
	contains(t, page, "Delivered to the bot at", "1 voted")
	for _, who := range []person.Actor{f.member, f.chair, {}} {
		lacks(t, f.see(t, who, f.path), "#vote bob", "Dov/web</bdi></th>", "2 voted")
	}
	f.k.say("tessv", "#endvote")
	contains(t, f.see(t, person.Actor{}, f.path), "Last vote", `<span class="muted">bob</span>`)

	f.send(t, f.member, "/live/queue", 303, "do", "join")
	f.carried(t, "q+")
	page = f.see(t, f.member, f.path)
	contains(t, page, `<bdi class="mono">Dov/web</bdi>`, "Leave the queue")
	lacks(t, page, "Give the floor")
	f.send(t, f.member, "/live/queue", 422, "do", "ack")
	f.send(t, f.chair, "/live/queue", 303, "do", "ack")
	f.carried(t, "ack Dov/web")
	contains(t, f.see(t, f.member, f.path), "Nobody waits to speak.", "I want to speak")
}

// What cannot be said as it was typed comes back with the field and the reason,
// and nothing of it is said.
func TestWhatCannotBeSaid(t *testing.T) {
	t.Parallel()
	f := newFloorTest(t)
	f.k.say("tessv", "#startmeeting")
	for _, tt := range []struct {
		name   string
		to     string
		fields []string
		status int
		want   string
	}{
		{"nothing", "/live/item", []string{"kind", "#info", "text", " "}, 422, "Say what is to be noted."},
		{"two lines", "/live/item", []string{"kind", "#info", "text", "one\r\nQUIT :two"}, 422, "one line of plain text"},
		{"a formatting code", "/live/topic", []string{"text", "bold \x02text"}, 422, "one line of plain text"},
		{"longer than IRC has room for", "/live/topic", []string{"text", strings.Repeat("ü", 150)}, 422, "307 bytes"},
		{"off the record at the start", "/live/item", []string{"kind", "#info", "text", "[off] between us"}, 422, "[off]"},
		{"off the record further on", "/live/item", []string{"kind", "#info", "text", "said and [OFF] the rest"}, 422, "[off]"},
		{"a command of another kind", "/live/item", []string{"kind", "#endmeeting", "text", "x"}, 422, "Choose one of the commands"},
		{"an item that is gone", "/live/take", []string{"item", "999"}, 409, "taken up or changed"},
		{"undo of something else", "/live/undo", []string{"item", "01h.1"}, 409, "Nothing is left"},
		{"start of what runs", "/live/start", []string{"text", "again"}, 409, "runs already"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, body := f.send(t, f.chair, tt.to, tt.status, tt.fields...)
			contains(t, body, tt.want)
			if typed := tt.fields[len(tt.fields)-1]; strings.HasSuffix(tt.to, "item") && strings.TrimSpace(typed) != "" && !strings.Contains(typed, "\n") {
				contains(t, body, `value="`+typed+`"`)
			}
			f.carried(t)
		})
	}
	f.k.say("tessv", "#info newer")
	_, body := f.send(t, f.chair, "/live/undo", 409, "item", "other")
	contains(t, body, "Undo would now take back: #info newer")
	f.send(t, f.member, "/live/item", 422, "kind", "#agreed", "text", "x")
}

// Whoever may not is refused, before anything is said.
func TestWhoMayRunAMeeting(t *testing.T) {
	t.Parallel()
	f := newFloorTest(t)
	f.k.say("tessv", "#startmeeting")
	maintainer := join(t, f.Server, "Mel", person.Maintainer)
	for _, to := range []string{"start", "topic", "take", "startvote", "endvote", "undo", "end"} {
		f.send(t, person.Actor{}, "/live/"+to, 401, "text", "x?")
		f.send(t, f.member, "/live/"+to, 403, "text", "x?")
	}
	for _, to := range []string{"item", "vote", "queue"} {
		f.send(t, person.Actor{}, "/live/"+to, 401, "text", "x")
	}
	f.send(t, maintainer, "/live/topic", 303, "text", "by a maintainer")
	f.carried(t, "#topic by a maintainer")
}

// A form that is sent twice is said once.
func TestCommandSentTwice(t *testing.T) {
	t.Parallel()
	f := newFloorTest(t)
	f.k.say("tessv", "#startmeeting")
	once := newKey().String()
	first, _ := f.send(t, f.chair, "/live/topic", 303, "text", "Ports", "once", once)
	second, _ := f.send(t, f.chair, "/live/topic", 303, "text", "Ports", "once", once)
	if first != second {
		t.Errorf("to %s, and then to %s", first, second)
	}
	f.carried(t, "#topic Ports")
}

// While the bot is away the page says so before anything is typed, and gives
// back what could not be said.
func TestBotIsAway(t *testing.T) {
	t.Parallel()
	f := newFloorTest(t)
	f.k.say("tessv", "#startmeeting")
	botIn(f.Server, "freenode", "#elsewhere")
	contains(t, f.see(t, f.chair, f.path), "The bot is not in "+devel+" now")
	botIn(f.Server, "oftc", devel)
	contains(t, f.see(t, f.chair, f.path), "The bot is not on freenode now")
	f.Bot = nil
	contains(t, f.see(t, f.chair, f.path), "No bot is on IRC now")
	to, _ := f.send(t, f.chair, "/live/topic", 303, "text", "Ports")
	f.k.pass(hackfest.CommandLife + time.Second)
	contains(t, f.see(t, f.chair, to), "Not delivered: the bot is away.", `<code class="say">#topic Ports</code>`)
	f.carried(t)
	lock, err := store.AcquireBotLock(t.Context(), f.dsn)
	must(t, err)
	defer func() { must(t, lock.Release(context.Background())) }()
	lacks(t, f.see(t, f.chair, f.path), "No bot is on IRC now")
}
