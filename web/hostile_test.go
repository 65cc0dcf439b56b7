package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// typedTexts are what hostile people type: a script, a way out of an attribute, an
// address that runs, and signs that turn a line round. All of it is one line and
// short enough for every field.
var typedTexts = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'onmouseover='alert(1)`, `javascript:alert(1)`, `</title><script>alert(1)</script>`,
	`</textarea><script>alert(1)</script>`, `&lt;script&gt;`, "x\u202egnp.exe",
}

// field is a short text that somebody can type, and where it is shown then.
type field struct {
	name  string
	as    asker
	route string
	form  func(text string) url.Values
	pages []string
}

// typedFields are all there are.
func typedFields(r *rights) []field {
	session := "/sessions/" + r.params[chaired]["session"]
	with := func(fixed ...string) func(string) url.Values {
		return func(text string) url.Values {
			v := url.Values{}
			for i := 0; i < len(fixed); i += 2 {
				v.Set(fixed[i], strings.ReplaceAll(fixed[i+1], "*", text))
			}
			return v
		}
	}
	said := []string{session, session + "/log"}
	return []field{
		{"agenda item", chair, session + "/agenda", with("text", "*"), []string{session, session + "/agenda"}},
		{"topic", chair, session + "/live/topic", with("text", "*"), said},
		{"item", member, session + "/live/item", with("kind", "#info", "text", "*"), said},
		{"link", member, session + "/live/item", with("kind", "#link", "text", "*"), said},
		{"action", member, session + "/live/item", with("kind", "#action", "text", "*"), said},
		{"vote and options", chair, session + "/live/startvote", with("text", "*? *, no"), said},
		{"vote of such an option", member, session + "/live/vote", with("option", "*"), said},
		{"a person's name, given by an admin", admin, "/admin/people", with("person", "*", "role", "member"), []string{"/admin/people", "/admin/audit"}},
		{"a person to be found", admin, "", nil, []string{"/admin/people?name=*"}},
		{"purpose of a channel", admin, "/admin/channels", with("network", "local", "channel", "#x*", "purpose", "*"), []string{"/admin/channels", "/privacy", "/start"}},
		{"who is to chair", maintainer, "/manage/chairs", with("person", "*", "series", "weekly-hackfest"), []string{"/manage/chairs"}},
		{"what is to chair", maintainer, "/manage/chairs", with("person", "Mel", "session", "*"), []string{"/manage/chairs"}},
		{"a name at sign-in", nobody, "/signin", with("name", "*", "password", "x", "next", "*"), []string{"/signin?next=*"}},
		{"an address of mail", nobody, "/signin/link", with("mail", "*@example.org"), nil},
		{"a zone", nobody, "/preferences", with("zone", "*"), nil},
		{"one's own name", member, "/settings/profile", with("name", "Mel *", "zone", "*", "revision", "1"), []string{"/settings"}},
		{"name of a token", member, "/settings/tokens", with("token", "*", "scope-read", "1", "days", "30"), []string{"/settings"}},
		{"network of a claim", member, "/settings/claim", with("network", "*"), []string{"/settings"}},
		{"reason of a request", nobody, "/privacy", with("line", "/l/"+r.params[chaired]["ref"], "why", "*", "contact", "*"), []string{"/manage", "/manage/requests/" + r.params[chaired]["request"]}},
		{"a recipe", maintainer, "/recipes/wordpress/edit", with("summary", "*", "kind", "cloud-init", "revision", "1"), []string{"/recipes", "/recipes/wordpress"}},
		{"a recipe written here", maintainer, "/recipes/new", with("slug", "*", "kind", "bash", "source", "#!/bin/sh\n# *\nX='*'\n", "ports", "*"), nil},
		{"an image", maintainer, "/images/new", with("name", "*", "ids", "*: emi-12345678"), []string{"/images", "/recipes/wordpress"}},
		{"what came of a recipe", member, "/recipes/wordpress/results", with("image", "ubuntu-12-04", "outcome", "notes", "cloud", "*", "note", "*"), []string{"/recipes/wordpress", "/targets"}},
		{"a value for a recipe", nobody, "/recipes/wordpress/user-data", with("set.hostname", "*", "as", "page", "type", "", "key", "*", "group", "*"), nil},
		{"a line that is none", nobody, "/privacy", with("line", "*"), nil},
		{"reason of a refusal", maintainer, "/manage/requests/" + r.params[chaired]["request"] + "/refuse", with("note", "*"), []string{"/admin/audit"}},
		{"reason of a removal", chair, session + "/redact", with("line", r.params[chaired]["ref"], "reason", "*"), []string{"/admin/audit"}},
		{"parameters of lists", nobody, "", nil, []string{
			"/schedule?kind=*&past=*", "/lessons?kind=*&target=*", "/minutes?y=*&q=*", session + "?sent=*&did=*", "/schedule?view=*", "/logs/local/eucalyptus-devel?y=*", "/*",
		}},
	}
}

// Whatever is typed into a field is shown as text, wherever it stands: A64.
func TestTypedTextIsShownAsText(t *testing.T) {
	t.Parallel()
	r := newRights(t)
	session, fields := "/sessions/"+r.params[chaired]["session"], typedFields(r)
	n, stored := 0, 0
	look := func(what, body, text string) {
		n++
		if bad := runs(body); bad != "" {
			t.Errorf("%s, %s: what was typed runs: %s", what, text, bad)
		}
	}
	for _, f := range fields {
		for _, text := range typedTexts {
			if f.route != "" {
				a := r.send(http.MethodPost, f.route, f.form(text), r.headers[f.as])
				if a.code >= 500 || a.code == 403 || a.code == 404 || a.code == 401 {
					t.Errorf("%s, %s: %d", f.name, text, a.code)
				}
				look(f.name, a.body, text)
				if a.code == http.StatusSeeOther {
					stored++
					look(f.name+", afterwards", r.send(http.MethodGet, strings.Split(a.to, "#")[0], nil, r.headers[f.as]).body, text)
				}
			}
			if request, is := strings.CutSuffix(f.route, "/refuse"); is { // so that it can be refused again
				r.send(http.MethodPost, request+"/reopen", nil, r.headers[admin])
			}
			for _, p := range f.pages {
				for _, as := range []asker{f.as, admin} {
					look(f.name+" on "+p, r.send(http.MethodGet, strings.ReplaceAll(p, "*", url.QueryEscape(text)), nil, r.headers[as]).body, text)
				}
			}
		}
		r.carryOut() // what was said to the channel stands in the log then
		for _, p := range f.pages {
			look(f.name+" on "+p+", in the end", r.send(http.MethodGet, strings.ReplaceAll(p, "*", "x"), nil, r.headers[admin]).body, "all")
		}
	}
	// In what people call themselves, and in the names of meetings and topics.
	must(t, r.Store.SetProfile(t.Context(), r.people[owner].ID, "Oka "+typedTexts[0], "", 1))
	for _, p := range []string{"/", "/schedule", "/minutes", session, session + "/log", session + "/log.txt", "/manage", "/admin/people", "/admin/audit", "/settings", "/people", "/status", "/privacy"} {
		for _, as := range []asker{nobody, owner, admin} {
			look(p, r.send(http.MethodGet, p, nil, r.headers[as]).body, "all")
		}
	}
	if body := r.send(http.MethodGet, session, nil, r.headers[admin]).body; !strings.Contains(body, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("what was typed is not on the page at all")
	}
	t.Logf("%d fields, %d answers, %d stored", len(fields), n, stored)
	if stored < 60 {
		t.Errorf("only %d were stored", stored)
	}
}

// runs is what of a page would run although it did not come with the program; ""
// when nothing would. Text is followed as a browser does: what stands between
// marks is no text.
func runs(page string) string {
	if !strings.HasPrefix(strings.TrimSpace(page), "<!doctype html>") {
		return "" // sent as text or JSON, and nosniff
	}
	for _, tag := range tags(page) {
		low := strings.ToLower(tag)
		switch {
		case strings.HasPrefix(low, "<script") && !strings.HasPrefix(low, `<script src="/static/`) && !strings.HasPrefix(low, `<script type="application/ld+json"`),
			strings.HasPrefix(low, "<img") && !strings.Contains(low, `src="/static/`):
			return tag
		}
		for _, at := range attributes(tag) {
			name, value, _ := strings.Cut(at, "=")
			name, value = strings.ToLower(name), strings.ToLower(strings.Trim(value, `"' `))
			if strings.HasPrefix(name, "on") || name == "style" || strings.HasPrefix(value, "javascript:") && (name == "href" || name == "src" || name == "action" || name == "formaction") {
				return tag
			}
		}
	}
	return ""
}

// tags are the tags of a page, each whole. A ">" in a quoted value ends none.
func tags(page string) []string {
	var list []string
	for {
		i := strings.IndexByte(page, '<')
		if i < 0 || i+1 >= len(page) {
			return list
		}
		page = page[i:]
		end, quote := -1, byte(0)
		for j := 1; j < len(page) && end < 0; j++ {
			switch c := page[j]; {
			case quote != 0 && c == quote:
				quote = 0
			case quote != 0:
			case c == '"' || c == '\'':
				quote = c
			case c == '>':
				end = j
			}
		}
		if end < 0 {
			return append(list, page)
		}
		list, page = append(list, page[:end+1]), page[end+1:]
	}
}

// attributes are those of one tag, as name="value".
func attributes(tag string) []string {
	var list []string
	quote, start := byte(0), -1
	for j := 0; j < len(tag); j++ {
		switch c := tag[j]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
		case c == ' ' || c == '\n' || c == '\t' || c == '>' || c == '/':
			if start >= 0 && j > start {
				list = append(list, tag[start:j])
			}
			start = j + 1
		}
	}
	return list
}

// carryOut puts what waits for the bot into the log of the live session.
func (r *rights) carryOut() {
	r.t.Helper()
	list, err := r.Store.TakeCommands(r.t.Context(), "local", r.Now())
	must(r.t, err)
	for _, c := range list {
		r.talk.lines(hackfest.Line{Kind: hackfest.Web, Nick: c.Nick, Account: c.Account, Text: c.Text, Op: c.Chair, Command: c.ID})
	}
}

// The scanner that the test above trusts finds what it is to find.
func TestRuns(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`<p>text</p>`: false, `<script>x</script>`: true, `<script src="/static/js/a.js"></script>`: false, `<a href="javascript:x">`: true,
		`<a title="javascript:x">`: false, `<input value="&#34; onfocus=x">`: false, `<input value="" onfocus=x>`: true, `<p title='a>b' onclick="x">`: true,
		`<img src=x>`: true, `<p style="x">`: true, `<a href='JaVaScript:x'>`: true, `&lt;script&gt;`: false, `<svg/onload=x>`: true,
	} {
		if got := runs("<!doctype html>" + body); (got != "") != want {
			t.Errorf("%s: %q", body, got)
		}
	}
}
