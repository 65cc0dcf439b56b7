//go:build !testclock

package app

import "time"

// Clock returns the clock of this process.
func Clock() (func() time.Time, error) { return time.Now, nil }
