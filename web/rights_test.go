package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/person"
)

// cells are what each asker gets, in their order: S has to
// sign in, F is forbidden, H is told that there is no such thing, A is let in;
// what the handler then thinks of an empty form is no matter. Spaces are for the
// eye: nobody, expired, suspended · member, owner, chair, chair of others ·
// maintainer, admin · tokens: wrong scope, suspended, admin's, member's.
type cells map[state]string

// Who may do what, from the design and by hand: these tables are compared with
// what the portal does, so they are made from nothing that it is made of.
var (
	// What chairs do is for the chairs of that session or series, maintainers and
	// admins; a token needs the scope for it, and is no more than its person.
	asChair = cells{
		chaired: "SSS FFAF AA FSAF",
		ended:   "SSS FFFA AA FSAF",
		closed:  "SSS FFAF AA FSAF",
		missing: "SSS HHHH HH FSHH",
	}
	// What those do who take part is for everybody who is signed in.
	asMember = cells{
		chaired: "SSS AAAA AA FSAA",
		ended:   "SSS AAAA AA FSAA",
		closed:  "SSS AAAA AA FSAA",
		missing: "SSS HHHH HH FSHH",
	}
	// What the portal writes elsewhere is for chairs at a browser.
	byChairAlone = cells{
		chaired: "SSS FFAF AA FSFF",
		ended:   "SSS FFFA AA FSFF",
		closed:  "SSS FFAF AA FSFF",
		missing: "SSS HHHH HH FSFF",
	}
	// A series is planned by its own chairs, and by nobody else's.
	ofSeries = cells{
		chaired: "SSS FFAF AA FSAF",
		ended:   "SSS FFFF AA FSAF",
		closed:  "SSS FFFF AA FSAF",
		missing: "SSS HHHH HH FSHH",
	}
	// An action is settled by who took it, besides chairs; who that is is known
	// when the meeting is over.
	asOwner = cells{
		chaired: "SSS FFAF AA FSAF",
		ended:   "SSS FAFA AA FSAF",
		closed:  "SSS FAAF AA FSAF",
		missing: "SSS HHHH HH FSHH",
	}
	// What is changed by API needs a token, whoever is signed in besides.
	asChairByProgram = cells{
		chaired: "SSS FFSF SS FSAF",
		ended:   "SSS FFFS SS FSAF",
		closed:  "SSS FFSF SS FSAF",
		missing: "SSS HHHH HH FSHH",
	}
	asOwnerByProgram = cells{
		chaired: "SSS FFSF SS FSAF",
		ended:   "SSS FSFS SS FSAF",
		closed:  "SSS FSSF SS FSAF",
		missing: "SSS HHHH HH FSHH",
	}
	// Who chairs is for maintainers to say, and not by token.
	asMaintainer = cells{
		chaired: "SSS FFFF AA FSFF",
		closed:  "SSS FFFF AA FSFF",
		missing: "SSS FFFF HH FSFF",
	}
	// The log of a channel belongs to no session; a token may, with the scope.
	inChannel = cells{
		chaired: "SSS FFFF AA FSAF",
		missing: "SSS FFFF HH FSHF",
	}
	onDesk = cells{
		chaired: "SSS FFFF AA FSAF",
		missing: "SSS FFFF HH FSHF",
	}
	maintainersPage = cells{only: "SSS FFFF AA FSFF"}
	// Keeping order is for admins at a browser.
	asAdmin = cells{
		chaired: "SSS FFFF FA FSFF",
		missing: "SSS FFFF FH FSFF",
	}
	adminsPage = cells{only: "SSS FFFF FA FSFF"}
	// What is one's own is there for nobody else, whatever their role.
	own = cells{
		chaired: "SSS HAHH HH FSFF", // the owner's
		missing: "SSS HHHH HH FSFF",
	}
	oneself = cells{only: "SSS AAAA AA FSFF"}
	// Signing in and out, and what a browser remembers, is for everybody but
	// programs.
	everybody = cells{only: "AAA AAAA AA FSFF"}
	aLink     = cells{missing: "HHH HHHH HH FSFF"}
	// Whoever is not signed in may propose a target, and answers by mail.
	proposing = "AAA AAAA AA FSAA"
	asBacker  = cells{
		chaired: asMember[chaired],
		missing: asMember[missing],
	}
	// A target is changed by who looks after it, and by maintainers.
	ofTarget = cells{
		chaired: "SSS FAFF AA FSAF",
		missing: "SSS HHHH HH FSHH",
	}
	// A lesson that waits is there for who wrote it and for who may publish it.
	ofLesson = cells{
		chaired: "SSS HFAH AA FSAH",
		ended:   "SSS FFFA AA FSAF",
		missing: "SSS HHHH HH FSHH",
	}
	// Whoever is signed in says what came of a recipe, also by a token for
	// preflights; they take it back, and maintainers do.
	asTester = cells{
		chaired: "SSS AAAA AA ASAA",
		missing: "SSS HHHH HH HSHH",
	}
	ofResult = cells{
		chaired: "SSS FAFF AA FSFF",
		missing: "SSS HHHH HH FSFF",
	}
	// How machines are prepared is told by the one scope that is wrong elsewhere.
	byNurse = cells{
		chaired: "SSS SSSS SS ASAA",
		missing: "SSS SSSS SS ASAA",
	}
	// What one may read at all.
	reading = cells{
		chaired: "AAA AAAA AA FSAA",
		closed:  "HHH AAAA AA FSAA",
		missing: "HHH HHHH HH FSHH",
	}
)

// matrix is R33: which cells hold for a route, and with what form. A route that
// signs out or in is tried with a sign-in of its own each time; what one takes
// away or back is brought about before each that is let in.
var matrix = []struct {
	route  string
	cells  cells
	form   url.Values
	spends bool
	before func(r *rights, st state)
}{
	{route: "POST /sessions/{session}/live/start", cells: asChair},
	{route: "POST /sessions/{session}/live/topic", cells: asChair},
	{route: "POST /sessions/{session}/live/take", cells: asChair},
	{route: "POST /sessions/{session}/live/item", cells: asMember},
	{route: "POST /sessions/{session}/live/startvote", cells: asChair},
	{route: "POST /sessions/{session}/live/vote", cells: asMember},
	{route: "POST /sessions/{session}/live/endvote", cells: asChair},
	{route: "POST /sessions/{session}/live/queue", cells: asMember, form: url.Values{"do": {"join"}}},
	{route: "POST /sessions/{session}/live/undo", cells: asChair, before: redactAgain},
	{route: "POST /sessions/{session}/live/end", cells: asChair},
	{route: "GET /sessions/{session}/agenda", cells: asChair},
	{route: "POST /sessions/{session}/agenda", cells: asChair, form: url.Values{"text": {"One more"}}},
	{route: "POST /sessions/{session}/agenda/carry", cells: asChair},
	{route: "POST /sessions/{session}/agenda/{item}", cells: asChair},
	{route: "POST /sessions/{session}/agenda/{item}/restore", cells: asChair},
	{route: "POST /sessions/{session}/issues", cells: asChair, form: url.Values{"issue": {"a/b#1"}}},
	{route: "POST /sessions/{session}/issues/{owner}/{repository}/{number}/link", cells: asChair},
	{route: "POST /sessions/{session}/issues/{owner}/{repository}/{number}/unlink", cells: asChair},
	{route: "POST /sessions/{session}/rsvp", cells: reading},
	{route: "POST /sessions/{session}/rsvp/withdraw", cells: reading},
	{route: "POST /sessions/{session}/rsvp/{rsvp}/remove", cells: asChair},
	{route: "POST /sessions/{session}/rsvp/{rsvp}/restore", cells: asChair},
	{route: "GET /sessions/{session}/edit", cells: asChair},
	{route: "POST /sessions/{session}/edit", cells: asChair},
	{route: "GET /sessions/{session}/repositories", cells: asChair},
	{route: "POST /sessions/{session}/repositories", cells: asChair},
	{route: "GET /sessions/{session}/move", cells: asChair},
	{route: "POST /sessions/{session}/move", cells: asChair},
	{route: "GET /sessions/{session}/cancel", cells: asChair},
	{route: "POST /sessions/{session}/cancel", cells: asChair},
	{route: "GET /sessions/{session}/reinstate", cells: asChair},
	{route: "POST /sessions/{session}/reinstate", cells: asChair},
	{route: "GET /sessions/{session}/replace", cells: asChair},
	{route: "POST /sessions/{session}/replace", cells: asChair},
	{route: "GET /sessions/{session}/chair", cells: asMember},
	{route: "POST /sessions/{session}/chair", cells: asMember},
	{route: "GET /series/{series}/edit", cells: ofSeries},
	{route: "POST /series/{series}/edit", cells: ofSeries},
	{route: "GET /series/{series}/repositories", cells: ofSeries},
	{route: "POST /series/{series}/repositories", cells: ofSeries},
	{route: "GET /series/{series}/end", cells: ofSeries},
	{route: "POST /series/{series}/end", cells: ofSeries},
	{route: "GET /series/{series}/rename", cells: ofSeries},
	{route: "POST /series/{series}/rename", cells: ofSeries},
	{route: "GET /series/new", cells: cells{only: inChannel[chaired]}},
	{route: "POST /series/new", cells: cells{only: inChannel[chaired]}},
	{route: "GET /sessions/new", cells: cells{only: inChannel[chaired]}},
	{route: "POST /sessions/new", cells: cells{only: inChannel[chaired]}},
	{route: "GET /sessions/propose", cells: cells{only: asMember[chaired]}},
	{route: "POST /sessions/propose", cells: cells{only: asMember[chaired]}},
	{route: "POST /actions/{action}", cells: asOwner, form: url.Values{"how": {"done"}}},

	{route: "POST /api/v1/sessions/{session}/agenda", cells: asChairByProgram},
	{route: "POST /api/v1/sessions/{session}/issues", cells: asChairByProgram},
	{route: "POST /api/v1/sessions/{session}/issues/{owner}/{repository}/{number}/unlink", cells: asChairByProgram},
	{route: "POST /api/v1/sessions/{session}/rsvp", cells: cells{chaired: "SSS SSSS SS FSAA", missing: "SSS SSSS SS FSAA"}}, // what is sent is read first
	{route: "POST /api/v1/sessions/{session}/edit", cells: asChairByProgram},
	{route: "POST /api/v1/sessions/{session}/move", cells: asChairByProgram},
	{route: "POST /api/v1/sessions/{session}/cancel", cells: asChairByProgram},
	{route: "POST /api/v1/sessions/{session}/reinstate", cells: asChairByProgram},
	{route: "POST /api/v1/sessions/{session}/replace", cells: asChairByProgram},
	{route: "POST /api/v1/actions/{action}", cells: asOwnerByProgram},
	{route: "GET /checklists/{checklist}", cells: reading},
	{route: "GET /checklists/{checklist}/edit", cells: ofSeries},
	{route: "POST /checklists/{checklist}", cells: ofSeries},
	{route: "GET /checklists/{checklist}/{check}", cells: ofSeries},
	{route: "POST /checklists/{checklist}/{check}", cells: ofSeries},
	{route: "POST /checklists/{checklist}/{check}/retire", cells: ofSeries},
	{route: "POST /checklists/{checklist}/{check}/reuse", cells: ofSeries},
	{route: "GET /lessons/{lesson}/check", cells: cells{ended: "SSS FFFA AA FSAF", missing: asChair[missing]}},
	{route: "POST /lessons/{lesson}/check", cells: cells{ended: "SSS FFFA AA FSAF", missing: asChair[missing]}},
	{route: "POST /sessions/{session}/checks/{check}", cells: cells{chaired: "SSS AAAA AA FSAA", missing: "HHH HHHH HH FSHH"}, form: url.Values{"state": {"none"}}},
	{route: "POST /api/v1/sessions/{session}/checks/{check}", cells: byNurse}, // what is sent is read first
	{route: "POST /api/v1/sessions/{session}/preflight", cells: byNurse},
	{route: "POST /api/v1/targets/{target}/preflight", cells: byNurse},
	{route: "GET /api/v1/checklists/{checklist}", cells: cells{chaired: "AAA AAAA AA ASAA", closed: "HHH AAAA AA ASAA", missing: "HHH HHHH HH HSHH"}},

	{route: "GET /meetings/{meeting}/edit", cells: asChair},
	{route: "POST /meetings/{meeting}/edit", cells: asChair},
	{route: "GET /meetings/{meeting}/publish", cells: asChair},
	{route: "GET /meetings/{meeting}/issues", cells: byChairAlone},
	{route: "POST /meetings/{meeting}/issues", cells: byChairAlone},
	{route: "POST /meetings/{meeting}/issues/{action}/withdraw", cells: byChairAlone},
	{route: "POST /meetings/{meeting}/publish", cells: cells{chaired: inChannel[chaired], ended: inChannel[chaired], closed: inChannel[chaired], missing: inChannel[missing]}},
	{route: "POST /api/v1/meetings/{meeting}/minutes", cells: cells{chaired: "SSS FFFF SS FSAF", ended: "SSS FFFF SS FSAF", missing: "SSS FFFF SS FSAF"}}, // what is sent is read first
	{route: "GET /meetings/{meeting}/revisions", cells: cells{chaired: reading[missing], missing: reading[missing]}},
	{route: "GET /meetings/{meeting}/revisions/{number}", cells: cells{missing: reading[missing]}},
	{route: "GET /meetings/{meeting}/changes", cells: cells{chaired: reading[missing], missing: reading[missing]}},

	{route: "GET /meetings/{meeting}/session", cells: asChair},
	{route: "POST /meetings/{meeting}/session", cells: asChair, form: url.Values{"session": {"none"}}},
	{route: "POST /meetings/{meeting}/discard", cells: asChair},
	{route: "POST /sessions/{session}/meetings/{ref}/restore", cells: asChair},

	{route: "GET /sessions/{session}/redact", cells: asChair},
	{route: "POST /sessions/{session}/redact", cells: asChair},
	{route: "GET /logs/{network}/{channel}/redact", cells: inChannel},
	{route: "POST /logs/{network}/{channel}/redact", cells: inChannel},
	{route: "POST /redactions/{redaction}/undo", cells: asChair, before: redactAgain},
	{route: "POST /privacy", cells: everybody},

	{route: "GET /manage", cells: cells{only: inChannel[chaired]}},
	{route: "GET /manage/requests/{request}", cells: onDesk},
	{route: "POST /manage/requests/{request}/refuse", cells: onDesk},
	{route: "POST /manage/requests/{request}/reopen", cells: onDesk, before: first("/manage/requests/{request}/refuse")},
	{route: "GET /manage/claims/{claim}", cells: onDesk},
	{route: "POST /manage/claims/{claim}", cells: onDesk},
	{route: "GET /manage/deliveries", cells: cells{only: inChannel[chaired]}},
	{route: "POST /manage/deliveries/retry", cells: cells{only: inChannel[chaired]}},
	{route: "POST /manage/deliveries/{delivery}/retry", cells: onDesk},
	{route: "GET /manage/chairs", cells: maintainersPage},
	{route: "POST /manage/chairs", cells: maintainersPage},
	{route: "POST /manage/chairs/{person}/series/{series}/add", cells: asMaintainer},
	{route: "POST /manage/chairs/{person}/series/{series}/remove", cells: asMaintainer, before: first("/manage/chairs/{person}/series/{series}/add")},
	{route: "POST /manage/chairs/{person}/sessions/{session}/add", cells: asMaintainer},
	{route: "POST /manage/chairs/{person}/sessions/{session}/remove", cells: asMaintainer, before: first("/manage/chairs/{person}/sessions/{session}/add")},

	{route: "GET /manage/announce", cells: cells{only: inChannel[chaired]}},
	{route: "POST /manage/announce", cells: cells{only: inChannel[chaired]}},
	{route: "GET /manage/announce/{news}", cells: onDesk},
	{route: "POST /manage/announce/{news}", cells: onDesk},
	{route: "POST /manage/announce/{news}/publish", cells: onDesk},
	{route: "POST /manage/announce/{news}/withdraw", cells: onDesk, before: first("/manage/announce/{news}/restore")},
	{route: "POST /manage/announce/{news}/restore", cells: onDesk, before: first("/manage/announce/{news}/withdraw")},
	{route: "GET /admin", cells: adminsPage},
	{route: "GET /admin/people", cells: adminsPage},
	{route: "POST /admin/people", cells: adminsPage, form: url.Values{"person": {"Newcomer"}, "role": {"member"}}},
	{route: "GET /admin/people/{person}", cells: asAdmin},
	{route: "POST /admin/people/{person}/role", cells: asAdmin, form: url.Values{"role": {"maintainer"}}},
	{route: "POST /admin/people/{person}/role/{role}", cells: asAdmin},
	{route: "POST /admin/people/{person}/suspend", cells: asAdmin},
	{route: "POST /admin/people/{person}/unsuspend", cells: asAdmin},
	{route: "POST /admin/people/{person}/link", cells: asAdmin},
	{route: "GET /admin/channels", cells: adminsPage},
	{route: "POST /admin/channels", cells: adminsPage, form: url.Values{"network": {"local"}, "channel": {"#new"}}},
	{route: "GET /admin/channels/{network}/{channel}", cells: asAdmin},
	{route: "POST /admin/channels/{network}/{channel}", cells: asAdmin},
	{route: "POST /admin/channels/{network}/{channel}/join", cells: asAdmin},
	{route: "GET /admin/repositories", cells: adminsPage},
	{route: "POST /admin/repositories", cells: adminsPage, form: url.Values{"repository": {"kestrel/new"}, "visibility": {"public"}}},
	{route: "GET /admin/repositories/deliveries", cells: adminsPage},
	{route: "GET /admin/repositories/{owner}/{repository}", cells: asAdmin},
	{route: "POST /admin/repositories/{owner}/{repository}", cells: asAdmin, form: url.Values{"visibility": {"members"}}},
	{route: "POST /admin/repositories/{owner}/{repository}/check", cells: asAdmin},
	{route: "POST /admin/repositories/{owner}/{repository}/remove", cells: asAdmin},
	{route: "POST /admin/repositories/{owner}/{repository}/restore", cells: asAdmin},
	{route: "GET /admin/jobs", cells: adminsPage},
	{route: "POST /admin/jobs/{job}/retry", cells: cells{ended: asAdmin[chaired], missing: asAdmin[missing]}},
	{route: "POST /admin/jobs/{job}/cancel", cells: asAdmin},
	{route: "GET /admin/audit", cells: adminsPage},

	{route: "GET /settings", cells: oneself},
	{route: "GET /settings/export", cells: oneself},
	{route: "GET /settings/leave", cells: oneself},
	{route: "POST /settings/leave", cells: oneself},
	{route: "POST /settings/profile", cells: oneself},
	{route: "POST /settings/listing", cells: oneself},
	{route: "POST /settings/claim", cells: oneself},
	{route: "POST /settings/mail", cells: oneself},
	{route: "POST /settings/password", cells: oneself},
	{route: "POST /settings/tokens", cells: oneself},
	{route: "POST /calendar/mine", cells: oneself},
	{route: "POST /calendar/mine/revoke", cells: oneself},
	{route: "POST /settings/names/{identity}/give-up", cells: own},
	{route: "POST /settings/names/{identity}/take-back", cells: own},
	{route: "POST /settings/tokens/{token}/revoke", cells: own},
	{route: "POST /settings/tokens/{token}/restore", cells: own},
	{route: "POST /settings/github", cells: oneself},
	{route: "POST /settings/github/unlink", cells: cells{only: "SSS HHHH HH FSFF"}}, // nobody linked a login
	{route: "POST /settings/github/relink", cells: cells{only: "SSS HHHH HH FSFF"}},
	{route: "POST /settings/signins/{signin}/end", cells: own},
	{route: "POST /settings/signins/others", cells: oneself},
	{route: "GET /settings/mail/{secret}", cells: cells{missing: own[missing]}},
	{route: "POST /settings/mail/{secret}", cells: cells{missing: own[missing]}},

	{route: "GET /follow", cells: everybody},
	{route: "POST /follow", cells: everybody},
	{route: "GET /follow/confirm/{secret}", cells: aLink},
	{route: "POST /follow/confirm/{secret}", cells: aLink},
	{route: "GET /unsubscribe/{token}", cells: aLink},
	{route: "POST /unsubscribe/{token}", cells: aLink},
	{route: "POST /unsubscribe/{token}/undo", cells: aLink},
	{route: "POST /unsubscribe/{token}/preferences", cells: aLink},
	{route: "POST /preferences", cells: everybody},
	{route: "GET /signin", cells: everybody},
	{route: "POST /signin", cells: everybody},
	{route: "POST /signin/link", cells: everybody},
	{route: "POST /signin/github", cells: everybody},
	{route: "GET /signin/{secret}", cells: aLink},
	{route: "POST /signin/{secret}", cells: aLink, spends: true},
	{route: "POST /signout", cells: everybody, spends: true},

	{route: "GET /targets/propose", cells: cells{only: proposing}},
	{route: "POST /targets/propose", cells: cells{only: proposing}},
	{route: "GET /targets/propose/{secret}", cells: cells{missing: "HHH HHHH HH FSHH"}},
	{route: "POST /targets/propose/{secret}", cells: cells{missing: "HHH HHHH HH FSHH"}},
	{route: "GET /recipes/new", cells: cells{only: inChannel[chaired]}},
	{route: "POST /recipes/new", cells: cells{only: inChannel[chaired]}},
	{route: "POST /recipes/{recipe}/user-data", cells: cells{chaired: reading[chaired], missing: reading[missing]}},
	{route: "GET /recipes/{recipe}/edit", cells: inChannel},
	{route: "POST /recipes/{recipe}/edit", cells: inChannel},
	{route: "GET /recipes/{recipe}/result", cells: asTester},
	{route: "POST /recipes/{recipe}/results", cells: asTester, form: url.Values{"image": {"fedora-16"}, "outcome": {"works"}}},
	{route: "POST /api/v1/recipes/{recipe}/results", cells: cells{chaired: "SSS SSSS SS ASAA", missing: "SSS SSSS SS ASAA"}}, // what is sent is read first
	{route: "POST /results/{result}/remove", cells: ofResult},
	{route: "POST /results/{result}/restore", cells: ofResult},
	{route: "GET /images/new", cells: cells{only: inChannel[chaired]}},
	{route: "POST /images/new", cells: cells{only: inChannel[chaired]}},
	{route: "GET /images/{image}/edit", cells: inChannel},
	{route: "POST /images/{image}/edit", cells: inChannel},
	{route: "POST /targets/{target}/back", cells: asBacker},
	{route: "POST /targets/{target}/unback", cells: asBacker},
	{route: "POST /targets/{target}/take", cells: asBacker},
	{route: "POST /targets/{target}/leave", cells: cells{missing: asBacker[missing]}},
	{route: "GET /targets/{target}/repositories", cells: ofTarget},
	{route: "POST /targets/{target}/repositories", cells: ofTarget},
	{route: "GET /targets/{target}/edit", cells: ofTarget},
	{route: "POST /targets/{target}/edit", cells: ofTarget},
	{route: "POST /targets/{target}/owner", cells: ofTarget, form: url.Values{"owner": {"no such person"}}},
	{route: "GET /targets/{target}/stage", cells: ofTarget},
	{route: "POST /targets/{target}/stage", cells: ofTarget},
	{route: "POST /targets/{target}/stage/undo", cells: ofTarget},
	{route: "GET /targets/{target}/rename", cells: inChannel},
	{route: "POST /targets/{target}/rename", cells: inChannel},
	{route: "GET /targets/{target}/merge", cells: inChannel},
	{route: "POST /targets/{target}/merge", cells: inChannel},
	{route: "GET /targets/{target}/remove", cells: inChannel},
	{route: "POST /targets/{target}/remove", cells: inChannel},
	{route: "POST /targets/{target}/restore", cells: cells{missing: inChannel[missing]}},
	{route: "POST /api/v1/targets", cells: cells{only: "SSS SSSS SS FSAA"}},
	{route: "POST /api/v1/targets/{target}", cells: cells{chaired: "SSS FSFF SS FSAF", missing: "SSS HHHH HH FSHH"}},
	{route: "POST /api/v1/targets/{target}/stage", cells: cells{chaired: "SSS FSFF SS FSAF", missing: "SSS HHHH HH FSHH"}},
	{route: "POST /api/v1/targets/{target}/back", cells: cells{chaired: "SSS SSSS SS FSAA", missing: "SSS SSSS SS FSAA"}}, // what is sent is read first

	{route: "GET /lessons/new", cells: cells{only: asMember[chaired]}},
	{route: "POST /lessons/new", cells: cells{only: asMember[chaired]}},
	{route: "GET /lessons/{lesson}", cells: cells{chaired: "HHH HAAH AA FSAH", ended: reading[chaired], missing: reading[missing]}},
	{route: "GET /lessons/{lesson}/edit", cells: cells{chaired: "SSS HAAH AA FSAH", ended: "SSS FFFA AA FSAF", missing: asChair[missing]}},
	{route: "POST /lessons/{lesson}/edit", cells: cells{chaired: "SSS HAAH AA FSAH", ended: "SSS FFFA AA FSAF", missing: asChair[missing]}},
	{route: "GET /lessons/{lesson}/decline", cells: ofLesson},
	{route: "POST /lessons/{lesson}/decline", cells: ofLesson},
	{route: "POST /lessons/{lesson}/reopen", cells: ofLesson},
	{route: "GET /lessons/{lesson}/retire", cells: ofLesson},
	{route: "POST /lessons/{lesson}/retire", cells: ofLesson},
	{route: "POST /lessons/{lesson}/reinstate", cells: ofLesson},
	{route: "POST /api/v1/lessons", cells: cells{only: "SSS SSSS SS FSAA"}},
	{route: "POST /api/v1/lessons/{lesson}", cells: cells{chaired: "SSS HSSH SS FSAH", ended: "SSS FFFS SS FSAF", missing: asChair[missing]}},
	{route: "POST /api/v1/lessons/{lesson}/publish", cells: cells{chaired: "SSS HFSH SS FSAH", ended: "SSS FFFS SS FSAF", missing: asChair[missing]}},
	{route: "POST /api/v1/lessons/{lesson}/retire", cells: cells{chaired: "SSS HFSH SS FSAH", ended: "SSS FFFS SS FSAF", missing: asChair[missing]}},
	{route: "POST /lessons/{lesson}/publish", cells: cells{ended: ofLesson[ended], missing: ofLesson[missing]}},
	{route: "POST /lessons/{lesson}/unpublish", cells: cells{chaired: ofLesson[chaired], missing: ofLesson[missing]}},

	{route: "GET /sessions/{session}", cells: reading},
	{route: "GET /sessions/{session}/live", cells: reading},
	{route: "GET /sessions/{session}/log", cells: reading},
	{route: "GET /sessions/{session}/log.txt", cells: reading},
	{route: "GET /sessions/{session}/minutes.{form}", cells: reading},
	{route: "GET /meetings/{meeting}", cells: reading},
	{route: "GET /series/{series}", cells: reading},
	{route: "GET /series/{series}/next", cells: reading},
	{route: "GET /l/{ref}", cells: reading},
	{route: "GET /api/v1/meetings/{meeting}", cells: reading},
	{route: "GET /api/v1/series/{series}", cells: reading},
	{route: "GET /api/v1/sessions/{session}", cells: reading},
}

// first has an admin send a form, with a note if it wants one.
func first(route string) func(*rights, state) {
	form := url.Values{"note": {"It is needed."}}
	return func(r *rights, st state) { r.send(http.MethodPost, r.routePath(route, st), form, r.headers[admin]) }
}

// redactAgain has lines removed once more.
func redactAgain(r *rights, st state) { r.redact(st, removers[st]) }

// got is the letter for an answer.
func got(method string, a answered) byte {
	switch {
	case a.code >= 500:
		return '!'
	case a.code == http.StatusUnauthorized, a.code == http.StatusSeeOther && strings.HasPrefix(a.to, "/signin?next=") && method == http.MethodGet:
		return 'S'
	case a.code == http.StatusForbidden:
		return 'F'
	case a.code == http.StatusNotFound:
		return 'H'
	}
	return 'A'
}

// Each route that changes something, or is not for everybody, does for everybody
// and in each state what the tables say; what is refused changes nothing and,
// when somebody known tried, stands in the audit log: R33.
func TestRights(t *testing.T) {
	t.Parallel()
	r := newRights(t)
	n, wrong, refused, before := 0, 0, r.refusals(), r.everything()
	for _, m := range matrix {
		method, route, _ := strings.Cut(m.route, " ")
		var later []func()
		for _, st := range slices.Sorted(maps.Keys(m.cells)) {
			letters := strings.ReplaceAll(m.cells[st], " ", "")
			if len(letters) != int(askers) {
				t.Fatalf("%s: %d cells", m.route, len(letters))
			}
			for who, want := range []byte(letters) {
				n++
				try := func() {
					header := r.headers[who]
					if _, known := r.people[asker(who)]; known && m.spends && asker(who) > suspended {
						header = r.signIn(asker(who))
					}
					if m.before != nil && want == 'A' {
						m.before(r, st)
					}
					a := r.send(method, r.routePath(route, st), m.form, header)
					if letter := got(method, a); letter != want {
						wrong++
						t.Errorf("%s, %s, %s: %c (%d to %q), want %c", m.route, st, askerNames[who], letter, a.code, a.to, want)
					}
				}
				if want == 'A' { // after all that must change nothing
					later = append(later, try)
					continue
				}
				if try(); want == 'F' {
					refused++
				}
			}
		}
		if !m.spends {
			after := r.everything()
			for name, sum := range after {
				if before[name] != sum {
					t.Errorf("%s: who may not has changed %s", m.route, name)
				}
			}
		}
		for _, try := range later {
			try()
		}
		before = r.everything()
	}
	if count := r.refusals(); count != refused {
		t.Errorf("%d refusals are in the audit log, want %d", count, refused)
	}
	t.Logf("%d cells of %d routes, %d wrong", n, len(matrix), wrong)
	if n < 500 {
		t.Errorf("only %d cells", n)
	}
}

// open are the actions that everybody may do; a GET that does one of them may be
// left out of the matrix.
var openActions = []person.Action{person.Read, person.SignIn, person.Operate, person.Fetch}

// No route that changes something, or is not for everybody, is left out of the
// matrix; those about an object are tried with one that does not exist.
func TestEveryRouteHasItsRights(t *testing.T) {
	t.Parallel()
	in := map[string]cells{}
	for _, m := range matrix {
		in[m.route] = m.cells
	}
	for _, x := range awayServer(t).Inventory() {
		route := x.Method + " " + x.Pattern
		c, ok := in[route]
		delete(in, route)
		switch {
		case !ok && (!safe(x.Method) || !slices.Contains(openActions, x.Action)):
			t.Errorf("%s is not in the matrix of rights", route)
		case ok && strings.Contains(x.Pattern, "{") && c[missing] == "":
			t.Errorf("%s is not tried with an object that does not exist", route)
		}
	}
	for route := range in {
		t.Errorf("there is no route %s any more", route)
	}
}
