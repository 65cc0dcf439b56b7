package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/riverqueue/river/rivertype"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// jobStates are River's states of jobs, as people read them. A job may be
// retried or cancelled in some of them.
var jobStates = []struct {
	state         string
	badge         ui.State
	retry, cancel bool
}{
	{"available", ui.State{Class: "scheduled", Icon: "hollow", Text: "waiting"}, false, true},
	{"pending", ui.State{Class: "scheduled", Icon: "hollow", Text: "held back"}, true, true},
	{"scheduled", ui.State{Class: "scheduled", Icon: "clock", Text: "for later"}, true, true},
	{"running", ui.State{Class: "ok", Icon: "arrow", Text: "running"}, false, true},
	{"retryable", ui.State{Class: "soon", Icon: "warn", Text: "failing"}, true, true},
	{"discarded", ui.State{Class: "soon", Icon: "struck", Text: "given up"}, true, false},
	{"cancelled", ui.State{Class: "off", Icon: "struck", Text: "cancelled"}, true, false},
	{"completed", ui.State{Class: "ok", Icon: "tick", Text: "done"}, false, false},
}

// maxJobError is how much of an error a list shows, in characters.
const maxJobError = 400

// showJobs answers GET /admin/jobs; state restricts the list.
func (s *Server) showJobs(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	f, err := s.adminFrame(r, "Jobs")
	if err != nil {
		return err
	}
	p := templates.AdminJobsPage{Frame: f, Listed: "Jobs that ask for somebody", States: jobFacets(q.Get("state"))}
	for _, x := range jobStates {
		if x.state == q.Get("state") {
			p.Listed = "Jobs " + x.badge.Text
		}
	}
	counts, err := s.Store.JobCounts(ctx)
	if err != nil {
		return err
	}
	p.Queues = jobQueues(counts)
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64) // nonsense begins with the newest
	list, err := s.Store.Jobs(ctx, store.JobFilter{State: q.Get("state"), Before: before, Limit: adminMost + 1})
	if err != nil {
		return err
	}
	if len(list) > adminMost {
		list = list[:adminMost]
		p.Older = "/admin/jobs?" + with(q, "before", strconv.FormatInt(list[adminMost-1].ID, 10))
	}
	for _, j := range list {
		p.Jobs = append(p.Jobs, s.jobRow(f.Clock, j))
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.AdminJobs(p))
}

func jobFacets(now string) []ui.FacetGroup {
	g := ui.FacetGroup{Label: "Show", Facets: []ui.Facet{{Text: "in need of somebody", Href: "/admin/jobs", Current: now == ""}}}
	for _, x := range jobStates {
		g.Facets = append(g.Facets, ui.Facet{Text: x.badge.Text, Href: "/admin/jobs?state=" + x.state, Current: now == x.state})
	}
	return []ui.FacetGroup{g}
}

// jobQueues sums up counts by queue.
func jobQueues(counts []store.JobCount) []templates.AdminQueue {
	var list []templates.AdminQueue
	for _, c := range counts {
		if len(list) == 0 || list[len(list)-1].Name != c.Queue {
			list = append(list, templates.AdminQueue{Name: c.Queue})
		}
		q := &list[len(list)-1]
		switch c.State {
		case "running":
			q.Running += c.Jobs
		case "retryable":
			q.Failing += c.Jobs
		case "discarded", "cancelled":
			q.GaveUp += c.Jobs
		case "completed":
			q.Done += c.Jobs
		default:
			q.Waiting += c.Jobs
		}
	}
	return list
}

func (s *Server) jobRow(c ui.Clock, j store.Job) templates.AdminJob {
	id := strconv.FormatInt(j.ID, 10)
	row := templates.AdminJob{
		ID: id, Kind: j.Kind, Queue: j.Queue, Tries: fmt.Sprintf("%d of %d", j.Attempt, j.MaxAttempts), At: c.Gutter(j.At, s.community()),
		Form: newForm("job" + id),
	}
	if text := []rune(ui.Visible(strings.TrimSpace(j.Error))); len(text) > maxJobError {
		row.Error = string(text[:maxJobError]) + "…"
	} else {
		row.Error = string(text)
	}
	for _, x := range jobStates {
		if x.state != j.State {
			continue
		}
		row.State = x.badge
		if x.retry {
			row.Retry = "/admin/jobs/" + id + "/retry"
		}
		if x.cancel {
			row.Cancel = "/admin/jobs/" + id + "/cancel"
		}
	}
	return row
}

// retryJob answers POST /admin/jobs/{job}/retry.
func (s *Server) retryJob(w http.ResponseWriter, r *http.Request) error {
	return s.moveJob(w, r, "retry job", "is tried again now", "cancel", (*store.Store).RetryJob)
}

// cancelJob answers POST /admin/jobs/{job}/cancel.
func (s *Server) cancelJob(w http.ResponseWriter, r *http.Request) error {
	return s.moveJob(w, r, "cancel job", "was cancelled", "retry", (*store.Store).CancelJob)
}

// moveJob carries out what is to become of a job.
func (s *Server) moveJob(w http.ResponseWriter, r *http.Request, action, said, undo string, move func(*store.Store, context.Context, int64, rivertype.TimeGenerator) (store.Job, error)) error {
	id, err := pathID[int64](r, "job", fault.New(fault.NotFound, "There is no such job."))
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		was, err := move(tx, ctx, id, riverClock{s.Now})
		if err != nil {
			return done{}, err
		}
		name := fmt.Sprintf("%s %d", was.Kind, id)
		err = s.audit(ctx, tx, r, action, name, map[string]string{"state": was.State}, nil)
		return done{To: "/admin/jobs", Said: fmt.Sprintf("Job %d (%s) %s.", id, was.Kind, said), Undo: fmt.Sprintf("/admin/jobs/%d/%s", id, undo)}, err
	})
}

// riverClock tells River our time.
type riverClock struct{ now func() time.Time }

// Now is our time.
func (c riverClock) Now() time.Time { return c.now() }

// NowOrNil is our time, so that River does not go by that of Postgres.
func (c riverClock) NowOrNil() *time.Time {
	now := c.now().UTC()
	return &now
}
