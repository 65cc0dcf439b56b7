package web

import (
	"cmp"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// overdue is how long after its time a question to GitHub is late because nobody
// asks at all.
const overdue = 10 * time.Minute

// hubWords say how it stands with GitHub, and what to do about it, to admins.
type hubWords struct {
	*Server
	clock ui.Clock
	state hackfest.GitHubState
}

func (h hubWords) at(t time.Time) *ui.Moment {
	if t.IsZero() {
		return nil
	}
	m := h.clock.Gutter(t, h.community())
	return &m
}

// host is where GitHub's API is.
func (h hubWords) host() string {
	u, err := url.Parse(cmp.Or(h.GitHub.API, ghsync.PublicAPI))
	if err != nil {
		return h.GitHub.API
	}
	return u.Host
}

// slow reports whether GitHub is asked without a token.
func (h hubWords) slow() bool {
	_, slow := h.GitHub.Blocked(h.state.Limits, h.Now())
	return slow
}

// facts are how GitHub is asked.
func (h hubWords) facts() []templates.AdminFact {
	token := "None: HACKFEST_GITHUB_TOKEN is not set. What is public is asked for all the same, more slowly; no issue can be made."
	if h.GitHub.Token != "" {
		token = "Set, by HACKFEST_GITHUB_TOKEN. It is shown nowhere."
	}
	facts := []templates.AdminFact{{Name: "Asked at", Text: h.host()}, {Name: "Token", Text: token}, {Name: "How often", Text: h.often()}}
	calls := hackfest.GitHubCore
	if h.slow() {
		calls = hackfest.GitHubAnonymous
	}
	if l, known := h.state.Limits[calls]; known && l.Remaining >= 0 && l.ResetsAt.After(h.Now()) {
		facts = append(facts, templates.AdminFact{Name: "Calls left", Text: strconv.Itoa(l.Remaining) + " until", At: h.at(l.ResetsAt)})
	}
	last := templates.AdminFact{Name: "Last asked", Text: "not yet"}
	if !h.state.AskedAt.IsZero() {
		last.Text, last.At = "", h.at(h.state.AskedAt)
	}
	return append(facts, last)
}

// often says how often GitHub is asked about a repository.
func (h hubWords) often() string {
	if h.slow() {
		return "Without a token every 10 minutes; of several repositories one every 7 minutes, in turn."
	}
	return "Every 5 minutes about each repository; every 30 when its webhook delivered something within a day."
}

// wrong is what is wrong with GitHub as a whole, for these repositories.
func (h hubWords) wrong(list []hackfest.Repository) []templates.AdminTrouble {
	now := h.Now()
	list = slices.DeleteFunc(slices.Clone(list), hackfest.Repository.Recorded)
	if len(list) == 0 {
		return nil
	}
	var all []templates.AdminTrouble
	if h.GitHub.Token != "" && h.state.Limits[hackfest.GitHubToken].Blocked(now) {
		all = append(all, templates.AdminTrouble{
			What: "GitHub refuses the token: it was revoked, or has expired.",
			Do:   "Make another at " + h.gitHubWeb() + "/settings/tokens, put it into HACKFEST_GITHUB_TOKEN and start the portal again. Until then only what is public is asked for, without it.",
		})
	}
	b, slow := h.GitHub.Blocked(h.state.Limits, now)
	switch {
	case b == nil:
		first := slices.MinFunc(list, func(a, b hackfest.Repository) int { return a.DueAt.Compare(b.DueAt) })
		if now.Sub(first.DueAt) > overdue {
			all = append(all, templates.AdminTrouble{
				What: "Nobody asks GitHub, though it is time since", At: h.at(first.DueAt),
				Do: "Role jobs must be on in some process; /admin/jobs says whether queue github works.",
			})
		}
		return all
	case h.state.Limits[hackfest.GitHubHost].Blocked(now):
		return append(all, templates.AdminTrouble{
			What: sentence(ui.Visible(b.Reason)) + " It is asked again", At: h.at(b.Until),
			Do: "All pages go on with what is known, and say how old that is. If it lasts, let hackfest doctor try whether this machine reaches " + h.host() + ".",
		})
	case h.state.Limits[hackfest.GitHubSecondary].Blocked(now):
		return append(all, templates.AdminTrouble{What: sentence(ui.Visible(b.Reason)) + " It is asked again", At: h.at(b.Until), Do: "Nothing has to be done."})
	case slow:
		return append(all, templates.AdminTrouble{
			What: sentence(ui.Visible(b.Reason)) + " It is asked again", At: h.at(b.Until),
			Do: "Without a token that is 60, for all who are behind this address together. A token in HACKFEST_GITHUB_TOKEN makes it 5,000.",
		})
	}
	return append(all, templates.AdminTrouble{
		What: sentence(ui.Visible(b.Reason)) + " It is asked again", At: h.at(b.Until),
		Do: "Something else uses the same token, or there are very many repositories. With webhooks GitHub is asked less.",
	})
}

// wrongWithGitHub is what keeps repositories from being in step, all or some of
// them.
func (s *Server) wrongWithGitHub(r *http.Request, c ui.Clock) ([]templates.AdminTrouble, error) {
	list, err := s.Store.Repositories(r.Context(), viewerOf(r))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	state, err := s.Store.GitHubState(r.Context())
	if err != nil {
		return nil, err
	}
	h := hubWords{Server: s, clock: c, state: state}
	all, n := h.wrong(list), 0
	for _, x := range list {
		if h.trouble(x).What != "" {
			n++
		}
	}
	if n > 0 {
		all = append(all, templates.AdminTrouble{What: sentence(counted(n, "repository is", "repositories are") + " not in step"), Do: "Why, and what to do, is under Repositories."})
	}
	return all, nil
}

// known is as of when x is known.
func (h hubWords) known(x hackfest.Repository) *ui.Moment {
	if x.Recorded() {
		on := h.clock.Day(x.RecordedAt, "UTC")
		return &on
	}
	return h.at(x.KnownAt)
}

// badge is the state of a repository in a word.
func (h hubWords) badge(x hackfest.Repository) ui.State {
	switch {
	case x.Recorded():
		return ui.State{Class: "ended", Icon: "tick", Text: "recorded"}
	case !x.GoneAt.IsZero():
		return ui.State{Class: "soon", Icon: "struck", Text: "not there"}
	case x.Trouble != "":
		return ui.State{Class: "soon", Icon: "warn", Text: "not in step"}
	case x.AskedAt.IsZero():
		return ui.State{Class: "scheduled", Icon: "hollow", Text: "not asked yet"}
	case x.KnownAt.IsZero():
		return ui.State{Class: "scheduled", Icon: "clock", Text: "being fetched"}
	case x.Archived:
		return ui.State{Class: "ok", Icon: "tick", Text: "archived"}
	}
	return ui.State{Class: "ok", Icon: "tick", Text: "in step"}
}

// trouble is what is wrong with one repository, and the way out.
func (h hubWords) trouble(x hackfest.Repository) templates.AdminTrouble {
	may := "put a token that may read it into HACKFEST_GITHUB_TOKEN"
	if h.GitHub.Token != "" {
		may = "let the token in HACKFEST_GITHUB_TOKEN read it: a fine-grained one names the repositories it is for"
	}
	switch {
	case x.Recorded():
		return templates.AdminTrouble{}
	case !x.GoneAt.IsZero() && x.KnownAt.IsZero():
		return templates.AdminTrouble{
			What: "GitHub knows none of that name, or does not show it to us.",
			Do:   "See whether it is spelt right; if not, take it off and add it anew. If it is private, " + may + ", then press Check now.",
		}
	case !x.GoneAt.IsZero() && x.Trouble == hackfest.RepositoryReplaced:
		return templates.AdminTrouble{
			What: x.Trouble,
			Do:   "Take this one off, add the name anew, and choose it again for what it belongs to. What was known of the old one stays until then.",
		}
	case !x.GoneAt.IsZero():
		return templates.AdminTrouble{
			What: "GitHub does not show it any more since", At: h.at(x.GoneAt),
			Do: "It was deleted or became private. If it is private, " + may + ", then press Check now; if it was deleted, take it off. What was known of it stays until then.",
		}
	case x.Trouble != "" && !h.common(x.Trouble):
		do := "It is tried again by itself, or with Check now."
		if x.DueAt.After(h.Now()) {
			do = "It is tried again " + h.clock.Until(x.DueAt) + ", or with Check now."
		}
		return templates.AdminTrouble{What: sentence(ui.Visible(x.Trouble)), Do: do}
	}
	return templates.AdminTrouble{}
}

// common reports whether trouble is that of all repositories, which is said once.
func (h hubWords) common(trouble string) bool {
	for _, l := range h.state.Limits {
		if l.Blocked(h.Now()) && l.Reason == trouble {
			return true
		}
	}
	return false
}

// about are the facts of one repository.
func (h hubWords) about(x hackfest.Repository, k hackfest.RepositoryKnown, former []string) []templates.AdminFact {
	of := templates.AdminFact{Name: "Known as of", Text: "nothing yet"}
	if at := h.known(x); at != nil {
		of.Text, of.At = "", at
	}
	if x.Recorded() {
		on, from := h.clock.Day(x.RecordedAt, "UTC"), h.clock.Day(k.CommitsFrom, "UTC")
		return []templates.AdminFact{
			{Name: "Written down", Text: "once, and never asked about:", At: &on},
			{Name: "That is", Text: "what changed on " + counted(k.Commits, "day", "days") + " since", At: &from},
		}
	}
	facts := []templates.AdminFact{of, {Name: "That is", Text: knownWords(k)}}
	if !k.CommitsFrom.IsZero() {
		facts = append(facts, templates.AdminFact{Name: "Commits back to", At: h.at(k.CommitsFrom)})
	}
	if !x.AskedAt.IsZero() {
		facts = append(facts, templates.AdminFact{Name: "Last asked", At: h.at(x.AskedAt)})
	}
	facts = append(facts, templates.AdminFact{Name: "Asked next", At: h.at(x.DueAt)})
	hook := templates.AdminFact{Name: "Webhook", Text: "nothing delivered yet"}
	if !x.HookAt.IsZero() {
		hook.Text, hook.At = "delivered last", h.at(x.HookAt)
	}
	facts = append(facts, hook)
	if x.DefaultBranch != "" {
		facts = append(facts, templates.AdminFact{Name: "Default branch", Text: ui.Visible(x.DefaultBranch)})
	}
	if words := onGitHub(x); words != "" {
		facts = append(facts, templates.AdminFact{Name: "On GitHub", Text: words})
	}
	if len(former) > 0 {
		facts = append(facts, templates.AdminFact{Name: "Called before", Text: strings.Join(former, ", ")})
	}
	return facts
}

// onGitHub is what is special about a repository there; "" is nothing.
func onGitHub(x hackfest.Repository) string {
	var parts []string
	if x.Private {
		parts = append(parts, "private: shown to its members alone")
	}
	if x.Archived {
		parts = append(parts, "archived: nothing changes there any more")
	}
	return strings.Join(parts, "; ")
}

// knownWords count what is known of a repository.
func knownWords(k hackfest.RepositoryKnown) string {
	var parts []string
	for _, x := range []struct {
		n, open   int
		one, many string
	}{
		{k.Issues, k.OpenIssues, "issue", "issues"},
		{k.Pulls, k.OpenPulls, "pull request", "pull requests"},
		{k.Commits, 0, "commit", "commits"},
		{k.Releases, 0, "release", "releases"},
		{k.Milestones, 0, "milestone", "milestones"},
	} {
		if x.n == 0 {
			continue
		}
		words := counted(x.n, x.one, x.many)
		if x.open > 0 {
			words += " (" + strconv.Itoa(x.open) + " open)"
		}
		parts = append(parts, words)
	}
	if len(parts) == 0 {
		return "no issues, no commits, no releases"
	}
	return strings.Join(parts, ", ")
}

// hook is how a webhook is set up: of one repository, or of any.
func (h hubWords) hook(name string) templates.AdminHook {
	p := templates.AdminHook{Everyone: "/admin/repositories/deliveries"}
	if h.GitHub.HookSecret == "" {
		return p
	}
	p.URL, p.Events, p.Unseen = h.BaseURL+hookPath, ghsync.HookEvents(), ofThisMachine(h.BaseURL)
	if name != "" {
		p.At = h.gitHubWeb() + "/" + name + "/settings/hooks/new"
	}
	p.Last, p.Pinged, p.Waiting = h.at(h.state.DeliveredAt), h.at(h.state.PingedAt), nil
	if since := h.state.WaitingSince; !since.IsZero() && h.Now().Sub(since) > time.Minute {
		p.Waiting = h.at(since)
	}
	if at := h.hookGate().refused.Load(); at > 0 {
		p.Refused = h.at(time.Unix(at, 0))
	}
	var counts []string
	for _, s := range hookStates {
		if n := h.state.Deliveries[string(s.state)]; n > 0 {
			counts = append(counts, strconv.Itoa(n)+" "+s.badge.Text)
		}
	}
	p.Counts = strings.Join(counts, ", ")
	return p
}

// ofThisMachine reports whether nobody else reaches address.
func ofThisMachine(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// hookStates are what becomes of deliveries, as people read it.
var hookStates = []struct {
	state hackfest.HookState
	badge ui.State
}{
	{hackfest.HookReceived, ui.State{Class: "scheduled", Icon: "clock", Text: "waiting"}},
	{hackfest.HookApplied, ui.State{Class: "ok", Icon: "tick", Text: "applied"}},
	{hackfest.HookIgnored, ui.State{Class: "off", Icon: "hollow", Text: "ignored"}},
	{hackfest.HookFailed, ui.State{Class: "soon", Icon: "warn", Text: "failed"}},
}

// listHookDeliveries answers GET /admin/repositories/deliveries.
func (s *Server) listHookDeliveries(w http.ResponseWriter, r *http.Request) error {
	f, err := s.adminFrame(r, "What GitHub delivered")
	if err != nil {
		return err
	}
	p := templates.HookDeliveriesPage{Frame: f, Taken: s.GitHub.HookSecret != ""}
	before := strings.ToValidUTF8(strings.ReplaceAll(r.URL.Query().Get("before"), "\x00", ""), "")
	list, err := s.Store.HookDeliveries(r.Context(), before, adminMost+1)
	if err != nil {
		return err
	}
	if len(list) > adminMost {
		list = list[:adminMost]
		p.Older = "/admin/repositories/deliveries?" + url.Values{"before": {list[adminMost-1].ID}}.Encode()
	}
	registered := map[string]string{}
	all, err := s.Store.Repositories(r.Context(), viewerOf(r))
	for _, x := range all {
		registered[strings.ToLower(x.Name)] = templates.AdminRepositoryURL(x.Name)
	}
	for _, d := range list {
		row := templates.HookDeliveryRow{
			ID: ui.Visible(d.ID), Event: ui.Visible(d.Event), Repository: ui.Visible(d.Repository), Href: registered[strings.ToLower(d.Repository)],
			At: f.Clock.Gutter(d.ReceivedAt, s.community()), Note: ui.Visible(d.Note),
		}
		for _, x := range hookStates {
			if x.state == d.State {
				row.State = x.badge
			}
		}
		p.Rows = append(p.Rows, row)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.HookDeliveries(p))
}
