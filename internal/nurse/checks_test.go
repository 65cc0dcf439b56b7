package nurse

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

func TestProfilesAreRight(t *testing.T) {
	t.Parallel()
	for _, name := range Profiles {
		p, err := Profile(name)
		if err != nil || len(p.Checks) == 0 || p.Title == "" {
			t.Errorf("%s: %d checks, %v", name, len(p.Checks), err)
		}
		for _, c := range p.Checks {
			if c.Advice == "" {
				t.Errorf("%s: %s does not say what to do", name, c.Key)
			}
		}
	}
	if _, err := Profile("../nurse"); err == nil || !strings.Contains(err.Error(), "participant, installer") {
		t.Errorf("no such profile: %v", err)
	}
}

func TestReadPlan(t *testing.T) {
	t.Parallel()
	const good = "{key: a, kind: env, name: HOME, title: A, severity: aspirin}"
	for _, tt := range []struct {
		name, text string
		wrong      string // what is said; "" when all is well
	}{
		{"YAML", "title: X\nchecks:\n- " + good, ""},
		{"a bare list", "- " + good, ""},
		{"JSON", `{"checks":[{"key":"a","kind":"env","name":"HOME","title":"A","severity":"aspirin"}]}`, ""},
		{"JSON with a sign that YAML writes otherwise", `{"checks":[{"key":"a","kind":"env","name":"HOME","title":"\u001b[31m","severity":"aspirin"}]}`, ""},
		{"YAML with one", "- {key: a, kind: env, name: HOME, title: \"\\e\", severity: aspirin}", ""},
		{"a number that is none", "[{key: a, kind: memory, least: .inf, title: A, severity: dead}]", "a number in it that is none"},
		{"nothing", "", "no check in it"},
		{"no list", "checks: 3", "list of them"},
		{"neither YAML nor JSON", "a: b: c: [", "neither YAML nor JSON"},
		{"a binary file", "\x7fELF\x00\x01", "hese are no checks"},
		{"aliases that stand for more than there is", "a: &a [x,x]\nb: &b [*a,*a]\nchecks: [*b,*b]", "*a stands for something else"},
		{"lists in lists in lists", "checks: " + strings.Repeat("[", 20_000), "nested too deep"},
		{"settings without end", strings.Repeat("a: 1\n", 40_000), "too large"},
		{"two documents", "- " + good + "\n---\n- " + good, "several documents"},
		{"a mistyped field beside the checks", "titel: X\nchecks: [" + good + "]", "titel"},
		{"a mark of the order of bytes", "\ufeffchecks: [" + good + "]", ""},
		{"more memory than can be counted", "[{key: a, kind: memory, least: 17592186044416, title: A, severity: dead}]", "from 1 to 4294967296"},
		{"twice the same key", "[" + good + ", " + good + "]", "check 2 (a): An earlier check has this key."},
		{"a kind that there is not", "[{key: a, kind: horoscope, title: A, severity: dead}]", "no kind of check called \"horoscope\""},
		{"a severity that there is not", "[{key: a, kind: cpu, title: A, severity: mild}]", "aspirin, splint or dead"},
		{"a mistyped field", "[{key: a, kind: cpu, titel: A, severity: dead}]", "titel"},
		{"what the kind needs", "[{key: a, kind: memory, title: A, severity: dead}]", "needs \"least\""},
		{"a number that is a word", "[{key: a, kind: memory, least: much, title: A, severity: dead}]", "check 1 (a): This is no check: \"least\" is a whole number"},
		{"a version without quotes", "[{key: a, kind: command, name: sh, version: 16, title: A, severity: dead}]", "\"version\" is text; put it in quotes"},
		{"a list for a text", "[{key: a, kind: command, name: [sh], title: A, severity: dead}]", "\"name\" is text"},
		{"no check but a word", "[horoscope]", "made of fields"},
		{"a home that YAML takes for nothing", "[{key: a, kind: disk, least: 1, path: ~, title: A, severity: dead}]", "There is nothing in \"path\""},
		{"the same field twice", "[{key: a, kind: disk, least: 1, least: 2, title: A, severity: dead}]", "already defined"},
		{"a field that nobody looks at", "[{key: a, kind: package, name: sh, value: 2, title: A, severity: dead}]", "\"value\" is text"},
		{"one in quotes", "[{key: a, kind: interface, host: eth0, title: A, severity: dead}]", "kind interface has no \"host\""},
		{"less than nothing", "[{key: a, kind: memory, least: -5, title: A, severity: dead}]", "from 1 to"},
		{"two clocks", "[{key: a, kind: clock, least: 1, host: a, url: 'http://b', title: A, severity: dead}]", "or else \"url\""},
		{"a port that is none", "[{key: a, kind: port, port: 70000, title: A, severity: dead}]", "1 to 65535"},
		{"an address that is none", "[{key: a, kind: http, url: 'file:///etc/passwd', title: A, severity: dead}]", "no http or https"},
		{"a version that is none", "[{key: a, kind: command, name: sh, version: new, title: A, severity: dead}]", "version"},
		{"two mistakes are told at once", "[{key: a, kind: x, title: A, severity: dead}, {key: b, kind: y, title: B, severity: dead}]", "\"y\""},
	} {
		p, err := ReadPlan([]byte(tt.text))
		switch {
		case tt.wrong == "" && (err != nil || len(p.Checks) != 1 || p.Checks[0].Name != "HOME"):
			t.Errorf("%s: %+v, %v", tt.name, p, err)
		case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
			t.Errorf("%s: %v, want …%s…", tt.name, err, tt.wrong)
		}
	}
}

func FuzzReadPlan(f *testing.F) {
	f.Add("checks:\n- {key: a, kind: env, name: HOME, title: A, severity: aspirin}")
	f.Add(`[{"key":"a"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ReadPlan([]byte(text))
		if err == nil {
			for _, c := range p.Checks {
				if err := c.Validate(); err != nil {
					t.Errorf("%+v: %v", c, err)
				}
			}
		}
	})
}

func TestReportForPeopleAndMachines(t *testing.T) {
	t.Parallel()
	plan := Plan{Title: "a hackfest", Checks: []hackfest.Check{
		{Key: "a", Kind: hackfest.CheckEnv, Title: "A\n is set", Severity: hackfest.Aspirin, Advice: "Set\n  well A.\n"},
		{Key: "b", Kind: hackfest.CheckEnv, Title: "B is set.", Severity: hackfest.Dead, Advice: "Set B.", Why: "It broke on 2 August."},
		{Key: "c", Kind: hackfest.CheckEnv, Title: "C is set", Severity: hackfest.Dead, Advice: "Set C."},
	}, ByHand: []string{"Ask for access"}}
	p := hackfest.Preflight{Machine: "debian 12, x86_64", At: time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC), Results: []hackfest.CheckResult{
		{Key: "a", State: hackfest.CheckAspirin, Note: "A is not set"},
		{Key: "b", State: hackfest.CheckDead, Note: "B is not set"},
		{Key: "c", State: hackfest.CheckWell, Note: "C is set"},
	}}
	var text strings.Builder
	if err := Say(&text, plan, p); err != nil {
		t.Fatal(err)
	}
	const want = `Nurse Euca looks at this machine (debian 12, x86_64), before a hackfest.

  dead     B is set: B is not set
           Set B.
           Why: It broke on 2 August.
  aspirin  A is set: A is not set
           Set well A.
  well     C is set: C is set
  by hand  Ask for access

1 of 3 well, 1 dead, 1 aspirin. Dead on arrival. No use to go on here before that is mended.
`
	if text.String() != want {
		t.Errorf("have\n%s\nwant\n%s", text.String(), want)
	}
	var doc strings.Builder
	if err := SayJSON(&doc, plan, p); err != nil {
		t.Fatal(err)
	}
	var have struct {
		State   string
		At      string
		Results []struct{ Key, State, Note, Kind, Severity string }
	}
	if err := json.Unmarshal([]byte(doc.String()), &have); err != nil {
		t.Fatal(err)
	}
	if have.State != "dead" || have.At != "2026-11-23T01:02:03Z" || len(have.Results) != 3 || have.Results[1].State != "dead" || have.Results[1].Kind != "env" {
		t.Errorf("%+v", have)
	}
}

// The portal here is a stand-in: what the real one answers its own tests compare.
func TestPortalThatAnswersOtherwise(t *testing.T) {
	t.Parallel()
	status, body, location := http.StatusOK, "", ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if location != "" {
			w.Header().Set("Location", location)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	defer server.Close()
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   string // part of the error
	}{
		{"no JSON", 200, "<html>", "does not answer as a portal does"},
		{"no such list", 404, `{"title":"Not found","detail":"There is no such target."}`, "There is no such target."},
		{"a token without the scope", 403, `{"detail":"This token is not made for that."}`, "scope preflight"},
		{"a fault of the portal", 500, "", "500"},
	} {
		status, body = tt.status, tt.body
		if _, err := (Portal{Base: server.URL}).Checklist(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	for _, base := range []string{"", "nonsense", "http://127.0.0.1:1"} {
		if _, err := (Portal{Base: base}).Checklist(t.Context(), "x"); err == nil {
			t.Errorf("%q answered", base)
		}
	}
	for want, answer := range map[string]struct {
		status   int
		location string
	}{"does not answer as a portal does": {200, ""}, "leads on to https://hackfest.example": {301, "https://hackfest.example/api"}} {
		status, body, location = answer.status, "<html>", answer.location
		if _, err := (Portal{Base: server.URL}).Report(t.Context(), "targets/x", hackfest.Preflight{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a report: %v, want %s", err, want)
		}
	}
	location = ""
	status, body = 200, `{"title":"OpenShift","items":[{"id":"7","text":"By hand","check":null},{"id":8,"text":"T","why":"Because","check":{"key":"k","kind":"env","name":"HOME","title":"T","severity":"dead"}},{"id":"9","text":"From a newer portal","check":{"kind":"horoscope"}}]}`
	p, err := (Portal{Base: server.URL}).Checklist(t.Context(), "x")
	if err != nil || len(p.Checks) != 1 || p.Checks[0].Key != "8" || p.Checks[0].Why != "Because" || len(p.ByHand) != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}
