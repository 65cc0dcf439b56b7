package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	osexec "os/exec"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/recipe"
	"github.com/eucalyptus/hackfest/internal/shell"
)

// brokerSource is a recipe with all that may be set in one.
const brokerSource = "#!/bin/bash\n# Makes a broker.\nset -eu\nDOMAIN=\"${DOMAIN:-cloud.example.org}\"\nDISK='8 GB' # of the node\n: \"${TOKEN:?what the cloud gave you}\"\n" +
	"printf '%s\\0' \"$DOMAIN\" \"$DISK\" \"$TOKEN\" # <script>\n"

// newRecipeServer is a portal with two images and the recipe "broker".
func newRecipeServer(t *testing.T) *Server {
	t.Helper()
	s, ctx := newServer(t), t.Context()
	s.CheckScript = shell.Check
	for _, i := range []hackfest.Image{
		{Name: "Fedora 16", Distribution: "fedora", Release: "16", IDs: []hackfest.ImageID{{Cloud: "sandbox", ID: "emi-27F73C1A"}}},
		{Name: "Fedora 17", Distribution: "fedora", Release: "17", IDs: []hackfest.ImageID{{Cloud: "AWS", ID: "ami-0abc1234"}}},
	} {
		_, err := s.Store.AddImage(ctx, i, wednesday)
		must(t, err)
	}
	_, err := s.Store.AddTarget(ctx, hackfest.Target{Name: "OpenShift Origin"}, wednesday)
	must(t, err)
	found, _ := recipe.Tree([]recipe.File{{Path: "bash/fedora/broker.sh", Data: []byte(brokerSource)}})
	found[0].Repository, found[0].Commit, found[0].TargetSlug = "https://github.com/eucalyptus/recipes", strings.Repeat("9d04c7e", 6)[:40], "openshift-origin"
	found[0].Ports, found[0].Smallest = "22, 53/udp", "m1.xlarge"
	_, err = s.Store.ImportRecipe(ctx, found[0], wednesday)
	must(t, err)
	return s
}

// A result that is sent twice under one name is one result, by API and by form,
// and stands in the matrix, on the recipe and on its session.
func TestA50ResultIsStoredOnce(t *testing.T) {
	t.Parallel()
	s := newRecipeServer(t)
	x := plan(t, s, "OpenShift", wednesday, func(x *hackfest.Session) { x.TargetSlug = "openshift-origin" })
	k := listen(t, s, x)
	k.opening()
	k.close()
	mel := join(t, s, "mel", person.Member)
	sent := token(t, s, mel, person.ScopePreflight)
	body := fmt.Sprintf(`{"image": "fedora-16", "outcome": "notes", "minutes": 34, "cloud": "sandbox, 3.1.0", "session": %q, "note": "start <BIND> by hand"}`, x.Slug)
	first := tell(t, s, "/recipes/broker/results", "k1", body, sent)
	d := readSpec(t, s)
	checkAnswer(t, d, "a result", first.Code, first.Body.Bytes(), d.Paths["/recipes/{recipe}/results"]["post"].Responses["200"].Content["application/json"].Schema)
	for range 3 {
		if again := tell(t, s, "/recipes/broker/results", "k1", body, sent); again.Code != http.StatusOK || again.Body.String() != first.Body.String() {
			t.Errorf("sent again, it is answered %d %s", again.Code, again.Body)
		}
	}
	// So it is with the form.
	form := url.Values{"image": {"fedora-16"}, "outcome": {"fails"}, "once": {newKey().String()}}
	for range 2 {
		if w := ask(t, s, request{method: http.MethodPost, path: "/recipes/broker/results", form: form, as: mel}); w.Code != http.StatusSeeOther {
			t.Errorf("the form: %d", w.Code)
		}
	}
	var got struct {
		Results []struct{ Outcome, By, Session, Note string }
	}
	w := ask(t, s, request{path: "/api/v1/recipes/broker"})
	must(t, json.Unmarshal(w.Body.Bytes(), &got))
	if len(got.Results) != 2 || got.Results[1].Outcome != "notes" || got.Results[1].By != "mel" || got.Results[1].Session != x.Slug {
		t.Fatalf("%+v", got.Results)
	}
	contains(t, ask(t, s, request{path: "/recipes/broker"}).Body.String(), "start &lt;BIND&gt; by hand", ">34</td>", "sandbox, 3.1.0", "did not work")
	contains(t, ask(t, s, request{path: "/targets"}).Body.String(), `aria-label="broker on Fedora 16: fails, `, `aria-label="broker on Fedora 17: untested, be the first"`)
	contains(t, ask(t, s, request{path: "/targets/openshift-origin"}).Body.String(), "Recipes for OpenShift Origin", "be the first")
	contains(t, ask(t, s, request{path: "/sessions/" + x.Slug}).Body.String(), "What changed in the matrix", "<b>works with notes</b>, before: untested")
	for name, body := range map[string]string{
		"image": `{"image": "none", "outcome": "works"}`, "outcome": `{"image": "fedora-16", "outcome": "fine"}`,
		"minutes": `{"image": "fedora-16", "outcome": "works", "minutes": -3}`, "session": `{"image": "fedora-16", "outcome": "works", "session": "none"}`,
	} {
		checkProblem(t, tell(t, s, "/recipes/broker/results", "bad "+name, body, sent), http.StatusUnprocessableEntity, name)
	}
}

// A result is taken back by who gave it, and by maintainers, and put back.
func TestResultIsTakenBack(t *testing.T) {
	t.Parallel()
	s := newRecipeServer(t)
	mel, dov, mia := join(t, s, "Mel", person.Member), join(t, s, "Dov", person.Member), join(t, s, "Mia", person.Maintainer)
	send := func(as person.Actor, path string, form url.Values, want int) string {
		t.Helper()
		w := ask(t, s, request{method: http.MethodPost, path: path, form: form, as: as})
		if w.Code != want {
			t.Fatalf("%s by %s: %d\n%s", path, as.Name, w.Code, w.Body)
		}
		return w.Header().Get("Location")
	}
	to := send(mel, "/recipes/broker/results", url.Values{"image": {"fedora-16"}, "outcome": {"works"}}, http.StatusSeeOther)
	page := ask(t, s, request{path: strings.Split(to, "#")[0], as: mel}).Body.String()
	contains(t, page, "It is on record: broker works.", ">Undo</button>")
	path := "/results/" + between(t, page, `action="/results/`, `/remove"`)
	lacks(t, ask(t, s, request{path: "/recipes/broker", as: dov}).Body.String(), path)
	send(dov, path+"/remove", url.Values{}, http.StatusForbidden)
	to = send(mel, path+"/remove", url.Values{}, http.StatusSeeOther)
	contains(t, ask(t, s, request{path: strings.Split(to, "#")[0], as: mel}).Body.String(), "Nobody has said what came of it", path+"/restore")
	send(mia, path+"/remove", url.Values{}, http.StatusConflict)
	send(mia, path+"/restore", url.Values{}, http.StatusSeeOther)
	contains(t, ask(t, s, request{path: "/recipes/broker"}).Body.String(), "Tested with</h2>", ">Mel<")
}

// Where there is no bash, or it is busy, a script is offered and said not to be looked at.
func TestRecipeThatNobodyLookedAt(t *testing.T) {
	t.Parallel()
	s := newRecipeServer(t)
	words := "Nobody looked here whether bash can read it."
	lacks(t, page(t, s, "/recipes/broker"), words)
	s.CheckScript = func(context.Context, string) (string, error) { return "", shell.ErrNoBash }
	contains(t, page(t, s, "/recipes/broker"), words, "euca-run-instances")
}

// What is typed comes out of the form as a file that bash can read, that has what
// was typed, and nothing of it is run or kept.
func TestUserDataOfOnesOwn(t *testing.T) {
	t.Parallel()
	s := newRecipeServer(t)
	form := func(domain, disk, token, as string) url.Values {
		return url.Values{"set.DOMAIN": {domain}, "set.DISK": {disk}, "set.TOKEN": {token}, "type": {"m1.xlarge"}, "key": {"me"}, "group": {"origin"}, "image": {"fedora-16"}, "as": {as}}
	}
	for _, value := range []string{"plain", "two words", "it's", `"$(touch /tmp/no)"`, "`id`;$HOME\\", "line\r\nline", "é\u202e"} {
		w := ask(t, s, request{method: http.MethodPost, path: "/recipes/broker/user-data", form: form(value, value, value, "file")})
		h := w.Header()
		if w.Code != 200 || h.Get("Content-Disposition") != "attachment; filename=broker.sh" || h.Get("Cache-Control") != "no-store" || !strings.HasPrefix(h.Get("Content-Type"), "text/plain") {
			t.Fatalf("%q: %d %v\n%s", value, w.Code, h, w.Body)
		}
		if problem, err := shell.Check(t.Context(), w.Body.String()); err != nil || problem != "" {
			t.Errorf("%q: bash -n: %s, %v", value, problem, err)
		}
		var out bytes.Buffer
		c := osexec.CommandContext(t.Context(), "bash", "--norc", "-s")
		c.Env, c.Stdin, c.Stdout = []string{"PATH=/usr/bin:/bin"}, strings.NewReader(w.Body.String()), &out
		must(t, c.Run())
		v := strings.ReplaceAll(value, "\r\n", "\n")
		if want := v + "\x00" + v + "\x00" + v + "\x00"; out.String() != want {
			t.Errorf("the script has %q, want %q", out.String(), want)
		}
		page := ask(t, s, request{method: http.MethodPost, path: "/recipes/broker/user-data", form: form(value, value, value, "page")})
		if page.Code != 200 || runs(page.Body.String()) != "" {
			t.Errorf("%q: %d, %s", value, page.Code, runs(page.Body.String()))
		}
		contains(t, page.Body.String(), "With your values</h2>", "euca-run-instances -t m1.xlarge -g origin -k me", "emi-27F73C1A")
	}
	for _, tt := range []struct {
		name, field, value, says string
	}{
		{"a value that is needed", "set.TOKEN", "", "The recipe needs a value for TOKEN."},
		{"an escape", "set.DOMAIN", "a\x1b[0m", "holds signs that are no text"},
		{"an option for a key", "key", "-x", "does not begin with a dash"},
		{"no key", "key", "", "Name a key pair."},
		{"a type that is none", "type", "$(id)", "Write an instance type"},
	} {
		f := form("a", "b", "c", "file")
		f.Set(tt.field, tt.value)
		w := ask(t, s, request{method: http.MethodPost, path: "/recipes/broker/user-data", form: f})
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", tt.name, w.Code)
		}
		contains(t, w.Body.String(), tt.says, `aria-invalid="true"`, `value="b"`)
	}
	page := ask(t, s, request{path: "/recipes/broker?image=fedora-17"}).Body.String()
	contains(t, page, "9d04c7e", "https://github.com/eucalyptus/recipes/fork", "/blob/"+strings.Repeat("9d04c7e", 6)[:40]+"/bash/fedora/broker.sh",
		"aws ec2 run-instances --image-id ami-0abc1234", "euca-authorize -P udp -p 53 -s 0.0.0.0/0 broker", "# &lt;script&gt;")
	lacks(t, page, "endpoint-url")
	contains(t, ask(t, s, request{path: "/recipes/broker?image=fedora-16"}).Body.String(), "aws --endpoint-url &#34;$EC2_URL&#34; ec2 run-instances --image-id emi-27F73C1A")
}

func TestRecipesAndImagesAreEdited(t *testing.T) {
	t.Parallel()
	s := newRecipeServer(t)
	mia := join(t, s, "Mia", person.Maintainer)
	send := func(path string, want int, pairs ...string) string {
		t.Helper()
		form := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		w := ask(t, s, request{method: http.MethodPost, path: path, form: form, as: mia})
		if w.Code != want {
			t.Fatalf("%s %v: %d\n%s", path, pairs, w.Code, w.Body)
		}
		return w.Body.String()
	}
	see := func(path string) string {
		t.Helper()
		return ask(t, s, request{path: path, as: mia}).Body.String()
	}
	send("/recipes/broker/edit", 303, "summary", "A broker <b>.", "kind", "bash", "distribution", "fedora", "release", "16", "ports", "22,53/UDP, 8000-8010", "revision", "1")
	contains(t, see("/recipes/broker"), "A broker &lt;b&gt;.", "22, 53/udp, 8000-8010", "fedora 16")
	contains(t, send("/recipes/broker/edit", 409, "summary", "mine", "kind", "bash", "revision", "1"), `value="mine"`, "Saved meanwhile:", "A broker &lt;b&gt;.")
	contains(t, send("/recipes/broker/edit", 422, "summary", "mine", "kind", "perl", "ports", "all", "target", "none", "revision", "2"),
		"Choose what runs it.", "Write ports as in", "Choose a target that is listed.", `value="mine"`)
	send("/recipes/broker/edit", 303, "kind", "bash", "retired", "on", "revision", "2")
	lacks(t, see("/recipes"), "/recipes/broker")
	contains(t, see("/recipes/broker"), "Not offered any more")

	contains(t, send("/recipes/new", 422, "slug", "A b", "kind", "bash", "source", "if true\n"), "A name has small letters", "bash cannot read it: line", "if true")
	contains(t, send("/recipes/new", 422, "slug", "web", "kind", "cloud-init", "source", "a: 1\n"), "begins with the line #cloud-config")
	send("/recipes/new", 303, "slug", "web", "kind", "cloud-init", "source", "#cloud-config\r\nhostname: x")
	contains(t, send("/recipes/new", 409, "slug", "web", "kind", "bash", "source", "#!/bin/sh\n"), "There already is a recipe of that name.")
	send("/recipes/web/edit", 303, "kind", "cloud-init", "source", "#cloud-config\r\nhostname: y", "revision", "1")
	contains(t, see("/recipes/web"), `name="set.hostname" value="y"`, "written here", "Version 2")
	contains(t, see("/recipes/web?version=1"), "An earlier version.", `name="set.hostname" value="x"`, `action="/recipes/web/user-data?version=1"`)
	contains(t, send("/recipes/web/user-data?version=1", 200, "set.hostname", "x", "type", "m1.small", "key", "me", "group", "g", "as", "file"), "hostname: x")
	if w := ask(t, s, request{path: "/recipes/web?version=7"}); w.Code != http.StatusNotFound {
		t.Errorf("a version that never was: %d", w.Code)
	}

	send("/images/new", 303, "name", "Débian 6", "distribution", "Debian", "release", "6", "login", "root", "ids", "AWS: ami-0abc1234\r\nsandbox: emi-11112222")
	contains(t, see("/images"), "Débian 6", "debian 6", "ami-0abc1234", "in <bdi>AWS</bdi>")
	contains(t, send("/images/new", 409, "name", "debian 6"), "There already is an image of that name.")
	contains(t, send("/images/new", 422, "name", "日本", "ids", "sandbox: x", "login", "a b"), "needs a letter or a digit", "An id begins with emi-", "A login has small letters", "日本")
	send("/images/debian-6/edit", 303, "name", "Debian 6", "ids", "sandbox: emi-11112222", "revision", "1", "retired", "on")
	contains(t, see("/images"), "not offered any more")
	contains(t, send("/images/debian-6/edit", 409, "name", "mine", "revision", "1"), `value="mine"`, "Saved meanwhile:")
}
