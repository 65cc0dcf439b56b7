//go:build !testclock

package app

import "time"

// clockIsStubbed says that the clock may stand or jump, and that others have to
// go by it.
const clockIsStubbed = false

// Clock returns the clock of this process.
func Clock() (func() time.Time, error) { return time.Now, nil }
