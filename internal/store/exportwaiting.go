package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// contextWithout are the context lines that say words of redactions which are not
// purged yet, without these words, as the purge will leave them.
func (s *Store) contextWithout(ctx context.Context) (map[hackfest.Ref]string, error) {
	const q = `select distinct channel_id from redactions where purged_at is null order by channel_id`
	rows, _ := s.db.Query(ctx, q)
	channels, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.ChannelID])
	if err != nil {
		return nil, classify(err, "redaction")
	}
	texts := map[hackfest.Ref]string{}
	for _, id := range channels {
		list, err := s.waiting(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			if err := s.takeFromContext(ctx, r, texts); err != nil {
				return nil, err
			}
		}
	}
	return texts, nil
}

// takeFromContext takes what r hides from texts, and from the lines that are not
// in it yet.
func (s *Store) takeFromContext(ctx context.Context, r hackfest.Redaction, texts map[hackfest.Ref]string) error {
	found, err := s.look(ctx, r)
	if err != nil {
		return err
	}
	lines, err := s.contextsSaying(ctx, r.ChannelID, found)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if text, ok := texts[l.Ref]; ok {
			l.Text = text
		}
		texts[l.Ref] = without(l.Text, found.words, r.Mark())
	}
	return nil
}

// agendaID is where a context line calls a point of an agenda by its number, and
// nothing else: within a text of JSON a quotation mark bears a backslash.
var agendaID = regexp.MustCompile(`\{"id":(\d+)`)

// amendContext replaces, in a context line, the numbers of points of an agenda by
// those that they get where the line arrives, and takes out what was redacted.
func (r *exportReader) amendContext(values []any) {
	at := func(name string) int {
		return slices.IndexFunc(r.columns, func(c exportColumn) bool { return c.Name == name })
	}
	text := at("text")
	if values[at("kind")] != "context" {
		return
	}
	if cleaned, ok := r.x.context[hackfest.Ref(values[at("ref")].([16]byte))]; ok {
		values[text] = cleaned
	}
	values[text] = agendaID.ReplaceAllStringFunc(values[text].(string), func(found string) string {
		var id int64
		if _, err := fmt.Sscanf(found, `{"id":%d`, &id); err != nil {
			return found
		}
		if number, ok := r.x.keys["agenda_items"][id]; ok {
			return fmt.Sprintf(`{"id":%d`, number)
		}
		return `{"id":0` // it is gone
	})
}
