package ircbot

import (
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
)

// receiver hears the networks. It runs on their goroutines and only hands over:
// it waits neither for the disk nor for Postgres.
type receiver struct {
	bot  *Bot
	link *link
}

// Line spools a line of a channel that is logged; see Bot.take. In one that is
// not logged the bot only answers.
func (r *receiver) Line(l hackfest.Line) {
	room := r.bot.room(l.Network, l.Channel)
	if room == nil {
		r.bot.Counters.Ignored.Add(1)
		return
	}
	if !room.logged() {
		r.bot.Counters.Ignored.Add(1)
		r.bot.voice.overhear(room, l)
		return
	}
	r.bot.take(room, l)
}

// Private counts a secret vote, or has a request or a question to the bot alone
// answered. Of anything but a vote nothing is kept: a secret could be in it.
func (r *receiver) Private(from ircnet.Source, text string) {
	r.bot.Counters.Private.Add(1)
	if r.bot.ballot(r.link, from.Nick, from.Account, text) {
		return
	}
	if r.bot.desk.take(r.link, from, text) {
		return
	}
	r.bot.voice.private(r.link, from, text)
}
