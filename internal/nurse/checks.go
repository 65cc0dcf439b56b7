package nurse

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Plan is what is to be looked at, and for what.
type Plan struct {
	Title  string // what it is a preparation for, as in "a hackfest"
	Checks []hackfest.Check
	ByHand []string // what no program can look at
}

//go:embed profiles/*.yaml
var profiles embed.FS

// Profiles are the names of the plans that are built in.
var Profiles = []string{"participant", "installer"}

// Profile returns a plan that is built in.
func Profile(name string) (Plan, error) {
	data, err := profiles.ReadFile("profiles/" + name + ".yaml")
	if err != nil {
		return Plan{}, fault.On("profile", "There is no profile %q. There are: %s.", name, strings.Join(Profiles, ", "))
	}
	return ReadPlan(data)
}

const (
	maxPlan   = 1 << 20 // bytes
	maxChecks = 500
)

// planFile is a plan in a file: YAML, of which JSON is a part.
type planFile struct {
	Title  string            `json:"title"`
	Checks []json.RawMessage `json:"checks"`
}

// ReadPlan reads a plan from YAML or JSON: an object with a title and checks, or
// a bare list of checks. All that is wrong with it is reported at once.
func ReadPlan(data []byte) (Plan, error) {
	if len(data) > maxPlan {
		return Plan{}, fault.New(fault.Invalid, "Checks are at most 1 MiB.")
	}
	text, err := yaml.YAMLToJSON(data)
	if err != nil {
		return Plan{}, fault.New(fault.Invalid, "This is neither YAML nor JSON: %s", firstLine(err))
	}
	var f planFile
	if strings.HasPrefix(strings.TrimSpace(string(text)), "[") {
		err = json.Unmarshal(text, &f.Checks)
	} else {
		err = json.Unmarshal(text, &f)
	}
	switch {
	case err != nil:
		return Plan{}, fault.New(fault.Invalid, "These are no checks: there should be a list of them under \"checks\".")
	case len(f.Checks) == 0:
		return Plan{}, fault.New(fault.Invalid, "There is no check in it. A list of them stands under \"checks\".")
	case len(f.Checks) > maxChecks:
		return Plan{}, fault.New(fault.Invalid, "There are %d checks in it; at most %d will do.", len(f.Checks), maxChecks)
	}
	p := Plan{Title: f.Title}
	var wrong []error
	keys := map[string]bool{}
	for i, raw := range f.Checks {
		c, err := hackfest.ParseCheck(raw)
		if err == nil && keys[c.Key] {
			err = fault.On("key", "An earlier check has this key.")
		}
		if err != nil {
			name := fmt.Sprintf("check %d", i+1)
			if c.Key != "" {
				name += " (" + c.Key + ")"
			}
			wrong = append(wrong, fmt.Errorf("%s: %s", name, fault.Message(err)))
		}
		keys[c.Key] = true
		p.Checks = append(p.Checks, c)
	}
	return p, errors.Join(wrong...)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return line
}
