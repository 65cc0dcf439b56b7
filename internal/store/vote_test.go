package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/migrations"
)

// backfill are the statements of a migration that fill what it made.
func backfill(t *testing.T, name string) string {
	t.Helper()
	text, err := migrations.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, fill, ok := strings.Cut(string(text), "\ninsert into")
	if !ok {
		t.Fatal("the migration fills nothing")
	}
	return "insert into" + fill
}

// votes are the votes of a meeting at a glance.
func (w world) votes(v person.Viewer, ref, after hackfest.Ref) string {
	w.t.Helper()
	list, err := w.Votes(w.t.Context(), v, ref, after)
	w.must(err)
	var b strings.Builder
	for _, x := range list {
		fmt.Fprintf(&b, "%s %q open=%t secret=%t %d cast, quorum %d:", x.Question, x.Result, x.Open, x.Secret, x.Cast, x.Quorum)
		for _, o := range x.Options {
			fmt.Fprintf(&b, " %s %d %v", o.Option, o.Count, o.Voters)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestVotesAreStored(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).say("ann", "#startmeeting Votes").say("bob", "hello").say("ann", "#quorum 2").
		say("ann", "#startvote Ship it? yes, not yet").say("ann", "#vote yes").say("bob", "#vote not yet")
	batch := apply(meeting.State{}, g.lines)
	w.must(w.Record(ctx, network, channel, batch, mapping, g.at))
	ref := g.lines[0].Ref
	want := "Ship it? \"\" open=true secret=false 2 cast, quorum 2: yes 1 [ann] not yet 1 [bob]\n"
	if got := w.votes(person.PublicViewer, ref, hackfest.Ref{}); got != want {
		t.Errorf("got %swant %s", got, want)
	}
	g.say("bob", "#vote yes").say("bob", "q+ to say why").say("ann", "#endvote")
	batch = apply(meeting.State{}, g.lines)
	w.must(w.Record(ctx, network, channel, batch, mapping, g.at))
	want = "Ship it? \"yes\" open=false secret=false 2 cast, quorum 2: yes 2 [ann bob] not yet 0 []\n"
	if got := w.votes(person.PublicViewer, ref, g.lines[5].Ref); got != want {
		t.Errorf("got %swant %s", got, want)
	}
	if got := w.votes(person.PublicViewer, ref, g.lines[8].Ref); got != "" {
		t.Errorf("after the last line: %s", got)
	}
	c, err := w.Changes(ctx, person.PublicViewer, store.ChangeQuery{ChannelID: w.channelID("eucalyptus-devel"), MeetingRef: ref, After: g.lines[6].Ref})
	w.must(err)
	if len(c.Votes) != 1 || c.Meeting == nil || len(c.Meeting.Queue) != 1 || !strings.Contains(c.Meeting.Queue[0], "bob") {
		t.Errorf("changes: %+v, meeting %+v", c.Votes, c.Meeting)
	}
	w.exec("update meetings set visibility = 'members'")
	if got := w.votes(person.PublicViewer, ref, hackfest.Ref{}); got != "" {
		t.Errorf("the public reads %s", got)
	}
}

// Who voted for what in secret is gone when the meeting is over; what it added up
// to stays, and a replay still finds it, whatever was tried while votes were in.
func TestSecretVoteStaysSecret(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).add(hackfest.Context, "", `{"bot":"hackbot","settings":{}}`).
		say("ann", "#startmeeting Votes").say("bob", "hello").say("cat", "hello").
		say("ann", "#secretvote").say("ann", "#quorum 2").say("ann", "#startvote Who chairs? xavier, yolanda").
		add(hackfest.Private, "bob", "#vote xavier").
		add(hackfest.Private, "cat", "#vote nobody at all").
		add(hackfest.Private, "cat", "#vote yolanda").
		say("ann", "#undo"). // refused: somebody has voted
		add(hackfest.Private, "bob", "#vote yolanda").
		add(hackfest.Private, "dan", "#vote yolanda").
		say("ann", "#endvote").
		say("ann", "#startvote Again?").say("bob", "+1").
		say("ann", "#endmeeting").say("ann", "bye")
	var drafts []string
	for cut := 8; cut <= len(g.lines); cut++ { // restarted after each line
		rs, err := w.Resume(ctx, network)
		w.must(err)
		st := meeting.State{}
		for _, r := range rs {
			if r.Channel == channel {
				st = meeting.Replay(r.Lines)
			}
		}
		from := 0
		if cut > 8 {
			from = cut - 1
		}
		w.must(w.Record(ctx, network, channel, apply(st, g.lines[from:cut]), mapping, g.at))
		if m, err := w.Rebuild(ctx, member, g.lines[1].Ref); err == nil {
			drafts = append(drafts, asJSON(m))
		}
	}
	ref := g.lines[1].Ref
	kept, err := w.Minutes(ctx, person.PublicViewer, ref)
	w.must(err)
	whole := asJSON(kept)
	if last := drafts[len(drafts)-1]; last != whole {
		t.Errorf("rebuilt\n%s\nwas\n%s", last, whole)
	}
	want := "Who chairs? \"yolanda\" open=false secret=true 3 cast, quorum 2: xavier 0 [] yolanda 3 []\n"
	if got := w.votes(person.PublicViewer, ref, hackfest.Ref{}); !strings.HasPrefix(got, want) {
		t.Errorf("got %swant %s", got, want)
	}
	if n := w.number("select count(*) from lines where kind = 'private' and text = '' and raw is null"); n != 5 {
		t.Errorf("%d of 5 ballots are empty", n)
	}
	if n := w.number("select count(*) from lines where text like '%#vote%'"); n != 0 {
		t.Errorf("%d ballots can be read", n)
	}
	if n := w.number("select count(*) from set_aside"); n != 0 {
		t.Errorf("%d set aside", n)
	}
	if strings.Contains(whole, "xavier 1") {
		t.Error(whole)
	}
	lines, err := w.Lines(ctx, member, store.LineQuery{ChannelID: w.channelID("eucalyptus-devel")})
	w.must(err)
	for _, l := range lines {
		if l.Kind == hackfest.Private {
			t.Errorf("shown: %+v", l)
		}
	}
}
