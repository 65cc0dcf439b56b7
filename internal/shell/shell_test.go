package shell

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	touched := filepath.Join(t.TempDir(), "touched")
	for _, tt := range []struct{ name, script, want string }{
		{"good", "#!/bin/bash\nif true; then echo; fi\n", ""},
		{"nothing", "", ""},
		{"an end that is missing", "if true; then\n", "line 2: syntax error: unexpected end of file"},
		{"a quote that is missing", "echo '\n", "unexpected EOF while looking for matching"},
		{"what would be run", "touch " + touched + "\n$(touch " + touched + ")\n`touch " + touched + "`\nexit 3\n", ""},
		{"an exit in a function", "f() { exit 1; }\nf\n", ""},
		{"long", strings.Repeat("echo x\n", 30000), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Check(t.Context(), tt.script)
			if err != nil || tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
			if _, err := os.Stat(touched); err == nil {
				t.Error("the script was run")
			}
		})
	}
}

// A script whose turn does not come is not looked at, and a turn that is over is
// the next one's.
func TestCheckerTakesTurns(t *testing.T) {
	t.Parallel()
	c := NewChecker(1)
	c.turns <- struct{}{}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if problem, err := c.Check(gone, "if"); problem != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("no turn: %q, %v", problem, err)
	}
	<-c.turns
	for range 2 {
		if problem, err := c.Check(t.Context(), "if"); problem == "" && !errors.Is(err, ErrNoBash) {
			t.Errorf("a turn: %q, %v", problem, err)
		}
	}
}
