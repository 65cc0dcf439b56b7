package meeting

import (
	"slices"
	"testing"
)

func TestQuotes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a command: what follows it":          {"#action bob to call 555-0101", []string{"bob to call 555-0101"}},
		"formatting is no part of it":         {"#topic \x02Keys\x02 of ann", []string{"Keys of ann"}},
		"talk: all of it":                     {"my password is hunter2", []string{"my password is hunter2"}},
		"talk too short to be told":           {"sure", nil},
		"a command too short":                 {"#info yes", nil},
		"nicks are no secret":                 {"#chair bob, catherine", nil},
		"a name for URLs, both ways":          {"#meetingname Secret Plan", []string{"Secret Plan", "secret-plan"}},
		"a vote: its question too":            {"#startvote Sack bob? yes, no", []string{"Sack bob", "Sack bob? yes, no"}},
		"a correction: the new words":         {"s/foo/hunter2/", []string{"hunter2"}},
		"a correction without its last slash": {"s/foo/hunter2", []string{"hunter2"}},
		"a correction with a slash in it":     {"s/foo/tcp/udp keys/", []string{"tcp/udp keys"}},
		"the queue: what they want to say":    {"Q+ to say hunter2", []string{"to say hunter2"}},
		"no correction":                       {"s/foo", nil},
		"nothing":                             {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Quotes(c.text); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
