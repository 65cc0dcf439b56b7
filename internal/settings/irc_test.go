package settings

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/ircnet"
)

func TestNetworks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, value string
		want        string // name addr tls nick channels; networks separated by a bar
	}{
		{"plain", "irc://irc.libera.chat/euca", "libera irc.libera.chat:6667 plain hackbot #euca"},
		{"encrypted", "ircs://irc.libera.chat/euca", "libera irc.libera.chat:6697 tls hackbot #euca"},
		{"all parts", "ircs://bot@chat.freenode.net:7000/eucalyptus,eucalyptus-devel?name=free", "free chat.freenode.net:7000 tls bot #eucalyptus #eucalyptus-devel"},
		{"a literal #", "irc://127.0.0.1/#euca", "local 127.0.0.1:6667 plain hackbot #euca"},
		{"a literal # in the second", "irc://127.0.0.1/a,#b,##c?name=x", "x 127.0.0.1:6667 plain hackbot #a #b ##c"},
		{"%23 is the first #", "irc://127.0.0.1/%23euca", "local 127.0.0.1:6667 plain hackbot #euca"},
		{"%23%23", "irc://127.0.0.1/%23%23x", "local 127.0.0.1:6667 plain hackbot ##x"},
		{"other signs encoded", "irc://127.0.0.1/c%2B%2B%3F", "local 127.0.0.1:6667 plain hackbot #c++?"},
		{"address", "irc://192.0.2.1/a", "local 192.0.2.1:6667 plain hackbot #a"},
		{"IPv6", "ircs://[2001:db8::1]/a", "local [2001:db8::1]:6697 tls hackbot #a"},
		{"IPv6 with a port", "irc://n@[::1]:6668/a", "local [::1]:6668 plain n #a"},
		{"single label", "irc://localhost/a", "local localhost:6667 plain hackbot #a"},
		{"container's name", "irc://irc_server:6667/a", "local irc_server:6667 plain hackbot #a"},
		{"name of two labels", "irc://oftc.net/a", "oftc oftc.net:6667 plain hackbot #a"},
		{"dot at the end", "irc://irc.oftc.net./a", "oftc irc.oftc.net:6667 plain hackbot #a"},
		{"upper case", "IRC://IRC.OFTC.NET/A", "oftc irc.oftc.net:6667 plain hackbot #A"},
		{"nick with odd signs", "irc://[bot]%7C@localhost/a", "local localhost:6667 plain [bot]| #a"},
		{"two of them", "irc://a.b.c/x  ircs://d.e.f/x", "b a.b.c:6667 plain hackbot #x|e d.e.f:6697 tls hackbot #x"},
		{"on lines of their own", "\nirc://a.b.c/x\n\tirc://localhost/x\n", "b a.b.c:6667 plain hackbot #x|local localhost:6667 plain hackbot #x"},
		{"none", "  ", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := Given{IRC: tt.value}.Settings(machine(nil))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range s.Networks {
				secure := "plain"
				if n.TLS != nil {
					secure = "tls"
				}
				got = append(got, strings.Join(append([]string{n.Name, n.Addr, secure, n.Nick}, n.Channels...), " "))
			}
			if text := strings.Join(got, "|"); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
		})
	}
}

func TestNetworkMistakes(t *testing.T) {
	t.Parallel()
	const one = "irc://localhost/a"
	const two = "ircs://irc.oftc.net/a " + one
	for _, tt := range []struct {
		name     string
		env      map[string]string // HACKFEST_ is left out
		key      string
		contains string
	}{
		{"no scheme", map[string]string{"IRC": "irc.oftc.net/a"}, "IRC", "must look like"},
		{"other scheme", map[string]string{"IRC": "https://irc.oftc.net/a"}, "IRC", "must look like"},
		{"no host", map[string]string{"IRC": "irc:///a"}, "IRC", "no host"},
		{"no channel", map[string]string{"IRC": "irc://localhost"}, "IRC", "names no channel"},
		{"no channel after the slash", map[string]string{"IRC": "irc://localhost/"}, "IRC", "names no channel"},
		{"empty channel", map[string]string{"IRC": "irc://localhost/a,,b"}, "IRC", "empty"},
		{"only the prefix", map[string]string{"IRC": "irc://localhost/#"}, "IRC", "empty"},
		{"line break in a channel", map[string]string{"IRC": "irc://localhost/a%0d%0aQUIT"}, "IRC", "no channel can have"},
		{"bare carriage return", map[string]string{"IRC": "irc://localhost/a\rQUIT"}, "IRC", "no channel can have"},
		{"line break between words", map[string]string{"IRC": "irc://localhost/a\nQUIT"}, "IRC", "must look like"},
		{"NUL in a channel", map[string]string{"IRC": "irc://localhost/a%00"}, "IRC", "no channel can have"},
		{"bell in a channel", map[string]string{"IRC": "irc://localhost/a%07"}, "IRC", "no channel can have"},
		{"blank in a channel", map[string]string{"IRC": "irc://localhost/a%20b"}, "IRC", "no channel can have"},
		{"comma in a channel", map[string]string{"IRC": "irc://localhost/a%2Cb"}, "IRC", "no channel can have"},
		{"channel not UTF-8", map[string]string{"IRC": "irc://localhost/%ff"}, "IRC", "no channel can have"},
		{"channel too long", map[string]string{"IRC": "irc://localhost/" + strings.Repeat("x", 200)}, "IRC", "longer"},
		{"channel ..", map[string]string{"IRC": "irc://localhost/.."}, "IRC", "no URL"},
		{"channel twice", map[string]string{"IRC": "irc://localhost/a[],#A{}"}, "IRC", "twice"},
		{"half an escape", map[string]string{"IRC": "irc://localhost/a%2"}, "IRC", "hexadecimal"},
		{"port 0", map[string]string{"IRC": "irc://localhost:0/a"}, "IRC", "port"},
		{"no port after the colon", map[string]string{"IRC": "irc://localhost:/a"}, "IRC", "port"},
		{"port too big", map[string]string{"IRC": "irc://localhost:66670/a"}, "IRC", "port"},
		{"IPv6 without brackets", map[string]string{"IRC": "irc://2001:db8::1/a"}, "IRC", "neither a name"},
		{"bracket not closed", map[string]string{"IRC": "irc://[::1/a"}, "IRC", "IPv6"},
		{"IPv4 in brackets", map[string]string{"IRC": "irc://[127.0.0.1]/a"}, "IRC", "IPv6"},
		{"host with a line break", map[string]string{"IRC": "irc://local%0ahost/a"}, "IRC", "neither a name"},
		{"password in the URL", map[string]string{"IRC": "irc://bot:canary@localhost/a"}, "IRC", "_PASSWORD"},
		{"password in the query", map[string]string{"IRC": "irc://localhost/a?password=canary"}, "IRC", "does not know"},
		{"nick with a blank", map[string]string{"IRC": "irc://hack%20bot@localhost/a"}, "IRC", "nick"},
		{"nick with a line break", map[string]string{"IRC": "irc://hack%0abot@localhost/a"}, "IRC", "nick"},
		{"empty nick", map[string]string{"IRC": "irc://@localhost/a"}, "IRC", "nick"},
		{"nick beginning with a digit", map[string]string{"IRC": "irc://1bot@localhost/a"}, "IRC", "nick"},
		{"nick too long", map[string]string{"IRC": "irc://" + strings.Repeat("x", 31) + "@localhost/a"}, "IRC", "nick"},
		{"name with a slash", map[string]string{"IRC": "irc://localhost/a?name=a/b"}, "IRC", "one word"},
		{"name ..", map[string]string{"IRC": "irc://localhost/a?name=.."}, "IRC", "one word"},
		{"empty name", map[string]string{"IRC": "irc://localhost/a?name="}, "IRC", "one word"},
		{"name twice", map[string]string{"IRC": "irc://localhost/a?name=a&name=b"}, "IRC", "one word"},
		{"name in upper case", map[string]string{"IRC": "irc://localhost/a?name=OFTC"}, "IRC", "one word"},
		{"query cannot be read", map[string]string{"IRC": "irc://localhost/a?name=%zz"}, "IRC", "cannot be read"},
		{"two of one name", map[string]string{"IRC": "irc://localhost/a irc://127.0.0.1/a"}, "IRC", "two networks are called local"},
		{"two that share variables", map[string]string{"IRC": one + "?name=a-b " + one + "?name=a_b"}, "IRC", "share the variables"},

		{"whose password", map[string]string{"IRC": two, "IRC_PASSWORD": "canary"}, "IRC_PASSWORD", "one of OFTC, LOCAL"},
		{"password of an unknown network", map[string]string{"IRC": two, "IRC_FREENODE_PASSWORD": "canary"}, "IRC_FREENODE_PASSWORD", "unknown"},
		{"unknown variable of a network", map[string]string{"IRC": one, "IRC_LOCAL_NICK": "bot"}, "IRC_LOCAL_NICK", "unknown"},
		{"empty account", map[string]string{"IRC": one + "?account="}, "IRC", "one word"},
		{"account with a blank", map[string]string{"IRC": one + "?account=a%20b", "IRC_PASSWORD": "canary"}, "IRC", "one word"},
		{"account with a NUL", map[string]string{"IRC": one + "?account=a%00b", "IRC_PASSWORD": "canary"}, "IRC", "one word"},
		{"two accounts", map[string]string{"IRC": one + "?account=a&account=b", "IRC_PASSWORD": "canary"}, "IRC", "one word"},
		{"account without a password", map[string]string{"IRC": one + "?account=bot"}, "IRC_LOCAL_PASSWORD", "is needed"},
		{"SASL that does not exist", map[string]string{"IRC": one + "?account=bot", "IRC_PASSWORD": "canary", "IRC_SASL": "yes"}, "IRC_SASL", "none of"},
		{"SASL of nobody", map[string]string{"IRC": one, "IRC_PASSWORD": "canary", "IRC_LOCAL_SASL": "required"}, "IRC_LOCAL_SASL", "no account"},
		{"account's password too long", map[string]string{"IRC": one + "?account=bot", "IRC_PASSWORD": strings.Repeat("canary.", 58)}, "IRC_PASSWORD", "more than 400"},
		{"password twice", map[string]string{"IRC": one, "IRC_LOCAL_PASSWORD": "canary", "IRC_PASSWORD": "canary"}, "IRC_PASSWORD", "both set"},
		{"password and its file", map[string]string{"IRC": one, "IRC_PASSWORD": "canary", "IRC_PASSWORD_FILE": "testdata/database-url"}, "IRC_PASSWORD", "both set"},
		{"password too long", map[string]string{"IRC": one, "IRC_PASSWORD": strings.Repeat("canary", 100)}, "IRC_PASSWORD", "more than 500"},
		{"password with a line break", map[string]string{"IRC": one, "IRC_PASSWORD": "canary\nQUIT"}, "IRC_PASSWORD", "line break"},
		{"password of many lines", map[string]string{"IRC": one, "IRC_PASSWORD_FILE": "irc_test.go"}, "IRC_PASSWORD", "line break"},
		{"CA without encryption", map[string]string{"IRC": one, "IRC_CA": "testdata/database-url"}, "IRC_CA", "not encrypted"},
		{"CA without a certificate", map[string]string{"IRC": "ircs://localhost/a", "IRC_CA": "testdata/database-url"}, "IRC_CA", "no certificate"},
		{"CA without a file", map[string]string{"IRC": "ircs://localhost/a", "IRC_CA": "testdata/absent"}, "IRC_CA", "no such file"},
		{"key pasted without its first line", map[string]string{"IRC": "ircs://localhost/a", "IRC_CA": "canary\ncanary"}, "IRC_CA", "neither PEM"},
		{"certificate without its key", map[string]string{"IRC": "ircs://localhost/a", "IRC_CERT": "testdata/database-url"}, "IRC_LOCAL_KEY", "is needed"},
		{"key without its certificate", map[string]string{"IRC": "ircs://localhost/a", "IRC_KEY": "-----BEGIN canary"}, "IRC_LOCAL_CERT", "is needed"},
		{"key that is none", map[string]string{"IRC": "ircs://localhost/a", "IRC_CERT": "testdata/database-url", "IRC_KEY": "-----BEGIN canary"}, "IRC_CERT", "private key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkMistake(t, tt.env, tt.key, tt.contains)
		})
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	cert, key := selfSigned(t)
	env := map[string]string{
		"HACKFEST_IRC":                  "ircs://irc.oftc.net/a irc://localhost/a?name=our-own",
		"HACKFEST_IRC_OFTC_PASSWORD":    "first",
		"HACKFEST_IRC_OUR_OWN_PASSWORD": "second",
		"HACKFEST_IRC_OFTC_CA":          cert,
		"HACKFEST_IRC_OFTC_CERT":        cert,
		"HACKFEST_IRC_OFTC_KEY":         key,
	}
	s, err := given(env).Settings(machine(env))
	if err != nil {
		t.Fatal(err)
	}
	oftc, own := s.Networks[0], s.Networks[1]
	if oftc.Password != "first" || own.Password != "second" {
		t.Errorf("passwords %q, %q", oftc.Password, own.Password)
	}
	if c := oftc.TLS; c.ServerName != "irc.oftc.net" || c.RootCAs == nil || len(c.Certificates) != 1 {
		t.Errorf("TLS %+v", c)
	}
	if own.TLS != nil || len(s.Warnings) > 0 {
		t.Errorf("TLS %v, warnings %v", own.TLS, s.Warnings)
	}
}

func TestPasswordOfTheOnlyNetwork(t *testing.T) {
	t.Parallel()
	env := map[string]string{"HACKFEST_IRC": "irc://irc.oftc.net/a", "HACKFEST_IRC_PASSWORD_FILE": "testdata/password"}
	s, err := given(env).Settings(machine(env))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Networks[0].Password; got != "correct horse" {
		t.Errorf("password %q", got)
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "unencrypted") {
		t.Errorf("warnings %v", s.Warnings)
	}
}

// selfSigned returns a certificate and its key in PEM form.
func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

func TestLogin(t *testing.T) {
	t.Parallel()
	cert, key := selfSigned(t)
	const account = "ircs://irc.oftc.net/a?account=hackbot"
	const none = "ircs://irc.oftc.net/a"
	long := strings.Repeat("x", 290)
	for _, tt := range []struct {
		name string
		env  map[string]string // HACKFEST_IRC is left out
		pass string
		want ircnet.Login
	}{
		{"nothing", map[string]string{"": none}, "", ircnet.Login{}},
		{"a server's password", map[string]string{"": none, "_PASSWORD": "canary"}, "canary", ircnet.Login{}},
		{"an account", map[string]string{"": account, "_PASSWORD": "canary"}, "", ircnet.Login{Account: "hackbot", Password: "canary"}},
		{"an account with a password of 290 bytes", map[string]string{"": account, "_PASSWORD": long}, "", ircnet.Login{Account: "hackbot", Password: long}},
		{"an account, required", map[string]string{"": account, "_PASSWORD": "canary", "_OFTC_SASL": "required"}, "", ircnet.Login{Account: "hackbot", Password: "canary", Required: true}},
		{"an account, off", map[string]string{"": account, "_PASSWORD": "canary", "_SASL": "off"}, "", ircnet.Login{}},
		{"an account without anything, off", map[string]string{"": account, "_SASL": "off"}, "", ircnet.Login{}},
		{"a certificate", map[string]string{"": none, "_CERT": cert, "_KEY": key}, "", ircnet.Login{External: true}},
		{"a certificate and a server's password", map[string]string{"": none, "_CERT": cert, "_KEY": key, "_PASSWORD": "canary", "_SASL": "required"}, "canary", ircnet.Login{External: true, Required: true}},
		{"a certificate for the server alone", map[string]string{"": none, "_CERT": cert, "_KEY": key, "_SASL": "off"}, "", ircnet.Login{}},
		{"a certificate for an account", map[string]string{"": account, "_CERT": cert, "_KEY": key, "_SASL": "required"}, "", ircnet.Login{Account: "hackbot", External: true, Required: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{}
			for key, value := range tt.env {
				env["HACKFEST_IRC"+key] = value
			}
			s, err := given(env).Settings(machine(env))
			if err != nil {
				t.Fatal(err)
			}
			if c := s.Networks[0].Client(); c.Login != tt.want || c.Password != tt.pass {
				t.Errorf("login %+v, password %q; want %+v, %q", c.Login, c.Password, tt.want, tt.pass)
			}
		})
	}
}
