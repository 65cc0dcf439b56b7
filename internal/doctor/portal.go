package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/settings"
)

// seenPortal is the portal that answers at HACKFEST_LISTEN.
type seenPortal struct {
	running bool
	leader  bool // it is the bot of its database
	details bool // it told the rest
	Status  string
	Version string
	Leader  bool
	Trouble []string
	IRC     []seenNetwork
}

// seenNetwork is how its bot is doing on one network.
type seenNetwork struct {
	Network, State, Nick, Account, Error string
	LoginError                           string `json:"login_error"`
	Channels                             []string
	Absent                               []struct{ Channel, Reason string }
}

// Answers of web servers are waited for so long, and not read beyond maxAnswer.
const (
	webAnswer = 5 * time.Second
	maxAnswer = 1 << 20
)

// lookForPortal asks whether a portal runs here.
func (e *examination) lookForPortal(ctx context.Context) seenPortal {
	var p seenPortal
	base := settings.LocalURL(e.chosen.Listen)
	if base == "" {
		return p
	}
	status, body, err := fetch(ctx, base+"/healthz?verbose=1", nil)
	if err == nil && status == http.StatusOK && json.Unmarshal(body, &p) == nil && p.Version != "" {
		p.running, p.details, p.leader = true, true, p.Leader
		return p
	}
	// The details are for this machine only; it may be asked under another address.
	if status, body, err = fetch(ctx, base+"/healthz", nil); err == nil {
		p.running = isPortal(status, body)
	}
	return p
}

func isPortal(status int, body []byte) bool { return status == http.StatusOK && string(body) == "ok\n" }

// fetch asks once; redirects are answers too.
func fetch(ctx context.Context, url string, config *tls.Config) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, webAnswer)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	t := &http.Transport{DisableKeepAlives: true, TLSClientConfig: config}
	res, err := t.RoundTrip(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return res.StatusCode, body, err
}

// portalFindings says how the portal here is doing, or whether its address is
// free for it.
func (e *examination) portalFindings(ctx context.Context) []Finding {
	if e.chosen.Listen == "" {
		return nil
	}
	if !e.portal.running {
		return []Finding{e.address(ctx)}
	}
	const check = "portal"
	if !e.portal.details {
		return []Finding{{check, OK, "Runs at " + e.chosen.Listen + ".", ""}}
	}
	list := []Finding{{check, OK, fmt.Sprintf("Version %s runs at %s.", e.portal.Version, e.chosen.Listen), ""}}
	if e.portal.Status != "ok" {
		list[0] = Finding{check, Warning, fmt.Sprintf("Version %s runs at %s and is %s.", e.portal.Version, e.chosen.Listen, e.portal.Status), cmp.Or(strings.Join(e.portal.Trouble, " "), "It has just been started.")}
	}
	if e.portal.Version != e.Version {
		list = append(list, Finding{check, Warning, fmt.Sprintf("The portal that runs is version %s, this program %s.", e.portal.Version, e.Version), "Restart the portal to run the version that is installed."})
	}
	for _, n := range e.portal.IRC {
		list = append(list, n.findings(check)...)
	}
	return list
}

func (n seenNetwork) findings(check string) []Finding {
	if n.State != "online" {
		why := ""
		if n.Error != "" {
			why = ": " + strings.TrimSuffix(n.Error, ".")
		}
		return []Finding{{check, Warning, fmt.Sprintf("Its bot is not on %s now (%s)%s.", n.Network, n.State, why), "What is said about irc " + n.Network + " here, or the portal's log, tells more."}}
	}
	var list []Finding
	if n.LoginError != "" {
		list = append(list, Finding{check, Warning, fmt.Sprintf("Its bot is on %s, but %s.", n.Network, strings.TrimSuffix(n.LoginError, ".")), "What is said about irc " + n.Network + " here tells what to do."})
	}
	for _, a := range n.Absent {
		list = append(list, Finding{check, Warning, fmt.Sprintf("Its bot is not in %s on %s: %s.", a.Channel, n.Network, strings.TrimSuffix(cmp.Or(a.Reason, "it is joining"), ".")), "Let it in (invite it, lift the ban, give it the rights it lacks), or take the channel out of HACKFEST_IRC."})
	}
	if len(n.Channels) > 0 {
		as := n.Nick
		if n.Account != "" {
			as += ", logged in as " + n.Account + ","
		}
		list = append(list, Finding{check, OK, fmt.Sprintf("Its bot is on %s as %s in %s.", n.Network, as, strings.Join(n.Channels, " ")), ""})
	}
	return list
}

// address tries whether the portal could listen.
func (e *examination) address(ctx context.Context) Finding {
	const check = "listening"
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", e.chosen.Listen)
	if err != nil {
		return Finding{
			check, Problem, fmt.Sprintf("Nothing can listen on %s: %s.", e.chosen.Listen, reason(err)),
			"Choose another address or port with HACKFEST_LISTEN, or stop what is there (ss -ltnp shows it).",
		}
	}
	l.Close() //nolint:errcheck // it was only tried
	return Finding{check, OK, e.chosen.Listen + " is free; the portal does not run.", ""}
}

// baseURL looks whether people reach the portal where they are sent.
func (e *examination) baseURL(ctx context.Context) []Finding {
	const check = "base URL"
	u, err := url.Parse(e.chosen.BaseURL)
	if err != nil || e.chosen.BaseURL == "" || e.wrong("HACKFEST_BASE_URL") {
		return nil
	}
	if settings.Loopback(u.Hostname()) {
		return e.onlyHere(check)
	}
	var list []Finding
	if u.Scheme == "http" {
		list = append(list, Finding{
			check, Warning, e.chosen.BaseURL + " is not encrypted.",
			"Put a web server with a certificate in front and write https:// (docs/operating.md has examples).",
		})
	}
	status, body, err := fetch(ctx, e.chosen.BaseURL+"/healthz", nil)
	bad, name := Problem, u.Hostname()
	if !e.portal.running {
		bad = Warning // the way there may still be under construction
	}
	trust, isTrust := certificateTrouble(err, e.Now())
	dns, isDNS := errors.AsType[*net.DNSError](err)
	switch {
	case isTrust:
		return append(list, Finding{check, Problem, fmt.Sprintf("Browsers will not trust %s: %s.", name, trust), "Renew or replace the certificate of the web server in front."})
	case isDNS:
		return append(list, Finding{check, bad, fmt.Sprintf("%s: %s.", name, reason(dns)), "Add the name to DNS, or correct HACKFEST_BASE_URL."})
	case err != nil:
		return append(list, Finding{check, bad, fmt.Sprintf("%s cannot be reached: %s.", e.chosen.BaseURL, reason(err)), "Let the web server in front listen there, and the firewall let it through."})
	case !e.portal.running:
		return append(list, Finding{check, OK, fmt.Sprintf("A web server answers at %s (status %d while the portal does not run).", e.chosen.BaseURL, status), ""})
	case !isPortal(status, body):
		return append(list, Finding{check, Problem, fmt.Sprintf("%s does not lead to the portal (/healthz answers with status %d).", e.chosen.BaseURL, status), "Let the web server in front pass everything on to " + e.chosen.Listen + "."})
	}
	return append(list, Finding{check, OK, e.chosen.BaseURL + " leads to the portal.", ""})
}

// onlyHere is about a base URL that only this machine can follow.
func (e *examination) onlyHere(check string) []Finding {
	abroad := ""
	host, _, _ := net.SplitHostPort(e.chosen.Listen) // checked with the settings
	if !settings.Loopback(cmp.Or(host, "0.0.0.0")) {
		abroad = "the portal answers others at " + e.chosen.Listen
	}
	for _, n := range e.chosen.Networks {
		if !settings.Loopback(n.Host) {
			abroad = "the bot gives its links to people on " + n.Name
		}
	}
	if abroad == "" {
		return []Finding{{check, OK, e.chosen.BaseURL + ", on this machine only.", ""}}
	}
	return []Finding{{
		check, Warning, fmt.Sprintf("%s works on this machine only, but %s.", e.chosen.BaseURL, abroad),
		"Set HACKFEST_BASE_URL to where people reach the portal, as in https://hackfest.example.org.",
	}}
}
