package auth_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/auth"
)

// A signed handle is read with its own key, whole and unchanged, and in no other
// way.
func TestHandle(t *testing.T) {
	t.Parallel()
	key, handle := bytes.Repeat([]byte{7}, 32), []byte("0123456789abcdef")
	signed := auth.SignHandle(key, handle)
	if got := auth.ReadHandle(key, signed); !bytes.Equal(got, handle) {
		t.Fatalf("%q reads as %q", signed, got)
	}
	for name, tt := range map[string]struct{ key, text string }{
		"another key":     {strings.Repeat("x", 32), signed},
		"cut off":         {string(key), signed[:len(signed)-1]},
		"longer":          {string(key), signed + "A"},
		"another handle":  {string(key), "B" + signed[1:]},
		"another proof":   {string(key), signed[:len(signed)-2] + "zw"},
		"nothing":         {string(key), ""},
		"no base64":       {string(key), "%%%"},
		"only the handle": {string(key), "MDEyMzQ1Njc4OWFiY2RlZg"},
	} {
		if got := auth.ReadHandle([]byte(tt.key), tt.text); got != nil {
			t.Errorf("%s: reads as %q", name, got)
		}
	}
}
