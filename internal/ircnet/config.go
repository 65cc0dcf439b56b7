package ircnet

import (
	"cmp"
	"log/slog"
	"net"
	"strings"
	"time"
)

func (c Config) withDefaults() Config {
	c.User = cmp.Or(c.User, userName(c.Nick))
	c.RealName = cmp.Or(c.RealName, c.Nick)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("network", c.Name)
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	c.Backoff = c.Backoff.withDefaults()
	c.Timing = c.Timing.withDefaults()
	return c
}

func (t Timing) withDefaults() Timing {
	return Timing{
		Dial:      cmp.Or(t.Dial, 15*time.Second),
		Register:  cmp.Or(t.Register, 60*time.Second),
		Ping:      cmp.Or(t.Ping, 30*time.Second),
		Pong:      cmp.Or(t.Pong, 30*time.Second),
		Deaf:      cmp.Or(t.Deaf, 10*time.Second),
		Rejoin:    cmp.Or(t.Rejoin, 30*time.Second),
		Regain:    cmp.Or(t.Regain, 30*time.Second),
		Tick:      cmp.Or(t.Tick, 200*time.Millisecond),
		JoinAfter: cmp.Or(t.JoinAfter, time.Second),
		Login:     cmp.Or(t.Login, 20*time.Second),
		Relogin:   cmp.Or(t.Relogin, time.Minute),
		Who:       cmp.Or(t.Who, 10*time.Second),
		Label:     cmp.Or(t.Label, 5*time.Second),
		Quit:      cmp.Or(t.Quit, 2*time.Second),
		PerLine:   cmp.Or(t.PerLine, time.Second),
	}
}

// userName makes a nick into what every server takes for a user name.
func userName(nick string) string {
	letters := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(nick))
	return cmp.Or(letters[:min(len(letters), 9)], "hackfest")
}
