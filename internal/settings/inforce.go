package settings

import (
	"cmp"
	"net/url"
	"strings"
	"time"
)

// InForce is a setting and what it is, as operators may read it.
type InForce struct{ Name, Value string }

// secretSet stands for a secret.
const secretSet = "set; not shown"

// InForce lists what holds, defaults included. Of secrets it says only that they
// are set.
func (s Settings) InForce() []InForce {
	list := []InForce{
		{"HACKFEST_LISTEN", s.Listen},
		{"HACKFEST_BASE_URL", s.BaseURL},
		{"DATABASE_URL", shownURL(s.DatabaseURL)},
		{"HACKFEST_DATA_DIR", s.DataDir},
		{"HACKFEST_ROLES", strings.Join(s.Roles.Names(), ",")},
		{"HACKFEST_COMMUNITY", s.Community},
		{"HACKFEST_ZONE", zoneName(s.Zone)},
		{"HACKFEST_LOG", map[bool]string{true: "json", false: "text"}[s.JSONLog]},
		{"HACKFEST_LOG_LEVEL", strings.ToLower(s.LogLevel.String())},
		{"HACKFEST_METRICS", string(s.Metrics)},
		{"HACKFEST_METRICS_TOKEN", shownSecret(s.Token)},
		{"HACKFEST_TRUSTED_PROXIES", s.proxyList()},
	}
	for _, n := range s.Networks {
		list = append(list, n.inForce()...)
	}
	return list
}

// inForce is how the bot is set up for n.
func (n Network) inForce() []InForce {
	encrypted, certificate := "not encrypted", "none"
	if n.TLS != nil {
		if encrypted = "TLS"; len(n.TLS.Certificates) > 0 {
			certificate = secretSet
		}
	}
	where := []string{n.Addr, encrypted, "as " + n.Nick}
	if n.Account != "" {
		where = append(where, "account "+n.Account)
	}
	return []InForce{
		{"HACKFEST_IRC: " + n.Name, strings.Join(append(where, "seeds "+strings.Join(n.Channels, " ")), ", ")},
		{n.Variable("SASL"), string(cmp.Or(n.SASL, SASLOff))},
		{n.Variable("PASSWORD"), shownSecret(n.Password)},
		{n.Variable("CERT"), certificate},
	}
}

func (s Settings) proxyList() string {
	var list []string
	for _, p := range s.Proxies {
		list = append(list, p.String())
	}
	if list == nil {
		return "none"
	}
	return strings.Join(list, ",")
}

func zoneName(z *time.Location) string {
	if z == nil {
		return "UTC"
	}
	return z.String()
}

func shownSecret(secret string) string {
	if secret == "" {
		return "none"
	}
	return secretSet
}

// shownURL is the address of a database without anything that may be a secret:
// who and where, but no password and no parameters.
func shownURL(text string) string {
	if text == "" {
		return "a private one in the data directory"
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" {
		return secretSet
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if name := u.User.Username(); name != "" {
		shown.User = url.User(name)
	}
	return shown.String()
}
