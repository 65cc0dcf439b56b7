// Package replay plays a log on an IRC network as if it were happening: each
// person of the log is a client that comes, talks and leaves. It is for trying a
// portal out. It is no bot: its clients answer PING and do what the log says.
//
// Lines reach the channel in the log's order although each client has a
// connection of its own, because none is sent before the server has answered a
// PING behind the one before (client.go). That is also how a server that slows
// its clients down is respected.
package replay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Options say what is played where. Addr, Channel, Speed and Lines are required.
type Options struct {
	Addr    string      // host:port
	TLS     *tls.Config // nil: plain text
	Channel string
	Speed   float64 // how many times faster than it was
	Lines   []hackfest.Line
	Clients int                              // how many there may be at a time; 0 is MaxClients
	Spread  time.Duration                    // between two clients that come before the log begins; 0 is 250 ms
	Said    func(n, of int, l hackfest.Line) // after each line; nil for nothing
	Note    func(text string)                // what did not go as in the log; nil for nothing
}

// MaxClients is how many people of a log are on the network at a time unless
// Options say otherwise. Who speaks next stays; who speaks last or never again
// leaves first.
const MaxClients = 40

const defaultSpread = 250 * time.Millisecond

// Result is how far a replay got.
type Result struct {
	Done, Of int // lines
	People   int // of the log; those who only watched are not played
}

// Play plays o.Lines until they are over or ctx ends, which is no error. All
// clients have left when it returns.
func Play(ctx context.Context, o Options) (Result, error) {
	if o.Clients <= 0 {
		o.Clients = MaxClients
	}
	if o.Spread <= 0 {
		o.Spread = defaultSpread
	}
	if o.Said == nil {
		o.Said = func(int, int, hackfest.Line) {}
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	s := &stage{Options: o, plan: newPlan(o.Lines), most: o.Clients}
	s.clients = make([]*client, len(s.people))
	defer s.clear()
	result := Result{Of: len(s.steps), People: len(s.people)}
	if len(s.steps) == 0 {
		return result, fault.New(fault.Invalid, "Nobody says anything in this log.")
	}
	err := s.gather(ctx)
	if err == nil {
		err = s.play(ctx, &result)
	}
	if ctx.Err() != nil {
		return result, nil // asked to stop
	}
	return result, err
}

// stage is a replay that runs.
type stage struct {
	Options
	plan
	clients []*client // by person; nil for who is not there
	most    int       // clients at a time; less than Options say where the server allows less
}

// gather connects whoever was there when the log begins.
func (s *stage) gather(ctx context.Context) error {
	for who, p := range s.people {
		if p.comes || s.count() >= s.most {
			continue
		}
		if err := s.come(ctx, who, 0); err != nil {
			return err
		}
		if err := sleep(ctx, s.Spread); err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) play(ctx context.Context, result *Result) error {
	began := time.Now()
	for i, step := range s.steps {
		due := began.Add(time.Duration(float64(step.after) / s.Speed))
		if err := sleep(ctx, time.Until(due)); err != nil {
			return err
		}
		if err := s.carryOut(ctx, i); err != nil {
			return err
		}
		result.Done++
		s.Said(result.Done, result.Of, step.line)
	}
	return nil
}

// carryOut does one step. A client that fails is left behind and comes again
// with the next thing it has to say; only a network that lets nobody in ends
// the replay.
func (s *stage) carryOut(ctx context.Context, i int) error {
	step := s.steps[i]
	c := s.clients[step.who]
	if step.leaves() {
		if c != nil {
			s.leave(step.who, step.line.Text)
		}
		return nil
	}
	if c == nil {
		if err := s.come(ctx, step.who, i); err != nil {
			return err
		}
		if c = s.clients[step.who]; c == nil {
			return nil // said by come
		}
	}
	if err := c.do(ctx, s.Channel, step.line); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.Note(fmt.Sprintf("%s: %v", c.nick, err))
		s.clients[step.who] = nil
		c.close()
	}
	return nil
}

// come connects a person and joins, after somebody else has made room where
// there is none. now is the step it is for.
func (s *stage) come(ctx context.Context, who, now int) error {
	for s.count() >= s.most {
		s.leave(s.idlest(now), "")
	}
	nick := s.nickAt(who, now)
	c, err := dial(ctx, s.Addr, s.TLS, nick)
	if err == nil {
		err = c.join(ctx, s.Channel)
	}
	if c != nil && err != nil {
		c.close()
	}
	switch {
	case err == nil:
		if c.nick != nick {
			s.Note(fmt.Sprintf("%s is called %s here", nick, c.nick))
		}
		s.clients[who] = c
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errNoChannel):
		return &fault.Error{Kind: fault.Unavailable, Message: "Nobody can join " + s.Channel + ".", Err: err}
	case errors.Is(err, errNick):
		s.Note(nick + " cannot come: " + err.Error())
		return nil
	case s.count() == 0:
		return &fault.Error{Kind: fault.Unavailable, Message: s.Addr + " lets nobody in.", Err: err}
	}
	s.most = s.count() // most servers bound how many come from one address
	s.Note(fmt.Sprintf("%s cannot come (%v); no more than %d at a time from here on", nick, err, s.most))
	if now == 0 {
		return nil
	}
	return s.come(ctx, who, now)
}

func (s *stage) count() int {
	n := 0
	for _, c := range s.clients {
		if c != nil {
			n++
		}
	}
	return n
}

// idlest is who of those that are there has nothing to do for longest.
func (s *stage) idlest(now int) int {
	best, longest := -1, -1
	for who, c := range s.clients {
		if c == nil {
			continue
		}
		if next := s.nextStep(who, now); next > longest {
			best, longest = who, next
		}
	}
	return best
}

func (s *stage) leave(who int, reason string) {
	c := s.clients[who]
	s.clients[who] = nil
	c.quit(reason)
}

// clear lets everybody leave. All are told before any is waited for.
func (s *stage) clear() {
	for _, c := range s.clients {
		if c != nil {
			c.sayQuit("")
		}
	}
	for who, c := range s.clients {
		if c != nil {
			c.awaitEnd()
			s.clients[who] = nil
		}
	}
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
