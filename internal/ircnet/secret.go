package ircnet

// addressee is the only one a line may reach.
type addressee struct {
	session *session // the connection on which they spoke to us
	account string   // as which they were logged in; "" is nobody we know of
}

// Secret tells text to whom a message came from, and to nobody who has their
// nick later: it is not said on another connection of ours, nor when the nick is
// seen to be logged in as somebody else.
func (n *Network) Secret(to Source, text string) {
	n.mu.Lock()
	only := &addressee{n.session, to.Account}
	n.mu.Unlock()
	n.enqueue(said{command: "NOTICE", target: to.Nick, text: text, only: only})
}

// misses reports whether a line would reach somebody else than it is for.
func (s *session) misses(i said) bool {
	if i.only == nil {
		return false
	}
	account, known := s.roster.accounts[s.roster.fold(i.target)]
	return i.only.session != s || known && account != i.only.account
}

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
