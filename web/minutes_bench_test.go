package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// heldMeetings puts n meetings into the database, six a week back from wednesday,
// of ten series in ten channels; all but every tenth have published minutes.
const heldMeetings = `
with network as (insert into networks (name, server, created_at) values ('freenode', '', $2) returning id),
chan as (
	insert into channels (network_id, name, folded, created_at)
	select network.id, '#channel-' || k, '#channel-' || k, $2 from network, generate_series(0, 9) k returning id, name),
held as (
	insert into series (slug, title, kind, channel_id, created_at, changed_at)
	select 'series-' || substr(name, 10), 'Series ' || substr(name, 10), 'meeting', id, $2, $2 from chan returning id, channel_id, slug),
rules as (
	insert into series_rules (series_id, uid, rule, first, zone, length, created_at, changed_at)
	select id, slug, 'FREQ=WEEKLY', '2010-01-06 12:00', 'America/Los_Angeles', '1 hour', $2, $2 from held),
planned as (
	insert into sessions (slug, title, kind, series_id, channel_id, starts_at, ends_at, zone, uid, overlap_ok, held, published, created_at, changed_at)
	select to_char(at, 'YYYY-MM-DD') || '-meeting-' || k, 'Meeting ' || k, 'meeting', held.id, held.channel_id, at, at + interval '1 hour',
		'America/Los_Angeles', 'meeting-' || k, true, 1, k % 10 > 0, at, at
	from (select k, $2::timestamptz - k * interval '28 hours' as at from generate_series(1, $1::int) k) x
	join held on held.slug = 'series-' || k % 10
	returning id, uid, title, channel_id, starts_at),
met as (
	insert into meetings (ref, changed_ref, session_id, channel_id, title, owner, started_at, ended_at, last_ref, ended_by, people, decisions, actions, draft)
	select r.ref, r.ref, id, channel_id, title, 'ann', starts_at, starts_at + interval '50 minutes', r.ref, 'chair', 7, 2, 3, $3
	from planned, lateral (
		select (lpad(to_hex((extract(epoch from starts_at) * 1000)::bigint), 12, '0') || lpad(to_hex(id), 20, '0'))::uuid as ref) r
	returning ref, session_id, ended_at)
insert into minutes_revisions (meeting_ref, number, minutes, summary, published_at)
select ref, 1, $3, 'It runs, with two notes.', ended_at from met where session_id % 10 > 0`

const emptyMinutes = `{"schema":"hackfest.minutes/1","title":"Meeting","topics":[],"present":[],"regrets":[]}`

// newArchive is a server with n meetings.
func newArchive(tb testing.TB, n int) *Server {
	tb.Helper()
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, testdb.URL(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	if _, err = pool.Exec(ctx, heldMeetings, n, wednesday, emptyMinutes); err == nil {
		_, err = pool.Exec(ctx, "analyze")
	}
	if err != nil {
		tb.Fatal(err)
	}
	return testServer(store.New(pool))
}

// The archive takes as long with 5,000 meetings as with the hundred of one page.
func BenchmarkMinutesPage(b *testing.B) {
	for _, n := range []int{5, 100, 5000} {
		h := newArchive(b, n).Routes()
		for _, path := range []string{
			"/minutes", "/minutes?series=series-3", "/minutes?channel=freenode/channel-3", "/minutes?y=2011", "/minutes?m=2012-03",
			"/series/series-3/minutes", "/feeds/minutes.atom",
		} {
			b.Run(fmt.Sprintf("%d%s", n, path), func(b *testing.B) {
				var slowest time.Duration
				for b.Loop() {
					begun := time.Now()
					w := httptest.NewRecorder()
					h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
					if w.Code != http.StatusOK {
						b.Fatalf("%d %s", w.Code, w.Body)
					}
					slowest = max(slowest, time.Since(begun))
				}
				b.ReportMetric(float64(slowest.Milliseconds()), "max-ms")
			})
		}
	}
}
