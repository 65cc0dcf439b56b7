package person

import (
	"slices"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// Actor is who wants to do something: a person with the role they have now, or
// the anonymous public. The zero Actor is the public.
type Actor struct {
	Viewer
	Name   string  // on the portal; "" for the public
	Zone   string  // IANA name of the zone they read times in; "" when they chose none
	Scopes []Scope // what an API token is limited to; nil for a person at a browser or on IRC
}

// SignedIn reports whether a is somebody.
func (a Actor) SignedIn() bool { return a.Role != Anonymous }

// Scope is what an API token may be used for. A token never may more than the
// person it belongs to.
type Scope string

const (
	ScopeRead      Scope = "read"      // what its person may read
	ScopeChair     Scope = "chair"     // what chairs and participants do
	ScopeMaintain  Scope = "maintain"  // what maintainers do
	ScopePreflight Scope = "preflight" // post results of preflight checks
)

// Object is what an action is done to, reduced to what a right can depend on.
type Object struct {
	Owner   ID   // whose it is; zero is nobody's
	Chaired bool // the actor chairs the session or series it belongs to
}

// Action is something people do that not everybody may.
type Action string

const (
	Read           Action = "read"            // see what one may see at all; visibility is the store's
	Prefer         Action = "prefer"          // keep a zone, clock and colours in one's browser
	SignIn         Action = "sign in"         // or out
	AskRemoval     Action = "ask for removal" // of something in a log
	Follow         Action = "follow"          // something by mail, at an address of one's own
	KeepAccount    Action = "keep account"    // change one's own settings, sign-ins, names and tokens
	TakePart       Action = "take part"       // say something in a running meeting from the web
	RunMeeting     Action = "run meeting"     // the chair's controls
	PlanAgenda     Action = "plan agenda"     // of a session
	AddSeries      Action = "add series"      // that did not exist
	PlanSeries     Action = "plan series"     // change when and what it is, or end it
	PlanSession    Action = "plan session"    // make, change, move or cancel one
	Propose        Action = "propose"         // a session, or to chair a proposed one
	SettleAction   Action = "settle action"   // close, carry or drop what somebody took on
	ArrangeMeeting Action = "arrange meeting" // give a meeting to another session, or discard it
	EditMinutes    Action = "edit minutes"    // of a meeting that is over: write the draft
	PublishMinutes Action = "publish minutes" // or a correction of them
	Respond        Action = "respond"         // say whether one comes to a session
	RemoveAnswer   Action = "remove answer"   // what others said about that, or put it back
	ProposeTarget  Action = "propose target"  // who is not signed in answers a mail
	BackTarget     Action = "back target"     // say that one wants it, or will look after it
	EditTarget     Action = "edit target"     // its words, its stage and its owner
	ArrangeTarget  Action = "arrange target"  // rename it, make it part of another, take it off the board
	WriteLesson    Action = "write lesson"    // for a maintainer or chair to publish
	EditLesson     Action = "edit lesson"     // its words
	PublishLesson  Action = "publish lesson"  // or decline or retire it
	EditRecipe     Action = "edit recipe"     // or an image
	PostResult     Action = "post result"     // of running a recipe
	RemoveResult   Action = "remove result"   // or put it back
	ReadChecklist  Action = "read checklist"  // as far as one may see what it is for
	EditChecklist  Action = "edit checklist"  // of a target, a series, a session or all hackfests
	TickCheck      Action = "tick check"      // say how one stands with what is prepared
	MakeIssue      Action = "make issue"      // of an action, on GitHub
	Redact         Action = "redact"          // take words out of a log
	AppointChair   Action = "appoint chair"   // for a series or a session, or take it from them
	ReadDesk       Action = "read desk"       // see what waits for a maintainer
	Announce       Action = "announce"        // write news, publish and withdraw them
	Deliver        Action = "deliver"         // try again what failed to go out
	SettleRequest  Action = "settle request"  // answer removal requests and contested names
	Administer     Action = "administer"      // people, roles, channels, jobs, audit
	Operate        Action = "operate"         // what operators and their monitors ask; the endpoints have rules of their own
	Fetch          Action = "fetch"           // a file that is the same for everybody
	Receive        Action = "receive"         // what GitHub delivers; its signature is the proof
)

// Rule says who may do an action. Everybody below Least is refused, unless they
// chair or own the object and the rule lets such people.
type Rule struct {
	Action Action
	Least  Role  // Anonymous is everybody
	Chair  bool  // a signed-in person who chairs it may too
	Owner  bool  // whoever it belongs to may too
	Own    bool  // nobody but its owner may, whatever their role
	Scope  Scope // what a token needs besides; "" is for no token
	Also   Scope // does as well as Scope; "" is none
}

// rules is the policy. What has no row nobody may do.
var rules = []Rule{
	{Action: Read, Scope: ScopeRead},
	{Action: Prefer},
	{Action: SignIn},
	{Action: AskRemoval},
	{Action: Follow},
	{Action: KeepAccount, Least: Member, Own: true},
	{Action: TakePart, Least: Member, Scope: ScopeChair},
	{Action: RunMeeting, Least: Maintainer, Chair: true, Scope: ScopeChair},
	{Action: PlanAgenda, Least: Maintainer, Chair: true, Scope: ScopeChair},
	{Action: AddSeries, Least: Maintainer, Scope: ScopeMaintain},
	{Action: PlanSeries, Least: Maintainer, Chair: true, Scope: ScopeChair},
	{Action: PlanSession, Least: Maintainer, Chair: true, Scope: ScopeChair},
	{Action: Propose, Least: Member, Scope: ScopeChair},
	{Action: SettleAction, Least: Maintainer, Chair: true, Owner: true, Scope: ScopeChair},
	{Action: ArrangeMeeting, Least: Maintainer, Chair: true, Scope: ScopeChair},
	{Action: EditMinutes, Least: Maintainer, Chair: true, Scope: ScopeChair},
	{Action: PublishMinutes, Least: Maintainer, Scope: ScopeMaintain},
	{Action: Respond, Scope: ScopeChair},
	{Action: RemoveAnswer, Least: Maintainer, Chair: true, Owner: true, Scope: ScopeChair},
	{Action: ProposeTarget, Scope: ScopeChair},
	{Action: BackTarget, Least: Member, Scope: ScopeChair},
	{Action: EditTarget, Least: Maintainer, Owner: true, Scope: ScopeMaintain},
	{Action: ArrangeTarget, Least: Maintainer, Scope: ScopeMaintain},
	{Action: WriteLesson, Least: Member, Scope: ScopeChair},
	{Action: EditLesson, Least: Maintainer, Chair: true, Owner: true, Scope: ScopeMaintain},
	{Action: PublishLesson, Least: Maintainer, Chair: true, Scope: ScopeMaintain},
	{Action: EditRecipe, Least: Maintainer, Scope: ScopeMaintain},
	{Action: PostResult, Least: Member, Scope: ScopePreflight},
	{Action: RemoveResult, Least: Maintainer, Owner: true},
	{Action: ReadChecklist, Scope: ScopeRead, Also: ScopePreflight},
	{Action: EditChecklist, Least: Maintainer, Chair: true, Scope: ScopeChair},
	{Action: TickCheck, Least: Member, Scope: ScopePreflight, Also: ScopeChair},
	{Action: MakeIssue, Least: Maintainer, Chair: true},
	{Action: Redact, Least: Maintainer, Chair: true, Scope: ScopeMaintain},
	{Action: AppointChair, Least: Maintainer},
	{Action: ReadDesk, Least: Maintainer, Scope: ScopeMaintain},
	{Action: Announce, Least: Maintainer, Scope: ScopeMaintain},
	{Action: Deliver, Least: Maintainer, Scope: ScopeMaintain},
	{Action: SettleRequest, Least: Maintainer, Scope: ScopeMaintain},
	{Action: Administer, Least: Admin},
	{Action: Operate},
	{Action: Fetch},
	{Action: Receive},
}

// Rules lists the policy, for the manual and for tests.
func Rules() []Rule { return slices.Clone(rules) }

// RuleOf returns the rule for an action; one that nobody may do has none.
func RuleOf(do Action) (Rule, bool) {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Action == do })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}

// ranks orders the roles.
var ranks = map[Role]int{Anonymous: 0, Member: 1, Maintainer: 2, Admin: 3}

// AtLeast reports whether r may all that least may.
func (r Role) AtLeast(least Role) bool {
	rank, known := ranks[r]
	return known && rank >= ranks[least]
}

// Can says whether a may do something to o: nil, fault.SignIn when somebody has
// to be signed in for it, or fault.Forbidden. It does not judge whether a may
// know of o: the store finds only what a viewer may see.
func Can(a Actor, do Action, o Object) error {
	rule, ok := RuleOf(do)
	switch {
	case !ok:
		return errForbidden
	case a.Scopes != nil && (rule.Scope == "" || !slices.Contains(a.Scopes, rule.Scope) && (rule.Also == "" || !slices.Contains(a.Scopes, rule.Also))):
		return errScope
	case rule.allows(a, o):
		return nil
	case !a.SignedIn():
		return errSignIn
	}
	return errForbidden
}

func (r Rule) allows(a Actor, o Object) bool {
	switch {
	case r.Least == Anonymous:
		return true
	case !a.SignedIn():
		return false
	case r.Own:
		return a.Role.AtLeast(r.Least) && (o.Owner == 0 || o.Owner == a.ID)
	}
	return a.Role.AtLeast(r.Least) || r.Chair && o.Chaired || r.Owner && o.Owner != 0 && o.Owner == a.ID
}

// Why somebody may not do something.
var (
	errSignIn    = fault.New(fault.SignIn, "You need to sign in for that.")
	errForbidden = fault.New(fault.Forbidden, "Your role does not allow that. A chair of this session or a maintainer can do it.")
	errScope     = fault.New(fault.Forbidden, "This token is not made for that: it lacks the scope.")
)

// atLeast are the roles that have all a role may, in words.
var atLeast = map[Role]string{Member: "signed in", Maintainer: "maintainer, admin", Admin: "admin"}

// Who says in words who may do an action.
func Who(do Action) string {
	r, ok := RuleOf(do)
	switch {
	case !ok:
		return "nobody"
	case do == Operate:
		return "by its own rules"
	case r.Least == Anonymous:
		return "everybody"
	case r.Own:
		return "whose it is"
	}
	who := atLeast[r.Least]
	if r.Chair {
		who = "chair, " + who
	}
	if r.Owner {
		who = "owner, " + who
	}
	return who
}
