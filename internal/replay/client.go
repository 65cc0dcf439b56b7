package replay

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// What is waited for, at most.
const (
	dialWait  = 15 * time.Second
	replyWait = 60 * time.Second // servers look names up, and slow down who hurries
	quitWait  = 3 * time.Second
)

// maxLine is how many bytes a line of IRC holds without its end, the prefix
// included that a server adds (RFC 1459 section 2.3).
const maxLine = 510

var (
	errNick      = errors.New("no nick like this is free")
	errNoChannel = errors.New("the channel cannot be joined")
	errLost      = errors.New("the server ended the connection")
	errSilent    = errors.New("the server does not answer")
)

// client is one person's connection. Its methods are for one goroutine; another
// one, which ends with the connection, reads.
type client struct {
	nick    string
	conn    net.Conn
	replies chan reply    // what somebody may wait for; closed when the connection ends
	over    chan struct{} // closed when the reader has ended
	pings   int
	source  string // nick, user and host as others see them; learnt when joining
}

// reply is one line of the server.
type reply struct {
	source, command string
	params          []string
}

// awaited are the commands that methods wait for; the rest is dropped unread.
var awaited = map[string]bool{
	"001": true, "366": true, "JOIN": true, "PONG": true, "NICK": true, "ERROR": true,
	"403": true, "405": true, "432": true, "433": true, "436": true, "437": true, "464": true, "465": true,
	"471": true, "473": true, "474": true, "475": true, "476": true, "477": true, "484": true,
}

// dial connects as nick, or as what the server takes for it.
func dial(ctx context.Context, addr string, config *tls.Config, nick string) (*client, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWait)
	defer cancel()
	var conn net.Conn
	var err error
	if config == nil {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	} else {
		conn, err = (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", addr)
	}
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, replies: make(chan reply, 32), over: make(chan struct{})}
	go c.read()
	if err := c.register(ctx, nick); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// read answers PING and hands over what may be waited for.
func (c *client) read() {
	defer close(c.over)
	defer close(c.replies)
	in := bufio.NewReaderSize(c.conn, 16<<10)
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return
		}
		r := parse(strings.TrimRight(string(line), "\r\n"))
		switch {
		case r.command == "PING":
			c.send("PONG :" + strings.Join(r.params, " "))
		case awaited[r.command]:
			select {
			case c.replies <- r:
			default: // nobody waits
			}
		}
	}
}

func parse(line string) (r reply) {
	if strings.HasPrefix(line, "@") {
		_, line, _ = strings.Cut(line, " ")
	}
	if after, ok := strings.CutPrefix(line, ":"); ok {
		r.source, line, _ = strings.Cut(after, " ")
	}
	line, last, hasLast := strings.Cut(line, " :")
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return reply{}
	}
	r.command, r.params = strings.ToUpper(fields[0]), fields[1:]
	if hasLast {
		r.params = append(r.params, last)
	} else if n := len(fields); n > 1 && strings.HasPrefix(fields[n-1], ":") {
		r.params[n-2] = fields[n-1][1:]
	}
	return r
}

// send writes one line; that it cannot shows in what is waited for next.
func (c *client) send(line string) {
	_ = c.conn.SetWriteDeadline(time.Now().Add(replyWait))
	_, _ = c.conn.Write([]byte(line + "\r\n"))
}

// ask sends a line that is answered. What came before is forgotten.
func (c *client) ask(line string) {
	for {
		select {
		case _, ok := <-c.replies:
			if ok {
				continue
			}
		default:
		}
		break
	}
	c.send(line)
}

// await returns the first reply that fits.
func (c *client) await(ctx context.Context, fits func(reply) bool) (reply, error) {
	timer := time.NewTimer(replyWait)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return reply{}, ctx.Err()
		case <-timer.C:
			return reply{}, errSilent
		case r, ok := <-c.replies:
			switch {
			case !ok:
				return reply{}, errLost
			case r.command == "ERROR":
				return reply{}, fmt.Errorf("%w: %s", errLost, strings.Join(r.params, " "))
			case fits(r):
				return r, nil
			}
		}
	}
}

// nickTries is how many other nicks are tried.
const nickTries = 12

func (c *client) register(ctx context.Context, nick string) error {
	want := sound(nick)
	c.send("NICK " + want)
	c.send("USER " + userOf(want) + " 0 * :" + clean(nick))
	for try := range nickTries {
		r, err := c.await(ctx, func(r reply) bool {
			return r.command == "001" || refusesNick(r) || r.command == "464" || r.command == "465"
		})
		switch {
		case err != nil:
			return err
		case r.command == "001":
			c.nick = r.params[0]
			return nil
		case !refusesNick(r):
			return fmt.Errorf("it refuses: %s", strings.Join(r.params, " "))
		}
		want = other(want, r.command, try)
		c.send("NICK " + want)
	}
	return errNick
}

func refusesNick(r reply) bool {
	return r.command == "432" || r.command == "433" || r.command == "436" || r.command == "437" || r.command == "484"
}

// other is what to try when the server refuses a nick: one that is shorter where
// it is erroneous, which most often means too long, else one with a number.
func other(nick, command string, try int) string {
	if command == "432" && len(nick) > 9 {
		return nick[:9]
	}
	suffix := "_"
	if try > 0 {
		suffix = strconv.Itoa(try)
	}
	if len(nick)+len(suffix) > 9 {
		nick = nick[:min(len(nick), 9-len(suffix))]
	}
	return nick + suffix
}

// sound is a name as a nick that RFC 2812 section 2.3.1 allows; what it does not
// allow becomes an underscore.
func sound(name string) string {
	nick := strings.Map(func(r rune) rune {
		if r < 0x80 && (isAlnum(byte(r)) || strings.ContainsRune("[]\\`_^{|}-", r)) {
			return r
		}
		return '_'
	}, name)
	if nick == "" || nick[0] == '-' || nick[0] >= '0' && nick[0] <= '9' {
		nick = "_" + nick
	}
	return nick[:min(len(nick), 30)]
}

// userOf is a user name, which may have fewer signs.
func userOf(nick string) string {
	user := strings.Map(func(r rune) rune {
		if isAlnum(byte(r)) {
			return r
		}
		return -1
	}, nick)
	return strings.ToLower(("p" + user)[:min(len(user)+1, 9)])
}

func isAlnum(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

func (c *client) join(ctx context.Context, channel string) error {
	c.ask("JOIN " + channel)
	r, err := c.await(ctx, func(r reply) bool {
		if r.command == "JOIN" && strings.HasPrefix(r.source, c.nick+"!") {
			c.source = r.source
		}
		return r.command == "366" || r.command >= "403" && r.command <= "477" && !refusesNick(r)
	})
	if err != nil {
		return err
	}
	if r.command != "366" {
		return fmt.Errorf("%w: %s", errNoChannel, strings.Join(r.params[min(1, len(r.params)):], " "))
	}
	return nil
}

// do does what the line says and waits until the server has done it.
func (c *client) do(ctx context.Context, channel string, l hackfest.Line) error {
	switch l.Kind {
	case hackfest.Nick:
		return c.rename(ctx, l.Target)
	case hackfest.Join:
		return nil // came for it
	}
	command, before, behind := "PRIVMSG", "", ""
	switch l.Kind {
	case hackfest.Notice:
		command = "NOTICE"
	case hackfest.Act:
		before, behind = "\x01ACTION ", "\x01"
	}
	start := command + " " + channel + " :" + before
	room := maxLine - len(":"+c.source+" ") - len(start+behind)
	for _, piece := range irctext.Split(clean(l.Text), max(room, 1)) {
		c.send(start + piece + behind)
		if err := c.sync(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sync waits until the server has dealt with everything sent so far.
func (c *client) sync(ctx context.Context) error {
	c.pings++
	token := "replay" + strconv.Itoa(c.pings)
	c.ask("PING :" + token)
	_, err := c.await(ctx, func(r reply) bool {
		return r.command == "PONG" && len(r.params) > 0 && r.params[len(r.params)-1] == token
	})
	return err
}

func (c *client) rename(ctx context.Context, nick string) error {
	want := sound(nick)
	for try := range nickTries {
		c.ask("NICK " + want)
		old := c.nick
		r, err := c.await(ctx, func(r reply) bool {
			from, _, _ := strings.Cut(r.source, "!")
			return r.command == "NICK" && strings.EqualFold(from, old) || refusesNick(r)
		})
		switch {
		case err != nil:
			return err
		case r.command == "NICK":
			_, at, _ := strings.Cut(c.source, "!")
			c.nick, c.source = r.params[0], r.params[0]+"!"+at
			return nil
		}
		want = other(want, r.command, try)
	}
	return errNick
}

// quit leaves and waits until the server has closed the connection.
func (c *client) quit(reason string) {
	c.sayQuit(reason)
	c.awaitEnd()
}

func (c *client) sayQuit(reason string) {
	const maxReason = 200
	pieces := append(irctext.Split(clean(reason), maxReason), "")
	c.send("QUIT :" + pieces[0])
}

func (c *client) awaitEnd() {
	timer := time.NewTimer(quitWait)
	defer timer.Stop()
	select {
	case <-c.over:
	case <-timer.C:
	}
	c.close()
}

// close ends the connection and waits for the reader.
func (c *client) close() {
	c.conn.Close()
	<-c.over
}
