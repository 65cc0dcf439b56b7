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
	Votes   []VoteRow
	Agenda  []hackfest.AgendaItem // of the meeting's session: those that became topics, or no longer are
	Actions []hackfest.Action     // that were settled in the meeting, whichever meeting they are of
	Meeting *hackfest.Meeting     // the meeting followed, when its header changed; nil when not; its speaker queue is part of that
	Cursor  hackfest.Ref          // where to go on
	More    bool                  // better to load the page again: there were more lines than Limit, or something is gone from it
}

// Changes reads, in one snapshot, everything that lines after cq.After added
// or changed, so that no row can slip between two answers.
func (s *Store) Changes(ctx context.Context, v person.Viewer, cq ChangeQuery) (Changes, error) {
	var c Changes
	err := s.inSnapshot(ctx, func(tx *Store) error {
		var err error
		var reload hackfest.Ref
		if c.Cursor, reload, err = tx.cursor(ctx, v, cq.ChannelID); err != nil || c.Cursor == cq.After {
			return err
		}
		if !cq.After.IsZero() && reload.Compare(cq.After) > 0 {
			c.More = true // lines it shows are not for v any more, or others came between them
			return nil
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
	if c.Items, err = s.Items(ctx, v, cq.MeetingRef, cq.After); err != nil {
		return err
	}
	if c.Votes, err = s.Votes(ctx, v, cq.MeetingRef, cq.After); err != nil {
		return err
	}
	if c.Agenda, err = s.agendaChanges(ctx, v, cq.MeetingRef, cq.After); err != nil {
		return err
	}
	c.Actions, err = s.actionsSettled(ctx, v, cq.MeetingRef, cq.After)
	return err
}

// cursor is the last line of a channel that was stored, or what was changed
// behind it without a line, and the one since which
// a page has to be loaded again.
func (s *Store) cursor(ctx context.Context, v person.Viewer, channel hackfest.ChannelID) (last, reload hackfest.Ref, err error) {
	const q = `
		select greatest(c.applied_ref, c.touched_ref) as last, c.reload_ref as reload
		from channels c
		where c.id = @channel and (@members or c.visibility = 'public')`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": channel, "members": v.SeesMembersOnly()})
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct{ Last, Reload hackfest.Ref }])
	return c.Last, c.Reload, classify(err, "channel")
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
