package store_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// Nobody changes the audit log: not the owner of the database, and not a session
// in which ordinary triggers rest.
func TestAuditIsOnlyAddedTo(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	st := store.New(pool)
	if err := st.AddAudit(t.Context(), person.AuditEntry{At: aug2, Actor: "ada", Via: person.ViaWeb, Action: "change role", Object: "mel"}); err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"origin", "replica", "local"} {
		for _, change := range []string{
			`update audit set actor = 'eve'`, `delete from audit`, `truncate audit`, `truncate audit cascade`,
			`with gone as (delete from audit returning 1) select count(*) from gone`,
			`insert into audit (id, at, actor, via, action) overriding system value select id, at, 'eve', via, action from audit on conflict (id) do update set actor = 'eve'`,
		} {
			err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), "set local session_replication_role = "+role); err != nil {
					t.Skip("the role of this database may not do that:", err)
				}
				_, err := tx.Exec(t.Context(), change)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "never changed") {
				t.Errorf("%s, %s: %v", role, change, err)
			}
		}
	}
	list, err := st.AuditEntries(t.Context(), store.AuditFilter{Limit: 10})
	if err != nil || len(list) != 1 || list[0].Actor != "ada" || list[0].Before != nil {
		t.Errorf("%+v, %v", list, err)
	}
}

// Of two admins who demote each other at the same time one stays.
func TestTwoAdminsDemoteEachOther(t *testing.T) {
	t.Parallel()
	st := store.New(testdb.New(t))
	var ids []person.ID
	for _, name := range []string{"ada", "bea"} {
		id, err := st.AddPerson(t.Context(), name, person.Admin, aug2)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	errs := make(chan error, 2)
	for _, id := range ids {
		go func() { errs <- st.SetRole(t.Context(), id, person.Member) }()
	}
	one, two := <-errs, <-errs
	if (one == nil) == (two == nil) {
		t.Errorf("%v, %v", one, two)
	}
	all, err := st.FindAccounts(t.Context(), store.AccountFilter{Limit: 9})
	if err != nil || len(all) != 2 || (all[0].Role == person.Admin) == (all[1].Role == person.Admin) {
		t.Errorf("%+v, %v", all, err)
	}
}
