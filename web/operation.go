package web

import (
	"net/http"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// apiRoot is the path below which the API is.
const apiRoot = "/api/v1"

// operation is one thing the API does. The table of them is what /api and
// /api/openapi.json are made of.
type operation struct {
	name    string // as programs call it
	method  string
	path    string // below apiRoot
	does    person.Action
	summary string
	about   string // more than fits into the summary; may be empty
	params  []parameter
	body    any  // an example of the type of what is sent; nil for nothing
	answer  any  // an example of the type of what is answered
	list    bool // many of that, in pages
	whole   bool // many of that, at once
	state   bool // what is sent says how things are: sent twice it is as sent once, and needs no name
}

// parameter is part of the path or of the query of an operation.
type parameter struct {
	name     string
	inPath   bool
	header   bool
	required bool
	about    string
	is       *schema
}

// Parameters that several operations have.
var (
	anyText = &schema{Type: "string"}

	from   = parameter{name: "from", about: "not before this time or day", is: anyMoment}
	to     = parameter{name: "to", about: "before this time or day", is: anyMoment}
	inside = parameter{name: "channel", about: "#name on any network, or network/name without the #", is: anyText}

	anyMoment = &schema{AnyOf: []*schema{{Type: "string", Format: "date-time"}, {Type: "string", Format: "date"}}}
	anyItem   = &schema{Type: "string", Pattern: strings.TrimSuffix(refPattern, "$") + `\.[0-9]+$`}
	anyRef    = &schema{Type: "string", Pattern: refPattern}
)

// ofKind is a parameter that has one of the values.
func ofKind(name, about string, values ...string) parameter {
	return parameter{name: name, about: about, is: &schema{Type: "string", Enum: values}}
}

// named is a part of the path.
func named(name, about string) parameter {
	return parameter{name: name, inPath: true, about: about, is: anyText}
}

// operations are all that the API does, in the order in which people read them.
var operations = append([]operation{
	{
		name: "listSessions", method: http.MethodGet, path: "/sessions", does: person.Read, answer: apiSession{}, list: true,
		summary: "Sessions, soonest first",
		params: []parameter{
			from, to, ofKind("kind", "what sort", string(hackfest.KindHackfest), string(hackfest.KindMeeting)), inside,
			{name: "target", about: "slug of the target", is: anyText},
			{name: "series", about: "slug of the series", is: anyText},
		},
	},
	{
		name: "getSession", method: http.MethodGet, path: "/sessions/{session}", does: person.Read, answer: apiSession{},
		summary: "One session", params: []parameter{named("session", "slug")},
	},
	{
		name: "listSeries", method: http.MethodGet, path: "/series", does: person.Read, answer: apiSeries{}, list: true,
		summary: "Series of sessions, by slug", about: "A series keeps a wall-clock time and a zone. When that is, its sessions say.",
	},
	{
		name: "getSeries", method: http.MethodGet, path: "/series/{series}", does: person.Read, answer: apiSeries{},
		summary: "One series", params: []parameter{named("series", "slug")},
	},
	{
		name: "listTargets", method: http.MethodGet, path: "/targets", does: person.Read, answer: apiTarget{}, list: true,
		summary: "Targets, by slug",
		params:  []parameter{ofKind("stage", "how far they have come", "idea", "planned", "trying", "notes", "works", "parked")},
	},
	{
		name: "getTarget", method: http.MethodGet, path: "/targets/{target}", does: person.Read, answer: apiTarget{},
		summary: "One target", params: []parameter{named("target", "slug")},
	},
	{
		name: "listLessons", method: http.MethodGet, path: "/lessons", does: person.Read, answer: apiLesson{}, list: true,
		summary: "Published lessons, newest first",
		params: []parameter{
			ofKind("kind", "what they tell the next session", "do_again", "avoid", "unknown", "broken_upstream"),
			ofKind("scope", "what they are true for", "all", "target", "image"),
			{name: "target", about: "slug of the target", is: anyText},
			{name: "image", about: "name of the base image", is: anyText},
			{name: "session", about: "slug of the session that taught it", is: anyText},
		},
	},
	{
		name: "listMeetings", method: http.MethodGet, path: "/meetings", does: person.Read, answer: apiMeeting{}, list: true,
		summary: "Meetings, newest first",
		params: []parameter{
			{name: "session", about: "slug of the session", is: anyText}, {name: "series", about: "slug of the series", is: anyText}, inside, from, to,
		},
	},
	{
		name: "getMeeting", method: http.MethodGet, path: "/meetings/{meeting}", does: person.Read, answer: minutes.Document{},
		summary: "The minutes of a meeting",
		about:   "The last published ones; before there are any, those of its end, and while it runs what was noted so far. Undone items are marked.",
		params:  []parameter{{name: "meeting", inPath: true, about: "id of the meeting, which is that of its #startmeeting line", is: anyRef}},
	},
	{
		name: "publishMinutes", method: http.MethodPost, path: "/meetings/{meeting}/minutes", does: person.PublishMinutes, body: publishing{}, answer: apiDone{},
		summary: "Publish the minutes of a meeting, or a correction", about: "What is published is the draft as it stands, with another summary if one is sent. A later publication is a new revision and needs a note.",
		params: []parameter{{name: "meeting", inPath: true, about: "id of the meeting, which is that of its #startmeeting line", is: anyRef}},
	},
	{
		name: "listSessionIssues", method: http.MethodGet, path: "/sessions/{session}/issues", does: person.Read, answer: apiIssue{}, whole: true,
		summary: "Issues of a session", about: "Those that somebody linked by hand, and those that goal, agenda, log and minutes name.",
		params: []parameter{named("session", "slug")},
	},
	{
		name: "linkIssue", method: http.MethodPost, path: "/sessions/{session}/issues", does: person.PlanAgenda, body: issueLinking{}, answer: apiDone{},
		summary: "Link an issue with a session", about: "One that is known here is shown with its title and how it stands; any other stands as text.",
		params: []parameter{named("session", "slug")},
	},
	{
		name: "unlinkIssue", method: http.MethodPost, path: "/sessions/{session}/issues/{owner}/{repository}/{number}/unlink", does: person.PlanAgenda,
		body: issueUnlinking{}, answer: apiDone{}, summary: "Take an issue that was linked by hand off a session",
		params: []parameter{
			named("session", "slug"), named("owner", "of the repository"), named("repository", "its name"),
			{name: "number", inPath: true, about: "of the issue", is: &schema{Type: "integer"}},
		},
	},
	{
		name: "listActions", method: http.MethodGet, path: "/actions", does: person.Read, answer: apiAction{}, list: true,
		summary: "Actions that were taken on, newest first",
		params: []parameter{
			ofKind("state", "how they stand", "open", "carried", "done", "dropped"),
			{name: "session", about: "slug of the session they were noted in", is: anyText},
			{name: "series", about: "slug of that session’s series", is: anyText},
			{name: "target", about: "slug of that session’s target", is: anyText},
		},
	},
	{
		name: "settleAction", method: http.MethodPost, path: "/actions/{action}", does: person.SettleAction, body: settling{}, answer: apiDone{},
		summary: "Settle an action", about: "Who owns it may, whoever chairs its session or series, and maintainers. It counts on all pages at once.",
		params: []parameter{{name: "action", inPath: true, about: "its id", is: anyItem}},
	},
	{
		name: "getAnswers", method: http.MethodGet, path: "/sessions/{session}/rsvp", does: person.Read, answer: apiRSVP{}, whole: true,
		summary: "Who comes to a session", about: "Coming before maybe before regrets, as they answered.", params: []parameter{named("session", "slug")},
	},
	{
		name: "answerSession", method: http.MethodPost, path: "/sessions/{session}/rsvp", does: person.Respond, body: rsvpGiving{}, answer: apiDone{},
		summary: "Say whether one comes to a session", about: "The answer is that of the token's person, and takes the place of what they said before.", params: []parameter{named("session", "slug")},
	},
	{
		name: "getAgenda", method: http.MethodGet, path: "/sessions/{session}/agenda", does: person.Read, answer: apiAgendaItem{}, whole: true,
		summary: "The agenda of a session, in its order", params: []parameter{named("session", "slug")},
	},
	{
		name: "addToAgenda", method: http.MethodPost, path: "/sessions/{session}/agenda", does: person.PlanAgenda, body: agendaAddition{}, answer: apiDone{},
		summary: "Put something on the agenda of a session", about: "Whoever chairs it may, and maintainers.", params: []parameter{named("session", "slug")},
	},
	{
		name: "getChecklist", method: http.MethodGet, path: "/checklists/{checklist}", does: person.ReadChecklist, answer: apiChecklist{},
		summary: "What is prepared for the sessions on a target or of a series",
		params:  []parameter{named("checklist", "all, or the slug of the target or series")},
	},
	{
		name: "tickCheck", method: http.MethodPost, path: "/sessions/{session}/checks/{check}", does: person.TickCheck, body: ticking{}, answer: apiDone{}, state: true,
		summary: "Say how you stand with an item of a session’s checklist", params: []parameter{named("session", "slug"), named("check", "id of the item")},
	},
	{
		name: "reportPreflight", method: http.MethodPost, path: "/sessions/{session}/preflight", does: person.TickCheck, body: preflightReport{}, answer: apiDone{}, state: true,
		summary: "Report how your machine is prepared for a session", about: "As hackfest nurse --report does. Results of which its checklist knows nothing are named in the answer and not kept.",
		params: []parameter{named("session", "slug")},
	},
	{
		name: "reportTargetPreflight", method: http.MethodPost, path: "/targets/{target}/preflight", does: person.TickCheck, body: preflightReport{}, answer: apiDone{}, state: true,
		summary: "Report that for the next session on a target", params: []parameter{named("target", "slug")},
	},
	{
		name: "editSession", method: http.MethodPost, path: "/sessions/{session}/edit", does: person.PlanSession, body: sessionEditing{}, answer: apiDone{},
		summary: "Change what a session is about", about: "Whoever chairs it may, and maintainers; so with the four that follow. Nothing can be changed of what is over.", params: []parameter{named("session", "slug")},
	},
	{
		name: "moveSession", method: http.MethodPost, path: "/sessions/{session}/move", does: person.PlanSession, body: sessionMoving{}, answer: apiDone{},
		summary: "Move a session", about: "Its address and its UID stay. A channel that is taken is refused, unless overlap is true; that is kept in the audit log.", params: []parameter{named("session", "slug")},
	},
	{
		name: "cancelSession", method: http.MethodPost, path: "/sessions/{session}/cancel", does: person.PlanSession, body: sessionCancelling{}, answer: apiDone{},
		summary: "Cancel a session", about: "Its page stays and says why. It can be reinstated.", params: []parameter{named("session", "slug")},
	},
	{
		name: "reinstateSession", method: http.MethodPost, path: "/sessions/{session}/reinstate", does: person.PlanSession, body: sessionReinstating{}, answer: apiDone{},
		summary: "Have a cancelled session take place after all", params: []parameter{named("session", "slug")},
	},
	{
		name: "replaceSession", method: http.MethodPost, path: "/sessions/{session}/replace", does: person.PlanSession, body: sessionReplacing{}, answer: apiDone{},
		summary: "Hold a joint session instead", about: "This one is cancelled, and its page leads to the other.", params: []parameter{named("session", "slug")},
	},
	{
		name: "listRecipes", method: http.MethodGet, path: "/recipes", does: person.Read, answer: apiRecipe{}, list: true,
		summary: "Recipes, by slug",
		params: []parameter{
			ofKind("kind", "what runs them", "bash", "cloud-init", "puppet", "chef", "ansible"), {name: "target", about: "slug of the target", is: anyText},
		},
	},
	{
		name: "getRecipe", method: http.MethodGet, path: "/recipes/{recipe}", does: person.Read, answer: apiRecipeDetail{},
		summary: "One recipe: what it says, what may be set in it and what came of it", params: []parameter{named("recipe", "slug")},
	},
	{
		name: "postResult", method: http.MethodPost, path: "/recipes/{recipe}/results", does: person.PostResult, body: resultPosting{}, answer: apiDone{},
		summary: "Say what came of running a recipe on an image", about: "It stands in the matrix at once. Sent again with the same key it is the same result.",
		params: []parameter{named("recipe", "slug")},
	},
	{
		name: "listImages", method: http.MethodGet, path: "/images", does: person.Read, answer: apiImage{}, list: true,
		summary: "Base images, by slug, with their ids in each cloud",
	},
	{
		name: "listChannels", method: http.MethodGet, path: "/channels", does: person.Read, answer: apiChannel{}, list: true,
		summary: "Channels the bot is or was in",
	},
	{
		name: "listLines", method: http.MethodGet, path: "/channels/{network}/{channel}/lines", does: person.Read, answer: apiLine{}, list: true,
		summary: "Lines of a channel’s log",
		params: []parameter{
			named("network", "name of the network"), named("channel", "path of the channel: its name without one leading #"),
			{name: "order", about: "desc, the newest first, unless asc", is: &schema{Type: "string", Enum: []string{"asc", "desc"}, Default: "desc"}},
			from, to,
		},
	},
}, targetOperations...)
