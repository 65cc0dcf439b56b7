package testport

import (
	"net"
	"sync"
	"testing"
)

// Nobody listens on any of them, and none is given twice: so many would meet
// several times if they were only looked at.
func TestNoPortTwice(t *testing.T) {
	t.Parallel()
	const tests, each = 8, 50
	var all sync.Map
	var wait sync.WaitGroup
	for range tests {
		wait.Go(func() {
			for range each {
				addr := FreeAddress(t)
				if _, twice := all.LoadOrStore(addr, true); twice {
					t.Errorf("%s is given twice", addr)
				}
				l, err := net.Listen("tcp", addr)
				if err != nil {
					t.Errorf("%s: %v", addr, err)
					continue
				}
				l.Close()
			}
		})
	}
	wait.Wait()
}

// A port is free again once its test has ended.
func TestGivenBack(t *testing.T) {
	t.Parallel()
	var addr string
	t.Run("holds it", func(t *testing.T) {
		addr = FreeAddress(t)
		if mark, err := net.ListenPacket("udp", addr); err == nil {
			mark.Close()
			t.Errorf("%s is not held", addr)
		}
	})
	mark, err := net.ListenPacket("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	mark.Close()
}
