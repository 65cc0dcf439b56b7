// Package ports holds ports on 127.0.0.1 for servers that are started later, by
// programs that cannot be given a socket.
package ports

import (
	"context"
	"net"
	"strconv"
)

// Hold keeps a TCP port on which nobody listens from all who ask for one by Hold,
// in this program and in others, until release. The mark of that is the UDP port of
// the same number: it goes away with the program, however that ends. ok is false
// when the port is taken.
func Hold(ctx context.Context, port int) (release func(), ok bool) {
	var lc net.ListenConfig
	mark, err := lc.ListenPacket(ctx, "udp", Address(port))
	if err != nil {
		return nil, false
	}
	if !Free(ctx, port) {
		mark.Close()
		return nil, false
	}
	return func() { mark.Close() }, true
}

// Free reports whether a server could listen on the TCP port, if it sets
// SO_REUSEADDR, as Go does and ngIRCd.
func Free(ctx context.Context, port int) bool {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", Address(port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// Address is the port with its host, 127.0.0.1:port.
func Address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
