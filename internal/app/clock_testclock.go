//go:build testclock

package app

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// clockIsStubbed says that the clock may stand or jump, and that others have to
// go by it.
const clockIsStubbed = true

// Clock returns a clock that stands at the instant which the file named by
// HACKFEST_TEST_CLOCK holds in the form of RFC 3339; tests move it by replacing
// the file. Without the variable it is the machine's clock. While the file
// cannot be read the clock stands where it was.
func Clock() (func() time.Time, error) {
	path := os.Getenv("HACKFEST_TEST_CLOCK")
	if path == "" {
		return time.Now, nil
	}
	last, err := readClock(path)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		if t, err := readClock(path); err == nil {
			last = t
		}
		return last
	}, nil
}

func readClock(path string) (time.Time, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return time.Time{}, fmt.Errorf("HACKFEST_TEST_CLOCK: %w", err)
	}
	t, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(text)))
	if err != nil {
		return time.Time{}, fmt.Errorf("HACKFEST_TEST_CLOCK: %s: %w", path, err)
	}
	return t, nil
}
