package minutes

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// said folds what people say in #euca, "pm" before a nick meaning to the bot
// alone.
func said(lines ...string) meeting.State {
	var s meeting.State
	for n, text := range lines {
		nick, text, _ := strings.Cut(text, ": ")
		l := hackfest.Line{
			Ref: hackfest.Ref{15: byte(n + 1)}, Network: "freenode", Channel: "#euca", At: time.Date(2012, 8, 10, 18, n, 0, 0, time.UTC),
			Kind: hackfest.Message, Nick: nick, Text: text,
		}
		if private, ok := strings.CutPrefix(nick, "pm "); ok {
			l.Kind, l.Nick = hackfest.Private, private
		}
		s, _ = meeting.Apply(s, l)
	}
	return s
}

// The JSON of votes is a promise; the renderings show tallies, and no names of a
// secret vote.
func TestVotes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, lines, wantJSON, wantText string }{
		{name: "none", lines: "ann: #info x", wantJSON: `[]`},
		{
			name:  "with names",
			lines: "ann: #startvote Ship it? yes, not yet\nbob: #vote Yes\ncat: #vote yes\nann: #endvote",
			wantJSON: `[{"id":"00000000000000000000000002.1","question":"Ship it?","options":[{"option":"yes","count":2,"voters":["bob","cat"]},` +
				`{"option":"not yet","count":0,"voters":[]}],"secret":false,"result":"yes"}]`,
			wantText: "Ship it? yes 2 (bob, cat), not yet 0: yes",
		},
		{
			name:  "secret",
			lines: "ann: #secretvote\nann: #startvote Elect dan? yes, no\npm bob: #vote yes\npm cat: #vote no\npm dan: #vote no\nann: #endvote",
			wantJSON: `[{"id":"00000000000000000000000003.1","question":"Elect dan?","options":[{"option":"yes","count":1,"voters":[]},` +
				`{"option":"no","count":2,"voters":[]}],"secret":true,"result":"no"}]`,
			wantText: "Elect dan? yes 1, no 2 (secret): no",
		},
		{name: "still open", lines: "ann: #startvote Ship it?\nbob: +1", wantJSON: `[]`},
		{name: "taken back", lines: "ann: #startvote Ship it?\nbob: +1\nann: #endvote\nann: #undo", wantJSON: `[]`},
		{name: "withdrawn", lines: "ann: #startvote Ship it?\nann: #undo", wantJSON: `[]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := FromState(said(append([]string{"ann: #startmeeting Votes"}, strings.Split(tt.lines, "\n")...)...))
			got, err := json.Marshal(m.Votes)
			if err != nil || string(got) != tt.wantJSON {
				t.Errorf("%v, got\n%s\nwant\n%s", err, got, tt.wantJSON)
			}
			plain := Text(m, Options{})
			if strings.Contains(plain, "\nVotes\n") != (tt.wantText != "") || !strings.Contains(plain, tt.wantText) {
				t.Errorf("%q is not in the text:\n%s", tt.wantText, plain)
			}
			if md := Markdown(m, Options{}); !strings.Contains(md, escape(tt.wantText)) {
				t.Errorf("%q is not in the Markdown:\n%s", tt.wantText, md)
			}
			if strings.Contains(tt.name, "secret") && strings.Contains(plain+Markdown(m, Options{}), "bob") {
				t.Errorf("a name shows:\n%s", plain)
			}
		})
	}
}
