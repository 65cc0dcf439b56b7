package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/archive"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// LogImport is a log to be brought in.
type LogImport struct {
	Network string
	Channel string          // with its prefix
	Lines   []hackfest.Line // in order; refs, network and channel of them are ignored
	Whole   bool            // it is one meeting, unless somebody typed #startmeeting
	Old     []archive.OldPath
}

// Imported is what ImportLog did.
type Imported struct {
	ChannelID hackfest.ChannelID
	Added     int // lines
	There     int // lines that were stored already, or are known to be removed
	Refused   int // lines with a time after now, or from before there was IRC
	Meetings  int // that were found
	Rebuilt   int // that were known and have grown
	Kept      int // that got lines and stay as they are: published, being written, running, or partly removed
}

// ImportLog brings a log in, all of it or nothing. Lines that are stored already,
// live or by an earlier import, are known again; the missing ones are put between
// them, and the meetings they belong to are worked out by the engine from all
// lines there are then. Nobody is told; see TellImported. The network and the
// channel are added when they are not known, the channel as one that the bot is
// not in.
//
// A log whose last meeting may still go on is fault.Conflict, and a name that
// cannot be one of a network or a channel is fault.Invalid.
func (s *Store) ImportLog(ctx context.Context, in LogImport, now time.Time) (Imported, error) {
	var done Imported
	err := s.InTx(ctx, func(tx *Store) error {
		i := importer{tx: tx, in: in, now: now}
		if err := tx.unhurried(ctx); err != nil {
			return err
		}
		if err := i.open(ctx); err != nil {
			return err
		}
		if err := i.run(ctx); err != nil {
			return err
		}
		done = i.done
		return nil
	})
	return done, err
}

// unhurried has the commit not wait for the disk: what a crash of Postgres takes
// away an import brings back, and the last word of one waits for all before.
func (s *Store) unhurried(ctx context.Context) error {
	const q = `set local synchronous_commit to off`
	_, err := s.db.Exec(ctx, q)
	return classify(err, "import")
}

// importer is one ImportLog under way.
type importer struct {
	tx   *Store
	in   LogImport
	now  time.Time
	done Imported
	refs archive.Refs

	channel importChannel
	lines   []hackfest.Line  // of the log, as far as they are taken
	have    []archive.Stored // what is there around them
	place   []int            // of lines, in have; -1 for the missing
	missing []hackfest.Line  // with refs, in order
	low     hackfest.Ref     // of the first line of the log, wherever it came from
	high    hackfest.Ref     // and of the last
}

// importChannel is what has to be known of the channel.
type importChannel struct {
	ID         hackfest.ChannelID
	Name       string
	Folded     string
	Visibility person.Visibility
	Applied    hackfest.Ref
	Waiting    bool // some removal can still be taken back
}

// ircBegins is when there was IRC first; no log is older.
var ircBegins = time.Date(1988, 8, 1, 0, 0, 0, 0, time.UTC)

// around is how far around a log stored lines are looked at.
const around = 2 * time.Minute

// open takes the lines of the log, and finds its channel or makes it.
func (i *importer) open(ctx context.Context) error {
	if !validNetwork(i.in.Network) {
		return fault.New(fault.Invalid, "%q is no name of a network: write lower-case letters, digits, '.', '_' and '-'.", i.in.Network)
	}
	if n := i.in.Channel; len(n) < 2 || len(n) > 200 || !strings.ContainsRune("#&+!", rune(n[0])) || strings.ContainsAny(n, " ,:\x07/\\") {
		return fault.New(fault.Invalid, "%q is no name of a channel.", i.in.Channel)
	}
	for _, l := range i.in.Lines {
		if l.At.After(i.now) || l.At.Before(ircBegins) {
			i.done.Refused++
			continue
		}
		l.Ref, l.ReceivedAt, l.Raw = hackfest.Ref{}, l.At, nil
		if l.OffRecord && l.Text == "" {
			l.Nick, l.Account, l.Op, l.Windows1252 = "", "", false, false // of what is off the record only time and kind stay
		}
		i.lines = append(i.lines, l)
	}
	if len(i.lines) == 0 {
		return nil
	}
	c, err := i.tx.importChannel(ctx, i.in.Network, i.in.Channel)
	if fault.KindOf(err) == fault.NotFound {
		if err := i.tx.addSilentChannel(ctx, i.in.Network, i.in.Channel, i.now); err != nil {
			return err
		}
		c, err = i.tx.importChannel(ctx, i.in.Network, i.in.Channel)
	}
	if err != nil {
		return err
	}
	i.channel, i.done.ChannelID, i.refs = c, c.ID, archive.RefsOf(i.in.Network, c.Folded)
	return nil
}

func validNetwork(name string) bool {
	for k, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		if !letter && (k == 0 || !strings.ContainsRune("_.-", r)) {
			return false
		}
	}
	return name != ""
}

func (s *Store) importChannel(ctx context.Context, network, channel string) (importChannel, error) {
	const q = `
		select c.id, c.name, c.folded, c.visibility, c.applied_ref as applied,
			exists (select 1 from redactions r where r.channel_id = c.id and r.purged_at is null) as waiting
		from channels c
		join networks w on w.id = c.network_id
		where w.name = @network and (c.folded = @folded or c.name = @name or lower(c.name) = lower(@name))
		order by c.folded = @folded desc, c.name = @name desc
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"network": network, "name": channel, "folded": irctext.RFC1459.Fold(channel),
	})
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[importChannel])
	return c, classify(err, "channel")
}

// addSilentChannel adds a channel that the bot is not in, and its network.
func (s *Store) addSilentChannel(ctx context.Context, network, channel string, now time.Time) error {
	const q = `
		insert into channels (network_id, name, folded, joined, created_at)
		select w.id, @name, @folded, false, @now from networks w where w.name = @network
		on conflict (network_id, folded) do nothing`
	if err := s.AddNetwork(ctx, network, "", now); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"network": network, "name": clean(channel), "folded": irctext.RFC1459.Fold(channel), "now": now,
	})
	if err != nil {
		return classify(err, "channel")
	}
	return s.notify(ctx, topicChannels)
}

// run brings the lines in.
func (i *importer) run(ctx context.Context) error {
	if len(i.lines) == 0 {
		return nil
	}
	// While the bot hears the same, it waits: for old logs it never does.
	if last := i.lines[len(i.lines)-1].At; !i.channel.Applied.IsZero() && last.After(i.channel.Applied.Time().Add(-10*time.Minute)) {
		if _, err := i.tx.lockChannel(ctx, i.channel.ID); err != nil {
			return err
		}
	}
	if err := i.align(ctx); err != nil {
		return err
	}
	i.done.There = len(i.lines) - len(i.missing)
	var m *refolding
	if len(i.missing) > 0 || i.in.Whole {
		m = &refolding{importer: i}
		if err := m.run(ctx); err != nil {
			return err
		}
		if err := m.store(ctx); err != nil {
			return err
		}
	}
	if len(i.in.Old) == 0 {
		return nil
	}
	ref, err := i.tx.meetingWithin(ctx, i.channel.ID, i.low, i.high)
	if err != nil || ref.IsZero() {
		return err
	}
	return i.tx.addOldPaths(ctx, ref, i.in.Old, i.now)
}

// align finds out which lines are missing, and gives them refs.
func (i *importer) align(ctx context.Context) error {
	first, last := i.lines[0].At, i.lines[0].At
	for k := range i.lines {
		if i.lines[k].At.Before(first) {
			first = i.lines[k].At
		}
		if i.lines[k].At.After(last) {
			last = i.lines[k].At
		}
	}
	var err error
	i.have, err = i.tx.storedLines(ctx, i.channel.ID, hackfest.RefAt(first.Add(-around)), hackfest.RefAt(last.Add(around)), 0)
	if err != nil {
		return err
	}
	var key []byte
	if slices.ContainsFunc(i.have, func(h archive.Stored) bool { return h.MAC != nil }) {
		if key, err = i.tx.secret(ctx, secretLines, i.now); err != nil {
			return err
		}
	}
	exact := archive.PreciseLog(i.lines)
	place, anchor := archive.Align(i.have, i.lines, exact, func(nick, text string) []byte { return lineMAC(key, nick, text) })
	i.place = place
	if i.missing, err = i.refs.Missing(i.have, i.lines, exact, place, anchor); err != nil {
		return err
	}
	see := func(ref hackfest.Ref) {
		if i.low.IsZero() || ref.Compare(i.low) < 0 {
			i.low = ref
		}
		if ref.Compare(i.high) > 0 {
			i.high = ref
		}
	}
	for _, j := range place {
		if j >= 0 {
			see(i.have[j].Ref)
		}
	}
	for k := range i.missing {
		i.missing[k].Network, i.missing[k].Channel = i.in.Network, i.channel.Name
		see(i.missing[k].Ref)
	}
	return nil
}

// TellImported tells everybody who looks at one of these channels that lines came
// between those they see.
func (s *Store) TellImported(ctx context.Context, channels []hackfest.ChannelID) error {
	for _, id := range channels {
		err := s.InTx(ctx, func(tx *Store) error {
			touch, err := tx.lockChannel(ctx, id)
			if err != nil {
				return err
			}
			if err := tx.reload(ctx, id, touch); err != nil {
				return err
			}
			return tx.touchChannel(ctx, id, touch)
		})
		if err != nil {
			return fmt.Errorf("channel %d: %w", id, err)
		}
	}
	return nil
}
