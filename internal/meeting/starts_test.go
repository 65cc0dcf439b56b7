package meeting

import (
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

func TestStarts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		line hackfest.Line
		want bool
	}{
		{name: "plain", line: hackfest.Line{Kind: hackfest.Message, Text: "#startmeeting"}, want: true},
		{name: "with title, in capitals and bold", line: hackfest.Line{Kind: hackfest.Message, Text: "\x02#StartMeeting\x02 Recipes"}, want: true},
		{name: "from the web", line: hackfest.Line{Kind: hackfest.Web, Text: "#startmeeting x"}, want: true},
		{name: "longer word", line: hackfest.Line{Kind: hackfest.Message, Text: "#startmeetings are nice"}},
		{name: "not at the beginning", line: hackfest.Line{Kind: hackfest.Message, Text: "type #startmeeting"}},
		{name: "an action", line: hackfest.Line{Kind: hackfest.Act, Text: "#startmeeting"}},
		{name: "a notice", line: hackfest.Line{Kind: hackfest.Notice, Text: "#startmeeting"}},
		{name: "our own", line: hackfest.Line{Kind: hackfest.Message, Text: "#startmeeting", Self: true}},
		{name: "a bot's", line: hackfest.Line{Kind: hackfest.Message, Text: "#startmeeting", Bot: true}},
		{name: "replayed", line: hackfest.Line{Kind: hackfest.Message, Text: "#startmeeting", History: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Starts(tt.line); got != tt.want {
				t.Errorf("got %t", got)
			}
			_, effects := Apply(State{}, tt.line)
			if opened := len(effects) > 0; opened != tt.want {
				t.Errorf("Apply had the effects %v", effects)
			}
		})
	}
}
