package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// This file holds all statements that are made from exportTables and the schema
// instead of standing in the function that runs them. TestExportStatements has
// Postgres prepare every one. The parts are names of tables and columns and SQL
// of exporttables.go; what people typed is never among them.

// exportPage is how many rows are read at a time.
const exportPage = 5000

// primary are the columns of p's primary key as they are sorted: text by its
// bytes, so that two databases agree.
func (p exportPlan) primary() []string {
	key := slices.DeleteFunc(slices.Clone(p.all), func(c exportColumn) bool { return c.KeyPlace == nil })
	slices.SortFunc(key, func(a, b exportColumn) int { return *a.KeyPlace - *b.KeyPlace })
	names := make([]string, len(key))
	for i, c := range key {
		if names[i] = "x." + c.Name; c.Type == "text" {
			names[i] += ` collate "C"`
		}
	}
	return names
}

// where joins conditions; empty ones do not count.
func where(conditions ...string) string {
	conditions = slices.DeleteFunc(conditions, func(c string) bool { return c == "" })
	if len(conditions) == 0 {
		return ""
	}
	return " where " + strings.Join(conditions, " and ")
}

// selectPage reads the next rows of p: first the columns of its key, then those
// that leave. later asks for those after the key @k0, @k1, ….
func selectPage(p exportPlan, private, later bool) string {
	key := p.primary()
	columns := slices.Clone(key)
	for _, c := range p.leaves(private) {
		columns = append(columns, c.expr)
	}
	after := ""
	if later {
		args := make([]string, len(key))
		for i := range key {
			args[i] = fmt.Sprintf("@k%d", i)
		}
		after = "(" + strings.Join(key, ", ") + ") > (" + strings.Join(args, ", ") + ")"
	}
	return "select " + strings.Join(columns, ", ") + " from " + p.name + " x" + where(p.rows, after) +
		" order by " + strings.Join(key, ", ") + fmt.Sprint(" limit ", exportPage)
}

// selectKeys reads the numbers of p's rows with the columns that name them.
func selectKeys(p exportPlan) string {
	columns := []string{"x.id"}
	for name := range strings.FieldsSeq(p.key) {
		columns = append(columns, "x."+name)
	}
	return "select " + strings.Join(columns, ", ") + " from " + p.name + " x" + where(p.rows) + " order by x.id"
}

// countLeaving counts the rows of p that leave.
func countLeaving(p exportPlan) string {
	return "select count(*) from " + p.name + " x" + where(p.rows)
}

// selectDefault works out what a column holds when nothing is said.
func selectDefault(c exportColumn) string {
	if c.Type == "jsonb" {
		return "select (" + *c.Default + ")::text"
	}
	return "select " + *c.Default
}

// lockTables keeps others from adding rows until the end of the transaction.
func lockTables(plans []exportPlan) string {
	names := make([]string, len(plans))
	for i, p := range plans {
		names[i] = p.name
	}
	return "lock table " + strings.Join(names, ", ") + " in share row exclusive mode"
}

// countRows counts all rows of p.
func countRows(p exportPlan) string { return "select count(*) from " + p.name }

// highestID is the highest number that a row of p has; 0 without rows.
func highestID(p exportPlan) string { return "select coalesce(max(id), 0) from " + p.name }

// nextID has p number new rows from behind @last on.
func nextID(p exportPlan) string {
	return "select setval(pg_get_serial_sequence('" + p.name + "', 'id'), @last)"
}

// remake works out what p's rows do not bring with them.
func remake(p exportPlan) string {
	var set []string
	for name, expr := range p.made {
		set = append(set, name+" = "+expr)
	}
	slices.Sort(set)
	return "update " + p.name + " x set " + strings.Join(set, ", ")
}

// copyColumns are the columns of p that an import fills.
func copyColumns(p exportPlan) pgx.Identifier {
	var names pgx.Identifier
	if p.ids {
		names = append(names, "id")
	}
	for _, c := range p.columns {
		names = append(names, c.Name)
	}
	for _, c := range p.all {
		if _, ok := p.made[c.Name]; ok {
			names = append(names, c.Name)
		}
	}
	return names
}
