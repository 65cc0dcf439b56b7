package markdown

import (
	"strings"
	"testing"
)

func TestHTML(t *testing.T) {
	t.Parallel()
	const rel = ` rel="nofollow ugc noopener"`
	for _, tt := range []struct{ name, src, want string }{
		{"nothing", "", ""},
		{"a paragraph with stress", "*Euca* is **up**, ~~not~~ `2.1`", "<p><em>Euca</em> is <strong>up</strong>, <del>not</del> <code>2.1</code></p>"},
		{"headings below the page's", "# a\n\n## b\n\n###### c", "<h2>a</h2>\n<h3>b</h3>\n<h4>c</h4>"},
		{"a list with a beginning", "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>"},
		{"a table", "a|b\n-|-:\nc|d", "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>c</td>\n<td>d</td>\n</tr>\n</tbody>\n</table>"},
		{"a link", "[a](https://a.example/?b=1&c=2 'title')", `<p><a href="https://a.example/?b=1&amp;c=2"` + rel + `>a</a></p>`},
		{"a bare address", "see https://a.example.", `<p>see <a href="https://a.example"` + rel + `>https://a.example</a>.</p>`},
		{"an address of mail", "ann@a.example", `<p><a href="mailto:ann@a.example"` + rel + `>ann@a.example</a></p>`},
		{"a channel", "<irc://irc.example/eucalyptus>", `<p><a href="irc://irc.example/eucalyptus"` + rel + `>irc://irc.example/eucalyptus</a></p>`},
		{"the portal's own address", "[a](/targets/x)", `<p><a href="BASE/targets/x"` + rel + `>a</a></p>`},
		{"another host without a scheme", "[a](//evil.example)", "<p>a</p>"},
		{"another host behind a backslash", `[a](/\evil.example)`, "<p>a</p>"},
		{"a script as an address", "[a](javascript:alert(1)) <javascript:alert(1)> [b](JaVa&#83;cript:x) [c](data:text/html,x)", "<p>a javascript:alert(1) b c</p>"},
		{"a script in a reference", "[a][b]\n\n[b]: javascript:alert(1)", "<p>a</p>"},
		{"a quote that leaves the attribute", `[a](https://x.example/"onmouseover="alert(1))`, `<p><a href="https://x.example/%22onmouseover=%22alert(1)"` + rel + `>a</a></p>`},
		{"raw HTML in a line", `a <b onclick="x">b</b>`, `<p>a &lt;b onclick=&#34;x&#34;&gt;b&lt;/b&gt;</p>`},
		{"raw HTML as a block", "<script>\nalert(1)\n</script>", "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>"},
		{"a comment", "<!-- a -->", "<p>&lt;!-- a --&gt;</p>"},
		{"an image is a link", "![the *board*](https://a.example/b.png)", `<p><a href="https://a.example/b.png"` + rel + `>the board</a></p>`},
		{"an image in a link is words", "[![board](https://a.example/b.png)](https://c.example)", `<p><a href="https://c.example"` + rel + `>board</a></p>`},
		{"code with markup and a class", "```html onload=x\n<script>\n```", "<pre><code>&lt;script&gt;\n</code></pre>"},
		{"no UTF-8 and a zero", "a\xff\x00b", "<p>a\uFFFD\uFFFDb</p>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for base, got := range map[string]string{"": HTML(tt.src), "https://hack.example": HTMLAt(tt.src, "https://hack.example")} {
				if want := strings.ReplaceAll(tt.want, "BASE", base); strings.TrimSpace(got) != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			}
		})
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, src, want, lead string }{
		{"nothing", " \n", "", ""},
		{"paragraphs", "*Euca* is\n**up**.\n\nCome \\*now\\* &amp; here.", "Euca is\nup.\n\nCome *now* & here.", "Euca is up."},
		{"a link says where it leads", "See [the page](https://a.example/b) and https://c.example", "See the page (https://a.example/b) and https://c.example", "See the page and https://c.example"},
		{"a link to nowhere", "[a](javascript:x)", "a", "a"},
		{"a heading is no lead", "# News\n\nWe meet.", "News\n\nWe meet.", "We meet."},
		{"lists in lists", "- a\n  - b\n  - c\n- d", "- a\n\n  - b\n  - c\n- d", "a"},
		{"numbers", "9. a\n10. b\n    c", "9. a\n10. b\n    c", "a"},
		{"a quote", "> a\n> b", "> a\n> b", "a b"},
		{"code", "`euca-run`\n\n```\na\n  b\n```", "euca-run\n\n    a\n      b", "euca-run"},
		{"a table", "a|b\n-|-\nc|d\ne|f", "a | b\nc | d\ne | f", ""},
		{"raw HTML", "<b>a</b>", "<b>a</b>", "<b>a</b>"},
		{"a rule", "a\n\n---\n\nb", "a\n\n---\n\nb", "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Text(tt.src); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if got := Lead(tt.src); got != tt.lead {
				t.Errorf("lead %q, want %q", got, tt.lead)
			}
		})
	}
}
