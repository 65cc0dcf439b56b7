package logformat

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkRead reads a day of a busy channel, and a meeting as an archive has
// thousands of, without being told the format.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{150, 20_000} {
		for _, f := range []struct{ name, line string }{
			{"meetbot", "%02d:%02d:%02d <ann> line %d of what somebody says when they have something to say\n"},
			{"znc", "[%02d:%02d:%02d] *** Joins: ann%d (~ann@host.example)\n"},
			{"limnoria", "2012-08-10T%02d:%02d:%02d  <ann> line %d of what somebody says when they have something to say\n"},
			{"irssi", "%02d:%02d:%02d -!- ann%d [~ann@host.example] has joined #c\n"},
		} {
			var log strings.Builder
			for i := range n {
				fmt.Fprintf(&log, f.line, i/3600%24, i/60%60, i%60, i)
			}
			b.Run(fmt.Sprintf("%s/%d", f.name, n), func(b *testing.B) {
				b.SetBytes(int64(log.Len()))
				for b.Loop() {
					got, err := Read([]byte(log.String()), Options{Date: aug10, Channel: "#c"})
					if err != nil || len(got.Lines) != n || got.Format != f.name {
						b.Fatal(got.Format, len(got.Lines), err)
					}
				}
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
			})
		}
	}
}
