package store_test

import (
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// That news were not told somewhere is no way to read what was withdrawn.
func TestUnknownDeliveriesOfWithdrawnNews(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	id, err := w.AddNews(ctx, hackfest.News{Title: "Said too early", State: hackfest.NewsPublished}, aug2)
	w.must(err)
	w.exec(`insert into deliveries (what, outlet, recipient, occasion, channel_id, news_id, due_at, state, reason, settled_at, created_at)
		select 'news/' || n.id, 'irc', 'x/' || c.folded, 'news', c.id, n.id, n.created_at, 'failed', 'Away.', n.created_at, n.created_at
		from news n cross join (select * from channels where folded = '#other') c`)
	seen := func(role person.Role) int {
		t.Helper()
		list, err := w.UnknownDeliveries(ctx, person.Viewer{ID: 1, Role: role}, 10)
		w.must(err)
		return len(list)
	}
	if n := seen(person.Member); n != 1 {
		t.Errorf("published: %d", n)
	}
	w.must(w.WithdrawNews(ctx, id, 1, aug2))
	if member, maintainer := seen(person.Member), seen(person.Maintainer); member != 0 || maintainer != 1 {
		t.Errorf("withdrawn: members see %d, maintainers %d", member, maintainer)
	}
}
