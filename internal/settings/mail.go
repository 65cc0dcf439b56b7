package settings

import (
	"net/mail"
	"net/url"
	"strconv"

	mailer "github.com/eucalyptus/hackfest/internal/mail"
)

// Mailing is the part of Given that is about mail.
type Mailing struct {
	SMTP     string `help:"Server that takes mail, smtp[s]://[user:password@]host[:port]; empty: no mail." env:"HACKFEST_SMTP" placeholder:"URL" secret:""`
	MailFrom string `help:"Whom mails are from, as in hackfest@example.org; needed with a mail server (nobody)." env:"HACKFEST_MAIL_FROM" placeholder:"ADDRESS"`
}

// Ports of mail: submission over TLS and with STARTTLS (RFC 8314), and that of
// servers which only relay.
const (
	portSubmissions = 465
	portSubmission  = 587
	portSMTP        = 25
)

// mail reads how mail leaves the machine; nil is not at all. Nothing of the URL
// is ever shown: it holds a password.
func (r *reader) mail(m Mailing) *mailer.Server {
	const key, fromKey = "HACKFEST_SMTP", "HACKFEST_MAIL_FROM"
	value := r.secret(key, m.SMTP)
	from, fromOK := r.mailFrom(fromKey, m.MailFrom)
	if value == "" {
		if m.MailFrom != "" && !r.has(key) {
			r.warnings = append(r.warnings, fromKey+" is set, but HACKFEST_SMTP is not: no mail is sent.")
		}
		return nil
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Opaque != "" || u.Scheme != "smtp" && u.Scheme != "smtps":
		r.wrong(key, "is not a URL that begins with smtp:// or smtps://; signs such as @ and / in the password are percent-encoded.")
		return nil
	case u.Hostname() == "" || !isHost(u.Hostname()):
		r.wrong(key, "has no host that could be reached.")
		return nil
	case u.Port() != "" && !isPort(u.Port()):
		r.wrong(key, "has a port that is none.")
		return nil
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		r.wrong(key, "must end after the host and the port.")
		return nil
	case m.MailFrom == "":
		r.wrong(fromKey, "is needed when HACKFEST_SMTP is set, as in hackfest@example.org.")
		return nil
	case !fromOK:
		return nil
	}
	s := &mailer.Server{Host: u.Hostname(), TLS: u.Scheme == "smtps", From: from, Insecure: Loopback(u.Hostname())}
	s.User = u.User.Username()
	s.Password, _ = u.User.Password()
	if s.User == "" && s.Password != "" || s.User != "" && s.Password == "" {
		r.wrong(key, "needs both a user and a password, or neither.")
		return nil
	}
	s.Port, _ = strconv.Atoi(u.Port())
	if s.Port == 0 {
		s.Port = map[bool]int{true: portSubmission, false: portSMTP}[s.User != ""]
		if s.TLS {
			s.Port = portSubmissions
		}
	}
	return s
}

// mailFrom reads whom mails are from.
func (r *reader) mailFrom(key, value string) (mail.Address, bool) {
	if value == "" {
		return mail.Address{}, true
	}
	a, err := mail.ParseAddress(value)
	if err != nil || hasControl(value) {
		r.wrong(key, "%s is not a mail address such as hackfest@example.org.", show(value))
		return mail.Address{}, false
	}
	return *a, true
}

// unencrypted warns of a portal to which passwords would travel in the clear.
func (r *reader) unencrypted(s Settings) {
	u, err := url.Parse(s.BaseURL)
	if err == nil && s.Roles.Web && u.Scheme == "http" && !Loopback(u.Hostname()) {
		r.warnings = append(r.warnings, "HACKFEST_BASE_URL begins with http://: passwords and sign-ins travel unencrypted. Put a web server with TLS in front, and write https://.")
	}
}
