package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"unicode"
)

// What others typed must not reach a terminal as control characters, nor turn
// text around.
func TestLogSpellsOutControlCharacters(t *testing.T) {
	t.Parallel()
	const hostile = "a\x1b[2J\x00\r\nb\x7f\u009b31m\u202egpj.exe\u2066"
	for _, asJSON := range []bool{false, true} {
		var b bytes.Buffer
		log := NewLog(&b, asJSON, slog.LevelInfo)
		log.Debug("not wanted")
		log.Warn("heard", "nick", hostile, "err", errors.New(hostile), slog.Group("line", "text", hostile))
		for _, c := range b.String() {
			if c != '\n' && unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
				t.Errorf("JSON %t: %q in %q", asJSON, c, b.String())
			}
		}
		if bytes.Count(b.Bytes(), []byte("\n")) != 1 {
			t.Errorf("JSON %t: not one line: %q", asJSON, b.String())
		}
		var record map[string]any
		if err := json.Unmarshal(b.Bytes(), &record); asJSON && err != nil {
			t.Errorf("not JSON: %v", err)
		}
	}
}
