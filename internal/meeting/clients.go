package meeting

import "slices"

// nickName is a nick as it is written and as it compares.
type nickName struct{ shown, folded string }

// holds reports whether p has nick now.
func (p *Person) holds(nick string) bool {
	return p.here && (p.nick == nick || slices.ContainsFunc(p.also, func(n nickName) bool { return n.folded == nick }))
}

// accountOf is the account of somebody who has had nick and was known by another
// one since, folded: whoever comes under it now may be they, or not. "" when
// there is nobody.
func (t *turn) accountOf(nick string) string {
	for _, p := range t.s.People {
		if p.account != "" && slices.ContainsFunc(p.Nicks, func(n string) bool { return t.s.fold.Fold(n) == nick }) {
			return p.account
		}
	}
	return ""
}

// mayBe reports whether whoever has now logged in to account is p, who spoke
// without one.
func (p *Person) mayBe(account string) bool {
	return p.account == "" && (p.was == account || !p.unproven && !p.gapped)
}

// rename gives the person at i the nick they speak under. Somebody with an
// account can be here by several clients, so the nick they had stays theirs
// while it is in the channel, unless it may have become somebody else's.
func (t *turn) rename(i int, nick string) {
	p := t.s.People[i]
	if p.Nick == nick {
		return
	}
	folded := t.s.fold.Fold(nick)
	also := slices.DeleteFunc(slices.Clone(p.also), func(n nickName) bool { return n.folded == folded })
	if p.nick != folded && p.here && !p.unproven && !p.gapped && t.isPresent(p.nick) {
		also = append(also, nickName{p.Nick, p.nick})
	}
	t.edit(i).also = also
	t.setNick(i, nick)
}

// setNick makes nick the one the person at i is shown by.
func (t *turn) setNick(i int, nick string) {
	p := t.edit(i)
	p.Nick, p.nick = nick, t.s.fold.Fold(nick)
	if !slices.Contains(p.Nicks, nick) {
		p.Nicks = append(slices.Clip(p.Nicks), nick)
	}
	t.namesMoved = true
	t.chairsMoved = t.chairsMoved || slices.Contains(t.s.chairs, i)
}

// followNick has the person at i change the nick from, one of theirs.
func (t *turn) followNick(i int, from, to string) {
	p := t.edit(i)
	p.here, p.Absent = true, false
	if p.nick == from {
		t.rename(i, to)
		return
	}
	folded := t.s.fold.Fold(to)
	p.also = slices.DeleteFunc(slices.Clone(p.also), func(n nickName) bool { return n.folded == from || n.folded == folded })
	if p.nick != folded {
		p.also = append(p.also, nickName{to, folded})
	}
	if !slices.Contains(p.Nicks, to) {
		p.Nicks = append(slices.Clip(p.Nicks), to)
	}
}

// drop takes nick from the person at i, who stays here while they have another.
func (t *turn) drop(i int, nick string) {
	p := t.edit(i)
	last := len(p.also) - 1
	switch {
	case p.nick != nick:
		p.also = slices.DeleteFunc(slices.Clone(p.also), func(n nickName) bool { return n.folded == nick })
	case last >= 0:
		next := p.also[last].shown
		p.also = slices.Clone(p.also[:last])
		t.setNick(i, next)
	default:
		p.here, p.Absent, p.vouched = false, false, false
	}
}

// displace takes nick from whoever was thought to have it, but for i.
func (t *turn) displace(nick string, i int) {
	for j, p := range t.s.People {
		if j != i && p.holds(nick) {
			t.drop(j, nick)
		}
	}
}

// merge makes one person of i and j, who turned out to be the same, and returns
// the place.
func (t *turn) merge(i, j int) int {
	a, b := t.edit(i), t.s.People[j]
	a.Lines += b.Lines
	for _, nick := range b.Nicks {
		if !slices.Contains(a.Nicks, nick) {
			a.Nicks = append(slices.Clip(a.Nicks), nick)
		}
	}
	if a.Alias == "" {
		a.Alias = b.Alias
	}
	a.presence, a.lives = max(a.presence, b.presence), max(a.lives, b.lives)
	t.s.People = slices.Delete(t.s.People, j, j+1)
	place := func(k int) int {
		if k == j {
			k = i
		}
		if k > j {
			k--
		}
		return k
	}
	var chairs []int
	for _, k := range t.s.chairs {
		if k = place(k); !slices.Contains(chairs, k) {
			chairs = append(chairs, k)
		}
	}
	t.moveAuthors(place)
	t.s.chairs, t.s.owner, t.chairsMoved = chairs, place(t.s.owner), true
	t.movePeople(place)
	return place(i)
}
