package store_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testhistory"
)

// compare compares the minutes of each meeting.
func (r *run) compare() error {
	live := map[hackfest.Ref]string{}
	for _, s := range meeting.Meetings(r.spooled) {
		live[s.Header.Ref] = asText(minutes.FromState(s))
		for _, v := range s.Votes {
			if v.Secret && v.Cast > 0 && !v.Undone {
				r.tried["secret vote"]++
			}
		}
	}
	for _, m := range r.meetings() {
		r.tried["meeting"]++
		kept, err := r.minutes(m.Ref)
		if err != nil {
			return err
		}
		again, err := r.Rebuild(r.t.Context(), member, m.Ref)
		if err != nil {
			return err
		}
		if rebuilt := asText(again); kept != rebuilt {
			return fmt.Errorf("%s rebuilt: %s", m.Ref, differing(kept, rebuilt))
		}
		if len(r.hidden) == 0 && kept != live[m.Ref] {
			return fmt.Errorf("%s live: %s", m.Ref, differing(live[m.Ref], kept))
		}
		delete(live, m.Ref)
	}
	if len(live) > 0 {
		return fmt.Errorf("not stored: %v", slices.Collect(maps.Keys(live)))
	}
	return nil
}

func (r *run) meetings() []hackfest.Meeting {
	r.t.Helper()
	list, err := r.Meetings(r.t.Context(), member, store.MeetingFilter{Network: r.network})
	r.must(err)
	return list
}

func (r *run) minutes(ref hackfest.Ref) (string, error) {
	m, err := r.Minutes(r.t.Context(), member, ref)
	return asText(m), err
}

// lines are all lines of the channel as Postgres has them.
func (r *run) lines() []hackfest.Line {
	r.t.Helper()
	rows, _ := r.pool.Query(r.t.Context(), `
		select ref, at, received_at, nick, account, kind, text, target, raw, self, bot, op, history, off_record, windows1252, command
		from lines where channel_id = $1 order by ref`, r.id)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[hackfest.Line])
	r.must(err)
	return list
}

// reasons are why effects were set aside.
func (r *run) reasons() string {
	r.t.Helper()
	rows, _ := r.pool.Query(r.t.Context(), `select ref::text || ' ' || reason from set_aside where channel_id = $1`, r.id)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	r.must(err)
	return strings.Join(list, "\n")
}

// left are the wiped words that still stand somewhere, by table.
func (a *archive) left() map[string][]string {
	a.t.Helper()
	rows, _ := a.pool.Query(a.t.Context(), `select quote_ident(table_name) from information_schema.tables
		where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	a.must(err)
	found := map[string][]string{}
	look := func(where, query string) {
		rows, _ := a.pool.Query(a.t.Context(), query)
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		a.must(err)
		for _, text := range texts {
			for _, w := range testhistory.Words(strings.ToLower(text)) {
				if a.gone[w] != "" && !slices.Contains(found[where], w) {
					found[where] = append(found[where], w)
				}
			}
		}
	}
	for _, table := range tables {
		look(table, fmt.Sprintf(`select x::text from %s x where x::text ~* 'zz[0-9]+z'`, table))
	}
	look("lines.raw", `select encode(raw, 'escape') from lines where raw is not null`)
	return found
}

func asText(x any) string {
	text, err := json.MarshalIndent(x, "", " ")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// differing is where two texts part.
func differing(was, is string) string {
	a, b := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			from := max(0, i-6)
			return fmt.Sprintf("was\n%s\nis\n%s", strings.Join(a[from:min(len(a), i+6)], "\n"), strings.Join(b[from:min(len(b), i+6)], "\n"))
		}
	}
	return fmt.Sprintf("%d lines instead of %d", len(b), len(a))
}
