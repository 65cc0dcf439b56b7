package ghsync

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v58/github"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// MaxHook is the largest body of a delivery, in bytes: GitHub sends none beyond
// 25 MB. https://docs.github.com/en/webhooks/webhook-events-and-payloads
const MaxHook = 25 << 20

const (
	signaturePrefix = "sha256="
	maxDeliveryID   = 100
	maxEvent        = 60
)

const (
	typeJSON = "application/json"
	typeForm = "application/x-www-form-urlencoded"
)

// Envelope is what the header of a delivery says. Its signature is of the body
// alone, so nothing here is proven by it.
type Envelope struct {
	ID    string // of the delivery
	Event string

	form bool // the payload is a field of a form
	sign string
}

// errUnsigned is fault.Forbidden: GitHub signs with the secret, others cannot.
func errUnsigned(why string) error {
	return fault.New(fault.Forbidden, "%s The webhook has to be signed with the portal’s secret: X-Hub-Signature-256.", why)
}

// Open reads the header of a delivery, before anything of its body is read. A
// missing signature, or one of another algorithm than SHA-256, is
// fault.Forbidden; what GitHub would not send is fault.Invalid.
func Open(h http.Header) (Envelope, error) {
	e := Envelope{ID: h.Get(github.DeliveryIDHeader), Event: h.Get(github.EventTypeHeader)}
	signatures := h.Values(github.SHA256SignatureHeader)
	if len(signatures) != 1 {
		return e, errUnsigned("The signature is missing.")
	}
	e.sign = signatures[0]
	digits, ok := strings.CutPrefix(e.sign, signaturePrefix)
	if sum, err := hex.DecodeString(digits); !ok || err != nil || len(sum) != 32 {
		return e, errUnsigned("That is no SHA-256 signature.")
	}
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case err != nil || kind != typeJSON && kind != typeForm:
		return e, fault.New(fault.Invalid, "The content type of a webhook is %s or %s.", typeJSON, typeForm)
	case !isToken(e.ID, maxDeliveryID):
		return e, fault.On(github.DeliveryIDHeader, "The header X-GitHub-Delivery has to name the delivery.")
	case !isToken(e.Event, maxEvent):
		return e, fault.On(github.EventTypeHeader, "The header X-GitHub-Event has to name the event.")
	}
	e.form = kind == typeForm
	return e, nil
}

// isToken reports whether s is a word of 1 to most visible ASCII characters.
func isToken(s string, most int) bool {
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' })
}

// Payload returns what body, as it came, delivers: JSON. A body that was not
// signed with secret is fault.Forbidden. It takes the same time for all wrong
// signatures.
func (e Envelope) Payload(body []byte, secret string) ([]byte, error) {
	if secret == "" || github.ValidateSignature(e.sign, body, []byte(secret)) != nil {
		return nil, errUnsigned("The signature is wrong.")
	}
	if !e.form {
		return body, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || !form.Has("payload") {
		return nil, fault.New(fault.Invalid, "The form has no field payload.")
	}
	return []byte(form.Get("payload")), nil
}

// Delivered says what a payload of GitHub's is, and reduces it to what is kept of
// it. What says nothing of that kind, or cannot be read, is ignored, with a note
// why; then there is no change. Whether its repository is registered is not
// looked at.
func (e Envelope) Delivered(payload []byte) (hackfest.HookDelivery, *hackfest.GitHubChange) {
	d := hackfest.HookDelivery{ID: e.ID, Event: e.Event, State: hackfest.HookIgnored}
	read := hooks[e.Event]
	if read == nil {
		d.Repository, d.Note = repositoryIn(payload), "Nothing of such events is kept."
		return d, nil
	}
	if !bytes.HasPrefix(bytes.TrimSpace(payload), []byte("{")) {
		d.Note = "It is no JSON object."
		return d, nil
	}
	c, note, err := read(payload)
	if err != nil {
		d.Repository, d.Note = repositoryIn(payload), fmt.Sprintf("It cannot be read as %q.", e.Event)
		return d, nil
	}
	d.Repository, d.Note = c.Repository.Name, note
	if note != "" {
		return d, nil
	}
	d.State = hackfest.HookReceived
	return d, &c
}
