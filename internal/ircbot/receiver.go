package ircbot

import (
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// receiver hears the networks. It runs on their goroutines and only hands over:
// it waits neither for the disk nor for Postgres.
type receiver struct {
	bot  *Bot
	link *link
}

// Line spools a line of a channel that is logged; before one that asks for a
// meeting it spools what the engine has to know. In one that is not logged the
// bot only answers.
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
	l = offTheRecord(l)
	if meeting.Starts(l) {
		r.bot.append(r.bot.contextLine(room, l))
	}
	r.bot.append(l)
}

// Private has a question to the bot alone answered. Nothing of it is kept: a
// secret could be in it.
func (r *receiver) Private(from ircnet.Source, text string) {
	r.bot.Counters.Private.Add(1)
	r.bot.voice.private(r.link, from, text)
}

// append hands a line to the spool and counts it.
func (b *Bot) append(l hackfest.Line) {
	if ref := b.spool.Append(l); ref.IsZero() {
		b.Counters.Lost.Add(1)
		return
	}
	b.Counters.Heard.Add(1)
}

// offTheRecord removes from l what its author does not want kept. It is done
// before anything is written; of a line that is all off the record only time
// and kind stay. What the bot says itself is no one's secret.
func offTheRecord(l hackfest.Line) hackfest.Line {
	if l.Self || l.Kind != hackfest.Message && l.Kind != hackfest.Act && l.Kind != hackfest.Notice && l.Kind != hackfest.Web {
		return l
	}
	kept, off := irctext.OffTheRecord(l.Text)
	if !off {
		return l
	}
	l.OffRecord, l.Text = true, kept
	if l.Raw = irctext.KeepRaw(l.Raw, kept); string(l.Raw) == kept {
		l.Raw, l.Windows1252 = nil, false
	}
	if kept == "" {
		l.Nick, l.Account, l.Op, l.Windows1252, l.Raw = "", "", false, false, nil
	}
	return l
}
