package testmail

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
)

// conversation is one connection (RFC 5321).
type conversation struct {
	*Sink
	conn net.Conn
	in   *bufio.Reader
	tls  bool
	to   string // recipient of the message at hand
}

func (s *Sink) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close() //nolint:errcheck // nothing is left to lose
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	s.mu.Lock()
	s.calls++
	s.mu.Unlock()
	if s.refuse == Silent {
		_, _ = conn.Read(make([]byte, 1))
		<-ctx.Done()
		return
	}
	c := &conversation{Sink: s, conn: conn, in: bufio.NewReader(conn), tls: s.security == implicitTLS}
	c.say("220 sink.example ESMTP")
	for c.turn() {
	}
}

func (c *conversation) say(line string) { _, _ = c.conn.Write([]byte(line + "\r\n")) }

// line is the next line of the other end; false when it has hung up.
func (c *conversation) line() (string, bool) {
	line, err := c.in.ReadString('\n')
	if err != nil {
		return "", false
	}
	line = strings.TrimRight(line, "\r\n")
	c.mu.Lock()
	c.lines = append(c.lines, line)
	c.mu.Unlock()
	return line, true
}

// turn answers one command, and reports whether there may be another.
func (c *conversation) turn() bool {
	line, ok := c.line()
	if !ok {
		return false
	}
	word, rest, _ := strings.Cut(line, " ")
	word = strings.ToUpper(word)
	if word == "RCPT" {
		c.to = rest
	}
	if c.refuse == word {
		c.say("550 not here")
		return true
	}
	if f := c.failing(word, c.to); f != nil {
		if f.Code == 0 {
			return false
		}
		c.say(fmt.Sprintf("%d not now", f.Code))
		return true
	}
	if c.security == startTLS && !c.tls && (word == "MAIL" || word == "AUTH") {
		c.say("530 Must issue a STARTTLS command first")
		return true
	}
	switch word {
	case "EHLO":
		c.say(c.greeting())
	case "STARTTLS":
		return c.encrypt()
	case "AUTH":
		c.say("235 welcome")
	case "DATA":
		c.say("354 go on")
		return c.message()
	case "QUIT":
		c.say("221 bye")
		return false
	default:
		c.say("250 ok")
	}
	return true
}

func (c *conversation) greeting() string {
	if c.security == startTLS && !c.tls {
		return "250-sink.example\r\n250-STARTTLS\r\n250 8BITMIME"
	}
	return "250-sink.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME"
}

// encrypt goes on over TLS.
func (c *conversation) encrypt() bool {
	if c.security != startTLS || c.tls {
		c.say("503 not now")
		return true
	}
	c.say("220 go ahead")
	c.conn, c.tls = tls.Server(c.conn, c.keys.server), true
	c.in = bufio.NewReader(c.conn)
	return true
}

// message reads one to its end.
func (c *conversation) message() bool {
	var text strings.Builder
	for {
		line, ok := c.line()
		switch {
		case !ok:
			return false
		case line != ".":
			text.WriteString(strings.TrimPrefix(line, ".") + "\r\n")
			if f := c.failing("DATA text", c.to); f != nil {
				return false
			}
			continue
		}
		f := c.failing(".", c.to)
		if f == nil || f.Kept {
			c.take(c.to, text.String())
		}
		if f != nil && f.Hold != nil {
			<-f.Hold
		}
		switch {
		case f == nil:
			c.say("250 taken")
		case f.Code == 0:
			return false
		default:
			c.say(fmt.Sprintf("%d not now", f.Code))
		}
		return true
	}
}
