package ngircd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"regexp"
	"strconv"
	"strings"
)

// serverName must have a dot, or ngIRCd refuses it.
const serverName = "irc.hackfest.local"

// config is ngircd.conf(5) for one machine: nothing is looked up outside it, and
// nobody is slowed down for typing fast.
const config = `# Written by hackfest demo at each start; changes are lost.
[Global]
	Name = %[1]s
	Info = The IRC server of hackfest demo
	AdminInfo1 = hackfest demo
	AdminEMail = root@localhost
	Listen = 127.0.0.1
	Ports = %[2]d
	MotdPhrase = The IRC server of hackfest demo. Meet in %[3]s.
%[4]s
[Limits]
	MaxConnections = 0
	MaxConnectionsIP = 0
	MaxJoins = 50
	MaxNickLength = 30
	MaxPenaltyTime = 0
	PingTimeout = 60
	PongTimeout = 20

[Options]
	DNS = no
	Ident = no
	PAM = no
	MorePrivacy = no
	OperCanUseMode = no

`

// writeConfig writes the configuration for port.
func writeConfig(o Options, port int) error {
	where := "a channel"
	if len(o.Channels) > 0 {
		where = o.Channels[0]
	}
	var b strings.Builder
	fmt.Fprintf(&b, config, serverName, port, where, accountLines())
	for _, name := range o.Channels {
		// Not +t: the bot sets the topic without being an operator.
		fmt.Fprintf(&b, "[Channel]\n\tName = %s\n\tModes = n\n\n", name)
	}
	return os.WriteFile(configFile(o.Dir), []byte(b.String()), 0o644)
}

// accountLines makes a server that root starts run as nobody.
func accountLines() string {
	nobody, err := user.Lookup("nobody")
	if os.Geteuid() != 0 || err != nil {
		return ""
	}
	return fmt.Sprintf("\tServerUID = %s\n\tServerGID = %s\n", nobody.Uid, nobody.Gid)
}

var portsLine = regexp.MustCompile(`(?m)^\tPorts = (\d+)$`)

// lastPortIn is the port in the configuration of the last start; 0 if none.
func lastPortIn(dir string) int {
	text, err := os.ReadFile(configFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	m := portsLine.FindSubmatch(text)
	if m == nil {
		return 0
	}
	port, err := strconv.Atoi(string(m[1]))
	if err != nil || port < 1 || port > 65535 {
		return 0
	}
	return port
}
