package web

import (
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// cableway carries connections to Postgres, and can lose or hold them.
type cableway struct {
	url string // of the database, through it

	mu     sync.Mutex
	moved  *sync.Cond
	conns  map[net.Conn]bool
	closed bool // takes no connections
	frozen bool // carries nothing
}

func newCableway(t *testing.T, dsn string) *cableway {
	t.Helper()
	u, err := url.Parse(dsn)
	must(t, err)
	network, addr := "tcp", u.Host
	if dir := u.Query().Get("host"); dir != "" {
		port := u.Query().Get("port")
		if port == "" {
			port = "5432"
		}
		network, addr = "unix", strings.TrimSuffix(dir, "/")+"/.s.PGSQL."+port
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	q := u.Query()
	q.Del("host")
	q.Del("port")
	q.Set("sslmode", "disable")
	u.Host, u.RawQuery = l.Addr().String(), q.Encode()
	w := &cableway{url: u.String(), conns: map[net.Conn]bool{}}
	w.moved = sync.NewCond(&w.mu)
	t.Cleanup(func() { _ = l.Close(); w.cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(c, network, addr)
		}
	}()
	return w
}

// carry connects c with the far end until either closes.
func (w *cableway) carry(c net.Conn, network, addr string) {
	far, err := net.Dial(network, addr)
	if err != nil {
		_ = c.Close()
		return
	}
	w.mu.Lock()
	refuse := w.closed
	w.conns[c], w.conns[far] = true, true
	w.mu.Unlock()
	if refuse {
		_, _ = c.Close(), far.Close()
		return
	}
	go w.copy(far, c)
	w.copy(c, far)
}

func (w *cableway) copy(to, from net.Conn) {
	defer to.Close()   //nolint:errcheck // it is over
	defer from.Close() //nolint:errcheck // it is over
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		w.mu.Lock()
		for w.frozen {
			w.moved.Wait()
		}
		w.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// cut closes all connections and takes no others.
func (w *cableway) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed, w.frozen = true, false
	w.moved.Broadcast()
	for c := range w.conns {
		_ = c.Close()
	}
	clear(w.conns)
}

// freeze takes what comes and carries nothing.
func (w *cableway) freeze() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frozen = true
}

// mend carries everything again.
func (w *cableway) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed, w.frozen = false, false
	w.moved.Broadcast()
}
