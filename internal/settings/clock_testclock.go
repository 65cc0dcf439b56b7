//go:build testclock

package settings

// buildKeys are variables that only some builds know. See internal/app for what
// HACKFEST_TEST_CLOCK does.
var buildKeys = []string{"HACKFEST_TEST_CLOCK"}
