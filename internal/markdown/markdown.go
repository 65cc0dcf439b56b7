// Package markdown makes safe HTML and plain text of the Markdown that people
// write: CommonMark with tables, struck words and bare addresses as in GFM
// (https://github.github.com/gfm/). Raw HTML is shown as the text it is, images
// become links, and nothing is fetched. Text that is made to be slow, deep or to
// grow is shown as it was typed. It is pure.
package markdown

import (
	"bytes"
	"errors"
	"html"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	maxSource = 80_000 // bytes that are read; more is shown as it was typed
	maxGrowth = 12     // how many times longer than the source its HTML may get before it is made safe
	maxExtra  = 4096   // bytes of HTML that are never too much
)

// HTML is src as safe HTML for a page of the portal. Its headings begin at h2,
// since the page has a title.
func HTML(src string) string { return HTMLAt(src, "") }

// HTMLAt is HTML for where the portal's own addresses must be whole, as in mail
// and feeds: base, the portal's URL without a slash at the end, goes before them.
func HTMLAt(src, base string) string {
	src = strings.ToValidUTF8(src, "\uFFFD")
	if tooMuch(src) {
		return asTyped(src)
	}
	w := &limited{left: len(src)*maxGrowth + maxExtra}
	if err := newMarkdown(base).Convert([]byte(src), w); err != nil {
		return asTyped(src)
	}
	return policy().SanitizeBytes(w.Bytes())
}

// newMarkdown is a reader and writer of Markdown whose own addresses begin with
// base.
func newMarkdown(base string) goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)),
			extension.Strikethrough, extension.Linkify,
		),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(headings{}, 500))),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(safer{base}, 100))),
	)
}

// policy is what HTML may hold, whatever wrote it. Class and style are not among
// it.
func policy() *sanitizer {
	p := bluemonday.NewPolicy()
	p.AllowElements("h2", "h3", "h4", "p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(exactly(linkRel)).OnElements("a")
	p.AllowAttrs("start").Matching(startNumber).OnElements("ol")
	p.AllowURLSchemes("http", "https", "mailto", "irc", "ircs")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	return &sanitizer{p}
}

// sanitizer is a policy at work.
type sanitizer struct{ *bluemonday.Policy }

// SanitizeBytes is b without what the policy does not allow.
func (s *sanitizer) SanitizeBytes(b []byte) string { return string(s.Policy.SanitizeBytes(b)) }

// linkRel is what every link says of itself: people wrote it, nobody vouches for
// it, and where it leads gets no hold of the page.
const linkRel = "nofollow ugc noopener"

var startNumber = regexp.MustCompile(`^[0-9]{1,9}$`)

func exactly(s string) *regexp.Regexp { return regexp.MustCompile("^" + regexp.QuoteMeta(s) + "$") }

// asTyped is src as text, with its lines.
func asTyped(src string) string {
	return "<pre>" + html.EscapeString(src) + "</pre>\n"
}

// limited keeps what is written to it until that is too long.
type limited struct {
	bytes.Buffer
	left int
}

var errTooLong = errors.New("the text grows too long")

// Write keeps b, or fails when the whole would be too long.
func (w *limited) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errTooLong
	}
	return w.Buffer.Write(b)
}

// headings moves headings below the title of the page: h1 becomes h2, and what is
// lower than h4 becomes h4.
type headings struct{}

// Transform moves the headings of one document.
func (headings) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			h.Level = min(h.Level+1, 4)
		}
		return ast.WalkContinue, nil
	})
}
