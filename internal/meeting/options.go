package meeting

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxOptions = 20 // of a vote: what fits a few lines of a channel; more is for a poll
	maxOption  = 60 // characters of an option
)

// cutQuestion splits what follows #startvote at the end of the question: its
// first question mark before a blank or the end, so that neither a URL nor "?!"
// ends it early, else its first one.
func cutQuestion(text string) (question, options string, ok bool) {
	end := -1
	for i, r := range text {
		if r != '?' && r != '？' && r != '؟' {
			continue
		}
		after := i + utf8.RuneLen(r)
		next, _ := utf8.DecodeRuneInString(text[after:])
		if after == len(text) || unicode.IsSpace(next) {
			end = after
			break
		}
		if end < 0 {
			end = after
		}
	}
	if end < 0 || strings.IndexFunc(text[:end], asks) < 0 {
		return "", "", false
	}
	return strings.TrimSpace(text[:end]), text[end:], true
}

// asks reports whether r is more than punctuation.
func asks(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) }

// cutOptions reads options with commas between them, and how many there are. It
// returns the first 20. What looks like one before it is no other option.
func cutOptions(text string) (options []string, many int) {
	isComma := func(r rune) bool { return r == ',' || r == '，' || r == '、' }
	for one := range strings.FieldsFuncSeq(text, isComma) {
		one = strings.Join(strings.Fields(one), " ")
		look := looksOf(one)
		if look.nothing() || slices.ContainsFunc(options, func(o string) bool { return look.like(looksOf(o)) }) {
			continue
		}
		if many++; many <= maxOptions {
			options = append(options, one)
		}
	}
	return options, many
}

// wrongOptions says why there can be no such vote; "" when there can. No
// options at all are right: they stand for yes, no, abstain.
func wrongOptions(options []string, many int) string {
	switch {
	case many == 1:
		return "give two options or more, with commas between them, or none for yes, no, abstain"
	case many > maxOptions:
		return "a vote has at most " + strconv.Itoa(maxOptions) + " options, and these are " + strconv.Itoa(many)
	case slices.ContainsFunc(options, func(o string) bool { return utf8.RuneCountInString(o) > maxOption }):
		return "an option has at most " + strconv.Itoa(maxOption) + " characters"
	}
	return ""
}

// find returns the place of the option that answer means. Without one it
// returns -1 and those that answer could mean or begins.
func (v *Vote) find(answer string) (place int, near []string) {
	var alike []int
	look := looksOf(answer)
	for i, o := range v.Options {
		other := looksOf(o.Option)
		switch {
		case look.nothing():
		case look == other:
			return i, nil
		case look.like(other):
			alike = append(alike, i)
			near = append(near, o.Option)
		case look.begins(other):
			near = append(near, o.Option)
		}
	}
	if len(alike) == 1 {
		return alike[0], nil
	}
	return -1, near
}

// has returns the place of the option that is word; -1 without one.
func (v *Vote) has(word string) int {
	return slices.IndexFunc(v.Options, func(o VoteOption) bool { return looksOf(o.Option).like(looksOf(word)) })
}

// yesNo reports whether +1 and -1 are answers.
func (v *Vote) yesNo() bool { return v.has(yes) >= 0 && v.has(no) >= 0 }

// What a vote without options is about. Abstaining counts towards the quorum
// and never wins.
const (
	yes     = "yes"
	no      = "no"
	abstain = "abstain"
)
