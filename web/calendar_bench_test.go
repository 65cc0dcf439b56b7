package web

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// I39: a feed of 500 weekly series over three years, warm, in at most 200 ms and
// 1 MiB.
func BenchmarkCalendarOf500Series(b *testing.B) {
	ctx, dsn := context.Background(), testdb.URL(b)
	st, err := store.Open(ctx, dsn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(st.Close)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := testServer(st)
	s.Now = func() time.Time { return now }
	try := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	try(st.AddNetwork(ctx, "freenode", "chat.freenode.net", now))
	try(st.OpenChannels(ctx, "freenode", []string{"#euca"}, "", now))
	for n := range 500 {
		_, err := st.AddSeries(ctx, hackfest.Series{
			Title: fmt.Sprintf("Meeting of working group %d", n), Kind: hackfest.KindMeeting, Network: "freenode", Channel: "#euca", OverlapOK: true,
			Rule: "FREQ=WEEKLY", First: time.Date(2026, 1, 2+n%7, n%24, 0, 0, 0, time.UTC), Zone: worldwide[n%len(worldwide)], Length: time.Hour,
		}, now.AddDate(20, 0, 0))
		try(err)
	}
	layOutForBench(b, dsn)
	get := func() int {
		w := serve(s.Routes(), "/calendar/all.ics")
		if w.Code != 200 {
			b.Fatal(w.Code, w.Body)
		}
		return w.Body.Len()
	}
	size := get()
	b.ResetTimer()
	for b.Loop() {
		get()
	}
	b.ReportMetric(float64(size), "B/feed")
}

// layOutForBench makes three years of sessions of all series.
func layOutForBench(b *testing.B, dsn string) {
	b.Helper()
	c, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	for _, q := range []string{
		"delete from sessions",
		`insert into sessions (slug, series_id, rule_id, occurrence, title, kind, channel_id, starts_at, ends_at, zone, uid, overlap_ok, created_at, changed_at)
		select '2026-01-01-' || r.id || '-' || n, r.id, q.id, q.first + n * interval '7 days', r.title, r.kind, r.channel_id,
			(q.first + n * interval '7 days') at time zone q.zone, (q.first + n * interval '7 days') at time zone q.zone + q.length, q.zone,
			r.id || '-' || n, true, r.created_at, r.created_at
		from series r join series_rules q on q.series_id = r.id, generate_series(0, 155) n`,
		"update sessions set overridden = true, sequence = 1, starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour' where id % 200 = 0",
		"update sessions set overridden = true, sequence = 1, state = 'cancelled', reason = 'Holiday.' where id % 200 = 1",
		"analyze sessions",
	} {
		if _, err := c.Exec(context.Background(), q); err != nil {
			b.Fatal(err)
		}
	}
}
