package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// hookPath is where GitHub delivers what happened in repositories.
const hookPath = "/webhooks/github"

const (
	hookTime   = 9 * time.Second // GitHub waits for ten
	bulkyHook  = maxBody         // bytes; deliveries beyond that are rare, and read few at a time
	bulkyHooks = 4
)

// hookRoutes adds the webhook, if there is a secret: without one nobody could be
// told from GitHub.
func (s *Server) hookRoutes(r *table) {
	if s.GitHub.HookSecret != "" {
		r.post(hookPath, person.Receive, s.timedFor(hookTime, s.takeHook, s.problem))
	}
}

// isHook reports whether r is a delivery. Its signature is the proof that it may;
// where it comes from and what cookies it has is no matter to it.
func (s *Server) isHook(r *http.Request) bool {
	return s.GitHub.HookSecret != "" && r.Method == http.MethodPost && r.URL.Path == hookPath
}

// forPrograms reports whether errors at path are read by programs.
func forPrograms(path string) bool { return strings.HasPrefix(path, "/api/") || path == hookPath }

// errLargeHook answers a delivery that is too large.
var errLargeHook = answer{http.StatusRequestEntityTooLarge, "That is more than GitHub delivers at once: 25 MB."}

// tooLarge answers a body that is too large for where it is sent.
func (s *Server) tooLarge(r *http.Request) answer {
	if s.isHook(r) {
		return errLargeHook
	}
	return errTooLarge
}

// most is how many bytes the body of r may have.
func (s *Server) most(r *http.Request) int64 {
	if s.isHook(r) {
		return ghsync.MaxHook
	}
	return maxBody
}

// hookGate stands between the public and the webhook. Others than GitHub can send
// from GitHub's addresses too, so what is rightly signed is never counted.
type hookGate struct {
	once    sync.Once
	wrong   *auth.Limit   // deliveries with a wrong signature from one household
	refused atomic.Int64  // when a wrong signature last came to this process, in Unix seconds; zero: none did
	bulky   chan struct{} // has room for as many as may be read at once
}

// hookGate is that of s.
func (s *Server) hookGate() *hookGate {
	g := &s.hooks
	g.once.Do(func() { g.wrong, g.bulky = auth.NewLimit(30, 20*time.Second), make(chan struct{}, bulkyHooks) })
	return g
}

// hookAnswer is what GitHub shows to who looks at what became of a delivery.
type hookAnswer struct {
	Delivery string             `json:"delivery"`
	State    hackfest.HookState `json:"state"`
	Note     string             `json:"note,omitempty"`
	Repeated bool               `json:"repeated,omitempty"` // it was here before, and nothing is done
}

// takeHook answers POST /webhooks/github. The signature is checked over the body
// as it came; then what the delivery says is kept, with a job that applies it, and
// GitHub is answered at once.
func (s *Server) takeHook(w http.ResponseWriter, r *http.Request) error {
	e, err := ghsync.Open(r.Header)
	if err != nil {
		return s.wrongHook(w, r, err)
	}
	body, done, err := s.hookBody(w, r)
	if err != nil {
		return err
	}
	defer done()
	payload, err := e.Payload(body, s.GitHub.HookSecret)
	if err != nil {
		return s.wrongHook(w, r, err)
	}
	s.hookGate().wrong.Forget(s.household(r)) // what a large one took
	d, change := e.Delivered(payload)
	d.ReceivedAt = s.Now().UTC()
	ctx, cancel := context.WithTimeout(r.Context(), s.storeTime())
	defer cancel()
	d, fresh, err := s.Store.AddHookDelivery(ctx, d, change, riverClock{s.Now})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	return json.NewEncoder(w).Encode(hookAnswer{Delivery: d.ID, State: d.State, Note: d.Note, Repeated: !fresh})
}

// hookBody reads the body of a delivery whole: it is signed as a whole. done is to
// be called when it is not needed any more.
func (s *Server) hookBody(w http.ResponseWriter, r *http.Request) (body []byte, done func(), err error) {
	done = func() {}
	var b bytes.Buffer
	if r.ContentLength < 0 || r.ContentLength > bulkyHook {
		if done, err = s.bulkyHook(w, r); err != nil {
			return nil, nil, err
		}
		b.Grow(int(max(r.ContentLength, 0)) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(r.Body); err != nil {
		done()
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, nil, errLargeHook
		}
		return nil, nil, &fault.Error{Kind: fault.Invalid, Message: "The body could not be read.", Err: err}
	}
	return b.Bytes(), done, nil
}

// bulkyHook takes a place for a large body until done is called. Who sent wrong
// signatures gets none: those of large bodies cost most to tell.
func (s *Server) bulkyHook(w http.ResponseWriter, r *http.Request) (done func(), err error) {
	g := s.hookGate()
	if err := s.tooMany(w, g.wrong, s.household(r), wrongHooks); err != nil {
		return nil, err
	}
	wait := time.NewTimer(s.storeTime())
	defer wait.Stop()
	select {
	case g.bulky <- struct{}{}:
		return func() { <-g.bulky }, nil
	case <-wait.C:
		return nil, fault.New(fault.Unavailable, "Too many large deliveries come at once. Please deliver it again in a moment.")
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// wrongHooks is what a household may not try too often.
const wrongHooks = "with a wrong signature"

// wrongHook answers a delivery that cannot be GitHub's. Nothing of it is kept; the
// log says that it came, so that whoever set another secret can see it.
func (s *Server) wrongHook(w http.ResponseWriter, r *http.Request, err error) error {
	if fault.KindOf(err) != fault.Forbidden {
		return err
	}
	s.hookGate().refused.Store(s.Now().Unix())
	if slow := s.tooMany(w, s.hookGate().wrong, s.household(r), wrongHooks); slow != nil {
		return slow
	}
	s.Log.WarnContext(r.Context(), "a webhook was refused", "why", fault.Message(err), "address", s.address(r))
	return err
}
