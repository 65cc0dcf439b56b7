package main

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows on a terminal how far each step of a long work came; elsewhere
// it is silent.
type progress struct {
	w    io.Writer // nil is silent
	step string
	bar  *progressbar.ProgressBar // of step; nil before the first
}

// newProgress shows it on w, if that is a terminal.
func newProgress(w io.Writer) *progress {
	if !terminal(w) {
		w = nil
	}
	return &progress{w: w}
}

// show tells that done of all is done of a step.
func (p *progress) show(step string, done, all int64) {
	if p.w == nil || all == 0 {
		return
	}
	if p.bar == nil || p.step != step {
		p.end()
		p.step = step
		p.bar = progressbar.NewOptions64(all, progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(step),
			progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	_ = p.bar.Set64(done) // a terminal that went away stops nothing
}

// end leaves the line to what comes next.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
