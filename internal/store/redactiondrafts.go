package store

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// writing is a saved draft as a redaction finds it.
type writing struct {
	Ref      hackfest.Ref // of the meeting
	Revision int64
	Fields   minutes.Fields
}

// hideInDrafts takes what r hides out of what people write about meetings: all
// about entries that go, and its words elsewhere.
func (s *Store) hideInDrafts(ctx context.Context, r hackfest.Redaction, found seen) error {
	const q = `update minutes_drafts set fields = @fields where meeting_ref = @ref and revision = @revision`
	list, err := s.draftsHolding(ctx, r, found)
	if err != nil {
		return err
	}
	for _, d := range list {
		taken := minutes.Fields{}
		for name, text := range d.Fields {
			switch cut := minutes.CutWords(text, found.words); {
			case found.takesField(name, d.Fields):
				taken[name] = text
				delete(d.Fields, name)
			case cut != text:
				taken[name], d.Fields[name] = text, cut
			}
		}
		if len(taken) == 0 {
			continue
		}
		if err := s.withhold(ctx, r.ID, "writing", d.Ref, d.Revision, taken); err != nil {
			return err
		}
		args := pgx.NamedArgs{"ref": uuid(d.Ref), "revision": d.Revision, "fields": jsonOf(d.Fields)}
		if _, err := s.db.Exec(ctx, q, args); err != nil {
			return classify(err, "draft")
		}
	}
	return nil
}

// hideInEdited takes the words of what r hides out of items and topics that people
// changed or added when they wrote the minutes. What others said themselves in the
// same words stays.
func (s *Store) hideInEdited(ctx context.Context, r hackfest.Redaction, found seen, touch hackfest.Ref) error {
	const q = `
		select 'item' as place, i.ref, i.n::bigint, i.text, jsonb_build_object('text', i.text, 'url', i.url, 'owners', i.owners, 'due', i.due) as words
		from items i join meetings m on m.ref = i.meeting_ref
		where m.channel_id = @channel and i.edited and i.redacted_at is null
		  and exists (select 1 from unnest(@words::text[]) w where strpos(i.text, w) > 0)
		union all
		select 'topic', p.ref, p.n, p.title, jsonb_build_object('title', p.title)
		from topics p join meetings m on m.ref = p.meeting_ref
		where m.channel_id = @channel and p.edited and p.redacted_at is null
		  and exists (select 1 from unnest(@words::text[]) w where strpos(p.title, w) > 0)`
	const inItems = `update items set text = @text, changed_ref = @touch where ref = @ref and n = @n`
	const inTopics = `update topics set title = @text, changed_ref = @touch where ref = @ref and n = @n`
	words := telling(found.words)
	if len(words) == 0 {
		return nil
	}
	type edited struct {
		Place string
		Ref   hackfest.Ref
		N     int64
		Text  string
		Words json.RawMessage
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": r.ChannelID, "words": words})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[edited])
	if err != nil {
		return classify(err, "item")
	}
	for _, e := range list {
		if err := s.withhold(ctx, r.ID, e.Place, e.Ref, e.N, e.Words); err != nil {
			return err
		}
		args := pgx.NamedArgs{"ref": uuid(e.Ref), "n": e.N, "text": minutes.CutWords(e.Text, words), "touch": touch}
		if e.Place == "topic" {
			_, err = s.db.Exec(ctx, inTopics, args)
		} else {
			_, err = s.db.Exec(ctx, inItems, args)
		}
		if err != nil {
			return classify(err, "item")
		}
	}
	return nil
}

// telling are those of words that stand nowhere by chance.
func telling(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !minutes.Telling(w) })
}

// takesField reports whether a field of a draft is about an entry that goes, or
// about a lesson that stands on a line that does.
func (f seen) takesField(name string, fields minutes.Fields) bool {
	sort, id, _, ok := minutes.FieldID(name)
	if !ok {
		return false
	}
	gone := func(ref hackfest.Ref) bool {
		return slices.ContainsFunc(f.lines, func(l spokenLine) bool { return l.Ref == ref })
	}
	if gone(id.Ref) || slices.ContainsFunc(f.entries, func(e entrySeen) bool { return e.Place != "agenda" && e.Ref == id.Ref && int(e.N) == id.N }) {
		return true
	}
	line, err := hackfest.ParseRef(fields[minutes.FieldOf(sort, id, "line")])
	return err == nil && gone(line)
}

// draftsHolding are the saved drafts of r's channel that may hold what it hides.
func (s *Store) draftsHolding(ctx context.Context, r hackfest.Redaction, found seen) ([]writing, error) {
	const q = `
		select d.meeting_ref as ref, d.revision::bigint, d.fields
		from minutes_drafts d join meetings m on m.ref = d.meeting_ref
		where m.channel_id = @channel and d.fields <> '{}'
		  and exists (select 1 from unnest(@needles::text[]) w where strpos(d.fields::text, w) > 0)
		order by 1, 2`
	var needles []string
	for _, l := range found.lines {
		needles = append(needles, l.Ref.String())
	}
	for _, e := range found.entries {
		needles = append(needles, e.Ref.String())
	}
	for _, w := range found.words {
		needles = append(needles, asStored(w))
	}
	if len(needles) == 0 {
		return nil, nil
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": r.ChannelID, "needles": needles})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[writing])
	return list, classify(err, "draft")
}

func (s *Store) putBackDrafts(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update minutes_drafts d
		set fields = d.fields || x.words
		from withheld x
		where x.redaction_id = @id and x.place = 'writing' and d.meeting_ref = x.ref and d.revision = x.n`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "draft")
}

// hideInLessons hides the lessons that minutes or people made of what goes, and
// takes the words out of those that quote them. Whether another lesson says in other words
// what a line said, a person has to tell: the desk lists those.
func (s *Store) hideInLessons(ctx context.Context, r hackfest.Redaction, found seen) error {
	const q = `
		with said as (
			select x.id, x.text, x.line_ref,
				(x.meeting_ref is not null or x.from_line) and (x.line_ref = any(@lines) or x.item_ref = any(@lines)
					or exists (select 1 from unnest(@refs::uuid[], @ns::bigint[]) e (ref, n) where (x.item_ref, x.item_n) = (e.ref, e.n))) as goes,
				(select w from unnest(@words::text[]) w where strpos(x.text, w) > 0 limit 1) is not null as quotes
			from lessons x
			where x.redacted_at is null
			  and (x.meeting_ref in (select m.ref from meetings m where m.channel_id = @channel)
				or x.session_id in (select s.id from sessions s where s.channel_id = @channel)
				or x.line_ref in (select l.ref from lines l where l.ref = x.line_ref and l.channel_id = @channel))
			for update of x)
		select id, text, coalesce(line_ref, '00000000-0000-0000-0000-000000000000') as line, goes from said where goes or quotes order by id`
	words := telling(found.words)
	var refs [][16]byte
	var ns []int64
	for _, e := range found.entries {
		if e.Place == "item" {
			refs, ns = append(refs, e.Ref), append(ns, e.N)
		}
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"channel": r.ChannelID, "lines": refsOf(found.lines), "refs": refs, "ns": ns, "words": words,
	})
	type lesson struct {
		ID   hackfest.LessonID
		Text string
		Line [16]byte
		Goes bool
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[lesson])
	if err != nil {
		return classify(err, "lesson")
	}
	for _, l := range list {
		if err := s.withhold(ctx, r.ID, "lesson", l.Line, int64(l.ID), map[string]string{"text": l.Text}); err != nil {
			return err
		}
		text := r.Mark()
		if !l.Goes {
			text = minutes.CutWords(l.Text, words)
		}
		if err := s.hideLesson(ctx, l.ID, text, l.Goes, r); err != nil {
			return err
		}
		if err := s.hideInChecks(ctx, l.ID, l.Goes, r, words); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) hideLesson(ctx context.Context, id hackfest.LessonID, text string, goes bool, r hackfest.Redaction) error {
	const q = `update lessons set text = @text, redacted_at = case when @goes then @at::timestamptz end where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "text": text, "goes": goes, "at": r.At})
	return classify(err, "lesson")
}

func (s *Store) putBackLessons(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update lessons l
		set text = x.words->>'text', redacted_at = null
		from withheld x
		where x.redaction_id = @id and x.place = 'lesson' and l.id = x.n`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "lesson")
}
