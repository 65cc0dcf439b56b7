package ircnet

import (
	"context"
	"crypto/tls"
	"net"
)

// dial opens the connection, TLS handshake included, within ctx. girc's own
// dialling has no limit for the handshake and does not end when asked to.
func (n *Network) dial(ctx context.Context) (net.Conn, error) {
	conn, err := n.cfg.Dial(ctx, "tcp", n.cfg.Addr)
	if err != nil || n.cfg.TLS == nil {
		return conn, err
	}
	config := n.cfg.TLS.Clone()
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(n.cfg.Addr)
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

// dialled gives girc the connection we made.
type dialled struct{ conn net.Conn }

func (d dialled) Dial(string, string) (net.Conn, error) { return d.conn, nil }
