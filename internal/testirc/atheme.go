package testirc

import (
	_ "embed"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Atheme is a running atheme-services, linked to a server.
type Atheme struct {
	*daemon
	server *Server
}

// Uplink is a server that services can be linked to.
type Uplink interface {
	uplink() (server *Server, protocol, name, port string)
}

//go:embed atheme.conf
var athemeConf string

// StartAtheme starts the real atheme-services 7, linked to a server, and stops it
// when the test ends. Without the program the test is skipped, or fails where
// the environment has CI set. Its database does not outlive the test.
func StartAtheme(t testing.TB, up Uplink) *Atheme {
	t.Helper()
	d := newDaemon(t, "atheme-services")
	d.drop = true
	server, protocol, name, port := up.uplink()
	conf := d.write("atheme.conf", []byte(strings.NewReplacer(
		"@PROTOCOL@", protocol, "@UPLINK@", name, "@LINKPORT@", port,
	).Replace(athemeConf)))
	d.argv = []string{"-n", "-c", conf, "-l", filepath.Join(d.dir, "atheme.log"), "-p", filepath.Join(d.dir, "atheme.pid"), "-D", d.dir}
	a := &Atheme{daemon: d, server: server}
	d.ready = a.linked
	d.Start()
	return a
}

// Stop ends the services so that they keep what they know for the next Start.
func (a *Atheme) Stop() {
	if a.cmd == nil {
		return
	}
	_ = a.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-a.exited:
	case <-time.After(Patience):
		a.t.Error("the services do not stop")
	}
	a.daemon.Stop()
}

// linked waits until the server knows the services.
func (a *Atheme) linked() bool {
	c := Dial(a.t, a.server.Addr, "linkwatch")
	defer c.Quit("linked")
	a.server.awaitServer(c, "services.test.example")
	c.Say("NickServ", "HELP")
	c.Expect(func(line string) bool { return strings.HasPrefix(line, ":NickServ!") })
	return true
}

// Register makes an account of the given name and password, and groups nothing
// with it but the nick of that name. A fingerprint is that of a client's
// certificate, which then proves the account too; "" is none.
func (a *Atheme) Register(account, password, fingerprint string) {
	a.t.Helper()
	c := Dial(a.t, a.server.Addr, account)
	c.Say("NickServ", "REGISTER "+password+" "+account+"@test.example")
	c.ExpectText("is now registered")
	if fingerprint != "" {
		c.Say("NickServ", "CERT ADD "+fingerprint)
		c.ExpectText("Added fingerprint")
	}
	c.Quit("registered")
}
