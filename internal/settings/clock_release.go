//go:build !testclock

package settings

// buildKeys are variables that only some builds know. A release knows none.
var buildKeys []string
