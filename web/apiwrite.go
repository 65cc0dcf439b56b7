package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// idempotencyKey is the header by which a program names a change it makes
// (draft-ietf-httpapi-idempotency-key-header).
const idempotencyKey = "Idempotency-Key"

// longestKey is how many bytes such a name may have.
const longestKey = 255

// errKeyReused is why a change by API is not carried out whose name another had.
var errKeyReused = &fault.Error{
	Kind: fault.Conflict, Field: idempotencyKey,
	Message: "This " + idempotencyKey + " was sent before with another body, so nothing was changed. Draw a new one for each change; send the same one only to repeat the same body.",
}

// apiDone says what a change did. The same change, sent again, has the same
// answer.
type apiDone struct {
	Said string `json:"said" about:"what happened, a sentence"`
	URL  string `json:"url" is:"uri" about:"where it is to be seen"`
}

// writeKey is the key of what write found out about a request, in its context.
type writeKey struct{}

// writtenBody is the body of a change by API, as hexadecimal SHA-256; "" for every
// other request.
func writtenBody(r *http.Request) string {
	sum, _ := r.Context().Value(writeKey{}).(string)
	return sum
}

// write lets programs do what a form does, by the function that the form has: the
// fields of the JSON object they send are the form's. They need a token, so that
// no other site can do it by a reader's browser, and name the change.
func (s *Server) write(form handler) http.HandlerFunc {
	return s.api(func(w http.ResponseWriter, r *http.Request) error {
		if actorOf(r).Scopes == nil {
			w.Header().Set("WWW-Authenticate", challenge(false))
			return fault.New(fault.SignIn, "A change by API needs a token, also from a browser that is signed in.")
		}
		var wrong error
		if key := r.Header.Get(idempotencyKey); (key == "" && !operationOf(r).state) || len(key) > longestKey {
			wrong = fault.On(idempotencyKey, "The header %s names the change, with at most %d characters: draw a random one for each.", idempotencyKey, longestKey)
		}
		body, err := jsonBody(r)
		if err != nil {
			return err
		}
		values, err := formOfJSON(body, operationOf(r).body)
		if err = errors.Join(wrong, err); err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		r = r.WithContext(context.WithValue(r.Context(), writeKey{}, hex.EncodeToString(sum[:])))
		r.PostForm, r.Form = values, values
		return form(w, r)
	})
}

// sendDone answers a change by API.
func (s *Server) sendDone(w http.ResponseWriter, r *http.Request, c hackfest.Change) error {
	w.Header().Set("Cache-Control", "no-store")
	return s.sendJSON(w, r, apiDone{Said: c.Said, URL: s.BaseURL + c.Location})
}

// operationOf is the operation that r asks for.
func operationOf(r *http.Request) operation {
	pattern := chi.RouteContext(r.Context()).RoutePattern()
	i := slices.IndexFunc(operations, func(o operation) bool { return o.method == r.Method && apiRoot+o.path == pattern })
	if i < 0 {
		return operation{} // a test sees that every route has one
	}
	return operations[i]
}

// jsonBody reads the body of r.
func jsonBody(r *http.Request) ([]byte, error) {
	if typ, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || typ != "application/json" {
		return nil, answer{http.StatusUnsupportedMediaType, "What is sent here is JSON: Content-Type: application/json."}
	}
	body, err := io.ReadAll(r.Body)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Message: "The body could not be read.", Err: err}
	}
	return bytes.TrimSpace(body), nil
}

// formOfJSON reads a JSON object as a form with the fields of the struct that
// like is. All that is wrong with it is in the error.
func formOfJSON(body []byte, like any) (url.Values, error) {
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(body, &sent); err != nil || sent == nil {
		return nil, &fault.Error{Kind: fault.Invalid, Message: "The body is not a JSON object.", Err: err}
	}
	values := url.Values{}
	var wrong []error
	for f := range reflect.TypeOf(like).Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		text, ok := sent[name]
		delete(sent, name)
		value, is := reflect.New(f.Type), kindWords[f.Type.Kind()]
		switch {
		case !ok && options == "omitempty":
		case !ok:
			wrong = append(wrong, fault.On(name, "%s is missing.", name))
		case string(text) == "null" || json.Unmarshal(text, value.Interface()) != nil:
			wrong = append(wrong, fault.On(name, "%s is %s.", name, is))
		case f.Type.Kind() == reflect.Bool:
			if value.Elem().Bool() {
				values.Set(name, "on") // as a box that is ticked
			}
		case f.Type.Kind() == reflect.String:
			values.Set(name, value.Elem().String())
		default:
			values.Set(name, string(text))
		}
	}
	for name := range sent {
		wrong = append(wrong, fault.On(name, "There is no field %s here.", name))
	}
	slices.SortFunc(wrong, func(a, b error) int { return strings.Compare(fault.All(a)[0].Field, fault.All(b)[0].Field) })
	return values, errors.Join(wrong...)
}

// kindWords say what a field of a body has to be.
var kindWords = map[reflect.Kind]string{reflect.String: "a text", reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Slice: "a list"}
