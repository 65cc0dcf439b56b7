package nurse

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Portal is where a community's checks are kept and results are reported to.
type Portal struct {
	Base  string // its URL, without a slash at the end
	Token string // of the API, with scope preflight; "" reads only
}

const (
	portalFor  = 15 * time.Second
	maxAnswer  = 4 << 20
	checklists = "/api/v1/checklists/"
)

// checklist is what the portal answers.
type checklist struct {
	Title string `json:"title"`
	Items []struct {
		ID    json.RawMessage `json:"id"`
		Text  string          `json:"text"`
		Why   string          `json:"why"`
		Check json.RawMessage `json:"check"` // null when no program can look at it
	} `json:"items"`
}

// Checklist reads the checklist of a target or series. A check of a kind that
// this program does not know is left to people, as are those without one.
func (p Portal) Checklist(ctx context.Context, slug string) (Plan, error) {
	body, err := p.call(ctx, http.MethodGet, checklists+url.PathEscape(slug), nil)
	if err != nil {
		return Plan{}, err
	}
	var list checklist
	if err := json.Unmarshal(body, &list); err != nil {
		return Plan{}, &fault.Error{Kind: fault.Unavailable, Message: p.Base + " does not answer as a portal does.", Err: err}
	}
	plan := Plan{Title: cmp.Or(list.Title, slug)}
	for _, item := range list.Items {
		c, err := hackfest.ParseCheck(item.Check)
		if err != nil {
			plan.ByHand = append(plan.ByHand, item.Text)
			continue
		}
		c.Key = strings.Trim(string(item.ID), `"`)
		c.Why = cmp.Or(c.Why, item.Why)
		plan.Checks = append(plan.Checks, c)
	}
	return plan, nil
}

// Report gives results to the portal, and returns the address of the session
// whose readiness they count for. where is "sessions/SLUG", or "targets/SLUG" for
// the next session on a target.
func (p Portal) Report(ctx context.Context, where string, done hackfest.Preflight) (string, error) {
	body, err := json.Marshal(map[string]any{"machine": done.Machine, "results": done.Results})
	if err != nil {
		return "", err
	}
	answer, err := p.call(ctx, http.MethodPost, "/api/v1/"+where+"/preflight", body)
	if err != nil {
		return "", err
	}
	var taken struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(answer, &taken); err != nil || taken.URL == "" {
		return "", fault.New(fault.Unavailable, "%s does not answer as a portal does.", p.Base) // such as the page of a hotel's network
	}
	return taken.URL, nil
}

// problem is an error of the portal (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

// call asks the portal for something. Its errors are in words, and hold no token.
func (p Portal) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, portalFor)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.Base+path, bytes.NewReader(body))
	if err != nil || req.URL.Host == "" {
		return nil, fault.On("portal", "%q is no address of a portal, such as https://hackfest.example.org.", p.Base)
	}
	req.Header.Set("Content-Type", "application/json")
	if p.Token != "" {
		req.Header.Set("Authorization", "Bearer "+p.Token)
	}
	client := http.DefaultClient
	if method != http.MethodGet { // a redirect would lose the report
		client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	answer, err := client.Do(req)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "%s cannot be reached: %s.", p.Base, reasonOf(err))
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, fault.New(fault.Unavailable, "%s stopped in the middle of its answer.", p.Base)
	}
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return data, nil
	}
	if to, err := answer.Location(); err == nil {
		return nil, fault.New(fault.Invalid, "%s leads on to %s://%s. Give that as --portal.", p.Base, to.Scheme, to.Host)
	}
	var said problem
	_ = json.Unmarshal(data, &said)
	why := cmp.Or(said.Detail, said.Title, answer.Status)
	switch answer.StatusCode {
	case http.StatusNotFound:
		return nil, fault.New(fault.NotFound, "%s has nothing at %s: %s", p.Base, path, why)
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, fault.New(fault.Forbidden, "%s refused: %s Tokens with the scope preflight are made on %s/settings.", p.Base, why, p.Base)
	}
	return nil, fault.New(fault.Invalid, "%s refused: %s", p.Base, why)
}

// ErrNoToken says that a report needs a token.
var ErrNoToken = errors.New("a report needs a token with the scope preflight: make one on the portal's page Settings, and give it by --token-file or HACKFEST_TOKEN")
