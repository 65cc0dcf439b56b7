package settings

import (
	"slices"

	"github.com/eucalyptus/hackfest/internal/ircnet"
)

// Client is how the bot connects to n, for ircnet. What the bot calls itself
// besides its nick, its channels' keys, clock and log are the caller's to add.
func (n Network) Client() ircnet.Config {
	c := ircnet.Config{Name: n.Name, Addr: n.Addr, TLS: n.TLS, Nick: n.Nick}
	if n.Account == "" {
		c.Password = n.Password
	}
	if n.SASL == SASLOff {
		return c
	}
	c.Login = ircnet.Login{Account: n.Account, Required: n.SASL == SASLRequired, External: n.TLS != nil && len(n.TLS.Certificates) > 0}
	if n.Account != "" {
		c.Login.Password = n.Password
	}
	return c
}

// Variable is the environment variable of n's own that ends in kind, such as
// PASSWORD.
func (n Network) Variable(kind string) string { return "HACKFEST_IRC_" + variable(n.Name) + "_" + kind }

// NetworkVariable describes one of the variables that each network has of its
// own, for help and manual.
type NetworkVariable struct {
	Kind   string // the name after HACKFEST_IRC_<NAME>_
	Help   string
	Unset  string // what holds without it
	Secret bool   // it may also be in a file that the variable with _FILE names
}

// NetworkVariables lists them in the order of the manual.
func NetworkVariables() []NetworkVariable { return slices.Clone(networkVariables) }

var networkVariables = []NetworkVariable{
	{"PASSWORD", "The password of the bot's account where HACKFEST_IRC names one with ?account=, else the server's.", "none", true},
	{"SASL", "Whether the bot logs in before it joins: required (it stays out until it can), optional (it goes on without, or asks NickServ where there is no SASL) or off.", "optional with an account or a certificate, else off", false},
	{"CERT", "The bot's certificate: PEM or a file of it.", "none", true},
	{"KEY", "The private key of that certificate: PEM or a file of it.", "none", true},
	{"CA", "The only authority to trust for this network: PEM or a file of it.", "those of the machine", true},
}
