package recipe

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Variable is something in a recipe that people may set.
type Variable struct {
	Name     string
	Default  string // what it is otherwise; may be empty
	Computed string // what it is worked out from otherwise; "" for a plain Default
	Hint     string // what the recipe says about it; may be empty
	Required bool   // the recipe stops without it

	from, to int  // where its value stands in the source; both zero: it is read from the environment
	plain    bool // the value stands there without quotes
}

// Limits of what people may set.
const (
	maxVariables = 40
	maxValue     = 4000 // bytes
)

// Variables lists what people may set in a recipe, in the order in which it
// stands there: in a shell script the assignments at its top and what it takes
// from its environment with a default, as in ${DOMAIN:-example.org}; in a
// cloud-config the settings at its top level that are one plain value.
func Variables(kind hackfest.RecipeKind, source string) []Variable {
	var list []Variable
	switch kind {
	case hackfest.RecipeBash:
		list = shellVariables(source)
	case hackfest.RecipeCloudInit:
		list = cloudVariables(source)
	}
	return list[:min(len(list), maxVariables)]
}

// FieldPrefix stands before the name of a variable in a form, so that it is no
// other field's name.
const FieldPrefix = "set."

// Render returns the recipe with the values of values, by the names of its
// variables, in place of its own. What has no entry stays as it is, and so does
// everything else. A value that cannot be is fault.Invalid on the field.
func Render(kind hackfest.RecipeKind, source string, values map[string]string) (string, error) {
	list := Variables(kind, source)
	if err := checkValues(list, values); err != nil {
		return "", err
	}
	if kind == hackfest.RecipeCloudInit {
		return renderCloud(source, list, values)
	}
	var set []Variable
	preset := ""
	for _, v := range list {
		value, given := values[v.Name]
		value = strings.ReplaceAll(value, "\r\n", "\n")
		switch {
		case !given || v.Computed == "" && value == v.Default:
		case v.to == 0 && (v.Computed != "" || v.Required) && value == "":
		case v.to == 0:
			preset += "export " + v.Name + "=" + Quote(value) + "\n"
		default:
			v.Default = Quote(value)
			set = append(set, v)
		}
	}
	return splice(source, set, preset), nil
}

// splice puts new values where the old ones stand, and lines behind the first.
func splice(source string, set []Variable, lines string) string {
	slices.SortFunc(set, func(a, b Variable) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	at := 0
	if lines != "" {
		if strings.HasPrefix(source, "#!") {
			if at = strings.IndexByte(source, '\n') + 1; at == 0 {
				source, at = source+"\n", len(source)+1
			}
		}
		b.WriteString(source[:at] + lines)
	}
	for _, v := range set {
		b.WriteString(source[at:v.from] + v.Default)
		at = v.to
	}
	b.WriteString(source[at:])
	return b.String()
}

// checkValues is about what no file of text should hold.
func checkValues(list []Variable, values map[string]string) error {
	var wrong []error
	for _, v := range list {
		value := values[v.Name]
		field := FieldPrefix + v.Name
		switch {
		case v.Required && value == "" && v.Default == "":
			wrong = append(wrong, fault.On(field, "The recipe needs a value for %s.", v.Name))
		case len(value) > maxValue:
			wrong = append(wrong, fault.On(field, "%s has at most %d bytes.", v.Name, maxValue))
		case !utf8.ValidString(value), strings.ContainsFunc(value, unseen):
			wrong = append(wrong, fault.On(field, "%s holds signs that are no text.", v.Name))
		}
	}
	return joined(wrong)
}

// unseen reports whether r is a control character other than a tab or the end of
// a line.
func unseen(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' }

var (
	// what is read from the environment, anywhere in a script
	taken = regexp.MustCompile(`\$\{([A-Z][A-Z0-9_]*)(:?[-=?])`)
	// what is set in a script, anywhere
	assigned = regexp.MustCompile(`(?m)(?:^|[;&|(]|\bthen\b|\bdo\b|\belse\b|\bexport|\blocal|\breadonly|\bdeclare)\s*([A-Za-z_][A-Za-z0-9_]*)\+?=|\b(?:for|read(?: -\S+)*)\s+([A-Za-z_][A-Za-z0-9_]*)`)
)

// systems are variables that belong to the machine, not to a recipe.
var systems = []string{
	"BASH", "BASH_SOURCE", "COLUMNS", "DEBIAN_FRONTEND", "EDITOR", "EUID", "HOME", "HOSTNAME", "IFS", "LANG", "LANGUAGE", "LINES", "LOGNAME",
	"OLDPWD", "OPTARG", "OPTIND", "PATH", "PS1", "PS4", "PWD", "RANDOM", "SECONDS", "SHELL", "SHELLOPTS", "TERM", "TMPDIR", "UID", "USER",
}

func ofSystem(name string) bool {
	return strings.HasPrefix(name, "LC_") || strings.HasPrefix(name, "BASH_") || slices.Contains(systems, name)
}

// shellVariables are those of a shell script.
func shellVariables(source string) []Variable {
	h := &head{source: source}
	h.scan()
	list := h.found
	known := map[string]bool{}
	for _, m := range assigned.FindAllStringSubmatch(source, -1) {
		known[m[1]+m[2]] = true
	}
	for line := range strings.Lines(source) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, m := range taken.FindAllStringSubmatchIndex(line, -1) {
			name := line[m[2]:m[3]]
			if known[name] || ofSystem(name) || slices.ContainsFunc(list, func(v Variable) bool { return v.Name == name }) {
				continue
			}
			word, ok := braced(line[m[5]:])
			if !ok {
				continue
			}
			list = append(list, fromEnvironment(name, line[m[4]:m[5]], word))
		}
	}
	return list
}

// fromEnvironment is a variable with the default that ${name:-word} gives it.
func fromEnvironment(name, operator, word string) Variable {
	v := Variable{Name: name}
	if strings.HasSuffix(operator, "?") {
		v.Required, v.Hint = true, trimmed(unquoted(word))
		return v
	}
	if strings.ContainsAny(word, "$`\\") {
		v.Computed = word
		return v
	}
	v.Default = unquoted(word)
	return v
}

// unquoted is a word without the quotes around it.
func unquoted(word string) string {
	if n := len(word); n > 1 && (word[0] == '"' || word[0] == '\'') && word[n-1] == word[0] {
		return word[1 : n-1]
	}
	return word
}

// braced is the text before the brace that closes ${, when there is one on the
// line.
func braced(text string) (string, bool) {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return text[:i], true
			}
			depth--
		case '\n':
			return "", false
		}
	}
	return "", false
}

// trimmed is a comment as a hint.
func trimmed(comment string) string {
	const longest = 200 // characters
	comment = strings.Join(strings.Fields(strings.TrimLeft(comment, "# ")), " ")
	if r := []rune(comment); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return comment
}
