package store_test

import (
	"testing"

	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

func TestHoldsOthers(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	st := store.New(pool)
	for _, step := range []struct {
		name, sql string
		want      bool
	}{
		{"our schema", `select 1`, false},
		{"our schema and a table of somebody's", `create table invoices (id bigint)`, false},
		{"only theirs", `drop table identities cascade`, true},
		{"nothing but an extension's view", `
			drop schema public cascade;
			create schema public;
			create extension pg_stat_statements`, false},
		{"a view in a schema of its own", `
			create schema reports;
			create view reports.daily as select 1 as n`, true},
		{"nothing", `drop schema reports cascade`, false},
	} {
		if _, err := pool.Exec(t.Context(), step.sql); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got, err := st.HoldsOthers(t.Context()); got != step.want || err != nil {
			t.Errorf("%s: %t, %v", step.name, got, err)
		}
	}
}
