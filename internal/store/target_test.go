package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// actor adds somebody with an account.
func (w world) actor(name string, role person.Role) person.Actor {
	w.t.Helper()
	id, err := w.AddPerson(w.t.Context(), name, role, aug2)
	w.must(err)
	return person.Actor{Viewer: person.Viewer{ID: id, Role: role}, Name: name}
}

// propose adds an idea.
func (w world) propose(name string, by person.Actor) hackfest.Target {
	w.t.Helper()
	p := store.TargetProposal{TargetEdit: hackfest.TargetEdit{Name: name}, Via: hackfest.TargetViaWeb}
	got, err := w.ProposeTarget(w.t.Context(), p, by, aug2)
	w.must(err)
	return got
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.exec(`update channels set visibility = 'members' where name = '#other'`)
	ann := w.actor("Ann", person.Member)
	w.must(w.AddIdentity(ctx, ann.ID, person.IRCNick, network, "ann[m]", aug2))
	long := strings.Repeat("Puppet all the things ", 9)
	for _, tt := range []struct {
		name, nick, channel, text string
		want                      string // of the reply, or of what is wrong with it
		wrong                     bool
	}{
		{"a new one", "bo", channel, "  Varnish in\tfront  of Walrus ", "On the board as an idea: Varnish in front of Walrus · https://h.example/targets/varnish-in-front-of-walrus", false},
		{"again, by its address", "cy", channel, "varnish in front of walrus", "On the board already (idea): Varnish in front of Walrus · you are counted among those who want it · https://", false},
		{"the same nick again", "CY", channel, "Varnish in front of Walrus", "already", false},
		{"somebody with an account", "Ann{m}", "", "Varnish in front of Walrus", "already", false},
		{"their account once more", "ann[m]", channel, "Varnish in front of Walrus", "already", false},
		{"longer than a name", "bo", channel, long, "Puppet all the things Puppet all", false},
		{"nothing", "bo", channel, " ", "!idea GitLab", true},
		{"no letters for an address", "bo", channel, "!!! ???", "letter from a to z", true},
		{"a channel for members", "bo", "#other", "Secret", "not public", true},
	} {
		got, err := w.Suggest(ctx, hackfest.Suggestion{Network: network, Channel: tt.channel, Nick: tt.nick, Text: tt.text, BaseURL: "https://h.example"}, aug2)
		if tt.wrong {
			got = fault.Message(err)
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", tt.name, err)
			}
		} else if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q", tt.name, got)
		}
	}
	got, err := w.Target(ctx, "varnish-in-front-of-walrus")
	w.must(err)
	if got.Wanted != 3 || got.Via != hackfest.TargetViaIRC || got.Proposer != "bo" || got.Stage != hackfest.StageIdea {
		t.Errorf("got %+v", got)
	}
	if n := w.number(`select count(*) from targets where name like 'Puppet%' and char_length(name) <= 120 and about = $1`, strings.TrimSpace(long)); n != 1 {
		t.Error("what was longer than a name is not kept whole")
	}
	for i := range 3 {
		_, err = w.Suggest(ctx, hackfest.Suggestion{Network: network, Nick: "bo", Text: "more " + string(rune('a'+i))}, aug2)
		w.must(err)
	}
	if _, err = w.Suggest(ctx, hackfest.Suggestion{Network: network, Nick: "Bo", Text: "one too many"}, aug2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the sixth in a day: %v", err)
	}
	if _, err = w.Suggest(ctx, hackfest.Suggestion{Network: network, Nick: "Bo", Text: "one too many"}, aug2.Add(25*time.Hour)); err != nil {
		t.Errorf("on the next day: %v", err)
	}
}

func TestMoveTarget(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	ann := w.actor("Ann", person.Maintainer)
	w.propose("OpenShift Origin", ann)
	s := planned("OpenShift", aug2.Add(24*time.Hour))
	s.TargetSlug = "openshift-origin"
	held := w.plan(s)
	now := aug2.Add(30 * time.Hour)
	move := func(to hackfest.TargetStage, at time.Time, m hackfest.TargetMove) error {
		m.To = to
		_, err := w.MoveTarget(ctx, ann.Viewer, "openshift-origin", m, 0, "https://h.example", ann, at)
		return err
	}
	for _, tt := range []struct {
		name  string
		to    hackfest.TargetStage
		at    time.Time
		how   hackfest.TargetMove
		field string // at fault; "" is fine
	}{
		{"tried before it has begun", hackfest.StageTrying, aug2, hackfest.TargetMove{}, "stage"},
		{"planned", hackfest.StagePlanned, aug2, hackfest.TargetMove{}, ""},
		{"planned again", hackfest.StagePlanned, aug2, hackfest.TargetMove{}, "stage"},
		{"no stage", "sometime", aug2, hackfest.TargetMove{}, "stage"},
		{"tried since", hackfest.StageTrying, now, hackfest.TargetMove{Session: held.Slug}, ""},
		{"another session", hackfest.StageParked, now, hackfest.TargetMove{Session: "2012-01-01-nothing", Note: "x"}, "session"},
		{"parked for no reason", hackfest.StageParked, now, hackfest.TargetMove{}, "note"},
		{"without minutes", hackfest.StageWorks, now, hackfest.TargetMove{}, "stage"},
		{"overridden without a reason", hackfest.StageWorks, now, hackfest.TargetMove{Override: true}, "note"},
		{"overridden", hackfest.StageNotes, now, hackfest.TargetMove{Override: true, Note: "seen by all", Session: held.Slug}, ""},
	} {
		err := move(tt.to, tt.at, tt.how)
		field := ""
		if list := fault.All(err); len(list) > 0 {
			field = list[0].Field
		} else if err != nil {
			t.Fatal(err)
		}
		if field != tt.field {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	drafts := `select count(*) from news where state = 'draft' and title = 'OpenShift Origin works, with notes' and session_id = $1`
	if w.number(drafts, held.ID) != 1 {
		t.Error("no draft of the news")
	}
	out, err := w.TargetOutcomes(ctx, member, "openshift-origin")
	w.must(err)
	if want := []store.TargetOutcome{{Target: "openshift-origin", Session: held.Slug, Stage: hackfest.StageNotes}}; !slices.Equal(out, want) {
		t.Errorf("sessions made of it %+v", out)
	}
	if _, err := w.UndoMove(ctx, "openshift-origin", now.Add(11*time.Minute)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("undone after eleven minutes: %v", err)
	}
	back, err := w.UndoMove(ctx, "openshift-origin", now.Add(time.Minute))
	w.must(err)
	if back.Stage != hackfest.StageTrying || !back.StagedAt.Equal(now) || w.number(drafts, held.ID) != 0 {
		t.Errorf("undone: %+v", back)
	}
	s.Title, s.StartsAt, s.EndsAt = "Later", aug2.Add(96*time.Hour), aug2.Add(98*time.Hour)
	w.plan(s)
	w.exec(`update sessions set published = true, held = 1 where id = $1`, held.ID)
	draft := func() int {
		return w.number(`select count(*) from news where state = 'draft' and title = 'OpenShift Origin works'`)
	}
	w.must(move(hackfest.StageWorks, now, hackfest.TargetMove{}))
	if draft() != 1 {
		t.Error("no draft that it works")
	}
	// A draft that nobody touched goes when it is moved back, and names no session
	// that is for members.
	w.must(move(hackfest.StageTrying, now.Add(time.Minute), hackfest.TargetMove{}))
	if draft() != 0 {
		t.Error("it is tried again, and a draft says that it works")
	}
	w.exec(`update sessions set visibility = 'members' where id = $1`, held.ID)
	w.must(move(hackfest.StageNotes, now.Add(2*time.Minute), hackfest.TargetMove{Session: held.Slug}))
	if n := w.number(`select count(*) from news where state = 'draft' and title = 'OpenShift Origin works, with notes' and session_id is null and body not like '%' || $1 || '%'`, held.Slug); n != 1 {
		t.Error("the draft names a session that is for members")
	}
	w.must(move(hackfest.StageWorks, now.Add(3*time.Minute), hackfest.TargetMove{}))
	if draft() != 1 || w.number(`select count(*) from news where state = 'draft'`) != 1 {
		t.Error("without notes there is no draft, or one with notes besides")
	}
	events, err := w.TargetEvents(ctx, member, back.ID, 0)
	w.must(err)
	if len(events) != 7 || events[0].To != hackfest.StageWorks || events[0].Actor != "Ann" || events[6].Deed != hackfest.TargetProposed {
		t.Errorf("its history is %+v", events)
	}
}

func TestEditTarget(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	ann := w.actor("Ann", person.Maintainer)
	first := w.propose("Chef", ann)
	if first.Wanted != 1 || first.Revision != 1 {
		t.Errorf("proposed: %+v", first)
	}
	_, err := w.ProposeTarget(ctx, store.TargetProposal{TargetEdit: hackfest.TargetEdit{Name: "CHEF!"}, Via: hackfest.TargetViaWeb}, ann, aug2)
	if fault.KindOf(err) != fault.Conflict {
		t.Errorf("proposed twice: %v", err)
	}
	e := hackfest.TargetEdit{Name: "Chef", Goal: "chef-client ends with 0", Project: "https://example.org/chef"}
	got, err := w.EditTarget(ctx, "chef", e, 1, ann, aug2)
	w.must(err)
	if got.Goal != e.Goal || got.Project != e.Project || got.Revision != 2 {
		t.Errorf("edited: %+v", got)
	}
	if _, err = w.EditTarget(ctx, "chef", e, 1, ann, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("of a revision that is gone: %v", err)
	}
	e.Project = "javascript:alert(1)"
	if _, err = w.EditTarget(ctx, "chef", e, 0, ann, aug2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a link that runs: %v", err)
	}
	if got, err = w.SetTargetOwner(ctx, "chef", "ann", ann, aug2); err != nil || got.Owner != "Ann" {
		t.Errorf("owned: %+v, %v", got, err)
	}
	if _, err = w.SetTargetOwner(ctx, "chef", "nobody", ann, aug2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("owned by nobody there is: %v", err)
	}
	w.propose("Puppet", ann)
	if _, err = w.RenameTarget(ctx, "chef", "puppet", 0, ann, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("renamed to a taken address: %v", err)
	}
	_, err = w.RenameTarget(ctx, "chef", "chef-install", 0, ann, aug2)
	w.must(err)
	if to, err := w.TargetOf(ctx, "chef"); err != nil || to != "chef-install" {
		t.Errorf("its old address leads to %q, %v", to, err)
	}
	if _, err = w.RenameTarget(ctx, "puppet", "chef", 0, ann, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("renamed to an old address: %v", err)
	}
	_, err = w.RenameTarget(ctx, "chef-install", "chef", 0, ann, aug2)
	w.must(err)

	w.must(w.RemoveTarget(ctx, "puppet", "a joke", ann, aug2))
	if _, err := w.Target(ctx, "puppet"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("removed: %v", err)
	}
	if reply, err := w.Suggest(ctx, hackfest.Suggestion{Network: network, Nick: "bo", Text: "puppet"}, aug2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("proposed again: %q, %v", reply, err)
	}
	w.must(w.RestoreTarget(ctx, "puppet", ann, aug2))
	s := planned("Chef", aug2)
	s.TargetSlug = "chef"
	w.plan(s)
	if err := w.RemoveTarget(ctx, "chef", "", ann, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("removed with a session: %v", err)
	}
}

// All that refers to a target goes with it into another, whatever table it is in.
func TestMergeTarget(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	ann, bo := w.actor("Ann", person.Maintainer), w.actor("Bo", person.Member)
	w.propose("Chef", ann)
	into := w.propose("Install by Chef", ann)
	_, err := w.RenameTarget(ctx, "chef", "chef-solo", 0, ann, aug2)
	w.must(err)
	_, err = w.BackTarget(ctx, into.ID, bo.ID, aug2)
	w.must(err)
	s := planned("Chef", aug2)
	s.TargetSlug = "chef-solo"
	held := w.plan(s)
	_, err = w.AddLesson(ctx, hackfest.Lesson{Text: "x", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeTarget, TargetSlug: "chef-solo"}, aug2)
	w.must(err)
	_, err = w.AddNews(ctx, hackfest.News{Title: "x", TargetSlug: "chef-solo"}, aug2)
	w.must(err)
	w.exec(`insert into subscribers (handle, mail, made_at) select decode(md5('a'), 'hex'), 'a@example.org', $1`, aug2)
	w.exec(`insert into follows (subscriber_id, scope, target_id, made_at) select s.id, 'target', t.id, $1 from subscribers s, targets t`, aug2)
	both, old := w.register("euca/both", person.Public), w.register("euca/old", person.Public)
	w.must(w.SetRepositoryUses(ctx, hackfest.RepositoryUse{TargetID: into.ID}, []hackfest.RepositoryID{both}, aug2))
	w.exec(`insert into repository_uses (repository_id, target_id, created_at) select r, id, $2 from targets, unnest($1::bigint[]) r where slug = 'chef-solo'`,
		[]hackfest.RepositoryID{both, old}, aug2)
	got, err := w.MergeTarget(ctx, "chef-solo", "install-by-chef", ann, aug2)
	w.must(err)
	if got.Wanted != 2 || got.ID != into.ID {
		t.Errorf("got %+v", got)
	}
	for _, old := range []string{"chef", "chef-solo"} {
		if to, err := w.TargetOf(ctx, old); err != nil || to != "install-by-chef" {
			t.Errorf("%s leads to %q, %v", old, to, err)
		}
	}
	if x, err := w.Session(ctx, member, held.Slug); err != nil || x.TargetSlug != "install-by-chef" {
		t.Errorf("its session is on %q, %v", x.TargetSlug, err)
	}
	for table, want := range map[string]int{"lessons": 1, "news": 1, "follows": 1, "target_backers": 2, "repository_uses": 2} {
		if n := w.number(`select count(*) from `+table+` where target_id = $1`, into.ID); n != want {
			t.Errorf("%s has %d rows of it", table, n)
		}
	}
	if _, err := w.MergeTarget(ctx, "install-by-chef", "chef", ann, aug2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("into one that is no more: %v", err)
	}
	var tables []string
	rows, err := w.pool.Query(ctx, `select distinct conrelid::regclass::text from pg_constraint where contype = 'f' and confrelid = 'targets'::regclass`)
	w.must(err)
	for rows.Next() {
		var table string
		w.must(rows.Scan(&table))
		tables = append(tables, table)
	}
	for _, table := range tables {
		if !slices.Contains(store.Merged(), table) {
			t.Errorf("a merge forgets what table %s has of a target", table)
		}
	}
}

// Who proposes without an account answers by mail.
func TestTargetProposal(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	e := hackfest.TargetEdit{Name: "GitLab", Goal: "a push starts a runner"}
	for _, hash := range []string{"one", "two"} {
		id, err := w.AddTargetProposal(ctx, "ann@example.org", e, aug2, aug2.Add(time.Hour))
		w.must(err)
		if mail, name, err := w.SealProposal(ctx, id, []byte(hash)); err != nil || mail != "ann@example.org" || name != "GitLab" {
			t.Errorf("to be sent to %q about %q, %v", mail, name, err)
		}
	}
	if _, err := w.AddTargetProposal(ctx, "ANN@example.org", e, aug2, aug2.Add(time.Hour)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a third mail in a day: %v", err)
	}
	if list, err := w.Targets(ctx); err != nil || len(list) != 0 {
		t.Errorf("on the board unconfirmed: %v, %v", list, err)
	}
	if _, err := w.UseProposal(ctx, []byte("one"), aug2.Add(time.Hour)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("too late: %v", err)
	}
	got, err := w.UseProposal(ctx, []byte("one"), aug2)
	w.must(err)
	if got.Slug != "gitlab" || got.Goal != e.Goal || got.Via != hackfest.TargetViaMail || got.Proposer != "" || got.Wanted != 0 {
		t.Errorf("got %+v", got)
	}
	if _, err := w.UseProposal(ctx, []byte("one"), aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("twice: %v", err)
	}
	if _, err := w.UseProposal(ctx, []byte("two"), aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same by another mail: %v", err)
	}
	w.must(w.ForgetProposals(ctx, aug2.Add(26*time.Hour)))
	if w.number(`select count(*) from target_proposals`) != 0 {
		t.Error("the address is kept")
	}
}
