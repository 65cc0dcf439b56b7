package web

import (
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// talk is a channel people talk in: what they say is folded and stored as the
// bot does it, and the server's clock goes with it.
type talk struct {
	t       *testing.T
	s       *Server
	network string
	channel string
	state   meeting.State
	now     atomic.Int64 // Unix seconds; what the server takes for now
	refs    int
	planned []meeting.ContextSession
}

// listen begins a talk in the channel of x at its start. Meetings that begin
// belong to x.
func listen(t *testing.T, s *Server, x hackfest.Session) *talk {
	t.Helper()
	k := &talk{t: t, s: s, network: x.Network, channel: x.Channel}
	k.now.Store(x.StartsAt.Unix())
	k.planned = []meeting.ContextSession{{Slug: x.Slug, Title: x.Title, StartsAt: x.StartsAt, EndsAt: x.EndsAt}}
	s.Now = k.clock
	return k
}

func (k *talk) clock() time.Time { return time.Unix(k.now.Load(), 0).UTC() }

// pass lets time go by.
func (k *talk) pass(d time.Duration) { k.now.Add(int64(d / time.Second)) }

// say stores a message, a second after what was before it.
func (k *talk) say(nick, text string) hackfest.Ref {
	k.t.Helper()
	return k.lines(hackfest.Line{Nick: nick, Text: text})[0]
}

// lines stores any lines, in one batch. The zero kind is a message.
func (k *talk) lines(lines ...hackfest.Line) []hackfest.Ref {
	k.t.Helper()
	var batch []meeting.Applied
	var refs []hackfest.Ref
	for _, l := range lines {
		if l.Kind == "" {
			l.Kind = hackfest.Message
		}
		if strings.HasPrefix(l.Text, "#startmeeting") {
			text, err := json.Marshal(meeting.Context{Bot: "hackbot", BaseURL: k.s.BaseURL, Sessions: k.planned})
			must(k.t, err)
			batch = append(batch, k.apply(hackfest.Line{Kind: hackfest.Context, Text: string(text)}))
		}
		k.pass(time.Second)
		a := k.apply(l)
		refs = append(refs, a.Line.Ref)
		batch = append(batch, a)
	}
	must(k.t, k.s.Store.Record(k.t.Context(), k.network, k.channel, batch, irctext.RFC1459, k.clock()))
	return refs
}

// apply folds one line.
func (k *talk) apply(l hackfest.Line) meeting.Applied {
	var u ulid.ULID
	k.refs++
	must(k.t, u.SetTime(uint64(k.clock().UnixMilli())))
	u[6], u[7], u[8] = byte(k.refs>>16), byte(k.refs>>8), byte(k.refs)
	copy(u[9:], k.channel[1:]) // two channels share no ref
	l.Ref, l.Network, l.Channel, l.At, l.ReceivedAt = hackfest.Ref(u), k.network, k.channel, k.clock(), k.clock()
	var effects []meeting.Effect
	k.state, effects = meeting.Apply(k.state, l)
	return meeting.Applied{Line: l, Effects: effects}
}

// opening are the first lines of the meeting most tests are about.
func (k *talk) opening() hackfest.Ref {
	k.t.Helper()
	k.lines(hackfest.Line{Kind: hackfest.Join, Nick: "kestrel"}, hackfest.Line{Kind: hackfest.Join, Nick: "okapi"})
	start := k.say("tessv", "#startmeeting AppScale on Eucalyptus 3.1")
	k.lines(hackfest.Line{Nick: "hackbot", Text: "Meeting started.", Self: true})
	k.say("tessv", "#topic Which image do we all use?")
	k.pass(3 * time.Minute)
	k.say("kestrel", "here. sandbox is up, see https://sandbox.example.org/status.")
	k.say("tessv", "#agreed images are named by id")
	k.pass(2 * time.Minute)
	k.say("okapi", "#action okapi to list the ports, due 2012-08-24")
	k.say("okapi", "https://paste.example.org/7Fq2 the last forty lines")
	return start
}

// close are its last.
func (k *talk) close() {
	k.t.Helper()
	k.say("tessv", "#topic What do we write down?")
	k.say("kestrel", "#info first node in")
	k.say("tessv", "#idea a mirror")
	k.say("tessv", "#undo")
	k.pass(4 * time.Minute)
	k.say("tessv", "#endmeeting")
}
