// Package web answers HTTP: pages, live streams, the API and the endpoints of
// operators. It reads the request, asks the domain and the store, and builds
// page structs for package templates; it holds no SQL, no rules about meetings
// and no markup. Every read works without script.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// Server answers all requests. Its fields are set before Routes is called and
// not changed afterwards; only Store may come later, before Prepared is closed.
type Server struct {
	Store *store.Store
	Live  Wakes            // nil: streams look for themselves, once a second
	Now   func() time.Time // in any zone
	Log   *slog.Logger

	BaseURL   string // of the portal, without a slash at the end
	Community string // name shown in the header and in titles
	Zone      string // IANA name of the community's zone; "" is UTC
	Version   string
	Roles     []string         // what this process does: web, bot, jobs
	Bot       func() BotHealth // nil when the bot runs elsewhere
	OpsOnly   bool             // no pages: only what operators and their monitors ask
	Metrics   bool             // /metrics is answered: to this machine or, with a Token, to who sends it
	Tzdata    string           // release of the zone database, for operators
	Settings  []Setting        // in force, for operators
	Token     string           // lets its sender read metrics and details; "" for nobody; a secret
	Proxies   []netip.Prefix   // web servers in front, whose X-Forwarded-For is believed
	StoreTime time.Duration    // for all that a page asks of the store; 0 is usual
	GitHub    ghsync.Access    // how GitHub is reached; holds secrets
	Post      Post             // nil where no mail is sent; like Store it may come later
	Prepared  <-chan struct{}  // closed once the schema is in place; nil when it is

	// CheckScript says what is wrong with a shell script without running it; "" is
	// nothing. nil checks none.
	CheckScript func(ctx context.Context, script string) (problem string, err error)

	zones    sync.Map // IANA name → *time.Location, see locate
	colours  sync.Map // colouredFile → how it is shown, see coloured
	counts   *counts  // see numbers
	counting sync.Once
	closing  chan struct{} // closed when the HTTP server shuts down; nil without one
	seats    seats
	gates    gates
	hooks    hookGate
	shared   sharedReads
	begun    atomic.Int64 // when Routes was first called, in Unix seconds
}

// Routes returns the handler of all requests. Everything the portal answers is
// on this screen.
func (s *Server) Routes() http.Handler { return s.table().Router }

// table are the routes, each with what one must be allowed to do for it.
func (s *Server) table() *table {
	registerMethods()
	s.begun.CompareAndSwap(0, s.Now().Unix())
	r := &table{Router: chi.NewRouter(), server: s}
	r.Use(s.headers, s.deadlines, s.measure, s.catch, s.limits, s.sameOrigin, s.whenPrepared)
	r.get("/healthz", person.Operate, s.page(s.health))
	r.get("/readyz", person.Operate, s.page(s.ready))
	r.get("/metrics", person.Operate, s.page(s.metrics))
	if s.OpsOnly {
		r.NotFound(s.nothingElse)
		return r
	}
	r.NotFound(s.allow(person.Read, s.page(s.notFound)))
	r.MethodNotAllowed(s.allow(person.Read, s.page(s.methodNotAllowed(r.Router))))

	r.get("/", person.Read, s.page(s.showHome))
	r.get("/next", person.Read, s.page(s.redirectNext))
	r.get("/now", person.Read, s.page(s.redirectNow))
	r.get("/start", person.Read, s.page(s.showStart))
	r.get("/schedule", person.Read, s.page(s.byTarget(s.listSchedule)))
	r.get("/schedule/{year}/{month}", person.Read, s.page(s.showMonth))
	r.get("/series/{series}", person.Read, s.page(s.showSeries))
	r.get("/series/{series}/minutes", person.Read, s.page(s.showRunningMinutes))
	r.get("/series/{series}/next", person.Read, s.page(s.redirectSeriesNext))
	r.get("/minutes", person.Read, s.page(s.listMinutes))
	r.get("/feeds/minutes.atom", person.Fetch, s.page(s.minutesFeed))
	r.get("/feeds/sessions.atom", person.Fetch, s.page(s.sessionsFeed))
	r.get("/feeds/series/{series}.atom", person.Fetch, s.page(s.seriesFeed))
	r.get("/people", person.Read, s.page(s.listPeople))
	r.get("/people/{nick}", person.Read, s.page(s.showPerson))
	r.get("/privacy", person.Read, s.page(s.showPrivacy))
	r.post("/privacy", person.AskRemoval, s.page(s.askRemoval))
	r.get("/conduct", person.Read, s.page(s.showConduct))
	r.get("/status", person.Read, s.page(s.showStatus))
	r.post("/preferences", person.Prefer, s.page(s.savePreferences))
	s.calendars(r)
	s.accounts(r)
	s.following(r)
	s.meetings(r)
	s.issueRoutes(r)
	s.planning(r)
	s.programs(r)
	s.answering(r)
	s.checklistRoutes(r)
	s.targetRoutes(r)
	s.lessonRoutes(r)
	s.recipeRoutes(r)
	s.administration(r)
	s.newsRoutes(r)
	s.deliveryRoutes(r)
	s.repositoryRoutes(r)
	s.repositoryUseRoutes(r)
	s.hookRoutes(r)

	r.get("/static/*", person.Fetch, s.sendAsset)
	r.get("/favicon.ico", person.Fetch, s.sendNamed("img/favicon.svg"))
	r.get("/robots.txt", person.Fetch, s.page(s.robots))
	return r
}

// accounts adds the routes of those who have an account, or want to use it.
func (s *Server) accounts(r *table) {
	r.get("/signin", person.SignIn, s.page(s.showSignin))
	r.post("/signin", person.SignIn, s.page(s.signIn))
	r.post("/signin/link", person.SignIn, s.page(s.sendLink))
	r.post("/signin/github", person.SignIn, s.page(s.toGitHub))
	r.get(auth.GitHubBack, person.SignIn, s.timedFor(githubTime, s.fromGitHub, s.errorPage))
	r.get("/signin/{secret}", person.SignIn, s.page(s.showLink))
	r.post("/signin/{secret}", person.SignIn, s.page(s.followLink))
	r.post("/signout", person.SignIn, s.page(s.signOut))

	r.get("/settings", person.KeepAccount, s.page(s.showSettings))
	r.post("/settings/profile", person.KeepAccount, s.page(s.saveProfile))
	r.post("/settings/listing", person.KeepAccount, s.page(s.saveListing))
	r.post("/settings/claim", person.KeepAccount, s.page(s.claimName))
	r.post("/settings/names/{identity}/give-up", person.KeepAccount, s.page(s.giveUpName))
	r.post("/settings/names/{identity}/take-back", person.KeepAccount, s.page(s.takeBackName))
	r.post("/settings/mail", person.KeepAccount, s.page(s.saveMail))
	r.get("/settings/mail/{secret}", person.KeepAccount, s.page(s.showMailLink))
	r.post("/settings/mail/{secret}", person.KeepAccount, s.page(s.useMailLink))
	r.post("/settings/password", person.KeepAccount, s.page(s.savePassword))
	r.post("/settings/github", person.KeepAccount, s.page(s.linkGitHub))
	r.post("/settings/github/unlink", person.KeepAccount, s.page(s.unlinkGitHub))
	r.post("/settings/github/relink", person.KeepAccount, s.page(s.relinkGitHub))
	r.post("/settings/signins/others", person.KeepAccount, s.page(s.endOtherSignins))
	r.post("/settings/signins/{signin}/end", person.KeepAccount, s.page(s.endSignin))
	r.post("/settings/tokens", person.KeepAccount, s.page(s.makeToken))
	r.post("/settings/tokens/{token}/revoke", person.KeepAccount, s.page(s.revokeToken))
	r.post("/settings/tokens/{token}/restore", person.KeepAccount, s.page(s.restoreToken))
	r.get("/settings/export", person.KeepAccount, s.exportMe)
	r.get("/settings/leave", person.KeepAccount, s.timedFor(exportTime, s.showLeave, s.errorPage))
	r.post("/settings/leave", person.KeepAccount, s.leave)
}

// meetings adds the routes of sessions, their meetings and their logs.
func (s *Server) meetings(r *table) {
	r.get("/sessions/{session}", person.Read, s.page(s.showSession))
	r.get("/sessions/{session}/live", person.Read, s.streamSession)
	r.post("/sessions/{session}/live/start", person.RunMeeting, s.command("start", startLine))
	r.post("/sessions/{session}/live/topic", person.RunMeeting, s.command("topic", topicLine))
	r.post("/sessions/{session}/live/take", person.RunMeeting, s.command("take", takeLine))
	r.post("/sessions/{session}/live/item", person.TakePart, s.command("item", itemLine))
	r.post("/sessions/{session}/live/startvote", person.RunMeeting, s.command("startvote", startvoteLine))
	r.post("/sessions/{session}/live/vote", person.TakePart, s.command("vote", voteLine))
	r.post("/sessions/{session}/live/endvote", person.RunMeeting, s.command("endvote", endvoteLine))
	r.post("/sessions/{session}/live/queue", person.TakePart, s.command("queue", queueLine))
	r.post("/sessions/{session}/live/undo", person.RunMeeting, s.command("undo", undoLine))
	r.post("/sessions/{session}/live/end", person.RunMeeting, s.command("end", endLine))
	r.get("/sessions/{session}/agenda", person.PlanAgenda, s.page(s.showAgenda))
	r.post("/sessions/{session}/agenda", person.PlanAgenda, s.page(s.addAgendaItem))
	r.post("/sessions/{session}/agenda/carry", person.PlanAgenda, s.page(s.carryAgenda))
	r.post("/sessions/{session}/agenda/{item}", person.PlanAgenda, s.page(s.changeAgendaItem))
	r.post("/sessions/{session}/agenda/{item}/restore", person.PlanAgenda, s.page(s.restoreAgendaItem))
	r.get("/meetings/{meeting}/session", person.ArrangeMeeting, s.page(s.showPlace))
	r.post("/meetings/{meeting}/session", person.ArrangeMeeting, s.page(s.placeMeeting))
	r.get("/meetings/{meeting}/edit", person.EditMinutes, s.page(s.showEditor))
	r.post("/meetings/{meeting}/edit", person.EditMinutes, s.page(s.saveEditor))
	r.get("/meetings/{meeting}/publish", person.EditMinutes, s.page(s.showPublish))
	r.post("/meetings/{meeting}/publish", person.PublishMinutes, s.page(s.publishMinutes))
	r.get("/meetings/{meeting}/revisions", person.Read, s.page(s.listRevisions))
	r.get("/meetings/{meeting}/revisions/{number}", person.Read, s.page(s.showRevision))
	r.get("/meetings/{meeting}/changes", person.Read, s.page(s.showChanges))
	r.post("/meetings/{meeting}/discard", person.ArrangeMeeting, s.page(s.discardMeeting))
	r.post("/sessions/{session}/meetings/{ref}/restore", person.ArrangeMeeting, s.page(s.restoreMeeting))
	r.post("/actions/{action}", person.SettleAction, s.page(s.settleAction))
	r.get("/meetings/{meeting}/issues", person.MakeIssue, s.page(s.showIssues))
	r.post("/meetings/{meeting}/issues", person.MakeIssue, s.page(s.askIssues))
	r.post("/meetings/{meeting}/issues/{action}/withdraw", person.MakeIssue, s.page(s.withdrawIssue))
	r.get("/sessions/{session}/log", person.Read, s.page(s.showSessionLog))
	r.get("/sessions/{session}/log.txt", person.Read, s.page(s.sessionLogText))
	r.get("/sessions/{session}/minutes.{form}", person.Read, s.page(s.sessionMinutes))
	r.get("/meetings/{meeting}", person.Read, s.page(s.showMeeting))
	r.get("/logs/{network}/{channel}", person.Read, s.page(s.showLogCalendar))
	r.get("/logs/{network}/{channel}/{day}", person.Read, s.page(s.showDay))
	r.get("/l/{ref}", person.Read, s.page(s.redirectLine))
	r.get("/sessions/{session}/redact", person.Redact, s.page(s.showRemoval))
	r.post("/sessions/{session}/redact", person.Redact, s.page(s.removeLines))
	r.get("/logs/{network}/{channel}/redact", person.Redact, s.page(s.showRemoval))
	r.post("/logs/{network}/{channel}/redact", person.Redact, s.page(s.removeLines))
	r.post("/redactions/{redaction}/undo", person.Redact, s.page(s.undoRemoval))
}

// planning adds the routes by which the schedule is made.
func (s *Server) planning(r *table) {
	r.get("/series/new", person.AddSeries, s.page(s.showNewSeries))
	r.post("/series/new", person.AddSeries, s.page(s.addSeries))
	r.get("/series/{series}/edit", person.PlanSeries, s.page(s.editSeries))
	r.post("/series/{series}/edit", person.PlanSeries, s.page(s.saveSeries))
	r.get("/series/{series}/end", person.PlanSeries, s.page(s.showEndSeries))
	r.post("/series/{series}/end", person.PlanSeries, s.page(s.endSeries))
	r.get("/series/{series}/rename", person.PlanSeries, s.page(s.showRenameSeries))
	r.post("/series/{series}/rename", person.PlanSeries, s.page(s.renameSeries))
	r.get("/sessions/new", person.PlanSession, s.page(s.showNewSession))
	r.post("/sessions/new", person.PlanSession, s.page(s.addSession))
	r.get("/sessions/propose", person.Propose, s.page(s.showPropose))
	r.post("/sessions/propose", person.Propose, s.page(s.proposeSession))
	for name, do := range s.sessionDeeds() {
		r.get("/sessions/{session}/"+name, person.PlanSession, s.page(s.showSessionForm(name)))
		r.post("/sessions/{session}/"+name, person.PlanSession, s.page(s.doSession(name, do)))
		r.post("/api/v1/sessions/{session}/"+name, person.PlanSession, s.writeSession(name, do))
	}
	r.get("/sessions/{session}/chair", person.Propose, s.page(s.showSessionForm("chair")))
	r.post("/sessions/{session}/chair", person.Propose, s.page(s.doSession("chair", s.chairSession)))
}

// programs adds the routes of the API.
func (s *Server) programs(r *table) {
	r.get("/api", person.Read, s.page(s.showAPI))
	r.get("/api/openapi.json", person.Read, s.api(s.sendOpenAPI))
	r.get("/api/v1/actions", person.Read, s.api(s.listActions))
	r.post("/api/v1/actions/{action}", person.SettleAction, s.write(s.settleAction))
	r.get("/api/v1/channels", person.Read, s.api(s.listChannels))
	r.get("/api/v1/channels/{network}/{channel}/lines", person.Read, s.api(s.listLines))
	r.get("/api/v1/meetings", person.Read, s.api(s.listMeetings))
	r.get("/api/v1/meetings/{meeting}", person.Read, s.api(s.sendMeeting))
	r.post("/api/v1/meetings/{meeting}/minutes", person.PublishMinutes, s.write(s.publishMinutes))
	r.get("/api/v1/series", person.Read, s.api(s.listSeries))
	r.get("/api/v1/series/{series}", person.Read, s.api(s.sendSeries))
	r.get("/api/v1/sessions", person.Read, s.api(s.byTarget(s.listSessions)))
	r.get("/api/v1/sessions/{session}", person.Read, s.api(s.sendSession))
	r.get("/api/v1/sessions/{session}/agenda", person.Read, s.api(s.sendAgenda))
	r.post("/api/v1/sessions/{session}/agenda", person.PlanAgenda, s.write(s.addAgendaItem))
}

// administration adds the routes of those who keep order.
func (s *Server) administration(r *table) {
	r.get("/manage", person.ReadDesk, s.page(s.showDesk))
	r.get("/manage/requests/{request}", person.SettleRequest, s.page(s.showRequest))
	r.post("/manage/requests/{request}/refuse", person.SettleRequest, s.page(s.refuseRequest))
	r.post("/manage/requests/{request}/reopen", person.SettleRequest, s.page(s.reopenRequest))
	r.get("/manage/claims/{claim}", person.SettleRequest, s.page(s.showClaim))
	r.post("/manage/claims/{claim}", person.SettleRequest, s.page(s.settleClaim))
	r.get("/manage/chairs", person.AppointChair, s.page(s.listChairs))
	r.post("/manage/chairs", person.AppointChair, s.page(s.appoint))
	r.post("/manage/chairs/{person}/series/{series}/add", person.AppointChair, s.page(s.giveChair))
	r.post("/manage/chairs/{person}/series/{series}/remove", person.AppointChair, s.page(s.takeChair))
	r.post("/manage/chairs/{person}/sessions/{session}/add", person.AppointChair, s.page(s.giveChair))
	r.post("/manage/chairs/{person}/sessions/{session}/remove", person.AppointChair, s.page(s.takeChair))

	r.get("/admin", person.Administer, s.page(s.showAdmin))
	r.get("/admin/people", person.Administer, s.page(s.listAccounts))
	r.post("/admin/people", person.Administer, s.page(s.addAccount))
	r.get("/admin/people/{person}", person.Administer, s.page(s.showAccount))
	r.post("/admin/people/{person}/role", person.Administer, s.page(s.changeRole))
	r.post("/admin/people/{person}/role/{role}", person.Administer, s.page(s.restoreRole))
	r.post("/admin/people/{person}/suspend", person.Administer, s.page(s.suspendAccount))
	r.post("/admin/people/{person}/unsuspend", person.Administer, s.page(s.unsuspendAccount))
	r.post("/admin/people/{person}/link", person.Administer, s.page(s.makeLink))
	r.get("/admin/channels", person.Administer, s.page(s.listAllChannels))
	r.post("/admin/channels", person.Administer, s.page(s.addChannel))
	r.get("/admin/channels/{network}/{channel}", person.Administer, s.page(s.showChannel))
	r.post("/admin/channels/{network}/{channel}", person.Administer, s.page(s.saveChannel))
	r.post("/admin/channels/{network}/{channel}/join", person.Administer, s.page(s.joinChannel))
	r.get("/admin/jobs", person.Administer, s.page(s.showJobs))
	r.post("/admin/jobs/{job}/retry", person.Administer, s.page(s.retryJob))
	r.post("/admin/jobs/{job}/cancel", person.Administer, s.page(s.cancelJob))
	r.get("/admin/audit", person.Administer, s.page(s.showAudit))
}

// registerMethods makes the router tell "not allowed here" from "no such page"
// for what calendar programs send.
var registerMethods = sync.OnceFunc(func() {
	for _, m := range []string{"PROPFIND", "REPORT", "MKCALENDAR"} {
		chi.RegisterMethod(m)
	}
})

// HTTP returns an HTTP server for s, which the caller runs and shuts down.
func (s *Server) HTTP() *http.Server {
	closing := make(chan struct{})
	s.closing = closing
	h := &http.Server{
		Handler:           s.Routes(),
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ConnContext:       watched,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	h.RegisterOnShutdown(sync.OnceFunc(func() { close(closing) }))
	return h
}

// Closing is closed when the HTTP server shuts down: streams end then. It never
// is when s was not started by HTTP.
func (s *Server) Closing() <-chan struct{} { return s.closing }
