package markdown

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// Text is src as plain text, for mail and wherever there is no HTML: paragraphs
// with an empty line between them, lists with dashes or numbers, quotes behind
// ">", and the address behind the words that lead to it. Long lines are not
// broken.
func Text(src string) string { return TextAt(src, "") }

// TextAt is Text for where the portal's own addresses must be whole: base, the
// portal's URL without a slash at the end, goes before them.
func TextAt(src, base string) string {
	src = strings.ToValidUTF8(src, "\uFFFD")
	if tooMuch(src) {
		return strings.TrimSpace(src)
	}
	source := []byte(src)
	w := &writer{base: base, source: source, left: len(src)*maxGrowth + maxExtra}
	w.blocks(newMarkdown("").Parser().Parse(text.NewReader(source)), "")
	if w.left < 0 {
		return strings.TrimSpace(src)
	}
	return strings.TrimSpace(w.String())
}

// Lead is how src begins, as one line of plain text without addresses: its first
// paragraph, or "" when it has none.
func Lead(src string) string {
	src = strings.ToValidUTF8(src, "\uFFFD")
	if tooMuch(src) {
		return strings.Join(strings.Fields(src[:min(len(src), 500)]), " ")
	}
	source := []byte(src)
	lead := ""
	_ = ast.Walk(newMarkdown("").Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if p := n.Kind(); entering && (p == ast.KindParagraph || p == ast.KindTextBlock) {
			if lead = strings.Join(strings.Fields(words(n, source)), " "); lead != "" {
				return ast.WalkStop, nil
			}
		}
		return ast.WalkContinue, nil
	})
	return lead
}

// words is the text of what is within n, without addresses.
func words(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			b.WriteString(word(c, source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// word is the text of n itself.
func word(n ast.Node, source []byte) string {
	switch n := n.(type) {
	case *ast.Text:
		s := unescape(n.Segment.Value(source), n.IsRaw())
		if n.SoftLineBreak() || n.HardLineBreak() {
			s += "\n"
		}
		return s
	case *ast.String:
		return string(n.Value)
	case *ast.AutoLink:
		return string(n.Label(source))
	case *ast.RawHTML:
		var b strings.Builder
		for _, piece := range n.Segments.Sliced(0, n.Segments.Len()) {
			b.Write(piece.Value(source))
		}
		return b.String()
	}
	return ""
}

// writer writes blocks as plain text.
type writer struct {
	strings.Builder
	base   string
	source []byte
	left   int // bytes it may still write; below zero it has stopped
}

// line writes one line behind margin.
func (w *writer) line(margin, s string) {
	if w.left -= len(margin) + len(s) + 1; w.left >= 0 {
		w.WriteString(strings.TrimRight(margin+s, " ") + "\n")
	}
}

// lines writes the lines of s: the first behind first, the others behind margin.
func (w *writer) lines(first, margin, s string) {
	for l := range strings.Lines(s) {
		w.line(first, strings.TrimRight(l, "\r\n"))
		first = margin
	}
}

// blocks writes what is within n, each line behind margin.
func (w *writer) blocks(n ast.Node, margin string) {
	for c := n.FirstChild(); c != nil && w.left >= 0; c = c.NextSibling() {
		if c.PreviousSibling() != nil && c.Kind() != east.KindTableRow {
			w.line(margin, "")
		}
		w.block(c, margin)
	}
}

// block writes one block.
func (w *writer) block(n ast.Node, margin string) {
	switch n := n.(type) {
	case *ast.Paragraph, *ast.TextBlock, *ast.Heading:
		w.lines(margin, margin, w.inline(n))
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		w.lines(margin+"    ", margin+"    ", blockSource(n, w.source))
	case *ast.HTMLBlock:
		w.lines(margin, margin, blockSource(n, w.source))
	case *ast.ThematicBreak:
		w.line(margin, "---")
	case *ast.Blockquote:
		w.blocks(n, margin+"> ")
	case *ast.List:
		w.list(n, margin)
	case *east.TableHeader, *east.TableRow:
		var cells []string
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			cells = append(cells, strings.Join(strings.Fields(w.inline(c)), " "))
		}
		w.line(margin, strings.Join(cells, " | "))
	default:
		w.blocks(n, margin)
	}
}

// list writes the items of a list, one behind the other.
func (w *writer) list(n *ast.List, margin string) {
	number := n.Start
	for c := n.FirstChild(); c != nil && w.left >= 0; c = c.NextSibling() {
		sign := "- "
		if n.IsOrdered() {
			sign = fmt.Sprintf("%d. ", number)
			number++
		}
		inner := &writer{base: w.base, source: w.source, left: w.left}
		inner.blocks(c, "")
		w.left = min(w.left, inner.left+len(inner.String()))
		if !n.IsTight && c.PreviousSibling() != nil {
			w.line(margin, "")
		}
		w.lines(margin+sign, margin+strings.Repeat(" ", len(sign)), inner.String())
	}
}

// inline is the text of what is within n, with the addresses of links that do not
// show them.
func (w *writer) inline(n ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		var to string
		switch c := c.(type) {
		case *ast.Link:
			to = safer{w.base}.address(c.Destination)
		case *ast.Image:
			to = safer{w.base}.address(c.Destination)
		default:
			if entering {
				b.WriteString(word(c, w.source))
			}
			return ast.WalkContinue, nil
		}
		if w.left -= len(to); !entering && to != "" && w.left >= 0 && words(c, w.source) != to {
			b.WriteString(" (" + to + ")")
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}
