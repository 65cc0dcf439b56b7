package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Rebuild works out the minutes of a meeting from its stored lines alone,
// whatever draft or revision there is. It gives the draft of the meeting's end,
// byte for byte, until redacted words are wiped from the lines. Without such a
// meeting it is fault.NotFound.
func (s *Store) Rebuild(ctx context.Context, v person.Viewer, ref hackfest.Ref) (minutes.Minutes, error) {
	const q = `
		select m.channel_id, coalesce(m.last_ref, c.applied_ref) as last
		from meetings m
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where m.ref = @ref
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))`
	var m minutes.Minutes
	err := s.inSnapshot(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(ref), "members": v.SeesMembersOnly()})
		f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
			ChannelID hackfest.ChannelID
			Last      hackfest.Ref
		}])
		if err != nil {
			return classify(err, "meeting")
		}
		m, err = tx.replayed(ctx, f.ChannelID, ref, f.Last)
		return err
	})
	return m, err
}

// replayed works out minutes from the lines of a meeting up to last, without what
// was taken out of them.
func (s *Store) replayed(ctx context.Context, channel hackfest.ChannelID, ref, last hackfest.Ref) (minutes.Minutes, error) {
	lines, err := s.meetingLines(ctx, channel, ref, last)
	if err != nil {
		return minutes.Minutes{}, err
	}
	m := minutes.FromState(meeting.Replay(lines))
	if err := s.hideInReplayed(ctx, channel, &m); err != nil {
		return m, err
	}
	return m, s.leaveOut(ctx, &m)
}

// withTallies puts behind the #startmeeting line first what the secret votes of
// that meeting added up to, when it is over: their ballots are empty by then.
func (s *Store) withTallies(ctx context.Context, first hackfest.Ref, lines []hackfest.Line) ([]hackfest.Line, error) {
	const q = `
		select b.ref, b.n, b.options
		from votes b join meetings m on m.ref = b.meeting_ref
		where b.meeting_ref = @meeting and b.secret and not b.open and m.ended_at is not null
		order by b.ref, b.n`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"meeting": uuid(first)})
	tallies, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (meeting.Tally, error) {
		var t meeting.Tally
		var options []voteOption
		err := row.Scan(&t.Vote.Ref, &t.Vote.N, &options)
		for _, o := range options {
			t.Counts = append(t.Counts, o.Count)
		}
		return t, err
	})
	if err != nil || len(tallies) == 0 {
		return lines, classify(err, "vote")
	}
	text, err := json.Marshal(meeting.Context{Tallies: tallies})
	if err != nil {
		return lines, fmt.Errorf("tallies of %s: %w", first, err)
	}
	for i, l := range lines {
		if l.Ref == first {
			told := hackfest.Line{
				Ref: l.Ref, Network: l.Network, Channel: l.Channel, At: l.At, ReceivedAt: l.ReceivedAt,
				Kind: hackfest.Context, Text: string(text),
			}
			return append(append(append([]hackfest.Line{}, lines[:i+1]...), told), lines[i+1:]...), nil
		}
	}
	return lines, nil
}
