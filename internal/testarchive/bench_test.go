package testarchive_test

import (
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/logformat"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testarchive"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

var now = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// meetings is how many an archive has that is to be brought in.
const meetings = 5000

// BenchmarkReadAndFold reads logs and works their minutes out; lines/s is what to
// look at.
func BenchmarkReadAndFold(b *testing.B) {
	lines, n := 0, 0
	for b.Loop() {
		b.StopTimer()
		m := testarchive.Number(n % meetings)
		b.StartTimer()
		log, err := logformat.Read([]byte(m.Text), logformat.Options{Name: m.Stem})
		if err != nil || len(log.Skipped) > 0 {
			b.Fatal(err, log.Skipped)
		}
		if found := meeting.Meetings(log.Lines); len(found) != 1 {
			b.Fatal("not one meeting")
		}
		lines += len(log.Lines)
		n++
	}
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
}

// BenchmarkImport brings meetings into Postgres, with every index; lines/s is what
// to look at. With -benchtime 5000x it is the whole archive.
func BenchmarkImport(b *testing.B) {
	st := store.New(testdb.New(b))
	lines, n := 0, 0
	for b.Loop() {
		if err := testarchive.Fill(b.Context(), st, n, n+1, now); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		lines += testarchive.Number(n).Lines
		n++
		b.StartTimer()
	}
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
}

// Every meeting of the archive is one, with minutes, and nothing of it is not
// understood.
func TestNumber(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for n := range 60 {
		m := testarchive.Number(n)
		log, err := logformat.Read([]byte(m.Text), logformat.Options{Name: m.Stem})
		if err != nil || len(log.Skipped) > 0 || len(log.Lines) != m.Lines || seen[m.Stem] {
			t.Fatal(m.Stem, err, log.Skipped)
		}
		seen[m.Stem] = true
		if found := meeting.Meetings(log.Lines); len(found) != 1 || len(found[0].Items) == 0 || len(found[0].Topics) < 3 {
			t.Errorf("%s: %d meetings", m.Stem, len(found))
		}
	}
}
