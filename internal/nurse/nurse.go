// Package nurse looks at the machine it runs on before somebody hacks or
// installs there: it carries out preflight checks, which are data, and says of
// each whether all is well and what was seen. It changes nothing, starts nothing
// but commands that are asked for their version, and needs no root; what only
// root may see it reports as not seen. Where the checks come from and how a
// report is written down is here as well; the command line is in cmd/hackfest.
package nurse

import (
	"context"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v4/host"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

const (
	atOnce  = 8                      // checks
	lookFor = 5 * time.Second        // how long one may take; only the network does
	lastly  = 500 * time.Millisecond // for one to say why it took so long
)

// finding is what a look at one thing gave.
type finding struct {
	state state
	note  string // what was seen, one line without a full stop
}

type state int

const (
	ill     state = iota // not as it should be
	well                 //
	unknown              // it could not be seen
)

// looks are how each kind of check is carried out.
var looks = map[hackfest.CheckKind]func(context.Context, hackfest.Check) finding{
	hackfest.CheckCPU: lookCPU, hackfest.CheckMemory: lookMemory, hackfest.CheckDisk: lookDisk, hackfest.CheckOS: lookOS,
	hackfest.CheckArch: lookArch, hackfest.CheckModule: lookModule, hackfest.CheckPackage: lookPackage,
	hackfest.CheckCommand: lookCommand, hackfest.CheckService: lookService, hackfest.CheckPort: lookPort,
	hackfest.CheckDNS: lookDNS, hackfest.CheckHTTP: lookHTTP, hackfest.CheckInterface: lookInterface,
	hackfest.CheckClock: lookClock, hackfest.CheckFile: lookFile, hackfest.CheckEnv: lookEnv,
}

// Examine carries out all checks, several at a time, and returns their results
// in the same order. Each takes seconds at most; when ctx ends, so do all.
func Examine(ctx context.Context, checks []hackfest.Check, now time.Time) hackfest.Preflight {
	p := hackfest.Preflight{Machine: machine(ctx), At: now.UTC(), Results: make([]hackfest.CheckResult, len(checks))}
	var all sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for i, c := range checks {
		all.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			p.Results[i] = examine(ctx, c)
		})
	}
	all.Wait()
	return p
}

// examine carries out one check.
func examine(ctx context.Context, c hackfest.Check) hackfest.CheckResult {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	f := within(ctx, func() finding { return looks[c.Kind](ctx, c) })
	r := hackfest.CheckResult{Key: c.Key, State: hackfest.CheckWell, Note: strings.ToValidUTF8(tilde(f.note, os.Getenv("HOME")), "�")}
	switch f.state {
	case unknown:
		r.State = hackfest.CheckUnknown
	case ill:
		r.State = hackfest.CheckState(c.Severity)
	}
	return r
}

// within is what look finds while ctx lasts. What hangs in the kernel, such as a
// file on a server that is away, is left behind.
func within(ctx context.Context, look func() finding) finding {
	found := make(chan finding, 1)
	go func() { found <- look() }()
	select {
	case f := <-found:
		return f
	case <-ctx.Done():
	}
	select {
	case f := <-found:
		return f
	case <-time.After(lastly):
		return finding{unknown, "no answer in time"}
	}
}

// State is how a machine is, from all results: dead when one is dead, well when
// all are well; else it needs care. What could not be seen is not well.
type State string

const (
	Well State = "well"
	Care State = "care"
	Dead State = "dead"
)

// StateOf is the state of a machine after p.
func StateOf(p hackfest.Preflight) State {
	s := Well
	for _, r := range p.Results {
		switch r.State {
		case hackfest.CheckDead:
			return Dead
		case hackfest.CheckWell:
		default:
			s = Care
		}
	}
	return s
}

// ExitStatus is the status with which a program ends that found s: 0, 1 or 2.
func (s State) ExitStatus() int {
	return map[State]int{Well: 0, Care: 1, Dead: 2}[s]
}

// machine says in a few words what this machine is, and nothing of whose it is.
func machine(ctx context.Context) string {
	name, version := system(ctx)
	if name == "" {
		name = runtime.GOOS
	}
	arch, err := host.KernelArch()
	if err != nil {
		arch = runtime.GOARCH
	}
	return strings.TrimSpace(name+" "+version) + ", " + arch
}
