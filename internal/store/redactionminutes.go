package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// storedMinutes is a draft, number 0, or a published revision.
type storedMinutes struct {
	Ref     hackfest.Ref // of the meeting
	Number  int64
	Channel string
	Minutes []byte
	Summary string
	Note    string
}

// place is where withheld keeps what was taken out of m.
func (m storedMinutes) place() string {
	if m.Number == 0 {
		return "draft"
	}
	return "revision"
}

// hideInMinutes takes what r hides out of all stored minutes that hold any of
// it, and returns out of how many.
func (s *Store) hideInMinutes(ctx context.Context, r hackfest.Redaction, found seen) (int, error) {
	list, err := s.minutesHolding(ctx, r, found)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, d := range list {
		var m minutes.Minutes
		if err := json.Unmarshal(d.Minutes, &m); err != nil {
			return n, fmt.Errorf("minutes of %s: %w", d.Ref, err)
		}
		taken := m.Remove(found.removal(r, d.Ref, d.Channel))
		for field, text := range map[string]*string{"summary": &d.Summary, "note": &d.Note} {
			if cut := minutes.CutWords(*text, found.words); cut != *text {
				taken[field] = jsonOf(*text)
				*text = cut
			}
		}
		if len(taken) == 0 {
			continue
		}
		n++
		if err := s.withhold(ctx, r.ID, d.place(), d.Ref, d.Number, taken); err != nil {
			return n, err
		}
		if err := s.keepMinutes(ctx, d, m); err != nil {
			return n, err
		}
	}
	return n, nil
}

// hideInReplayed takes out of minutes that were worked out from lines what
// redactions hide; the lines have it still.
func (s *Store) hideInReplayed(ctx context.Context, id hackfest.ChannelID, m *minutes.Minutes) error {
	list, err := s.waiting(ctx, id)
	if err != nil {
		return err
	}
	for _, r := range list {
		found, err := s.look(ctx, r)
		if err != nil {
			return err
		}
		m.Remove(found.removal(r, m.ID, m.Channel))
	}
	return nil
}

// untitled is the title of a meeting whose own nobody may know.
func untitled(channel string) string { return "Meeting in " + channel }

// jsonOf is v as JSON; v is made of strings and the like.
func jsonOf(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// asStored is w as it stands inside a string of a jsonb column read as text.
func asStored(w string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(w); err != nil {
		panic(err) // it is a string
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return text[1 : len(text)-1]
}

// minutesHolding are the stored minutes of r's channel that may hold what it
// hides: those of the meetings in which its lines were said, which may have made
// of them what does not look like them, and later ones that name it or hold its
// words.
func (s *Store) minutesHolding(ctx context.Context, r hackfest.Redaction, found seen) ([]storedMinutes, error) {
	const q = `
		select m.ref, 0::bigint as number, c.name as channel, m.draft as minutes, '' as summary, '' as note
		from meetings m join channels c on c.id = m.channel_id
		where m.channel_id = @channel and (m.last_ref is null or m.last_ref >= @first) and m.draft is not null
		  and (exists (select 1 from unnest(@lines::uuid[]) l where l >= m.ref and (m.last_ref is null or l <= m.last_ref))
			or exists (select 1 from unnest(@words::text[]) w where strpos(m.draft::text, w) > 0))
		union all
		select m.ref, u.number, c.name, u.minutes, u.summary, u.note
		from minutes_revisions u join meetings m on m.ref = u.meeting_ref join channels c on c.id = m.channel_id
		where m.channel_id = @channel and (m.last_ref is null or m.last_ref >= @first)
		  and (exists (select 1 from unnest(@lines::uuid[]) l where l >= m.ref and (m.last_ref is null or l <= m.last_ref))
			or exists (
				select 1 from unnest(@words::text[]) w
				where strpos(u.minutes::text, w) > 0 or strpos(to_jsonb(u.summary)::text, w) > 0 or strpos(to_jsonb(u.note)::text, w) > 0))
		order by 1, 2`
	var needles []string
	first := highestRef
	know := func(ref hackfest.Ref) {
		needles = append(needles, ref.String())
		if ref.Compare(first) < 0 {
			first = ref
		}
	}
	for _, l := range found.lines {
		know(l.Ref)
	}
	for _, e := range found.entries {
		know(e.Ref)
	}
	for _, w := range found.words {
		needles = append(needles, asStored(w))
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"channel": r.ChannelID, "first": uuid(first), "lines": refsOf(found.lines), "words": needles,
	})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[storedMinutes])
	return list, classify(err, "minutes")
}

// withhold keeps what r took out of a place, besides what it took before.
func (s *Store) withhold(ctx context.Context, id hackfest.RedactionID, place string, ref hackfest.Ref, n int64, words any) error {
	const q = `
		insert into withheld (redaction_id, place, ref, n, words) values (@id, @place, @ref, @n, @words)
		on conflict (redaction_id, place, ref, n) do update set words = withheld.words || excluded.words`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "place": place, "ref": uuid(ref), "n": n, "words": jsonOf(words)})
	return classify(err, "redaction")
}

// keepMinutes stores d with m as its minutes.
func (s *Store) keepMinutes(ctx context.Context, d storedMinutes, m minutes.Minutes) error {
	if d.Number == 0 {
		return s.keepDraft(ctx, d.Ref, m)
	}
	const q = `
		update minutes_revisions set minutes = @minutes, summary = @summary, note = @note
		where meeting_ref = @ref and number = @number`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": uuid(d.Ref), "number": d.Number, "minutes": jsonOf(m), "summary": d.Summary, "note": d.Note,
	})
	return classify(err, "minutes")
}

func (s *Store) keepDraft(ctx context.Context, ref hackfest.Ref, m minutes.Minutes) error {
	const q = `update meetings set draft = @minutes where ref = @ref`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"ref": uuid(ref), "minutes": jsonOf(m)})
	return classify(err, "minutes")
}

// takenMinutes is what withheld has of stored minutes.
type takenMinutes struct {
	storedMinutes
	Words minutes.Taken
}

// putBackMinutes puts back into stored minutes what r took out of them.
func (s *Store) putBackMinutes(ctx context.Context, r hackfest.Redaction) error {
	const q = `
		select m.ref, x.n as number, c.name as channel, coalesce(u.minutes, m.draft) as minutes,
			coalesce(u.summary, '') as summary, coalesce(u.note, '') as note, x.words
		from withheld x
		join meetings m on m.ref = x.ref
		join channels c on c.id = m.channel_id
		left join minutes_revisions u on u.meeting_ref = x.ref and u.number = x.n
		where x.redaction_id = @id and (x.place = 'draft' and m.draft is not null or x.place = 'revision' and u.number is not null)
		order by 1, 2`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": r.ID})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[takenMinutes])
	if err != nil {
		return classify(err, "minutes")
	}
	for _, d := range list {
		var m minutes.Minutes
		if err := json.Unmarshal(d.Minutes, &m); err != nil {
			return fmt.Errorf("minutes of %s: %w", d.Ref, err)
		}
		if err := m.PutBack(d.Words); err != nil {
			return err
		}
		for field, into := range map[string]*string{"summary": &d.Summary, "note": &d.Note} {
			if text, ok := d.Words[field]; ok {
				if err := json.Unmarshal(text, into); err != nil {
					return fmt.Errorf("%s of %s: %w", field, d.Ref, err)
				}
			}
		}
		if err := s.keepMinutes(ctx, d.storedMinutes, m); err != nil {
			return err
		}
		if d.Number > 0 {
			continue
		}
		if err := s.saveOwners(ctx, ownersOf(m)); err != nil { // what they became meanwhile
			return err
		}
	}
	return nil
}

// ownersOf are the owners of the actions in m.
func ownersOf(m minutes.Minutes) itemOwners {
	var o itemOwners
	for _, t := range m.Topics {
		for _, i := range t.Items {
			if i.Kind == meeting.Action && !i.Redacted {
				o.refs, o.ns = append(o.refs, i.ID.Ref), append(o.ns, i.ID.N)
				o.owners = append(o.owners, string(jsonOf(orEmpty(i.Owners))))
			}
		}
	}
	return o
}

// titled is a meeting whose names may have to go.
type titled struct {
	Ref          hackfest.Ref
	Title        string
	Name         string
	Suffix       string
	Channel      string
	SessionID    hackfest.SessionID
	SessionTitle string
	Slug         string
	UID          string
}

// hideTitles takes words out of the names of meetings, and of sessions that were
// made for a meeting on the spot: those have its title, in their address too.
func (s *Store) hideTitles(ctx context.Context, r hackfest.Redaction, found seen, touch hackfest.Ref) ([]hackfest.ReachedEntry, error) {
	if len(found.words) == 0 || len(found.lines) == 0 {
		return nil, nil
	}
	list, err := s.meetingsAround(ctx, r.ChannelID, found.lines)
	if err != nil {
		return nil, err
	}
	var out []hackfest.ReachedEntry
	for _, m := range list {
		taken := map[string]string{}
		for _, x := range []struct {
			field   string
			text    *string
			instead string
			goes    bool
		}{
			{"title", &m.Title, untitled(m.Channel), found.begins(m.Ref)},
			{"name", &m.Name, "", slices.Contains(found.asked(meeting.Name), m.Name)},
			{"suffix", &m.Suffix, "", slices.Contains(found.asked(meeting.Suffix), m.Suffix)},
		} {
			if x.goes && *x.text != x.instead {
				taken[x.field] = *x.text
				out = append(out, hackfest.ReachedEntry{ID: hackfest.ItemID{Ref: m.Ref}, Kind: x.field, Text: *x.text})
				*x.text = x.instead
			}
		}
		if len(taken) == 0 {
			continue
		}
		if err := s.withhold(ctx, r.ID, "meeting", m.Ref, 0, taken); err != nil {
			return nil, err
		}
		if err := s.renameMeeting(ctx, m, touch); err != nil {
			return nil, err
		}
		if err := s.hideSessionTitle(ctx, r, found, m); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// meetingsAround are the meetings in which lines of a channel were said.
func (s *Store) meetingsAround(ctx context.Context, id hackfest.ChannelID, lines []spokenLine) ([]titled, error) {
	const q = `
		select m.ref, m.title, m.name, m.suffix, c.name as channel, s.id as session_id, s.title as session_title, s.slug, s.uid
		from meetings m
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where m.channel_id = @channel and m.ref <= @last and (m.last_ref is null or m.last_ref >= @first)`
	first, last := span(lines)
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": id, "first": uuid(first), "last": uuid(last)})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[titled])
	return list, classify(err, "meeting")
}

func (s *Store) renameMeeting(ctx context.Context, m titled, touch hackfest.Ref) error {
	const q = `update meetings set title = @title, name = @name, suffix = @suffix, changed_ref = @touch where ref = @ref`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"ref": m.Ref, "title": m.Title, "name": m.Name, "suffix": m.Suffix, "touch": touch})
	return classify(err, "meeting")
}

// hideSessionTitle gives a session that was made for meeting m another title and
// address.
func (s *Store) hideSessionTitle(ctx context.Context, r hackfest.Redaction, found seen, m titled) error {
	const q = `
		update sessions set title = @title, slug = @slug
		where id = @id and not exists (select 1 from sessions o where o.slug = @slug)`
	if m.UID != m.Ref.String()+"@hackfest" || m.SessionTitle == untitled(m.Channel) || !found.begins(m.Ref) {
		return nil
	}
	err := s.withhold(ctx, r.ID, "session", m.Ref, int64(m.SessionID), map[string]string{"title": m.SessionTitle, "slug": m.Slug})
	if err != nil {
		return err
	}
	title := untitled(m.Channel)
	slug := hackfest.SessionSlug(m.Ref.Time(), title)
	for i := 2; i <= maxSameSlug; i++ {
		tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": m.SessionID, "title": title, "slug": slug})
		if err != nil || tag.RowsAffected() == 1 {
			return classify(err, "session")
		}
		slug = fmt.Sprintf("%s-%d", hackfest.SessionSlug(m.Ref.Time(), title), i)
	}
	return fault.New(fault.Conflict, "There are too many meetings in this channel on that day.")
}
