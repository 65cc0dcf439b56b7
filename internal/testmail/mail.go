package testmail

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// Mail is one that was taken.
type Mail struct {
	To, Subject string      // as in the header, Subject decoded
	Recipient   string      // as in RCPT TO
	Header      mail.Header // as it came
	Text        string      // decoded
	HTML        string      // decoded; "" of a mail in plain text
	Parts       []string    // media types, in their order
}

// take keeps a message.
func (s *Sink) take(recipient, text string) {
	recipient = strings.Trim(recipient[strings.IndexByte(recipient, ':')+1:], " <>")
	m := Mail{Recipient: recipient}
	if msg, err := mail.ReadMessage(strings.NewReader(text)); err == nil {
		m.Header, m.To = msg.Header, msg.Header.Get("To")
		m.Subject, _ = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
		m.read(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
	close(s.more)
	s.more = make(chan struct{})
}

// read takes in a body or a part of one.
func (m *Mail) read(kind, encoding string, body io.Reader) {
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		return
	}
	if strings.HasPrefix(media, "multipart/") {
		for parts := multipart.NewReader(body, params["boundary"]); ; {
			p, err := parts.NextRawPart()
			if err != nil {
				return
			}
			m.read(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, _ := io.ReadAll(body)
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	m.Parts = append(m.Parts, media)
	if media == "text/html" {
		m.HTML = text
	} else {
		m.Text = text
	}
}
