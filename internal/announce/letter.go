package announce

import (
	"fmt"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Letter is a mail: the same in plain text and as simple HTML. HTML has no
// pictures, and nothing that tells anybody that it was opened.
type Letter struct{ Subject, Text, HTML string }

// Reader is whom a letter is for.
type Reader struct {
	Community   string // the portal's name
	Base        string // its URL without a slash at the end
	Zone        string // IANA name of the zone they read times in; "" is each session's own
	Preferences string // URL of the page where they change what they get, or stop it; "" for a confirmation
	Why         string // what they follow that it is about, by its name (Followed); "" is no one thing
}

// Matter is what a letter is about: an occasion and what that needs.
type Matter struct {
	Occasion hackfest.Occasion
	Session  hackfest.Session // for reminders and changes

	Meeting hackfest.Meeting  // for minutes
	Own     []hackfest.Action // what the reader took on in them
	Next    *hackfest.Session // the next of its series; nil without one

	News NewsText
	Week Week
}

// NewsText is a piece of news as a letter shows it.
type NewsText struct {
	Title string
	URL   string
	Text  string // the body without markup
	HTML  string // the body as safe HTML; "" is Text
}

// Week is what a weekly letter tells.
type Week struct {
	Coming    []hackfest.Session // the next seven days, cancelled ones too, by start
	Published []hackfest.Meeting // minutes of the last seven days
	News      []NewsText         // of the last seven days, without their bodies
	Lessons   []hackfest.Lesson  // of the last seven days
}

// Empty reports whether there is nothing to tell.
func (w Week) Empty() bool { return len(w.Coming)+len(w.Published)+len(w.News)+len(w.Lessons) == 0 }

// letters are the words for each occasion that is told by mail.
var letters = map[hackfest.Occasion]func(*page, Matter){
	hackfest.OccasionDay:        remind,
	hackfest.OccasionHour:       remind,
	hackfest.OccasionCancelled:  tellCancelled,
	hackfest.OccasionMoved:      tellMoved,
	hackfest.OccasionReinstated: tellReinstated,
	hackfest.OccasionMinutes:    tellMinutes,
	hackfest.OccasionNews:       tellNews,
	hackfest.OccasionDigest:     tellWeek,
}

// ByMail reports whether o is told by mail at all.
func ByMail(o hackfest.Occasion) bool { return letters[o] != nil }

// LetterOf is what somebody is written about m at now. An occasion that is not
// told by mail is the empty Letter.
func LetterOf(r Reader, m Matter, now time.Time) Letter {
	write, ok := letters[m.Occasion]
	if !ok {
		return Letter{}
	}
	p := &page{reader: r, now: now}
	write(p, m)
	p.end()
	return p.letter()
}

// Confirmation asks somebody whether it is they who want to follow what is named
// in what. link is where they say yes, until expires.
func Confirmation(r Reader, what []string, link string, expires time.Time) Letter {
	p := &page{reader: r, subject: "Do you want mail from " + r.Community + "?"}
	p.para("Hello,")
	p.para("somebody, most likely you, asked on " + r.Community + " for mail at this address about:")
	p.list(what)
	p.para("If it was you, open this and confirm it:")
	p.link("", link)
	p.para("The link works until " + p.at(expires, "") + ". If it was not you, do nothing: then no mail comes, but such a question once more if somebody asks again another day.")
	return p.letter()
}

func remind(p *page, m Matter) {
	s := m.Session
	p.subject = "In " + span(s.StartsAt.Sub(p.now)) + ": " + clean(s.Title)
	if m.Occasion == hackfest.OccasionDay {
		p.subject = s.StartsAt.In(p.zone(s.Zone)).Format("Mon 15:04") + ": " + clean(s.Title)
	}
	if !s.StartsAt.After(p.now) {
		p.subject = "Now: " + clean(s.Title)
	}
	p.head(s.Title, p.url("/sessions/"+s.Slug))
	p.when(s)
	p.rows("Where", clean(s.Channel)+" on "+clean(s.Network), "What for", clean(s.Goal))
	p.link("Say whether you come", p.url("/sessions/"+s.Slug))
	p.link("How to take part", p.url("/start"))
}

func tellCancelled(p *page, m Matter) {
	s := m.Session
	p.subject = "Cancelled: " + clean(s.Title) + ", " + s.StartsAt.In(p.zone(s.Zone)).Format("Mon 2 Jan")
	p.head(s.Title, p.url("/sessions/"+s.Slug))
	p.para("This session does not take place.")
	p.rows("It was to be", p.at(s.StartsAt, s.Zone), "Why", clean(s.Reason), "Cancelled by", clean(s.ChangedBy))
	p.next(m.Next)
	if m.Next == nil && s.SeriesSlug != "" {
		p.para("No other date of " + clean(s.SeriesTitle) + " is planned.")
	}
	p.dates(s)
}

func tellMoved(p *page, m Matter) {
	s := m.Session
	p.subject = "Moved to " + s.StartsAt.In(p.zone(s.Zone)).Format("Mon 2 Jan 15:04") + ": " + clean(s.Title)
	p.head(s.Title, p.url("/sessions/"+s.Slug))
	p.para("This session was moved. Your answer to it stays, and so does its page.")
	was := ""
	if !s.MovedFrom.IsZero() && !s.MovedFrom.Equal(s.StartsAt) {
		was = p.at(s.MovedFrom, s.Zone)
	}
	p.when(s)
	p.rows("It was to be", was, "Where", clean(s.Channel)+" on "+clean(s.Network), "Why", clean(s.Reason), "Moved by", clean(s.ChangedBy))
	p.dates(s)
}

func tellReinstated(p *page, m Matter) {
	s := m.Session
	p.subject = "Takes place after all: " + clean(s.Title)
	p.head(s.Title, p.url("/sessions/"+s.Slug))
	p.para("This session was cancelled before. It takes place after all.")
	p.when(s)
	p.rows("Where", clean(s.Channel)+" on "+clean(s.Network), "Why", clean(s.Reason))
	p.dates(s)
}

func tellMinutes(p *page, m Matter) {
	x := m.Meeting
	p.subject = "Minutes: " + clean(x.Title) + ", " + x.StartedAt.In(p.zone(x.SessionZone)).Format("2 Jan")
	p.head(x.Title, p.url("/meetings/"+x.Ref.String()))
	p.para(fmt.Sprintf("The minutes are published: %s, %s, %s.", count(x.People, "person", "people"), count(x.Decisions, "decision", "decisions"), count(x.Actions, "action", "actions")))
	p.para(clean(x.Summary))
	if len(m.Own) > 0 {
		p.heading("What you took on")
		var list []string
		for _, a := range m.Own {
			text := clean(a.Text)
			if !a.Due.IsZero() {
				text += " (due " + a.Due.Format("2 Jan 2006") + ")"
			}
			list = append(list, text)
		}
		p.list(list)
	}
	p.next(m.Next)
}

func tellNews(p *page, m Matter) {
	p.subject = clean(m.News.Title)
	p.head(m.News.Title, m.News.URL)
	p.body(m.News.Text, m.News.HTML)
}

func tellWeek(p *page, m Matter) {
	w := m.Week
	p.subject = "This week at " + p.reader.Community
	p.head("This week at "+p.reader.Community, p.url("/"))
	if len(w.Coming) > 0 {
		p.heading("What comes")
	}
	for _, s := range w.Coming {
		word := ""
		if s.State == hackfest.StateCancelled {
			word = "Cancelled: "
		}
		p.entry(word+clean(s.Title), p.url("/sessions/"+s.Slug), p.at(s.StartsAt, s.Zone)+" · "+clean(s.Channel))
	}
	if len(w.Published) > 0 {
		p.heading("Minutes")
	}
	for _, x := range w.Published {
		p.entry(x.Title, p.url("/meetings/"+x.Ref.String()), join(count(x.Decisions, "decision", "decisions"), count(x.Actions, "action", "actions"), cut(clean(x.Summary), maxLine)))
	}
	if len(w.News) > 0 {
		p.heading("News")
	}
	for _, n := range w.News {
		p.entry(n.Title, n.URL, "")
	}
	if len(w.Lessons) > 0 {
		p.heading("What was learnt")
	}
	for _, l := range w.Lessons {
		p.entry(l.Text, p.url("/lessons"), clean(l.TargetName))
	}
}

// count writes a number of things.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// ListOf is the List-Id (RFC 2919) of mail about what is followed: kind is all,
// series, target, session or news, slug that of what it is; base is the portal's
// URL.
func ListOf(kind hackfest.FollowScope, slug, base string) string {
	_, host, _ := strings.Cut(base, "://")
	host, _, _ = strings.Cut(host, "/")
	host, _, _ = strings.Cut(host, ":")
	name := string(kind)
	if slug != "" {
		name += "-" + hackfest.Slug(slug)
	}
	return strings.ToLower(name + "." + host)
}
