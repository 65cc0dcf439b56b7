package hackfest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// CheckKind is what a preflight check looks at.
type CheckKind string

const (
	CheckCPU       CheckKind = "cpu"       // virtualisation flags of the processor; Name is one flag, "" is vmx or svm
	CheckMemory    CheckKind = "memory"    // Least MiB of memory in the machine
	CheckDisk      CheckKind = "disk"      // Least MiB free where Path is; "" is /, and ~ the home directory
	CheckOS        CheckKind = "os"        // Name is the ID of os-release, such as debian; Version its release
	CheckArch      CheckKind = "arch"      // Name is x86_64, aarch64 and so on
	CheckModule    CheckKind = "module"    // the kernel module Name is loaded or built in
	CheckPackage   CheckKind = "package"   // the package Name is installed, in Version
	CheckCommand   CheckKind = "command"   // the command Name is in the path, and says Version
	CheckService   CheckKind = "service"   // the service Name runs, or State says what it should be
	CheckPort      CheckKind = "port"      // Port of Host takes connections; without Host nobody listens on it here
	CheckDNS       CheckKind = "dns"       // Host has an address, "" is the machine's own name; Value is one that must be among them
	CheckHTTP      CheckKind = "http"      // URL answers Status; 0 is 200
	CheckInterface CheckKind = "interface" // the network interface Name is up with carrier; "" is any but loopback
	CheckClock     CheckKind = "clock"     // the clock is at most Least seconds off that of Host (NTP, RFC 5905) or of the web server at URL
	CheckFile      CheckKind = "file"      // Path exists; Value is text that it must contain
	CheckEnv       CheckKind = "env"       // the environment variable Name is set; Value is what it must be
)

// CheckKinds are all kinds, in the order in which they are documented.
var CheckKinds = []CheckKind{
	CheckCPU, CheckMemory, CheckDisk, CheckOS, CheckArch, CheckModule, CheckPackage, CheckCommand, CheckService,
	CheckPort, CheckDNS, CheckHTTP, CheckInterface, CheckClock, CheckFile, CheckEnv,
}

// Severity is how bad it is when a check fails.
type Severity string

const (
	Aspirin Severity = "aspirin" // a warning
	Splint  Severity = "splint"  // has to be mended before one starts
	Dead    Severity = "dead"    // dead on arrival: no use to go on
)

// Severities, the mildest first.
var Severities = []Severity{Aspirin, Splint, Dead}

// Check is a preflight check as data: what to look at on a machine, and what to
// say when it is not well. Which of the fields a kind has its constant says; the
// others are empty.
type Check struct {
	Key      string    `json:"key"`              // names it in reports: a-z, 0-9, "-" and "."
	Kind     CheckKind `json:"kind"`             //
	Title    string    `json:"title"`            // what should be there, as in "The ssh client"
	Severity Severity  `json:"severity"`         //
	Advice   string    `json:"advice,omitempty"` // what to do when it is not, for people
	Why      string    `json:"why,omitempty"`    // who found that out, and where: a sentence or a URL

	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"` // such as ">= 2.1", "16" or "< 4"
	State   string `json:"state,omitempty"`   // of a service: running (when empty), stopped, enabled
	Path    string `json:"path,omitempty"`
	Host    string `json:"host,omitempty"`
	Port    int    `json:"port,omitempty"`
	URL     string `json:"url,omitempty"`
	Status  int    `json:"status,omitempty"`
	Least   int64  `json:"least,omitempty"`
	Value   string `json:"value,omitempty"`
}

// CheckResult is what became of one check on one machine.
type CheckResult struct {
	Key   string     `json:"key"`
	State CheckState `json:"state"`
	Note  string     `json:"note"` // what was seen, one line
}

// CheckState is how a check ended. The values are also the database's.
type CheckState string

const (
	CheckWell    CheckState = "well"
	CheckAspirin CheckState = "aspirin"
	CheckSplint  CheckState = "splint"
	CheckDead    CheckState = "dead"
	CheckUnknown CheckState = "unknown" // it could not be looked at, and Note says why
)

// Preflight is the report of one run of all checks on one machine.
type Preflight struct {
	Machine string        `json:"machine"` // such as "debian 12, x86_64"
	At      time.Time     `json:"at"`      // UTC
	Results []CheckResult `json:"results"`
}

const (
	maxCheckText = 300     // characters of a title, an advice or a reason
	maxCheckWord = 1000    // bytes of any other field
	maxLeast     = 1 << 32 // MiB, which are still a number of bytes, or seconds
)

var (
	checkKey     = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)
	checkVersion = regexp.MustCompile(`^(>=|<=|>|<|=)? ?[0-9][0-9A-Za-z.:+~-]{0,40}$`)
)

// checkFields says which fields a kind cannot do without, and which it may have.
var checkFields = map[CheckKind]struct{ needs, may []string }{
	CheckCPU: {nil, []string{"name"}}, CheckMemory: {[]string{"least"}, nil}, CheckDisk: {[]string{"least"}, []string{"path"}},
	CheckOS: {[]string{"name"}, []string{"version"}}, CheckArch: {[]string{"name"}, nil}, CheckModule: {[]string{"name"}, nil},
	CheckPackage: {[]string{"name"}, []string{"version"}}, CheckCommand: {[]string{"name"}, []string{"version"}},
	CheckService: {[]string{"name"}, []string{"state"}}, CheckPort: {[]string{"port"}, []string{"host"}}, CheckDNS: {nil, []string{"host", "value"}},
	CheckHTTP: {[]string{"url"}, []string{"status"}}, CheckInterface: {nil, []string{"name"}}, CheckClock: {[]string{"least"}, []string{"host", "url"}},
	CheckFile: {[]string{"path"}, []string{"value"}}, CheckEnv: {[]string{"name"}, []string{"value"}},
}

// Validate reports the first thing wrong with c, as fault.Invalid with its field.
func (c Check) Validate() error {
	fields, known := checkFields[c.Kind]
	switch {
	case !checkKey.MatchString(c.Key):
		return fault.On("key", "A key is made of a-z, 0-9, dots and hyphens, at most 64 of them.")
	case !known:
		return fault.On("kind", "There is no kind of check called %q. There are: %s.", c.Kind, kindsInWords())
	case strings.TrimSpace(c.Title) == "":
		return fault.On("title", "A check has a title: what should be there.")
	case c.Severity != Aspirin && c.Severity != Splint && c.Severity != Dead:
		return fault.On("severity", "The severity is aspirin, splint or dead, not %q.", c.Severity)
	}
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"name", c.Name != ""},
		{"version", c.Version != ""},
		{"state", c.State != ""},
		{"path", c.Path != ""},
		{"host", c.Host != ""},
		{"port", c.Port != 0},
		{"url", c.URL != ""},
		{"status", c.Status != 0},
		{"least", c.Least != 0},
		{"value", c.Value != ""},
	} {
		needed := slices.Contains(fields.needs, f.name)
		switch {
		case needed && !f.has:
			return fault.On(f.name, "A check of kind %s needs %q.", c.Kind, f.name)
		case f.has && !needed && !slices.Contains(fields.may, f.name): // it would be looked at by nobody
			return fault.On(f.name, "A check of kind %s has no %q.", c.Kind, f.name)
		}
	}
	return c.validateFields()
}

func (c Check) validateFields() error {
	for field, text := range map[string]string{"title": c.Title, "advice": c.Advice, "why": c.Why} {
		if len([]rune(text)) > maxCheckText {
			return fault.On(field, "At most %d characters, please.", maxCheckText)
		}
	}
	for field, text := range map[string]string{"name": c.Name, "path": c.Path, "host": c.Host, "url": c.URL, "value": c.Value, "state": c.State} {
		if len(text) > maxCheckWord || strings.ContainsAny(text, "\x00\n\r") {
			return fault.On(field, "This is one line of at most %d bytes.", maxCheckWord)
		}
	}
	if c.Kind == CheckClock && (c.Host == "") == (c.URL == "") {
		return fault.On("host", "A check of kind clock needs \"host\", a server of the time (NTP), or else \"url\".")
	}
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return fault.On("url", "This is no http or https address: %q.", c.URL)
	}
	switch {
	case c.Least < 0 || c.Least > maxLeast:
		return fault.On("least", "This is a number of MiB, or of seconds, from 1 to %d.", int64(maxLeast))
	case c.Port < 0 || c.Port > 65535:
		return fault.On("port", "A port is a number from 1 to 65535.")
	case c.Status != 0 && (c.Status < 100 || c.Status > 599):
		return fault.On("status", "A status is a number from 100 to 599.")
	case c.Version != "" && !checkVersion.MatchString(c.Version):
		return fault.On("version", "A version is a number, perhaps behind >=, <=, <, > or =, such as \">= 2.1\".")
	case c.State != "" && c.State != "running" && c.State != "stopped" && c.State != "enabled":
		return fault.On("state", "A service is running, stopped or enabled.")
	}
	return nil
}

// ParseCheck reads one check from JSON. A field that there is not is an error:
// it is most often a mistyped one.
func ParseCheck(data []byte) (Check, error) {
	var c Check
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, fault.On("check", "This is no check: %s.", notRead(err))
	}
	return c, c.Validate()
}

// notRead says why JSON is no check, to who writes checks and not programs.
func notRead(err error) string {
	t, ok := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case !ok:
		return strings.TrimPrefix(err.Error(), "json: ")
	case t.Field == "":
		return "a check is made of fields, such as \"kind\""
	case t.Type.Kind() == reflect.String && !strings.HasPrefix(t.Value, "object") && !strings.HasPrefix(t.Value, "array"):
		return fmt.Sprintf("%q is text; put it in quotes, such as \"16\"", t.Field)
	case t.Type.Kind() == reflect.String:
		return fmt.Sprintf("%q is text", t.Field)
	}
	return fmt.Sprintf("%q is a whole number, without quotes", t.Field)
}

func kindsInWords() string {
	var words []string
	for _, k := range CheckKinds {
		words = append(words, string(k))
	}
	return strings.Join(words, ", ")
}
