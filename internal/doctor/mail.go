package doctor

import (
	"context"
	"fmt"
	"strings"
)

const mailCheck = "mail"

// mail looks whether the mail server lets us in. Nothing is sent.
func (e *examination) mail(ctx context.Context) []Finding {
	s := e.chosen.Mail
	if s == nil || e.wrong("HACKFEST_SMTP") || e.wrong("HACKFEST_MAIL_FROM") {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, letInFactor*e.Wait)
	defer cancel()
	if err := s.Examine(ctx); err != nil {
		why := err.Error()
		if s.Password != "" {
			why = strings.ReplaceAll(why, s.Password, "…")
		}
		advice := "Look whether HACKFEST_SMTP names the right host and port, and whether this machine may connect to it."
		if s.User != "" {
			advice += " A user and a password need TLS: smtps://, or a server that offers STARTTLS."
		}
		return []Finding{{mailCheck, Problem, fmt.Sprintf("The mail server %s does not let us in: %s.", s.Addr(), strings.TrimSuffix(why, ".")), advice}}
	}
	return []Finding{{mailCheck, OK, fmt.Sprintf("The mail server %s lets us in; mails are from %s.", s.Addr(), s.From.Address), ""}}
}
