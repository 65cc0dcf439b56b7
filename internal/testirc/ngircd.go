package testirc

import (
	"crypto/x509"
	_ "embed"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Options of an ngIRCd; the zero value suits most tests.
type Options struct {
	Password    string // clients must send it; "" none
	PingTimeout int    // seconds of silence after which ngIRCd asks; 0 is 120
	Penalties   bool   // ngIRCd slows clients down for what they send, as it does by default
	NickLen     int    // 0 is 30
	Services    bool   // Atheme may be linked
	Channels    string // more [Channel] sections, as in ngircd.conf(5)
}

// Server is a running IRC server on the loopback interface.
type Server struct {
	Addr    string         // plain text
	TLSAddr string         // TLS
	CA      *x509.CertPool // whom to trust for TLSAddr; the name is localhost
	CAFile  string         // the same as a PEM file

	*daemon
}

// ffdhe2048 is the group of RFC 7919 appendix A.1: without one ngIRCd computes
// its own at each start.
//
//go:embed ffdhe2048.pem
var ffdhe2048 []byte

// NgIRCd starts the real ngIRCd and stops it when the test ends. Without the
// program the test is skipped, or fails where the environment has CI set.
func NgIRCd(t testing.TB, o Options) *Server {
	t.Helper()
	d := newDaemon(t, "ngircd")
	s := &Server{daemon: d}
	port, tlsPort := s.listen(t)
	d.write("dh.pem", ffdhe2048)
	d.write("ngircd.conf", []byte(config(d.dir, port, tlsPort, d.uid, d.gid, o)))
	d.argv = []string{"-n", "-f", filepath.Join(d.dir, "ngircd.conf")}
	d.Start()
	return s
}

func config(dir string, port, tlsPort, uid, gid int, o Options) string {
	penalty := 0
	if o.Penalties {
		penalty = -1
	}
	password := ""
	if o.Password != "" {
		password = "Password = " + o.Password
	}
	services := ""
	if o.Services {
		services = "[Server]\n\tName = services.test.example\n\tMyPassword = linkpass\n\tPeerPassword = linkpass\n\tServiceMask = *Serv\n"
	}
	return strings.NewReplacer(
		"@DIR@", dir, "@PORT@", strconv.Itoa(port), "@TLSPORT@", strconv.Itoa(tlsPort),
		"@UID@", strconv.Itoa(uid), "@GID@", strconv.Itoa(gid), "@PASSWORD@", password,
		"@PING@", strconv.Itoa(orElse(o.PingTimeout, 120)), "@NICKLEN@", strconv.Itoa(orElse(o.NickLen, 30)),
		"@PENALTY@", strconv.Itoa(penalty), "@CHANNELS@", o.Channels, "@SERVICES@", services,
	).Replace(ngircdConf)
}

func orElse(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

const ngircdConf = `[Global]
	Name = irc.test.example
	Info = test network
	Listen = 127.0.0.1
	Ports = @PORT@
	MotdPhrase = welcome
	ServerUID = @UID@
	ServerGID = @GID@
	@PASSWORD@
[Limits]
	IdleTimeout = 0
	MaxConnections = 0
	MaxConnectionsIP = 0
	MaxJoins = 50
	MaxNickLength = @NICKLEN@
	MaxPenaltyTime = @PENALTY@
	PingTimeout = @PING@
	PongTimeout = 20
[Options]
	DNS = no
	Ident = no
	PAM = no
	ChrootDir =
	OperCanUseMode = yes
[SSL]
	CertFile = @DIR@/cert.pem
	KeyFile = @DIR@/key.pem
	DHFile = @DIR@/dh.pem
	Ports = @TLSPORT@
[Operator]
	Name = op
	Password = oppass
@CHANNELS@
@SERVICES@
`

func (s *Server) uplink() (server *Server, protocol, name, port string) {
	_, port, _ = net.SplitHostPort(s.Addr)
	return s, "ngircd", "irc.test.example", port
}
