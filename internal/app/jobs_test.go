package app

import (
	"log/slog"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/demo"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// A portal that runs for a month has as much ahead as on its first day.
func TestSessionsAreLaidOut(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)
	st := store.New(testdb.New(t))
	if err := demo.Seed(t.Context(), st, demo.Options{Network: "local", Server: "127.0.0.1", Now: now}); err != nil {
		t.Fatal(err)
	}
	later := now.AddDate(0, 0, 28)
	ahead := func() int {
		t.Helper()
		list, err := st.Sessions(t.Context(), person.PublicViewer, store.SessionFilter{From: later})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	before := ahead()
	a := &portal{
		Options: Options{Now: func() time.Time { return later }, Log: slog.New(slog.DiscardHandler)},
		db:      &database{store: st},
	}
	for range 2 { // the second time adds nothing
		if err := a.layOut(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := ahead(); got != before+8 {
			t.Errorf("%d sessions ahead, want %d and 8 more", got, before)
		}
	}
}
