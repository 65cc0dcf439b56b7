// Package shell asks bash whether it can read a script, without running it.
package shell

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"
)

// ErrNoBash is that there is no bash on this machine.
var ErrNoBash = errors.New("there is no bash on this machine")

// checkTime is how long bash may take to read a script, and how long a Checker's
// callers wait for their turn.
const checkTime = 2 * time.Second

// Checker asks bash about a few scripts at a time: whoever looks at a page has it
// asked, and thousands may.
type Checker struct{ turns chan struct{} }

// NewChecker returns a Checker that asks about so many scripts at a time.
func NewChecker(atOnce int) *Checker { return &Checker{make(chan struct{}, atOnce)} }

// Check is the function Check when it is the script's turn. One whose turn does not
// come in time is not looked at: then the error is that of a context.
func (c *Checker) Check(ctx context.Context, script string) (problem string, err error) {
	wait, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	select {
	case c.turns <- struct{}{}:
	case <-wait.Done():
		return "", wait.Err()
	}
	defer func() { <-c.turns }()
	return Check(ctx, script)
}

// Check has bash read script, and returns what it finds wrong with it, as in
// "line 3: unexpected end of file"; "" is nothing. Nothing of script is run.
// Without bash it is ErrNoBash.
func Check(ctx context.Context, script string) (problem string, err error) {
	path, err := exec.LookPath("bash")
	if err != nil {
		return "", ErrNoBash
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	c := exec.CommandContext(ctx, path, "--norc", "--noprofile", "-n", "-s")
	c.Env = []string{"LC_ALL=C.UTF-8"} // no BASH_ENV, which it would run, and none of our secrets
	c.Dir = "/"
	c.Stdin = strings.NewReader(script)
	c.WaitDelay = time.Second
	var said bytes.Buffer
	c.Stderr = &limited{to: &said}
	err = c.Run()
	if _, refused := errors.AsType[*exec.ExitError](err); refused && ctx.Err() == nil || err == nil && said.Len() > 0 {
		return first(said.String()), nil
	}
	return "", err
}

// limited keeps the beginning of what is written to it.
type limited struct{ to *bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	const most = 4096
	l.to.Write(p[:min(len(p), max(0, most-l.to.Len()))])
	return len(p), nil
}

// first is the first thing that bash says, without its own name.
func first(said string) string {
	line, _, _ := strings.Cut(strings.ToValidUTF8(said, "�"), "\n")
	if _, after, ok := strings.Cut(line, "bash: "); ok {
		line = after
	}
	if line == "" {
		return "bash cannot read it"
	}
	return line
}
