// Package yamltext reads YAML that anybody may have written. The parser takes time
// and memory that grow with the square of what it is given; so a text that would
// keep it busy is refused before it is parsed.
package yamltext

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxBytes = 1 << 18
	deepest  = 50 // lists and settings within each other on one line
)

// What is refused although it may be YAML.
var (
	ErrLarge = errors.New("it is too large")
	ErrDeep  = errors.New("it is nested too deep")
)

// Parse reads the documents of source, which has at most so many signs, words and
// other tokens. What it does not read is said in one line without a full stop.
func Parse(source string, tokens int) (*ast.File, error) {
	if len(source) > maxBytes {
		return nil, ErrLarge
	}
	list := lexer.Tokenize(strings.TrimPrefix(source, "\ufeff"))
	if len(list) > tokens {
		return nil, ErrLarge
	}
	if deep(list) {
		return nil, ErrDeep
	}
	f, err := parser.Parse(list, 0)
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
		return nil, errors.New(line)
	}
	return f, nil
}

// deep reports whether brackets, or hyphens in a row, go deeper than anybody
// writes them. What is nested by its indent gets long before it gets deep.
func deep(list token.Tokens) bool {
	open, row := 0, 0
	for _, t := range list {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			open++
		case token.SequenceEndType, token.MappingEndType:
			open = max(0, open-1)
		}
		switch t.Type {
		case token.SequenceEntryType, token.MappingKeyType:
			row++
		default:
			row = 0
		}
		if open > deepest || row > deepest {
			return true
		}
	}
	return false
}
