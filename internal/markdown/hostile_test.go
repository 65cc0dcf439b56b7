package markdown

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// hostile are texts that are made to be slow or to grow, n bytes of each.
func hostile(n int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, n/len(s)) }
	return map[string]string{
		"quotes in quotes":          fill(">"),
		"quotes below a deep one":   strings.Repeat(">", n/2) + fill("\na")[:n/2],
		"quotes as deep as read":    strings.Repeat(">", maxNesting) + fill("\na"),
		"lists in one line":         fill("- "),
		"lists of two signs":        fill("* - "),
		"lists deeper each line":    deeper(n),
		"open brackets":             fill("["),
		"closed brackets":           fill("[]"),
		"open links":                fill("[a]("),
		"open images":               fill("![["),
		"links without an end":      fill("[a](<b"),
		"stress":                    fill("*a **a "),
		"stress of two kinds":       fill("*a_ "),
		"stress that closes":        fill("a**b"),
		"stars":                     fill("*"),
		"stars and words":           fill("**x* "),
		"ticks":                     ticks(n),
		"struck":                    fill("~~a "),
		"raw HTML that never ends":  fill("<a b='"),
		"comments":                  fill("<!--"),
		"instructions":              fill("<?"),
		"declarations":              fill("<!A "),
		"CDATA":                     fill("<![CDATA["),
		"entities":                  fill("&amp"),
		"quotation marks":           fill(`"`),
		"a long reference":          "[a]: https://x.example/" + strings.Repeat("x", n/2) + "\n\n" + strings.Repeat("[a]", n/6),
		"many references":           references(n),
		"references not defined":    fill("[a][b]"),
		"titles without an end":     fill("[a]: b 'c\n"),
		"a wide table":              strings.Repeat("|", n/4) + "\n" + strings.Repeat("-|", n/4) + fill("\na|")[:n/4],
		"tables":                    fill("a|b\n-|-\n"),
		"addresses":                 fill("www.a."),
		"addresses with tails":      fill("http://a.b/(((((("),
		"addresses of mail":         fill("a@a.a"),
		"underlines":                fill("a\n=\n"),
		"fences":                    fill("```\n"),
		"spaces before code":        fill("    a\n\n"),
		"blanks":                    fill(" "),
		"lines":                     fill("\n"),
		"tabs":                      fill("\t>"),
		"escapes":                   fill(`\\`),
		"no UTF-8":                  fill("\xff\xc0"),
		"angle brackets":            fill("<"),
		"what must be escaped":      fill(`<&">`),
		"headings":                  fill("# \n"),
		"numbers":                   fill("1) "),
		"reference heads":           fill("[a]:\n"),
		"an item with empty lines":  "- a" + fill("\n"),
		"nested stress in links":    fill("[*a](/b)"),
		"images in links in images": fill("![[![a](/b)](/c)"),
	}
}

func deeper(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()[:n]
}

func ticks(n int) string {
	var b strings.Builder
	for i := 1; b.Len() < n; i++ {
		b.WriteString(strings.Repeat("`", i) + " ")
	}
	return b.String()[:n]
}

func references(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "[%d]: /%d\n", i, i)
	}
	return b.String()[:n]
}

// sized are hostile texts as long as may be, and such as are just read.
func sized() map[string]string {
	all := map[string]string{}
	for _, n := range []int{1900, 7000, 20_000, maxSource} {
		for name, src := range hostile(n) {
			all[fmt.Sprintf("%s, %d bytes", name, n)] = src
		}
	}
	return all
}

// elements are what HTML may hold, each with its attributes.
var elements = map[string]string{
	"h2": "", "h3": "", "h4": "", "p": "", "br": "", "hr": "", "em": "", "strong": "", "del": "", "code": "", "pre": "", "blockquote": "",
	"ul": "", "ol": "start", "li": "", "table": "", "thead": "", "tbody": "", "tr": "", "th": "", "td": "", "a": "href rel",
}

// judge says what is wrong with HTML that was made of src.
func judge(src, out string) error {
	if limit := 20*len(src) + 512; len(out) > limit {
		return fmt.Errorf("%d bytes of %d", len(out), len(src))
	}
	if again := policy().SanitizeBytes([]byte(out)); again != out && !strings.HasPrefix(out, "<pre>") {
		return fmt.Errorf("made safe again it is\n%q, not\n%q", again, out)
	}
	z := html.NewTokenizer(strings.NewReader(out))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return nil
		case html.CommentToken, html.DoctypeToken:
			return fmt.Errorf("%s", z.Token())
		case html.StartTagToken, html.SelfClosingTagToken:
			if err := judgeTag(z.Token()); err != nil {
				return err
			}
		}
	}
}

func judgeTag(tag html.Token) error {
	allowed, ok := elements[tag.Data]
	if !ok {
		return fmt.Errorf("element %s", tag)
	}
	rel := ""
	for _, a := range tag.Attr {
		switch {
		case !slices.Contains(strings.Fields(allowed), a.Key):
			return fmt.Errorf("attribute %s", tag)
		case a.Key == "rel":
			rel = a.Val
		case a.Key == "href" && (safer{}).address([]byte(a.Val)) == "":
			return fmt.Errorf("address %s", tag)
		}
	}
	if tag.Data == "a" && rel != linkRel {
		return fmt.Errorf("link %s", tag)
	}
	return nil
}

// What is made to be slow or to grow takes no longer than other text, grows little
// and holds nothing but what is allowed. Each may take 200 ms; a machine that does
// much more than this test gets thirty times that: what hangs takes minutes.
func TestHostile(t *testing.T) {
	t.Parallel()
	worst, which, n := time.Duration(0), "", 0
	for name, src := range sized() {
		n++
		began := time.Now()
		out := HTML(src)
		if took := time.Since(began); took > worst {
			worst, which = took, name
		}
		if err := judge(src, out); err != nil {
			t.Errorf("%s: %.300s", name, err)
		}
		began = time.Now()
		if long := len(Text(src)); long > 20*len(src)+512 {
			t.Errorf("%s: text of %d bytes", name, long)
		}
		Lead(src)
		if took := time.Since(began); took > worst {
			worst, which = took, name+" as text"
		}
	}
	t.Logf("R26 slowest of %d: %s, %s", n, which, worst)
	if worst > 6*time.Second {
		t.Errorf("%s took %s", which, worst)
	}
}

// Long texts of people are read.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"sections with links": strings.Repeat("## We meet\n\nThe *hackfest* is on [Thursday](/schedule), see https://a.example:\n\n- bring an image\n- bring `euca2ools`\n\n", 150),
		"a table of 200 rows": "a|b|c|d\n-|-|-|-\n" + strings.Repeat("one|two|*three*|[four](/x)\n", 200),
		"a rule":              "a\n\n" + strings.Repeat("- ", 200) + "\n\nb",
	} {
		if strings.HasPrefix(HTML(src), "<pre>") {
			t.Errorf("%s: not read", name)
		}
	}
}

// Whatever is written, what comes out is safe, small, and the same each time.
func FuzzHTML(f *testing.F) {
	for _, src := range hostile(300) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		out := HTML(src)
		if err := judge(src, out); err != nil {
			t.Error(err)
		}
		if again := HTML(src); again != out {
			t.Errorf("then %q, now %q", out, again)
		}
		Text(src)
		if lead := Lead(src); strings.ContainsAny(lead, "\r\n") {
			t.Errorf("lead %q", lead)
		}
	})
}

// BenchmarkHTML makes a long piece of news.
func BenchmarkHTML(b *testing.B) {
	src := strings.Repeat("## We meet\n\nThe *hackfest* is on [Thursday](/schedule), see https://a.example:\n\n- bring an image\n- bring `euca2ools`\n\n", 40)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		HTML(src)
	}
}
