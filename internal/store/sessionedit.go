package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/schedule"
)

// The methods below change one session: all that hangs on it, or nothing. Each
// takes the revision that its form was made of, and is fault.Conflict when
// somebody has changed the session since (0 does not ask); by is who does it, 0
// the portal. What is over or runs, and what comes from a foreign calendar, is
// fault.Conflict as well. Each returns the session as it is then. Time, place and
// status are told to calendars by a higher SEQUENCE (RFC 5545 section 3.8.7.4).

// EditSession changes what a session is about.
func (s *Store) EditSession(ctx context.Context, slug string, e hackfest.SessionEdit, revision int, by person.ID, now time.Time) (hackfest.Session, error) {
	return s.changeSession(ctx, slug, revision, by, now, func(_ *Store, x *hackfest.Session) error {
		if e.Title == "" {
			return fault.On("title", "A session needs a title.")
		}
		x.Title, x.Goal, x.TargetSlug = e.Title, e.Goal, e.TargetSlug
		return nil
	})
}

// MoveSession gives a session another time or channel. A channel that is taken
// is fault.Conflict unless m.OverlapOK is set.
func (s *Store) MoveSession(ctx context.Context, slug string, m hackfest.SessionMove, revision int, by person.ID, now time.Time) (hackfest.Session, error) {
	return s.changeSession(ctx, slug, revision, by, now, func(tx *Store, x *hackfest.Session) error {
		if x.State == hackfest.StateCancelled {
			return fault.New(fault.Conflict, "This session is cancelled. Reinstate it first.")
		}
		if err := checkTimes(m.StartsAt, m.EndsAt, now); err != nil {
			return err
		}
		if !m.StartsAt.Equal(x.StartsAt) {
			x.MovedFrom = x.StartsAt
		}
		x.StartsAt, x.EndsAt, x.Reason, x.OverlapOK = m.StartsAt.UTC(), m.EndsAt.UTC(), m.Reason, m.OverlapOK
		if m.Channel != "" {
			x.Network, x.Channel = m.Network, m.Channel
		}
		if err := tx.takePlace(ctx, x, now); err != nil {
			return err
		}
		return tx.noteMoved(ctx, x)
	})
}

// CancelSession cancels a session, for a reason that people are told.
func (s *Store) CancelSession(ctx context.Context, slug, reason string, revision int, by person.ID, now time.Time) (hackfest.Session, error) {
	return s.changeSession(ctx, slug, revision, by, now, func(_ *Store, x *hackfest.Session) error {
		switch {
		case x.State == hackfest.StateCancelled:
			return fault.New(fault.Conflict, "This session is cancelled already.")
		case reason == "":
			return fault.On("reason", "Say why: people who wanted to come will read it.")
		}
		x.State, x.Reason = hackfest.StateCancelled, reason
		return nil
	})
}

// ReinstateSession takes a cancellation back. A channel that is taken meanwhile
// is fault.Conflict unless overlapOK is set.
func (s *Store) ReinstateSession(ctx context.Context, slug string, overlapOK bool, revision int, by person.ID, now time.Time) (hackfest.Session, error) {
	return s.changeSession(ctx, slug, revision, by, now, func(tx *Store, x *hackfest.Session) error {
		if x.State != hackfest.StateCancelled {
			return fault.New(fault.Conflict, "This session is not cancelled.")
		}
		x.State, x.Reason, x.ReplacedBy, x.OverlapOK = hackfest.StateScheduled, "", "", overlapOK
		return tx.takePlace(ctx, x, now)
	})
}

// ReplaceSession cancels a session because a joint meeting is held instead, which
// its page leads to. v has to see that meeting.
func (s *Store) ReplaceSession(ctx context.Context, v person.Viewer, slug, joint, reason string, revision int, by person.ID, now time.Time) (hackfest.Session, error) {
	return s.changeSession(ctx, slug, revision, by, now, func(tx *Store, x *hackfest.Session) error {
		other, err := tx.Session(ctx, v, joint)
		switch {
		case fault.KindOf(err) == fault.NotFound || joint == slug:
			return fault.On("joint", "There is no other session %s.", joint)
		case err != nil:
			return err
		case other.State != hackfest.StateScheduled || !other.EndsAt.After(now):
			return fault.On("joint", "%s is not going to take place.", other.Title)
		case x.State == hackfest.StateCancelled:
			return fault.New(fault.Conflict, "This session is cancelled already.")
		}
		if reason == "" {
			reason = "Held together with " + other.Title + "."
		}
		x.State, x.Reason, x.ReplacedBy = hackfest.StateCancelled, reason, joint
		return nil
	})
}

// ScheduleProposal makes a proposal a session, with somebody who chairs it. A
// channel that is taken is fault.Conflict unless overlapOK is set.
func (s *Store) ScheduleProposal(ctx context.Context, slug string, chair person.ID, overlapOK bool, revision int, by person.ID, now time.Time) (hackfest.Session, error) {
	return s.changeSession(ctx, slug, revision, by, now, func(tx *Store, x *hackfest.Session) error {
		if x.State != hackfest.StateProposed {
			return fault.New(fault.Conflict, "This session is no proposal any more.")
		}
		if err := checkTimes(x.StartsAt, x.EndsAt, now); err != nil {
			return err
		}
		x.State, x.OverlapOK = hackfest.StateScheduled, overlapOK
		if err := tx.takePlace(ctx, x, now); err != nil {
			return err
		}
		return tx.AddSessionChair(ctx, chair, slug, now)
	})
}

// checkTimes refuses times that nobody can plan.
func checkTimes(from, to, now time.Time) error {
	switch {
	case !from.After(now):
		return fault.On("starts_at", "That time is over. A session is planned ahead.")
	case to.Sub(from) < time.Minute || to.Sub(from) > schedule.MaxLength:
		return fault.On("ends_at", "A session lasts between a minute and seven days.")
	}
	return nil
}

// takePlace finds the channel of x and refuses one that is taken, unless x may
// overlap.
func (s *Store) takePlace(ctx context.Context, x *hackfest.Session, now time.Time) (err error) {
	x.ConflictAt = time.Time{}
	if x.ChannelID, err = s.channelID(ctx, x.Network, x.Channel); err != nil || x.OverlapOK || x.State != hackfest.StateScheduled {
		return err
	}
	want := hackfest.Wanted{SessionSlug: x.Slug, Network: x.Network, Channel: x.Channel, StartsAt: x.StartsAt, EndsAt: x.EndsAt}
	want.Zone = x.Zone
	return s.refuseTaken(ctx, want, now)
}

// noteMoved notes whether x is elsewhere than its series would have it.
func (s *Store) noteMoved(ctx context.Context, x *hackfest.Session) error {
	const q = `
		select r.channel_id, q.zone, q.length
		from series_rules q join series r on r.id = q.series_id
		where q.id = @rule`
	if x.RuleID == 0 {
		x.Moved = true
		return nil
	}
	var channel hackfest.ChannelID
	var zone string
	var length time.Duration
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"rule": x.RuleID})
	_, err := pgx.ForEachRow(rows, []any{&channel, &zone, &length}, func() error { return nil })
	if err != nil {
		return classify(err, "series")
	}
	z, err := schedule.Zone(zone)
	if err != nil {
		return err
	}
	usual := schedule.Instant(x.Occurrence, z)
	x.Moved = channel != x.ChannelID || !usual.Equal(x.StartsAt) || x.EndsAt.Sub(x.StartsAt) != length
	return nil
}

// changeSession locks a session, has fn change a copy of it, and stores that.
func (s *Store) changeSession(ctx context.Context, slug string, revision int, by person.ID, now time.Time,
	fn func(tx *Store, x *hackfest.Session) error,
) (hackfest.Session, error) {
	var x hackfest.Session
	err := s.InTx(ctx, func(tx *Store) error {
		was, err := tx.lockSession(ctx, slug)
		if err != nil {
			return err
		}
		if err := tx.refuseFrozen(ctx, was, revision, now); err != nil {
			return err
		}
		x = was
		if err := fn(tx, &x); err != nil {
			return err
		}
		if err := tx.saveSession(ctx, was, x, by, now); err != nil {
			return err
		}
		if x, err = tx.lockSession(ctx, slug); err != nil {
			return err
		}
		return tx.notify(ctx, topicSessions)
	})
	return x, err
}

// lockSession returns a session, which stays as it is until the end of the
// transaction.
func (s *Store) lockSession(ctx context.Context, slug string) (hackfest.Session, error) {
	const q = selectSessions + `
		where (@members or (s.visibility = 'public' and c.visibility = 'public')) and s.slug = @slug
		for update of s`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "members": true})
	x, err := pgx.CollectExactlyOneRow(rows, scanSession)
	return x, classify(err, "session")
}

// refuseFrozen says why x cannot be changed, if it cannot.
func (s *Store) refuseFrozen(ctx context.Context, x hackfest.Session, revision int, now time.Time) error {
	const q = `select r.imported_from from series r where r.slug = @slug and r.imported_from <> ''`
	switch {
	case revision != 0 && revision != x.Revision:
		return fault.New(fault.Conflict, "Somebody else changed this session meanwhile. Look at it again, then change it.")
	case x.Running > 0:
		return fault.New(fault.Conflict, "A meeting of this session runs. It can be changed when that is over, but not moved or cancelled any more.")
	case x.Held > 0 || !x.EndsAt.After(now):
		return fault.New(fault.Conflict, "This session is over. What has been stays as it was.")
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": x.SeriesSlug})
	from, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil && len(from) > 0 {
		return fault.New(fault.Conflict, "This session comes from a foreign calendar (%s). It can only be changed there.", from[0])
	}
	return classify(err, "series")
}

// saveSession stores what became of a session.
func (s *Store) saveSession(ctx context.Context, was, x hackfest.Session, by person.ID, now time.Time) error {
	const q = `
		update sessions s
		set title = @title, goal = @goal, target_id = (select t.id from targets t where t.slug = @target), state = @state,
			channel_id = @channel, starts_at = @starts, ends_at = @ends, reason = @reason, moved_from = @from, moved = @moved,
			replaced_by = (select b.id from sessions b where b.slug = @joint), overlap_ok = @overlap_ok, conflict_at = @conflict,
			overridden = s.rule_id is not null, revision = s.revision + 1, changed_at = @now, changed_by = nullif(@by::bigint, 0),
			sequence = case when @bump
				then greatest(s.sequence, coalesce((select q.sequence from series_rules q where q.id = s.rule_id), 0)) + 1
				else s.sequence end
		where s.id = @id`
	if x.TargetSlug != "" && x.TargetSlug != was.TargetSlug {
		if _, err := s.Target(ctx, x.TargetSlug); err != nil {
			return err
		}
	}
	bump := !x.StartsAt.Equal(was.StartsAt) || !x.EndsAt.Equal(was.EndsAt) || x.ChannelID != was.ChannelID || x.State != was.State
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"id": x.ID, "title": clean(x.Title), "goal": clean(x.Goal), "target": x.TargetSlug, "state": x.State, "channel": x.ChannelID,
		"starts": x.StartsAt, "ends": x.EndsAt, "reason": clean(x.Reason), "from": orNull(x.MovedFrom), "moved": x.Moved,
		"joint": x.ReplacedBy, "overlap_ok": x.OverlapOK, "conflict": orNull(x.ConflictAt), "now": now, "by": by, "bump": bump,
	})
	return classify(err, "session")
}
