package recipe

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// head reads the top of a shell script: comments, blank lines, set, and
// assignments. It stops at the first thing that is none of these.
type head struct {
	source string
	at     int
	hint   string // the comment right above
	found  []Variable
	seen   []string // names that were assigned
}

var (
	assignment = regexp.MustCompile(`^(?:(?:export|readonly|(?:declare|typeset)(?: -[rx]+)*)[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=`)
	defaulted  = regexp.MustCompile(`^"?\$\{([A-Za-z_][A-Za-z0-9_]*)(:?[-=?])`)
	noCommand  = regexp.MustCompile(`^(?:set|shopt|umask|trap|ulimit)(?:[ \t][^\n;&|<>` + "`" + `$()]*)?(?:\n|$)`)
	ensured    = regexp.MustCompile(`^:[ \t]+"?\$\{([A-Za-z_][A-Za-z0-9_]*)(:?[=?])`)
	wordSigns  = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,-]*`)
)

// scan reads on until the head ends.
func (h *head) scan() {
	for h.at < len(h.source) {
		rest := h.source[h.at:]
		line, _, _ := strings.Cut(rest, "\n")
		switch trim := strings.TrimLeft(line, " \t"); {
		case strings.TrimRight(trim, "\r") == "":
			h.hint = ""
			h.skip(len(line) + 1)
		case trim[0] == '#':
			h.comment(trim)
			h.skip(len(line) + 1)
		default:
			h.at += len(line) - len(trim)
			if !h.statement(h.source[h.at:]) {
				return
			}
		}
	}
}

func (h *head) skip(n int) { h.at = min(h.at+n, len(h.source)) }

// comment keeps what may be about the assignment below.
func (h *head) comment(text string) {
	if strings.HasPrefix(text, "#!") {
		return
	}
	if text = trimmed(text); h.hint != "" && text != "" {
		h.hint = trimmed(h.hint + " " + text)
		return
	}
	h.hint = text
}

// statement reads one statement at the beginning of text, and reports whether
// the head goes on behind it.
func (h *head) statement(text string) bool {
	if n := noCommand.FindStringIndex(text); n != nil {
		h.hint = ""
		h.skip(n[1])
		return true
	}
	if m := ensured.FindStringSubmatchIndex(text); m != nil {
		word, ok := braced(text[m[1]:])
		if !ok {
			return false
		}
		h.add(fromEnvironment(text[m[2]:m[3]], text[m[4]:m[5]], word))
		return h.behind(m[1] + len(word) + 1)
	}
	m := assignment.FindStringSubmatchIndex(text)
	if m == nil {
		return false
	}
	name := text[m[2]:m[3]]
	value := text[m[1]:]
	if d := defaulted.FindStringSubmatchIndex(value); d != nil && value[d[2]:d[3]] == name {
		if word, ok := braced(value[d[1]:]); ok {
			h.add(fromEnvironment(name, value[d[4]:d[5]], word))
			return h.behind(m[1] + d[1] + len(word) + 1)
		}
	}
	if literal, n, ok := literalWord(value); ok {
		h.add(Variable{Name: name, Default: literal, from: h.at + m[1], to: h.at + m[1] + n, plain: n == len(literal)})
		return h.behind(m[1] + n)
	}
	h.seen = append(h.seen, name)
	n, ok := anyWord(value)
	return ok && h.behind(m[1]+n)
}

// behind goes to the end of a statement that ends n bytes on, and reports whether
// nothing else follows on its line but a comment, which is a better hint than the
// one above.
func (h *head) behind(n int) bool {
	h.skip(n)
	line, _, _ := strings.Cut(h.source[h.at:], "\n")
	rest := strings.TrimLeft(strings.TrimRight(line, " \t\r"), `"; `+"\t")
	if rest != "" && rest[0] != '#' {
		h.forget()
		return false
	}
	if rest != "" && len(h.found) > 0 {
		h.found[len(h.found)-1].Hint = trimmed(rest)
	}
	h.hint = ""
	h.skip(len(line) + 1)
	return true
}

// forget drops the variable found last: it is set for one command only.
func (h *head) forget() {
	if n := len(h.found); n > 0 {
		h.found = h.found[:n-1]
	}
}

// add keeps a variable, but for those that are set twice or are the machine's.
func (h *head) add(v Variable) {
	twice := slices.Contains(h.seen, v.Name)
	h.seen = append(h.seen, v.Name)
	if v.Hint == "" {
		v.Hint = h.hint
	}
	if twice {
		h.found = slices.DeleteFunc(h.found, func(x Variable) bool { return x.Name == v.Name })
		return
	}
	if !ofSystem(v.Name) {
		h.found = append(h.found, v)
	}
}

// literalWord is the word at the beginning of text, when a shell expands nothing
// in it, and how long it is there.
func literalWord(text string) (word string, length int, ok bool) {
	end := func(n int) bool { return n == len(text) || strings.IndexByte(" \t\r\n;", text[n]) >= 0 }
	if text != "" && (text[0] == '\'' || text[0] == '"') {
		n := strings.IndexByte(text[1:], text[0])
		if n < 0 {
			return "", 0, false
		}
		word, length = text[1:1+n], n+2
		if text[0] == '"' && strings.ContainsAny(word, "$`\\!") {
			return "", 0, false
		}
		return word, length, end(length)
	}
	word = wordSigns.FindString(text)
	return word, len(word), end(len(word))
}

// anyWord is how long the word at the beginning of text is, with quotes and
// substitutions in it; false when it does not end.
func anyWord(text string) (int, bool) {
	i := 0
	for i < len(text) {
		switch c := text[i]; c {
		case ' ', '\t', '\n', ';', '&', '|', '<', '>':
			return i, true
		case '\\':
			i += 2
			continue
		case '\'':
			n := strings.IndexByte(text[i+1:], '\'')
			if n < 0 {
				return 0, false
			}
			i += n + 2
			continue
		case '"', '`', '(', '{':
			n, ok := closed(text[i:])
			if !ok {
				return 0, false
			}
			i += n
			continue
		}
		i++
	}
	return len(text), i == len(text)
}

// closed is how long the quoted or bracketed text is that text begins with.
func closed(text string) (int, bool) {
	const deepest = 100
	closes := map[byte]byte{'"': '"', '`': '`', '(': ')', '{': '}'}
	stack := []byte{closes[text[0]]}
	for i := 1; i < len(text); i++ {
		top := stack[len(stack)-1]
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == top:
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				return i + 1, true
			}
		case c == '\'' && top != '"':
			n := strings.IndexByte(text[i+1:], '\'')
			if n < 0 {
				return 0, false
			}
			i += n + 1
		case c == '"' || c == '`' || (c == '(' || c == '{') && (top != '"' || text[i-1] == '$'):
			if stack = append(stack, closes[c]); len(stack) > deepest {
				return 0, false
			}
		}
	}
	return 0, false
}

// joined is errors.Join; nil for none.
func joined(wrong []error) error { return errors.Join(wrong...) }
