package ui

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// known are the issues of which the tests know.
var known = map[IssueName]hackfest.Issue{
	{IssueRef: hackfest.IssueRef{Repo: "a/b", Number: 1}}:                {Repo: "a/b", Number: 1, Title: "Open <1>", Open: true},
	{IssueRef: hackfest.IssueRef{Repo: "a/b", Number: 2}}:                {Repo: "a/b", Number: 2, Title: `" onclick="alert(1)`, Pull: true, MergedAt: time.Unix(1, 0)},
	{IssueRef: hackfest.IssueRef{Number: 3}, Session: "2012-08-22-held"}: {Repo: "a/b", Number: 3, Title: "Three"},
}

// shown renders what make shows with the known issues as "text" for links and
// their states, and what it named.
func shown(t *testing.T, c templ.Component) (html string, named []IssueName) {
	t.Helper()
	ctx, n := WithIssues(t.Context(), "https://github.com")
	draw := func() string {
		var b strings.Builder
		if err := c.Render(ctx, &b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	first := draw()
	if n.Know(known); len(n.Named()) == 0 {
		if again := draw(); again != first {
			t.Errorf("nothing was named, and then it is %q", again)
		}
		return first, nil
	}
	return strings.ReplaceAll(draw(), "  ", " "), n.Named()
}

const (
	one   = `<a href="https://github.com/a/b/issues/1" title="Open &lt;1&gt;" rel="nofollow ugc noopener">%</a> <span class="state ok" data-issue="a/b#1">`
	two   = `<a href="https://github.com/a/b/pull/2" title="&#34; onclick=&#34;alert(1)" rel="nofollow ugc noopener">%</a> <span class="state done" data-issue="a/b#2">`
	three = `<a href="https://github.com/a/b/issues/3" title="Three" rel="nofollow ugc noopener">%</a> <span class="state done" data-issue="a/b#3">`
)

func as(link, text string) string { return strings.Replace(link, "%", text, 1) }

func TestWords(t *testing.T) {
	t.Parallel()
	said := func(text string) templ.Component { return SaidText(Said(text)) }
	in := func(c templ.Component) templ.Component {
		return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			return InSession("2012-08-22-held").Render(templ.WithChildren(ctx, c), w)
		})
	}
	for name, row := range map[string]struct {
		show templ.Component
		want []string
		not  string
	}{
		"nothing named":                   {show: Words("<b> & #eucalyptus"), want: []string{"&lt;b&gt; &amp; #eucalyptus"}},
		"a known issue":                   {show: Words("<b>see a/b#1.</b>"), want: []string{"&lt;b&gt;see " + as(one, "a/b#1"), "open</span>.&lt;/b&gt;"}},
		"an unknown one stays text":       {show: Words("see a/b#9 now"), want: []string{"see a/b#9 now"}, not: "<a"},
		"one of each":                     {show: Words("a/b#9, a/b#1"), want: []string{"a/b#9, " + as(one, "a/b#1")}},
		"a title that would be script":    {show: Words("a/b#2"), want: []string{as(two, "a/b#2"), "merged"}, not: `" onclick`},
		"bare outside of a session":       {show: Words("#3"), want: []string{"#3"}, not: "<a"},
		"bare in a session":               {show: in(Words("(#3)")), want: []string{"(" + as(three, "#3"), "closed</span>)"}},
		"bare and unknown in a session":   {show: in(Words("#4")), want: []string{"#4"}, not: "<a"},
		"said":                            {show: said("\x02a/b#1\x02 it is"), want: []string{as(one, "a/b#1"), " it is"}},
		"said by its address":             {show: said("https://github.com/a/b/issues/1#x."), want: []string{`<a href="https://github.com/a/b/issues/1#x" rel="nofollow ugc noopener">https://github.com/a/b/issues/1#x</a> <span class="state ok" data-issue="a/b#1">`}},
		"an address in words":             {show: Words("https://github.com/a/b/issues/1#x."), want: []string{as(one, "https://github.com/a/b/issues/1#x")}},
		"another address":                 {show: said("https://example.org/a/b/issues/1"), want: []string{`>https://example.org/a/b/issues/1</a>`}, not: "data-issue"},
		"javascript":                      {show: said("javascript:a/b#1"), want: []string{"javascript:a/b#1"}, not: "<a"},
		"HTML":                            {show: HTMLWords(`<p>a &amp; a/b#1 &lt;x&gt;</p>`), want: []string{`<p>a &amp; ` + as(one, "a/b#1"), `&lt;x&gt;</p>`}},
		"HTML in code":                    {show: HTMLWords(`<pre><code>a/b#1</code></pre><p><code>a/b#1</code></p>`), want: []string{`<pre><code>a/b#1</code></pre><p><code>a/b#1</code></p>`}},
		"HTML in a link":                  {show: HTMLWords(`<p><a href="/x" rel="nofollow">a/b#1</a></p>`), want: []string{`<p><a href="/x" rel="nofollow">a/b#1</a></p>`}},
		"HTML with an address":            {show: HTMLWords(`<p><a href="https://github.com/a/b/pull/2">this</a>, ok</p>`), want: []string{`>this</a> <span class="state done" data-issue="a/b#2">`, "merged</span>, ok"}},
		"HTML that is not known":          {show: HTMLWords(`<p>a/b#9 &#39;x&#39;</p>`), want: []string{`<p>a/b#9 &#39;x&#39;</p>`}},
		"HTML with a title within":        {show: HTMLWords(`<h2>On a/b#1</h2>`), want: []string{`<h2>On ` + as(one, "a/b#1")}},
		"HTML with what looks like a tag": {show: HTMLWords(`<p>&lt;script&gt;a/b#1</p>`), want: []string{`<p>&lt;script&gt;`}, not: "<script"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := shown(t, row.show)
			for _, w := range row.want {
				if !strings.Contains(got, w) {
					t.Errorf("it lacks\n%s\nin\n%s", w, got)
				}
			}
			if row.not != "" && strings.Contains(got, row.not) {
				t.Errorf("%q is in\n%s", row.not, got)
			}
		})
	}
}

// What is rendered without anybody who hears of issues, as feeds are, stays as it is.
func TestWordsByThemselves(t *testing.T) {
	t.Parallel()
	for _, c := range []templ.Component{Words("a/b#1 <b>"), HTMLWords("a/b#1 &lt;b&gt;"), SaidText([]Bit{{Text: "a/b#1 <b>"}})} {
		var b strings.Builder
		if err := c.Render(t.Context(), &b); err != nil || b.String() != "a/b#1 &lt;b&gt;" {
			t.Errorf("%q %v", b.String(), err)
		}
	}
}

// A page that names thousands of issues asks for some of them.
func TestNamedAreLimited(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for n := range 3 * maxNamed {
		text.WriteString(hackfest.IssueRef{Repo: "a/b", Number: 1 + n/2}.String() + " ")
	}
	if _, named := shown(t, Words(text.String())); len(named) != maxNamed || named[1].Number != 2 {
		t.Errorf("%d are named, the second is %v", len(named), named[1])
	}
}

// BenchmarkSaid renders 10,000 lines, without issues, and with one in every tenth.
func BenchmarkSaid(b *testing.B) {
	for name, every := range map[string]int{"no issues": 0, "every tenth": 10, "all": 1} {
		lines := make([]templ.Component, 10_000)
		for i := range lines {
			text := "the broker is up, now the node: which mirror do you use? see https://example.org/x"
			if every > 0 && i%every == 0 {
				text += " and a/b#1"
			}
			lines[i] = SaidText(Said(text))
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ctx, n := WithIssues(b.Context(), "https://github.com")
				var out strings.Builder
				_ = templ.Join(lines...).Render(ctx, &out)
				if len(n.Named()) > 0 {
					n.Know(known)
					out.Reset()
					_ = templ.Join(lines...).Render(ctx, &out)
				}
			}
		})
	}
}
