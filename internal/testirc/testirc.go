// Package testirc gives tests real and unreal IRC servers, and a plain client
// to talk to them: NgIRCd and StartInspIRCd start the real ngIRCd and InspIRCd
// on free ports of this machine, LinkedInspIRCds two of the latter with a line
// between them that can be cut, StartAtheme real services, Script is a server
// that says whatever a test wants it to, and Client is somebody in a channel.
// Nothing in it knows the bot; it is for tests only.
package testirc

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// Patience is how long anything here waits before a test fails. Nothing waits
// that long when all is well.
const Patience = 20 * time.Second

// transcript is what one side of a connection received, line by line.
type transcript struct {
	mu    sync.Mutex
	lines []string
	read  int           // lines that expect has gone past
	more  chan struct{} // closed and replaced at each new line
	over  bool
}

func newTranscript() *transcript { return &transcript{more: make(chan struct{})} }

func (tr *transcript) add(line string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.lines = append(tr.lines, line)
	close(tr.more)
	tr.more = make(chan struct{})
}

// end says that no more lines will come.
func (tr *transcript) end() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if !tr.over {
		tr.over = true
		close(tr.more)
	}
}

func (tr *transcript) all() []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return append([]string(nil), tr.lines...)
}

// wait returns the first line behind the last one it returned for which match
// is true, or false after d or when no more lines can come.
func (tr *transcript) wait(match func(line string) bool, d time.Duration) (string, bool) {
	late := time.NewTimer(d)
	defer late.Stop()
	for at := -1; ; {
		tr.mu.Lock()
		at = max(at, tr.read)
		for ; at < len(tr.lines); at++ {
			if match(tr.lines[at]) {
				tr.read = at + 1
				line := tr.lines[at]
				tr.mu.Unlock()
				return line, true
			}
		}
		more, over := tr.more, tr.over
		tr.mu.Unlock()
		if over {
			return "", false
		}
		select {
		case <-more:
		case <-late.C:
			return "", false
		}
	}
}

// expect is wait that fails the test.
func (tr *transcript) expect(t testing.TB, who string, match func(line string) bool) string {
	t.Helper()
	line, ok := tr.wait(match, Patience)
	if !ok {
		lines := tr.all()
		t.Fatalf("%s did not receive what was expected; the last lines:\n%s", who, strings.Join(lines[max(0, len(lines)-30):], "\n"))
	}
	return line
}

// Has matches lines that contain text.
func Has(text string) func(line string) bool {
	return func(line string) bool { return strings.Contains(line, text) }
}

// Command matches lines with the given command, whoever sent them; "" matches
// none.
func Command(command string) func(line string) bool {
	return func(line string) bool {
		_, name, _ := parse(line)
		return name == command && command != ""
	}
}

// parse splits a line into its source, command and parameters. Tags are
// dropped.
func parse(line string) (source, command string, params []string) {
	if strings.HasPrefix(line, "@") {
		_, line, _ = strings.Cut(line, " ")
	}
	if after, ok := strings.CutPrefix(line, ":"); ok {
		source, line, _ = strings.Cut(after, " ")
	}
	line, last, hasLast := strings.Cut(line, " :")
	params = strings.Fields(line)
	if len(params) == 0 {
		return source, "", nil
	}
	command, params = strings.ToUpper(params[0]), params[1:]
	if hasLast {
		params = append(params, last)
	}
	return source, command, params
}
