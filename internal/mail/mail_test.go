package mail_test

import (
	"context"
	"encoding/base64"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/mail"
	"github.com/eucalyptus/hackfest/internal/testmail"
)

// serverOf is how mail goes to a sink.
func serverOf(s *testmail.Sink) mail.Server {
	return mail.Server{Host: "127.0.0.1", Port: s.Port, From: netmail.Address{Name: "Hackfest", Address: "hackfest@example.org"}, Insecure: true}
}

var at = time.Date(2026, 3, 5, 20, 0, 0, 0, time.UTC)

func TestSend(t *testing.T) {
	t.Parallel()
	s := testmail.Start(t, "")
	server := serverOf(s)
	server.User, server.Password = "hackfest", "canary"
	link := "https://portal.example.org/signin/" + strings.Repeat("A", 43) + "?next=%2Fsessions%2F2026-03-05-weekly-hackfest"
	if err := server.Send(t.Context(), mail.SigninLink("mel@example.org", "Mél", "Eucalyptus", link, at)); err != nil {
		t.Fatal(err)
	}
	got := s.Received()
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
		name   string
		refuse string
		to     string
	}{
		{"no such mailbox", "RCPT", "mel@example.org"},
		{"wrong password", "AUTH", "mel@example.org"},
		{"silence", testmail.Silent, "mel@example.org"},
		{"more headers", "", "mel@example.org\r\nBcc: x@example.org"},
		{"two addresses", "", "mel@example.org, x@example.org"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := testmail.Start(t, tt.refuse)
			server := serverOf(s)
			server.User, server.Password = "hackfest", "canary-word"
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			err := server.Send(ctx, mail.Message{To: tt.to, Subject: "x", Text: "x", At: at})
			if err == nil || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %v", err)
			}
			if got := s.Received(); strings.Contains(got, "x@example.org") {
				t.Errorf("sent %s", got)
			}
		})
	}
}

// A password goes nowhere unencrypted.
func TestPasswordNeedsEncryption(t *testing.T) {
	t.Parallel()
	s := testmail.Start(t, "")
	server := serverOf(s)
	server.User, server.Password, server.Insecure = "hackfest", "canary", false
	if err := server.Send(t.Context(), mail.Message{To: "mel@example.org", Subject: "x", Text: "x", At: at}); err == nil {
		t.Error("sent without encryption")
	}
	if got := s.Received(); strings.Contains(got, "AUTH") {
		t.Errorf("logged in: %s", got)
	}
	server.User = ""
	if err := server.Send(t.Context(), mail.Message{To: "mel@example.org", Subject: "x", Text: "x", At: at}); err != nil {
		t.Errorf("without a password: %v", err)
	}
	if err := server.Examine(t.Context()); err != nil {
		t.Error(err)
	}
}

// One connection is enough for many messages, also when one of them is refused;
// where the server has hung up or wants no more on it, there is another one, and
// nothing goes twice.
func TestOneConnection(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		fail        testmail.Failure // at the second of four
		taken, made int
		second      mail.Verdict
	}{
		{"all is well", testmail.Failure{At: "NONE"}, 4, 1, mail.Sent},
		{"no such mailbox", testmail.Failure{At: "RCPT", Code: 550, Times: 1}, 3, 1, mail.Refused},
		{"mailbox full for now", testmail.Failure{At: "RCPT", Code: 452, Times: 1}, 3, 1, mail.NotSent},
		{"hung up meanwhile", testmail.Failure{At: "NOOP", Times: 1}, 4, 2, mail.Sent},
		{"wants no more on it", testmail.Failure{At: "MAIL", Code: 421, Times: 1}, 4, 2, mail.Sent},
		{"hangs up when asked for more", testmail.Failure{At: "MAIL", Times: 1}, 4, 2, mail.Sent},
		{"cut off after the text, taken", testmail.Failure{At: ".", Kept: true, Times: 1}, 4, 2, mail.Unknown},
		{"taken for spam", testmail.Failure{At: ".", Code: 554, Times: 1}, 3, 2, mail.Refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := testmail.Start(t, "")
			c := serverOf(s).Open()
			for i := range 4 {
				if i == 1 {
					s.Fail(tt.fail)
				}
				want := mail.Sent
				if i == 1 {
					want = tt.second
				}
				err := c.Send(t.Context(), mail.Message{To: "mel@example.org", Subject: "x", Text: "x", At: at})
				if got := mail.Judge(err); got != want {
					t.Errorf("message %d: %d, want %d: %v", i, got, want, err)
				}
			}
			c.Close()
			if n := len(s.Mails()); n != tt.taken || s.Connections() != tt.made {
				t.Errorf("%d taken, want %d; %d connections, want %d", n, tt.taken, s.Connections(), tt.made)
			}
		})
	}
}
