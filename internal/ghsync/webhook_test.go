package ghsync

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

const secret = "It's a Secret to Everybody"

// header is that of a delivery of body.
func header(event, body string) http.Header {
	h := http.Header{}
	h.Set("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
	h.Set("X-GitHub-Event", event)
	h.Set("Content-Type", "application/json")
	h.Set("X-Hub-Signature-256", testgithub.Sign(secret, []byte(body)))
	return h
}

// GitHub's own example of a signature.
// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
func TestSignatureOfGitHubsOwn(t *testing.T) {
	t.Parallel()
	h := header("ping", "")
	h.Set("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
	e, err := Open(h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = e.Payload([]byte("Hello, World!"), secret); err != nil {
		t.Error(err)
	}
}

// What is not signed with the secret, over the body as it came, by SHA-256, is
// refused, and so is what GitHub would not send: R38.
func TestEnvelopesThatAreRefused(t *testing.T) {
	t.Parallel()
	const body = `{"zen":"Design for failure."}`
	right := testgithub.Sign(secret, []byte(body))
	set := func(name, value string) func(http.Header) {
		return func(h http.Header) { h[http.CanonicalHeaderKey(name)] = []string{value} }
	}
	sign := func(value string) func(http.Header) { return set("X-Hub-Signature-256", value) }
	for _, tt := range []struct {
		name   string
		change func(http.Header)
		want   fault.Kind
	}{
		{"no signature", func(h http.Header) { h.Del("X-Hub-Signature-256") }, fault.Forbidden},
		{"an empty one", sign(""), fault.Forbidden},
		{"two of them, one right", func(h http.Header) { h.Add("X-Hub-Signature-256", right) }, fault.Forbidden},
		{"the old header alone", func(h http.Header) {
			h.Del("X-Hub-Signature-256")
			h.Set("X-Hub-Signature", "sha1=f0a3f6a9d8c8b6bd5e8a2e1c3f3c8e3a3d1c1b1a")
		}, fault.Forbidden},
		{"SHA-1 in the new header", sign("sha1=f0a3f6a9d8c8b6bd5e8a2e1c3f3c8e3a3d1c1b1a"), fault.Forbidden},
		{"SHA-512", sign("sha512=" + strings.Repeat("ab", 64)), fault.Forbidden},
		{"md5", sign("md5=" + strings.Repeat("ab", 16)), fault.Forbidden},
		{"an algorithm called none", sign("none="), fault.Forbidden},
		{"no algorithm", sign(strings.TrimPrefix(right, "sha256=")), fault.Forbidden},
		{"nothing but the algorithm", sign("sha256="), fault.Forbidden},
		{"cut off", sign(right[:len(right)-2]), fault.Forbidden},
		{"half a byte short", sign(right[:len(right)-1]), fault.Forbidden},
		{"longer", sign(right + "00"), fault.Forbidden},
		{"no hexadecimal digits", sign("sha256=" + strings.Repeat("zz", 32)), fault.Forbidden},
		{"with a space before", sign(" " + right), fault.Forbidden},
		{"with a list", sign(right + "," + right), fault.Forbidden},
		{"zeros", sign("sha256=" + strings.Repeat("00", 32)), fault.Forbidden},
		{"of another secret", sign(testgithub.Sign(secret+".", []byte(body))), fault.Forbidden},
		{"of another body", sign(testgithub.Sign(secret, []byte(body+" "))), fault.Forbidden},
		{"of no secret", sign(testgithub.Sign("", []byte(body))), fault.Forbidden},
		{"no content type", func(h http.Header) { h.Del("Content-Type") }, fault.Invalid},
		{"text", set("Content-Type", "text/plain"), fault.Invalid},
		{"a form with files", set("Content-Type", "multipart/form-data; boundary=x"), fault.Invalid},
		{"no content type at all", set("Content-Type", ";;;"), fault.Invalid},
		{"no delivery", func(h http.Header) { h.Del("X-GitHub-Delivery") }, fault.Invalid},
		{"a delivery with a line break", set("X-GitHub-Delivery", "a\nb"), fault.Invalid},
		{"a long delivery", set("X-GitHub-Delivery", strings.Repeat("a", 101)), fault.Invalid},
		{"no event", func(h http.Header) { h.Del("X-GitHub-Event") }, fault.Invalid},
		{"an event of no word", set("X-GitHub-Event", "issues\x00"), fault.Invalid},
		{"a form without a payload", set("Content-Type", "application/x-www-form-urlencoded"), fault.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := header("ping", body)
			tt.change(h)
			e, err := Open(h)
			if err == nil {
				_, err = e.Payload([]byte(body), secret)
			}
			if err == nil || fault.KindOf(err) != tt.want {
				t.Errorf("%v", err)
			}
		})
	}
	e, err := Open(header("ping", body))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Payload([]byte(body), ""); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("without a secret everything is right: %v", err)
	}
}

// A form is signed as it came, and holds the same.
func TestPayloadInAForm(t *testing.T) {
	t.Parallel()
	const payload = `{"zen":"Möwen & more = 100 %","hook":{"events":["*"]}}`
	body := url.Values{"payload": {payload}}.Encode()
	h := header("ping", body)
	h.Set("Content-Type", "Application/X-WWW-Form-URLencoded; charset=utf-8")
	e, err := Open(h)
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Payload([]byte(body), secret)
	if err != nil || string(got) != payload {
		t.Errorf("%q %v", got, err)
	}
	if d, _ := e.Delivered(got); d.Note != "GitHub can reach the portal." {
		t.Error(d.Note)
	}
}

// Of the real payloads those are kept that say something about issues, commits,
// releases, milestones or repositories. What is kept of them survives a round trip
// through JSON, as it is kept while it waits.
func TestRealPayloads(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	n := 0
	for _, x := range testgithub.Examples(t) {
		n++
		e, err := Open(header(x.Event, string(x.Payload)))
		if err != nil {
			t.Fatalf("%s: %v", x.Name, err)
		}
		payload, err := e.Payload(x.Payload, secret)
		if err != nil {
			t.Fatalf("%s: %v", x.Name, err)
		}
		d, c := e.Delivered(payload)
		if (d.State == hackfest.HookReceived) != (c != nil) || (d.State == hackfest.HookIgnored) != (d.Note != "") {
			t.Errorf("%s: %+v with %+v", x.Name, d, c)
		}
		if c == nil {
			got["ignored"]++
			continue
		}
		got[x.Event]++
		if d.Repository == "" || c.Repository.GitHubID == 0 {
			t.Errorf("%s is of no repository", x.Name)
		}
		again(t, x.Name, *c)
	}
	// Two of the 29 about issues lack the state of theirs, and five pushes are of
	// tags and other branches.
	want := map[string]int{
		"issues": 27, "label": 3, "milestone": 5, "public": 3, "pull_request": 29, "push": 2, "release": 13, "repository": 13, "ignored": 234,
	}
	if n != 329 || !maps.Equal(got, want) {
		t.Errorf("of %d: %v, want %v", n, got, want)
	}
}

// again compares a change with what is read back of it.
func again(t *testing.T, name string, c hackfest.GitHubChange) {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var back hackfest.GitHubChange
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("%s: %+v became %+v, %v", name, c, back, err)
	}
}

// repo is how payloads name the repository.
const repo = `"repository":{"id":7,"full_name":"eucalyptus/recipes","default_branch":"master","private":false}`

func at(clock string) time.Time {
	t, _ := time.Parse("15:04:05", clock)
	return t.AddDate(2012, 7, 1)
}

// What deliveries say, and what is kept of it.
func TestDelivered(t *testing.T) {
	t.Parallel()
	const issue = `"number":12,"title":"Broker does not start","state":"open","user":{"login":"tessv"},"labels":[{"name":"Bug"}],` +
		`"assignees":[{"login":"quoll"}],"milestone":{"number":3},"created_at":"2012-08-02T19:00:00Z","updated_at":"2012-08-02T20:30:00Z"`
	base := hackfest.Issue{
		Number: 12, Title: "Broker does not start", Open: true, Labels: []string{"Bug"}, Assignees: []string{"quoll"}, Author: "tessv", Milestone: 3,
		OpenedAt: at("19:00:00"), UpdatedAt: at("20:30:00"),
	}
	with := func(change func(*hackfest.Issue)) hackfest.GitHubChange {
		i := base
		change(&i)
		return hackfest.GitHubChange{Issues: []hackfest.Issue{i}}
	}
	const sha = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
	commit := hackfest.Commit{SHA: sha, Summary: "Start the broker", Author: "tessv", CommittedAt: at("18:00:00")}
	pushed := `"commits":[{"id":"` + strings.ToUpper(sha) + `","message":"Start the broker\r\n\r\nIt \u0000 waits.","timestamp":"2012-08-02T11:00:00-07:00",` +
		`"author":{"name":"Tess","username":"tessv"}}]`
	for _, tt := range []struct {
		name, event, payload string
		want                 hackfest.GitHubChange // but the repository
		note                 string                // ignored
	}{
		{"an issue opened", "issues", `{"action":"opened","issue":{` + issue + `},` + repo + `}`, with(func(*hackfest.Issue) {}), ""},
		{
			"closed for a reason", "issues", `{"action":"closed","issue":{` + issue + `,"state":"closed","state_reason":"not_planned","closed_at":"2012-08-02T20:30:00Z"},` + repo + `}`,
			with(func(i *hackfest.Issue) { i.Open, i.Reason, i.ClosedAt = false, "not_planned", at("20:30:00") }), "",
		},
		{
			"closed at no time", "issues", `{"action":"closed","issue":{` + issue + `,"state":"closed","closed_at":null},` + repo + `}`,
			with(func(i *hackfest.Issue) { i.Open, i.ClosedAt = false, at("20:30:00") }), "",
		},
		{"open, with the time of its first end", "issues", `{"action":"reopened","issue":{` + issue + `,"closed_at":"2012-08-02T20:00:00Z"},` + repo + `}`, with(func(*hackfest.Issue) {}), ""},
		{
			"a title with bytes that are no text", "issues", `{"action":"edited","issue":{` + issue + `,"title":" a\u0000b\u001b[31mc\nd "},` + repo + `}`,
			with(func(i *hackfest.Issue) { i.Title = "ab[31mc d" }), "",
		},
		{
			"a title of a megabyte", "issues", `{"action":"edited","issue":{` + issue + `,"title":"` + strings.Repeat("ä", 1<<19) + `"},` + repo + `}`,
			with(func(i *hackfest.Issue) { i.Title = strings.Repeat("ä", 500) }), "",
		},
		{
			"all labels taken off", "issues", `{"action":"unlabeled","issue":{` + issue + `,"labels":[],"assignees":null,"milestone":null},` + repo + `}`,
			with(func(i *hackfest.Issue) { i.Labels, i.Assignees, i.Milestone = []string{}, []string{}, 0 }), "",
		},
		{"an action nobody knows yet", "issues", `{"action":"polished","issue":{` + issue + `},` + repo + `}`, with(func(*hackfest.Issue) {}), ""},
		{"deleted", "issues", `{"action":"deleted","issue":{` + issue + `},` + repo + `}`, hackfest.GitHubChange{RemovedIssues: []int{12}}, ""},
		{"transferred", "issues", `{"action":"transferred","issue":{` + issue + `},"changes":{"new_issue":{}},` + repo + `}`, hackfest.GitHubChange{RemovedIssues: []int{12}}, ""},
		{"a deleted comment is no deleted issue", "issues", `{"action":"deleted","comment":{"id":1},"issue":{` + issue + `},` + repo + `}`, hackfest.GitHubChange{}, "cannot be read"},
		{"an issue without a number", "issues", `{"action":"deleted","issue":{},` + repo + `}`, hackfest.GitHubChange{}, "cannot be read"},
		{"a number beyond all", "issues", `{"action":"deleted","issue":{"number":99999999999},` + repo + `}`, hackfest.GitHubChange{}, "cannot be read"},
		{"a state nobody knows", "issues", `{"action":"edited","issue":{` + issue + `,"state":"ajar"},` + repo + `}`, hackfest.GitHubChange{}, "cannot be read"},
		{"a time that is none", "issues", `{"action":"edited","issue":{` + issue + `,"updated_at":"yesterday"},` + repo + `}`, hackfest.GitHubChange{}, "cannot be read"},
		{"a time before all", "issues", `{"action":"edited","issue":{` + issue + `,"updated_at":-5},` + repo + `}`, hackfest.GitHubChange{}, "cannot be read"},
		{"no repository", "issues", `{"action":"opened","issue":{` + issue + `}}`, hackfest.GitHubChange{}, "cannot be read"},
		{"nothing", "issues", `{}`, hackfest.GitHubChange{}, "cannot be read"},
		{"a list", "issues", `[]`, hackfest.GitHubChange{}, "no JSON object"},
		{"no JSON", "issues", `payload`, hackfest.GitHubChange{}, "no JSON object"},
		{"half of it", "issues", `{"action":"opened","issue":{` + issue, hackfest.GitHubChange{}, "cannot be read"},
		{"deep nesting", "issues", strings.Repeat(`{"a":`, 1<<17), hackfest.GitHubChange{}, "cannot be read"},

		{
			"a pull request merged", "pull_request", `{"action":"closed","pull_request":{` + issue + `,"state":"closed","merged":true,"merged_at":"2012-08-02T20:30:00Z","closed_at":"2012-08-02T20:30:00Z"},` + repo + `}`,
			with(func(i *hackfest.Issue) {
				i.Pull, i.Open, i.ClosedAt, i.MergedAt = true, false, at("20:30:00"), at("20:30:00")
			}), "",
		},
		{"a draft", "pull_request", `{"action":"converted_to_draft","pull_request":{` + issue + `,"draft":true},` + repo + `}`, with(func(i *hackfest.Issue) { i.Pull, i.Draft = true, true }), ""},
		{"a review of it", "pull_request", `{"action":"edited","review":{"id":1},"pull_request":{` + issue + `},` + repo + `}`, hackfest.GitHubChange{}, "cannot be read"},

		{"a push", "push", `{"ref":"refs/heads/master","after":"` + sha + `",` + pushed + `,` + repo + `}`, hackfest.GitHubChange{Commits: []hackfest.Commit{commit}}, ""},
		{
			"a push by somebody with a long and odd name", "push",
			`{"ref":"refs/heads/master","after":"` + sha + `","commits":[{"id":"` + sha + `","message":"Start the broker","timestamp":"2012-08-02T18:00:00Z","author":{"name":"A\u0007` + strings.Repeat("n", 9999) + `"}}],` + repo + `}`,
			hackfest.GitHubChange{Commits: []hackfest.Commit{{SHA: sha, Summary: "Start the broker", Author: "A" + strings.Repeat("n", maxName-1), CommittedAt: at("18:00:00")}}},
			"",
		},
		{"a forced push", "push", `{"ref":"refs/heads/master","forced":true,"after":"` + sha + `",` + pushed + `,` + repo + `}`, hackfest.GitHubChange{Commits: []hackfest.Commit{commit}, Due: true}, ""},
		{"a push that does not name all", "push", `{"ref":"refs/heads/master","after":"` + strings.Repeat("a", 40) + `",` + pushed + `,` + repo + `}`, hackfest.GitHubChange{Commits: []hackfest.Commit{commit}, Due: true}, ""},
		{"a push of 1969", "push", `{"ref":"refs/heads/master","after":"` + sha + `","commits":[{"id":"` + sha + `","timestamp":-5}],` + repo + `}`, hackfest.GitHubChange{Due: true}, ""},
		{"the default branch deleted", "push", `{"ref":"refs/heads/master","deleted":true,"after":"` + strings.Repeat("0", 40) + `","commits":[],` + repo + `}`, hackfest.GitHubChange{Due: true}, ""},
		{"another branch", "push", `{"ref":"refs/heads/topic","after":"` + sha + `",` + pushed + `,` + repo + `}`, hackfest.GitHubChange{}, "default branch"},
		{"a tag called like it", "push", `{"ref":"refs/tags/master","after":"` + sha + `",` + pushed + `,` + repo + `}`, hackfest.GitHubChange{}, "default branch"},

		{
			"a release", "release", `{"action":"published","release":{"id":5,"tag_name":"v1","name":"One","prerelease":true,"published_at":"2012-08-02T20:30:00Z"},` + repo + `}`,
			hackfest.GitHubChange{Releases: []hackfest.Release{{ID: 5, Tag: "v1", Name: "One", Prerelease: true, PublishedAt: at("20:30:00")}}},
			"",
		},
		{"a draft of one", "release", `{"action":"created","release":{"id":5,"tag_name":"v1","draft":true,"published_at":null},` + repo + `}`, hackfest.GitHubChange{}, "once it is published"},
		{"a release deleted", "release", `{"action":"deleted","release":{"id":5,"tag_name":"v1"},` + repo + `}`, hackfest.GitHubChange{RemovedReleases: []int64{5}}, ""},
		{
			"a milestone", "milestone", `{"action":"edited","milestone":{"number":3,"title":"3.1","state":"open","due_on":"2012-08-09T07:00:00Z","updated_at":"2012-08-02T20:30:00Z"},` + repo + `}`,
			hackfest.GitHubChange{Milestones: []hackfest.Milestone{{Number: 3, Title: "3.1", Open: true, DueOn: at("00:00:00").AddDate(0, 0, 7), UpdatedAt: at("20:30:00")}}},
			"",
		},
		{"a milestone deleted", "milestone", `{"action":"deleted","milestone":{"number":3},` + repo + `}`, hackfest.GitHubChange{RemovedMilestones: []int{3}}, ""},
		{"a label renamed", "label", `{"action":"edited","label":{"name":"bug"},` + repo + `}`, hackfest.GitHubChange{Due: true, Whole: true}, ""},
		{"a new label", "label", `{"action":"created","label":{"name":"bug"},` + repo + `}`, hackfest.GitHubChange{}, "new label"},
		{"a repository renamed", "repository", `{"action":"renamed","changes":{"repository":{"name":{"from":"old"}}},` + repo + `}`, hackfest.GitHubChange{Due: true}, ""},
		{"one opened to everybody", "public", `{` + repo + `}`, hackfest.GitHubChange{Due: true}, ""},
		{"a star", "star", `{"action":"created",` + repo + `}`, hackfest.GitHubChange{}, "Nothing of such events"},
		{"a new branch", "create", `{"ref":"master",` + repo + `}`, hackfest.GitHubChange{}, "Nothing of such events"},
		{"an event of next year", "sourdough", `{"action":"risen",` + repo + `}`, hackfest.GitHubChange{}, "Nothing of such events"},
		{"a ping", "ping", `{"zen":"x","hook":{"events":["*"]},` + repo + `}`, hackfest.GitHubChange{}, "can reach the portal."},
		{"a ping of a hook for pushes", "ping", `{"zen":"x","hook":{"events":["push"]},` + repo + `}`, hackfest.GitHubChange{}, "asks for instead: issues, label, milestone, pull_request, release, repository."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := Open(header(tt.event, tt.payload))
			if err != nil {
				t.Fatal(err)
			}
			d, c := e.Delivered([]byte(tt.payload))
			if tt.note != "" {
				if c != nil || d.State != hackfest.HookIgnored || !strings.Contains(d.Note, tt.note) {
					t.Errorf("%+v %+v", d, c)
				}
				return
			}
			tt.want.Repository = hackfest.Repository{GitHubID: 7, Name: "eucalyptus/recipes"}
			if c == nil || d.State != hackfest.HookReceived || d.Repository != "eucalyptus/recipes" {
				t.Fatalf("%+v %+v", d, c)
			}
			if !reflect.DeepEqual(*c, tt.want) {
				t.Errorf("got  %+v\nwant %+v", *c, tt.want)
			}
		})
	}
}

// The list of events that a webhook should send is that of what is read.
func TestHookEvents(t *testing.T) {
	t.Parallel()
	if got, want := append(HookEvents(), "ping"), slices.Collect(maps.Keys(hooks)); !slices.Equal(sorted(got), sorted(want)) {
		t.Errorf("%v, read are %v", got, want)
	}
}

func sorted(list []string) []string { slices.Sort(list); return list }

// No payload stops the program, and whatever is kept of one can be stored.
func FuzzWebhook(f *testing.F) {
	f.Add("issues", []byte(`{"action":"opened","issue":{"number":1,"title":"a","state":"open","created_at":"2012-08-02T19:00:00Z","updated_at":1343934000},`+repo+`}`))
	f.Add("pull_request", []byte(`{"action":"closed","pull_request":{"number":1,"state":"closed","created_at":"2012-08-02T19:00:00Z","updated_at":"2012-08-02T19:00:00Z"},`+repo+`}`))
	f.Add("push", []byte(`{"ref":"refs/heads/master","commits":[{"id":"6113728f27ae82c7b1a177c8d03f9e96e0adf246","timestamp":1}],`+repo+`}`))
	f.Add("release", []byte(`{"action":"published","release":{"id":5,"tag_name":"v1","published_at":"2012-08-02T19:00:00Z"},`+repo+`}`))
	f.Add("milestone", []byte(`{"action":"edited","milestone":{"number":3,"due_on":"9999-12-31T23:59:59Z","updated_at":"2012-08-02T19:00:00Z"},`+repo+`}`))
	f.Add("ping", []byte(`{"hook":{"events":[]}}`))
	f.Add("issues", []byte(`{"issue":{"labels":[null],"assignees":[null]},"repository":{"id":1,"full_name":"a/b"}}`))
	f.Add("pull_request", []byte(`{"repository":{"id":1,"full_name":"a/b"}}`))
	f.Add("star", []byte("payload=%7B"))
	f.Fuzz(func(t *testing.T, event string, body []byte) {
		h := header(event, string(body))
		for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
			h.Set("Content-Type", kind)
			e, err := Open(h)
			if err != nil {
				return
			}
			payload, err := e.Payload(body, secret)
			if err != nil {
				continue
			}
			d, c := e.Delivered(payload)
			if (c == nil) != (d.State == hackfest.HookIgnored) || (c == nil) == (d.Note == "") {
				t.Errorf("%+v with %+v", d, c)
			}
			if c == nil {
				continue
			}
			again(t, event, *c)
			if text, _ := json.Marshal(c); strings.Contains(string(text), `\u0000`) {
				t.Errorf("Postgres takes no such text: %s", text)
			}
			for _, i := range c.Issues {
				if i.Open != i.ClosedAt.IsZero() || !i.MergedAt.IsZero() && !i.Pull {
					t.Errorf("%+v", i)
				}
			}
		}
	})
}
