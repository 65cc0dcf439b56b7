package ircbot

import (
	"context"
	"errors"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/ircnet"
)

// Topic makes part what the bot has in a channel's topic, in place of what it put
// there before; what others wrote stays as it is. "" takes ours out. It puts
// nothing back that somebody took out: it is called once for each part, and
// where our last one is gone the new one comes last.
//
// fault.Unavailable means that it was certainly not done and may be tried again:
// the bot is not there, was told to be quiet, or a meeting has the topic.
// fault.Forbidden and fault.Conflict mean that it cannot be done, for which the
// message is the reason: only operators may, or there is no room beside what
// others wrote. With any other error nobody knows.
func (b *Bot) Topic(ctx context.Context, network, channel, part string) error {
	r := b.room(network, channel)
	if r == nil || !b.in(r) {
		return &fault.Error{Kind: fault.Unavailable, Message: "The bot is not in the channel.", Err: ircnet.ErrUnsaid}
	}
	if r.quiet(b.now()) {
		return hushed()
	}
	if r.ear.meeting().Running() {
		return &fault.Error{Kind: fault.Unavailable, Message: "A meeting has the topic.", Err: ircnet.ErrUnsaid}
	}
	r.topic.Lock()
	defer r.topic.Unlock()
	is := r.link.network.Topic(r.name)
	topic := announce.TopicWith(is, r.topicPart(), part)
	switch {
	case topic == is && part == r.topicPart():
		return nil
	case topic == is:
		b.keepPart(ctx, r, part)
		return nil
	case len(topic) > r.link.network.TopicRoom(r.name) && len(topic) > len(is):
		return &fault.Error{Kind: fault.Conflict, Message: "There is no room for it in the topic beside what others wrote.", Err: ircnet.ErrUnsaid}
	}
	err := r.link.network.ChangeTopic(ctx, r.name, topic)
	switch {
	case errors.Is(err, ircnet.ErrRefused):
		return &fault.Error{Kind: fault.Forbidden, Message: "The bot may not set the topic: only operators of the channel may.", Err: err}
	case errors.Is(err, ircnet.ErrUnsaid):
		return &fault.Error{Kind: fault.Unavailable, Message: "The topic could not be set.", Err: err}
	case err != nil:
		return err
	}
	b.Counters.Said.Add(1)
	b.keepPart(ctx, r, part)
	return nil
}

// untopic takes our part out of a topic that is to show it no longer. What cannot
// be done is not tried again.
func (b *Bot) untopic(ctx context.Context, r *room) {
	if r.topicPart() == "" {
		return
	}
	within, cancel := context.WithTimeout(ctx, greetFor)
	defer cancel()
	if err := b.Topic(within, r.link.name, r.name, ""); err == nil || fault.KindOf(err) != fault.Unavailable {
		b.keepPart(within, r, "")
	}
}

// keepPart notes what we have in the topic of a room.
func (b *Bot) keepPart(ctx context.Context, r *room, part string) {
	r.part.Store(&part)
	if err := b.ask(ctx, peopleFor, func(ctx context.Context) error { return b.rec.KeepTopicPart(ctx, r.link.name, r.name, part) }); err != nil {
		b.cfg.Log.WarnContext(ctx, "what the bot put into a topic is not stored; after a restart it is taken for somebody else's", "channel", r.name, "err", err)
	}
}

// hushed is that somebody told the bot to say nothing unasked in a room.
func hushed() error {
	return &fault.Error{Kind: fault.Unavailable, Message: "The bot was told to be quiet in the channel.", Err: ircnet.ErrUnsaid}
}

// Notice says one line to one person on a network and waits until it has left:
// to who has that nick now, is in a channel with us and, unless account is "", is
// logged in with services as that. fault.Unavailable means that it was certainly
// not said; any other error that nobody knows.
func (b *Bot) Notice(ctx context.Context, network, nick, account, text string) error {
	unsaid := &fault.Error{Kind: fault.Unavailable, Message: "They are not there.", Err: ircnet.ErrUnsaid}
	l := b.link(network)
	if l == nil || !l.network.Sees(nick, account) {
		return unsaid
	}
	err := l.network.DeliverTo(ctx, nick, account, text)
	if errors.Is(err, ircnet.ErrUnsaid) {
		unsaid.Err = err
		return unsaid
	}
	if err == nil {
		b.Counters.Said.Add(1)
	}
	return err
}

// link finds one of the bot's networks; nil when there is none of that name.
func (b *Bot) link(network string) *link {
	for _, l := range b.links {
		if l.name == network {
			return l
		}
	}
	return nil
}
