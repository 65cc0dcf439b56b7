package testirc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/pem"
	"fmt"
	"math/big"
	mrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Options of an ngIRCd; the zero value suits most tests.
type Options struct {
	Password    string // clients must send it; "" none
	PingTimeout int    // seconds of silence after which ngIRCd asks; 0 is 120
	Penalties   bool   // ngIRCd slows clients down for what they send, as it does by default
	NickLen     int    // 0 is 30
	Channels    string // more [Channel] sections, as in ngircd.conf(5)
}

// Server is a running ngIRCd on the loopback interface.
type Server struct {
	Addr    string         // plain text
	TLSAddr string         // TLS
	CA      *x509.CertPool // whom to trust for TLSAddr; the name is localhost
	CAFile  string         // the same as a PEM file

	t      testing.TB
	binary string
	dir    string
	cmd    *exec.Cmd
	exited chan struct{}
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
	s := &Server{t: t, binary: locate(t)}
	dir, err := os.MkdirTemp("", "ngircd-") // not t.TempDir: the server's own user must get in
	if err != nil {
		t.Fatal(err)
	}
	s.dir = dir
	t.Cleanup(func() { s.Stop(); os.RemoveAll(dir) })
	cert, key, pool := certificate(t)
	s.CA, s.CAFile = pool, filepath.Join(dir, "cert.pem")
	port, tlsPort := freePort(t), freePort(t)
	s.Addr, s.TLSAddr = fmt.Sprintf("127.0.0.1:%d", port), fmt.Sprintf("127.0.0.1:%d", tlsPort)
	uid, gid := owner(t)
	for name, content := range map[string][]byte{
		"cert.pem": cert, "key.pem": key, "dh.pem": ffdhe2048,
		"ngircd.conf": []byte(config(dir, port, tlsPort, uid, gid, o)),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if os.Getuid() == 0 {
			if err := os.Chown(path, uid, gid); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.Start()
	return s
}

func locate(t testing.TB) string {
	t.Helper()
	for _, path := range []string{"ngircd", "/usr/sbin/ngircd", "/usr/local/sbin/ngircd"} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("ngircd is not installed")
	}
	t.Skip("ngircd is not installed")
	return ""
}

// owner is whom the server runs as: nobody when we are root, else us.
func owner(t testing.TB) (uid, gid int) {
	t.Helper()
	if os.Getuid() != 0 {
		return os.Getuid(), os.Getgid()
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ = strconv.Atoi(nobody.Uid)
	gid, _ = strconv.Atoi(nobody.Gid)
	return uid, gid
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
	return strings.NewReplacer(
		"@DIR@", dir, "@PORT@", strconv.Itoa(port), "@TLSPORT@", strconv.Itoa(tlsPort),
		"@UID@", strconv.Itoa(uid), "@GID@", strconv.Itoa(gid), "@PASSWORD@", password,
		"@PING@", strconv.Itoa(orElse(o.PingTimeout, 120)), "@NICKLEN@", strconv.Itoa(orElse(o.NickLen, 30)),
		"@PENALTY@", strconv.Itoa(penalty), "@CHANNELS@", o.Channels,
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
`

// Start starts the server after Stop, on the same ports, and waits until it
// takes connections.
func (s *Server) Start() {
	s.t.Helper()
	s.cmd = exec.Command(s.binary, "-n", "-f", filepath.Join(s.dir, "ngircd.conf"))
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) { _ = cmd.Wait(); close(exited) }(s.cmd, s.exited)
	for deadline := time.Now().Add(Patience); ; {
		conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-s.exited:
			s.fail("ngircd ended at once")
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			s.fail("ngircd does not take connections")
		}
	}
}

func (s *Server) fail(why string) {
	s.t.Helper()
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	s.t.Fatalf("%s:\n%s", why, log)
}

// Stop kills the server; its ports refuse connections then.
func (s *Server) Stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // also ends a frozen one
	<-s.exited
	s.cmd = nil
}

// Freeze stops the server without closing anything (SIGSTOP); Thaw lets it go
// on.
func (s *Server) Freeze() { _ = s.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw ends Freeze.
func (s *Server) Thaw() { _ = s.cmd.Process.Signal(syscall.SIGCONT) }

// freePort finds a port nobody listens on, below those that the system gives to
// outgoing connections: so that it stays free while a server is down.
func freePort(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := 10_000 + mrand.IntN(22_000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// certificate makes a self-signed certificate for localhost and 127.0.0.1,
// valid for an hour.
func certificate(t testing.TB) (certPEM, keyPEM []byte, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(60 * 24 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return certPEM, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), pool
}

func serverTLS(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	certPEM, keyPEM, pool := certificate(t)
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, pool
}
