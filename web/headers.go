package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// security are the headers of every answer. All that a page uses comes from us:
// no inline style, no inline script, no frame.
var security = map[string]string{
	"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; " +
		"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

// headers sets the security headers before anything else can answer.
func (s *Server) headers(next http.Handler) http.Handler {
	hsts, github := s.https(), s.githubPolicy()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for k, v := range security {
			h.Set(k, v)
		}
		if github != "" && sendsToGitHub(r.URL.Path) {
			h.Set("Content-Security-Policy", github)
		}
		if hsts {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// githubPolicy is the content security policy of pages with a form that sends its
// reader to GitHub: browsers hold the redirect after a form to it too. "" where
// there is no such form.
func (s *Server) githubPolicy() string {
	web, err := url.Parse(s.GitHub.Web)
	if s.GitHub.ClientID == "" || err != nil || web.Host == "" {
		return ""
	}
	return strings.Replace(security["Content-Security-Policy"], "form-action 'self'", "form-action 'self' "+web.Scheme+"://"+web.Host, 1)
}

// sendsToGitHub reports whether the page at path may have such a form.
func sendsToGitHub(path string) bool {
	first := section(path)
	return first == "/signin" || first == "/settings"
}

// https reports whether people reach the portal over TLS.
func (s *Server) https() bool { return strings.HasPrefix(s.BaseURL, "https://") }

// deadlines gives every request its time on the wire, also those that follow on
// the same connection; streams set their own before each event.
func (s *Server) deadlines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc, now := http.NewResponseController(w), time.Now()
		_, _ = rc.SetReadDeadline(now.Add(bodyTime)), rc.SetWriteDeadline(now.Add(pageTime)) // a test's recorder has none
		next.ServeHTTP(w, r)
	})
}

// catch turns a panic into an error page and a log line.
func (s *Server) catch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v) // net/http's way to hang up
			}
			s.numbers().panics.Inc()
			s.Log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("path", loggedPath(r)),
				slog.Any("value", v), slog.String("stack", string(debug.Stack())))
			_ = s.errorPage(w, r, fault.New(fault.Internal, "panic")) // headers may be gone already
		}()
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses requests that change something and come from another site.
// http.CrossOriginProtection lets a request without Origin and Sec-Fetch-Site
// pass, as programs send it; with a cookie it may as well be an old browser
// sent here by another site, so then it is refused.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	if u, err := url.Parse(s.BaseURL); err == nil && u.Host != "" {
		_ = guard.AddTrustedOrigin(u.Scheme + "://" + u.Host) // settings checked the URL
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if oneClick(r) || s.isHook(r) {
			next.ServeHTTP(w, r)
			return
		}
		unsigned := r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == ""
		if guard.Check(r) != nil || unsigned && !safe(r.Method) && len(r.Cookies()) > 0 {
			refused := fault.New(fault.Forbidden, "This form was not sent from the portal itself. Open the page again and send it from there.")
			s.page(func(http.ResponseWriter, *http.Request) error { return refused })(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// oneClick reports whether r ends a subscription as mail programs do (RFC 8058
// section 3.2), from wherever those are. Its address is the proof that it may, and
// cookies are no matter to it.
func oneClick(r *http.Request) bool {
	rest, ok := strings.CutPrefix(r.URL.Path, "/unsubscribe/")
	return ok && r.Method == http.MethodPost && !strings.Contains(rest, "/")
}

// safe reports whether a method only reads (RFC 9110 section 9.2.1).
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// methods are those a route may have, in the order in which Allow lists them.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// methodNotAllowed answers any method that a page does not have, and says which
// it has.
func (s *Server) methodNotAllowed(routes chi.Routes) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		path := r.URL.RawPath
		if path == "" {
			path = r.URL.Path
		}
		allow := slices.DeleteFunc(slices.Clone(methods), func(m string) bool {
			return !routes.Match(chi.NewRouteContext(), m, path)
		})
		if len(allow) == 0 {
			return s.notFound(w, r)
		}
		w.Header().Set("Allow", strings.Join(allow, ", "))
		return answer{http.StatusMethodNotAllowed, "This page can be used with " + strings.Join(allow, " and ") + " only."}
	}
}
