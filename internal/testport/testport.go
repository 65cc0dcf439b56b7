// Package testport gives tests ports on 127.0.0.1 for servers that are started
// later, stopped and started again. A port is one test's alone, among all the
// test programs that run on the machine at once.
package testport

import (
	"math/rand/v2"
	"testing"

	"github.com/eucalyptus/hackfest/internal/ports"
)

// The ports lie below those that systems give to outgoing connections (RFC 6335
// section 6; Linux begins at 32768), which could take one while its server is
// down.
const first, last = 10_000, 31_999

// Free returns a TCP port that nobody listens on. Until the test ends no other
// test gets it.
func Free(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := first + rand.IntN(last-first+1)
		if release, ok := ports.Hold(t.Context(), port); ok {
			t.Cleanup(release)
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// FreeAddress is Free with the host, 127.0.0.1:port.
func FreeAddress(t testing.TB) string {
	t.Helper()
	return ports.Address(Free(t))
}
