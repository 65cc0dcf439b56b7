package ircnet

import (
	"maps"
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/irctext"
)

// isupport is what a server said about itself in RPL_ISUPPORT (005,
// https://modern.ircdocs.horse/#rplisupport-parameters).
type isupport struct{ tokens map[string]string }

// add reads the parameters of one 005: our nick, tokens, a sentence.
func (i *isupport) add(params []string) {
	if len(params) < 3 {
		return
	}
	tokens := maps.Clone(i.tokens)
	if tokens == nil {
		tokens = map[string]string{}
	}
	for _, p := range params[1 : len(params)-1] {
		key, value, _ := strings.Cut(name(p), "=")
		if gone, ok := strings.CutPrefix(key, "-"); ok {
			delete(tokens, gone)
		} else if len(tokens) < 200 {
			tokens[key] = value
		}
	}
	i.tokens = tokens
}

func (i *isupport) casemapping() irctext.Casemapping {
	return irctext.Casemapping(i.tokens["CASEMAPPING"])
}

// number returns a token that is a length, or otherwise when the server does
// not say or says nonsense.
func (i *isupport) number(key string, otherwise int) int {
	if n, err := strconv.Atoi(i.tokens[key]); err == nil && n > 0 {
		return n
	}
	return otherwise
}

func (i *isupport) isChannel(target string) bool {
	types, ok := i.tokens["CHANTYPES"]
	if !ok {
		types = "#&"
	}
	return target != "" && strings.Contains(types, target[:1])
}

// prefixes returns the modes that mark members and their symbols, the mightiest
// first: "ov" and "@+".
func (i *isupport) prefixes() (modes, symbols string) {
	value, ok := i.tokens["PREFIX"]
	if !ok {
		return "ov", "@+"
	}
	modes, symbols, ok = strings.Cut(strings.TrimPrefix(value, "("), ")")
	if !ok || len(modes) != len(symbols) {
		return "ov", "@+"
	}
	return modes, symbols
}

// isOp reports whether a member with these modes is an operator or more.
func (i *isupport) isOp(has string) bool {
	modes, _ := i.prefixes()
	op := strings.IndexByte(modes, 'o')
	return op >= 0 && strings.ContainsAny(has, modes[:op+1])
}

// takesArgument reports whether a channel mode comes with an argument. Of the
// four groups of CHANMODES the first two always have one, the third only when
// set.
func (i *isupport) takesArgument(mode byte, set bool) bool {
	modes, _ := i.prefixes()
	if strings.IndexByte(modes, mode) >= 0 {
		return true
	}
	value, ok := i.tokens["CHANMODES"]
	if !ok {
		value = "beI,k,l,imnpst"
	}
	groups := strings.Split(value, ",")
	for n, group := range groups[:min(len(groups), 3)] {
		if strings.IndexByte(group, mode) >= 0 {
			return n < 2 || set
		}
	}
	return false
}

// changes calls each for the changes of modes in params ("+ov-k", "ann", "bob",
// "key") that come with an argument, with the place of that in params.
func (i *isupport) changes(params []string, each func(set bool, mode byte, arg int)) {
	set, arg := true, 1
	for at := range len(params[0]) {
		mode := params[0][at]
		switch {
		case mode == '+' || mode == '-':
			set = mode == '+'
		case !i.takesArgument(mode, set):
		case arg >= len(params):
			return
		default:
			each(set, mode, arg)
			arg++
		}
	}
}
