package settings

import (
	"slices"

	"github.com/eucalyptus/hackfest/internal/ircnet"
)

// Client is how the bot connects to n, for ircnet. What the bot calls itself
// besides its nick, its channels' keys, clock and log are the caller's to add.
func (n Network) Client() ircnet.Config {
	return ircnet.Config{Name: n.Name, Addr: n.Addr, TLS: n.TLS, Nick: n.Nick, Password: n.Password}
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
	{"PASSWORD", "The server's password for the bot.", "none", true},
	{"CERT", "The bot's certificate: PEM or a file of it.", "none", true},
	{"KEY", "The private key of that certificate: PEM or a file of it.", "none", true},
	{"CA", "The only authority to trust for this network: PEM or a file of it.", "those of the machine", true},
}
