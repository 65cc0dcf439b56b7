package settings

import "github.com/eucalyptus/hackfest/internal/ircnet"

// Client is how the bot connects to n, for ircnet. What the bot calls itself
// besides its nick, its channels' keys, clock and log are the caller's to add.
func (n Network) Client() ircnet.Config {
	return ircnet.Config{Name: n.Name, Addr: n.Addr, TLS: n.TLS, Nick: n.Nick, Password: n.Password}
}

// Variable is the environment variable of n's own that ends in kind, such as
// PASSWORD.
func (n Network) Variable(kind string) string { return "HACKFEST_IRC_" + variable(n.Name) + "_" + kind }
