package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// BenchmarkClashes looks for what is in the way of a weekly meeting, a year ahead,
// in a community with 500 series: ten share each channel.
func BenchmarkClashes(b *testing.B) {
	ctx, st := b.Context(), store.New(testdb.New(b))
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	var channels []string
	for i := range 50 {
		channels = append(channels, fmt.Sprintf("#channel%d", i))
	}
	must(st.OpenChannels(ctx, network, channels, mapping, aug2))
	must(st.InTx(ctx, func(tx *store.Store) error {
		for i := range 500 {
			r := weekly
			r.Title, r.Slug, r.Channel, r.OverlapOK = fmt.Sprintf("Series %d", i), fmt.Sprintf("series-%d", i), channels[i/10], true
			r.First = time.Date(2010, 8, 4, i%24, 0, 0, 0, time.UTC)
			if _, err := tx.AddSeries(ctx, r, aug2); err != nil {
				return err
			}
		}
		return nil
	}))
	want := hackfest.Wanted{Network: network, Channel: channels[7], Timing: hackfest.Timing{
		Rule: "FREQ=WEEKLY", First: time.Date(2012, 8, 9, 5, 0, 0, 0, time.UTC), Zone: "UTC", Length: time.Hour,
	}}
	found := 0
	for b.Loop() {
		list, err := st.Clashes(ctx, member, want, aug2)
		must(err)
		found = len(list)
	}
	b.ReportMetric(float64(found), "clashes")
}
