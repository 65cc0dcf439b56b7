package testgithub

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"testing"

	"github.com/eucalyptus/hackfest/internal/testnpm"
)

// examples are payloads that github.com sent, as GitHub's own libraries keep them.
var examples = testnpm.File{
	Package: "@octokit/webhooks-examples@7.6.1",
	Path:    "package/api.github.com/index.json",
	Sum:     "09d8f0c617876ae9dad22e26fea5510bfcaad50ee7e602659f6db25b87b25815",
}

// Example is a payload that github.com sent.
type Example struct {
	Name    string // its event and place among those of that event
	Event   string
	Payload []byte
}

// Examples returns 329 real payloads of all events. Without npm the test is
// skipped, or fails where CI is set.
func Examples(t testing.TB) []Example {
	t.Helper()
	text, _, err := examples.Load()
	if errors.Is(err, testnpm.ErrMissing) {
		if os.Getenv("CI") != "" {
			t.Fatal("real payloads are missing: ", err)
		}
		t.Skip("real payloads: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var events []struct {
		Name     string            `json:"name"`
		Examples []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal(text, &events); err != nil {
		t.Fatal(err)
	}
	var list []Example
	for _, e := range events {
		for i, payload := range e.Examples {
			list = append(list, Example{Name: e.Name + " " + strconv.Itoa(i), Event: e.Name, Payload: payload})
		}
	}
	return list
}
