// Package mail sends mail by SMTP: one message to one person at a time, as plain
// text or as text and HTML side by side. It queues nothing and tries nothing
// twice; package jobs does, by what it says became of a message that was not
// taken (Judge). What is said in the mails of sign-in is here as well, beside how
// they are sent; that of all others is in package announce.
package mail

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// sendFor is how long a server may take for one message.
const sendFor = 30 * time.Second

// Server is how mail leaves this machine.
type Server struct {
	Host     string
	Port     int
	TLS      bool         // from the first byte on; else by STARTTLS where it is offered
	User     string       // "" does not log in
	Password string       // a secret
	From     mail.Address // who the mails are from
	Insecure bool         // the password may go unencrypted: the server is this machine
	Config   *tls.Config  // nil: the machine's authorities, and Host's name
}

// Addr is the server's address.
func (s Server) Addr() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// Message is a mail.
type Message struct {
	To      string // an address
	Subject string
	Text    string
	HTML    string    // the same for programs that show HTML; "" is a mail in plain text only
	At      time.Time // when it was written

	// Of mail that somebody subscribed to, else "":
	ListID      string // RFC 2919 section 3, without the brackets: "series-weekly.hack.example.org"
	Unsubscribe string // URL that ends the subscription at one bare POST, RFC 8058
}

// Send gives a message to the server and returns when that has taken it. The
// error is a *Failure; it holds neither the password nor the address.
func (s Server) Send(ctx context.Context, m Message) error {
	c := s.Open()
	defer c.Close()
	return c.Send(ctx, m)
}

// compose writes a message as it is sent.
func (s Server) compose(m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&s.From)
	if err := errors.Join(msg.To(m.To), msg.EnvelopeFrom(s.From.Address)); err != nil {
		return nil, err
	}
	msg.Subject(oneLine(m.Subject))
	msg.SetDateWithValue(m.At)
	_, domain, _ := strings.Cut(s.From.Address, "@")
	msg.SetMessageIDWithValue(strings.ToLower(rand.Text()) + "@" + domain)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 section 5: no out-of-office answers
	if m.ListID != "" {
		msg.SetGenHeader("List-Id", "<"+oneLine(m.ListID)+">")
	}
	if m.Unsubscribe != "" {
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+oneLine(m.Unsubscribe)+">")
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}

// oneLine keeps what people wrote from becoming headers of its own.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Examine connects and logs in without sending anything.
func (s Server) Examine(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sendFor)
	defer cancel()
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return err
	}
	return client.Close()
}
