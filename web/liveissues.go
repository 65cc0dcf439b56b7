package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	maxWatched  = 100      // issues of one page that are kept up to date
	issueRest   = 2        // looks of a stream between two questions about issues
	issuesParam = "issues" // of a stream's address: those whose state its page shows
)

// issueWatch are the issues whose states an open page shows.
type issueWatch struct {
	refs []hackfest.IssueRef
	sent map[hackfest.IssueRef]hackfest.Issue
	due  bool // to be looked at when there was rest
	rest int  // looks since they were last asked for
}

// watchedIssues begins with the issues that the address of r names.
func watchedIssues(r *http.Request) issueWatch {
	w := issueWatch{sent: map[hackfest.IssueRef]hackfest.Issue{}, rest: issueRest}
	for word := range strings.SplitSeq(r.URL.Query().Get(issuesParam), ",") {
		if ref, ok := hackfest.ParseIssue(word); ok {
			w.add(ref)
		}
	}
	w.due = len(w.refs) > 0 // something may have changed since the page was made
	return w
}

func (w *issueWatch) add(refs ...hackfest.IssueRef) {
	for _, ref := range refs {
		if len(w.refs) < maxWatched && !slices.Contains(w.refs, ref) {
			w.refs = append(w.refs, ref)
		}
	}
}

// sendIssues sends the states that changed since they were last sent. While they
// cannot be read the page keeps those it has.
func (t *stream) sendIssues(ctx context.Context) error {
	w := &t.issues
	w.due, w.rest = false, 0
	if len(w.refs) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, t.s.storeTime())
	defer cancel()
	names := make([]ui.IssueName, len(w.refs))
	for i, ref := range w.refs {
		names[i].IssueRef = ref
	}
	known, err := t.s.sharedIssues(ctx, t.viewer, names)
	if err != nil {
		if fault.KindOf(unavailable(ctx, err)) != fault.Unavailable {
			t.s.Log.ErrorContext(ctx, "stream cannot read issues", "err", err)
		}
		w.due = true
		return nil
	}
	var changes []ui.IssueChange
	for i, ref := range w.refs {
		now, ok := known[names[i]]
		was, sent := w.sent[ref]
		if ok && (!sent || ui.IssueState(was) != ui.IssueState(now) || was.Title != now.Title) || !ok && sent {
			changes = append(changes, ui.IssueChange{Ref: ref, Issue: now, Gone: !ok})
		}
		if delete(w.sent, ref); ok {
			w.sent[ref] = now
		}
	}
	if len(changes) == 0 {
		return nil
	}
	html, err := rendered(ctx, ui.IssueChanges(changes))
	if err != nil {
		return err
	}
	return t.event("issues", "", html)
}

// heardIssues is called when something about GitHub changed. Many changes at once
// are looked at together.
func (t *stream) heardIssues(ctx context.Context) error {
	if t.issues.due = true; t.issues.rest < issueRest {
		return nil
	}
	return t.lookAtIssues(ctx)
}

// restIssues is called once in a while.
func (t *stream) restIssues(ctx context.Context) error {
	t.issues.rest++
	if !t.s.wakes().Up() {
		t.issues.due = true
	}
	if !t.issues.due || t.issues.rest < issueRest {
		return nil
	}
	return t.lookAtIssues(ctx)
}

func (t *stream) lookAtIssues(ctx context.Context) error {
	if err := t.sendIssues(ctx); err != nil || t.session.ID == 0 {
		return err
	}
	return t.sendLinked(ctx)
}

// part is a component of the page as text.
func (t *stream) part(ctx context.Context, c templ.Component) (string, error) {
	html, shown, err := t.s.sentHTML(ctx, t.viewer, func(ctx context.Context) (string, error) {
		return rendered(templ.WithChildren(ctx, c), ui.InSession(t.session.Slug))
	})
	t.issues.add(shown...)
	return html, err
}

// streamIssues answers GET /issues/live with the states of the issues that its
// query names, as owner/repo#12 with commas between them, when they change:
//
//	issues  elements that hold the state of an issue each, by data-of; an empty one
//	        is not known any more
//
// It is for pages that have no stream of their own.
func (s *Server) streamIssues(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		sendEventHeaders(w)
		return
	}
	t := &stream{s: s, w: w, rc: http.NewResponseController(w), viewer: viewerOf(r), issues: watchedIssues(r)}
	if len(t.issues.refs) == 0 {
		wrong := fault.On(issuesParam, "Name issues in the address, as ?%s=owner/name%%2312.", issuesParam)
		s.page(func(http.ResponseWriter, *http.Request) error { return wrong })(w, r)
		return
	}
	leave, full := s.seats.take(s.address(r), quietStreams)
	if full != "" {
		s.numbers().refused.Inc()
		sendEventHeaders(w)
		_ = t.write(fmt.Sprintf("retry: %d\n\n", fullFor.Milliseconds())) // it ends in any case
		return
	}
	defer leave()
	s.numbers().streams.Inc()
	narrow(r.Context())
	t.reader = s.watchReader(r, "")
	defer t.reader.stop()
	_ = t.rc.SetReadDeadline(time.Time{}) // nothing more is to come from the reader
	sendEventHeaders(w)
	err := t.write(fmt.Sprintf("retry: %d\n\n", retryMillis))
	if err == nil {
		err = t.followIssues(r.Context())
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.numbers().slow.Inc()
	}
}

// followIssues sends what changes until the reader or the server leaves, or the
// reader may see something else: the browser connects again then.
func (t *stream) followIssues(ctx context.Context) error {
	beat, look := time.NewTicker(beatEvery), time.NewTicker(lookEvery)
	defer beat.Stop()
	defer look.Stop()
	wake, stop := t.s.wakes().Subscribe(store.GitHubTopic())
	defer stop()
	err := t.sendIssues(ctx)
	for err == nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.s.Closing():
			return nil
		case <-wake:
			err = t.heardIssues(ctx)
		case <-t.reader.woken:
			if t.reader.changed() {
				return nil
			}
		case <-look.C:
			if t.reader.blind() && t.reader.changed() {
				return nil
			}
			err = t.restIssues(ctx)
		case <-beat.C:
			if t.reader.actor.SignedIn() && t.reader.changed() {
				return nil
			}
			err = t.write(": still here\n\n")
		}
	}
	return err
}
