// Package testmail is a mail server for tests: it takes what it is given over
// SMTP, or refuses or ignores it as a test wants. It delivers nothing.
package testmail

import (
	"bufio"
	"context"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for a mail.
const patience = 60 * time.Second

// Sink is a running mail server.
type Sink struct {
	Port int // on 127.0.0.1

	refuse string

	mu    sync.Mutex
	lines []string // received
	mails []Mail
	more  chan struct{} // closed and replaced at each mail
}

// Mail is one that was taken.
type Mail struct {
	To, Subject string
	Text        string // decoded
}

// Silent as what a Sink refuses makes it say nothing at all.
const Silent = "*"

// Start starts a mail server that refuses the given command, such as RCPT; ""
// refuses none. It stops with the test.
func Start(t testing.TB, refuse string) *Sink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Sink{Port: l.Addr().(*net.TCPAddr).Port, refuse: refuse, more: make(chan struct{})}
	var serving sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(ctx, c) })
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = l.Close() // a second time is no matter
		serving.Wait()
	})
	return s
}

// Received is all that was sent to the server, line by line.
func (s *Sink) Received() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// Mails are those that were taken so far.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Await waits until there are n mails.
func (s *Sink) Await(t testing.TB, n int) []Mail {
	t.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		mails, more := append([]Mail(nil), s.mails...), s.more
		s.mu.Unlock()
		if len(mails) >= n {
			return mails
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("%d mails came, not %d:\n%s", len(mails), n, s.Received())
		}
	}
}

func (s *Sink) serve(ctx context.Context, c net.Conn) {
	defer c.Close() //nolint:errcheck // nothing is left to lose
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if s.refuse == Silent {
		_, _ = c.Read(make([]byte, 1))
		<-ctx.Done()
		return
	}
	say := func(line string) { _, _ = c.Write([]byte(line + "\r\n")) }
	say("220 sink.example ESMTP")
	in, data, text := bufio.NewScanner(c), false, ""
	for in.Scan() {
		line := in.Text()
		s.mu.Lock()
		s.lines = append(s.lines, line)
		s.mu.Unlock()
		word, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch {
		case data && line != ".":
			text += strings.TrimPrefix(line, ".") + "\r\n"
		case data:
			s.take(text)
			data, text = false, ""
			say("250 taken")
		case s.refuse == word:
			say("550 not here")
		case word == "EHLO":
			say("250-sink.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME")
		case word == "AUTH":
			say("235 welcome")
		case word == "DATA":
			data = true
			say("354 go on")
		case word == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *Sink) take(text string) {
	var m Mail
	if msg, err := mail.ReadMessage(strings.NewReader(text)); err == nil {
		m.To, m.Subject = msg.Header.Get("To"), msg.Header.Get("Subject")
		var b strings.Builder
		_, _ = bufio.NewReader(quotedprintable.NewReader(msg.Body)).WriteTo(&b)
		m.Text = strings.ReplaceAll(b.String(), "\r\n", "\n")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
	close(s.more)
	s.more = make(chan struct{})
}
