package meeting

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// busy is a meeting of n lines by 100 people with all there is: a prepared
// agenda, a tenth of the lines items, votes in which all vote, a queue, nick
// changes and people who come and go.
func busy(n int) []hackfest.Line {
	c := Context{Sessions: []ContextSession{{Slug: "s", Title: "S", StartsAt: start, EndsAt: start.Add(4 * time.Hour)}}}
	for i := range 50 {
		c.Sessions[0].Agenda = append(c.Sessions[0].Agenda, AgendaItem{ID: int64(i), Text: fmt.Sprintf("Point %d of the agenda", i)})
		c.Sessions[0].Actions = append(c.Sessions[0].Actions, OpenAction{Text: "person1 to do it", Owners: []string{"person1"}, Sessions: 1})
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	lines := make([]hackfest.Line, 0, n)
	at := start
	for i := range n {
		at = at.Add(time.Second)
		l := hackfest.Line{
			Ref: hackfest.RefAt(at), Network: "freenode", Channel: "#euca", At: at,
			Kind: hackfest.Message, Nick: fmt.Sprintf("person%d", i%100), Text: "what people say when they meet, which is not much longer than this",
		}
		switch in := i % 1000; {
		case i == 0:
			l.Kind, l.Nick, l.Text = hackfest.Context, "", string(text)
		case i == 1:
			l.Nick, l.Text = "person0", "#startmeeting Busy"
		case in == 10:
			l.Nick, l.Text = "person0", fmt.Sprintf("#startvote Which colour in %d? light blue, red, dark green", i)
		case in == 900:
			l.Nick, l.Text = "person0", "#endvote"
		case i%500 == 20:
			l.Nick, l.Text = "person0", "#next"
		case i%10 == 0:
			l.Text = fmt.Sprintf("#action person%d and person%d to look at eucalyptus/recipes#%d, due 2012-09-01", i%7, i%13, i%50+1)
		case i%7 == 0:
			l.Text = "#vote " + []string{"light blue", "Red", "dark green"}[i%3]
		case i%50 == 11:
			l.Text = "q+ to say something"
		case i%50 == 31:
			l.Nick, l.Text = "person0", fmt.Sprintf("ack person%d", (i-20)%100)
		case i%50 == 33:
			l.Kind, l.Nick, l.Text = hackfest.Quit, fmt.Sprintf("person%d", i%100), "a.example b.example"
		case i%50 == 34:
			l.Kind, l.Nick, l.Text = hackfest.Join, fmt.Sprintf("person%d", (i-1)%100), ""
		}
		lines = append(lines, l)
	}
	return lines
}

// The figure asked for is 5 µs a line: over all of a meeting, at its beginning,
// and when it has been long.
func BenchmarkApply(b *testing.B) {
	lines := busy(10_000)
	for _, part := range []struct {
		name     string
		from, to int
	}{{"whole", 0, 10_000}, {"first", 0, 1000}, {"last", 9000, 10_000}} {
		b.Run(part.name, func(b *testing.B) {
			before := Replay(lines[:part.from])
			b.ReportAllocs()
			for b.Loop() {
				s := before
				for _, l := range lines[part.from:part.to] {
					s, _ = Apply(s, l)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(part.to-part.from), "ns/line")
		})
	}
}
