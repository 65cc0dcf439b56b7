package app

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// NewLog returns a log that writes to w. Text is for people at a terminal, JSON
// for everything else. Neither lets a control character through that somebody
// else typed: text quotes them, and in JSON they are spelt out.
func NewLog(w io.Writer, json bool, level slog.Level) *slog.Logger {
	o := &slog.HandlerOptions{Level: level, ReplaceAttr: spellOut}
	if json {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// spellOut replaces what encoding/json leaves as it is: C1 controls, DEL, and
// the marks that change the direction of text.
func spellOut(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case string:
		a.Value = slog.StringValue(spell(v))
	case error:
		a.Value = slog.StringValue(spell(v.Error()))
	case time.Duration:
		a.Value = slog.StringValue(v.String())
	case fmt.Stringer:
		if a.Value.Kind() == slog.KindAny {
			a.Value = slog.StringValue(spell(v.String()))
		}
	}
	return a
}

func spell(s string) string {
	if !strings.ContainsFunc(s, hidden) {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if hidden(c) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(c), "'"))
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func hidden(c rune) bool {
	return c == 0x7f || unicode.IsControl(c) && c >= 0x80 || unicode.Is(unicode.Bidi_Control, c)
}
