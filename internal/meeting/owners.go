package meeting

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Owners finds people in the texts of actions. It knows everybody known when it
// was made, so people who spoke only after an action was noted count: make it
// from the newest state.
type Owners struct {
	fold   irctext.Casemapping
	words  map[string]*Person // by folded nick or alias that is one word
	others []phrase           // aliases and nicks that are no single word
}

// phrase is a name with characters that no nick has.
type phrase struct {
	folded string
	person *Person
}

// Finder returns the Owners for the people of s. Bots own nothing.
func (s State) Finder() Owners {
	o := Owners{fold: s.fold, words: map[string]*Person{}}
	for _, newest := range []bool{true, false} { // a nick is first of all who has it now
		for _, p := range s.People {
			if p.Bot {
				continue
			}
			names := p.Nicks
			if newest {
				names = []string{p.Nick, p.Alias}
			}
			for _, name := range names {
				o.learn(name, p)
			}
		}
	}
	return o
}

// learn adds a name, unless somebody has it already.
func (o *Owners) learn(name string, p *Person) {
	folded := o.fold.Fold(strings.TrimSpace(name))
	switch {
	case folded == "":
	case strings.IndexFunc(folded, endsNick) < 0:
		if _, taken := o.words[folded]; !taken {
			o.words[folded] = p
		}
	default:
		o.others = append(o.others, phrase{folded, p})
	}
}

// Owners returns the current nicks of those who own action i, in the order in
// which its text names them; nil when i is no action or names nobody. With many
// items, use Finder once.
func (s State) Owners(i Item) []string {
	if i.Kind != Action {
		return nil
	}
	return s.Finder().In(i.Text)
}

// In returns the current nicks of the people that text names as whole words, in
// order. A nick that is a common English word counts only as "will:", as
// "@will" or as the first word.
func (o Owners) In(text string) []string {
	type hit struct {
		at     int
		person *Person
	}
	var hits []hit
	for at, word := range nickWords(text) {
		if p := o.person(text, at, word); p != nil {
			hits = append(hits, hit{at, p})
		}
	}
	if len(o.others) > 0 {
		folded := o.fold.Fold(text) // keeps every byte in its place
		for _, f := range o.others {
			if at := wholeIndex(folded, f.folded); at >= 0 {
				hits = append(hits, hit{at, f.person})
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return a.at - b.at })
	var nicks []string
	for _, h := range hits {
		if !slices.Contains(nicks, h.person.Nick) {
			nicks = append(nicks, h.person.Nick)
		}
	}
	return nicks
}

// person is whom the word at offset at of text names; nil for nobody. Brackets
// and the like are part of a nick where somebody has such a nick, else they are
// punctuation around it.
func (o Owners) person(text string, at int, word string) *Person {
	for _, trimmed := range []string{word, strings.Trim(word, "-[]{}`")} {
		folded := o.fold.Fold(trimmed)
		p := o.words[folded]
		if p == nil {
			continue
		}
		from := at + strings.Index(word, trimmed)
		if !commonWords[folded] || addressed(text, from, from+len(trimmed)) {
			return p
		}
	}
	return nil
}

// addressed reports whether the word text[from:to] is clearly meant as a name.
func addressed(text string, from, to int) bool {
	return strings.TrimSpace(text[:from]) == "" ||
		text[from-1] == '@' ||
		to < len(text) && text[to] == ':'
}

// nickWords yields the runs of characters that nicks are made of, with their
// offsets. Letters and digits of all scripts belong to them.
func nickWords(text string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		start := -1
		for i, r := range text {
			switch in := !endsNick(r); {
			case in && start < 0:
				start = i
			case !in && start >= 0:
				if !yield(start, text[start:i]) {
					return
				}
				start = -1
			}
		}
		if start >= 0 {
			yield(start, text[start:])
		}
	}
}

// endsNick reports whether r cannot be part of a nick (RFC 2812 section 2.3.1,
// and letters and digits of other scripts, which newer servers allow).
func endsNick(r rune) bool {
	if r < utf8.RuneSelf {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_[]{}|`^\\", r))
	}
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}

// wholeIndex is where name stands in text with no nick character on either
// side; -1 when nowhere.
func wholeIndex(text, name string) int {
	for from := 0; ; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return -1
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(name):])
		if (at == 0 || endsNick(before)) && (at+len(name) == len(text) || endsNick(after)) {
			return at
		}
		from = at + 1
	}
}
