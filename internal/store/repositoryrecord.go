package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// AddRecord registers a repository as somebody wrote it down at recorded: what
// changed on which days, and nothing else. GitHub is never asked about it. A name
// that is registered is fault.Conflict.
func (s *Store) AddRecord(ctx context.Context, name string, recorded time.Time, days []hackfest.Commit, now time.Time) (hackfest.RepositoryID, error) {
	const q = `
		insert into repositories (name, recorded_at, due_at, known_at, commits_from, created_at)
		values (@name, @recorded, @now, @recorded, @from, @now)
		returning id`
	from := recorded
	for _, d := range days {
		if d.CommittedAt.Before(from) {
			from = d.CommittedAt.UTC().Truncate(24 * time.Hour)
		}
	}
	var id hackfest.RepositoryID
	err := s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"name": clean(name), "recorded": recorded, "from": from, "now": now})
		var err error
		if id, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.RepositoryID]); err != nil {
			return classify(err, "repository")
		}
		return tx.addDays(ctx, id, days, recorded)
	})
	return id, err
}

// addDays stores the days of a record.
func (s *Store) addDays(ctx context.Context, id hackfest.RepositoryID, days []hackfest.Commit, recorded time.Time) error {
	const q = `
		insert into commits (repository_id, sha, summary, author, committed_at, known_at)
		select @id, x.sha, x.summary, x.author, x.at, @recorded
		from unnest(@shas::text[], @summaries::text[], @authors::text[], @ats::timestamptz[]) x (sha, summary, author, at)`
	var shas, summaries, authors []string
	var ats []time.Time
	for _, d := range days {
		shas, summaries, authors, ats = append(shas, d.SHA), append(summaries, clean(d.Summary)), append(authors, clean(d.Author)), append(ats, d.CommittedAt)
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "shas": shas, "summaries": summaries, "authors": authors, "ats": ats, "recorded": recorded})
	return classify(err, "commit")
}
