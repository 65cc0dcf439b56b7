package store_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// crowd are n people who follow everything.
func crowd(tb testing.TB, pool *pgxpool.Pool, n int) {
	tb.Helper()
	for _, q := range []string{
		`insert into subscribers (handle, mail, made_at, confirmed_at)
			select decode(md5(i::text), 'hex'), 'fan' || i || '@example.org', $1::timestamptz, $1 from generate_series(1, $2::int) i`,
		`insert into follows (subscriber_id, scope, made_at, confirmed_at) select id, 'all', $1::timestamptz, $1 from subscribers where $2::int > 0`,
	} {
		if _, err := pool.Exec(tb.Context(), q, aug2.AddDate(0, -1, 0), n); err != nil {
			tb.Fatal(err)
		}
	}
	if _, err := pool.Exec(tb.Context(), "analyze"); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkPlanDeliveries plans while 5000 people follow all: what a look costs
// that finds nothing new, a day before a session whose letters are planned.
func BenchmarkPlanDeliveries(b *testing.B) {
	benchmarkPlan(b, false)
}

// BenchmarkPlanFirst is the look that plans 5000 letters.
func BenchmarkPlanFirst(b *testing.B) {
	benchmarkPlan(b, true)
}

func benchmarkPlan(b *testing.B, first bool) {
	ctx, pool := b.Context(), testdb.New(b)
	st := store.New(pool)
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	must(st.OpenChannels(ctx, network, []string{channel}, mapping, aug2))
	crowd(b, pool, 5000)
	_, err := st.AddSession(ctx, hackfest.Session{
		Title: "Evening", Kind: hackfest.KindHackfest, StartsAt: aug2.Add(24 * time.Hour), EndsAt: aug2.Add(25 * time.Hour), Zone: "UTC", Network: network, Channel: channel,
	}, aug2.AddDate(0, 0, -7))
	must(err)
	must(st.PlanDeliveries(ctx, aug2, aug2))
	letters := 0
	for b.Loop() {
		if first {
			b.StopTimer()
			_, err := pool.Exec(ctx, "delete from deliveries")
			must(err)
			b.StartTimer()
		}
		must(st.PlanDeliveries(ctx, aug2, aug2))
	}
	must(pool.QueryRow(ctx, "select count(*) from deliveries where outlet = 'mail'").Scan(&letters))
	b.ReportMetric(float64(letters), "letters")
}
