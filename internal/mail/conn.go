package mail

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// byeFor is how long a server may take to say goodbye.
const byeFor = 5 * time.Second

// Conn is a connection to a server for many messages, one after the other. It is
// made at the first of them, and anew where it was lost.
type Conn struct {
	server Server
	client *gomail.Client
	line   *smtp.Client // nil: there is none
	hangUp func()       // ends line, whatever is going on
}

// Open prepares a connection; Close ends it.
func (s Server) Open() *Conn { return &Conn{server: s, hangUp: func() {}} }

// Send is Server.Send over this connection.
func (c *Conn) Send(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, sendFor)
	defer cancel()
	msg, err := c.server.compose(m)
	if err != nil {
		return failed(err, Refused, m.To)
	}
	old := c.line != nil
	err = c.give(ctx, msg)
	if old && err != nil && c.line == nil && beforeIt(err) && ctx.Err() == nil { // servers hang up on who is idle, or has sent much
		err = c.give(ctx, msg)
	}
	switch {
	case err == nil || msg.IsDelivered(): // it is taken, whatever the server says then
		return nil
	case isUnreached(err):
		return failed(err, NotSent, m.To)
	}
	return failed(err, verdictOf(err), m.To)
}

// give gives msg to the server, to which it connects if need be. What is left of the
// connection is good for another message, or it is gone.
func (c *Conn) give(ctx context.Context, msg *gomail.Msg) error {
	if c.line == nil {
		if err := c.connect(ctx); err != nil {
			return unreached{err}
		}
	}
	stop := context.AfterFunc(ctx, c.hangUp)
	err := c.client.SendWithSMTPClient(c.line, msg)
	if !stop() || err != nil && !stillOpen(err) {
		c.drop()
	}
	return err
}

// connect opens the connection, which lasts longer than ctx.
func (c *Conn) connect(ctx context.Context) error {
	lasting, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer context.AfterFunc(ctx, hangUp)()
	client, err := c.server.client(lasting)
	if err == nil {
		c.line, err = client.DialToSMTPClientWithContext(ctx)
	}
	if err != nil {
		hangUp()
		c.line = nil
		return err
	}
	c.client, c.hangUp = client, hangUp
	return nil
}

// drop ends the connection without QUIT, which would end a message that was cut off
// in the middle.
func (c *Conn) drop() {
	c.hangUp()
	c.line = nil
}

// Close says goodbye, if there is somebody to say it to.
func (c *Conn) Close() {
	if c.line == nil {
		return
	}
	if c.line.UpdateDeadline(byeFor) == nil {
		_ = c.line.Quit() // what was sent is taken, however the server answers
	}
	c.drop()
}

// client returns a client whose connection ends with ctx.
func (s Server) client(ctx context.Context) (*gomail.Client, error) {
	policy := gomail.TLSOpportunistic
	if s.User != "" && !s.Insecure {
		policy = gomail.TLSMandatory // never a password in the clear
	}
	config := s.Config
	if config == nil {
		config = &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	}
	options := []gomail.Option{gomail.WithPort(s.Port), gomail.WithTimeout(sendFor), gomail.WithTLSConfig(config), gomail.WithTLSPolicy(policy)}
	if s.TLS {
		options = append(options, gomail.WithSSL())
	}
	options = append(options, gomail.WithDialContextFunc(s.dial(ctx, config)))
	if s.User != "" {
		how := gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover)
		switch {
		case s.TLS: // go-mail does not see that dial encrypts, and would find neither of these
			how = gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthPlain, gomail.SMTPAuthLogin)
		case s.Insecure:
			how = gomail.WithSMTPAuth(gomail.SMTPAuthPlainNoEnc)
		}
		options = append(options, how, gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	return gomail.NewClient(s.Host, options...)
}

// dial connects as go-mail would, but hangs up when ctx ends: go-mail only looks
// at its deadline while it connects.
func (s Server) dial(ctx context.Context, config *tls.Config) gomail.DialContextFunc {
	return func(within context.Context, network, addr string) (net.Conn, error) {
		var conn net.Conn
		var err error
		if d := (&net.Dialer{}); s.TLS {
			conn, err = (&tls.Dialer{NetDialer: d, Config: config}).DialContext(within, network, addr)
		} else {
			conn, err = d.DialContext(within, network, addr)
		}
		if err == nil {
			context.AfterFunc(ctx, func() { _ = conn.Close() }) // it ends with the connection at the latest
		}
		return conn, err
	}
}
