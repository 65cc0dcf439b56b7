package meeting

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The shortest words that are looked for elsewhere, in characters: shorter ones
// stand anywhere by chance.
const (
	shortQuote = 4  // of a command, which the engine repeats
	shortTalk  = 12 // of talk, which the engine does not
)

// nameOnly are the commands whose words are nothing but nicks.
var nameOnly = []string{"chair", "unchair", "nick", "voters"}

// Quotes returns the pieces of what somebody said that may stand elsewhere too,
// because the engine noted or repeated them: what follows a command, the name it
// becomes in URLs, the question of a vote, the new words of a correction, what
// somebody in the queue wants to say; of anything else all of it. Words too short to be told from chance are left out.
func Quotes(text string) []string {
	text = clean(text)
	least, pieces := shortTalk, []string{text}
	if word, arg, ok := commandWord(text); ok {
		arg = clean(arg)
		switch least, pieces = shortQuote, []string{arg}; {
		case slices.Contains(nameOnly, word):
			return nil
		case word == "meetingname":
			pieces = append(pieces, urlName(arg))
		case word == "startvote":
			if i := strings.IndexByte(arg, '?'); i >= 0 {
				pieces = append(pieces, clean(arg[:i]))
			}
		}
	} else if to, ok := replacement(text); ok {
		least, pieces = shortQuote, []string{to}
	} else if why, ok := strings.CutPrefix(strings.ToLower(text[:min(3, len(text))])+text[min(3, len(text)):], "q+ "); ok {
		least, pieces = shortQuote, []string{clean(why)}
	}
	pieces = slices.DeleteFunc(pieces, func(p string) bool { return utf8.RuneCountInString(p) < least })
	slices.Sort(pieces)
	return slices.Compact(pieces)
}

// replacement returns the new words of s/old/new/.
func replacement(text string) (string, bool) {
	parts := strings.Split(text, "/")
	if len(parts) < 3 || parts[0] != "s" {
		return "", false
	}
	return strings.TrimSpace(strings.Join(parts[2:max(3, len(parts)-1)], "/")), true
}

// Name returns the name for URLs that what somebody said asks for with
// #meetingname; "" when it does not.
func Name(text string) string { return urlName(argument(text, "meetingname")) }

// Suffix returns what somebody asked for with #meetingtopic; "" when they did
// not.
func Suffix(text string) string { return argument(text, "meetingtopic") }

// argument is what follows a command in text; "" when it gives another one.
func argument(text, command string) string {
	word, arg, ok := commandWord(clean(text))
	if !ok || word != command {
		return ""
	}
	return clean(arg)
}
