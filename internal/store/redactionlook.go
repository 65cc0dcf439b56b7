package store

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// seen is what a redaction hides, as it stands now.
type seen struct {
	lines   []spokenLine // that it names
	entries []entrySeen  // of minutes: those of the lines, those it names, and those that quote them
	echoes  []spokenLine // of the bot, not hidden yet
	words   []string     // of lines and entries, as they may stand elsewhere too
}

// entrySeen is one item, topic, vote or point of an agenda.
type entrySeen struct {
	Place  string // as in table withheld
	Kind   string
	Ref    hackfest.Ref
	N      int64
	Text   string
	Hidden bool // already
}

// leastWords is how many characters words must have to be looked for elsewhere.
const leastWords = 4

// look finds out what r hides.
func (s *Store) look(ctx context.Context, r hackfest.Redaction) (seen, error) {
	var found seen
	named, entries, err := s.named(ctx, r.ID)
	if err != nil {
		return found, err
	}
	found.lines = named
	if found.entries, err = s.entriesOf(ctx, refsOf(named), entries); err != nil {
		return found, err
	}
	var corrected []string
	for _, l := range named {
		quotes := meeting.Quotes(l.Text)
		found.words = append(found.words, quotes...)
		if len(l.Text) > 1 && l.Text[:2] == "s/" {
			corrected = append(corrected, quotes...)
		}
	}
	kept, err := s.wordsKept(ctx, r.ID)
	if err != nil {
		return found, err
	}
	found.words = append(found.words, kept...)
	for _, e := range found.entries {
		if !e.Hidden && slices.ContainsFunc(named, func(l spokenLine) bool { return l.Ref == e.Ref }) {
			found.words = append(found.words, e.Text)
		}
	}
	found.words = slices.DeleteFunc(found.words, func(w string) bool { return utf8.RuneCountInString(w) < leastWords })
	slices.Sort(found.words)
	found.words = slices.Compact(found.words)
	if len(named) == 0 {
		return found, nil
	}
	more, err := s.entriesSaying(ctx, r, named, corrected)
	if err != nil {
		return found, err
	}
	found.entries = append(found.entries, more...)
	found.echoes, err = s.echoes(ctx, r.ChannelID, named, found.words)
	return found, err
}

func refsOf(lines []spokenLine) []hackfest.Ref {
	refs := make([]hackfest.Ref, len(lines))
	for i, l := range lines {
		refs[i] = l.Ref
	}
	return refs
}

// span is the first and the last of lines.
func span(lines []spokenLine) (first, last hackfest.Ref) {
	for i, l := range lines {
		if i == 0 || l.Ref.Compare(first) < 0 {
			first = l.Ref
		}
		if l.Ref.Compare(last) > 0 {
			last = l.Ref
		}
	}
	return first, last
}

// removal is f as the minutes of a meeting take it out.
func (f seen) removal(r hackfest.Redaction, ref hackfest.Ref, channel string) minutes.Removal {
	out := minutes.Removal{Lines: refsOf(f.lines), Words: f.words, Mark: r.Mark(), Names: f.asked(meeting.Name)}
	if f.begins(ref) {
		out.Title = untitled(channel)
	}
	for _, e := range f.entries {
		if e.Place != "agenda" {
			out.Entries = append(out.Entries, hackfest.ItemID{Ref: e.Ref, N: int(e.N)})
		}
	}
	return out
}

// begins reports whether the line that began a meeting, and named it, has to go.
func (f seen) begins(ref hackfest.Ref) bool {
	return slices.ContainsFunc(f.lines, func(l spokenLine) bool { return l.Ref == ref && len(meeting.Quotes(l.Text)) > 0 })
}

// asked is what the lines asked for, as of reads it in each.
func (f seen) asked(of func(text string) string) []string {
	var list []string
	for _, l := range f.lines {
		if x := of(l.Text); x != "" {
			list = append(list, x)
		}
	}
	return list
}

// named is what a redaction was asked to hide, echoes left out.
func (s *Store) named(ctx context.Context, id hackfest.RedactionID) (lines []spokenLine, entries []hackfest.ItemID, err error) {
	const q = `
		select l.ref, l.nick, l.text
		from redacted d join lines l on l.ref = d.ref
		where d.redaction_id = @id and d.n = 0 and not d.echo
		order by l.ref`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	if lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[spokenLine]); err != nil {
		return nil, nil, classify(err, "redaction")
	}
	entries, err = s.namedAlone(ctx, id)
	return lines, entries, err
}

// namedAlone are the entries of minutes that go without their lines.
func (s *Store) namedAlone(ctx context.Context, id hackfest.RedactionID) ([]hackfest.ItemID, error) {
	const q = `select d.ref, d.n from redacted d where d.redaction_id = @id and d.n > 0 order by d.ref, d.n`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[hackfest.ItemID])
	return list, classify(err, "redaction")
}

// entriesOf are the entries that lines made, those that are named by themselves,
// and what goes with them: a vote and the item of its result, an action and the
// point of an agenda by which it came back.
func (s *Store) entriesOf(ctx context.Context, lines []hackfest.Ref, alone []hackfest.ItemID) ([]entrySeen, error) {
	const q = `
		with asked as (
			select ref, n from unnest(@refs::uuid[], @ns::int[]) x (ref, n)
			union select i.ref, i.n from items i where i.ref = any(@lines)
			union select p.ref, p.n from topics p where p.ref = any(@lines)
			union select b.ref, b.n from votes b where b.ref = any(@lines)),
		hit as (
			select ref, n from asked
			union select b.item_ref, b.item_n from votes b join asked a on (b.ref, b.n) = (a.ref, a.n) where b.item_ref is not null
			union select b.ref, b.n from votes b join asked a on (b.item_ref, b.item_n) = (a.ref, a.n))
		select 'item' as place, i.kind, i.ref, i.n::bigint, i.text, i.redacted_at is not null as hidden
		from items i join hit h on (i.ref, i.n) = (h.ref, h.n)
		union all
		select 'topic', 'topic', p.ref, p.n, p.title, p.redacted_at is not null
		from topics p join hit h on (p.ref, p.n) = (h.ref, h.n) where p.title <> ''
		union all
		select 'vote', 'vote', b.ref, b.n, b.question, b.redacted_at is not null
		from votes b join hit h on (b.ref, b.n) = (h.ref, h.n)
		union all
		select 'agenda', 'agenda', coalesce(g.action_ref, g.taken_ref), g.id, g.text, g.redacted_at is not null
		from agenda_items g
		where g.taken_ref = any(@lines) or exists (select 1 from hit h where (h.ref, h.n) = (g.action_ref, g.action_n))
		order by 3, 4, 1`
	refs, ns := splitIDs(alone)
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"lines": lines, "refs": refs, "ns": ns})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[entrySeen])
	return list, classify(err, "item")
}

// entriesSaying are the items that lines of r corrected, by the words they put
// in, and those it has hidden for that.
func (s *Store) entriesSaying(ctx context.Context, r hackfest.Redaction, lines []spokenLine, words []string) ([]entrySeen, error) {
	const q = `
		select 'item' as place, i.kind, i.ref, i.n::bigint, i.text, i.redacted_at is not null as hidden
		from items i
		join meetings m on m.ref = i.meeting_ref
		where m.channel_id = @channel and m.ref <= @last and (m.last_ref is null or m.last_ref >= @first) and i.ref < @last
		  and (exists (select 1 from unnest(@words::text[]) w where strpos(i.text, w) > 0)
			or exists (select 1 from withheld x where x.redaction_id = @id and x.place = 'item' and (x.ref, x.n) = (i.ref, i.n)))
		order by i.ref, i.n`
	if len(words) == 0 {
		return nil, nil
	}
	first, last := span(lines)
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": r.ChannelID, "id": r.ID, "first": first, "last": last, "words": words})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[entrySeen])
	return list, classify(err, "item")
}

// wordsKept are the words of entries as they stood before r hid them.
func (s *Store) wordsKept(ctx context.Context, id hackfest.RedactionID) ([]string, error) {
	const q = `
		select coalesce(x.words->>'text', x.words->>'title', x.words->>'question')
		from withheld x
		join redacted d on d.redaction_id = x.redaction_id and d.ref = x.ref and d.n = 0
		where x.redaction_id = @id and x.place in ('item', 'topic', 'vote')`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return list, classify(err, "redaction")
}

// longEcho is beyond which what the bot says may have been cut in two lines, in
// bytes.
const longEcho = 160

// echoes are what the bot said in the channel since lines that holds words of
// theirs. Words that others may use by chance count in the same meeting only.
func (s *Store) echoes(ctx context.Context, id hackfest.ChannelID, lines []spokenLine, words []string) ([]spokenLine, error) {
	const q = `
		select l.ref, l.nick, l.text
		from lines l
		where l.channel_id = @channel and l.self and l.ref > @first and l.redacted_at is null
		  and l.kind in ('message', 'action', 'notice', 'topic')
		  and (exists (select 1 from unnest(@telling::text[]) w where strpos(l.text, w) > 0)
			or l.ref <= coalesce((
				select coalesce(m.last_ref, @highest) from meetings m
				where m.channel_id = @channel and m.ref <= @last and (m.last_ref is null or m.last_ref >= @last)
				order by m.ref desc limit 1), @soon)
			and exists (select 1 from unnest(@short::text[]) w where strpos(l.text, w) > 0))
		order by l.ref`
	var telling, short []string
	for _, w := range words {
		switch {
		case len(w) > longEcho:
			telling = append(telling, head(w, longEcho), tail(w, longEcho))
		case minutes.Telling(w):
			telling = append(telling, w)
		default:
			short = append(short, w)
		}
	}
	if len(words) == 0 {
		return nil, nil
	}
	first, last := span(lines)
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"channel": id, "first": first, "last": last, "telling": telling, "short": short, "highest": uuid(highestRef),
		"soon": uuid(hackfest.RefAt(last.Time().Add(echoTime))),
	})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[spokenLine])
	return list, classify(err, "line")
}

// echoTime is how soon the bot answers outside a meeting.
const echoTime = time.Minute

// head is the beginning of w, of at most n bytes and whole characters.
func head(w string, n int) string {
	for n > 0 && !utf8.RuneStart(w[n]) {
		n--
	}
	return w[:n]
}

// tail is the end of w.
func tail(w string, n int) string {
	i := len(w) - n
	for i < len(w) && !utf8.RuneStart(w[i]) {
		i++
	}
	return w[i:]
}
