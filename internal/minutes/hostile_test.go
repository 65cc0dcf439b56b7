package minutes

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	dom "golang.org/x/net/html"

	"github.com/eucalyptus/hackfest/internal/meeting"
)

// payloads are what people of ill will put wherever they can write.
var payloads = []string{
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "<svg/onload=alert(1)>", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
	"[x](javascript:alert(1))", "[x]: javascript:alert(1)\n\n[x]", "![x](javascript:alert(1))", "<javascript:alert(1)>", "[x](data:text/html,<script>)",
	"](javascript:alert(1)) [x", "\\](javascript:alert(1))", "`</code><script>`", "```\n<script>\n```", "    <script>", "<!-- -->", "<![CDATA[", "]]>",
	"&lt;script&gt;", "&#x3c;script>", "&colon;", "java&Tab;script:alert(1)", "<a href=//e.example>x</a>", "<x\n>", "a\n\n<div>\nb", "# h\n## h", "---\n===",
	"| a | b |\n|---|---|", "- [ ] x", "1. x", "+ x", "=", "[^1]: x", "~~x~~", "\u202eevil\u2066x\u2069", "\u200fevil", "\x1b[2J\x07\x00", "a\r\nSubject: x",
	"\u2028\u2029", "\ufeff", "\xff\xfe", "=cmd|' /C calc'!A0", strings.Repeat("x", 200), strings.Repeat("ab ", 100), "\U0001F600\u0301\u0301",
}

// hostileOptions are options with one text wherever people's text can be.
func hostileOptions(text string) Options {
	at := Time{time.Date(2012, 8, 10, 18, 0, 0, 0, time.UTC)}
	page := Place{Title: text, URL: "https://hack.example/x"}
	outcome := Outcome{Lead: text, Notes: []string{text}, Lines: []OutcomeLine{
		{Label: text, Name: text, URL: "https://hack.example/x", Text: text, Note: text}, {Label: "opened", Text: text, URL: "https://hack.example/x"}, {Label: "files", Text: text},
	}}
	return Options{BaseURL: "https://hack.example", Outcome: outcome, About: About{
		Status: Corrected, Summary: text + "\n\n" + text, PublishedAt: at, Corrections: []Correction{{At: at, Note: text}},
		Session: page, Series: page, Target: page, Previous: page, Next: page, Log: "https://hack.example/l/x",
	}}
}

func FuzzText(f *testing.F) {
	for _, text := range payloads {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := Text(hostile(text), hostileOptions(text))
		if utf8.ValidString(text) && !utf8.ValidString(out) {
			t.Error("not UTF-8")
		}
		for line := range strings.Lines(out) {
			line = strings.TrimSuffix(line, "\n")
			if words := strings.Fields(line); utf8.RuneCountInString(line) > columns && len(words) > 2 && utf8.RuneCountInString(words[len(words)-1]) < columns-20 {
				t.Errorf("%d columns: %q", utf8.RuneCountInString(line), line)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
				t.Errorf("control characters in %q", line)
			}
		}
	})
}

// FuzzMarkdown has the Markdown rendered by a program that lets HTML through: what
// comes out is made of the elements that we write, and leads to us or to what may
// be clicked.
func FuzzMarkdown(f *testing.F) {
	for _, text := range payloads {
		f.Add(text)
	}
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	ours := map[string]bool{}
	for tag := range strings.FieldsSeq("html head body h1 h2 h3 h4 p ul li strong em a") {
		ours[tag] = true
	}
	f.Fuzz(func(t *testing.T, text string) {
		var out bytes.Buffer
		if err := md.Convert([]byte(Markdown(hostile(text), hostileOptions(text))), &out); err != nil {
			t.Fatal(err)
		}
		doc, err := dom.Parse(&out)
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type == dom.CommentNode || n.Type == dom.ElementNode && !ours[n.Data] {
				t.Errorf("%q makes a %s", text, n.Data)
			}
			for _, a := range n.Attr {
				if a.Key != "href" && a.Key != "id" || a.Key == "href" && !meeting.Clickable(a.Val) {
					t.Errorf("%q makes %s=%q", text, a.Key, a.Val)
				}
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, text := range payloads {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		body, err := JSON(hostile(text), hostileOptions(text))
		if err != nil {
			t.Fatal(err)
		}
		var back Document
		if err := json.Unmarshal(body, &back); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		if utf8.ValidString(text) && (back.Title != text || back.About.Corrections[0].Note != text || back.Topics[0].Items[0].Text != text) {
			t.Errorf("%q came back as %q", text, back.Title)
		}
		if bytes.ContainsAny(body, "<>\x00\x1b") {
			t.Errorf("markup or control characters in %s", body)
		}
	})
}
