package web

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Sizes of a page of a list.
const (
	apiLimit   = 50  // without ?limit=
	apiHighest = 200 // for ?limit=
)

// listing reads the parameters of a list. All that cannot be used are kept in
// err; what is read besides is of no matter then.
type listing struct {
	query url.Values
	err   error
}

func listingOf(r *http.Request) *listing { return &listing{query: r.URL.Query()} }

// bad notes that a parameter cannot be used, and why.
func (l *listing) bad(field, why string) {
	l.err = errors.Join(l.err, fault.On(field, "%s %s", field, why))
}

// limit is how many items the page may have.
func (l *listing) limit() int {
	text := l.query.Get("limit")
	if text == "" {
		return apiLimit
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > apiHighest {
		l.bad("limit", fmt.Sprintf("is a number from 1 to %d.", apiHighest))
	}
	return n
}

// instant is a time given as RFC 3339, or as a date for its beginning in UTC;
// zero when it is not given.
func (l *listing) instant(field string) time.Time {
	text := l.query.Get(field)
	if text == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 && t.Year() < 9999 {
			return t.UTC()
		}
	}
	l.bad(field, "is a time as in 2012-08-22T19:00:00Z, or a date.")
	return time.Time{}
}

// oneOf is a parameter that has one of the values allowed; "" when it is not
// given.
func (l *listing) oneOf(field string, allowed ...string) string {
	text := l.query.Get(field)
	if text == "" {
		return ""
	}
	for _, a := range allowed {
		if text == a {
			return text
		}
	}
	l.bad(field, "is one of "+strings.Join(allowed, ", ")+".")
	return ""
}

// channel is a channel given by name, as in "#eucalyptus-devel", or by network
// and the channel's part of URLs, as in "freenode/eucalyptus-devel". Both
// results are "" when it is not given.
func (l *listing) channel() (network, folded string) {
	text := l.query.Get("channel")
	if text == "" {
		return "", ""
	}
	name := text
	if net, path, ok := strings.Cut(text, "/"); ok && !strings.ContainsAny(net, "#&+!") {
		network, name = net, path
	}
	if !strings.ContainsAny(name[:min(1, len(name))], "#&+!") || network != "" && !strings.HasPrefix(name, "&") {
		name = "#" + name // what URLs leave out
	}
	return network, irctext.RFC1459.Fold(name)
}

// cursor is where the page before ended, of a list of the given kind; "" for
// its first page. Cursors are opaque outside.
func (l *listing) cursor(kind string) string {
	text := l.query.Get("cursor")
	if text == "" {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	place, ok := strings.CutPrefix(string(raw), kind+":")
	if err != nil || !ok || place == "" {
		l.bad("cursor", "is not one that this list gave out.")
		return ""
	}
	return place
}

// refCursor is a cursor that is the ref of a line.
func (l *listing) refCursor(kind string) hackfest.Ref {
	place := l.cursor(kind)
	if place == "" {
		return hackfest.Ref{}
	}
	ref, err := hackfest.ParseRef(place)
	if err != nil {
		l.bad("cursor", "is not one that this list gave out.")
	}
	return ref
}

// next announces the following page of a list: all that was asked for, from
// place on (RFC 8288).
func (s *Server) next(w http.ResponseWriter, r *http.Request, kind, place string) {
	q := r.URL.Query()
	q.Set("cursor", base64.RawURLEncoding.EncodeToString([]byte(kind+":"+place)))
	w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, s.BaseURL, r.URL.EscapedPath(), q.Encode()))
}

// pageOf is the page of list that was asked for, of a list that is short enough
// to be read whole. key is what it is ordered by and differs for each; kind names
// the list in its cursors.
func pageOf[T any](s *Server, w http.ResponseWriter, r *http.Request, l *listing, kind string, list []T, key func(T) string) []T {
	limit, after := l.limit(), l.cursor(kind)
	if l.err != nil {
		return nil
	}
	slices.SortFunc(list, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	from, found := slices.BinarySearchFunc(list, after, func(x T, after string) int { return strings.Compare(key(x), after) })
	if found {
		from++
	}
	if list = list[from:]; len(list) > limit {
		list = list[:limit]
		s.next(w, r, kind, key(list[limit-1]))
	}
	return list
}

// items is the body of a list.
type items[T any] struct {
	Items []T `json:"items"`
}

// itemsOf makes the body of a list by turning each of list into a T.
func itemsOf[S, T any](list []S, one func(S) T) items[T] {
	out := items[T]{Items: make([]T, len(list))}
	for i, x := range list {
		out.Items[i] = one(x)
	}
	return out
}

// stamp is an instant as the API writes it; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// exact is an instant to the millisecond.
func exact(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
