package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// preferences are what a reader chose in the footer. They live in one cookie;
// the zone of somebody who is signed in is kept with their account too, and that
// one counts.
type preferences struct {
	zone  string // IANA name; "" when not chosen
	clock string // "12" or "24"; "" is as the language has it
	theme string // light or dark; "" is as the system has it
}

// prefsAge is how long a browser keeps them.
const prefsAge = 365 * 24 * time.Hour

// prefsCookie is the cookie's name. Browsers take a __Host- cookie only over
// TLS (RFC 6265bis section 4.1.3.2).
func (s *Server) prefsCookie() string {
	if s.https() {
		return "__Host-hackfest_prefs"
	}
	return "hackfest_prefs"
}

// preferences are those of who sent r.
func (s *Server) preferences(r *http.Request) preferences {
	p := s.cookiePreferences(r)
	if z := actorOf(r).Zone; z != "" {
		p.zone = z
	}
	return p
}

// cookiePreferences reads the cookie of r. What is not understood counts as not
// chosen.
func (s *Server) cookiePreferences(r *http.Request) preferences {
	c, err := r.Cookie(s.prefsCookie())
	if err != nil {
		return preferences{}
	}
	v, err := url.ParseQuery(c.Value)
	if err != nil {
		return preferences{}
	}
	p, _ := s.parsePreferences(v)
	return p
}

// parsePreferences reads a form or a cookie. The error names the first field
// that cannot be used; the others are kept.
func (s *Server) parsePreferences(v url.Values) (preferences, error) {
	var p preferences
	var err error
	if z := strings.TrimSpace(v.Get("zone")); z == "" || s.isZone(z) {
		p.zone = z
	} else {
		err = &fault.Error{Kind: fault.Invalid, Field: "zone", Message: "That is not a time zone. Choose one from the list, or write it as in Europe/Berlin."}
	}
	if c := v.Get("clock"); c == "12" || c == "24" {
		p.clock = c
	}
	if t := v.Get("theme"); t == "light" || t == "dark" {
		p.theme = t
	}
	return p, err
}

// savePreferences answers POST /preferences.
func (s *Server) savePreferences(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	p, err := s.parsePreferences(form)
	if err != nil {
		return err
	}
	if a := actorOf(r); a.SignedIn() {
		if err := s.Store.SetZone(r.Context(), a.ID, p.zone); err != nil {
			return err
		}
	}
	http.SetCookie(w, &http.Cookie{
		Name:     s.prefsCookie(),
		Value:    url.Values{"zone": {p.zone}, "clock": {p.clock}, "theme": {p.theme}}.Encode(),
		Path:     "/",
		MaxAge:   int(prefsAge.Seconds()),
		Secure:   s.https(),
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, localPath(form.Get("return")), http.StatusSeeOther)
	return nil
}

// localPath is p if it is a path on this portal, else "/". Browsers read "//x"
// and "/\x" as another host.
func localPath(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(p, "/") ||
		strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") {
		return "/"
	}
	return p
}

// twelve reports whether times are written as 9:00 pm: as chosen, else as the
// first language in r's Accept-Language has it.
func (p preferences) twelve(r *http.Request) bool {
	if p.clock != "" {
		return p.clock == "12"
	}
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	tag, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(first)), ";")
	return twelveHours[tag]
}

// twelveHours are the languages whose readers write 9:00 pm. A bare "en" comes
// from too many places to tell.
var twelveHours = map[string]bool{
	"en-us": true, "en-ca": true, "en-au": true, "en-nz": true, "en-in": true, "en-ph": true,
	"hi": true, "hi-in": true, "es-mx": true, "es-co": true, "ar-eg": true, "ko": true, "ko-kr": true,
}
