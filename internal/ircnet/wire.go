package ircnet

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

const (
	maxLine      = 64 << 10         // bytes of a line we keep; the rest of a longer one is dropped
	maxWaiting   = 10_000           // lines read and not yet handled; then we stop reading
	writeTimeout = 10 * time.Second // a server that takes nothing for so long is dead
)

// wire is the connection girc is given. It stands between girc and the socket
// because many lines that occur in the wild, or that a hostile server can send,
// end girc's connection or leave it deaf.
//
// Read takes a line off the socket, parses and numbers the original, and hands
// girc a stand-in that bears the number as a tag. Only what girc itself has to
// answer (PING, CTCP VERSION) is more than a bare number. When girc's handler
// reports a number, the original is released to the receiver in order; an
// original whose number never comes back is released all the same when the
// connection ends, or when girc has been deaf for too long.
type wire struct {
	net.Conn
	in      *bufio.Reader
	now     func() time.Time
	ctcp    func() bool // may one more CTCP query be answered?
	wake    chan struct{}
	pending []byte // of a stand-in, for the next Read; only Read touches it

	mu       sync.Mutex
	room     *sync.Cond // signalled when lines have been taken or the wire is closed
	seq      uint64
	behind   []message // read, and in girc's hands
	through  uint64    // the newest number that came back from girc
	writing  int       // writes under way; what comes meanwhile is held back
	ready    []message // for the receiver
	lastRead time.Time // monotonic, as all that is measured here
	over     uint64    // lines that were longer than maxLine
	broken   time.Time // when writing first failed; zero while it works
	closed   bool
}

func newWire(conn net.Conn, now func() time.Time, ctcp func() bool) *wire {
	w := &wire{Conn: conn, in: bufio.NewReader(conn), now: now, ctcp: ctcp, wake: make(chan struct{}, 1), lastRead: time.Now()}
	w.room = sync.NewCond(&w.mu)
	return w
}

// Read hands girc the next line in a form that cannot hurt it.
func (w *wire) Read(p []byte) (int, error) {
	for len(w.pending) == 0 {
		line, err := w.readLine()
		if err != nil {
			return 0, err
		}
		w.pending = w.accept(line)
	}
	n := copy(p, w.pending)
	w.pending = w.pending[n:]
	return n, nil
}

// readLine reads up to the next LF. A CR alone ends no line.
func (w *wire) readLine() (string, error) {
	w.mu.Lock()
	for len(w.behind)+len(w.ready) >= maxWaiting && !w.closed {
		w.room.Wait()
	}
	w.mu.Unlock()
	var line []byte
	for {
		part, err := w.in.ReadSlice('\n')
		if len(line)+len(part) <= maxLine {
			line = append(line, part...)
		} else if len(line) < maxLine {
			line = append(line, part[:maxLine-len(line)]...)
			w.mu.Lock()
			w.over++
			w.mu.Unlock()
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return string(line), err
		}
	}
}

// accept numbers one line and returns what girc gets for it: nothing for a line
// without a message.
func (w *wire) accept(line string) []byte {
	m, ok := parseMessage(line)
	w.mu.Lock()
	defer w.mu.Unlock()
	m.at, m.read = w.now(), time.Now()
	w.lastRead = m.read
	if !ok {
		return nil
	}
	w.seq++
	m.seq = w.seq
	w.behind = append(w.behind, m)
	return w.standIn(&m)
}

func (w *wire) standIn(m *message) []byte {
	switch {
	case m.command == "PING":
		return fmt.Appendf(nil, "@n=%d PING :%s\n", m.seq, safe(m.raw(0)))
	case m.isVersionQuery() && w.ctcp():
		return fmt.Appendf(nil, "@n=%d :%s PRIVMSG us :\x01VERSION\x01\n", m.seq, safe(m.source.Nick))
	}
	return fmt.Appendf(nil, "@n=%d LINE\n", m.seq)
}

// safe makes bytes fit to stand in a line of ours.
func safe(s string) string {
	s = strings.ToValidUTF8(strings.NewReplacer("\x00", "", "\r", "", "\n", "").Replace(s), "")
	return s[:min(len(s), 300)]
}

// passed is told by girc's handler which line has come through.
func (w *wire) passed(seq uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.through = max(w.through, seq)
	w.release()
}

// release moves on the lines that girc is done with, unless something is being
// written; w.mu is held.
func (w *wire) release() {
	n := 0
	for n < len(w.behind) && w.behind[n].seq <= w.through {
		n++
	}
	if n == 0 || w.writing > 0 {
		return
	}
	w.ready = append(w.ready, w.behind[:n]...)
	w.behind = w.behind[n:]
	w.signal()
}

func (w *wire) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// take returns what there is to handle, oldest first. With all set, lines that
// girc still holds are among it.
func (w *wire) take(all bool) []message {
	w.mu.Lock()
	defer w.mu.Unlock()
	if all {
		w.ready = append(w.ready, w.behind...)
		w.behind = nil
	}
	ready := w.ready
	w.ready = nil
	w.room.Broadcast()
	return ready
}

// deafFor is for how long the oldest line in girc's hands has been there.
func (w *wire) deafFor(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.behind) == 0 || w.writing > 0 {
		return 0
	}
	return now.Sub(w.behind[0].read)
}

// heard is when the last line came, and how many were too long so far.
func (w *wire) heard() (time.Time, uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lastRead, w.over
}

// Write sends what girc wrote. It never fails: a server that has closed may have
// left lines to be read, which girc would not read any more. Reading finds the
// end, or the session sees broken.
func (w *wire) Write(p []byte) (int, error) {
	w.write(string(p), true)
	return len(p), nil
}

// write sends lines and, once the socket has it, shows it to the
// receiver, who logs our own lines where the server does not echo them. Lines
// that come meanwhile are held back, since they may answer it. What holds a
// secret is not shown.
func (w *wire) write(lines string, shown bool) {
	w.mu.Lock()
	w.writing++
	w.mu.Unlock()
	_ = w.Conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := w.Conn.Write([]byte(lines))

	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil && shown {
		w.show(lines)
	} else if err != nil && w.broken.IsZero() {
		w.broken = time.Now()
	}
	w.writing--
	w.release()
}

// show puts what was written among the lines to handle; w.mu is held.
func (w *wire) show(lines string) {
	for line := range strings.SplitSeq(lines, "\n") {
		m, ok := parseMessage(line)
		if !ok {
			continue
		}
		m.sent, m.at = true, w.now()
		w.ready = append(w.ready, m)
		w.signal()
	}
}

// brokenFor is for how long writing has failed.
func (w *wire) brokenFor(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken.IsZero() {
		return 0
	}
	return now.Sub(w.broken)
}

// Close closes the socket; it may be called often.
func (w *wire) Close() error {
	w.mu.Lock()
	w.closed = true
	w.room.Broadcast()
	w.mu.Unlock()
	return w.Conn.Close()
}

// SetReadDeadline does nothing: girc's five minutes are not our idea of a dead
// link.
func (w *wire) SetReadDeadline(time.Time) error { return nil }

// isVersionQuery reports a CTCP VERSION sent to us alone by somebody whose nick
// can stand in an answer.
func (m *message) isVersionQuery() bool {
	const special = ",*?#&@+%$:!"
	return m.command == "PRIVMSG" && !m.server && len(m.params) == 2 &&
		strings.TrimSuffix(m.params[1], "\x01") == "\x01VERSION" &&
		!strings.ContainsAny(m.params[0], special) && !strings.ContainsAny(m.source.Nick, special)
}
