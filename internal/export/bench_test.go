package export_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/eucalyptus/hackfest/internal/export"
)

// manyLines is how many lines the benchmarks export and import.
// HACKFEST_BENCH_LINES asks for another number.
func manyLines(b *testing.B) int {
	b.Helper()
	given := os.Getenv("HACKFEST_BENCH_LINES")
	if given == "" {
		return 200_000
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// talkative is the sample community with n more lines in one of its channels, one
// each minute.
func talkative(b *testing.B, n int) portal {
	b.Helper()
	p := sample(b)
	p.exec(`
		insert into lines (channel_id, ref, changed_ref, at, received_at, kind, nick, account, text)
		select c.id, x.ref, x.ref, x.at, x.at, 'message', 'nick' || x.i % 40, 'account' || x.i % 40,
			'line ' || x.i || ' says something about clouds, images and nodes, as people do when they hack <b>' || x.i % 97
		from (select id from channels where applied_ref is not null) c,
			(select i, at, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || lpad(to_hex(i), 20, '0'))::uuid as ref
			from (select i, timestamptz '2001-01-01Z' + i * interval '1 minute' as at from generate_series(1, $1::int) i) y) x`, n)
	return p
}

func BenchmarkExport(b *testing.B) {
	n := manyLines(b)
	p := talkative(b, n)
	dir := filepath.Join(b.TempDir(), "export")
	for b.Loop() {
		if _, err := export.Write(b.Context(), p.Store, export.Options{Dir: dir, Replace: true, Now: now}); err != nil {
			b.Fatal(err)
		}
	}
	measured(b, n)
}

func BenchmarkImport(b *testing.B) {
	n := manyLines(b)
	dir := talkative(b, n).write(false)
	for b.Loop() {
		b.StopTimer()
		p := empty(b)
		b.StartTimer()
		p.read(dir)
	}
	measured(b, n)
}

// measured reports lines per second, and what memory was ever taken from the
// machine.
func measured(b *testing.B, n int) {
	b.Helper()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB")
}
