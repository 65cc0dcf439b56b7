package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// targetWords are the words of a target, its address among them.
type targetWords struct {
	ID       hackfest.TargetID `json:"-"`
	Slug     string            `json:"slug"`
	Name     string            `json:"name"`
	Sentence string            `json:"sentence"`
	About    string            `json:"about"`
	Goal     string            `json:"goal"`
	Goes     bool              `json:"-"` // its line does
}

// hideInTargets hides the targets that lines of r proposed, also from the
// addresses they had, and takes the words out of those that quote them and were
// proposed in the channel. The draft of the news that one works, which repeats
// them, goes for good unless somebody wrote on it.
func (s *Store) hideInTargets(ctx context.Context, r hackfest.Redaction, found seen) error {
	const q = `
		with said as (
			select t.id, t.slug, t.name, t.sentence, t.about, t.goal,
				coalesce(t.line_ref = any(@lines), false) or t.line_ref is null and t.via = 'irc' and lower(t.name) = any(@names::text[]) as goes,
				exists (select 1 from unnest(@words::text[]) w
					where strpos(t.name, w) > 0 or strpos(t.sentence, w) > 0 or strpos(t.about, w) > 0 or strpos(t.goal, w) > 0) as quotes
			from targets t
			where t.channel_id = @channel and t.redacted_at is null
			for update of t)
		select id, slug, name, sentence, about, goal, goes from said where goes or quotes order by id`
	const hide = `
		with forgotten as (delete from target_slugs where target_id = @id and @goes)
		update targets set slug = @slug, name = @name, sentence = @sentence, about = @about, goal = @goal,
			redacted_at = case when @goes then @at::timestamptz end, revision = revision + 1
		where id = @id`
	const undraft = `
		delete from news n using targets t
		where t.id = @id and n.target_id = t.id and n.state = 'draft' and n.revision = 1 and n.created_at = t.staged_at
		  and (@goes or exists (select 1 from unnest(@words::text[]) w where strpos(n.title, w) > 0 or strpos(n.summary, w) > 0 or strpos(n.body, w) > 0))`
	words := telling(found.words)
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"channel": r.ChannelID, "lines": refsOf(found.lines), "words": words, "names": ideas(found.lines)})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[targetWords])
	if err != nil {
		return classify(err, "target")
	}
	for _, t := range list {
		if err := s.withhold(ctx, r.ID, "target", hackfest.Ref{}, int64(t.ID), t); err != nil {
			return err
		}
		if _, err := s.db.Exec(ctx, undraft, pgx.NamedArgs{"id": t.ID, "goes": t.Goes, "words": words}); err != nil {
			return classify(err, "news")
		}
		left := t.without(words)
		if _, err := s.db.Exec(ctx, hide, pgx.NamedArgs{
			"id": t.ID, "slug": left.Slug, "name": left.Name, "sentence": left.Sentence, "about": left.About, "goal": left.Goal,
			"goes": t.Goes, "at": r.At,
		}); err != nil {
			return classify(err, "target")
		}
	}
	return nil
}

// ideas are what lines propose, in small letters.
func ideas(lines []spokenLine) []string {
	list := []string{}
	for _, l := range lines {
		word, rest, _ := strings.Cut(strings.TrimSpace(l.Text), " ")
		if !strings.EqualFold(word, "!idea") {
			continue
		}
		if e, err := (hackfest.Suggestion{Text: rest}).Proposed(); err == nil {
			list = append(list, strings.ToLower(clean(e.Name)))
		}
	}
	return list
}

// without is w with words cut out, or with none of its own when its line goes.
// Its address is made of its name, so it has another then.
func (w targetWords) without(words []string) targetWords {
	if w.Goes {
		return targetWords{Slug: removedSlug(w.ID), Name: "removed"}
	}
	out := targetWords{
		Slug: w.Slug, Name: minutes.CutWords(w.Name, words), Sentence: minutes.CutWords(w.Sentence, words),
		About: minutes.CutWords(w.About, words), Goal: minutes.CutWords(w.Goal, words),
	}
	if out.Name != w.Name {
		runes := []rune(out.Name)
		out.Slug, out.Name = removedSlug(w.ID), string(runes[:min(len(runes), hackfest.MaxTargetName)])
	}
	return out
}

// putBackTargets gives targets their words back. Addresses that one had before
// are not known any more.
func (s *Store) putBackTargets(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update targets t
		set slug = x.words->>'slug', name = x.words->>'name', sentence = x.words->>'sentence', about = x.words->>'about',
			goal = x.words->>'goal', redacted_at = null, revision = revision + 1
		from withheld x
		where x.redaction_id = @id and x.place = 'target' and t.id = x.n`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "target")
}

func removedSlug(id hackfest.TargetID) string { return "removed-" + strconv.FormatInt(int64(id), 10) }
