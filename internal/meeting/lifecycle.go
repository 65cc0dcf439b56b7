package meeting

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

const (
	early       = 30 * time.Minute // before its start a session may be opened
	onTheSpot   = time.Hour        // how long a meeting without a session is taken to last
	overdue     = time.Hour        // past the scheduled end anybody may end it
	maxInAnswer = 120              // characters of a title in an answer
)

// start answers #startmeeting while no meeting runs.
func (t *turn) start() {
	if why := t.mayNotStart(); why != "" {
		if t.mayRefuseOutside() {
			t.out = append(t.out, Say{why})
		}
		return
	}
	t.open(t.arg)
	t.firstTime()
	t.author()
	t.s.owner = t.by
	t.appoint(t.by)
	t.nameChairs()
	t.expect(t.s.session())
	h := t.s.Header
	t.out = []Effect{Opened{h}, TopicNoted{t.s.Topics[0]}}
	live := ""
	if u := t.s.url(); u != "" {
		live = " Live page: " + u
	}
	t.say(fmt.Sprintf("Meeting started: %s. Chair: %s.%s (logged, [off] to stay off the record)", shorten(h.Title), h.Owner, live))
	t.sayPlan()
}

// open makes the state of a new meeting. Nothing but the context reaches over
// from before: a replay that begins here must give the same.
func (t *turn) open(title string) {
	l, c := t.line, t.s.Context
	session := sessionAt(c.Sessions, l.At)
	if title == "" {
		title = session.Title
	}
	if title == "" && l.Channel != "" {
		title = l.Channel + " meeting"
	}
	if title == "" {
		title = "Meeting"
	}
	t.s = State{
		Context: c,
		LastRef: l.Ref,
		Header: Header{
			Ref: l.Ref, Network: l.Network, Channel: l.Channel, SessionSlug: session.Slug,
			Title: title, StartedAt: l.At,
		},
		Target:  session.Target,
		Regrets: slices.Clone(session.Regrets),
		owner:   -1,
		fold:    irctext.Casemapping(c.Settings.Casemapping),
		spokeAt: l.At,
	}
	for _, nick := range c.Members {
		t.s.present = append(t.s.present, t.s.fold.Fold(nick))
	}
	slices.Sort(t.s.present)
	t.s.Topics = []Topic{{ID: t.newID(), At: l.At}}
}

// sessionAt is the session that a meeting started at now belongs to: the one
// whose time contains now and whose start is nearest. The zero ContextSession
// means that there is none.
func sessionAt(sessions []ContextSession, now time.Time) ContextSession {
	var best ContextSession
	for _, s := range sessions {
		if now.Before(s.StartsAt.Add(-early)) || !now.Before(s.EndsAt) {
			continue
		}
		if best.Slug == "" || now.Sub(s.StartsAt).Abs() < now.Sub(best.StartsAt).Abs() {
			best = s
		}
	}
	return best
}

// scheduledEnd is when the running meeting was to end.
func (s State) scheduledEnd() time.Time {
	if c := s.session(); c.Slug != "" {
		return c.EndsAt
	}
	return s.Header.StartedAt.Add(onTheSpot)
}

// startAgain answers #startmeeting while a meeting runs.
func (t *turn) startAgain() {
	t.refuse(fmt.Sprintf("a meeting is running already: %s. Chairs: %s", shorten(t.s.Header.Title), t.chairList()))
}

// end answers #endmeeting.
func (t *turn) end() {
	t.closeVote()
	text := t.farewell("Meeting ended after ")
	if t.s.lurking {
		t.tell(text)
	}
	t.say(text)
	t.close("chair")
}

func (t *turn) endBySilence() {
	t.closeVote()
	t.say(t.farewell("Nobody has spoken for three hours, so the meeting has ended after "))
	t.close("silence")
}

// farewell is what is said at the end; begin leads up to the duration.
func (t *turn) farewell(begin string) string {
	decisions, actions := t.s.count()
	text := begin + Span(t.line.At.Sub(t.s.Header.StartedAt)) + ": " +
		irctext.Count(decisions, "decision") + ", " + irctext.Count(actions, "action") + t.s.leftOver() + "."
	if u := t.s.url(); u != "" {
		text += " Minutes: " + u
	}
	return text
}

// close ends the meeting and gives the channel its topic back.
func (t *turn) close(by string) {
	t.closeVote()
	t.restoreTopic()
	t.endOff()
	t.s.Header.EndedBy = by
	t.s.Header.EndedAt = t.line.At
	if t.line.At.Before(t.s.Header.StartedAt) { // the server's clock went back
		t.s.Header.EndedAt = t.s.Header.StartedAt
	}
	t.out = append(t.out, Closed{t.s})
}

// count returns how many decisions and actions stand.
func (s State) count() (decisions, actions int) {
	for _, i := range s.Items {
		switch {
		case i.Undone:
		case i.Kind.Decision():
			decisions++
		case i.Kind == Action:
			actions++
		}
	}
	return decisions, actions
}

// standing returns how many items were not undone.
func (s State) standing() int {
	n := 0
	for _, i := range s.Items {
		if !i.Undone {
			n++
		}
	}
	return n
}

// save answers #save.
func (t *turn) save() {
	t.out = append(t.out, Saved{t.s})
	text := "Draft saved."
	if u := t.s.url(); u != "" {
		text = "Draft saved: " + u
	}
	t.say(text)
}

func (t *turn) lurk() {
	t.say("I stay silent from here on and still record; #unlurk ends that.")
	t.s.lurking = true
}

// Silent reports whether a chair of the running meeting wants the bot to say
// nothing.
func (s State) Silent() bool { return s.Running() && s.lurking }

func (t *turn) unlurk() {
	t.s.lurking = false
	t.say("I answer again.")
}

// status answers #status.
func (t *turn) status() {
	h := t.s.Header
	text := fmt.Sprintf("%s, since %s (%s). ", shorten(h.Title), h.StartedAt.UTC().Format("2006-01-02 15:04 UTC"), Span(t.line.At.Sub(h.StartedAt)))
	if title := t.s.topicText(); title != "" {
		text += "Topic: " + shorten(title) + ". "
	}
	if v := t.s.openVote(); v != nil {
		text += "Vote open: " + shorten(v.Question) + " "
	}
	decisions, actions := t.s.count()
	text += fmt.Sprintf("Chairs: %s. %s, %s, %s.", t.chairList(), irctext.Count(t.s.standing(), "item"), irctext.Count(decisions, "decision"), irctext.Count(actions, "action"))
	text += t.s.standingElse()
	if u := t.s.url(); u != "" {
		text += " " + u
	}
	t.tell(text)
}

// Resumed is what the bot does after a restart in the middle of a meeting: it
// sets the topic again and says where things stand. When the meeting has ended
// meanwhile and the end was not announced, it does that. Nil when nothing is
// to be said.
func (s State) Resumed() []Effect {
	t := turn{s: s}
	switch {
	case s.Running():
		if s.topicSet {
			t.out = append(t.out, SetTopic{s.channelTopic()})
		}
		text := "I am back and the meeting goes on: " + shorten(s.Header.Title) + "."
		if title := s.topicText(); title != "" {
			text += " Topic: " + shorten(title) + "."
		}
		if v := s.openVote(); v != nil {
			text += " A vote is open: " + shorten(v.Question)
		}
		if len(s.queue) > 0 {
			text += " " + t.queueText()
		}
		t.say(fmt.Sprintf("%s Chairs: %s. %s so far.%s", text, t.chairList(), irctext.Count(s.standing(), "item"), s.offNote()))
	case !s.Header.EndedAt.IsZero() && !s.endSaid:
		t.restoreTopic()
		text := "The meeting has ended: " + shorten(s.Header.Title) + "."
		if u := s.url(); u != "" {
			text += " Minutes: " + u
		}
		t.say(text)
	}
	return t.out
}

// announcesEnd reports whether the line tells the channel where the minutes of
// the meeting that ended are, or that it ended.
func (t *turn) announcesEnd() bool {
	ref := t.s.Header.Ref
	return !t.s.Header.EndedAt.IsZero() && t.line.Kind == hackfest.Message &&
		(strings.Contains(t.line.Text, ref.String()) || strings.HasPrefix(t.line.Text, "Meeting ended after "))
}

// url is the meeting's page; "" offline.
func (s State) url() string {
	if s.Context.BaseURL == "" {
		return ""
	}
	return s.Context.BaseURL + "/meetings/" + s.Header.Ref.String()
}
