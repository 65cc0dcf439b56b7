package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// ChangeQuery says what somebody follows and how much of it is known.
type ChangeQuery struct {
	ChannelID  hackfest.ChannelID
	MeetingRef hackfest.Ref // the meeting that is followed; zero for the channel alone
	After      hackfest.Ref // Changes.Cursor of the last answer; zero for all
	Limit      int          // at most that many lines; 0 is 100
}

// Changes is what is new for somebody who follows a channel: rows that were
// added and rows that replace those with the same id.
type Changes struct {
	Lines   []hackfest.LogLine // in order of their refs
	Topics  []TopicRow
	Items   []ItemRow
	Meeting *hackfest.Meeting // the meeting followed, when its header changed; nil when not
	Cursor  hackfest.Ref      // where to go on
	More    bool              // there were more lines than Limit: better to load the page again
}

// Changes reads, in one snapshot, everything that lines after cq.After added
// or changed, so that no row can slip between two answers.
func (s *Store) Changes(ctx context.Context, v person.Viewer, cq ChangeQuery) (Changes, error) {
	var c Changes
	err := s.inSnapshot(ctx, func(tx *Store) error {
		var err error
		if c.Cursor, err = tx.cursor(ctx, v, cq.ChannelID); err != nil || c.Cursor == cq.After {
			return err
		}
		n := limit(cq.Limit)
		if c.Lines, err = tx.Lines(ctx, v, LineQuery{ChannelID: cq.ChannelID, ChangedAfter: orLowest(cq.After), Limit: n + 1}); err != nil {
			return err
		}
		if c.More = len(c.Lines) > n; c.More {
			c.Lines = c.Lines[:n]
		}
		slices.SortFunc(c.Lines, func(a, b hackfest.LogLine) int { return a.Ref.Compare(b.Ref) })
		if cq.MeetingRef.IsZero() {
			return nil
		}
		return tx.meetingChanges(ctx, v, cq, &c)
	})
	return c, err
}

// orLowest is the cursor of somebody who has seen nothing.
func orLowest(r hackfest.Ref) hackfest.Ref {
	if r.IsZero() {
		return hackfest.Ref{15: 1}
	}
	return r
}

func (s *Store) meetingChanges(ctx context.Context, v person.Viewer, cq ChangeQuery, c *Changes) error {
	m, err := s.Meeting(ctx, v, cq.MeetingRef)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if m.ChangedRef.Compare(cq.After) > 0 {
		c.Meeting = &m
	}
	if c.Topics, err = s.Topics(ctx, v, cq.MeetingRef, cq.After); err != nil {
		return err
	}
	c.Items, err = s.Items(ctx, v, cq.MeetingRef, cq.After)
	return err
}

// cursor is the last line of a channel that was stored.
func (s *Store) cursor(ctx context.Context, v person.Viewer, channel hackfest.ChannelID) (hackfest.Ref, error) {
	const q = `select c.applied_ref from channels c where c.id = @channel and (@members or c.visibility = 'public')`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": channel, "members": v.SeesMembersOnly()})
	ref, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.Ref])
	return ref, classify(err, "channel")
}

// inSnapshot runs fn so that all it reads is of one moment. Inside a
// transaction it is that transaction's.
func (s *Store) inSnapshot(ctx context.Context, fn func(tx *Store) error) error {
	if s.pool == nil {
		return fn(s)
	}
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, s.pool, snapshot, func(tx pgx.Tx) error { return fn(&Store{db: tx}) })
	return classify(err, "change")
}
