package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
)

// VoteRow is a stored vote.
type VoteRow struct {
	meeting.Vote
	ChangedRef hackfest.Ref // the line that last changed it
}

// voteOption is meeting.VoteOption as the column options keeps it.
type voteOption struct {
	Option string   `json:"option"`
	Count  int      `json:"count"`
	Voters []string `json:"voters,omitempty"`
}

// Votes returns the votes of a meeting in order, undone ones included, that were
// opened or changed by a line after changedAfter; the zero ref gives all. Of a
// secret vote nobody learns who voted for what. Without such a meeting there
// are none.
func (s *Store) Votes(ctx context.Context, v person.Viewer, meetingRef, changedAfter hackfest.Ref) ([]VoteRow, error) {
	const q = `
		select b.ref, b.n, b.changed_ref, b.item_ref, b.item_n, b.at, b.question, b.options, b.secret, b.open, b.undone, b.result,
			b.voters, b.quorum, b.ballots
		from votes b
		join meetings m on m.ref = b.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where b.meeting_ref = @meeting and b.changed_ref > @after
		  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		order by b.ref, b.n`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"meeting": uuid(meetingRef), "after": uuid(changedAfter), "members": v.SeesMembersOnly(),
	})
	list, err := pgx.CollectRows(rows, scanVote)
	return list, classify(err, "vote")
}

func scanVote(row pgx.CollectableRow) (VoteRow, error) {
	var r VoteRow
	var options []voteOption
	err := row.Scan(&r.ID.Ref, &r.ID.N, &r.ChangedRef, &r.Item.Ref, &r.Item.N, &r.At, &r.Question, &options, &r.Secret, &r.Open,
		&r.Undone, &r.Result, &r.Voters, &r.Quorum, &r.Cast)
	r.At = r.At.UTC()
	for _, o := range options {
		r.Options = append(r.Options, meeting.VoteOption(o))
	}
	return r, err
}

// voteMoved keeps a vote as it stands. Of a secret one it keeps no names,
// whatever it is given.
func (r *recorder) voteMoved(ctx context.Context, l hackfest.Line, e meeting.VoteMoved) error {
	const q = `
		insert into votes (meeting_ref, ref, n, changed_ref, item_ref, item_n, at, question, options, secret, open, undone, result,
			voters, quorum, ballots)
		values (@meeting, @ref, @n, @changed, @item_ref, @item_n, @at, @question, @options, @secret, @open, @undone, @result,
			@voters, @quorum, @ballots)
		on conflict (ref, n) do update
		set changed_ref = excluded.changed_ref, item_ref = excluded.item_ref, item_n = excluded.item_n, question = excluded.question,
			options = excluded.options, secret = excluded.secret, open = excluded.open, undone = excluded.undone,
			result = excluded.result, voters = excluded.voters, quorum = excluded.quorum, ballots = excluded.ballots, redacted_at = null`
	if r.Running.IsZero() {
		return errNoMeeting
	}
	v := e.Vote
	options := make([]voteOption, len(v.Options))
	for i, o := range v.Options {
		options[i] = voteOption(o)
		options[i].Option = clean(o.Option)
		if v.Secret {
			options[i].Voters = nil
		}
	}
	text, err := json.Marshal(options)
	if err != nil {
		return fmt.Errorf("vote %s: %w", v.ID, err)
	}
	_, err = r.tx.db.Exec(ctx, q, pgx.NamedArgs{
		"meeting": r.Running, "ref": uuid(v.ID.Ref), "n": v.ID.N, "changed": l.Ref, "item_ref": v.Item.Ref, "item_n": v.Item.N,
		"at": v.At, "question": clean(v.Question), "options": json.RawMessage(text), "secret": v.Secret, "open": v.Open,
		"undone": v.Undone, "result": clean(v.Result), "voters": v.Voters, "quorum": v.Quorum, "ballots": v.Cast,
	})
	if err != nil || !e.Ballot || l.Kind != hackfest.Private {
		return classify(err, "vote")
	}
	return r.counted(ctx, l.Ref)
}

// counted marks a private line as a vote that counted, for a replay when its
// words are gone.
func (r *recorder) counted(ctx context.Context, ref hackfest.Ref) error {
	const q = `update lines set target = @counted where channel_id = @channel and ref = @ref and kind = 'private'`
	_, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"channel": r.ID, "ref": ref, "counted": meeting.Counted})
	return classify(err, "line")
}

// queueMoved keeps who wants to speak.
func (r *recorder) queueMoved(ctx context.Context, l hackfest.Line, queue []string) error {
	const q = `update meetings set queue = @queue, changed_ref = @changed where ref = @ref`
	if r.Running.IsZero() {
		return errNoMeeting
	}
	kept := make([]string, len(queue))
	for i, who := range queue {
		kept[i] = clean(who)
	}
	_, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"ref": r.Running, "queue": kept, "changed": l.Ref})
	return classify(err, "meeting")
}

// emptyBallots takes the words out of the votes that were cast by private message
// in a meeting that is over: from then on nobody knows who voted for what. What
// they added up to is in votes, from where a replay takes it; see
// withTallies.
func (r *recorder) emptyBallots(ctx context.Context, first, last hackfest.Ref) error {
	const q = `
		update lines set text = '', raw = null, windows1252 = false
		where channel_id = @channel and kind = 'private' and ref between @first and @last and text <> ''`
	_, err := r.tx.db.Exec(ctx, q, pgx.NamedArgs{"channel": r.ID, "first": first, "last": last})
	return classify(err, "line")
}
