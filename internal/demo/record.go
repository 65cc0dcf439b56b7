package demo

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/logformat"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// recorded is the log of the first hackfest, as MeetBot would have written it,
// but for the changes of nicks, which MeetBot leaves out.
//
//go:embed openshift-origin.log.txt
var recorded []byte

// record stores the recorded hackfest and what the engine makes of it, and
// returns the lines of the log.
func (s seeder) record(ctx context.Context) ([]hackfest.Line, error) {
	session, err := s.tx.Session(ctx, person.PublicViewer, RecordedSession)
	if err != nil {
		return nil, err
	}
	lines, err := readRecorded(session)
	if err != nil {
		return nil, err
	}
	var (
		state meeting.State
		batch []meeting.Applied
	)
	for _, l := range lines {
		var effects []meeting.Effect
		state, effects = meeting.Apply(state, l)
		batch = append(batch, meeting.Applied{Line: l, Effects: effects})
	}
	return lines, s.tx.Record(ctx, archiveNetwork, archiveChannel, batch, irctext.RFC1459, s.Now)
}

// readRecorded makes lines of the log, with what the engine is to know of the
// session before the meeting starts.
func readRecorded(session hackfest.Session) ([]hackfest.Line, error) {
	log, err := logformat.Read(recorded, logformat.Options{Format: "meetbot", Network: archiveNetwork, Channel: archiveChannel})
	if err != nil {
		return nil, err
	}
	if len(log.Skipped) > 0 {
		return nil, fmt.Errorf("line %d of the log is not understood: %s", log.Skipped[0].Number, log.Skipped[0].Text)
	}
	about, err := json.Marshal(meeting.Context{Sessions: []meeting.ContextSession{{
		Slug: session.Slug, Title: session.Title, StartsAt: session.StartsAt, EndsAt: session.EndsAt,
	}}})
	if err != nil {
		return nil, err
	}
	var lines []hackfest.Line
	for _, l := range log.Lines {
		if nick, ok := strings.CutPrefix(l.Text, "is now known as "); ok && l.Kind == hackfest.Act {
			l.Kind, l.Target, l.Text = hackfest.Nick, nick, ""
		}
		if strings.HasPrefix(l.Text, "#startmeeting") {
			before := lines[len(lines)-1]
			before.Ref[8]++ // there is room behind each line of a foreign log
			before.Kind, before.Nick, before.Text, before.At, before.ReceivedAt = hackfest.Context, "", string(about), l.At, l.ReceivedAt
			lines = append(lines, before)
		}
		lines = append(lines, l)
	}
	return lines, nil
}
