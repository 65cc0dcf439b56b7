package settings

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestInForceTellsNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-value"
	s := Settings{
		DatabaseURL: "postgres://hackfest:" + secret + "@db.example.org:5432/hackfest?password=" + secret, Token: secret,
		Networks: []Network{{Name: "libera", Addr: "irc.libera.chat:6697", Nick: "hackbot", Account: "bot", SASL: SASLRequired, Password: secret, Channels: []string{"#euca"}}},
		Proxies:  []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Roles: Roles{Web: true},
	}
	all := fmt.Sprint(s.InForce())
	if strings.Contains(all, secret) {
		t.Errorf("it tells a secret: %s", all)
	}
	for _, want := range []InForce{
		{"DATABASE_URL", "postgres://hackfest@db.example.org:5432/hackfest"},
		{"HACKFEST_METRICS_TOKEN", secretSet},
		{"HACKFEST_IRC_LIBERA_PASSWORD", secretSet},
		{"HACKFEST_IRC_LIBERA_CERT", "none"},
		{"HACKFEST_TRUSTED_PROXIES", "10.0.0.0/8"},
		{"HACKFEST_IRC: libera", "irc.libera.chat:6697, not encrypted, as hackbot, account bot, seeds #euca"},
	} {
		if !slices.Contains(s.InForce(), want) {
			t.Errorf("%v is missing from %s", want, all)
		}
	}
	for _, broken := range []string{"postgres:" + secret, "postgres://%zz:" + secret + "@h/d"} {
		if got := shownURL(broken); strings.Contains(got, secret) {
			t.Errorf("it tells %q", got)
		}
	}
}
