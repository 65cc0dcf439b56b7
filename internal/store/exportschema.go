package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// exportColumn is a column as the schema has it and as it is written.
type exportColumn struct {
	Table     string
	Name      string
	Type      string // as pg_type calls it
	NotNull   bool
	Generated bool
	Identity  bool
	Default   *string // SQL; nil has none
	Refers    *string // table whose id it holds
	KeyPlace  *int    // in the primary key; nil is not in it

	field   string // its name in the file
	expr    string // SQL that is written
	missing any    // what a row holds that does not say it
	needed  bool   // a row has to say it
}

// exportPlan is a table with its columns.
type exportPlan struct {
	exportTable
	about   string
	all     []exportColumn // as the schema has them
	columns []exportColumn // that are written, in the order of the file
	ids     bool           // its rows have a number of their own
}

// exportPlans reads the schema and says how each table leaves and comes back.
func (s *Store) exportPlans(ctx context.Context) ([]exportPlan, error) {
	all, err := s.schemaColumns(ctx)
	if err != nil {
		return nil, err
	}
	about, err := s.schemaComments(ctx)
	if err != nil {
		return nil, err
	}
	var plans []exportPlan
	for _, t := range exportTables {
		p := exportPlan{exportTable: t, about: about[t.name]}
		for _, c := range all {
			if c.Table == t.name {
				p.all = append(p.all, c)
				p.ids = p.ids || c.Identity
			}
		}
		for name := range strings.FieldsSeq(t.fields + " " + t.private) {
			c, err := s.planColumn(ctx, p, name)
			if err != nil {
				return nil, err
			}
			p.columns = append(p.columns, c)
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// planColumn says how a column of p leaves and comes back.
func (s *Store) planColumn(ctx context.Context, p exportPlan, name string) (exportColumn, error) {
	i := slices.IndexFunc(p.all, func(c exportColumn) bool { return c.Name == name })
	if i < 0 {
		return exportColumn{}, fmt.Errorf("export: table %s has no column %s", p.name, name)
	}
	c := p.all[i]
	c.field, c.expr = name, "x."+name
	if to, ok := p.refs[name]; ok {
		c.Refers = &to
	}
	if c.Refers != nil {
		c.field = strings.TrimSuffix(name, "_id")
	}
	if as, ok := p.as[name]; ok {
		c.expr = "(" + as + ")::" + c.Type
	}
	if _, ok := exportTypes[c.Type]; !ok {
		return c, fmt.Errorf("export: table %s: no way to write %s, of type %s", p.name, name, c.Type)
	}
	if c.Type == "jsonb" {
		c.expr = "(" + c.expr + ")::text"
	}
	c.needed = c.NotNull && c.Default == nil
	if c.Default == nil {
		return c, nil
	}
	rows, _ := s.db.Query(ctx, selectDefault(c))
	var err error
	c.missing, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (any, error) {
		v, err := row.Values()
		return v[0], err
	})
	return c, classify(err, "default of "+p.name+"."+name)
}

// leaves are the columns of p that an export writes.
func (p exportPlan) leaves(private bool) []exportColumn {
	if private {
		return p.columns
	}
	return p.columns[:len(strings.Fields(p.fields))]
}

// schemaColumns lists the columns of all tables but those of River.
func (s *Store) schemaColumns(ctx context.Context) ([]exportColumn, error) {
	const q = `
		select c.relname::text as "table", a.attname::text as name, t.typname::text as type, a.attnotnull as not_null,
			a.attgenerated <> '' as generated, a.attidentity <> '' as identity,
			case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as "default",
			(select r.relname::text
				from pg_constraint f
				join pg_class r on r.oid = f.confrelid
				join pg_attribute i on i.attrelid = f.confrelid and i.attnum = f.confkey[1]
				where f.conrelid = c.oid and f.contype = 'f' and cardinality(f.conkey) = 1 and f.conkey[1] = a.attnum and i.attname = 'id'
				limit 1) as refers,
			(select array_position(p.conkey, a.attnum) from pg_constraint p where p.conrelid = c.oid and p.contype = 'p') as key_place
		from pg_class c
		join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		join pg_type t on t.oid = a.atttypid
		left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
		where n.nspname = current_schema() and c.relkind in ('r', 'p') and c.relname not like 'river%'
		order by c.relname, a.attnum`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[exportColumn])
	return list, classify(err, "schema")
}

// schemaComments is what each table is for.
func (s *Store) schemaComments(ctx context.Context) (map[string]string, error) {
	const q = `
		select c.relname::text, coalesce(obj_description(c.oid, 'pg_class'), '')
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = current_schema() and c.relkind in ('r', 'p')`
	rows, _ := s.db.Query(ctx, q)
	all := map[string]string{}
	var name, about string
	_, err := pgx.ForEachRow(rows, []any{&name, &about}, func() error {
		all[name] = about
		return nil
	})
	return all, classify(err, "schema")
}

// SchemaVersion is the number of the newest migration that was applied.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) {
	const q = `select max(version_id) from goose_db_version where is_applied`
	rows, _ := s.db.Query(ctx, q)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
	return v, classify(err, "schema")
}
