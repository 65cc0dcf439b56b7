package app

import (
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/demo"
	"github.com/eucalyptus/hackfest/internal/fault"
)

// welcome says what to try, once the pages are there.
func (d *demonstration) welcome(url string) {
	d.welcomed.Store(true)
	var b strings.Builder
	fmt.Fprintf(&b, "\n  The portal is at %s (up after %.1f s)\n\n", url, time.Since(d.begun).Seconds())
	for _, page := range []struct{ path, what string }{
		{"/", "what is next"},
		{"/sessions/" + demo.RecordedSession, "a hackfest of 2012 with its log and minutes"},
		{"/schedule", "what is coming"},
	} {
		fmt.Fprintf(&b, "    %-46s %s\n", page.path, page.what)
	}
	if d.secret != "" {
		fmt.Fprintf(&b, "\n  To chair and to edit, sign in as %s, who is a maintainer. This link works once, for an hour:\n\n    %s/signin/%s\n", demo.Person, url, d.secret)
	}
	if d.irc == nil {
		fmt.Fprintf(&b, "\n  %s\n  There is no bot in this demo; start it again after installing the program.\n", fault.Message(d.noIRC))
	} else {
		d.invite(&b)
	}
	b.WriteString("\n  Ctrl-C stops it.\n\n")
	fmt.Fprint(d.Out, b.String())
}

// invite says how to hold a meeting.
func (d *demonstration) invite(b *strings.Builder) {
	host, port, err := net.SplitHostPort(d.irc.Addr)
	if err != nil {
		return
	}
	channel := demo.Channels[0].Name
	reused := ""
	if d.irc.Reused {
		reused = ", still running from before"
	}
	fmt.Fprintf(b, `
  The IRC server is at %[1]s, port %[2]s%[3]s. hackbot is in %[4]s. Join it:

    irssi -c %[1]s -p %[2]s        then  /join %[4]s
    ii -s %[1]s -p %[2]s           then  echo "/j %[4]s" > ~/irc/%[1]s/in

  and type a meeting; hackbot answers with the page to open beside it:

    #startmeeting Trying the demo
    #topic Does it work
    #info The page changes while I type
    #action everybody to show this to somebody
    #agreed We meet again next week
    #endmeeting
`, host, port, reused, channel)
}
