package nurse

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/yamltext"
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

// MaxPlan is how many bytes a plan in a file has at most.
const MaxPlan = 1 << 18

const (
	maxChecks = 500
	maxTokens = 64 * maxChecks // of YAML: a check has at most sixteen fields
)

// planFile is a plan in a file: YAML, of which JSON is a part.
type planFile struct {
	Title  string            `json:"title"`
	Checks []json.RawMessage `json:"checks"`
}

// ReadPlan reads a plan from YAML or JSON: an object with a title and checks, or
// a bare list of checks. All that is wrong with it is reported at once.
func ReadPlan(data []byte) (Plan, error) {
	if len(data) > MaxPlan {
		return Plan{}, fault.New(fault.Invalid, "Checks are at most %d KiB.", MaxPlan>>10)
	}
	text, err := jsonOf(data)
	if err != nil {
		return Plan{}, fault.New(fault.Invalid, "This is neither YAML nor JSON that can be read: %s.", err)
	}
	var f planFile
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		err = d.Decode(&f.Checks)
	} else {
		err = d.Decode(&f)
	}
	switch {
	case err != nil && strings.Contains(err.Error(), "unknown field"):
		return Plan{}, fault.New(fault.Invalid, "Beside \"title\" and \"checks\" there is nothing: %s.", strings.TrimPrefix(err.Error(), "json: "))
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
		if field := empty(raw); err == nil && field != "" {
			err = fault.On(field, "There is nothing in %q. Leave it out, or put what is meant in quotes, such as \"~\".", field)
		}
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

// empty is the first field of a check that is null, which YAML takes ~ for; "" when
// there is none.
func empty(check json.RawMessage) string {
	var fields map[string]any
	_ = json.Unmarshal(check, &fields)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] == nil {
			return name
		}
	}
	return ""
}

// jsonOf is YAML as JSON. Aliases are not followed: a few of them can stand for
// more than any memory holds.
func jsonOf(data []byte) ([]byte, error) {
	f, err := yamltext.Parse(string(data), maxTokens)
	if err != nil {
		return nil, err
	}
	if len(f.Docs) > 1 {
		return nil, errors.New("there are several documents in it, and checks are one")
	}
	a := aliases{}
	for _, d := range f.Docs {
		if d.Body != nil {
			ast.Walk(&a, d.Body)
		}
	}
	if a.name != "" {
		return nil, fmt.Errorf("%s stands for something else; write it out", a.name)
	}
	var v any // yaml.YAMLToJSON writes control characters as JSON has none
	if err := yaml.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &v); err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return nil, errors.New(line)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, errors.New("there is a number in it that is none")
	}
	return text, nil
}

// aliases finds the first alias in a document.
type aliases struct{ name string }

// Visit looks at one node.
func (a *aliases) Visit(n ast.Node) ast.Visitor {
	if n.Type() == ast.AliasType && a.name == "" {
		a.name = n.String()
	}
	return a
}
