package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
)

// part is something that runs until it is told to stop.
type part struct {
	name string
	stop context.CancelFunc
	done chan struct{} // closed when it has returned
	err  error         // what it returned; read it after done is closed
}

// parts are what runs, in the order in which it was started.
type parts struct {
	ctx   context.Context // ends when the portal is to stop
	log   *slog.Logger
	list  []*part
	ended chan *part // a part returned
}

func newParts(ctx context.Context, log *slog.Logger) *parts {
	return &parts{ctx: ctx, log: log, ended: make(chan *part, 8)}
}

// start runs a part in a goroutine that stop waits for. run returns when its
// context ends; if it returns earlier, the whole portal stops.
func (p *parts) start(name string, run func(ctx context.Context) error) {
	// Not a child of p.ctx: parts stop one after another, not all at once.
	ctx, cancel := context.WithCancel(context.WithoutCancel(p.ctx))
	one := &part{name: name, stop: cancel, done: make(chan struct{})}
	p.list = append(p.list, one)
	go func() {
		one.err = run(ctx)
		if ctx.Err() != nil && errors.Is(one.err, context.Canceled) {
			one.err = nil // that is how it was told to stop
		}
		close(one.done)
		p.ended <- one
	}()
}

// wait returns when the portal is asked to stop, with nil, or when a part ends
// by itself, with the reason.
func (p *parts) wait() error {
	select {
	case <-p.ctx.Done():
		return nil
	case one := <-p.ended:
		if one.err == nil {
			return fmt.Errorf("%s ended by itself", one.name)
		}
		return one.err
	}
}

// stop ends all parts, the last one started first, and returns what went wrong
// with those that had not ended before.
func (p *parts) stop() error {
	var errs []error
	for _, one := range slices.Backward(p.list) {
		select {
		case <-one.done:
			continue // wait has reported it
		default:
		}
		p.log.Debug("stopping", "part", one.name)
		one.stop()
		<-one.done
		if one.err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", one.name, one.err))
		}
	}
	return errors.Join(errs...)
}
