package mail_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/mail"
	"github.com/eucalyptus/hackfest/internal/testmail"
)

// What became of a message is known, or known to be unknown, whatever goes wrong;
// and nobody learns an address or a password from the error.
func TestJudge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fail  testmail.Failure
		to    string
		want  mail.Verdict
		taken int
		why   string
	}{
		{"all is well", testmail.Failure{At: "NONE"}, "mel@example.org", mail.Sent, 1, ""},
		{"no such mailbox", testmail.Failure{At: "RCPT", Code: 550}, "mel@example.org", mail.Refused, 0, "The mail server refused it (550)."},
		{"mailbox full for now", testmail.Failure{At: "RCPT", Code: 452}, "mel@example.org", mail.NotSent, 0, "The mail server did not take it now (452)."},
		{"hangs up at RCPT", testmail.Failure{At: "RCPT"}, "mel@example.org", mail.NotSent, 0, "The mail server could not be reached."},
		{"sender refused", testmail.Failure{At: "MAIL", Code: 550}, "mel@example.org", mail.NotSent, 0, "The mail server did not take it now (550)."},
		{"wrong password", testmail.Failure{At: "AUTH", Code: 535}, "mel@example.org", mail.NotSent, 0, "The mail server did not let the portal in (535)."},
		{"hangs up at once", testmail.Failure{At: "EHLO"}, "mel@example.org", mail.NotSent, 0, "The mail server could not be reached."},
		{"DATA refused", testmail.Failure{At: "DATA", Code: 554}, "mel@example.org", mail.Refused, 0, "The mail server refused it (554)."},
		{"cut off in the middle of the text", testmail.Failure{At: "DATA text"}, "mel@example.org", mail.Unknown, 0, "The connection to the mail server ended before it said whether it took the mail."},
		{"cut off after the text, not taken", testmail.Failure{At: "."}, "mel@example.org", mail.Unknown, 0, "The connection to the mail server ended before it said whether it took the mail."},
		{"cut off after the text, taken", testmail.Failure{At: ".", Kept: true}, "mel@example.org", mail.Unknown, 1, "The connection to the mail server ended before it said whether it took the mail."},
		{"busy after the text", testmail.Failure{At: ".", Code: 451}, "mel@example.org", mail.NotSent, 0, "The mail server did not take it now (451)."},
		{"taken for spam", testmail.Failure{At: ".", Code: 554}, "mel@example.org", mail.Refused, 0, "The mail server refused it (554)."},
		{"hangs up when it has taken it", testmail.Failure{At: "RSET"}, "mel@example.org", mail.Sent, 1, ""},
		{"no good-bye", testmail.Failure{At: "QUIT"}, "mel@example.org", mail.Sent, 1, ""},
		{"no address", testmail.Failure{At: "NONE"}, "mel at example", mail.Refused, 0, "The address is not one that mail can be sent to."},
	} {
		for how, option := range map[string]testmail.Option{"STARTTLS": testmail.STARTTLS, "TLS": testmail.ImplicitTLS} {
			t.Run(tt.name+", "+how, func(t *testing.T) {
				t.Parallel()
				s := testmail.Start(t, "", option)
				s.Fail(tt.fail)
				server := serverOf(s)
				server.User, server.Password, server.Insecure = "hackfest", "canary-word", false
				server.TLS, server.Config = how == "TLS", s.Client()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				err := server.Send(ctx, mail.Message{To: tt.to, Subject: "x", Text: strings.Repeat("a line\n", 50), At: at})
				if got := mail.Judge(err); got != tt.want || mail.Why(err) != tt.why {
					t.Errorf("%d, %q; want %d, %q: %v", got, mail.Why(err), tt.want, tt.why, err)
				}
				if err != nil && (strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), tt.to)) {
					t.Errorf("tells too much: %v", err)
				}
				if n := len(s.Mails()); n != tt.taken {
					t.Errorf("%d mails were taken, want %d", n, tt.taken)
				}
			})
		}
	}
}

// Without trust in the server's certificate nothing is said to it, and a server
// that is not there has taken nothing.
func TestNobodyToTrust(t *testing.T) {
	t.Parallel()
	for how, option := range map[string]testmail.Option{"STARTTLS": testmail.STARTTLS, "TLS": testmail.ImplicitTLS} {
		s := testmail.Start(t, "", option)
		server := serverOf(s)
		server.User, server.Password, server.Insecure, server.TLS = "hackfest", "canary-word", false, how == "TLS"
		err := server.Send(t.Context(), mail.Message{To: "mel@example.org", Subject: "x", Text: "x", At: at})
		if mail.Judge(err) != mail.NotSent || strings.Contains(s.Received(), "AUTH") {
			t.Errorf("%s: %v; it heard %s", how, err, s.Received())
		}
		if why := mail.Why(err); why != "The mail server's certificate is not trusted here." || !mail.Away(err) {
			t.Errorf("%s: %q", how, why)
		}
	}
	err := mail.Server{Host: "127.0.0.1", Port: 1}.Send(t.Context(), mail.Message{To: "mel@example.org", At: at})
	if mail.Judge(err) == mail.Sent {
		t.Error("sent to nobody")
	}
}

// A mail that was subscribed to is text and HTML side by side, names its list and
// how to leave it, and what people wrote makes no headers.
func TestSubscribed(t *testing.T) {
	t.Parallel()
	s := testmail.Start(t, "", testmail.ImplicitTLS)
	server := serverOf(s)
	server.TLS, server.Config = true, s.Client()
	out := "https://hack.example.org/unsubscribe/" + strings.Repeat("A", 43)
	err := server.Send(t.Context(), mail.Message{
		To: "mel@example.org", Subject: "Häckfest\r\nBcc: eve@example.org", Text: "Grüße,\n.\nvon uns\n", HTML: "<p>Grüße</p>\n",
		ListID: "series-weekly.hack.example.org", Unsubscribe: out, At: at,
	})
	if err != nil {
		t.Fatal(err)
	}
	m := s.Mails()[0]
	for name, want := range map[string]string{
		"List-Id": "<series-weekly.hack.example.org>", "List-Unsubscribe": "<" + out + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Auto-Submitted": "auto-generated", "To": "<mel@example.org>", "Bcc": "",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !strings.HasSuffix(m.Header.Get("Message-Id"), "@example.org>") || !strings.HasPrefix(m.Header.Get("Content-Type"), "multipart/alternative") {
		t.Errorf("%v", m.Header)
	}
	if m.Subject != "Häckfest Bcc: eve@example.org" || m.Text != "Grüße,\n.\nvon uns\n" || m.HTML != "<p>Grüße</p>\n" || strings.Join(m.Parts, " ") != "text/plain text/html" {
		t.Errorf("%+v", m)
	}
}
