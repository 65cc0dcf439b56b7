package jobs

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// A burst of deliveries is worked by few jobs, each delivery once, by whichever
// process leads.
func TestHooksAreWorked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.AddRepository(t.Context(), "eucalyptus/recipes", person.Public, noon)
	w.must(err)
	count := func(sql string) (n int) { w.must(w.pool.QueryRow(t.Context(), sql).Scan(&n)); return n }
	const burst = 60
	for i := range burst {
		d := hackfest.HookDelivery{ID: fmt.Sprint(i), Event: "issues", Repository: "eucalyptus/recipes", ReceivedAt: noon, State: hackfest.HookReceived}
		_, fresh, err := w.AddHookDelivery(t.Context(), d, &hackfest.GitHubChange{
			Repository: hackfest.Repository{GitHubID: 7, Name: "eucalyptus/recipes"},
			Issues:     []hackfest.Issue{{Number: 1 + i%5, Title: fmt.Sprint(i), Open: true, OpenedAt: noon, UpdatedAt: noon.Add(time.Duration(i) * time.Second)}},
		}, clock{w.now})
		if w.must(err); !fresh {
			t.Fatal("a new delivery is none")
		}
	}
	if n := count("select count(*) from river_job where kind = 'work_hooks'"); n != 1 {
		t.Errorf("%d jobs wait", n)
	}
	for range 2 {
		w.run(func(ctx context.Context) error { return Lead(ctx, w.config()) })
	}
	w.eventually("all are worked", func() bool { return count("select count(*) from hook_deliveries where state = 'received'") == 0 })
	if n := count("select count(*) from hook_deliveries where state = 'applied'"); n != burst {
		t.Errorf("%d were applied", n)
	}
	if n := count("select count(*) from issues where title::int >= 55"); n != 5 {
		t.Errorf("%d issues are as the newest delivery says", n)
	}
}
