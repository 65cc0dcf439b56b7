package store_test

import (
	"encoding/json"
	"testing"

	"github.com/eucalyptus/hackfest/internal/meeting"
)

// What names somebody is found by Postgres itself, so it is tried there.
func TestMentions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct {
		name, text string
		names      []string
		want       string
	}{
		{"the whole text", "okapi", []string{"okapi"}, "left/1"},
		{"addressed, in another case", "Okapi: did it boot?", []string{"okapi"}, "left/1: did it boot?"},
		{"twice, in the middle and at the end", "ask okapi, it was okapi", []string{"okapi"}, "ask left/1, it was left/1"},
		{"part of another nick", "okapi-tea and theokapi and okapi_ and okapi2", []string{"okapi"}, "okapi-tea and theokapi and okapi_ and okapi2"},
		{"in brackets", "(okapi) [okapi] {okapi}", []string{"okapi"}, "(left/1) [left/1] {left/1}"},
		{"with brackets of its own", "[tea] said so, {TEA} too", []string{"[tea]"}, "left/1 said so, left/1 too"},
		{"with a backslash", `a\b and A|B`, []string{`a\b`}, "left/1 and left/1"},
		{"with signs that mean something", "a.b+c*? or abbbc", []string{"a.b+c*?"}, "left/1 or abbbc"},
		{"a common word as a word", "that will do", []string{"will"}, "that will do"},
		{"a common word as a name", "will you ask will: can you? @will", []string{"will"}, "left/1 you ask left/1: can you? @left/1"},
		{"a number", "12 of 12, said @12", []string{"12"}, "12 of 12, said @left/1"},
		{"a word of JSON", "true and @true", []string{"true"}, "true and @left/1"},
		{"two names, one in the other", "okapi or kapi", []string{"kapi", "okapi"}, "left/1 or left/1"},
		{"in an address", "see https://example.org/okapi/x", []string{"okapi"}, "see https://example.org/left/1/x"},
		{"no names", "okapi", nil, "okapi"},
		{"an empty name", "okapi", []string{" "}, "okapi"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := meeting.MentionsOf(tt.names)
			var got string
			w.must(w.pool.QueryRow(t.Context(), `select regexp_replace($1, $2, 'left/1', 'gi')`, tt.text, m.Text).Scan(&got))
			if got != tt.want {
				t.Errorf("in text: got %q, want %q", got, tt.want)
			}
			doc, err := json.Marshal(map[string]any{"okapi": tt.text, "kind": "will", "network": "okapi", "list": []string{tt.text}, "number": 12, "truth": true})
			w.must(err)
			var out struct {
				Okapi, Kind, Network string
				List                 []string
			}
			var back []byte
			w.must(w.pool.QueryRow(t.Context(), `select regexp_replace($1::jsonb::text, $2, 'left/1', 'gi')`, string(doc), m.JSON).Scan(&back))
			w.must(json.Unmarshal(back, &out))
			if out.Okapi != tt.want || out.List[0] != tt.want || out.Kind != "will" || out.Network != "okapi" {
				t.Errorf("in JSON: got %+v, want %q", out, tt.want)
			}
		})
	}
}
