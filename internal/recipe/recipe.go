// Package recipe understands recipes: which files of a repository are some, what
// they say of themselves, which of their variables people may set, and what has
// to be typed to start an instance with them. It is given the files and runs
// nothing.
package recipe

import (
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// File is a file of a repository.
type File struct {
	Path string // from the top, with slashes
	Data []byte
}

// Left is a file that is no recipe and belongs to none, and why.
type Left struct{ Path, Why string }

// MaxFiles is how many files a repository of recipes has at most, and MaxTree how
// many bytes they have.
const (
	MaxFiles = 5000
	MaxTree  = 64 << 20
)

// MaxPath is how long the path of a file is at most, in bytes.
const MaxPath = 300

// problem says why a file cannot be taken as it is; "" is that it can.
func problem(f File) string {
	switch {
	case !utf8.ValidString(f.Path) || strings.ContainsFunc(f.Path, func(r rune) bool { return unicode.Is(unicode.C, r) }):
		return "its name has signs that cannot be seen"
	case len(f.Path) > MaxPath:
		return "its name is too long"
	case len(f.Data) == 0:
		return "it is empty"
	case len(f.Data) > hackfest.MaxRecipeSource:
		return "it is larger than 256 KB"
	case strings.ContainsRune(string(f.Data), 0):
		return "it is no text"
	case !utf8.Valid(f.Data):
		return "it is not UTF-8"
	}
	return ""
}

// KindOf is what runs a text that is called name; "" when it is no recipe.
func KindOf(name, text string) hackfest.RecipeKind {
	ext := strings.ToLower(path.Ext(name))
	first, _, _ := strings.Cut(text, "\n")
	first = strings.TrimRight(first, " \t\r")
	switch {
	case shebang.MatchString(first):
		return hackfest.RecipeBash
	case strings.HasPrefix(first, "#!"):
		return ""
	case first == "#cloud-config":
		return hackfest.RecipeCloudInit
	case ext == ".sh":
		return hackfest.RecipeBash
	case ext == ".pp":
		return hackfest.RecipePuppet
	case (ext == ".yml" || ext == ".yaml") && playbook.MatchString(text):
		return hackfest.RecipeAnsible
	}
	return ""
}

var (
	shebang  = regexp.MustCompile(`^#!\s*(/\S*/)?(env\s+)?(ba|da|k|a)?sh(\s|$)`)
	playbook = regexp.MustCompile(`(?m)^- (name:.*\n  )?hosts:`)
)

// FileName is what a rendered recipe is called as a file: the last part of its
// path, with nothing in it that a shell or another system minds.
func FileName(r hackfest.Recipe) string {
	name := strings.Map(func(c rune) rune {
		if c < utf8.RuneSelf && (unicode.IsLetter(c) || unicode.IsDigit(c) || c == '.' || c == '_' || c == '-') {
			return c
		}
		return -1
	}, path.Base(r.Path))
	name = strings.TrimLeft(name, ".-")
	if r.Path == "" || name == "" {
		name = r.Slug
	}
	const longest = 80
	if len(name) > longest {
		name = name[len(name)-longest:]
		name = strings.TrimLeft(name, ".-")
	}
	if path.Ext(name) == "" || path.Ext(name) == name {
		name += map[hackfest.RecipeKind]string{
			hackfest.RecipeBash: ".sh", hackfest.RecipeCloudInit: ".config", hackfest.RecipePuppet: ".pp", hackfest.RecipeChef: ".rb",
			hackfest.RecipeAnsible: ".yml",
		}[r.Kind]
	}
	return name
}
