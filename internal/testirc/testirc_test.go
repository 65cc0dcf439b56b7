package testirc_test

import (
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testirc"
)

func TestNgIRCdComesBackOnItsPorts(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ann, bob := testirc.Dial(t, server.Addr, "ann"), testirc.Dial(t, server.Addr, "bob")
	ann.Join("#c")
	bob.Join("#c")
	bob.Say("#c", "hello")
	ann.ExpectText("PRIVMSG #c :hello")
	server.Freeze()
	bob.Say("#c", "frozen")
	server.Thaw()
	ann.ExpectText("frozen")

	server.Stop()
	if conn, err := net.DialTimeout("tcp", server.Addr, time.Second); err == nil {
		conn.Close()
		t.Error("a stopped server takes connections")
	}
	server.Start()
	testirc.Dial(t, server.Addr, "ann").Quit("bye")
	conn, err := tls.Dial("tcp", server.TLSAddr, &tls.Config{RootCAs: server.CA})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestScriptIsPoliteByItself(t *testing.T) {
	t.Parallel()
	server := testirc.Script(t, testirc.ScriptOptions{ISupport: "NETWORK=script"})
	ann := testirc.Dial(t, server.Addr, "ann")
	peer := server.Peer()
	ann.Join("#c")
	ann.Raw("PING x")
	ann.Expect(testirc.Command("PONG"))
	ann.Rename("anna")
	if peer.Nick() != "anna" {
		t.Error("the server calls her", peer.Nick())
	}
	peer.Send(":bob!b@h PRIVMSG #c :anything")
	ann.ExpectText("anything")
	peer.Freeze()
	ann.Raw("PING y")
	peer.ExpectText("PING y")
	peer.Close()
	ann.Raw("PRIVMSG #c :into the void")
	peer.Gone()

	server.Down()
	server.Up()
	testirc.Dial(t, server.Addr, "ann").Quit("bye")
	if n := len(server.Attempts()); n != 2 {
		t.Errorf("%d attempts", n)
	}
}

func TestServicesKnowAccounts(t *testing.T) {
	t.Parallel()
	server := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{})
	services := testirc.StartAtheme(t, server)
	services.Register("hackbot", "correct-horse", "")
	ann := testirc.Dial(t, server.Addr, "ann")
	ann.Raw("NICKSERV IDENTIFY hackbot wrong")
	ann.ExpectText("Invalid password")
	ann.Raw("NICKSERV IDENTIFY hackbot correct-horse")
	ann.Expect(testirc.Command("900"))

	services.Stop()
	ann.Raw("NICKSERV STATUS")
	ann.ExpectText("NickServ :is currently unavailable")
	services.Start()
	ann.Raw("NICKSERV STATUS")
	ann.ExpectText("You are logged in as")
}

func TestLinkOfServersCanBeCut(t *testing.T) {
	t.Parallel()
	hub, leaf, link := testirc.LinkedInspIRCds(t, testirc.InspIRCdOptions{})
	ann, bob := testirc.Dial(t, hub.Addr, "ann"), testirc.Dial(t, leaf.Addr, "bob")
	ann.Join("#c")
	bob.Join("#c")
	ann.ExpectText("bob")
	for range 2 {
		link.Cut()
		ann.ExpectText("QUIT :irc.test.example leaf.test.example")
		bob.ExpectText("QUIT :leaf.test.example irc.test.example")
		link.Mend()
		ann.ExpectText(":bob!")
		bob.ExpectText(":ann!") // each server bursts by itself; until the hub's came, bob's words stay on the leaf
		bob.Say("#c", "together again")
		ann.ExpectText("together again")
	}
}
