package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// safer writes what could do harm: links, images and raw HTML.
type safer struct {
	base string // goes before addresses of the portal itself
}

// RegisterFuncs says what it writes.
func (s safer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindLink, s.link)
	reg.Register(ast.KindAutoLink, s.autoLink)
	reg.Register(ast.KindImage, s.image)
	reg.Register(ast.KindRawHTML, s.rawHTML)
	reg.Register(ast.KindHTMLBlock, s.htmlBlock)
}

// schemes are the beginnings of addresses that may be followed.
var schemes = []string{"http://", "https://", "mailto:", "irc://", "ircs://"}

// address is where a link leads, "" when nobody should go there: an address of
// the web, mail or IRC, or one of the portal itself, which begins with one slash.
func (s safer) address(dest []byte) string {
	if bytes.HasPrefix(dest, []byte(`/\`)) { // browsers take it for two slashes
		return ""
	}
	to := strings.TrimSpace(string(util.URLEscape(dest, true)))
	if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") {
		return s.base + to
	}
	lower := strings.ToLower(to)
	for _, scheme := range schemes {
		if strings.HasPrefix(lower, scheme) && len(to) > len(scheme) {
			return to
		}
	}
	return ""
}

// open begins a link; what leads nowhere is text alone.
func (s safer) open(w util.BufWriter, dest []byte) {
	if to := s.address(dest); to != "" {
		_, _ = w.WriteString(`<a href="` + string(util.EscapeHTML([]byte(to))) + `" rel="` + linkRel + `">`)
	}
}

// shut ends what open began.
func (s safer) shut(w util.BufWriter, dest []byte) {
	if s.address(dest) != "" {
		_, _ = w.WriteString("</a>")
	}
}

func (s safer) link(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if to := n.(*ast.Link).Destination; entering {
		s.open(w, to)
	} else {
		s.shut(w, to)
	}
	return ast.WalkContinue, nil
}

func (s safer) autoLink(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	to := autoAddress(n.(*ast.AutoLink), source)
	s.open(w, to)
	_, _ = w.Write(util.EscapeHTML(n.(*ast.AutoLink).Label(source)))
	s.shut(w, to)
	return ast.WalkContinue, nil
}

// autoAddress is where an address that stands in the text leads.
func autoAddress(n *ast.AutoLink, source []byte) []byte {
	to := n.URL(source)
	if n.AutoLinkType == ast.AutoLinkEmail && !bytes.HasPrefix(bytes.ToLower(to), []byte("mailto:")) {
		to = append([]byte("mailto:"), to...)
	}
	return to
}

// image writes a link to the image that says what is to be seen: nothing is
// loaded from elsewhere. Within a link it is those words alone.
func (s safer) image(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	i := n.(*ast.Image)
	words := strings.TrimSpace(words(n, source))
	if words == "" {
		words = "image"
	}
	linked := within(n, ast.KindLink)
	if !linked {
		s.open(w, i.Destination)
	}
	_, _ = w.Write(util.EscapeHTML([]byte(words)))
	if !linked {
		s.shut(w, i.Destination)
	}
	return ast.WalkSkipChildren, nil
}

// within reports whether n is somewhere below a node of this kind.
func within(n ast.Node, kind ast.NodeKind) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == kind {
			return true
		}
	}
	return false
}

func (s safer) rawHTML(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		for _, piece := range n.(*ast.RawHTML).Segments.Sliced(0, n.(*ast.RawHTML).Segments.Len()) {
			_, _ = w.Write(util.EscapeHTML(piece.Value(source)))
		}
	}
	return ast.WalkSkipChildren, nil
}

func (s safer) htmlBlock(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<p>")
		_, _ = w.Write(util.EscapeHTML([]byte(strings.TrimRight(blockSource(n, source), "\n"))))
		_, _ = w.WriteString("</p>\n")
	}
	return ast.WalkContinue, nil
}

// blockSource is the source of a block of raw HTML or code.
func blockSource(n ast.Node, source []byte) string {
	var b strings.Builder
	for _, piece := range n.Lines().Sliced(0, n.Lines().Len()) {
		b.Write(piece.Value(source))
	}
	if h, ok := n.(*ast.HTMLBlock); ok && h.HasClosure() {
		b.Write(h.ClosureLine.Value(source))
	}
	return b.String()
}
