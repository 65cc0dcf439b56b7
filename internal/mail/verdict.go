package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// Verdict is what became of a message.
type Verdict int

const (
	Sent    Verdict = iota // the server took it
	NotSent                // it was certainly not taken, and may be another time
	Refused                // the server said no for good, or nobody could send it
	Unknown                // the connection ended between the end of the message and the answer: it may have been taken
)

// Failure is why a message was not taken, or may not have been.
type Failure struct {
	Verdict  Verdict
	Code     int    // the server's, RFC 5321 section 4.2.3; 0 when it gave none
	away     bool   // it is not about this message: the next one would fare no better now
	entry    bool   // there was no way in
	distrust bool   // for the certificate
	text     string // without addresses
}

// Error is for logs.
func (f *Failure) Error() string { return f.text }

// Why is a sentence for people about err, which Send returned.
func Why(err error) string {
	f, ok := errors.AsType[*Failure](err)
	switch {
	case err == nil:
		return ""
	case ok && f.distrust:
		return "The mail server's certificate is not trusted here."
	case ok && f.entry && f.Code != 0:
		return fmt.Sprintf("The mail server did not let the portal in (%d).", f.Code)
	case !ok || f.Code == 0 && f.Verdict == NotSent:
		return "The mail server could not be reached."
	case f.Verdict == Unknown:
		return "The connection to the mail server ended before it said whether it took the mail."
	case f.Code == 0:
		return "The address is not one that mail can be sent to."
	case f.Verdict == Refused:
		return fmt.Sprintf("The mail server refused it (%d).", f.Code)
	}
	return fmt.Sprintf("The mail server did not take it now (%d).", f.Code)
}

// Judge says what became of a message by what Send returned.
func Judge(err error) Verdict {
	if err == nil {
		return Sent
	}
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Verdict
	}
	return NotSent
}

// Away reports whether err, which Send returned, is about the server and not about
// the message: the next one would fare no better now.
func Away(err error) bool {
	f, ok := errors.AsType[*Failure](err)
	return ok && f.away
}

// unreached is why there is no connection to send anything over.
type unreached struct{ error }

// Unwrap is what went wrong.
func (u unreached) Unwrap() error { return u.error }

func isUnreached(err error) bool {
	_, ok := errors.AsType[unreached](err)
	return ok
}

// failed is a Failure because of err.
func failed(err error, v Verdict, to string) error {
	f := &Failure{Verdict: v, entry: isUnreached(err), text: strings.ReplaceAll(err.Error(), to, "the address")}
	if e, ok := errors.AsType[*gomail.SendError](err); ok {
		f.Code = e.ErrorCode()
	} else if e, ok := errors.AsType[*textproto.Error](err); ok {
		f.Code = e.Code
	}
	_, f.distrust = errors.AsType[*tls.CertificateVerificationError](err)
	f.away = f.entry || v == NotSent && (f.Code == 0 || beforeIt(err))
	return f
}

// beforeIt reports whether the server had heard nothing of the message itself yet.
func beforeIt(err error) bool {
	e, ok := errors.AsType[*gomail.SendError](err)
	return ok && (e.Reason == gomail.ErrConnCheck || e.Reason == gomail.ErrSMTPMailFrom)
}

// stillOpen reports whether the connection on which err came up is good for the
// next message: this recipient alone was refused.
func stillOpen(err error) bool {
	e, ok := errors.AsType[*gomail.SendError](err)
	return ok && e.Reason == gomail.ErrSMTPRcptTo && e.ErrorCode() != 0
}

// verdictOf judges what go-mail says about one message.
func verdictOf(err error) Verdict {
	e, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return NotSent
	}
	switch code := e.ErrorCode(); e.Reason {
	case gomail.ErrSMTPDataClose: // all of it was sent
		switch {
		case code == 0:
			return Unknown
		case code >= 500:
			return Refused
		}
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData:
		if code >= 500 {
			return Refused
		}
	case gomail.ErrGetRcpts, gomail.ErrGetSender:
		return Refused
	}
	return NotSent
}
