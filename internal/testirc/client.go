package testirc

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
)

// Client is a person on IRC: it answers PING and does nothing else by itself.
// All its methods fail the test when something does not come in time.
type Client struct {
	Nick string

	t    testing.TB
	conn net.Conn
	*transcript
}

// Dial connects to addr as nick and waits to be let in. The connection is
// closed when the test ends.
func Dial(t testing.TB, addr, nick string) *Client {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, Patience)
	if err != nil {
		t.Fatalf("%s cannot connect: %v", nick, err)
	}
	c := &Client{Nick: nick, t: t, conn: conn, transcript: newTranscript()}
	go c.listen()
	t.Cleanup(func() { conn.Close() })
	c.Raw("NICK " + nick)
	c.Raw("USER " + strings.ToLower(strings.Trim(nick, "_-[]{}^|`\\")) + " 0 * :" + nick)
	c.Expect(Command("001"))
	return c
}

func (c *Client) listen() {
	defer c.end()
	in := bufio.NewReader(c.conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		if after, ok := strings.CutPrefix(line, "PING "); ok {
			fmt.Fprintf(c.conn, "PONG %s\r\n", after)
		}
		c.add(line)
	}
}

// Raw sends one line as it is.
func (c *Client) Raw(line string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(line + "\r\n")); err != nil {
		c.t.Fatalf("%s cannot send: %v", c.Nick, err)
	}
}

// Expect returns the next line for which match is true.
func (c *Client) Expect(match func(line string) bool) string {
	c.t.Helper()
	return c.expect(c.t, c.Nick, match)
}

// ExpectText returns the next line that contains text.
func (c *Client) ExpectText(text string) string {
	c.t.Helper()
	return c.Expect(Has(text))
}

// Received returns all lines so far.
func (c *Client) Received() []string { return c.all() }

// Join joins channel and waits until it has.
func (c *Client) Join(channel string) {
	c.t.Helper()
	c.Raw("JOIN " + channel)
	c.Expect(Command("366"))
}

// Say says text in a channel or to a person.
func (c *Client) Say(target, text string) { c.t.Helper(); c.Raw("PRIVMSG " + target + " :" + text) }

// Act is what "/me" does.
func (c *Client) Act(target, text string) { c.t.Helper(); c.Say(target, "\x01ACTION "+text+"\x01") }

// Notice sends a notice to a channel or a person.
func (c *Client) Notice(target, text string) { c.t.Helper(); c.Raw("NOTICE " + target + " :" + text) }

// Rename takes another nick and waits until the server agreed.
func (c *Client) Rename(nick string) {
	c.t.Helper()
	c.Raw("NICK " + nick)
	c.Expect(Command("NICK"))
	c.Nick = nick
}

// Part leaves a channel.
func (c *Client) Part(channel, reason string) { c.t.Helper(); c.Raw("PART " + channel + " :" + reason) }

// Kick removes somebody from a channel.
func (c *Client) Kick(channel, nick, reason string) {
	c.t.Helper()
	c.Raw("KICK " + channel + " " + nick + " :" + reason)
}

// Quit leaves the network and waits until the server has closed the connection.
func (c *Client) Quit(reason string) {
	c.t.Helper()
	c.Raw("QUIT :" + reason)
	c.wait(func(string) bool { return false }, Patience)
	c.conn.Close()
}
