package ircbot

import (
	"context"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// lookForCommands is how often commands are asked for when nobody tells of any.
const lookForCommands = 5 * time.Second

// keepCommands takes what people give on the web until ctx ends.
func (b *Bot) keepCommands(ctx context.Context) {
	t := time.NewTicker(lookForCommands)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.cfg.Commands:
		case <-t.C:
		}
		for _, l := range b.links {
			b.takeCommands(ctx, l)
		}
	}
}

// takeCommands takes the commands for one network. What is taken is delivered or
// refused, also when the bot is stopping: nobody else will do it.
func (b *Bot) takeCommands(ctx context.Context, l *link) {
	if l.network.Status().State != "online" {
		return // they wait, or expire
	}
	var list []hackfest.WebCommand
	err := b.ask(ctx, refreshFor, func(ctx context.Context) (err error) {
		list, err = b.rec.TakeCommands(ctx, l.name, b.now())
		return err
	})
	if err != nil && ctx.Err() == nil {
		b.cfg.Log.Warn("commands from the web cannot be read", "network", l.name, "err", err)
	}
	for _, c := range list {
		ref := b.deliver(c)
		err := b.ask(ctx, refreshFor, func(ctx context.Context) error { return b.rec.SettleCommand(ctx, c.ID, ref, b.now()) })
		if err != nil && ctx.Err() == nil {
			b.cfg.Log.Warn("what became of a command from the web is not stored", "command", c.ID, "err", err)
		}
	}
}

// deliver makes a line of c and returns its ref; zero when the bot is not in the
// channel or its lines are not kept.
func (b *Bot) deliver(c hackfest.WebCommand) hackfest.Ref {
	r := b.room(c.Network, c.Channel)
	if r == nil || !r.logged() || !b.in(r) {
		return hackfest.Ref{}
	}
	now := b.now()
	l := hackfest.Line{
		Network: c.Network, Channel: r.name, At: now, ReceivedAt: now, Nick: c.Nick, Account: c.Account,
		Kind: hackfest.Web, Text: c.Text, Op: c.Chair, Command: c.ID,
	}
	if _, ok := ballotIn(c.Text); ok && secretVoteIn(r.ear.meeting()) {
		l.Kind, l.Op = hackfest.Private, false // nobody else is to read it
	}
	return b.take(r, l)
}

// sayWeb says in the channel what somebody gave on the web. It begins with our
// own words, so that nobody can make us say another bot's command, and is one
// line, so that it is known again when it comes back.
func (s *speaker) sayWeb(r *room, l hackfest.Line) {
	if l.Text == "" { // off the record
		return
	}
	room := min(maxSaid, maxSaidTo-len(r.name))
	text := "From the web, " + strings.Join(strings.Fields(irctext.Strip(l.Nick)), "_") + ": " + irctext.Strip(l.Text)
	if pieces := irctext.Split(text, room); len(pieces) > 1 {
		text = irctext.Split(text, room-len(cutMark))[0] + cutMark
	}
	r.ear.expect(text)
	r.link.network.Say(r.name, text)
	s.bot.Counters.Said.Add(1)
}

// What ircnet puts into one line: so many bytes, and so many with the channel.
const (
	maxSaid   = 350
	maxSaidTo = 384
	cutMark   = " …"
)

// ballot takes a private message that is a vote, and reports whether it is one.
// It becomes a line of the one meeting that has a secret vote open and its sender
// in the channel. Nothing else said in private is ever written.
func (b *Bot) ballot(l *link, nick, account, text string) bool {
	option, ok := ballotIn(text)
	if !ok {
		return false
	}
	var rooms []*room
	named := false
	first, rest, _ := strings.Cut(option, " ")
	for _, r := range b.rooms.all() {
		if r.link != l || !r.logged() || !l.network.Has(r.name, nick) || !secretVoteIn(r.ear.meeting()) {
			continue
		}
		if l.network.Casemapping().Equal(first, r.name) {
			rooms, option, named = []*room{r}, strings.TrimSpace(rest), true
			break
		}
		rooms = append(rooms, r)
	}
	if !named && strings.HasPrefix(first, "#") {
		rooms = nil // another channel than those
	}
	switch len(rooms) {
	case 0:
		b.voice.put(question{link: l, nick: nick, reply: "No secret vote is open in a channel where both of us are. In the channel itself #vote OPTION votes openly."})
	case 1:
		now := b.now()
		b.take(rooms[0], hackfest.Line{
			Network: l.name, Channel: rooms[0].name, At: now, ReceivedAt: now, Nick: nick, Account: account,
			Kind: hackfest.Private, Text: "#vote " + option,
		})
	default:
		var names []string
		for _, r := range rooms {
			names = append(names, r.name)
		}
		b.voice.put(question{link: l, nick: nick, reply: "Secret votes are open in " + strings.Join(names, ", ") + ". Say which: #vote " + names[0] + " OPTION"})
	}
	return true
}

// ballotIn is what a message votes for, if it is a vote.
func ballotIn(text string) (option string, ok bool) {
	word, rest, _ := strings.Cut(strings.TrimSpace(irctext.Strip(text)), " ")
	return strings.TrimSpace(rest), strings.EqualFold(word, "#vote")
}

// secretVoteIn reports whether a secret vote is open.
func secretVoteIn(s meeting.State) bool {
	n := len(s.Votes)
	return s.Running() && n > 0 && s.Votes[n-1].Open && s.Votes[n-1].Secret
}
