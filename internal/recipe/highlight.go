package recipe

import (
	"path"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Span is a piece of a source that is shown in one way.
type Span struct {
	Class string // "c" a comment, "k" a word of the language, "s" a text, "v" a variable; "" anything else
	Text  string
}

// What is larger than this, or has longer lines, is shown without colours: it
// takes too long to find out where they go.
const (
	maxColoured = 1 << 14
	maxLine     = 2000
)

// Highlight cuts source, a file called name, into the spans it is shown in. The
// texts of all together are source. more is asked now and then whether there is
// time left; without, source is one span without a class.
func Highlight(kind hackfest.RecipeKind, name, source string, more func() bool) []Span {
	plain := []Span{{Text: source}}
	if source == "" {
		return nil
	}
	if len(source) > maxColoured || longestLine(source) > maxLine {
		return plain
	}
	lexer := lexerOf(kind, name)
	if lexer == nil {
		return plain
	}
	tokens, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, source)
	if err != nil {
		return plain
	}
	var spans []Span
	n := 0
	for t := tokens(); t != chroma.EOF; t = tokens() {
		if !more() {
			return plain
		}
		class := classOf(t.Type)
		n += len(t.Value)
		if last := len(spans) - 1; last >= 0 && (spans[last].Class == class || strings.TrimSpace(t.Value) == "") {
			spans[last].Text += t.Value
			continue
		}
		spans = append(spans, Span{Class: class, Text: t.Value})
	}
	if n != len(source) || !same(spans, source) {
		return plain
	}
	return spans
}

// same reports whether the spans say source.
func same(spans []Span, source string) bool {
	for _, s := range spans {
		rest, ok := strings.CutPrefix(source, s.Text)
		if !ok {
			return false
		}
		source = rest
	}
	return source == ""
}

func longestLine(source string) int {
	longest := 0
	for line := range strings.Lines(source) {
		longest = max(longest, len(line))
	}
	return longest
}

// lexerOf finds the language of a file.
func lexerOf(kind hackfest.RecipeKind, name string) chroma.Lexer {
	language := map[string]string{
		".pp": "puppet", ".rb": "ruby", ".yml": "yaml", ".yaml": "yaml", ".sh": "bash", ".json": "json", ".erb": "erb", ".conf": "", ".md": "",
	}[strings.ToLower(path.Ext(name))]
	if language == "" {
		language = map[hackfest.RecipeKind]string{hackfest.RecipeBash: "bash", hackfest.RecipeCloudInit: "yaml"}[kind]
	}
	if language == "" {
		return nil
	}
	return lexers.Get(language)
}

// classOf is how a token is shown.
func classOf(t chroma.TokenType) string {
	switch {
	case t.InCategory(chroma.Comment):
		return "c"
	case t.InSubCategory(chroma.LiteralString), t == chroma.LiteralStringInterpol:
		return "s"
	case t.InCategory(chroma.Keyword), t == chroma.NameBuiltin, t == chroma.NameTag:
		return "k"
	case t.InSubCategory(chroma.NameVariable), t == chroma.NameAttribute, t == chroma.NameVariable:
		return "v"
	}
	return ""
}
