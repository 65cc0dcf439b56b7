package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// Importing puts what an export wrote into an empty portal.
type Importing struct {
	// Schema is the number of the newest migration of the database.
	Schema int64

	tx    *Store
	plans []exportPlan
	keys  map[string]map[string]int64 // by table: the rows that their keys name
	base  map[string]int64            // by table: the number before its first row
}

// LoadedRows are the rows of one table as an export wrote them. It may be read
// more than once.
type LoadedRows iter.Seq2[[]byte, error]

// RowError says which row of an export cannot be taken, and why.
type RowError struct {
	Table string
	Row   int64 // from 1 on, through all files of the table
	Why   string
	Err   error // may be nil
}

func (e *RowError) Error() string { return fmt.Sprintf("%s, row %d: %s", e.Table, e.Row, e.Why) }
func (e *RowError) Unwrap() error { return e.Err }

// Import calls fn to load an export, all of it or nothing. A portal that holds
// anything that an export brings is fault.Conflict.
func (s *Store) Import(ctx context.Context, fn func(*Importing) error) error {
	return s.InTx(ctx, func(tx *Store) error {
		x := &Importing{tx: tx, keys: map[string]map[string]int64{}, base: map[string]int64{}}
		var err error
		if x.Schema, err = tx.SchemaVersion(ctx); err != nil {
			return err
		}
		if x.plans, err = tx.exportPlans(ctx); err != nil {
			return err
		}
		if err := x.lockEmpty(ctx); err != nil {
			return err
		}
		if err := fn(x); err != nil {
			return err
		}
		for _, topic := range []string{topicSessions, topicChannels} {
			if err := tx.notify(ctx, topic); err != nil {
				return err
			}
		}
		return nil
	})
}

// lockEmpty refuses a portal that holds something. The audit log does not count:
// what was tried on an empty portal is in it too.
func (x *Importing) lockEmpty(ctx context.Context) error {
	if _, err := x.tx.db.Exec(ctx, lockTables(x.plans)); err != nil {
		return classify(err, "database")
	}
	var found []string
	for _, p := range x.plans {
		rows, _ := x.tx.db.Query(ctx, countRows(p))
		n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
		if err != nil {
			return classify(err, p.name)
		}
		if n > 0 && p.name != "audit" {
			found = append(found, fmt.Sprintf("%s (%d)", strings.ReplaceAll(p.name, "_", " "), n))
		}
		if !p.ids {
			continue
		}
		rows, _ = x.tx.db.Query(ctx, highestID(p))
		if x.base[p.name], err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64]); err != nil {
			return classify(err, p.name)
		}
	}
	if len(found) > 0 {
		return fault.New(fault.Conflict, "An export goes into an empty portal, and this one holds %s.", strings.Join(found, ", "))
	}
	return nil
}

// Tables lists what can be loaded, in the order in which it has to be.
func (x *Importing) Tables() []string {
	var names []string
	for _, p := range x.plans {
		names = append(names, p.name)
	}
	return names
}

// Load puts the rows of a table in, and returns how many they were. A row that
// cannot be taken is a *RowError.
func (x *Importing) Load(ctx context.Context, table string, rows LoadedRows) (int64, error) {
	p, err := planOf(x.plans, table)
	if err != nil {
		return 0, err
	}
	if err := x.learn(p, rows); err != nil {
		return 0, err
	}
	next, stop := iter.Pull2(iter.Seq2[[]byte, error](rows))
	defer stop()
	l := loader{x: x, p: p, next: next}
	n, err := x.tx.db.CopyFrom(ctx, pgx.Identifier{p.name}, copyColumns(p), &l)
	if err != nil {
		return n, l.refused(err)
	}
	if len(p.made) > 0 {
		if _, err := x.tx.db.Exec(ctx, remake(p)); err != nil {
			return n, classify(err, table)
		}
	}
	if p.ids && n > 0 {
		_, err = x.tx.db.Exec(ctx, nextID(p), pgx.NamedArgs{"last": x.base[table] + n})
	}
	return n, classify(err, table)
}

// learn notes what the rows of p are called, for those that refer to them: other
// tables' and, as far as they do, its own.
func (x *Importing) learn(p exportPlan, rows LoadedRows) error {
	if p.key == "" {
		return nil
	}
	keys, number := map[string]int64{}, x.base[p.name]
	x.keys[p.name] = keys
	for text, err := range rows {
		if err != nil {
			return err
		}
		number++
		var row map[string]json.RawMessage
		if err := json.Unmarshal(text, &row); err != nil {
			return &RowError{Table: p.name, Row: number - x.base[p.name], Why: "no JSON object: " + err.Error(), Err: err}
		}
		var parts []string
		for name := range strings.FieldsSeq(p.key) {
			part, err := readAs[string](row[p.fieldOf(name)])
			if err != nil {
				return &RowError{Table: p.name, Row: number - x.base[p.name], Why: p.fieldOf(name) + ": missing, or no text", Err: err}
			}
			parts = append(parts, part.(string))
		}
		keys[strings.Join(parts, "/")] = number
	}
	return nil
}

// fieldOf is what a column of p is called in the file.
func (p exportPlan) fieldOf(column string) string {
	for _, c := range p.columns {
		if c.Name == column {
			return c.field
		}
	}
	return column
}

// loader reads rows of a table for COPY.
type loader struct {
	x      *Importing
	p      exportPlan
	next   func() ([]byte, error, bool)
	row    int64 // the number of the row in values
	values []any
	err    error
}

// Next implements pgx.CopyFromSource.
func (l *loader) Next() bool {
	text, err, ok := l.next()
	if !ok {
		return false
	}
	l.row++
	if l.err = err; err == nil {
		l.values, l.err = l.read(text)
	}
	return l.err == nil
}

// Values implements pgx.CopyFromSource.
func (l *loader) Values() ([]any, error) { return l.values, nil }

// Err implements pgx.CopyFromSource.
func (l *loader) Err() error { return l.err }

// read are the values of one row, as copyColumns orders them.
func (l *loader) read(text []byte) ([]any, error) {
	row, err := readObject(text)
	if err != nil {
		return nil, l.wrong("no JSON object: "+err.Error(), err)
	}
	var values []any
	if l.p.ids {
		values = append(values, l.x.base[l.p.name]+l.row)
	}
	for _, c := range l.p.columns {
		raw, ok := row[c.field]
		delete(row, c.field)
		v, err := l.value(c, raw, ok)
		if err != nil {
			return nil, l.wrong(c.field+": "+err.Error(), err)
		}
		values = append(values, v)
	}
	for range l.p.made {
		values = append(values, fmt.Sprintf("row %d", l.row)) // until it is worked out
	}
	for name := range row {
		return nil, l.wrong(fmt.Sprintf("a field %q that this version does not know", name), nil)
	}
	return values, nil
}

// readObject reads a JSON object that stands alone and says nothing twice.
func readObject(text []byte) (map[string]json.RawMessage, error) {
	var row map[string]json.RawMessage
	if err := json.Unmarshal(text, &row); err != nil {
		return nil, err
	}
	if row == nil {
		return nil, errors.New("null")
	}
	return row, nil
}

// value is what a row holds in a column.
func (l *loader) value(c exportColumn, raw []byte, there bool) (any, error) {
	switch {
	case !there && c.needed:
		return nil, errors.New("missing")
	case !there:
		return c.missing, nil
	case bytes.Equal(raw, []byte("null")):
		if c.NotNull {
			return nil, errors.New("null is not allowed")
		}
		return nil, nil
	case c.Refers == nil:
		return exportTypes[c.Type].read(raw)
	}
	if keys := l.x.keys[*c.Refers]; keys != nil {
		key, err := readAs[string](raw)
		if err != nil {
			return nil, err
		}
		id, ok := keys[key.(string)]
		if !ok {
			return nil, fmt.Errorf("there is no %q in %s", key, *c.Refers)
		}
		return id, nil
	}
	number, err := readAs[int64](raw)
	if err != nil {
		return nil, err
	}
	return l.x.base[*c.Refers] + number.(int64), nil
}

func (l *loader) wrong(why string, err error) error {
	return &RowError{Table: l.p.name, Row: l.row, Why: why, Err: err}
}

// refused says what is wrong with the rows, in place of what Postgres says. Of
// rows that it checks all together it names none.
func (l *loader) refused(err error) error {
	if l.err != nil {
		return l.err // not what Postgres says of a copy that breaks off
	}
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || slices.Contains([]string{"08", "53", "57", "58", "XX"}, pg.Code[:min(2, len(pg.Code))]) {
		return classify(err, l.p.name)
	}
	wrong := &RowError{Table: l.p.name, Row: copiedRow(pg.Where), Why: pg.Message, Err: err}
	if pg.Detail != "" {
		wrong.Why += ": " + pg.Detail
	}
	return wrong
}

// copiedRow is the row that Postgres stumbled over: it says "COPY people, line
// 3, column name: …". 0 is none.
func copiedRow(where string) (n int64) {
	_, rest, ok := strings.Cut(where, ", line ")
	if !ok {
		return 0
	}
	if _, err := fmt.Sscanf(rest, "%d", &n); err != nil && !errors.Is(err, io.EOF) {
		return 0
	}
	return n
}
