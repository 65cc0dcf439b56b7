package meeting

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/eucalyptus/hackfest/internal/irctext"
)

// looks is a short text as the eye sees it: without formatting codes, invisible
// characters, width, case, quotes and a full stop, and with ASCII letters for
// those of other scripts that look the same. Capitals and small letters may
// have different doubles (a Greek capital Nu is an N, a small one a v), so there
// are two ways to see it.
type looks struct{ seen, small string }

func looksOf(text string) looks {
	text = norm.NFKC.String(irctext.Strip(text))
	return looks{
		seen:  plain(strings.ToLower(ascii(text))),
		small: plain(ascii(strings.ToLower(text))),
	}
}

// seen is a line as the eye sees it, all that stands around a word included.
func seen(text string) string {
	return strings.Join(strings.Fields(strings.ToLower(ascii(norm.NFKC.String(text)))), " ")
}

// like reports whether a and b can be taken for one another.
func (a looks) like(b looks) bool { return a.seen == b.seen || a.small == b.small }

// begins reports whether b begins with a.
func (a looks) begins(b looks) bool {
	return strings.HasPrefix(b.seen, a.seen) || strings.HasPrefix(b.small, a.small)
}

// nothing reports whether there is nothing to see.
func (a looks) nothing() bool { return a.seen == "" }

// plain makes all blanks one and takes off what stands around a word.
func plain(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	bare := strings.TrimRight(strings.Trim(text, `"'«» `), "., ")
	if bare == "" {
		return text
	}
	return strings.TrimRight(bare, `"' `)
}

// ascii replaces what looks like ASCII and leaves out what nobody sees.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && r >= ' ' {
			return r
		}
		if like, ok := doubles[r]; ok {
			return like
		}
		if !unicode.IsSpace(r) && (unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector) || strings.ContainsRune(unseen, r)) {
			return -1
		}
		return r
	}, text)
}

// unseen are letters and marks that show nothing: the grapheme joiner, the
// Hangul fillers, the Khmer inherent vowels and the blank of Braille.
const unseen = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"

// doubles are characters that look like ASCII ones in most fonts: the most
// common of https://www.unicode.org/reports/tr39/#Confusable_Detection. Width
// and mathematical alphabets are NFKC's.
var doubles = doubleSet(`
аa еe оo рp сc уy хx іi їi ј j ѕs һh ԁd ԛq ԝw ӏl кk мm тt вb нh гr пn
АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЇI ЈJ ЅS ҺH ԌG ԚQ ԜW ӀI
αa εe ιi κk νv οo ρp τt υu χx γy
ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX
օo սu հh ոn զq ցg Օ O Տ S Լ L Ս U
ıi ɩi ɑa ɡg ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz
ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᎫJ ᏦK ᏞL ᎷM ᏢP ᎡR ᏚS ᎢT ᏙV ᎳW ᏃZ
ꓮA ꓐB ꓚC ꓓD ꓰE ꓝF ꓖG ꓧH ꓲI ꓙJ ꓗK ꓡL ꓟM ꓠN ꓳO ꓑP ꓣR ꓢS ꓔT ꓴU ꓦV ꓪW ꓫX ꓬY ꓜZ
‐- ‑- ‒- –- —- ―- −- ⁃- ﹘- ‘' ’' ‛' ʼ' ′' ´' “" ”" „" ‟" ″" ⁄/ ∕/ ∗* ꓸ. ․.
`)

func doubleSet(table string) map[rune]rune {
	set := map[rune]rune{}
	var first rune
	for _, r := range table {
		switch {
		case r == ' ' || r == '\n':
		case first == 0:
			first = r
		default:
			set[first] = r
			first = 0
		}
	}
	return set
}
