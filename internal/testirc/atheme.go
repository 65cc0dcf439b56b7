package testirc

import (
	_ "embed"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Atheme is a running atheme-services, linked to an InspIRCd.
type Atheme struct {
	*daemon
	server *InspIRCd
}

//go:embed atheme.conf
var athemeConf string

// StartAtheme starts the real atheme-services 7, linked to server, and stops it
// when the test ends. Without the program the test is skipped, or fails where
// the environment has CI set. Its database does not outlive the test.
func StartAtheme(t testing.TB, server *InspIRCd) *Atheme {
	t.Helper()
	d := newDaemon(t, "atheme-services")
	d.drop = true
	conf := d.write("atheme.conf", []byte(strings.NewReplacer(
		"@PROTOCOL@", "inspircd", "@UPLINK@", server.name, "@LINKPORT@", strconv.Itoa(server.linkPort),
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
	c.Raw("NICKSERV HELP")
	c.Expect(func(line string) bool { return strings.HasPrefix(line, ":NickServ!") })
	return true
}

// Register makes an account of the given name and password, and groups nothing
// with it but the nick of that name. A fingerprint is that of a client's
// certificate, which then proves the account too; "" is none.
func (a *Atheme) Register(account, password, fingerprint string) {
	a.t.Helper()
	c := Dial(a.t, a.server.Addr, account)
	c.Raw("NICKSERV REGISTER " + password + " " + account + "@test.example")
	c.Expect(Command("900"))
	if fingerprint != "" {
		c.Raw("NICKSERV CERT ADD " + fingerprint)
		c.ExpectText("Added fingerprint")
	}
	c.Quit("registered")
}
