// Package hackfest holds what a community records about its hackfests: channel
// logs, sessions, series, targets and lessons. One file per concept; types and
// rules only, no SQL, no HTTP and no clock.
package hackfest
