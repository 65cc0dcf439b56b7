package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/testdb"
)

// Every query in this package is a constant named q. Postgres must accept each
// one against the current schema, whether or not a test happens to run it: this
// is what a query generator would check, without the generator.
func TestQueriesMatchSchema(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	n := 0
	for _, f := range functions(t) {
		for _, q := range f.queries {
			n++
			sql := q.text
			if named, _, err := (pgx.NamedArgs{}).RewriteQuery(t.Context(), nil, sql, nil); err == nil {
				sql = named // @name becomes $1
			}
			conn, err := pool.Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Conn().Prepare(t.Context(), "", sql); err != nil {
				t.Errorf("%s: %v", q.where, err)
			}
			conn.Release()
		}
	}
	if n < 50 {
		t.Fatalf("found only %d queries: has the naming rule changed?", n)
	}
	t.Logf("%d queries", n)
}

// forTheBot are the methods that see everything, because the engine has to,
// because they wipe it and show it to nobody, because they are the whole community
// in files, or because they hold what is about to be sent.
var forTheBot = []string{"Record", "Resume", "MeetingContext", "PrepareAgendas", "HighestRef", "PurgeRedactions", "Export", "LockDelivery", "RetryDelivery"}

// checkedBefore are the functions that read on for one that has asked already.
var checkedBefore = []string{"meetingLines", "named", "entriesOf", "entriesSaying", "echoes", "wordsKept", "waiting", "withTallies", "chairsOf", "laidOut"}

var (
	readsHidden = regexp.MustCompile(`(?i)\b(?:from|join)\s+(?:lines|items|topics|meetings|sessions)\b`)
	writes      = regexp.MustCompile(`(?i)^\s*(?:insert|update|delete|with \w+ as \(\s*(?:update|insert)|set)\b`)
)

// Whoever reads lines, items, topics, meetings or sessions says for whom, and
// the query asks: a forgotten viewer shows what is for members to everybody.
func TestReadingMethodsTakeAViewer(t *testing.T) {
	t.Parallel()
	all := functions(t)
	checked := 0
	for name, f := range all {
		if !f.method || !token.IsExported(name) || slices.Contains(forTheBot, name) {
			continue
		}
		list := reachable(all, name, map[string]bool{})
		if slices.ContainsFunc(list, func(q query) bool { return writes.MatchString(q.text) }) {
			continue // what it reads besides, it shows nobody who may not change it
		}
		for _, q := range list {
			if !readsHidden.MatchString(q.text) {
				continue
			}
			checked++
			if !f.viewer {
				t.Errorf("%s: %s reads this without a person.Viewer", q.where, name)
			}
			if !strings.Contains(q.text, "@members") && !slices.Contains(checkedBefore, q.in) {
				t.Errorf("%s: this does not ask for @members", q.where)
			}
		}
	}
	if checked < 15 {
		t.Fatalf("checked only %d queries: does this test still see them?", checked)
	}
}

type query struct{ in, where, text string }

// function is what the tests above want to know about one.
type function struct {
	method  bool // of Store
	viewer  bool // takes a person.Viewer
	queries []query
	calls   []string // names of functions and methods it calls
}

// reachable are the queries of the function name and of all it calls.
func reachable(all map[string]function, name string, seen map[string]bool) []query {
	if seen[name] {
		return nil
	}
	seen[name] = true
	f := all[name]
	list := slices.Clone(f.queries)
	for _, c := range f.calls {
		list = append(list, reachable(all, c, seen)...)
	}
	return list
}

// functions reads the functions of this package by name.
func functions(t *testing.T) map[string]function {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	consts := map[string]ast.Expr{}
	for _, f := range parsed {
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
				for _, s := range g.Specs {
					if v := s.(*ast.ValueSpec); len(v.Values) == 1 {
						consts[v.Names[0].Name] = v.Values[0]
					}
				}
			}
		}
	}
	found := map[string]function{}
	for _, f := range parsed {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				found[fn.Name.Name] = readFunction(fset, fn, consts)
			}
		}
	}
	return found
}

func readFunction(fset *token.FileSet, fn *ast.FuncDecl, consts map[string]ast.Expr) function {
	var f function
	if fn.Recv != nil {
		star, ok := fn.Recv.List[0].Type.(*ast.StarExpr)
		f.method = ok && star.X.(*ast.Ident).Name == "Store"
	}
	for _, p := range fn.Type.Params.List {
		sel, ok := p.Type.(*ast.SelectorExpr)
		f.viewer = f.viewer || ok && sel.Sel.Name == "Viewer"
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if len(n.Values) == 1 && n.Names[0].Name == "q" {
				f.queries = append(f.queries, query{fn.Name.Name, fset.Position(n.Pos()).String(), stringOf(n.Values[0], consts)})
			}
		case *ast.CallExpr:
			switch fun := n.Fun.(type) {
			case *ast.Ident:
				f.calls = append(f.calls, fun.Name)
			case *ast.SelectorExpr:
				if x, ok := fun.X.(*ast.Ident); ok && slices.Contains([]string{"s", "tx", "r"}, x.Name) {
					f.calls = append(f.calls, fun.Sel.Name)
				}
				if x, ok := fun.X.(*ast.SelectorExpr); ok && x.Sel.Name == "tx" {
					f.calls = append(f.calls, fun.Sel.Name)
				}
			}
		}
		return true
	})
	return f
}

// stringOf is the value of a constant string: a literal, another constant, or a
// sum of such.
func stringOf(e ast.Expr, consts map[string]ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(e.Value)
		return s
	case *ast.Ident:
		return stringOf(consts[e.Name], consts)
	case *ast.BinaryExpr:
		return stringOf(e.X, consts) + stringOf(e.Y, consts)
	}
	return ""
}
