package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// undecided are the columns of the schema of which exporttables.go does not say
// whether they leave, and what it says of columns that are not there.
func undecided(all []exportColumn, tables []exportTable, stay map[string]string) []string {
	var wrong []string
	there, said := map[string]bool{}, map[string]string{}
	for _, c := range all {
		there[c.Table], there[c.Table+"."+c.Name] = true, true
	}
	for _, t := range tables {
		said[t.name] = "leaves"
		for name := range strings.FieldsSeq(t.fields + " " + t.private) {
			if said[t.name+"."+name] != "" {
				wrong = append(wrong, t.name+"."+name+" is said twice")
			}
			said[t.name+"."+name] = "leaves"
		}
		for name, why := range t.stays {
			said[t.name+"."+name] = why
		}
		for name := range t.made {
			said[t.name+"."+name] = "made"
		}
	}
	for name, why := range stay {
		if said[name] != "" {
			wrong = append(wrong, name+" both leaves and stays")
		}
		said[name] = why
	}
	for _, c := range all {
		switch {
		case stay[c.Table] != "" || c.Identity || c.Generated:
		case said[c.Table] == "":
			wrong = append(wrong, c.Table+" is new: put it into exportTables or, with the reason, into stayTables")
			said[c.Table] = "told"
		case said[c.Table] != "told" && said[c.Table+"."+c.Name] == "":
			wrong = append(wrong, c.Table+"."+c.Name+" is new: put it into fields, private, made or, with the reason, stays")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if !there[name] {
			wrong = append(wrong, name+" is not in the schema")
		}
	}
	return wrong
}

// Undecided are the columns of which exporttables.go says nothing.
func (s *Store) Undecided(ctx context.Context) ([]string, error) {
	all, err := s.schemaColumns(ctx)
	if err == nil && len(all) < 200 {
		err = fmt.Errorf("found only %d columns", len(all))
	}
	return undecided(all, exportTables, stayTables), err
}

// ExportStatements are all that exportsql.go makes, and what is wrong with the
// tables themselves.
func (s *Store) ExportStatements(ctx context.Context) (statements, wrong []string, err error) {
	plans, err := s.exportPlans(ctx)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, p := range plans {
		if p.about == "" {
			wrong = append(wrong, p.name+" has no comment to stand in the README of an export")
		}
		if len(p.primary()) == 0 {
			wrong = append(wrong, p.name+" has no primary key to page by")
		}
		for _, c := range p.columns {
			if c.Refers != nil && !seen[*c.Refers] && *c.Refers != p.name {
				wrong = append(wrong, fmt.Sprintf("%s.%s refers to %s, which comes later", p.name, c.Name, *c.Refers))
			}
		}
		seen[p.name] = true
		for _, private := range []bool{false, true} {
			statements = append(statements, selectPage(p, private, false), selectPage(p, private, true))
		}
		statements = append(statements, countLeaving(p), countRows(p))
		if p.ids {
			statements = append(statements, selectKeys(p), highestID(p), nextID(p))
		}
		if len(p.made) > 0 {
			statements = append(statements, remake(p))
		}
	}
	return append(statements, lockTables(plans)), wrong, nil
}

// WriteInterval and ReadInterval write and read lengths of time.
var (
	WriteInterval = writeInterval
	ReadInterval  = readInterval
)

// The rule itself, tried on what it must and must not find.
func TestUndecided(t *testing.T) {
	t.Parallel()
	have := []exportColumn{{Table: "a", Name: "id", Identity: true}, {Table: "a", Name: "x"}, {Table: "b", Name: "y"}}
	for _, tt := range []struct {
		name   string
		tables []exportTable
		stay   map[string]string
		want   string
	}{
		{name: "all said", tables: []exportTable{{name: "a", fields: "x"}}, stay: map[string]string{"b": "why"}},
		{name: "private", tables: []exportTable{{name: "a", private: "x"}}, stay: map[string]string{"b": "why"}},
		{name: "a new table", tables: []exportTable{{name: "a", fields: "x"}}, want: "b is new"},
		{name: "a new column", tables: []exportTable{{name: "a"}, {name: "b", fields: "y"}}, want: "a.x is new"},
		{name: "a column that is gone", tables: []exportTable{{name: "a", fields: "x z"}, {name: "b", fields: "y"}}, want: "a.z is not in the schema"},
		{name: "a table that is gone", tables: []exportTable{{name: "a", fields: "x"}}, stay: map[string]string{"b": "why", "c": "why"}, want: "c is not"},
		{name: "both", tables: []exportTable{{name: "a", fields: "x"}, {name: "b", fields: "y"}}, stay: map[string]string{"b": "why"}, want: "b both"},
		{name: "twice", tables: []exportTable{{name: "a", fields: "x", private: "x"}, {name: "b", fields: "y"}}, want: "a.x is said twice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(undecided(have, tt.tables, tt.stay), "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
