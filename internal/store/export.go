package store

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Exporting reads everything that an export holds, as it was at one instant.
type Exporting struct {
	// Schema is the number of the newest migration of the database.
	Schema int64

	tx      *Store
	private bool
	plans   []exportPlan
	keys    map[string]map[int64]any // by table: what its rows are called
	context map[hackfest.Ref]string  // context lines that say what was redacted, as they leave
}

// ExportedTable says what a table of an export is.
type ExportedTable struct {
	Name   string
	About  string   // one sentence; "" has none
	Key    string   // by which others name its rows, as "network/name"; "" is the line's number
	Fields []string // of each row, in their order; empty ones are left out
	Rows   int64
}

// ExportedRow is one row of a table.
type ExportedRow struct {
	JSON []byte // an object on one line; valid until the next row

	// Of a line of a channel log: where and in which month, in UTC, it was said.
	// Lines come channel by channel in the order of their refs.
	Network, Channel string
	Month            time.Time
}

// Export calls fn with all that the portal holds and that may leave it, as it is
// now. private adds what only who runs the portal should have; see exportTables.
// It is for whoever may read the database, so it asks for no viewer.
func (s *Store) Export(ctx context.Context, private bool, fn func(*Exporting) error) error {
	return s.inSnapshot(ctx, func(tx *Store) error {
		x := &Exporting{tx: tx, private: private, keys: map[string]map[int64]any{}}
		var err error
		if x.Schema, err = tx.SchemaVersion(ctx); err != nil {
			return err
		}
		if x.plans, err = tx.exportPlans(ctx); err != nil {
			return err
		}
		if x.context, err = tx.contextWithout(ctx); err != nil {
			return err
		}
		return fn(x)
	})
}

// Tables lists what Rows can be asked for; those that others refer to come
// first.
func (x *Exporting) Tables(ctx context.Context) ([]ExportedTable, error) {
	var list []ExportedTable
	for _, p := range x.plans {
		if p.allPrivate && !x.private {
			continue
		}
		t := ExportedTable{Name: p.name, About: p.about}
		for _, c := range p.leaves(x.private) {
			t.Fields = append(t.Fields, c.field)
		}
		var key []string
		for name := range strings.FieldsSeq(p.key) {
			key = append(key, strings.TrimSuffix(name, "_id"))
		}
		t.Key = strings.Join(key, "/")
		rows, _ := x.tx.db.Query(ctx, countLeaving(p), pgx.NamedArgs{"private": x.private})
		var err error
		if t.Rows, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64]); err != nil {
			return nil, classify(err, p.name)
		}
		list = append(list, t)
	}
	return list, nil
}

// Rows calls fn with each row of a table, in the order of its primary key.
func (x *Exporting) Rows(ctx context.Context, table string, fn func(ExportedRow) error) error {
	p, err := planOf(x.plans, table)
	if err != nil {
		return err
	}
	columns := p.leaves(x.private)
	for _, c := range columns {
		if c.Refers != nil {
			if err := x.learn(ctx, *c.Refers); err != nil {
				return err
			}
		}
	}
	if table == "lines" {
		if err := x.learn(ctx, "agenda_items"); err != nil {
			return err
		}
	}
	r := exportReader{x: x, p: p, columns: columns, w: newJSONWriter(), fn: fn}
	if err := r.prepare(); err != nil {
		return err
	}
	args := pgx.NamedArgs{"private": x.private}
	for n := exportPage; n == exportPage; {
		rows, _ := x.tx.db.Query(ctx, selectPage(p, x.private, r.last != nil), args)
		if n, err = r.read(rows); err != nil {
			return classify(err, table)
		}
		for i, v := range r.last {
			args[fmt.Sprintf("k%d", i)] = v
		}
	}
	return nil
}

func planOf(plans []exportPlan, table string) (exportPlan, error) {
	for _, p := range plans {
		if p.name == table {
			return p, nil
		}
	}
	return exportPlan{}, fault.New(fault.NotFound, "No export has a table %q.", table)
}

// learn finds out what the rows of a table are called.
func (x *Exporting) learn(ctx context.Context, table string) error {
	if x.keys[table] != nil {
		return nil
	}
	p, err := planOf(x.plans, table)
	if err != nil {
		return err
	}
	refers := map[int]string{} // by the place in the key
	for i, name := range strings.Fields(p.key) {
		for _, c := range p.columns {
			if c.Name == name && c.Refers != nil {
				refers[i] = *c.Refers
				if err := x.learn(ctx, *c.Refers); err != nil {
					return err
				}
			}
		}
	}
	rows, _ := x.tx.db.Query(ctx, selectKeys(p), pgx.NamedArgs{"private": x.private})
	keys, number := map[int64]any{}, int64(0)
	defer rows.Close()
	for rows.Next() {
		v, err := rows.Values()
		if err != nil {
			return classify(err, table)
		}
		number++
		id, parts := v[0].(int64), make([]string, len(v)-1)
		for i := range parts {
			if to, ok := refers[i]; ok {
				parts[i] = fmt.Sprint(x.keys[to][v[i+1].(int64)])
			} else {
				parts[i] = fmt.Sprint(v[i+1])
			}
		}
		if keys[id] = strings.Join(parts, "/"); len(parts) == 0 {
			keys[id] = number
		}
	}
	x.keys[table] = keys
	return classify(rows.Err(), table)
}

// exportReader writes the rows of one table.
type exportReader struct {
	x       *Exporting
	p       exportPlan
	columns []exportColumn
	missing [][]byte // by column: the JSON that is left out; nil is none
	w       *jsonWriter
	fn      func(ExportedRow) error
	last    []any // the primary key of the last row
}

// prepare works out which values need not be written: those without content
// that a row holds anyway.
func (r *exportReader) prepare() error {
	r.missing = make([][]byte, len(r.columns))
	for i, c := range r.columns {
		if c.needed {
			continue
		}
		if err := r.w.put(c.Type, c.missing); err != nil {
			return err
		}
		text := r.w.String()
		r.w.Reset()
		if text == "null" || text == exportTypes[c.Type].zero {
			r.missing[i] = []byte(text)
		}
	}
	return nil
}

// read writes a page of rows, and returns how many they were.
func (r *exportReader) read(rows pgx.Rows) (n int, err error) {
	defer rows.Close()
	key := len(r.p.primary())
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return n, err
		}
		n++
		r.last = values[:key]
		row, err := r.row(values[key:])
		if err != nil {
			return n, err
		}
		if err := r.fn(row); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// row writes one row.
func (r *exportReader) row(values []any) (ExportedRow, error) {
	var out ExportedRow
	if r.p.name == "lines" {
		r.amendContext(values)
	}
	r.w.Reset()
	r.w.WriteByte('{')
	for i, c := range r.columns {
		v, typ := values[i], c.Type
		if c.Refers != nil && v != nil {
			v = r.x.keys[*c.Refers][v.(int64)]
			if typ = "int8"; v == nil {
				typ = "text" // gone, and its key with it
			}
		}
		if r.p.name == "lines" {
			out.place(c.Name, v)
		}
		before := r.w.Len()
		if before > 1 {
			r.w.WriteByte(',')
		}
		r.w.WriteString(`"` + c.field + `":`)
		from := r.w.Len()
		if err := r.w.put(typ, v); err != nil {
			return out, fmt.Errorf("%s of %s: %w", c.Name, r.p.name, err)
		}
		if r.missing[i] != nil && bytes.Equal(r.w.Bytes()[from:], r.missing[i]) {
			r.w.Truncate(before)
		}
	}
	r.w.WriteByte('}')
	out.JSON = r.w.Bytes()
	return out, nil
}

// place notes what tells in which file a line goes.
func (row *ExportedRow) place(column string, v any) {
	switch v := v.(type) {
	case string:
		if column == "channel_id" {
			row.Network, row.Channel, _ = strings.Cut(v, "/")
		}
	case [16]byte:
		if column == "ref" {
			at := hackfest.Ref(v).Time()
			row.Month = time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
		}
	}
}

// ExportedMinutes are the minutes of a meeting that is over, as its page shows
// them.
type ExportedMinutes struct {
	minutes.Minutes
	Session string // slug of its session
	Zone    string // IANA name; of its session
	Hidden  bool   // for members only
}

// Minutes calls fn with the minutes of each meeting that is over, in order.
func (x *Exporting) Minutes(ctx context.Context, fn func(ExportedMinutes) error) error {
	const q = `
		select m.ref, s.slug, s.zone, m.visibility <> 'public' or s.visibility <> 'public' or c.visibility <> 'public'
		from meetings m
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where m.ended_at is not null
		order by m.ref`
	type held struct {
		Ref           hackfest.Ref
		Session, Zone string
		Hidden        bool
	}
	rows, _ := x.tx.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[held])
	if err != nil {
		return classify(err, "meeting")
	}
	for _, h := range list {
		m, err := x.tx.Minutes(ctx, person.Viewer{Role: person.Member}, h.Ref)
		if err != nil {
			return err
		}
		if err := fn(ExportedMinutes{Minutes: m, Session: h.Session, Zone: h.Zone, Hidden: h.Hidden}); err != nil {
			return err
		}
	}
	return nil
}
