package logformat

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// FuzzLogformat lets the text say which format it is.
func FuzzLogformat(f *testing.F) {
	for _, tt := range samples {
		f.Add(tt.log)
	}
	f.Add("00:00 <\xff> \x00\r\n\n23:59 <a> x")
	f.Add("18:17 < ann> " + strings.Repeat("long ", 20) + "\n                 and more\n                 and more")
	f.Fuzz(func(t *testing.T, text string) { survives(t, text, "") })
}

// One target for each reader, whatever detection would say.

func FuzzMeetbot(f *testing.F)      { fuzzFormat(f, "meetbot") }
func FuzzHHMM(f *testing.F)         { fuzzFormat(f, "hhmm") }
func FuzzBrackets(f *testing.F)     { fuzzFormat(f, "brackets") }
func FuzzISO(f *testing.F)          { fuzzFormat(f, "iso") }
func FuzzIrssi(f *testing.F)        { fuzzFormat(f, "irssi") }
func FuzzWeechat(f *testing.F)      { fuzzFormat(f, "weechat") }
func FuzzZNC(f *testing.F)          { fuzzFormat(f, "znc") }
func FuzzLimnoria(f *testing.F)     { fuzzFormat(f, "limnoria") }
func FuzzMIRC(f *testing.F)         { fuzzFormat(f, "mirc") }
func FuzzPidgin(f *testing.F)       { fuzzFormat(f, "pidgin") }
func FuzzPidginHTML(f *testing.F)   { fuzzFormat(f, "pidgin-html") }
func FuzzRRSAgent(f *testing.F)     { fuzzFormat(f, "rrsagent") }
func FuzzRRSAgentHTML(f *testing.F) { fuzzFormat(f, "rrsagent-html") }
func FuzzBip(f *testing.F)          { fuzzFormat(f, "bip") }
func FuzzMeetbotHTML(f *testing.F)  { fuzzFormat(f, "meetbot-html") }
func FuzzOpendev(f *testing.F)      { fuzzFormat(f, "opendev") }
func FuzzHcoop(f *testing.F)        { fuzzFormat(f, "hcoop") }

func fuzzFormat(f *testing.F, name string) {
	for _, tt := range samples {
		if tt.wantFormat == name {
			f.Add(tt.log)
		}
	}
	f.Fuzz(func(t *testing.T, text string) { survives(t, text, name) })
}

// survives checks what holds of every log, however broken: nothing falls over,
// nothing is lost without being counted, everything can be stored, and reading
// it again gives the same.
func survives(t *testing.T, text, format string) {
	o := Options{Format: format, Date: aug10, Channel: "#c"}
	log, err := Read([]byte(text), o)
	if err != nil {
		if fault.KindOf(err) != fault.Invalid {
			t.Fatal(err)
		}
		return
	}
	again, err := Read([]byte(text), o)
	if err != nil || show(again.Lines) != show(log.Lines) {
		t.Errorf("read differently the second time: %v", err)
	}
	if explained := log.Rows - len(log.Skipped); explained < 0 || log.Rows > 0 && log.Confidence != float64(explained)/float64(log.Rows) {
		t.Errorf("confidence %f of %d rows, %d skipped", log.Confidence, log.Rows, len(log.Skipped))
	}
	if plain := newDocument([]byte(text)); format == "" && plain.kind == plainText && log.Format != "rrsagent" && log.Rows != len(plain.rows) {
		t.Errorf("%d lines became %d", len(plain.rows), log.Rows)
	}
	for i, l := range log.Lines {
		if l.Nick == "" && l.Kind != hackfest.Gap || l.Kind == "" || l.At.IsZero() || l.At.Location() != time.UTC {
			t.Errorf("line %+v", l)
		}
		if (l.Kind == hackfest.Nick || l.Kind == hackfest.Kick) == (l.Target == "") {
			t.Errorf("target %q of a %s", l.Target, l.Kind)
		}
		for _, s := range []string{l.Nick, l.Text, l.Target, l.Channel, l.Network} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\n") {
				t.Errorf("%q cannot be stored", s)
			}
		}
		if i > 0 && l.Ref.Compare(log.Lines[i-1].Ref) <= 0 {
			t.Errorf("ref %s does not follow %s", l.Ref, log.Lines[i-1].Ref)
		}
	}
}
