package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// asker is how somebody stands to the portal and to what they ask for.
type asker int

// The columns of the matrix of rights, in its order.
const (
	nobody         asker = iota
	expired              // their sign-in has
	suspended            // while they were signed in
	member               // of nothing
	owner                // a member: the actions are theirs, and so are the settings
	chair                // a member who chairs the live session by its series, and the session for members
	otherChair           // a member who chairs the session that ended, and another series
	maintainer           //
	admin                //
	wrongToken           // an admin's, for another scope
	suspendedToken       // of who is suspended, for all
	adminToken           // an admin's, for all
	memberToken          // a member's, for all
	askers
)

// askerNames are for failures.
var askerNames = [askers]string{
	"nobody", "expired sign-in", "suspended", "member", "owner", "chair", "chair of others", "maintainer", "admin", "token of the wrong scope",
	"token of who is suspended", "admin's token", "member's token",
}

// state is in which state the object of a route is.
type state string

const (
	chaired state = "chaired"     // it is live; chair chairs it
	ended   state = "another's"   // it is over; otherChair chairs it
	closed  state = "for members" // it is over; chair chairs it
	missing state = "missing"     // there is none such
	only    state = ""            // the route is about no object, or about one of the states does not matter
)

// canary stands in all that is for members.
const canary = "zzcanary"

// rights is the portal of newSample with somebody of each kind, and objects
// in each state.
type rights struct {
	sample
	t       *testing.T
	people  map[asker]person.Actor
	headers [askers]map[string]string
	params  map[state]map[string]string // what stands in a route's braces
	client  *http.Client
}

// newRights makes one. Everybody is signed in as in real life.
func newRights(t *testing.T) *rights {
	t.Helper()
	r := &rights{sample: newSample(t), t: t, people: map[asker]person.Actor{}, params: map[state]map[string]string{}}
	r.client = &http.Client{
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(r.client.CloseIdleConnections)
	r.Post = &postbox{}
	r.GitHub = ghsync.Access{API: "https://github.example/api/v3/", Web: "https://github.example", ClientID: "portal"} // is sent to, never asked
	r.closedSession()
	for who, name := range map[asker]string{
		expired: "Edda", suspended: "Sol", member: "Mel", owner: "Oka", chair: "Tess", otherChair: "Otto", maintainer: "Mia", admin: "Ada",
	} {
		role := map[asker]person.Role{maintainer: person.Maintainer, suspended: person.Maintainer, admin: person.Admin}[who]
		if role == "" {
			role = person.Member
		}
		r.people[who] = join(t, r.Server, name, role)
	}
	alter(t, r.dsn, "insert into identities (person_id, kind, network, value, proven_at, since) values ($1, 'nick', 'local', 'okapi', '2010-01-01', '2010-01-01')", r.people[owner].ID)
	must(t, r.Store.AddChair(t.Context(), r.people[chair].ID, "weekly-hackfest", wednesday))
	must(t, r.Store.AddChair(t.Context(), r.people[otherChair].ID, "community-meeting", wednesday))
	r.objects()
	must(t, r.Store.AddSessionChair(t.Context(), r.people[otherChair].ID, r.params[ended]["session"], wednesday))
	must(t, r.Store.AddSessionChair(t.Context(), r.people[chair].ID, r.params[closed]["session"], wednesday))
	r.desk()
	r.signIns()
	return r
}

// desk has lines removed by who chairs where they were said, and gives the
// maintainers something to decide.
func (r *rights) desk() {
	t := r.t
	for st, who := range removers {
		r.redact(st, who)
		meeting, err := hackfest.ParseRef(r.params[st]["meeting"])
		must(t, err)
		request, err := r.Store.AskRemoval(t.Context(), hackfest.RemovalRequest{Line: meeting, Why: "It is mine."}, r.Now())
		must(t, err)
		r.params[st]["request"] = fmt.Sprint(request)
		r.params[st]["claim"] = fmt.Sprint(one[int64](t, r.dsn, `insert into contests (person_id, holder_id, kind, network, value, at) values ($1, $2, 'nick', 'local', $3, $4) returning id`,
			r.people[member].ID, r.people[owner].ID, "okapi"+string(st[:3]), r.Now()))
		r.params[st]["delivery"] = fmt.Sprint(one[int64](t, r.dsn, `insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, starts_at, due_at, state, reason, settled_at, created_at)
			select 'session/' || s.id, 'irc', $2, 'hour', s.channel_id, s.id, s.starts_at, s.starts_at, 'failed', 'No.', s.starts_at, s.starts_at from sessions s where s.slug = $1
			returning id`, r.params[st]["session"], "x/#"+string(st)))
	}
	n := 0
	for st := range removers {
		n++
		r.params[st]["rsvp"] = fmt.Sprint(one[int64](t, r.dsn, `insert into rsvps (session_id, who, nick, network, answer, via, created_at, changed_at)
			select s.id, 'nick/local/' || $2, $2, 'local', 'coming', 'irc', s.created_at, s.created_at from sessions s where s.slug = $1 returning id`,
			r.params[st]["session"], fmt.Sprint("noor", n)))
	}
	for _, name := range []string{"redaction", "request", "claim", "delivery", "rsvp"} {
		r.params[missing][name] = "999999999"
	}
	r.learnt()
	_, err := r.Store.AddNews(t.Context(), hackfest.News{Title: "A draft"}, r.Now())
	must(t, err)
	r.params[chaired]["news"], r.params[missing]["news"] = "a-draft", "none"
	for st := range removers {
		r.params[st]["owner"], r.params[st]["repository"] = "kestrel", "field-tools" // for members
	}
	r.params[missing]["owner"], r.params[missing]["repository"] = "kestrel", "none"
}

// learnt gives a target to the owner and has them write lessons of three sessions:
// one is published, two wait.
func (r *rights) learnt() {
	t := r.t
	r.params[chaired]["target"], r.params[missing]["target"] = "openshift-origin", "none"
	_, err := r.Store.SetTargetOwner(t.Context(), "openshift-origin", r.people[owner].Name, r.people[admin], r.Now())
	must(t, err)
	for st, at := range map[state]time.Time{chaired: {}, ended: r.Now(), closed: {}} {
		id, err := r.Store.AddLesson(t.Context(), hackfest.Lesson{
			Text: "Ask first.", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll, SessionSlug: r.params[st]["session"], AuthorID: r.people[owner].ID, PublishedAt: at,
		}, r.Now())
		must(t, err)
		r.params[st]["lesson"] = fmt.Sprint(id)
	}
	r.params[missing]["lesson"] = "999999999"
}

// redact has somebody remove the last words of a meeting, where they stand.
func (r *rights) redact(st state, who asker) {
	t := r.t
	x, err := r.Store.Session(t.Context(), r.people[admin].Viewer, r.params[st]["session"])
	must(t, err)
	ref := one[hackfest.Ref](t, r.dsn, `select l.ref from lines l join meetings m on m.channel_id = l.channel_id and l.ref > m.ref and (m.last_ref is null or l.ref < m.last_ref)
		where m.session_id = $1 and l.kind = 'message' and l.text not like '#%' and l.redacted_at is null order by l.ref desc limit 1`, x.ID)
	red, _, err := r.Store.Redact(t.Context(), hackfest.Redaction{
		ChannelID: x.ChannelID, PersonID: r.people[who].ID, Actor: r.people[who].Name, At: r.Now(), Lines: []hackfest.Ref{ref},
	})
	must(t, err)
	r.params[st]["redaction"] = fmt.Sprint(red.ID)
}

// removers are who removed lines, in each state.
var removers = map[state]asker{chaired: chair, ended: otherChair, closed: chair}

// signIns signs everybody in; some of them are to lose it again.
func (r *rights) signIns() {
	t, s := r.t, r.Server
	now := s.Now
	s.Now = func() time.Time { return now().AddDate(0, 0, -91) }
	r.headers[expired] = r.signIn(expired)
	s.Now = now
	for _, who := range []asker{suspended, member, owner, chair, otherChair, maintainer, admin} {
		r.headers[who] = r.signIn(who)
	}
	r.headers[wrongToken] = token(t, s, r.people[admin], person.ScopePreflight)
	r.headers[suspendedToken] = token(t, s, r.people[suspended], person.Scopes...)
	r.headers[adminToken] = token(t, s, r.people[admin], person.Scopes...)
	r.headers[memberToken] = token(t, s, r.people[member], person.Scopes...)
	must(t, s.Store.Suspend(t.Context(), r.people[suspended].ID, s.Now()))
	for _, who := range []asker{owner, chair} { // whose settings others try to change
		r.signIn(who)
		list, err := s.Store.Signins(t.Context(), r.people[who].ID, 1000*time.Hour, s.Now())
		must(t, err)
		tokens, err := s.Store.AddToken(t.Context(), r.people[who].ID, []byte(r.people[who].Name), person.Token{Name: "test", Scopes: person.Scopes, CreatedAt: s.Now()})
		must(t, err)
		p := r.params[map[asker]state{owner: chaired, chair: ended}[who]]
		for _, x := range list {
			if !strings.Contains(r.headers[who]["Cookie"], x.ID) && x.ID != r.current(who) {
				p["signin"] = x.ID
			}
		}
		p["token"] = fmt.Sprint(tokens)
	}
}

// current is the id of the sign-in that somebody's browser has.
func (r *rights) current(who asker) string {
	q, err := http.NewRequest(http.MethodGet, r.url, nil)
	must(r.t, err)
	q.Header.Set("Cookie", r.headers[who]["Cookie"])
	return r.gate().signins.Current(q)
}

// signIn signs somebody in by a link and returns what their browser sends then.
func (r *rights) signIn(who asker) map[string]string {
	r.t.Helper()
	a := r.send(http.MethodPost, "/signin/"+linkFor(r.t, r.Server, r.people[who].ID), url.Values{}, nil)
	for _, c := range a.cookies {
		if c.Name == "hackfest" && a.code == http.StatusSeeOther {
			return map[string]string{"Cookie": c.Name + "=" + c.Value}
		}
	}
	r.t.Fatalf("%s is not signed in: %d\n%s", askerNames[who], a.code, a.body)
	return nil
}

// answered is what came back.
type answered struct {
	code    int
	to      string // Location
	header  http.Header
	cookies []*http.Cookie
	body    string // "" of a stream
}

// send sends a request as a browser on a page of the portal does it.
func (r *rights) send(method, path string, form url.Values, header map[string]string) answered {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	q, err := http.NewRequestWithContext(ctx, method, r.url+path, body)
	must(r.t, err)
	if method == http.MethodPost {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Origin", r.url)
	}
	for k, v := range header {
		if q.Header.Set(k, v); v == "" {
			q.Header.Del(k)
		}
	}
	w, err := r.client.Do(q)
	must(r.t, err)
	defer func() { _ = w.Body.Close() }()
	a := answered{code: w.StatusCode, to: w.Header.Get("Location"), header: w.Header, cookies: w.Cookies()}
	if !strings.HasPrefix(w.Header.Get("Content-Type"), "text/event-stream") {
		text, err := io.ReadAll(w.Body)
		must(r.t, err)
		a.body = string(text)
	}
	return a
}

// closedSession holds a session for members in a channel of its own.
func (r *rights) closedSession() {
	t, s := r.t, r.Server
	now := s.Now
	must(t, s.Store.OpenChannels(t.Context(), "local", []string{"#cellar"}, irctext.RFC1459, now()))
	id, err := s.Store.AddSeries(t.Context(), hackfest.Series{
		Slug: canary + "-series", Title: canary + " series", Kind: hackfest.KindMeeting, Network: "local", Channel: "#cellar", Zone: pacific,
		First: thursday.AddDate(0, 0, 30), Length: time.Hour, Rule: "FREQ=WEEKLY", Visibility: person.MembersOnly,
	}, now())
	must(t, err)
	_ = id
	x := plan(t, s, canary+" plans", thursday.AddDate(0, 0, -2), func(x *hackfest.Session) { x.Network, x.Channel = "local", "#cellar" })
	alter(t, r.dsn, "update sessions set visibility = 'members' where id = $1", x.ID)
	k := listen(t, s, x)
	k.say("tessv", "#startmeeting "+canary)
	k.say("okapi", "#action okapi to say nothing of "+canary)
	for i := range 9 {
		k.say("okapi", fmt.Sprint(canary, " ", i))
	}
	k.say("tessv", "#endmeeting")
	s.Now = now
}

// objects fills in what stands in the braces of routes, for each state.
func (r *rights) objects() {
	t, everybody := r.t, person.Viewer{Role: person.Admin}
	for st, slug := range map[state]string{
		chaired: "2026-03-05-weekly-hackfest", ended: "2026-02-26-appscale-on-eucalyptus-3-1", closed: "2026-03-03-" + canary + "-plans",
	} {
		x, err := r.Store.Session(t.Context(), everybody, slug)
		must(t, err)
		item, err := r.Store.AddAgendaItem(t.Context(), x.ID, "Agenda of "+slug, r.Now())
		must(t, err)
		meetings, err := r.Store.MeetingsOfSession(t.Context(), everybody, x.ID)
		must(t, err)
		action := one[hackfest.Ref](t, r.dsn, `select a.ref from actions a join meetings m on m.ref = a.meeting_ref join items i on i.ref = a.ref and i.n = a.n
			where m.session_id = $1 and i.text like '%okapi%' order by a.ref limit 1`, x.ID)
		r.params[st] = map[string]string{
			"session": slug, "item": fmt.Sprint(item), "meeting": meetings[0].Ref.String(), "ref": meetings[0].Ref.String(), "action": action.String() + ".1",
			"network": "local", "day": x.StartsAt.Format(time.DateOnly), "form": "md", "number": "1", "person": "Kestrel", "role": "member",
		}
	}
	result, err := r.Store.AddResult(t.Context(), everybody, hackfest.RecipeResult{
		RecipeSlug: "origin-broker", ImageSlug: "fedora-16", Outcome: hackfest.ResultWorks, Minutes: 34, PersonID: r.people[owner].ID,
	}, r.Now())
	must(t, err)
	r.params[chaired]["recipe"], r.params[chaired]["image"], r.params[chaired]["result"] = "origin-broker", "fedora-16", fmt.Sprint(result)
	r.params[chaired]["series"], r.params[ended]["series"], r.params[closed]["series"] = "weekly-hackfest", "recipes-meeting", canary+"-series"
	r.params[chaired]["channel"], r.params[ended]["channel"], r.params[closed]["channel"] = "eucalyptus-devel", "eucalyptus-meeting", "cellar"
	for st, p := range r.params {
		p["checklist"] = p["series"]
		check, err := r.Store.AddCheckItem(t.Context(), hackfest.ChecklistKey{Scope: hackfest.ChecklistSeries, Slug: p["series"]}, hackfest.CheckEdit{Text: "Of " + p["series"]}, r.Now())
		must(t, err)
		p["check"] = fmt.Sprint(check)
		id := one[int64](t, r.dsn, `insert into identities (person_id, kind, network, value, proven_at, since) values ($1, 'account', 'local', $2, '2010-01-01', '2010-01-01') returning id`,
			r.people[map[state]asker{chaired: owner, ended: chair, closed: admin}[st]].ID, "account-"+string(st[:3]))
		p["identity"] = fmt.Sprint(id)
	}
	for st, jobState := range map[state]string{chaired: "available", ended: "discarded"} {
		id := one[int64](t, r.dsn, `insert into river_job (state, kind, args, max_attempts, queue, finalized_at)
			values ($1::text::river_job_state, 'test', '{}', 3, 'default', case when $1 = 'discarded' then now() end) returning id`, jobState)
		r.params[st]["job"] = fmt.Sprint(id)
	}
	r.params[missing] = map[string]string{
		"session": "2026-03-05-none", "series": "none", "item": "999999999", "meeting": "01arz3ndektsv4rrffq69g5fav", "ref": "01arz3ndektsv4rrffq69g5fav",
		"action": "01arz3ndektsv4rrffq69g5fav.1", "network": "local", "channel": "none", "day": "2026-03-05", "form": "md", "number": "1", "person": "No One", "role": "member",
		"recipe": "none", "image": "none", "result": "999999999", "identity": "999999999", "signin": strings.Repeat("0", 64), "token": "999999999", "job": "999999999", "secret": strings.Repeat("B", 43),
		"checklist": "none", "check": "999999999",
	}
}

// one reads one value by SQL.
func one[T any](t *testing.T, dsn, q string, args ...any) T {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	must(t, err)
	defer func() { must(t, c.Close(t.Context())) }()
	rows, err := c.Query(t.Context(), q, args...)
	must(t, err)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	must(t, err)
	return v
}

// path fills in the braces of a route.
func (r *rights) routePath(route string, st state) string {
	for name, value := range r.params[st] {
		route = strings.ReplaceAll(route, "{"+name+"}", url.PathEscape(value))
	}
	return route
}

// refusals is how many tries are in the audit log that were refused.
func (r *rights) refusals() int {
	return one[int](r.t, r.dsn, "select count(*)::int from audit where refused")
}

// everything is a sum of all that is stored, but for when somebody was seen and
// who was refused.
func (r *rights) everything() map[string]string {
	t := r.t
	t.Helper()
	c, err := pgx.Connect(t.Context(), r.dsn)
	must(t, err)
	defer func() { must(t, c.Close(t.Context())) }()
	rows, _ := c.Query(t.Context(), `select tablename::text from pg_tables where schemaname = 'public' and tablename not like 'river%' and tablename not in ('audit')`)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	for i, name := range tables {
		tables[i] = `select '` + name + `', coalesce(md5(string_agg(x.t, '|' order by x.t)), '') from
			(select (to_jsonb(r) - 'seen_at' - 'used_at' - 'address' - 'agent')::text as t from ` + pgx.Identifier{name}.Sanitize() + ` r) x`
	}
	rows, err = c.Query(t.Context(), strings.Join(tables, " union all "))
	must(t, err)
	sums, name, sum := map[string]string{}, "", ""
	_, err = pgx.ForEachRow(rows, []any{&name, &sum}, func() error { sums[name] = sum; return nil })
	must(t, err)
	return sums
}
