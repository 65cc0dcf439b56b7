// Package spool keeps received lines in append-only files until Postgres has
// them. A line is accepted, and can no longer be lost, when its record has been
// synced to disk; that is also when whoever reads the spool sees it.
//
// Appending never waits for the disk: a line gets its ref and waits in memory,
// and one goroutine writes and syncs everything that waits, again and again.
// When the disk refuses, what waits is kept in memory and tried again. Beyond
// its bounds the spool takes no more, counts what it did not take, and says so
// with a gap line once there is room.
//
// It knows nothing of IRC, of meetings or of Postgres.
package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// ErrClosed is returned by Wait for what will never be durable, and by Read
// when there is and will be no more.
var ErrClosed = errors.New("spool: closed")

// ErrLost is returned by Wait for the zero ref: the line was not taken.
var ErrLost = errors.New("spool: full, the line was not kept")

const (
	defaultMaxBytes   = 256 << 20
	defaultMaxPending = 32 << 20
	maxSegment        = 4 << 20
)

// Options are the bounds and surroundings of a spool.
type Options struct {
	Now        func() time.Time // the clock; nil is time.Now
	MinRef     hackfest.Ref     // refs are greater than this one: the highest live ref in Postgres
	MaxBytes   int64            // on disk and in memory together; 0 is 256 MiB
	MaxPending int64            // in memory while the disk refuses; 0 is 32 MiB
	Log        *slog.Logger     // nil discards
}

// Spool is an open spool directory. All methods may be called from any
// goroutine.
type Spool struct {
	dir  string
	o    Options
	disk disk
	lock *os.File

	files    sync.RWMutex // held for reading while segments are read, for writing while some are removed
	released bool         // the files are closed; guarded by files
	noted    atomic.Bool  // this process wrote a note of life

	mu       sync.Mutex
	refs     *refs
	index    []entry    // durable records in order of ref
	segments []*segment // oldest first
	onDisk   int64      // bytes of all segments
	waiting  []record   // appended and not yet durable, in order
	inMemory int64      // bytes of waiting
	durable  hackfest.Ref
	synced   int64   // records made durable since Open
	losses   []*loss // what was not taken since there was room last
	lost     int64   // lines not taken since Open
	aside    int     // damaged stretches kept aside, ever
	err      error   // why writing fails; nil when it does not
	errSince time.Time
	closed   bool          // no more is taken
	leave    chan struct{} // closed by the writer once it has left its segment; nil when nobody asked
	changed  chan struct{} // closed and made anew whenever durable or closed changes

	wake   chan struct{} // something waits, or the spool was closed
	done   chan struct{} // the writer has returned
	active *segment      // being written; only the writer uses it
}

// record is an encoded line that waits for the disk.
type record struct {
	ref  hackfest.Ref
	data []byte
}

// Status is how a spool is doing.
type Status struct {
	Durable  hackfest.Ref // the last ref that is safe on disk
	Synced   int64        // records that became durable since Open
	Bytes    int64        // on disk and in memory
	Waiting  int          // records that are not durable yet
	Lost     int64        // lines not taken since Open because the spool was full
	Full     bool         // lines are being lost now
	Aside    int          // damaged stretches in the folder aside
	Err      error        // why the disk cannot be written; nil when it can
	ErrSince time.Time    // UTC; zero when Err is nil
}

// Append takes l, sets its ref and returns it; the order of calls is the order
// of refs. It never waits for the disk. The zero Ref means that the spool is
// full or closed and the line was counted as lost.
func (s *Spool) Append(l hackfest.Line) hackfest.Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		s.lost++
		return hackfest.Ref{}
	}
	s.admitLosses()
	return s.append(l)
}

// append is Append under the lock, without telling of earlier losses.
func (s *Spool) append(l hackfest.Line) hackfest.Ref {
	l.Ref = s.refs.next()
	data, err := encode(l)
	if err != nil {
		s.o.Log.Error("line cannot be spooled", "network", l.Network, "channel", l.Channel, "err", err)
	}
	if err != nil || len(s.losses) > 0 || !s.fits(int64(len(data))) {
		s.lose(l)
		return hackfest.Ref{}
	}
	s.waiting = append(s.waiting, record{l.Ref, data})
	s.inMemory += int64(len(data))
	s.nudge()
	return l.Ref
}

// Durable is the ref up to which everything is safe on disk.
func (s *Spool) Durable() hackfest.Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.durable
}

// Wait returns once ref is durable. The zero ref is ErrLost.
func (s *Spool) Wait(ctx context.Context, ref hackfest.Ref) error {
	if ref.IsZero() {
		return ErrLost
	}
	for {
		s.mu.Lock()
		durable, closed, changed := s.durable, s.closed, s.changed
		s.mu.Unlock()
		if durable.Compare(ref) >= 0 {
			return nil
		}
		if closed {
			select {
			case <-s.done: // the writer's last attempt is over
				if s.Durable().Compare(ref) >= 0 {
					return nil
				}
				return ErrClosed
			case <-ctx.Done():
				return ctx.Err()
			case <-changed:
				continue
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Size is how many bytes the spool holds, on disk and in memory.
func (s *Spool) Size() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.onDisk + s.inMemory
}

// Status reports how the spool is doing.
func (s *Spool) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Status{
		Durable: s.durable, Synced: s.synced, Bytes: s.onDisk + s.inMemory, Waiting: len(s.waiting),
		Lost: s.lost, Full: len(s.losses) > 0, Aside: s.aside, Err: s.err, ErrSince: s.errSince,
	}
}

// Next is the first ref after the given one, durable or not; zero when there is
// none. It tells how long something has waited here.
func (s *Spool) Next(after hackfest.Ref) hackfest.Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.search(after); i < len(s.index) {
		return s.index[i].ref
	}
	if len(s.waiting) > 0 {
		return s.waiting[0].ref
	}
	return hackfest.Ref{}
}

// Seal takes no more lines and writes what waits, once more where the disk
// refused; the error says how many lines could not be written. What is there
// can still be read and trimmed. Sealing again does nothing more.
func (s *Spool) Seal() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		s.announce()
		s.nudge()
	}
	s.mu.Unlock()
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.waiting); n > 0 {
		return fmt.Errorf("spool: %d lines could not be written: %w", n, s.err)
	}
	return nil
}

// Close seals the spool and lets go of the directory. Closing again does
// nothing more.
func (s *Spool) Close() error {
	err := s.Seal()
	s.release()
	return err
}

// announce wakes everyone who waits for durable or closed to change.
func (s *Spool) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// nudge wakes the writer.
func (s *Spool) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
