package templates

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// All renderings of the minutes of 10,000 lines together have 50 ms; this is the
// page's part.
func BenchmarkMinutesDocument(b *testing.B) {
	var lines []hackfest.Line
	for i := range 10_000 {
		at := time.Date(2012, 8, 10, 18, 0, i, 0, time.UTC)
		text := "what people say when they meet, which is not much longer than this"
		switch {
		case i == 0:
			text = "#startmeeting Busy"
		case i%500 == 0:
			text = fmt.Sprintf("#topic Number %d", i)
		case i%1000 == 100:
			text = "#startvote Which colour? light blue, red, dark green"
		case i%1000 == 900:
			text = "#endvote"
		case i%10 == 0:
			text = fmt.Sprintf("#action person%d and person%d to look at a/b#%d, due 2012-09-01", i%7, i%13, i%50+1)
		case i%7 == 0:
			text = "#vote " + []string{"light blue", "Red", "dark green"}[i%3]
		}
		lines = append(lines, hackfest.Line{Ref: hackfest.RefAt(at), At: at, Kind: hackfest.Message, Nick: fmt.Sprintf("person%d", i%100), Text: text})
	}
	s := meeting.Replay(lines)
	b.ReportAllocs()
	for b.Loop() {
		if err := MinutesDocument(minutes.FromState(s), minutes.Options{BaseURL: "https://hack.example"}).Render(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
