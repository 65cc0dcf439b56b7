package ircnet

import (
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// roster is who is where, as far as the server told us. Names are compared by
// the network's casemapping and kept as spelt.
type roster struct {
	support  *isupport
	channels map[string]*room
	accounts map[string]string // folded nick → services account, of those who are logged in
}

// room is a channel we are in.
type room struct {
	name    string
	topic   string
	wonder  time.Time         // when to ask who of those here is logged in; zero: not
	members map[string]member // by folded nick
}

type member struct {
	nick  string
	modes string // letters of PREFIX, as "ov"
}

func newRoster(support *isupport) *roster {
	return &roster{support: support, channels: map[string]*room{}, accounts: map[string]string{}}
}

func (r *roster) fold(s string) string { return r.support.casemapping().Fold(s) }

// refold is for a CASEMAPPING announced after we joined something.
func (r *roster) refold(old irctext.Casemapping) {
	if old == r.support.casemapping() {
		return
	}
	channels := map[string]*room{}
	for _, c := range r.channels {
		members := map[string]member{}
		for _, m := range c.members {
			members[r.fold(m.nick)] = m
		}
		c.members = members
		channels[r.fold(c.name)] = c
	}
	r.channels = channels
	r.accounts = map[string]string{}
}

func (r *roster) room(channel string) *room { return r.channels[r.fold(channel)] }

// enter opens a channel that we joined ourselves.
func (r *roster) enter(channel string) {
	r.channels[r.fold(channel)] = &room{name: channel, members: map[string]member{}}
}

// leave closes a channel that we left.
func (r *roster) leave(channel string) {
	c := r.room(channel)
	if c == nil {
		return
	}
	delete(r.channels, r.fold(channel))
	for nick := range c.members {
		r.forgetStranger(nick)
	}
}

func (r *roster) join(channel, nick string) {
	if c := r.room(channel); c != nil {
		c.members[r.fold(nick)] = member{nick: nick}
	}
}

func (r *roster) part(channel, nick string) {
	if c := r.room(channel); c != nil {
		delete(c.members, r.fold(nick))
		r.forgetStranger(r.fold(nick))
	}
}

// quit removes nick everywhere and returns the channels it was in, sorted.
func (r *roster) quit(nick string) []string {
	in := r.channelsOf(nick)
	for _, channel := range in {
		delete(r.room(channel).members, r.fold(nick))
	}
	delete(r.accounts, r.fold(nick))
	return in
}

// rename returns the channels the one who changed their nick is in, sorted.
func (r *roster) rename(old, now string) []string {
	in := r.channelsOf(old)
	for _, channel := range in {
		c := r.room(channel)
		m := c.members[r.fold(old)]
		delete(c.members, r.fold(old))
		c.members[r.fold(now)] = member{nick: now, modes: m.modes}
	}
	account, known := r.accounts[r.fold(old)]
	delete(r.accounts, r.fold(old))
	if known {
		r.accounts[r.fold(now)] = account
	}
	return in
}

// forgetStranger drops the account of somebody we no longer see: another could
// come with that nick.
func (r *roster) forgetStranger(folded string) {
	for _, c := range r.channels {
		if _, ok := c.members[folded]; ok {
			return
		}
	}
	delete(r.accounts, folded)
}

func (r *roster) channelsOf(nick string) []string {
	folded := r.fold(nick)
	var in []string
	for _, c := range r.channels {
		if _, ok := c.members[folded]; ok {
			in = append(in, c.name)
		}
	}
	slices.Sort(in)
	return in
}

func (r *roster) names() []string {
	var names []string
	for _, c := range r.channels {
		names = append(names, c.name)
	}
	slices.Sort(names)
	return names
}

func (r *roster) has(channel, nick string) bool {
	c := r.room(channel)
	if c == nil {
		return false
	}
	_, ok := c.members[r.fold(nick)]
	return ok
}

func (r *roster) members(channel string) []string {
	c := r.room(channel)
	if c == nil {
		return nil
	}
	nicks := make([]string, 0, len(c.members))
	for _, m := range c.members {
		nicks = append(nicks, m.nick)
	}
	slices.Sort(nicks)
	return nicks
}

func (r *roster) isOp(channel, nick string) bool {
	c := r.room(channel)
	return c != nil && r.support.isOp(c.members[r.fold(nick)].modes)
}

// login notes the services account of nick; "" and "*" are none.
func (r *roster) login(nick, account string) {
	if account == "" || account == "*" {
		delete(r.accounts, r.fold(nick))
	} else if len(r.channelsOf(nick)) > 0 {
		r.accounts[r.fold(nick)] = account
	}
}

// wonder notes that somebody is in channel whose account we do not know.
func (r *roster) wonder(channel string, when time.Time) {
	if c := r.room(channel); c != nil && (c.wonder.IsZero() || when.Before(c.wonder)) {
		c.wonder = when
	}
}

// list adds the names of one 353, each with the symbols of its modes.
func (r *roster) list(channel, listed string) {
	c := r.room(channel)
	if c == nil {
		return
	}
	modes, symbols := r.support.prefixes()
	for word := range strings.FieldsSeq(listed) {
		nick := strings.TrimLeft(word, symbols)
		var has strings.Builder
		for i := range len(word) - len(nick) {
			has.WriteByte(modes[strings.IndexByte(symbols, word[i])])
		}
		nick, _, _ = strings.Cut(nick, "!") // userhost-in-names
		if nick != "" {
			c.members[r.fold(nick)] = member{nick: nick, modes: has.String()}
		}
	}
}

// mode follows the changes of members' modes in "+o-v ann bob".
func (r *roster) mode(channel string, params []string) {
	c := r.room(channel)
	if c == nil || len(params) == 0 {
		return
	}
	modes, _ := r.support.prefixes()
	r.support.changes(params, func(set bool, mode byte, arg int) {
		nick := r.fold(name(params[arg]))
		m, ok := c.members[nick]
		if !ok || strings.IndexByte(modes, mode) < 0 {
			return
		}
		m.modes = strings.ReplaceAll(m.modes, string(mode), "")
		if set {
			m.modes += string(mode)
		}
		c.members[nick] = m
	})
}

// modeLine is what the log has of a MODE of a channel: all of it but the key,
// which who reads the log need not know.
func (r *roster) modeLine(m *message) hackfest.Line {
	l := textLine(hackfest.Mode, m.raw(1))
	params := slices.Clone(m.params[1:])
	r.support.changes(params, func(_ bool, mode byte, arg int) {
		if mode == 'k' {
			params[arg] = "*"
		}
	})
	if !slices.Equal(params, m.params[1:]) {
		l = textLine(hackfest.Mode, strings.Join(params, " "))
	}
	return l
}
