package web

import (
	"context"
	"net/http"
	"net/mail"
	"strings"
	"unicode"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// longestMail is what fits into an SMTP command (RFC 5321 section 4.5.3.1.3).
const longestMail = 254

// parseMail reads a mail address as people type one. The fault is on the field
// "mail".
func parseMail(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return "", fault.On("mail", "The address is missing.")
	}
	a, err := mail.ParseAddress(typed)
	if err != nil || a.Address != typed || len(typed) > longestMail || strings.ContainsFunc(typed, unicode.IsSpace) ||
		!strings.Contains(typed[strings.LastIndexByte(typed, '@'):], ".") && !strings.HasSuffix(typed, "@localhost") {
		return "", fault.On("mail", "That is not a mail address such as mel@example.org.")
	}
	if strings.ContainsFunc(typed, func(c rune) bool { return c > unicode.MaxASCII }) { // few servers take them (RFC 6531)
		return "", fault.On("mail", "Mail from here goes only to addresses in plain letters, without é, ü and the like.")
	}
	return typed, nil
}

// showMailLink answers GET /settings/mail/{secret}.
func (s *Server) showMailLink(w http.ResponseWriter, r *http.Request) error {
	address, err := s.Store.MailLink(r.Context(), auth.HashSecret(chi.URLParam(r, "secret")), actorOf(r).ID, s.Now())
	if err != nil {
		return err
	}
	p := templates.MailLinkPage{Mail: address, Action: r.URL.EscapedPath(), Once: newKey().String()}
	if p.Frame, err = s.frame(r, "Your mail address"); err != nil {
		return err
	}
	p.Frame.NoIndex, p.Frame.Canonical, p.Frame.Return = true, "", "/settings"
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.MailLink(p))
}

// useMailLink answers POST /settings/mail/{secret}.
func (s *Server) useMailLink(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		address, err := tx.UseMailLink(ctx, auth.HashSecret(chi.URLParam(r, "secret")), actorOf(r).ID, s.Now())
		return done{To: "/settings", Said: address + " is confirmed: mail goes there from now on."}, err
	})
}
