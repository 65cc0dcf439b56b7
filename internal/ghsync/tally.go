package ghsync

import (
	"maps"
	"net/http"
	"sync"
)

// Tally counts calls to GitHub by what came of them, since the process began. A
// nil one counts nothing.
type Tally struct {
	mu    sync.Mutex
	calls map[string]uint64
}

// CallResults are what can come of a call.
var CallResults = []string{"answered", "unchanged", "refused", "failed", "unanswered"}

// count notes one call that was answered with status; 0 is none.
func (t *Tally) count(status int) {
	if t == nil {
		return
	}
	result := "refused"
	switch {
	case status == 0:
		result = "unanswered"
	case status == http.StatusNotModified:
		result = "unchanged"
	case status < http.StatusBadRequest:
		result = "answered"
	case status >= http.StatusInternalServerError:
		result = "failed"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.calls == nil {
		t.calls = map[string]uint64{}
	}
	t.calls[result]++
}

// Calls are how many there were of each of CallResults.
func (t *Tally) Calls() map[string]uint64 {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.calls)
}
