package ircnet_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// Where it is optional we go on without, and say so, and where there is no SASL
// ask NickServ: the channels wait for its answer, but not for ever.
func TestOptionalLogin(t *testing.T) {
	t.Parallel()
	const identify, private = "NICKSERV IDENTIFY hackacc " + secret, "PRIVMSG NickServ :IDENTIFY hackacc " + secret
	notice := func(text string) []string {
		return []string{":NickServ!NickServ@services.example NOTICE hackbot :" + text}
	}
	noAlias := ":irc.script.example 421 hackbot NICKSERV :Unknown command"
	for _, tt := range []struct {
		name    string
		caps    []string
		answers map[string][]string // to what begins so
		before  []string            // sent before JOIN, CAP END and AUTHENTICATE left out
		account string
		err     string // of the login
	}{
		{"a wrong password is not told NickServ too", []string{"sasl=PLAIN"}, nil, nil, "", "SASL authentication failed"},
		{"no mechanism of ours", []string{"sasl=SCRAM-SHA-256"}, nil, nil, "", "only SASL SCRAM-SHA-256"},
		{"services are silent", []string{"sasl"}, map[string][]string{"AUTHENTICATE": nil}, nil, "", "services do not answer"},
		{"900", nil, map[string][]string{identify: {":irc.script.example 900 hackbot hackbot!b@h hackacc :You are now logged in as hackacc"}}, []string{identify}, "hackacc", ""},
		{"Atheme's notice", nil, map[string][]string{identify: notice("You are now identified for \x02hackacc\x02.")}, []string{identify}, "hackacc", ""},
		{"Anope's notice", nil, map[string][]string{identify: notice("Password accepted - you are now recognized.")}, []string{identify}, "hackacc", ""},
		{"our mode", nil, map[string][]string{identify: {":NickServ!s@services.example MODE hackbot :+ir"}}, []string{identify}, "hackacc", ""},
		{"other modes, then nothing", nil, map[string][]string{identify: {":hackbot!s@services.example MODE hackbot :+i-r"}}, []string{identify}, "", "NickServ does not answer"},
		{"a wrong password", nil, map[string][]string{identify: notice("Invalid password for \x02hackacc\x02.")}, []string{identify}, "", "Invalid password for hackacc."},
		{"no such account", nil, map[string][]string{identify: notice("hackacc is not a registered nickname.")}, []string{identify}, "", "not a registered nickname"},
		{"only a greeting", nil, map[string][]string{identify: notice("This nickname is registered. Please choose another, or identify yourself.")}, []string{identify}, "", "NickServ does not answer"},
		{"somebody else's notice", nil, map[string][]string{identify: {":Nickserver!x@h NOTICE hackbot :You are now identified."}}, []string{identify}, "", "NickServ does not answer"},
		{"services are away", nil, map[string][]string{identify: {":irc.script.example 408 hackbot NickServ :is currently unavailable."}}, []string{identify}, "", "NickServ is not there"},
		{
			"no command NICKSERV, and NickServ is a service", nil,
			map[string][]string{
				identify: {noAlias}, private: notice("Password accepted - you are now recognized."),
				"WHOIS": {":irc.script.example 311 hackbot NickServ s services.example * :x", ":irc.script.example 313 hackbot NickServ :is a Network Service", ":irc.script.example 318 hackbot NickServ :End"},
			},
			[]string{identify, "WHOIS NickServ", private},
			"hackacc", "",
		},
		{
			"no command NICKSERV, and NickServ is on the services' server", nil,
			map[string][]string{
				identify: {noAlias}, private: notice("You are now identified."),
				"WHOIS": {":irc.script.example 312 hackbot NickServ services.script.example :x", ":irc.script.example 318 hackbot NickServ :End"},
			},
			[]string{identify, "WHOIS NickServ", private},
			"hackacc", "",
		},
		{
			"no command NICKSERV, and NickServ is anybody", nil,
			map[string][]string{
				identify: {noAlias},
				"WHOIS": {
					":irc.script.example 311 hackbot NickServ s h * :313 services.", ":irc.script.example 312 hackbot NickServ irc.script.example :x",
					":NickServ!x@h 313 hackbot NickServ :is me", ":irc.script.example 318 hackbot NickServ :End",
				},
			},
			[]string{identify, "WHOIS NickServ"},
			"", "no service of the network",
		},
		{
			"no command NICKSERV, and nobody is called so", nil,
			map[string][]string{
				identify: {noAlias}, "WHOIS": {":irc.script.example 401 hackbot NickServ :No such nick", ":irc.script.example 318 hackbot NickServ :End"},
			},
			[]string{identify, "WHOIS NickServ"},
			"", "NickServ is not there",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := &services{other: func(p *testirc.Peer, line string) bool {
				for begin, answer := range tt.answers {
					if strings.HasPrefix(line, begin) {
						p.Send(answer...)
						return true
					}
				}
				return false
			}}
			var log syncLog
			_, _, n, _ := script(t, testirc.ScriptOptions{Caps: tt.caps, Answer: v.answer}, func(c *ircnet.Config) {
				plain(c)
				c.Timing.Login, c.Log = 300*time.Millisecond, log.logger()
			})
			_, commands, _ := v.record()
			commands = slices.DeleteFunc(commands, func(c string) bool { return c == "CAP END" || strings.HasPrefix(c, "AUTHENTICATE") })
			if want := append(slices.Clone(tt.before), "JOIN #hackfest"); !slices.Equal(commands, want) {
				t.Errorf("commands %q, want %q", commands, want)
			}
			s := n.Status()
			if s.Account != tt.account || s.State != "online" || (s.LoginErr == "") != (tt.err == "") || !strings.Contains(s.LoginErr, tt.err) {
				t.Errorf("status %+v", s)
			}
			if told := strings.Count(log.String(), "level=WARN"); told != len(tt.err[:min(1, len(tt.err))]) || strings.Contains(log.String(), secret) {
				t.Errorf("the log was told %d times:\n%s", told, log.String())
			}
		})
	}
}

// NickServ that was away is asked again, with or without capabilities.
func TestNickServIsAskedAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, cap string }{
		{"capabilities", ""}, {"none", ":irc.script.example 421 hackbot CAP :Unknown command"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			v := &services{other: func(p *testirc.Peer, line string) bool {
				switch {
				case strings.HasPrefix(line, "CAP") && tt.cap != "":
					p.Send(tt.cap)
				case !strings.HasPrefix(line, "NICKSERV"):
					return false
				default:
					if asked++; asked < 3 {
						p.Send(":irc.script.example 440 hackbot NickServ :Services are down")
					} else {
						p.Send(":irc.script.example 900 hackbot hackbot!b@h hackacc :You are now logged in")
					}
				}
				return true
			}}
			_, _, n, h := script(t, testirc.ScriptOptions{Answer: v.answer}, func(c *ircnet.Config) {
				plain(c)
				c.Timing.Relogin = 50 * time.Millisecond
			})
			wait(t, "not logged in", func() bool { return n.Status().Account == "hackacc" })
			if text := shown(h.all()); strings.Count(text, "join") != 1 {
				t.Errorf("log is\n%s", text)
			}
		})
	}
}
