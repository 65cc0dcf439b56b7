package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// placed is a meeting that is to be put elsewhere, with its channel locked so
// that nothing is stored in it meanwhile.
type placed struct {
	Network, Channel string
	ChannelID        hackfest.ChannelID
	ChannelHidden    bool
	SessionID        hackfest.SessionID
	Title            string
	StartedAt        time.Time
	EndedAt          *time.Time
	Standing         int  // items that were not taken back
	Written          bool // people wrote about it, published or not
}

func (s *Store) placedMeeting(ctx context.Context, ref hackfest.Ref) (placed, error) {
	const q = `
		select w.name as network, c.name as channel, c.id as channel_id, c.visibility = 'members' as channel_hidden,
			m.session_id, m.title, m.started_at, m.ended_at,
			(select count(*) from items i where i.meeting_ref = m.ref and not i.undone) as standing,
			exists (select 1 from minutes_revisions u where u.meeting_ref = m.ref)
				or exists (select 1 from minutes_drafts d where d.meeting_ref = m.ref) as written
		from meetings m
		join channels c on c.id = m.channel_id
		join networks w on w.id = c.network_id
		where m.ref = @ref
		for no key update of c`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(ref)})
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[placed])
	return p, classify(err, "meeting")
}

// spotUID is the UID of the session that is made for a meeting nobody planned.
func spotUID(ref hackfest.Ref) string { return ref.String() + "@hackfest" }

// RelinkMeeting gives a meeting, running or over, to another session of its
// channel; with the empty slug to one of its own, as if nobody had planned it. A
// session that was made for this meeting and is left without one is cancelled
// with a word about it, and comes back with the meeting. What was for members
// stays so, and a meeting given to a session for members becomes one. It is
// fault.NotFound without such a meeting or session, and fault.Invalid, with Field
// "session", for a session of another channel or a cancelled one.
func (s *Store) RelinkMeeting(ctx context.Context, ref hackfest.Ref, slug string, now time.Time) error {
	const q = `
		update meetings m
		set session_id = s.id, visibility = case when s.visibility = 'members' then 'members' else m.visibility end
		from sessions s
		where m.ref = @ref and s.id = @session`
	return s.InTx(ctx, func(tx *Store) error {
		p, err := tx.placedMeeting(ctx, ref)
		if err != nil {
			return err
		}
		to, err := tx.sessionFor(ctx, ref, p, slug, now)
		if err != nil || to.ID == p.SessionID {
			return err
		}
		if _, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"ref": ref, "session": to.ID}); err != nil {
			return classify(err, "meeting")
		}
		if to.Visibility == person.MembersOnly {
			if err := tx.hideMeeting(ctx, ref); err != nil {
				return err
			}
		}
		if err := tx.moveLessons(ctx, ref, to.ID); err != nil {
			return err
		}
		if err := tx.recount(ctx, p.SessionID, to.ID); err != nil {
			return err
		}
		if err := tx.cancelSpot(ctx, p.SessionID, ref, "Its meeting belongs to another session now."); err != nil {
			return err
		}
		if p.EndedAt != nil {
			if next, err := tx.nextOfSeries(ctx, to.ID, now); err != nil {
				return err
			} else if next != 0 {
				if err := tx.prepareAgenda(ctx, next, now); err != nil {
					return err
				}
			}
		}
		return tx.moved(ctx, p.ChannelID)
	})
}

// sessionFor finds the session with this slug for a meeting, or the meeting's
// own when the slug is empty, making it if need be.
func (s *Store) sessionFor(ctx context.Context, ref hackfest.Ref, p placed, slug string, now time.Time) (sessionOfMeeting, error) {
	const q = `
		update sessions
		set state = case when uid = @own then 'scheduled' else state end, reason = case when uid = @own then '' else reason end
		where case when @slug = '' then uid = @own else slug = @slug end
		returning id, visibility, channel_id, state`
	type found struct {
		sessionOfMeeting
		ChannelID hackfest.ChannelID
		State     hackfest.SessionState
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"own": spotUID(ref), "slug": slug})
	x, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[found])
	switch err = classify(err, "session"); {
	case slug == "" && fault.KindOf(err) == fault.NotFound:
		r := &recorder{tx: s, now: now, ID: p.ChannelID, Name: p.Channel, Visibility: person.Public}
		if p.ChannelHidden {
			r.Visibility = person.MembersOnly
		}
		id, err := r.makeSession(ctx, meeting.Header{Ref: ref, Title: p.Title, StartedAt: p.StartedAt})
		return sessionOfMeeting{ID: id, Visibility: r.Visibility}, err
	case err != nil:
		return sessionOfMeeting{}, err
	case x.ChannelID != p.ChannelID:
		return sessionOfMeeting{}, &fault.Error{Kind: fault.Invalid, Field: "session", Message: "That session is in another channel."}
	case x.State == hackfest.StateCancelled:
		return sessionOfMeeting{}, &fault.Error{Kind: fault.Invalid, Field: "session", Message: "That session was cancelled."}
	}
	return x.sessionOfMeeting, nil
}

// moveLessons gives the lessons of a meeting to the session that it belongs to.
func (s *Store) moveLessons(ctx context.Context, ref hackfest.Ref, id hackfest.SessionID) error {
	const q = `update lessons set session_id = @session where meeting_ref = @ref`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"ref": uuid(ref), "session": id})
	return classify(err, "lesson")
}

// recount counts the meetings of sessions anew.
func (s *Store) recount(ctx context.Context, ids ...hackfest.SessionID) error {
	const q = `
		update sessions s
		set held = x.held, running = x.running, published = x.published
		from (
			select t.id, count(m.ref) as held, count(m.ref) filter (where m.ended_at is null) as running,
				coalesce(bool_or(exists (select 1 from minutes_revisions u where u.meeting_ref = m.ref)), false) as published
			from sessions t left join meetings m on m.session_id = t.id
			where t.id = any(@ids)
			group by t.id) x
		where s.id = x.id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"ids": ids})
	return classify(err, "session")
}

// cancelSpot cancels the session that was made for a meeting when that has left
// it alone.
func (s *Store) cancelSpot(ctx context.Context, id hackfest.SessionID, ref hackfest.Ref, reason string) error {
	const q = `update sessions set state = 'cancelled', reason = @reason where id = @id and uid = @own and held = 0`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "own": spotUID(ref), "reason": reason})
	return classify(err, "session")
}

// moved tells everybody that a meeting of a channel came or went.
func (s *Store) moved(ctx context.Context, channel hackfest.ChannelID) error {
	if err := s.notify(ctx, topicSessions); err != nil {
		return err
	}
	return s.notify(ctx, ChannelTopic(channel))
}

// soonOver is how short a meeting must be to be discarded.
const soonOver = time.Minute

// DiscardMeeting forgets a meeting that was none: it is over, took less than a
// minute and nothing stands in its minutes. Its lines stay in the log, and
// RestoreMeeting brings it back. Any other meeting is fault.Conflict.
func (s *Store) DiscardMeeting(ctx context.Context, ref hackfest.Ref) error {
	const q = `delete from meetings where ref = @ref`
	return s.InTx(ctx, func(tx *Store) error {
		p, err := tx.placedMeeting(ctx, ref)
		switch {
		case err != nil:
			return err
		case p.EndedAt == nil:
			return fault.New(fault.Conflict, "This meeting runs. End it first.")
		case p.EndedAt.Sub(p.StartedAt) >= soonOver:
			return fault.New(fault.Conflict, "This meeting took a minute or more, so it cannot be discarded.")
		case p.Standing > 0 || p.Written:
			return fault.New(fault.Conflict, "Something stands in the minutes of this meeting, so it cannot be discarded.")
		}
		if _, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"ref": ref}); err != nil {
			return classify(err, "meeting")
		}
		if err := tx.recount(ctx, p.SessionID); err != nil {
			return err
		}
		if err := tx.cancelSpot(ctx, p.SessionID, ref, "Its meeting was discarded."); err != nil {
			return err
		}
		return tx.moved(ctx, p.ChannelID)
	})
}

// RestoreMeeting brings a discarded meeting back, worked out from its lines, in
// the session it had. That it is there is no error; while another meeting runs in
// the channel it is fault.Conflict, and without such a line fault.NotFound.
func (s *Store) RestoreMeeting(ctx context.Context, ref hackfest.Ref, now time.Time) error {
	const q = `
		select w.name as network, c.folded as channel, c.id as channel_id, c.applied_ref as applied, s.slug,
			exists (select 1 from meetings m where m.ref = l.ref) as there
		from lines l
		join channels c on c.id = l.channel_id
		join networks w on w.id = c.network_id
		left join sessions s on s.uid = @own
		where l.ref = @ref and l.kind in ('message', 'web')`
	return s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(ref), "own": spotUID(ref)})
		f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
			Network, Channel string
			ChannelID        hackfest.ChannelID
			Applied          hackfest.Ref
			Slug             *string
			There            bool
		}])
		if err != nil || f.There {
			return classify(err, "meeting")
		}
		r, err := tx.recorder(ctx, f.Network, f.Channel, irctext.ASCII, now) // folded already
		if err != nil {
			return err
		}
		if !r.Running.IsZero() {
			return fault.New(fault.Conflict, "Another meeting runs in this channel. Try again when it is over.")
		}
		last := hackfest.RefAt(ref.Time().Add(2 * soonOver))    // it took less
		if !f.Applied.IsZero() && f.Applied.Compare(last) < 0 { // zero where the bot never was
			last = f.Applied
		}
		if f.Slug != nil { // else it is found by the time, as it was
			if _, err := tx.sessionFor(ctx, ref, placed{ChannelID: f.ChannelID}, "", now); err != nil {
				return err
			}
		}
		if err := tx.refold(ctx, r, ref, last); err != nil {
			return err
		}
		return tx.moved(ctx, r.ID)
	})
}

// refold stores again what the lines of meeting ref made, up to its end.
func (s *Store) refold(ctx context.Context, r *recorder, ref, last hackfest.Ref) error {
	lines, err := s.meetingLines(ctx, r.ID, ref, last)
	if err != nil {
		return err
	}
	var st meeting.State
	for _, l := range lines {
		var effects []meeting.Effect
		st, effects = meeting.Apply(st, l)
		for _, e := range effects {
			if err := r.effect(ctx, l, e); err != nil {
				return err
			}
		}
		if st.Header.Ref == ref && !st.Running() {
			return nil
		}
	}
	return fault.New(fault.NotFound, "There is no such meeting.")
}
