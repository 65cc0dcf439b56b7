package store

import (
	"crypto/rand"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// newUID returns a globally unique identifier for calendars (RFC 7986 section
// 5.3): drawn once, stored, and independent of title, time and host.
func newUID(now time.Time) string {
	id := ulid.MustNew(ulid.Timestamp(now), rand.Reader) // reading random bytes cannot fail
	return strings.ToLower(id.String()) + "@hackfest"
}
