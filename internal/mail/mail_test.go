package mail

import (
	"bufio"
	"context"
	"encoding/base64"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// sink is an SMTP server that takes what it is told to take.
type sink struct {
	t      *testing.T
	server Server
	refuse string // command it answers with 550; "" refuses nothing
	silent bool   // says nothing at all

	mu    sync.Mutex
	lines []string // received
}

func newSink(t *testing.T, s *sink) *sink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.t = t
	s.server = Server{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, From: mail.Address{Name: "Hackfest", Address: "hackfest@example.org"}, Insecure: true}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return s
}

func (s *sink) serve(c net.Conn) {
	defer c.Close()
	stop := context.AfterFunc(s.t.Context(), func() { c.Close() })
	defer stop()
	if s.silent {
		_, _ = c.Read(make([]byte, 1))
		return
	}
	say := func(line string) { _, _ = c.Write([]byte(line + "\r\n")) }
	say("220 sink.example ESMTP")
	in, data := bufio.NewScanner(c), false
	for in.Scan() {
		line := in.Text()
		s.mu.Lock()
		s.lines = append(s.lines, line)
		s.mu.Unlock()
		word, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch {
		case data && line != ".":
		case data:
			data = false
			say("250 taken")
		case s.refuse != "" && word == s.refuse:
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

func (s *sink) received() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

var at = time.Date(2026, 3, 5, 20, 0, 0, 0, time.UTC)

func TestSend(t *testing.T) {
	t.Parallel()
	s := newSink(t, &sink{})
	s.server.User, s.server.Password = "hackfest", "canary"
	link := "https://portal.example.org/signin/" + strings.Repeat("A", 43) + "?next=%2Fsessions%2F2026-03-05-weekly-hackfest"
	if err := s.server.Send(t.Context(), SigninLink("mel@example.org", "Mél", "Eucalyptus", link, at)); err != nil {
		t.Fatal(err)
	}
	got := s.received()
	for _, want := range []string{
		"AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00hackfest\x00canary")),
		"MAIL FROM:<hackfest@example.org>", "RCPT TO:<mel@example.org>", `From: "Hackfest" <hackfest@example.org>`, "To: <mel@example.org>",
		"Subject: Sign in to Eucalyptus", "Date: Thu, 05 Mar 2026 20:00:00 +0000", "Auto-Submitted: auto-generated", "Content-Type: text/plain; charset=UTF-8", "Message-ID: <",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q", want)
		}
	}
	body := strings.ReplaceAll(strings.ReplaceAll(got, "=\n", ""), "=3D", "=")
	if !strings.Contains(body, link) || strings.Contains(strings.ToLower(got), "html") {
		t.Error("the link is damaged, or there is HTML")
	}
	if t.Failed() {
		t.Log(got)
	}
}

func TestSendFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		sink *sink
		to   string
	}{
		{"no such mailbox", &sink{refuse: "RCPT"}, "mel@example.org"},
		{"wrong password", &sink{refuse: "AUTH"}, "mel@example.org"},
		{"silence", &sink{silent: true}, "mel@example.org"},
		{"more headers", &sink{}, "mel@example.org\r\nBcc: x@example.org"},
		{"two addresses", &sink{}, "mel@example.org, x@example.org"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSink(t, tt.sink)
			s.server.User, s.server.Password = "hackfest", "canary-word"
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			err := s.server.Send(ctx, Message{To: tt.to, Subject: "x", Text: "x", At: at})
			if err == nil || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %v", err)
			}
			if got := s.received(); strings.Contains(got, "x@example.org") {
				t.Errorf("sent %s", got)
			}
		})
	}
}

// A password goes nowhere unencrypted.
func TestPasswordNeedsEncryption(t *testing.T) {
	t.Parallel()
	s := newSink(t, &sink{})
	s.server.User, s.server.Password, s.server.Insecure = "hackfest", "canary", false
	if err := s.server.Send(t.Context(), Message{To: "mel@example.org", Subject: "x", Text: "x", At: at}); err == nil {
		t.Error("sent without encryption")
	}
	if got := s.received(); strings.Contains(got, "AUTH") {
		t.Errorf("logged in: %s", got)
	}
	s.server.User = ""
	if err := s.server.Send(t.Context(), Message{To: "mel@example.org", Subject: "x", Text: "x", At: at}); err != nil {
		t.Errorf("without a password: %v", err)
	}
	if err := s.server.Examine(t.Context()); err != nil {
		t.Error(err)
	}
}
