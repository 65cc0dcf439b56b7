package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/archive"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Redact hides what r names, at once and everywhere, and returns r with its ID
// and what it hides: the lines and entries, all that the engine made of them,
// and what the bot repeated. Lines of another channel, and those without words,
// are left out; when nothing is left it is fault.Conflict.
func (s *Store) Redact(ctx context.Context, r hackfest.Redaction) (hackfest.Redaction, hackfest.Reach, error) {
	const q = `
		insert into redactions (channel_id, person_id, actor, at) values (@channel, nullif(@person::bigint, 0), @actor, @at)
		returning id`
	var reached hackfest.Reach
	err := s.InTx(ctx, func(tx *Store) error {
		touch, err := tx.lockChannel(ctx, r.ChannelID)
		if err != nil {
			return err
		}
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"channel": r.ChannelID, "person": r.PersonID, "actor": clean(r.Actor), "at": r.At})
		if r.ID, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.RedactionID]); err != nil {
			return classify(err, "redaction")
		}
		if err := tx.nameRedacted(ctx, r); err != nil {
			return err
		}
		if reached, err = tx.hide(ctx, r, touch); err != nil {
			return err
		}
		if len(reached.Lines)+len(reached.Entries) == 0 {
			return fault.New(fault.Conflict, "There is nothing left to remove: somebody has done it.")
		}
		return tx.touchChannel(ctx, r.ChannelID, touch)
	})
	return r, reached, err
}

// errOnlyLooking ends a transaction that was to show what would happen.
var errOnlyLooking = fault.New(fault.Conflict, "This was only a look.")

// RedactionReach says what Redact would hide. It does the same and undoes it
// all, so that it says neither more nor less.
func (s *Store) RedactionReach(ctx context.Context, r hackfest.Redaction) (hackfest.Reach, error) {
	var reached hackfest.Reach
	err := s.InTx(ctx, func(tx *Store) error {
		var err error
		if _, reached, err = tx.Redact(ctx, r); err != nil {
			return err
		}
		return errOnlyLooking
	})
	if err == errOnlyLooking { //nolint:errorlint // it is ours and passed on as it is
		err = nil
	}
	return reached, err
}

// lockChannel keeps a channel's lines as they are until the end of the
// transaction, and returns a ref for what changes about them without a line:
// above all that are stored and below all to come.
func (s *Store) lockChannel(ctx context.Context, id hackfest.ChannelID) (hackfest.Ref, error) {
	const q = `select greatest(c.applied_ref, c.touched_ref) from channels c where c.id = @channel for no key update`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": id})
	ref, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.Ref])
	return ref.Next(), classify(err, "channel")
}

// touchChannel tells everybody who follows a channel that something of it
// changed, noted under the ref that lockChannel gave.
func (s *Store) touchChannel(ctx context.Context, id hackfest.ChannelID, touch hackfest.Ref) error {
	const q = `update channels set touched_ref = @touch where id = @channel`
	if _, err := s.db.Exec(ctx, q, pgx.NamedArgs{"channel": id, "touch": touch}); err != nil {
		return classify(err, "channel")
	}
	if err := s.notify(ctx, topicSessions); err != nil { // a title may have changed
		return err
	}
	return s.notify(ctx, ChannelTopic(id))
}

// nameRedacted keeps what r was asked to hide: lines of its channel that have
// words, and entries of minutes. What another redaction names is left to that.
func (s *Store) nameRedacted(ctx context.Context, r hackfest.Redaction) error {
	const q = `
		select l.ref, l.nick, l.text
		from lines l
		where l.channel_id = @channel and l.ref = any(@refs) and l.kind not in ('context', 'private') and l.redacted_at is null
		  and l.text <> ''
		for update of l`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": r.ChannelID, "refs": r.Lines})
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByName[spokenLine])
	if err != nil {
		return classify(err, "line")
	}
	if err := s.addRedacted(ctx, r, lines, false); err != nil {
		return err
	}
	return s.nameEntries(ctx, r)
}

// nameEntries keeps which entries r hides without their lines.
func (s *Store) nameEntries(ctx context.Context, r hackfest.Redaction) error {
	const q = `
		insert into redacted (redaction_id, ref, n)
		select @redaction, x.ref, x.n
		from unnest(@refs::uuid[], @ns::int[]) x (ref, n)
		join lines l on l.ref = x.ref and l.channel_id = @channel
		where x.n > 0
		on conflict do nothing`
	refs, ns := splitIDs(r.Entries)
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"redaction": r.ID, "channel": r.ChannelID, "refs": refs, "ns": ns})
	return classify(err, "redaction")
}

// spokenLine is what a redaction needs to know of a line.
type spokenLine struct {
	Ref  hackfest.Ref
	Nick string
	Text string
}

// splitIDs are the parts of ids, as parameters.
func splitIDs(ids []hackfest.ItemID) (refs [][16]byte, ns []int) {
	refs, ns = make([][16]byte, len(ids)), make([]int, len(ids))
	for i, id := range ids {
		refs[i], ns[i] = id.Ref, id.N
	}
	return refs, ns
}

// addRedacted keeps that r hides lines, under a keyed hash of each.
func (s *Store) addRedacted(ctx context.Context, r hackfest.Redaction, lines []spokenLine, echo bool) error {
	const q = `
		insert into redacted (redaction_id, ref, echo, mac)
		select @redaction, x.ref, @echo, x.mac from unnest(@refs::uuid[], @macs::bytea[]) x (ref, mac)
		on conflict do nothing`
	if len(lines) == 0 {
		return nil
	}
	key, err := s.secret(ctx, secretLines, r.At)
	if err != nil {
		return err
	}
	refs, macs := make([]hackfest.Ref, len(lines)), make([][]byte, len(lines))
	for i, l := range lines {
		refs[i], macs[i] = l.Ref, lineMAC(key, l.Nick, l.Text)
	}
	_, err = s.db.Exec(ctx, q, pgx.NamedArgs{"redaction": r.ID, "refs": refs, "macs": macs, "echo": echo})
	return classify(err, "redaction")
}

// secretLines is the name of the key for lineMAC.
const secretLines = "redacted lines"

// lineMAC is what is kept of a line whose words are gone: enough to know the
// same line again when a log is imported, for whoever has the key, and no words.
// Logs of others have no formatting.
func lineMAC(key []byte, nick, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(archive.Words(nick, text)))
	return h.Sum(nil)
}

// Redaction returns a redaction without what it hides; fault.NotFound for one
// that was taken back.
func (s *Store) Redaction(ctx context.Context, id hackfest.RedactionID) (hackfest.Redaction, error) {
	const q = `
		select r.id, r.channel_id, coalesce(r.person_id, 0), r.actor, r.at, r.purged_at
		from redactions r where r.id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	r, err := pgx.CollectExactlyOneRow(rows, scanRedaction)
	return r, classify(err, "redaction")
}

func scanRedaction(row pgx.CollectableRow) (hackfest.Redaction, error) {
	var r hackfest.Redaction
	var purged *time.Time
	err := row.Scan(&r.ID, &r.ChannelID, &r.PersonID, &r.Actor, &r.At, &purged)
	r.At, r.PurgedAt = r.At.UTC(), orZero(purged)
	return r, err
}

// RelationToRedaction says how v stands to a redaction: it belongs to who made
// it, and counts as chaired by them if they chair the session in whose meeting
// the first of its lines was said. One that was taken back is known only to who
// made it.
func (s *Store) RelationToRedaction(ctx context.Context, v person.Viewer, id hackfest.RedactionID) (person.Object, error) {
	const q = `select d.ref from redacted d where d.redaction_id = @id and not d.echo order by d.ref limit 1`
	r, err := s.Redaction(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return s.relationToTakenBack(ctx, v, id)
	}
	if err != nil {
		return person.Object{}, err
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	ref, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.Ref])
	if err != nil {
		return person.Object{}, classify(err, "redaction")
	}
	o, err := s.RelationToLine(ctx, v, ref)
	return person.Object{Owner: r.PersonID, Chaired: o.Chaired && r.PersonID == v.ID}, err
}

// relationToTakenBack is how v stands to a redaction that is no more: who made
// it has the form still that takes it back, and may send it twice.
func (s *Store) relationToTakenBack(ctx context.Context, v person.Viewer, id hackfest.RedactionID) (person.Object, error) {
	const q = `select h.person_id from changes h where h.undo = @undo and h.person_id = @person`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"undo": id.UndoPath(), "person": v.ID})
	owner, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[person.ID])
	return person.Object{Owner: owner, Chaired: err == nil}, classify(err, "redaction")
}

// RedactedLines are the lines that a redaction was asked to hide, or of which it
// hides entries, as far as v may know of them, in order.
func (s *Store) RedactedLines(ctx context.Context, v person.Viewer, id hackfest.RedactionID) ([]hackfest.Ref, error) {
	const q = `
		select distinct d.ref
		from redacted d
		join lines l on l.ref = d.ref
		join channels c on c.id = l.channel_id
		where d.redaction_id = @id and not d.echo and (@members or (not l.members_only and c.visibility = 'public'))
		order by d.ref`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.Ref])
	return list, classify(err, "redaction")
}

// waiting are the redactions of a channel that are not purged yet, oldest first,
// with what they name.
func (s *Store) waiting(ctx context.Context, id hackfest.ChannelID) ([]hackfest.Redaction, error) {
	const q = `
		select r.id, r.channel_id, coalesce(r.person_id, 0), r.actor, r.at, r.purged_at
		from redactions r
		where r.channel_id = @channel and r.purged_at is null
		order by r.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": id})
	list, err := pgx.CollectRows(rows, scanRedaction)
	return list, classify(err, "redaction")
}

// hideAgain hides what redactions that wait name and what came to light again:
// because another was taken back, or because lines came that noted it anew.
func (s *Store) hideAgain(ctx context.Context, id hackfest.ChannelID, touch hackfest.Ref) error {
	list, err := s.waiting(ctx, id)
	if err != nil {
		return err
	}
	for _, r := range list {
		if _, err := s.hide(ctx, r, touch); err != nil {
			return err
		}
	}
	return nil
}
