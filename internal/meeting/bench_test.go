package meeting

import (
	"fmt"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// busy is a meeting of n lines by 100 people, a tenth of them items.
func busy(n int) []hackfest.Line {
	lines := make([]hackfest.Line, 0, n)
	at := start
	for i := range n {
		at = at.Add(time.Second)
		l := hackfest.Line{
			Ref: refAt(at, i%60000), Network: "freenode", Channel: "#euca", At: at,
			Kind: hackfest.Message, Nick: fmt.Sprintf("person%d", i%100), Text: "what people say when they meet, which is not much longer than this",
		}
		switch {
		case i == 0:
			l.Text = "#startmeeting Busy"
		case i%500 == 0:
			l.Nick, l.Text = "person0", fmt.Sprintf("#topic Number %d", i)
		case i%10 == 0:
			l.Text = fmt.Sprintf("#action person%d and person%d to look at eucalyptus/recipes#%d", i%7, i%13, i%50+1)
		}
		lines = append(lines, l)
	}
	return lines
}

// The figure asked for is 5 µs a line.
func BenchmarkApply(b *testing.B) {
	lines := busy(10_000)
	b.ReportAllocs()
	for b.Loop() {
		Replay(lines)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(lines)), "ns/line")
}

// The same figure while 100 people vote, again and again, in what they say.
func BenchmarkApplyVotes(b *testing.B) {
	lines := busy(10_000)
	lines[1].Nick, lines[1].Text = "person0", "#startvote Which colour? light blue, red, dark green"
	answers := []string{"#vote light blue", "#vote Red", "#vote dark green"}
	for i := 2; i < len(lines); i += 7 {
		lines[i].Text = answers[i%3]
	}
	b.ReportAllocs()
	for b.Loop() {
		Replay(lines)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(lines)), "ns/line")
}
