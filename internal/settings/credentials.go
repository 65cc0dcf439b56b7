package settings

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// A password must fit into one line of 512 bytes (RFC 1459 section 2.3) with
// what stands before it: PASS, or NICKSERV IDENTIFY and the account. SASL alone
// could carry more, but then the network decides whether the bot can log in.
const (
	maxPassword        = 500
	maxAccountPassword = 400
)

// credentialKinds are the endings of a network's own variables.
var credentialKinds = []string{"PASSWORD", "SASL", "CA", "CERT", "KEY"}

// variable is a network's name as it stands in the names of its variables.
func variable(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

// credentials reads the variables of n. Those without a name are read only for
// an only network: a secret never goes to another one than it was meant for.
func (r *reader) credentials(n *Network, only bool) {
	prefix := "HACKFEST_IRC_" + variable(n.Name) + "_"
	read := func(kind string) (key, value string) {
		key = prefix + kind
		r.know(key)
		value = r.secret(key, r.env[key])
		bare := "HACKFEST_IRC_" + kind
		if only {
			r.know(bare)
			if other := r.secret(bare, r.env[bare]); other != "" {
				if value != "" {
					r.wrong(bare, "and %s are both set; keep one.", key)
				}
				key, value = bare, other
			}
		}
		return key, value
	}

	passwordKey, password := read("PASSWORD")
	r.password(n, passwordKey, password)
	r.encryption(n, read)
	key, value := read("SASL")
	r.sasl(n, key, value, passwordKey)
}

// encryption reads whom to trust, and what to show.
func (r *reader) encryption(n *Network, read func(kind string) (key, value string)) {
	caKey, ca := read("CA")
	certKey, cert := read("CERT")
	keyKey, private := read("KEY")
	for _, v := range []struct{ key, value string }{{caKey, ca}, {certKey, cert}, {keyKey, private}} {
		if v.value != "" && n.TLS == nil {
			r.wrong(v.key, "is set, but the network %s is not encrypted; write ircs:// in HACKFEST_IRC.", n.Name)
			return
		}
	}
	if n.TLS == nil {
		return
	}
	r.authority(n.TLS, caKey, ca)
	r.certificate(n.TLS, certKey, cert, keyKey, private)
}

// password is the account's where there is one, else the server's.
func (r *reader) password(n *Network, key, password string) {
	longest := maxPassword
	if n.Account != "" {
		longest = maxAccountPassword
	}
	switch {
	case hasControl(password):
		r.wrong(key, "holds a line break or another control character.")
	case len(password) > longest:
		r.wrong(key, "has %d bytes; more than %d cannot be sent to an IRC server.", len(password), longest)
	case password != "" && n.TLS == nil && !Loopback(n.Host):
		r.warnings = append(r.warnings, key+" is sent unencrypted to "+n.Host+"; use ircs:// if the server offers it.")
	}
	n.Password = password
}

// sasl decides whether to log in, and finds what is needed for it missing. The
// certificate was read before.
func (r *reader) sasl(n *Network, key, value, passwordKey string) {
	hasCert := n.TLS != nil && len(n.TLS.Certificates) > 0
	canLogIn := hasCert || n.Account != "" && n.Password != ""
	n.SASL = SASL(value)
	switch n.SASL {
	case "":
		n.SASL = SASLOff
		if n.Account != "" || hasCert {
			n.SASL = SASLOptional
		}
	case SASLOff:
		if n.Account != "" {
			r.warnings = append(r.warnings, key+" is off: the bot does not log in as "+n.Account+".")
		}
	case SASLRequired, SASLOptional:
		if n.Account == "" && !hasCert && !r.has(key[:len(key)-len("SASL")]+"CERT") {
			r.wrong(key, "is %s, but there is no account to log in to: add ?account= to HACKFEST_IRC, or set _CERT and _KEY.", value)
			return
		}
	default:
		r.wrong(key, "%s is none of required, optional and off.", show(value))
		return
	}
	if n.SASL != SASLOff && !canLogIn && !r.has(passwordKey) {
		r.wrong(passwordKey, "is needed for the account %s; or set _CERT and _KEY, or _SASL to off.", n.Account)
	}
}

// authority makes ca the only certificate authority that c trusts.
func (r *reader) authority(c *tls.Config, key, ca string) {
	data, ok := r.pem(key, ca)
	if !ok {
		return
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(data) {
		r.wrong(key, "holds no certificate in PEM form.")
	}
}

// certificate is what c shows to the server; services know people by it.
func (r *reader) certificate(c *tls.Config, certKey, cert, keyKey, private string) {
	switch {
	case cert == "" && private == "":
		return
	case cert == "":
		r.wrong(certKey, "is needed when %s is set.", keyKey)
		return
	case private == "":
		r.wrong(keyKey, "is needed when %s is set.", certKey)
		return
	}
	certPEM, certOK := r.pem(certKey, cert)
	keyPEM, keyOK := r.pem(keyKey, private)
	if !certOK || !keyOK {
		return
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		r.wrong(certKey, "and %s are not a certificate and its private key in PEM form.", keyKey)
		return
	}
	c.Certificates = []tls.Certificate{pair}
}

// pem returns value itself when it is PEM text, else what is in the file that
// value names. ok is false when there is nothing to use.
func (r *reader) pem(key, value string) (data []byte, ok bool) {
	if value == "" {
		return nil, false
	}
	if strings.HasPrefix(value, "-----BEGIN ") {
		return []byte(value), true
	}
	if hasControl(value) || len(value) > maxPath {
		r.wrong(key, "is neither PEM text nor the name of a file.")
		return nil, false
	}
	data, err := r.machine.ReadFile(value)
	if err != nil {
		// A private key pasted without its first line must not be shown.
		r.wrong(key, "is neither PEM text nor a file that can be read: %s.", reason(err))
		return nil, false
	}
	return data, true
}

// strayCredentials refuses IRC variables that no network reads: a misspelt
// name would otherwise leave the bot without its password, silently.
func (r *reader) strayCredentials(list []Network) {
	var stray []string
	for key, value := range r.env {
		if strings.HasPrefix(key, "HACKFEST_IRC_") && value != "" && !r.known[key] {
			stray = append(stray, key)
		}
	}
	slices.Sort(stray)
	for _, key := range stray {
		kind := strings.TrimSuffix(strings.TrimPrefix(key, "HACKFEST_IRC_"), "_FILE")
		switch {
		case len(list) == 0:
			r.warnings = append(r.warnings, key+" is set, but HACKFEST_IRC names no network.")
		case slices.Contains(credentialKinds, kind):
			r.wrong(key, "does not say which network it is for; write HACKFEST_IRC_<NAME>_%s with one of %s.", kind, variables(list))
		default:
			r.wrong(key, "is unknown; a network has the variables HACKFEST_IRC_<NAME>_PASSWORD, _SASL, _CA, _CERT and _KEY, where <NAME> is one of %s.", variables(list))
		}
	}
}

func variables(list []Network) string {
	names := make([]string, len(list))
	for i, n := range list {
		names[i] = variable(n.Name)
	}
	return strings.Join(names, ", ")
}

// know marks an IRC variable, and its form that names a file, as read.
func (r *reader) know(key string) {
	r.known[key], r.known[key+"_FILE"] = true, true
}

// strangers warns of variables that begin like ours and are none. They are no
// mistakes: a service called hackfest makes Kubernetes set HACKFEST_PORT.
func (r *reader) strangers() []string {
	ours := keys(reflect.TypeFor[Given]())
	var warnings []string
	for key, value := range r.env {
		if strings.HasPrefix(key, "HACKFEST_") && !strings.HasPrefix(key, "HACKFEST_IRC_") &&
			value != "" && !slices.Contains(ours, key) {
			warnings = append(warnings, key+" is set, but this version does not know it.")
		}
	}
	slices.Sort(warnings)
	return warnings
}

// keys lists the environment variables in the tags of t.
func keys(t reflect.Type) []string {
	list := slices.Clone(buildKeys)
	for field := range t.Fields() {
		if field.Anonymous {
			list = append(list, keys(field.Type)...)
		} else {
			list = append(list, field.Tag.Get("env"))
			if _, secret := field.Tag.Lookup("secret"); secret {
				list = append(list, field.Tag.Get("env")+"_FILE")
			}
		}
	}
	return list
}

// Loopback reports whether host, a name or an address with or without its
// brackets, is this machine alone.
func Loopback(host string) bool {
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// reason is why a file could not be read, without its name.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "reading it is not allowed"
	case errors.Is(err, syscall.EISDIR):
		return "it is a directory"
	}
	return "the system says " + strconv.Quote(err.Error())
}
