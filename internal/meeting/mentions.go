package meeting

import (
	"regexp"
	"slices"
	"strings"
)

// Mentions are regular expressions, of the kind Postgres has (section 9.7.3 of
// its manual), for where somebody is named by one of their nicks or accounts: as
// a whole word, in any case, as one casemapping or another folds it. A nick that
// is a common English word counts only as "will:", as "@will" or as the first
// word.
type Mentions struct {
	Text string // in plain text
	JSON string // in JSON, inside of values
}

// literal is what JSON has without quotes; such a name counts only by itself, or
// as "@12".
var literal = regexp.MustCompile(`^([0-9.e+-]+|true|false|null)$`)

// MentionsOf are the Mentions of names. Without a name they match nothing.
func MentionsOf(names []string) Mentions {
	const (
		before = `(?<![[:alnum:]_|^\\-])`
		after  = `(?![[:alnum:]_|^\\-])`
		value  = `(?!":)(?!" *:)` // what stands before a colon is a key
		of     = `(?<!"(kind|state|schema|network|channel|place|lesson_kind)": ")`
	)
	var text, json []string
	names = slices.Clone(names)
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // the longest first
	for _, n := range names {
		if n = strings.ToLower(strings.TrimSpace(n)); n == "" {
			continue
		}
		plain, quoted := foldedPattern(n, `\\`), foldedPattern(n, `\\\\`)
		switch {
		case literal.MatchString(n):
			text = append(text, `^`+plain+`$`, `(?<=@)`+plain+after)
			json = append(json, `(?<=")`+quoted+`(?=")`+value, `(?<=@)`+quoted+after)
			continue
		case commonWords[n]:
			text = append(text, `^`+plain+after, `(?<=@)`+plain+after, before+plain+`(?=:)`)
			json = append(json, `(?<=")`+quoted+after+value, `(?<=@)`+quoted+after, before+quoted+`(?=:)`)
			continue
		}
		text, json = append(text, before+plain+after), append(json, before+quoted+after+value)
	}
	if text == nil {
		return Mentions{Text: `(?!)`, JSON: `(?!)`}
	}
	return Mentions{Text: "(" + strings.Join(text, "|") + ")", JSON: of + "(" + strings.Join(json, "|") + ")"}
}

// foldedPattern matches name however a casemapping folds it. backslash matches
// one in what is searched.
func foldedPattern(name, backslash string) string {
	var b strings.Builder
	for _, c := range name {
		switch c {
		case '[', '{':
			b.WriteString(`[[{]`)
		case ']', '}':
			b.WriteString(`[]}]`)
		case '\\', '|':
			b.WriteString(`(` + backslash + `|[|])`)
		case '~', '^':
			b.WriteString(`(~|\^)`)
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	return b.String()
}
