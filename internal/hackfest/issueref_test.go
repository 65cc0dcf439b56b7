package hackfest

import (
	"strings"
	"testing"
)

// found writes spans as "text=ref", URLs with a star.
func found(text string, spans []IssueSpan) string {
	var list []string
	for _, s := range spans {
		one := text[s.From:s.To] + "=" + s.Ref.String()
		if s.URL {
			one += "*"
		}
		list = append(list, one)
	}
	return strings.Join(list, " ")
}

func TestFindIssues(t *testing.T) {
	t.Parallel()
	const here = "eucalyptus/recipes"
	for name, row := range map[string]struct{ text, repo, web, want string }{
		"nothing":                       {text: "no issue in #eucalyptus-devel", repo: here},
		"a short name":                  {text: "see a/b#3 now", want: "a/b#3=a/b#3"},
		"at both ends":                  {text: "a/b#3 a/b#4", want: "a/b#3=a/b#3 a/b#4=a/b#4"},
		"in brackets and quotes":        {text: `(a/b#1) [a/b#2] "a/b#3" 'a/b#4', <a/b#5>;`, want: "a/b#1=a/b#1 a/b#2=a/b#2 a/b#3=a/b#3 a/b#4=a/b#4 a/b#5=a/b#5"},
		"at the end of a sentence":      {text: "a/b#1. a/b#2! a/b#3?! a/b#4: a/b#5... a/b#6", want: "a/b#1=a/b#1 a/b#2=a/b#2 a/b#3=a/b#3 a/b#4=a/b#4 a/b#5=a/b#5 a/b#6=a/b#6"},
		"as people quote elsewhere":     {text: "„a/b#1“ «a/b#2» a/b#3—so", want: "a/b#1=a/b#1 a/b#2=a/b#2 a/b#3=a/b#3"},
		"with formatting of IRC":        {text: "\x02a/b#1\x02", want: "a/b#1=a/b#1"},
		"all characters of names":       {text: "A-1/b.c_d-e#7", want: "A-1/b.c_d-e#7=A-1/b.c_d-e#7"},
		"an enterprise login":           {text: "ann_corp/b#7", want: "ann_corp/b#7=ann_corp/b#7"},
		"no repository":                 {text: "a/#1 /b#2 b#3 a/b/c#4", repo: here},
		"names that GitHub refuses":     {text: "-a/b#1 a/..#2 a/.#3 _a/b#4 " + strings.Repeat("a", 40) + "/b#5"},
		"no number":                     {text: "a/b# a/b#x a/b#0 a/b#1x a/b#1234567890"},
		"a version and a time":          {text: "a/b#1.2 a/b#10:30 a/b#1-2 a/b#1/2", repo: here},
		"a letter of another script":    {text: "äa/b#1 a/b#1ä"},
		"in another address":            {text: "https://example.org/a/b#3 git@example.org:a/b#3", repo: here},
		"bare":                          {text: "#12, (#13) and #14.", repo: here, want: "#12=eucalyptus/recipes#12 #13=eucalyptus/recipes#13 #14=eucalyptus/recipes#14"},
		"bare without a repository":     {text: "#12"},
		"bare, and no issue":            {text: "x#1 ##2 #3a &#39; c#4 /#5 #6#7 #0", repo: here},
		"a page":                        {text: "https://github.com/a/b/issues/3", want: "https://github.com/a/b/issues/3=a/b#3*"},
		"a page in other letters":       {text: "HTTPS://GitHub.com/A/b/issues/3", want: "HTTPS://GitHub.com/A/b/issues/3=A/b#3*"},
		"a pull request’s files":        {text: "see http://www.github.com/a/b/pull/8/files#diff, ok", want: "http://www.github.com/a/b/pull/8/files#diff=a/b#8*"},
		"a comment":                     {text: "(https://github.com/a/b/issues/3#issuecomment-99).", want: "https://github.com/a/b/issues/3#issuecomment-99=a/b#3*"},
		"a query":                       {text: "https://github.com/a/b/issues/3?x=1", want: "https://github.com/a/b/issues/3?x=1=a/b#3*"},
		"no page of an issue":           {text: "https://github.com/a/b/issues/ https://github.com/a/b/issues/new https://github.com/a/b/issues/3x https://github.com/a/b/pulls/3 https://github.com/a/issues/3 https://github.com/a/../issues/3"},
		"another site":                  {text: "https://example.org/a/b/issues/3 https://github.com.example.org/a/b/issues/3 https://example.org/github.com/a/b/issues/3 ftp://github.com/a/b/issues/3"},
		"with a name before the host":   {text: "https://github.com@example.org/a/b/issues/3 https://x@github.com/a/b/issues/3"},
		"a site of one’s own":           {text: "https://git.example/x/a/b/pull/3 https://github.com/a/b/pull/4", web: "https://git.example/x", want: "https://git.example/x/a/b/pull/3=a/b#3* https://github.com/a/b/pull/4=a/b#4*"},
		"javascript":                    {text: "javascript://github.com/a/b/issues/3 javascript:a/b#3"},
		"two addresses without a blank": {text: "https://github.com/a/b/issues/3,https://github.com/a/b/issues/4", want: "https://github.com/a/b/issues/3,https://github.com/a/b/issues/4=a/b#3*"},
		"a name in an address":          {text: "https://github.com/a/b/issues/3#a/b#4 a/b#5", want: "https://github.com/a/b/issues/3#a/b#4=a/b#3* a/b#5=a/b#5"},
		"no UTF-8":                      {text: "\xffa/b#1\xff", want: "a/b#1=a/b#1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := found(row.text, FindIssues(row.text, row.repo, row.web)); got != row.want {
				t.Errorf("%q:\n got %s\nwant %s", row.text, got, row.want)
			}
		})
	}
}

func TestParseIssue(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"a/b#3": "a/b#3", "a/b#3,": "a/b#3", "https://github.com/a/b/pull/8/files": "a/b#8",
		"#3": "", "x a/b#3": "", "a/b#3 a/b#4": "", "a/b#3 x": "", "": "", "a/b#0": "",
	} {
		got := ""
		if ref, ok := ParseIssue(word); ok {
			got = ref.String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

// Whatever is said, spans are in order, within the text, and what they say they are.
func FuzzFindIssues(f *testing.F) {
	for _, text := range []string{"a/b#3", "#12", "https://github.com/a/b/issues/3#a/b#4", "://://#1", "x/y#3…", "\xff#1"} {
		f.Add(text, "a/b")
	}
	f.Fuzz(func(t *testing.T, text, repo string) {
		if _, ok := issueRef(repo, "1"); !ok {
			repo = ""
		}
		at := 0
		for _, s := range FindIssues(text, repo) {
			if s.From < at || s.To <= s.From || s.To > len(text) {
				t.Fatalf("%q: %+v after %d", text, s, at)
			}
			at = s.To
			if _, ok := issueRef(s.Ref.Repo, "1"); !ok || s.Ref.Number < 1 {
				t.Fatalf("%q: %+v", text, s)
			}
			again := FindIssues(text[s.From:s.To], repo)
			if len(again) != 1 || again[0].Ref != s.Ref || !s.URL && again[0].To != s.To-s.From {
				t.Fatalf("%q: %q is %+v by itself, %+v here", text, text[s.From:s.To], again, s)
			}
		}
	})
}

// BenchmarkFindIssues reads what is made to be slow.
func BenchmarkFindIssues(b *testing.B) {
	for name, text := range map[string]string{
		"prose":     strings.Repeat("The broker waits for a name server in #eucalyptus-devel. ", 1000),
		"names":     strings.Repeat("a/b#3 ", 10_000),
		"addresses": strings.Repeat("https://github.com/a/b/issues/", 2000),
		"one name":  strings.Repeat("a", 60_000) + "#1",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				FindIssues(text, "a/b")
			}
		})
	}
}
