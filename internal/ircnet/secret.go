package ircnet

// addressee is the only one a line may reach.
type addressee struct {
	session *session // the connection on which they spoke to us
	account string   // as which they were logged in; "" is nobody we know of
	seen    bool     // they did not speak to us: they must be in a channel with us, with that account
}

// Secret tells text to whom a message came from, and to nobody who has their
// nick later: it is not said on another connection of ours, nor when the nick is
// seen to be logged in as somebody else.
func (n *Network) Secret(to Source, text string) {
	n.mu.Lock()
	only := &addressee{session: n.session, account: to.Account}
	n.mu.Unlock()
	n.enqueue(said{command: "NOTICE", target: to.Nick, text: text, only: only})
}

// misses reports whether a line would reach somebody else than it is for, and
// tells whoever asks about it.
func (s *session) misses(i said) bool {
	if i.only == nil {
		return false
	}
	account, known := s.roster.accounts[s.roster.fold(i.target)]
	misses := i.only.session != s || known && !s.sameAccount(account, i.only.account)
	if i.only.seen {
		misses = misses || !known && i.only.account != "" || len(s.roster.channelsOf(i.target)) == 0
	}
	if misses {
		i.asked.tell(ErrUnsaid)
	}
	return misses
}

// sameAccount reports whether two services accounts are one.
func (s *session) sameAccount(a, b string) bool { return s.roster.fold(a) == s.roster.fold(b) }

// TellsAccounts reports whether this network tells us at all who is logged in
// with its services.
func (n *Network) TellsAccounts() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.session == nil {
		return false
	}
	_, whox := n.session.support.tokens["WHOX"]
	return whox || n.session.caps.on["account-tag"] || n.session.caps.on["extended-join"]
}

// Sees reports whether nick is in a channel with us and, unless account is "", is
// logged in with services as that.
func (n *Network) Sees(nick, account string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.session != nil && !n.session.misses(said{target: nick, only: &addressee{session: n.session, account: account, seen: true}})
}
