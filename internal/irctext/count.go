package irctext

import "strconv"

// Count words a number of things: "1 action", "2 actions", "0 actions". word is
// the singular of a noun that takes an s.
func Count(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return strconv.Itoa(n) + " " + word
}
