// Package archtest holds the rules of the house that a program can check: which
// package may import which, what pure packages may not touch, how long files and
// functions may be, and that each package says what it is. It has no code of its
// own.
package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/eucalyptus/hackfest/"

// layers, lowest first. A package imports only packages of lower layers; packages
// of one layer do not know each other. A new package must be added here: that is
// the moment to think about where it belongs.
var layers = []struct{ row, packages string }{
	{"0", "internal/fault internal/ports migrations static"},
	{"1a", "internal/person internal/irctext internal/yamltext"},
	{"1a", "internal/hackfest internal/chart internal/schedule internal/markdown"},
	{"1b", "internal/archive internal/ical internal/meeting internal/logformat internal/atom internal/recipe"},
	{"1c", "internal/minutes internal/announce"},
	{"2", "internal/store internal/spool templates/ui"},
	{"2", "templates"},
	{"3a", "internal/postgres internal/live internal/ircnet internal/ngircd internal/mail internal/replay internal/shell internal/ghsync internal/testport"},
	{"3b", "internal/auth internal/export internal/nurse internal/testnpm"},
	{"3b", "internal/ircbot internal/jobs internal/testdb internal/testdb/keeper internal/testirc internal/testbrowser internal/testmail internal/testhistory internal/testarchive internal/testical internal/testgithub"},
	{"4", "web"},
	{"5", "internal/settings"},
	{"5", "internal/demo"},
	{"5", "internal/app internal/doctor"},
	{"6", "cmd/hackfest internal/archtest internal/e2e"},
}

// pure packages are given what they need, the time included; they fetch nothing.
var pure = "internal/person internal/hackfest internal/irctext internal/chart internal/schedule internal/markdown " +
	"internal/archive internal/ical internal/meeting internal/logformat internal/atom internal/minutes internal/announce internal/recipe internal/yamltext"

// impure is what a pure package may not import; a name that ends in a slash
// stands for everything below it.
var impure = []string{
	"net", "net/http", "os", "os/exec", "io/ioutil", "database/sql", "log/slog", "math/rand", "math/rand/v2", "crypto/rand",
	"github.com/jackc/", "github.com/lrstanley/", "github.com/google/", "github.com/go-chi/", "github.com/a-h/",
}

// tests are the packages that only tests may import.
var tests = "internal/testdb internal/testirc internal/testbrowser internal/testmail internal/testhistory internal/testarchive internal/testical internal/testnpm internal/testgithub internal/testport internal/archtest internal/e2e"

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	for _, wrong := range wrongImports(goList(t)) {
		t.Error(wrong)
	}
}

// wrongImports checks lines of the form "package import import …".
func wrongImports(list string) []string {
	var wrong []string
	layerOf := map[string]int{}
	for i, l := range layers {
		for p := range strings.FieldsSeq(l.packages) {
			layerOf[p] = i
		}
	}
	for line := range strings.Lines(list) {
		fields := strings.Fields(line)
		from := strings.TrimPrefix(fields[0], module)
		mine, ok := layerOf[from]
		if !ok {
			wrong = append(wrong, from+" is in no layer; add it to archtest")
			continue
		}
		for _, imp := range fields[1:] {
			to, ours := strings.CutPrefix(imp, module)
			theirs, known := layerOf[to]
			switch {
			case ours && (!known || theirs >= mine):
				wrong = append(wrong, from+" (row "+layers[mine].row+") must not import "+to)
			case ours && listed(tests, to) && !listed(tests, from):
				wrong = append(wrong, from+" must not import "+to+", which is for tests")
			case !ours && listed(pure, from) && isImpure(imp):
				wrong = append(wrong, from+" is pure and must not import "+imp)
			}
		}
	}
	return wrong
}

func isImpure(imp string) bool {
	for _, bad := range impure {
		if imp == bad || strings.HasSuffix(bad, "/") && strings.HasPrefix(imp, bad) {
			return true
		}
	}
	return false
}

// The rule itself, tried on what it must and must not find.
func TestWrongImports(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, from, imp, want string }{
		{name: "down", from: "web", imp: module + "internal/store"},
		{name: "standard library", from: "internal/meeting", imp: "strings"},
		{name: "up", from: "internal/store", imp: module + "web", want: "internal/store (row 2) must not import web"},
		{name: "sideways", from: "internal/spool", imp: module + "internal/store", want: "must not import internal/store"},
		{name: "pure, of the standard library", from: "internal/meeting", imp: "os", want: "internal/meeting is pure"},
		{name: "pure, of a module", from: "internal/hackfest", imp: "github.com/jackc/pgx/v5", want: "is pure"},
		{name: "a package of nobody's", from: "internal/util", imp: "strings", want: "is in no layer"},
		{name: "test package in the program", from: "web", imp: module + "internal/testdb", want: "which is for tests"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(wrongImports(module+tt.from+" "+tt.imp+"\n"), "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func goList(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	cmd.Dir = root(t)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	var list strings.Builder
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, module+"tmp/") { // not in the repository
			list.WriteString(line)
		}
	}
	return list.String()
}

// root is the folder of go.mod.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "..", "..")
}

func listed(list, name string) bool { return strings.Contains(" "+list+" ", " "+name+" ") }
