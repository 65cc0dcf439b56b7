package ircnet

// Login is how we prove to a network's services who we are, before we join
// anything. The zero value is no login.
type Login struct {
	Account  string // of the services; "" for the one our certificate belongs to
	Password string // of Account; "" for none
	External bool   // Config.TLS has a certificate that proves it
	Required bool   // stay out until services have said that they know us
}
