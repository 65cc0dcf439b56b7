package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Minutes returns the minutes of the meeting whose #startmeeting line is ref:
// the last published revision; else, when it is over, the draft of its end;
// else, worked out from its stored lines, what was noted so far. Without such a
// meeting it is fault.NotFound.
func (s *Store) Minutes(ctx context.Context, v person.Viewer, ref hackfest.Ref) (minutes.Minutes, error) {
	const q = `
		select coalesce(
				(select u.minutes from minutes_revisions u where u.meeting_ref = m.ref order by u.number desc limit 1),
				case when m.ended_at is not null then m.draft end) as kept,
			m.channel_id, coalesce(m.last_ref, c.applied_ref) as last
		from meetings m
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where m.ref = @ref
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))`
	type found struct {
		Kept      []byte
		ChannelID hackfest.ChannelID
		Last      hackfest.Ref
	}
	var m minutes.Minutes
	err := s.inSnapshot(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"ref": ref, "members": v.SeesMembersOnly()})
		f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[found])
		if err != nil {
			return classify(err, "meeting")
		}
		if f.Kept != nil {
			if err := json.Unmarshal(f.Kept, &m); err != nil {
				return fmt.Errorf("minutes of %s: %w", ref, err)
			}
			return tx.leaveOut(ctx, &m)
		}
		m, err = tx.replayed(ctx, f.ChannelID, ref, f.Last)
		return err
	})
	return m, err
}

// itemOwners are the owners of actions, one element per action in each list.
type itemOwners struct {
	refs   [][16]byte
	ns     []int
	owners []string // a JSON list of nicks each
}

// draftOf returns the minutes of a meeting as they stand, and who owns its
// actions.
func draftOf(st meeting.State) (json.RawMessage, itemOwners, error) {
	var o itemOwners
	m := minutes.FromState(st)
	draft, err := json.Marshal(m)
	if err != nil {
		return nil, o, fmt.Errorf("draft of %s: %w", st.Header.Ref, err)
	}
	for _, t := range m.Topics {
		for _, i := range t.Items {
			if i.Kind != meeting.Action {
				continue
			}
			nicks, err := json.Marshal(orEmpty(i.Owners))
			if err != nil {
				return nil, o, fmt.Errorf("owners of %s: %w", i.ID, err)
			}
			o.refs, o.ns, o.owners = append(o.refs, i.ID.Ref), append(o.ns, i.ID.N), append(o.owners, string(nicks))
		}
	}
	return draft, o, nil
}

// saveOwners keeps who owns each action.
func (s *Store) saveOwners(ctx context.Context, o itemOwners) error {
	const q = `
		update items i
		set owners = array(select jsonb_array_elements_text(x.owners::jsonb))
		from unnest(@refs::uuid[], @ns::int[], @owners::text[]) x (ref, n, owners)
		where i.ref = x.ref and i.n = x.n and i.redacted_at is null`
	if len(o.refs) == 0 {
		return nil
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"refs": o.refs, "ns": o.ns, "owners": o.owners})
	return classify(err, "item")
}

// PublishMinutes stores m as the next revision of a meeting's published minutes
// and returns its number. The first needs no note; a later one says in note
// what was corrected. A meeting that runs has none yet: fault.Conflict. Minutes
// that leave somebody out are not to be kept: fault.Invalid.
func (s *Store) PublishMinutes(ctx context.Context, ref hackfest.Ref, m minutes.Minutes, summary, note string, now time.Time) (int, error) {
	return s.publish(ctx, ref, revision{Minutes: m, Summary: summary, Note: note}, now)
}

// revision is what is published of a meeting.
type revision struct {
	Minutes minutes.Minutes
	Summary string
	Note    string
	Author  person.ID // 0 is nobody in particular
}

// publish stores r, and brings what else is known of the meeting to what it says:
// its items, actions, lessons and counts.
func (s *Store) publish(ctx context.Context, ref hackfest.Ref, r revision, now time.Time) (int, error) {
	const q = `
		insert into minutes_revisions (meeting_ref, number, minutes, summary, note, author_id, published_at)
		select m.ref,
			1 + coalesce((select max(u.number) from minutes_revisions u where u.meeting_ref = m.ref), 0),
			@minutes, @summary, @note, nullif(@author::bigint, 0), @now
		from meetings m
		where m.ref = @ref and m.ended_at is not null
		returning number`
	if !r.Minutes.NamesAll() {
		return 0, fault.New(fault.Invalid, "These minutes leave somebody out who was there. Publish those that the portal keeps.")
	}
	text, err := json.Marshal(r.Minutes)
	if err != nil {
		return 0, fmt.Errorf("minutes of %s: %w", ref, err)
	}
	var number int
	err = s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{
			"ref": ref, "minutes": json.RawMessage(text), "summary": r.Summary, "note": r.Note, "author": r.Author, "now": now,
		})
		numbers, err := pgx.CollectRows(rows, pgx.RowTo[int])
		if err != nil {
			return classify(err, "revision of the minutes")
		}
		if len(numbers) == 0 {
			return fault.New(fault.Conflict, "This meeting is not over, so its minutes cannot be published.")
		}
		number = numbers[0]
		if err := tx.spread(ctx, ref, r.Minutes, now); err != nil {
			return err
		}
		if err := tx.endDraft(ctx, ref, number, r.Author, now); err != nil {
			return err
		}
		return tx.markPublished(ctx, ref)
	})
	return number, err
}

func (s *Store) markPublished(ctx context.Context, ref hackfest.Ref) error {
	const q = `
		update sessions s
		set published = true
		from meetings m
		where m.ref = @ref and s.id = m.session_id`
	if _, err := s.db.Exec(ctx, q, pgx.NamedArgs{"ref": ref}); err != nil {
		return classify(err, "session")
	}
	return s.notify(ctx, topicSessions)
}
