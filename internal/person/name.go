package person

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// LongestName is how many characters a person's name on the portal may have.
const LongestName = 64

// LeftStart is what the names of people who left begin with. "/" is in no nick on
// IRC, and no name that people choose may begin so.
const LeftStart = "left/"

// ParseName reads a person's name as somebody types it, with single blanks. The
// fault is on the given field.
func ParseName(field, typed string) (string, error) {
	name := strings.Join(strings.Fields(typed), " ")
	switch {
	case name == "":
		return "", fault.On(field, "A name is needed.")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }):
		return "", fault.On(field, "The name holds signs that cannot be shown.")
	case utf8.RuneCountInString(name) > LongestName:
		return "", fault.On(field, "A name has at most %d characters.", LongestName)
	case strings.HasPrefix(strings.ToLower(name), LeftStart):
		return "", fault.On(field, "Names that begin with %s are those of people who left.", LeftStart)
	}
	return name, nil
}
