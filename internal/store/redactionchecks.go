package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// checkWords are the words of an item of a checklist.
type checkWords struct {
	ID        hackfest.CheckItemID `json:"-"`
	Text      string               `json:"text"`
	Advice    string               `json:"advice"`
	Automatic *hackfest.Check      `json:"automatic"`
}

// hideInChecks hides the items of checklists that lesson id became, or takes the
// words out of those that quote them.
func (s *Store) hideInChecks(ctx context.Context, id hackfest.LessonID, goes bool, r hackfest.Redaction, words []string) error {
	const q = `
		select i.id, i.text, i.advice, i.automatic
		from checklist_items i
		where i.lesson_id = @lesson and i.redacted_at is null
		order by i.id
		for update`
	const hide = `update checklist_items set text = @text, advice = @advice, automatic = @automatic,
		redacted_at = case when @goes then @at::timestamptz end where id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"lesson": id})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[checkWords])
	if err != nil {
		return classify(err, "checklist item")
	}
	for _, i := range list {
		if err := s.withhold(ctx, r.ID, "check", hackfest.Ref{}, int64(i.ID), i); err != nil {
			return err
		}
		left := checkWords{Text: r.Mark()}
		if !goes {
			left = i.without(words)
		}
		if _, err := s.db.Exec(ctx, hide, pgx.NamedArgs{
			"id": i.ID, "text": left.Text, "advice": left.Advice, "automatic": left.Automatic, "goes": goes, "at": r.At,
		}); err != nil {
			return classify(err, "checklist item")
		}
	}
	return nil
}

// without is w with words cut out.
func (w checkWords) without(words []string) checkWords {
	cut := func(text string, most int) string {
		runes := []rune(minutes.CutWords(text, words)) // what stands for a word may be longer
		return string(runes[:min(len(runes), most)])
	}
	out := checkWords{Text: cut(w.Text, 300), Advice: cut(w.Advice, 300)}
	if w.Automatic != nil {
		c := *w.Automatic
		c.Title, c.Advice, c.Why = cut(c.Title, 300), cut(c.Advice, 300), cut(c.Why, 300)
		out.Automatic = &c
	}
	return out
}

func (s *Store) putBackChecks(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update checklist_items i
		set text = x.words->>'text', advice = x.words->>'advice', automatic = nullif(x.words->'automatic', 'null'), redacted_at = null
		from withheld x
		where x.redaction_id = @id and x.place = 'check' and i.id = x.n`
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "checklist item")
}
