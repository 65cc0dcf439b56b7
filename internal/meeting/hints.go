package meeting

import (
	"slices"
	"strings"
)

const (
	shortestTypo = 4  // letters of a word that is taken for a mistyped command
	longestTypo  = 20 // and the most
	maxHints     = 20 // that one person gets in a meeting
)

// nearMiss tells a chair who mistyped a command which one they may have meant:
// privately, and once for a word. #1234 is no such word.
func (t *turn) nearMiss(word string) {
	if t.s.lurking || t.line.Kind == "web" || !t.chairs(t.by) {
		return
	}
	word = strings.TrimRight(word, ":;,.!?")
	if len(word) < shortestTypo || len(word) > longestTypo || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz+-") != "" {
		return
	}
	meant := t.nearest(word)
	hinted := t.s.People[t.by].hinted
	if meant == "" || t.s.fold.Equal("#"+word, t.line.Channel) || slices.Contains(hinted, word) || len(hinted) == maxHints {
		return
	}
	t.edit(t.by).hinted = append(slices.Clip(hinted), word)
	t.tell("#" + word + " is no command, so nothing happened. Did you mean #" + meant + "?")
}

// nearest is the command or alias that word is one slip away from, or two when
// it is long; "" when there is none.
func (t *turn) nearest(word string) string {
	slips := 2 // one more than allowed
	if len(word) >= 8 {
		slips = 3
	}
	meant := ""
	for _, c := range t.commands {
		for _, name := range append([]string{c.name}, c.aliases...) {
			if n := distance(word, name); n < slips {
				slips, meant = n, name
			}
		}
	}
	return meant
}

// distance counts the letters that are wrong, missing, too many or swapped with
// their neighbour (optimal string alignment).
func distance(a, b string) int {
	var rows [3][longestTypo + 1]int // the row before the last, the last, this one
	if len(b) > longestTypo {
		return longestTypo
	}
	for j := range len(b) + 1 {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		rows[2][0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			n := min(rows[1][j]+1, rows[2][j-1]+1, rows[1][j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				n = min(n, rows[0][j-2]+1)
			}
			rows[2][j] = n
		}
		rows[0], rows[1] = rows[1], rows[2]
	}
	return rows[1][len(b)]
}
