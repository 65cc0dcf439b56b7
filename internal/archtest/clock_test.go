package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Pure packages and templates are given the time; so is SQL.
func TestNobodyBelowTheEdgesReadsTheClock(t *testing.T) {
	t.Parallel()
	reads := []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep"}
	for path, src := range sources(t, ".go") {
		dir := filepath.ToSlash(filepath.Dir(path))
		if strings.HasSuffix(path, "_test.go") || !listed(pure+" templates templates/ui", dir) {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "time" && slices.Contains(reads, call.Sel.Name) {
				t.Errorf("%s: time.%s; take the time as a value", fset.Position(n.Pos()), call.Sel.Name)
			}
			return true
		})
	}
}

var clockInSQL = regexp.MustCompile(`(?i)(?:^|[^.\w])(now\(\)|current_timestamp|current_date|clock_timestamp\(\)|transaction_timestamp\(\)|localtimestamp)`)

func TestSQLReadsNoClock(t *testing.T) {
	t.Parallel()
	for path, src := range sources(t, ".sql", ".go") {
		dir := filepath.ToSlash(filepath.Dir(path))
		if dir != "migrations" && dir != "internal/store" || strings.HasSuffix(path, "_test.go") {
			continue
		}
		for i, line := range strings.Split(string(src), "\n") {
			code, _, _ := strings.Cut(line, "//")
			code, _, _ = strings.Cut(code, "--")
			if found := clockInSQL.FindString(code); found != "" {
				t.Errorf("%s:%d: %s; pass the time as a parameter", path, i+1, found)
			}
		}
	}
}
