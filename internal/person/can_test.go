package person

import (
	"testing"

	"github.com/eucalyptus/hackfest/internal/fault"
)

func TestCan(t *testing.T) {
	t.Parallel()
	anybody := Actor{}
	member := Actor{Viewer: Viewer{ID: 7, Role: Member}}
	maintainer := Actor{Viewer: Viewer{ID: 8, Role: Maintainer}}
	admin := Actor{Viewer: Viewer{ID: 9, Role: Admin}}
	token := func(a Actor, scopes ...Scope) Actor {
		a.Scopes = append([]Scope{}, scopes...)
		return a
	}
	allowed := fault.Kind(200)
	for _, tt := range []struct {
		name string
		who  Actor
		do   Action
		to   Object
		want fault.Kind
	}{
		{"the public reads", anybody, Read, Object{}, allowed},
		{"the public does nothing else", anybody, RunMeeting, Object{}, fault.SignIn},
		{"what GitHub delivers proves itself", anybody, Receive, Object{}, allowed},
		{"no token delivers", token(admin, ScopeRead, ScopeChair, ScopeMaintain), Receive, Object{}, fault.Forbidden},
		{"owning nothing is not owning what is nobody's", anybody, SettleAction, Object{}, fault.SignIn},
		{"a member of no session", member, RunMeeting, Object{}, fault.Forbidden},
		{"a chair", member, RunMeeting, Object{Chaired: true}, allowed},
		{"the public does not chair", anybody, RunMeeting, Object{Chaired: true}, fault.SignIn},
		{"a chair is no maintainer", member, ReadDesk, Object{Chaired: true}, fault.Forbidden},
		{"whose action it is", member, SettleAction, Object{Owner: 7}, allowed},
		{"somebody else's action", member, SettleAction, Object{Owner: 8}, fault.Forbidden},
		{"nobody's action", member, SettleAction, Object{}, fault.Forbidden},
		{"one's own settings", member, KeepAccount, Object{Owner: 7}, allowed},
		{"an admin keeps out of others' settings", admin, KeepAccount, Object{Owner: 7}, fault.Forbidden},
		{"a maintainer redacts anywhere", maintainer, Redact, Object{}, allowed},
		{"a maintainer does not administer", maintainer, Administer, Object{}, fault.Forbidden},
		{"a maintainer announces", maintainer, Announce, Object{}, allowed},
		{"a chair does not", member, Announce, Object{Chaired: true}, fault.Forbidden},
		{"an admin does", admin, Administer, Object{}, allowed},
		{"an admin may what a maintainer may", admin, Redact, Object{}, allowed},
		{"a role nobody knows", Actor{Viewer: Viewer{ID: 1, Role: "owner"}}, ReadDesk, Object{}, fault.Forbidden},
		{"a chair makes issues of actions", member, MakeIssue, Object{Chaired: true}, allowed},
		{"nobody else does but maintainers", member, MakeIssue, Object{Owner: 7}, fault.Forbidden},
		{"no token makes issues", token(admin, ScopeRead, ScopeChair, ScopeMaintain, ScopePreflight), MakeIssue, Object{}, fault.Forbidden},
		{"an action without a rule", admin, "fly", Object{}, fault.Forbidden},

		{"a member says what came of a recipe", member, PostResult, Object{}, allowed},
		{"whoever said so takes it back", member, RemoveResult, Object{Owner: 7}, allowed},
		{"nobody else does", member, RemoveResult, Object{Owner: 8}, fault.Forbidden},
		{"a member does not edit recipes", member, EditRecipe, Object{}, fault.Forbidden},
		{"a token for preflights posts results", token(member, ScopePreflight), PostResult, Object{}, allowed},
		{"a member ticks what they prepared", member, TickCheck, Object{}, allowed},
		{"the public has no account to tick for", anybody, TickCheck, Object{}, fault.SignIn},
		{"a token for preflights ticks", token(member, ScopePreflight), TickCheck, Object{}, allowed},
		{"a token of a chair ticks as well", token(member, ScopeChair), TickCheck, Object{}, allowed},
		{"a token that reads does not tick", token(member, ScopeRead), TickCheck, Object{}, fault.Forbidden},
		{"the public proposes a target", anybody, ProposeTarget, Object{}, allowed},
		{"the public does not want one", anybody, BackTarget, Object{}, fault.SignIn},
		{"who looks after a target", member, EditTarget, Object{Owner: 7}, allowed},
		{"who does not", member, EditTarget, Object{Owner: 8}, fault.Forbidden},
		{"its owner does not merge it", member, ArrangeTarget, Object{Owner: 7}, fault.Forbidden},
		{"who wrote a lesson does not publish it", member, PublishLesson, Object{Owner: 7}, fault.Forbidden},
		{"who chairs its session does", member, PublishLesson, Object{Chaired: true}, allowed},
		{"a token for preflights reads what to look at", token(member, ScopePreflight), ReadChecklist, Object{}, allowed},
		{"and nothing else", token(member, ScopePreflight), Read, Object{}, fault.Forbidden},
		{"a chair edits their checklist", member, EditChecklist, Object{Chaired: true}, allowed},
		{"a member does not edit others'", member, EditChecklist, Object{}, fault.Forbidden},
		{"a token that reads", token(member, ScopeRead), Read, Object{}, allowed},
		{"a token without the scope", token(member, ScopeRead), RunMeeting, Object{Chaired: true}, fault.Forbidden},
		{"a token with it", token(member, ScopeChair), RunMeeting, Object{Chaired: true}, allowed},
		{"a token may no more than its person", token(member, ScopeMaintain), Redact, Object{}, fault.Forbidden},
		{"a token without any scope", token(admin), Read, Object{}, fault.Forbidden},
		{"no token administers", token(admin, ScopeRead, ScopeChair, ScopeMaintain), Administer, Object{}, fault.Forbidden},
		{"nor keeps the account", token(member, ScopeRead, ScopeChair, ScopeMaintain), KeepAccount, Object{Owner: 7}, fault.Forbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := allowed
			if err := Can(tt.who, tt.do, tt.to); err != nil {
				got = fault.KindOf(err)
			}
			if got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
